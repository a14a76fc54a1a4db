//! A vault in memory with a workspace and members in it, for the tests of the nouns.

use std::sync::Arc;

use super::postgres::TestDatabase;
use super::{SeededChance, StillClock};
use crate::keys::Keys;
use crate::members::{self, NewMember};
use crate::store::Store;
use crate::{Chance, Clock, Database, MemberId, Millis, Personal, Role, Scope, StoreConfig, Vault};

/// A vault whose clock stands still.
pub(crate) struct House {
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<StillClock>,
    /// Last, so that the vault lets go of it before it is dropped.
    _database: Option<TestDatabase>,
}

/// When every test begins.
pub(crate) const BEGIN: Millis = 1_900_000_000_000;

impl House {
    /// An empty vault in memory, whose closures run at once.
    pub(crate) fn open() -> Self {
        Self::over(&StoreConfig { inline: true, ..StoreConfig::default() }, None)
    }

    /// An empty vault in a file.
    pub(crate) fn in_file(path: std::path::PathBuf) -> Self {
        Self::over(&StoreConfig { database: Database::File(path), inline: true }, None)
    }

    /// An empty vault on a PostgreSQL database of its own.
    pub(crate) fn on_postgres() -> Self {
        let database = TestDatabase::create();
        let config = StoreConfig { database: Database::Postgres(database.url.clone()), inline: false };
        Self::over(&config, Some(database))
    }

    fn over(config: &StoreConfig, database: Option<TestDatabase>) -> Self {
        let clock = Arc::new(StillClock::at(BEGIN));
        let (time, chance): (Arc<dyn Clock>, Arc<dyn Chance>) = (clock.clone(), Arc::new(SeededChance::new(7)));
        let keys = Arc::new(Keys::in_memory(time.clone(), chance.clone()).unwrap());
        let store = Store::open(config, BEGIN).unwrap();
        Self { vault: Vault::over(store, keys, time, chance, Arc::new(crate::blobs::MemoryBlobs::default())), clock, _database: database }
    }

    /// What its clock shows.
    pub(crate) fn clock_now(&self) -> Millis {
        self.clock.now()
    }

    /// A new workspace, seen by the operator.
    pub(crate) async fn workspace(&self) -> Scope {
        let id = self.vault.create_workspace("eu", Personal::new("Bäckerei Nord".into())).await.unwrap();
        self.vault.operator_scope(id).await.unwrap()
    }

    /// A new member and their scope.
    pub(crate) async fn member(&self, operator: &Scope, email: &'static str, role: Role) -> (MemberId, Scope) {
        let new = NewMember {
            email: Personal::new(email.into()),
            name: Personal::new("Ada Ahrens".into()),
            role,
            password_hash: Some(Personal::new("$argon2id$stored".into())),
        };
        let id = self.vault.write(operator, move |tx| members::create(tx, &new)).await.unwrap();
        let scope = self.vault.member_scope(operator.workspace(), id).await.unwrap().unwrap();
        (id, scope)
    }
}

/// The code of a refusal by state, or what other refusal it is.
#[expect(clippy::needless_pass_by_value, reason = "tests hand over what they do not need any more")]
pub(crate) fn code<T>(result: crate::Result<T>) -> &'static str {
    match result {
        Err(crate::Error::Conflict { code, .. }) => code,
        Err(crate::Error::Forbidden(_)) => "forbidden",
        Err(crate::Error::NotFound(_)) => "not_found",
        Err(crate::Error::Invalid(_)) => "invalid",
        Err(_) => "another error",
        Ok(_) => "no error",
    }
}
