//! A contact ends advertising by itself: at the address in a mail's header, with one click.

#[cfg(test)]
pub(crate) mod tests;

use vault::consents::Withdrawal;
use vault::outbox::{self, Refusal};
use vault::{ChannelId, ContactId, Personal, Result, Tx};
use vault::{audit, channels, consents, contacts, suppressions};

use crate::identify;
use crate::receive::Source;

/// What is refused with one click.
pub(crate) const PURPOSE: &str = "marketing";

/// Withdraws a contact's consent to advertising on a channel, and stops what waits for it. Whether there was anything to withdraw.
pub fn unsubscribe(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<bool> {
    match contacts::require(tx, contact) {
        Ok(()) => {}
        // Erased meanwhile: nothing is sent to them any more.
        Err(vault::Error::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    }
    let (kind, _) = channels::kind_and_state(tx, channel)?;
    let refused = suppressions::stands_for(tx, channel, contact, PURPOSE)?;
    if refused && !consents::in_force(tx, contact, PURPOSE, &kind)? {
        return Ok(false);
    }
    refuse(tx, channel, contact, (PURPOSE, "contact"))?;
    contacts::update(tx, contact, &contacts::Profile::default())?;
    audit::record(tx, "contact.unsubscribed", &contact.to_string())?;
    Ok(true)
}

/// Somebody writes nothing but a word by which advertising is refused, where the provider does not hear it: it ends there, and
/// nothing else does, as the word may also answer what a member asked. Whether there was anything to end.
pub(crate) fn heard(tx: &Tx<'_>, source: Source, contact: ContactId, text: Option<&str>) -> Result<bool> {
    let spec = source.connector.spec();
    // Where the channel has words of its own, its connector hears them, and they end all messages.
    if connect::sms::hears(spec) || !text.is_some_and(connect::sms::refuses) {
        return Ok(false);
    }
    if !consents::in_force(tx, contact, PURPOSE, spec.kind)? {
        return Ok(false);
    }
    unsubscribe(tx, source.channel, contact)
}

/// The language that a contact is known to speak, as a tag (BCP 47); nobody's, once they are erased.
pub fn language(tx: &Tx<'_>, contact: ContactId) -> Result<Option<String>> {
    match contacts::view(tx, contact) {
        Ok(known) => Ok(known.language.map(Personal::into_revealed)),
        Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One purpose alone is refused: what waits for it on the channel is stopped, and a consent to it holds no longer.
pub(crate) fn refuse(
    tx: &Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    (purpose, reason): (&str, &str),
) -> Result<()> {
    let known = identify::lasting_of(tx, contact)?;
    suppressions::set_for(tx, channel, purpose, &known, false, reason)?;
    let (kind, _) = channels::kind_and_state(tx, channel)?;
    consents::told_by(tx, contact, (purpose, &kind), false, Withdrawal { way: reason, at: tx.now() })?;
    outbox::stop(tx, channel, contact, purpose, Refusal::NoConsent).map(|_| ())
}
