//! Saved views: lists of conversations that members look at again and again, their own or shared with everybody.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::workspaces::checked_name;
use crate::{Error, MemberId, Personal, Result, Right, Tx, ViewId, audit, labels, teams};

/// How many views a member saves at most.
const MANY: i64 = 200;
/// Longest value in a filter, in characters.
const LONGEST: usize = 500;

/// The parameters of a list of conversations, as they stand in its query.
pub type Parameters = BTreeMap<String, String>;

/// The parameters that a view may have.
pub const PARAMETERS: [&str; 11] =
    ["status", "assignee", "team", "label", "channel", "contact", "q", "mentioned", "unread", "priority", "sort"];

/// A saved view.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct SavedView {
    pub id: ViewId,
    /// Whose it is.
    pub member: MemberId,
    /// Whether everybody sees it.
    pub shared: bool,
    pub name: Personal<String>,
    pub filter: Personal<Parameters>,
    /// Its place among the others, the smallest first.
    pub position: i64,
    /// The parameters of its filter that name what is not there any more.
    pub missing: Vec<&'static str>,
}

/// What a view is made from.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewView {
    pub name: Personal<String>,
    pub shared: bool,
    pub filter: Personal<Parameters>,
    /// After all others if not given.
    pub position: Option<i64>,
}

/// What changes about one: `None` leaves as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct ViewChange {
    pub name: Option<Personal<String>>,
    pub shared: Option<bool>,
    pub filter: Option<Personal<Parameters>>,
    pub position: Option<i64>,
}

