//! Who looks at a conversation at this moment.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::{ConversationId, WorkspaceId, conversations};

use super::Id;
use crate::app::{Shared, Signal};
use crate::auth::{Allowed, ReadConversations};
use crate::presence::{Doing, Presence};
use crate::problem::{ApiError, Json};
use crate::views::time;

/// How often it is looked who has not been heard of.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(note))
}

/// What the member does.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PresenceOrder {
    /// `looking`, `typing` or `left`. Said again at least every 30 seconds: who is not heard of for that long has left.
    doing: String,
}

/// Who is in a conversation. The stream's event `presence` has the same shape as `data`.
#[derive(Serialize, ToSchema)]
pub(super) struct PresenceView {
    conversation_id: String,
    /// Everybody who is there, the caller too.
    members: Vec<PresentView>,
}

/// A member who is there.
#[derive(Serialize, ToSchema)]
struct PresentView {
    /// The member's id.
    id: String,
    /// `looking` or `typing`.
    doing: String,
    /// Since when they do that.
    since: String,
}

impl PresenceView {
    pub(super) fn of(presence: &Presence, (workspace, id): (WorkspaceId, ConversationId), now: vault::Millis) -> Self {
        let view = |present: crate::presence::Present| PresentView {
            id: present.member.to_string(),
            doing: present.doing.as_str().to_owned(),
            since: time(present.since),
        };
        let members = presence.of((workspace, id), now).into_iter().map(view).collect();
        Self { conversation_id: id.to_string(), members }
    }
}

/// Says that the caller looks at a conversation, types there, or has left it; answers who is there now. Others hear of it by
/// the event `presence`. It is not stored, and says nothing to the contact: that is `POST /conversations/{id}/typing`.
#[utoipa::path(post, operation_id = "conversations_presence", path = "/conversations/{id}/presence", tag = "conversations",
    params(("id" = String, Path)), request_body = PresenceOrder,
    responses((status = 200, body = PresenceView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn note(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<ConversationId>,
    Json(order): Json<PresenceOrder>,
) -> Result<Json<PresenceView>, ApiError> {
    let doing = match order.doing.as_str() {
        "looking" => Some(Doing::Looking),
        "typing" => Some(Doing::Typing),
        "left" => None,
        _ => return Err(ApiError::field("doing", "looking, typing or left")),
    };
    app.vault.read(allowed.scope(), move |tx| conversations::head(tx, id)).await?;
    let place = (allowed.scope().workspace(), id);
    if app.presence.note(place, allowed.caller.member, doing, app.now()) {
        app.signal(Signal::Presence(place.0, place.1));
    }
    if doing.is_some() && app.presence.begin_watch() {
        tokio::spawn(watch(app.clone()));
    }
    Ok(Json(PresenceView::of(&app.presence, place, app.now())))
}

/// Tells of those who were not heard of again, until nobody is anywhere.
async fn watch(app: Shared) {
    while !*app.stopping.borrow() {
        tokio::time::sleep(LOOK_EVERY).await;
        let (left, nobody) = app.presence.expire(app.now());
        for (workspace, conversation) in left {
            app.signal(Signal::Presence(workspace, conversation));
        }
        // Whoever came between the look and the end of the watch is watched on.
        if nobody {
            app.presence.end_watch();
            if app.presence.is_empty() || !app.presence.begin_watch() {
                return;
            }
        }
    }
}
