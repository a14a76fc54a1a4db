//! Drafts: what a member has begun to write, the same on all of their devices.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::drafts::{self, Begun};
use vault::{AttachmentId, ConversationId, MemberId, Personal, Tx, attachments, audit, conversations};

use super::messages::said;
use super::{Id, PageQuery, id};
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::problem::{ApiError, Json, Query};
use crate::views::{DraftView, ListView, OwnDraftView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, keep, remove)).routes(routes!(list))
}

/// What was begun: all of it, in the place of what was kept before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftOrder {
    #[serde(default)]
    text: String,
    /// What it is to be about, where the channel's messages have subjects: one line of at most 500 characters. Without one what
    /// the conversation is about goes on.
    subject: Option<String>,
    /// Begun as a note, which members alone will see.
    #[serde(default)]
    note: bool,
    /// The message it answers.
    reply_to: Option<String>,
    /// Ids of uploaded files, at most 10. They are kept as long as the draft.
    #[serde(default)]
    attachment_ids: Vec<String>,
    /// Members whom the note is to name.
    #[serde(default)]
    mention_ids: Vec<String>,
}

/// The caller's own draft in a conversation. Where there is none, it is empty and `updated_at` is null.
#[utoipa::path(get, operation_id = "drafts_read", path = "/conversations/{id}/draft", tag = "drafts", params(("id" = String, Path)),
    responses((status = 200, body = DraftView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<DraftView>, ApiError> {
    let member = allowed.caller.member;
    let read = move |tx: &Tx<'_>| -> vault::Result<_> {
        let view = shown(tx, conversation, member)?;
        audit::record(tx, "draft.read", &conversation.to_string())?;
        Ok(view)
    };
    Ok(Json(app.vault.write(allowed.scope(), read).await?))
}

fn shown(tx: &Tx<'_>, conversation: ConversationId, member: MemberId) -> vault::Result<DraftView> {
    let draft = drafts::of(tx, conversation, member)?;
    view(tx, conversation, draft)
}

fn view(tx: &Tx<'_>, conversation: ConversationId, draft: Option<drafts::Draft>) -> vault::Result<DraftView> {
    let updated_at = draft.as_ref().map(|draft| draft.updated_at);
    let begun = draft.map(|draft| draft.begun).unwrap_or_default();
    let files = drafts::files(&begun).into_iter().map(|file| attachments::view(tx, file));
    // A file that is gone meanwhile is left out.
    let files = files.filter(|file| !matches!(file, Err(vault::Error::NotFound(_)))).collect::<vault::Result<_>>()?;
    Ok(DraftView::of(conversation, begun, files, updated_at))
}

/// Keeps the caller's own draft in a conversation. One without text, subject, files and quote is no draft and takes away what was kept.
/// The draft goes by itself once its message or note is written.
#[utoipa::path(put, operation_id = "drafts_keep", path = "/conversations/{id}/draft", tag = "drafts", params(("id" = String, Path)),
    request_body = DraftOrder,
    responses((status = 200, body = DraftView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn keep(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(conversation): Id<ConversationId>,
    Json(order): Json<DraftOrder>,
) -> Result<Json<DraftView>, ApiError> {
    let parsed = |id: &String| {
        id.parse::<AttachmentId>().map_err(|_| ApiError::field("attachment_ids", "not an id of this kind"))
    };
    let named =
        |id: &String| id.parse::<MemberId>().map_err(|_| ApiError::field("mention_ids", "not an id of this kind"));
    let begun = Personal::new(Begun {
        text: order.text,
        subject: said(order.subject),
        note: order.note,
        reply_to: id("reply_to", order.reply_to.as_deref())?,
        attachments: order.attachment_ids.iter().map(parsed).collect::<Result<_, _>>()?,
        mentions: order.mention_ids.iter().map(named).collect::<Result<_, _>>()?,
    });
    let member = allowed.caller.member;
    let view = app
        .vault
        .write(allowed.scope(), move |tx| -> engine::Result<_> {
            engine::compose::check_begun(tx, conversation, &begun)?;
            drafts::keep(tx, conversation, member, &begun)?;
            audit::record(tx, "draft.kept", &conversation.to_string())?;
            Ok(shown(tx, conversation, member)?)
        })
        .await?;
    Ok(Json(view))
}

/// Gives the caller's own draft in a conversation up.
#[utoipa::path(delete, operation_id = "drafts_remove", path = "/conversations/{id}/draft", tag = "drafts", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn remove(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(conversation): Id<ConversationId>,
) -> Result<StatusCode, ApiError> {
    let member = allowed.caller.member;
    app.vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            conversations::head(tx, conversation)?;
            drafts::drop_draft(tx, conversation, member)?;
            audit::record(tx, "draft.removed", &conversation.to_string()).map(|_| ())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's own drafts, the newest first, each with its conversation.
#[utoipa::path(get, operation_id = "drafts_list", path = "/drafts", tag = "drafts", params(PageQuery),
    responses((status = 200, body = ListView<OwnDraftView>), (status = 401), (status = 403)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ListView<OwnDraftView>>, ApiError> {
    let (cursor, limit, member) = (page.cursor()?, page.limit()?, allowed.caller.member);
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "drafts.listed", "drafts")?;
            let page = drafts::list(tx, member, cursor.as_ref(), limit)?;
            let mut data = Vec::with_capacity(page.data.len());
            for draft in page.data {
                let conversation = conversations::view(tx, draft.conversation)?;
                let draft = view(tx, draft.conversation, Some(draft))?;
                data.push(OwnDraftView { draft, conversation: conversation.into() });
            }
            Ok(vault::Page { data, next: page.next })
        })
        .await?;
    Ok(Json(ListView::of(page, |view| view)))
}
