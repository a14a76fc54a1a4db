//! Accounts that are asked what came, because they do not tell it by a hook alone: how far each was asked, kept together with
//! what it said.
//!
//! Whoever asks reads the [`Standing`] first and shows its [`Turn`] when the answer is to be kept. If somebody else's answer was
//! kept meanwhile, or the channel was changed, nothing of this one is: asking again from what stands brings it again.

#[cfg(test)]
mod tests;

use crate::channels::{self, ChannelAccount, ChannelState};
use crate::inbox::{self, Fresh};
use crate::jobs::{self, JobKind};
use crate::sealing::{Place, Under};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{Actor, ChannelId, Error, Purpose, Result, Scope, Tx, Vault};

/// How far an account was asked, and as what.
#[derive(Clone)]
pub struct Standing {
    /// By what it is asked.
    pub account: ChannelAccount,
    /// Where to go on, as its connector said; `None`: it was never asked.
    pub cursor: Option<String>,
    /// Whose turn it is.
    pub turn: Turn,
}

/// What was there when an account was asked: an answer is kept only if it still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    channel: ChannelId,
    /// How often the channel was changed.
    version: i64,
    /// How many answers were kept.
    number: i64,
}

/// A channel that is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The channel.
    pub channel: ChannelId,
    /// The platform in its workspace, for receiving.
    pub scope: Scope,
    /// How often it was changed: with another, its account may be another.
    pub version: i64,
}

/// How far a channel's account was asked.
///
/// # Errors
/// As [`channels::account`].
pub fn standing(tx: &Tx<'_>, channel: ChannelId) -> Result<Standing> {
    let account = channels::account(tx, channel)?;
    let version = channels::version(tx, channel)?;
    let kept = tx.maybe(
        sql!("SELECT turn, cursor_sealed FROM polls WHERE workspace_id = $1 AND channel_id = $2"),
        params![channel],
        |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)),
    )?;
    let row = channel.to_string();
    let (number, cursor) = match kept {
        Some((number, sealed)) => (number, tx.open(place(&row), &sealed)?.map(text).transpose()?),
        None => (0, None),
    };
    Ok(Standing { account, cursor, turn: Turn { channel, version, number } })
}

/// Keeps what an account said when it was asked, as requests that were received, and where to go on. The next turn; `None`, and
/// nothing was kept, if somebody else's answer was kept since, or the channel was changed.
pub fn keep(tx: &Tx<'_>, turn: Turn, cursor: &str, requests: &[Vec<u8>]) -> Result<Option<Turn>> {
    let Turn { channel, version, number } = turn;
    if !channels::is_version(tx, channel, version)? || !moved(tx, turn, cursor)? {
        return Ok(None);
    }
    let seal = |body: &Vec<u8>| Fresh::seal(tx.keys, tx.now(), channel, [tx.chance(), tx.chance()], body);
    let fresh = requests.iter().map(seal).collect::<Result<Vec<_>>>()?;
    inbox::put_together(tx, &fresh.iter().collect::<Vec<_>>())?;
    Ok(Some(Turn { number: number + 1, ..turn }))
}

/// Writes where to go on, if this turn is still the next.
fn moved(tx: &Tx<'_>, Turn { channel, number, .. }: Turn, cursor: &str) -> Result<bool> {
    let row = channel.to_string();
    let sealed = tx.seal(Under::Workspace, place(&row), cursor.as_bytes())?;
    let statement = if number == 0 {
        sql!(
            "INSERT INTO polls (workspace_id, channel_id, turn, cursor_sealed, asked_at) \
             VALUES ($1, $2, CAST($3 AS BIGINT) + 1, $4, $5) ON CONFLICT (workspace_id, channel_id) DO NOTHING"
        )
    } else {
        sql!(
            "UPDATE polls SET turn = turn + 1, cursor_sealed = $4, asked_at = $5 \
             WHERE workspace_id = $1 AND channel_id = $2 AND turn = $3"
        )
    };
    Ok(tx.run(statement, params![channel, number, sealed, tx.now()])? == 1)
}

/// The account is another one: where the asking of the last went on says nothing of it.
pub fn forget(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    tx.run(sql!("DELETE FROM polls WHERE workspace_id = $1 AND channel_id = $2"), params![channel])?;
    Ok(())
}

/// Has a channel's account asked now: it was connected, or something says that there is news.
pub fn wake(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    match channels::kind_and_state(tx, channel)? {
        (_, ChannelState::Off) => Ok(()),
        (_, ChannelState::Ready | ChannelState::NeedsAttention) => {
            jobs::enqueue(tx, JobKind::PollChannel, &channel.to_string(), tx.now())
        }
    }
}

/// The channel is disconnected: it is asked no more.
pub(crate) fn end(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    jobs::cancel(tx, JobKind::PollChannel, &channel.to_string())?;
    forget(tx, channel)
}

impl Vault {
    /// The channels of a kind that are ready, over the whole installation: for whoever waits for news of their accounts.
    pub async fn asked(&self, kind: &str) -> Result<Vec<Asked>> {
        let kind = kind.to_owned();
        self.read_installation(move |tx| {
            tx.all(
                installation_sql!(
                    "SELECT id, workspace_id, version FROM channel_directory WHERE kind = $1 AND state = 'ready' ORDER BY id"
                ),
                params![&kind],
                |row| {
                    let scope = Scope::new(row.get(1)?, Actor::Platform, Purpose::Receiving);
                    Ok(Asked { channel: row.get(0)?, scope, version: row.get(2)? })
                },
            )
        })
        .await
    }
}

fn text(cursor: Vec<u8>) -> Result<String> {
    String::from_utf8(cursor).map_err(|_| Error::Seal("where an account is asked from is no text"))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "polls", column: "cursor_sealed", row }
}
