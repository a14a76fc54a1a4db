//! What is to be sent later: at a moment that a member chose, or after some seconds in which it can be taken back. It exists
//! here alone until its time; then the engine writes the message, in the transaction in which this row stops waiting. So it
//! is sent once, whatever dies in between.

use crate::conversations::{self, AHEAD_MAX, Status};
use crate::facts::{self, About, FactKind};
use crate::jobs::{self, JobKind};
use crate::members::MemberState;
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{
    AttachmentId, ContactId, ConversationId, Cursor, Error, MemberId, MessageId, Millis, Page, Personal, Result, Right,
    ScheduledId, Tx, attachments,
};

/// How long what was sent is remembered, in milliseconds: as long as an idempotent answer.
const KEPT_MS: Millis = crate::idempotency::KEPT_MS;
/// The most that can wait in one conversation.
const WAITING_MAX: i64 = 100;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum State {
    Waiting,
    Failed,
    Sent,
}

const STATES: [(State, &str); 3] = [(State::Waiting, "waiting"), (State::Failed, "failed"), (State::Sent, "sent")];

impl State {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(text: &str) -> Result<Self> {
        let found = STATES.iter().find(|(_, word)| *word == text).map(|(state, _)| *state);
        found.ok_or_else(|| Error::Engine("a stored state of what is sent later is unknown".into()))
    }
}

/// What becomes of the conversation once it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Then {
    pub status: Status,
    /// Of a snooze: until when.
    pub until: Option<Millis>,
}

/// What is to be sent later.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct New {
    pub conversation: ConversationId,
    pub member: MemberId,
    /// Held back for seconds, so that it can be taken back.
    pub held: bool,
    pub send_at: Millis,
    /// What, in the engine's own words.
    pub content: Personal<String>,
    pub attachments: Vec<AttachmentId>,
    pub then: Option<Then>,
}

/// The same as it is kept.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Scheduled {
    pub id: ScheduledId,
    pub conversation: ConversationId,
    pub member: MemberId,
    pub state: State,
    pub held: bool,
    pub send_at: Millis,
    /// `None` once it is sent.
    pub content: Option<Personal<String>>,
    pub then: Option<Then>,
    /// A stable code, and words for the member.
    pub failure: Option<(String, Personal<String>)>,
    /// What came of it.
    pub message: Option<MessageId>,
    pub created_at: Millis,
    contact: ContactId,
}

/// Orders something to be sent later.
///
/// # Errors
/// [`Error::Invalid`] beyond a year; `limit_reached` if too much waits in the conversation.
pub fn order(tx: &Tx<'_>, new: &New) -> Result<ScheduledId> {
    let head = conversations::head(tx, new.conversation)?;
    check_moment(tx, new.send_at)?;
    check_then(tx, new.then)?;
    let waiting = tx.maybe(
        sql!("SELECT COUNT(*) FROM scheduled WHERE workspace_id = $1 AND conversation_id = $2 AND state <> 'sent'"),
        params![new.conversation],
        |row| row.get::<i64>(0),
    )?;
    if waiting.unwrap_or(0) >= WAITING_MAX {
        return Err(Error::conflict("limit_reached", "at most 100 messages can wait in one conversation"));
    }
    let id: ScheduledId = tx.id();
    let row = id.to_string();
    attachments::hold(tx, &new.attachments, &row, (head.contact, head.channel))?;
    let sealed =
        tx.seal_text(Under::ContactOn(head.contact, head.channel), place("content_sealed", &row), &new.content)?;
    tx.run(
        sql!(
            "INSERT INTO scheduled (workspace_id, id, conversation_id, contact_id, channel_id, member_id, state, held, send_at, \
             content_sealed, then_status, then_until, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $10, $11, $12, $12)"
        ),
        params![
            id,
            new.conversation,
            head.contact,
            head.channel,
            new.member,
            new.held,
            new.send_at,
            sealed,
            new.then.map(|then| then.status.as_str()),
            new.then.and_then(|then| then.until),
            tx.now(),
        ],
    )?;
    jobs::enqueue(tx, JobKind::SendScheduled, &row, new.send_at)?;
    note(tx, new.conversation, head.contact, new.member)?;
    Ok(id)
}

