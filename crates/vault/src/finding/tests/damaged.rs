//! Damage: of the index's files, which are made anew, and of what it takes in, which is passed over.

use std::io::Write;

use super::*;
use crate::blobs::BlobStore;
use crate::rotation::{self, What};
use crate::statement::sql;
use crate::testing::house::code;
use crate::value::params;

/// What is done to a file.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Flipped,
    Cut,
    Removed,
}

const DAMAGES: [Damage; 3] = [Damage::Flipped, Damage::Cut, Damage::Removed];

fn files(searched: &Searched) -> Vec<String> {
    searched.house.vault.blobs().list("index/").unwrap()
}

fn damage(blobs: &dyn BlobStore, name: &str, how: Damage) {
    let mut bytes = blobs.read(name, 0..u64::MAX).unwrap();
    let middle = bytes.len() / 2;
    match how {
        Damage::Flipped => bytes[middle] ^= 1,
        Damage::Cut => bytes.truncate(middle),
        Damage::Removed => return blobs.delete(name).unwrap(),
    }
    let mut writer = blobs.create(name).unwrap();
    writer.write_all(&bytes).unwrap();
    writer.finish().unwrap();
}

/// Two messages in two parts of the index, and nothing of it in memory.
async fn in_two_parts() -> (Searched, [MessageId; 2]) {
    let searched = searched().await;
    let one = searched.says("parcel one").await;
    searched.indexes().await;
    let two = searched.says("parcel two").await;
    searched.indexes().await;
    searched.forgets_what_it_read();
    (searched, [one, two])
}

impl Searched {
    fn forgets_what_it_read(&self) {
        self.house.clock.advance(1);
        assert_eq!(self.house.vault.close_idle_indexes(0), 1);
    }

    async fn documents(&self) -> u64 {
        let at = self.house.sees(&self.scope, place::now).await;
        self.house.vault.index(self.scope.workspace(), at).unwrap().state().unwrap().documents
    }

    async fn searches(&self, text: &str) -> crate::Result<Vec<FoundMessage>> {
        let query = Query { text: text.into(), limit: 20, ..Query::default() };
        self.house.vault.find_messages(&self.scope, query).await
    }

