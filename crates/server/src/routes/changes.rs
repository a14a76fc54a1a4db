//! Many conversations at once: counted, and changed alike.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{ChangesId, ConversationId, audit, conversations};

use super::conversations::ConversationPatch;
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::order::Order;
use crate::problem::{ApiError, Json};
use crate::views::{CountsView, ListView, OutcomeView};

/// The most conversations that one change is of.
const MOST: usize = 100;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(counts)).routes(routes!(change))
}

/// One change of many conversations.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangesOrder {
    /// Conversations, each once, at most 100.
    ids: Vec<String>,
    change: ConversationPatch,
}

/// How many conversations each view of the inbox holds, for the caller.
#[utoipa::path(get, operation_id = "conversations_counts", path = "/conversations/counts", tag = "conversations",
    responses((status = 200, body = CountsView), (status = 401), (status = 403)))]
async fn counts(State(app): State<Shared>, allowed: Allowed<ReadConversations>) -> Result<Json<CountsView>, ApiError> {
    let member = allowed.caller.member;
    let counts = app.vault.read(allowed.scope(), move |tx| conversations::counts(tx, member)).await?;
    Ok(Json(counts.into()))
}

/// Changes many conversations alike, and answers how each was before: enough to undo. One that is not there does not hold up
/// the others; a change that is wrong in itself (422) changes none.
#[utoipa::path(post, operation_id = "conversations_change_many", path = "/conversations/changes", tag = "conversations",
    request_body = ChangesOrder,
    responses((status = 200, body = ListView<OutcomeView>), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    order: Order<ChangesOrder>,
) -> Result<Json<ListView<OutcomeView>>, ApiError> {
    let ids = distinct(&order.body.ids)?;
    let change = order.body.change.change()?;
    let (_, made) = order
        .key
        .once(&app, allowed.scope(), move |tx| {
            let made = engine::reads::change_many(tx, &ids, &change)?;
            audit::record(tx, "conversations.changed", &made.to_string())?;
            Ok((200, made.to_string()))
        })
        .await?;
    let made: ChangesId = made.parse()?;
    let outcomes = app.vault.read(allowed.scope(), move |tx| conversations::outcomes(tx, made)).await?;
    Ok(Json(ListView::whole(outcomes.into_iter().map(Into::into).collect())))
}

fn distinct(ids: &[String]) -> Result<Vec<ConversationId>, ApiError> {
    let wrong = || ApiError::field("ids", "1 to 100 ids of conversations");
    if ids.is_empty() || ids.len() > MOST {
        return Err(wrong());
    }
    let mut known = Vec::with_capacity(ids.len());
    for id in ids {
        let id: ConversationId = id.parse().map_err(|_| wrong())?;
        if !known.contains(&id) {
            known.push(id);
        }
    }
    Ok(known)
}
