//! Messages: what was said in a conversation, in the order of the conversation's counter.

mod arrival;
mod before;
mod body;
mod fold;
pub(crate) mod indexed;
mod kept;
mod news;
mod reached;
mod state;
#[cfg(test)]
mod tests;
mod view;
mod whole;

pub use arrival::arrive;
pub use before::before;
pub use body::{Body, Button, Card, List, Origin, Place, Row, Section, TemplateUse};
pub use fold::fold;
pub use news::{Price, explain, last_incoming, note_price, ordered_by_nobody};
pub use reached::behind;
pub use state::State;
pub use view::{Author, Message, last_seq, list, list_after, list_around, view};
pub use whole::complete;

use crate::facts::{self, About, FactKind};
use crate::sealing::{self, Under};
use crate::statement::sql;
use crate::value::{optional, params};
use crate::{ChannelId, ContactId, ConversationId, Error, MemberId, MessageId, Millis, Personal, Result, Tx};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum Direction {
    Incoming,
    Outgoing,
    Note,
}

impl Direction {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
            Self::Note => "note",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::Incoming, Self::Outgoing, Self::Note]
            .into_iter()
            .find(|direction| direction.as_str() == text)
            .ok_or_else(|| Error::Engine("a stored direction is unknown".into()))
    }
}

/// Who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum Writer {
    Contact(ContactId),
    Member(MemberId),
    Automation,
    System,
}

impl Writer {
    fn kind(self) -> &'static str {
        match self {
            Self::Contact(_) => "contact",
            Self::Member(_) => "member",
            Self::Automation => "automation",
            Self::System => "system",
        }
    }

    fn id(self) -> Option<String> {
        match self {
            Self::Contact(id) => Some(id.to_string()),
            Self::Member(id) => Some(id.to_string()),
            Self::Automation | Self::System => None,
        }
    }
}

/// A message to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewMessage {
    pub conversation: ConversationId,
    pub channel: ChannelId,
    /// Whose content this is: the author, or for what we write the conversation's contact.
    pub contact: ContactId,
    pub direction: Direction,
    pub writer: Writer,
    pub body: Personal<Body>,
    pub reply_to: Option<MessageId>,
    pub state: State,
    /// When it was written: the provider's time for what came in.
    pub written_at: Millis,
}

/// The row that state changes, edits and deliveries work on.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Head {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub channel: ChannelId,
    pub contact: ContactId,
    pub direction: Direction,
    pub state: State,
    pub failure: Option<String>,
    pub reply_to: Option<MessageId>,
    pub removed: bool,
}

/// Records a message as the conversation's next, with its fact and its place in the search index.
pub fn record(tx: &Tx<'_>, new: &NewMessage) -> Result<(MessageId, i64)> {
    let id: MessageId = tx.id();
    let answers = new.direction == Direction::Outgoing;
    let seq = crate::conversations::next_message(tx, new.conversation, id, answers)?;
    let sealed = seal_body(tx, id, new.contact, new.channel, &new.body)?;
    insert(tx, new, (id, seq), sealed, None)?;
    crate::indexing::pend(tx, id, new.contact)?;
    note(tx, FactKind::MessageCreated, new.conversation, id, new.contact)?;
    Ok((id, seq))
}

fn insert(
    tx: &Tx<'_>,
    new: &NewMessage,
    (id, seq): (MessageId, i64),
    body: Vec<u8>,
    remote: Option<Vec<u8>>,
) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO messages (workspace_id, id, conversation_id, seq, channel_id, contact_id, direction, author_kind, \
             author_id, body_sealed, remote_sealed, reply_to, state, written_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ),
        params![
            id, new.conversation, seq, new.channel, new.contact, new.direction.as_str(), new.writer.kind(),
            new.writer.id(), body, remote, new.reply_to, new.state.as_str(), new.written_at, tx.now(),
        ],
    )?;
    Ok(())
}

fn json(body: &Personal<Body>) -> Result<Vec<u8>> {
    serde_json::to_vec(body.reveal()).map_err(|_| Error::Invalid("a body cannot be written as JSON".into()))
}

