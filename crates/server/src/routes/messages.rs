//! Messages of a conversation.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use engine::compose::{self, Draft, Reacting};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::messages::{self, Body, Writer};
use vault::{AttachmentId, ConversationId, Cursor, MemberId, MessageId, Personal, Scope, Tx, audit};

use super::parts::{ButtonOrder, CardOrder, ChoiceOrder, PlaceOrder, TemplateOrder};
use super::{Id, cursor, limit};
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::order::{Key, Order};
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, MessageView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, remove)).routes(routes!(retry))
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MessageQuery {
    limit: Option<u32>,
    /// `next` of the page before: older messages.
    cursor: Option<String>,
}

/// A message to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MessageOrder {
    text: Option<String>,
    /// Ids of uploaded files.
    #[serde(default)]
    attachments: Vec<String>,
    /// Seen by members alone.
    #[serde(default)]
    note: bool,
    /// The message it answers.
    reply_to: Option<String>,
    reaction: Option<ReactionOrder>,
    /// An approved template instead of a text, where the channel has templates. Outside the provider's window nothing else can
    /// be sent.
    template: Option<TemplateOrder>,
    /// A list to choose from below the text.
    list: Option<ChoiceOrder>,
    #[serde(default)]
    buttons: Vec<Vec<ButtonOrder>>,
    place: Option<PlaceOrder>,
    card: Option<CardOrder>,
    /// `outgoing` if not given; `incoming` on an API channel: the contact wrote it.
    direction: Option<String>,
    /// For incoming messages of an API channel: the other system's own id, by which a repetition is recognised.
    external_id: Option<String>,
}

/// A reaction to a message of the conversation.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReactionOrder {
    message_id: String,
    /// Null takes the reaction back.
    emoji: Option<String>,
}

/// A change to a sent message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MessagePatch {
    text: String,
}

/// Messages of a conversation, newest last; `next` leads to older ones.
#[utoipa::path(get, operation_id = "messages_list", path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path), MessageQuery),
    responses((status = 200, body = ListView<MessageView>), (status = 401), (status = 403), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(conversation): Id<ConversationId>,
    Query(query): Query<MessageQuery>,
) -> Result<Json<ListView<MessageView>>, ApiError> {
    let limit = limit(query.limit)?;
    let before = cursor(query.cursor.as_deref())?.map(|cursor| cursor.key);
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            vault::conversations::head(tx, conversation)?;
            audit::record(tx, "messages.read", &conversation.to_string())?;
            messages::list(tx, conversation, before, limit)
        })
        .await?;
    let next = page.first().filter(|first| first.seq > 1).map(|first| Cursor { key: first.seq, id: String::new() });
    Ok(Json(ListView { next: next.map(|next| next.encode()), data: page.into_iter().map(Into::into).collect() }))
}

/// Writes a message: it is queued, and its state moves on by itself. A reaction is answered with the message reacted to.
#[utoipa::path(post, operation_id = "messages_create", path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path)),
    request_body = MessageOrder,
    responses((status = 201, body = MessageView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(conversation): Id<ConversationId>,
    order: Order<MessageOrder>,
) -> Result<Response, ApiError> {
    let key = order.key;
    let act = Act::of(order.body, conversation, allowed.caller.member)?;
    let (status, id) = key
        .once(&app, allowed.scope(), move |tx| {
            let id = act.run(tx)?;
            audit::record(tx, "message.written", &id.to_string())?;
            Ok((201, id.to_string()))
        })
        .await?;
    let view = view(&app, allowed.scope(), id.parse()?).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED), Json(view)).into_response())
}

/// What a POST orders.
enum Act {
    Send(Box<Draft>),
    Receive { conversation: ConversationId, body: Box<Personal<Body>>, external_id: Option<String> },
    React(Reacting),
}

