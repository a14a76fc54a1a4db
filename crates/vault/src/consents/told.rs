//! What a provider tells of a contact's wishes: a consent given or withdrawn there is recorded as one collected by it.

use super::withdrawing::note;
use super::{NewConsent, Withdrawal, give_until, told_of};
use crate::statement::sql;
use crate::value::params;
use crate::{ConsentId, ContactId, Error, Millis, Personal, Result, Tx, outbox};

/// How consents are marked that a provider collected, in `collected_by`.
const PROVIDER: &str = "provider";

/// What a provider told beside a consent that was given there.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// What proves it.
    pub evidence: Option<Personal<String>>,
    /// From when on it counts no longer, if it was given for a while only.
    pub ends_at: Option<Millis>,
}

/// Records that a contact gave or withdrew a consent at a provider, on its kind of channel, at a moment of the provider's.
/// What is older than what was told before, or was told already, changes nothing. The moment of a withdrawal is recorded
/// even if there was nothing to withdraw. Whether it was news.
pub fn told(
    tx: &Tx<'_>,
    contact: ContactId,
    (purpose, channel): (&str, &str),
    given: bool,
    at: Millis,
) -> Result<bool> {
    told_by(tx, contact, (purpose, channel), given, Withdrawal { way: PROVIDER, at })
}

/// The same, by another way than the provider.
pub fn told_by(
    tx: &Tx<'_>,
    contact: ContactId,
    (purpose, channel): (&str, &str),
    given: bool,
    said: Withdrawal<'_>,
) -> Result<bool> {
    told_with(tx, contact, (purpose, channel), given.then(Proof::default), said)
}

/// The same of a consent that was given with a proof; without one, it was withdrawn.
pub fn told_with(
    tx: &Tx<'_>,
    contact: ContactId,
    (purpose, channel): (&str, &str),
    given: Option<Proof>,
    Withdrawal { way, at }: Withdrawal<'_>,
) -> Result<bool> {
    let at = at.min(tx.now());
    if last_told(tx, contact, purpose, channel)?.is_some_and(|last| last >= at) {
        return Ok(false);
    }
    if let Some(proof) = given {
        if ended_since(tx, contact, (purpose, channel), at)? {
            return Ok(false);
        }
        record(tx, contact, (purpose, channel), at, proof)?;
        return Ok(true);
    }
    // Only who said so has withdrawn; while others are one with them, this overrules what those had given (`in_force`).
    let said = Withdrawal { way, at };
    let standing = standing(tx, contact, (purpose, channel), at)?;
    for id in &standing {
        note(tx, *id, said)?;
    }
    let noted = last_told(tx, contact, purpose, channel)?.is_some_and(|last| last >= at);
    if standing.is_empty() || !noted {
        let id = record(tx, contact, (purpose, channel), at, Proof::default())?;
        note(tx, id, said)?;
    }
    told_of(tx, contact)?;
    outbox::reconsider(tx, contact)?;
    Ok(true)
}

/// Records that a contact took its refusal back at a provider, on its kind of channel: what that refusal had withdrawn is given again,
/// on the ground and the version of the text of before, naming that consent as evidence. Nothing else is: who had agreed to nothing, or ended it in another way since, agrees to
/// nothing by that. Whether something is given again.
///
/// # Errors
/// [`Error::NotFound`] if the contact is not there or was erased.
pub fn restored(tx: &Tx<'_>, contact: ContactId, (purpose, channel): (&str, &str), at: Millis) -> Result<bool> {
    let at = at.min(tx.now());
    if last_told(tx, contact, purpose, channel)?.is_some_and(|last| last >= at) {
        return Ok(false);
    }
    // Refusals of what nobody had agreed to stand there too, given and withdrawn at one moment.
    let last = tx.maybe(
        sql!(
            "SELECT c.id, c.ground, c.text_version, c.ends_at, w.said_at FROM consents c JOIN consent_withdrawals w \
             ON w.workspace_id = c.workspace_id AND w.consent_id = c.id WHERE c.workspace_id = $1 AND c.contact_id = $2 \
             AND c.purpose = $3 AND c.channel = $4 AND c.given_at < w.said_at AND w.way = $5 ORDER BY w.said_at DESC, c.id DESC LIMIT 1"
        ),
        params![contact, purpose, channel, PROVIDER],
        |row| {
            let id = row.get::<ConsentId>(0)?;
            Ok((id, row.text(1)?, row.text(2)?, row.get::<Option<Millis>>(3)?, row.get::<Millis>(4)?))
        },
    )?;
    let Some((before, ground, text_version, ends_at, refused_at)) = last else { return Ok(false) };
    let over = refused_at >= at || ends_at.is_some_and(|ends_at| ends_at <= at);
    if over || ended_otherwise(tx, contact, (purpose, channel), refused_at)? {
        return Ok(false);
    }
    let new = NewConsent {
        contact,
        purpose: purpose.to_owned(),
        channel: channel.to_owned(),
        ground,
        text_version,
        collected_by: PROVIDER.into(),
        text: None,
        evidence: Some(Personal::new(format!("{{\"restores\":\"{before}\"}}"))),
        given_at: at,
    };
    give_until(tx, &new, ends_at)?;
    Ok(true)
}

