//! Conversations: a contact's thread on a channel, with its state of work.

mod change;
mod counts;
mod labels;
mod list;
mod many;
mod own;
#[cfg(test)]
mod tests;
mod view;

pub use change::{AHEAD_MAX, Change, PRIORITIES, Work, change, wake, work};
pub use counts::{Count, Counts, counts};
pub use list::{Filter, Sort, list};
pub(crate) use many::sweep;
pub use many::{Outcome, keep, outcomes};
pub use own::{answer_to, begin_closed, channels_of, of_contact, own, unseen};
pub use view::{Conversation, view};

use serde::{Deserialize, Serialize};

use crate::facts::{self, About, FactKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{ChannelId, ContactId, ConversationId, Error, MessageId, Millis, Personal, Result, Tx};

/// The state of work on a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum Status {
    Open,
    Pending,
    Snoozed,
    Resolved,
}

impl Status {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Pending, Self::Snoozed, Self::Resolved].into_iter().find(|status| status.as_str() == text)
    }
}

/// Where a conversation is: what the stages need to know of it.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "plain ids")]
pub struct Head {
    pub id: ConversationId,
    pub channel: ChannelId,
    pub contact: ContactId,
    pub status: Status,
    pub window_until: Option<Millis>,
}

/// The conversation of a thread, opened if there is none; whether it was opened now.
pub fn of_thread(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, thread: &str) -> Result<(Head, bool)> {
    let hash = thread_hash(tx, channel, thread)?;
    let found = tx.maybe(
        sql!(
            "SELECT c.contact_id, c.status, c.window_until, c.id, EXISTS (SELECT 1 FROM contacts p \
             WHERE p.workspace_id = $1 AND p.id = c.contact_id AND p.erased_at IS NOT NULL) FROM conversations c \
             WHERE c.workspace_id = $1 AND c.channel_id = $2 AND c.thread_hash = $3"
        ),
        params![channel, &hash],
        |row| Ok((read_head(row, channel)?, row.get::<bool>(4)?)),
    )?;
    match found {
        Some((head, false)) => return Ok((head, false)),
        Some((_, true)) => forget_erased_thread(tx, channel, &hash)?,
        None => {}
    }
    Ok((open(tx, channel, contact, Some(thread))?, true))
}

fn read_head(row: &Row<'_>, channel: ChannelId) -> Result<Head> {
    let status = Status::parse(&row.text(1)?).ok_or_else(|| Error::Engine("a stored status is unknown".into()))?;
    Ok(Head { id: row.get(3)?, channel, contact: row.get(0)?, status, window_until: row.get(2)? })
}

/// The conversation that has a thread, if there is one.
pub fn with_thread(tx: &Tx<'_>, channel: ChannelId, thread: &str) -> Result<Option<ConversationId>> {
    tx.maybe(
        sql!("SELECT id FROM conversations WHERE workspace_id = $1 AND channel_id = $2 AND thread_hash = $3"),
        params![channel, thread_hash(tx, channel, thread)?],
        |row| row.get(0),
    )
}

/// Whoever was erased and writes again is a new contact in a new conversation, even while rows of the old one are
/// still being removed.
fn forget_erased_thread(tx: &Tx<'_>, channel: ChannelId, hash: &[u8]) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE conversations SET thread_hash = NULL, thread_sealed = NULL \
             WHERE workspace_id = $1 AND channel_id = $2 AND thread_hash = $3 AND contact_id IN \
             (SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.id = contact_id AND c.erased_at IS NOT NULL)"
        ),
        params![channel, hash],
    )?;
    Ok(())
}

fn thread_hash(tx: &Tx<'_>, channel: ChannelId, thread: &str) -> Result<Vec<u8>> {
    tx.blind("thread", &format!("{channel}{thread}"))
}

