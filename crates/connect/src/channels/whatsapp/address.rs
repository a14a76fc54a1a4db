//! Whom a call is about: the number's and the business account's ids in its URL, the recipient in its body.

use serde_json::{Map, Value};

use super::hook;
use super::refusal::refused;
use crate::{Account, IdentityKind, Outgoing, SendError};

/// The number's id, if it can stand in a URL.
pub(super) fn number(account: &Account) -> Result<&str, SendError> {
    id(account.setting("phone_number_id")).ok_or_else(|| {
        refused(
            "phone_number_id_malformed",
            "The phone number id is digits only. Copy it from the app under WhatsApp, API Setup.",
        )
    })
}

/// The business account's id, if it can stand in a URL.
pub(super) fn business(account: &Account) -> Result<&str, SendError> {
    id(account.setting("business_account_id")).ok_or_else(|| {
        refused(
            "business_account_id_malformed",
            "The WhatsApp Business Account id is digits only. Copy it from the app under WhatsApp, API Setup.",
        )
    })
}

fn id(given: &str) -> Option<&str> {
    let sound = !given.is_empty() && given.len() <= 64 && given.bytes().all(|b| b.is_ascii_digit());
    sound.then_some(given)
}

/// Writes the recipient into a message: the group that is the thread, else the contact.
pub(super) fn write(body: &mut Map<String, Value>, out: &Outgoing, account: &Account) -> Result<(), SendError> {
    let (kind, key, value) = recipient(out, account).ok_or_else(|| {
        refused(
            "no_address",
            "The contact has neither a telephone number nor a WhatsApp id of this business. Add their number, with the \
             country's code.",
        )
    })?;
    body.insert("recipient_type".to_owned(), kind.into());
    body.insert(key.to_owned(), value.into());
    Ok(())
}

/// A number is preferred: every kind of template takes it. Of several numbers nobody can say which is the WhatsApp one, so
/// then the WhatsApp id counts, if there is one.
fn recipient<'a>(out: &'a Outgoing, account: &Account) -> Option<(&'static str, &'static str, &'a str)> {
    if let Some(group) = group(out) {
        return Some(("group", "to", group));
    }
    let scopes = [hook::scope(account), account.setting("business_account_id")];
    let known = |kind| out.to.identities.iter().filter(move |identity| identity.kind == kind);
    let user = known(IdentityKind::WhatsappUserId).find(|identity| scopes.contains(&identity.scope.as_str()));
    let mut phones = known(IdentityKind::Phone);
    let (phone, another) = (phones.next(), phones.next());
    match (phone, another, user) {
        (Some(_), Some(_), Some(user)) | (None, _, Some(user)) => Some(("individual", "recipient", &user.value)),
        (Some(phone), ..) => Some(("individual", "to", &phone.value)),
        (None, ..) => None,
    }
}

/// The group a message goes to; `None` for a person's own conversation.
pub(super) fn group(out: &Outgoing) -> Option<&str> {
    out.to.thread.as_deref().filter(|thread| !thread.is_empty())
}
