//! Signed evidence of one erasure, which anybody verifies without the installation (`parloir prove --verify`): what went, when, what is
//! kept on which ground, the line of the ledger, and that custody has none of the keys any more.

use serde_json::{Value, json};

use super::record::{self, Row};
use super::view;
use crate::id::KeyId;
use crate::keys::Deed;
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, ErasureId, Error, Result, Scope, Tx, Vault, WorkspaceId, audit};

/// Ledger lines read at once.
const PAGE: i64 = 500;
/// Keys looked for at once.
const KEYS: i64 = 10_000;

impl Vault {
    /// Evidence of an erasure, as of now: `{"evidence", "key", "note"}`, signed as [`Vault::evidence`] is. Nothing in it is of the
    /// person: ids, tables, counts, times and grounds.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such erasure; whatever the keys' holder says.
    pub async fn erasure_evidence(&self, scope: &Scope, id: ErasureId, version: &str) -> Result<Value> {
        let (erasure, contact, doomed) = self.write(scope, move |tx| told(tx, id)).await?;
        let workspace = scope.workspace();
        let checkpoint = match self.audit_note(scope).await {
            Ok(note) => Some(note),
            Err(Error::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        let (line, keys) = self
            .off_thread(move |vault| Ok((line(vault, workspace, contact)?, in_custody(vault, workspace, &doomed)?)))
            .await?;
        let evidence = json!({
            "format": "parloir/erasure/1", "workspace": workspace, "checkpoint": checkpoint, "erasure": erasure,
            "contact": contact, "ledger_subject": line, "keys_in_custody": keys,
        });
        self.signed_evidence(evidence, version).await
    }
}

/// What the record says, whose erasure it is, and which keys were doomed and may be there still.
fn told(tx: &Tx<'_>, id: ErasureId) -> Result<(Value, ContactId, Vec<KeyId>)> {
    let erasure = view(tx, id)?;
    let Row { contact, .. } = record::row(tx, id)?;
    let doomed = tx.all(
        sql!("SELECT key_id FROM doomed_keys WHERE workspace_id = $1 AND erasure_id = $2 ORDER BY key_id LIMIT $3"),
        params![id, KEYS],
        |row| row.get::<KeyId>(0),
    )?;
    audit::record(tx, "erasure.evidence", &id.to_string())?;
    let kept: Vec<Value> = erasure
        .kept
        .iter()
        .map(|kept| json!({ "what": kept.what, "ground": kept.ground, "until": kept.until }))
        .collect();
    let remote: Vec<Value> = erasure
        .remote
        .iter()
        .map(|remote| json!({ "system": remote.system, "state": remote.state.as_str(), "reason": remote.reason }))
        .collect();
    let told = json!({
        "id": erasure.id, "state": erasure.state.as_str(), "erased": erasure.erased, "kept": kept, "remote": remote,
        "requested_at": erasure.requested_at, "completed_at": erasure.completed_at,
    });
    Ok((told, contact, doomed))
}

/// The subject of the ledger's line, if it has one: a keyed hash, in hex.
fn line(vault: &Vault, workspace: WorkspaceId, contact: ContactId) -> Result<Option<String>> {
    let wanted = vault.keys().line(workspace, Deed::ContactErased, contact.to_string().as_bytes())?.subject;
    let mut after = 0;
    loop {
        let page = vault.keys().ledger(workspace, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        after = *last;
        if page.iter().any(|(_, line)| line.deed == Deed::ContactErased && line.subject == wanted) {
            return Ok(Some(hex::encode(wanted)));
        }
    }
}

/// How many of these keys custody still has.
fn in_custody(vault: &Vault, workspace: WorkspaceId, keys: &[KeyId]) -> Result<usize> {
    let mut left = 0;
    for key in keys {
        left += usize::from(vault.keys().contact_key(workspace, *key)?.is_some());
    }
    Ok(left)
}
