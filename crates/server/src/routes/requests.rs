//! Requests of data subjects: recorded, verified, extended, answered.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::requests::{self, CameBy, Kind, NewRequest, Outcome, Proof};
use vault::{ContactId, ConversationId, MessageId, Personal, RequestId, Scope, Tx, audit};

use super::{Id, cursor, id, instant, limit};
use crate::app::Shared;
use crate::auth::{Allowed, AnswerRequests, RecordRequests};
use crate::order::Order;
use crate::problem::{ApiError, Json, Query};
use crate::views::{ListView, RequestView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, record))
        .routes(routes!(read))
        .routes(routes!(verify))
        .routes(routes!(extend))
        .routes(routes!(note))
        .routes(routes!(close))
}

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RequestsQuery {
    /// Closed ones, the newest first, instead of open ones, those first that are due first.
    #[serde(default)]
    closed: bool,
    /// At most so many, 1 to 100.
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A request to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestOrder {
    /// `access`, `rectification`, `erasure`, `restriction`, `portability`, `objection`, `withdrawal` or `human_review`.
    kind: String,
    /// `page`, `mail`, `conversation`, `api` or `person`.
    came_by: String,
    contact_id: Option<String>,
    conversation_id: Option<String>,
    /// The contact's message in which it was asked: it says who asked where, when, and in which words. One request each.
    message_id: Option<String>,
    /// In their words, as they came; sealed.
    text: Option<String>,
    /// When it came; now if not given.
    received_at: Option<String>,
}

/// How it was seen to that they are who they say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerificationOrder {
    /// Who it is, if the request does not say.
    contact_id: Option<String>,
    /// `same_channel`, `code` or `member`.
    proof: String,
}

/// Why one month is not enough.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExtensionOrder {
    /// As the person is told it; sealed.
    reason: String,
}

/// What was done or said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemarkOrder {
    /// Sealed.
    text: String,
}

/// What came of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClosingOrder {
    /// `met`, `refused`, `taken_back` or `nothing_held`.
    outcome: String,
    /// As the person is told it; a refusal needs one. Sealed.
    reason: Option<String>,
}

/// Requests of data subjects.
#[utoipa::path(get, operation_id = "requests_list", path = "/requests", tag = "requests", params(RequestsQuery),
    responses((status = 200, body = ListView<RequestView>), (status = 401), (status = 403), (status = 422)))]
async fn list(
    State(app): State<Shared>,
    allowed: Allowed<AnswerRequests>,
    Query(query): Query<RequestsQuery>,
) -> Result<Json<ListView<RequestView>>, ApiError> {
    let (limit, cursor) = (usize::try_from(limit(query.limit)?).unwrap_or(1), cursor(query.cursor.as_deref())?);
    let page = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            let page = requests::list(tx, query.closed, cursor.as_ref(), limit)?;
            audit::record(tx, "requests.read", "requests")?;
            Ok(page)
        })
        .await?;
    Ok(Json(ListView::of(page, Into::into)))
}

