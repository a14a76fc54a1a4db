//! Running: from settings to a program that listens, and back to a clean stop.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use vault::sign_in::SessionTerms;
use vault::{CUSTODY_FILE, Chance, FileRootKey, Opening, RootKey, TwoRootKeys, Vault};

use crate::app::{App, DemoSigns, Parts, Shared};
use crate::machine::{SystemChance, SystemClock};
use crate::outbound::{Outbound, OutboundConfig};
use crate::password::Passwords;
use crate::settings::{RootKeySource, Settings};
use crate::telemetry::{Metrics, Monotonic, Observed, observe};
use crate::{
    archive, asked, assets, chat, cloud, consent, health, hooks, listen, offered, open_files, preferences, problem,
    routes, unsubscribing, widget, workers,
};

/// How long what is under way may take after the program was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How many passwords are hashed at once.
const PASSWORDS_AT_ONCE: usize = 2;

/// What a start made or found, for whoever starts it the first time.
#[derive(Debug, Default)]
pub struct FirstStart {
    /// The root key was made by this start.
    pub made_root_key: bool,
    /// There was no key custody before: all data is new.
    pub made_database: bool,
}

/// Opens an installation's vault with its root key. The first start makes both.
pub fn open_vault(settings: &Settings, clock: Arc<SystemClock>) -> Result<(Vault, FirstStart)> {
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    make_folder(&settings.data)?;
    let fresh = settings.custody.is_none() && !has_custody(settings);
    let (root, made_root_key) = root_key(settings, &chance)?;
    let root = with_next(settings, root, &chance)?;
    let first = FirstStart { made_root_key, made_database: fresh };
    let expose = |secret: &connect::Secret| secret.expose().to_owned();
    let opening = Opening {
        data: Some(settings.data.clone()),
        database: settings.database.as_ref().map(expose),
        custody: settings.custody.as_ref().map(expose),
        blobs: cloud::blobs(&settings.blobs, &settings.data, Arc::clone(&chance))?,
        root,
        clock,
        chance,
        sessions: SessionTerms::days(settings.sessions.idle_days, settings.sessions.absolute_days),
        inline: false,
    };
    let vault = Vault::open(opening).inspect_err(|_| forget_new_key(settings, &first));
    let vault = vault.context("the vault could not be opened")?;
    vault.operated_by(settings.retention);
    Ok((vault, first))
}

/// Makes the data folder if it is missing, closed to others.
pub fn make_folder(data: &Path) -> Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder.create(data).with_context(|| format!("the data folder {} cannot be made", data.display()))
}

/// The root key, and whether it was made now.
fn root_key(settings: &Settings, chance: &Arc<dyn Chance>) -> Result<(Box<dyn RootKey>, bool)> {
    let root = || cloud::root_key(&settings.root_key, Arc::clone(chance));
    let RootKeySource::File(path) = &settings.root_key else { return Ok((root()?, false)) };
    // Once there is custody, a missing root key is a loss to be told, not to be papered over with a new one.
    let fresh = !path.exists() && !has_custody(settings);
    if fresh {
        FileRootKey::open_or_create(path, &**chance).with_context(|| missing_key(path))?;
    }
    Ok((root().with_context(|| missing_key(path))?, fresh))
}

/// The root key together with the next one, where one is named. One in a file is made by the command that rotates: until then
/// there is none.
fn with_next(settings: &Settings, root: Box<dyn RootKey>, chance: &Arc<dyn Chance>) -> Result<Box<dyn RootKey>> {
    match &settings.next_root_key {
        None => Ok(root),
        Some(RootKeySource::File(path)) if !path.exists() => Ok(root),
        Some(next) => {
            let next = cloud::root_key(next, Arc::clone(chance))?;
            let both = TwoRootKeys::new(Arc::from(root), Arc::from(next), &**chance);
            Ok(Box::new(both.context("the next root key (root_key.next) cannot be used")?))
        }
    }
}

/// A root key made for an installation that could not be opened opens nothing: it must not look like the right one.
fn forget_new_key(settings: &Settings, first: &FirstStart) {
    if let (true, RootKeySource::File(path)) = (first.made_root_key, &settings.root_key) {
        std::fs::remove_file(path).ok();
    }
}

fn has_custody(settings: &Settings) -> bool {
    settings.custody.is_none() && settings.data.join(CUSTODY_FILE).exists()
}

