//! Canned replies: texts that are kept to be used again, each called up by its shortcut. They may hold variables, which the
//! composer fills in.

#[cfg(test)]
mod tests;

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{CannedReplyId, Error, Personal, Result, Right, TeamId, Tx, audit, teams};

/// How many canned replies a workspace has at most.
const MANY: i64 = 1_000;
/// Longest shortcut, in characters.
const LONGEST_SHORTCUT: usize = 40;
/// Longest text, in characters.
const LONGEST_TEXT: usize = 10_000;
/// The variables there are, each written `{{name}}`.
pub const VARIABLES: [&str; 5] =
    ["contact.name", "contact.first_name", "member.name", "member.first_name", "workspace.name"];

/// A canned reply.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct CannedReply {
    pub id: CannedReplyId,
    pub shortcut: Personal<String>,
    pub text: Personal<String>,
    /// For which team it is; everybody's if none.
    pub team: Option<TeamId>,
}

/// What a canned reply is made from.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewCannedReply {
    pub shortcut: Personal<String>,
    pub text: Personal<String>,
    pub team: Option<TeamId>,
}

/// What changes about one: `None` leaves as it is, `Some(None)` takes away.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct CannedReplyChange {
    pub shortcut: Option<Personal<String>>,
    pub text: Option<Personal<String>>,
    pub team: Option<Option<TeamId>>,
}

