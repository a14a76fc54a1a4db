//! A vault in memory with a workspace and members in it, for the tests of the nouns.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::postgres::TestDatabase;
use super::{SeededChance, StillClock};
use crate::channels::{self, ChannelState, NewChannel};
use crate::contacts::{self, Profile};
use crate::identities::{self, NewIdentity};
use crate::jobs::{self, JobKind};
use crate::keys::Keys;
use crate::members::{self, NewMember};
use crate::messages::{self, Body, Direction, NewMessage, State, Writer};
use crate::store::Store;
use crate::{
    Chance, ChannelId, Clock, ContactId, ConversationId, Database, MemberId, MessageId, Millis, Personal, Role, Scope,
    StoreConfig, Tx, Vault, conversations,
};

/// A vault whose clock stands still.
pub struct House {
    /// The vault.
    pub vault: Vault,
    /// Its clock.
    pub clock: Arc<StillClock>,
    /// Last, so that the vault lets go of it before it is dropped.
    database: Option<TestDatabase>,
}

/// When every test begins.
pub const BEGIN: Millis = 1_900_000_000_000;

impl House {
    /// An empty vault in memory, whose closures run at once.
    pub fn open() -> Self {
        Self::over(&StoreConfig { inline: true, ..StoreConfig::default() }, None)
    }

    /// An empty vault in memory, with a thread for its closures, so that they can wait together.
    pub fn on_threads() -> Self {
        Self::over(&StoreConfig::default(), None)
    }

    /// An empty vault in a file.
    pub fn in_file(path: std::path::PathBuf) -> Self {
        Self::over(&StoreConfig { database: Database::File(path), inline: true }, None)
    }

    /// An empty vault on a PostgreSQL database of its own.
    pub fn on_postgres() -> Self {
        let database = TestDatabase::create();
        let config = StoreConfig { database: Database::Postgres(database.url.clone()), inline: false };
        Self::over(&config, Some(database))
    }

    fn over(config: &StoreConfig, database: Option<TestDatabase>) -> Self {
        let clock = Arc::new(StillClock::at(BEGIN));
        let (time, chance): (Arc<dyn Clock>, Arc<dyn Chance>) = (clock.clone(), Arc::new(SeededChance::new(7)));
        let keys = Arc::new(Keys::in_memory(time.clone(), chance.clone()).unwrap());
        let store = Store::open(config, BEGIN).unwrap();
        Self {
            vault: Vault::over(store, keys, time, chance, Arc::new(crate::blobs::MemoryBlobs::default())),
            clock,
            database,
        }
    }

    /// Changes something, which must succeed.
    pub async fn does<T: Send + 'static>(
        &self,
        scope: &Scope,
        act: impl Fn(&Tx<'_>) -> crate::Result<T> + Send + 'static,
    ) -> T {
        self.vault.write(scope, act).await.unwrap()
    }

    /// Looks at something, which must succeed.
    pub async fn sees<T: Send + 'static>(
        &self,
        scope: &Scope,
        look: impl Fn(&Tx<'_>) -> crate::Result<T> + Send + 'static,
    ) -> T {
        self.vault.read(scope, look).await.unwrap()
    }

    /// Changes the database as its owner does, behind the program's back; PostgreSQL's alone.
    pub fn as_owner(&self, statement: &str) {
        let database = self.database.as_ref().unwrap();
        // The driver has a runtime of its own, which cannot be started within a test's.
        std::thread::scope(|beside| {
            beside.spawn(|| database.connect().batch_execute(statement).unwrap());
        });
    }

    /// What its clock shows.
    pub fn clock_now(&self) -> Millis {
        self.clock.now()
    }

    /// A new workspace, seen by the operator.
    pub async fn workspace(&self) -> Scope {
        let id = self.vault.create_workspace("eu", Personal::new("Bäckerei Nord".into())).await.unwrap();
        let scope = self.vault.operator_scope(id).await.unwrap();
        self.forget_tree_job(&scope).await;
        scope
    }

    /// Takes back the job that every act on the log asks for, so that tests of jobs have theirs alone.
    pub async fn forget_tree_job(&self, scope: &Scope) {
        let subject = scope.workspace().to_string();
        let forget = move |tx: &Tx<'_>| jobs::cancel(tx, JobKind::AuditTree, &subject);
        self.vault.write(scope, forget).await.unwrap();
    }

    /// A new channel that is ready.
    pub async fn channel(&self, scope: &Scope, kind: &'static str) -> ChannelId {
        let create = move |tx: &Tx<'_>| {
            let (name, settings) = (Personal::new("Support".into()), Personal::default());
            let new = NewChannel { kind: kind.into(), name, settings, secrets: BTreeMap::new() };
            let id = channels::create(tx, &new)?;
            channels::set_state(tx, id, ChannelState::Ready, None)?;
            Ok::<_, crate::Error>(id)
        };
        self.vault.write(scope, create).await.unwrap()
    }

    /// A new contact with one identity (`phone`, the name as its value) and a conversation in a thread of that name.
    pub async fn contact(&self, scope: &Scope, channel: ChannelId, name: &'static str) -> (ContactId, ConversationId) {
        let meet = move |tx: &Tx<'_>| {
            let contact =
                contacts::create(tx, &Profile { name: Some(Personal::new(name.into())), ..Profile::default() })?;
            let value = Personal::new(name.to_owned());
            let phone = NewIdentity { kind: "phone".into(), scope: String::new(), value };
            identities::add(tx, contact, channel, &phone)?;
            Ok::<_, crate::Error>((contact, conversations::of_thread(tx, channel, contact, name)?.0.id))
        };
        self.vault.write(scope, meet).await.unwrap()
    }

    /// A new member and their scope.
    pub async fn member(&self, operator: &Scope, email: &'static str, role: Role) -> (MemberId, Scope) {
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

/// Records a message in a conversation: what came in is received, what goes out is queued.
pub fn say(tx: &Tx<'_>, conversation: ConversationId, direction: Direction, text: &str) -> crate::Result<MessageId> {
    let head = conversations::head(tx, conversation)?;
    let incoming = direction == Direction::Incoming;
    let new = NewMessage {
        conversation,
        channel: head.channel,
        contact: head.contact,
        direction,
        writer: if incoming { Writer::Contact(head.contact) } else { Writer::Automation },
        body: Personal::new(Body::text(text)),
        reply_to: None,
        state: if incoming { State::Received } else { State::Queued },
        written_at: tx.now(),
    };
    messages::record(tx, &new).map(|(id, _)| id)
}

/// The answer of a future that has nothing to wait for, as those of [`House::open`]'s vault: for tests without a runtime.
pub fn at_once<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a vault whose closures run inline does not wait"),
    }
}

/// Runs a test on SQLite in memory and on PostgreSQL.
pub async fn on_both(test: impl AsyncFn(&House)) {
    test(&House::open()).await;
    let house = House::on_postgres();
    test(&house).await;
    house.vault.close().await;
}

/// The code of a refusal by state, or what other refusal it is.
#[expect(clippy::needless_pass_by_value, reason = "tests hand over what they do not need any more")]
pub fn code<T>(result: crate::Result<T>) -> &'static str {
    match result {
        Err(crate::Error::Conflict { code, .. }) => code,
        Err(crate::Error::Forbidden(_)) => "forbidden",
        Err(crate::Error::NotFound(_)) => "not_found",
        Err(crate::Error::Invalid(_)) => "invalid",
        Err(_) => "another error",
        Ok(_) => "no error",
    }
}
