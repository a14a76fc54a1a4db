//! A rotation's row: how far it is, so that whoever goes on with it finds the place.

use super::{Rotation, What};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{ContactId, Error, Millis, Result, RotationId, Tx};

/// How far a rotation is. Everything is readable in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// What is under the old key is being sealed anew.
    Sealing,
    /// It is looked everywhere whether anything still names an old key.
    Checking,
    /// Nothing does; the old keys are destroyed when nobody can be reading what they saw before.
    Destroying,
    /// The old keys are destroyed.
    Done,
}

const STATES: [(State, &str); 4] = [
    (State::Sealing, "sealing"),
    (State::Checking, "checking"),
    (State::Destroying, "destroying"),
    (State::Done, "done"),
];

impl State {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Result<Self> {
        let found = STATES.iter().find(|(_, known)| *known == word).map(|(state, _)| *state);
        found.ok_or_else(|| Error::Engine("a stored state of a rotation is unknown".into()))
    }
}

/// A rotation with its place.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) rotation: Rotation,
    /// The generation that takes over; 0 where there is none, and of the workspace key until the first step has made it.
    pub(super) target: i64,
    /// Where to go on: a table and the key of its last row, line by line; empty at the start.
    pub(super) place: String,
    /// What this pass found under an old key.
    pub(super) found: i64,
    /// What this pass could not open under an old key.
    pub(super) damaged: i64,
    /// Not before this.
    pub(super) due_at: Millis,
}

/// Opens a rotation's row.
pub(super) fn open(tx: &Tx<'_>, id: RotationId, what: What, target: i64) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO rotations (workspace_id, id, what, subject, state, target, place, found, cells, damaged, due_at, \
             started_at) VALUES ($1, $2, $3, $4, 'sealing', $5, '', 0, 0, 0, $6, $6)"
        ),
        params![id, what.as_str(), what.subject(), target, tx.now()],
    )?;
    Ok(())
}

/// The rotation of these keys that is under way.
pub(super) fn running(tx: &Tx<'_>, what: What) -> Result<Option<RotationId>> {
    tx.maybe(
        sql!("SELECT id FROM rotations WHERE workspace_id = $1 AND what = $2 AND subject = $3 AND state <> 'done' LIMIT 1"),
        params![what.as_str(), what.subject()],
        |row| row.get(0),
    )
}

/// A rotation under way that is about a contact's keys: its own, or one that found it in the same family when it began.
pub(super) fn about(tx: &Tx<'_>, contact: ContactId) -> Result<Option<RotationId>> {
    tx.maybe(
        sql!(
            "SELECT r.id FROM rotations r WHERE r.workspace_id = $1 AND r.what = 'contact' AND r.subject = $2 \
             AND r.state <> 'done' UNION ALL SELECT r.id FROM contact_keys k JOIN rotations r \
             ON r.workspace_id = k.workspace_id AND r.id = k.retired_by \
             WHERE k.workspace_id = $1 AND k.contact_id = $2 AND r.state <> 'done' LIMIT 1"
        ),
        params![contact],
        |row| row.get(0),
    )
}

/// A rotation; `None` if there is no such one, or no more.
pub(super) fn find(tx: &Tx<'_>, id: RotationId) -> Result<Option<Stored>> {
    tx.maybe(
        sql!(
            "SELECT id, what, subject, state, cells, started_at, completed_at, target, place, found, due_at, damaged \
             FROM rotations WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        |row| {
            Ok(Stored {
                rotation: read(row)?,
                target: row.get(7)?,
                place: row.text(8)?,
                found: row.get(9)?,
                due_at: row.get(10)?,
                damaged: row.get(11)?,
            })
        },
    )
}

/// The newest first.
pub(super) fn newest(tx: &Tx<'_>, limit: i64) -> Result<Vec<Rotation>> {
    tx.all(
        sql!(
            "SELECT id, what, subject, state, cells, started_at, completed_at FROM rotations WHERE workspace_id = $1 \
             ORDER BY started_at DESC, id DESC LIMIT $2"
        ),
        params![limit],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Rotation> {
    let (what, subject) = (row.text(1)?, row.text(2)?);
    let contact = if subject.is_empty() { None } else { Some(subject.parse()?) };
    Ok(Rotation {
        id: row.get(0)?,
        what: What::parse(&what, contact)?,
        state: State::parse(&row.text(3)?)?,
        cells: row.get(4)?,
        started_at: row.get(5)?,
        completed_at: row.get(6)?,
    })
}

/// Writes how far a rotation is.
pub(super) fn write(tx: &Tx<'_>, row: &Stored) -> Result<()> {
    let Rotation { id, state, cells, completed_at, .. } = &row.rotation;
    tx.run(
        sql!(
            "UPDATE rotations SET state = $3, place = $4, found = $5, cells = $6, due_at = $7, completed_at = $8, damaged = $9, \
             target = $10 WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, state.as_str(), &row.place, row.found, *cells, row.due_at, *completed_at, row.damaged, row.target],
    )?;
    Ok(())
}