fn missing_key(path: &Path) -> String {
    format!("the root key {} cannot be used: bring back the one this installation was made with", path.display())
}

/// Puts the program together over an open vault.
pub fn app(settings: Settings, vault: Vault, bound: SocketAddr, demo: Option<DemoSigns>) -> Result<Shared> {
    let metrics = Arc::new(Metrics::new());
    let config = OutboundConfig::from_settings(&settings);
    let outbound = Outbound::new(config, Arc::clone(&metrics), Monotonic::system())?;
    let mut salt = [0; 16];
    salt.copy_from_slice(&vault.chance().draw()[..16]);
    let passwords = Passwords::new(PASSWORDS_AT_ONCE, salt)?;
    let public_url = settings.public_url(bound);
    let parts = Parts { vault, outbound: Arc::new(outbound), settings, public_url, metrics, passwords, demo };
    Ok(App::new(parts))
}

/// The API's description, as `GET /api/v1/openapi.json` shows it.
pub fn document() -> Result<String> {
    let (_, document) = routes::api().split_for_parts();
    document.to_pretty_json().context("the API's description cannot be written")
}

/// Everything that answers over HTTP.
pub fn router(app: &Shared) -> Router {
    // Put together once for the process: it takes longer than all else of a start in memory.
    static API: OnceLock<Router<Shared>> = OnceLock::new();
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let api = API.get_or_init(|| routes::api().split_for_parts().0).clone();
    let document = DOCUMENT.get_or_init(routes::document);
    let described = get(async || ([(http::header::CONTENT_TYPE, "application/json")], document.as_str()));
    let observed = Observed { metrics: Arc::clone(&app.metrics), clock: Monotonic::system() };
    let api = api
        .route("/openapi.json", described)
        .fallback(problem::no_such_path)
        .layer(axum::extract::DefaultBodyLimit::max(1 << 20));
    let router = Router::new();
    #[cfg(feature = "testing")]
    let router = router.merge(crate::testing::router());
    router
        .nest("/api/v1", api)
        .merge(hooks::router())
        .merge(offered::router())
        .merge(unsubscribing::router())
        .merge(preferences::router())
        .merge(archive::router())
        .merge(asked::router(app))
        .merge(routes::callback_router())
        .merge(chat::router(app))
        .merge(consent::router(app))
        .merge(health::router())
        .merge(assets::router())
        .merge(widget::router())
        .route("/problems/{code}", get(problem::explain))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(axum::middleware::from_fn_with_state(observed, observe))
        .with_state(app.clone())
}

/// Listens, works, and stops cleanly when `stop` resolves: no new requests, streams end, what is under way finishes within
/// ten seconds, the database is closed.
pub async fn run(app: Shared, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    run_telling(app, listener, stop, || ()).await
}

/// The same, and calls `ready` once everything runs.
pub async fn run_telling(
    app: Shared,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(),
) -> Result<()> {
    open_files::raise();
    let mut workers = workers::start(&app);
    let (quit, quitting) = watch::channel(false);
    let stopping = app.clone();
    tokio::spawn(async move {
        stop.await;
        stopping.stopping.send_replace(true);
        quit.send_replace(true);
        // Until nobody listens any more.
        quit.closed().await;
    });
    let mut serving = tokio::spawn(listen::serve(listener, router(&app), app.settings.limits, quitting));
    ready();
    let mut told = app.stopping.subscribe();
    tokio::select! {
        ended = &mut serving => ended.context("the listener panicked")?,
        _ = told.wait_for(|stopping| *stopping) => {}
    }
    app.stopping.send_replace(true);
    let finish = async {
        while workers.join_next().await.is_some() {}
        if !serving.is_finished() {
            serving.await.ok();
        }
    };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("some work was still under way after ten seconds; its leases will run out");
    }
    app.vault.close().await;
    Ok(())
}

/// Resolves when the process is told to stop. From this call on, not from the first wait, a signal is heard.
///
/// # Errors
/// If the system lets no signal be heard.
pub fn told_to_stop() -> Result<impl Future<Output = ()> + Send + use<>> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = "signals to stop could not be listened for";
    let mut terminate = signal(SignalKind::terminate()).context(heard)?;
    let mut interrupt = signal(SignalKind::interrupt()).context(heard)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
