//! Mailboxes whose providers keep what is read there within the workspace: what their owners were asked to allow, what they allowed by
//! the provider's word, and whom that reaches which is read there.

use serde_json::{Value, json};

use super::registry::{Check, registry};
use super::{Fault, Seen, Surroundings, sending};
use crate::channels::Sharing;
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Result, Tx, WorkspaceId};

/// A connected mailbox, as the program would call its provider now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// Its channel.
    pub channel: ChannelId,
    /// The channel's kind.
    pub kind: String,
    /// What its settings take.
    pub asked: Vec<Allowance>,
    /// What its owner allowed, by the provider's word; `None` where the provider has not said so yet.
    pub allowed: Option<Vec<Allowance>>,
}

/// A scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// As its provider calls it, in short.
    pub scope: String,
    /// What it opens: `read`, `send`, `change`; `None` where that is not known.
    pub opens: Option<Vec<&'static str>>,
}

/// A feature that could carry what is read to somebody, and a promise about it.
const CARRIERS: [(&str, &str); 2] = [("campaigns", "MK-3"), ("ai", "AI-1")];

/// CH-7.
pub(super) fn look(tx: &Tx<'_>, own: &[Mailbox]) -> Result<Seen> {
    let mut seen = Seen { looked_at: own.len() as u64, ..sending::shared(tx)? };
    let beyond = own.iter().filter(|mailbox| mailbox.is_beyond()).map(|mailbox| mailbox.channel.to_string()).collect();
    let words = "more was allowed at the provider than the channel's settings take; signing in anew ends that";
    seen = seen.and(Fault::about(words, "channels", beyond));
    if own.iter().any(|mailbox| mailbox.allowed.is_none()) {
        let reason = "a mailbox's provider has not said yet what was allowed there; it does when its token is renewed";
        seen.unchecked = Some(reason.to_owned());
    }
    for mailbox in own {
        seen.shown.push(mailbox.shown(tx)?);
    }
    Ok(seen)
}

/// Those of one workspace.
pub(super) fn of(around: &Surroundings, workspace: WorkspaceId) -> Vec<Mailbox> {
    around.mailboxes.iter().filter(|mailbox| mailbox.workspace == workspace).cloned().collect()
}

impl Mailbox {
    /// Whether more was allowed than is asked for: what opens something, or may.
    fn is_beyond(&self) -> bool {
        let asked = |allowance: &Allowance| self.asked.iter().any(|asked| asked.scope == allowance.scope);
        let opens = |allowance: &Allowance| allowance.opens.as_ref().is_none_or(|opens| !opens.is_empty());
        self.allowed.iter().flatten().any(|allowance| opens(allowance) && !asked(allowance))
    }

    /// As the evidence shows it. Ids of members lead to nobody by themselves.
    fn shown(&self, tx: &Tx<'_>) -> Result<Value> {
        let sharing = tx.maybe(
            sql!(
                "SELECT signed_in_by, signed_in_at, shared_by, shared_at, shared_words FROM channels \
                 WHERE workspace_id = $1 AND id = $2"
            ),
            params![self.channel],
            |row| Sharing::read(row, 0),
        )?;
        let sharing = sharing.unwrap_or_default();
        let mut reaches = json!({
            "members": "those of the workspace",
            "webhooks": sharing.allowed.map_or(json!("ids alone"), |(by, at, words)| json!({ "by": by, "at": at, "words": words })),
            "people_outside": NONE,
        });
        for (name, promise) in CARRIERS {
            reaches[name] = carrier(promise).into();
        }
        Ok(json!({
            "workspace": self.workspace, "channel": self.channel, "kind": self.kind,
            "asked": by_what_it_opens(&self.asked), "allowed": self.allowed.as_deref().map(by_what_it_opens),
            "signed_in_by": sharing.signed_in.map(|(by, _)| by), "reaches": reaches,
        }))
    }
}

/// There is nothing in the program that could.
const NONE: &str = "no such feature";

fn carrier(promise: &str) -> &'static str {
    let absent = registry().iter().any(|known| known.id == promise && matches!(known.check, Check::Absent));
    if absent { NONE } else { "see its own promises" }
}

