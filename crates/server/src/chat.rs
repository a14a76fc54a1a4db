//! Web chat, the visitor's side: a session, what was said so far, what is said now, files, and the live stream. What a
//! visitor writes goes through the channel's hook like every provider's request.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options, post};
use axum::{Router, body::Body};
use connect::channels::web::{self, Visitor};
use futures_util::{Stream, TryStreamExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use vault::channels::AdmittedHook;
use vault::messages::{self, Direction};
use vault::{AttachmentId, ChannelId, ConversationId, Personal, attachments, conversations, facts};

use crate::app::Shared;
use crate::files;
use crate::problem::{ApiError, Code};
use crate::routes::{inert, safe_name};
use crate::views::MessageView;

/// The most messages a visitor's page gets at once.
const HISTORY: i64 = 100;
/// The largest body that opens a session, in bytes.
const SESSION_BODY: usize = 16 * 1024;

/// The routes under `/chat`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/chat/{channel}/sessions", post(open).merge(options(preflight)))
        .route("/chat/{channel}/messages", get(history).merge(options(preflight)))
        .route("/chat/{channel}/attachments", post(upload).merge(options(preflight)))
        .route("/chat/{channel}/attachments/{id}", get(download).merge(options(preflight)))
        .route("/chat/{channel}/events", get(events).merge(options(preflight)))
}

/// A web channel, admitted, with what its account says.
struct Room {
    hook: AdmittedHook,
    account: connect::Account,
}

impl Room {
    async fn enter(app: &Shared, channel: &str) -> Result<Self, ApiError> {
        let channel: ChannelId = channel.parse().map_err(|_| ApiError::not_found())?;
        let hook = app.vault.admit_hook(channel).await?.ok_or_else(ApiError::not_found)?;
        let connector = connect::channels::by_kind(&hook.kind).ok_or_else(ApiError::not_found)?;
        if !web::serves(&hook.kind) {
            return Err(ApiError::not_found());
        }
        let account = app.account(&hook.account, connector.spec());
        Ok(Self { hook, account })
    }

    /// The origin a browser names, if it may.
    fn origin(&self, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(None) };
        let origin = origin.to_str().map_err(|_| ApiError::unauthorised())?;
        if web::allowed(&self.account, origin) { Ok(Some(origin.to_owned())) } else { Err(ApiError::unauthorised()) }
    }

    fn visitor(&self, app: &Shared, headers: &HeaderMap) -> Result<Visitor, ApiError> {
        self.origin(headers)?;
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(ApiError::unauthorised)?;
        web::read(&app.ctx(), &self.account, token).ok_or_else(ApiError::unauthorised)
    }

    /// The visitor's conversation, once there is one.
    async fn conversation(&self, app: &Shared, visitor: &Visitor) -> Result<Option<ConversationId>, ApiError> {
        let (channel, thread) = (self.hook.channel, visitor.subject());
        let found = move |tx: &vault::Tx<'_>| conversations::with_thread(tx, channel, &thread);
        Ok(app.vault.read(&self.hook.scope, found).await?)
    }

    /// Lets the page of an allowed origin read the answer.
    fn open_to(&self, headers: &HeaderMap, mut response: Response) -> Response {
        if let Ok(Some(origin)) = self.origin(headers)
            && let Ok(origin) = HeaderValue::from_str(&origin)
        {
            let answer = response.headers_mut();
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer.insert(header::VARY, HeaderValue::from_static("Origin"));
        }
        response
    }
}

async fn preflight(State(app): State<Shared>, Path(path): Path<Vec<(String, String)>>, headers: HeaderMap) -> Response {
    let channel = path.first().map(|(_, channel)| channel.as_str()).unwrap_or_default();
    let Ok(room) = Room::enter(&app, channel).await else { return ApiError::not_found().into_response() };
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    room.open_to(&headers, (StatusCode::NO_CONTENT, allowed).into_response())
}

