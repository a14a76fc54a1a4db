//! `parloir serve`: holds the data, opens the vault, listens, and stops when told to.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tokio::net::TcpListener;

use super::{first_start, place, say};
use crate::app::Shared;
use crate::control::{Control, DataLock};
use crate::serve;
use crate::settings::Settings;

pub(super) fn serve(settings: Settings) -> Result<()> {
    let lock = place::hold(&settings)?;
    let clock = place::clock(&settings);
    // Before the threads of the runtime are entered: the PostgreSQL driver brings its own.
    let (vault, first) = serve::open_vault(&settings, clock.clone())?;
    if let Some(words) = first_start::words(&settings, &first) {
        super::complain(&words);
    }
    place::runtime()?.block_on(async {
        let listener = listen(settings.listen).await?;
        let bound = listener.local_addr().context("the listener has no address")?;
        let app = serve::app(settings, vault, bound, None)?;
        #[cfg(feature = "testing")]
        app.movable_clock.set(clock).ok();
        serve_until_stopped(app, lock, listener, |_| say(&format!("listening on http://{bound}"))).await
    })
}

/// Listens on an address, or says why not.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}; choose another with --listen"))
}

/// Serves until the process is told to stop, and other commands on the same data with it. `ready` is called once
/// everything runs.
pub(crate) async fn serve_until_stopped(
    app: Shared,
    lock: Option<DataLock>,
    listener: TcpListener,
    ready: impl FnOnce(&Shared),
) -> Result<()> {
    let stop = serve::told_to_stop()?;
    let control = match &lock {
        Some(_) => {
            let data: PathBuf = app.settings.data.clone();
            let control = Control::bind(&data).context("the control socket could not be made")?;
            Some(tokio::spawn(control.run(app.clone())))
        }
        None => None,
    };
    let seen = app.clone();
    let served = serve::run_telling(app, listener, stop, move || ready(&seen)).await;
    if let Some(control) = control {
        control.abort();
    }
    drop(lock);
    served
}
