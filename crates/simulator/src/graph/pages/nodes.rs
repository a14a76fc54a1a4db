//! Accounts and people as nodes: what a token may ask of them, and who is told of an account.

use serde_json::{Value, json};

use crate::graph::app::Caller;
use crate::graph::call::Call;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

pub(super) fn account(world: &World, id: &str) -> Result<Value, Refusal> {
    let card = &world.pages.account(id)?.card;
    Ok(match card.object.as_str() {
        "instagram" => json!({ "id": format!("9{id}"), "user_id": id, "username": card.name, "name": card.name }),
        _ => json!({ "id": id, "name": card.name }),
    })
}

pub(super) fn subscribed_apps(world: &mut World, caller: &Caller, id: &str, call: &Call) -> Result<Value, Refusal> {
    let account = world.pages.accounts.get_mut(id).ok_or_else(|| Refusal::no_object("get", id))?;
    match call.method.as_str() {
        "POST" => {
            let fields = call.words("subscribed_fields").ok_or_else(|| Refusal::missing("subscribed_fields"))?;
            account.subscribed.insert(caller.app.clone(), fields);
        }
        "DELETE" => _ = account.subscribed.remove(&caller.app),
        _ => {
            let listening = account.subscribed.iter();
            let listening = listening.map(|(app, fields)| json!({ "id": app, "subscribed_fields": fields }));
            return Ok(json!({ "data": listening.collect::<Vec<_>>() }));
        }
    }
    Ok(json!({ "success": true }))
}

pub(super) fn person(world: &World, account: &str, scoped: &str) -> Result<Value, Refusal> {
    let person = world.pages.person_of(account, scoped).and_then(|person| world.pages.people.get(&person));
    let person = person.ok_or_else(|| Refusal::no_object("get", scoped))?;
    let (first, last) = person.name.split_once(' ').unwrap_or((person.name.as_str(), ""));
    Ok(match world.pages.account(account)?.card.object.as_str() {
        "instagram" => {
            json!({ "id": scoped, "name": person.name, "username": person.name.to_lowercase().replace(' ', ".") })
        }
        _ => json!({ "id": scoped, "first_name": first, "last_name": last, "locale": person.locale }),
    })
}

pub(super) fn ids_for_apps(world: &World, account: &str, scoped: &str) -> Result<Value, Refusal> {
    let person = world.pages.person_of(account, scoped).and_then(|person| world.pages.people.get(&person));
    let person = person.ok_or_else(|| Refusal::no_object("get", scoped))?;
    let ids = person.by_app.iter().map(|(app, id)| json!({ "id": id, "app": { "id": app } }));
    Ok(json!({ "data": ids.collect::<Vec<_>>() }))
}

/// What people see before they write: set, or taken away by name.
pub(super) fn profile(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    let account = world.pages.accounts.get_mut(id).ok_or_else(|| Refusal::no_object("post", id))?;
    if call.method == "DELETE" {
        let fields: Vec<String> =
            serde_json::from_str(call.required("fields")?).map_err(|_| Refusal::missing("fields"))?;
        account.profile.retain(|key, _| !fields.contains(key));
        return Ok(json!({ "result": "success" }));
    }
    let mut shown = account.profile.clone();
    let known = ["get_started", "ice_breakers", "persistent_menu"];
    shown.extend(
        call.fields.iter().filter(|(key, _)| known.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())),
    );
    let lacks_button = shown.contains_key("persistent_menu") && !shown.contains_key("get_started");
    if lacks_button && account.card.object != "instagram" {
        return Err(Refusal::invalid("You must set a Get Started button if you also wish to use persistent menu"));
    }
    let is_bad = |entry: &Value| entry["question"].as_str() == Some("refused");
    let asked = shown.get("ice_breakers").and_then(|all| all[0]["call_to_actions"].as_array());
    if asked.is_some_and(|asked| asked.iter().any(is_bad)) {
        return Err(Refusal::invalid("Param ice_breakers is not valid"));
    }
    account.profile = shown;
    Ok(json!({ "result": "success" }))
}

pub(super) fn upload(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let described = call.required("message")?;
    let described: Value = serde_json::from_str(described).map_err(|_| Refusal::invalid("message is not JSON"))?;
    if described["attachment"]["type"].as_str().is_none() {
        return Err(Refusal::missing("message[attachment][type]"));
    }
    let part = call.file.clone().filter(|part| !part.content.is_empty());
    let part =
        part.ok_or_else(|| Refusal { subcode: Some(2_018_047), ..Refusal::invalid("Upload attachment failure.") })?;
    let id = world.fresh_id();
    world.pages.uploads.insert(id.clone(), part);
    Ok(json!({ "attachment_id": id }))
}
