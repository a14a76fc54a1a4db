//! No input makes a connector panic, and what it answers can be stored and counted.

use std::sync::LazyLock;

use connect::{Echo, Event, Inbound, Verified};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::{Received, received};
use crate::worlds::{World, worlds};

/// What the sealed inbox would hand back.
fn inbox(subject: &str, body: &[u8]) -> Verified {
    let length = u32::try_from(subject.len()).expect("short").to_be_bytes();
    Verified::from_inbox(&[&length, subject.as_bytes(), body].concat()).expect("well formed")
}

fn parse_all(body: &[u8]) {
    for world in worlds() {
        for subject in ["", "v1", "user:u"] {
            parse(&world, subject, body);
        }
    }
}

fn parse(world: &World, subject: &str, body: &[u8]) {
    let events = world.connector.parse(&inbox(subject, body));
    assert!(!events.is_empty() || body.windows(6).any(|window| window == b"events"));
    events.iter().for_each(storable);
}

fn storable(event: &Event) {
    assert!(without_nul(&serde_json::to_value(event).expect("events are JSON")));
    match event {
        Event::Unknown { kind } => {
            let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            assert!(!kind.is_empty() && kind.len() <= 64 && kind.chars().all(sound));
        }
        Event::Message(message)
        | Event::Edited(message)
        | Event::Chosen { message, .. }
        | Event::Echo(Echo::Wrote(message) | Echo::Edited(message)) => complete(message),
        Event::Removed { remotes, .. } => assert!(!remotes.is_empty()),
        _ => {}
    }
}

fn without_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(without_nul),
        Value::Object(fields) => fields.values().all(without_nul),
        _ => true,
    }
}

fn complete(message: &Inbound) {
    assert!(!message.remote.is_empty() && !message.from.identities.is_empty());
    assert!(message.at_ms >= 0);
}

/// What is read of each fixture: the body, or where a mail came what is kept of it.
fn kept(world: &World) -> Vec<Vec<u8>> {
    let of = |received: Received| {
        if !world.is_asked() {
            return vec![received.body];
        }
        world.heard(None, &received.body).iter().map(|kept| kept.body().to_vec()).collect()
    };
    received(world.kind()).into_iter().flat_map(of).collect()
}

/// The mails themselves.
fn mails() -> Vec<Vec<u8>> {
    let asked = worlds().into_iter().filter(World::is_asked);
    asked.flat_map(|world| received(world.kind())).map(|received| received.body).collect()
}

/// The bodies of all fixtures of all kinds: each connector also reads what was meant for another.
fn bodies() -> &'static [Vec<u8>] {
    static BODIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| worlds().iter().flat_map(kept).chain(mails()).collect());
    &BODIES
}

/// Replaces the `at`-th value of a document (counted depth first).
fn swap(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
        *at = usize::MAX;
        return;
    }
    *at = at.saturating_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| swap(item, at, with)),
        Value::Object(fields) => fields.values_mut().for_each(|item| swap(item, at, with)),
        _ => {}
    }
}

fn odd_values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[[[{"id": {"id": []}}]]]])),
        Just(json!("\u{0}:@..")),
        Just(json!(i64::MIN)),
    ]
}

#[test]
fn fixtures_of_all_kinds_are_read_by_all() {
    for body in bodies() {
        parse_all(body);
    }
}

#[test]
fn every_value_of_every_fixture_may_be_of_another_type() {
    let odd = [json!(null), json!(-1), json!("x"), json!([]), json!({}), json!([null]), json!(1.5e300)];
    for world in worlds() {
        let bodies = kept(&world).into_iter();
        for whole in bodies.filter_map(|body| serde_json::from_slice::<Value>(&body).ok()) {
            for with in &odd {
                for index in 0..60 {
                    let (mut changed, mut at) = (whole.clone(), index);
                    swap(&mut changed, &mut at, with);
                    // What was replaced leaves a number near the largest: else there were fewer values.
                    if at < 60 {
                        break;
                    }
                    parse(&world, "v1", changed.to_string().as_bytes());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn cut_short(index in any::<prop::sample::Index>(), share in 0.0..1.0f64) {
        let bodies = bodies();
        let body = index.get(bodies);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a length")]
        parse_all(&body[..(body.len() as f64 * share) as usize]);
    }

    #[test]
    fn with_other_values(index in any::<prop::sample::Index>(), swaps in prop::collection::vec((0usize..80, odd_values()), 1..5)) {
        let bodies = bodies();
        if let Ok(mut value) = serde_json::from_slice::<Value>(index.get::<Vec<u8>>(bodies)) {
            for (mut at, with) in swaps {
                swap(&mut value, &mut at, &with);
            }
            parse_all(value.to_string().as_bytes());
        }
    }

    #[test]
    fn with_other_bytes(index in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let bodies = bodies();
        let mut body = index.get(bodies).clone();
        for (at, byte) in changes {
            *at.get_mut(&mut body) = byte;
        }
        parse_all(&body);
    }

    #[test]
    fn of_random_bytes(body in prop::collection::vec(any::<u8>(), 0..400)) {
        parse_all(&body);
    }

    #[test]
    fn nested(depth in 0usize..400, open in prop_oneof![Just("["), Just("{\"message\":"), Just("{\"events\":["), Just("{\"data\":")]) {
        parse_all(open.repeat(depth).as_bytes());
        let close: String = open.chars().rev().filter_map(|c| match c { '[' => Some(']'), '{' => Some('}'), _ => None }).collect();
        parse_all(format!("{}1{}", open.repeat(depth), close.repeat(depth)).as_bytes());
    }

    #[test]
    fn an_inbox_row_is_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(verified) = Verified::from_inbox(&bytes) {
            prop_assert!(verified.subject().is_none_or(|subject| !subject.is_empty()));
        }
    }
}