fn check_moment(tx: &Tx<'_>, at: Millis) -> Result<()> {
    if at < tx.now() {
        return Err(Error::Invalid("send_at: a moment to come".into()));
    }
    if at > tx.now() + AHEAD_MAX { Err(Error::Invalid("send_at: at most a year ahead".into())) } else { Ok(()) }
}

/// What the conversation could never become would keep the message from being sent, and all that wait behind it.
fn check_then(tx: &Tx<'_>, then: Option<Then>) -> Result<()> {
    match then.and_then(|then| then.until) {
        Some(until) if until > tx.now() + AHEAD_MAX => {
            Err(Error::Invalid("then_snoozed_until: at most a year ahead".into()))
        }
        _ => Ok(()),
    }
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "scheduled", column, row }
}

/// Something waits, fails or is gone: whoever shows it reads it anew.
fn note(tx: &Tx<'_>, conversation: ConversationId, contact: ContactId, member: MemberId) -> Result<()> {
    let about =
        About { conversation: Some(conversation), contact: Some(contact), member: Some(member), ..About::default() };
    facts::record(tx, FactKind::ScheduledUpdated, about).map(|_| ())
}

/// What changes of it: `None` leaves as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Change {
    /// Not later than now: at once.
    pub send_at: Option<Millis>,
    pub content: Option<(Personal<String>, Vec<AttachmentId>)>,
    pub then: Option<Option<Then>>,
}

