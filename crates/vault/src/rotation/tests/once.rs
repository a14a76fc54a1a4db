//! A rotation from its order to the old key's end, on both engines.

use super::*;
use crate::keys::Deed;
use crate::search::Query;
use crate::testing::house::{House, code, on_both};
use crate::{Personal, Role, audit, members, merges, workspaces};

async fn rotate(house: &House, scope: &Scope, what: What) -> RotationId {
    let id = house.does(scope, move |tx| begin(tx, what)).await;
    finish(&house.vault, &house.clock, scope, id).await;
    id
}

#[tokio::test]
async fn every_key_gives_way_and_everything_stays_readable() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let furnished = furnished::furnish(&house.vault, &scope).await;
        let first = What::Contact(furnished.people[0].contact);
        for what in What::OF_A_WORKSPACE.into_iter().chain([first, first]) {
            let before = house.sees(&scope, contents).await;
            assert!(before.len() > 60 && before.values().filter(|cell| cell.is_none()).count() < 20);
            let old = house.sees(&scope, move |tx| keys_of(tx, what)).await;
            let id = rotate(house, &scope, what).await;
            assert_eq!(house.sees(&scope, contents).await, before, "{what:?}");
            let names = house.sees(&scope, named).await;
            assert!(!old.is_empty());
            for key in old {
                assert!(!names.contains(&key.to_string()), "{what:?}");
                assert!(!is_in_custody(&house.vault, &scope, key), "{what:?}");
                let keys = house.vault.keys();
                let line = keys.line(scope.workspace(), Deed::KeyDestroyed, key.to_string().as_bytes()).unwrap();
                let ledger = keys.ledger(scope.workspace(), 0, 1_000).unwrap();
                assert!(ledger.iter().any(|(_, told)| told.subject == line.subject), "{what:?}");
            }
            let seen = house.sees(&scope, move |tx| view(tx, id)).await;
            assert_eq!((seen.what, seen.state), (what, State::Done));
            assert!(seen.completed_at.is_some() && (seen.cells > 0 || matches!(what, What::Audit | What::Index)));
        }
        assert_eq!(house.sees(&scope, |tx| list(tx, 50)).await.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn what_is_under_way_is_not_begun_twice_and_erased_contacts_have_no_keys() {
    let house = House::open();
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    for what in [What::Content, What::Contact(furnished.people[0].contact)] {
        let one = house.does(&scope, move |tx| begin(tx, what)).await;
        assert_eq!(house.does(&scope, move |tx| begin(tx, what)).await, one);
        finish(&house.vault, &house.clock, &scope, one).await;
        assert_ne!(house.does(&scope, move |tx| begin(tx, what)).await, one, "another one, later");
    }
    let unknown = house.sees(&scope, |tx| Ok(tx.id::<ContactId>())).await;
    assert_eq!(code(house.vault.write(&scope, move |tx| begin(tx, What::Contact(unknown))).await), "not_found");
    let other = house.workspace().await;
    let contact = furnished.people[1].contact;
    assert_eq!(code(house.vault.write(&other, move |tx| begin(tx, What::Contact(contact))).await), "not_found");
}

#[tokio::test]
async fn who_is_one_with_a_contact_gets_new_keys_too_also_if_split_off_meanwhile() {
    for splits in [false, true] {
        let house = House::open();
        let scope = house.workspace().await;
        let furnished = furnished::furnish(&house.vault, &scope).await;
        let [stays, merged, other] = furnished.people.map(|person| person.contact);
        let (merge, _) = house.does(&scope, move |tx| merges::merge(tx, stays, merged)).await;
        let before = house.sees(&scope, contents).await;
        let mut old = Vec::new();
        for contact in [stays, merged] {
            old.extend(house.sees(&scope, move |tx| keys_of(tx, What::Contact(contact))).await);
        }
        let others = house.sees(&scope, move |tx| keys_of(tx, What::Contact(other))).await;
        let id = house.does(&scope, move |tx| begin(tx, What::Contact(stays))).await;
        if splits {
            house.does(&scope, move |tx| merges::split(tx, stays, merge)).await;
        }
        finish(&house.vault, &house.clock, &scope, id).await;
        assert_eq!(house.sees(&scope, contents).await, before);
        let names = house.sees(&scope, named).await;
        for key in old {
            assert!(!names.contains(&key.to_string()) && !is_in_custody(&house.vault, &scope, key));
        }
        assert!(others.into_iter().all(|key| is_in_custody(&house.vault, &scope, key)), "nobody else's");
    }
}

#[tokio::test]
async fn only_who_manages_the_workspace_rotates() {
    let house = House::open();
    let scope = house.workspace().await;
    let roles = [
        ("o@example.org", Role::Owner, "no error"),
        ("a@example.org", Role::Admin, "no error"),
        ("g@example.org", Role::Agent, "forbidden"),
        ("p@example.org", Role::Privacy, "forbidden"),
        ("u@example.org", Role::Auditor, "forbidden"),
    ];
    for (email, role, expected) in roles {
        let (_, member) = house.member(&scope, email, role).await;
        assert_eq!(code(house.vault.write(&member, |tx| begin(tx, What::Evidence)).await), expected, "{role:?}");
        assert_eq!(code(house.vault.read(&member, |tx| list(tx, 5)).await), expected, "{role:?}");
    }
}

#[test]
fn words_are_read_back_and_a_contact_is_named_where_it_belongs() {
    let contact: ContactId = "con_01931c0e000070008000000000000001".parse().unwrap();
    for what in What::OF_A_WORKSPACE {
        assert_eq!(What::parse(what.as_str(), None).unwrap(), what);
        assert_eq!(code(What::parse(what.as_str(), Some(contact))), "invalid");
    }
    assert_eq!(What::parse("contact", Some(contact)).unwrap(), What::Contact(contact));
    for word in ["contact", "blind", "root", ""] {
        assert_eq!(code(What::parse(word, None)), "invalid");
    }
}

#[tokio::test]
async fn what_is_written_during_a_rotation_is_under_the_new_key() {
    let house = House::open();
    let scope = house.workspace().await;
    let old = house.sees(&scope, |tx| keys_of(tx, What::Content)).await;
    house.does(&scope, |tx| begin(tx, What::Content)).await;
    house.does(&scope, |tx| workspaces::rename(tx, &Personal::new("Konditorei".into()))).await;
    assert!(!house.sees(&scope, named).await.contains(&old[0].to_string()));
    assert_eq!(house.sees(&scope, workspaces::view).await.name.into_revealed(), "Konditorei");
}

#[tokio::test]
async fn another_node_that_knows_only_the_old_keys_follows() {
    let folder = tempfile::tempdir().unwrap();
    let open = |seed| furnished_open(folder.path(), seed);
    let (one, clock) = open(1);
    let workspace = one.create_workspace("eu", Personal::new("Nord".into())).await.unwrap();
    let scope = one.operator_scope(workspace).await.unwrap();
    furnished::furnish(&one, &scope).await;
    let (other, _) = open(2);
    let before = other.read(&scope, contents).await.unwrap();
    for what in What::OF_A_WORKSPACE {
        let id = one.write(&scope, move |tx| begin(tx, what)).await.unwrap();
        let new = crate::members::NewMember {
            email: Personal::new(format!("{}@example.org", what.as_str())),
            name: Personal::new("Bo".into()),
            role: Role::Agent,
            password_hash: None,
        };
        let member = other.write(&scope, move |tx| members::create(tx, &new)).await.unwrap();
        assert!(one.read(&scope, move |tx| members::view(tx, member)).await.is_ok());
        finish(&one, &clock, &scope, id).await;
        let after = other.read(&scope, contents).await.unwrap();
        assert!(before.iter().all(|(place, cell)| after.get(place) == Some(cell)), "{what:?}");
        // It makes contacts' keys ahead, under the newest workspace key.
        for _ in 0..300 {
            other.keys().draw(workspace).unwrap();
        }
    }
    let query = Query { text: "text-1".into(), limit: 5, ..Query::default() };
    assert_eq!(other.find_messages(&scope, query).await.unwrap().len(), 1);
    assert!(other.verify_audit(&scope).await.unwrap().is_sound());
}

#[tokio::test]
async fn what_two_workers_do_at_once_is_done_once() {
    let house = House::on_threads();
    let scope = house.workspace().await;
    furnished::furnish(&house.vault, &scope).await;
    for what in [What::Audit, What::Evidence, What::Workspace] {
        let id = house.does(&scope, move |tx| begin(tx, what)).await;
        loop {
            let step = || house.vault.rotation_step(&scope, id);
            let (one, other) = tokio::join!(step(), step());
            match (one.unwrap(), other.unwrap()) {
                (Some(Progress::Done), _) | (_, Some(Progress::Done)) => break,
                (Some(Progress::Waiting(until)), _) | (_, Some(Progress::Waiting(until))) => {
                    house.clock.advance((until - house.clock_now()).max(0));
                }
                (None, None) => {}
            }
        }
        assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.state, State::Done);
        let told = sql!("SELECT 1 FROM audit WHERE workspace_id = $1 AND act = 'keys.rotated' AND subject = $2");
        let told = house.sees(&scope, move |tx| tx.all(told, params![&id.to_string()], |_| Ok(()))).await;
        assert_eq!(told.len(), 1, "{what:?}");
    }
}

