//! What somebody with a hand in the database does, and which promise is found broken by it.

use super::people::{Settled, settle};
use super::{Outcome, outcome};
use crate::statement::{Statement, sql};
use crate::testing::house::{House, on_both};
use crate::value::params;
use crate::{Result, Tx};

/// Changes rows behind the program's back.
async fn spoil(house: &House, settled: &Settled, statement: &'static Statement) {
    let changed = house.does(&settled.scope, move |tx: &Tx<'_>| -> Result<u64> { tx.run(statement, params![]) }).await;
    assert!(changed > 0, "{}", statement.text);
}

/// The same, of one contact.
async fn spoil_erased(house: &House, settled: &Settled, statement: &'static Statement) {
    let erased = settled.erased;
    let changed =
        house.does(&settled.scope, move |tx: &Tx<'_>| -> Result<u64> { tx.run(statement, params![erased]) }).await;
    assert!(changed > 0, "{}", statement.text);
}

async fn is_broken(house: &House, id: &str, place: &str) {
    match outcome(house, id).await {
        Outcome::Broken { faults, .. } => assert!(faults.iter().any(|fault| fault.place == place), "{id}: {faults:?}"),
        other => panic!("{id} is {}", other.word()),
    }
}

/// One deed, and the promises that it breaks.
macro_rules! breaks {
    ($($name:ident: $statement:expr => $id:literal in $place:literal;)*) => { $(
        #[tokio::test]
        async fn $name() {
            on_both(async |house| {
                let settled = settle(house).await;
                assert!(!matches!(outcome(house, $id).await, Outcome::Broken { .. }), "before");
                spoil(house, &settled, sql!($statement)).await;
                is_broken(house, $id, $place).await;
            })
            .await;
        }
    )* };
}

breaks! {
    a_message_past_its_term: "UPDATE messages SET written_at = 1 WHERE workspace_id = $1" => "R-3" in "messages";
    a_profile_of_which_nothing_is_left:
        "INSERT INTO contacts (workspace_id, id, created_at, active_at) VALUES ($1, 'con_x', 1, 1)"
        => "R-18" in "contacts";
    words_of_the_log_past_their_term: "UPDATE audit SET at = 1 WHERE workspace_id = $1" => "R-10" in "audit";
    a_cell_in_plain_text:
        "UPDATE messages SET body_sealed = (SELECT value_hash FROM suppressions WHERE workspace_id = $1 LIMIT 1) WHERE \
         workspace_id = $1"
        => "X-1" in "messages";
    a_message_of_nowhere:
        "INSERT INTO drafts (workspace_id, id, conversation_id, contact_id, channel_id, member_id, body_sealed, \
         updated_at) SELECT $1, 'drf_x', 'cnv_x', id, 'chn_x', 'mbr_x', name_sealed, 1 FROM contacts WHERE workspace_id = \
         $1 AND erased_at IS NULL LIMIT 1"
        => "X-3" in "drafts";
    a_password_as_it_is: "UPDATE logins SET password_hash = 'secret' WHERE workspace_id = $1" => "X-5" in "logins";
    a_role_of_nobody: "UPDATE members SET role = 'god' WHERE workspace_id = $1" => "X-4" in "members";
    an_entry_that_was_altered: "UPDATE audit SET act = 'x' WHERE workspace_id = $1 AND seq = 1" => "X-6" in "audit";
    a_consent_to_nothing:
        "INSERT INTO consents (workspace_id, id, contact_id, purpose, channel, ground, text_version, collected_by, given_at) \
         SELECT $1, 'cns_x', contact_id, purpose, channel, ground, '', collected_by, given_at FROM consents WHERE workspace_id = $1 LIMIT 1"
        => "G-5" in "consents";
    a_withdrawal_of_nothing:
        "INSERT INTO consent_withdrawals (workspace_id, consent_id, contact_id, way, said_at) SELECT $1, 'cns_x', contact_id, \
         'member', given_at FROM consents WHERE workspace_id = $1 LIMIT 1"
        => "G-5" in "consent_withdrawals";
    a_soft_opt_in_to_everything:
        "INSERT INTO consents (workspace_id, id, contact_id, purpose, channel, ground, text_version, collected_by, given_at) \
         SELECT $1, 'cns_x', contact_id, purpose, 'any', 'soft_opt_in', '1', collected_by, given_at FROM consents \
         WHERE workspace_id = $1 LIMIT 1"
        => "MK-2" in "consents";
    a_soft_opt_in_that_is_used_elsewhere:
        "INSERT INTO outbox (id, workspace_id, channel_id, conversation_id, contact_id, message_id, act, seq, purpose, \
         automatic, is_template, attempts, due_at, expires_at, lease, created_at) SELECT 'out_x', $1, h.id, 'cnv_x', \
         c.id, 'msg_x', 'message', 99, 'marketing', TRUE, FALSE, 1, 1, 9999999999999, 'l', 1 FROM contacts c JOIN \
         channels h ON h.workspace_id = c.workspace_id JOIN consents k ON k.workspace_id = $1 AND k.contact_id = c.id \
         WHERE c.workspace_id = $1 AND k.ground = 'soft_opt_in'"
        => "MK-1" in "outbox";    a_conversation_behind: "UPDATE conversations SET message_seq = 0 WHERE workspace_id = $1" => "IN-1" in "conversations";
    a_channel_that_is_another: "UPDATE channel_directory SET state = 'off' WHERE workspace_id = $1" => "CH-5" in "channels";
    a_merge_into_nobody: "UPDATE contacts SET merged_into = 'con_x' WHERE workspace_id = $1" => "CH-13" in "contacts";
    content_past_a_disconnection: "UPDATE channels SET content_ends_at = 1 WHERE workspace_id = $1" => "D-2" in "channels";
    a_workspace_that_goes_on_after_its_end:
        "UPDATE workspaces SET ending_ordered_at = 1, ends_at = 2, ending_unexported = 1 WHERE id = $1"
        => "D-3" in "workspaces";
    messages_after_the_end:
        "UPDATE workspaces SET ending_ordered_at = 1, ends_at = 2, ending_begun_at = 3, ended_at = 4 WHERE id = $1"
        => "D-3" in "messages";
    a_mailbox_shared_by_another:
        "UPDATE channels SET shared_at = 1, shared_by = 'a', signed_in_by = 'b' WHERE workspace_id = $1"
        => "BZ-7" in "channels";
    the_same_of_a_mailbox:
        "UPDATE channels SET shared_at = 1, shared_by = 'a', signed_in_by = 'b' WHERE workspace_id = $1"
        => "CH-7" in "channels";
    secrets_after_disconnection:
        "UPDATE channels SET state = 'off', disconnected_at = 1 WHERE workspace_id = $1"
        => "R-2" in "channels";
    an_identity_as_it_is:
        "UPDATE suppressions SET value_hash = substr(value_hash, 1, 9) WHERE workspace_id = $1"
        => "R-21" in "suppressions";
    an_index_that_is_behind:
        "INSERT INTO index_pending (workspace_id, message_id, contact_id, act, at) VALUES ($1, 'msg_x', 'con_x', 'put', \
         1)"
        => "IN-2" in "index_pending";
    a_message_that_waits_for_nothing:
        "UPDATE messages SET direction = 'outgoing', state = 'queued' WHERE workspace_id = $1"
        => "IN-8" in "messages";
    a_choice_without_its_text:
        "INSERT INTO consent_choices (workspace_id, id, site_id, version, way, categories, signal, made_at, ends_at) \
         VALUES ($1, 'chc_x', 'ste_x', '1', 'w', 'c', FALSE, 1, 1)"
        => "WB-1" in "consent_choices";
    a_visitor_known_for_long:
        "INSERT INTO site_visitors (workspace_id, site_id, day_at, visitor_hash) SELECT $1, 'ste_x', 1, value_hash FROM \
         suppressions WHERE workspace_id = $1"
        => "WB-2" in "site_visitors";
    a_delivery_of_no_webhook:
        "INSERT INTO deliveries (workspace_id, id, webhook_id, seq, kind, state, attempts, created_at, began_at) VALUES \
         ($1, 'dlv_x', 'whk_x', 1, 'k', 's', 1, 1, 1)"
        => "BZ-4" in "deliveries";
    a_request_past_its_time:
        "INSERT INTO requests (workspace_id, id, kind, came_by, country, zone, received_at, due_at) VALUES ($1, 'dsr_x', \
         'access', 'api', 'IT', 'UTC', 1, 2)"
        => "S-1" in "requests";
    a_hold_on_what_is_gone:
        "INSERT INTO legal_holds (workspace_id, id, subject, reason_sealed, set_by, set_at) SELECT $1, 'hld_x', 'con_x', \
         value_hash, 'm', 1 FROM suppressions WHERE workspace_id = $1 LIMIT 1"
        => "D-5" in "legal_holds";
    advertising_without_consent:
        "INSERT INTO outbox (id, workspace_id, channel_id, conversation_id, contact_id, message_id, act, seq, purpose, \
         automatic, is_template, attempts, due_at, expires_at, lease, created_at) SELECT 'out_x', $1, h.id, 'cnv_x', \
         c.id, 'msg_x', 'message', 99, 'marketing', TRUE, FALSE, 1, 1, 9999999999999, 'l', 1 FROM contacts c JOIN \
         channels h ON h.workspace_id = c.workspace_id WHERE c.workspace_id = $1 AND c.erased_at IS NOT NULL"
        => "MK-1" in "outbox";
}

#[tokio::test]
async fn a_consent_withdrawn_long_ago() {
    on_both(async |house| {
        let settled = settle(house).await;
        let given = sql!(
            "INSERT INTO consents (workspace_id, id, contact_id, purpose, channel, ground, text_version, collected_by, given_at) \
             SELECT $1, 'cns_x', contact_id, purpose, channel, ground, '1', collected_by, 1 FROM consents \
             WHERE workspace_id = $1 LIMIT 1"
        );
        spoil(house, &settled, given).await;
        assert!(!matches!(outcome(house, "R-13").await, Outcome::Broken { .. }), "it stands, however old it is");
        let ended = sql!(
            "INSERT INTO consent_withdrawals (workspace_id, consent_id, contact_id, way, said_at) \
             SELECT $1, id, contact_id, 'member', 1 FROM consents WHERE workspace_id = $1 AND id = 'cns_x'"
        );
        spoil(house, &settled, ended).await;
        is_broken(house, "R-13", "consents").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_left_of_the_erased_is_found() {
    on_both(async |house| {
        let settled = settle(house).await;
        let row = sql!(
            "INSERT INTO shared_identities (workspace_id, value_hash, contact_id) SELECT $1, value_hash, $2 FROM suppressions \
             WHERE workspace_id = $1 LIMIT 1"
        );
        spoil_erased(house, &settled, row).await;
        is_broken(house, "D-1", "shared_identities").await;
    })
    .await;
}

#[tokio::test]
async fn an_erasure_that_custody_was_not_told_of_is_found() {
    on_both(async |house| {
        let settled = settle(house).await;
        let contact = settled.contact;
        let bury = sql!("UPDATE contacts SET erased_at = 1 WHERE workspace_id = $1 AND id = $2");
        house.does(&settled.scope, move |tx: &Tx<'_>| tx.run(bury, params![contact]).map(drop)).await;
        is_broken(house, "D-4", "custody").await;
        is_broken(house, "D-1", "messages").await;
    })
    .await;
}

#[tokio::test]
async fn a_table_without_row_level_security_is_found() {
    let house = House::on_postgres();
    settle(&house).await;
    house.as_owner("ALTER TABLE messages NO FORCE ROW LEVEL SECURITY");
    is_broken(&house, "X-3", "database").await;
    house.vault.close().await;
}
