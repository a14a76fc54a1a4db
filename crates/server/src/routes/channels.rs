//! Channels: connecting, changing, disconnecting.

mod again;
mod given;
mod sharing;

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use connect::Spec;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::channels::{self, Channel, ChannelAccount, ChannelChange, ChannelSecret, NewChannel};
use vault::{ChannelId, Personal, Scope, audit, retention};

use self::given::Given;
use super::{Id, PageQuery};
use crate::app::Shared;
use crate::auth::{Allowed, ManageChannels, ReadDirectory};
use crate::order::{Key, Order};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ChannelView, KindView, ListView};
use crate::workers::connecting;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(list, create))
        .routes(routes!(read, change, disconnect))
        .routes(routes!(check))
        .routes(routes!(again::reconnect))
        .merge(sharing::router())
}

/// A channel to be connected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelOrder {
    kind: String,
    name: String,
    /// By the keys that `GET /channels/kinds` names; a list is an array of strings, a number is taken as its digits. For keys with
    /// a dot there may be an object: `{"imap": {"host": "…"}}` is `imap.host`. `true` and `false` stand for words of a choice:
    /// `false` for `no` or `none`, `true` for `yes`, or else the first that is neither.
    #[serde(default)]
    settings: BTreeMap<String, Value>,
}

/// What changes. A setting that is not named stays; null removes it, and of an object all that it stands for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelPatch {
    name: Option<String>,
    #[serde(default)]
    settings: BTreeMap<String, Value>,
}

/// What each kind of channel needs and can do.
#[utoipa::path(get, operation_id = "channels_kinds", path = "/channels/kinds", tag = "channels",
    responses((status = 200, body = ListView<KindView>), (status = 401), (status = 403)))]
async fn kinds(State(app): State<Shared>, _: Allowed<ReadDirectory>) -> Json<ListView<KindView>> {
    let kinds = connect::channels::all().iter();
    let shown = |connector: &&'static dyn connect::Connector| KindView {
        signs_in: app.only_signs_in(*connector),
        ..connector.spec().into()
    };
    Json(ListView::whole(kinds.map(shown).collect()))
}

/// The workspace's channels.
#[utoipa::path(get, operation_id = "channels_list", path = "/channels", tag = "channels", params(PageQuery),
    responses((status = 200, body = ListView<ChannelView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<ChannelView>>, ApiError> {
    let (cursor, limit) = (page.cursor()?, usize::try_from(page.limit()?).unwrap_or(1));
    let page = app.vault.read(allowed.scope(), move |tx| channels::list(tx, cursor.as_ref(), limit)).await?;
    Ok(Json(ListView::of(page, |channel| shown(&app, channel))))
}

/// Connects a channel: its credentials are proven and its hook is registered before the answer, if the provider
/// answers in time. Generated secrets that the other side needs are shown in this answer only.
#[utoipa::path(post, operation_id = "channels_create", path = "/channels", tag = "channels", request_body = ChannelOrder,
    responses((status = 201, body = ChannelView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    order: Order<ChannelOrder>,
) -> Result<Response, ApiError> {
    let spec = spec_of(&order.body.kind)?;
    let given = Given::read(spec, &order.body.settings)?;
    given.complete(spec, &not_needed(&app, spec, &given))?;
    let secrets = with_generated(&app, spec, given.secrets);
    let new = NewChannel {
        kind: order.body.kind,
        name: Personal::new(order.body.name),
        settings: Personal::new(given.settings),
        secrets,
    };
    let (status, made) = order
        .key
        .once(&app, allowed.scope(), move |tx| {
            engine::declared::allows(tx, spec)?;
            let id = channels::create(tx, &new)?;
            channels::note_account(tx, id, spec.account_key)?;
            audit::record(tx, "channel.connected", &id.to_string())?;
            Ok((201, id.to_string()))
        })
        .await?;
    let id: ChannelId = made.parse()?;
    connecting::connect(&app, allowed.scope(), id).await?;
    let mut view = view(&app, allowed.scope(), id).await?;
    view.shown_once = shown_once(&app, allowed.scope(), spec, id).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED), Json(view)).into_response())
}

