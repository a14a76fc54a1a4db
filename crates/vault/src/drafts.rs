//! Drafts: what a member has begun to write in a conversation, the same on all of their devices and seen by nobody else.
//! One per member and conversation, sealed under the key of the conversation's contact.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{
    AttachmentId, ConversationId, Cursor, DraftId, Error, MemberId, MessageId, Millis, Page, Personal, Result, Tx,
    attachments, conversations, members, mentions, messages,
};

/// The longest text of a draft, in characters.
const TEXT_MAX: usize = 100_000;
/// The most files of a draft.
const FILES_MAX: usize = 10;

/// What was begun.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Begun {
    pub text: String,
    /// What it is to be about; none: what the conversation is about goes on.
    #[serde(default)]
    pub subject: Option<String>,
    /// To be seen by members alone.
    pub note: bool,
    pub reply_to: Option<MessageId>,
    /// Uploaded files.
    pub attachments: Vec<AttachmentId>,
    /// Whom a note is to name.
    #[serde(default)]
    pub mentions: Vec<MemberId>,
}

impl Begun {
    fn is_nothing(&self) -> bool {
        self.text.is_empty() && self.subject.is_none() && self.attachments.is_empty() && self.reply_to.is_none()
    }
}

/// A draft.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Draft {
    pub id: DraftId,
    pub conversation: ConversationId,
    pub begun: Personal<Begun>,
    pub updated_at: Millis,
}

/// Keeps what a member has begun, in the place of what was kept before. Nothing begun is no draft.
///
/// # Errors
/// [`Error::Invalid`] if it is too much; [`Error::NotFound`] if a file or the conversation is not there.
pub fn keep(tx: &Tx<'_>, conversation: ConversationId, member: MemberId, begun: &Personal<Begun>) -> Result<()> {
    let head = conversations::head(tx, conversation)?;
    if begun.reveal().is_nothing() {
        return drop_draft(tx, conversation, member);
    }
    let inside = begun.reveal();
    if inside.text.chars().count() > TEXT_MAX || inside.attachments.len() > FILES_MAX {
        return Err(Error::Invalid(format!("a draft has at most {TEXT_MAX} characters and {FILES_MAX} files")));
    }
    names_its_own(tx, conversation, inside)?;
    let id = match found(tx, conversation, member)? {
        Some(id) => id,
        None => tx.id(),
    };
    attachments::hold(tx, &inside.attachments, &id.to_string(), (head.contact, head.channel))?;
    let row = id.to_string();
    let json = serde_json::to_vec(inside).map_err(|_| Error::Invalid("a draft cannot be written as JSON".into()))?;
    let sealed = tx.seal(Under::ContactOn(head.contact, head.channel), place(&row), &json)?;
    tx.run(
        sql!(
            "INSERT INTO drafts (workspace_id, id, conversation_id, contact_id, channel_id, member_id, body_sealed, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, id) DO UPDATE SET \
             contact_id = excluded.contact_id, channel_id = excluded.channel_id, body_sealed = excluded.body_sealed, \
             updated_at = excluded.updated_at"
        ),
        params![id, conversation, head.contact, head.channel, member, sealed, tx.now()],
    )?;
    Ok(())
}

/// Refuses members of nowhere, and a message that is not of the conversation.
fn names_its_own(tx: &Tx<'_>, conversation: ConversationId, begun: &Begun) -> Result<()> {
    if begun.mentions.len() > mentions::MOST {
        return Err(Error::Invalid(format!("mention_ids: at most {}", mentions::MOST)));
    }
    for member in &begun.mentions {
        members::standing(tx, *member)?.ok_or(Error::NotFound("member"))?;
    }
    match begun.reply_to.map(|message| messages::view(tx, message)).transpose()? {
        Some(message) if message.conversation != conversation => Err(Error::NotFound("message")),
        Some(_) | None => Ok(()),
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "drafts", column: "body_sealed", row }
}

fn found(tx: &Tx<'_>, conversation: ConversationId, member: MemberId) -> Result<Option<DraftId>> {
    tx.maybe(
        sql!("SELECT id FROM drafts WHERE workspace_id = $1 AND conversation_id = $2 AND member_id = $3"),
        params![conversation, member],
        |row| row.get(0),
    )
}

/// A member's draft in a conversation.
///
/// # Errors
/// [`Error::NotFound`] if there is no such conversation.
pub fn of(tx: &Tx<'_>, conversation: ConversationId, member: MemberId) -> Result<Option<Draft>> {
    conversations::head(tx, conversation)?;
    let stored = tx.maybe(
        sql!(
            "SELECT id, conversation_id, body_sealed, updated_at FROM drafts WHERE workspace_id = $1 \
             AND conversation_id = $2 AND member_id = $3"
        ),
        params![conversation, member],
        read,
    )?;
    stored.map(|stored| open(tx, stored)).transpose().map(Option::flatten)
}

type Stored = (DraftId, ConversationId, Vec<u8>, Millis);

fn read(row: &Row<'_>) -> Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn open(tx: &Tx<'_>, (id, conversation, sealed, updated_at): Stored) -> Result<Option<Draft>> {
    let row = id.to_string();
    let Some(plain) = tx.open(place(&row), &sealed)? else { return Ok(None) };
    let begun: Begun = serde_json::from_slice(&plain).map_err(|_| Error::Seal("a draft is not JSON"))?;
    Ok(Some(Draft { id, conversation, begun: Personal::new(begun), updated_at }))
}

/// The files of a draft.
pub fn files(begun: &Personal<Begun>) -> Vec<AttachmentId> {
    begun.reveal().attachments.clone()
}

/// A member's own drafts, the newest first.
pub fn list(tx: &Tx<'_>, member: MemberId, after: Option<&Cursor>, limit: i64) -> Result<Page<Draft>> {
    let (key, id) = after.map_or((i64::MAX, "e"), |cursor| (cursor.key, cursor.id.as_str()));
    let rows = tx.all(
        sql!(
            "SELECT d.id, d.conversation_id, d.body_sealed, d.updated_at FROM drafts d WHERE d.workspace_id = $1 \
             AND d.member_id = $2 AND d.updated_at <= $3 AND (d.updated_at < $3 OR d.id < $4) AND NOT EXISTS \
             (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = d.contact_id AND p.erased_at IS NOT NULL) \
             ORDER BY d.updated_at DESC, d.id DESC LIMIT $5"
        ),
        params![member, key, id, limit + 1],
        read,
    )?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let page = Page::from_overfull(rows, limit, |(id, _, _, at)| Cursor { key: *at, id: id.to_string() });
    let opened = page.data.into_iter().map(|stored| open(tx, stored)).collect::<Result<Vec<_>>>()?;
    Ok(Page { data: opened.into_iter().flatten().collect(), next: page.next })
}

/// Takes a member's draft away because it was written: a note's where a note was, a message's where a message was.
pub fn written(tx: &Tx<'_>, conversation: ConversationId, member: MemberId, note: bool) -> Result<()> {
    match of(tx, conversation, member)? {
        Some(draft) if draft.begun.reveal().note == note => drop_draft(tx, conversation, member),
        Some(_) | None => Ok(()),
    }
}

/// Takes a member's draft away: it was written, or given up. Its files, if no message has them, go in a day.
pub fn drop_draft(tx: &Tx<'_>, conversation: ConversationId, member: MemberId) -> Result<()> {
    let Some(id) = found(tx, conversation, member)? else { return Ok(()) };
    tx.run(sql!("DELETE FROM drafts WHERE workspace_id = $1 AND id = $2"), params![id])?;
    attachments::release(tx, &id.to_string())
}
