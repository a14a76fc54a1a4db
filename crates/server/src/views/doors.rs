//! What leaves by other doors than channels, as callers see it: web push, webhooks; and the second factor of signing in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;
use vault::Personal;
use vault::push::Subscription;
use vault::second_factor::NewFactor;
use vault::webhooks::{Delivery, Webhook};

use super::time;

/// By what push services know this installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushKeyView {
    /// The `applicationServerKey` to subscribe with: a point on P-256, uncompressed, in unpadded base64url (RFC 8292).
    pub key: String,
}

/// A browser that is told.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct PushSubscriptionView {
    pub id: String,
    /// The address at its push service.
    pub endpoint: String,
    /// Whether it is told of new messages in conversations that nobody is assigned to.
    pub unassigned: bool,
    pub created_at: String,
}

impl PushKeyView {
    /// From the bytes of the point.
    pub fn of(point: &[u8]) -> Self {
        Self { key: URL_SAFE_NO_PAD.encode(point) }
    }
}

impl From<Subscription> for PushSubscriptionView {
    fn from(subscription: Subscription) -> Self {
        Self {
            id: subscription.id.to_string(),
            endpoint: subscription.endpoint.into_revealed(),
            unassigned: subscription.unassigned,
            created_at: time(subscription.created_at),
        }
    }
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct WebhookView {
    pub id: String,
    pub url: String,
    /// Types of event it is told of; none: all.
    pub types: Vec<String>,
    /// `on` or `off`.
    pub state: &'static str,
    /// Why it was switched off: `failing` (every post failed for three days), `gone` (it answered 410); null if a member did.
    pub reason: Option<String>,
    /// Since when every post to it failed; null while they arrive.
    pub failing_since: Option<String>,
    pub created_at: String,
}

/// A new webhook, with the secret that signs its posts. It is shown in this answer only.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct NewWebhookView {
    #[serde(flatten)]
    pub webhook: WebhookView,
    /// In the form of Standard Webhooks: `whsec_` and base64.
    pub secret: String,
}

/// A fact on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct DeliveryView {
    /// The `webhook-id` of its posts, each time the same.
    pub id: String,
    /// `seq` of the event, as `GET /events` shows it.
    pub seq: i64,
    pub r#type: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: &'static str,
    /// How often it was tried since it was made or replayed.
    pub attempts: i64,
    /// The last HTTP status that it was answered with.
    pub status: Option<i64>,
    /// Why the last attempt failed: `refused` (see `status`), `unreachable` (the address cannot be reached, or may not be),
    /// `lost` (no answer came), `not_sent` (the webhook was off, or the event too old).
    pub failure: Option<String>,
    pub created_at: String,
    pub attempted_at: Option<String>,
}

/// A secret for an authenticator app, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewFactorView {
    /// In base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth:` address, to be shown as a picture.
    pub uri: String,
}

/// Codes to sign in with, once each, when the authenticator app is lost. They are shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct RecoveryCodesView {
    pub recovery_codes: Vec<String>,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            url: webhook.url.into_revealed(),
            types: webhook.types,
            state: if webhook.on { "on" } else { "off" },
            reason: webhook.reason,
            failing_since: webhook.failing_since.map(time),
            created_at: time(webhook.created_at),
        }
    }
}

impl NewWebhookView {
    /// With the secret.
    pub fn of(webhook: Webhook, secret: Personal<String>) -> Self {
        Self { webhook: webhook.into(), secret: secret.into_revealed() }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            seq: delivery.seq,
            r#type: delivery.kind,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            status: delivery.status,
            failure: delivery.failure,
            created_at: time(delivery.created_at),
            attempted_at: delivery.attempted_at.map(time),
        }
    }
}

impl From<NewFactor> for NewFactorView {
    fn from(factor: NewFactor) -> Self {
        Self { secret: factor.secret.into_revealed(), uri: factor.uri.into_revealed() }
    }
}

impl RecoveryCodesView {
    /// From the codes as they were made.
    pub fn of(codes: Vec<Personal<String>>) -> Self {
        Self { recovery_codes: codes.into_iter().map(Personal::into_revealed).collect() }
    }
}
