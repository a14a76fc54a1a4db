//! What may be at the provider already is not sent twice: neither a part of which nothing was heard, nor what was tried so long
//! ago that a repetition is not known there any more.

use connect::{Event, IdentityKind, Inbound, Person, PersonIdentity, Receipt, SendError, StatusChange};
use vault::outbox::OutboxRow;
use vault::{ConversationId, MessageId, remotes};

use super::{came, failed, state};
use crate::compose;
use crate::deliver::{Outcome, is_past_repeating};
use crate::stage::{LEASE, Stage};

const HOUR_MS: i64 = 3_600_000;

/// A conversation on a channel whose provider echoes what is sent, with one answer that waits.
fn answered(kind: &'static str) -> (Stage, ConversationId, MessageId) {
    let stage = Stage::with(kind);
    let known = PersonIdentity { kind: IdentityKind::AccountScopedId, scope: "1".into(), value: "7".into() };
    let from = Person { identities: vec![known], ..Person::default() };
    let said = Inbound { remote: "1".into(), text: Some("hello".into()), from, ..Inbound::default() };
    assert!(stage.changes(Event::Message(Box::new(said))));
    let conversation = stage.conversations()[0].id;
    let id = stage.answers(conversation, "three files");
    (stage, conversation, id)
}

fn echo(stage: &Stage, of: MessageId, remote: &str, part: usize) -> Event {
    let (remote, ours, part) = (Some(remote.to_owned()), Some(of.to_string()), Some(part));
    let at_ms = stage.house.clock_now();
    Event::Status(StatusChange { remote, ours, part, state: "sent".into(), at_ms, ..StatusChange::default() })
}

fn partly(remotes: &[&str]) -> Receipt {
    let remotes = remotes.iter().map(|remote| (*remote).to_owned()).collect();
    Receipt::Partly { remotes, code: "partly_sent".into(), why: "One, and perhaps another.".into() }
}

#[test]
fn a_part_of_which_nothing_was_heard_is_not_sent_again_when_its_echo_comes() {
    let (stage, _, id) = answered("messenger");
    let row = stage.cleared();
    assert_eq!(came(&stage, &row, Ok(partly(&["m1"]))), Outcome::Failed);
    assert!(stage.changes(echo(&stage, id, "m2", 2)), "the second of three is there after all");
    assert_eq!(state(&stage, id), failed("partly_sent"), "of all of it that says nothing");
    let channel = stage.channel;
    assert_eq!(stage.sees(move |tx| remotes::find(tx, channel, "m2")), Some(id));
    stage.acts(move |tx| compose::retry(tx, id)).unwrap();
    stage.house.clock.advance(60_001);
    assert_eq!(stage.cleared().begun, 2, "it goes on with the third");
}

#[test]
fn who_sends_the_rest_waits_for_the_echo_that_may_still_come() {
    let (stage, _, id) = answered("messenger");
    let row = stage.cleared();
    came(&stage, &row, Ok(partly(&["m1"])));
    stage.house.clock.advance(1_000);
    stage.acts(move |tx| compose::retry(tx, id)).unwrap();
    assert!(stage.is_idle(), "a member who is quicker than the echo doubles nothing");
    assert!(stage.changes(echo(&stage, id, "m2", 2)));
    stage.house.clock.advance(60_000);
    assert_eq!(stage.cleared().begun, 2);
}

#[test]
fn an_echo_that_is_known_counts_once() {
    let (stage, _, id) = answered("messenger");
    let row = stage.cleared();
    let begun = Receipt::Begun { remotes: vec!["m1".into()], parts: 1, then: SendError::Retry("full".into()) };
    assert_eq!(came(&stage, &row, Ok(begun)), Outcome::Later);
    assert!(!stage.changes(echo(&stage, id, "m1", 1)), "it was known");
    stage.house.clock.advance(LEASE);
    assert_eq!(stage.cleared().begun, 1);
}

/// What a worker holds, put off in doubt again and again until so long after the first try.
fn doubted(stage: &Stage, after_ms: i64) -> OutboxRow {
    let row = stage.cleared().doubted();
    came(stage, &row, Err(SendError::Retry("the reply was lost".into())));
    stage.house.clock.advance(after_ms);
    (*stage.cleared()).clone()
}

#[test]
fn what_was_tried_too_long_ago_is_not_repeated() {
    let telnyx = connect::channels::by_kind("sms_telnyx").unwrap();
    let always = connect::channels::by_kind("api").unwrap();
    for (hours, past) in [(1, false), (22, false), (23, true), (30, true)] {
        let (stage, ..) = answered("messenger");
        let row = doubted(&stage, hours * HOUR_MS);
        let now = stage.house.clock_now();
        assert_eq!(is_past_repeating(&row, telnyx, now), past, "after {hours} hours");
        assert!(!is_past_repeating(&row, always, now), "who knows a repetition for good is asked");
    }
    // What was certainly not sent was never tried as far as that goes.
    let (stage, ..) = answered("messenger");
    let row = stage.cleared();
    came(&stage, &row, Err(SendError::Retry("not now".into())));
    stage.house.clock.advance(23 * HOUR_MS);
    assert!(!is_past_repeating(&stage.cleared(), telnyx, stage.house.clock_now()));
}
