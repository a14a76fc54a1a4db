//! Messages as the search index takes them in: a whole step of them with two statements.

use std::collections::HashMap;

use super::{Body, Direction};
use crate::sealing::{Opened, Place};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{ChannelId, ContactId, ConversationId, MessageId, Millis, Personal, Result, Tx};

/// A message that waits for the index.
pub(crate) struct Waiting {
    pub(crate) id: MessageId,
    /// Its mark, to be handed back when it was taken in.
    pub(crate) mark: i64,
    pub(crate) content: Content,
}

/// What there is to find of a message.
pub(crate) enum Content {
    Written(Box<Written>),
    /// It is not there any more, or says nothing.
    Nothing,
    /// It was altered and does not open.
    Damaged,
}

/// What the index needs of a message.
pub(crate) struct Written {
    pub(crate) conversation: ConversationId,
    pub(crate) contact: ContactId,
    pub(crate) channel: ChannelId,
    pub(crate) direction: Direction,
    pub(crate) created_at: Millis,
    /// It was never changed: unless it was marked anew, it is taken in for the first time.
    pub(crate) unchanged: bool,
    pub(crate) body: Personal<Body>,
    /// Its files' names.
    pub(crate) names: Vec<Personal<String>>,
}

/// A file's id, and its sealed name.
type SealedName = (String, Vec<u8>);

struct Stored {
    id: MessageId,
    mark: i64,
    /// `None` if it is not there any more, or its contact was erased.
    head: Option<Head>,
    body_sealed: Option<Vec<u8>>,
}

struct Head {
    conversation: ConversationId,
    contact: ContactId,
    channel: ChannelId,
    direction: Direction,
    created_at: Millis,
    unchanged: bool,
}

/// Messages that wait for the index, at most `limit`, the newest first: they are found soon, however much waits.
pub(crate) fn waiting(tx: &Tx<'_>, limit: i64) -> Result<Vec<Waiting>> {
    let stored = tx.all(
        // A message's mark is named by its id, a contact's by the contact's: the key alone finds and orders them.
        sql!(
            "SELECT w.message_id, w.at, m.conversation_id, m.contact_id, m.channel_id, m.direction, m.created_at, \
             m.body_sealed, m.edited_at IS NULL FROM (SELECT message_id, at FROM index_pending WHERE workspace_id = $1 AND act = 'write' \
             AND message_id >= 'msg_' ORDER BY message_id DESC LIMIT $2) w \
             LEFT JOIN messages m ON m.workspace_id = $1 AND m.id = w.message_id AND NOT EXISTS \
             (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = m.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![limit],
        read,
    )?;
    let mut names = names(tx, limit)?;
    stored.into_iter().map(|stored| open(tx, stored, &mut names)).collect()
}

fn read(row: &Row<'_>) -> Result<Stored> {
    let head = match optional(row, 2)? {
        None => None,
        Some(conversation) => Some(Head {
            conversation,
            contact: row.get(3)?,
            channel: row.get(4)?,
            direction: Direction::parse(&row.text(5)?)?,
            created_at: row.get(6)?,
            unchanged: row.get(8)?,
        }),
    };
    Ok(Stored { id: row.get(0)?, mark: row.get(1)?, head, body_sealed: row.get(7)? })
}

/// The sealed names of the files of those messages, with the files' ids.
fn names(tx: &Tx<'_>, limit: i64) -> Result<HashMap<MessageId, Vec<SealedName>>> {
    let stored = tx.all(
        sql!(
            "SELECT a.message_id, a.id, a.name_sealed FROM (SELECT message_id FROM index_pending \
             WHERE workspace_id = $1 AND act = 'write' AND message_id >= 'msg_' ORDER BY message_id DESC LIMIT $2) w \
             JOIN attachments a ON a.workspace_id = $1 AND a.message_id = w.message_id \
             WHERE a.name_sealed IS NOT NULL ORDER BY a.message_id, a.position, a.id"
        ),
        params![limit],
        |row| Ok((row.get::<MessageId>(0)?, (row.text(1)?, row.get::<Vec<u8>>(2)?))),
    )?;
    let mut names: HashMap<_, Vec<_>> = HashMap::new();
    for (message, name) in stored {
        names.entry(message).or_default().push(name);
    }
    Ok(names)
}

fn open(tx: &Tx<'_>, stored: Stored, names: &mut HashMap<MessageId, Vec<SealedName>>) -> Result<Waiting> {
    let Stored { id, mark, head, body_sealed } = stored;
    let content = match (head, body_sealed) {
        (Some(head), Some(sealed)) => content(tx, id, &head, &sealed, names.remove(&id).unwrap_or_default())?,
        _ => Content::Nothing,
    };
    Ok(Waiting { id, mark, content })
}

/// An altered cell is no error: it must not keep other messages from being found, or forgotten.
fn content(tx: &Tx<'_>, id: MessageId, head: &Head, sealed: &[u8], files: Vec<SealedName>) -> Result<Content> {
    let row = id.to_string();
    let body = match tx.open_or_damaged(Place { table: "messages", column: "body_sealed", row: &row }, sealed)? {
        Opened::Plain(plain) => serde_json::from_slice::<Body>(&plain),
        Opened::KeyGone => return Ok(Content::Nothing),
        Opened::Damaged => return Ok(Content::Damaged),
    };
    let Ok(body) = body.map(Personal::new) else { return Ok(Content::Damaged) };
    let mut names = Vec::with_capacity(files.len());
    for (file, sealed) in files {
        let place = Place { table: "attachments", column: "name_sealed", row: &file };
        if let Opened::Plain(name) = tx.open_or_damaged(place, &sealed)? {
            names.extend(String::from_utf8(name).ok().map(Personal::new));
        }
    }
    let Head { conversation, contact, channel, direction, created_at, unchanged } = *head;
    let written = Written { conversation, contact, channel, direction, created_at, unchanged, body, names };
    Ok(Content::Written(Box::new(written)))
}