/// The scopes by what each opens; a scope that opens two things is told of both.
fn by_what_it_opens(allowances: &[Allowance]) -> Value {
    let mut told = json!({ "read": [], "send": [], "change": [], "other": [] });
    for Allowance { scope, opens } in allowances {
        let opens = opens.as_deref().filter(|opens| !opens.is_empty()).unwrap_or(&["other"]);
        for word in opens {
            if let Some(list) = told[*word].as_array_mut() {
                list.push(scope.as_str().into());
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::{Asked, Outcome, Proof};
    use crate::testing::house::{House, on_both};
    use crate::{Role, Scope, channels};

    fn allowance(scope: &str, opens: Option<&[&'static str]>) -> Allowance {
        Allowance { scope: scope.to_owned(), opens: opens.map(<[_]>::to_vec) }
    }

    async fn looked(house: &House, mailbox: Mailbox) -> Proof {
        let around = Surroundings { mailboxes: vec![mailbox], ..Surroundings::default() };
        let asked = Asked { promise: Some("CH-7".into()), workspace: None };
        house.vault.prove(&asked, &around).await.unwrap().remove(0)
    }

    /// A mailbox that somebody signed in to, and may be read and sent from.
    async fn mailbox(house: &House, scope: &Scope) -> (Mailbox, Scope) {
        let (_, owner) = house.member(scope, "owner@example.org", Role::Owner).await;
        let channel = house.channel(scope, "raven").await;
        house.does(&owner, move |tx| channels::note_signed_in(tx, channel)).await;
        let asked = vec![allowance("raven.read", Some(&["read"])), allowance("raven.send", Some(&["send"]))];
        let who = allowance("who", Some(&[]));
        let allowed = Some(asked.iter().cloned().chain([who]).collect());
        (Mailbox { workspace: scope.workspace(), channel, kind: "raven".into(), asked, allowed }, owner)
    }

    #[tokio::test]
    async fn what_was_asked_and_allowed_and_whom_it_reaches_is_shown() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let (mailbox, owner) = mailbox(house, &scope).await;
            let channel = mailbox.channel;
            let proof = looked(house, mailbox.clone()).await;
            assert_eq!(proof.outcome, Outcome::Kept { looked_at: 1 });
            let shown = &proof.shown[0];
            let asked = json!({ "read": ["raven.read"], "send": ["raven.send"], "change": [], "other": [] });
            assert_eq!((&shown["channel"], &shown["asked"]), (&json!(channel), &asked));
            assert_eq!((&shown["allowed"]["change"], &shown["allowed"]["other"]), (&json!([]), &json!(["who"])));
            let reaches = json!({ "members": "those of the workspace", "webhooks": "ids alone", "campaigns": NONE, "ai": NONE, "people_outside": NONE });
            assert_eq!(shown["reaches"], reaches);

            house.does(&owner, move |tx| channels::allow_sharing(tx, channel, "v1")).await;
            let proof = looked(house, mailbox).await;
            assert_eq!(proof.outcome, Outcome::Kept { looked_at: 1 }, "its owner's word");
            let webhooks = &proof.shown[0]["reaches"]["webhooks"];
            assert_eq!((&webhooks["words"], &webhooks["by"]), (&json!("v1"), &proof.shown[0]["signed_in_by"]));
        })
        .await;
    }

    #[tokio::test]
    async fn more_than_is_asked_for_breaks_the_promise() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let (least, _) = mailbox(house, &scope).await;
            for more in [allowance("raven.change", Some(&["read", "change"])), allowance("raven.calendar", None)] {
                let mut mailbox = least.clone();
                mailbox.allowed.as_mut().unwrap().push(more);
                let Outcome::Broken { faults, looked_at: 1 } = looked(house, mailbox).await.outcome else {
                    panic!("it is not broken")
                };
                assert_eq!((faults[0].place.as_str(), &faults[0].ids), ("channels", &vec![least.channel.to_string()]));
            }
            let unknown = Mailbox { allowed: None, ..least };
            assert!(matches!(looked(house, unknown).await.outcome, Outcome::NotChecked { .. }));
        })
        .await;
    }
}
