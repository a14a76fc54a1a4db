//! Waiting for mail (IDLE, RFC 2177): a hint that something may have come, never the truth about it.

use std::time::Duration;

use connect::{MailReply, MailServer};
use tokio::time::{Instant, timeout_at};

use super::super::connection::{Dialler, Terms};
use super::super::reply::Loss;
use super::super::{End, Fault};
use super::command::Command;
use super::response::{Kind, Response, Status, Untagged};
use super::session::{Said, Session};

/// How the waiting goes.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Rhythm {
    /// How long an IDLE lasts before it is begun anew: routers forget silent connections after some minutes, servers after
    /// half an hour.
    pub(in super::super) idle: Duration,
    /// How long everything else is waited for.
    pub(in super::super) patience: Duration,
}

/// Why nobody waits any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchEnd {
    /// The name and the password are not taken.
    Denied,
    /// The server has no IDLE.
    Unable,
    /// There is no connection, or it ended.
    Broken,
}

/// Waits in the inbox, and calls `changed` when it has been opened and whenever mail may have come.
pub(in super::super) async fn watch(
    dialler: &Dialler,
    rhythm: Rhythm,
    server: &MailServer,
    changed: &(dyn Fn() + Send + Sync),
) -> WatchEnd {
    match wait(dialler, rhythm, server, changed).await {
        Err(End::Said(MailReply::Denied)) => WatchEnd::Denied,
        Err(End::Said(_)) => WatchEnd::Unable,
        Ok(()) | Err(End::Fault(_)) => WatchEnd::Broken,
    }
}

async fn wait(
    dialler: &Dialler,
    rhythm: Rhythm,
    server: &MailServer,
    changed: &(dyn Fn() + Send + Sync),
) -> Result<(), End> {
    // It has no end of its own.
    let terms = Terms { patience: rhythm.patience, whole: Duration::from_hours(24 * 365) };
    let mut session = Session::open(dialler.dial(server, terms).await?, server).await?;
    if !session.can("IDLE") {
        return Err(End::Said(MailReply::NoMail));
    }
    session.open_inbox(false).await?;
    // What came while nobody waited.
    changed();
    loop {
        let Said::All(tag) = session.say(&Command::new("IDLE")).await? else { return Ok(()) };
        if session.may_go_on(&tag).await?.is_some() {
            return Ok(());
        }
        let ended = one(&mut session, &tag, rhythm.idle, changed).await?;
        session.wait(rhythm.patience);
        if !ended {
            // A connection that is half dead shows it here.
            session.say_raw(b"DONE\r\n").await?;
            session.end_of(&tag, |untagged| hear(&untagged, changed), None).await?;
        }
    }
}

/// One IDLE, until it has lasted long enough; whether the server ended it before.
async fn one(
    session: &mut Session,
    tag: &str,
    lasts: Duration,
    changed: &(dyn Fn() + Send + Sync),
) -> Result<bool, End> {
    let end = Instant::now() + lasts;
    session.wait(lasts * 2);
    loop {
        // A response that has begun to arrive when time is up stays in the connection, for what is read next.
        let Ok(response) = timeout_at(end, session.response(None)).await else { return Ok(false) };
        match response? {
            Response::Untagged(Untagged::Status(Status { kind: Kind::Bye, .. })) => {
                return Err(Fault::Lost(Loss::Cut).into());
            }
            Response::Untagged(untagged) => hear(&untagged, changed),
            Response::Tagged { tag: ended, .. } if ended == tag => return Ok(true),
            Response::Tagged { .. } | Response::Continue => {}
        }
    }
}

fn hear(untagged: &Untagged, changed: &(dyn Fn() + Send + Sync)) {
    if matches!(untagged, Untagged::Exists(_)) {
        changed();
    }
}
