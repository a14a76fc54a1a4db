//! Teams: groups of members to whom conversations can be given.

#[cfg(test)]
mod tests;

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::workspaces::checked_name;
use crate::{
    ContactId, ConversationId, Error, MemberId, Personal, Result, Right, TeamId, Tx, audit, conversations, members,
};

/// How many teams a workspace has at most.
const MANY: i64 = 200;
/// How many members a team has at most.
const LARGE: usize = 500;

/// A team.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Team {
    pub id: TeamId,
    pub name: Personal<String>,
    /// In the order of their ids. Who is suspended stays in the team.
    pub members: Vec<MemberId>,
}

/// What changes about a team: `None` leaves as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct TeamChange {
    pub name: Option<Personal<String>>,
    pub members: Option<Vec<MemberId>>,
}

/// Makes a team.
///
/// # Errors
/// `name_taken` if there is one of that name, in any case of letters; `limit_reached` at 200 teams.
pub fn create(tx: &Tx<'_>, name: &Personal<String>, members: &[MemberId]) -> Result<TeamId> {
    tx.scope()?.require(Right::ManageMembers)?;
    let held = tx.maybe(sql!("SELECT COUNT(*) FROM teams WHERE workspace_id = $1"), params![], |row| row.get(0))?;
    if held.unwrap_or(0) >= MANY {
        return Err(Error::conflict("limit_reached", "a workspace has at most 200 teams; delete one first"));
    }
    let id: TeamId = tx.id();
    let (hash, sealed) = sealed_name(tx, id, name)?;
    let added = tx.run(
        sql!(
            "INSERT INTO teams (workspace_id, id, name_hash, name_sealed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        ),
        params![id, hash, sealed],
    )?;
    if added == 0 {
        return Err(taken());
    }
    set_members(tx, id, members)?;
    noted(tx, "team.created", id)?;
    Ok(id)
}

/// Changes a team.
///
/// # Errors
/// `name_taken` if there is another of that name.
pub fn update(tx: &Tx<'_>, id: TeamId, change: &TeamChange) -> Result<()> {
    tx.scope()?.require(Right::ManageMembers)?;
    require(tx, id)?;
    if let Some(name) = &change.name {
        let (hash, sealed) = sealed_name(tx, id, name)?;
        if find(tx, &hash)?.is_some_and(|other| other != id) {
            return Err(taken());
        }
        tx.run(
            sql!("UPDATE teams SET name_hash = $3, name_sealed = $4 WHERE workspace_id = $1 AND id = $2"),
            params![id, hash, sealed],
        )?;
    }
    if let Some(members) = &change.members {
        set_members(tx, id, members)?;
    }
    noted(tx, "team.updated", id)
}

/// Deletes a team. Its conversations are no team's from then on, and its canned replies everybody's.
pub fn remove(tx: &Tx<'_>, id: TeamId) -> Result<()> {
    tx.scope()?.require(Right::ManageMembers)?;
    require(tx, id)?;
    let told = latest_conversations(tx, id)?;
    tx.run(sql!("UPDATE conversations SET team_id = NULL WHERE workspace_id = $1 AND team_id = $2"), params![id])?;
    tx.run(sql!("UPDATE canned_replies SET team_id = NULL WHERE workspace_id = $1 AND team_id = $2"), params![id])?;
    tx.run(sql!("DELETE FROM team_members WHERE workspace_id = $1 AND team_id = $2"), params![id])?;
    tx.run(sql!("DELETE FROM teams WHERE workspace_id = $1 AND id = $2"), params![id])?;
    for (conversation, contact) in told {
        conversations::note_updated(tx, conversation, contact)?;
    }
    noted(tx, "team.deleted", id)
}

/// All teams, by name.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Team>> {
    tx.scope()?.require(Right::ReadDirectory)?;
    let rows =
        tx.all(sql!("SELECT id, name_sealed FROM teams WHERE workspace_id = $1 ORDER BY id"), params![], |row| {
            Ok((row.get::<TeamId>(0)?, row.get::<Vec<u8>>(1)?))
        })?;
    let belonging = tx.all(
        sql!("SELECT team_id, member_id FROM team_members WHERE workspace_id = $1 ORDER BY team_id, member_id"),
        params![],
        |row| Ok((row.get::<TeamId>(0)?, row.get::<MemberId>(1)?)),
    )?;
    let mut teams = Vec::with_capacity(rows.len());
    for (id, sealed) in rows {
        let members = belonging.iter().filter(|(team, _)| *team == id).map(|(_, member)| *member).collect();
        teams.push(Team { id, name: open_name(tx, id, &sealed)?, members });
    }
    teams.sort_by_cached_key(|team| team.name.reveal().to_lowercase());
    Ok(teams)
}

