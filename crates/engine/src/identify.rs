//! Who is this? The contact behind a provider's description of a person.

#[cfg(test)]
mod tests;

use connect::{IdentityKind, Person, PersonIdentity};
use vault::contacts::{self, Profile};
use vault::identities::{self, NewIdentity};
use vault::inbox::Arrival;
use vault::{ChannelId, ContactId, Personal, Result, Tx};
use vault::{deletions, suppressions};

/// The stored form of an identity. An id that only the channel's own system gives out is unique within the channel.
pub(crate) fn identity(channel: ChannelId, identity: &PersonIdentity) -> NewIdentity {
    let scope = match identity.kind {
        IdentityKind::ExternalId | IdentityKind::WebVisitor if identity.scope.is_empty() => channel.to_string(),
        _ => identity.scope.clone(),
    };
    NewIdentity { kind: kind_name(identity.kind).to_owned(), scope, value: Personal::new(identity.value.clone()) }
}

/// The stored word for a kind of identity.
pub(crate) fn kind_name(kind: IdentityKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, name)| name)
}

/// The kind behind a stored word.
pub(crate) fn kind_of(name: &str) -> Option<IdentityKind> {
    KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
}

const KINDS: [(IdentityKind, &str); 10] = [
    (IdentityKind::Phone, "phone"),
    (IdentityKind::Email, "email"),
    (IdentityKind::TelegramId, "telegram_id"),
    (IdentityKind::TelegramUsername, "telegram_username"),
    (IdentityKind::WhatsappUserId, "whatsapp_user_id"),
    (IdentityKind::WhatsappUsername, "whatsapp_username"),
    (IdentityKind::WebVisitor, "web_visitor"),
    (IdentityKind::AccountScopedId, "account_scoped_id"),
    (IdentityKind::AppScopedId, "app_scoped_id"),
    (IdentityKind::ExternalId, "external_id"),
];

/// As what an address may be known here that somebody typed ([`crate::codes::address`]): an e-mail address, a telephone number, or a
/// user name after an `@`, which says whom to ask and not who it is.
pub(crate) fn of_address(address: &str) -> Vec<NewIdentity> {
    let known = |kind, value: &str| NewIdentity {
        kind: kind_name(kind).to_owned(),
        scope: String::new(),
        value: Personal::new(value.to_owned()),
    };
    if let Some(name) = address.strip_prefix('@') {
        return [IdentityKind::TelegramUsername, IdentityKind::WhatsappUsername].map(|kind| known(kind, name)).to_vec();
    }
    let kind = if address.starts_with('+') { IdentityKind::Phone } else { IdentityKind::Email };
    vec![known(kind, address)]
}

/// The contact whom one of the identities belongs to, the strongest first.
pub(crate) fn known(tx: &Tx<'_>, channel: ChannelId, person: &Person) -> Result<Option<ContactId>> {
    Ok(known_by(tx, channel, person)?.map(|(contact, _)| contact))
}

/// The same, with the position of the identity that told.
fn known_by(tx: &Tx<'_>, channel: ChannelId, person: &Person) -> Result<Option<(ContactId, usize)>> {
    for (position, described) in person.identities.iter().enumerate() {
        if !identifies(described.kind) {
            continue;
        }
        if let Some(contact) = identities::find(tx, &identity(channel, described))?
            && !(described.kind == IdentityKind::Phone && is_anothers(tx, contact, person)?)
        {
            return Ok(Some((contact, position)));
        }
    }
    Ok(None)
}

/// Whether a contact who has this person's number is certainly somebody else: numbers are given to others after a while, and
/// the id that a provider gives each person within a scope is not.
fn is_anothers(tx: &Tx<'_>, contact: ContactId, person: &Person) -> Result<bool> {
    let lasting = |kind| kind == IdentityKind::WhatsappUserId;
    let ids: Vec<_> = person.identities.iter().filter(|described| lasting(described.kind)).collect();
    if ids.is_empty() {
        return Ok(false);
    }
    let known: Vec<_> =
        identities::of(tx, contact)?.into_iter().filter(|known| kind_of(&known.kind).is_some_and(lasting)).collect();
    let both = || known.iter().flat_map(|known| ids.iter().map(move |id| (known, id)));
    let within_one = || both().filter(|(known, id)| *known.scope.reveal() == id.scope);
    Ok(within_one().next().is_some() && within_one().all(|(known, id)| *known.value.reveal() != id.value))
}

