//! The keys that give way in a rotation, and what takes the place of each.

use std::collections::HashMap;

use super::What;
use super::place::Stored;
use crate::id::KeyId;
use crate::keys::Family;
use crate::sealing::Under;
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Result, RotationId, Scope, Tx, Vault};

/// Old keys, and under what is sealed instead.
pub(super) type Retired = HashMap<KeyId, Under>;

/// Retires all keys of contacts, for one rotation, which alone destroys them. The next seal for each channel draws a new one.
/// Keys of a rotation that is no more are taken over.
pub(super) fn retire_contacts(tx: &Tx<'_>, contacts: &[ContactId], id: RotationId) -> Result<()> {
    for contact in contacts {
        tx.run(
            sql!(
                "UPDATE contact_keys SET retired_at = $3, retired_by = $4 WHERE workspace_id = $1 AND contact_id = $2 \
                 AND NOT EXISTS (SELECT 1 FROM rotations r WHERE r.workspace_id = $1 AND r.id = contact_keys.retired_by \
                 AND r.state <> 'done')"
            ),
            params![*contact, tx.now(), id],
        )?;
    }
    Ok(())
}

/// Whether a contact has keys.
pub(super) fn has_keys(tx: &Tx<'_>, contact: ContactId) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2 LIMIT 1"),
        params![contact],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

impl Vault {
    /// The generations that give way in a rotation of a workspace's key. Asked before a transaction, never in one: custody
    /// may be slow, and so may be whoever holds the root key.
    pub(super) async fn old_generations(&self, scope: &Scope, row: &Stored) -> Result<Vec<KeyId>> {
        let (workspace, target) = (scope.workspace(), row.target);
        let family = match row.rotation.what {
            What::Content => Family::Content,
            What::Evidence => Family::Evidence,
            What::Contact(_) | What::Index | What::Workspace | What::Audit => return Ok(Vec::new()),
        };
        self.off_thread(move |vault| vault.keys().generations_before(workspace, family, target)).await
    }
}

/// The keys that a rotation replaces, given the generations that do.
pub(super) fn retired(tx: &Tx<'_>, row: &Stored, generations: &[KeyId]) -> Result<Retired> {
    let under = |under| generations.iter().map(|key| (*key, under)).collect();
    match row.rotation.what {
        What::Contact(_) => of_contact(tx, row.rotation.id),
        What::Content => Ok(under(Under::Workspace)),
        What::Evidence => Ok(under(Under::Evidence)),
        What::Index | What::Workspace | What::Audit => Ok(Retired::new()),
    }
}

/// Those that this rotation retired, whoever was merged or split since; never those of another.
fn of_contact(tx: &Tx<'_>, id: RotationId) -> Result<Retired> {
    let rows = tx.all(
        sql!(
            "SELECT key_id, contact_id, channel_id FROM contact_keys WHERE workspace_id = $1 AND retired_by = $2 \
             AND retired_at IS NOT NULL"
        ),
        params![id],
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

/// After a restore: keys that custody has no more are retired, so that who had them gets others with the next seal. Looks at a
/// page of them; where to go on.
pub(crate) fn retire_lost(tx: &Tx<'_>, after: &str, limit: i64) -> Result<Option<String>> {
    let keys = tx.all(
        sql!(
            "SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND retired_at IS NULL AND key_id > $2 \
             ORDER BY key_id LIMIT $3"
        ),
        params![after, limit],
        |row| row.get::<KeyId>(0),
    )?;
    for key in &keys {
        if !tx.keys.has_contact_key(tx.workspace()?, *key)? {
            tx.run(
                sql!("UPDATE contact_keys SET retired_at = $3 WHERE workspace_id = $1 AND key_id = $2"),
                params![*key, tx.now()],
            )?;
        }
    }
    Ok(keys.last().map(ToString::to_string))
}

/// Takes the rows of the keys away that a rotation has destroyed.
pub(super) fn forget(tx: &Tx<'_>, id: RotationId, keys: &[KeyId]) -> Result<()> {
    for key in keys {
        tx.run(
            sql!("DELETE FROM contact_keys WHERE workspace_id = $1 AND key_id = $2 AND retired_by = $3"),
            params![key, id],
        )?;
    }
    Ok(())
}
