//! Bearer tokens of the caller.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{TokenId, tokens};

use super::Id;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{ApiError, Json};
use crate::views::{ListView, TokenView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A new token, shown this once.
#[derive(Serialize, ToSchema)]
struct NewTokenView {
    id: String,
    token: String,
}

/// The caller's tokens.
#[utoipa::path(get, operation_id = "tokens_list", path = "/tokens", tag = "tokens",
    responses((status = 200, body = ListView<TokenView>), (status = 401)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<Json<ListView<TokenView>>, ApiError> {
    let tokens = app.vault.read(&caller.scope, move |tx| tokens::list(tx, Some(caller.member))).await?;
    Ok(Json(ListView::whole(tokens.into_iter().map(Into::into).collect())))
}

/// Makes a token with the caller's rights. It is shown in this answer and never again, so it takes no idempotency key.
#[utoipa::path(post, operation_id = "tokens_create", path = "/tokens", tag = "tokens",
    responses((status = 201, body = NewTokenView), (status = 401), (status = 403)))]
async fn create(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    let token = app.vault.write(&caller.scope, move |tx| tokens::create(tx, caller.member)).await?;
    let view = NewTokenView { id: token.id.to_string(), token: token.token.into_revealed() };
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// Revokes a token at once.
#[utoipa::path(delete, operation_id = "tokens_revoke", path = "/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn revoke(State(app): State<Shared>, caller: Caller, Id(id): Id<TokenId>) -> Result<StatusCode, ApiError> {
    app.vault.write(&caller.scope, move |tx| tokens::revoke(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
