//! Labels: the workspace's own words for conversations. A label's name is sealed and found by keyed hash.

#[cfg(test)]
mod tests;

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{
    ContactId, ConversationId, Error, LabelId, Personal, Result, Right, Tx, audit, conversations, saved_views,
};

/// How many labels a workspace has at most.
const MANY: i64 = 1_000;
/// Longest name, in characters.
const LONGEST: usize = 60;
/// Conversations are counted up to this many.
pub const COUNTED: i64 = 10_000;
/// The tones there are for labels.
pub const TONES: [&str; 6] = ["0", "1", "2", "3", "4", "5"];

/// A label.
#[derive(Debug, Clone)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// In the spelling in which it was first used.
    pub name: Personal<String>,
    /// One of [`TONES`].
    pub colour: Option<String>,
    /// How many conversations have it, up to [`COUNTED`].
    pub count: i64,
}

/// What changes about a label: `None` leaves as it is, `Some(None)` takes away.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct LabelChange {
    pub name: Option<Personal<String>>,
    pub colour: Option<Option<String>>,
}

/// Makes a label.
///
/// # Errors
/// `name_taken` if there is one of that name, in any case of letters; `limit_reached` at 1,000 labels.
pub fn create(tx: &Tx<'_>, name: &Personal<String>, colour: Option<&str>) -> Result<LabelId> {
    tx.scope()?.require(Right::WriteConversations)?;
    let name = checked(name)?;
    if find(tx, &name)?.is_some() {
        return Err(taken());
    }
    let id = make(tx, &name)?;
    set_colour(tx, id, colour)?;
    Ok(id)
}

/// Changes a label. Conversations that have it show it under its new name, and saved views that ask for it go on doing so.
///
/// # Errors
/// `name_taken` if there is another of that name.
pub fn update(tx: &Tx<'_>, id: LabelId, change: &LabelChange) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let before = view(tx, id)?.name;
    if let Some(name) = &change.name {
        let name = checked(name)?;
        if find(tx, &name)?.is_some_and(|other| other != id) {
            return Err(taken());
        }
        let (hash, sealed) = sealed_name(tx, id, &name)?;
        tx.run(
            sql!("UPDATE labels SET name_hash = $3, name_sealed = $4 WHERE workspace_id = $1 AND id = $2"),
            params![id, hash, sealed],
        )?;
        saved_views::rename_label(tx, &before, &name)?;
        tell(tx, &latest_conversations(tx, id)?)?;
    }
    if let Some(colour) = &change.colour {
        set_colour(tx, id, colour.as_deref())?;
    }
    noted(tx, "label.updated", id)
}

/// Deletes a label, and takes it off all conversations.
pub fn remove(tx: &Tx<'_>, id: LabelId) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let told = latest_conversations(tx, id)?;
    tx.run(sql!("DELETE FROM conversation_labels WHERE workspace_id = $1 AND label_id = $2"), params![id])?;
    let removed = tx.run(sql!("DELETE FROM labels WHERE workspace_id = $1 AND id = $2"), params![id])?;
    if removed == 0 {
        return Err(Error::NotFound("label"));
    }
    tell(tx, &told)?;
    noted(tx, "label.deleted", id)
}

/// All labels, by name.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Label>> {
    tx.scope()?.require(Right::ReadDirectory)?;
    let rows = tx.all(
        sql!("SELECT id, name_sealed, colour FROM labels WHERE workspace_id = $1 ORDER BY id"),
        params![],
        read,
    )?;
    let mut labels = rows.into_iter().map(|row| open(tx, row)).collect::<Result<Vec<_>>>()?;
    labels.sort_by_cached_key(|label| label.name.reveal().to_lowercase());
    Ok(labels)
}

/// One label.
pub fn view(tx: &Tx<'_>, id: LabelId) -> Result<Label> {
    let row = tx.maybe(
        sql!("SELECT id, name_sealed, colour FROM labels WHERE workspace_id = $1 AND id = $2"),
        params![id],
        read,
    )?;
    open(tx, row.ok_or(Error::NotFound("label"))?)
}

/// The label of that name, in any case of letters.
pub fn find(tx: &Tx<'_>, name: &Personal<String>) -> Result<Option<LabelId>> {
    tx.maybe(
        sql!("SELECT id FROM labels WHERE workspace_id = $1 AND name_hash = $2"),
        params![name_hash(tx, name)?],
        |row| row.get(0),
    )
}

