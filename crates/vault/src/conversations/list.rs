//! Lists of conversations.
//!
//! A list is read along the index of what narrows it most, one status after the other, so that a page costs as much as it
//! holds, however many conversations there are. Each filter that does not lead is checked on the rows that the leading one
//! finds: it is written such that no engine takes it for a way to find them.

use super::{Conversation, Status, labels, view};
use crate::statement::{Statement, sql};
use crate::value::{Param, params};
use crate::{ChannelId, ContactId, ConversationId, Cursor, LabelId, MemberId, Page, Result, TeamId, Tx, merges};

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The most recently active first.
    #[default]
    Active,
    /// Those whose contact waits for an answer, the longest first; then the others, the most recently active first.
    Waiting,
    /// The most urgent first, and of these the most recently active.
    Priority,
}

/// Which conversations: what is `None` or empty does not matter.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Filter {
    /// Any of these.
    pub statuses: Vec<Status>,
    /// `Some(None)`: nobody's.
    pub assignee: Option<Option<MemberId>>,
    /// `Some(None)`: no team's.
    pub team: Option<Option<TeamId>>,
    pub label: Option<String>,
    pub channel: Option<ChannelId>,
    /// With this contact, or anybody who is one with it.
    pub contact: Option<ContactId>,
    pub priority: Option<String>,
    pub unread: bool,
    /// In which a note names this member.
    pub mentioned: Option<MemberId>,
    pub sort: Sort,
}

const STATUSES: [Status; 4] = [Status::Open, Status::Pending, Status::Snoozed, Status::Resolved];
/// A label on no more conversations than this leads; one on more is found soon enough on the way.
const RARE: i64 = 2_000;

/// A part of a list with an order of its own; the parts follow each other.
#[derive(Debug, Clone, Copy)]
struct Part {
    priority: Option<&'static str>,
    waiting: Option<bool>,
}

/// What a list is of, with names looked up.
struct Wanted<'f> {
    filter: &'f Filter,
    contact: Option<ContactId>,
    label: Option<LabelId>,
    label_is_rare: bool,
}

/// A row that was found: what it is sorted by, and which.
type Found = (i64, ConversationId);

/// A page of conversations.
pub fn list(tx: &Tx<'_>, filter: &Filter, after: Option<&Cursor>, limit: i64) -> Result<Page<Conversation>> {
    let Some(wanted) = Wanted::of(tx, filter)? else { return Ok(Page { data: Vec::new(), next: None }) };
    let parts = parts(filter);
    let (first, mut from) = after.map_or((0, None), begin);
    let mut rows: Vec<(usize, Found)> = Vec::new();
    for (number, part) in parts.iter().enumerate().skip(first) {
        let missing = limit + 1 - i64::try_from(rows.len()).unwrap_or(limit);
        let found = wanted.part(tx, *part, from.take().as_ref(), missing)?;
        rows.extend(found.into_iter().map(|found| (number, found)));
        if i64::try_from(rows.len()).is_ok_and(|rows| rows > limit) {
            break;
        }
    }
    let limit = usize::try_from(limit).unwrap_or(0);
    let page =
        Page::from_overfull(rows, limit, |(number, (key, id))| Cursor { key: *key, id: format!("{number}_{id}") });
    let data = page.data.iter().map(|(_, (_, id))| view(tx, *id)).collect::<Result<_>>()?;
    Ok(Page { data, next: page.next })
}

/// The part that a cursor is in, and its place there.
fn begin(cursor: &Cursor) -> (usize, Option<(i64, String)>) {
    let (part, id) = cursor.id.split_once('_').unwrap_or(("0", &cursor.id));
    (part.parse().unwrap_or(0), Some((cursor.key, id.to_owned())))
}

fn parts(filter: &Filter) -> Vec<Part> {
    const WHOLE: Part = Part { priority: None, waiting: None };
    match filter.sort {
        Sort::Active => vec![WHOLE],
        Sort::Waiting => [true, false].map(|waiting| Part { waiting: Some(waiting), ..WHOLE }).to_vec(),
        Sort::Priority => {
            let falling = ["urgent", "high", "normal", "low"].into_iter();
            let wanted = falling.filter(|one| filter.priority.as_ref().is_none_or(|priority| priority == one));
            wanted.map(|priority| Part { priority: Some(priority), ..WHOLE }).collect()
        }
    }
}

