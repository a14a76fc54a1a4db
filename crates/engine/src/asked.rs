//! What is asked of us for a person, and of a provider about one.

#[cfg(test)]
mod tests;

use connect::{Capability, IdentityKind, Person, PersonIdentity};
use vault::deletions::Wish;
use vault::jobs::{self, JobKind};
use vault::{ChannelId, ContactId, DeletionId, Millis, Result, Tx};
use vault::{contacts, deletions, identities};

use crate::identify;
use crate::receive::Source;

/// How many contacts are asked about together.
const TOGETHER: i64 = 100;
/// How long after one contact the next is asked about, in milliseconds: providers bound how much they are asked, and whoever writes
/// meanwhile is asked about too.
const APART: Millis = 1_000;

/// A person asked their provider that what we hold of them be deleted. It is met for each contact that they are here, once. Where
/// it is not known yet of which app the id is by which the provider names them, it waits for that.
pub(crate) fn deletion(tx: &Tx<'_>, channel: ChannelId, from: &Person, code: &str, at: Millis) -> Result<bool> {
    let mut contacts = Vec::new();
    for described in from.identities.iter().filter(|described| identify::identifies(described.kind)) {
        contacts.extend(identities::holders(tx, &identify::identity(channel, described))?);
    }
    contacts.sort_unstable();
    contacts.dedup();
    let by_app = from.identities.iter().find(|described| described.kind == IdentityKind::AppScopedId);
    let waits = by_app.is_some_and(|described| described.scope.is_empty());
    let user = by_app.map(|described| described.value.as_str());
    deletions::ask(tx, &Wish { channel, code, user, contacts, waits, at })
}

/// Meets a wish for deletion. Where it waits for it to become known who is meant, providers are asked about everybody on its
/// channel, once that can be asked; when to go on.
pub fn meet(tx: &Tx<'_>, wish: DeletionId) -> Result<Option<Millis>> {
    deletions::meet(tx, wish)?;
    let Some(waiting) = deletions::waiting(tx, wish)? else { return Ok(None) };
    if waiting.until <= tx.now() {
        return deletions::settle(tx, wish);
    }
    let Some(after) = waiting.asked else { return Ok(Some(waiting.until)) };
    let kind = identify::kind_name(IdentityKind::AccountScopedId);
    let next = identities::known_on(tx, waiting.channel, kind, &after, TOGETHER)?;
    let Some(last) = next.last().copied() else { return deletions::all_asked(tx, wish).map(Some) };
    let mut due = tx.now();
    for contact in next {
        jobs::enqueue(tx, JobKind::AskPerson, &contact.to_string(), due)?;
        due += APART;
    }
    deletions::asked_up_to(tx, wish, last)?;
    Ok(Some(due))
}

/// Has the provider asked who somebody is who writes for the first time and of whom it said no name.
pub(crate) fn who(tx: &Tx<'_>, source: Source, contact: ContactId, from: &Person) -> Result<()> {
    if from.name.is_some() || !source.connector.spec().capabilities.contains(&Capability::Person) {
        return Ok(());
    }
    jobs::enqueue(tx, JobKind::AskPerson, &contact.to_string(), tx.now())
}

/// By what the providers of its channels know a contact: those are asked.
pub fn known_as(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<(ChannelId, PersonIdentity)>> {
    let asked = |kind| kind == IdentityKind::AccountScopedId;
    let known = identities::of(tx, contact)?.into_iter().filter_map(|known| {
        let kind = identify::kind_of(&known.kind).filter(|kind| asked(*kind))?;
        let (scope, value) = (known.scope.into_revealed(), known.value.into_revealed());
        Some((known.channel, PersonIdentity { kind, scope, value }))
    });
    Ok(known.collect())
}

/// Notes what a provider said of a contact. A name that is there already is left alone.
pub fn told(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, person: &Person) -> Result<()> {
    match contacts::require(tx, contact) {
        Ok(()) => identify::told(tx, channel, contact, person),
        // Erased while the provider was asked.
        Err(vault::Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
