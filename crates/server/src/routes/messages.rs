//! Messages of a conversation.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use engine::compose::{self, Draft, Reacting};
use engine::schedule::{self, Later};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::messages::{self, Body, Writer};
use vault::scheduled::Then;
use vault::{
    AttachmentId, ConversationId, Cursor, MemberId, MessageId, Millis, Personal, ScheduledId, Scope, Tx, audit, drafts,
};

use super::parts::{ButtonOrder, CardOrder, ChoiceOrder, PlaceOrder, TemplateOrder};
use super::{Id, instant, limit, scheduled};
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::order::{Key, Order};
use crate::problem::{ApiError, Json, Query};
use crate::views::{MessageView, ScheduledView};

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
    /// `newer` of the page before: messages after it.
    after: Option<String>,
    /// A message's id: the page has it in the middle.
    around: Option<String>,
}

/// A page of a conversation's messages.
#[derive(serde::Serialize, ToSchema)]
struct MessagePageView {
    /// Newest last.
    data: Vec<MessageView>,
    /// Where older messages are (`?cursor=`), or null.
    next: Option<String>,
    /// Where newer messages are (`?after=`), or null where this page has the newest.
    newer: Option<String>,
}

/// A message to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MessageOrder {
    text: Option<String>,
    /// What it is about, where the channel's messages have subjects: one line of at most 500 characters, sent as it is. Without one
    /// the last of the conversation goes on, marked as answered.
    subject: Option<String>,
    /// Ids of uploaded files.
    #[serde(default)]
    attachments: Vec<String>,
    /// Seen by members alone.
    #[serde(default)]
    note: bool,
    /// The message it answers.
    reply_to: Option<String>,
    /// Of a note: the members whom it names, at most 50.
    #[serde(default)]
    mention_ids: Vec<String>,
    /// Sent at that moment (RFC 3339), at most a year ahead. The answer is then 202, and a message exists once it is sent.
    send_at: Option<String>,
    /// Held back for so many seconds (1 to 30) in which it can be taken back by `DELETE /scheduled/{id}`. The answer is then 202.
    hold_seconds: Option<u32>,
    /// What becomes of the conversation once it is sent: `open`, `pending`, `snoozed` or `resolved`.
    then: Option<String>,
    /// With `then` of `snoozed`: until when (RFC 3339).
    then_snoozed_until: Option<String>,
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
    /// For incoming messages of an API channel, beside `text`: the same as formatted mail.
    html: Option<String>,
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

/// Messages of a conversation, newest last: the newest, or those before `cursor`, after `after`, or around a message. Whoever
/// reads them has seen the notes among them that name them.
#[utoipa::path(get, operation_id = "messages_list", path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path), MessageQuery),
    responses((status = 200, body = MessagePageView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(conversation): Id<ConversationId>,
    Query(query): Query<MessageQuery>,
) -> Result<Json<MessagePageView>, ApiError> {
    let (limit, part, member) = (limit(query.limit)?, query.part()?, allowed.caller.member);
    let (page, last) = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            vault::conversations::head(tx, conversation)?;
            audit::record(tx, "messages.read", &conversation.to_string())?;
            vault::mentions::saw(tx, conversation, member)?;
            let page = match part {
                Part::Before(seq) => messages::list(tx, conversation, seq, limit),
                Part::After(seq) => messages::list_after(tx, conversation, seq, limit),
                Part::Around(message) => messages::list_around(tx, conversation, message, limit),
            }?;
            let page =
                page.into_iter().map(|message| MessageView::shown(tx, message)).collect::<vault::Result<Vec<_>>>()?;
            Ok((page, messages::last_seq(tx, conversation)?))
        })
        .await?;
    let at = |seq: i64| Cursor { key: seq, id: String::new() }.encode();
    Ok(Json(MessagePageView {
        next: page.first().filter(|first| first.seq > 1).map(|first| at(first.seq)),
        newer: page.last().filter(|newest| newest.seq < last).map(|newest| at(newest.seq)),
        data: page,
    }))
}

/// Which part of a conversation, by places in its order.
#[derive(Clone, Copy)]
enum Part {
    Before(Option<i64>),
    After(i64),
    Around(MessageId),
}

impl MessageQuery {
    fn part(&self) -> Result<Part, ApiError> {
        match (&self.cursor, &self.after, &self.around) {
            (cursor, None, None) => Ok(Part::Before(super::cursor(cursor.as_deref())?.map(|cursor| cursor.key))),
            (None, Some(after), None) => {
                let after =
                    Cursor::decode(after).ok_or_else(|| ApiError::field("after", "not a `newer` of this list"))?;
                Ok(Part::After(after.key))
            }
            (None, None, Some(message)) => parsed("around", message).map(Part::Around),
            _ => Err(ApiError::field("cursor", "one of cursor, after and around")),
        }
    }
}

