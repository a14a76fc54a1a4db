//! The signs at the demo's door: whom to sign in as, and where the contact's phone is.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::problem::{ApiError, Json};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read))
}

#[derive(Serialize, ToSchema)]
struct DemoView {
    /// The page that plays a contact's phone.
    phone_url: String,
    members: Vec<DemoMemberView>,
}

/// Somebody to sign in as.
#[derive(Serialize, ToSchema)]
struct DemoMemberView {
    name: String,
    email: String,
    password: String,
    role: String,
}

/// In the demo: whom to sign in as. Every real installation answers 404.
#[utoipa::path(get, operation_id = "demo_read", path = "/demo", tag = "session", security(()),
    responses((status = 200, body = DemoView), (status = 404)))]
async fn read(State(app): State<Shared>) -> Result<Json<DemoView>, ApiError> {
    let demo = app.demo.as_ref().ok_or_else(ApiError::not_found)?;
    let member = |member: &crate::app::DemoMember| DemoMemberView {
        name: member.name.to_owned(),
        email: member.email.to_owned(),
        password: member.password.to_owned(),
        role: member.role.as_str().to_owned(),
    };
    Ok(Json(DemoView { phone_url: demo.phone_url.clone(), members: demo.members.iter().map(member).collect() }))
}
