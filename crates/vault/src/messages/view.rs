//! Messages as members see them.

use super::{Body, Direction, Price, State};
use crate::attachments::{self, Attachment};
use crate::reactions::{self, Reaction};
use crate::sealing::Place;
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{ConversationId, Error, MemberId, MessageId, Millis, Personal, Result, Tx};

/// Who wrote a message, with a name where one is known.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Author {
    pub kind: String,
    pub id: Option<String>,
    pub name: Option<Personal<String>>,
}

/// A message as members see it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub seq: i64,
    pub direction: Direction,
    pub author: Author,
    /// `None` if it was removed, or its contact's content erased.
    pub body: Option<Personal<Body>>,
    pub attachments: Vec<Attachment>,
    pub reactions: Vec<Reaction>,
    pub state: State,
    pub failure: Option<(String, Personal<String>)>,
    pub reply_to: Option<MessageId>,
    pub edited_at: Option<Millis>,
    pub removed_at: Option<Millis>,
    pub written_at: Millis,
    pub created_at: Millis,
    /// What the provider charges for it, once it has said so.
    pub price: Option<Price>,
    /// Of a note: whom it names.
    pub mentions: Vec<MemberId>,
}

struct Stored {
    message: Message,
    body_sealed: Option<Vec<u8>>,
    failure_code: Option<String>,
    failure_sealed: Option<Vec<u8>>,
}

fn read(row: &Row<'_>) -> Result<Stored> {
    let message = Message {
        id: row.get(0)?,
        conversation: row.get(1)?,
        seq: row.get(2)?,
        direction: Direction::parse(&row.text(3)?)?,
        author: Author { kind: row.text(4)?, id: row.get(5)?, name: None },
        body: None,
        attachments: Vec::new(),
        reactions: Vec::new(),
        state: State::parse(&row.text(7)?).ok_or_else(|| Error::Engine("a stored state is unknown".into()))?,
        failure: None,
        reply_to: optional(row, 10)?,
        edited_at: row.get(11)?,
        removed_at: row.get(12)?,
        written_at: row.get(13)?,
        created_at: row.get(14)?,
        price: price(row)?,
        mentions: Vec::new(),
    };
    Ok(Stored { message, body_sealed: row.get(6)?, failure_code: row.get(8)?, failure_sealed: row.get(9)? })
}

fn price(row: &Row<'_>) -> Result<Option<Price>> {
    let (category, billable): (Option<String>, Option<bool>) = (row.get(15)?, row.get(16)?);
    Ok(category.map(|category| Price { category, billable: billable.unwrap_or(true) }))
}

fn complete(tx: &Tx<'_>, stored: Stored) -> Result<Message> {
    let Stored { mut message, body_sealed, failure_code, failure_sealed } = stored;
    let row = message.id.to_string();
    message.body = open_body(tx, message.id, body_sealed)?;
    let detail = match failure_sealed {
        Some(sealed) => tx.open_text(Place { table: "messages", column: "failure_sealed", row: &row }, &sealed)?,
        None => None,
    };
    message.failure = failure_code.map(|code| (code, detail.unwrap_or_default()));
    // What is taken back is shown no more, although a legal hold may keep it.
    if message.removed_at.is_none() {
        message.attachments = attachments::of(tx, message.id)?;
    }
    message.reactions = reactions::of(tx, message.id)?;
    if message.direction == Direction::Note {
        message.mentions = crate::mentions::of(tx, message.id)?;
    }
    show_author(tx, &mut message.author)?;
    show_reactors(tx, &mut message.reactions)?;
    Ok(message)
}

fn show_author(tx: &Tx<'_>, author: &mut Author) -> Result<()> {
    let id = author.id.as_deref().unwrap_or("");
    match author.kind.as_str() {
        "contact" => {
            let Ok(contact) = id.parse() else { return Ok(()) };
            let (standing, name) = crate::contacts::shown(tx, contact)?;
            (author.id, author.name) = (Some(standing.to_string()), name);
        }
        "member" => author.name = id.parse().map_or(Ok(None), |id| crate::members::name(tx, id))?,
        _ => {}
    }
    Ok(())
}

/// Contacts who are one have one reaction, the newest of theirs.
fn show_reactors(tx: &Tx<'_>, reactions: &mut Vec<Reaction>) -> Result<()> {
    for reaction in reactions.iter_mut().filter(|reaction| reaction.author_kind == "contact") {
        let Ok(contact) = reaction.author_id.parse() else { continue };
        reaction.author_id = crate::merges::standing(tx, contact)?.to_string();
    }
    let mut seen = std::collections::HashSet::new();
    let mut newest: Vec<_> = std::mem::take(reactions);
    newest.reverse();
    newest.retain(|reaction| seen.insert((reaction.author_kind.clone(), reaction.author_id.clone())));
    newest.reverse();
    *reactions = newest;
    Ok(())
}

