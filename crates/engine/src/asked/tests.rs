//! A wish for deletion is met once, of whom we know; what a provider says of somebody is noted.

use connect::{Event, IdentityKind, Inbound, Person, PersonIdentity};
use vault::testing::house::at_once;

use crate::stage::Stage;

fn known(kind: IdentityKind, value: &str) -> PersonIdentity {
    PersonIdentity { kind, scope: "1".into(), value: value.into() }
}

fn of_page(value: &str) -> Person {
    Person { identities: vec![known(IdentityKind::AccountScopedId, value)], ..Person::default() }
}

fn asked(id: &str, code: &str) -> Event {
    let identities = vec![known(IdentityKind::AppScopedId, id), known(IdentityKind::AccountScopedId, id)];
    Event::ErasureAsked { from: Person { identities, ..Person::default() }, code: code.into(), at_ms: 1 }
}

fn stage() -> Stage {
    let stage = Stage::with("messenger");
    let said = Inbound { remote: "1".into(), text: Some("hello".into()), from: of_page("7"), ..Inbound::default() };
    assert!(stage.changes(Event::Message(Box::new(said))));
    stage
}

#[test]
fn what_the_provider_says_of_somebody_is_noted_and_changes_no_name() {
    let stage = stage();
    let (contact, channel) = (stage.conversations()[0].contact, stage.channel);
    let told = |name: &str| {
        let identities = vec![known(IdentityKind::AccountScopedId, "7"), known(IdentityKind::AppScopedId, "70")];
        let person = Person { identities, name: Some(name.into()), language: Some("it-IT".into()) };
        at_once(stage.house.vault.write(&stage.operator, move |tx| super::told(tx, channel, contact, &person)))
            .unwrap();
        let seen = stage.sees(move |tx| vault::contacts::view(tx, contact));
        seen.name.map(vault::Personal::into_revealed)
    };
    assert_eq!(told("Anna Rossi"), Some("Anna Rossi".to_owned()));
    assert_eq!(told("Another"), Some("Anna Rossi".to_owned()));
    assert_eq!(stage.sees(move |tx| vault::identities::of(tx, contact)).len(), 2);
    assert_eq!(stage.sees(move |tx| super::known_as(tx, contact)).len(), 1);
}

#[test]
fn a_wish_is_recorded_once_and_of_whom_nobody_knows_too() {
    let stage = stage();
    assert!(stage.changes(asked("7", "c1")));
    assert!(!stage.changes(asked("7", "c1")), "told twice it is one wish");
    assert!(stage.changes(asked("8", "c2")));
    let status = |code: &str| at_once(stage.house.vault.deletion_status(stage.channel, code.to_owned())).unwrap();
    assert_eq!(status("c1"), Some(vault::deletions::Status::Received));
    assert_eq!(status("c2"), Some(vault::deletions::Status::NothingHeld));
    assert_eq!(status("c3"), None);
}
