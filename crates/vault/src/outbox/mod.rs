//! What is to be sent. A row leaves here in one way only: [`claim`] checks it against consent, suppression,
//! restriction, window and clock in one transaction and alone makes a [`Cleared`], for one lease.

mod begun;
mod echo;
mod gate;
mod halt;
mod passed;
mod pauses;
#[cfg(test)]
mod tests;

pub use begun::{came_so_far, go_on, has_begun, note_begun, wait_for_echo};
pub use echo::{await_echo, ordered_at, settle};
pub use gate::{
    Cleared, OUTCOME_UNKNOWN, OutboxRow, PARTLY_DETAIL, PARTLY_SENT, Refusal, UNKNOWN_DETAIL, Verdict, WAITS_FOR_ROOM,
    check, claim,
};
pub(crate) use halt::look_again;
pub use halt::{reconsider, stop};
pub use passed::{Passed, pass};
pub use pauses::pause;

use crate::facts;
use crate::sealing::{Place, Under};
use crate::statement::{installation_sql, sql};
use crate::tx::Wake;
use crate::value::params;
use crate::{
    ChannelId, ContactId, ConversationId, Error, MessageId, Millis, OutboxId, Personal, Result, Tx, WorkspaceId,
};

/// How long something may wait before it fails visibly (CH-4), in milliseconds.
pub const KEPT_FOR: Millis = 7 * 24 * 3_600_000;

/// What is to be done at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Act {
    Message,
    Edit,
    Remove,
    Reaction,
    AnswerChoice,
    Seen,
}

const ACTS: [(Act, &str); 6] = [
    (Act::Message, "message"),
    (Act::Edit, "edit"),
    (Act::Remove, "remove"),
    (Act::Reaction, "reaction"),
    (Act::AnswerChoice, "answer_choice"),
    (Act::Seen, "seen"),
];

impl Act {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        ACTS.iter().find(|(act, _)| *act == self).map_or("", |(_, name)| name)
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let found = ACTS.iter().find(|(_, name)| *name == text).map(|(act, _)| *act);
        found.ok_or_else(|| Error::Engine("a stored act is unknown".into()))
    }
}

/// The gate of a send, written from the channel's Spec when it is ordered and checked at each claim.
#[derive(Debug, Clone)]
pub struct Gate {
    /// `service` (part of a conversation), `messages` (beyond it), or a purpose that needs a consent of its own in force
    /// (`marketing`).
    pub purpose: &'static str,
    /// Ordered by a rule, a flow or an AI agent, not by a member: restriction stops it.
    pub automatic: bool,
    /// A template may be sent outside the window.
    pub is_template: bool,
    /// It goes by e-mail, where alone a soft opt-in is ground enough (MK-2).
    pub by_mail: bool,
    /// Until when the provider allows free sending; `None`: always.
    pub free_until: Option<Millis>,
}

impl Gate {
    /// A member's own reply.
    pub fn reply(free_until: Option<Millis>) -> Self {
        Self { purpose: "service", automatic: false, is_template: false, by_mail: false, free_until }
    }
}

/// Something to be sent.
#[derive(Debug)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewOutbox<'tx> {
    pub channel: ChannelId,
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub message: MessageId,
    pub act: Act,
    /// What the act needs beyond the message (the id of a tap).
    pub detail: Option<Personal<String>>,
    /// Proof that the gate was passed for it.
    pub gate: Passed<'tx>,
}

/// Orders a send, after everything ordered before in its conversation.
///
/// # Errors
/// [`Error::Forbidden`] if the gate was passed for something else.
pub fn enqueue(tx: &Tx<'_>, new: &NewOutbox<'_>) -> Result<OutboxId> {
    let gate = new.gate.for_act(new.act, new.channel, new.contact)?;
    let id: OutboxId = tx.id();
    let row = id.to_string();
    let seq = facts::next(tx, "outbox")?;
    #[cfg(any(test, feature = "testing"))]
    let seq = if tx.has(crate::testing::planted::Planted::OutboxOvertakes) { -seq } else { seq };
    let place = Place { table: "outbox", column: "detail_sealed", row: &row };
    let under = Under::ContactOn(new.contact, new.channel);
    let detail = new.detail.as_ref().map(|detail| tx.seal_text(under, place, detail)).transpose()?;
    tx.run(
        sql!(
            "INSERT INTO outbox (workspace_id, id, channel_id, conversation_id, contact_id, message_id, act, seq, \
             detail_sealed, purpose, automatic, is_template, free_until, attempts, due_at, expires_at, created_at, by_mail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $14, $16)"
        ),
        params![
            id,
            new.channel,
            new.conversation,
            new.contact,
            new.message,
            new.act.as_str(),
            seq,
            detail,
            gate.purpose,
            gate.automatic,
            gate.is_template,
            gate.free_until,
            tx.now(),
            tx.now() + KEPT_FOR,
            gate.by_mail,
        ],
    )?;
    tx.wake(Wake::Outbox);
    Ok(id)
}

