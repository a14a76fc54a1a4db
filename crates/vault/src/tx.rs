//! What a closure over the database can do. One `Tx` is one savepoint (SQLite) or transaction (PostgreSQL).

use std::cell::RefCell;
use std::collections::HashMap;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::deferred::Deferred;
use crate::id::{Identifier, KeyId};
use crate::keys::{Key, Keys};
use crate::node::Holder;
use crate::retention::Operator;
use crate::sign_in::SessionTerms;
use crate::statement::{Reach, Statement};
use crate::value::{Param, Row};
use crate::{Error, Millis, Result, Scope, WorkspaceId};

/// Something was committed that somebody waits for. It carries ids only and may be lost: whoever waits also looks by himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wake {
    /// A request was received.
    Inbox,
    /// Something is to be sent.
    Outbox,
    /// A job is due.
    Jobs,
    /// A workspace has new facts.
    Facts(WorkspaceId),
}

/// One engine's open transaction, as [`crate::store`] implements it.
pub(crate) trait Session {
    /// Runs a statement; the count of rows it changed.
    fn execute(&self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64>;
    /// Runs a query, row by row.
    fn query(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        row: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()>;
    /// Whether a statement failed, after which nothing of this closure can be kept.
    fn failed(&self) -> bool;
}

/// The moment and the chance a closure runs with. They are drawn once per closure, so running it again makes the same ids.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Millis,
    pub(crate) chance: [u8; 32],
    pub(crate) holder: Holder,
    pub(crate) terms: SessionTerms,
    pub(crate) operator: Operator,
    #[cfg(any(test, feature = "testing"))]
    pub(crate) planted: Option<crate::testing::planted::Planted>,
}

/// A transaction within a scope.
pub struct Tx<'a> {
    session: &'a dyn Session,
    scope: Option<&'a Scope>,
    moment: Moment,
    rng: RefCell<ChaCha20Rng>,
    wakes: RefCell<Vec<Wake>>,
    pub(crate) deferred: Deferred,
    pub(crate) keys: &'a Keys,
    /// Keys already found un-erased in this snapshot; `None`: gone.
    pub(crate) opened: RefCell<HashMap<KeyId, Option<Key>>>,
    /// Set when the engine asked to run the closure again, whatever the closure made of the error.
    again: std::cell::Cell<bool>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(session: &'a dyn Session, scope: Option<&'a Scope>, moment: Moment, keys: &'a Keys) -> Self {
        Self {
            session,
            scope,
            moment,
            rng: RefCell::new(ChaCha20Rng::from_seed(moment.chance)),
            wakes: RefCell::default(),
            deferred: Deferred::default(),
            keys,
            opened: RefCell::default(),
            again: std::cell::Cell::new(false),
        }
    }

    /// The scope. Installation transactions have none.
    pub fn scope(&self) -> Result<&Scope> {
        self.scope.ok_or(Error::Forbidden("this transaction has no workspace"))
    }

    /// The workspace.
    pub fn workspace(&self) -> Result<WorkspaceId> {
        self.scope().map(Scope::workspace)
    }

    /// The moment of this transaction.
    pub fn now(&self) -> Millis {
        self.moment.now
    }

    /// Whose the leases of this transaction are.
    pub(crate) fn holder(&self) -> Holder {
        self.moment.holder
    }

    /// How long members stay signed in.
    pub(crate) fn terms(&self) -> SessionTerms {
        self.moment.terms
    }

    /// What the operator's settings say of retention.
    pub(crate) fn operator(&self) -> &Operator {
        &self.moment.operator
    }

    /// Whether the program was given this bug.
    #[cfg(any(test, feature = "testing"))]
    pub fn has(&self, planted: crate::testing::planted::Planted) -> bool {
        self.moment.planted == Some(planted)
    }

    /// Fresh random bytes, the same when the closure runs again.
    pub fn chance(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.rng.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }

    /// A fresh identifier (UUIDv7 of this moment and chance).
    #[expect(private_bounds, reason = "ids are made here and nowhere else")]
    pub fn id<T: Identifier>(&self) -> T {
        let mut random = [0; 10];
        self.rng.borrow_mut().fill_bytes(&mut random);
        let millis = u64::try_from(self.moment.now).unwrap_or(0);
        T::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Wakes somebody once this transaction is durable.
    pub(crate) fn wake(&self, wake: Wake) {
        let mut wakes = self.wakes.borrow_mut();
        if !wakes.contains(&wake) {
            wakes.push(wake);
        }
    }

    pub(crate) fn into_wakes(self) -> Vec<Wake> {
        self.wakes.into_inner()
    }

    /// Whether the engine asked to run the closure again.
    pub(crate) fn must_run_again(&self) -> bool {
        self.again.get()
    }

    /// Runs a statement; the count of rows it changed.
    pub(crate) fn run(&self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64> {
        self.settle_for(statement)?;
        self.run_in_engine(statement, params)
    }

    /// The same, whatever was put off.
    pub(crate) fn run_in_engine(&self, statement: &'static Statement, params: &[Param<'_>]) -> Result<u64> {
        let result = match statement.reach {
            Reach::Installation => self.session.execute(statement, params),
            Reach::Workspace => self.session.execute(statement, &self.scoped(params)?),
        };
        self.noting(result)
    }

    /// All rows of a query.
    pub(crate) fn all<T>(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.settle_for(statement)?;
        self.all_of_engine(statement, params, read)
    }

    /// The same, whatever was put off.
    pub(crate) fn all_of_engine<T>(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        let mut each = |row: &Row<'_>| {
            rows.push(read(row)?);
            Ok(())
        };
        let result = match statement.reach {
            Reach::Installation => self.session.query(statement, params, &mut each),
            Reach::Workspace => self.session.query(statement, &self.scoped(params)?, &mut each),
        };
        self.noting(result)?;
        Ok(rows)
    }

    /// The first row of a query, if any.
    pub(crate) fn maybe<T>(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.all(statement, params, read)?.into_iter().next())
    }

    /// Nothing reads past what was put off.
    fn settle_for(&self, statement: &'static Statement) -> Result<()> {
        if self.deferred.is_empty() || !statement.meets_deferred() { Ok(()) } else { self.settle() }
    }

    fn scoped<'p>(&self, params: &[Param<'p>]) -> Result<Vec<Param<'p>>> {
        let workspace = self.workspace()?;
        let mut all = Vec::with_capacity(params.len() + 1);
        all.push(Param::from(workspace));
        all.extend_from_slice(params);
        Ok(all)
    }

    fn noting<T>(&self, result: Result<T>) -> Result<T> {
        if matches!(result, Err(Error::Again)) {
            self.again.set(true);
        }
        result
    }
}
