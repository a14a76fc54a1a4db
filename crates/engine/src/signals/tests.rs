//! What a provider says of all messages until a moment.

use connect::{Event, IdentityKind, Inbound, Person, PersonIdentity};
use vault::messages::{self, State};
use vault::testing::house::at_once;
use vault::{MessageId, Millis};

use crate::stage::Stage;

fn anna() -> Person {
    let known = PersonIdentity { kind: IdentityKind::AccountScopedId, scope: "1".into(), value: "7".into() };
    Person { identities: vec![known], ..Person::default() }
}

fn reached(state: &str, up_to_ms: Millis) -> Event {
    Event::Reached { from: anna(), thread: String::new(), state: state.into(), up_to_ms }
}

fn stage() -> Stage {
    let stage = Stage::with("messenger");
    let said = Inbound { remote: "1".into(), text: Some("hello".into()), from: anna(), ..Inbound::default() };
    assert!(stage.changes(Event::Message(Box::new(said))));
    stage
}

/// The agent answers and the provider has it, a second later.
fn sent(stage: &Stage) -> MessageId {
    let conversation = stage.conversations()[0].id;
    let message = stage.answers(conversation, "yes");
    stage.house.clock.advance(1_000);
    advance(stage, message, State::Sent);
    message
}

fn advance(stage: &Stage, message: MessageId, to: State) {
    let at = stage.house.clock_now();
    let moved = stage.house.vault.write(&stage.operator, move |tx| messages::advance(tx, message, to, at, None));
    assert!(at_once(moved).unwrap());
}

fn states(stage: &Stage, of: &[MessageId]) -> Vec<State> {
    let read = |message: &MessageId| {
        let message = *message;
        stage.sees(move |tx| Ok(messages::head(tx, message)?.state))
    };
    of.iter().map(read).collect()
}

#[test]
fn all_until_a_moment_and_nothing_after_it_moves_and_only_forward() {
    let stage = stage();
    let (first, second) = (sent(&stage), sent(&stage));
    let until = stage.house.clock_now();
    stage.house.clock.advance(60_000);
    let third = sent(&stage);
    let all = [first, second, third];
    assert!(stage.changes(reached("delivered", until)));
    assert_eq!(states(&stage, &all), [State::Delivered, State::Delivered, State::Sent]);
    assert!(!stage.changes(reached("delivered", until)), "told twice is told once");
    assert!(stage.changes(reached("read", until)));
    assert_eq!(states(&stage, &all), [State::Read, State::Read, State::Sent]);
    assert!(!stage.changes(reached("delivered", until)), "no state comes back");
    assert!(stage.changes(reached("read", stage.house.clock_now())));
    assert_eq!(states(&stage, &all), [State::Read; 3]);
    assert!(!stage.changes(reached("sent", stage.house.clock_now())), "no such news is known");
}

#[test]
fn what_was_queued_or_written_before_and_sent_long_after_is_not_meant() {
    let stage = stage();
    let conversation = stage.conversations()[0].id;
    let waits = stage.answers(conversation, "waits");
    let until = stage.house.clock_now() + 1;
    stage.house.clock.advance(60_000);
    assert!(!stage.changes(reached("read", until)));
    assert_eq!(states(&stage, &[waits]), [State::Queued]);
    advance(&stage, waits, State::Sent);
    assert!(!stage.changes(reached("read", until)));
    assert_eq!(states(&stage, &[waits]), [State::Sent]);
}

#[test]
fn more_than_are_looked_at_together_are_all_moved() {
    let stage = stage();
    let all: Vec<_> = (0..205).map(|_| sent(&stage)).collect();
    assert!(stage.changes(reached("read", stage.house.clock_now())));
    assert!(states(&stage, &all).iter().all(|state| *state == State::Read));
}

#[test]
fn a_start_that_comes_late_does_not_lift_a_later_stop() {
    let stage = stage();
    let (channel, contact) = (stage.channel, stage.conversations()[0].contact);
    let opted = |accepts: bool, at_ms: Millis| stage.changes(Event::Opted { from: anna(), accepts, at_ms });
    let stands = || stage.sees(move |tx| vault::suppressions::stands(tx, channel, contact));
    let begin = stage.house.clock_now();
    stage.house.clock.advance(60_000);
    assert!(opted(false, begin + 20_000));
    assert!(!opted(true, begin + 10_000) && stands(), "it was said before the STOP");
    assert!(opted(true, begin + 30_000));
    assert!(!opted(false, begin + 20_000) && !stands(), "the same STOP once more");
    // Who does not say when said it when we heard it: before what came meanwhile, though it is looked at after that.
    assert!(opted(false, begin + 50_000));
    stage.hears_late(begin + 40_000, Event::Opted { from: anna(), accepts: true, at_ms: 0 });
    assert!(stands());
    assert!(opted(true, 0) && !stands());
}

#[test]
fn who_writes_lifts_what_the_provider_said_and_not_what_they_said_themselves() {
    use vault::suppressions::{self, PROVIDER};
    let known = || PersonIdentity { kind: IdentityKind::TelegramId, scope: String::new(), value: "7".into() };
    let person = move || Person { identities: vec![known()], ..Person::default() };
    let said = move |remote: &str, at_ms| {
        let inbound =
            Inbound { remote: remote.into(), text: Some("hi".into()), from: person(), at_ms, ..Inbound::default() };
        Event::Message(Box::new(inbound))
    };
    for (kind, reason, lifts) in
        [("telegram", PROVIDER, true), ("telegram", "contact", false), ("api", PROVIDER, false)]
    {
        let stage = Stage::with(kind);
        assert!(stage.changes(said("1", 0)));
        let (channel, contact) = (stage.channel, stage.conversations()[0].contact);
        let stands = || stage.sees(move |tx| suppressions::stands(tx, channel, contact));
        stage.house.clock.advance(60_000);
        let refused = stage.house.clock_now();
        stage
            .acts(move |tx| {
                let whose = crate::identify::lasting_of(tx, contact)?;
                suppressions::told(tx, channel, &whose, (false, reason), refused)
            })
            .unwrap();
        stage.house.clock.advance(60_000);
        assert!(stage.changes(said("2", refused - 10_000)) && stands(), "{kind}: it was written before");
        assert!(stage.changes(said("3", refused + 10_000)));
        assert_eq!(!stands(), lifts, "{kind} {reason}");
    }
}
