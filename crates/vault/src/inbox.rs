//! Requests that were received and wait for the engine, sealed under a custody key that lives a day.

#[cfg(test)]
mod tests;

use crate::facts;
use crate::node::lease_word;
use crate::scope::{Actor, Purpose};
use crate::sealing::Place;
use crate::statement::{installation_sql, sql};
use crate::tx::Wake;
use crate::value::params;
use crate::{ChannelId, InboxId, Millis, Result, Scope, Tx, WorkspaceId};

/// How often a request is tried before it is set aside.
pub const TRIES: i64 = 5;

/// A received request, opened.
#[derive(Clone)]
pub struct Received {
    /// Its id.
    pub id: InboxId,
    /// The verified bytes, as `connect::Verified::to_inbox` made them.
    pub body: Vec<u8>,
    /// When it was received.
    pub received_at: Millis,
    /// How often it was tried.
    pub attempts: i64,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Received({}, {} bytes)", self.id, self.body.len())
    }
}

/// Keeps a verified request. Once this is committed, the provider may be told 200.
pub fn put(tx: &Tx<'_>, channel: ChannelId, body: &[u8]) -> Result<InboxId> {
    let id: InboxId = tx.id();
    let row = id.to_string();
    let seq = facts::next(tx, "inbox")?;
    let place = Place { table: "inbox", column: "body_sealed", row: &row };
    let sealed = tx.keys.custody_seal(tx.now(), place, tx.chance(), body)?;
    tx.run(
        sql!(
            "INSERT INTO inbox (workspace_id, id, channel_id, seq, received_at, body_sealed, attempts) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)"
        ),
        params![id, channel, seq, tx.now(), sealed],
    )?;
    tx.wake(Wake::Inbox);
    Ok(id)
}

/// A channel's received requests, held by one worker at a time.
#[derive(Debug, Clone)]
pub struct ClaimedInbox {
    /// The channel.
    pub channel: ChannelId,
    /// What its requests may touch.
    pub scope: Scope,
    lease: String,
}

/// Takes up to `limit` channels that have something to process and no worker.
pub(crate) fn claim(tx: &Tx<'_>, limit: i64, lease_ms: Millis) -> Result<Vec<ClaimedInbox>> {
    let waiting: Vec<(ChannelId, WorkspaceId)> = tx.all(
        installation_sql!(
            "SELECT d.id, d.workspace_id FROM channel_directory d \
             WHERE (d.inbox_lease_until IS NULL OR d.inbox_lease_until < $1) \
             AND EXISTS (SELECT 1 FROM inbox i WHERE i.channel_id = d.id AND i.failure IS NULL) LIMIT $2 {skip_locked}"
        ),
        params![tx.now(), limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut claimed = Vec::with_capacity(waiting.len());
    for (channel, workspace) in waiting {
        let lease = lease_word(tx);
        tx.run(
            installation_sql!("UPDATE channel_directory SET inbox_lease = $2, inbox_lease_until = $3 WHERE id = $1"),
            params![channel, &lease, tx.now() + lease_ms],
        )?;
        let scope = Scope::new(workspace, Actor::Channel(channel), Purpose::Receiving);
        claimed.push(ClaimedInbox { channel, scope, lease });
    }
    Ok(claimed)
}

/// Gives a channel back.
pub(crate) fn release(tx: &Tx<'_>, claimed: &ClaimedInbox) -> Result<()> {
    tx.run(
        installation_sql!(
            "UPDATE channel_directory SET inbox_lease = NULL, inbox_lease_until = NULL WHERE id = $1 AND inbox_lease = $2"
        ),
        params![claimed.channel, &claimed.lease],
    )?;
    Ok(())
}

/// Keeps a channel for longer; `false` if somebody else has taken it meanwhile.
pub(crate) fn renew(tx: &Tx<'_>, claimed: &ClaimedInbox, lease_ms: Millis) -> Result<bool> {
    let renewed = tx.run(
        installation_sql!("UPDATE channel_directory SET inbox_lease_until = $3 WHERE id = $1 AND inbox_lease = $2"),
        params![claimed.channel, &claimed.lease, tx.now() + lease_ms],
    )?;
    Ok(renewed == 1)
}

/// The oldest requests of a channel that are not set aside.
pub fn waiting(tx: &Tx<'_>, channel: ChannelId, limit: i64) -> Result<Vec<Received>> {
    let rows = tx.all(
        sql!(
            "SELECT id, body_sealed, received_at, attempts FROM inbox \
             WHERE workspace_id = $1 AND channel_id = $2 AND failure IS NULL ORDER BY seq LIMIT $3"
        ),
        params![channel, limit],
        |row| Ok((row.get::<InboxId>(0)?, row.get::<Vec<u8>>(1)?, row.get(2)?, row.get(3)?)),
    )?;
    rows.into_iter()
        .map(|(id, sealed, received_at, attempts)| {
            let row = id.to_string();
            let body = tx.keys.custody_open(Place { table: "inbox", column: "body_sealed", row: &row }, &sealed)?;
            Ok(Received { id, body, received_at, attempts })
        })
        .collect()
}

/// Takes a request off the inbox; `false` if it was already taken, in which case nothing of it may be applied.
pub fn take(tx: &Tx<'_>, id: InboxId) -> Result<bool> {
    Ok(tx.run(sql!("DELETE FROM inbox WHERE workspace_id = $1 AND id = $2"), params![id])? == 1)
}

/// Notes that a request could not be processed; after [`TRIES`] it is set aside so that it holds nothing up.
pub fn put_off(tx: &Tx<'_>, id: InboxId, code: &str) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE inbox SET attempts = attempts + 1, failure = CASE WHEN attempts + 1 >= $3 THEN $4 END \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, TRIES, code],
    )?;
    Ok(())
}

/// How many requests wait, and how many were set aside, over the whole installation.
pub(crate) fn depth(tx: &Tx<'_>) -> Result<(i64, i64)> {
    let row = tx.maybe(
        installation_sql!("SELECT COUNT(*), COUNT(failure) FROM inbox"),
        params![],
        |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
    )?;
    Ok(row.map_or((0, 0), |(all, aside)| (all - aside, aside)))
}