/// A row that may be claimed: the oldest of its conversation, due, on a channel that is ready.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain ids")]
pub struct Due {
    pub id: OutboxId,
    pub workspace: WorkspaceId,
    pub channel: ChannelId,
    /// The channel's kind, which has the account's limits.
    pub kind: String,
    pub conversation: ConversationId,
}

/// How many rows of one channel are looked at: a throttled account must not hide everybody else's rows.
const PER_CHANNEL: i64 = 64;

/// Up to `limit` rows that may be claimed, the longest waiting of each channel first, the channels in turn.
pub(crate) fn due(tx: &Tx<'_>, limit: i64) -> Result<Vec<Due>> {
    tx.all(
        installation_sql!(
            "SELECT id, workspace_id, channel_id, conversation_id, kind FROM (SELECT o.id AS id, \
             o.workspace_id AS workspace_id, o.channel_id AS channel_id, o.conversation_id AS conversation_id, \
             d.kind AS kind, o.due_at AS due_at, o.seq AS seq, \
             ROW_NUMBER() OVER (PARTITION BY o.channel_id ORDER BY o.due_at, o.seq) AS turn FROM outbox o \
             JOIN channel_directory d ON d.id = o.channel_id \
             WHERE o.due_at <= $1 AND (o.lease_until IS NULL OR o.lease_until < $1) \
             AND (d.state = 'off' OR o.expires_at < $1 \
             OR (d.state = 'ready' AND (d.paused_until IS NULL OR d.paused_until <= $1))) \
             AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.workspace_id = o.workspace_id \
             AND p.conversation_id = o.conversation_id AND p.seq < o.seq)) waiting \
             WHERE turn <= $3 ORDER BY turn, due_at, seq LIMIT $2"
        ),
        params![tx.now(), limit, PER_CHANNEL],
        |row| {
            Ok(Due {
                id: row.get(0)?,
                workspace: row.get(1)?,
                channel: row.get(2)?,
                conversation: row.get(3)?,
                kind: row.text(4)?,
            })
        },
    )
}

/// When the next row becomes due, if any waits.
pub(crate) fn next_due(tx: &Tx<'_>) -> Result<Option<Millis>> {
    let next = tx.maybe(
        installation_sql!(
            "SELECT MIN(CASE WHEN lease_until IS NOT NULL AND lease_until > due_at THEN lease_until ELSE due_at END) \
             FROM outbox"
        ),
        params![],
        |row| row.get(0),
    )?;
    Ok(next.flatten())
}

/// How many rows wait over the whole installation.
pub(crate) fn depth(tx: &Tx<'_>) -> Result<i64> {
    Ok(tx.maybe(installation_sql!("SELECT COUNT(*) FROM outbox"), params![], |row| row.get(0))?.unwrap_or(0))
}

/// Takes a sent (or refused) row away; `false` if its lease was lost meanwhile.
pub fn finish(tx: &Tx<'_>, row: &Cleared<OutboxRow>) -> Result<bool> {
    let removed = tx.run(
        sql!("DELETE FROM outbox WHERE workspace_id = $1 AND id = $2 AND lease = $3"),
        params![row.id, row.lease()],
    )?;
    tx.wake(Wake::Outbox);
    Ok(removed == 1)
}

/// Puts a row off. That it may have been sent stays known.
pub fn put_off(tx: &Tx<'_>, row: &Cleared<OutboxRow>, until: Millis) -> Result<bool> {
    let changed = tx.run(
        sql!(
            "UPDATE outbox SET lease = NULL, lease_until = NULL, due_at = $4, attempts = attempts + 1, in_doubt = $5, \
             tried_at = CASE WHEN $5 THEN tried_at ELSE NULL END WHERE workspace_id = $1 AND id = $2 AND lease = $3"
        ),
        params![row.id, row.lease(), until, row.may_be_sent()],
    )?;
    tx.wake(Wake::Outbox);
    Ok(changed == 1)
}

/// Gives a claimed row back untried, for a later moment.
pub(crate) fn put_back(tx: &Tx<'_>, row: &Cleared<OutboxRow>, until: Millis) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE outbox SET lease = NULL, lease_until = NULL, due_at = $4, \
             tried_at = CASE WHEN in_doubt THEN tried_at ELSE NULL END WHERE workspace_id = $1 AND id = $2 AND lease = $3"
        ),
        params![row.id, row.lease(), until],
    )?;
    Ok(())
}

/// Lets a row that cannot be claimed wait, so that it holds up nobody else's.
pub(crate) fn set_back(tx: &Tx<'_>, id: OutboxId, until: Millis) -> Result<()> {
    tx.run(sql!("UPDATE outbox SET due_at = $3 WHERE workspace_id = $1 AND id = $2"), params![id, until])?;
    Ok(())
}
