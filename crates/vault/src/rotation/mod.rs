//! Rotation: keys give way to new ones while everything is read and written.
//!
//! [`begin`] makes the new key the one that seals, in one transaction; from then on nothing new is sealed under the old.
//! [`Vault::carry_on_rotation`] then seals anew what is there, page by page and as often as it takes ([`steps`]), by the
//! sealed columns of the data map ([`walk`]); looks everywhere whether any cell still names an old key; and only then
//! destroys it. Every step may be done twice, and an erasure in the middle wins. How far it is stands in its row
//! ([`place`]). The index has its own way ([`index`]), and so has the root key ([`root`]).

mod index;
mod looking;
mod place;
mod retired;
mod root;
mod steps;
#[cfg(test)]
pub(crate) mod tests;
mod walk;

use crate::jobs::{self, JobKind};
use crate::keys::Family;
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, Error, Millis, Result, Right, RotationId, Tx, audit, contacts, merges};

pub(crate) use index::{Moving, has_moved, moving};
pub(crate) use looking::{Seen, look, table_on_the_way};
pub use place::State;
pub(crate) use retired::retire_lost;
pub use steps::Progress;
#[cfg(test)]
pub(crate) use walk::statements;

/// Which keys give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// All keys of a contact, and of those who are one with it and have none under way yet.
    Contact(ContactId),
    /// The key that members, channels and settings are sealed under.
    Content,
    /// The key that consents and open erasures are sealed under.
    Evidence,
    /// The key that the search index is sealed under.
    Index,
    /// The workspace key, which wraps all others.
    Workspace,
    /// The key that signs the audit log.
    Audit,
}

const WORDS: [(What, &str); 5] = [
    (What::Content, "content"),
    (What::Evidence, "evidence"),
    (What::Index, "index"),
    (What::Workspace, "workspace"),
    (What::Audit, "audit"),
];

impl What {
    /// All that rotate without naming a contact, in a good order.
    pub const OF_A_WORKSPACE: [Self; 5] = [Self::Content, Self::Evidence, Self::Index, Self::Audit, Self::Workspace];

    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(what, _)| *what == self).map_or("contact", |(_, word)| word)
    }

    /// From the word, and the contact where one is named.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an unknown word, or where a contact is missing or too much.
    pub fn parse(word: &str, contact: Option<ContactId>) -> Result<Self> {
        let known = WORDS.iter().find(|(_, known)| *known == word).map(|(what, _)| *what);
        match (known, contact) {
            (Some(what), None) => Ok(what),
            (None, Some(contact)) if word == "contact" => Ok(Self::Contact(contact)),
            (None, _) if word != "contact" => {
                Err(Error::Invalid("what is one of contact, content, evidence, index, workspace, audit".into()))
            }
            _ => Err(Error::Invalid("a contact is named if, and only if, a contact's keys are to be rotated".into())),
        }
    }

    /// The contact, if it is about one.
    pub fn contact(self) -> Option<ContactId> {
        match self {
            Self::Contact(contact) => Some(contact),
            _ => None,
        }
    }

    fn subject(self) -> String {
        self.contact().map_or_else(String::new, |contact| contact.to_string())
    }
}

/// A rotation, as who ordered it may see it.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// Its id.
    pub id: RotationId,
    /// Which keys.
    pub what: What,
    /// How far it is. Everything is readable in every state.
    pub state: State,
    /// Cells sealed anew (of the workspace key: keys wrapped anew; of the index: files).
    pub cells: i64,
    /// When it began.
    pub started_at: Millis,
    /// When the old keys were destroyed.
    pub completed_at: Option<Millis>,
}