/// Whether a person was erased, as known by any of the identities, when or after something of theirs was received.
pub(crate) fn erased_since(tx: &Tx<'_>, channel: ChannelId, person: &Person, received: Arrival) -> Result<bool> {
    for described in person.identities.iter().filter(|described| identifies(described.kind)) {
        if suppressions::erased_since(tx, &identity(channel, described), received)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A user name can pass from one person to another, so it is shown but identifies nobody.
pub(crate) fn identifies(kind: IdentityKind) -> bool {
    !matches!(kind, IdentityKind::TelegramUsername | IdentityKind::WhatsappUsername)
}

/// The contact behind a person, created if nobody is known by any of the identities.
pub(crate) fn contact(tx: &Tx<'_>, channel: ChannelId, person: &Person) -> Result<ContactId> {
    match known_by(tx, channel, person)? {
        Some((contact, by)) => {
            complete(tx, channel, contact, (person, by))?;
            Ok(contact)
        }
        None => create(tx, channel, person),
    }
}

fn create(tx: &Tx<'_>, channel: ChannelId, person: &Person) -> Result<ContactId> {
    let profile = Profile {
        name: person.name.clone().map(Personal::new),
        language: person.language.clone().map(Personal::new),
        attributes: None,
    };
    let contact = contacts::create(tx, &profile)?;
    add(tx, channel, contact, &person.identities)?;
    // Whoever had this number before has it no longer.
    for described in person.identities.iter().filter(|described| described.kind == IdentityKind::Phone) {
        if let Some(before) = identities::hand_over(tx, contact, channel, &identity(channel, described))? {
            contacts::update(tx, before, &Profile::default())?;
        }
    }
    Ok(contact)
}

/// Adds what was not known yet. A name a member may have corrected is left alone.
fn complete(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, (person, known_by): (&Person, usize)) -> Result<()> {
    let is_named = contacts::meet(tx, contact, tx.now())?;
    let (before, from) = person.identities.split_at(known_by);
    let mut grown = add(tx, channel, contact, before)?;
    grown |= add(tx, channel, contact, from.get(1..).unwrap_or_default())?;
    match &person.name {
        Some(name) if !is_named => {
            let profile = Profile { name: Some(Personal::new(name.clone())), ..Profile::default() };
            contacts::update(tx, contact, &profile)
        }
        _ if grown => contacts::update(tx, contact, &Profile::default()),
        _ => Ok(()),
    }
}

/// The identities by which a contact, and nobody else, is known.
pub(crate) fn lasting_of(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<NewIdentity>> {
    let known = identities::of(tx, contact)?.into_iter();
    let lasting = known.filter(|identity| kind_of(&identity.kind).is_some_and(identifies));
    Ok(lasting
        .map(|identity| NewIdentity {
            kind: identity.kind,
            scope: identity.scope.into_revealed(),
            value: identity.value,
        })
        .collect())
}

/// What a provider that was asked says of a contact: identities that nobody had are theirs, and so are name and language
/// where there are none.
pub(crate) fn told(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, person: &Person) -> Result<()> {
    let known = contacts::view(tx, contact)?;
    let grown = add(tx, channel, contact, &person.identities)?;
    let profile = Profile {
        name: person.name.clone().filter(|_| known.name.is_none()).map(Personal::new),
        language: person.language.clone().filter(|_| known.language.is_none()).map(Personal::new),
        attributes: None,
    };
    if grown || profile.name.is_some() || profile.language.is_some() {
        contacts::update(tx, contact, &profile)?;
    }
    Ok(())
}

/// What else a provider says of somebody we wrote to: identities that nobody had are theirs.
pub(crate) fn learn(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, person: &Person) -> Result<()> {
    if add(tx, channel, contact, &person.identities)? {
        contacts::update(tx, contact, &Profile::default())
    } else {
        Ok(())
    }
}

fn add(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, described: &[PersonIdentity]) -> Result<bool> {
    let mut grown = false;
    for described in described {
        let new = identity(channel, described);
        match identities::find(tx, &new)? {
            None => grown |= identities::add(tx, contact, channel, &new)?,
            // By the account that they write to they are another contact here.
            Some(other) if other != contact && described.kind == IdentityKind::AppScopedId => {
                identities::share(tx, contact, &new)?;
            }
            Some(_) => {}
        }
        if described.kind == IdentityKind::AppScopedId {
            deletions::found(tx, contact, &described.value)?;
        }
    }
    Ok(grown)
}
