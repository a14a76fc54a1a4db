//! Refusals of one purpose alone (marketing): the contact may still be written to otherwise. They are rows like any other,
//! under a hash of their own, so that the ledger and a restore treat them alike.

use super::note;
use crate::identities::{self, NewIdentity};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Millis, Result, Tx, merges};

fn hash(tx: &Tx<'_>, channel: ChannelId, purpose: &str, identity: &NewIdentity) -> Result<Vec<u8>> {
    let whose = hex::encode(identities::hash(tx, identity)?);
    tx.blind("suppression of a purpose", &format!("{purpose}:{channel}:{whose}"))
}

/// Notes that whoever has these identities refuses (or accepts again) messages of one purpose on a channel from now on.
pub fn set_for(
    tx: &Tx<'_>,
    channel: ChannelId,
    purpose: &str,
    of: &[NewIdentity],
    accepts: bool,
    reason: &str,
) -> Result<()> {
    told_for(tx, (channel, purpose), of, (accepts, reason), tx.now()).map(|_| ())
}

/// The same, as it was said at a moment, like [`super::told`].
pub fn told_for(
    tx: &Tx<'_>,
    (channel, purpose): (ChannelId, &str),
    of: &[NewIdentity],
    word: (bool, &str),
    at: Millis,
) -> Result<bool> {
    let mut counts = false;
    for identity in of {
        counts |= note(tx, hash(tx, channel, purpose, identity)?, word, at)?;
    }
    Ok(counts)
}

/// Whether a contact refuses messages of a purpose on a channel.
pub fn stands_for(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, purpose: &str) -> Result<bool> {
    for member in merges::family(tx, contact)? {
        for identity in identities::of(tx, member)? {
            let identity =
                NewIdentity { kind: identity.kind, scope: identity.scope.into_revealed(), value: identity.value };
            let found = tx.maybe(
                sql!("SELECT 1 FROM suppressions WHERE workspace_id = $1 AND value_hash = $2 AND lifted = FALSE"),
                params![hash(tx, channel, purpose, &identity)?],
                |_| Ok(()),
            )?;
            if found.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