/// Changes what waits, or failed: then it waits again.
///
/// # Errors
/// [`Error::NotFound`] if it is not there, or sent already.
pub fn change(tx: &Tx<'_>, id: ScheduledId, change: &Change) -> Result<()> {
    let known = waiting(tx, id)?;
    let head = conversations::head(tx, known.conversation)?;
    let send_at = change.send_at.unwrap_or(known.send_at).max(tx.now());
    check_moment(tx, send_at)?;
    check_then(tx, change.then.flatten())?;
    let row = id.to_string();
    let under = Under::ContactOn(head.contact, head.channel);
    if let Some((content, files)) = &change.content {
        attachments::hold(tx, files, &row, (head.contact, head.channel))?;
        let sealed = tx.seal_text(under, place("content_sealed", &row), content)?;
        tx.run(
            sql!("UPDATE scheduled SET content_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
        )?;
    }
    let then = change.then.unwrap_or(known.then);
    tx.run(
        sql!(
            "UPDATE scheduled SET state = 'waiting', send_at = $3, then_status = $4, then_until = $5, failure_code = NULL, \
             failure_sealed = NULL, updated_at = $6 WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, send_at, then.map(|then| then.status.as_str()), then.and_then(|then| then.until), tx.now()],
    )?;
    jobs::enqueue(tx, JobKind::SendScheduled, &row, send_at)?;
    note(tx, known.conversation, known.contact, known.member)
}

/// Takes it back, and says what was in it. Its files have a day from now on to be used again.
///
/// # Errors
/// [`Error::NotFound`] if it is not there, or sent already.
pub fn take_back(tx: &Tx<'_>, id: ScheduledId) -> Result<Scheduled> {
    let known = waiting(tx, id)?;
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::TakenBackIsSent) {
        return Ok(known);
    }
    tx.run(sql!("DELETE FROM scheduled WHERE workspace_id = $1 AND id = $2"), params![id])?;
    attachments::release(tx, &id.to_string())?;
    jobs::cancel(tx, JobKind::SendScheduled, &id.to_string())?;
    note(tx, known.conversation, known.contact, known.member)?;
    Ok(known)
}

/// What is not sent yet.
fn waiting(tx: &Tx<'_>, id: ScheduledId) -> Result<Scheduled> {
    let known = view(tx, id)?;
    if known.state == State::Sent { Err(Error::NotFound("scheduled message")) } else { Ok(known) }
}

/// Whether the member who ordered it may still write.
pub fn author_may_write(tx: &Tx<'_>, of: &Scheduled) -> Result<bool> {
    let standing = crate::members::standing(tx, of.member)?;
    Ok(standing.is_some_and(|(role, state)| state == MemberState::Active && role.may(Right::WriteConversations)))
}

/// What is due in a conversation with one that is, in the order of their moments: nothing overtakes what was to go before it.
pub fn due_with(tx: &Tx<'_>, id: ScheduledId) -> Result<Vec<Scheduled>> {
    let rows = tx.all(
        sql!(
            "SELECT o.id FROM scheduled s JOIN scheduled o ON o.workspace_id = s.workspace_id \
             AND o.conversation_id = s.conversation_id WHERE s.workspace_id = $1 AND s.id = $2 AND s.state = 'waiting' \
             AND o.state = 'waiting' AND o.send_at <= $3 AND (o.send_at < s.send_at OR (o.send_at = s.send_at AND o.id <= s.id)) \
             ORDER BY o.send_at, o.id"
        ),
        params![id, tx.now()],
        |row| row.get::<ScheduledId>(0),
    )?;
    rows.into_iter().map(|id| view(tx, id)).collect()
}

/// When one that waits is due; `None` if it does not wait.
pub fn due_at(tx: &Tx<'_>, id: ScheduledId) -> Result<Option<Millis>> {
    tx.maybe(
        sql!("SELECT send_at FROM scheduled WHERE workspace_id = $1 AND id = $2 AND state = 'waiting'"),
        params![id],
        |row| row.get(0),
    )
}

/// Notes that it was sent, as this message.
pub fn sent(tx: &Tx<'_>, of: &Scheduled, message: MessageId) -> Result<()> {
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::NotedAfterwards) {
        return crate::testing::door::half_sent(tx, of.id, message);
    }
    tx.run(
        sql!(
            "UPDATE scheduled SET state = 'sent', message_id = $3, content_sealed = NULL, updated_at = $4 \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![of.id, message, tx.now()],
    )?;
    attachments::release(tx, &of.id.to_string())?;
    note(tx, of.conversation, of.contact, of.member)
}

/// Notes why it could not be sent. It stays until a member changes it or takes it back.
pub fn failed(tx: &Tx<'_>, of: &Scheduled, code: &str, detail: &Personal<String>) -> Result<()> {
    let head = conversations::head(tx, of.conversation)?;
    let row = of.id.to_string();
    let sealed = tx.seal_text(Under::ContactOn(head.contact, head.channel), place("failure_sealed", &row), detail)?;
    tx.run(
        sql!(
            "UPDATE scheduled SET state = 'failed', failure_code = $3, failure_sealed = $4, updated_at = $5 \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![of.id, code, sealed, tx.now()],
    )?;
    note(tx, of.conversation, of.contact, of.member)
}

/// One of them, also when it was sent, for a day.
///
/// # Errors
/// [`Error::NotFound`] if it is not there, or its contact was erased.
pub fn view(tx: &Tx<'_>, id: ScheduledId) -> Result<Scheduled> {
    let stored = tx.maybe(
        sql!(
            "SELECT s.id, s.conversation_id, s.member_id, s.state, s.held, s.send_at, s.content_sealed, s.then_status, \
             s.then_until, s.failure_code, s.failure_sealed, s.message_id, s.created_at, s.contact_id FROM scheduled s \
             WHERE s.workspace_id = $1 AND s.id = $2 AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 \
             AND p.id = s.contact_id AND p.erased_at IS NOT NULL)"
        ),
        params![id],
        read,
    )?;
    open(tx, stored.ok_or(Error::NotFound("scheduled message"))?)
}

/// What waits or failed in a conversation, the next first.
pub fn of(tx: &Tx<'_>, conversation: ConversationId) -> Result<Vec<Scheduled>> {
    conversations::head(tx, conversation)?;
    let stored = tx.all(
        sql!(
            "SELECT id, conversation_id, member_id, state, held, send_at, content_sealed, then_status, then_until, \
             failure_code, failure_sealed, message_id, created_at, contact_id FROM scheduled WHERE workspace_id = $1 \
             AND conversation_id = $2 AND state <> 'sent' ORDER BY send_at, id LIMIT 100"
        ),
        params![conversation],
        read,
    )?;
    stored.into_iter().map(|stored| open(tx, stored)).collect()
}

/// What a member has waiting or failed, the next first.
pub fn list(tx: &Tx<'_>, member: MemberId, after: Option<&Cursor>, limit: i64) -> Result<Page<Scheduled>> {
    let (key, id) = after.map_or((i64::MIN, ""), |cursor| (cursor.key, cursor.id.as_str()));
    let rows = tx.all(
        sql!(
            "SELECT s.id, s.conversation_id, s.member_id, s.state, s.held, s.send_at, s.content_sealed, s.then_status, \
             s.then_until, s.failure_code, s.failure_sealed, s.message_id, s.created_at, s.contact_id FROM scheduled s \
             WHERE s.workspace_id = $1 AND s.member_id = $2 AND s.state <> 'sent' AND s.send_at >= $3 \
             AND (s.send_at > $3 OR s.id > $4) AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 \
             AND p.id = s.contact_id AND p.erased_at IS NOT NULL) ORDER BY s.send_at, s.id LIMIT $5"
        ),
        params![member, key, id, limit + 1],
        read,
    )?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let page = Page::from_overfull(rows, limit, |stored| Cursor {
        key: stored.scheduled.send_at,
        id: stored.scheduled.id.to_string(),
    });
    Ok(Page { data: page.data.into_iter().map(|stored| open(tx, stored)).collect::<Result<_>>()?, next: page.next })
}

struct Stored {
    scheduled: Scheduled,
    content: Option<Vec<u8>>,
    failure: Option<(String, Option<Vec<u8>>)>,
}

fn read(row: &Row<'_>) -> Result<Stored> {
    let then: Option<String> = row.get(7)?;
    let until: Option<Millis> = row.get(8)?;
    let code: Option<String> = row.get(9)?;
    let detail: Option<Vec<u8>> = row.get(10)?;
    let scheduled = Scheduled {
        id: row.get(0)?,
        conversation: row.get(1)?,
        member: row.get(2)?,
        state: State::parse(&row.text(3)?)?,
        held: row.get(4)?,
        send_at: row.get(5)?,
        content: None,
        then: then.and_then(|word| Status::parse(&word)).map(|status| Then { status, until }),
        failure: None,
        message: optional(row, 11)?,
        created_at: row.get(12)?,
        contact: row.get(13)?,
    };
    Ok(Stored { scheduled, content: row.get(6)?, failure: code.map(|code| (code, detail)) })
}

fn open(tx: &Tx<'_>, stored: Stored) -> Result<Scheduled> {
    let Stored { mut scheduled, content, failure } = stored;
    let row = scheduled.id.to_string();
    let opened =
        |column, sealed: Option<Vec<u8>>| sealed.map_or(Ok(None), |sealed| tx.open_text(place(column, &row), &sealed));
    scheduled.content = opened("content_sealed", content)?;
    if let Some((code, detail)) = failure {
        scheduled.failure = Some((code, opened("failure_sealed", detail)?.unwrap_or_default()));
    }
    Ok(scheduled)
}

/// Forgets what was sent a day ago, at most `limit` rows; how many it was.
pub(crate) fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM scheduled WHERE workspace_id = $1 AND id IN \
             (SELECT id FROM scheduled WHERE workspace_id = $1 AND state = 'sent' AND updated_at <= $2 LIMIT $3)"
        ),
        params![tx.now() - KEPT_MS, limit],
    )
}