/// The label of that name, made if there is none.
pub(crate) fn find_or_make(tx: &Tx<'_>, name: &Personal<String>) -> Result<LabelId> {
    let name = checked(name)?;
    match find(tx, &name)? {
        Some(id) => Ok(id),
        None => make(tx, &name),
    }
}

fn make(tx: &Tx<'_>, name: &Personal<String>) -> Result<LabelId> {
    let held = tx.maybe(sql!("SELECT COUNT(*) FROM labels WHERE workspace_id = $1"), params![], |row| row.get(0))?;
    if held.unwrap_or(0) >= MANY {
        return Err(Error::conflict("limit_reached", "a workspace has at most 1,000 labels; delete one first"));
    }
    let id: LabelId = tx.id();
    let (hash, sealed) = sealed_name(tx, id, name)?;
    tx.run(
        sql!("INSERT INTO labels (workspace_id, id, name_hash, name_sealed) VALUES ($1, $2, $3, $4)"),
        params![id, hash, sealed],
    )?;
    noted(tx, "label.created", id)?;
    Ok(id)
}

fn set_colour(tx: &Tx<'_>, id: LabelId, colour: Option<&str>) -> Result<()> {
    if colour.is_some_and(|colour| !TONES.contains(&colour)) {
        return Err(Error::Invalid("colour is one of 0, 1, 2, 3, 4, 5, or null".into()));
    }
    tx.run(sql!("UPDATE labels SET colour = $3 WHERE workspace_id = $1 AND id = $2"), params![id, colour])?;
    Ok(())
}

/// The conversations with a label that are most likely on a screen: who shows others reads them anew with the labels.
fn latest_conversations(tx: &Tx<'_>, id: LabelId) -> Result<Vec<(ConversationId, ContactId)>> {
    tx.all(
        sql!(
            "SELECT c.id, c.contact_id FROM conversation_labels l JOIN conversations c ON c.workspace_id = l.workspace_id \
             AND c.id = l.conversation_id WHERE l.workspace_id = $1 AND l.label_id = $2 \
             ORDER BY c.active_at DESC, c.id DESC LIMIT 100"
        ),
        params![id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn tell(tx: &Tx<'_>, changed: &[(ConversationId, ContactId)]) -> Result<()> {
    changed.iter().try_for_each(|(conversation, contact)| conversations::note_updated(tx, *conversation, *contact))
}

fn checked(name: &Personal<String>) -> Result<Personal<String>> {
    let trimmed = name.reveal().trim();
    if trimmed.is_empty() || trimmed.chars().count() > LONGEST || trimmed.chars().any(char::is_control) {
        return Err(Error::Invalid("name is one line of 1 to 60 characters".into()));
    }
    Ok(Personal::new(trimmed.to_owned()))
}

fn name_hash(tx: &Tx<'_>, name: &Personal<String>) -> Result<Vec<u8>> {
    tx.blind("label", &name.reveal().to_lowercase())
}

fn sealed_name(tx: &Tx<'_>, id: LabelId, name: &Personal<String>) -> Result<(Vec<u8>, Vec<u8>)> {
    let row = id.to_string();
    Ok((name_hash(tx, name)?, tx.seal_text(Under::Workspace, place(&row), name)?))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "labels", column: "name_sealed", row }
}

type Stored = (LabelId, Vec<u8>, Option<String>);

fn read(row: &Row<'_>) -> Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn open(tx: &Tx<'_>, (id, sealed, colour): Stored) -> Result<Label> {
    let name = tx.open_text(place(&id.to_string()), &sealed)?.ok_or(Error::Erased)?;
    let count = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM conversation_labels WHERE workspace_id = $1 AND label_id = $2 LIMIT $3) found"
        ),
        params![id, COUNTED],
        |row| row.get(0),
    )?;
    Ok(Label { id, name, colour, count: count.unwrap_or(0) })
}

fn taken() -> Error {
    Error::conflict("name_taken", "there is a label of that name already")
}

fn noted(tx: &Tx<'_>, act: &'static str, id: LabelId) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::workplace(tx, Workplace::Labels)
}
