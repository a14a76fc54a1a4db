//! Channels: the connected accounts through which contacts talk.
//!
//! Settings and secrets of a channel are one sealed cell under the workspace's key; members see the settings, and of
//! secrets only which are set. A row of the installation's directory says, for a hook that knows nothing but the
//! channel's id, whose channel it is, and counts its changes ([`hooks`]).

mod directory;
mod hooks;
mod news;
mod renewals;
mod secrets;
mod settings;
mod sharing;
#[cfg(test)]
mod tests;
mod view;
mod watch;

use std::collections::BTreeMap;

use crate::facts::{self, About, FactKind};
use crate::jobs::{self, JobKind};
use crate::map::Due;
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{params, word};
use crate::workspaces::checked_name;
use crate::{Actor, ChannelId, Error, Millis, Personal, Result, Right, Tx, audit, polls, push};

pub use directory::{note_account, note_app};
pub use hooks::AdmittedHook;
pub(crate) use hooks::OpenHooks;
pub use news::{is_proven_since, note_news, note_proven, note_works, set_portfolio};
pub use renewals::{note_renewal, renew_soon};
pub(crate) use secrets::sweep_secrets;
pub use secrets::{GRACE_MOST_MS, PreviousSecret, keep_renewed, rotate_secret};
pub use settings::{ChannelAccount, ChannelSecret};
pub use sharing::{Sharing, allow_sharing, end_sharing, kept_within, note_signed_in, signed_in};
pub use view::{Channel, list, view};
pub use watch::{is_told, keep_watch, told};

use settings::Kept;

/// How long a disconnected channel's settings are kept; its secrets are destroyed at once.
pub const SETTINGS_KEPT_MS: Millis = 30 * 24 * 60 * 60 * 1000;

/// The reason of a channel whose credentials its provider takes no longer.
pub const REAUTHORISE: &str = "reauthorise";

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelState {
    /// It sends and receives.
    Ready,
    /// A member has something to do, or its credentials are still being proven: its reason says which.
    NeedsAttention,
    /// It was disconnected.
    Off,
}

/// What a channel is created from.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Its kind (`telegram`).
    pub kind: String,
    /// What members call it.
    pub name: Personal<String>,
    /// Settings by key.
    pub settings: Personal<BTreeMap<String, String>>,
    /// Secrets by key.
    pub secrets: BTreeMap<String, ChannelSecret>,
}

/// What changes about a channel. A key that is not named stays as it is; `None` removes it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "as of NewChannel")]
pub struct ChannelChange {
    pub name: Option<Personal<String>>,
    pub settings: BTreeMap<String, Option<Personal<String>>>,
    pub secrets: BTreeMap<String, Option<ChannelSecret>>,
}

/// Creates a channel. It needs attention (`connecting`) until its credentials are proven; whoever creates it also
/// enqueues [`crate::jobs::JobKind::ConnectChannel`] or calls [`set_state`].
pub fn create(tx: &Tx<'_>, new: &NewChannel) -> Result<ChannelId> {
    tx.scope()?.require(Right::ManageChannels)?;
    if !is_word(&new.kind) {
        return Err(Error::Invalid("kind is lower-case letters, digits and underscores".into()));
    }
    let id: ChannelId = tx.id();
    let row = id.to_string();
    let name = tx.seal_text(Under::Workspace, place("name_sealed", &row), &checked_name(&new.name)?)?;
    let kept = Kept { settings: new.settings.reveal().clone(), secrets: new.secrets.clone(), ..Kept::default() };
    tx.run(
        sql!(
            "INSERT INTO channels (workspace_id, id, kind, name_sealed, settings_sealed, state, state_reason, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'needs_attention', 'connecting', $6)"
        ),
        params![id, &new.kind, name, kept.seal(tx, &row)?, tx.now()],
    )?;
    tx.run(
        sql!(
            "INSERT INTO channel_directory (workspace_id, id, kind, state, version) VALUES ($1, $2, $3, 'needs_attention', 1)"
        ),
        params![id, &new.kind],
    )?;
    changed(tx, id, "channel.created")?;
    Ok(id)
}

