//! What a provider shows people of the business behind a channel.

use axum::extract::State;
use connect::{Capability, Profile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{ChannelId, audit};

use super::Id;
use super::template_drafts::sound;
use crate::app::Shared;
use crate::auth::{Allowed, ManageChannels};
use crate::problem::{ApiError, Json};
use crate::provider::Line;

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, change))
}

/// A business's profile at a provider. What the provider does not say is null.
#[derive(Serialize, ToSchema)]
struct ChannelProfileView {
    about: Option<String>,
    address: Option<String>,
    description: Option<String>,
    email: Option<String>,
    websites: Vec<String>,
    /// The provider's word for the trade, in lower case (`retail`).
    category: Option<String>,
}

/// What changes of it. What is not named stays; an empty text or list takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelProfilePatch {
    about: Option<String>,
    address: Option<String>,
    description: Option<String>,
    email: Option<String>,
    websites: Option<Vec<String>>,
    category: Option<String>,
}

/// The profile as the provider shows it now.
#[utoipa::path(get, operation_id = "channels_profile_read", path = "/channels/{id}/profile", tag = "channels", params(("id" = String, Path)),
    responses((status = 200, body = ChannelProfileView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429), (status = 503)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(channel): Id<ChannelId>,
) -> Result<Json<ChannelProfileView>, ApiError> {
    let line = Line::to(&app, allowed.scope(), channel, Capability::Profile).await?;
    asked(&app, &line).await.map(Json)
}

/// Changes the profile at the provider. The answer has it as the provider shows it then.
#[utoipa::path(patch, operation_id = "channels_profile_change", path = "/channels/{id}/profile", tag = "channels", params(("id" = String, Path)),
    request_body = ChannelProfilePatch,
    responses((status = 200, body = ChannelProfileView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429), (status = 503)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<ManageChannels>,
    Id(channel): Id<ChannelId>,
    Json(patch): Json<ChannelProfilePatch>,
) -> Result<Json<ChannelProfileView>, ApiError> {
    let line = Line::to(&app, allowed.scope(), channel, Capability::Profile).await?;
    let ChannelProfilePatch { about, address, description, email, websites, category } = patch;
    let wanted = Profile { about, address, description, email, websites, category };
    sound(line.connector.profile_faults(&wanted))?;
    if wanted != Profile::default() {
        if let Err(error) = line.ask(&app, |it, ctx, account, said| it.set_profile(ctx, &wanted, account, said)).await {
            return Err(line.failure(&app, error).await);
        }
        let noted =
            move |tx: &vault::Tx<'_>| audit::record(tx, "channel.profile_changed", &channel.to_string()).map(|_| ());
        app.vault.write(allowed.scope(), noted).await?;
    }
    asked(&app, &line).await.map(Json)
}

async fn asked(app: &Shared, line: &Line) -> Result<ChannelProfileView, ApiError> {
    match line.ask(app, connect::Connector::profile).await {
        Ok(profile) => Ok(ChannelProfileView {
            about: profile.about,
            address: profile.address,
            description: profile.description,
            email: profile.email,
            websites: profile.websites.unwrap_or_default(),
            category: profile.category,
        }),
        Err(error) => Err(line.failure(app, error).await),
    }
}