/// Whether a machine wrote it.
fn is_automatic(body: &Personal<Body>) -> bool {
    body.reveal().automatic
}

fn seal_body(
    tx: &Tx<'_>,
    id: MessageId,
    contact: ContactId,
    channel: ChannelId,
    body: &Personal<Body>,
) -> Result<Vec<u8>> {
    let row = id.to_string();
    let place = sealing::Place { table: "messages", column: "body_sealed", row: &row };
    tx.seal(Under::ContactOn(contact, channel), place, &json(body)?)
}

fn note(
    tx: &Tx<'_>,
    kind: FactKind,
    conversation: ConversationId,
    message: MessageId,
    contact: ContactId,
) -> Result<()> {
    let about =
        About { conversation: Some(conversation), message: Some(message), contact: Some(contact), member: None };
    facts::record(tx, kind, about).map(|_| ())
}

/// The row that changes work on; an erased contact has none any more.
pub fn head(tx: &Tx<'_>, id: MessageId) -> Result<Head> {
    let row = tx.maybe(
        sql!(
            "SELECT m.conversation_id, m.channel_id, m.contact_id, m.direction, m.state, m.failure_code, m.reply_to, \
             m.removed_at IS NOT NULL FROM messages m WHERE m.workspace_id = $1 AND m.id = $2 AND NOT EXISTS \
             (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = m.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![id],
        |row| {
            let state = State::parse(&row.text(4)?).ok_or_else(|| Error::Engine("a stored state is unknown".into()))?;
            Ok(Head {
                id,
                conversation: row.get(0)?,
                channel: row.get(1)?,
                contact: row.get(2)?,
                direction: Direction::parse(&row.text(3)?)?,
                state,
                failure: row.get(5)?,
                reply_to: optional(row, 6)?,
                removed: row.get(7)?,
            })
        },
    )?;
    row.ok_or(Error::NotFound("message"))
}

/// Why a message failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// A stable code.
    pub code: &'static str,
    /// Words for the member: what, and what to do.
    pub detail: String,
}

