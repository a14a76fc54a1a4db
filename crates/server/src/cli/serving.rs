//! `parloir serve`: holds the data, opens the vault, listens, and stops when told to.

use std::net::SocketAddr;

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
        super::finish_restore(&vault).await?;
        let listener = listen(settings.listen).await?;
        let bound = listener.local_addr().context("the listener has no address")?;
        let app = serve::app(settings, vault, bound, None)?;
        #[cfg(feature = "testing")]
        app.movable_clock.set(clock).ok();
        let stop = serve::told_to_stop()?;
        serve_until_stopped(app, lock, listener, stop, || say(&format!("listening on http://{bound}"))).await
    })
}

/// Listens on an address, or says why not.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another with --listen"))
}

/// Serves until `stop` resolves, and lets other commands on the same data in meanwhile. `ready` is called once everything
/// runs.
pub(crate) async fn serve_until_stopped(
    app: Shared,
    lock: Option<DataLock>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(),
) -> Result<()> {
    let control = match &lock {
        Some(_) => {
            let control = Control::bind(&app.settings.data).context("the control socket could not be made")?;
            Some(tokio::spawn(control.run(app.clone())))
        }
        None => None,
    };
    let served = serve::run_telling(app, listener, stop, ready).await;
    if let Some(control) = control {
        control.abort();
        control.await.ok();
    }
    drop(lock);
    served
}