/// Changes name, settings or secrets.
///
/// # Errors
/// `channel_off` if it was disconnected.
pub fn update(tx: &Tx<'_>, id: ChannelId, change: &ChannelChange) -> Result<()> {
    tx.scope()?.require(Right::ManageChannels)?;
    require_on(tx, id)?;
    let row = id.to_string();
    if let Some(name) = &change.name {
        let sealed = tx.seal_text(Under::Workspace, place("name_sealed", &row), &checked_name(name)?)?;
        tx.run(sql!("UPDATE channels SET name_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    }
    if !change.settings.is_empty() || !change.secrets.is_empty() {
        let mut kept = settings::kept(tx, id)?;
        kept.apply(change);
        write_kept(tx, id, &kept)?;
    }
    bump(tx, id)?;
    changed(tx, id, "channel.updated")
}

/// Says whether a channel works. `reason` is a stable code (`token_revoked`), and nothing for a channel that is ready.
/// A channel that is off stays off: who learns about its credentials meanwhile has nothing to say.
///
/// # Errors
/// [`Error::Invalid`] for [`ChannelState::Off`], which is [`disconnect`].
pub fn set_state(tx: &Tx<'_>, id: ChannelId, state: ChannelState, reason: Option<&str>) -> Result<()> {
    require_over(tx, id)?;
    if state == ChannelState::Off || reason.is_some_and(|reason| !is_word(reason)) {
        return Err(Error::Invalid("a channel is ready, or needs attention for a reason that is a code".into()));
    }
    let (_, before) = kind_and_state(tx, id)?;
    let changes = tx.run(
        sql!(
            "UPDATE channels SET state = $3, state_reason = $4 WHERE workspace_id = $1 AND id = $2 \
             AND state <> 'off' AND (state <> $3 OR COALESCE(state_reason, '') <> COALESCE($4, ''))"
        ),
        params![id, state.as_str(), reason.filter(|_| state != ChannelState::Ready)],
    )?;
    if changes == 0 {
        return Ok(());
    }
    tx.run(
        sql!("UPDATE channel_directory SET state = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, state.as_str()],
    )?;
    bump(tx, id)?;
    if reason == Some(REAUTHORISE) {
        renew_soon(tx, id)?;
    }
    // Told once: another reason for a channel that does not work as it is, is news for its page alone.
    if before == ChannelState::Ready && state == ChannelState::NeedsAttention {
        push::stopped(tx)?;
    }
    changed(tx, id, "channel.state_changed")
}

/// Notes what the provider calls the account: its id, its label. Replaces what was noted before.
pub fn set_account(tx: &Tx<'_>, id: ChannelId, account: &Personal<BTreeMap<String, String>>) -> Result<()> {
    require_over(tx, id)?;
    require_on(tx, id)?;
    let sealed = settings::seal_account(tx, &id.to_string(), account.reveal())?;
    tx.run(sql!("UPDATE channels SET account_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    bump(tx, id)?;
    changed(tx, id, "channel.updated")
}

/// Disconnects a channel: it is off, and its secrets are gone from the database at once. What it was connected with is returned
/// this once, so that the provider can be told to forget the hook; it must not be kept. The terms for its content
/// (D-2) run from now.
///
/// # Errors
/// `channel_off` if it was disconnected before.
pub fn disconnect(tx: &Tx<'_>, id: ChannelId) -> Result<ChannelAccount> {
    tx.scope()?.require(Right::ManageChannels)?;
    require_on(tx, id)?;
    let last = settings::open_account(tx, id)?;
    let without = Kept { settings: last.settings.clone(), ..Kept::default() };
    write_kept(tx, id, &without)?;
    tx.run(
        sql!(
            "UPDATE channels SET state = 'off', state_reason = 'disconnected', disconnected_at = $3, \
             watch_sealed = NULL, watch_until = NULL, watch_heard_at = NULL, \
             shared_by = NULL, shared_at = NULL, shared_words = NULL WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, tx.now()],
    )?;
    tx.run(
        sql!("UPDATE channel_directory SET state = 'off', account_hash = NULL WHERE workspace_id = $1 AND id = $2"),
        params![id],
    )?;
    // By which app it was stays known, while what it brought is here: a person's wish that comes to its hook goes to the others of it.
    polls::end(tx, id)?;
    jobs::cancel(tx, JobKind::ConnectChannel, &id.to_string())?;
    jobs::cancel(tx, JobKind::WatchAccount, &id.to_string())?;
    bump(tx, id)?;
    changed(tx, id, "channel.disconnected")?;
    Ok(last)
}

/// Connects a disconnected channel again: it needs attention (`connecting`) until its credentials are proven. What it brought before
/// stays, and the term for that ends here.
///
/// # Errors
/// `channel_on` unless it is disconnected; `channel_ended` once what it brought is gone, or the end of that has begun.
pub fn reconnect(tx: &Tx<'_>, id: ChannelId, change: &ChannelChange) -> Result<()> {
    tx.scope()?.require(Right::ManageChannels)?;
    let (_, ChannelState::Off) = kind_and_state(tx, id)? else {
        return Err(Error::conflict("channel_on", "this channel is connected"));
    };
    let mut kept = settings::kept(tx, id)?;
    kept.apply(change);
    write_kept(tx, id, &kept)?;
    let again = tx.run(
        sql!(
            "UPDATE channels SET state = 'needs_attention', state_reason = 'connecting', disconnected_at = NULL, \
             content_ends_at = NULL WHERE workspace_id = $1 AND id = $2 AND content_gone_at IS NULL \
             AND (content_ends_at IS NULL OR content_ends_at > $3)"
        ),
        params![id, tx.now()],
    )?;
    if again == 0 {
        return Err(Error::conflict("channel_ended", "what this channel brought has ended: connect it anew"));
    }
    tx.run(
        sql!("UPDATE channel_directory SET state = 'needs_attention' WHERE workspace_id = $1 AND id = $2"),
        params![id],
    )?;
    jobs::cancel(tx, JobKind::EndChannel, &id.to_string())?;
    bump(tx, id)?;
    changed(tx, id, "channel.reconnected")
}

/// A channel with its secrets, for whoever calls its provider: the platform's jobs and the channel's own hook, never
/// a member.
///
/// # Errors
/// `channel_off` if it was disconnected; [`Error::Forbidden`] in a member's, visitor's or another channel's scope.
pub fn account(tx: &Tx<'_>, id: ChannelId) -> Result<ChannelAccount> {
    let allowed = match tx.scope()?.actor() {
        Actor::Platform | Actor::Operator => true,
        Actor::Channel(own) => own == id,
        Actor::Member(..) | Actor::Visitor(..) => false,
    };
    if !allowed {
        return Err(Error::Forbidden("a channel's secrets"));
    }
    require_on(tx, id)?;
    settings::open_account(tx, id)
}

/// Wipes settings and account details of channels that were disconnected by a moment; how many it was.
pub(crate) fn sweep(tx: &Tx<'_>, due: &Due) -> Result<u64> {
    tx.run(
        sql!(
            "UPDATE channels SET settings_sealed = NULL, account_sealed = NULL \
             WHERE workspace_id = $1 AND disconnected_at <= $2 AND (settings_sealed IS NOT NULL OR account_sealed IS NOT NULL)"
        ),
        params![due.before],
    )
}

/// Whether a channel still has secrets, or some that were before.
pub(crate) fn has_secrets(tx: &Tx<'_>, id: ChannelId) -> Result<bool> {
    let kept = settings::kept(tx, id)?;
    Ok(!kept.secrets.is_empty() || !kept.previous.is_empty())
}

/// A channel's kind and state.
///
/// # Errors
/// [`Error::NotFound`] if the workspace has no such channel.
pub fn kind_and_state(tx: &Tx<'_>, id: ChannelId) -> Result<(String, ChannelState)> {
    tx.maybe(sql!("SELECT kind, state FROM channels WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
        Ok((row.text(0)?, word(row, 1)?))
    })?
    .ok_or(Error::NotFound("channel"))
}

/// Whether a channel of this kind is connected in the scope's workspace.
pub fn is_any_on(tx: &Tx<'_>, kind: &str) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM channels WHERE workspace_id = $1 AND kind = $2 AND state <> 'off' LIMIT 1"),
        params![kind],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// One of a channel's settings, which are no secrets; also of one that was disconnected lately.
pub fn setting(tx: &Tx<'_>, id: ChannelId, key: &str) -> Result<Option<String>> {
    Ok(settings::kept(tx, id)?.settings.remove(key))
}

/// Whether a channel needs attention for this reason.
pub fn is_stopped_for(tx: &Tx<'_>, id: ChannelId, reason: &str) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM channels WHERE workspace_id = $1 AND id = $2 AND state = 'needs_attention' AND state_reason = $3"),
        params![id, reason],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Who manages channels, and the channel itself: what its provider answers says whether it works.
fn require_over(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    let scope = tx.scope()?;
    if scope.actor() == Actor::Channel(id) { Ok(()) } else { scope.require(Right::ManageChannels) }
}

fn require_on(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    match kind_and_state(tx, id)? {
        (_, ChannelState::Ready | ChannelState::NeedsAttention) => Ok(()),
        (_, ChannelState::Off) => Err(Error::conflict("channel_off", "this channel was disconnected; connect it anew")),
    }
}

fn write_kept(tx: &Tx<'_>, id: ChannelId, kept: &Kept) -> Result<()> {
    let sealed = kept.seal(tx, &id.to_string())?;
    tx.run(sql!("UPDATE channels SET settings_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    Ok(())
}

/// How often a channel was changed so far.
///
/// # Errors
/// [`Error::NotFound`] if the workspace has no such channel.
pub fn version(tx: &Tx<'_>, id: ChannelId) -> Result<i64> {
    let found = tx.maybe(
        sql!("SELECT version FROM channel_directory WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| row.get(0),
    )?;
    found.ok_or(Error::NotFound("channel"))
}

/// Whether a channel is still as it was when it had this version, and connected.
pub fn is_version(tx: &Tx<'_>, id: ChannelId, version: i64) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM channel_directory WHERE workspace_id = $1 AND id = $2 AND version = $3 AND state <> 'off'"),
        params![id, version],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Counts a change, so that every node opens the channel anew.
fn bump(tx: &Tx<'_>, id: ChannelId) -> Result<()> {
    tx.run(
        sql!("UPDATE channel_directory SET version = version + 1 WHERE workspace_id = $1 AND id = $2"),
        params![id],
    )?;
    Ok(())
}

fn changed(tx: &Tx<'_>, id: ChannelId, act: &'static str) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::record(tx, FactKind::ChannelUpdated, About::default())?;
    Ok(())
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "channels", column, row }
}

/// A kind or a reason: a word of the program.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

impl ChannelState {
    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NeedsAttention => "needs_attention",
            Self::Off => "off",
        }
    }
}

impl std::str::FromStr for ChannelState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Ready, Self::NeedsAttention, Self::Off]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::Invalid("state is one of ready, needs_attention, off".into()))
    }
}