/// Saves a view for the member who acts.
///
/// # Errors
/// [`Error::Forbidden`] for whoever may not write and shares one; `limit_reached` at 200 of a member.
pub fn create(tx: &Tx<'_>, new: &NewView) -> Result<ViewId> {
    let member = actor(tx)?;
    may_share(tx, new.shared)?;
    let (held, last) = tx
        .maybe(
            sql!(
                "SELECT COUNT(*), COALESCE(MAX(position), 0) FROM saved_views WHERE workspace_id = $1 AND member_id = $2"
            ),
            params![member],
            |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
        )?
        .unwrap_or_default();
    if held >= MANY {
        return Err(Error::conflict("limit_reached", "a member saves at most 200 views; delete one first"));
    }
    let id: ViewId = tx.id();
    let (name, filter) = (sealed_name(tx, id, &new.name)?, sealed_filter(tx, id, &new.filter)?);
    tx.run(
        sql!(
            "INSERT INTO saved_views (workspace_id, id, member_id, shared, name_sealed, filter_sealed, position) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![id, member, new.shared, name, filter, checked_position(new.position.unwrap_or(last + 1))?],
    )?;
    noted(tx, "view.created", id)?;
    Ok(id)
}

/// Changes a view: one's own, or a shared one by whoever manages the workspace.
pub fn update(tx: &Tx<'_>, id: ViewId, change: &ViewChange) -> Result<()> {
    let before = changeable(tx, id)?;
    let shared = change.shared.unwrap_or(before.shared);
    may_share(tx, shared && !before.shared)?;
    let position = checked_position(change.position.unwrap_or(before.position))?;
    tx.run(
        sql!("UPDATE saved_views SET shared = $3, position = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, shared, position],
    )?;
    if let Some(name) = &change.name {
        let sealed = sealed_name(tx, id, name)?;
        tx.run(
            sql!("UPDATE saved_views SET name_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
        )?;
    }
    if let Some(filter) = &change.filter {
        write_filter(tx, id, filter)?;
    }
    noted(tx, "view.updated", id)
}

/// Deletes a view: one's own, or a shared one by whoever manages the workspace.
pub fn remove(tx: &Tx<'_>, id: ViewId) -> Result<()> {
    changeable(tx, id)?;
    tx.run(sql!("DELETE FROM saved_views WHERE workspace_id = $1 AND id = $2"), params![id])?;
    noted(tx, "view.deleted", id)
}

/// The views that the member who acts sees: their own and those that are shared, in order.
pub fn list(tx: &Tx<'_>) -> Result<Vec<SavedView>> {
    let rows = tx.all(
        sql!(
            "SELECT id, member_id, shared, name_sealed, filter_sealed, position FROM saved_views \
             WHERE workspace_id = $1 AND (shared OR member_id = $2) ORDER BY position, id"
        ),
        params![actor(tx)?],
        read,
    )?;
    rows.into_iter().map(|row| open(tx, row)).collect()
}

/// One of the views that the member who acts sees.
pub fn view(tx: &Tx<'_>, id: ViewId) -> Result<SavedView> {
    let row = tx.maybe(
        sql!(
            "SELECT id, member_id, shared, name_sealed, filter_sealed, position FROM saved_views \
             WHERE workspace_id = $1 AND id = $2 AND (shared OR member_id = $3)"
        ),
        params![id, actor(tx)?],
        read,
    )?;
    open(tx, row.ok_or(Error::NotFound("view"))?)
}

/// Views ask for a label by its name: those that ask for one follow it to its new name.
pub(crate) fn rename_label(tx: &Tx<'_>, from: &Personal<String>, to: &Personal<String>) -> Result<()> {
    let rows = tx.all(
        sql!("SELECT id, filter_sealed FROM saved_views WHERE workspace_id = $1 ORDER BY id"),
        params![],
        |row| Ok((row.get::<ViewId>(0)?, row.get::<Vec<u8>>(1)?)),
    )?;
    let from = from.reveal().to_lowercase();
    for (id, sealed) in rows {
        let mut filter = open_filter(tx, id, &sealed)?.into_revealed();
        if filter.get("label").is_some_and(|label| label.trim().to_lowercase() == from) {
            filter.insert("label".into(), to.reveal().clone());
            write_filter(tx, id, &Personal::new(filter))?;
        }
    }
    Ok(())
}

/// The view as it stands, for whoever may change it.
fn changeable(tx: &Tx<'_>, id: ViewId) -> Result<SavedView> {
    let view = view(tx, id)?;
    if view.member != actor(tx)? {
        tx.scope()?.require(Right::ManageWorkspace)?;
    }
    Ok(view)
}

fn actor(tx: &Tx<'_>) -> Result<MemberId> {
    let scope = tx.scope()?;
    scope.require(Right::ReadConversations)?;
    scope.member().map(|(member, _)| member).ok_or(Error::Forbidden("saving views"))
}

fn may_share(tx: &Tx<'_>, shares: bool) -> Result<()> {
    if shares { tx.scope()?.require(Right::WriteConversations) } else { Ok(()) }
}

fn checked_position(position: i64) -> Result<i64> {
    if (0..=1_000_000).contains(&position) {
        Ok(position)
    } else {
        Err(Error::Invalid("position is a whole number from 0 to 1,000,000".into()))
    }
}

fn sealed_name(tx: &Tx<'_>, id: ViewId, name: &Personal<String>) -> Result<Vec<u8>> {
    tx.seal_text(Under::Workspace, place("name_sealed", &id.to_string()), &checked_name(name)?)
}

fn sealed_filter(tx: &Tx<'_>, id: ViewId, filter: &Personal<Parameters>) -> Result<Vec<u8>> {
    let plain = filter.reveal();
    if plain.keys().any(|key| !PARAMETERS.contains(&key.as_str())) {
        return Err(Error::Invalid(format!("filter: these parameters are known: {}", PARAMETERS.join(", "))));
    }
    if plain.values().any(|value| value.is_empty() || value.chars().count() > LONGEST) {
        return Err(Error::Invalid("filter: each value is 1 to 500 characters".into()));
    }
    let json = serde_json::to_vec(plain).map_err(|_| Error::Invalid("filter cannot be kept".into()))?;
    tx.seal(Under::Workspace, place("filter_sealed", &id.to_string()), &json)
}

fn write_filter(tx: &Tx<'_>, id: ViewId, filter: &Personal<Parameters>) -> Result<()> {
    let sealed = sealed_filter(tx, id, filter)?;
    tx.run(sql!("UPDATE saved_views SET filter_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    Ok(())
}

fn open_filter(tx: &Tx<'_>, id: ViewId, sealed: &[u8]) -> Result<Personal<Parameters>> {
    let json = tx.open(place("filter_sealed", &id.to_string()), sealed)?.ok_or(Error::Erased)?;
    serde_json::from_slice(&json).map(Personal::new).map_err(|_| Error::Seal("a view's filter is malformed"))
}

struct Stored {
    id: ViewId,
    member: MemberId,
    shared: bool,
    name: Vec<u8>,
    filter: Vec<u8>,
    position: i64,
}

fn read(row: &Row<'_>) -> Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        member: row.get(1)?,
        shared: row.get(2)?,
        name: row.get(3)?,
        filter: row.get(4)?,
        position: row.get(5)?,
    })
}

fn open(tx: &Tx<'_>, stored: Stored) -> Result<SavedView> {
    let Stored { id, member, shared, name, filter, position } = stored;
    let name = tx.open_text(place("name_sealed", &id.to_string()), &name)?.ok_or(Error::Erased)?;
    let filter = open_filter(tx, id, &filter)?;
    let missing = missing(tx, filter.reveal())?;
    Ok(SavedView { id, member, shared, name, filter, position, missing })
}

/// What a filter names and the workspace has no more.
fn missing(tx: &Tx<'_>, filter: &Parameters) -> Result<Vec<&'static str>> {
    let mut missing = Vec::new();
    if let Some(name) = filter.get("label")
        && labels::find(tx, &Personal::new(name.trim().to_owned()))?.is_none()
    {
        missing.push("label");
    }
    if let Some(team) = filter.get("team").filter(|team| team.starts_with("tea_")) {
        let there = team.parse().map_or(Err(Error::NotFound("team")), |team| teams::require(tx, team));
        match there {
            Ok(()) => {}
            Err(Error::NotFound(_)) => missing.push("team"),
            Err(error) => return Err(error),
        }
    }
    Ok(missing)
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "saved_views", column, row }
}

fn noted(tx: &Tx<'_>, act: &'static str, id: ViewId) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::workplace(tx, Workplace::Views)
}
