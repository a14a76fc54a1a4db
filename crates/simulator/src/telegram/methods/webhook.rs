//! Where updates are brought, and which.

#![expect(clippy::unnecessary_wraps, reason = "all methods in the table have one form")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Call, done};
use crate::telegram::form::Form;
use crate::telegram::parcel::Webhook;
use crate::telegram::refusal::Refusal;

const LONGEST_SECRET: usize = 256;
const USUAL_CONNECTIONS: i64 = 40;
const MOST_CONNECTIONS: i64 = 100;

/// Unlike the real server this one takes plain HTTP and any port: what is tested runs here.
pub(super) fn set_webhook(call: &mut Call) -> Result<Value, Refusal> {
    let Some(url) = call.form.text("url") else {
        return delete_webhook(call);
    };
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("http" | "https")) {
        return Err(Refusal::bad_request("bad webhook: HTTPS url must be provided for webhook"));
    }
    let secret = call.form.text("secret_token").map(str::to_owned);
    check_secret(secret.as_deref())?;
    let connections = call.form.integer("max_connections").unwrap_or(USUAL_CONNECTIONS);
    let connections = connections.clamp(1, MOST_CONNECTIONS);
    let webhook = Webhook { url: url.to_owned(), secret, max_connections: usize::try_from(connections).unwrap_or(1) };
    choose_updates(call.form, &mut call.bot.updates.allowed)?;
    change(call, Some(webhook));
    Ok(done())
}

pub(super) fn delete_webhook(call: &mut Call) -> Result<Value, Refusal> {
    change(call, None);
    Ok(done())
}

fn change(call: &mut Call, webhook: Option<Webhook>) {
    let drop_pending = call.form.flag("drop_pending_updates");
    let updates = &mut call.bot.updates;
    updates.settle();
    if drop_pending {
        updates.drop_all();
    }
    updates.webhook = webhook;
    updates.last_error = None;
    call.bot.touch();
}

fn check_secret(secret: Option<&str>) -> Result<(), Refusal> {
    let Some(secret) = secret else { return Ok(()) };
    if secret.len() > LONGEST_SECRET {
        return Err(Refusal::bad_request("secret token is too long"));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if secret.bytes().all(allowed) {
        return Ok(());
    }
    Err(Refusal::bad_request("secret token contains unallowed characters"))
}

/// Changes the choice of updates, if the call makes one; an empty list means the usual ones.
pub(crate) fn choose_updates(form: &Form, allowed: &mut Option<BTreeSet<String>>) -> Result<(), Refusal> {
    let Some(given) = form.json("allowed_updates", "allowed updates")? else {
        return Ok(());
    };
    let Some(list) = given.as_array() else {
        return Err(Refusal::bad_request("expected an Array of update types"));
    };
    let names = list.iter().filter_map(Value::as_str).map(str::to_owned);
    let names: BTreeSet<_> = names.collect();
    *allowed = (!names.is_empty()).then_some(names);
    Ok(())
}

pub(super) fn get_webhook_info(call: &mut Call) -> Result<Value, Refusal> {
    let updates = &call.bot.updates;
    let mut info = json!({
        "url": "", "has_custom_certificate": false,
        "pending_update_count": updates.pending(),
    });
    if let Some(webhook) = &updates.webhook {
        info["url"] = json!(webhook.url);
        info["max_connections"] = json!(webhook.max_connections);
        info["ip_address"] = json!("127.0.0.1");
    }
    if let Some((date, message)) = &updates.last_error {
        info["last_error_date"] = json!(date);
        info["last_error_message"] = json!(message);
    }
    if let Some(allowed) = &updates.allowed {
        info["allowed_updates"] = json!(allowed);
    }
    Ok(info)
}