/// Records a request and starts its clock: one month by the law of the workspace's country, whoever still has to be verified.
#[utoipa::path(post, operation_id = "requests_record", path = "/requests", tag = "requests", request_body = RequestOrder,
    responses((status = 201, body = RequestView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn record(
    State(app): State<Shared>,
    allowed: Allowed<RecordRequests>,
    order: Order<RequestOrder>,
) -> Result<Response, ApiError> {
    let wanted = Wanted::of(&order.body, app.now())?;
    let act = move |tx: &Tx<'_>| Ok((201, requests::open(tx, &wanted.request(tx)?)?.to_string()));
    let (_, made) = order.key.once(&app, allowed.scope(), act).await?;
    let id: RequestId = made.parse()?;
    let request = app.vault.read(allowed.scope(), move |tx| requests::view(tx, id)).await?;
    Ok((StatusCode::CREATED, Json(RequestView::from(request))).into_response())
}

/// What is to be recorded, by itself or in a message.
struct Wanted {
    new: NewRequest,
    said_when: bool,
}

impl Wanted {
    fn of(body: &RequestOrder, now: vault::Millis) -> Result<Self, ApiError> {
        let new = NewRequest {
            kind: Kind::parse(&body.kind)?,
            came_by: CameBy::parse(&body.came_by)?,
            contact: id::<ContactId>("contact_id", body.contact_id.as_deref())?,
            conversation: id::<ConversationId>("conversation_id", body.conversation_id.as_deref())?,
            message: id::<MessageId>("message_id", body.message_id.as_deref())?,
            words: body.text.clone().map(Personal::new),
            received_at: body.received_at.as_deref().map_or(Ok(now), |at| instant("received_at", at))?,
        };
        if new.message.is_some() && (new.contact.is_some() || new.conversation.is_some()) {
            return Err(ApiError::field("message_id", "alone: whose it is and where it stands, the message says"));
        }
        Ok(Self { new, said_when: body.received_at.is_some() })
    }

    fn request(&self, tx: &Tx<'_>) -> vault::Result<NewRequest> {
        let Some(message) = self.new.message else { return Ok(self.new.clone()) };
        let mut new = requests::asked_in(tx, message, self.new.kind, self.new.came_by)?;
        new.words = self.new.words.clone().or(new.words);
        if self.said_when {
            new.received_at = self.new.received_at;
        }
        Ok(new)
    }
}

/// One request with its log.
#[utoipa::path(get, operation_id = "requests_read", path = "/requests/{id}", tag = "requests", params(("id" = String, Path)),
    responses((status = 200, body = RequestView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<AnswerRequests>,
    Id(request): Id<RequestId>,
) -> Result<Json<RequestView>, ApiError> {
    whole(&app, allowed.scope(), request).await
}

async fn whole(app: &Shared, scope: &Scope, id: RequestId) -> Result<Json<RequestView>, ApiError> {
    let (request, steps) = app
        .vault
        .write(scope, move |tx| -> vault::Result<_> {
            audit::record(tx, "request.read", &id.to_string())?;
            Ok((requests::view(tx, id)?, requests::steps(tx, id)?))
        })
        .await?;
    Ok(Json(RequestView::whole(request, steps)))
}

/// Notes how it was seen to that they are who they say, and who that is.
#[utoipa::path(post, operation_id = "requests_verify", path = "/requests/{id}/verification", tag = "requests", params(("id" = String, Path)), request_body = VerificationOrder,
    responses((status = 200, body = RequestView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn verify(
    State(app): State<Shared>,
    allowed: Allowed<AnswerRequests>,
    Id(request): Id<RequestId>,
    order: Order<VerificationOrder>,
) -> Result<Json<RequestView>, ApiError> {
    let contact = id::<ContactId>("contact_id", order.body.contact_id.as_deref())?;
    let proof = Proof::parse(&order.body.proof)?;
    let act = move |tx: &Tx<'_>| {
        requests::verify(tx, request, contact, proof)?;
        Ok((200, request.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    whole(&app, allowed.scope(), request).await
}

/// Two months more, once, within the first month.
#[utoipa::path(post, operation_id = "requests_extend", path = "/requests/{id}/extension", tag = "requests", params(("id" = String, Path)), request_body = ExtensionOrder,
    responses((status = 200, body = RequestView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn extend(
    State(app): State<Shared>,
    allowed: Allowed<AnswerRequests>,
    Id(request): Id<RequestId>,
    order: Order<ExtensionOrder>,
) -> Result<Json<RequestView>, ApiError> {
    let reasons = Personal::new(order.body.reason.clone());
    let act = move |tx: &Tx<'_>| {
        requests::extend(tx, request, &reasons)?;
        Ok((200, request.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    whole(&app, allowed.scope(), request).await
}

/// Notes something that was done or said about a request.
#[utoipa::path(post, operation_id = "requests_note", path = "/requests/{id}/notes", tag = "requests", params(("id" = String, Path)), request_body = RemarkOrder,
    responses((status = 200, body = RequestView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn note(
    State(app): State<Shared>,
    allowed: Allowed<AnswerRequests>,
    Id(request): Id<RequestId>,
    order: Order<RemarkOrder>,
) -> Result<Json<RequestView>, ApiError> {
    let words = Personal::new(order.body.text.clone());
    let act = move |tx: &Tx<'_>| {
        requests::remark(tx, request, &words)?;
        Ok((200, request.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    whole(&app, allowed.scope(), request).await
}

/// Closes a request. One for erasure that is met erases the contact in the same moment.
#[utoipa::path(post, operation_id = "requests_close", path = "/requests/{id}/closing", tag = "requests", params(("id" = String, Path)), request_body = ClosingOrder,
    responses((status = 200, body = RequestView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn close(
    State(app): State<Shared>,
    allowed: Allowed<AnswerRequests>,
    Id(request): Id<RequestId>,
    order: Order<ClosingOrder>,
) -> Result<Json<RequestView>, ApiError> {
    let outcome = Outcome::parse(&order.body.outcome)?;
    let reasons = order.body.reason.clone().map(Personal::new);
    let act = move |tx: &Tx<'_>| {
        requests::close(tx, request, outcome, reasons.as_ref())?;
        Ok((200, request.to_string()))
    };
    order.key.once(&app, allowed.scope(), act).await?;
    whole(&app, allowed.scope(), request).await
}
