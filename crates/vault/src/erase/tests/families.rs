//! A person who was several contacts: erased as one, whichever of them is named, and nobody else with it.

use super::*;
use crate::messages::{Body, Direction, NewMessage, Writer};
use crate::testing::house::{on_both, say};
use crate::{contacts::Profile, merges};

async fn merge(house: &House, scope: &Scope, stays: ContactId, merged: ContactId) {
    house.does(scope, move |tx| merges::merge(tx, stays, merged)).await;
}

/// As the job does, with an index that forgets them all.
async fn erase_all(house: &House, scope: &Scope, named: ContactId, family: &[ContactId]) -> ErasureId {
    let id = house.does(scope, move |tx| begin(tx, named)).await;
    assert_eq!(house.vault.carry_on_erasure(scope, id).await.unwrap(), Progress::Waiting);
    for (left, contact) in family.iter().copied().enumerate().rev() {
        house.does(scope, move |tx| indexing::forgotten(tx, contact)).await;
        let expected = if left == 0 { Progress::Removed } else { Progress::Waiting };
        assert_eq!(house.vault.carry_on_erasure(scope, id).await.unwrap(), expected, "{left} to be forgotten");
    }
    id
}

#[tokio::test]
async fn three_of_ten_are_one_and_found_in_no_cell_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.db");
    let house = House::in_file(path.clone());
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let victims = [&people[3], &people[5], &people[7]];
    let [third, fifth, seventh] = victims.map(|victim| victim.contact);
    merge(&house, &scope, fifth, seventh).await;
    merge(&house, &scope, third, fifth).await;
    // Somebody who was merged once and split again is not of the family.
    let bystander = people[8].contact;
    let (id, _) = house.does(&scope, move |tx| merges::merge(tx, third, bystander)).await;
    house.does(&scope, move |tx| merges::split(tx, third, id)).await;
    let before = cells(&path);
    let needles: Vec<Vec<u8>> = victims.iter().flat_map(|victim| needles(&before, victim)).collect();

    let erasure = erase_all(&house, &scope, seventh, &[third, fifth, seventh]).await;
    let after = cells(&path);
    for (table, column, value) in &after.0 {
        let kept = map::table(table).is_some_and(|table| matches!(table.fate, Fate::Keep(_)));
        let tombstone = table == "contacts" && (column == "id" || column == "merged_into");
        // By its id at the provider a message is known for some days, without whose it was.
        let known = table == "remotes" && column == "remote_hash";
        let found = needles.iter().find(|needle| value.windows(needle.len()).any(|window| window == needle.as_slice()));
        assert!(
            kept || tombstone || known || table == "jobs" || found.is_none(),
            "{table}.{column} still has something"
        );
    }
    for person in people.iter().filter(|person| ![third, fifth, seventh].contains(&person.contact)) {
        person.is_whole(&house, &scope).await;
    }
    let record = record(&house, &scope, erasure).await;
    assert_eq!((record.erased["messages"], record.erased["contact_keys"], record.erased["identities"]), (6, 6, 3));
    assert_eq!((record.erased["merges"], record.remote.len()), (3, 1));
    for victim in victims {
        no_cell_as_sealed_before_is_in_the_files(&before, victim, folder.path());
    }
}

