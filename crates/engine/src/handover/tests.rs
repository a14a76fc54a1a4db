//! While another app answers, nothing goes out from here; what comes to us and not in standby is ours again.

use connect::{Event, IdentityKind, Inbound, Person, PersonIdentity};
use vault::Millis;
use vault::outbox::Refusal;

use crate::stage::{Stage, draft, text};
use crate::{Error, compose};

fn anna() -> Person {
    let known = PersonIdentity { kind: IdentityKind::AccountScopedId, scope: "1".into(), value: "7".into() };
    Person { identities: vec![known], ..Person::default() }
}

fn says(stage: &Stage, remote: &str, standby: bool, at_ms: Millis) {
    let (remote, text) = (remote.to_owned(), Some(remote.to_owned()));
    let said = Inbound { remote, text, from: anna(), standby, at_ms, ..Inbound::default() };
    assert!(stage.changes(Event::Message(Box::new(said))));
}

fn answer(stage: &Stage, automatic: bool) -> Result<(), Option<Refusal>> {
    let conversation = stage.conversations()[0].id;
    let draft =
        compose::Draft { automatic, ..draft(conversation, vault::messages::Writer::Member(stage.agent.0), "yes") };
    stage.acts(move |tx| compose::send(tx, &draft)).map(drop).map_err(|error| match error {
        Error::Refused(refusal) => Some(refusal),
        _ => None,
    })
}

#[test]
fn who_answers_is_followed_in_the_order_of_time() {
    let stage = Stage::with("messenger");
    let now = stage.house.clock_now();
    let handed = |ours, at_ms| Event::Handed { with: anna(), thread: String::new(), ours, at_ms };
    assert!(!stage.changes(handed(false, now)), "of whom nobody knows nothing is kept");
    says(&stage, "1", false, now);
    assert_eq!(answer(&stage, false), Ok(()));
    assert!(stage.changes(handed(false, now + 10)));
    assert!(!stage.changes(handed(false, now + 10)), "told twice is told once");
    assert_eq!(answer(&stage, true), Err(Some(Refusal::Elsewhere)));
    assert!(!stage.changes(handed(true, now + 5)), "older news changes nothing");
    assert_eq!(answer(&stage, true), Err(Some(Refusal::Elsewhere)));
    assert_eq!(answer(&stage, false), Ok(()), "a member takes it");
    assert!(stage.changes(handed(true, now + 20)));
    assert_eq!(answer(&stage, false), Ok(()));
}

#[test]
fn what_comes_in_standby_is_shown_and_not_ours_to_answer() {
    let stage = Stage::with("messenger");
    let now = stage.house.clock_now();
    says(&stage, "1", true, now);
    let conversation = stage.conversations()[0].id;
    assert_eq!(text(&stage.said(conversation)[0]), Some("1"));
    assert_eq!(answer(&stage, true), Err(Some(Refusal::Elsewhere)));
    says(&stage, "2", false, now + 10);
    assert_eq!(answer(&stage, true), Ok(()));
}

#[test]
fn what_is_told_late_of_another_app_takes_nothing_back() {
    let stage = Stage::with("messenger");
    let now = stage.house.clock_now();
    says(&stage, "2", false, now + 10);
    says(&stage, "1", true, now);
    assert_eq!(answer(&stage, true), Ok(()), "it came to us since");
    says(&stage, "3", true, now + 20);
    assert_eq!(answer(&stage, true), Err(Some(Refusal::Elsewhere)));
}

#[test]
fn a_member_may_answer_for_a_week_and_nothing_else_longer_than_a_day() {
    const DAY: Millis = 24 * 3_600_000;
    let stage = Stage::with("messenger");
    says(&stage, "1", false, stage.house.clock_now());
    stage.house.clock.advance(DAY - 1_000);
    assert_eq!((answer(&stage, false), answer(&stage, true)), (Ok(()), Ok(())));
    stage.house.clock.advance(2_000);
    assert_eq!((answer(&stage, false), answer(&stage, true)), (Ok(()), Err(Some(Refusal::WindowClosed))));
    stage.house.clock.advance(6 * DAY - 2_000);
    assert_eq!(answer(&stage, false), Ok(()));
    stage.house.clock.advance(2_000);
    assert_eq!(answer(&stage, false), Err(Some(Refusal::WindowClosed)));
}
