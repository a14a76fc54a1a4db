//! An index that is moved by two at once: the lease of one ran out while it copied.

use super::*;
use crate::rotation::index::{begin_folder, turn};
use crate::testing::house::{House, say};
use crate::{ConversationId, MessageId, messages, search};

struct Moved {
    house: House,
    scope: Scope,
    conversation: ConversationId,
}

impl Moved {
    async fn begin() -> Self {
        let house = House::open();
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (_, conversation) = house.contact(&scope, channel, "Quittenbaum").await;
        let moved = Self { house, scope, conversation };
        moved.says("parcel one").await;
        moved
    }

    /// Says something, and takes it in.
    async fn says(&self, text: &'static str) -> MessageId {
        let conversation = self.conversation;
        let say = move |tx: &Tx<'_>| say(tx, conversation, messages::Direction::Incoming, text);
        let id = self.house.does(&self.scope, say).await;
        while self.house.vault.index_step(&self.scope).await.unwrap() {}
        id
    }

    async fn finds(&self) -> usize {
        let query = search::Query { text: "parcel".into(), limit: 9, ..search::Query::default() };
        self.house.vault.find_messages(&self.scope, query).await.unwrap().len()
    }

    /// The folders that there are.
    fn folders(&self) -> BTreeSet<String> {
        let names = self.house.vault.blobs().list("index/").unwrap();
        names.iter().map(|name| name.rsplit_once('/').unwrap().0.to_owned()).collect()
    }
}

#[tokio::test]
async fn who_comes_late_neither_clears_nor_turns() {
    let moved = Moved::begin().await;
    let id = moved.house.does(&moved.scope, |tx| begin(tx, What::Index)).await;
    let late = moved.house.sees(&moved.scope, moving).await.unwrap();
    finish(&moved.house.vault, &moved.house.clock, &moved.scope, id).await;
    moved.says("parcel two").await;
    let folders = moved.folders();
    assert_eq!(folders.len(), 1);

    moved.house.vault.move_index(&moved.scope, late).await.unwrap();
    assert_eq!((moved.finds().await, moved.folders()), (2, folders));
}

#[tokio::test]
async fn the_first_of_two_attempts_turns_and_the_other_leaves_nothing() {
    let moved = Moved::begin().await;
    let id = moved.house.does(&moved.scope, |tx| begin(tx, What::Index)).await;
    let late = moved.house.sees(&moved.scope, moving).await.unwrap();
    let slow = moved.house.does(&moved.scope, move |tx| begin_folder(tx, late)).await.unwrap();
    moved.says("parcel two").await;
    assert_eq!(moved.house.sees(&moved.scope, move |tx| view(tx, id)).await.state, State::Destroying);

    // The slow one is done with copying, too.
    assert!(!moved.house.does(&moved.scope, move |tx| turn(tx, late, slow, 3)).await);
    assert_eq!(moved.finds().await, 2);
    finish(&moved.house.vault, &moved.house.clock, &moved.scope, id).await;
    assert_eq!((moved.finds().await, moved.folders().len()), (2, 1));
    let begun = moved.house.does(&moved.scope, move |tx| begin_folder(tx, late)).await;
    assert!(begun.is_none(), "there is nothing to copy any more");
}

#[tokio::test]
async fn a_folder_that_was_doomed_meanwhile_is_not_turned_to() {
    let moved = Moved::begin().await;
    moved.house.does(&moved.scope, |tx| begin(tx, What::Index)).await;
    let late = moved.house.sees(&moved.scope, moving).await.unwrap();
    let slow = moved.house.does(&moved.scope, move |tx| begin_folder(tx, late)).await.unwrap();
    moved.house.vault.drop_idle_folders(&moved.scope).await.unwrap();
    assert!(!moved.house.does(&moved.scope, move |tx| turn(tx, late, slow, 3)).await);
    moved.says("parcel two").await;
    assert_eq!(moved.finds().await, 2);
}

#[tokio::test]
async fn an_index_that_is_damaged_when_it_moves_is_made_anew_under_the_new_key() {
    let moved = Moved::begin().await;
    let blobs = std::sync::Arc::clone(moved.house.vault.blobs());
    for name in blobs.list("index/").unwrap() {
        let mut bytes = blobs.read(&name, 0..u64::MAX).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        let mut writer = blobs.create(&name).unwrap();
        std::io::Write::write_all(&mut writer, &bytes).unwrap();
        writer.finish().unwrap();
    }
    let id = moved.house.does(&moved.scope, |tx| begin(tx, What::Index)).await;
    finish(&moved.house.vault, &moved.house.clock, &moved.scope, id).await;
    assert_eq!((moved.finds().await, moved.folders().len()), (1, 1));
    assert_eq!(moved.house.sees(&moved.scope, move |tx| view(tx, id)).await.state, State::Done);
}
