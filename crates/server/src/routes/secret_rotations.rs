//! New values for a channel's secrets, while those before are accepted a while longer.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use connect::Field;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::channels::{self, ChannelSecret};
use vault::{ChannelId, Scope};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ManageChannels};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::time;
use crate::workers::connecting;

/// How long a previous secret is accepted if nothing else is asked for: a day.
const GRACE_SECONDS: i64 = 24 * 60 * 60;
/// The longest secret, in bytes.
const LONGEST: usize = 10_000;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(order))
}

/// A secret that is to be another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SecretRotationOrder {
    /// Which, by the keys that `GET /channels/kinds` names.
    key: String,
    /// What it is to be; where the platform makes this secret, nothing.
    value: Option<String>,
    /// For how long what it was is accepted in requests that come in: 0 to 604,800 seconds, a day if nothing is said.
    #[schema(minimum = 0, maximum = 604_800)]
    grace_seconds: Option<i64>,
}

/// A secret that is another now.
#[derive(Serialize, ToSchema)]
struct SecretRotationView {
    channel_id: String,
    key: String,
    /// Until when what it was is accepted, if it still is.
    previous_until: Option<String>,
    /// The new value, if the platform made it and the other side needs it. Shown in this answer only.
    shown_once: Option<String>,
    /// `ready`, or `needs_attention` where the provider does not take what it was given.
    state: String,
}

/// Gives a channel's secret a new value. The hook is registered anew where the provider has to know the secret; what was
/// signed with the one before is taken until the grace is over.
#[utoipa::path(post, operation_id = "secret_rotations_order", path = "/channels/{id}/secret-rotations", tag = "channels", params(("id" = String, Path)), request_body = SecretRotationOrder,
    responses((status = 201, body = SecretRotationView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn order(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    order: Order<SecretRotationOrder>,
) -> Result<Response, ApiError> {
    let SecretRotationOrder { key, value, grace_seconds } = order.body;
    let (kind, _) = app.vault.read(allowed.scope(), move |tx| channels::kind_and_state(tx, id)).await?;
    let field = field(&kind, &key)?;
    let made = value.is_none();
    let secret = match value {
        Some(value) => given(&value)?,
        None if field.generated => ChannelSecret::new(field.generate(app.vault.chance().draw()).expose()),
        None => return Err(ApiError::field("value", "this secret is not made here: give its new value")),
    };
    let grace = grace_ms(grace_seconds.unwrap_or(GRACE_SECONDS))?;
    let rotate = move |tx: &vault::Tx<'_>| {
        channels::rotate_secret(tx, id, field.key, &secret, grace)?;
        Ok((201, id.to_string()))
    };
    let (status, _) = order.key.once(&app, allowed.scope(), rotate).await?;
    connecting::connect(&app, allowed.scope(), id).await?;
    let view = view(&app, allowed.scope(), id, field, made).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED), Json(view)).into_response())
}

fn field(kind: &str, key: &str) -> Result<&'static Field, ApiError> {
    let fields = connect::channels::by_kind(kind).map(|connector| connector.spec().fields).unwrap_or_default();
    let mut secrets = fields.iter().filter(|field| field.secret);
    let known = || fields.iter().filter(|field| field.secret).map(|field| field.key).collect::<Vec<_>>().join(", ");
    secrets.find(|field| field.key == key).ok_or_else(|| ApiError::field("key", format!("one of {}", known())))
}

fn given(value: &str) -> Result<ChannelSecret, ApiError> {
    let value = value.trim();
    if value.is_empty() || value.len() > LONGEST || value.contains('\0') {
        return Err(ApiError::field("value", "1 to 10,000 bytes, without NUL"));
    }
    Ok(ChannelSecret::new(value))
}

fn grace_ms(seconds: i64) -> Result<i64, ApiError> {
    let grace = seconds.saturating_mul(1_000);
    if (0..=channels::GRACE_MOST_MS).contains(&grace) {
        Ok(grace)
    } else {
        Err(ApiError::field("grace_seconds", "0 to 604800"))
    }
}

/// What is stored, so that a repetition of the request shows what the first one made.
async fn view(
    app: &Shared,
    scope: &Scope,
    id: ChannelId,
    field: &'static Field,
    made: bool,
) -> Result<SecretRotationView, ApiError> {
    let platform = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
    let (kept, state) = app
        .vault
        .read(&platform, move |tx| -> vault::Result<_> {
            Ok((channels::account(tx, id)?, channels::kind_and_state(tx, id)?.1))
        })
        .await?;
    let shown = kept.secrets.get(field.key).filter(|_| made && field.shown_once);
    Ok(SecretRotationView {
        channel_id: id.to_string(),
        key: field.key.to_owned(),
        previous_until: kept.previous.get(field.key).map(|previous| time(previous.until)),
        shown_once: shown.map(|secret| secret.expose().to_owned()),
        state: state.as_str().to_owned(),
    })
}
