//! Contacts.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::contacts::{self, Profile};
use vault::identities::NewIdentity;
use vault::{ChannelId, ContactId, Personal, Scope, audit, limitations, merges};

use super::{Id, cursor, limit};
use crate::app::Shared;
use crate::auth::{Allowed, ReadContacts, WriteContacts};
use crate::order::Order;
use crate::problem::{ApiError, Json, Query};
use crate::views::{ContactView, ListView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change))
}

/// Which contacts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ContactQuery {
    /// Words of a name.
    q: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A contact to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactOrder {
    name: Option<String>,
    language: Option<String>,
    #[serde(default)]
    identities: Vec<IdentityOrder>,
    #[schema(value_type = Option<std::collections::BTreeMap<String, serde_json::Value>>)]
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
}

/// An identity of a contact to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentityOrder {
    /// The channel on which the contact is known by it.
    channel_id: String,
    /// `phone`, `email`, `external_id`, …
    kind: String,
    value: String,
}

/// What changes. What is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactPatch {
    name: Option<String>,
    language: Option<String>,
    #[schema(value_type = Option<std::collections::BTreeMap<String, serde_json::Value>>)]
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether the contact asked that their data is not processed (GDPR Art. 18): then only a member's own reply is sent. It
    /// takes the right to manage consents.
    restricted: Option<bool>,
}

/// Contacts, most recently active first; with `q`, those whose name matches.
#[utoipa::path(get, operation_id = "contacts_list", path = "/contacts", tag = "contacts", params(ContactQuery),
    responses((status = 200, body = ListView<ContactView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadContacts>,
    Query(query): Query<ContactQuery>,
) -> Result<Json<ListView<ContactView>>, ApiError> {
    let (limit, cursor) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    if let Some(words) = query.q.filter(|words| !words.trim().is_empty()) {
        let found = crate::search::contacts(&app, allowed.scope(), &words, limit).await?;
        return Ok(Json(ListView::whole(found.into_iter().map(Into::into).collect())));
    }
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "contacts.listed", "contacts")?;
            contacts::list(tx, cursor.as_ref(), limit)
        })
        .await?;
    Ok(Json(ListView::of(page, Into::into)))
}

/// Creates a contact.
#[utoipa::path(post, operation_id = "contacts_create", path = "/contacts", tag = "contacts", request_body = ContactOrder,
    responses((status = 201, body = ContactView), (status = 401), (status = 403), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteContacts>,
    order: Order<ContactOrder>,
) -> Result<Response, ApiError> {
    let identities = order.body.identities.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let profile = profile(order.body.name, order.body.language, order.body.attributes)?;
    let (status, id) = order
        .key
        .once(&app, allowed.scope(), move |tx| {
            let id = engine::directory::create_contact(tx, &profile, &identities)?;
            audit::record(tx, "contact.created", &id.to_string())?;
            Ok((201, id.to_string()))
        })
        .await?;
    let id = id.parse::<ContactId>()?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
    Ok((status, Json(view(&app, allowed.scope(), id, None).await?)).into_response())
}

fn known(order: &IdentityOrder) -> Result<(ChannelId, NewIdentity), ApiError> {
    let channel = order.channel_id.parse().map_err(|_| ApiError::field("identities.channel_id", "no such channel"))?;
    let value = Personal::new(order.value.trim().to_owned());
    Ok((channel, NewIdentity { kind: order.kind.clone(), scope: String::new(), value }))
}

fn profile(
    name: Option<String>,
    language: Option<String>,
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
) -> Result<Profile, ApiError> {
    if name.as_ref().is_some_and(|name| name.chars().count() > 200) {
        return Err(ApiError::field("name", "at most 200 characters"));
    }
    if language.as_ref().is_some_and(|language| language.len() > 35) {
        return Err(ApiError::field("language", "a BCP 47 tag of at most 35 characters"));
    }
    Ok(Profile {
        name: name.map(Personal::new),
        language: language.map(Personal::new),
        attributes: attributes.map(Personal::new),
    })
}

/// One contact.
#[utoipa::path(get, operation_id = "contacts_read", path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadContacts>,
    Id(id): Id<ContactId>,
) -> Result<Json<ContactView>, ApiError> {
    Ok(Json(view(&app, allowed.scope(), id, Some("contact.read")).await?))
}

/// Changes a contact.
#[utoipa::path(patch, operation_id = "contacts_change", path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)), request_body = ContactPatch,
    responses((status = 200, body = ContactView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<WriteContacts>,
    Id(id): Id<ContactId>,
    Json(patch): Json<ContactPatch>,
) -> Result<Json<ContactView>, ApiError> {
    let (restricted, profile) = (patch.restricted, profile(patch.name, patch.language, patch.attributes)?);
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            // What a member changes is what is shown: who stays.
            let standing = merges::standing(tx, id)?;
            if let Some(restricted) = restricted {
                if restricted {
                    limitations::restrict(tx, standing, None)?;
                } else {
                    limitations::unrestrict(tx, standing)?;
                }
            }
            contacts::update(tx, standing, &profile)?;
            audit::record(tx, "contact.changed", &standing.to_string()).map(|_| ())
        })
        .await?;
    Ok(Json(view(&app, allowed.scope(), id, None).await?))
}

pub(super) async fn view(
    app: &Shared,
    scope: &Scope,
    id: ContactId,
    act: Option<&'static str>,
) -> Result<ContactView, ApiError> {
    let contact = match act {
        Some(act) => {
            let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
                let contact = contacts::view(tx, id)?;
                audit::record(tx, act, &contact.id.to_string())?;
                Ok(contact)
            };
            app.vault.write(scope, read).await?
        }
        None => app.vault.read(scope, move |tx| contacts::view(tx, id)).await?,
    };
    Ok(contact.into())
}
