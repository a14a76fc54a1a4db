//! Which data a command means, and who holds it: a running server is asked through its control socket; otherwise the
//! command opens the data itself.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Command, Workers, command, first_start};
use crate::control::{self, DataLock};
use crate::machine::SystemClock;
use crate::serve;
use crate::settings::Settings;

/// How often a lock that another process holds for a moment is tried again.
const TRIES: u32 = 100;
const BETWEEN_TRIES: std::time::Duration = std::time::Duration::from_millis(100);

/// Has a command carried out on the data that the settings name.
pub(super) fn order(settings: Settings, command: Command) -> Result<Value> {
    serve::make_folder(&settings.data)?;
    for _ in 0..TRIES {
        if let Some(lock) = DataLock::take(&settings.data)? {
            return directly(settings, Some(lock), command);
        }
        if let Some(server) = control::Server::reach(&settings.data)? {
            return server.ask(&command);
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    // Several processes may share a PostgreSQL database; an embedded one has one holder.
    if settings.database.is_some() {
        return directly(settings, None, command);
    }
    bail!("{} is held by another process that does not answer{}", settings.data.display(), holder(&settings))
}

/// Holds the data for a server, for as long as the answer lives. On PostgreSQL another process may hold the folder.
pub(crate) fn hold(settings: &Settings) -> Result<Option<DataLock>> {
    serve::make_folder(&settings.data)?;
    for _ in 0..TRIES {
        if let Some(lock) = DataLock::take(&settings.data)? {
            return Ok(Some(lock));
        }
        if control::Server::reach(&settings.data)?.is_some() {
            break;
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    if settings.database.is_some() {
        return Ok(None);
    }
    bail!("a server is running on {} already{}", settings.data.display(), holder(settings))
}

fn holder(settings: &Settings) -> String {
    DataLock::holder(&settings.data).map(|process| format!(" (process {process})")).unwrap_or_default()
}

fn directly(settings: Settings, _lock: Option<DataLock>, command: Command) -> Result<Value> {
    let (vault, first) = serve::open_vault(&settings, clock(&settings))?;
    if let Some(words) = first_start::words(&settings, &first) {
        super::complain(&words);
    }
    // Nothing listens here; addresses of hooks are not part of any answer.
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    runtime()?.block_on(async {
        super::finish_restore(&vault).await?;
        let app = serve::app(settings, vault, nowhere, None)?;
        let done = command::run(&app, Workers::None, command).await;
        app.vault.close().await;
        done
    })
}

/// The clock that the settings ask for.
pub(crate) fn clock(settings: &Settings) -> Arc<SystemClock> {
    #[cfg(feature = "testing")]
    let offset = settings.now_offset_seconds.saturating_mul(1_000);
    #[cfg(not(feature = "testing"))]
    let offset = {
        let _ = settings;
        0
    };
    Arc::new(SystemClock::moved(offset))
}

/// The threads on which everything asynchronous runs.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the program's threads could not be started")
}
