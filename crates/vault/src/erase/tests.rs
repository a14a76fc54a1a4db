//! Erasure, from the tombstone to the last cell.

mod cells;
mod families;
mod people;
mod sharing;

use cells::{Cells, cells};
use people::Person;

use super::*;
use crate::id::KeyId;
use crate::keys::{Deed, Family};
use crate::map::{self, Seal};
use crate::testing::house::House;
use crate::{Personal, Role, Scope, contacts, conversations, messages, suppressions};

async fn erase(house: &House, scope: &Scope, contact: ContactId) -> ErasureId {
    let id = house.vault.write(scope, move |tx| begin(tx, contact)).await.unwrap();
    assert_eq!(house.vault.carry_on_erasure(scope, id).await.unwrap(), Progress::Waiting);
    house.vault.write(scope, move |tx| indexing::forgotten(tx, contact)).await.unwrap();
    assert_eq!(house.vault.carry_on_erasure(scope, id).await.unwrap(), Progress::Removed);
    id
}

async fn record(house: &House, scope: &Scope, id: ErasureId) -> Erasure {
    house.vault.read(scope, move |tx| view(tx, id)).await.unwrap()
}

#[tokio::test]
async fn one_of_ten_is_erased_and_found_in_no_cell_and_the_others_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let house = House::in_file(path.clone());
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let victim = &people[3];
    let before = cells(&path);
    let needles = needles(&before, victim);
    assert!(needles.len() > 15, "ids and hashes of every table: {}", needles.len());

    let id = erase(&house, &scope, victim.contact).await;
    let after = cells(&path);
    for (table, column, value) in &after.0 {
        // What the map keeps is told to the requester; the tombstone is an id; files go by their job.
        let kept = map::table(table).is_some_and(|table| matches!(table.fate, Fate::Keep(_)));
        let declared = kept || (table, column) == (&"contacts".into(), &"id".into()) || table == "jobs";
        let found = needles.iter().find(|needle| value.windows(needle.len()).any(|window| window == needle.as_slice()));
        assert!(declared || found.is_none(), "{table}.{column} still has something of the erased contact");
    }
    for person in people.iter().filter(|person| person.contact != victim.contact) {
        person.is_whole(&house, &scope).await;
    }
    let erasure = record(&house, &scope, id).await;
    assert_eq!(erasure.erased["messages"], 2);
    assert_eq!(erasure.erased["contact_keys"], 2);
    assert_eq!(erasure.kept.len(), 6, "consents, suppressions, wishes for deletion, this record, facts, audit");
    no_cell_as_sealed_before_is_in_the_files(&before, victim, folder.path());
}

/// Everything by which a contact could be recognised: its ids and hashes, as the database holds them before.
fn needles(cells: &Cells, victim: &Person) -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> =
        cells.rows_of("contact_id", victim.contact.to_string().as_bytes(), &["id", "key_id"]);
    needles.extend(cells.hashes_of(victim.contact.to_string().as_bytes()));
    needles.push(victim.contact.to_string().into_bytes());
    needles.extend(victim.plaintexts());
    needles
}

fn no_cell_as_sealed_before_is_in_the_files(before: &Cells, victim: &Person, folder: &std::path::Path) {
    let sealed = before.sealed_of(victim.contact.to_string().as_bytes());
    assert!(sealed.len() > 8);
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for (place, cell) in &sealed {
            assert!(!bytes.windows(cell.len()).any(|window| window == cell), "{place} is still in {}", path.display());
        }
    }
}

