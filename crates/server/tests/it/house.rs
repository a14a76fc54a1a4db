//! The house a test lives in: the running program over a fresh installation, the simulated world beside it, a workspace
//! with members, and a clock to move. [`House::close`] fails if anything was left undone or if the program panicked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use connect::Secret;
use server::app::{App, Parts, Shared};
use server::machine::SystemClock;
use server::outbound::Outside;
use server::password::Passwords;
use server::serve;
use server::settings::{Flags, Settings};
use server::telemetry::Metrics;
use simulator::{DeliveryOptions, Options, Simulator};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;
use vault::jobs::JobKind;
use vault::members::{self, NewMember};
use vault::testing::door;
use vault::testing::postgres::TestDatabase;
use vault::{Clock, MemberId, Personal, Role, Scope, Vault, jobs, tokens};

use crate::client::Client;
use crate::receiver::Receiver;

/// Every member's password.
pub(crate) const PASSWORD: &str = "a password for the tests";
/// How long a test waits for something that must come.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Which database a house stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Runs each test on both engines.
macro_rules! both_engines {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let house = $crate::house::House::open($crate::house::Engine::Sqlite).await;
                super::$name(&house).await;
                house.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let house = $crate::house::House::open($crate::house::Engine::Postgres).await;
                super::$name(&house).await;
                house.close().await;
            }
        }
    )* };
}

/// The running program and its world.
pub(crate) struct House {
    pub app: Shared,
    /// `http://127.0.0.1:…`.
    pub base: String,
    pub simulator: Simulator,
    pub clock: Arc<SystemClock>,
    /// A system of somebody else's, to which the program may post.
    pub receiver: Receiver,
    pub workspace: Workspace,
    stop: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
    data: TempDir,
    /// Last, so that the program lets go of it before it is dropped.
    database: Option<TestDatabase>,
}

/// A workspace with somebody of each common role.
pub(crate) struct Workspace {
    pub operator: Scope,
    pub owner: Client,
    pub agent: Client,
    pub viewer: Client,
    pub agent_id: MemberId,
    /// The e-mail address of the agent.
    pub agent_email: String,
}

impl House {
    /// Starts the program over a fresh installation.
    pub(crate) async fn open(engine: Engine) -> Self {
        Self::open_with(engine, |_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn open_with(engine: Engine, change: impl FnOnce(&mut Settings)) -> Self {
        Self::built(engine, change, |settings, vault, bound| serve::app(settings, vault, bound, None).unwrap()).await
    }

    /// The same with another world outside.
    pub(crate) async fn open_over(engine: Engine, outbound: Arc<dyn Outside>) -> Self {
        let build = |settings: Settings, vault, bound| {
            let (metrics, public_url) = (Arc::new(Metrics::new()), settings.public_url(bound));
            let passwords = Passwords::new(1, [7; 16]).unwrap();
            App::new(Parts { vault, outbound, settings, public_url, metrics, passwords, demo: None })
        };
        Self::built(engine, |_| (), build).await
    }

    async fn built(
        engine: Engine,
        change: impl FnOnce(&mut Settings),
        build: impl FnOnce(Settings, Vault, SocketAddr) -> Shared,
    ) -> Self {
        count_panics();
        crate::described::capture_logs();
        let clock = Arc::new(SystemClock::default());
        let simulator = simulated(&clock);
        let endpoint = simulator.start().await.unwrap();
        let receiver = Receiver::start().await;
        let data = TempDir::new().unwrap();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(tokio::task::spawn_blocking(TestDatabase::create).await.unwrap()),
        };
        let mut settings = settings(&data, &endpoint, &receiver);
        settings.database = database.as_ref().map(|database| Secret::new(database.url.clone()));
        change(&mut settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bound = listener.local_addr().unwrap();
        let (vault, first) = serve::open_vault(&settings, Arc::clone(&clock)).unwrap();
        assert!(first.made_root_key, "a fresh installation makes its root key");
        let app = build(settings, vault, bound);
        let (stop, stopped) = oneshot::channel();
        let told = async {
            stopped.await.ok();
        };
        let running = tokio::spawn(serve::run(app.clone(), listener, told));
        let base = format!("http://{bound}");
        let workspace = workspace(&app, &base, "Bäckerei Nord").await;
        Self { app, base, simulator, clock, receiver, workspace, stop, running, data, database }
    }

    /// Another workspace of the same installation.
    pub(crate) async fn another_workspace(&self) -> Workspace {
        workspace(&self.app, &self.base, "Fischhandel Süd").await
    }

    /// Somebody without credentials, at the root of the server.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(&self.base)
    }

    /// Stops the program, which must have nothing left to do and must not have panicked.
    pub(crate) async fn close(self) {
        self.quiet().await;
        self.stop().await;
    }

    /// Stops the program in the middle of things.
    pub(crate) async fn stop(self) {
        self.stop.send(()).ok();
        let ended = tokio::time::timeout(Duration::from_secs(15), self.running).await;
        ended.expect("the program stops").unwrap().unwrap();
        assert_eq!(PANICS.load(Ordering::SeqCst), 0, "the program panicked: see above");
        drop(self.data);
        let database = self.database;
        tokio::task::spawn_blocking(move || drop(database)).await.unwrap();
    }

    /// Waits until inbox, outbox and jobs are empty.
    pub(crate) async fn quiet(&self) {
        let mut left = String::new();
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let depths = self.app.vault.depths().await.unwrap();
                let due = door::next_due(&self.app.vault).await.unwrap().map(|due| due - self.clock.now());
                let due = due.filter(|after| *after < 30_000);
                // Whoever has a job holds it longer than that: one that writes the index would not be seen otherwise.
                let jobs = door::jobs(&self.app.vault, &self.workspace.operator).await.unwrap();
                let indexes = jobs.contains(&JobKind::Index);
                if (depths.inbox, depths.inbox_set_aside, depths.outbox, due, indexes) == (0, 0, 0, None, false) {
                    return;
                }
                left = format!("{depths:?}, next job due in {due:?} ms, of {jobs:?}");
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        });
        assert!(waited.await.is_ok(), "left undone: {left}");
        let given_up = self.app.vault.read(&self.workspace.operator, |tx| jobs::given_up(tx, 10)).await.unwrap();
        assert!(given_up.is_empty(), "jobs were given up: {given_up:?}");
    }
}

