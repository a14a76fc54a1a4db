//! Whether the promises are kept, found out from what is there: rows, keys, settings, the log of acts. Nothing is said to be kept
//! that was not looked at.
//!
//! [`registry`] names every promise with its one check. The checks: [`terms`] (retention), [`erasure`], [`sealing`],
//! [`isolation`], [`records`] (consents, requests, holds), [`sending`], [`mailboxes`], [`access`], [`upkeep`] (the audit log, backups, keys) and
//! [`surroundings`] (what the operator set). [`evidence`] signs what was found, so that it can be verified anywhere.

mod access;
mod endings;
mod erasure;
pub mod evidence;
mod isolation;
mod mailboxes;
mod records;
mod registry;
mod sealing;
mod sending;
mod surroundings;
mod terms;
#[cfg(test)]
mod tests;
mod upkeep;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

pub use mailboxes::{Allowance, Mailbox};
pub use surroundings::Surroundings;

use crate::statement::Statement;
use crate::value::Param;
use crate::{Error, Millis, Result, Scope, Tx, Vault, WorkspaceId};
use registry::{Check, Promise, registry};

/// How many ids of what is broken are told; of more only how many.
const IDS: usize = 20;
/// How many rows of one kind are found; more are counted as so many.
const ROWS: i64 = 1_000;
const HOUR_MS: Millis = 3_600_000;
const DAY_MS: Millis = 24 * HOUR_MS;

/// Something that is not as promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// In which workspace; none where it is the installation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// What is wrong, in words.
    pub what: String,
    /// The table, or what else it is in.
    pub place: String,
    /// How many rows; a thousand may be more.
    pub rows: u64,
    /// Their ids, the first twenty. An id leads to nobody by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
}

/// What looking at a promise came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// All that was looked at is as promised.
    Kept {
        /// How many things were looked at.
        looked_at: u64,
    },
    /// Some of it is not.
    Broken {
        /// How many things were looked at.
        looked_at: u64,
        /// What is not as promised.
        faults: Vec<Fault>,
    },
    /// There is no such feature in the program, or nobody uses it here.
    NotApplicable,
    /// It cannot be found out from what is there.
    NotChecked {
        /// Why not.
        reason: String,
    },
}

impl Outcome {
    /// The shown word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept { .. } => "kept",
            Self::Broken { .. } => "broken",
            Self::NotApplicable => "not applicable",
            Self::NotChecked { .. } => "not checked",
        }
    }
}

/// A promise, and what looking at it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Its id in PROMISES.md (`R-3`).
    pub id: &'static str,
    /// The promise in short.
    pub promise: &'static str,
    /// What was looked at.
    pub looks_at: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What it was that was looked at, where that says more than how many there are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Value>,
}

/// What is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// One workspace alone; all of them without.
    pub workspace: Option<WorkspaceId>,
    /// One promise alone; all of them without.
    pub promise: Option<String>,
}

/// What a check saw.
#[derive(Debug, Default)]
struct Seen {
    looked_at: u64,
    faults: Vec<Fault>,
    unchecked: Option<String>,
    shown: Vec<Value>,
}

impl Seen {
    /// So many things, nothing wrong with them so far.
    fn of(looked_at: u64) -> Self {
        Self { looked_at, ..Self::default() }
    }

    /// It could not be looked at.
    fn nothing_because(reason: impl Into<String>) -> Self {
        Self { unchecked: Some(reason.into()), ..Self::default() }
    }

    fn and(mut self, fault: Option<Fault>) -> Self {
        self.faults.extend(fault);
        self
    }

    fn join(&mut self, workspace: Option<WorkspaceId>, other: Self) {
        self.looked_at = self.looked_at.saturating_add(other.looked_at);
        self.unchecked = self.unchecked.take().or(other.unchecked);
        self.shown.extend(other.shown);
        self.faults.extend(other.faults.into_iter().map(|fault| Fault { workspace, ..fault }));
    }

    fn outcome(self) -> Outcome {
        let looked_at = self.looked_at;
        match (self.faults.is_empty(), self.unchecked) {
            (false, _) => Outcome::Broken { looked_at, faults: self.faults },
            (true, Some(reason)) => Outcome::NotChecked { reason },
            (true, None) if looked_at == 0 => Outcome::NotApplicable,
            (true, None) => Outcome::Kept { looked_at },
        }
    }
}

