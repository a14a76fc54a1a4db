//! What belongs to no product: tokens, codes of a signup, and an app's callbacks.

use serde_json::{Value, json};

use super::app::{Callback, Caller};
use super::call::Call;
use super::refusal::Refusal;
use super::world::World;
use super::{pages, uploads, whatsapp};

/// What a call is counted as and meant by when faults are ordered, e.g. `POST messages`.
pub(super) fn name(world: &World, call: &Call) -> String {
    let last = call.path.last().map(String::as_str).unwrap_or_default();
    let kind = match call.path.as_slice() {
        [session] if session.starts_with(uploads::SESSION) => "upload",
        [node] => {
            let page = || pages::kind_of(&world.pages, node);
            whatsapp::kind_of(&world.whatsapp, node).or_else(page).unwrap_or("node")
        }
        _ => last,
    };
    format!("{} {kind}", call.method)
}

/// Carries a call out; what had to be fetched or verified outside was done before.
pub(super) fn run(world: &mut World, caller: Option<&Caller>, call: &Call) -> Result<Value, Refusal> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    if let ["oauth", "access_token"] = path.as_slice() {
        return access_token(world, call);
    }
    let caller = caller.ok_or_else(Refusal::bad_token)?;
    match path.as_slice() {
        ["debug_token"] => debug_token(world, call),
        ["app"] => Ok(json!({ "id": caller.app })),
        [node, ..] if pages::kind_of(&world.pages, node).is_some() => pages::run(world, caller, call),
        ["me"] => Ok(json!({ "id": caller.app, "name": "System user" })),
        [session] if session.starts_with(uploads::SESSION) => uploads::fill(world, caller, session, call),
        [app, "uploads"] if world.apps.contains_key(*app) => uploads::open(world, caller, app, call),
        [app, "subscriptions"] if world.apps.contains_key(*app) => subscriptions(world, caller, call, app),
        _ => whatsapp::run(world, caller, call),
    }
}

/// A token for the app itself, or for the business that has just signed up.
fn access_token(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let (id, secret) = (identifier(call, "client_id")?, call.required("client_secret")?);
    let known = world.apps.get(&id).is_some_and(|app| app.card.secret == secret);
    if !known {
        let title = "Error validating client secret.".to_owned();
        return Err(Refusal { status: 400, title, details: None, ..Refusal::of(1) });
    }
    let token = match call.text("code") {
        None => format!("{id}|{secret}"),
        Some(code) => {
            let spent = || Refusal {
                subcode: Some(36_009),
                ..Refusal::invalid("This authorization code has been used or has expired.")
            };
            let (token, back) = world.codes.remove(code).ok_or_else(spent)?;
            if back.as_deref().is_some_and(|back| call.text("redirect_uri") != Some(back)) {
                let title = "Error validating verification code. Please make sure your redirect_uri is identical to the one \
                             you used in the OAuth dialog request";
                return Err(Refusal { subcode: Some(36_008), ..Refusal::invalid(title) });
            }
            token
        }
    };
    Ok(json!({ "access_token": token, "token_type": "bearer" }))
}

/// A number, given as one or as text.
fn identifier(call: &Call, name: &str) -> Result<String, Refusal> {
    let given = call.fields.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    given.ok_or_else(|| Refusal::missing(name))
}

fn debug_token(world: &World, call: &Call) -> Result<Value, Refusal> {
    let given = call.required("input_token")?;
    let Some(card) = world.tokens.get(given) else {
        return Err(Refusal::invalid("The access token could not be decrypted"));
    };
    let valid = world.caller(Some(given)).is_ok();
    let targets: Vec<_> = card.accounts.iter().flatten().collect();
    let scopes = card.permissions.iter().map(|scope| json!({ "scope": scope, "target_ids": targets }));
    Ok(json!({ "data": {
        "app_id": card.app, "type": "SYSTEM_USER", "is_valid": valid,
        "expires_at": card.expires_at_ms.map_or(0, |end| end / 1_000),
        "scopes": card.permissions, "granular_scopes": scopes.collect::<Vec<_>>(),
    } }))
}

fn subscriptions(world: &mut World, caller: &Caller, call: &Call, app: &str) -> Result<Value, Refusal> {
    if !caller.as_app || caller.app != app {
        return Err(Refusal {
            title: "This method must be called with an app access_token.".to_owned(),
            ..Refusal::of(15)
        });
    }
    let app = world.app(app)?;
    match call.method.as_str() {
        "GET" => return Ok(app.subscriptions()),
        "DELETE" => match call.text("object") {
            Some(object) => _ = app.callbacks.remove(object),
            None => app.callbacks.clear(),
        },
        _ => {
            let object = call.required("object")?.to_owned();
            let url = call.required("callback_url")?.to_owned();
            let fields = call.words("fields");
            app.callbacks.insert(object, Callback { url, fields });
        }
    }
    Ok(json!({ "success": true }))
}

/// The address and word of a callback that this call sets, which is asked first.
pub(super) fn callback_in(call: &Call) -> Option<(String, String)> {
    let (url, word) = match call.path.last().map(String::as_str)? {
        "subscriptions" => (call.text("callback_url")?, call.text("verify_token")),
        "subscribed_apps" => (call.text("override_callback_uri")?, call.text("verify_token")),
        _ => {
            let settings = call.fields.get("webhook_configuration")?.as_object()?;
            let text = |name: &str| super::call::text(settings, name);
            (text("override_callback_uri")?, text("verify_token"))
        }
    };
    (call.method == "POST").then(|| (url.to_owned(), word.unwrap_or_default().to_owned()))
}
