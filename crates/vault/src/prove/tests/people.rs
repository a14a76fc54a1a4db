//! A workspace with a member, a channel, contacts, one of whom is erased, consents, and a signed log.

use crate::consents::{self, NewConsent};
use crate::erase::{self, Progress};
use crate::messages::Direction;
use crate::testing::house::{House, say};
use crate::{ContactId, Millis, Personal, Role, Scope, indexing, tokens};

/// Who lives there.
pub(super) struct Settled {
    pub(super) scope: Scope,
    pub(super) contact: ContactId,
    pub(super) erased: ContactId,
}

/// Makes it, on an empty installation.
pub(super) async fn settle(house: &House) -> Settled {
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (member, _) = house.member(&scope, "owner@example.org", Role::Owner).await;
    house.does(&scope, move |tx| tokens::create(tx, member).map(drop)).await;
    let (contact, conversation) = house.contact(&scope, channel, "Anna").await;
    let (erased, other) = house.contact(&scope, channel, "Berta").await;
    for thread in [conversation, other] {
        house.does(&scope, move |tx| say(tx, thread, Direction::Incoming, "canary")).await;
    }
    house.does(&scope, move |tx| consents::give(tx, &consent(contact, tx.now())).map(drop)).await;
    let (customer, _) = house.contact(&scope, channel, "Carla").await;
    let soft = move |tx: &crate::Tx<'_>| {
        let new =
            NewConsent { ground: "soft_opt_in".into(), channel: "telegram".into(), ..consent(customer, tx.now()) };
        consents::give(tx, &new).map(drop)
    };
    house.does(&scope, soft).await;
    let id = house.does(&scope, move |tx| erase::begin(tx, erased)).await;
    assert_eq!(house.vault.carry_on_erasure(&scope, id).await.unwrap(), Progress::Waiting);
    house.does(&scope, move |tx| indexing::forgotten(tx, erased)).await;
    assert_eq!(house.vault.carry_on_erasure(&scope, id).await.unwrap(), Progress::Removed);
    house.vault.checkpoint_audit(&scope).await.unwrap();
    Settled { scope, contact, erased }
}

fn consent(contact: ContactId, given_at: Millis) -> NewConsent {
    NewConsent {
        contact,
        given_at,
        purpose: "marketing".into(),
        channel: "any".into(),
        ground: "consent".into(),
        text_version: "1".into(),
        collected_by: "form".into(),
        text: None,
        evidence: Some(Personal::new("canary-evidence".into())),
    }
}
