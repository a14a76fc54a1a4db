//! Whom a call is about: the number's and the business account's ids in its URL, the recipient in its body.

use serde_json::{Map, Value};

use super::refusal::refused;
use super::{cut, hook};
use crate::{Account, Content, IdentityKind, Outgoing, SendError, TemplateCategory};

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
    cut::is_id(given).then_some(given)
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

/// The WhatsApp id is preferred: a number that is on record may by now be another person's WhatsApp. One-time codes alone
/// want the number, if there is one.
fn recipient<'a>(out: &'a Outgoing, account: &Account) -> Option<(&'static str, &'static str, &'a str)> {
    if let Some(group) = group(out) {
        return Some(("group", "to", group));
    }
    let known = |kind| out.to.identities.iter().filter(move |identity| identity.kind == kind);
    let ours = |scope: &str| hook::scopes(account).any(|own| own == scope);
    let id = known(IdentityKind::WhatsappUserId).find(|identity| ours(&identity.scope));
    let phone = known(IdentityKind::Phone).next();
    let wants_phone =
        matches!(&out.content, Content::Template(used) if used.category == Some(TemplateCategory::Authentication));
    match (id, phone) {
        (Some(_), Some(phone)) if wants_phone => Some(("individual", "to", &phone.value)),
        (Some(id), _) => Some(("individual", "recipient", &id.value)),
        (None, Some(phone)) => Some(("individual", "to", &phone.value)),
        (None, None) => None,
    }
}

/// The group a message goes to; `None` for a person's own conversation.
pub(super) fn group(out: &Outgoing) -> Option<&str> {
    out.to.thread.as_deref().filter(|thread| !thread.is_empty())
}
