//! Connecting a sender: prove the credentials, find the number, tell Twilio where its messages go; and what can be deleted there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::{self, Failure};
use super::parse::WHATSAPP;
use super::{BASE_URL, Medium, number};
use crate::json::{string, text};
use crate::sms::refusal::refused;
use crate::{
    Account, Authorized, Call, Erased, HttpCall, Method, Reply, SendError, Step, Trace, destination, identity,
};

/// How many messages are deleted at Twilio in one piece of work: a call for each.
pub(super) const ERASED_AT_ONCE: usize = 12;

const SENDER_MALFORMED: &str = "The sender is a number such as +390612345678, or a messaging service's SID (MG…). Copy it from the \
    Twilio console.";
const HTTPS_NEEDED: &str = "Twilio needs a public https address to deliver messages: set public_url to one.";

/// Words for what keeps an account from being connected.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    match code {
        "sender_malformed" => Some(SENDER_MALFORMED),
        "https_needed" => Some(HTTPS_NEEDED),
        "account_sid_malformed" => Some(api::SID_MALFORMED),
        _ => destination::reason(code).or_else(|| super::refusal::reason(code)),
    }
}

/// The next step of connecting.
pub(super) fn authorize(account: &Account, medium: Medium, replies: &[Reply]) -> Step<Authorized> {
    connect(account, medium, replies).unwrap_or_else(Step::Fail)
}

fn connect(account: &Account, medium: Medium, replies: &[Reply]) -> Result<Step<Authorized>, SendError> {
    reachable(account)?;
    let sender = sender(account)?;
    // A messaging service, a word and a WhatsApp sender have their hook set by hand.
    let phone = identity::phone(sender).filter(|_| medium == Medium::Sms);
    let called = |call: HttpCall| Ok(Step::Call(Call::Http(call)));
    let Some((found, rest)) = replies.split_first() else {
        let path = match &phone {
            Some(number) => format!("/IncomingPhoneNumbers.json?PhoneNumber=%2B{}", number.trim_start_matches('+')),
            None => ".json".to_owned(),
        };
        return called(api::call(account, medium.account(), (Method::Get, api::url(account, &path)?), None)?);
    };
    let found = api::read(found, true).map_err(api::error)?;
    let mut learned = BTreeMap::new();
    if phone.is_some() {
        let sid = owned(&found)?;
        let Some(set) = rest.first() else {
            return called(number::set_hook(account, &sid, &number::hook(account))?);
        };
        api::read(set, true).map_err(api::error)?;
        learned.insert(number::SID.to_owned(), sid);
    } else if text(&found, "/status").is_some_and(|status| status != "active") {
        let why = super::refusal::reason("account_suspended").unwrap_or_default();
        return Err(SendError::Stopped { code: "account_suspended".to_owned(), why: why.to_owned() });
    }
    let label = match text(&found, "/friendly_name").filter(|_| api::is_sid(sender)) {
        Some(name) => name.to_owned(),
        None => sender.to_owned(),
    };
    Ok(Step::Done(Authorized { account: api::account_sid(account)?.to_owned(), label, learned }))
}

/// Twilio calls public addresses only; a simulator calls any.
fn reachable(account: &Account) -> Result<(), SendError> {
    if account.base_url == BASE_URL && !account.hook_url.starts_with("https://") {
        return Err(refused("https_needed", HTTPS_NEEDED));
    }
    Ok(())
}

/// Who sends: a number, a short code, a word of up to eleven characters, or a messaging service.
fn sender(account: &Account) -> Result<&str, SendError> {
    let given = account.setting("number");
    let sender = given.strip_prefix(WHATSAPP).unwrap_or(given);
    let word = (1..=11).contains(&sender.len()) && sender.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    if identity::phone(sender).is_some_and(|number| number == sender) || api::is_sid(sender) || word {
        return Ok(sender);
    }
    Err(refused("sender_malformed", SENDER_MALFORMED))
}

/// The number's own id, if it is one of the account's.
fn owned(found: &Value) -> Result<String, SendError> {
    let sid = string(found, "/incoming_phone_numbers/0/sid").filter(|sid| api::is_sid(sid));
    sid.ok_or_else(number::not_owned)
}

/// Deletes messages at Twilio with their files, one by one. What it still works on it deletes later.
pub(super) fn erase(trace: &Trace, account: &Account, medium: Medium, replies: &[Reply]) -> Step<Erased> {
    let wanted: Vec<&str> =
        trace.remotes.iter().map(|(remote, _)| remote.as_str()).filter(|sid| api::is_sid(sid)).collect();
    let mut refusals = 0_usize;
    for reply in replies {
        match (reply, api::read(reply, true)) {
            (_, Ok(_)) | (Reply::Answer { status: 404, .. }, _) => {}
            (_, Err(Failure::Final(SendError::Refused { why, .. }))) if why.contains("20009") => {
                return Step::Fail(SendError::Retry("Twilio still works on the message".to_owned()));
            }
            (_, Err(Failure::Final(SendError::Refused { .. }))) => refusals += 1,
            (_, Err(failure)) => return Step::Fail(api::error(failure)),
        }
    }
    let Some(sid) = wanted.get(replies.len()) else {
        return Step::Done(if refusals == 0 { Erased::Gone } else { Erased::Cannot(CANNOT.to_owned()) });
    };
    let call = api::url(account, &format!("/Messages/{sid}.json"))
        .and_then(|url| api::call(account, medium.removal(), (Method::Delete, url), None));
    call.map_or_else(Step::Fail, |call| Step::Call(Call::Http(call)))
}

const CANNOT: &str = "Twilio did not delete all of its copies. Look at the account's message log there; what is in the \
    contact's own telephone only the contact can delete.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_number_a_word_or_a_service() {
        let of = |sender: &str| {
            let settings = BTreeMap::from([("number".to_owned(), sender.to_owned())]);
            super::sender(&Account { settings, ..Account::default() }).map(str::to_owned).ok()
        };
        for (given, expected) in [
            ("+390612345678", Some("+390612345678")),
            ("whatsapp:+390612345678", Some("+390612345678")),
            ("MG0123456789abcdef0123456789abcdef", Some("MG0123456789abcdef0123456789abcdef")),
            ("Baeckerei", Some("Baeckerei")),
            ("12345", Some("12345")),
            ("0612345678901", None),
            ("+39 06 12345678", None),
            ("Bäckerei Nord am Markt", None),
            ("", None),
        ] {
            assert_eq!(of(given).as_deref(), expected, "{given}");
        }
    }
}
