//! Members: the people who work in a workspace.
//!
//! The members table holds role, state and sealed name and address; what signing in needs before a workspace is known
//! (a keyed hash of the address, and the password's hash) is in the installation's `logins`.

mod password;
mod profile;
#[cfg(test)]
mod tests;

pub use password::{Came, change_password, own_password, set_password};
pub(crate) use password::{has_password, join};
pub use profile::{LOCALES, Preferences, Profile, ProfileChange, profile, set_profile};

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params, word};
use crate::workspaces::checked_name;
use crate::{
    Actor, Cursor, Error, MemberId, Millis, Page, Personal, Purpose, Result, Right, Role, Scope, Tx, Vault,
    WorkspaceId, audit, invitations, sign_in, tokens,
};

/// Longest address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const EMAIL_MAX: usize = 254;

/// Whether a member can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum MemberState {
    Active,
    /// Has yet to accept an invitation by choosing a password.
    Invited,
    Suspended,
}

/// A member as others see them.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Member {
    pub id: MemberId,
    pub role: Role,
    pub state: MemberState,
    pub name: Personal<String>,
    pub email: Personal<String>,
    pub created_at: Millis,
}

/// What a member is created from.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The address they sign in with, in any spelling.
    pub email: Personal<String>,
    /// What others see.
    pub name: Personal<String>,
    /// What they may do.
    pub role: Role,
    /// The password's argon2 hash in PHC form; without one they cannot sign in by password.
    pub password_hash: Option<Personal<String>>,
}

/// What changes about a member: `None` leaves as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct MemberChange {
    pub name: Option<Personal<String>>,
    pub role: Option<Role>,
    pub state: Option<MemberState>,
}

/// Adds a member.
///
/// # Errors
/// `email_taken` if the workspace has a member with that address.
pub fn create(tx: &Tx<'_>, new: &NewMember) -> Result<MemberId> {
    insert(tx, new, MemberState::Active)
}

