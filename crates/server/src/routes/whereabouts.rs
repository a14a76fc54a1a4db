//! What is known of a contact beside the profile: past conversations, and where the data is.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::conversations::{self, Filter};
use vault::{ContactId, audit, contacts, map};

use super::{Id, PageQuery};
use crate::app::Shared;
use crate::auth::{Allowed, ReadContacts, ReadConversations};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ConversationView, ListView, WhereaboutsView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(past)).routes(routes!(whereabouts))
}

/// A contact's conversations on all channels, those of whoever is one with it too, the most recently active first.
#[utoipa::path(get, operation_id = "contacts_conversations", path = "/contacts/{id}/conversations", tag = "contacts",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, body = ListView<ConversationView>), (status = 401), (status = 403), (status = 404)))]
async fn past(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(contact): Id<ContactId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<ConversationView>>, ApiError> {
    let (cursor, limit) = (page.cursor()?, page.limit()?);
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            contacts::require(tx, contact)?;
            audit::record(tx, "conversations.listed", &contact.to_string())?;
            let filter = Filter { contact: Some(contact), ..Filter::default() };
            conversations::list(tx, &filter, cursor.as_ref(), limit)
        })
        .await?;
    Ok(Json(ListView::of(page, Into::into)))
}

/// Where a contact's data is and until when, counted along the data map.
#[utoipa::path(get, operation_id = "contacts_whereabouts", path = "/contacts/{id}/whereabouts", tag = "contacts",
    params(("id" = String, Path)),
    responses((status = 200, body = WhereaboutsView), (status = 401), (status = 403), (status = 404)))]
async fn whereabouts(
    State(app): State<Shared>,
    allowed: Allowed<ReadContacts>,
    Id(contact): Id<ContactId>,
) -> Result<Json<WhereaboutsView>, ApiError> {
    let look = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let found = map::whereabouts(tx, contact)?;
        audit::record(tx, "contact.looked_up", &contact.to_string())?;
        Ok(found)
    };
    Ok(Json(app.vault.write(allowed.scope(), look).await?.into()))
}