/// Opens a conversation. Without a thread, the first thing sent makes one.
pub fn open(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, thread: Option<&str>) -> Result<Head> {
    let id: ConversationId = tx.id();
    let row = id.to_string();
    let (hash, sealed) = match thread {
        Some(thread) => {
            let place = Place { table: "conversations", column: "thread_sealed", row: &row };
            let text = Personal::new(thread.to_owned());
            let sealed = tx.seal_text(Under::ContactOn(contact, channel), place, &text)?;
            (Some(thread_hash(tx, channel, thread)?), Some(sealed))
        }
        None => (None, None),
    };
    tx.run(
        sql!(
            "INSERT INTO conversations (workspace_id, id, channel_id, contact_id, thread_hash, thread_sealed, status, priority, \
             message_seq, read_seq, unread_count, created_at, active_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'open', 'normal', 0, 0, 0, $7, $7)"
        ),
        params![id, channel, contact, hash, sealed, tx.now()],
    )?;
    note(tx, FactKind::ConversationCreated, id, contact)?;
    Ok(Head { id, channel, contact, status: Status::Open, window_until: None })
}

/// The newest conversation on a channel with a contact or anybody who is one with it.
pub fn latest_of_family(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<Option<ConversationId>> {
    tx.maybe(
        sql!(
            "SELECT c.id FROM contacts p JOIN conversations c ON c.workspace_id = p.workspace_id AND c.contact_id = p.id \
             WHERE p.workspace_id = $1 AND (p.id = $2 OR p.merged_into = $2) AND c.channel_id = $3 \
             ORDER BY c.active_at DESC, c.id DESC LIMIT 1"
        ),
        params![crate::merges::standing(tx, contact)?, channel],
        |row| row.get(0),
    )
}

/// Gives a conversation that had none the thread that the provider named, unless another has it.
pub fn name_thread(tx: &Tx<'_>, id: ConversationId, thread: &str) -> Result<()> {
    let head = head(tx, id)?;
    let hash = thread_hash(tx, head.channel, thread)?;
    let row = id.to_string();
    let place = Place { table: "conversations", column: "thread_sealed", row: &row };
    let sealed =
        tx.seal_text(Under::ContactOn(head.contact, head.channel), place, &Personal::new(thread.to_owned()))?;
    tx.run(
        sql!(
            "UPDATE conversations SET thread_hash = $4, thread_sealed = $5 WHERE workspace_id = $1 AND id = $2 \
             AND thread_hash IS NULL AND NOT EXISTS (SELECT 1 FROM conversations other WHERE other.workspace_id = $1 \
             AND other.channel_id = $3 AND other.thread_hash = $4)"
        ),
        params![id, head.channel, hash, sealed],
    )?;
    Ok(())
}

/// The provider's key of a conversation's thread.
pub fn thread(tx: &Tx<'_>, id: ConversationId) -> Result<Option<String>> {
    let sealed = tx.maybe(
        sql!("SELECT thread_sealed FROM conversations WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    let Some(sealed) = sealed.flatten() else { return Ok(None) };
    let row = id.to_string();
    let place = Place { table: "conversations", column: "thread_sealed", row: &row };
    Ok(tx.open_text(place, &sealed)?.map(Personal::into_revealed))
}

/// What the stages need to know of a conversation. An erased contact has none any more, even while its rows are still
/// being removed.
pub fn head(tx: &Tx<'_>, id: ConversationId) -> Result<Head> {
    let head = tx.maybe(
        sql!(
            "SELECT c.channel_id, c.contact_id, c.status, c.window_until FROM conversations c \
             WHERE c.workspace_id = $1 AND c.id = $2 AND NOT EXISTS (SELECT 1 FROM contacts p \
             WHERE p.workspace_id = $1 AND p.id = c.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![id],
        |row| {
            let status =
                Status::parse(&row.text(2)?).ok_or_else(|| Error::Engine("a stored status is unknown".into()))?;
            Ok(Head { id, channel: row.get(0)?, contact: row.get(1)?, status, window_until: row.get(3)? })
        },
    )?;
    head.ok_or(Error::NotFound("conversation"))
}

/// The next place in the conversation's order, with its activity noted. What answers the contact ends their waiting.
pub(crate) fn next_message(tx: &Tx<'_>, id: ConversationId, message: MessageId, answers: bool) -> Result<i64> {
    let seq = tx.maybe(
        sql!(
            "UPDATE conversations SET message_seq = message_seq + 1, last_message_id = $3, \
             active_at = CASE WHEN active_at < $4 THEN $4 ELSE active_at END, \
             waiting_since = CASE WHEN CAST($5 AS BOOLEAN) THEN NULL ELSE waiting_since END \
             WHERE workspace_id = $1 AND id = $2 RETURNING message_seq"
        ),
        params![id, message, tx.now(), answers],
        |row| row.get(0),
    )?;
    seq.ok_or(Error::NotFound("conversation"))
}

/// The same for what a contact wrote, with all that [`on_incoming`] changes but its fact. What a machine wrote opens nothing
/// again, and waits for no answer.
pub(crate) fn next_incoming(
    tx: &Tx<'_>,
    id: ConversationId,
    message: MessageId,
    (window_until, automatic): (Option<Millis>, bool),
) -> Result<i64> {
    // Two statements cost SQLite less than one that returns rows, which it makes a table and a journal for.
    tx.run(
        sql!(
            "UPDATE conversations SET message_seq = message_seq + 1, last_message_id = $3, \
             active_at = CASE WHEN active_at < $4 THEN $4 ELSE active_at END, \
             unread_count = unread_count + 1, status = CASE WHEN CAST($6 AS BOOLEAN) THEN status ELSE 'open' END, \
             snoozed_until = CASE WHEN CAST($6 AS BOOLEAN) THEN snoozed_until ELSE NULL END, \
             waiting_since = CASE WHEN CAST($6 AS BOOLEAN) THEN waiting_since ELSE COALESCE(waiting_since, $4) END, \
             window_until = CASE WHEN window_until IS NULL OR window_until < $5 THEN $5 ELSE window_until END \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, message, tx.now(), window_until, automatic],
    )?;
    let seq = tx.maybe(
        sql!("SELECT message_seq FROM conversations WHERE workspace_id = $1 AND id = $2"),
        params![id],
        |row| row.get(0),
    )?;
    seq.ok_or(Error::NotFound("conversation"))
}

/// Where a message is gone that was a conversation's last, the newest of those that are left is.
pub(crate) fn end_with_newest(tx: &Tx<'_>, id: ConversationId, gone: MessageId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE conversations SET last_message_id = (SELECT m.id FROM messages m WHERE m.workspace_id = $1 \
             AND m.conversation_id = $2 ORDER BY m.seq DESC LIMIT 1) \
             WHERE workspace_id = $1 AND id = $2 AND last_message_id = $3"
        ),
        params![id, gone],
    )?;
    Ok(())
}

/// After messages went whose term was over: which is the last of those that are left, and how many of them are unread.
pub(crate) fn count_what_is_left(tx: &Tx<'_>, id: ConversationId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE conversations SET last_message_id = (SELECT m.id FROM messages m WHERE m.workspace_id = $1 \
             AND m.conversation_id = $2 ORDER BY m.seq DESC LIMIT 1), unread_count = CASE WHEN unread_count = 0 THEN 0 ELSE \
             (SELECT COUNT(*) FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $2 \
             AND m.direction = 'incoming' AND m.seq > conversations.read_seq) END WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
    )?;
    Ok(())
}

/// A contact wrote: one more unread, the conversation is open again, the provider's window moves.
pub fn on_incoming(tx: &Tx<'_>, id: ConversationId, contact: ContactId, window_until: Option<Millis>) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE conversations SET unread_count = unread_count + 1, status = 'open', snoozed_until = NULL, \
             waiting_since = COALESCE(waiting_since, $4), \
             window_until = CASE WHEN window_until IS NULL OR window_until < $3 THEN $3 ELSE window_until END \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, window_until, tx.now()],
    )?;
    note(tx, FactKind::ConversationUpdated, id, contact)
}

/// Notes that a conversation is another contact's now, or shown as another's.
pub(crate) fn note_updated(tx: &Tx<'_>, id: ConversationId, contact: ContactId) -> Result<()> {
    note(tx, FactKind::ConversationUpdated, id, contact)
}

/// Notes that a conversation changed.
fn note(tx: &Tx<'_>, kind: FactKind, id: ConversationId, contact: ContactId) -> Result<()> {
    facts::record(tx, kind, About { conversation: Some(id), contact: Some(contact), ..About::default() }).map(|_| ())
}
