//! Where Twilio sends what comes to a number: set when it is connected, looked at each day, and taken back at the end.

use serde_json::Value;

use super::api;
use crate::destination::{Destination, destination, moved};
use crate::json::text;
use crate::sms::refusal::refused;
use crate::{Account, Call, HttpCall, Method, Reply, SendError, Step};

/// What is learned of a number: its own id.
pub(super) const SID: &str = "number_sid";

/// Our hook. What stands behind `#` has Twilio come again when we do not answer.
pub(super) fn hook(account: &Account) -> String {
    format!("{}#rc=5&rp=all", account.hook_url)
}

/// Has what comes to a number go to a hook, and once more there when that came to nothing. An application that the number was given
/// in the console would keep it from both.
pub(super) fn set_hook(account: &Account, sid: &str, hook: &str) -> Result<HttpCall, SendError> {
    let form = [
        ("SmsUrl", hook),
        ("SmsMethod", "POST"),
        ("SmsFallbackUrl", hook),
        ("SmsFallbackMethod", "POST"),
        ("SmsApplicationSid", ""),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let call = api::call(account, "sms_twilio.set_hook", (Method::Post, url(account, sid)?), Some(form.into()))?;
    Ok(HttpCall { repeatable: true, ..call })
}

/// The account has no such number, or has it no longer.
pub(super) fn not_owned() -> SendError {
    refused(
        "sender_not_owned",
        "This number is none of this Twilio account. Copy number and account SID from the same account.",
    )
}

fn url(account: &Account, sid: &str) -> Result<String, SendError> {
    api::url(account, &format!("/IncomingPhoneNumbers/{sid}.json"))
}

/// The number's own id, where the channel's sender is a number.
fn known(account: &Account) -> Option<&str> {
    account.learned.get(SID).map(String::as_str).filter(|sid| api::is_sid(sid))
}

fn shown(account: &Account, sid: &str) -> Result<Step<()>, SendError> {
    let call = api::call(account, "sms_twilio.number", (Method::Get, url(account, sid)?), None)?;
    Ok(Step::Call(Call::Http(call)))
}

/// The next step of the daily look.
pub(super) fn subscribe(account: &Account, replies: &[Reply]) -> Step<()> {
    let Some(sid) = known(account) else { return Step::Done(()) };
    look(account, sid, replies).unwrap_or_else(Step::Fail)
}

fn look(account: &Account, sid: &str, replies: &[Reply]) -> Result<Step<()>, SendError> {
    let Some((number, rest)) = replies.split_first() else { return shown(account, sid) };
    if matches!(number, Reply::Answer { status: 404, .. }) {
        return Err(not_owned());
    }
    let number = api::read(number, true).map_err(api::error)?;
    let at = |name: &str| text(&number, name).unwrap_or_default();
    if !at("/sms_application_sid").is_empty() {
        return Err(moved());
    }
    match destination(account, at("/sms_url")) {
        Destination::Elsewhere | Destination::Beside => return Err(moved()),
        Destination::Own if is_well(account, &number) => return Ok(Step::Done(())),
        Destination::Own | Destination::Nowhere => {}
    }
    let Some(set) = rest.first() else {
        return set_hook(account, sid, &hook(account)).map(|call| Step::Call(Call::Http(call)));
    };
    api::read(set, true).map(|_| Step::Done(())).map_err(api::error)
}

/// Whether the number is as connecting left it. Another fallback is somebody's choice.
fn is_well(account: &Account, number: &Value) -> bool {
    let at = |name: &str| text(number, name).unwrap_or_default();
    at("/sms_url") == hook(account) && at("/sms_method") == "POST" && !at("/sms_fallback_url").is_empty()
}

/// The next step of disconnecting: the number forgets the hook, unless it is somebody else's by now. Credentials that are no longer
/// good cannot ask for it.
pub(super) fn revoke(account: &Account, replies: &[Reply]) -> Step<()> {
    let Some(sid) = known(account) else { return Step::Done(()) };
    match forget(account, sid, replies) {
        Ok(step) => step,
        Err(SendError::Reauthorise) => Step::Done(()),
        Err(error) => Step::Fail(error),
    }
}

fn forget(account: &Account, sid: &str, replies: &[Reply]) -> Result<Step<()>, SendError> {
    let Some((number, rest)) = replies.split_first() else { return shown(account, sid) };
    let number = api::read(number, true).map_err(api::error)?;
    if destination(account, text(&number, "/sms_url").unwrap_or_default()) != Destination::Own {
        return Ok(Step::Done(()));
    }
    let Some(set) = rest.first() else {
        return set_hook(account, sid, "").map(|call| Step::Call(Call::Http(call)));
    };
    api::read(set, true).map(|_| Step::Done(())).map_err(api::error)
}
