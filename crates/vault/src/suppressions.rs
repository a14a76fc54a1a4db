//! Suppressions: identities that must not be written to. Keyed hashes and times only, surviving erasure.

mod purpose;
#[cfg(test)]
mod tests;

pub use purpose::{set_for, stands_for};

use crate::identities::{self, NewIdentity};
use crate::inbox::Arrival;
use crate::keys::{Deed, Line};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Millis, Result, Tx, merges};

/// What is suppressed: every message of a channel.
const MESSAGES: &str = "messages";

fn hash(tx: &Tx<'_>, channel: ChannelId, identity: &NewIdentity) -> Result<Vec<u8>> {
    let identity = format!("{}:{}{}:{}", identity.kind, identity.scope.len(), identity.scope, identity.value.reveal());
    tx.blind("suppression", &format!("{channel}{identity}"))
}

/// Notes that whoever has these identities refuses (or accepts again) messages on a channel. `reason` is a plain word. What
/// changes is said in the custody ledger too, so that a restored backup does not forget a refusal (D-4).
pub fn set(tx: &Tx<'_>, channel: ChannelId, of: &[NewIdentity], accepts: bool, reason: &str) -> Result<()> {
    for identity in of {
        let subject = hash(tx, channel, identity)?;
        let changed = restore(tx, &subject, (!accepts).then_some(reason))?;
        if changed {
            let deed = if accepts { Deed::Unsuppressed } else { Deed::Suppressed };
            tx.keys.record(tx.workspace()?, vec![Line { deed, subject, detail: reason.to_owned() }])?;
        }
    }
    Ok(())
}

/// Makes a suppression what the ledger says of it: there for a reason, or lifted. Whether that changed anything.
pub(crate) fn restore(tx: &Tx<'_>, hash: &[u8], reason: Option<&str>) -> Result<bool> {
    let changed = match reason {
        Some(reason) => tx.run(
            sql!(
                "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (workspace_id, value_hash, purpose) DO NOTHING"
            ),
            params![hash, MESSAGES, reason, tx.now()],
        )?,
        None => tx.run(
            sql!("DELETE FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 AND purpose = $3"),
            params![hash, MESSAGES],
        )?,
    };
    Ok(changed == 1)
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
            sql!("SELECT 1 FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 AND purpose = $3"),
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
