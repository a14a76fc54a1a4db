//! One hook for many accounts: nothing of another account is kept, all of ours is, once and in order, whatever comes together.

use std::ops::Range;
use std::sync::LazyLock;

use connect::{Account, Answer, Event, Raw, Secret, Verified};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::received;
use crate::worlds::{World, ctx, hub_signature, worlds};

const NUMBER: &str = "106540352242922";
const BUSINESS: &str = "102290129340398";
/// Items that a part may hold.
const ITEMS: usize = 50;

/// The bodies of all fixtures.
fn bodies() -> &'static [Vec<u8>] {
    static BODIES: LazyLock<Vec<Vec<u8>>> =
        LazyLock::new(|| received("whatsapp").into_iter().map(|received| received.body).collect());
    &BODIES
}

/// All entries of all fixtures.
fn entries() -> &'static [Value] {
    static ENTRIES: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let entries = |body: Value| body["entry"].as_array().cloned().unwrap_or_default();
        bodies().iter().filter_map(|body| serde_json::from_slice(body).ok()).flat_map(entries).collect()
    });
    &ENTRIES
}

fn whatsapp() -> World {
    worlds().into_iter().find(|world| world.kind() == "whatsapp").expect("a kind with many accounts behind one hook")
}

fn verified(world: &World, delivery: &Value) -> Verified {
    let raw = world.request(None, delivery.to_string().as_bytes());
    world.connector.verify(&ctx(), &raw, &world.account).expect("proven")
}

/// One change as it may come: of which business account and number, and how much.
#[derive(Debug, Clone)]
enum Change {
    Messages { business: bool, number: Option<bool>, messages: usize, statuses: usize },
    Template { business: bool },
    Quality { business: bool, number: bool },
}

impl Change {
    fn own(&self) -> bool {
        match self {
            // A number is a number, whatever business account its entry names.
            Self::Messages { number, .. } => *number == Some(true),
            Self::Template { business } => *business,
            Self::Quality { business, number } => *business && *number,
        }
    }

    /// As JSON, its items named after `names`.
    fn entry(&self, names: Range<usize>) -> Value {
        let mark = if self.own() { "OWN" } else { "ALIEN" };
        let name = |number: usize| format!("{mark}-{number}");
        let (business, field, value) = match self {
            Self::Messages { business, number, messages, .. } => {
                let (texts, statuses) = (names.start..names.start + messages, names.start + messages..names.end);
                let message = |at| {
                    json!({"from": format!("3933300{at:05}"), "id": name(at), "timestamp": "1", "type": "text",
                        "text": {"body": name(at)}})
                };
                let contact = |at| json!({"wa_id": format!("3933300{at:05}"), "profile": {"name": name(at)}});
                let status = |at| json!({"id": name(at), "status": "read", "timestamp": "1"});
                let mut value = json!({"messaging_product": "whatsapp", "messages": texts.clone().map(message).collect::<Vec<_>>(),
                    "contacts": texts.map(contact).collect::<Vec<_>>(), "statuses": statuses.map(status).collect::<Vec<_>>()});
                if let Some(own) = number {
                    value["metadata"] = json!({"phone_number_id": if *own { NUMBER } else { "999" }});
                }
                (business, "messages", value)
            }
            Self::Template { business } => {
                let name = name(names.start);
                let value =
                    json!({"event": "APPROVED", "message_template_name": name, "message_template_language": "it"});
                (business, "message_template_status_update", value)
            }
            Self::Quality { business, number } => {
                let number = if *number { "+1 555-078-3881" } else { "15550001111" };
                (
                    business,
                    "phone_number_quality_update",
                    json!({"event": "FLAGGED", "display_phone_number": number, "x": name(names.start)}),
                )
            }
        };
        json!({"id": if *business { BUSINESS } else { "888" }, "changes": [{"field": field, "value": value}]})
    }

