//! Connecting a messaging profile: prove the key and tell Telnyx where its events go; the way back; a contact's files; and what
//! cannot be deleted there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{BASE_URL, FILE, api};
use crate::json::{list, string};
use crate::sms::refusal::refused;
use crate::{
    Account, Authorized, BlobHandle, Call, Erased, HttpCall, Method, RemoteFile, Reply, SendError, Step, Trace,
};

const HTTPS_NEEDED: &str = "Telnyx needs a public https address to deliver messages: set public_url to one.";
const PROFILE_UNKNOWN: &str =
    "Telnyx knows no such messaging profile for this API key. Copy its id from the portal, under Messaging.";
const NUMBER_UNKNOWN: &str = "Telnyx has no messaging profile for this number with this API key. Give the number one in the portal, \
                              or name the profile's id here.";
const PROFILE_MALFORMED: &str =
    "The messaging profile's id is letters, digits and dashes. Copy it from the portal, under Messaging.";

/// Words for what keeps an account from being connected.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "https_needed" => Some(HTTPS_NEEDED),
        "number_unknown" => Some(NUMBER_UNKNOWN),
        "profile_unknown" => Some(PROFILE_UNKNOWN),
        "profile_id_malformed" => Some(PROFILE_MALFORMED),
        _ => super::refusal::reason(code),
    }
}

/// The next step of connecting.
pub(super) fn authorize(account: &Account, replies: &[Reply]) -> Step<Authorized> {
    connect(account, replies).unwrap_or_else(Step::Fail)
}

fn connect(account: &Account, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    if account.base_url == BASE_URL && !account.hook_url.starts_with("https://") {
        return Err(refused("https_needed", HTTPS_NEEDED));
    }
    let (profile, replies) = match profile(account, replies)? {
        Step::Done(known) => known,
        Step::Call(call) => return Ok(Step::Call(call)),
        Step::Fail(error) => return Err(error),
    };
    let Some(reply) = replies.first() else {
        return set_hook(account, &profile, &json!(account.hook_url)).map(|call| Step::Call(Call::Http(call)));
    };
    let answer = api::read(reply, true).map_err(api::error).map_err(unproven)?;
    let profile = string(&answer, "/data/id").unwrap_or(profile);
    let label = account.setting("number").to_owned();
    Ok(Step::Done(Authorized { account: profile, label, learned: BTreeMap::new() }))
}

/// The messaging profile, and the replies after those that told it: the setting, or else the one that Telnyx knows for the number.
fn profile<'a>(account: &Account, replies: &'a [Reply]) -> Result<Step<(String, &'a [Reply])>, SendError> {
    let given = account.setting("messaging_profile_id");
    if !given.is_empty() {
        return Ok(Step::Done((given.to_owned(), replies)));
    }
    let Some((reply, rest)) = replies.split_first() else {
        let number: String = form_urlencoded::byte_serialize(account.setting("number").as_bytes()).collect();
        let path = format!("/phone_numbers/messaging?filter%5Bphone_number%5D={number}");
        let call = HttpCall::get("sms_telnyx.number", api::url(account, &path));
        return Ok(Step::Call(Call::Http(HttpCall { headers: vec![api::bearer(account)?], ..call })));
    };
    let answer = api::read(reply, true).map_err(api::error)?;
    let found = list(&answer, "/data").first().and_then(|number| string(number, "/messaging_profile_id"));
    let found = found.filter(|id| !id.is_empty()).ok_or_else(|| refused("number_unknown", NUMBER_UNKNOWN))?;
    Ok(Step::Done((found, rest)))
}

/// A refusal while the settings are new: most likely the profile belongs elsewhere.
fn unproven(error: SendError) -> SendError {
    match error {
        SendError::Refused { code, .. } if code == "telnyx_refused" => refused("profile_unknown", PROFILE_UNKNOWN),
        other => other,
    }
}

fn set_hook(account: &Account, id: &str, hook: &Value) -> Result<HttpCall, SendError> {
    let sound = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !sound {
        return Err(refused("profile_id_malformed", PROFILE_MALFORMED));
    }
    let body = json!({"webhook_url": hook, "webhook_api_version": "2"});
    let call =
        HttpCall::post_json("sms_telnyx.set_hook", api::url(account, &format!("/messaging_profiles/{id}")), &body);
    Ok(HttpCall { method: Method::Patch, repeatable: true, headers: vec![api::bearer(account)?], ..call })
}

/// The next step of disconnecting: the profile forgets the hook. A key that is no longer good cannot ask for it.
pub(super) fn revoke(account: &Account, replies: &[Reply]) -> Step<()> {
    let forgotten = |error| match error {
        SendError::Reauthorise | SendError::Refused { .. } => Step::Done(()),
        error => Step::Fail(error),
    };
    let (profile, replies) = match profile(account, replies) {
        Ok(Step::Done(known)) => known,
        Ok(Step::Call(call)) => return Step::Call(call),
        Ok(Step::Fail(error)) | Err(error) => return forgotten(error),
    };
    let Some(reply) = replies.first() else {
        return set_hook(account, &profile, &Value::Null).map_or(Step::Done(()), |call| Step::Call(Call::Http(call)));
    };
    api::read(reply, true).map_err(api::error).map_or_else(forgotten, |_| Step::Done(()))
}

/// There is no call that removes a message at Telnyx.
pub(super) fn erase(trace: &Trace) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    Step::Done(Erased::Cannot(
        "Telnyx has no way to delete messages that were sent or received: its records end when its own terms say so. Ask its \
         support, as your contract provides. What is in the contact's telephone only the contact can delete."
            .to_owned(),
    ))
}

/// The next step of a download. The address came with a proven event; our key goes with it only where Telnyx's API itself is.
pub(super) fn fetch(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    let Some(reply) = replies.first() else {
        return match ask(file, account) {
            Ok(call) => Step::Call(Call::Http(call)),
            Err(error) => Step::Fail(error),
        };
    };
    match reply {
        Reply::Stored { blob, .. } => Step::Done(blob.clone()),
        Reply::Answer { status: 403 | 404 | 410, .. } => {
            Step::Fail(refused("file_gone", "Telnyx has this file no longer. Ask the contact to send it again."))
        }
        other => Step::Fail(match api::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => api::error(failure),
        }),
    }
}

fn ask(file: &RemoteFile, account: &Account) -> Result<HttpCall, SendError> {
    if file.size.is_some_and(|size| size > FILE) {
        return Err(refused("file_too_large", "The file is larger than an MMS can be. Ask for it another way."));
    }
    let own = file.locator.starts_with(&format!("{}/", account.base_url));
    let headers = if own { vec![api::bearer(account)?] } else { Vec::new() };
    Ok(HttpCall { headers, to_blob: true, max_reply: FILE, ..HttpCall::get("sms_telnyx.file", file.locator.clone()) })
}