/// Whether a contact ended this in another way than at the provider, at or after a moment, here or for all kinds of channel.
fn ended_otherwise(tx: &Tx<'_>, contact: ContactId, (purpose, channel): (&str, &str), since: Millis) -> Result<bool> {
    let found = tx.maybe(
        sql!(
            "SELECT 1 FROM consents c JOIN consent_withdrawals w ON w.workspace_id = c.workspace_id AND w.consent_id = c.id \
             WHERE c.workspace_id = $1 AND c.contact_id = $2 AND c.purpose = $3 AND (c.channel = $4 OR c.channel = 'any') \
             AND w.way <> $5 AND w.said_at >= $6 LIMIT 1"
        ),
        params![contact, purpose, channel, PROVIDER, since],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// When a provider last told something of this consent.
fn last_told(tx: &Tx<'_>, contact: ContactId, purpose: &str, channel: &str) -> Result<Option<Millis>> {
    tx.maybe(
        sql!(
            "SELECT CASE WHEN w.said_at IS NOT NULL AND w.said_at > c.given_at THEN w.said_at ELSE c.given_at END \
             FROM consents c LEFT JOIN consent_withdrawals w ON w.workspace_id = c.workspace_id AND w.consent_id = c.id \
             WHERE c.workspace_id = $1 AND c.contact_id = $2 AND c.purpose = $3 AND c.channel = $4 \
             AND c.collected_by = $5 ORDER BY 1 DESC LIMIT 1"
        ),
        params![contact, purpose, channel, PROVIDER],
        |row| row.get(0),
    )
}

/// Whether a contact withdrew this, in whichever way, at or after a moment: a yes from before that comes late is none any more.
fn ended_since(tx: &Tx<'_>, contact: ContactId, (purpose, channel): (&str, &str), at: Millis) -> Result<bool> {
    let found = tx.maybe(
        sql!(
            "SELECT 1 FROM consents c JOIN consent_withdrawals w ON w.workspace_id = c.workspace_id AND w.consent_id = c.id \
             WHERE c.workspace_id = $1 AND c.contact_id = $2 AND c.purpose = $3 AND c.channel = $4 AND w.said_at >= $5 LIMIT 1"
        ),
        params![contact, purpose, channel, at],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// What a contact itself gave on exactly this kind of channel until a moment, and has not withdrawn.
fn standing(tx: &Tx<'_>, contact: ContactId, (purpose, channel): (&str, &str), at: Millis) -> Result<Vec<ConsentId>> {
    tx.all(
        sql!(
            "SELECT c.id FROM consents c WHERE c.workspace_id = $1 AND c.contact_id = $2 AND c.purpose = $3 \
             AND c.channel = $4 AND c.given_at <= $5 AND NOT EXISTS (SELECT 1 FROM consent_withdrawals w \
             WHERE w.workspace_id = $1 AND w.consent_id = c.id)"
        ),
        params![contact, purpose, channel, at],
        |row| row.get(0),
    )
}

fn record(
    tx: &Tx<'_>,
    contact: ContactId,
    (purpose, channel): (&str, &str),
    at: Millis,
    Proof { evidence, ends_at }: Proof,
) -> Result<ConsentId> {
    if purpose.is_empty() {
        return Err(Error::Invalid("a consent has a purpose".into()));
    }
    let new = NewConsent {
        contact,
        purpose: purpose.to_owned(),
        channel: channel.to_owned(),
        ground: "consent".into(),
        text_version: format!("{channel}.preferences"),
        collected_by: PROVIDER.into(),
        text: None,
        evidence,
        given_at: at,
    };
    give_until(tx, &new, ends_at)
}
