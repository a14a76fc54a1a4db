//! The keys that give way in a rotation, and what takes the place of each.

use std::collections::HashMap;

use super::place::Stored;
use super::{What, generation};
use crate::id::KeyId;
use crate::keys::Family;
use crate::sealing::Under;
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Error, Millis, Result, Tx};

/// Old keys, and under what is sealed instead.
pub(super) type Retired = HashMap<KeyId, Under>;

/// Retires all keys of a contact and of those who were merged into it. The next seal for each channel draws a new one.
pub(super) fn retire_contact(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    let erased = tx.maybe(
        sql!("SELECT erased_at IS NOT NULL FROM contacts WHERE workspace_id = $1 AND id = $2"),
        params![contact],
        |row| row.get::<bool>(0),
    )?;
    if erased != Some(false) {
        return Err(Error::NotFound("contact"));
    }
    tx.run(
        sql!(
            "UPDATE contact_keys SET retired_at = $3 WHERE workspace_id = $1 AND retired_at IS NULL AND contact_id IN \
             (SELECT id FROM contacts WHERE workspace_id = $1 AND (id = $2 OR merged_into = $2))"
        ),
        params![contact, tx.now()],
    )?;
    Ok(())
}

/// The keys that a rotation replaces.
pub(super) fn retired(tx: &Tx<'_>, row: &Stored) -> Result<Retired> {
    match row.rotation.what {
        What::Contact(contact) => of_contact(tx, contact, row.rotation.started_at),
        What::Content => of_family(tx, Family::Content, Under::Workspace),
        What::Evidence => of_family(tx, Family::Evidence, Under::Evidence),
        What::Index | What::Workspace | What::Audit => Ok(Retired::new()),
    }
}

/// Also those of who was split off since: they were retired in the moment in which the rotation began.
fn of_contact(tx: &Tx<'_>, contact: ContactId, begun: Millis) -> Result<Retired> {
    let rows = tx.all(
        sql!(
            "SELECT key_id, contact_id, channel_id FROM contact_keys WHERE workspace_id = $1 AND retired_at IS NOT NULL \
             AND (retired_at = $3 OR contact_id IN \
             (SELECT id FROM contacts WHERE workspace_id = $1 AND (id = $2 OR merged_into = $2)))"
        ),
        params![contact, begun],
        |row| Ok((row.get::<KeyId>(0)?, row.get::<ContactId>(1)?, row.text(2)?)),
    )?;
    let under = |(key, owner, channel): (KeyId, ContactId, String)| {
        let under = if channel.is_empty() {
            Under::Contact(owner)
        } else {
            Under::ContactOn(owner, channel.parse::<ChannelId>()?)
        };
        Ok((key, under))
    };
    rows.into_iter().map(under).collect()
}

fn of_family(tx: &Tx<'_>, family: Family, under: Under) -> Result<Retired> {
    let old = tx.keys.generations_before(tx.workspace()?, family, generation(tx, family)?)?;
    Ok(old.into_iter().map(|key| (key, under)).collect())
}

/// Takes the rows of a contact's destroyed keys away.
pub(super) fn forget(tx: &Tx<'_>, keys: &[KeyId]) -> Result<()> {
    for key in keys {
        tx.run(
            sql!("DELETE FROM contact_keys WHERE workspace_id = $1 AND key_id = $2 AND retired_at IS NOT NULL"),
            params![key],
        )?;
    }
    Ok(())
}
