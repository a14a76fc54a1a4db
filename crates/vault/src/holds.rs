//! Legal holds (D-5): what must not be removed, why, by whom that was said, and until when.
//!
//! A hold is on a contact (and all who are one with it), on a conversation, or on the whole workspace. Whatever removes
//! asks in the transaction in which it removes: [`require_free`] for a contact as a whole, [`covers_conversation`] for a
//! message, [`held`] for rows in a statement. What a hold stopped goes on by itself once it is lifted or has ended
//! ([`resume`]).

mod covering;
mod resuming;
#[cfg(test)]
mod tests;

use crate::facts::{self, About, FactKind, Workplace};
use crate::jobs::{self, JobKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{ContactId, ConversationId, Cursor, Error, HoldId, Millis, Page, Personal, Result, Right, Tx, audit};
use crate::{contacts, conversations, merges};

pub(crate) use covering::held;
pub use covering::{
    Covering, covers_contact, covers_conversation, of_contact, require_free, require_free_conversation,
};
pub use resuming::resume;

/// The statements that are made here, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static crate::statement::Statement> {
    covering::statements().chain(resuming::statements())
}

/// Why the law lets something be kept that somebody wants gone.
pub const GROUND: &str = "needed for legal claims, or to meet a legal obligation (GDPR Art. 17(3)(b), (e))";
/// Longest reason, in characters.
const REASON_MOST: usize = 2_000;

/// What a hold is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A contact, and all who are one with it.
    Contact(ContactId),
    /// A conversation, whoever wrote in it.
    Conversation(ConversationId),
    /// All that the workspace has.
    Workspace,
}

/// A hold to be set.
#[derive(Debug, Clone)]
pub struct NewHold {
    /// What it is on.
    pub on: Subject,
    /// Why: the case, the authority, the order. 1 to 2,000 characters.
    pub reason: Personal<String>,
    /// When it ends by itself, in Unix milliseconds; `None`: when it is lifted.
    pub ends_at: Option<Millis>,
}

/// A hold.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Hold {
    pub id: HoldId,
    pub on: Subject,
    pub reason: Personal<String>,
    /// The member who set it; empty for the operator.
    pub set_by: String,
    pub set_at: Millis,
    /// When it ends by itself.
    pub ends_at: Option<Millis>,
    /// When it was lifted, or ended.
    pub lifted_at: Option<Millis>,
    /// The member who lifted it; empty for the operator, and where it ended by itself.
    pub lifted_by: Option<String>,
}

impl Hold {
    /// Whether it stands at a moment.
    pub fn stands(&self, at: Millis) -> bool {
        self.lifted_at.is_none() && self.ends_at.is_none_or(|end| end > at)
    }
}

/// Sets a hold.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact or conversation any more, [`Error::Invalid`] without a reason or with an end
/// that is past, [`Error::Forbidden`] without [`Right::ManageRetention`].
pub fn set(tx: &Tx<'_>, new: &NewHold) -> Result<HoldId> {
    tx.scope()?.require(Right::ManageRetention)?;
    exists(tx, new.on)?;
    if !(1..=REASON_MOST).contains(&new.reason.reveal().trim().chars().count()) {
        return Err(Error::Invalid(format!("reason: 1 to {REASON_MOST} characters")));
    }
    if new.ends_at.is_some_and(|end| end <= tx.now()) {
        return Err(Error::Invalid("ends_at: must be in the future".into()));
    }
    let id = insert(tx, new, (&tx.scope()?.actor().id(), tx.now()))?;
    audit::record(tx, "hold.set", &id.to_string())?;
    Ok(id)
}

fn exists(tx: &Tx<'_>, on: Subject) -> Result<()> {
    match on {
        Subject::Contact(contact) => contacts::require(tx, contact),
        Subject::Conversation(conversation) => {
            let of = conversations::head(tx, conversation)?.contact;
            contacts::require(tx, of).map_err(|_| Error::NotFound("conversation"))
        }
        Subject::Workspace => Ok(()),
    }
}

fn insert(tx: &Tx<'_>, new: &NewHold, (set_by, set_at): (&str, Millis)) -> Result<HoldId> {
    let id: HoldId = tx.id();
    let row = id.to_string();
    let sealed = tx.seal_text(Under::Evidence, place(&row), &new.reason)?;
    tx.run(
        sql!(
            "INSERT INTO legal_holds (workspace_id, id, subject, reason_sealed, set_by, set_at, ends_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        params![id, subject(tx, new.on)?, sealed, set_by, set_at, new.ends_at],
    )?;
    if let Some(end) = new.ends_at {
        jobs::enqueue(tx, JobKind::ResumeHeld, &tx.workspace()?.to_string(), end)?;
    }
    tell(tx, new.on)?;
    Ok(id)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "legal_holds", column: "reason_sealed", row }
}

fn subject(tx: &Tx<'_>, on: Subject) -> Result<String> {
    Ok(match on {
        Subject::Contact(contact) => contact.to_string(),
        Subject::Conversation(conversation) => conversation.to_string(),
        Subject::Workspace => tx.workspace()?.to_string(),
    })
}

/// Whoever shows what is held reads it anew.
fn tell(tx: &Tx<'_>, on: Subject) -> Result<()> {
    let contact = match on {
        Subject::Contact(contact) => contact,
        Subject::Conversation(conversation) => conversations::head(tx, conversation)?.contact,
        Subject::Workspace => return facts::workplace(tx, Workplace::Workspace),
    };
    facts::record(tx, FactKind::ContactUpdated, About { contact: Some(contact), ..About::default() }).map(|_| ())
}

