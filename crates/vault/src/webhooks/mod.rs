//! Webhooks: other systems that are told what happens, signed by Standard Webhooks. Address and secret are sealed; which
//! facts went out is kept for a week, what they said is not.

mod deliveries;

pub use deliveries::{
    Delivery, DeliveryState, Outcome, Posting, SPAN_MS, deliveries, delivery, drop_waiting, posted, posting, replay,
};
pub(crate) use deliveries::{order, sweep};

use crate::facts::{self, FactKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{Error, Millis, Personal, Result, Right, Tx, WebhookId, audit, telling};

/// How many webhooks a workspace has at most.
const MANY: usize = 20;
/// Longest address, in bytes.
const LONGEST: usize = 2_000;

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it takes posts. It may hold a credential.
    pub url: Personal<String>,
    /// Types of event (`message.created`) it is told of; none named: all.
    pub types: Vec<String>,
    /// Whether it is told anything.
    pub on: bool,
    /// Why the platform has switched it off: `failing` or `gone`.
    pub reason: Option<String>,
    /// Since when every post to it failed.
    pub failing_since: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    since_seq: i64,
}

/// What changes about a webhook; `None` leaves as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct WebhookChange {
    pub url: Option<Personal<String>>,
    pub types: Option<Vec<String>>,
    pub on: Option<bool>,
}

/// Makes a webhook. It is told of what happens from now on. `secret` signs its posts.
///
/// # Errors
/// `limit_reached` at twenty; [`Error::Invalid`] for what is no address or no type of event.
pub fn create(tx: &Tx<'_>, url: &Personal<String>, secret: &Personal<String>, types: &[String]) -> Result<WebhookId> {
    tx.scope()?.require(Right::ManageWebhooks)?;
    if list(tx)?.len() >= MANY {
        return Err(Error::conflict("limit_reached", "a workspace has at most 20 webhooks; delete one first"));
    }
    let (types, id) = (listed(types)?, tx.id::<WebhookId>());
    let row = id.to_string();
    let url = tx.seal_text(Under::Workspace, place("url_sealed", &row), checked(url)?)?;
    let secret = tx.seal_text(Under::Workspace, place("secret_sealed", &row), secret)?;
    tx.run(
        sql!(
            "INSERT INTO webhooks (workspace_id, id, url_sealed, secret_sealed, types, state, since_seq, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'on', $6, $7)"
        ),
        params![id, url, secret, types, facts::head(tx)?, tx.now()],
    )?;
    telling::listen(tx)?;
    audit::record(tx, "webhook.created", &row)?;
    Ok(id)
}

/// Changes a webhook. Switched on again, it is told of what happens from then on.
pub fn update(tx: &Tx<'_>, id: WebhookId, change: &WebhookChange) -> Result<()> {
    let before = view(tx, id)?;
    let row = id.to_string();
    if let Some(url) = &change.url {
        let sealed = tx.seal_text(Under::Workspace, place("url_sealed", &row), checked(url)?)?;
        tx.run(
            sql!("UPDATE webhooks SET url_sealed = $3, failing_since = NULL WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
        )?;
    }
    if let Some(types) = &change.types {
        tx.run(
            sql!("UPDATE webhooks SET types = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, listed(types)?],
        )?;
    }
    match change.on {
        Some(true) if !before.on => {
            tx.run(
                sql!(
                    "UPDATE webhooks SET state = 'on', reason = NULL, failing_since = NULL, since_seq = $3 \
                     WHERE workspace_id = $1 AND id = $2"
                ),
                params![id, facts::head(tx)?],
            )?;
        }
        Some(false) if before.on => switch_off(tx, id, None)?,
        _ => {}
    }
    audit::record(tx, "webhook.updated", &row)?;
    Ok(())
}

/// Deletes a webhook with what is known of its deliveries.
pub fn remove(tx: &Tx<'_>, id: WebhookId) -> Result<()> {
    tx.scope()?.require(Right::ManageWebhooks)?;
    let removed = tx.run(sql!("DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2"), params![id])?;
    if removed == 0 {
        return Err(Error::NotFound("webhook"));
    }
    tx.run(sql!("DELETE FROM deliveries WHERE workspace_id = $1 AND webhook_id = $2"), params![id])?;
    audit::record(tx, "webhook.deleted", &id.to_string())?;
    Ok(())
}

/// All webhooks, oldest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Webhook>> {
    tx.scope()?.require(Right::ManageWebhooks)?;
    let rows = tx.all(
        sql!(
            "SELECT id, url_sealed, types, state, reason, failing_since, created_at, since_seq FROM webhooks \
             WHERE workspace_id = $1 ORDER BY id"
        ),
        params![],
        read,
    )?;
    rows.into_iter().map(|stored| open(tx, stored)).collect()
}

/// One webhook.
pub fn view(tx: &Tx<'_>, id: WebhookId) -> Result<Webhook> {
    list(tx)?.into_iter().find(|webhook| webhook.id == id).ok_or(Error::NotFound("webhook"))
}

/// What its posts are signed with, in the form of Standard Webhooks (`whsec_…`).
pub fn secret(tx: &Tx<'_>, id: WebhookId) -> Result<Personal<String>> {
    tx.scope()?.require(Right::ManageWebhooks)?;
    let sealed =
        tx.maybe(sql!("SELECT secret_sealed FROM webhooks WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Vec<u8>>(0)
        })?;
    let sealed = sealed.ok_or(Error::NotFound("webhook"))?;
    tx.open_text(place("secret_sealed", &id.to_string()), &sealed)?.ok_or(Error::Erased)
}

impl Webhook {
    /// Whether it is told of a fact.
    pub(crate) fn listens(&self, fact: &facts::Fact) -> bool {
        let named = || self.types.is_empty() || self.types.iter().any(|name| name == fact.kind.as_str());
        self.on && fact.seq > self.since_seq && named()
    }
}

/// Switches a webhook off. What waits for it is sent no more.
fn switch_off(tx: &Tx<'_>, id: WebhookId, reason: Option<&'static str>) -> Result<()> {
    tx.run(
        sql!("UPDATE webhooks SET state = 'off', reason = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, reason],
    )?;
    audit::record(tx, "webhook.switched_off", &id.to_string())?;
    Ok(())
}

fn checked(url: &Personal<String>) -> Result<&Personal<String>> {
    let text = url.reveal();
    let web = text.starts_with("https://") || text.starts_with("http://");
    if !web || text.len() > LONGEST || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(Error::Invalid("url: an https address of at most 2,000 bytes".into()));
    }
    Ok(url)
}

fn listed(types: &[String]) -> Result<String> {
    if let Some(unknown) = types.iter().position(|name| !FactKind::types().any(|known| known == name)) {
        return Err(Error::Invalid(format!("types: the type at {unknown} is none of those that GET /events shows")));
    }
    Ok(types.join(","))
}

fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place { table: "webhooks", column, row }
}

type Stored = (Vec<u8>, Webhook);

fn read(row: &Row<'_>) -> Result<Stored> {
    let types = row.text(2)?;
    let webhook = Webhook {
        id: row.get(0)?,
        url: Personal::default(),
        types: types.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        on: row.text(3)? == "on",
        reason: row.get(4)?,
        failing_since: row.get(5)?,
        created_at: row.get(6)?,
        since_seq: row.get(7)?,
    };
    Ok((row.get(1)?, webhook))
}

fn open(tx: &Tx<'_>, (sealed, mut webhook): Stored) -> Result<Webhook> {
    webhook.url = tx.open_text(place("url_sealed", &webhook.id.to_string()), &sealed)?.ok_or(Error::Erased)?;
    Ok(webhook)
}
