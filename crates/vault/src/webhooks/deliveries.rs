//! Deliveries: one fact on its way to one webhook, at least once. Only ids and what came of it are kept.

use super::{Webhook, secret, switch_off, view};
use crate::facts::{self, Fact};
use crate::jobs::{self, JobKind};
use crate::statement::sql;
use crate::value::{Row, params, word};
use crate::{Cursor, DeliveryId, Error, Millis, Page, Personal, Result, Right, Tx, WebhookId, audit};

/// The first retry waits this long, in milliseconds; each further one twice as long…
const BACKOFF_FIRST_MS: Millis = 5_000;
/// …up to a day.
const BACKOFF_MAX_MS: Millis = 24 * 3_600_000;
/// After this long without any success a delivery is given up, and a webhook switched off, in milliseconds: three days.
pub const SPAN_MS: Millis = 3 * 24 * 3_600_000;

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DeliveryState {
    Waiting,
    Delivered,
    Failed,
}

const STATES: [(DeliveryState, &str); 3] =
    [(DeliveryState::Waiting, "waiting"), (DeliveryState::Delivered, "delivered"), (DeliveryState::Failed, "failed")];

/// A delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id, which its posts carry as `webhook-id`, each time the same.
    pub id: DeliveryId,
    /// The fact's place among the workspace's.
    pub seq: i64,
    /// The type of event.
    pub kind: String,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried since it was made or replayed.
    pub attempts: i64,
    /// The other system's last HTTP status.
    pub status: Option<i64>,
    /// Why the last attempt failed, as a stable word.
    pub failure: Option<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last tried.
    pub attempted_at: Option<Millis>,
    webhook: WebhookId,
    began_at: Millis,
}

/// What is to be posted now.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The delivery.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// Where to.
    pub url: Personal<String>,
    /// What it is signed with.
    pub secret: Personal<String>,
    /// Of what.
    pub fact: Fact,
}

/// What came of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The other system took it, with this status.
    Taken(u16),
    /// It answered otherwise.
    Answered(u16),
    /// There was no answer; the word says why.
    Unanswered(&'static str),
}

impl DeliveryState {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }
}

impl std::str::FromStr for DeliveryState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let state = STATES.iter().find(|(_, word)| *word == text).map(|(state, _)| *state);
        state.ok_or_else(|| Error::Invalid("no such state of a delivery".into()))
    }
}

/// A webhook is to be told of a fact.
pub(crate) fn order(tx: &Tx<'_>, webhook: &Webhook, fact: &Fact) -> Result<()> {
    let id: DeliveryId = tx.id();
    tx.run(
        sql!(
            "INSERT INTO deliveries (workspace_id, id, webhook_id, seq, kind, state, attempts, created_at, began_at) \
             VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6)"
        ),
        params![id, webhook.id, fact.seq, fact.kind.as_str(), tx.now()],
    )?;
    jobs::post(tx, JobKind::PostWebhook, &id.to_string(), &webhook.id.to_string(), tx.now())
}

/// A webhook's deliveries of the last seven days, newest first.
pub fn deliveries(tx: &Tx<'_>, webhook: WebhookId, after: Option<&Cursor>, limit: i64) -> Result<Page<Delivery>> {
    view(tx, webhook)?;
    // Ids grow with time, and begin with a letter before "e".
    let before = after.map_or("e", |cursor| cursor.id.as_str());
    let rows = tx.all(
        sql!(
            "SELECT id, webhook_id, seq, kind, state, attempts, status, failure, created_at, began_at, attempted_at \
             FROM deliveries WHERE workspace_id = $1 AND webhook_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
        ),
        params![webhook, before, limit + 1],
        read,
    )?;
    let cursor = |delivery: &Delivery| Cursor { key: 0, id: delivery.id.to_string() };
    Ok(Page::from_overfull(rows, usize::try_from(limit).unwrap_or(0), cursor))
}

/// One delivery of a webhook.
pub fn delivery(tx: &Tx<'_>, webhook: WebhookId, id: DeliveryId) -> Result<Delivery> {
    tx.scope()?.require(Right::ManageWebhooks)?;
    found(tx, id)?.filter(|delivery| delivery.webhook == webhook).ok_or(Error::NotFound("delivery"))
}

/// Posts a delivery once more, with the id it had, whatever came of it before. What it says is how things are then.
///
/// # Errors
/// `webhook_off` while its webhook is switched off.
pub fn replay(tx: &Tx<'_>, webhook: WebhookId, id: DeliveryId) -> Result<()> {
    delivery(tx, webhook, id)?;
    if !view(tx, webhook)?.on {
        return Err(Error::conflict("webhook_off", "the webhook is switched off; switch it on first"));
    }
    tx.run(
        sql!(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, failure = NULL, began_at = $3 \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, tx.now()],
    )?;
    audit::record(tx, "webhook.replayed", &id.to_string())?;
    jobs::post(tx, JobKind::PostWebhook, &id.to_string(), &webhook.to_string(), tx.now())
}

