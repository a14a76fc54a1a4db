//! What happened, in commit order: ids only, rendered when read. Facts live seven days; whoever resumes from before
//! that is told to read anew.

#[cfg(test)]
mod tests;

use crate::statement::sql;
use crate::tx::Wake;
use crate::value::{optional, params};
use crate::{ContactId, ConversationId, MemberId, MessageId, Millis, Result, Tx};

/// How long facts are kept, in milliseconds.
pub const KEPT_FOR: Millis = 7 * 24 * 3_600_000;

/// The kinds of fact, named as the live stream and the webhooks name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FactKind {
    MessageCreated,
    MessageUpdated,
    ConversationCreated,
    ConversationUpdated,
    ContactCreated,
    ContactUpdated,
    /// What a contact agreed to changed: whoever shows that reads it anew.
    ContactConsents,
    ContactErased,
    /// Something that is to be sent later waits, fails, or does so no more.
    ScheduledUpdated,
    ChannelUpdated,
    TemplateUpdated,
    /// How the workspace arranges its work: whoever shows that reads it anew.
    WorkplaceUpdated(Workplace),
}

/// What of the workplace changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Workplace {
    Teams,
    Labels,
    CannedReplies,
    Views,
    Hours,
    Members,
    Workspace,
    Retention,
    Requests,
}

/// Each kind with its stored word: the type as the stream names it, and after a slash what of it.
const KINDS: &[(FactKind, &str)] = &[
    (FactKind::MessageCreated, "message.created"),
    (FactKind::MessageUpdated, "message.updated"),
    (FactKind::ConversationCreated, "conversation.created"),
    (FactKind::ConversationUpdated, "conversation.updated"),
    (FactKind::ContactCreated, "contact.created"),
    (FactKind::ContactUpdated, "contact.updated"),
    (FactKind::ContactConsents, "contact.updated/consents"),
    (FactKind::ContactErased, "contact.erased"),
    (FactKind::ScheduledUpdated, "scheduled.updated"),
    (FactKind::ChannelUpdated, "channel.updated"),
    (FactKind::TemplateUpdated, "template.updated"),
    (FactKind::WorkplaceUpdated(Workplace::Teams), "workplace.updated/teams"),
    (FactKind::WorkplaceUpdated(Workplace::Labels), "workplace.updated/labels"),
    (FactKind::WorkplaceUpdated(Workplace::CannedReplies), "workplace.updated/canned_replies"),
    (FactKind::WorkplaceUpdated(Workplace::Views), "workplace.updated/views"),
    (FactKind::WorkplaceUpdated(Workplace::Hours), "workplace.updated/hours"),
    (FactKind::WorkplaceUpdated(Workplace::Members), "workplace.updated/members"),
    (FactKind::WorkplaceUpdated(Workplace::Workspace), "workplace.updated/workspace"),
    (FactKind::WorkplaceUpdated(Workplace::Retention), "workplace.updated/retention"),
    (FactKind::WorkplaceUpdated(Workplace::Requests), "workplace.updated/requests"),
];

impl FactKind {
    /// The dot-named type.
    pub fn as_str(self) -> &'static str {
        self.stored().split('/').next().unwrap_or_default()
    }

    pub(crate) fn stored(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// All types, some more than once.
    pub fn types() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(kind, _)| kind.as_str())
    }

    fn parse(text: &str) -> Option<Self> {
        KINDS.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }
}

impl Workplace {
    /// The word in the event's data.
    pub fn as_str(self) -> &'static str {
        FactKind::WorkplaceUpdated(self).stored().split('/').nth(1).unwrap_or_default()
    }
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain ids")]
pub struct About {
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    pub contact: Option<ContactId>,
    pub member: Option<MemberId>,
}

/// A recorded fact.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "plain words")]
pub struct Fact {
    pub seq: i64,
    pub kind: FactKind,
    pub about: About,
    pub at: Millis,
}

/// Records a fact and wakes the live streams. It is written with the transaction's other facts, at its end.
pub fn record(tx: &Tx<'_>, kind: FactKind, about: About) -> Result<i64> {
    let seq = tx.count("facts")?;
    tx.defer_fact(seq, kind, about);
    tx.wake(Wake::Facts(tx.workspace()?));
    Ok(seq)
}

/// Records that something of the workplace changed, and who did it.
pub(crate) fn workplace(tx: &Tx<'_>, what: Workplace) -> Result<()> {
    let member = tx.scope()?.member().map(|(member, _)| member);
    record(tx, FactKind::WorkplaceUpdated(what), About { member, ..About::default() }).map(|_| ())
}

/// The next value of one of the workspace's counters.
pub(crate) fn next(tx: &Tx<'_>, counter: &'static str) -> Result<i64> {
    tx.count(counter)
}

/// The newest fact's counter, 0 before the first.
pub fn head(tx: &Tx<'_>) -> Result<i64> {
    let value =
        tx.maybe(sql!("SELECT value FROM counters WHERE workspace_id = $1 AND name = 'facts'"), params![], |row| {
            row.get(0)
        })?;
    Ok(value.unwrap_or(0))
}

/// Facts after `seq`, oldest first. `None` if some of them are no longer kept (or `seq` is from the future): read anew.
pub fn since(tx: &Tx<'_>, seq: i64, limit: i64) -> Result<Option<Vec<Fact>>> {
    let facts = tx.all(
        sql!(
            "SELECT seq, kind, conversation_id, message_id, contact_id, member_id, at FROM facts \
             WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        ),
        params![seq, limit],
        |row| {
            let about = About {
                conversation: optional(row, 2)?,
                message: optional(row, 3)?,
                contact: optional(row, 4)?,
                member: optional(row, 5)?,
            };
            Ok((row.get(0)?, row.text(1)?, about, row.get(6)?))
        },
    )?;
    let head = head(tx)?;
    let gapless = facts.first().map_or(seq == head, |(first, ..)| *first == seq + 1);
    if !gapless {
        return Ok(None);
    }
    let known = facts
        .into_iter()
        .filter_map(|(seq, kind, about, at)| FactKind::parse(&kind).map(|kind| Fact { seq, kind, about, at }));
    Ok(Some(known.collect()))
}

/// One fact; `None` if it is no longer kept, or of a kind that only a newer program knows.
pub fn one(tx: &Tx<'_>, seq: i64) -> Result<Option<Fact>> {
    let found = since(tx, seq - 1, 1)?.unwrap_or_default();
    Ok(found.into_iter().find(|fact| fact.seq == seq))
}

/// Removes facts older than seven days; whether there may be more. They were numbered as they came, so the oldest are the
/// first, and no index by time has to be written with each.
pub fn sweep(tx: &Tx<'_>) -> Result<bool> {
    let removed = tx.run(
        sql!(
            "DELETE FROM facts WHERE workspace_id = $1 AND seq IN \
             (SELECT seq FROM (SELECT seq, at FROM facts WHERE workspace_id = $1 ORDER BY seq LIMIT 500) AS oldest WHERE at < $2)"
        ),
        params![tx.now() - KEPT_FOR],
    )?;
    Ok(removed == 500)
}