impl<'f> Wanted<'f> {
    /// `None` if nothing can be found.
    fn of(tx: &Tx<'_>, filter: &'f Filter) -> Result<Option<Self>> {
        let label = match &filter.label {
            Some(name) => match labels::find(tx, name)? {
                Some(id) => Some(id),
                None => return Ok(None),
            },
            None => None,
        };
        let label_is_rare = label.map(|label| is_rare(tx, label)).transpose()?.unwrap_or(false);
        let contact = filter.contact.map(|contact| merges::standing(tx, contact)).transpose()?;
        Ok(Some(Self { filter, contact, label, label_is_rare }))
    }

    /// The next rows of one part: those of each status, merged.
    fn part(&self, tx: &Tx<'_>, part: Part, from: Option<&(i64, String)>, limit: i64) -> Result<Vec<Found>> {
        let rising = part.waiting == Some(true);
        let begin = (if rising { i64::MIN } else { i64::MAX }, String::from("d"));
        let from = from.unwrap_or(&begin);
        let statuses = if self.filter.statuses.is_empty() { &STATUSES[..] } else { &self.filter.statuses };
        let statement = self.along(part);
        let mut found = Vec::new();
        for status in statuses {
            let values = self.values(part, *status, from, limit);
            found.extend(tx.all(statement, &values, |row| Ok((row.get(1)?, row.get(0)?)))?);
        }
        found.sort_by(|(one, first): &Found, (other, second)| {
            let by_key = if rising { one.cmp(other) } else { other.cmp(one) };
            by_key.then_with(|| second.to_string().cmp(&first.to_string()))
        });
        found.dedup();
        found.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(found)
    }

    fn values(&self, part: Part, status: Status, from: &(i64, String), limit: i64) -> Vec<Param<'static>> {
        let filter = self.filter;
        let priority = part.priority.map(str::to_owned).or_else(|| filter.priority.clone());
        params![
            from.0,
            from.1.clone(),
            limit,
            status.as_str(),
            filter.assignee.flatten(),
            filter.assignee == Some(None),
            filter.team.flatten(),
            filter.team == Some(None),
            filter.channel,
            self.contact,
            self.label,
            filter.mentioned,
            filter.unread,
            priority,
            part.waiting,
        ]
        .to_vec()
    }

    /// The statement that is led by what narrows the list most.
    fn along(&self, part: Part) -> &'static Statement {
        let filter = self.filter;
        let priority = part.priority.or(filter.priority.as_deref());
        if part.waiting == Some(true) {
            by_waiting()
        } else if self.contact.is_some() {
            by_contact()
        } else if filter.mentioned.is_some() {
            by_mention()
        } else if self.label_is_rare {
            by_label()
        } else if filter.unread {
            by_unread()
        } else if priority.is_some_and(|priority| priority != "normal") {
            by_priority()
        } else if filter.assignee.is_some() {
            by_assignee(filter.assignee == Some(None))
        } else if filter.team.is_some_and(|team| team.is_some()) {
            by_team()
        } else if filter.channel.is_some() {
            by_channel()
        } else {
            by_status()
        }
    }
}

fn is_rare(tx: &Tx<'_>, label: LabelId) -> Result<bool> {
    let count = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM conversation_labels WHERE workspace_id = $1 AND label_id = $2 LIMIT $3) few"
        ),
        params![label, RARE + 1],
        |row| row.get::<i64>(0),
    )?;
    Ok(count.unwrap_or(0) <= RARE)
}

