//! Labels on conversations.

use crate::sealing::Place;
use crate::statement::sql;
use crate::value::params;
use crate::{ConversationId, Error, LabelId, Personal, Result, Tx, labels};

/// Replaces a conversation's labels; a label that is new to the workspace is made.
pub(super) fn set(tx: &Tx<'_>, conversation: ConversationId, names: &[String]) -> Result<()> {
    check(names)?;
    tx.run(
        sql!("DELETE FROM conversation_labels WHERE workspace_id = $1 AND conversation_id = $2"),
        params![conversation],
    )?;
    for name in names {
        let label = labels::find_or_make(tx, &Personal::new(name.clone()))?;
        tx.run(
            sql!(
                "INSERT INTO conversation_labels (workspace_id, conversation_id, label_id) VALUES ($1, $2, $3) \
                 ON CONFLICT (workspace_id, conversation_id, label_id) DO NOTHING"
            ),
            params![conversation, label],
        )?;
    }
    Ok(())
}

/// Refuses names that no label can have.
pub(super) fn check(names: &[String]) -> Result<()> {
    if names.len() > 50 || names.iter().any(|name| name.trim().is_empty() || name.chars().count() > 60) {
        return Err(Error::Invalid("labels: at most 50, each of 1 to 60 characters".into()));
    }
    Ok(())
}

/// The label of that name.
pub(super) fn find(tx: &Tx<'_>, name: &str) -> Result<Option<LabelId>> {
    labels::find(tx, &Personal::new(name.trim().to_owned()))
}

/// A conversation's labels, in the order in which they were first used.
pub(super) fn of(tx: &Tx<'_>, conversation: ConversationId) -> Result<Vec<Personal<String>>> {
    let rows = tx.all(
        sql!(
            "SELECT l.id, l.name_sealed FROM conversation_labels c JOIN labels l ON l.workspace_id = $1 AND l.id = c.label_id \
             WHERE c.workspace_id = $1 AND c.conversation_id = $2 ORDER BY l.id"
        ),
        params![conversation],
        |row| Ok((row.get::<LabelId>(0)?, row.get::<Vec<u8>>(1)?)),
    )?;
    let mut names = Vec::with_capacity(rows.len());
    for (id, sealed) in rows {
        let row = id.to_string();
        names.extend(tx.open_text(Place { table: "labels", column: "name_sealed", row: &row }, &sealed)?);
    }
    Ok(names)
}
