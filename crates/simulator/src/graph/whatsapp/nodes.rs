//! Numbers and accounts as nodes: their fields, their settings, and who listens to them.

use serde_json::{Value, json};

use super::account::Number;
use super::done;
use super::template::{chosen, page};
use crate::graph::app::Caller;
use crate::graph::call::{Call, text};
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

/// What a node tells of itself unless it is asked for certain fields.
const USUAL: &str = "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput,\
    webhook_configuration,id";

pub(super) fn number(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    let all = world.whatsapp.number(id)?.fields();
    if call.text("fields").is_some() {
        return Ok(chosen(&all, call));
    }
    let usual = [("fields".to_owned(), json!(USUAL))];
    Ok(chosen(&all, &Call { fields: usual.into_iter().collect(), ..Call::default() }))
}

pub(super) fn numbers(world: &World, account: &str, call: &Call) -> Value {
    let of_account = world.whatsapp.numbers.values().filter(|number| number.card.account == account);
    let all: Vec<_> = of_account.map(Number::fields).collect();
    page(&all, call, &world.base)
}

pub(super) fn account(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    let account = world.whatsapp.accounts.get(id).ok_or_else(|| Refusal::no_object("get", id))?;
    let owner = json!({ "id": account.card.portfolio, "name": account.card.name });
    let all = json!({
        "id": id, "name": account.card.name, "timezone_id": "1", "currency": "EUR", "country": "IT",
        "message_template_namespace": format!("{:0>8}", account.card.id), "account_review_status": "APPROVED",
        "business_verification_status": "verified", "ownership_type": "SELF", "status": "ACTIVE",
        "owner_business_info": owner, "owner_business": owner,
    });
    if call.text("fields").is_some() {
        return Ok(chosen(&all, call));
    }
    let usual = [("fields".to_owned(), json!("id,name,currency,timezone_id,message_template_namespace"))];
    Ok(chosen(&all, &Call { fields: usual.into_iter().collect(), ..Call::default() }))
}

/// Sets or, with an empty address, takes back where this number's news go.
pub(super) fn configure_number(world: &mut World, caller: &Caller, id: &str, call: &Call) -> Result<Value, Refusal> {
    let settings = call.fields.get("webhook_configuration").and_then(Value::as_object);
    let settings = settings.ok_or_else(|| Refusal::missing("webhook_configuration"))?;
    let url = text(settings, "override_callback_uri").map(str::to_owned);
    let absent = || Refusal::no_object("post", id);
    let number = world.whatsapp.numbers.get_mut(id).ok_or_else(absent)?;
    match url {
        Some(url) => _ = number.overrides.insert(caller.app.clone(), url),
        None => _ = number.overrides.remove(&caller.app),
    }
    Ok(done())
}

/// What people see of the business: all that was set, or changes to it.
pub(super) fn profile(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    const ROOM: [(&str, usize); 4] = [("about", 139), ("address", 256), ("description", 512), ("email", 128)];
    if call.method == "GET" {
        let all = Value::Object(world.whatsapp.number(id)?.profile.clone());
        let mut shown = chosen(&all, call);
        shown["messaging_product"] = json!("whatsapp");
        return Ok(json!({ "data": [shown] }));
    }
    if call.required("messaging_product")? != "whatsapp" {
        return Err(Refusal::invalid("Param messaging_product must be one of {WHATSAPP}"));
    }
    let mut changed = serde_json::Map::new();
    for (name, room) in ROOM {
        let Some(given) = call.fields.get(name).and_then(Value::as_str) else { continue };
        if given.chars().count() > room || name == "about" && given.is_empty() {
            return Err(Refusal::invalid(format!("Param {name} must be at most {room} characters")));
        }
        changed.insert(name.to_owned(), json!(given));
    }
    if let Some(pages) = call.fields.get("websites").and_then(Value::as_array) {
        if pages.len() > 2 {
            return Err(Refusal::invalid("Param websites must have at most 2 items"));
        }
        changed.insert("websites".to_owned(), json!(pages));
    }
    changed.extend(call.text("vertical").map(|word| ("vertical".to_owned(), json!(word))));
    let number = world.whatsapp.numbers.get_mut(id).ok_or_else(|| Refusal::no_object("post", id))?;
    number.profile.extend(changed);
    number.profile.retain(|_, value| value != "");
    Ok(done())
}

pub(super) fn register(world: &mut World, id: &str, call: &Call) -> Result<Value, Refusal> {
    let registers = call.part(1) == "register";
    let pin = call.text("pin").unwrap_or_default();
    if registers && !(pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Refusal::of(133_005));
    }
    let number = world.whatsapp.numbers.get_mut(id).ok_or_else(|| Refusal::no_object("post", id))?;
    if registers && !number.card.pin.is_empty() && number.card.pin != pin {
        return Err(Refusal::of(133_005));
    }
    if registers {
        pin.clone_into(&mut number.card.pin);
    }
    number.registered = registers;
    Ok(done())
}

/// Who listens to an account, and where else than to their callback it is told.
pub(super) fn subscribed_apps(world: &mut World, caller: &Caller, id: &str, call: &Call) -> Result<Value, Refusal> {
    let absent = || Refusal::no_object(&call.method, id);
    let account = world.whatsapp.accounts.get_mut(id).ok_or_else(absent)?;
    match call.method.as_str() {
        "POST" => {
            let url = call.text("override_callback_uri").map(str::to_owned);
            account.subscribed.insert(caller.app.clone(), url);
        }
        "DELETE" => _ = account.subscribed.remove(&caller.app),
        "GET" => {
            let listening = account.subscribed.iter().map(|(app, url)| {
                let name = world.apps.get(app).map(|app| app.card.name.clone()).unwrap_or_default();
                let link = format!("https://www.facebook.com/games/?app_id={app}");
                let mut one = json!({ "whatsapp_business_api_data": { "id": app, "name": name, "link": link } });
                if let Some(url) = url {
                    one["override_callback_uri"] = json!(url);
                }
                one
            });
            return Ok(json!({ "data": listening.collect::<Vec<_>>() }));
        }
        _ => return Err(absent()),
    }
    Ok(done())
}
