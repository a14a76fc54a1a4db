//! What a contact agreed to once, purpose by purpose and channel by channel, as the person sees it who decides anew.

use std::collections::BTreeMap;

use super::standing::words;
use super::withdrawing::{Withdrawal, note};
use super::{Consent, NewConsent, give, of, told_of};
use crate::{ConsentId, ContactId, Millis, Result, Tx, outbox};

/// A purpose on a kind of channel (or on `any`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What for.
    pub purpose: String,
    /// For which kind of channel, or `any`.
    pub channel: String,
    /// Since when it is agreed to; `None`: it is not, any more.
    pub since: Option<Millis>,
}

/// Everything that a contact, or whoever is one with it, ever agreed to or refused, in the order of its words.
pub fn pairs(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Pair>> {
    let mut latest: BTreeMap<(String, String), Consent> = BTreeMap::new();
    for consent in of(tx, contact)? {
        latest.entry((consent.purpose.clone(), consent.channel.clone())).or_insert(consent);
    }
    let mut all = Vec::with_capacity(latest.len());
    for ((purpose, channel), last) in latest {
        let stands = !words(tx, contact, &purpose, &channel)?.is_empty();
        all.push(Pair { purpose, channel, since: stands.then_some(last.given_at) });
    }
    Ok(all)
}

/// Ends all that is agreed to for a purpose on a kind of channel, whichever of those who are one with the contact gave it. Where
/// it is agreed to for any channel, the refusal of this one is recorded beside that. What was ended, or refused; empty where nothing was
/// agreed to.
pub fn end(
    tx: &Tx<'_>,
    contact: ContactId,
    (purpose, channel): (&str, &str),
    said: Withdrawal<'_>,
) -> Result<Vec<ConsentId>> {
    let meant =
        |consent: &Consent| consent.purpose == purpose && consent.channel == channel && consent.withdrawn_at.is_none();
    let mut ended: Vec<ConsentId> = of(tx, contact)?.iter().filter(|one| meant(one)).map(|one| one.id).collect();
    for consent in &ended {
        note(tx, *consent, said)?;
    }
    if !words(tx, contact, purpose, channel)?.is_empty() {
        ended.push(refuse(tx, contact, (purpose, channel), said)?);
    }
    if !ended.is_empty() {
        told_of(tx, contact)?;
        outbox::reconsider(tx, contact)?;
    }
    Ok(ended)
}

/// A refusal is a consent that ended as it began.
fn refuse(
    tx: &Tx<'_>,
    contact: ContactId,
    (purpose, channel): (&str, &str),
    said: Withdrawal<'_>,
) -> Result<ConsentId> {
    let new = NewConsent {
        contact,
        purpose: purpose.to_owned(),
        channel: channel.to_owned(),
        ground: "consent".into(),
        text_version: "refusal".into(),
        text: None,
        collected_by: said.way.to_owned(),
        evidence: None,
        given_at: said.at,
    };
    let id = give(tx, &new)?;
    note(tx, id, said)?;
    Ok(id)
}
