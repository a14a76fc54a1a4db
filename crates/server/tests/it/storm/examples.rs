//! The connectors' examples of what is told, each with an id of its own, so that all of them can be told at once; and what
//! follows from them: what was first of everything that is changed or taken back, and several changes of one thing.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vault::MessageId;

use super::door::Way;

/// From here on are the places of things that several examples are of.
const SHARED: usize = 4_000;
/// How often one thing is changed.
const CHANGES: usize = 4;

/// Something to tell.
#[derive(Clone)]
pub(super) struct Example {
    pub(super) name: String,
    /// A signed-in user where the protocol knows such.
    pub(super) speaker: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What an example is about, by the events that its connector makes of it.
#[derive(Clone, Copy, PartialEq)]
enum About {
    Change,
    Reaction,
    State,
    Holder,
    Other,
}

fn about(example: &Value) -> About {
    let is = |what: &str| example["events"].as_array().into_iter().flatten().any(|event| event.get(what).is_some());
    let fails = example["events"].to_string().contains(r#""state":"failed""#);
    match () {
        () if is("Edited") => About::Change,
        () if is("Handed") || example["events"].to_string().contains(r#""standby":true"#) => About::Holder,
        () if is("Reaction") => About::Reaction,
        () if is("Status") && !fails => About::State,
        () => About::Other,
    }
}

/// An example as its connector has it.
fn read(example: &Value) -> Example {
    let lines: Option<Vec<&str>> = example["mail"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
    let body = match (example["raw"].as_str(), lines) {
        (Some(raw), _) => raw.as_bytes().to_vec(),
        (_, Some(lines)) => (lines.join("\r\n") + "\r\n").into_bytes(),
        _ => example["body"].to_string().into_bytes(),
    };
    let name = example["name"].as_str().unwrap().to_owned();
    Example { name, speaker: example["speaker"].as_str().map(str::to_owned), body }
}

fn fixtures(kind: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connect/fixtures").join(kind);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.to_string_lossy().contains("/received")).collect();
    // Texts first.
    paths.sort_by_key(|path| (!path.to_string_lossy().contains("_texts"), path.clone()));
    let read = |path| serde_json::from_slice::<Vec<Value>>(&std::fs::read(path).unwrap()).unwrap();
    let all: Vec<Value> = paths.into_iter().flat_map(read).collect();
    assert!(all.len() >= 4, "the examples of {kind} were found");
    // A file that a visitor uploaded is not here to be named.
    all.into_iter().filter(|example| !example.to_string().contains("TICKET:")).collect()
}

/// The first example of a kind: a plain text.
pub(super) fn first(kind: &str) -> Example {
    read(&fixtures(kind)[0])
}

/// All examples of a kind, and what follows from them.
pub(super) fn all(kind: &str, way: &dyn Way) -> Vec<Example> {
    let fixtures = fixtures(kind);
    let mut all = Vec::new();
    for (place, fixture) in fixtures.iter().enumerate() {
        let example = read(fixture).own(way, place, 0, None);
        all.extend(way.originals(&example.body).into_iter().map(|body| example.with(body)));
        all.push(example);
    }
    let of = |wanted: About| fixtures.iter().filter(move |example| about(example) == wanted).map(read);
    for (place, example) in of(About::Change).enumerate() {
        let place = SHARED + place;
        for count in 1..=CHANGES {
            all.push(example.own(way, place, 10 * count, Some(&format!("change {count}"))));
        }
        let body = example.own(way, place, 0, None).body;
        all.extend(way.originals(&body).into_iter().map(|body| example.with(body)));
    }
    let last = SHARED + 100;
    all.extend(of(About::Reaction).enumerate().map(|(count, example)| example.own(way, last, 10 * count, None)));
    all.extend(of(About::State).map(|example| example.own(way, last + 1, 0, None)));
    // Each at a moment of its own, so that one of them is the last word on who has the conversation.
    let holders = of(About::Holder).cycle().take(2 * of(About::Holder).count()).enumerate();
    all.extend(holders.map(|(count, example)| example.own(way, last + 2 + count, 100 + 10 * count, None)));
    all
}

impl Example {
    fn with(&self, body: Vec<u8>) -> Self {
        Self { body, ..self.clone() }
    }

    /// The same with an id of its own, so many seconds later, and with other words where it has any.
    pub(super) fn own(&self, way: &dyn Way, place: usize, later: usize, words: Option<&str>) -> Self {
        let mut body = self.body.clone();
        way.own(&mut body, place, later);
        let said = words.and_then(|words| way.saying(&body, words));
        Self { name: format!("{} at {place}", self.name), ..self.with(said.unwrap_or(body)) }
    }

    /// Where it names a message of ours, that has an id by now.
    pub(super) fn name_ours(&mut self, ours: &BTreeMap<String, MessageId>) {
        let Ok(text) = std::str::from_utf8(&self.body) else { return };
        if !text.contains("msg_1-") {
            return;
        }
        let named = ours.iter().filter(|(remote, _)| remote.starts_with("msg_1-"));
        let text = named
            .fold(text.to_owned(), |text, (remote, id)| text.replace(&format!("\"{remote}\""), &format!("\"{id}\"")));
        self.body = text.into_bytes();
    }
}

/// Changes the JSON of a body; what is no JSON as it is, stays.
pub(super) fn change(body: &[u8], with: impl FnOnce(&mut Value)) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    with(&mut value);
    Some(value.to_string().into_bytes())
}

/// Walks through all members of objects.
pub(super) fn walk(value: &mut Value, each: &mut dyn FnMut(&str, &mut Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members.iter_mut() {
                each(key, value);
                walk(value, each);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, each)),
        _ => {}
    }
}

/// Each string that a member is or lists.
pub(super) fn strings(value: &mut Value, each: impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = each(text),
        Value::Array(items) => {
            for item in items {
                if let Value::String(text) = item {
                    *text = each(text);
                }
            }
        }
        _ => {}
    }
}

/// Moves a moment: seconds, milliseconds or a timestamp in words.
pub(super) fn postpone(value: &mut Value, later: usize) {
    let later = i64::try_from(later).unwrap();
    if let Some(number) = value.as_i64().filter(|number| *number > 0) {
        *value = (number + if number > 100_000_000_000 { later * 1_000 } else { later }).into();
    } else if let Some(at) = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok()) {
        let at = jiff::Timestamp::from_millisecond(at.as_millisecond() + later * 1_000).unwrap();
        *value = at.to_string().into();
    }
}
