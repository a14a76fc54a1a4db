//! Conversations.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::conversations::{self, Change, Filter, Sort, Status};
use vault::{ChannelId, ContactId, ConversationId, MemberId, Personal, Scope, TeamId, audit};

use super::{Id, cursor, id, instant, limit};
use crate::app::{Shared, Signal};
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::order::Order;
use crate::problem::{ApiError, Json, Query};
use crate::views::{ConversationView, ListView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change)).routes(routes!(typing))
}

/// Which conversations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ConversationQuery {
    /// `open`, `pending`, `snoozed` or `resolved`; several with commas between them.
    status: Option<String>,
    /// A member's id, `me`, or `none`.
    assignee: Option<String>,
    /// A team's id, or `none`.
    team: Option<String>,
    /// A label's name.
    label: Option<String>,
    /// A channel's id.
    channel: Option<String>,
    /// A contact's id.
    contact: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    /// `true`: only those with something unread.
    #[serde(default)]
    unread: bool,
    /// `me`: only those in which a note names the caller.
    mentioned: Option<String>,
    /// `active` (if not given): the most recently active first. `waiting`: those whose contact waits for an answer, the longest
    /// first, then the others, the most recently active first. `priority`: the most urgent first, of these the most recently
    /// active.
    sort: Option<String>,
    /// Words of a message in it.
    q: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A conversation to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConversationOrder {
    channel_id: String,
    /// With whom.
    contact_id: Option<String>,
    /// On a channel for mail, instead: the e-mail address. Whoever has it is found, or else created.
    address: Option<String>,
}

/// With whom.
enum Whom {
    Contact(ContactId),
    Address(Personal<String>),
}

impl ConversationOrder {
    fn whom(&self) -> Result<Whom, ApiError> {
        match (&self.contact_id, &self.address) {
            (Some(contact), None) => {
                let contact = id::<ContactId>("contact_id", Some(contact))?.ok_or_else(ApiError::not_found)?;
                Ok(Whom::Contact(contact))
            }
            (None, Some(address)) => Ok(Whom::Address(Personal::new(address.clone()))),
            (Some(_), Some(_)) | (None, None) => Err(ApiError::field("contact_id", "either this or address")),
        }
    }
}

/// What changes. What is not named stays; null takes away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "null and not named are different orders")]
pub(super) struct ConversationPatch {
    /// `open`, `pending`, `snoozed` or `resolved`. `snoozed` without a moment lasts until the contact writes.
    status: Option<String>,
    /// Snoozes until then (RFC 3339, at most a year ahead; a moment that has passed wakes it at once). It also wakes when the
    /// contact writes; what wakes is `open` and unread. Null wakes it now.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    snoozed_until: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    assignee_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    team_id: Option<Option<String>>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    labels: Option<Vec<String>>,
    /// Everything so far has been read.
    #[serde(default)]
    read: bool,
    /// It is to be read once more.
    #[serde(default)]
    unread: bool,
    /// The workspace's own fields of the conversation: all of them, at most 16 KiB as JSON.
    #[schema(value_type = Option<std::collections::BTreeMap<String, serde_json::Value>>)]
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Whether the member is typing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TypingOrder {
    on: bool,
}

/// Tells `null` from "not named".
#[expect(clippy::option_option, reason = "null and not named are different orders")]
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl ConversationQuery {
    fn filter(&self, me: MemberId) -> Result<Filter, ApiError> {
        let assignee = match self.assignee.as_deref() {
            Some("me") => Some(Some(me)),
            Some("none") => Some(None),
            other => id("assignee", other)?.map(Some),
        };
        let team = match self.team.as_deref() {
            Some("none") => Some(None),
            other => id("team", other)?.map(Some),
        };
        let mentioned = match self.mentioned.as_deref() {
            None => None,
            Some("me") => Some(me),
            Some(_) => return Err(ApiError::field("mentioned", "me")),
        };
        if self.priority.as_deref().is_some_and(|word| !conversations::PRIORITIES.contains(&word)) {
            return Err(ApiError::field("priority", "one of low, normal, high, urgent"));
        }
        Ok(Filter {
            statuses: statuses(self.status.as_deref().unwrap_or_default())?,
            assignee,
            team,
            label: self.label.clone(),
            channel: id("channel", self.channel.as_deref())?,
            contact: id("contact", self.contact.as_deref())?,
            priority: self.priority.clone(),
            unread: self.unread,
            mentioned,
            sort: sort(self.sort.as_deref())?,
        })
    }
}

/// Several words with commas between them, each counted once.
fn statuses(text: &str) -> Result<Vec<Status>, ApiError> {
    let mut all = Vec::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let one = status(word)?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

fn sort(word: Option<&str>) -> Result<Sort, ApiError> {
    match word {
        None | Some("active") => Ok(Sort::Active),
        Some("waiting") => Ok(Sort::Waiting),
        Some("priority") => Ok(Sort::Priority),
        Some(_) => Err(ApiError::field("sort", "active, waiting or priority")),
    }
}

fn status(text: &str) -> Result<Status, ApiError> {
    Status::parse(text).ok_or_else(|| ApiError::field("status", "one of open, pending, snoozed, resolved"))
}

/// Conversations, in the order of `sort`; with `q`, those in which a message matches, the best first.
#[utoipa::path(get, operation_id = "conversations_list", path = "/conversations", tag = "conversations", params(ConversationQuery),
    responses((status = 200, body = ListView<ConversationView>), (status = 401), (status = 403), (status = 422)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Query(query): Query<ConversationQuery>,
) -> Result<Json<ListView<ConversationView>>, ApiError> {
    let filter = query.filter(allowed.caller.member)?;
    let (limit, cursor) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    if let Some(words) = query.q.filter(|words| !words.trim().is_empty()) {
        let found = crate::search::conversations(&app, allowed.scope(), &words, &filter, limit).await?;
        return Ok(Json(ListView::whole(found.into_iter().map(Into::into).collect())));
    }
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            audit::record(tx, "conversations.listed", "conversations")?;
            conversations::list(tx, &filter, cursor.as_ref(), limit)
        })
        .await?;
    Ok(Json(ListView::of(page, Into::into)))
}

