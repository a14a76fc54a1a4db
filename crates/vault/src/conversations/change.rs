//! The state of work on a conversation: what members change of it, and how it was before.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Status, head, labels, note};
use crate::facts::FactKind;
use crate::jobs::{self, JobKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{optional, params};
use crate::{ConversationId, Error, MemberId, Millis, Personal, Result, TeamId, Tx};

/// The words for priority, most urgent last.
pub const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];
/// How far ahead anything can be snoozed or scheduled, in milliseconds: a year, leap years too.
pub const AHEAD_MAX: Millis = 366 * 24 * 3_600_000;
/// The largest fields of a conversation, as JSON in bytes.
const ATTRIBUTES_MAX: usize = 16_384;

/// What can be changed: `None` leaves as it is, `Some(None)` takes away.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Change {
    pub status: Option<Status>,
    /// Snoozed until then, which may have passed: then it wakes at once. `Some(None)` wakes it now.
    pub snoozed_until: Option<Option<Millis>>,
    pub assignee: Option<Option<MemberId>>,
    pub team: Option<Option<TeamId>>,
    pub priority: Option<String>,
    pub labels: Option<Vec<String>>,
    /// Everything so far has been read by a member.
    pub read: bool,
    /// It is to be read once more.
    pub unread: bool,
    /// The workspace's own fields, all of them.
    pub attributes: Option<Personal<Map<String, Value>>>,
}

/// How far the work on a conversation is: what a change of it can be undone with.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Work {
    pub status: Status,
    pub snoozed_until: Option<Millis>,
    pub assignee: Option<MemberId>,
    pub team: Option<TeamId>,
    pub priority: String,
    pub labels: Vec<String>,
    pub unread: bool,
    pub attributes: Map<String, Value>,
}