/// Opens a session: `{}` for an anonymous visitor, or an identity the website vouches for.
async fn open(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let origin = room.origin(&headers)?;
    let body = axum::body::to_bytes(body, SESSION_BODY).await.map_err(|_| ApiError::too_large(SESSION_BODY as u64))?;
    let opened = web::open(&app.ctx(), &room.account, origin.as_deref(), &body).map_err(|reject| match reject {
        connect::Reject::Malformed => ApiError::new(Code::Malformed, "Send a JSON object."),
        connect::Reject::Unauthorised | connect::Reject::NotFound => ApiError::unauthorised(),
    })?;
    if let Some(user) = &opened.user {
        let person = web::person(&opened.visitor, user);
        let channel = room.hook.channel;
        let meet = move |tx: &vault::Tx<'_>| engine::directory::meet(tx, channel, &person).map(|_| ());
        app.vault.write(&room.hook.scope, meet).await?;
    }
    let answer = json!({
        "token": opened.token,
        "visitor_id": opened.visitor.id,
        "expires_at": crate::views::time(opened.visitor.expires_ms),
        "welcome": room.account.setting("welcome"),
        "locale": room.account.setting("locale"),
    });
    Ok(room.open_to(&headers, (StatusCode::CREATED, axum::Json(answer)).into_response()))
}

/// What was said so far, newest last; notes are not the visitor's to see.
async fn history(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let said = match room.conversation(&app, &visitor).await? {
        Some(conversation) => {
            let list = move |tx: &vault::Tx<'_>| messages::list(tx, conversation, None, HISTORY);
            app.vault.read(&room.hook.scope, list).await?
        }
        None => Vec::new(),
    };
    let shown = said.into_iter().filter(|message| message.direction != Direction::Note);
    let data: Vec<Value> = shown.map(|message| visible(message, &channel)).collect();
    Ok(room.open_to(&headers, axum::Json(json!({ "data": data, "next": null })).into_response()))
}

/// A message as its contact may see it: the member's name, but no ids of members and no inner states.
fn visible(message: messages::Message, channel: &str) -> Value {
    let view = MessageView::from(message);
    let files: Vec<Value> = view
        .attachments
        .iter()
        .map(|file| {
            json!({ "id": file.id, "name": file.name, "content_type": file.content_type, "size": file.size,
                    "role": file.role, "state": file.state, "url": format!("/chat/{channel}/attachments/{}", file.id) })
        })
        .collect();
    json!({
        "id": view.id, "direction": view.direction, "author": { "kind": view.author.kind, "name": view.author.name },
        "text": view.text, "attachments": files, "place": view.place, "buttons": view.buttons,
        "reply_to": view.reply_to, "reactions": view.reactions, "edited_at": view.edited_at,
        "removed_at": view.removed_at, "created_at": view.created_at,
    })
}

/// Takes a file. The answer's ticket is for this visitor's message alone.
async fn upload(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let malformed = || ApiError::new(Code::Malformed, "Send the file as multipart/form-data, field `file`.");
    let mut form = Multipart::from_request(request, &app).await.map_err(|_| malformed())?;
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = Personal::new(safe_name(field.file_name().unwrap_or("file")));
        let bytes = field.map_err(std::io::Error::other);
        let stored = files::receive(&app, bytes, app.settings.limits.upload_bytes).await?;
        let id = stored.id;
        let note = move |tx: &vault::Tx<'_>| attachments::uploaded(tx, id, &name, &stored.file);
        app.vault.write(&room.hook.scope, note).await?;
        let ticket = web::ticket(&room.account, &visitor.subject(), &id.to_string()).ok_or_else(ApiError::not_found)?;
        return Ok(room.open_to(&headers, (StatusCode::CREATED, axum::Json(json!({ "ticket": ticket }))).into_response()));
    }
    Err(malformed())
}

