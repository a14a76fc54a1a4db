//! What follows the tombstone, step by step: keys, rows in batches, then what the engine's files keep of them.

use super::record::{self, Row, State};
use super::{count, dossier, remote, remove};
use crate::id::KeyId;
use crate::jobs::{self, JobKind};
use crate::map::{Copied, Fate, MAP, Table};
use crate::statement::sql;
use crate::value::params;
use crate::{AttachmentId, ContactId, ErasureId, Result, Scope, Tx, Vault, merges, remotes};

/// Tables whose removed rows are to leave the engine's files too.
const SCRUBBED: &[&str] = &[
    "outbox",
    "contacts",
    "contact_keys",
    "doomed_keys",
    "merges",
    "identities",
    "conversation_labels",
    "reactions",
    "remotes",
    "attachments",
    "messages",
    "conversations",
    "drafts",
    "scheduled",
    "mentions",
    "changes",
];

/// What an erasure waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The search index has yet to forget the contact: come again in a moment.
    Waiting,
    /// Nothing is left here.
    Removed,
}

/// What is to be done next, outside a transaction.
enum Next {
    DestroyKeys(Vec<KeyId>),
    Again,
    Wait,
    Scrub,
    Nothing,
}

/// What was done outside, since the last step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Did {
    Nothing,
    DestroyedKeys,
    Scrubbed,
}

impl Vault {
    /// Goes on with an erasure until nothing is left here, or the index has to act first. What the job
    /// [`JobKind::EraseRows`] does.
    ///
    /// # Errors
    /// Whatever stopped it: the job tries again, and finds what is left by itself.
    pub async fn carry_on_erasure(&self, scope: &Scope, id: ErasureId) -> Result<Progress> {
        let mut did = Did::Nothing;
        loop {
            did = match self.write(scope, move |tx| step(tx, id, did)).await? {
                #[cfg(any(test, feature = "testing"))]
                Next::DestroyKeys(_) if self.has(crate::testing::planted::Planted::KeySurvivesErasure) => {
                    Did::DestroyedKeys
                }
                Next::DestroyKeys(keys) => {
                    self.keys().destroy(scope.workspace(), &keys)?;
                    Did::DestroyedKeys
                }
                Next::Scrub => {
                    self.scrub(SCRUBBED).await?;
                    Did::Scrubbed
                }
                Next::Again => Did::Nothing,
                Next::Wait => return Ok(Progress::Waiting),
                Next::Nothing => return Ok(Progress::Removed),
            };
        }
    }
}

fn step(tx: &Tx<'_>, id: ErasureId, did: Did) -> Result<Next> {
    let mut row = record::row(tx, id)?;
    let next = match (row.state, did) {
        (State::Unreadable, Did::DestroyedKeys) => {
            dossier::are_gone(tx, id)?;
            row.state = State::Removing;
            Next::Again
        }
        (State::Unreadable, _) => return Ok(Next::DestroyKeys(dossier::doomed(tx, id)?)),
        (State::Removing, Did::Scrubbed) => {
            row.state = remote::after_removal(&row.remote);
            Next::Nothing
        }
        (State::Removing, _) => match remove_some(tx, &mut row)? {
            true => Next::Again,
            false if unforgotten(tx, &row)? => return Ok(Next::Wait),
            false => return Ok(Next::Scrub),
        },
        (State::Remote | State::Done, _) => return Ok(Next::Nothing),
    };
    record::write(tx, id, &row)?;
    Ok(next)
}

/// Removes one batch of the first table in which any of the erased contacts has rows; whether it found some.
fn remove_some(tx: &Tx<'_>, row: &mut Row) -> Result<bool> {
    let family = merges::family(tx, row.contact)?;
    for table in MAP {
        let Fate::Batches(statement) = &table.fate else { continue };
        for contact in &family {
            drop_copies(tx, table, *contact)?;
            if table.name == "remotes" {
                remotes::remember(tx, *contact)?;
            }
            let removed = remove(tx, statement, *contact)?;
            if removed > 0 {
                count(&mut row.counts, table.name, removed);
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Files go by the job that each row leaves behind. The index was told once for all; providers have their own job.
fn drop_copies(tx: &Tx<'_>, table: &Table, contact: ContactId) -> Result<()> {
    if !table.copies.contains(&Copied::Blob) {
        return Ok(());
    }
    let files = tx.all(
        sql!("SELECT id FROM attachments WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id LIMIT 500"),
        params![contact],
        |row| row.get::<AttachmentId>(0),
    )?;
    for file in files {
        jobs::enqueue(tx, JobKind::DropFile, &file.to_string(), tx.now())?;
    }
    Ok(())
}

fn unforgotten(tx: &Tx<'_>, row: &Row) -> Result<bool> {
    let mark = tx.maybe(
        sql!(
            "SELECT 1 FROM contacts p JOIN index_pending w ON w.workspace_id = p.workspace_id AND w.message_id = p.id \
             WHERE p.workspace_id = $1 AND (p.id = $2 OR p.merged_into = $2) AND w.act = 'forget' LIMIT 1"
        ),
        params![row.contact],
        |_| Ok(()),
    )?;
    Ok(mark.is_some())
}
