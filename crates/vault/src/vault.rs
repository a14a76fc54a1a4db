//! The vault: where closures over the data are handed in, and from where their durable answers come.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::channels::OpenHooks;
use crate::keys::Keys;
use crate::store::{Access, Setting, Store, Task};
use crate::tx::Moment;
use crate::{Chance, Clock, Error, Result, Scope, Tx, Wake};

/// All stored data of an installation. A clone is another handle on the same vault.
#[derive(Clone)]
pub struct Vault(Arc<House>);

struct House {
    store: Store,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    hooks: OpenHooks,
}

impl Vault {
    /// A vault over an open store.
    pub(crate) fn over(store: Store, keys: Arc<Keys>, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        Self(Arc::new(House { store, keys, clock, chance, hooks: OpenHooks::default() }))
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

    /// What commits wake, from now on. A listener that lags misses some and looks by itself.
    pub fn wakes(&self) -> broadcast::Receiver<Wake> {
        self.0.store.wakes()
    }

    /// How many durable commits were made: fewer than closures, when many come at once.
    pub fn commits(&self) -> u64 {
        self.0.store.commits()
    }

    /// Lets nothing more in, serves what waits, and returns when the database threads have ended.
    pub async fn close(&self) {
        self.0.store.close().await;
    }

    /// The installation's keys.
    pub(crate) fn keys(&self) -> &Arc<Keys> {
        &self.0.keys
    }

    /// Channel accounts that were opened for hooks.
    pub(crate) fn hooks(&self) -> &OpenHooks {
        &self.0.hooks
    }

    /// The installation's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The installation's source of randomness.
    pub fn chance(&self) -> &Arc<dyn Chance> {
        &self.0.chance
    }

    async fn submit<T, E, F>(&self, access: Access, scope: Option<Scope>, closure: F) -> Result<T, E>
    where
        F: Fn(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let House { store, keys, clock, chance, .. } = &*self.0;
        let room = store.room().await?;
        let moment = Moment { now: clock.now(), chance: chance.draw() };
        let (work, answered) = Task::new(Setting { access, scope, moment, keys: Arc::clone(keys), room }, closure);
        store.submit(work);
        answered.await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }
}