#[tokio::test]
async fn every_sealed_cell_is_under_the_key_that_the_map_declares() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let house = House::in_file(path.clone());
    let scope = house.workspace().await;
    people::ten(&house, &scope).await;
    let cells = cells(&path);
    let keys = house.vault.keys();
    let (content, _) = keys.newest_key(scope.workspace(), Family::Content).unwrap();
    let (evidence, _) = keys.newest_key(scope.workspace(), Family::Evidence).unwrap();
    let profiles = cells.rows_of("channel_id", b"", &["key_id"]);
    for (table, column, value) in &cells.0 {
        let Some((_, seal)) = map::table(table).and_then(|t| t.sealed.iter().find(|(sealed, _)| sealed == column))
        else {
            continue;
        };
        let key: KeyId = keys.key_of(value).unwrap();
        let of_workspace = key == content;
        let of_profile = profiles.contains(&key.to_string().into_bytes());
        let fits = match seal {
            Seal::Workspace => of_workspace,
            Seal::Evidence => key == evidence,
            Seal::Profile => of_profile,
            Seal::Channel => !of_profile && !of_workspace && key != evidence,
            Seal::ChannelOrWorkspace => !of_profile && key != evidence,
            Seal::Day => keys.workspace_key(scope.workspace(), key).unwrap().is_none(),
        };
        assert!(fits, "{table}.{column} is not sealed as declared: {seal:?}");
    }
}

#[tokio::test]
async fn erasing_is_the_same_on_postgres() {
    let house = House::on_postgres();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let id = erase(&house, &scope, people[0].contact).await;
    assert_eq!(record(&house, &scope, id).await.erased["messages"], 2);
    people[1].is_whole(&house, &scope).await;
    house.vault.close().await;
}

#[tokio::test]
async fn from_the_tombstone_on_nothing_can_be_read() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let Person { contact, conversation, message, .. } = people[0];
    let id = house.vault.write(&scope, move |tx| begin(tx, contact)).await.unwrap();
    let again = house.vault.write(&scope, move |tx| begin(tx, contact)).await.unwrap();
    assert_eq!(id, again, "erasing twice is one erasure");
    let read = move |tx: &Tx<'_>| {
        assert!(matches!(contacts::view(tx, contact), Err(Error::NotFound(_))));
        assert!(messages::body(tx, message)?.is_none());
        assert!(conversations::thread(tx, conversation)?.is_none());
        Ok::<_, Error>(facts::since(tx, 0, 500)?.unwrap().last().map(|fact| fact.kind))
    };
    assert_eq!(house.vault.read(&scope, read).await.unwrap(), Some(FactKind::ContactErased));
    let erasure = record(&house, &scope, id).await;
    assert_eq!((erasure.state, erasure.completed_at), (State::Unreadable, None));
}

#[tokio::test]
async fn providers_are_asked_and_the_dossier_goes_at_the_end() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let id = erase(&house, &scope, people[0].contact).await;
    assert_eq!(record(&house, &scope, id).await.state, State::Remote);
    let found = house.vault.read(&scope, move |tx| traces(tx, id)).await.unwrap();
    let [trace] = found.try_into().unwrap();
    assert_eq!(trace.thread, Some(Personal::new("thread-0".into())));
    assert_eq!(trace.remotes, [Personal::new("remote-0".into())]);
    let channel = trace.channel;
    house.vault.write(&scope, move |tx| remote_done(tx, id, channel, RemoteState::Gone, None)).await.unwrap();
    let erasure = record(&house, &scope, id).await;
    assert_eq!((erasure.state, erasure.remote[0].state), (State::Done, RemoteState::Gone));
    assert!(erasure.completed_at.is_some());
    assert!(house.vault.read(&scope, move |tx| traces(tx, id)).await.unwrap().is_empty());
}

#[tokio::test]
async fn keys_are_gone_and_the_ledger_says_so() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let contact = people[0].contact;
    let all = sql!("SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2");
    let ids: Vec<KeyId> =
        house.vault.read(&scope, move |tx| tx.all(all, params![contact], |row| row.get(0))).await.unwrap();
    erase(&house, &scope, contact).await;
    let (keys, workspace) = (house.vault.keys(), scope.workspace());
    for id in &ids {
        assert!(keys.contact_key(workspace, *id).unwrap().is_none());
    }
    let deeds: Vec<_> = keys.ledger(workspace, 0, 100).unwrap().into_iter().map(|(_, line)| line.deed).collect();
    assert_eq!(deeds[..2], [Deed::ContactErased, Deed::IdentityErased]);
    assert_eq!(deeds.iter().filter(|deed| **deed == Deed::KeyDestroyed).count(), ids.len());
}

