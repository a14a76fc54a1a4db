//! Messages that are sent later, and those that are held back for some seconds.

use axum::extract::State;
use engine::schedule::{self, Amended};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::conversations::Status;
use vault::scheduled::{self, Scheduled, Then};
use vault::{AttachmentId, ConversationId, Personal, ScheduledId, Tx, attachments, audit};

use super::messages::said;
use super::{Id, PageQuery, instant, maybe_null};
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, ScheduledView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(of_conversation)).routes(routes!(list)).routes(routes!(change, take_back))
}

/// What changes. What is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "null and not named are different orders")]
struct ScheduledPatch {
    /// When it is to be sent (RFC 3339), at most a year ahead; a moment that has passed: at once.
    send_at: Option<String>,
    text: Option<String>,
    /// What it is about; null: what the conversation is about goes on.
    #[serde(default, deserialize_with = "maybe_null")]
    #[schema(value_type = Option<String>)]
    subject: Option<Option<String>>,
    /// Ids of all of its files.
    attachments: Option<Vec<String>>,
    /// `open`, `pending`, `snoozed` or `resolved`; null: the conversation stays as it is.
    #[serde(default, deserialize_with = "maybe_null")]
    #[schema(value_type = Option<String>)]
    then: Option<Option<String>>,
    /// With `then` of `snoozed`: until when (RFC 3339).
    then_snoozed_until: Option<String>,
}

/// What becomes of the conversation once a message is sent.
pub(super) fn then(status: Option<&str>, until: Option<&str>) -> Result<Option<Then>, ApiError> {
    let until = until.map(|text| instant("then_snoozed_until", text)).transpose()?;
    match status {
        None if until.is_some() => Err(ApiError::field("then_snoozed_until", "only with `then` of snoozed")),
        None => Ok(None),
        Some(word) => {
            let wrong = || ApiError::field("then", "one of open, pending, snoozed, resolved");
            let status = Status::parse(word).ok_or_else(wrong)?;
            if until.is_some() && status != Status::Snoozed {
                return Err(ApiError::field("then_snoozed_until", "only with `then` of snoozed"));
            }
            Ok(Some(Then { status, until }))
        }
    }
}

/// What is sent later, with what is in it.
pub(super) fn shown(tx: &Tx<'_>, scheduled: Scheduled) -> vault::Result<ScheduledView> {
    let content = scheduled.content.is_some().then(|| schedule::content(&scheduled)).transpose()?;
    let ids = content.as_ref().map(|content| content.attachments.clone()).unwrap_or_default();
    let files = ids.into_iter().map(|file| attachments::view(tx, file));
    // A file that is gone meanwhile is left out: what waits can still be seen, and taken back.
    let files = files.filter(|file| !matches!(file, Err(vault::Error::NotFound(_)))).collect::<vault::Result<_>>()?;
    Ok(ScheduledView::of(scheduled, content, files))
}

/// What waits or failed in a conversation, whoever ordered it, the next first.
#[utoipa::path(get, operation_id = "scheduled_of_conversation", path = "/conversations/{id}/scheduled", tag = "scheduled",
    params(("id" = String, Path)),
    responses((status = 200, body = ListView<ScheduledView>), (status = 401), (status = 403), (status = 404)))]
async fn of_conversation(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<ListView<ScheduledView>>, ApiError> {
    let views = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<Vec<_>> {
            let found = scheduled::of(tx, conversation)?;
            audit::record(tx, "scheduled.read", &conversation.to_string())?;
            found.into_iter().map(|scheduled| shown(tx, scheduled)).collect()
        })
        .await?;
    Ok(Json(ListView::whole(views)))
}

/// What the caller has waiting or failed, in all conversations, the next first.
#[utoipa::path(get, operation_id = "scheduled_list", path = "/scheduled", tag = "scheduled", params(PageQuery),
    responses((status = 200, body = ListView<ScheduledView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<ScheduledView>>, ApiError> {
    let (cursor, limit, member) = (page.cursor()?, page.limit()?, allowed.caller.member);
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "scheduled.listed", "scheduled")?;
            let page = scheduled::list(tx, member, cursor.as_ref(), limit)?;
            let data = page.data.into_iter().map(|scheduled| shown(tx, scheduled)).collect::<vault::Result<_>>()?;
            Ok(vault::Page { data, next: page.next })
        })
        .await?;
    Ok(Json(ListView::of(page, |view| view)))
}

/// Changes what waits. What failed waits again. 404 once it was sent.
#[utoipa::path(patch, operation_id = "scheduled_change", path = "/scheduled/{id}", tag = "scheduled", params(("id" = String, Path)),
    request_body = ScheduledPatch,
    responses((status = 200, body = ScheduledView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<ScheduledId>,
    Json(patch): Json<ScheduledPatch>,
) -> Result<Json<ScheduledView>, ApiError> {
    let amended = patch.amended()?;
    let view = app
        .vault
        .write(allowed.scope(), move |tx| -> engine::Result<_> {
            schedule::amend(tx, id, &amended)?;
            audit::record(tx, "scheduled.changed", &id.to_string())?;
            Ok(shown(tx, scheduled::view(tx, id)?)?)
        })
        .await?;
    Ok(Json(view))
}

impl ScheduledPatch {
    fn amended(self) -> Result<Amended, ApiError> {
        let parsed = |id: &String| {
            id.parse::<AttachmentId>().map_err(|_| ApiError::field("attachments", "not an id of this kind"))
        };
        let files = self.attachments.map(|ids| ids.iter().map(parsed).collect::<Result<_, _>>()).transpose()?;
        let until = self.then_snoozed_until.as_deref();
        let then = match &self.then {
            Some(word) => Some(then(word.as_deref(), until)?),
            None if until.is_some() => {
                return Err(ApiError::field("then_snoozed_until", "only with `then` of snoozed"));
            }
            None => None,
        };
        Ok(Amended {
            send_at: self.send_at.as_deref().map(|text| instant("send_at", text)).transpose()?,
            text: self.text.map(Personal::new),
            subject: self.subject.map(|subject| Personal::new(said(subject))),
            attachments: files,
            then,
        })
    }
}

/// Takes back what waits or failed, and answers what was in it. 404 once it was sent.
#[utoipa::path(delete, operation_id = "scheduled_take_back", path = "/scheduled/{id}", tag = "scheduled", params(("id" = String, Path)),
    responses((status = 200, body = ScheduledView), (status = 401), (status = 403), (status = 404)))]
async fn take_back(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<ScheduledId>,
) -> Result<Json<ScheduledView>, ApiError> {
    let view = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            let was = scheduled::take_back(tx, id)?;
            audit::record(tx, "scheduled.taken_back", &id.to_string())?;
            shown(tx, was)
        })
        .await?;
    Ok(Json(view))
}
