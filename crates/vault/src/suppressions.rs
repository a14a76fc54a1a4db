//! Suppressions: identities that must not be written to. Keyed hashes and times only, surviving erasure.

mod purpose;
#[cfg(test)]
mod tests;

pub use purpose::{set_for, stands_for, told_for};

use crate::identities::{self, NewIdentity};
use crate::inbox::Arrival;
use crate::keys::{Deed, Line};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Millis, Result, Tx, merges};

/// What is suppressed: every message of a channel.
const MESSAGES: &str = "messages";
/// The reason where a provider said so, and not the contact.
pub const PROVIDER: &str = "provider";
/// How long it is kept that a refusal was lifted, in milliseconds: what is older than that comes no more, as providers repeat what they
/// tell for seven days at most.
const LIFTED_KEPT_MS: Millis = 30 * 24 * 3_600_000;

fn hash(tx: &Tx<'_>, channel: ChannelId, identity: &NewIdentity) -> Result<Vec<u8>> {
    let identity = format!("{}:{}{}:{}", identity.kind, identity.scope.len(), identity.scope, identity.value.reveal());
    tx.blind("suppression", &format!("{channel}{identity}"))
}

/// Notes that whoever has these identities refuses (or accepts again) messages on a channel from now on. `reason` is a plain
/// word.
pub fn set(tx: &Tx<'_>, channel: ChannelId, of: &[NewIdentity], accepts: bool, reason: &str) -> Result<()> {
    told(tx, channel, of, (accepts, reason), tx.now()).map(|_| ())
}

/// The same, as it was said at a moment. An older word that comes after a newer one changes nothing; within the same second
/// the later to come counts. What changes is said in the custody ledger too, so that a restored backup does not forget a
/// refusal (D-4). `false` if nothing but older words was brought.
pub fn told(tx: &Tx<'_>, channel: ChannelId, of: &[NewIdentity], word: (bool, &str), at: Millis) -> Result<bool> {
    let mut counts = false;
    for identity in of {
        counts |= note(tx, hash(tx, channel, identity)?, word, at)?;
    }
    Ok(counts)
}

/// Somebody wrote who could not if the provider's word still held that they are not to be written to: that word is lifted, unless it is
/// newer. What they refused themselves stays refused. `false` if the provider had said nothing of them.
pub fn heard(tx: &Tx<'_>, channel: ChannelId, of: &[NewIdentity], at: Millis) -> Result<bool> {
    let mut lifted = false;
    for identity in of {
        let subject = hash(tx, channel, identity)?;
        let by_provider = tx.maybe(
            sql!(
                "SELECT 1 FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 AND purpose = $3 AND reason = $4 \
                 AND lifted = FALSE"
            ),
            params![&subject, MESSAGES, PROVIDER],
            |_| Ok(()),
        )?;
        lifted |= by_provider.is_some() && note(tx, subject, (true, PROVIDER), at)?;
    }
    Ok(lifted)
}

/// Notes a word of somebody about messages. That it was lifted is kept as well, so that an older refusal that comes late does not
/// stand against it.
fn note(tx: &Tx<'_>, subject: Vec<u8>, (accepts, reason): (bool, &str), at: Millis) -> Result<bool> {
    // Providers tell the time in whole seconds, and their clocks may be ahead of ours.
    let at = at.min(tx.now()).div_euclid(1_000) * 1_000;
    let before = tx.maybe(
        sql!(
            "SELECT lifted, COALESCE(said_at, 0) FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 \
             AND purpose = $3"
        ),
        params![&subject, MESSAGES],
        |row| Ok((row.get::<bool>(0)?, row.get::<Millis>(1)?)),
    )?;
    if before.is_some_and(|(_, said_at)| said_at > at) {
        return Ok(false);
    }
    write(tx, &subject, (accepts, reason), Some(at))?;
    let refused = before.is_some_and(|(lifted, _)| !lifted);
    if refused == accepts {
        let deed = if accepts { Deed::Unsuppressed } else { Deed::Suppressed };
        tx.keys.record(tx.workspace()?, vec![Line { deed, subject, detail: reason.to_owned() }])?;
    }
    Ok(true)
}

fn write(tx: &Tx<'_>, hash: &[u8], (accepts, reason): (bool, &str), said_at: Option<Millis>) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at, said_at, lifted) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, value_hash, purpose) DO UPDATE SET \
             reason = CASE WHEN suppressions.lifted = excluded.lifted THEN suppressions.reason ELSE excluded.reason END, \
             at = CASE WHEN suppressions.lifted = excluded.lifted THEN suppressions.at ELSE excluded.at END, \
             said_at = excluded.said_at, lifted = excluded.lifted"
        ),
        params![hash, MESSAGES, reason, tx.now(), said_at, accepts],
    )?;
    Ok(())
}

/// Deletes refusals that were lifted so long ago that no older word can come any more, at most `limit`; how many it was.
pub(crate) fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM suppressions WHERE workspace_id = $1 AND purpose = $2 AND lifted = TRUE AND value_hash IN \
             (SELECT value_hash FROM suppressions WHERE workspace_id = $1 AND purpose = $2 AND lifted = TRUE AND at < $3 \
             AND COALESCE(said_at, 0) < $3 LIMIT $4)"
        ),
        params![MESSAGES, tx.now() - LIFTED_KEPT_MS, limit],
    )
}

/// Makes a suppression what the ledger says of it: there for a reason, or lifted. When that was said nobody knows any more, so
/// that whatever is said next counts.
pub(crate) fn restore(tx: &Tx<'_>, hash: &[u8], reason: Option<&str>) -> Result<()> {
    let stands = tx.maybe(
        sql!(
            "SELECT 1 FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 AND purpose = $3 AND lifted = FALSE"
        ),
        params![hash, MESSAGES],
        |_| Ok(()),
    )?;
    match (stands, reason) {
        (None, Some(reason)) => write(tx, hash, (false, reason), None),
        (Some(()), None) => write(tx, hash, (true, "restored"), None),
        (Some(()), Some(_)) | (None, None) => Ok(()),
    }
}

/// Whether a contact, or anybody who is one with it, refuses messages on a channel. The refusal stays with the identity that
/// it came from: who is split off takes theirs along.
pub fn stands(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<bool> {
    for member in merges::family(tx, contact)? {
        if refuses(tx, channel, member)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn refuses(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<bool> {
    for identity in identities::of(tx, contact)? {
        let identity =
            NewIdentity { kind: identity.kind, scope: identity.scope.into_revealed(), value: identity.value };
        let found = tx.maybe(
            sql!("SELECT 1 FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 AND purpose = $3 AND lifted = FALSE"),
            params![hash(tx, channel, &identity)?, MESSAGES],
            |_| Ok(()),
        )?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether somebody with this identity was erased when or after something of theirs was received: then it must not be kept.
pub fn erased_since(tx: &Tx<'_>, identity: &NewIdentity, received: impl Into<Arrival>) -> Result<bool> {
    let Arrival { at, place } = received.into();
    let found = tx.maybe(
        sql!(
            "SELECT at, received_before FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 \
             AND purpose = 'identity' AND reason = 'erased'"
        ),
        params![identities::hash(tx, identity)?],
        |row| Ok((row.get::<Millis>(0)?, row.get::<Option<i64>>(1)?)),
    )?;
    Ok(match (found, place) {
        (None, _) => false,
        // The clock may have been set back since: the inbox's own order is asked where it is known.
        (Some((_, Some(before))), Some(place)) => place < before,
        (Some((erased_at, _)), _) => erased_at >= at,
    })
}