/// Moves a message's state forward; `false` if that would be backwards or no news.
pub fn advance(tx: &Tx<'_>, id: MessageId, to: State, at: Millis, failure: Option<(&str, &str)>) -> Result<bool> {
    let head = head(tx, id)?;
    let doubtful = head.failure.as_deref() == Some(crate::outbox::OUTCOME_UNKNOWN);
    let may = head.state.may_become(to, doubtful);
    #[cfg(any(test, feature = "testing"))]
    let may = may || tx.has(crate::testing::planted::Planted::StateGoesBack);
    if !may {
        return Ok(false);
    }
    let row = id.to_string();
    let detail = failure.map(|(_, detail)| {
        let place = sealing::Place { table: "messages", column: "failure_sealed", row: &row };
        tx.seal(Under::ContactOn(head.contact, head.channel), place, detail.as_bytes())
    });
    tx.run(
        sql!(
            "UPDATE messages SET state = $3, failure_code = $4, failure_sealed = $5, \
             sent_at = COALESCE(sent_at, CASE WHEN $3 <> 'failed' THEN CAST($6 AS BIGINT) END), \
             delivered_at = COALESCE(delivered_at, CASE WHEN $3 = 'delivered' OR $3 = 'read' THEN CAST($6 AS BIGINT) END), \
             read_at = COALESCE(read_at, CASE WHEN $3 = 'read' THEN CAST($6 AS BIGINT) END), \
             failed_at = CASE WHEN $3 = 'failed' THEN CAST($6 AS BIGINT) END \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, to.as_str(), failure.map(|(code, _)| code), detail.transpose()?, at],
    )?;
    note(tx, FactKind::MessageUpdated, head.conversation, id, head.contact)?;
    Ok(true)
}

/// When a message failed, if it did.
pub fn failed_at(tx: &Tx<'_>, id: MessageId) -> Result<Option<Millis>> {
    let found =
        tx.maybe(sql!("SELECT failed_at FROM messages WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get(0)
        })?;
    Ok(found.flatten())
}

/// Puts a failed message back in the queue at a member's order.
pub fn requeue(tx: &Tx<'_>, id: MessageId) -> Result<Head> {
    let head = head(tx, id)?;
    if head.state != State::Failed || head.direction != Direction::Outgoing {
        return Err(Error::conflict("not_failed", "only a message that failed can be sent again"));
    }
    if head.removed {
        return Err(Error::conflict("removed", "this message was taken back: write a new one"));
    }
    tx.run(
        sql!(
            "UPDATE messages SET state = 'queued', failure_code = NULL, failure_sealed = NULL \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
    )?;
    note(tx, FactKind::MessageUpdated, head.conversation, id, head.contact)?;
    Ok(head)
}

/// What we sent in a conversation and is not yet read, up to a message (or all), oldest first.
pub fn unread_outgoing(tx: &Tx<'_>, conversation: ConversationId, up_to: Option<MessageId>) -> Result<Vec<MessageId>> {
    tx.all(
        sql!(
            "SELECT id FROM messages WHERE workspace_id = $1 AND conversation_id = $2 AND direction = 'outgoing' \
             AND (state = 'sent' OR state = 'delivered') AND (CAST($3 AS TEXT) IS NULL OR seq <= \
             (SELECT m.seq FROM messages m WHERE m.workspace_id = $1 AND m.id = $3)) ORDER BY seq LIMIT 200"
        ),
        params![conversation, up_to],
        |row| row.get(0),
    )
}

/// Replaces what a message says. An edit older than the last one is ignored.
pub fn edit(tx: &Tx<'_>, id: MessageId, body: &Personal<Body>, at: Millis) -> Result<bool> {
    let head = head(tx, id)?;
    if head.removed {
        return Ok(false);
    }
    let sealed = seal_body(tx, id, head.contact, head.channel, body)?;
    #[cfg(any(test, feature = "testing"))]
    let at = if tx.has(crate::testing::planted::Planted::OldEditWins) { Millis::MAX } else { at };
    let changed = tx.run(
        sql!(
            "UPDATE messages SET body_sealed = $3, edited_at = $4 WHERE workspace_id = $1 AND id = $2 \
             AND (edited_at IS NULL OR edited_at <= $4)"
        ),
        params![id, sealed, at],
    )?;
    if changed == 1 {
        crate::indexing::pend(tx, id, head.contact)?;
        note(tx, FactKind::MessageUpdated, head.conversation, id, head.contact)?;
    }
    Ok(changed == 1)
}

/// Removes what a message said, and its files; the row stays as a mark that something was here. While a legal hold covers it,
/// nobody sees it any more, and it is kept: it goes when the hold does (D-5).
pub fn remove(tx: &Tx<'_>, id: MessageId, at: Millis) -> Result<bool> {
    let head = head(tx, id)?;
    if head.removed {
        return Ok(false);
    }
    if crate::holds::covers_conversation(tx, head.conversation)? {
        kept::keep(tx, &head)?;
    } else {
        crate::attachments::drop_of(tx, id)?;
    }
    tx.run(
        sql!("UPDATE messages SET body_sealed = NULL, removed_at = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, at],
    )?;
    crate::mentions::drop_of(tx, id)?;
    crate::indexing::pend(tx, id, head.contact)?;
    note(tx, FactKind::MessageUpdated, head.conversation, id, head.contact)?;
    Ok(true)
}

/// Marks a message as changed: a reaction came, a file was fetched.
pub fn changed(tx: &Tx<'_>, id: MessageId) -> Result<()> {
    let head = head(tx, id)?;
    note(tx, FactKind::MessageUpdated, head.conversation, id, head.contact)
}

/// What a message says, opened; `None` if removed or erased.
pub fn body(tx: &Tx<'_>, id: MessageId) -> Result<Option<Personal<Body>>> {
    let sealed =
        tx.maybe(sql!("SELECT body_sealed FROM messages WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Option<Vec<u8>>>(0)
        })?;
    view::open_body(tx, id, sealed.ok_or(Error::NotFound("message"))?)
}
