//! Behind the wall: what only somebody with a hand in the machine could find out, for tests that ask whether what was
//! erased is gone.

use crate::id::KeyId;
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, Result, Scope, Vault};

/// The ids of a contact's keys, as they stand in the database now.
///
/// # Errors
/// What the database says.
pub async fn keys_of(vault: &Vault, scope: &Scope, contact: ContactId) -> Result<Vec<String>> {
    let all = move |tx: &crate::Tx<'_>| {
        tx.all(
            sql!("SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2 ORDER BY key_id"),
            params![contact],
            |row| row.get::<KeyId>(0).map(|id| id.to_string()),
        )
    };
    vault.read(scope, all).await
}

/// Whether custody or the program's memory still has a contact's key.
///
/// # Errors
/// What custody says.
pub fn has_key(vault: &Vault, scope: &Scope, key: &str) -> Result<bool> {
    Ok(vault.keys().contact_key(scope.workspace(), key.parse()?)?.is_some())
}