/// Adds a member in a state.
pub(crate) fn insert(tx: &Tx<'_>, new: &NewMember, state: MemberState) -> Result<MemberId> {
    require_over(tx, new.role)?;
    let (email, name) = (normal_email(new.email.reveal())?, checked_name(&new.name)?);
    let id: MemberId = tx.id();
    let password_hash = new.password_hash.as_ref().map_or("", |hash| hash.reveal());
    let added = tx.run(
        sql!(
            "INSERT INTO logins (workspace_id, email_hash, member_id, password_hash) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING"
        ),
        params![sign_in::email_hash(tx, &email)?, id, password_hash],
    )?;
    if added == 0 {
        return Err(Error::conflict("email_taken", "a member of this workspace has this e-mail address already"));
    }
    let row = id.to_string();
    let name = tx.seal_text(Under::Workspace, place("name_sealed", &row), &name)?;
    let email = tx.seal_text(Under::Workspace, place("email_sealed", &row), &Personal::new(email))?;
    tx.run(
        sql!(
            "INSERT INTO members (workspace_id, id, role, state, name_sealed, email_sealed, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![id, new.role.as_str(), state.as_str(), name, email, tx.now()],
    )?;
    audit::record(tx, "member.created", &row)?;
    Ok(id)
}

/// Changes a member. A member who is suspended loses sessions, tokens and invitation at once; one who comes back without
/// ever having chosen a password is invited, not active.
///
/// # Errors
/// `last_owner` if the workspace would be left without an owner who can sign in; `has_not_joined` for making active who has
/// yet to accept an invitation.
pub fn update(tx: &Tx<'_>, id: MemberId, change: &MemberChange) -> Result<()> {
    let (role, state) = standing(tx, id)?.ok_or(Error::NotFound("member"))?;
    let new_role = change.role.unwrap_or(role);
    let new_state = change.state.map_or(Ok(state), |asked| next_state(tx, id, state, asked))?;
    let only_own_name = change.role.is_none() && change.state.is_none() && is_self(tx, id)?;
    if !only_own_name {
        require_over(tx, role)?;
        require_over(tx, new_role)?;
    }
    tx.run(
        sql!("UPDATE members SET role = $3, state = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, new_role.as_str(), new_state.as_str()],
    )?;
    if (role, state) == (Role::Owner, MemberState::Active) && active_owners(tx)? == 0 {
        return Err(Error::conflict("last_owner", "a workspace keeps at least one active owner; make another first"));
    }
    if let Some(name) = &change.name {
        write_name(tx, id, name)?;
    }
    if new_state == MemberState::Suspended {
        sign_in::delete_sessions(tx, id)?;
        tokens::revoke_of(tx, id, None)?;
        invitations::withdraw(tx, id)?;
    }
    audit::record(tx, "member.updated", &id.to_string())?;
    facts::workplace(tx, Workplace::Members)
}

/// The state that comes of asking for one.
fn next_state(tx: &Tx<'_>, id: MemberId, state: MemberState, asked: MemberState) -> Result<MemberState> {
    match (state, asked) {
        (_, MemberState::Suspended) => Ok(MemberState::Suspended),
        (MemberState::Active, MemberState::Active) => Ok(MemberState::Active),
        (MemberState::Suspended, MemberState::Active) if has_password(tx, id)? => Ok(MemberState::Active),
        (MemberState::Suspended, MemberState::Active) => Ok(MemberState::Invited),
        (MemberState::Invited, MemberState::Active) => {
            let words = "this member has yet to accept the invitation; make a new one if it was lost";
            Err(Error::conflict("has_not_joined", words))
        }
        (_, MemberState::Invited) => Err(Error::Invalid("state is active or suspended".into())),
    }
}

/// Members, oldest first.
pub fn list(tx: &Tx<'_>, cursor: Option<&Cursor>, limit: usize) -> Result<Page<Member>> {
    tx.scope()?.require(Right::ReadDirectory)?;
    let start = cursor.cloned().unwrap_or(Cursor { key: i64::MIN, id: String::new() });
    let rows = tx.all(
        sql!(
            "SELECT id, role, state, name_sealed, email_sealed, created_at FROM members \
             WHERE workspace_id = $1 AND (created_at > $2 OR (created_at = $2 AND id > $3)) \
             ORDER BY created_at, id LIMIT $4"
        ),
        params![start.key, &start.id, i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)],
        Sealed::read,
    )?;
    let members = rows.into_iter().map(|row| row.open(tx)).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_overfull(members, limit, |member| Cursor { key: member.created_at, id: member.id.to_string() }))
}

/// One member. Everybody sees themselves.
pub fn view(tx: &Tx<'_>, id: MemberId) -> Result<Member> {
    if !is_self(tx, id)? {
        tx.scope()?.require(Right::ReadDirectory)?;
    }
    tx.maybe(
        sql!(
            "SELECT id, role, state, name_sealed, email_sealed, created_at FROM members \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        Sealed::read,
    )?
    .ok_or(Error::NotFound("member"))?
    .open(tx)
}

/// The member with an address, in any spelling.
pub fn by_email(tx: &Tx<'_>, email: &str) -> Result<Option<Member>> {
    let hash = sign_in::email_hash(tx, &normal_email(email)?)?;
    tx.maybe(sql!("SELECT member_id FROM logins WHERE workspace_id = $1 AND email_hash = $2"), params![hash], |row| {
        row.get::<MemberId>(0)
    })?
    .map(|id| view(tx, id))
    .transpose()
}

/// What a member is called; `None` if there is no such member.
pub fn name(tx: &Tx<'_>, id: MemberId) -> Result<Option<Personal<String>>> {
    let sealed =
        tx.maybe(sql!("SELECT name_sealed FROM members WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Vec<u8>>(0)
        })?;
    sealed.map_or(Ok(None), |sealed| tx.open_text(place("name_sealed", &id.to_string()), &sealed))
}

/// Refuses who is no active member: nobody else can be assigned work.
pub fn require(tx: &Tx<'_>, id: MemberId) -> Result<()> {
    match standing(tx, id)? {
        Some((_, MemberState::Active)) => Ok(()),
        Some((_, MemberState::Invited | MemberState::Suspended)) | None => Err(Error::NotFound("member")),
    }
}

/// An address as it is compared: without surrounding white space, in lower case.
///
/// # Errors
/// [`Error::Invalid`] if it is no address. The message does not repeat it.
pub fn normal_email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    let parts = email.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let clean = !email.chars().any(|character| character.is_whitespace() || character.is_control());
    if parts.is_some() && clean && email.len() <= EMAIL_MAX {
        Ok(email)
    } else {
        Err(Error::Invalid("email is not an e-mail address".into()))
    }
}

