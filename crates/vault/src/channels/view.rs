//! Channels as members see them: everything but the secrets.

use std::collections::BTreeMap;

use super::settings::{Kept, open_details};
use super::{ChannelState, Sharing, place};
use crate::statement::sql;
use crate::value::{Row, params, word};
use crate::{ChannelId, Cursor, Error, Millis, Page, Personal, Result, Right, Tx};

/// A channel as members see it.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its kind (`telegram`).
    pub kind: String,
    /// What members call it.
    pub name: Personal<String>,
    /// Whether it works.
    pub state: ChannelState,
    /// Why it does not: a stable code.
    pub state_reason: Option<String>,
    /// What the provider thinks of the account, in its word.
    pub quality: Option<String>,
    /// How many people it may write to first within a day; 0: without bound, `None`: not known.
    pub daily_recipients: Option<i64>,
    /// Settings by key. Empty thirty days after it was disconnected.
    pub settings: Personal<BTreeMap<String, String>>,
    /// The keys of the secrets that are set.
    pub secrets_set: Vec<String>,
    /// What the provider calls the account, by key.
    pub account: Personal<BTreeMap<String, String>>,
    /// Who signed in there, and what they allowed.
    pub sharing: Sharing,
    /// When it was created.
    pub created_at: Millis,
    /// When it was disconnected.
    pub disconnected_at: Option<Millis>,
    /// When what it brought ends, where its kind has a term for that.
    pub content_ends_at: Option<Millis>,
    /// When it was gone.
    pub content_gone_at: Option<Millis>,
}

/// One channel.
pub fn view(tx: &Tx<'_>, id: ChannelId) -> Result<Channel> {
    tx.scope()?.require(Right::ReadDirectory)?;
    tx.maybe(
        sql!(
            "SELECT id, kind, name_sealed, settings_sealed, account_sealed, state, state_reason, created_at, \
             disconnected_at, quality, daily_recipients, signed_in_by, signed_in_at, shared_by, shared_at, \
             shared_words, content_ends_at, content_gone_at FROM channels WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        Sealed::read,
    )?
    .ok_or(Error::NotFound("channel"))?
    .open(tx)
}

/// Channels, oldest first, disconnected ones too.
pub fn list(tx: &Tx<'_>, cursor: Option<&Cursor>, limit: usize) -> Result<Page<Channel>> {
    tx.scope()?.require(Right::ReadDirectory)?;
    let start = cursor.cloned().unwrap_or(Cursor { key: i64::MIN, id: String::new() });
    let rows = tx.all(
        sql!(
            "SELECT id, kind, name_sealed, settings_sealed, account_sealed, state, state_reason, created_at, \
             disconnected_at, quality, daily_recipients, signed_in_by, signed_in_at, shared_by, shared_at, \
             shared_words, content_ends_at, content_gone_at FROM channels WHERE workspace_id = $1 AND (created_at > $2 OR (created_at = $2 AND id > $3)) \
             ORDER BY created_at, id LIMIT $4"
        ),
        params![start.key, &start.id, i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)],
        Sealed::read,
    )?;
    let channels = rows.into_iter().map(|row| row.open(tx)).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_overfull(channels, limit, |channel| Cursor { key: channel.created_at, id: channel.id.to_string() }))
}

/// A row before it is opened.
struct Sealed {
    id: ChannelId,
    kind: String,
    name: Vec<u8>,
    settings: Option<Vec<u8>>,
    account: Option<Vec<u8>>,
    state: ChannelState,
    state_reason: Option<String>,
    created_at: Millis,
    disconnected_at: Option<Millis>,
    quality: Option<String>,
    daily_recipients: Option<i64>,
    sharing: Sharing,
    content: (Option<Millis>, Option<Millis>),
}

impl Sealed {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            name: row.get(2)?,
            settings: row.get(3)?,
            account: row.get(4)?,
            state: word(row, 5)?,
            state_reason: row.get(6)?,
            created_at: row.get(7)?,
            disconnected_at: row.get(8)?,
            quality: row.get(9)?,
            daily_recipients: row.get(10)?,
            sharing: Sharing::read(row, 11)?,
            content: (row.get(16)?, row.get(17)?),
        })
    }

    fn open(self, tx: &Tx<'_>) -> Result<Channel> {
        let row = self.id.to_string();
        let kept = match &self.settings {
            Some(sealed) => Kept::open(tx, &row, sealed)?,
            None => Kept::default(),
        };
        Ok(Channel {
            id: self.id,
            kind: self.kind,
            name: tx.open_text(place("name_sealed", &row), &self.name)?.ok_or(Error::Erased)?,
            state: self.state,
            state_reason: self.state_reason,
            quality: self.quality,
            daily_recipients: self.daily_recipients,
            secrets_set: kept.secrets.into_keys().collect(),
            settings: Personal::new(kept.settings),
            account: Personal::new(open_details(tx, &row, self.account)?),
            sharing: self.sharing,
            created_at: self.created_at,
            disconnected_at: self.disconnected_at,
            content_ends_at: self.content.0,
            content_gone_at: self.content.1,
        })
    }
}