/// What is to be posted for a delivery; `None` if nothing is any more.
pub fn posting(tx: &Tx<'_>, id: DeliveryId) -> Result<Option<Posting>> {
    let Some(delivery) = found(tx, id)?.filter(|delivery| delivery.state == DeliveryState::Waiting) else {
        return Ok(None);
    };
    let webhook = view(tx, delivery.webhook)?;
    let Some(fact) = facts::one(tx, delivery.seq)?.filter(|_| webhook.on) else { return Ok(None) };
    let secret = secret(tx, webhook.id)?;
    Ok(Some(Posting { id, webhook: webhook.id, url: webhook.url, secret, fact }))
}

/// What waits for a webhook that is off, or says nothing any more, is over.
pub fn drop_waiting(tx: &Tx<'_>, id: DeliveryId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE deliveries SET state = 'failed', failure = 'not_sent' WHERE workspace_id = $1 AND id = $2 \
             AND state = 'waiting'"
        ),
        params![id],
    )?;
    Ok(())
}

/// Notes what came of a post; when to try again, if it is to be.
pub fn posted(tx: &Tx<'_>, posting: &Posting, outcome: Outcome) -> Result<Option<Millis>> {
    let Some(delivery) = found(tx, posting.id)? else { return Ok(None) };
    let attempts = delivery.attempts + 1;
    let (status, failure) = match outcome {
        Outcome::Taken(status) => (Some(i64::from(status)), None),
        Outcome::Answered(status) => (Some(i64::from(status)), Some("refused")),
        Outcome::Unanswered(word) => (None, Some(word)),
    };
    let off = webhook_after(tx, posting.webhook, outcome)?;
    let state = match failure {
        None => DeliveryState::Delivered,
        Some(_) if off || tx.now() - delivery.began_at >= SPAN_MS => DeliveryState::Failed,
        Some(_) => DeliveryState::Waiting,
    };
    tx.run(
        sql!(
            "UPDATE deliveries SET state = $3, attempts = $4, status = $5, failure = $6, attempted_at = $7 \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![posting.id, state.as_str(), attempts, status, failure, tx.now()],
    )?;
    let again = tx.now() + pause(attempts, tx.chance());
    Ok((state == DeliveryState::Waiting).then_some(again))
}

/// Notes on the webhook how a post ended; whether it is off.
fn webhook_after(tx: &Tx<'_>, id: WebhookId, outcome: Outcome) -> Result<bool> {
    if let Outcome::Taken(_) = outcome {
        tx.run(
            sql!(
                "UPDATE webhooks SET failing_since = NULL WHERE workspace_id = $1 AND id = $2 AND failing_since IS NOT NULL"
            ),
            params![id],
        )?;
        return Ok(false);
    }
    tx.run(
        sql!("UPDATE webhooks SET failing_since = $3 WHERE workspace_id = $1 AND id = $2 AND failing_since IS NULL"),
        params![id, tx.now()],
    )?;
    let webhook = view(tx, id)?;
    let reason = match (outcome, webhook.failing_since) {
        // By this the other system says that it wants no more (Standard Webhooks, "Consumer best practices").
        (Outcome::Answered(410), _) => Some("gone"),
        (_, Some(since)) if tx.now() - since >= SPAN_MS => Some("failing"),
        _ => None,
    };
    if reason.is_some() && webhook.on {
        switch_off(tx, id, reason)?;
    }
    Ok(reason.is_some() || !webhook.on)
}

/// Forgets deliveries that were made seven days ago, at most `limit`; how many it was.
pub(crate) fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM deliveries WHERE workspace_id = $1 AND id IN \
             (SELECT id FROM deliveries WHERE workspace_id = $1 AND created_at < $2 LIMIT $3)"
        ),
        params![tx.now() - facts::KEPT_FOR, limit],
    )
}

/// Doubling from five seconds to a day, of which the last quarter is left to chance.
fn pause(attempts: i64, chance: [u8; 32]) -> Millis {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let full = BACKOFF_FIRST_MS.saturating_mul(1 << doublings).min(BACKOFF_MAX_MS);
    full - full / 4 + full / 4 * Millis::from(chance[0]) / 255
}

fn found(tx: &Tx<'_>, id: DeliveryId) -> Result<Option<Delivery>> {
    tx.maybe(
        sql!(
            "SELECT id, webhook_id, seq, kind, state, attempts, status, failure, created_at, began_at, attempted_at \
             FROM deliveries WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        webhook: row.get(1)?,
        seq: row.get(2)?,
        kind: row.text(3)?,
        state: word(row, 4)?,
        attempts: row.get(5)?,
        status: row.get(6)?,
        failure: row.get(7)?,
        created_at: row.get(8)?,
        began_at: row.get(9)?,
        attempted_at: row.get(10)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_five_seconds_to_a_day() {
        assert_eq!((pause(1, [255; 32]), pause(2, [255; 32]), pause(1, [0; 32])), (5_000, 10_000, 3_750));
        assert_eq!((pause(15, [255; 32]), pause(16, [255; 32])), (81_920_000, BACKOFF_MAX_MS));
        assert_eq!(pause(1_000, [255; 32]), BACKOFF_MAX_MS);
    }
}