impl Vault {
    /// A member's scope with the present role; `None` if they are gone, suspended or have yet to join.
    pub(crate) async fn member_scope(&self, workspace: WorkspaceId, member: MemberId) -> Result<Option<Scope>> {
        let looking = Scope::new(workspace, Actor::Platform, Purpose::Administration);
        let found = self.read(&looking, move |tx| standing(tx, member)).await?;
        Ok(match found {
            Some((role, MemberState::Active)) => {
                Some(Scope::new(workspace, Actor::Member(member, role), Purpose::Conversation))
            }
            Some((_, MemberState::Invited | MemberState::Suspended)) | None => None,
        })
    }
}

/// A member's role and state.
pub(crate) fn standing(tx: &Tx<'_>, id: MemberId) -> Result<Option<(Role, MemberState)>> {
    tx.maybe(sql!("SELECT role, state FROM members WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
        Ok((word(row, 0)?, word(row, 1)?))
    })
}

/// Whether the scope's actor is this member.
pub(crate) fn is_self(tx: &Tx<'_>, id: MemberId) -> Result<bool> {
    Ok(tx.scope()?.member().is_some_and(|(member, _)| member == id))
}

/// Acting on somebody, or making somebody, takes the right over their role: else an admin could become an owner.
pub(crate) fn require_over(tx: &Tx<'_>, role: Role) -> Result<()> {
    let right = if role == Role::Owner { Right::ManageOwners } else { Right::ManageMembers };
    tx.scope()?.require(right)
}

fn active_owners(tx: &Tx<'_>) -> Result<i64> {
    let count = tx.maybe(
        sql!("SELECT COUNT(*) FROM members WHERE workspace_id = $1 AND role = 'owner' AND state = 'active'"),
        params![],
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

fn write_name(tx: &Tx<'_>, id: MemberId, name: &Personal<String>) -> Result<()> {
    let sealed = tx.seal_text(Under::Workspace, place("name_sealed", &id.to_string()), &checked_name(name)?)?;
    tx.run(sql!("UPDATE members SET name_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    Ok(())
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "members", column, row }
}

/// A row before it is opened.
struct Sealed {
    id: MemberId,
    role: Role,
    state: MemberState,
    name: Vec<u8>,
    email: Vec<u8>,
    created_at: Millis,
}

impl Sealed {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            role: word(row, 1)?,
            state: word(row, 2)?,
            name: row.get(3)?,
            email: row.get(4)?,
            created_at: row.get(5)?,
        })
    }

    fn open(self, tx: &Tx<'_>) -> Result<Member> {
        let Self { id, role, state, name, email, created_at } = self;
        let row = id.to_string();
        let name = tx.open_text(place("name_sealed", &row), &name)?.ok_or(Error::Erased)?;
        let email = tx.open_text(place("email_sealed", &row), &email)?.ok_or(Error::Erased)?;
        Ok(Member { id, role, state, name, email, created_at })
    }
}

impl MemberState {
    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Suspended => "suspended",
        }
    }
}

impl std::str::FromStr for MemberState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "active" => Ok(Self::Active),
            "invited" => Ok(Self::Invited),
            "suspended" => Ok(Self::Suspended),
            _ => Err(Error::Invalid("state is active, invited or suspended".into())),
        }
    }
}
