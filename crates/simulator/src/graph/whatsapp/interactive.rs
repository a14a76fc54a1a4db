//! Messages with buttons, a list to choose from, or a link to follow.

use serde_json::{Map, Value};

use super::content::{Content, bounded};
use super::media;
use super::sending::object;
use crate::graph::call::{Call, text};
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

const MOST_BUTTONS: usize = 3;
const MOST_ROWS: usize = 10;

pub(super) fn read(world: &mut World, number: &str, body: &Map<String, Value>) -> Result<Content, Refusal> {
    let kind = text(body, "type").unwrap_or_default();
    let absent = |what: &str| Refusal::of(131_008).because(format!("interactive['{what}'] is required"));
    let longest = if kind == "list" { 4_096 } else { 1_024 };
    let words = object(body, "body").ok_or_else(|| absent("body"))?;
    let said = bounded(words, "text", "interactive['body']['text']", longest)?.to_owned();
    if let Some(footer) = object(body, "footer") {
        bounded(footer, "text", "interactive['footer']['text']", 60)?;
    }
    let action = object(body, "action").ok_or_else(|| absent("action"))?;
    match kind {
        "button" => buttons(action)?,
        "list" => rows(action)?,
        "cta_url" => link(action)?,
        "location_request_message" | "request_contact_info" => {}
        other => return Err(Refusal::invalid(format!("interactive['type'] \"{other}\" is not supported here"))),
    }
    let media = header(world, number, body, kind)?;
    Ok(Content { media, ..Content::plain("interactive", body).saying(&said) })
}

fn header(world: &mut World, number: &str, body: &Map<String, Value>, kind: &str) -> Result<Option<String>, Refusal> {
    let Some(header) = object(body, "header") else { return Ok(None) };
    let form = text(header, "type").unwrap_or_default();
    if form == "text" {
        return bounded(header, "text", "interactive['header']['text']", 60).map(|_| None);
    }
    if kind == "list" || !matches!(form, "image" | "video" | "document") {
        return Err(Refusal::of(131_009).because(format!("interactive['header']['type'] \"{form}\" is not valid")));
    }
    let file = object(header, form).ok_or_else(|| Refusal::of(131_008).because("the header's media is required"))?;
    media::given(world, number, form, file, &Call::default())
}

fn wrong(what: impl Into<String>) -> Refusal {
    Refusal::of(131_009).because(what)
}

fn buttons(action: &Map<String, Value>) -> Result<(), Refusal> {
    let buttons = action.get("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if buttons.is_empty() || buttons.len() > MOST_BUTTONS {
        return Err(wrong("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
    }
    let mut ids = Vec::new();
    for button in buttons {
        let reply = button.get("reply").and_then(Value::as_object).ok_or_else(|| wrong("Only reply buttons"))?;
        bounded(reply, "title", "button title", 20)?;
        ids.push(bounded(reply, "id", "button id", 256)?);
    }
    unique(&mut ids, "Duplicated button id")
}

fn unique(ids: &mut Vec<&str>, what: &str) -> Result<(), Refusal> {
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    (ids.len() == count).then_some(()).ok_or_else(|| wrong(what))
}

fn rows(action: &Map<String, Value>) -> Result<(), Refusal> {
    bounded(action, "button", "interactive['action']['button']", 20)?;
    let sections = action.get("sections").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut ids = Vec::new();
    for section in sections {
        if sections.len() > 1 {
            let fields = section.as_object().ok_or_else(|| wrong("A section is an object"))?;
            bounded(fields, "title", "section title", 24)?;
        }
        for row in section.get("rows").and_then(Value::as_array).into_iter().flatten() {
            let row = row.as_object().ok_or_else(|| wrong("A row is an object"))?;
            bounded(row, "title", "row title", 24)?;
            ids.push(bounded(row, "id", "row id", 200)?);
            if row.contains_key("description") && text(row, "description").is_some() {
                bounded(row, "description", "row description", 72)?;
            }
        }
    }
    if ids.is_empty() || ids.len() > MOST_ROWS {
        return Err(wrong("Total row count exceed max allowed count: 10"));
    }
    unique(&mut ids, "Duplicated row id")
}

fn link(action: &Map<String, Value>) -> Result<(), Refusal> {
    let absent = || Refusal::of(131_008).because("interactive['action']['parameters'] is required");
    let parameters = object(action, "parameters").ok_or_else(absent)?;
    bounded(parameters, "display_text", "display_text", 20)?;
    let url = bounded(parameters, "url", "url", 2_000)?;
    url.starts_with("http").then_some(()).ok_or_else(|| wrong("url is not valid"))
}