/// Keeps a reply.
///
/// # Errors
/// `shortcut_taken` if there is one with that shortcut, in any case of letters; `limit_reached` at 1,000 of them;
/// [`Error::Invalid`] if shortcut or text cannot be.
pub fn create(tx: &Tx<'_>, new: &NewCannedReply) -> Result<CannedReplyId> {
    tx.scope()?.require(Right::WriteConversations)?;
    let held =
        tx.maybe(sql!("SELECT COUNT(*) FROM canned_replies WHERE workspace_id = $1"), params![], |row| row.get(0));
    if held?.unwrap_or(0) >= MANY {
        return Err(Error::conflict("limit_reached", "a workspace has at most 1,000 canned replies; delete one first"));
    }
    new.team.map(|team| teams::require(tx, team)).transpose()?;
    let id: CannedReplyId = tx.id();
    let (hash, shortcut) = sealed_shortcut(tx, id, &new.shortcut)?;
    let text = sealed_text(tx, id, &new.text)?;
    let added = tx.run(
        sql!(
            "INSERT INTO canned_replies (workspace_id, id, shortcut_hash, shortcut_sealed, text_sealed, team_id) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        ),
        params![id, hash, shortcut, text, new.team],
    )?;
    if added == 0 {
        return Err(taken());
    }
    noted(tx, "canned_reply.created", id)?;
    Ok(id)
}

/// Changes one.
///
/// # Errors
/// As [`create`].
pub fn update(tx: &Tx<'_>, id: CannedReplyId, change: &CannedReplyChange) -> Result<()> {
    tx.scope()?.require(Right::WriteConversations)?;
    view(tx, id)?;
    if let Some(shortcut) = &change.shortcut {
        let (hash, sealed) = sealed_shortcut(tx, id, shortcut)?;
        if find(tx, &hash)?.is_some_and(|other| other != id) {
            return Err(taken());
        }
        tx.run(
            sql!(
                "UPDATE canned_replies SET shortcut_hash = $3, shortcut_sealed = $4 WHERE workspace_id = $1 AND id = $2"
            ),
            params![id, hash, sealed],
        )?;
    }
    if let Some(text) = &change.text {
        let sealed = sealed_text(tx, id, text)?;
        tx.run(
            sql!("UPDATE canned_replies SET text_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
        )?;
    }
    if let Some(team) = change.team {
        team.map(|team| teams::require(tx, team)).transpose()?;
        tx.run(sql!("UPDATE canned_replies SET team_id = $3 WHERE workspace_id = $1 AND id = $2"), params![id, team])?;
    }
    noted(tx, "canned_reply.updated", id)
}

/// Deletes one.
pub fn remove(tx: &Tx<'_>, id: CannedReplyId) -> Result<()> {
    tx.scope()?.require(Right::WriteConversations)?;
    let removed = tx.run(sql!("DELETE FROM canned_replies WHERE workspace_id = $1 AND id = $2"), params![id])?;
    if removed == 0 {
        return Err(Error::NotFound("canned reply"));
    }
    noted(tx, "canned_reply.deleted", id)
}

/// All of them, by shortcut.
pub fn list(tx: &Tx<'_>) -> Result<Vec<CannedReply>> {
    tx.scope()?.require(Right::ReadDirectory)?;
    let rows = tx.all(
        sql!(
            "SELECT id, shortcut_sealed, text_sealed, team_id FROM canned_replies WHERE workspace_id = $1 ORDER BY id"
        ),
        params![],
        read,
    )?;
    let mut replies = rows.into_iter().map(|row| open(tx, row)).collect::<Result<Vec<_>>>()?;
    replies.sort_by_cached_key(|reply| reply.shortcut.reveal().to_lowercase());
    Ok(replies)
}

/// One of them.
pub fn view(tx: &Tx<'_>, id: CannedReplyId) -> Result<CannedReply> {
    let row = tx.maybe(
        sql!(
            "SELECT id, shortcut_sealed, text_sealed, team_id FROM canned_replies WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        read,
    )?;
    open(tx, row.ok_or(Error::NotFound("canned reply"))?)
}

fn find(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<CannedReplyId>> {
    tx.maybe(
        sql!("SELECT id FROM canned_replies WHERE workspace_id = $1 AND shortcut_hash = $2"),
        params![hash],
        |row| row.get(0),
    )
}

fn sealed_shortcut(tx: &Tx<'_>, id: CannedReplyId, shortcut: &Personal<String>) -> Result<(Vec<u8>, Vec<u8>)> {
    let trimmed = shortcut.reveal().trim().trim_start_matches('/');
    let wrong = |character: char| character.is_whitespace() || character.is_control();
    if trimmed.is_empty() || trimmed.chars().count() > LONGEST_SHORTCUT || trimmed.contains(wrong) {
        return Err(Error::Invalid("shortcut is 1 to 40 characters without spaces".into()));
    }
    let row = id.to_string();
    let sealed = tx.seal_text(Under::Workspace, place("shortcut_sealed", &row), &Personal::new(trimmed.to_owned()))?;
    Ok((tx.blind("canned reply", &trimmed.to_lowercase())?, sealed))
}

fn sealed_text(tx: &Tx<'_>, id: CannedReplyId, text: &Personal<String>) -> Result<Vec<u8>> {
    let plain = text.reveal();
    if plain.trim().is_empty() || plain.chars().count() > LONGEST_TEXT {
        return Err(Error::Invalid("text is 1 to 10,000 characters".into()));
    }
    if unknown_variable(plain) {
        return Err(Error::Invalid(format!("text: these variables are known: {}", VARIABLES.join(", "))));
    }
    tx.seal_text(Under::Workspace, place("text_sealed", &id.to_string()), text)
}

/// Whether a text holds a variable that nobody would fill in, and which the contact would read as it stands.
fn unknown_variable(text: &str) -> bool {
    let opened = text.split("{{").skip(1);
    opened.filter_map(|rest| rest.split_once("}}")).any(|(name, _)| !VARIABLES.contains(&name.trim()))
}

type Stored = (CannedReplyId, Vec<u8>, Vec<u8>, Option<TeamId>);

fn read(row: &Row<'_>) -> Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, optional(row, 3)?))
}

fn open(tx: &Tx<'_>, (id, shortcut, text, team): Stored) -> Result<CannedReply> {
    let row = id.to_string();
    let shortcut = tx.open_text(place("shortcut_sealed", &row), &shortcut)?.ok_or(Error::Erased)?;
    let text = tx.open_text(place("text_sealed", &row), &text)?.ok_or(Error::Erased)?;
    Ok(CannedReply { id, shortcut, text, team })
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "canned_replies", column, row }
}

fn taken() -> Error {
    Error::conflict("shortcut_taken", "there is a canned reply with that shortcut already")
}

fn noted(tx: &Tx<'_>, act: &'static str, id: CannedReplyId) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::workplace(tx, Workplace::CannedReplies)
}
