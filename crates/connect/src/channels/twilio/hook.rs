//! What reaches the hook: believed, and read for what only the channel's settings tell: which words it takes for a refusal,
//! and which message of ours a status is of. Both are kept beside the bytes, as what the request speaks of.

use super::form::Form;
use super::signature;
use crate::sms::{Wish, Words};
use crate::{Account, Raw, Reject, Verified};

/// Where Twilio tells what became of a message, below the hook.
pub(super) const STATUS: &str = "status";
/// What the subject of a status begins with.
const OF_OURS: &str = "status:";

/// Whether a request is Twilio's, and what this connector takes.
pub(super) fn verify(raw: &Raw, account: &Account) -> Result<Verified, Reject> {
    // The address is signed, so another one proves nothing; nobody learns more than that there is none.
    if !matches!(raw.path.as_str(), "" | STATUS) || !matches!(raw.method.as_str(), "POST" | "GET") {
        return Err(Reject::NotFound);
    }
    if !signature::proven(raw, account) {
        return Err(Reject::Unauthorised);
    }
    let kept = if raw.method == "GET" { raw.query.clone().into_bytes() } else { raw.body.clone() };
    let form = Form::read(&kept);
    form.get("MessageSid").ok_or(Reject::Malformed)?;
    Ok(match subject(raw, &form, account) {
        Some(subject) => Verified::speaking(kept, subject),
        None => Verified::new(kept),
    })
}

fn subject(raw: &Raw, form: &Form, account: &Account) -> Option<String> {
    if form.get("MessageStatus").is_some() {
        let query = Form::read(raw.query.as_bytes());
        let part = query.get("part").map(|part| format!("#{part}")).unwrap_or_default();
        return Some(format!("{OF_OURS}{}{part}", query.get("id")?));
    }
    wished(form, account)
}

/// What our own call brought of the account's list of messages.
pub(super) fn listed(form: Vec<u8>, account: &Account) -> Verified {
    match wished(&Form::read(&form), account) {
        Some(wish) => Verified::speaking(form, wish),
        None => Verified::fetched(form),
    }
}

fn wished(form: &Form, account: &Account) -> Option<String> {
    // Where Twilio was told the words itself, it says which wish it understood.
    let wish = match form.get("OptOutType").as_deref() {
        Some("STOP") => Some(Wish::Stop),
        Some("START") => Some(Wish::Start),
        Some(_) => None,
        None => Words::of(account).wish(&form.get("Body")?),
    };
    wish.map(|wish| if wish == Wish::Stop { "stop" } else { "start" }.to_owned())
}

/// What somebody wishes, as the request's subject says.
pub(super) fn wish(verified: &Verified) -> Option<Wish> {
    match verified.subject()? {
        "stop" => Some(Wish::Stop),
        "start" => Some(Wish::Start),
        _ => None,
    }
}

/// Our id of the message that a status is of, and whether it is only a part of it.
pub(super) fn ours(verified: &Verified) -> Option<(&str, bool)> {
    let named = verified.subject()?.strip_prefix(OF_OURS)?;
    Some(match named.split_once('#') {
        Some((message, _)) => (message, true),
        None => (named, false),
    })
}

/// The address at which Twilio tells what became of a message; its part, counted from 1, where it is one of several and not
/// the last. What stands behind `#` tells Twilio to come again when we do not answer.
pub(super) fn status_url(account: &Account, message: &str, part: Option<usize>) -> String {
    let part = part.map(|part| format!("&part={part}")).unwrap_or_default();
    format!("{}/{STATUS}?id={message}{part}#rc=5&rp=all", account.hook_url)
}
