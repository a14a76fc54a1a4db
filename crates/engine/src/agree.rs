//! What a visitor agrees to before they write: a consent of the contact, with the version of its text and the text itself.

use connect::Person;
use vault::consents::{self, NewConsent};
use vault::{ChannelId, ContactId, Personal, Result, Tx, audit};

use crate::identify;

/// What such consents are for.
const PURPOSE: &str = "chat";

/// The text that is agreed to.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The kind of channel on which it was shown.
    pub kind: String,
    /// Another for every other text.
    pub version: String,
    /// The text, as it was shown.
    pub text: Personal<String>,
}

/// Somebody agrees. Whoever has agreed to this text already has done so once.
pub fn given(tx: &Tx<'_>, channel: ChannelId, person: &Person, terms: &Terms) -> Result<()> {
    let contact = identify::contact(tx, channel, person)?;
    if standing(tx, contact)?.iter().any(|consent| consent.text_version == terms.version) {
        return Ok(());
    }
    let new = NewConsent {
        contact,
        purpose: PURPOSE.to_owned(),
        channel: terms.kind.clone(),
        ground: "consent".to_owned(),
        text_version: terms.version.clone(),
        collected_by: "form".to_owned(),
        text: Some(terms.text.clone()),
        evidence: None,
        given_at: tx.now(),
    };
    let id = consents::give(tx, &new)?;
    audit::record(tx, "consent.given", &id.to_string()).map(|_| ())
}

/// Whether somebody agrees to this version of the text now.
pub fn stands(tx: &Tx<'_>, channel: ChannelId, person: &Person, version: &str) -> Result<bool> {
    let Some(contact) = identify::known(tx, channel, person)? else { return Ok(false) };
    Ok(standing(tx, contact)?.iter().any(|consent| consent.text_version == version))
}

/// Somebody takes back all that they agreed to for this purpose.
pub fn taken_back(tx: &Tx<'_>, channel: ChannelId, person: &Person) -> Result<()> {
    let Some(contact) = identify::known(tx, channel, person)? else { return Ok(()) };
    for consent in standing(tx, contact)? {
        consents::withdraw(tx, consent.id)?;
        audit::record(tx, "consent.withdrawn", &consent.id.to_string())?;
    }
    Ok(())
}

fn standing(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<consents::Consent>> {
    let all = consents::of(tx, contact)?;
    Ok(all.into_iter().filter(|consent| consent.purpose == PURPOSE && consent.withdrawn_at.is_none()).collect())
}