/// A vault on files, whose closures run at once.
pub(super) fn furnished_open(folder: &std::path::Path, seed: u64) -> (Vault, std::sync::Arc<StillClock>) {
    let clock = std::sync::Arc::new(StillClock::at(crate::testing::house::BEGIN));
    let opening = crate::Opening {
        data: Some(folder.to_owned()),
        database: None,
        custody: None,
        blobs: None,
        root: Box::new(crate::EnvRootKey::from_text(&"a".repeat(64)).unwrap()),
        clock: clock.clone(),
        chance: std::sync::Arc::new(crate::testing::SeededChance::new(seed)),
        sessions: crate::sign_in::SessionTerms::default(),
        inline: true,
    };
    (Vault::open(opening).unwrap(), clock)
}

#[tokio::test]
async fn the_audit_log_is_verified_across_its_keys_and_a_forged_one_is_not_believed() {
    let house = House::open();
    let scope = house.workspace().await;
    let act = |tx: &Tx<'_>| audit::record(tx, "contact.read", "con_1");
    for _ in 0..3 {
        house.does(&scope, act).await;
        house.vault.checkpoint_audit(&scope).await.unwrap().unwrap();
        rotate(&house, &scope, What::Audit).await;
    }
    house.does(&scope, act).await;
    house.vault.checkpoint_audit(&scope).await.unwrap().unwrap();
    let keys = house.vault.audit_keys(&scope).await.unwrap();
    assert_eq!(keys.iter().map(|key| key.generation).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let report = house.vault.verify_audit(&scope).await.unwrap();
    assert!(report.is_sound() && report.checkpoints == 4, "{report:?}");
    assert_eq!(report.public_key, keys[3].public_key);
    for (number, checkpoint) in house.vault.audit_checkpoints(&scope, 0, 10).await.unwrap().iter().enumerate() {
        let signers = keys.iter().filter(|key| checkpoint.is_signed_by(&key.public_key, scope.workspace()));
        assert_eq!(signers.map(|key| key.generation).collect::<Vec<_>>(), [i64::try_from(number).unwrap() + 1]);
    }
    house.vault.keys().tamper_with_custody("UPDATE audit_keys SET first_number = 3 WHERE generation = 4");
    let report = house.vault.verify_audit(&scope).await.unwrap();
    assert!(report.keys.len() == 3 && !report.is_sound(), "a key that was not handed over to is not believed");
}