impl Act {
    fn of(order: MessageOrder, conversation: ConversationId, author: MemberId) -> Result<Self, ApiError> {
        if let Some(reaction) = order.reaction {
            let message = parsed("reaction.message_id", &reaction.message_id)?;
            let emoji = reaction.emoji.map(Personal::new);
            return Ok(Self::React(Reacting { conversation, author, message, emoji }));
        }
        let incoming = match order.direction.as_deref() {
            None | Some("outgoing") => false,
            Some("incoming") => true,
            Some(_) => return Err(ApiError::field("direction", "outgoing or incoming")),
        };
        let (template, header_file) = order.template.map(TemplateOrder::filled).transpose()?.unzip();
        let attachments: Vec<AttachmentId> = header_file
            .flatten()
            .iter()
            .chain(&order.attachments)
            .map(|id| parsed("attachments", id))
            .collect::<Result<_, _>>()?;
        let reply_to = order.reply_to.as_deref().map(|id| parsed("reply_to", id)).transpose()?;
        let body = Personal::new(Body {
            text: order.text,
            place: order.place.map(Into::into),
            cards: order.card.into_iter().map(Into::into).collect(),
            buttons: order.buttons.into_iter().map(|row| row.into_iter().map(Into::into).collect()).collect(),
            list: order.list.map(Into::into),
            ..Body::default()
        });
        if incoming {
            if !attachments.is_empty() {
                return Err(ApiError::field("attachments", "what a contact sent comes in through the channel's hook"));
            }
            return Ok(Self::Receive { conversation, body: Box::new(body), external_id: order.external_id });
        }
        let author = Writer::Member(author);
        let note = order.note;
        Ok(Self::Send(Box::new(Draft {
            conversation,
            author,
            body,
            template,
            attachments,
            note,
            reply_to,
            automatic: false,
        })))
    }

    fn run(&self, tx: &Tx<'_>) -> engine::Result<MessageId> {
        match self {
            Self::Send(draft) => compose::send(tx, draft),
            Self::Receive { conversation, body, external_id } => {
                engine::directory::post_incoming(tx, *conversation, body, external_id.as_deref())
            }
            Self::React(reacting) => compose::react(tx, reacting).map(|()| reacting.message),
        }
    }
}

fn parsed<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::field(field, "not an id of this kind"))
}

/// Changes the text of what was sent, where the channel can.
#[utoipa::path(patch, operation_id = "messages_change", path = "/messages/{id}", tag = "messages", params(("id" = String, Path)), request_body = MessagePatch,
    responses((status = 200, body = MessageView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<MessageId>,
    Json(patch): Json<MessagePatch>,
) -> Result<Json<MessageView>, ApiError> {
    let text = Personal::new(patch.text);
    app.vault
        .write(allowed.scope(), move |tx| -> engine::Result<_> {
            compose::edit(tx, id, text.clone())?;
            audit::record(tx, "message.edited", &id.to_string())?;
            Ok(())
        })
        .await?;
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

/// Takes back what was sent, where the channel can.
#[utoipa::path(delete, operation_id = "messages_remove", path = "/messages/{id}", tag = "messages", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn remove(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<MessageId>,
) -> Result<StatusCode, ApiError> {
    app.vault
        .write(allowed.scope(), move |tx| -> engine::Result<_> {
            compose::take_back(tx, id)?;
            audit::record(tx, "message.removed", &id.to_string())?;
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a message that failed once more.
#[utoipa::path(post, operation_id = "messages_retry", path = "/messages/{id}/retries", tag = "messages", params(("id" = String, Path)),
    responses((status = 200, body = MessageView), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn retry(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<MessageId>,
    key: Key,
) -> Result<Json<MessageView>, ApiError> {
    key.once(&app, allowed.scope(), move |tx| {
        compose::retry(tx, id)?;
        audit::record(tx, "message.retried", &id.to_string())?;
        Ok((200, id.to_string()))
    })
    .await?;
    Ok(Json(view(&app, allowed.scope(), id).await?))
}

async fn view(app: &Shared, scope: &Scope, id: MessageId) -> Result<MessageView, ApiError> {
    Ok(app.vault.read(scope, move |tx| messages::view(tx, id)).await?.into())
}
