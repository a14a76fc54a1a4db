//! The key of a file that is being fetched. Whoever fetches it asks for the key first, and everybody gets the same one: a
//! worker that was slow, and whose job another one has done meanwhile, then replaces the bytes by others that the same key
//! opens, and not by what nothing opens any more.

use super::{FileKey, file_key, under, view};
use crate::sealing::Place;
use crate::statement::sql;
use crate::value::params;
use crate::{AttachmentId, Result, Tx};

/// The key under which the bytes of an attachment are to be sealed, whoever brings them.
///
/// # Errors
/// [`crate::Error::NotFound`] if it is not there any more, or its contact was erased.
pub fn key_for(tx: &Tx<'_>, id: AttachmentId) -> Result<FileKey> {
    if let Some(key) = file_key(tx, id)? {
        return Ok(key);
    }
    let attachment = view(tx, id)?;
    let (row, key) = (id.to_string(), FileKey::new(tx.chance()));
    let place = Place { table: "attachments", column: "file_key_sealed", row: &row };
    let sealed = tx.seal(under(&attachment), place, &key[..])?;
    tx.run(
        sql!("UPDATE attachments SET file_key_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, sealed],
    )?;
    Ok(key)
}