#[tokio::test]
async fn each_of_them_has_its_line_in_the_ledger_and_all_of_them_one_record() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let people = people::ten(house, &scope).await;
        let [stays, merged] = [people[0].contact, people[1].contact];
        merge(house, &scope, stays, merged).await;
        let id = erase_all(house, &scope, merged, &[stays, merged]).await;
        for named in [merged, stays] {
            assert_eq!(house.does(&scope, move |tx| begin(tx, named)).await, id);
        }
        let deeds: Vec<_> = house
            .vault
            .keys()
            .ledger(scope.workspace(), 0, 100)
            .unwrap()
            .into_iter()
            .map(|(_, line)| line.deed)
            .collect();
        let count = |wanted| deeds.iter().filter(|deed| **deed == wanted).count();
        assert_eq!((count(Deed::ContactErased), count(Deed::IdentityErased), count(Deed::KeyDestroyed)), (2, 2, 4));
        let told = house.sees(&scope, |tx| facts::since(tx, 0, 500)).await.unwrap();
        let told: Vec<_> = told.iter().filter(|fact| fact.kind == FactKind::ContactErased).collect();
        assert_eq!(told.iter().filter_map(|fact| fact.about.contact).collect::<Vec<_>>(), [stays, merged]);
        people[2].is_whole(house, &scope).await;
        for number in [0, 1] {
            let received = house.clock_now();
            let known = move |tx: &Tx<'_>| suppressions::erased_since(tx, &people::identity(number), received);
            assert!(house.sees(&scope, known).await, "who comes back by either of them is somebody new");
        }
        assert_eq!(record(house, &scope, id).await.kept.len(), 6, "consents of any of them are named");
    })
    .await;
}

#[tokio::test]
async fn a_backup_that_still_has_them_merged_forgets_only_who_was_erased() {
    let house = House::open();
    let scope = house.workspace().await;
    let people = people::ten(&house, &scope).await;
    let [ada, bob, cem] = [0, 1, 2].map(|number: usize| people[number].contact);
    merge(&house, &scope, bob, cem).await;
    let (id, _) = house.does(&scope, move |tx| merges::merge(tx, ada, bob)).await;
    house.does(&scope, move |tx| merges::split(tx, ada, id)).await;
    erase(&house, &scope, ada).await;
    // What a restore brings back: the contact without tombstone, and one with those who were split off since.
    let restore = move |tx: &Tx<'_>| {
        tx.run(sql!("UPDATE contacts SET erased_at = NULL WHERE workspace_id = $1 AND id = $2"), params![ada])?;
        tx.run(sql!("DELETE FROM erasures WHERE workspace_id = $1"), params![])?;
        merges::merge(tx, ada, bob).map(|_| ())
    };
    house.does(&scope, restore).await;
    assert_eq!(house.sees(&scope, move |tx| merges::family(tx, cem)).await, [ada, bob, cem]);
    assert_eq!(house.vault.reapply_ledger(&scope).await.unwrap().len(), 1);
    assert!(matches!(house.vault.read(&scope, move |tx| contacts::view(tx, ada)).await, Err(Error::NotFound(_))));
    assert_eq!(house.sees(&scope, move |tx| merges::family(tx, cem)).await, [bob, cem]);
    people[1].is_whole(&house, &scope).await;
    people[3].is_whole(&house, &scope).await;
}

#[tokio::test]
async fn a_conversation_shared_with_somebody_else_goes_to_nobody_of_the_family() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "api").await;
        let (ada, conversation) = house.contact(&scope, channel, "shared").await;
        let speaks = move |tx: &Tx<'_>, contact: ContactId, text: &str| {
            let new = NewMessage {
                conversation,
                channel,
                contact,
                direction: Direction::Incoming,
                writer: Writer::Contact(contact),
                body: Personal::new(Body::text(text)),
                reply_to: None,
                state: messages::State::Received,
                written_at: tx.now(),
            };
            messages::record(tx, &new)
        };
        let (third, said) = house
            .does(&scope, move |tx| {
                say(tx, conversation, Direction::Incoming, "from the first")?;
                let third = contacts::create(tx, &Profile::default())?;
                let (said, _) = speaks(tx, third, "from the third")?;
                let second = contacts::create(tx, &Profile::default())?;
                speaks(tx, second, "from the second, who is the first")?;
                merges::merge(tx, ada, second)?;
                Ok((third, said))
            })
            .await;
        house.does(&scope, move |tx| begin(tx, ada)).await;
        let look = move |tx: &Tx<'_>| {
            let view = conversations::view(tx, conversation)?;
            assert_eq!((view.contact, view.last_message.map(|last| last.id)), (third, Some(said)));
            let listed = messages::list(tx, conversation, None, 100)?;
            assert_eq!(listed.iter().map(|message| message.id).collect::<Vec<_>>(), [said]);
            Ok(())
        };
        house.sees(&scope, look).await;
    })
    .await;
}
