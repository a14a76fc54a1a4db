//! The vault: where closures over the data are handed in, and from where their durable answers come.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::blobs::BlobStore;
use crate::channels::OpenHooks;
use crate::keys::Keys;
use crate::node::Node;
use crate::receiving::Receiving;
use crate::retention::Operator;
use crate::search::SearchIndexes;
use crate::sign_in::SessionTerms;
use crate::store::{Access, Setting, Store, Work, waiting_for};
use crate::tx::Moment;
use crate::{Chance, Clock, Error, Result, Scope, Tx, Wake, WorkspaceId};

/// All stored data of an installation. A clone is another handle on the same vault.
#[derive(Clone)]
pub struct Vault(Arc<House>);

struct House {
    store: Store,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    hooks: OpenHooks,
    receiving: Receiving,
    blobs: Arc<dyn BlobStore>,
    search: SearchIndexes,
    node: Node,
    terms: SessionTerms,
    operator: std::sync::OnceLock<Operator>,
    /// Whose closures are told another workspace than their own.
    #[cfg(any(test, feature = "testing"))]
    misled: std::sync::Mutex<Option<(WorkspaceId, WorkspaceId)>>,
    /// What the simulation does to this vault.
    #[cfg(any(test, feature = "testing"))]
    simulated: std::sync::OnceLock<Simulated>,
    /// Held while keys are made, so that many closures at once do not make them many times.
    stocking: tokio::sync::Mutex<()>,
}

/// What the simulation does to a vault.
#[cfg(any(test, feature = "testing"))]
struct Simulated {
    rhythm: crate::testing::machine::Rhythm,
    planted: Option<crate::testing::planted::Planted>,
}