/// A file of the visitor's own conversation, inert.
async fn download(
    State(app): State<Shared>,
    Path((channel, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let id: AttachmentId = id.parse().map_err(|_| ApiError::not_found())?;
    let own = room.conversation(&app, &visitor).await?.ok_or_else(ApiError::not_found)?;
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let attachment = attachments::view(tx, id)?;
        let message = attachment.message.ok_or(vault::Error::NotFound("attachment"))?;
        let head = messages::head(tx, message)?;
        if head.conversation != own || head.direction == Direction::Note {
            return Err(vault::Error::NotFound("attachment"));
        }
        Ok((attachment, attachments::file_key(tx, id)?))
    };
    let (attachment, key) = app.vault.read(&room.hook.scope, read).await?;
    let bytes = files::open(&app, id, key.ok_or_else(ApiError::not_found)?).await?;
    Ok(room.open_to(&headers, inert(&attachment, Body::from_stream(bytes))))
}

/// The live stream of the visitor's own conversation.
async fn events(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let seq = match last {
        Some(seq) => seq,
        None => app.vault.read(&room.hook.scope, facts::head).await?,
    };
    let follower = Follower { app: app.clone(), hook: room.hook.clone(), visitor, channel, seq, known: None };
    let stream = Sse::new(follow(follower)).keep_alive(KeepAlive::default()).into_response();
    Ok(room.open_to(&headers, stream))
}

struct Follower {
    app: Shared,
    hook: AdmittedHook,
    visitor: Visitor,
    channel: String,
    seq: i64,
    known: Option<ConversationId>,
}

fn follow(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    let batches = stream::unfold(follower, |mut follower| async move {
        let events = follower.next().await?;
        Some((stream::iter(events.into_iter().map(Ok)), follower))
    });
    futures_util::StreamExt::flatten(batches)
}

impl Follower {
    /// The next events, waiting for some; `None` when the stream has to end.
    async fn next(&mut self) -> Option<Vec<Event>> {
        let mut wakes = self.app.vault.wakes();
        let mut signals = self.app.signals.subscribe();
        let mut stopping = self.app.stopping.subscribe();
        loop {
            if *stopping.borrow() || self.visitor.expires_ms < self.app.now() {
                return None;
            }
            let events = self.look().await.ok()?;
            if !events.is_empty() {
                return Some(events);
            }
            tokio::select! {
                _ = wakes.recv() => {}
                signal = signals.recv() => if let Ok(event) = signal.map(|signal| self.typing(signal)) && let Some(event) = event {
                    return Some(vec![event]);
                },
                _ = stopping.changed() => {}
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
        }
    }

    fn typing(&self, signal: crate::app::Signal) -> Option<Event> {
        match signal {
            crate::app::Signal::MemberTyping(_, conversation, _, on) if Some(conversation) == self.known => {
                Some(Event::default().event("typing").data(json!({ "on": on }).to_string()))
            }
            crate::app::Signal::MemberTyping(..) | crate::app::Signal::ContactTyping(..) => None,
        }
    }

    async fn look(&mut self) -> vault::Result<Vec<Event>> {
        let (seq, channel, thread) = (self.seq, self.hook.channel, self.visitor.subject());
        let name = self.channel.clone();
        let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let own = conversations::with_thread(tx, channel, &thread)?;
            let Some(facts) = facts::since(tx, seq, 200)? else {
                let head = facts::head(tx)?;
                return Ok((head, own, vec![(head, "reset", json!({}))]));
            };
            let last = facts.last().map_or(seq, |fact| fact.seq);
            let mine = facts.iter().filter(|fact| own.is_some() && fact.about.conversation == own);
            let mut events = Vec::new();
            for fact in mine {
                let Some(id) = fact.about.message else { continue };
                match messages::view(tx, id) {
                    Ok(message) if message.direction == Direction::Note => {}
                    Ok(message) => events.push((fact.seq, fact.kind.as_str(), visible(message, &name))),
                    Err(vault::Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok((last, own, events))
        };
        let (last, own, events) = self.app.vault.read(&self.hook.scope, read).await?;
        self.seq = last;
        self.known = own;
        let event = |(seq, kind, data): (i64, &str, Value)| {
            Event::default().id(seq.to_string()).event(kind).data(data.to_string())
        };
        Ok(events.into_iter().map(event).collect())
    }
}