/// A statement of the list. `$from` and `$led` name the way; the rest is checked on each row.
macro_rules! listing {
    ($from:literal, $led:literal) => {
        listing!(
            $from,
            $led,
            "c.active_at",
            "c.active_at <= $2 AND (c.active_at < $2 OR c.id < $3)",
            "c.active_at DESC, c.id DESC"
        )
    };
    ($from:literal, $led:literal, $key:literal, $after:literal, $order:literal) => {
        sql!(concat!(
            "SELECT c.id, ",
            $key,
            " FROM ",
            $from,
            " WHERE c.workspace_id = $1 AND ",
            $led,
            " AND ",
            $after,
            " AND COALESCE(c.status, '') = $5 \
             AND (CAST($6 AS TEXT) IS NULL OR COALESCE(c.assignee_id, '') = $6) \
             AND (c.assignee_id IS NULL OR NOT CAST($7 AS BOOLEAN)) \
             AND (CAST($8 AS TEXT) IS NULL OR COALESCE(c.team_id, '') = $8) \
             AND (c.team_id IS NULL OR NOT CAST($9 AS BOOLEAN)) \
             AND (CAST($10 AS TEXT) IS NULL OR COALESCE(c.channel_id, '') = $10) \
             AND (CAST($11 AS TEXT) IS NULL OR COALESCE(c.contact_id, '') = $11 OR EXISTS (SELECT 1 FROM contacts m \
             WHERE m.workspace_id = $1 AND m.id = c.contact_id AND m.merged_into = $11)) \
             AND (CAST($12 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM conversation_labels n \
             WHERE n.workspace_id = $1 AND n.conversation_id = c.id AND n.label_id = $12)) \
             AND (CAST($13 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM mentions w WHERE w.workspace_id = $1 \
             AND w.member_id = $13 AND w.conversation_id = c.id)) \
             AND (c.unread_count > 0 OR NOT CAST($14 AS BOOLEAN)) \
             AND (CAST($15 AS TEXT) IS NULL OR COALESCE(c.priority, '') = $15) \
             AND (CAST($16 AS BOOLEAN) IS NULL OR (c.waiting_since IS NOT NULL) = CAST($16 AS BOOLEAN)) \
             AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = $1 AND p.id = c.contact_id \
             AND p.erased_at IS NOT NULL) ORDER BY ",
            $order,
            " LIMIT $4"
        ))
    };
}

fn by_status() -> &'static Statement {
    listing!("conversations c", "c.status = $5")
}

fn by_assignee(nobody: bool) -> &'static Statement {
    if nobody {
        listing!("conversations c", "c.assignee_id IS NULL AND c.status = $5")
    } else {
        listing!("conversations c", "c.assignee_id = $6 AND c.status = $5")
    }
}

fn by_team() -> &'static Statement {
    listing!("conversations c", "c.team_id = $8 AND c.status = $5")
}

fn by_channel() -> &'static Statement {
    listing!("conversations c", "c.channel_id = $10 AND c.status = $5")
}

fn by_priority() -> &'static Statement {
    listing!("conversations c", "c.priority = $15 AND c.priority <> 'normal' AND c.status = $5")
}

/// Of all statuses: a second index that begins with the status would be taken for the first.
fn by_unread() -> &'static Statement {
    listing!("conversations c", "c.unread_count > 0")
}

/// A person has few conversations: they are sorted once they are found.
fn by_contact() -> &'static Statement {
    listing!(
        "(SELECT id FROM contacts WHERE workspace_id = $1 AND id = $11 UNION \
         SELECT id FROM contacts WHERE workspace_id = $1 AND merged_into = $11) o CROSS JOIN conversations c",
        "c.contact_id = o.id",
        "c.active_at",
        "c.active_at + 0 <= $2 AND (c.active_at + 0 < $2 OR c.id < $3)",
        "c.active_at + 0 DESC, c.id DESC"
    )
}

fn by_label() -> &'static Statement {
    listing!(
        "conversation_labels l CROSS JOIN conversations c",
        "l.workspace_id = $1 AND l.label_id = $12 AND c.id = l.conversation_id"
    )
}

fn by_mention() -> &'static Statement {
    listing!(
        "(SELECT DISTINCT conversation_id FROM mentions WHERE workspace_id = $1 AND member_id = $13) l \
         CROSS JOIN conversations c",
        "c.id = l.conversation_id"
    )
}

fn by_waiting() -> &'static Statement {
    listing!(
        "conversations c",
        "c.waiting_since IS NOT NULL AND c.status = $5",
        "c.waiting_since",
        "c.waiting_since >= $2 AND (c.waiting_since > $2 OR c.id < $3)",
        "c.waiting_since, c.id DESC"
    )
}
