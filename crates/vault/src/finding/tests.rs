//! What waits gets into the index, and what is gone is found no more.

mod damaged;

use super::gathering::STEP;
use super::*;
use crate::contacts::Profile;
use crate::messages::{Body, Direction};
use crate::testing::house::{House, say};
use crate::{ChannelId, ConversationId, erase};

struct Searched {
    house: House,
    scope: Scope,
    channel: ChannelId,
    contact: ContactId,
    conversation: ConversationId,
}

async fn searched() -> Searched {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "Quittenbaum").await;
    Searched { house, scope, channel, contact, conversation }
}

impl Searched {
    async fn says(&self, text: &'static str) -> MessageId {
        let conversation = self.conversation;
        self.house.does(&self.scope, move |tx| say(tx, conversation, Direction::Incoming, text)).await
    }

    /// Everything that waits gets into the index.
    async fn indexes(&self) {
        while self.house.vault.index_step(&self.scope).await.unwrap() {}
    }

    async fn finds(&self, text: &str) -> Vec<MessageId> {
        let query = Query { text: text.into(), limit: 20, ..Query::default() };
        let found = self.house.vault.find_messages(&self.scope, query).await.unwrap();
        found.into_iter().map(|hit| hit.message.id).collect()
    }

    async fn finds_contacts(&self, text: &str) -> Vec<ContactId> {
        let query = Query { text: text.into(), limit: 20, ..Query::default() };
        let found = self.house.vault.find_contacts(&self.scope, query).await.unwrap();
        found.into_iter().map(|contact| contact.id).collect()
    }
}

#[tokio::test]
async fn a_message_is_found_once_it_was_taken_in_with_where_it_matched() {
    let searched = searched().await;
    let id = searched.says("the parcel has arrived").await;
    assert!(searched.finds("parcel").await.is_empty(), "a job has to come first");
    searched.indexes().await;
    assert_eq!(searched.finds("parcel").await, [id]);
    let query = Query { text: "parcel".into(), limit: 1, ..Query::default() };
    let hit = searched.house.vault.find_messages(&searched.scope, query).await.unwrap().remove(0);
    assert_eq!((hit.text.reveal().as_str(), hit.spans), ("the parcel has arrived", vec![(4, 10)]));
    assert_eq!(hit.conversation.id, searched.conversation);
    assert!(searched.house.sees(&searched.scope, |tx| indexing::pending(tx, 9)).await.is_empty());
}

#[tokio::test]
async fn edits_and_removals_are_followed() {
    let searched = searched().await;
    let id = searched.says("parcel").await;
    searched.indexes().await;
    let letter = move |tx: &Tx<'_>| messages::edit(tx, id, &Personal::new(Body::text("letter")), tx.now());
    searched.house.does(&searched.scope, letter).await;
    searched.indexes().await;
    assert!(searched.finds("parcel").await.is_empty());
    assert_eq!(searched.finds("letter").await, [id]);
    searched.house.does(&searched.scope, move |tx| messages::remove(tx, id, tx.now())).await;
    assert!(searched.finds("letter").await.is_empty(), "at once, whatever the index still has");
    searched.indexes().await;
    assert!(searched.finds("letter").await.is_empty());
}

#[tokio::test]
async fn contacts_are_found_by_their_present_name() {
    let searched = searched().await;
    searched.indexes().await;
    assert_eq!(searched.finds_contacts("quittenbaum").await, [searched.contact]);
    let contact = searched.contact;
    let rename = move |tx: &Tx<'_>| {
        contacts::update(tx, contact, &Profile { name: Some(Personal::new("Holunder".into())), ..Profile::default() })
    };
    searched.house.does(&searched.scope, rename).await;
    searched.indexes().await;
    assert!(searched.finds_contacts("quittenbaum").await.is_empty());
    assert_eq!(searched.finds_contacts("holunder").await, [contact]);
}

#[tokio::test]
async fn an_erased_contact_is_forgotten_and_the_others_are_not() {
    let searched = searched().await;
    searched.says("parcel of one").await;
    let (_, other) = searched.house.contact(&searched.scope, searched.channel, "Holunder").await;
    let theirs =
        searched.house.does(&searched.scope, move |tx| say(tx, other, Direction::Incoming, "parcel of two")).await;
    searched.indexes().await;
    assert_eq!(searched.finds("parcel").await.len(), 2);
    let contact = searched.contact;
    searched.house.does(&searched.scope, move |tx| erase::begin(tx, contact)).await;
    assert_eq!(searched.finds("parcel").await, [theirs], "from the tombstone on");
    assert_eq!(searched.house.sees(&searched.scope, |tx| indexing::to_forget(tx, 9)).await, [contact]);
    searched.indexes().await;
    assert!(searched.house.sees(&searched.scope, |tx| indexing::to_forget(tx, 9)).await.is_empty());
    assert_eq!(searched.finds("parcel").await, [theirs]);
    assert!(searched.finds_contacts("quittenbaum").await.is_empty());
}

#[tokio::test]
async fn more_than_one_step_takes_is_taken_in_steps() {
    let searched = searched().await;
    let conversation = searched.conversation;
    let many = move |tx: &Tx<'_>| {
        for _ in 0..STEP {
            say(tx, conversation, Direction::Incoming, "parcel")?;
        }
        Ok(())
    };
    searched.house.does(&searched.scope, many).await;
    assert!(searched.house.vault.index_step(&searched.scope).await.unwrap(), "perhaps there is more");
    assert!(!searched.house.vault.index_step(&searched.scope).await.unwrap());
    assert!(searched.house.sees(&searched.scope, |tx| indexing::pending(tx, 9)).await.is_empty());
}