/// Begins a rotation: from this commit on the new key seals. One that is under way is returned as it is. Of contacts who are
/// one, those get a rotation about whom none is under way; where there is one about each, any of them is returned.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact or it was erased, [`Error::Forbidden`] without
/// [`Right::ManageWorkspace`].
pub fn begin(tx: &Tx<'_>, what: What) -> Result<RotationId> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let Order { what, contacts, under_way } = order(tx, what)?;
    if let Some(id) = under_way {
        return Ok(id);
    }
    let id: RotationId = tx.id();
    let workspace = tx.workspace()?;
    let target = match what {
        What::Contact(_) => retired::retire_contacts(tx, &contacts, id).map(|()| 0)?,
        What::Content => replace(tx, Family::Content)?,
        What::Evidence => replace(tx, Family::Evidence)?,
        // The files that are there are under the present one until all of them were sealed anew.
        What::Index => tx.keys.next_generation(workspace, Family::Index, generation(tx, Family::Index)?)?,
        What::Audit => tx.keys.next_generation(workspace, Family::Audit, tx.keys.audit_generation(workspace)?)?,
        What::Workspace => 0,
    };
    place::open(tx, id, what, target)?;
    jobs::enqueue(tx, JobKind::Rotate, &id.to_string(), tx.now())?;
    audit::record(tx, "keys.rotation_began", &id.to_string())?;
    Ok(id)
}

/// What an order comes to.
struct Order {
    what: What,
    /// Whose keys are to give way, of a contact's rotation.
    contacts: Vec<ContactId>,
    /// The rotation that does all of it already.
    under_way: Option<RotationId>,
}

fn order(tx: &Tx<'_>, what: What) -> Result<Order> {
    let Some(contact) = what.contact() else {
        return Ok(Order { what, contacts: Vec::new(), under_way: place::running(tx, what)? });
    };
    contacts::require(tx, contact)?;
    let family = merges::family(tx, contact)?;
    let (mut under_way, mut contacts) = (None, Vec::new());
    for one in &family {
        match place::about(tx, *one)? {
            Some(id) => under_way = under_way.or(Some(id)),
            None if retired::has_keys(tx, *one)? => contacts.push(*one),
            None => {}
        }
    }
    if !contacts.is_empty() {
        under_way = None;
    }
    let first = contacts.first().or(family.first()).copied().unwrap_or(contact);
    Ok(Order { what: What::Contact(first), contacts, under_way })
}

/// A rotation.
///
/// # Errors
/// [`Error::NotFound`] if there is no such one, or its contact was erased.
pub fn view(tx: &Tx<'_>, id: RotationId) -> Result<Rotation> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    place::find(tx, id)?.map(|row| row.rotation).ok_or(Error::NotFound("rotation"))
}

/// The newest rotations of the workspace, at most `limit`.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageWorkspace`].
pub fn list(tx: &Tx<'_>, limit: i64) -> Result<Vec<Rotation>> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    place::newest(tx, limit)
}

/// Makes the next generation of a family the one that seals.
fn replace(tx: &Tx<'_>, family: Family) -> Result<i64> {
    let next = tx.keys.next_generation(tx.workspace()?, family, generation(tx, family)?)?;
    set_generation(tx, family, next)?;
    Ok(next)
}

/// Which generation of a family is the present one, by the workspace's data: the same for all that one transaction sees.
pub(crate) fn generation(tx: &Tx<'_>, family: Family) -> Result<i64> {
    let stored = tx.maybe(
        sql!("SELECT value FROM counters WHERE workspace_id = $1 AND name = $2"),
        params![counter(family)],
        |row| row.get(0),
    )?;
    Ok(stored.unwrap_or(1))
}

fn set_generation(tx: &Tx<'_>, family: Family, generation: i64) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO counters (workspace_id, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (workspace_id, name) DO UPDATE SET value = excluded.value"
        ),
        params![counter(family), generation],
    )?;
    Ok(())
}

fn counter(family: Family) -> &'static str {
    match family {
        Family::Content => "content_key",
        Family::Evidence => "evidence_key",
        Family::Index => "index_key",
        Family::Blind => "blind_key",
        Family::Audit => "audit_key",
    }
}

/// After a restore: the data may name keys that a rotation has destroyed since. What is written from now on is sealed under
/// those that custody has; what was sealed under the others stays unreadable.
pub(crate) fn go_on_with_newest(tx: &Tx<'_>) -> Result<()> {
    for family in [Family::Content, Family::Evidence, Family::Index] {
        let newest = tx.keys.newest_generation(tx.workspace()?, family)?;
        if generation(tx, family)? < newest {
            set_generation(tx, family, newest)?;
        }
    }
    Ok(())
}
