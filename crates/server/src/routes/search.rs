//! Full-text search over message content, which is encrypted at rest.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{id, instant, limit};
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{ApiError, Json, Query};
use crate::search::{self, Hit, Narrow};
use crate::views::{ConversationView, ListView, MessageView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find))
}

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    /// Words, "a phrase", -without; the last word may be the beginning of one.
    q: String,
    contact: Option<String>,
    channel: Option<String>,
    conversation: Option<String>,
    /// A label's name, which the conversation bears.
    label: Option<String>,
    /// From this moment on (RFC 3339).
    since: Option<String>,
    /// Before this moment (RFC 3339).
    until: Option<String>,
    limit: Option<u32>,
}

/// A message that matches.
#[derive(Serialize, ToSchema)]
struct HitView {
    message: MessageView,
    conversation: ConversationView,
    highlights: Vec<HighlightView>,
}

/// Where a text matches.
#[derive(Serialize, ToSchema)]
struct HighlightView {
    text: String,
    /// Start and end of each match, in characters.
    #[schema(value_type = Vec<Vec<u64>>)]
    spans: Vec<(usize, usize)>,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        Self {
            message: hit.message.into(),
            conversation: hit.conversation.into(),
            highlights: vec![HighlightView { text: hit.text.into_revealed(), spans: hit.spans }],
        }
    }
}

/// Messages that match, the best first.
#[utoipa::path(get, operation_id = "search_find", path = "/search", tag = "search", params(SearchQuery),
    responses((status = 200, body = ListView<HitView>), (status = 401), (status = 403), (status = 422)))]
async fn find(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<ListView<HitView>>, ApiError> {
    let narrow = Narrow {
        contact: id("contact", query.contact.as_deref())?,
        channel: id("channel", query.channel.as_deref())?,
        conversation: id("conversation", query.conversation.as_deref())?,
        label: query.label,
        since: query.since.as_deref().map(|text| instant("since", text)).transpose()?,
        until: query.until.as_deref().map(|text| instant("until", text)).transpose()?,
    };
    let hits = search::messages(&app, allowed.scope(), &query.q, &narrow, limit(query.limit)?).await?;
    Ok(Json(ListView::whole(hits.into_iter().map(Into::into).collect())))
}