impl Vault {
    /// A vault over an open store, in a process that nobody starts again.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn over(
        store: Store,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        blobs: Arc<dyn BlobStore>,
    ) -> Self {
        let node = Node::passing(&*chance);
        Self::over_as(node, SessionTerms::default(), store, keys, clock, chance, blobs)
    }

    /// A vault over an open store.
    pub(crate) fn over_as(
        node: Node,
        terms: SessionTerms,
        store: Store,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        blobs: Arc<dyn BlobStore>,
    ) -> Self {
        let search = SearchIndexes::new(Arc::clone(&blobs), Arc::clone(&chance), crate::search::Limits::default());
        Self(Arc::new(House {
            blobs,
            search,
            node,
            terms,
            operator: std::sync::OnceLock::new(),
            store,
            keys,
            clock,
            chance,
            hooks: OpenHooks::default(),
            receiving: Receiving::default(),
            #[cfg(any(test, feature = "testing"))]
            misled: std::sync::Mutex::default(),
            #[cfg(any(test, feature = "testing"))]
            simulated: std::sync::OnceLock::new(),
            stocking: tokio::sync::Mutex::default(),
        }))
    }

    /// Runs a closure that may change a workspace's data, and answers when that is durable. An error or a panic undoes the
    /// closure and nothing else. The closure may run more than once, each time with the same moment and chance; once
    /// handed over it runs even if this future is dropped. It does no I/O and touches at most some 500 rows.
    pub async fn write<T, E, F>(&self, scope: &Scope, closure: F) -> Result<T, E>
    where
        F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.submit(Access::Write, Some(scope.clone()), closure).await
    }

    /// Runs a closure on one snapshot of a workspace's data.
    pub async fn read<T, E, F>(&self, scope: &Scope, closure: F) -> Result<T, E>
    where
        F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.submit(Access::Read, Some(scope.clone()), closure).await
    }

    /// Like [`Vault::write`], for the installation's own tables: such a closure has no workspace and reaches none.
    pub(crate) async fn write_installation<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.submit(Access::Write, None, closure).await
    }

    /// Like [`Vault::read`], for the installation's own tables.
    pub(crate) async fn read_installation<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.submit(Access::Read, None, closure).await
    }

    /// Tells what the operator's settings say of retention: once, before anything is asked. Until then the defaults hold.
    pub fn operated_by(&self, operator: Operator) {
        let _ = self.0.operator.set(operator);
    }

    /// What commits wake, from now on. A listener that lags misses some and looks by itself.
    pub fn wakes(&self) -> broadcast::Receiver<Wake> {
        self.0.store.wakes()
    }

    /// How many durable commits were made: fewer than closures, when many come at once.
    pub fn commits(&self) -> u64 {
        self.0.store.commits()
    }

    /// How many closures wait or run now: whoever has work that can wait may do less of it at once.
    pub fn busy(&self) -> usize {
        self.0.store.busy()
    }

    /// Lets nothing more in, serves what waits, and returns when the database threads have ended.
    pub async fn close(&self) {
        self.0.store.close().await;
    }

    /// What is wrong with the database or its settings, in words for the operator; empty if nothing is.
    pub async fn examine_database(&self) -> Result<Vec<String>> {
        self.0.store.examine().await
    }

    /// Copies a SQLite database, as of one moment, to a new file (for PostgreSQL: [`Error::Invalid`]).
    pub async fn copy_database_to(&self, target: std::path::PathBuf) -> Result<()> {
        self.0.store.copy_to(target).await
    }

    /// Makes rows deleted from tables physically gone. [`Error::Again`] if a long read stands in the way.
    pub(crate) async fn scrub(&self, tables: &'static [&'static str]) -> Result<()> {
        self.0.store.scrub(tables).await
    }

    /// The open database.
    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// The installation's keys.
    pub(crate) fn keys(&self) -> &Arc<Keys> {
        &self.0.keys
    }

    /// Runs what blocks on files off the async threads; at once where closures run inline.
    pub async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.0.store.is_inline() {
            return work(self);
        }
        let vault = self.clone();
        tokio::task::spawn_blocking(move || work(&vault)).await.map_err(|_| Error::Closed)?
    }

    /// Whether closures run on the caller's own thread; what blocks on files does so too then.
    pub fn is_inline(&self) -> bool {
        self.0.store.is_inline()
    }

    /// By what leases of this start of this node begin.
    pub(crate) fn holder_start(&self) -> String {
        self.0.node.holder().start()
    }

    /// Where files lie.
    pub(crate) fn blobs(&self) -> &Arc<dyn BlobStore> {
        &self.0.blobs
    }

    /// The full-text indexes.
    pub(crate) fn search(&self) -> &SearchIndexes {
        &self.0.search
    }

    /// Channel accounts that were opened for hooks.
    pub(crate) fn hooks(&self) -> &OpenHooks {
        &self.0.hooks
    }

    /// Requests on their way into the inbox.
    pub(crate) fn receiving(&self) -> &Receiving {
        &self.0.receiving
    }

    /// The installation's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The installation's source of randomness.
    pub fn chance(&self) -> &Arc<dyn Chance> {
        &self.0.chance
    }

    /// Switches the program's own check off: from now on the scopes of one workspace's members say that they are another's, to
    /// every statement and key, while the database is told the truth. On PostgreSQL row-level security must hold alone.
    #[cfg(any(test, feature = "testing"))]
    pub fn mislead(&self, one: WorkspaceId, into: WorkspaceId) {
        *self.0.misled.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((one, into));
    }

    /// Gives this vault's closures pauses, and the program a bug.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn simulate(
        &self,
        rhythm: crate::testing::machine::Rhythm,
        planted: Option<crate::testing::planted::Planted>,
    ) {
        let _ = self.0.simulated.set(Simulated { rhythm, planted });
    }

    /// Whether the program was given this bug.
    #[cfg(any(test, feature = "testing"))]
    pub fn has(&self, planted: crate::testing::planted::Planted) -> bool {
        self.0.simulated.get().is_some_and(|simulated| simulated.planted == Some(planted))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn pause(&self) {
        if let Some(simulated) = self.0.simulated.get() {
            (simulated.rhythm)().await;
        }
    }

    /// Opens a workspace's keys before a closure needs them: another system may hold the root key, and no database thread
    /// waits for that one.
    async fn unlock(&self, workspace: WorkspaceId) -> Result<()> {
        let House { keys, store, .. } = &*self.0;
        if keys.is_unlocked(workspace) {
            return Ok(());
        }
        if store.is_inline() {
            return keys.unlock(workspace);
        }
        let keys = Arc::clone(keys);
        tokio::task::spawn_blocking(move || keys.unlock(workspace)).await.map_err(|_| Error::Closed)?
    }

    /// The scope of a member who has just been recognised, as [`Vault::mislead`] wants it seen.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn misled(&self, scope: Scope) -> Scope {
        match *self.0.misled.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some((one, into)) if scope.workspace() == one => scope.believing(into),
            _ => scope,
        }
    }

    /// Makes contact keys ahead when few are left: custody's commit belongs to no closure's transaction.
    async fn stock(&self, workspace: WorkspaceId) -> Result<()> {
        let House { keys, store, stocking, .. } = &*self.0;
        if !keys.is_running_low(workspace) {
            return Ok(());
        }
        let _one = stocking.lock().await;
        if store.is_inline() || !keys.is_running_low(workspace) {
            return keys.ensure_stock(workspace);
        }
        let keys = Arc::clone(keys);
        tokio::task::spawn_blocking(move || keys.ensure_stock(workspace)).await.map_err(|_| Error::Closed)?
    }

    async fn submit<T, E, F>(&self, access: Access, scope: Option<Scope>, closure: F) -> Result<T, E>
    where
        F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (work, answered) = waiting_for(self.setting(access, scope).await?, closure);
        self.hand_over(work);
        let answer = answered.await.unwrap_or_else(|_| Err(Error::Closed.into()));
        #[cfg(any(test, feature = "testing"))]
        self.pause().await;
        answer
    }

    /// Gives a closure to the engine, which answers it.
    pub(crate) fn hand_over(&self, work: Box<dyn Work>) {
        self.0.store.submit(work);
    }

    /// What a closure needs to run, once there is room for it.
    pub(crate) async fn setting(&self, access: Access, scope: Option<Scope>) -> Result<Setting> {
        let House { store, keys, clock, chance, node, terms, .. } = &*self.0;
        #[cfg(any(test, feature = "testing"))]
        self.pause().await;
        if let Some(scope) = &scope {
            self.unlock(scope.workspace()).await?;
            if access == Access::Write {
                self.stock(scope.workspace()).await?;
            }
        }
        let room = store.room().await?;
        let moment = Moment {
            now: clock.now(),
            chance: chance.draw(),
            holder: node.holder(),
            terms: *terms,
            operator: self.0.operator.get().copied().unwrap_or_default(),
            #[cfg(any(test, feature = "testing"))]
            planted: self.0.simulated.get().and_then(|simulated| simulated.planted),
        };
        Ok(Setting { access, scope, moment, keys: Arc::clone(keys), room })
    }
}
