//! Merges: two contacts that are one person, and one person that turns out to be two.
//!
//! Nothing moves. A contact that was merged says into whom, and keeps its rows, identities and keys: a merge is as small as
//! the families it joins, whatever was said, and a split gives back exactly what there was. Whoever asks "of this contact"
//! asks for the [`family`]; whoever shows a contact shows who is [`standing`]. `contacts.merged_into` always names who stays
//! in the end; the table of merges keeps who was merged into whom, so that a contact is split off with all that had been
//! merged into it.

mod family;
#[cfg(test)]
mod tests;

pub use family::{family, reached_on, standing};

use std::collections::BTreeSet;

use crate::facts::{self, About, FactKind};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{
    ContactId, ConversationId, Error, MergeId, Millis, Personal, Result, Right, Tx, contacts, conversations, holds,
};

/// The most contacts that can be one person: each of them is asked whenever the person is.
pub const FAMILY_MAX: usize = 50;
/// No more conversations than this are told of, of each contact the most recently active first: a merge stays a short
/// transaction, however much was said.
const TOLD: i64 = 200;

/// A merge as members see it.
#[derive(Debug, Clone)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// Who stayed, when it was made.
    pub contact: ContactId,
    /// Who was merged.
    pub merged: ContactId,
    /// What the merged contact itself is called.
    pub name: Option<Personal<String>>,
    /// The member who did it; empty for the operator.
    pub merged_by: String,
    /// When.
    pub merged_at: Millis,
    /// When it was undone.
    pub split_at: Option<Millis>,
}

/// Makes one contact of two: `merged`, with all that was merged into it, is shown as who is standing for `stays`. The
/// merge, and whether it was made now: contacts that are one already stay as they are.
///
/// # Errors
/// [`Error::NotFound`] if either is not there or erased; a conflict (`same_contact`, `merged_elsewhere`, `family_full`) where
/// they cannot be joined; [`Error::Forbidden`] without [`Right::WriteContacts`].
pub fn merge(tx: &Tx<'_>, stays: ContactId, merged: ContactId) -> Result<(MergeId, bool)> {
    tx.scope()?.require(Right::WriteContacts)?;
    contacts::require(tx, stays)?;
    contacts::require(tx, merged)?;
    let (stays, others) = (standing(tx, stays)?, standing(tx, merged)?);
    if stays == others {
        let same = "this is the contact itself: name another one, which is to be merged into it";
        let made = in_force(tx, merged)?.map(|id| (id, false));
        return made.ok_or_else(|| Error::conflict("same_contact", same));
    }
    if others != merged {
        let elsewhere = "this contact is merged into another one: split it off there, or merge the one who stays there";
        return Err(Error::conflict("merged_elsewhere", elsewhere));
    }
    if family(tx, stays)?.len() + family(tx, merged)?.len() > FAMILY_MAX {
        return Err(Error::conflict("family_full", format!("at most {FAMILY_MAX} contacts can be merged into one")));
    }
    let id = record(tx, stays, merged)?;
    tx.run(
        sql!(
            "UPDATE contacts SET merged_into = $3 WHERE workspace_id = $1 AND (id = $2 OR merged_into = $2) \
             AND erased_at IS NULL"
        ),
        params![merged, stays],
    )?;
    tell(tx, stays, merged, &branch(tx, merged)?)?;
    Ok((id, true))
}

fn record(tx: &Tx<'_>, stays: ContactId, merged: ContactId) -> Result<MergeId> {
    let id: MergeId = tx.id();
    tx.run(
        sql!(
            "INSERT INTO merges (workspace_id, id, contact_id, merged_id, merged_by, merged_at) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        params![id, stays, merged, tx.scope()?.actor().id(), tx.now()],
    )?;
    Ok(id)
}

/// Undoes a merge of a contact's family: who was merged is a contact of its own again, with all that had been merged into it.
/// Splitting twice is splitting once; whether it was done now.
///
/// # Errors
/// [`Error::NotFound`] if the contact has no such merge; [`Error::Forbidden`] without [`Right::WriteContacts`].
pub fn split(tx: &Tx<'_>, contact: ContactId, id: MergeId) -> Result<bool> {
    tx.scope()?.require(Right::WriteContacts)?;
    contacts::require(tx, contact)?;
    let merge = view(tx, id)?;
    let family = family(tx, contact)?;
    if !family.contains(&merge.contact) && !family.contains(&merge.merged) {
        return Err(Error::NotFound("merge"));
    }
    if merge.split_at.is_none() {
        undo(tx, id, merge.merged)?;
    }
    Ok(merge.split_at.is_none())
}

/// Takes a contact out of its family alone: neither whom it was merged into nor who was merged into it is one with it any
/// more. For an erasure that concerns this contact and nobody else.
pub(crate) fn leave(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    let upwards = in_force(tx, contact)?.map(|id| (id, contact));
    for (id, merged) in upwards.into_iter().chain(into(tx, contact)?) {
        undo(tx, id, merged)?;
    }
    Ok(())
}

fn undo(tx: &Tx<'_>, id: MergeId, merged: ContactId) -> Result<()> {
    let stayed = standing(tx, merged)?;
    let (branch, before) = (branch(tx, merged)?, family(tx, merged)?);
    tx.run(sql!("UPDATE merges SET split_at = $3 WHERE workspace_id = $1 AND id = $2"), params![id, tx.now()])?;
    for member in &branch {
        let into = (*member != merged).then_some(merged);
        tx.run(
            sql!("UPDATE contacts SET merged_into = $3 WHERE workspace_id = $1 AND id = $2"),
            params![*member, into],
        )?;
    }
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::SplitGivesAway) {
        tx.run(
            sql!("UPDATE conversations SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2"),
            params![merged, stayed],
        )?;
    }
    holds::follow_split(tx, &before, [stayed, merged])?;
    tell(tx, stayed, merged, &branch)
}