fn simulated(clock: &Arc<SystemClock>) -> Simulator {
    let clock = Arc::clone(clock);
    let deliveries = DeliveryOptions { retry_first_ms: 50, retry_max_ms: 500, timeout_ms: 10_000, parallel: true };
    Simulator::new(Options { clock: Arc::new(move || clock.now()), deliveries, ..Options::default() })
}

fn settings(data: &TempDir, endpoint: &str, receiver: &Receiver) -> Settings {
    let flags = Flags {
        data: Some(data.path().join("data")),
        listen: Some("127.0.0.1:0".to_owned()),
        config: None,
        database: None,
        public_url: None,
    };
    let (google, microsoft) = (format!("{endpoint}/google"), format!("{endpoint}/microsoft"));
    let environment = [
        ("PARLOIR_ENDPOINTS_GMAIL", google.as_str()),
        ("PARLOIR_ENDPOINTS_GOOGLE_OAUTH", &google),
        ("PARLOIR_ENDPOINTS_MICROSOFT", &microsoft),
        ("PARLOIR_ENDPOINTS_MICROSOFT_OAUTH", &microsoft),
        ("PARLOIR_ENDPOINTS_TELEGRAM", endpoint),
        ("PARLOIR_ENDPOINTS_GRAPH", endpoint),
        ("PARLOIR_ENDPOINTS_FACEBOOK", endpoint),
        ("PARLOIR_ENDPOINTS_TWILIO", endpoint),
        ("PARLOIR_ENDPOINTS_TELNYX", endpoint),
        ("PARLOIR_ENDPOINTS_GRAPH_INSTAGRAM", endpoint),
        ("PARLOIR_OUTBOUND_ALLOW_PRIVATE", receiver.authority()),
        ("PARLOIR_LIMITS_SIGN_IN_PER_MINUTE", "200"),
        // Of networks that are named in a header: the tests' own address is nobody's.
        ("PARLOIR_LIMITS_CHAT_PER_MINUTE", "3"),
    ];
    Settings::load(&flags, environment.map(|(name, value)| (name.into(), value.into()))).unwrap()
}

async fn workspace(app: &Shared, base: &str, name: &str) -> Workspace {
    let id = app.vault.create_workspace("eu", Personal::new(name.to_owned())).await.unwrap();
    let operator = app.vault.operator_scope(id).await.unwrap();
    let short = id.to_string().chars().rev().take(6).collect::<String>();
    let (_, owner) =
        member(app, base, &operator, ("Olga Olsen", &format!("olga-{short}@example.org")), Role::Owner).await;
    let agent_email = format!("ada-{short}@example.org");
    let (agent_id, agent) = member(app, base, &operator, ("Ada Ahrens", &agent_email), Role::Agent).await;
    let (_, viewer) =
        member(app, base, &operator, ("Vera Voss", &format!("vera-{short}@example.org")), Role::Viewer).await;
    Workspace { operator, owner, agent, viewer, agent_id, agent_email }
}

/// A member with a token.
pub(crate) async fn member(
    app: &Shared,
    base: &str,
    operator: &Scope,
    (name, email): (&str, &str),
    role: Role,
) -> (MemberId, Client) {
    let new = NewMember {
        email: Personal::new(email.to_owned()),
        name: Personal::new(name.to_owned()),
        role,
        password_hash: Some(Personal::new(password_hash(app).await)),
    };
    let id = app.vault.write(operator, move |tx| members::create(tx, &new)).await.unwrap();
    let token = app.vault.write(operator, move |tx| tokens::create(tx, id)).await.unwrap();
    (id, Client::new(&format!("{base}/api/v1")).with("authorization", &format!("Bearer {}", token.token.reveal())))
}

/// One hash for all members: making it takes a while.
async fn password_hash(app: &Shared) -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(|| async { app.passwords.hash(PASSWORD, [7; 16]).await.unwrap() }).await.clone()
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts panics of the program. A test's own are its failure, and are told anyway.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.location().is_none_or(|place| !place.file().contains("tests/it/")) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            usual(panic);
        }));
    });
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}
