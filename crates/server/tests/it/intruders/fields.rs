//! Another workspace's ids in every field and every parameter that the document names.

use http::Method;
use serde_json::{Map, Value, json};

use super::belongings::Belongings;
use super::{Known, Sent};
use crate::client::{Answer, Client};
use crate::house::House;

/// How deep the fields of fields are tried.
const DEPTH: usize = 4;

/// One request with somebody else's id somewhere.
pub(super) struct Attack {
    method: Method,
    path: String,
    body: Option<Value>,
    /// Whether that place is for an id: then the request must come to nothing.
    pub names_an_id: bool,
}

impl Attack {
    pub(super) async fn run(&self, client: &Client) -> Answer {
        client.call(self.method.clone(), &self.path, self.body.as_ref()).await
    }

    /// Everything that the intruder says.
    pub(super) fn asked(&self) -> String {
        format!("{} {}", self.path, self.body.as_ref().map(Value::to_string).unwrap_or_default())
    }

    /// Refused, or a list of nothing.
    pub(super) fn got_nothing(answer: &Answer) -> bool {
        let list = || serde_json::from_slice::<Value>(&answer.bytes).ok();
        !answer.status.is_success() || list().is_some_and(|it| it["data"].as_array().is_some_and(Vec::is_empty))
    }
}

/// All attacks by one operation; the rest of each request is right, with things of the intruder's own.
pub(super) async fn attacks(house: &House, known: &Known, ours: &Belongings, own: &Belongings) -> Vec<Attack> {
    // A stream has no fields but its place, which is a number.
    if known.attempt.operation == "events_stream" {
        return Vec::new();
    }
    let document = house.nobody().get("/api/v1/openapi.json").await;
    let mut all = in_query(known, ours, own);
    if let Sent::Json(right) = (known.attempt.sent)(own) {
        let schema = &known.operation.described["requestBody"]["content"]["application/json"]["schema"];
        let mut places = Vec::new();
        collect(&document, schema, &mut Vec::new(), &mut places);
        // A secret that is none would stop the intruder's own channel, and prove nothing.
        let is_a_secret = |place: &&Vec<Step>| {
            known.attempt.operation == "secret_rotations_order"
                && matches!(place.last(), Some(Step::Field(name)) if name == "value")
        };
        for place in places.iter().filter(|place| !is_a_secret(place)) {
            all.extend(in_body(known, (ours, own), &right, place));
        }
    }
    all
}

fn in_query(known: &Known, ours: &Belongings, own: &Belongings) -> Vec<Attack> {
    let parameters = known.operation.described["parameters"].as_array().cloned().unwrap_or_default();
    let path = own.path(&known.operation.path);
    let mut all = Vec::new();
    for name in parameters.iter().filter(|it| it["in"] == "query").filter_map(|it| it["name"].as_str()) {
        if matches!(name, "limit") || known.operation.method != Method::GET {
            continue;
        }
        // Not the one that the intruder writes into texts of its own, which a search then finds there.
        for id in ours.ids().into_iter().filter(|id| *id != ours.another_contact) {
            let right = (known.attempt.query)(own);
            let path = match &right[..] {
                "" => format!("{path}?{name}={id}"),
                _ if name == "q" => format!("{path}?q={id}"),
                right => format!("{path}{right}&{name}={id}"),
            };
            // A word that is looked for finds nothing either.
            all.push(Attack { method: Method::GET, path, body: None, names_an_id: true });
        }
    }
    all
}

fn in_body(known: &Known, (ours, own): (&Belongings, &Belongings), right: &Value, place: &[Step]) -> Vec<Attack> {
    let path = own.path(&known.operation.path);
    let names_an_id = place.iter().any(|step| matches!(step, Step::Field(name) if is_an_id(name)));
    let attack = |id: &str| {
        let mut body = right.clone();
        put(&mut body, place, json!(id));
        Attack { method: known.operation.method.clone(), path: path.clone(), body: Some(body), names_an_id }
    };
    // A free text may say anything, and is shown from then on: there one id will do, that is never looked for.
    if names_an_id { ours.ids().into_iter().map(attack).collect() } else { vec![attack(&ours.another_contact)] }
}

fn is_an_id(name: &str) -> bool {
    let ids = name.ends_with("_id") || name.ends_with("_ids");
    ids && name != "external_id" || matches!(name, "attachments" | "reply_to")
}

/// A step into a body.
#[derive(Debug, Clone)]
enum Step {
    Field(String),
    First,
}

/// All places of a schema that take a text.
fn collect(document: &Value, schema: &Value, at: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    if at.len() > DEPTH {
        return;
    }
    if let Some(named) = schema["$ref"].as_str() {
        let pointer = named.trim_start_matches('#');
        return collect(document, document.pointer(pointer).unwrap_or(&Value::Null), at, places);
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        for part in schema[choice].as_array().into_iter().flatten() {
            collect(document, part, at, places);
        }
    }
    let kinds = &schema["type"];
    let is = |kind: &str| kinds == kind || kinds.as_array().is_some_and(|all| all.contains(&json!(kind)));
    if is("string") {
        places.push(at.clone());
    }
    if is("array") {
        at.push(Step::First);
        collect(document, &schema["items"], at, places);
        at.pop();
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        at.push(Step::Field(name.clone()));
        collect(document, part, at, places);
        at.pop();
    }
}

/// Puts a value into a body, making what is missing on the way.
fn put(body: &mut Value, place: &[Step], value: Value) {
    match place.split_first() {
        None => *body = value,
        Some((Step::Field(name), rest)) => {
            if !body.is_object() {
                *body = Value::Object(Map::new());
            }
            if let Some(fields) = body.as_object_mut() {
                put(fields.entry(name.clone()).or_insert(Value::Null), rest, value);
            }
        }
        Some((Step::First, rest)) => {
            if body.as_array().is_none_or(Vec::is_empty) {
                *body = json!([null]);
            }
            if let Some(first) = body.as_array_mut().and_then(|items| items.first_mut()) {
                put(first, rest, value);
            }
        }
    }
}