/// A contact and all that was merged into it, or into one of these.
fn branch(tx: &Tx<'_>, top: ContactId) -> Result<BTreeSet<ContactId>> {
    let (mut found, mut open) = (BTreeSet::from([top]), vec![top]);
    while let Some(next) = open.pop() {
        for (_, merged) in into(tx, next)? {
            if found.insert(merged) {
                open.push(merged);
            }
        }
    }
    Ok(found)
}

/// The merges in force by which others were merged into this very contact.
fn into(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<(MergeId, ContactId)>> {
    tx.all(
        sql!("SELECT id, merged_id FROM merges WHERE workspace_id = $1 AND contact_id = $2 AND split_at IS NULL"),
        params![contact],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The merge in force by which this contact was merged.
fn in_force(tx: &Tx<'_>, merged: ContactId) -> Result<Option<MergeId>> {
    tx.maybe(
        sql!("SELECT id FROM merges WHERE workspace_id = $1 AND merged_id = $2 AND split_at IS NULL"),
        params![merged],
        |row| row.get(0),
    )
}

/// Both contacts are shown differently now, with what either agreed to, and so are the conversations of those who were merged or split off; those of who
/// stays too, if it takes its name from them.
fn tell(tx: &Tx<'_>, stays: ContactId, merged: ContactId, branch: &BTreeSet<ContactId>) -> Result<()> {
    for contact in [stays, merged] {
        facts::record(tx, FactKind::ContactConsents, About { contact: Some(contact), ..About::default() })?;
    }
    let named = contacts::name(tx, stays)?.is_some();
    let others = if named { Vec::new() } else { family(tx, stays)? };
    let concerned: BTreeSet<_> = branch.iter().copied().chain(others).collect();
    let mut left = TOLD;
    for contact in concerned {
        for conversation in recent(tx, contact, left)? {
            conversations::note_updated(tx, conversation, contact)?;
            left -= 1;
        }
    }
    Ok(())
}

fn recent(tx: &Tx<'_>, contact: ContactId, limit: i64) -> Result<Vec<ConversationId>> {
    tx.all(
        sql!(
            "SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2 \
             ORDER BY active_at DESC, id DESC LIMIT $3"
        ),
        params![contact, limit],
        |row| row.get(0),
    )
}

/// One merge, in force or undone.
///
/// # Errors
/// [`Error::NotFound`] if there is no such merge, or one of the two was erased.
pub fn view(tx: &Tx<'_>, id: MergeId) -> Result<Merge> {
    let found = tx.maybe(
        sql!(
            "SELECT id, contact_id, merged_id, merged_by, merged_at, split_at FROM merges \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        read,
    )?;
    named(tx, found.ok_or(Error::NotFound("merge"))?)
}

/// The merges in force in a contact's family, newest first.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact, or it was erased.
pub fn list(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Merge>> {
    contacts::require(tx, contact)?;
    let found = tx.all(
        sql!(
            "SELECT m.id, m.contact_id, m.merged_id, m.merged_by, m.merged_at, m.split_at FROM contacts p \
             JOIN merges m ON m.workspace_id = p.workspace_id AND m.merged_id = p.id \
             WHERE p.workspace_id = $1 AND p.merged_into = $2 AND m.split_at IS NULL ORDER BY m.merged_at DESC, m.id DESC"
        ),
        params![standing(tx, contact)?],
        read,
    )?;
    found.into_iter().map(|merge| named(tx, merge)).collect()
}

fn read(row: &Row<'_>) -> Result<Merge> {
    Ok(Merge {
        id: row.get(0)?,
        contact: row.get(1)?,
        merged: row.get(2)?,
        name: None,
        merged_by: row.get(3)?,
        merged_at: row.get(4)?,
        split_at: row.get(5)?,
    })
}

fn named(tx: &Tx<'_>, merge: Merge) -> Result<Merge> {
    Ok(Merge { name: contacts::name(tx, merge.merged)?, ..merge })
}
