//! Identities that pass from one contact to another, because the provider says whose they are now.

use super::{NewIdentity, add, find, hash};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Result, Tx};

/// Takes an identity from a contact; `false` if it was not theirs.
pub fn part(tx: &Tx<'_>, contact: ContactId, identity: &NewIdentity) -> Result<bool> {
    let parted = tx.run(
        sql!("DELETE FROM identities WHERE workspace_id = $1 AND value_hash = $2 AND contact_id = $3"),
        params![hash(tx, identity)?, contact],
    )?;
    Ok(parted == 1)
}

/// Gives an identity to a contact, whoever had it before; who that was, if somebody else.
pub fn hand_over(
    tx: &Tx<'_>,
    contact: ContactId,
    channel: ChannelId,
    identity: &NewIdentity,
) -> Result<Option<ContactId>> {
    let before = find(tx, identity)?;
    match before {
        Some(owner) if owner == contact => Ok(None),
        Some(owner) => {
            part(tx, owner, identity)?;
            add(tx, contact, channel, identity)?;
            Ok(Some(owner))
        }
        None => add(tx, contact, channel, identity).map(|_| None),
    }
}
