//! A contact sees what it agreed to, purpose by purpose and channel by channel, ends any of it, and turns on again what it had ended:
//! on the page that a link in advertising leads to.

#[cfg(test)]
mod tests;

use vault::consents::{self, BY_CONTACT, NewConsent, Pair, Withdrawal};
use vault::{ChannelId, ContactId, Personal, Result, Tx};
use vault::{audit, channels, contacts, suppressions};

use crate::identify;

/// How consents are marked that were given on that page, in `collected_by`.
const PAGE: &str = "preferences";

/// A text to which somebody agrees.
#[derive(Debug, Clone)]
pub struct Text {
    /// Another for every other text.
    pub version: String,
    /// The text, exactly as it was shown.
    pub text: Personal<String>,
}

/// What a contact agreed to, as it stands where the link was sent. Of the erased there is nothing.
pub fn seen(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<Vec<Pair>> {
    if !is_there(tx, contact)? {
        return Ok(Vec::new());
    }
    let (kind, _) = channels::kind_and_state(tx, channel)?;
    let mut all = consents::pairs(tx, contact)?;
    for pair in all.iter_mut().filter(|pair| pair.channel == kind) {
        // What was refused by one click, or at the provider, is off, whatever was recorded before.
        if suppressions::stands_for(tx, channel, contact, &pair.purpose)? {
            pair.since = None;
        }
    }
    Ok(all)
}

fn is_there(tx: &Tx<'_>, contact: ContactId) -> Result<bool> {
    match contacts::require(tx, contact) {
        Ok(()) => Ok(true),
        Err(vault::Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A contact ends what it agreed to for a purpose on a kind of channel; what waits to be sent on it is stopped at once. Whether there was
/// anything to end.
pub fn end(tx: &Tx<'_>, contact: ContactId, (purpose, kind): (&str, &str)) -> Result<bool> {
    if !is_there(tx, contact)? {
        return Ok(false);
    }
    let ended = consents::end(tx, contact, (purpose, kind), Withdrawal { way: BY_CONTACT, at: tx.now() })?;
    for consent in &ended {
        audit::record(tx, "consent.withdrawn", &consent.to_string())?;
    }
    Ok(!ended.is_empty())
}

/// The same with everything that it agreed to.
pub fn end_all(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<bool> {
    let mut ended = false;
    for pair in seen(tx, channel, contact)?.iter().filter(|pair| pair.since.is_some()) {
        ended |= end(tx, contact, (&pair.purpose, &pair.channel))?;
    }
    Ok(ended)
}

/// A contact turns on again what it had ended: that is a new consent, to this page's text. What it never agreed to it cannot turn on here.
/// Whether it was turned on.
pub fn renew(
    tx: &Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    (purpose, kind): (&str, &str),
    text: &Text,
) -> Result<bool> {
    let known = seen(tx, channel, contact)?;
    let is_ended = |pair: &&Pair| pair.purpose == purpose && pair.channel == kind && pair.since.is_none();
    if !known.iter().any(|pair| is_ended(&pair)) {
        return Ok(false);
    }
    let new = NewConsent {
        contact: vault::merges::standing(tx, contact)?,
        purpose: purpose.to_owned(),
        channel: kind.to_owned(),
        ground: consents::Ground::Consent.as_str().to_owned(),
        text_version: text.version.clone(),
        text: Some(text.text.clone()),
        collected_by: PAGE.to_owned(),
        evidence: None,
        given_at: tx.now(),
    };
    let id = consents::give(tx, &new)?;
    let (here, _) = channels::kind_and_state(tx, channel)?;
    if kind == here || kind == "any" {
        let known = identify::lasting_of(tx, contact)?;
        suppressions::set_for(tx, channel, purpose, &known, true, BY_CONTACT)?;
    }
    audit::record(tx, "consent.given", &id.to_string())?;
    Ok(true)
}
