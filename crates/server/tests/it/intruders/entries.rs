//! Each operation that somebody carries out leaves an entry of theirs in the audit log, unless it stands here with a reason.

use vault::audit::{self, Filter};
use vault::{Role, Scope};

use super::belongings::Belongings;
use super::{Known, member};
use crate::house::House;

/// Operations that leave none, and why.
const SILENT: &[(&str, &str)] = &[
    ("sessions_me", "who one is oneself"),
    ("sessions_list", "one's own sessions"),
    ("sessions_end", "with a token there is no session to end"),
    ("tokens_list", "one's own tokens"),
    ("push_subscriptions_list", "one's own browsers"),
    ("push_key", "a public key"),
    ("workspace_read", "the workspace's own name"),
    ("teams_list", "names of teams, and ids"),
    ("labels_list", "names of labels"),
    ("canned_replies_list", "texts of the workspace about nobody"),
    ("views_list", "how lists are narrowed"),
    ("business_hours_read", "hours"),
    ("webhooks_list", "addresses of other systems"),
    ("webhooks_deliveries", "ids and states"),
    ("channels_kinds", "what the program can do"),
    ("channels_list", "the workspace's own accounts"),
    ("channels_read", "the workspace's own accounts"),
    ("templates_list", "texts of the workspace about nobody"),
    ("key_rotations_list", "ids and states"),
    ("key_rotations_read", "ids and states"),
    ("conversations_counts", "numbers"),
    ("conversations_typing", "passes and is not kept"),
    ("conversations_presence", "passes and is not kept"),
    ("channels_sharing_end", "nothing was shared: nothing changes"),
    ("sites_list", "the workspace's own websites"),
    ("sites_read", "the workspace's own websites"),
    ("sites_report", "numbers"),
    ("legal_holds_lift", "it was lifted before: nothing changes"),
    ("retention_read", "terms and numbers"),
    ("retention_preview", "numbers"),
    ("audit_checkpoint", "hashes"),
    ("audit_tiles", "hashes"),
    ("audit_proof", "hashes"),
];

/// Operations that cannot be carried out by this call, and why. Their entries have tests of their own.
const UNTRIED: &[(&str, &str)] = &[
    ("sessions_create", "the password is wrong"),
    ("invitations_preview", "there is no such invitation"),
    ("invitations_accept", "there is no such invitation"),
    ("second_factor_begin", "takes a session"),
    ("second_factor_confirm", "takes a session"),
    ("second_factor_remove", "takes a session"),
    ("demo_read", "this is no demo"),
    ("sessions_revoke", "the session is somebody else's"),
    ("channels_reconnect", "the channel is connected"),
    ("members_invite_again", "the member has been in"),
    ("views_change", "the view is somebody else's"),
    ("views_delete", "the view is somebody else's"),
    ("attachments_read", "the file is of somebody else's draft"),
    ("attachments_content", "the file is of somebody else's draft"),
    ("push_subscriptions_delete", "the browser is somebody else's"),
    ("templates_sync", "the channel has no templates"),
    ("templates_create", "the channel has no templates"),
    ("templates_remove", "the channel has no templates"),
    ("channels_profile_read", "the channel has no profile"),
    ("channels_profile_change", "the channel has no profile"),
    ("channels_authorize", "nobody signs in to the channel"),
    ("channels_sharing_allow", "takes a session"),
    ("channels_choose", "nobody signs in to the channel"),
    ("scheduled_change", "it no longer waits"),
    ("messages_html", "the message has no HTML; the look at it is an entry all the same"),
    ("messages_retry", "nothing of it failed"),
    ("erasures_order", "a legal hold keeps it waiting"),
    ("erasures_delete", "a legal hold keeps it waiting"),
];

pub(super) async fn every_operation_leaves_an_entry(house: &House) {
    let operator = &house.workspace.operator;
    let (id, owner) = member(&house.app, &house.base, operator, ("Iris", "iris@example.org"), Role::Owner).await;
    let mut fresh = Belongings::of(house, &house.workspace).await;
    let mut wrong = Vec::new();
    for known in &Known::in_order(house).await {
        let operation = known.attempt.operation;
        if known.destroys() {
            fresh = Belongings::of(house, &house.workspace).await;
        }
        let before = newest(house, operator, &id.to_string()).await;
        let status = known.call(&owner, &fresh.path(&known.operation.path), &fresh).await.status;
        let done = status.is_success();
        let left = newest(house, operator, &id.to_string()).await > before;
        let on = |list: &[(&str, &str)]| list.iter().any(|(name, _)| *name == operation);
        match (done, left) {
            (true, true) if !on(SILENT) && !on(UNTRIED) => {}
            (true, false) if on(SILENT) => {}
            (false, _) if on(UNTRIED) => {}
            (_, left) => wrong.push(format!("{operation}: answered {status}, left an entry {left}")),
        }
    }
    assert!(wrong.is_empty(), "teach intruders/entries.rs, or the operation: {wrong:#?}");
}

/// The number of somebody's newest entry; 0: none.
async fn newest(house: &House, operator: &Scope, actor: &str) -> i64 {
    let filter = Filter { actor_id: Some(actor.to_owned()), ..Filter::default() };
    let page = house.app.vault.read(operator, move |tx| audit::list(tx, &filter, None, 1)).await.unwrap();
    page.data.first().map_or(0, |entry| entry.seq)
}
