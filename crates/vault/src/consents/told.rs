//! What a provider tells of a contact's wishes: a consent given or withdrawn there is recorded as one collected by it.

use super::{NewConsent, give};
use crate::statement::sql;
use crate::value::params;
use crate::{ConsentId, ContactId, Error, Millis, Result, Tx};

/// How consents are marked that a provider collected, in `collected_by`.
const PROVIDER: &str = "provider";

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
    let at = at.min(tx.now());
    if last_told(tx, contact, purpose, channel)?.is_some_and(|last| last >= at) {
        return Ok(false);
    }
    if given {
        record(tx, contact, (purpose, channel), at)?;
        return Ok(true);
    }
    // Only who said so has withdrawn; while others are one with them, this overrules what those had given (`in_force`).
    let withdrawn = tx.run(
        sql!(
            "UPDATE consents SET withdrawn_at = $5 WHERE workspace_id = $1 AND contact_id = $2 AND purpose = $3 \
             AND channel = $4 AND withdrawn_at IS NULL AND given_at <= $5"
        ),
        params![contact, purpose, channel, at],
    )?;
    let noted = last_told(tx, contact, purpose, channel)?.is_some_and(|last| last >= at);
    if withdrawn == 0 || !noted {
        let id = record(tx, contact, (purpose, channel), at)?;
        tx.run(sql!("UPDATE consents SET withdrawn_at = $3 WHERE workspace_id = $1 AND id = $2"), params![id, at])?;
    }
    Ok(true)
}

/// When a provider last told something of this consent.
fn last_told(tx: &Tx<'_>, contact: ContactId, purpose: &str, channel: &str) -> Result<Option<Millis>> {
    tx.maybe(
        sql!(
            "SELECT CASE WHEN withdrawn_at IS NOT NULL AND withdrawn_at > given_at THEN withdrawn_at ELSE given_at END \
             FROM consents WHERE workspace_id = $1 AND contact_id = $2 AND purpose = $3 AND channel = $4 \
             AND collected_by = $5 ORDER BY 1 DESC LIMIT 1"
        ),
        params![contact, purpose, channel, PROVIDER],
        |row| row.get(0),
    )
}

fn record(tx: &Tx<'_>, contact: ContactId, (purpose, channel): (&str, &str), at: Millis) -> Result<ConsentId> {
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
        evidence: None,
        given_at: at,
    };
    give(tx, &new)
}
