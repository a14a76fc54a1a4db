//! Who somebody is that has a number, and the number to write to.

use crate::{IdentityKind, Outgoing, Person, PersonIdentity, SendError, identity};

use super::refusal::refused;

/// The person behind a sender: by number, or by what else stands there (a short code, a word). `None` for nothing.
pub(crate) fn person(sender: &str) -> Option<Person> {
    let sender = sender.trim();
    let (kind, value) = match identity::phone(sender) {
        Some(phone) => (IdentityKind::Phone, phone),
        None => (IdentityKind::ExternalId, crate::clean(sender)),
    };
    let identity = PersonIdentity { kind, scope: String::new(), value };
    (!identity.value.is_empty()).then(|| Person { identities: vec![identity], ..Person::default() })
}

/// The number that an outgoing message goes to, or the short code that once wrote.
pub(crate) fn recipient(out: &Outgoing) -> Result<&str, SendError> {
    let of = |kind| out.to.identities.iter().find(move |identity| identity.kind == kind);
    let short = || of(IdentityKind::ExternalId).filter(|known| is_short_code(&known.value));
    of(IdentityKind::Phone)
        .or_else(short)
        .map(|identity| identity.value.as_str())
        .ok_or_else(|| refused("no_address", "The contact has no telephone number. Add it, with the country's code."))
}

/// Whether this is a short code: three to eight digits.
pub(crate) fn is_short_code(value: &str) -> bool {
    (3..=8).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}