/// The secrets that the other side needs. They are read from what was stored, so that a repetition of the request shows
/// those of the first.
async fn shown_once(
    app: &Shared,
    scope: &Scope,
    spec: &Spec,
    id: ChannelId,
) -> Result<BTreeMap<String, String>, ApiError> {
    let platform = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
    let kept = app.vault.read(&platform, move |tx| channels::account(tx, id)).await?;
    let shown = spec.fields.iter().filter(|field| field.shown_once && field.generated);
    Ok(shown
        .filter_map(|field| Some((field.key.to_owned(), kept.secrets.get(field.key)?.expose().to_owned())))
        .collect())
}

/// One channel.
#[utoipa::path(get, operation_id = "channels_read", path = "/channels/{id}", tag = "channels", params(("id" = String, Path)),
    responses((status = 200, body = ChannelView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Id(id): Id<ChannelId>,
) -> Result<Json<ChannelView>, ApiError> {
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Changes a channel; changed credentials are proven anew.
#[utoipa::path(patch, operation_id = "channels_change", path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), request_body = ChannelPatch,
    responses((status = 200, body = ChannelView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    Json(patch): Json<ChannelPatch>,
) -> Result<Json<ChannelView>, ApiError> {
    let (kind, _) = app.vault.read(allowed.scope(), move |tx| channels::kind_and_state(tx, id)).await?;
    let spec = spec_of(&kind)?;
    let given = Given::read(spec, &patch.settings)?;
    let version = refuse_leading_away(&app, allowed.scope(), id, &given).await?;
    let with_settings = !patch.settings.is_empty();
    let mut change = ChannelChange { name: patch.name.map(Personal::new), ..ChannelChange::default() };
    for key in given.removed {
        change.settings.insert(key.clone(), None);
        change.secrets.insert(key, None);
    }
    change.settings.extend(given.settings.into_iter().map(|(key, value)| (key, Some(Personal::new(value)))));
    change.secrets.extend(given.secrets.into_iter().map(|(key, secret)| (key, Some(secret))));
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            if with_settings && !channels::is_version(tx, id, version)? {
                return Err(vault::Error::conflict(
                    "changed_meanwhile",
                    "the channel was changed meanwhile; try again",
                ));
            }
            channels::update(tx, id, &change)?;
            channels::note_account(tx, id, spec.account_key)?;
            audit::record(tx, "channel.changed", &id.to_string()).map(|_| ())
        })
        .await?;
    if with_settings {
        connecting::connect(&app, allowed.scope(), id).await?;
    }
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// A stored secret goes to another place only in the hands of somebody who has it. The version of the channel that this was looked
/// up in.
async fn refuse_leading_away(app: &Shared, scope: &Scope, id: ChannelId, given: &Given) -> Result<i64, ApiError> {
    let platform = app.vault.platform_scope(scope).ok_or_else(ApiError::forbidden)?;
    let looked = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let version = channels::version(tx, id)?;
        match channels::account(tx, id) {
            // What a disconnected channel says of it comes with the change itself.
            Err(vault::Error::Conflict { .. }) => Ok((version, None)),
            kept => Ok((version, Some(kept?))),
        }
    };
    let (version, kept) = app.vault.read(&platform, looked).await?;
    let Some(kept) = kept else { return Ok(version) };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Ok(version) };
    for field in connector.spec().fields.iter().filter(|field| !field.secret) {
        if let Some(secret) = led_away(field.key, connector.secrets_behind(field.key), &kept, given) {
            let words = format!("the stored password would go there: enter `{secret}` with it");
            return Err(ApiError::field(format!("settings.{}", field.key), words));
        }
    }
    Ok(version)
}