    fn items(&self) -> usize {
        match self {
            Self::Messages { messages, statuses, .. } => messages + statuses,
            Self::Template { .. } | Self::Quality { .. } => 1,
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let messages = (any::<bool>(), prop::option::weighted(0.9, any::<bool>()), 0..130usize, 0..70usize);
    prop_oneof![
        4 => messages.prop_map(|(business, number, messages, statuses)| Change::Messages { business, number, messages, statuses }),
        1 => any::<bool>().prop_map(|business| Change::Template { business }),
        1 => any::<(bool, bool)>().prop_map(|(business, number)| Change::Quality { business, number }),
    ]
}

/// A delivery of these changes, and the names of what is ours in it, in order.
fn delivery(changes: &[Change]) -> (Value, Vec<String>) {
    let (mut entries, mut own, mut next) = (Vec::new(), Vec::new(), 0);
    for change in changes {
        let names = next..next + change.items();
        next = names.end;
        entries.push(change.entry(names.clone()));
        match change {
            Change::Quality { .. } if change.own() => own.push("quality_low".to_owned()),
            _ if change.own() => own.extend(names.map(|number| format!("OWN-{number}"))),
            _ => {}
        }
    }
    (json!({"object": "whatsapp_business_account", "entry": entries}), own)
}

fn name(event: &Event) -> Option<String> {
    match event {
        Event::Message(message) => {
            assert_eq!(message.from.name.as_ref(), Some(&message.remote), "each has the name of its own contact");
            Some(message.remote.clone())
        }
        Event::Status(status) => status.remote.clone(),
        Event::Template(template) => Some(template.name.clone()),
        Event::Account(news) => Some(news.code.clone()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_delivery_is_cut_to_our_own(changes in prop::collection::vec(change(), 0..6)) {
        let world = whatsapp();
        let (delivery, own) = delivery(&changes);
        let whole = verified(&world, &delivery);
        prop_assert!(!String::from_utf8_lossy(whole.body()).contains("ALIEN"));
        let keep = world.connector.answer(&whole).keep;
        let parts = world.connector.parts(whole);
        // A change of ours with nothing in it may be kept; nothing of ours must be nothing kept.
        prop_assert_eq!(keep, changes.iter().any(Change::own));
        prop_assert_eq!(keep, !parts.is_empty());
        let mut found = Vec::new();
        for part in &parts {
            prop_assert!(!String::from_utf8_lossy(part.body()).contains("ALIEN"));
            let events = world.connector.parse(part);
            prop_assert!(events.len() <= ITEMS);
            found.extend(events.iter().filter_map(name));
        }
        prop_assert_eq!(found, own);
    }

    #[test]
    fn shuffled_and_repeated_changes_are_the_same_events(order in prop::collection::vec(any::<prop::sample::Index>(), 1..120)) {
        let world = whatsapp();
        let chosen: Vec<Value> = order.iter().map(|index| index.get(entries()).clone()).collect();
        let alone = |entry: &Value| {
            let one = verified(&world, &json!({"object": "whatsapp_business_account", "entry": [entry]}));
            // What is not ours makes no part, and so no event either.
            world.connector.parts(one).iter().flat_map(|part| world.connector.parse(part)).collect::<Vec<_>>()
        };
        let expected: Vec<Event> = chosen.iter().flat_map(alone).collect();
        let together = verified(&world, &json!({"object": "whatsapp_business_account", "entry": chosen}));
        let found: Vec<Event> = world.connector.parts(together).iter().flat_map(|part| world.connector.parse(part)).collect();
        prop_assert!(found == expected);
    }

    #[test]
    fn whatever_is_signed_is_cut(index in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8)) {
        let world = whatsapp();
        let mut body = index.get(bodies()).clone();
        for (at, byte) in changes {
            *at.get_mut(&mut body) = byte;
        }
        if let Ok(verified) = world.connector.verify(&ctx(), &world.request(None, &body), &world.account) {
            world.connector.addressed(&world.request(None, &body));
            let parts = world.connector.parts(verified.clone());
            prop_assert_eq!(world.connector.answer(&verified).keep, !parts.is_empty());
            prop_assert!(parts.iter().all(|part| !world.connector.parse(part).is_empty()));
        }
    }
}

#[test]
fn both_accounts_of_a_mixed_delivery_get_their_own() {
    let ours = whatsapp();
    let mut theirs = whatsapp();
    theirs.account = Account { channel: "chn_2".to_owned(), ..theirs.account };
    theirs.account.settings.insert("phone_number_id".to_owned(), "999".to_owned());
    theirs.account.settings.insert("business_account_id".to_owned(), "888".to_owned());
    let of = |number, messages| Change::Messages { business: number, number: Some(number), messages, statuses: 1 };
    let (delivery, _) = delivery(&[of(true, 2), of(false, 3), Change::Template { business: false }]);
    let raw = ours.request(None, delivery.to_string().as_bytes());
    assert_eq!(ours.connector.addressed(&raw), [BUSINESS, "888"]);
    let (own, other) = (verified(&ours, &delivery), verified(&theirs, &delivery));
    assert_eq!((ours.connector.parse(&own).len(), theirs.connector.parse(&other).len()), (3, 5));
    assert!(!String::from_utf8_lossy(other.body()).contains("OWN"));
    // Another app's secret verifies nothing, even for the account that is named.
    theirs.account.secrets.insert("app_secret".to_owned(), Secret::new("another"));
    assert!(theirs.connector.verify(&ctx(), &raw, &theirs.account).is_err());
}

#[test]
fn a_delivery_for_nobody_here_is_answered_and_not_kept() {
    let world = whatsapp();
    let (delivery, _) =
        delivery(&[Change::Messages { business: false, number: Some(false), messages: 3, statuses: 3 }]);
    let verified = verified(&world, &delivery);
    assert_eq!(world.connector.answer(&verified), Answer { keep: false, ..Answer::ok() });
    assert!(world.connector.parts(verified).is_empty());
}

#[test]
fn an_account_without_ids_has_nothing() {
    let mut world = whatsapp();
    world.account.settings.clear();
    let entry = |id: &str, metadata: Value| {
        json!({"id": id, "changes": [{"field": "messages", "value": {"metadata": metadata, "messages": [{"id": "m", "from": "1"}]}},
            {"field": "message_template_status_update", "value": {"event": "APPROVED"}}]})
    };
    let delivery = json!({"entry": [entry("", json!({"phone_number_id": ""})), entry("0", json!(null))]});
    assert!(world.connector.parts(verified(&world, &delivery)).is_empty());
}

#[test]
fn a_thousand_messages_are_twenty_parts() {
    let world = whatsapp();
    let (delivery, own) =
        delivery(&[Change::Messages { business: true, number: Some(true), messages: 1000, statuses: 0 }]);
    let parts = world.connector.parts(verified(&world, &delivery));
    assert_eq!(parts.len(), 20);
    let whole = delivery.to_string().len();
    let kept: usize = parts.iter().map(|part| part.body().len()).sum();
    assert!(kept < whole + 20 * 500, "contacts go with their own messages alone: {kept} of {whole}");
    assert_eq!(
        parts.iter().flat_map(|part| world.connector.parse(part)).filter_map(|event| name(&event)).collect::<Vec<_>>(),
        own
    );
}

#[test]
fn the_handshake_is_answered_and_not_kept() {
    let world = whatsapp();
    let token = world.account.secret("verify_token").expose().to_owned();
    let raw = |token: &str, path: &str| Raw {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let verify = |raw: &Raw| world.connector.verify(&ctx(), raw, &world.account);
    let handshake = verify(&raw(&token, "")).expect("our token");
    let answer = world.connector.answer(&handshake);
    let expected = Answer { status: 200, content_type: "text/plain", body: "1158201444".to_owned(), keep: false };
    assert_eq!(answer, expected);
    assert!(world.connector.parts(handshake).is_empty());
    assert!(verify(&raw("another", "")).is_err() && verify(&raw(&token, "below")).is_err());
    // Nor does a signed body make one.
    let body = br#"{"hub.challenge":"evil","entry":[]}"#;
    let header = hub_signature(world.account.secret("app_secret").expose(), body);
    let forged = Raw {
        method: "POST".to_owned(),
        headers: vec![("x-hub-signature-256".to_owned(), header)],
        body: body.to_vec(),
        ..raw("", "")
    };
    assert_eq!(world.connector.answer(&verify(&forged).expect("signed")).body, "");
}