    async fn finds_all(&self, text: &str, mut expected: Vec<MessageId>) {
        let mut found = self.finds(text).await;
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn whichever_file_a_search_finds_damaged_the_index_is_made_anew() {
    let count = files(&in_two_parts().await.0).len();
    assert!(count > 8, "{count} files");
    for (nth, how) in (0..count).flat_map(|nth| DAMAGES.map(|how| (nth, how))) {
        let (searched, [one, two]) = in_two_parts().await;
        let name = files(&searched)[nth].clone();
        damage(&**searched.house.vault.blobs(), &name, how);
        assert_eq!(code(searched.searches("parcel").await), "index_damaged", "{name} {how:?}");
        searched.indexes().await;
        searched.finds_all("parcel", vec![one, two]).await;
        assert_eq!(searched.finds_contacts("quittenbaum").await, [searched.contact]);
        assert!(!files(&searched).contains(&name), "{name} {how:?} is gone");
        assert_eq!(searched.house.sees(&searched.scope, repair::condition).await, Condition::Sound);
    }
}

#[tokio::test]
async fn whichever_file_a_write_finds_damaged_what_is_new_is_found_and_what_is_old_again() {
    for (nth, how) in (0..8).flat_map(|nth| DAMAGES.map(|how| (nth, how))) {
        let (searched, [one, two]) = in_two_parts().await;
        let name = files(&searched)[nth].clone();
        damage(&**searched.house.vault.blobs(), &name, how);
        let three = searched.says("parcel three").await;
        searched.indexes().await;
        // What the write did not have to read, a search finds.
        if searched.searches("parcel").await.is_err() {
            searched.indexes().await;
        }
        searched.finds_all("parcel", vec![one, two, three]).await;
    }
}

#[tokio::test]
async fn a_suspicion_that_is_not_true_changes_nothing() {
    let (searched, all) = in_two_parts().await;
    let before = files(&searched);
    searched.house.does(&searched.scope, repair::suspect).await;
    searched.indexes().await;
    assert_eq!(files(&searched), before);
    assert_eq!(searched.house.sees(&searched.scope, repair::condition).await, Condition::Sound);
    searched.finds_all("parcel", all.into()).await;
}

#[tokio::test]
async fn an_erasure_is_done_although_every_file_is_damaged() {
    for how in DAMAGES {
        let (searched, _) = in_two_parts().await;
        let (_, other) = searched.house.contact(&searched.scope, searched.channel, "Holunder").await;
        let theirs =
            searched.house.does(&searched.scope, move |tx| say(tx, other, Direction::Incoming, "parcel of two")).await;
        searched.indexes().await;
        let before = files(&searched);
        for name in &before {
            damage(&**searched.house.vault.blobs(), name, how);
        }
        let contact = searched.contact;
        let erasure = searched.house.does(&searched.scope, move |tx| erase::begin(tx, contact)).await;
        let mut rounds = 0;
        while searched.house.vault.carry_on_erasure(&searched.scope, erasure).await.unwrap() == erase::Progress::Waiting
        {
            searched.indexes().await;
            rounds += 1;
            assert!(rounds < 5, "it does not end");
        }
        if matches!(how, Damage::Removed) {
            // With all its files gone the index is as one that was never written: nothing tells that there was more.
            continue;
        }
        assert!(
            files(&searched).iter().all(|name| !before.contains(name)),
            "{how:?}: what held the erased words is gone"
        );
        searched.finds_all("parcel", vec![theirs]).await;
        assert!(searched.finds_contacts("quittenbaum").await.is_empty());
        assert_eq!(searched.finds_contacts("holunder").await.len(), 1);
    }
}

#[tokio::test]
async fn more_than_one_page_is_taken_in_anew() {
    let searched = searched().await;
    let conversation = searched.conversation;
    let many =
        move |tx: &Tx<'_>| (0..STEP).try_for_each(|_| say(tx, conversation, Direction::Incoming, "parcel").map(|_| ()));
    searched.house.does(&searched.scope, many).await;
    let first = searched.says("the very first").await;
    searched.indexes().await;
    for name in files(&searched) {
        damage(&**searched.house.vault.blobs(), &name, Damage::Flipped);
    }
    let new = searched.says("letter").await;
    assert!(searched.house.vault.index_step(&searched.scope).await.unwrap(), "it begins anew");
    searched.house.vault.index_step(&searched.scope).await.unwrap();
    assert_eq!(searched.finds("letter").await, [new], "what is new does not wait for what is old");
    searched.indexes().await;
    assert_eq!(searched.finds("first").await, [first]);
    assert_eq!(searched.documents().await, u64::try_from(STEP).unwrap() + 3, "each once, and the contact");
}

#[tokio::test]
async fn an_altered_message_is_passed_over_and_the_others_are_found() {
    let searched = searched().await;
    let (one, two) = (searched.says("parcel one").await, searched.says("parcel two").await);
    let (contact, workspace_name) = (searched.contact, vec![7_u8; 60]);
    let alter = move |tx: &Tx<'_>| {
        let body = sql!("UPDATE messages SET body_sealed = $3 WHERE workspace_id = $1 AND id = $2");
        tx.run(body, params![one, &workspace_name[..]])?;
        let name = sql!("UPDATE contacts SET name_sealed = $3 WHERE workspace_id = $1 AND id = $2");
        tx.run(name, params![contact, &workspace_name[..9]])
    };
    searched.house.does(&searched.scope, alter).await;
    searched.indexes().await;
    assert!(searched.house.sees(&searched.scope, |tx| indexing::pending(tx, 9)).await.is_empty());
    assert_eq!(searched.documents().await, 1, "the other message");
    let query = Query { text: "parcel".into(), limit: 9, ..Query::default() };
    assert_eq!(searched.house.vault.hits(&searched.scope, query).await.unwrap()[0].message, two.to_string());
    // An erasure that waits for the index is done.
    searched.house.does(&searched.scope, move |tx| erase::begin(tx, contact)).await;
    searched.indexes().await;
    assert!(searched.house.sees(&searched.scope, |tx| indexing::to_forget(tx, 9)).await.is_empty());
}

#[tokio::test]
async fn a_hit_that_was_altered_since_does_not_hide_the_others() {
    let (searched, [one, two]) = in_two_parts().await;
    let alter = move |tx: &Tx<'_>| {
        let body = sql!("UPDATE messages SET body_sealed = $3 WHERE workspace_id = $1 AND id = $2");
        tx.run(body, params![one, &[7_u8; 60][..]])
    };
    searched.house.does(&searched.scope, alter).await;
    assert_eq!(searched.finds("parcel").await, [two]);
}

