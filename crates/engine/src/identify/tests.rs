//! The same person is the same contact, and nobody else is.

mod merged;

use connect::{IdentityKind, Person};
use vault::{ContactId, contacts};

use super::contact;
use crate::stage::{Stage, known, person};

fn meets(stage: &Stage, person: Person) -> ContactId {
    let channel = stage.channel;
    stage.acts(move |tx| contact(tx, channel, &person)).unwrap()
}

fn with(identities: &[(IdentityKind, &str)]) -> Person {
    let identities = identities.iter().map(|(kind, value)| known(*kind, value)).collect();
    Person { identities, ..Person::default() }
}

#[test]
fn any_of_the_identities_leads_to_the_person() {
    let stage = Stage::with("telegram");
    let ada = meets(&stage, with(&[(IdentityKind::TelegramId, "1"), (IdentityKind::Phone, "+491")]));
    assert_eq!(meets(&stage, with(&[(IdentityKind::TelegramId, "1")])), ada);
    assert_eq!(meets(&stage, with(&[(IdentityKind::Phone, "+491")])), ada);
    assert_ne!(meets(&stage, with(&[(IdentityKind::Phone, "+492")])), ada);
    let grown = with(&[(IdentityKind::Phone, "+491"), (IdentityKind::Email, "ada@example.org")]);
    assert_eq!(meets(&stage, grown), ada);
    assert_eq!(meets(&stage, with(&[(IdentityKind::Email, "ada@example.org")])), ada, "what was learnt identifies too");
    assert_eq!(stage.sees(move |tx| contacts::view(tx, ada)).identities.len(), 3);
}

#[test]
fn the_strongest_identity_decides() {
    let stage = Stage::with("telegram");
    let ada = meets(&stage, with(&[(IdentityKind::TelegramId, "1")]));
    let bob = meets(&stage, with(&[(IdentityKind::Phone, "+491")]));
    let both = with(&[(IdentityKind::TelegramId, "1"), (IdentityKind::Phone, "+491")]);
    assert_eq!(meets(&stage, both), ada);
    assert_eq!(meets(&stage, with(&[(IdentityKind::Phone, "+491")])), bob, "nobody's identity is taken away");
}

#[test]
fn a_user_name_identifies_nobody() {
    let stage = Stage::with("telegram");
    let name = (IdentityKind::TelegramUsername, "ada");
    let ada = meets(&stage, with(&[(IdentityKind::TelegramId, "1"), name]));
    let heir = meets(&stage, with(&[(IdentityKind::TelegramId, "2"), name]));
    assert_ne!(ada, heir);
    let shown = stage.sees(move |tx| contacts::view(tx, ada)).identities;
    assert!(shown.iter().any(|identity| identity.kind == "telegram_username"), "it is shown");
}

#[test]
fn a_number_that_passed_on_is_another_persons() {
    let stage = Stage::with("telegram");
    let (id, number) = (IdentityKind::WhatsappUserId, (IdentityKind::Phone, "+491"));
    let ada = meets(&stage, with(&[number]));
    assert_eq!(meets(&stage, with(&[(id, "DE.1"), number])), ada, "a number alone is as good as its id");
    let heir = meets(&stage, with(&[(id, "DE.2"), number]));
    assert_ne!(heir, ada);
    assert_eq!(meets(&stage, with(&[(id, "DE.1")])), ada);
    assert_eq!(meets(&stage, with(&[number])), heir, "the number went with it");
    assert_eq!(stage.sees(move |tx| contacts::view(tx, ada)).identities.len(), 1);
    let mut elsewhere = with(&[(id, "DE.3"), number]);
    elsewhere.identities[0].scope = "another".into();
    assert_eq!(meets(&stage, elsewhere), heir, "an id within another scope says nothing against it");
}

#[test]
fn an_id_is_found_within_any_of_its_scopes() {
    let stage = Stage::with("telegram");
    let within = |scopes: &[&str]| {
        let mut person = with(&vec![(IdentityKind::WhatsappUserId, "DE.1"); scopes.len()]);
        person.identities.iter_mut().zip(scopes).for_each(|(known, scope)| known.scope = (*scope).to_owned());
        person
    };
    let ada = meets(&stage, within(&["account"]));
    assert_eq!(meets(&stage, within(&["portfolio", "account"])), ada, "the portfolio was learned");
    assert_eq!(meets(&stage, within(&["portfolio", "another account"])), ada, "another channel of the portfolio");
    assert_eq!(meets(&stage, within(&["another account"])), ada);
    assert_ne!(meets(&stage, within(&["somebody else's"])), ada);
}

#[test]
fn an_id_of_the_channels_own_system_is_the_channels_own() {
    let stage = Stage::with("web");
    let other = vault::testing::house::at_once(stage.house.channel(&stage.operator, "web"));
    for kind in [IdentityKind::ExternalId, IdentityKind::WebVisitor] {
        let here = meets(&stage, with(&[(kind, "7")]));
        let person = with(&[(kind, "7")]);
        let there = stage.acts(move |tx| contact(tx, other, &person)).unwrap();
        assert_ne!(here, there, "{kind:?} filled with its channel");
        let person = with(&[(IdentityKind::Phone, "+491")]);
        let known = meets(&stage, person.clone());
        assert_eq!(
            stage.acts(move |tx| contact(tx, other, &person)).unwrap(),
            known,
            "a number is everywhere the same"
        );
    }
}

#[test]
fn a_claimed_address_is_not_the_proven_one() {
    let stage = Stage::with("web");
    let proven = meets(&stage, with(&[(IdentityKind::Email, "ada@example.org")]));
    let mut claim = with(&[(IdentityKind::Email, "ada@example.org")]);
    claim.identities[0].scope = "claimed".into();
    assert_ne!(meets(&stage, claim.clone()), proven);
    assert_eq!(meets(&stage, claim.clone()), meets(&stage, claim));
}

#[test]
fn a_name_that_a_member_has_corrected_stays() {
    let stage = Stage::with("telegram");
    let nameless = Person { name: None, ..person("1") };
    let ada = meets(&stage, nameless.clone());
    let name = |stage: &Stage| stage.sees(move |tx| contacts::name(tx, ada)).map(vault::Personal::into_revealed);
    assert_eq!(name(&stage), None);
    assert_eq!(meets(&stage, person("1")), ada);
    assert_eq!(name(&stage).as_deref(), Some("Name of 1"));
    meets(&stage, Person { name: Some("Other".into()), ..nameless });
    assert_eq!(name(&stage).as_deref(), Some("Name of 1"));
}