impl Fault {
    fn of(what: impl Into<String>, place: &str, rows: u64) -> Self {
        Self { workspace: None, what: what.into(), place: place.into(), rows, ids: Vec::new() }
    }

    /// What has these ids; nothing, if there are none.
    fn about(what: impl Into<String>, place: &str, mut ids: Vec<String>) -> Option<Self> {
        let rows = ids.len() as u64;
        ids.truncate(IDS);
        (rows > 0).then(|| Self { ids, ..Self::of(what, place, rows) })
    }
}

/// How many rows a statement counts.
fn count(tx: &Tx<'_>, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64> {
    let counted = tx.maybe(statement, params, |row| row.get::<i64>(0))?;
    Ok(counted.unwrap_or_default().unsigned_abs())
}

/// What a statement finds: the ids of rows that are not as promised.
fn found(
    tx: &Tx<'_>,
    statement: &'static Statement,
    params: &[Param<'_>],
    (what, place): (&str, &str),
) -> Result<Option<Fault>> {
    Ok(Fault::about(what, place, tx.all(statement, params, |row| row.text(0))?))
}

/// All statements that are made from the data map here, for the tests that prepare every one.
#[cfg(test)]
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    erasure::statements().chain(isolation::statements()).chain(endings::statements())
}

impl Vault {
    /// Looks at every promise that is asked for, in the order of PROMISES.md.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such promise or workspace; whatever keeps it from looking.
    pub async fn prove(&self, asked: &Asked, around: &Surroundings) -> Result<Vec<Proof>> {
        let named = |promise: &&Promise| asked.promise.as_ref().is_none_or(|id| id.eq_ignore_ascii_case(promise.id));
        let promises: Vec<&Promise> = registry().iter().filter(named).collect();
        if promises.is_empty() {
            return Err(Error::NotFound("promise"));
        }
        let scopes = self.proven(asked.workspace).await?;
        let mut proofs = Vec::with_capacity(promises.len());
        for promise in promises {
            let mut seen = self.look_at(promise, &scopes, around).await?;
            let (shown, outcome) = (std::mem::take(&mut seen.shown), seen.outcome());
            let Promise { id, words, looks_at, .. } = *promise;
            proofs.push(Proof { id, promise: words, looks_at, outcome, shown });
        }
        Ok(proofs)
    }

    async fn proven(&self, workspace: Option<WorkspaceId>) -> Result<Vec<Scope>> {
        let ids = match workspace {
            Some(id) => BTreeSet::from([id]),
            None => self.workspaces().await?.into_iter().map(|workspace| workspace.id).collect(),
        };
        let mut scopes = Vec::with_capacity(ids.len());
        for id in ids {
            scopes.push(self.operator_scope(id).await?);
        }
        Ok(scopes)
    }

    async fn look_at(&self, promise: &'static Promise, scopes: &[Scope], around: &Surroundings) -> Result<Seen> {
        let mut seen = Seen::default();
        match promise.check {
            Check::Absent => {}
            Check::Unseen(reason) => seen = Seen::nothing_because(reason),
            Check::Around(look) => seen = look(around),
            Check::House(look) => seen.join(None, upkeep::look(self, look).await?),
            Check::Within(look) => {
                for scope in scopes {
                    seen.join(Some(scope.workspace()), self.read(scope, look).await?);
                }
            }
            Check::Named(look) => {
                for scope in scopes {
                    let within = move |tx: &Tx<'_>| look(tx, promise);
                    seen.join(Some(scope.workspace()), self.read(scope, within).await?);
                }
            }
            Check::Mailboxes => {
                for scope in scopes {
                    let own = mailboxes::of(around, scope.workspace());
                    let within = move |tx: &Tx<'_>| mailboxes::look(tx, &own);
                    seen.join(Some(scope.workspace()), self.read(scope, within).await?);
                }
            }
            Check::Beside(part) => {
                for scope in scopes {
                    seen.join(Some(scope.workspace()), upkeep::look_beside(self, scope, part).await?);
                }
            }
        }
        Ok(seen)
    }
}