/// Opens a conversation with a contact on a channel, or finds the one there is. On a channel for mail an address is enough.
#[utoipa::path(post, operation_id = "conversations_create", path = "/conversations", tag = "conversations", request_body = ConversationOrder,
    responses((status = 201, body = ConversationView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    order: Order<ConversationOrder>,
) -> Result<Response, ApiError> {
    let channel = id::<ChannelId>("channel_id", Some(&order.body.channel_id))?.ok_or_else(ApiError::not_found)?;
    let whom = order.body.whom()?;
    let (status, made) = order
        .key
        .once(&app, allowed.scope(), move |tx| {
            let id = match &whom {
                Whom::Contact(contact) => engine::directory::open_conversation(tx, channel, *contact)?,
                Whom::Address(address) => engine::directory::open_with_address(tx, channel, address)?,
            };
            audit::record(tx, "conversation.opened", &id.to_string())?;
            Ok((201, id.to_string()))
        })
        .await?;
    let view = view(&app, allowed.scope(), made.parse()?).await?;
    Ok((StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED), Json(view)).into_response())
}

/// One conversation.
#[utoipa::path(get, operation_id = "conversations_read", path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    responses((status = 200, body = ConversationView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<ConversationId>,
) -> Result<Json<ConversationView>, ApiError> {
    let conversation = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            let conversation = conversations::view(tx, id)?;
            audit::record(tx, "conversation.read", &id.to_string())?;
            Ok(conversation)
        })
        .await?;
    Ok(Json(conversation.into()))
}

/// Changes the state of work.
#[utoipa::path(patch, operation_id = "conversations_change", path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)),
    request_body = ConversationPatch,
    responses((status = 200, body = ConversationView), (status = 401), (status = 403), (status = 404), (status = 422)))]
async fn change(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(conversation): Id<ConversationId>,
    Json(patch): Json<ConversationPatch>,
) -> Result<Json<ConversationView>, ApiError> {
    let change = patch.change()?;
    app.vault
        .write(allowed.scope(), move |tx| -> engine::Result<_> {
            engine::reads::change(tx, conversation, &change)?;
            audit::record(tx, "conversation.changed", &conversation.to_string())?;
            Ok(())
        })
        .await?;
    Ok(Json(view(&app, allowed.scope(), conversation).await?))
}

impl ConversationPatch {
    pub(super) fn change(self) -> Result<Change, ApiError> {
        let assignee = match self.assignee_id {
            Some(Some(member)) => Some(id::<MemberId>("assignee_id", Some(&member))?),
            Some(None) => Some(None),
            None => None,
        };
        let team = match self.team_id {
            Some(Some(team)) => Some(id::<TeamId>("team_id", Some(&team))?),
            Some(None) => Some(None),
            None => None,
        };
        let status = self.status.as_deref().map(status).transpose()?;
        let snoozed_until = match self.snoozed_until {
            Some(Some(until)) => Some(Some(instant("snoozed_until", &until)?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(Change {
            status,
            snoozed_until,
            assignee,
            team,
            priority: self.priority,
            labels: self.labels,
            read: self.read,
            unread: self.unread,
            attributes: self.attributes.map(Personal::new),
        })
    }
}

/// Tells the others, and on channels that have it the contact, that the caller is typing.
#[utoipa::path(post, operation_id = "conversations_typing", path = "/conversations/{id}/typing", tag = "conversations", params(("id" = String, Path)),
    request_body = TypingOrder, responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn typing(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    Id(id): Id<ConversationId>,
    Json(order): Json<TypingOrder>,
) -> Result<StatusCode, ApiError> {
    app.vault.read(allowed.scope(), move |tx| conversations::head(tx, id)).await?;
    app.signal(Signal::MemberTyping(allowed.scope().workspace(), id, allowed.caller.member, order.on));
    if order.on {
        crate::workers::outbox::show_typing(&app, allowed.scope(), id);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn view(app: &Shared, scope: &Scope, id: ConversationId) -> Result<ConversationView, ApiError> {
    Ok(app.vault.read(scope, move |tx| conversations::view(tx, id)).await?.into())
}
