//! What was found in a file's bytes as they were uploaded: codes of what some provider forbids. Sealed as the file's name is, as
//! one of them says that the file tells of somebody's health.

use super::{under, view};
use crate::sealing::Place;
use crate::statement::sql;
use crate::value::params;
use crate::{AttachmentId, Personal, Result, Tx};

fn place(row: &str) -> Place<'_> {
    Place { table: "attachments", column: "found_sealed", row }
}

/// Notes what was found in a file, as codes in a row with spaces between.
pub fn note_found(tx: &Tx<'_>, id: AttachmentId, codes: &Personal<String>) -> Result<()> {
    let (attachment, row) = (view(tx, id)?, id.to_string());
    let sealed = tx.seal_text(under(&attachment), place(&row), codes)?;
    tx.run(sql!("UPDATE attachments SET found_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    Ok(())
}

/// What was found in a file; `None` if nothing was, or nobody looked.
pub fn found(tx: &Tx<'_>, id: AttachmentId) -> Result<Option<Personal<String>>> {
    let sealed = tx.maybe(
        sql!("SELECT found_sealed FROM attachments WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    match sealed.flatten() {
        Some(sealed) => tx.open_text(place(&id.to_string()), &sealed),
        None => Ok(None),
    }
}