/// One team.
pub fn view(tx: &Tx<'_>, id: TeamId) -> Result<Team> {
    list(tx)?.into_iter().find(|team| team.id == id).ok_or(Error::NotFound("team"))
}

/// Refuses what is no team of the workspace.
pub fn require(tx: &Tx<'_>, id: TeamId) -> Result<()> {
    tx.maybe(sql!("SELECT 1 FROM teams WHERE workspace_id = $1 AND id = $2"), params![id], |_| Ok(()))?
        .ok_or(Error::NotFound("team"))
}

/// The teams a member belongs to.
pub fn of_member(tx: &Tx<'_>, member: MemberId) -> Result<Vec<TeamId>> {
    tx.all(
        sql!("SELECT team_id FROM team_members WHERE workspace_id = $1 AND member_id = $2 ORDER BY team_id"),
        params![member],
        |row| row.get(0),
    )
}

fn set_members(tx: &Tx<'_>, id: TeamId, members: &[MemberId]) -> Result<()> {
    if members.len() > LARGE {
        return Err(Error::Invalid("member_ids: a team has at most 500 members".into()));
    }
    tx.run(sql!("DELETE FROM team_members WHERE workspace_id = $1 AND team_id = $2"), params![id])?;
    for member in members {
        members::standing(tx, *member)?.ok_or(Error::NotFound("member"))?;
        tx.run(
            sql!(
                "INSERT INTO team_members (workspace_id, team_id, member_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
            ),
            params![id, *member],
        )?;
    }
    Ok(())
}

/// The conversations of a team that are most likely on a screen: who shows others reads them anew with the teams.
fn latest_conversations(tx: &Tx<'_>, id: TeamId) -> Result<Vec<(ConversationId, ContactId)>> {
    tx.all(
        sql!(
            "SELECT id, contact_id FROM conversations WHERE workspace_id = $1 AND team_id = $2 \
             ORDER BY active_at DESC, id DESC LIMIT 100"
        ),
        params![id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn find(tx: &Tx<'_>, hash: &[u8]) -> Result<Option<TeamId>> {
    tx.maybe(sql!("SELECT id FROM teams WHERE workspace_id = $1 AND name_hash = $2"), params![hash], |row| row.get(0))
}

fn sealed_name(tx: &Tx<'_>, id: TeamId, name: &Personal<String>) -> Result<(Vec<u8>, Vec<u8>)> {
    let name = checked_name(name)?;
    let hash = tx.blind("team", &name.reveal().to_lowercase())?;
    let row = id.to_string();
    Ok((hash, tx.seal_text(Under::Workspace, place(&row), &name)?))
}

fn open_name(tx: &Tx<'_>, id: TeamId, sealed: &[u8]) -> Result<Personal<String>> {
    tx.open_text(place(&id.to_string()), sealed)?.ok_or(Error::Erased)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "teams", column: "name_sealed", row }
}

fn taken() -> Error {
    Error::conflict("name_taken", "there is a team of that name already")
}

fn noted(tx: &Tx<'_>, act: &'static str, id: TeamId) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::workplace(tx, Workplace::Teams)
}
