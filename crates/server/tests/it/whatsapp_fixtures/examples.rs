//! The connector's examples of what Meta tells, as deliveries to a connected number: each with ids of its own, so that all of
//! them can be told at once.

use std::path::Path;

use connect::{Echo, Event, IdentityKind, Inbound, Person, PersonIdentity};
use serde_json::{Value, json};

use crate::number::{Number, delivery};

/// The number that the examples are of, by its id and as it is shown.
pub(super) const NUMBER: (&str, &str) = ("106540352242922", "15550783881");
/// Its business account.
const ACCOUNT: &str = "102290129340398";
/// Who writes in most examples, by number and by id.
pub(super) const SHEENA: [&str; 2] = ["16505551234", "US.13491208655302741918"];
/// Who else changes numbers and ids.
const OTHERS: [&str; 3] = ["15550001111", "12195555358", "US.20000000000000000000"];
/// Where the examples' files lie.
const FILES: &str = "https://lookaside.fbsbx.com";

/// Something to deliver, and the events that it is.
pub(super) struct Example {
    pub(super) name: String,
    pub(super) body: String,
    pub(super) events: Vec<Event>,
}

/// All of the connector's examples, told to this number.
pub(super) fn all(number: &Number, files: &str) -> Vec<Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connect/fixtures/whatsapp");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.to_string_lossy().contains("received_")).collect();
    paths.sort();
    let mut examples = Vec::new();
    for path in paths {
        let people_are_its_own = path.ends_with("received_people.json");
        let found: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for example in found {
            let place = examples.len();
            let told = |text: &str| {
                let text = text.replace(ACCOUNT, &number.account).replace(FILES, files);
                let text = text.replace("wamid.", &format!("wamid.{place}."));
                if people_are_its_own { with_people_of_its_own(&text, place) } else { text }
            };
            examples.push(Example {
                name: format!("{place} {}", example["name"].as_str().unwrap()),
                body: told(&example["raw"].as_str().map_or_else(|| example["body"].to_string(), str::to_owned)),
                events: serde_json::from_str(&told(&example["events"].to_string())).unwrap(),
            });
        }
    }
    assert!(examples.len() > 200, "the examples were found");
    examples
}

/// Who changes numbers would otherwise be somebody else in the next example.
fn with_people_of_its_own(text: &str, place: usize) -> String {
    let mut text = text.to_owned();
    for (index, known) in SHEENA.iter().chain(&OTHERS).enumerate() {
        text = text.replace(known, &format!("{}{place:04}{index}", &known[..known.len() - 5]));
    }
    text
}

/// Somebody opens a conversation, in a group or of their own.
pub(super) fn opening(number: &Number, person: &Person, thread: &str, id: &str) -> String {
    message(number, &written(person, thread, id, "opening"))
}

/// The entries of a delivery that could come together with those of others. What is odd as a whole stays whole.
pub(super) fn entries(body: &str) -> Option<Vec<Value>> {
    let body: Value = serde_json::from_str(body).ok()?;
    let entries = body["entry"].as_array().filter(|entries| !entries.is_empty())?;
    (body["object"] == "whatsapp_business_account").then(|| entries.clone())
}

/// What an example changes or takes back, as it was first.
pub(super) fn originals(number: &Number, example: &Example) -> Vec<Example> {
    let sheena = sheena();
    let said = |inbound: Inbound, body: String, event: fn(Box<Inbound>) -> Event| Example {
        name: format!("what was first of {}", example.name),
        body,
        events: vec![event(Box::new(inbound))],
    };
    let first = |event: &Event| match event {
        Event::Edited(edited) => {
            let inbound = written(&edited.from, &edited.thread, &edited.remote, "original");
            Some(said(inbound.clone(), message(number, &inbound), Event::Message))
        }
        Event::Removed { thread, remotes, .. } => {
            let inbound = written(&sheena, thread, &remotes[0], "original");
            Some(said(inbound.clone(), message(number, &inbound), Event::Message))
        }
        Event::Echo(Echo::Edited(edited)) => {
            let inbound = written(&edited.from, &edited.thread, &edited.remote, "original");
            Some(said(inbound.clone(), echo(number, &inbound), |inbound| Event::Echo(Echo::Wrote(inbound))))
        }
        Event::Echo(Echo::Removed { thread, remotes }) => {
            let inbound = written(&sheena, thread, &remotes[0], "original");
            Some(said(inbound.clone(), echo(number, &inbound), |inbound| Event::Echo(Echo::Wrote(inbound))))
        }
        _ => None,
    };
    example.events.iter().filter_map(first).collect()
}

fn written(person: &Person, thread: &str, id: &str, text: &str) -> Inbound {
    Inbound {
        remote: id.to_owned(),
        thread: thread.to_owned(),
        from: person.clone(),
        text: Some(text.to_owned()),
        ..Inbound::default()
    }
}

/// Who writes in most examples.
pub(super) fn sheena() -> Person {
    known(&SHEENA)
}

/// A person by number and id.
fn known(values: &[&str]) -> Person {
    let identity = |value: &&str| {
        let (kind, value) = if value.contains('.') {
            (IdentityKind::WhatsappUserId, (*value).to_owned())
        } else {
            (IdentityKind::Phone, format!("+{value}"))
        };
        PersonIdentity { kind, scope: String::new(), value }
    };
    Person { identities: values.iter().map(identity).collect(), ..Person::default() }
}

/// A person's number and id, as they are written there.
fn ids(person: &Person) -> [Option<&str>; 2] {
    let of = |kind| person.identities.iter().find(|identity| identity.kind == kind).map(|found| found.value.as_str());
    [of(IdentityKind::Phone).map(|number| number.trim_start_matches('+')), of(IdentityKind::WhatsappUserId)]
}

fn message(number: &Number, inbound: &Inbound) -> String {
    let [phone, id] = ids(&inbound.from);
    told(number, ("messages", "messages"), inbound, [("from", phone), ("from_user_id", id)])
}

fn echo(number: &Number, inbound: &Inbound) -> String {
    let [phone, id] = ids(&inbound.from);
    told(number, ("smb_message_echoes", "message_echoes"), inbound, [("to", phone), ("to_user_id", id)])
}

fn told(number: &Number, (field, list): (&str, &str), inbound: &Inbound, whose: [(&str, Option<&str>); 2]) -> String {
    let mut item = json!({ "id": inbound.remote, "timestamp": "1749416000", "type": "text",
                           "text": { "body": inbound.text } });
    for (key, value) in whose.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        item[key] = value.into();
    }
    if !inbound.thread.is_empty() {
        item["group_id"] = inbound.thread.as_str().into();
    }
    let metadata = json!({ "display_phone_number": NUMBER.1, "phone_number_id": NUMBER.0 });
    let mut value = json!({ "messaging_product": "whatsapp", "metadata": metadata });
    value[list] = json!([item]);
    delivery(&[json!({ "id": number.account, "changes": [{ "field": field, "value": value }] })]).to_string()
}