/// Opens a body cell.
pub(super) fn open_body(tx: &Tx<'_>, id: MessageId, sealed: Option<Vec<u8>>) -> Result<Option<Personal<Body>>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let row = id.to_string();
    let Some(plain) = tx.open(Place { table: "messages", column: "body_sealed", row: &row }, &sealed)? else {
        return Ok(None);
    };
    serde_json::from_slice(&plain).map(|body| Some(Personal::new(body))).map_err(|_| Error::Seal("a body is not JSON"))
}

/// One message, unless its contact was erased.
pub fn view(tx: &Tx<'_>, id: MessageId) -> Result<Message> {
    let stored = tx.maybe(
        sql!(
            "SELECT m.id, m.conversation_id, m.seq, m.direction, m.author_kind, m.author_id, m.body_sealed, m.state, \
             m.failure_code, m.failure_sealed, m.reply_to, m.edited_at, m.removed_at, m.written_at, m.created_at, \
             m.price_category, m.billable \
             FROM messages m WHERE m.workspace_id = $1 AND m.id = $2 AND NOT EXISTS (SELECT 1 FROM contacts p \
             WHERE p.workspace_id = $1 AND p.id = m.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![id],
        read,
    )?;
    complete(tx, stored.ok_or(Error::NotFound("message"))?)
}

/// Up to `limit` messages before (or without `before` at the end of) a conversation, newest last.
pub fn list(tx: &Tx<'_>, conversation: ConversationId, before: Option<i64>, limit: i64) -> Result<Vec<Message>> {
    let mut stored = tx.all(
        sql!(
            "SELECT m.id, m.conversation_id, m.seq, m.direction, m.author_kind, m.author_id, m.body_sealed, m.state, \
             m.failure_code, m.failure_sealed, m.reply_to, m.edited_at, m.removed_at, m.written_at, m.created_at, \
             m.price_category, m.billable \
             FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.seq < $3 \
             AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = m.contact_id \
             AND p.erased_at IS NOT NULL) ORDER BY m.seq DESC LIMIT $4"
        ),
        params![conversation, before.unwrap_or(i64::MAX), limit],
        read,
    )?;
    stored.reverse();
    stored.into_iter().map(|stored| complete(tx, stored)).collect()
}

/// Up to `limit` messages after one, by its place in the conversation's order; newest last.
pub fn list_after(tx: &Tx<'_>, conversation: ConversationId, after: i64, limit: i64) -> Result<Vec<Message>> {
    let stored = tx.all(
        sql!(
            "SELECT m.id, m.conversation_id, m.seq, m.direction, m.author_kind, m.author_id, m.body_sealed, m.state, \
             m.failure_code, m.failure_sealed, m.reply_to, m.edited_at, m.removed_at, m.written_at, m.created_at, \
             m.price_category, m.billable \
             FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.seq > $3 \
             AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = m.contact_id \
             AND p.erased_at IS NOT NULL) ORDER BY m.seq LIMIT $4"
        ),
        params![conversation, after, limit],
        read,
    )?;
    stored.into_iter().map(|stored| complete(tx, stored)).collect()
}

/// Up to `limit` messages with one in the middle, newest last.
///
/// # Errors
/// [`Error::NotFound`] if the message is not in the conversation.
pub fn list_around(tx: &Tx<'_>, conversation: ConversationId, middle: MessageId, limit: i64) -> Result<Vec<Message>> {
    let seq = tx.maybe(
        sql!("SELECT seq FROM messages WHERE workspace_id = $1 AND id = $2 AND conversation_id = $3"),
        params![middle, conversation],
        |row| row.get::<i64>(0),
    )?;
    let seq = seq.ok_or(Error::NotFound("message"))?;
    let newer = list_after(tx, conversation, seq, limit / 2)?;
    let room = limit - i64::try_from(newer.len()).unwrap_or(0);
    let mut all = list(tx, conversation, Some(seq + 1), room)?;
    all.extend(newer);
    Ok(all)
}

/// The place of a conversation's last message in its order; 0 before the first.
pub fn last_seq(tx: &Tx<'_>, conversation: ConversationId) -> Result<i64> {
    let last = tx.maybe(
        sql!("SELECT message_seq FROM conversations WHERE workspace_id = $1 AND id = $2"),
        params![conversation],
        |row| row.get(0),
    )?;
    Ok(last.unwrap_or(0))
}