#[tokio::test]
async fn what_a_contact_wrote_is_found_although_their_name_was_altered() {
    let (searched, [one, two]) = in_two_parts().await;
    let contact = searched.contact;
    let name = move |tx: &Tx<'_>| {
        let profile = contacts::Profile { name: Some("Anna".to_owned().into()), ..contacts::Profile::default() };
        contacts::update(tx, contact, &profile)?;
        let name = sql!("UPDATE contacts SET name_sealed = $3 WHERE workspace_id = $1 AND id = $2");
        tx.run(name, params![contact, &[7_u8; 60][..]])
    };
    searched.house.does(&searched.scope, name).await;
    searched.finds_all("parcel", vec![one, two]).await;
    searched.indexes().await;
    // Also once the index has looked at the name.
    searched.finds_all("parcel", vec![one, two]).await;
}

#[tokio::test]
async fn marks_stay_where_a_folder_was_begun_after_the_index_was_looked_for() {
    let (searched, [one, two]) = in_two_parts().await;
    let three = searched.says("parcel three").await;
    let look = |tx: &Tx<'_>| Ok((gather(tx)?, place::now(tx)?));
    let (batch, at) = searched.house.sees(&searched.scope, look).await;
    // Somebody else moves the index while this one is about to write to where it was.
    searched.house.does(&searched.scope, |tx| rotation::begin(tx, What::Index)).await;
    let moving = searched.house.sees(&searched.scope, rotation::moving).await.unwrap();
    searched.house.vault.move_index(&searched.scope, moving).await.unwrap();
    searched.house.vault.take_in(&searched.scope, at, batch).await.unwrap();
    assert_eq!(searched.house.sees(&searched.scope, |tx| indexing::pending(tx, 9)).await.len(), 1);
    searched.indexes().await;
    searched.finds_all("parcel", vec![one, two, three]).await;
}

#[tokio::test]
async fn what_was_written_and_not_noted_is_not_there_twice() {
    let (searched, _) = in_two_parts().await;
    searched.says("parcel three").await;
    let look = |tx: &Tx<'_>| Ok((gather(tx)?, place::now(tx)?));
    for restarts in [false, true] {
        let id = searched.says("letter").await;
        let (batch, at) = searched.house.sees(&searched.scope, look).await;
        assert!(!batch.new.is_empty() && batch.docs.is_empty());
        // The power fails before the marks are taken off.
        let index = searched.house.vault.index(searched.scope.workspace(), at).unwrap();
        index.write_with(&batch.new, &batch.docs, &batch.deletes).unwrap();
        drop(index);
        if restarts {
            searched.forgets_what_it_read();
        }
        let before = searched.documents().await;
        searched.indexes().await;
        assert_eq!(searched.documents().await, before, "restarts: {restarts}");
        assert!(searched.finds("letter").await.contains(&id));
    }
}

#[tokio::test]
async fn what_another_node_wrote_is_not_there_twice() {
    let (searched, _) = in_two_parts().await;
    searched.says("parcel three").await;
    searched.indexes().await;
    searched.says("letter").await;
    let look = |tx: &Tx<'_>| Ok((gather(tx)?, place::now(tx)?));
    let (batch, at) = searched.house.sees(&searched.scope, look).await;
    let vault = &searched.house.vault;
    let elsewhere = crate::search::SearchIndexes::new(
        std::sync::Arc::clone(vault.blobs()),
        std::sync::Arc::clone(vault.chance()),
        crate::search::Limits::default(),
    );
    let (_, key) = vault.keys().family_key(searched.scope.workspace(), Family::Index, at.generation).unwrap();
    let index = elsewhere.open(searched.scope.workspace(), key.bytes(), vault.clock().now());
    index.write_with(&batch.new, &batch.docs, &batch.deletes).unwrap();
    let before = index.state().unwrap().documents;
    searched.indexes().await;
    assert_eq!(searched.documents().await, before);
}
