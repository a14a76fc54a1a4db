//! What is asked of us for a person, and of a provider about one.

#[cfg(test)]
mod tests;

use connect::{Capability, Person, PersonIdentity};
use vault::jobs::{self, JobKind};
use vault::{ChannelId, ContactId, Millis, Result, Tx};
use vault::{contacts, deletions, identities};

use crate::identify;
use crate::receive::Source;

/// A person asked their provider that what we hold of them be deleted. It is met whoever they are to us, once.
pub(crate) fn deletion(tx: &Tx<'_>, channel: ChannelId, from: &Person, code: &str, at: Millis) -> Result<bool> {
    let contact = identify::known(tx, channel, from)?;
    deletions::ask(tx, channel, code, contact, at)
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
    let asked = |kind| kind == connect::IdentityKind::AccountScopedId;
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