#[tokio::test]
async fn keys_are_gone_although_the_dossier_does_not_open() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let contact = people[0].contact;
    let all = sql!("SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2");
    let ids: Vec<KeyId> =
        house.vault.read(&scope, move |tx| tx.all(all, params![contact], |row| row.get(0))).await.unwrap();
    assert!(!ids.is_empty());
    let damage = move |tx: &Tx<'_>| -> Result<_> {
        let id = begin(tx, contact)?;
        let spoil = sql!("UPDATE erasures SET traces_sealed = $3 WHERE workspace_id = $1 AND id = $2");
        tx.run(spoil, params![id, b"damaged".as_slice()])?;
        Ok(id)
    };
    let id = house.vault.write(&scope, damage).await.unwrap();
    house.vault.write(&scope, move |tx| indexing::forgotten(tx, contact)).await.unwrap();
    assert_eq!(house.vault.carry_on_erasure(&scope, id).await.unwrap(), Progress::Removed);
    for id in &ids {
        assert!(house.vault.keys().contact_key(scope.workspace(), *id).unwrap().is_none(), "it stayed in custody");
    }
    let left = sql!("SELECT COUNT(*) FROM doomed_keys WHERE workspace_id = $1");
    let left = house.vault.read(&scope, move |tx| tx.maybe(left, params![], |row| row.get::<i64>(0))).await.unwrap();
    assert_eq!(left, Some(0));
}

#[tokio::test]
async fn a_restored_database_is_made_to_forget_again() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let contact = people[0].contact;
    erase(&house, &scope, contact).await;
    assert!(house.vault.reapply_ledger(&scope).await.unwrap().is_empty(), "nothing was restored");
    // What a restore brings back of the contact: a row without tombstone, and no erasure.
    let restore = move |tx: &Tx<'_>| {
        tx.run(sql!("UPDATE contacts SET erased_at = NULL WHERE workspace_id = $1 AND id = $2"), params![contact])?;
        tx.run(sql!("DELETE FROM erasures WHERE workspace_id = $1"), params![])?;
        tx.run(sql!("DELETE FROM suppressions WHERE workspace_id = $1"), params![])
    };
    house.vault.write(&scope, restore).await.unwrap();
    let begun = house.vault.reapply_ledger(&scope).await.unwrap();
    assert_eq!(begun.len(), 1);
    assert_eq!(record(&house, &scope, begun[0]).await.state, State::Unreadable);
    let count = sql!("SELECT COUNT(*) FROM suppressions WHERE workspace_id = $1 AND reason = 'erased'");
    let count = house.vault.read(&scope, move |tx| tx.maybe(count, params![], |row| row.get::<i64>(0))).await.unwrap();
    assert_eq!(count, Some(1));
    people[1].is_whole(&house, &scope).await;
}

#[tokio::test]
async fn only_those_who_may_can_erase() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let contact = people[0].contact;
    for (email, role, allowed) in [("a@example.org", Role::Agent, false), ("p@example.org", Role::Privacy, true)] {
        let (_, member) = house.member(&scope, email, role).await;
        assert_eq!(house.vault.write(&member, move |tx| begin(tx, contact)).await.is_ok(), allowed, "{role:?}");
    }
    let other = house.workspace().await;
    assert!(matches!(house.vault.write(&other, move |tx| begin(tx, contact)).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_restored_database_remembers_who_refused_messages() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let channel = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id())).await.unwrap();
    for (number, answers) in [(0, vec![false]), (1, vec![false, true]), (2, vec![false, true, false])] {
        for accepts in answers {
            let identity = people::identity(number);
            let set = move |tx: &Tx<'_>| {
                suppressions::set(tx, channel, std::slice::from_ref(&identity), accepts, "stop_word")
            };
            house.vault.write(&scope, set).await.unwrap();
        }
    }
    let forget = |tx: &Tx<'_>| tx.run(sql!("DELETE FROM suppressions WHERE workspace_id = $1"), params![]);
    house.vault.write(&scope, forget).await.unwrap();
    house.vault.reapply_ledger(&scope).await.unwrap();
    for (number, stands) in [(0, true), (1, false), (2, true), (3, false)] {
        let contact = people[number].contact;
        let found = house.vault.read(&scope, move |tx| suppressions::stands(tx, channel, contact)).await.unwrap();
        assert_eq!(found, stands, "contact {number}");
    }
}
