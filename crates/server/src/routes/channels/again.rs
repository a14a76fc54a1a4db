//! Connecting a disconnected channel again, as long as what it brought has not ended (D-2).

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use vault::channels::{self, ChannelChange};
use vault::{ChannelId, Millis, Personal};

use super::given::Given;
use super::{Id, not_needed, shown_once, spec_of, view, with_generated};
use crate::app::Shared;
use crate::auth::{Allowed, ManageChannels};
use crate::problem::{ApiError, Json};
use crate::views::ChannelView;
use crate::workers::connecting;

/// A day, in milliseconds.
pub(super) const DAY_MS: Millis = 24 * 3_600_000;

/// How many days after its disconnection the content of a channel begins to go, where its kind has a term: a day before that is over,
/// so that it is met.
pub(super) fn content_days(kind: &str) -> Option<Millis> {
    let connector = connect::channels::by_kind(kind)?;
    let days = connector.spec().limits.content_days;
    (days > 0).then(|| Millis::from(days) - 1)
}

/// What the channel is connected with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reconnection {
    /// As for a new channel. Settings that are no secrets and still known need not be given again.
    #[serde(default)]
    settings: BTreeMap<String, Value>,
}

/// Connects a disconnected channel again: what it brought before stays, and the term for that ends. `409 channel_ended` once that is over.
#[utoipa::path(post, operation_id = "channels_reconnect", path = "/channels/{id}/connection", tag = "channels", params(("id" = String, Path)),
    request_body = Reconnection,
    responses((status = 200, body = ChannelView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn reconnect(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    Json(order): Json<Reconnection>,
) -> Result<Json<ChannelView>, ApiError> {
    let known = app.vault.read(allowed.scope(), move |tx| channels::view(tx, id)).await?;
    let spec = spec_of(&known.kind)?;
    let mut given = Given::read(spec, &order.settings)?;
    for (key, value) in known.settings.into_revealed() {
        if !given.removed.contains(&key) {
            given.settings.entry(key).or_insert(value);
        }
    }
    given.complete(spec, &not_needed(&app, spec, &given))?;
    let settings = given.settings.into_iter().map(|(key, value)| (key, Some(Personal::new(value)))).collect();
    let secrets = with_generated(&app, spec, given.secrets).into_iter().map(|(key, secret)| (key, Some(secret)));
    let change = ChannelChange { name: None, settings, secrets: secrets.collect() };
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            engine::declared::allows(tx, spec)?;
            channels::reconnect(tx, id, &change)?;
            channels::note_account(tx, id, spec.account_key)
        })
        .await?;
    connecting::connect(&app, allowed.scope(), id).await?;
    let mut view = view(&app, allowed.scope(), id).await?;
    view.shown_once = shown_once(&app, allowed.scope(), spec, id).await?;
    Ok(Json(view))
}
