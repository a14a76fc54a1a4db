//! Members.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::members;

use super::PageQuery;
use crate::app::Shared;
use crate::auth::{Allowed, ReadDirectory};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, MemberView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The workspace's members.
#[utoipa::path(get, operation_id = "members_list", path = "/members", tag = "members", params(PageQuery),
    responses((status = 200, body = ListView<MemberView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadDirectory>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<MemberView>>, ApiError> {
    let (cursor, limit) = (page.cursor()?, usize::try_from(page.limit()?).unwrap_or(1));
    let members = app.vault.read(allowed.scope(), move |tx| members::list(tx, cursor.as_ref(), limit)).await?;
    Ok(Json(ListView::of(members, Into::into)))
}