/// Writes a message: it is queued, and its state moves on by itself. A reaction is answered with the message reacted to. With
/// `send_at` or `hold_seconds` nothing is written yet: the answer is 202 and what waits. The caller's draft goes with it.
#[utoipa::path(post, operation_id = "messages_create", path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path)),
    request_body = MessageOrder,
    responses((status = 201, body = MessageView), (status = 202, body = ScheduledView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(conversation): Id<ConversationId>,
    order: Order<MessageOrder>,
) -> Result<Response, ApiError> {
    let key = order.key;
    let member = allowed.caller.member;
    let when = When::of(&order.body, app.now())?;
    let act = Act::of(order.body, conversation, member)?;
    let (status, id) = key
        .once(&app, allowed.scope(), move |tx| match (&act, &when) {
            (Act::Send(draft), When::Later { send_at, held, then }) => {
                let draft = Draft::clone(draft);
                let later = Later { draft, member, send_at: *send_at, held: *held, then: *then };
                let id = schedule::order(tx, &later)?;
                audit::record(tx, "message.scheduled", &id.to_string())?;
                Ok((202, id.to_string()))
            }
            (act, when) => {
                let id = act.run(tx)?;
                audit::record(tx, "message.written", &id.to_string())?;
                if let Act::Send(draft) = act {
                    drafts::written(tx, conversation, member, draft.note)?;
                    when.change(tx, conversation)?;
                }
                Ok((201, id.to_string()))
            }
        })
        .await?;
    if let Ok(id) = id.parse::<ScheduledId>() {
        let look = move |tx: &Tx<'_>| scheduled::shown(tx, vault::scheduled::view(tx, id)?);
        let view = app.vault.read(allowed.scope(), look).await?;
        return Ok((StatusCode::ACCEPTED, Json(view)).into_response());
    }
    let view = view(&app, allowed.scope(), id.parse()?).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED), Json(view)).into_response())
}

/// When a message is written.
enum When {
    /// At once; what becomes of the conversation then.
    Now(Option<Then>),
    Later {
        send_at: Millis,
        held: bool,
        then: Option<Then>,
    },
}

impl When {
    fn of(order: &MessageOrder, now: Millis) -> Result<Self, ApiError> {
        let then = scheduled::then(order.then.as_deref(), order.then_snoozed_until.as_deref())?;
        let is_message = order.reaction.is_none() && order.direction.as_deref() != Some("incoming");
        let asks = order.send_at.is_some() || order.hold_seconds.is_some_and(|seconds| seconds > 0);
        if (asks || then.is_some()) && !is_message {
            return Err(ApiError::field("send_at", "only what a member writes can be sent later"));
        }
        if asks && order.note {
            return Err(ApiError::field("send_at", "a note is written at once"));
        }
        match (order.send_at.as_deref(), order.hold_seconds.unwrap_or(0)) {
            (None, 0) => Ok(Self::Now(then)),
            (None, seconds @ 1..=30) => {
                Ok(Self::Later { send_at: now + Millis::from(seconds) * 1_000, held: true, then })
            }
            // Whether it is to come is asked with the order itself: an order that is repeated later gets its first answer.
            (Some(text), 0) => Ok(Self::Later { send_at: instant("send_at", text)?, held: false, then }),
            (None, _) => Err(ApiError::field("hold_seconds", "from 0 to 30")),
            (Some(_), _) => Err(ApiError::field("hold_seconds", "either this or send_at")),
        }
    }

    /// What a message that was written at once makes of its conversation.
    fn change(&self, tx: &Tx<'_>, conversation: ConversationId) -> engine::Result<()> {
        let Self::Now(Some(then)) = self else { return Ok(()) };
        let change = vault::conversations::Change {
            status: Some(then.status),
            snoozed_until: then.until.map(Some),
            ..Default::default()
        };
        engine::reads::change(tx, conversation, &change)
    }
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
            subject: said(order.subject),
            html: order.html.filter(|_| incoming),
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
        let mentions = order.mention_ids.iter().map(|id| parsed("mention_ids", id)).collect::<Result<_, _>>()?;
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
            mentions,
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

/// A subject, if anything is said in it.
pub(super) fn said(subject: Option<String>) -> Option<String> {
    subject.map(|subject| subject.trim().to_owned()).filter(|subject| !subject.is_empty())
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
    Ok(app.vault.read(scope, move |tx| MessageView::shown(tx, messages::view(tx, id)?)).await?)
}
