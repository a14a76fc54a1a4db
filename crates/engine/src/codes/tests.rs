//! Whose an address is, and by which channels a code can go there.

use connect::{Event, IdentityKind, Inbound, Person};
use vault::testing::house::at_once;

use super::*;
use crate::stage::{Stage, known};

fn hears(stage: &Stage, identities: Vec<PersonIdentity>) {
    let from = Person { identities, name: None, language: None };
    let (remote, text) = ("a1".to_owned(), Some("hello".to_owned()));
    stage.hears(Event::Message(Box::new(Inbound { thread: "a1".into(), remote, from, text, ..Inbound::default() })));
}

fn found(stage: &Stage, typed: &str) -> Vec<Way> {
    let typed = address(typed).unwrap();
    at_once(stage.house.vault.write(&stage.operator, move |tx| ways(tx, &typed))).unwrap()
}

#[test]
fn an_address_is_one_however_it_is_typed() {
    for (typed, one) in [
        (" Anna@Example.ORG ", "anna@example.org"),
        ("0039 02 123-4567", "+39021234567"),
        ("+39 (02) 1234567", "+39021234567"),
        ("@Anna_L", "@anna_l"),
    ] {
        assert_eq!(address(typed).unwrap().reveal(), one);
    }
    for wrong in ["", "Anna", "@", "@a", "@a b", "@<b>", "021234567", "anna@", "a@b@c", "+39 x", "anna@example.org\0"] {
        assert!(address(wrong).is_none(), "{wrong}");
    }
    assert!(address(&format!("@{}", "a".repeat(65))).is_none());
}

#[test]
fn a_code_goes_by_mail_to_the_address_that_was_told() {
    let stage = Stage::with("email");
    let (one, other) = (known(IdentityKind::Email, "anna@example.org"), known(IdentityKind::Email, "a@work.example"));
    hears(&stage, vec![one, other]);
    let ways = found(&stage, "A@Work.example");
    assert_eq!(ways.len(), 1);
    assert_eq!((ways[0].channel, ways[0].to.identities[0].value.as_str()), (stage.channel, "a@work.example"));
    assert!(ways[0].to.thread.is_none(), "a thread may be one with others");
    let way = ways[0].clone();
    let act = move |tx: &Tx<'_>| Ok::<_, vault::Error>(outgoing(tx, &way, "Your code", "12345678".into()));
    let sent = at_once(stage.house.vault.write(&stage.operator, act)).unwrap();
    assert!(sent.automatic && sent.titled && sent.subject == "Your code" && sent.before.is_empty());
    assert!(found(&stage, "nobody@example.org").is_empty() && found(&stage, "+39021234567").is_empty());
    let channel = stage.channel;
    at_once(stage.house.vault.write(&stage.operator, move |tx| channels::disconnect(tx, channel))).unwrap();
    assert!(found(&stage, "anna@example.org").is_empty(), "nothing goes by a channel that is off");
}

#[test]
fn where_the_window_has_closed_another_channel_takes_the_code() {
    let stage = Stage::with("whatsapp");
    hears(&stage, vec![known(IdentityKind::Phone, "+39021234567")]);
    assert_eq!(found(&stage, "+39 02 1234567").len(), 1);
    stage.house.clock.advance(25 * 3_600_000);
    assert!(found(&stage, "+39 02 1234567").is_empty(), "only the contact can open it again");
    let texts = at_once(stage.house.channel(&stage.operator, "sms_twilio"));
    let contact = stage.conversations()[0].contact;
    at_once(stage.house.vault.write(&stage.operator, move |tx| conversations::open(tx, texts, contact, None))).unwrap();
    let ways = found(&stage, "+39 02 1234567");
    assert_eq!(ways.iter().map(|way| way.channel).collect::<Vec<_>>(), [texts]);
}

#[test]
fn whoever_never_wrote_is_reached_by_mail_alone() {
    let stage = Stage::with("email");
    let channel = stage.channel;
    let act = move |tx: &Tx<'_>| {
        let contact = contacts::create(tx, &contacts::Profile::default())?;
        for (kind, value) in [("email", "anna@example.org"), ("phone", "+39021234567")] {
            let identity = NewIdentity { kind: kind.into(), scope: String::new(), value: Personal::new(value.into()) };
            identities::add(tx, contact, channel, &identity)?;
        }
        Ok::<_, vault::Error>(())
    };
    at_once(stage.house.vault.write(&stage.operator, act)).unwrap();
    assert_eq!(found(&stage, "anna@example.org").len(), 1);
    assert!(found(&stage, "+39021234567").is_empty());
}

#[test]
fn what_the_provider_tells_of_a_code_is_not_kept() {
    let stage = Stage::with("telegram");
    let before = [known(IdentityKind::TelegramId, "7"), known(IdentityKind::TelegramUsername, "anna")];
    hears(&stage, before.to_vec());
    let way = found(&stage, "@Anna").remove(0);
    let note = move |tx: &Tx<'_>| sent(tx, &way, &["c1".to_owned()]);
    at_once(stage.house.vault.write(&stage.operator, note)).unwrap();
    let from = Person { identities: before.to_vec(), name: None, language: None };
    let (remote, text) = ("c1".to_owned(), Some("12345678 is your code".to_owned()));
    let echo = Inbound { thread: "a1".into(), remote, from, text, ..Inbound::default() };
    assert!(!stage.changes(Event::Echo(connect::Echo::Wrote(Box::new(echo)))));
}
