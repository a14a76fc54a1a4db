//! One click ends advertising at once, on one channel, and nothing else.

use connect::{Event, IdentityKind, Inbound, Person};
use vault::consents::NewConsent;
use vault::messages::{Body, Direction, NewMessage, State, Writer};
use vault::outbox::{Act, Gate, NewOutbox, Verdict};
use vault::testing::house::at_once;
use vault::{ConversationId, MessageId, Personal, Tx, conversations, messages};

use super::*;
use crate::deliver;
use crate::stage::{Stage, known};

/// A conversation by mail with somebody who wants to be advertised to.
pub(crate) fn wanted() -> (Stage, ConversationId, ContactId) {
    let stage = Stage::with("email");
    let from = Person { identities: vec![known(IdentityKind::Email, "anna@example.org")], name: None, language: None };
    let text = Some("hello".to_owned());
    stage.hears(Event::Message(Box::new(Inbound {
        remote: "a1".into(),
        thread: "a1".into(),
        from,
        text,
        ..Inbound::default()
    })));
    let conversation = &stage.conversations()[0];
    let (id, contact) = (conversation.id, conversation.contact);
    let give = move |tx: &Tx<'_>| {
        let new = NewConsent {
            contact,
            purpose: PURPOSE.into(),
            channel: "any".into(),
            ground: "consent".into(),
            text_version: "1".into(),
            collected_by: "form".into(),
            text: None,
            evidence: None,
            given_at: tx.now(),
        };
        consents::give(tx, &new)
    };
    stage.acts(give).unwrap();
    stage.house.clock.advance(1);
    (stage, id, contact)
}

/// Something is ordered that advertises.
pub(crate) fn advertises(stage: &Stage, conversation: ConversationId) -> MessageId {
    let order = move |tx: &Tx<'_>| {
        let head = conversations::head(tx, conversation)?;
        let new = NewMessage {
            conversation,
            channel: head.channel,
            contact: head.contact,
            direction: Direction::Outgoing,
            writer: Writer::Automation,
            body: Personal::new(Body::text("Ten per cent off")),
            reply_to: None,
            state: State::Queued,
            written_at: tx.now(),
        };
        let (message, _) = messages::record(tx, &new)?;
        let gate = Gate { purpose: PURPOSE, ..Gate::reply(None) };
        let gate = outbox::pass(tx, head.channel, head.contact, gate)?.expect("they want it");
        let act = Act::Message;
        let row =
            NewOutbox { channel: head.channel, conversation, contact: head.contact, message, act, detail: None, gate };
        outbox::enqueue(tx, &row)?;
        Ok::<_, vault::Error>(message)
    };
    stage.acts(order).unwrap()
}

pub(crate) fn state(stage: &Stage, message: MessageId) -> (State, Option<String>) {
    stage.sees(move |tx| messages::head(tx, message).map(|head| (head.state, head.failure)))
}

fn unsubscribes(stage: &Stage, contact: ContactId) -> bool {
    let channel = stage.channel;
    stage.acts(move |tx| unsubscribe(tx, channel, contact)).unwrap()
}

#[test]
fn what_advertises_bears_a_ticket_by_which_advertising_ends() {
    let (stage, conversation, contact) = wanted();
    advertises(&stage, conversation);
    let row = stage.cleared();
    let out = stage.sees(move |tx| deliver::prepare(tx, &row)).unwrap();
    let good = at_once(stage.house.vault.unsubscribing(&out.unsubscribe.unwrap())).unwrap().unwrap();
    assert_eq!((good.channel, good.contact), (stage.channel, contact));
    let channel = stage.channel;
    assert!(at_once(stage.house.vault.write(&good.scope, move |tx| unsubscribe(tx, channel, contact))).unwrap());
}

#[test]
fn it_holds_at_once_for_all_that_waits_and_comes_and_for_nothing_else() {
    let (stage, conversation, contact) = wanted();
    let [under_way, waiting] = [advertises(&stage, conversation), advertises(&stage, conversation)];
    let reply = stage.answers(conversation, "a member's own words");
    let row = stage.cleared();
    assert_eq!(row.message, under_way);
    assert!(unsubscribes(&stage, contact));
    let refused = (State::Failed, Some("no_consent".to_owned()));
    assert_eq!(state(&stage, waiting), refused);
    let channel = stage.channel;
    let agreed = stage.sees(move |tx| {
        let gate = Gate { purpose: PURPOSE, ..Gate::reply(None) };
        outbox::check(tx, channel, contact, &gate)
    });
    assert_eq!(agreed, Some(Refusal::NoConsent));
    let receipt = Ok(connect::Receipt::Accepted { remotes: vec!["o1".into()], thread: None });
    stage.acts(move |tx| deliver::record(tx, &row, &receipt)).unwrap();
    assert_eq!(stage.cleared().message, reply);
}

#[test]
fn what_was_put_off_is_stopped_when_its_turn_comes() {
    let (stage, conversation, contact) = wanted();
    let message = advertises(&stage, conversation);
    let row = stage.cleared();
    assert!(unsubscribes(&stage, contact));
    let later = Err(connect::SendError::Retry("busy".into()));
    stage.acts(move |tx| deliver::record(tx, &row, &later)).unwrap();
    stage.house.clock.advance(60_000);
    assert!(matches!(stage.claims(), Verdict::Stopped(stopped, Refusal::NoConsent) if stopped == message));
}

#[test]
fn twice_is_once_and_the_erased_have_nothing_to_end() {
    let (stage, _, contact) = wanted();
    assert!(unsubscribes(&stage, contact));
    let told = |stage: &Stage| stage.sees(move |tx| consents::of(tx, contact)).len();
    let before = told(&stage);
    stage.house.clock.advance(5_000);
    assert!(!unsubscribes(&stage, contact));
    assert_eq!(told(&stage), before);
    let operator = stage.operator.clone();
    at_once(stage.house.vault.write(&operator, move |tx| vault::erase::begin(tx, contact))).unwrap();
    assert!(!unsubscribes(&stage, contact));
}

fn writes(stage: &Stage, remote: &str, text: &str) {
    let from = Person { identities: vec![known(IdentityKind::Email, "anna@example.org")], name: None, language: None };
    let (remote, text) = (remote.to_owned(), Some(text.to_owned()));
    stage.hears(Event::Message(Box::new(Inbound { thread: "a1".into(), from, text, remote, ..Inbound::default() })));
}

#[test]
fn a_word_alone_ends_advertising_where_the_provider_does_not_hear_it() {
    for (word, ends) in [("/stop", true), ("Disiscrivimi!", true), ("stop by at five", false), ("cancel", false)] {
        let (stage, conversation, contact) = wanted();
        let waiting = advertises(&stage, conversation);
        let reply = stage.answers(conversation, "a member's own words");
        writes(&stage, "a2", word);
        let refused = (State::Failed, Some("no_consent".to_owned()));
        assert_eq!(state(&stage, waiting) == refused, ends, "{word}");
        assert_eq!(state(&stage, reply).0, State::Queued, "{word}");
        assert_eq!(stage.sees(move |tx| consents::in_force(tx, contact, PURPOSE, "email")), !ends, "{word}");
    }
}

#[test]
fn who_has_agreed_to_nothing_ends_nothing() {
    let stage = Stage::with("email");
    writes(&stage, "a1", "stop");
    let contact = stage.conversations()[0].contact;
    assert!(stage.sees(move |tx| consents::of(tx, contact)).is_empty());
}
