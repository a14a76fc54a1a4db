//! `parloir demo`: a server with a shop's workspace in it, the simulated outside in the same process, and a first
//! morning of messages, so that a newcomer can play both the contact and the member.
//!
//! [`cast`] says who there is, [`outside`] plays the providers, [`stage`] makes or finds the workspace and its channels,
//! [`story`] lets everybody speak the first time, and [`told`] says where to look.

mod cast;
mod outside;
mod rest;
mod shop;
mod stage;
mod story;
mod told;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::Shared;
use crate::cli;
use crate::serve;
use crate::settings::Settings;
use outside::Outside;
use told::Told;

/// Where the demo's data is, unless `--data` says otherwise.
pub const FOLDER: &str = "parloir-demo";

/// Runs the demo until it is told to stop. `listen_named`: the address was asked for, so no other will do.
///
/// # Errors
/// Whatever keeps the server from running or the scene from being set.
pub fn run(mut settings: Settings, listen_named: bool, json: bool) -> Result<()> {
    let lock = cli::hold(&settings)?;
    let clock = cli::clock(&settings);
    let (vault, _) = serve::open_vault(&settings, clock.clone())?;
    cli::runtime()?.block_on(async {
        let outside = Outside::start(clock.clone()).await?;
        outside.be_reached_by(&mut settings);
        let listener = listen(settings.listen, listen_named).await?;
        let bound = listener.local_addr().context("the listener has no address")?;
        let data = settings.data.clone();
        let app = serve::app(settings, vault, bound, Some(told::signs(outside.phone_url())))?;
        #[cfg(feature = "testing")]
        app.movable_clock.set(clock).ok();
        perform(app, lock, listener, &outside, Speaking { json, data }).await
    })
}

/// How the demo speaks, and of what.
struct Speaking {
    json: bool,
    data: PathBuf,
}

/// Serves, and sets the scene once the server runs: what is simulated reaches it like everybody else.
async fn perform(
    app: Shared,
    lock: Option<crate::control::DataLock>,
    listener: TcpListener,
    outside: &Outside,
    speaking: Speaking,
) -> Result<()> {
    let (ready, is_ready) = oneshot::channel();
    let (give_up, failed) = oneshot::channel::<()>();
    let told_to_stop = serve::told_to_stop()?;
    let stop = async move {
        tokio::select! {
            () = told_to_stop => {}
            Ok(()) = failed => {}
        }
    };
    let serving = cli::serve_until_stopped(app.clone(), lock, listener, stop, move || {
        ready.send(()).ok();
    });
    let setting = async {
        is_ready.await.context("the server did not start")?;
        let set = stage::set(&app, outside).await.context("the demo could not be prepared");
        match &set {
            Ok(()) => cli::say(&Told::of(&app, outside.shop_url(), &speaking.data).words(speaking.json)),
            Err(_) => _ = give_up.send(()),
        }
        set
    };
    let (served, set) = tokio::join!(serving, setting);
    set.and(served)
}

/// Listens where asked; if that port is taken and nobody insisted on it, on a free one.
async fn listen(address: SocketAddr, named: bool) -> Result<TcpListener> {
    match cli::listen(address).await {
        Err(_) if !named => cli::listen(SocketAddr::new(address.ip(), 0)).await,
        listened => listened,
    }
}
