//! What follows the tombstone, step by step: keys, rows in batches, then what the engine's files keep of them.

use super::record::{self, Row, State};
use super::{HELD_LOOKS_MS, count, dossier, remote, remove};
use crate::id::KeyId;
use crate::jobs::{self, JobKind};
use crate::map::{Copied, Fate, MAP, Table};
use crate::statement::sql;
use crate::value::params;
use crate::{AttachmentId, ContactId, ErasureId, Error, Millis, Result, Scope, Tx, Vault, audit, merges, remotes};

/// Tables whose removed rows are to leave the engine's files too.
const SCRUBBED: &[&str] = &[
    "audit",
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
    /// A legal hold stands against it: come again at this moment, unless that was lifted before.
    Held(Millis),
}

/// What is to be done next, outside a transaction.
enum Next {
    DestroyKeys(Vec<KeyId>),
    ForgetMore,
    Again,
    Wait,
    Hold(Millis),
    Scrub,
    Nothing,
}

/// What was done outside, since the last step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Did {
    Nothing,
    DestroyedKeys,
    ForgotSome,
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
                Next::ForgetMore => Did::ForgotSome,
                Next::Again => Did::Nothing,
                Next::Wait => return Ok(Progress::Waiting),
                Next::Hold(until) => return Ok(Progress::Held(until)),
                Next::Nothing => return Ok(Progress::Removed),
            };
        }
    }
}

fn step(tx: &Tx<'_>, id: ErasureId, did: Did) -> Result<Next> {
    let mut row = record::row(tx, id)?;
    let next = match (row.state, did) {
        (State::Held, _) => return unless_held(tx, id, row.contact),
        // Before the rows go by which it is known what hung on the contact.
        (State::Unreadable, Did::DestroyedKeys | Did::ForgotSome) if forgot_some(tx, &row)? => {
            return Ok(Next::ForgetMore);
        }
        (State::Unreadable, Did::DestroyedKeys | Did::ForgotSome) => {
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

/// Begins what a legal hold kept waiting, once none does.
fn unless_held(tx: &Tx<'_>, id: ErasureId, contact: ContactId) -> Result<Next> {
    match super::begin(tx, contact) {
        Ok(begun) if begun == id => Ok(Next::Again),
        // Another wish of the same person came first.
        Ok(_) => record::is_met(tx, id).map(|()| Next::Nothing),
        Err(Error::Conflict { code: "legal_hold", .. }) => Ok(Next::Hold(tx.now() + HELD_LOOKS_MS)),
        Err(error) => Err(error),
    }
}

/// Takes a batch of names out of the audit log; whether there were any.
fn forgot_some(tx: &Tx<'_>, row: &Row) -> Result<bool> {
    let family = merges::family(tx, row.contact)?;
    let forgotten = family.into_iter().map(|contact| audit::forget(tx, contact)).sum::<Result<u64>>()?;
    Ok(forgotten > 0)
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