/// The secret that would go where it did not go before, unless whoever changes it gives it.
fn led_away(key: &str, behind: &[&'static str], kept: &ChannelAccount, given: &Given) -> Option<&'static str> {
    let there = |secret: &ChannelSecret| !secret.expose().is_empty();
    let was = behind.iter().find(|secret| kept.secrets.get(**secret).is_some_and(there));
    let is_given = |secret: &str| given.secrets.get(secret).is_some_and(there);
    let stays = |secret: &str| {
        let named = given.secrets.contains_key(secret) || given.removed.iter().any(|key| key == secret);
        !named && kept.secrets.get(secret).is_some_and(there)
    };
    let goes = behind.iter().copied().find(|secret| is_given(secret) || stays(secret))?;
    let elsewhere = given.settings.get(key).is_some_and(|value| kept.settings.get(key) != Some(value))
        || (given.removed.iter().any(|removed| removed == key) && kept.settings.contains_key(key));
    ((elsewhere || was != Some(&goes)) && !is_given(goes)).then_some(goes)
}

/// Asks the provider now whether the channel works, by its credentials as they are. The answer says how it is and, if it does not
/// work, why and what to do.
#[utoipa::path(post, operation_id = "channels_check", path = "/channels/{id}/check", tag = "channels", params(("id" = String, Path)),
    responses((status = 200, body = ChannelView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn check(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
    key: Key,
) -> Result<Json<ChannelView>, ApiError> {
    let answered = key.answered(&app, allowed.scope()).await?.is_some();
    key.once(&app, allowed.scope(), move |tx| {
        let (_, state) = channels::kind_and_state(tx, id)?;
        if state == channels::ChannelState::Off {
            return Err(engine::Error::Refused(vault::outbox::Refusal::ChannelOff));
        }
        audit::record(tx, "channel.checked", &id.to_string())?;
        Ok((200, id.to_string()))
    })
    .await?;
    if !answered {
        connecting::connect(&app, allowed.scope(), id).await?;
    }
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Disconnects a channel: its secrets are gone at once, and the terms for its content run from now. Until `content_ends_at` it can be
/// connected again.
#[utoipa::path(delete, operation_id = "channels_disconnect", path = "/channels/{id}", tag = "channels", params(("id" = String, Path)),
    responses((status = 202, body = ChannelView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn disconnect(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(id): Id<ChannelId>,
) -> Result<Response, ApiError> {
    let last = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "channel.disconnected", &id.to_string())?;
            let last = channels::disconnect(tx, id)?;
            if let Some(days) = again::content_days(&last.kind) {
                retention::end_content(tx, id, tx.now() + days * again::DAY_MS)?;
            }
            Ok(last)
        })
        .await?;
    connecting::revoke(&app, &last);
    Ok((StatusCode::ACCEPTED, Json(view(&app, allowed.scope(), id).await?)).into_response())
}

pub(super) async fn view(app: &Shared, scope: &Scope, id: ChannelId) -> Result<ChannelView, ApiError> {
    let channel = app.vault.read(scope, move |tx| channels::view(tx, id)).await?;
    Ok(shown(app, channel))
}

fn shown(app: &Shared, channel: Channel) -> ChannelView {
    let connector = connect::channels::by_kind(&channel.kind);
    let hook = app.hook_url(channel.id);
    ChannelView::of(channel, hook, |settings| connector.is_some_and(|known| app.signs_in(known, settings)))
}

/// What need not be entered, because the operator set it, or because signing in brings it.
fn not_needed(app: &Shared, spec: &Spec, given: &Given) -> Vec<&'static str> {
    let set = app.given(spec).into_keys();
    let connector = connect::channels::by_kind(spec.kind);
    let brings = connector.is_some_and(|known| app.signs_in(known, &given.settings));
    let brought = spec.fields.iter().filter(|field| brings && field.brought).map(|field| field.key);
    set.chain(brought).collect()
}

fn spec_of(kind: &str) -> Result<&'static Spec, ApiError> {
    let connector = connect::channels::by_kind(kind);
    connector.map(connect::Connector::spec).ok_or_else(|| {
        let kinds: Vec<&str> = connect::channels::all().iter().map(|connector| connector.spec().kind).collect();
        ApiError::field("kind", format!("one of {}", kinds.join(", ")))
    })
}

fn with_generated(
    app: &Shared,
    spec: &Spec,
    mut secrets: BTreeMap<String, ChannelSecret>,
) -> BTreeMap<String, ChannelSecret> {
    for field in spec.fields.iter().filter(|field| field.generated && field.secret) {
        let chance = app.vault.chance().draw();
        secrets.entry(field.key.to_owned()).or_insert_with(|| ChannelSecret::new(field.generate(chance).expose()));
    }
    secrets
}