/// Lifts a hold: what it stopped goes on by itself. Lifting twice keeps the first time.
///
/// # Errors
/// [`Error::NotFound`] if there is no such hold, [`Error::Forbidden`] without [`Right::ManageRetention`].
pub fn lift(tx: &Tx<'_>, id: HoldId) -> Result<()> {
    tx.scope()?.require(Right::ManageRetention)?;
    let hold = view(tx, id)?;
    if !hold.stands(tx.now()) {
        return Ok(());
    }
    tx.run(
        sql!("UPDATE legal_holds SET lifted_at = $3, lifted_by = $4 WHERE workspace_id = $1 AND id = $2 AND lifted_at IS NULL"),
        params![id, tx.now(), tx.scope()?.actor().id()],
    )?;
    audit::record(tx, "hold.lifted", &id.to_string())?;
    jobs::enqueue(tx, JobKind::ResumeHeld, &tx.workspace()?.to_string(), tx.now())?;
    tell(tx, hold.on)
}

/// A hold.
///
/// # Errors
/// [`Error::NotFound`] if there is no such hold, [`Error::Forbidden`] without [`Right::ManageRetention`].
pub fn view(tx: &Tx<'_>, id: HoldId) -> Result<Hold> {
    tx.scope()?.require(Right::ManageRetention)?;
    let found = tx.maybe(
        sql!(
            "SELECT id, subject, reason_sealed, set_by, set_at, ends_at, lifted_at, lifted_by FROM legal_holds \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        Sealed::read,
    )?;
    found.ok_or(Error::NotFound("hold"))?.open(tx)
}

/// Holds, newest first; only those that stand where that is asked for.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageRetention`].
pub fn list(tx: &Tx<'_>, standing: bool, cursor: Option<&Cursor>, limit: usize) -> Result<Page<Hold>> {
    tx.scope()?.require(Right::ManageRetention)?;
    let (key, id) = cursor.map_or((i64::MAX, ""), |cursor| (cursor.key, cursor.id.as_str()));
    let rows = tx.all(
        sql!(
            "SELECT id, subject, reason_sealed, set_by, set_at, ends_at, lifted_at, lifted_by FROM legal_holds \
             WHERE workspace_id = $1 AND (set_at < $2 OR (set_at = $2 AND id < $3)) \
             AND (NOT $4 OR (lifted_at IS NULL AND (ends_at IS NULL OR ends_at > $5))) \
             ORDER BY set_at DESC, id DESC LIMIT $6"
        ),
        params![key, id, standing, tx.now(), i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)],
        Sealed::read,
    )?;
    let holds = rows.into_iter().map(|row| row.open(tx)).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_overfull(holds, limit, |hold| Cursor { key: hold.set_at, id: hold.id.to_string() }))
}

/// A row before its reason is opened.
struct Sealed {
    hold: Hold,
    reason: Vec<u8>,
}

impl Sealed {
    fn read(row: &Row<'_>) -> Result<Self> {
        let named = row.text(1)?;
        let on = match (named.parse(), named.parse()) {
            (Ok(contact), _) => Subject::Contact(contact),
            (_, Ok(conversation)) => Subject::Conversation(conversation),
            _ => Subject::Workspace,
        };
        let hold = Hold {
            id: row.get(0)?,
            on,
            reason: Personal::new(String::new()),
            set_by: row.text(3)?,
            set_at: row.get(4)?,
            ends_at: row.get(5)?,
            lifted_at: row.get(6)?,
            lifted_by: row.get(7)?,
        };
        Ok(Self { hold, reason: row.get(2)? })
    }

    fn open(self, tx: &Tx<'_>) -> Result<Hold> {
        let row = self.hold.id.to_string();
        let reason = tx.open_text(place(&row), &self.reason)?.ok_or(Error::Seal("a hold's reason has no key"))?;
        Ok(Hold { reason, ..self.hold })
    }
}

/// Those who were one contact are two from now on: what was held of both stays held of both, by the same reason and end.
/// `before` is who was one.
pub(crate) fn follow_split(tx: &Tx<'_>, before: &[ContactId], parts: [ContactId; 2]) -> Result<()> {
    // All of them before any is added.
    let mut standing = Vec::new();
    for named in before {
        for hold in standing_on(tx, *named)? {
            standing.push((hold, merges::standing(tx, *named)?));
        }
    }
    for (hold, stays_with) in standing {
        for part in parts {
            if merges::standing(tx, part)? != stays_with {
                let on = Subject::Contact(part);
                let new = NewHold { on, reason: hold.reason.clone(), ends_at: hold.ends_at };
                let id = insert(tx, &new, (&hold.set_by, hold.set_at))?;
                audit::record(tx, "hold.followed", &id.to_string())?;
            }
        }
    }
    Ok(())
}

/// The holds that stand on this very contact.
fn standing_on(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Hold>> {
    let rows = tx.all(
        sql!(
            "SELECT id, subject, reason_sealed, set_by, set_at, ends_at, lifted_at, lifted_by FROM legal_holds \
             WHERE workspace_id = $1 AND subject = $2 AND lifted_at IS NULL AND (ends_at IS NULL OR ends_at > $3)"
        ),
        params![contact, tx.now()],
        Sealed::read,
    )?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}
