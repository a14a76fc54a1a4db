//! The program, running in this process over a folder of its own, with a member and channels.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use server::app::Shared;
use server::machine::SystemClock;
use server::serve;
use server::settings::{Flags, Settings};
use simulator::telegram::BotCard;
use simulator::{Options, Simulator};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vault::members::{self, NewMember};
use vault::{ChannelId, Clock, Personal, Role, Scope, inbox, tokens};

/// A folder on the disk that the build is on (`/tmp` may be memory).
pub(crate) fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The running program.
pub(crate) struct House {
    pub(crate) app: Shared,
    pub(crate) bound: SocketAddr,
    /// The member's credential.
    pub(crate) bearer: String,
    simulator: Simulator,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
    data: TempDir,
}

/// A connected channel.
#[derive(Clone)]
pub(crate) struct Channel {
    pub(crate) id: ChannelId,
    /// Where its hook is.
    pub(crate) path: String,
    /// What proves its requests.
    pub(crate) secret: String,
    clock: Arc<dyn Clock>,
}

impl Channel {
    /// Now, by the program's clock, in milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now()
    }
}

impl House {
    /// Starts the program. `beyond` is the `host:port` that it may post to.
    pub(crate) async fn open(beyond: &str) -> Self {
        Self::open_with(beyond, true).await
    }

    /// Starts the program, or only what answers: without workers, what is received waits.
    pub(crate) async fn open_with(beyond: &str, working: bool) -> Self {
        Self::open_on(None, beyond, working).await
    }

    /// The same over a PostgreSQL database, by its address; `None`: over SQLite.
    pub(crate) async fn open_on(database: Option<&str>, beyond: &str, working: bool) -> Self {
        let data = folder();
        let simulator = Simulator::new(Options::default());
        let endpoint = simulator.start().await.unwrap();
        let mut settings = settings(data.path(), &endpoint, beyond);
        settings.database = database.map(connect::Secret::new);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bound = listener.local_addr().unwrap();
        let opened = settings.clone();
        let opening = move || serve::open_vault(&opened, Arc::new(SystemClock::default()));
        let (vault, _) = tokio::task::spawn_blocking(opening).await.unwrap().unwrap();
        let app = serve::app(settings, vault, bound, None).unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(run(app.clone(), listener, working, stopped));
        let bearer = member(&app).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, bound, bearer, simulator, http, stop, running, data }
    }

    /// Where its files are.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// What the figures do to the vault without the API, they do as the platform.
    pub(crate) async fn scope(&self) -> Scope {
        let workspaces = self.app.vault.workspaces().await.unwrap();
        self.app.vault.operator_scope(workspaces[0].id).await.unwrap()
    }

    /// Calls the API as the member.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = self.http.request(method, format!("http://{}/api/v1{path}", self.bound));
        let request = request.header("authorization", &self.bearer);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The same of what is no JSON or may be refused: its status, and how many bytes came.
    pub(crate) async fn fetch(&self, method: Method, path: &str) -> (http::StatusCode, usize) {
        let request = self.http.request(method, format!("http://{}/api/v1{path}", self.bound));
        let response = request.header("authorization", &self.bearer).send().await.unwrap();
        let status = response.status();
        (status, response.bytes().await.unwrap().len())
    }

    /// Opens the member's live stream.
    pub(crate) async fn stream(&self) -> reqwest::Response {
        let request = self.http.get(format!("http://{}/api/v1/events", self.bound));
        let response = request.header("authorization", &self.bearer).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response
    }

    /// Connects another system.
    pub(crate) async fn api(&self, webhook_url: &str) -> Channel {
        self.connect("api", json!({ "webhook_url": webhook_url }), "signing_secret").await
    }

    /// Connects a bot.
    pub(crate) async fn telegram(&self) -> Channel {
        let card = self.simulator.telegram().create_bot(BotCard::default()).unwrap();
        self.connect("telegram", json!({ "bot_token": card.token }), "hook_secret").await
    }

    async fn connect(&self, kind: &str, settings: Value, secret: &str) -> Channel {
        let order = json!({ "kind": kind, "name": "Shop", "settings": settings });
        let channel = self.call(Method::POST, "/channels", Some(order)).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        let id: ChannelId = channel["id"].as_str().unwrap().parse().unwrap();
        let hook = self.app.vault.admit_hook(id).await.unwrap().unwrap();
        let secret = hook.account.secrets[secret].expose().to_owned();
        Channel { id, path: format!("/hooks/{id}"), secret, clock: Arc::clone(self.app.vault.clock()) }
    }

    /// Waits until all that a channel received has become messages.
    pub(crate) async fn drained(&self, channel: &Channel) {
        let id = channel.id;
        let hook = self.app.vault.admit_hook(id).await.unwrap().unwrap();
        loop {
            let waiting = self.app.vault.read(&hook.scope, move |tx| inbox::waiting(tx, id, 1)).await.unwrap();
            if waiting.requests.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the program.
    pub(crate) async fn close(self) {
        self.stop.send(()).ok();
        self.running.await.unwrap();
    }
}

async fn run(app: Shared, listener: TcpListener, working: bool, stopped: oneshot::Receiver<()>) {
    let told = async {
        stopped.await.ok();
    };
    if working {
        serve::run(app, listener, told).await.unwrap();
    } else {
        let service = serve::router(&app).into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).with_graceful_shutdown(told).await.unwrap();
        app.vault.close().await;
    }
}

fn settings(data: &Path, endpoint: &str, beyond: &str) -> Settings {
    let flags = Flags { data: Some(data.to_owned()), listen: Some("127.0.0.1:0".to_owned()), ..Flags::default() };
    let environment = [("PARLOIR_ENDPOINTS_TELEGRAM", endpoint), ("PARLOIR_OUTBOUND_ALLOW_PRIVATE", beyond)];
    Settings::load(&flags, environment.map(|(name, value)| (name.into(), value.into()))).unwrap()
}

/// An owner's credential in a new workspace.
async fn member(app: &Shared) -> String {
    let id = app.vault.create_workspace("eu", Personal::new("Figures".to_owned())).await.unwrap();
    let operator = app.vault.operator_scope(id).await.unwrap();
    let new = NewMember {
        email: Personal::new("olga@example.org".to_owned()),
        name: Personal::new("Olga Olsen".to_owned()),
        role: Role::Owner,
        password_hash: None,
    };
    let member = app.vault.write(&operator, move |tx| members::create(tx, &new)).await.unwrap();
    let token = app.vault.write(&operator, move |tx| tokens::create(tx, member)).await.unwrap();
    format!("Bearer {}", token.token.reveal())
}