/// Changes the state of work.
///
/// # Errors
/// [`Error::Invalid`] and [`Error::NotFound`] before anything was changed.
pub fn change(tx: &Tx<'_>, id: ConversationId, change: &Change) -> Result<()> {
    let head = head(tx, id)?;
    check(tx, change)?;
    set_status(tx, id, head.status, change)?;
    if let Some(assignee) = change.assignee {
        crate::push::assigning(tx, id, assignee)?;
        tx.run(
            sql!("UPDATE conversations SET assignee_id = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, assignee],
        )?;
    }
    if let Some(team) = change.team {
        tx.run(sql!("UPDATE conversations SET team_id = $3 WHERE workspace_id = $1 AND id = $2"), params![id, team])?;
    }
    if let Some(priority) = &change.priority {
        tx.run(
            sql!("UPDATE conversations SET priority = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, priority],
        )?;
    }
    if let Some(labels) = &change.labels {
        labels::set(tx, id, labels)?;
    }
    set_read(tx, id, change)?;
    if let Some(attributes) = &change.attributes {
        let row = id.to_string();
        let text = attributes.clone().map(|attributes| Value::Object(attributes).to_string());
        let sealed = tx.seal_text(Under::ContactOn(head.contact, head.channel), attributes_in(&row), &text)?;
        tx.run(
            sql!("UPDATE conversations SET attributes_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
        )?;
    }
    note(tx, FactKind::ConversationUpdated, id, head.contact)
}

fn check(tx: &Tx<'_>, change: &Change) -> Result<()> {
    if let Some(Some(member)) = change.assignee {
        crate::members::require(tx, member)?;
    }
    if let Some(Some(team)) = change.team {
        crate::teams::require(tx, team)?;
    }
    if change.priority.as_ref().is_some_and(|priority| !PRIORITIES.contains(&priority.as_str())) {
        return Err(Error::Invalid("priority is one of low, normal, high, urgent".into()));
    }
    if let Some(names) = &change.labels {
        labels::check(names)?;
    }
    if change.read && change.unread {
        return Err(Error::Invalid("either read or unread".into()));
    }
    if let Some(Some(until)) = change.snoozed_until {
        if change.status.is_some_and(|status| status != Status::Snoozed) {
            return Err(Error::Invalid("what is snoozed until a moment has the status snoozed".into()));
        }
        if until > tx.now() + AHEAD_MAX {
            return Err(Error::Invalid("snoozed_until: at most a year ahead".into()));
        }
    }
    let size = |attributes: &Map<String, Value>| serde_json::to_vec(attributes).map_or(usize::MAX, |json| json.len());
    if change.attributes.as_ref().is_some_and(|attributes| size(attributes.reveal()) > ATTRIBUTES_MAX) {
        return Err(Error::Invalid(format!("attributes: at most {ATTRIBUTES_MAX} bytes as JSON")));
    }
    Ok(())
}

fn set_status(tx: &Tx<'_>, id: ConversationId, was: Status, change: &Change) -> Result<()> {
    let (status, until) = match (change.snoozed_until, change.status) {
        (Some(Some(until)), _) => (Status::Snoozed, Some(until)),
        (_, Some(status)) => (status, None),
        (Some(None), None) if was == Status::Snoozed => (Status::Open, None),
        (Some(None) | None, None) => return Ok(()),
    };
    tx.run(
        sql!(
            "UPDATE conversations SET status = $3, snoozed_until = $4, \
             waiting_since = CASE WHEN $3 = 'resolved' THEN NULL ELSE waiting_since END WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, status.as_str(), until],
    )?;
    match until {
        Some(until) => jobs::enqueue(tx, JobKind::WakeConversation, &id.to_string(), until),
        None => Ok(()),
    }
}

fn set_read(tx: &Tx<'_>, id: ConversationId, change: &Change) -> Result<()> {
    if change.read {
        tx.run(
            sql!(
                "UPDATE conversations SET unread_count = 0, read_seq = message_seq WHERE workspace_id = $1 AND id = $2"
            ),
            params![id],
        )?;
    }
    if change.unread {
        tx.run(
            sql!("UPDATE conversations SET unread_count = 1 WHERE workspace_id = $1 AND id = $2 AND unread_count = 0"),
            params![id],
        )?;
    }
    Ok(())
}

/// Wakes a conversation whose time has come: it is open, unread, and the most recent of all. When to look again, if it sleeps
/// longer now; `None` if it is awake.
pub fn wake(tx: &Tx<'_>, id: ConversationId) -> Result<Option<Millis>> {
    let asleep = tx.maybe(
        sql!(
            "SELECT snoozed_until, contact_id FROM conversations WHERE workspace_id = $1 AND id = $2 \
             AND status = 'snoozed' AND snoozed_until IS NOT NULL"
        ),
        params![id],
        |row| Ok((row.get::<Millis>(0)?, row.get(1)?)),
    )?;
    let Some((until, contact)) = asleep else { return Ok(None) };
    if until > tx.now() {
        return Ok(Some(until));
    }
    tx.run(
        sql!(
            "UPDATE conversations SET status = 'open', snoozed_until = NULL, \
             active_at = CASE WHEN active_at < $3 THEN $3 ELSE active_at END, \
             unread_count = CASE WHEN unread_count = 0 THEN 1 ELSE unread_count END WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, tx.now()],
    )?;
    crate::audit::record(tx, "conversation.woken", &id.to_string())?;
    note(tx, FactKind::ConversationUpdated, id, contact)?;
    Ok(None)
}

/// How far the work on a conversation is.
///
/// # Errors
/// [`Error::NotFound`] if there is no such conversation, or its contact was erased.
pub fn work(tx: &Tx<'_>, id: ConversationId) -> Result<Personal<Work>> {
    let status = head(tx, id)?.status;
    let found = tx.maybe(
        sql!(
            "SELECT snoozed_until, assignee_id, team_id, priority, unread_count > 0, attributes_sealed FROM conversations \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        |row| {
            let attributes: Option<Vec<u8>> = row.get(5)?;
            let work = Work {
                status,
                snoozed_until: row.get(0)?,
                assignee: optional(row, 1)?,
                team: optional(row, 2)?,
                priority: row.text(3)?,
                labels: Vec::new(),
                unread: row.get(4)?,
                attributes: Map::new(),
            };
            Ok((work, attributes))
        },
    )?;
    let (mut work, sealed) = found.ok_or(Error::NotFound("conversation"))?;
    work.labels = labels::of(tx, id)?.into_iter().map(Personal::into_revealed).collect();
    work.attributes = attributes(tx, id, sealed)?.into_revealed();
    Ok(Personal::new(work))
}

fn attributes_in(row: &str) -> Place<'_> {
    Place { table: "conversations", column: "attributes_sealed", row }
}

/// Opens the workspace's own fields of a conversation.
pub(super) fn attributes(
    tx: &Tx<'_>,
    id: ConversationId,
    sealed: Option<Vec<u8>>,
) -> Result<Personal<Map<String, Value>>> {
    let Some(sealed) = sealed else { return Ok(Personal::default()) };
    let row = id.to_string();
    let text = tx.open_text(attributes_in(&row), &sealed)?;
    Ok(text.map(|text| text.map(|text| serde_json::from_str(&text).unwrap_or_default())).unwrap_or_default())
}
