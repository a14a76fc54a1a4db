//! The live stream: facts in commit order, resumable without a gap, and movements that are no rows in between.

mod outside;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::facts::{self, About, Fact, FactKind};
use vault::{ChannelId, Right, Scope, Tx, Wake, audit, contacts, conversations, merges, messages};

pub(crate) use outside::render_outside;

use super::presence::PresenceView;
use crate::app::{Shared, Signal};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::ApiError;
use crate::views::{ContactView, ConversationView, MessageView};

pub(super) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// How many facts are rendered at once.
const BATCH: i64 = 100;
/// How long a stream waits for a wake before it looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Everything that happens in the workspace, as server-sent events `{"seq","type","data"}`. Resume with
/// `Last-Event-ID`; a `reset` says that too much was missed: read anew.
#[utoipa::path(get, operation_id = "events_stream", path = "/events", tag = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "`seq` of the last event seen")),
    responses((status = 200, content_type = "text/event-stream"), (status = 401), (status = 403)))]
async fn stream(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::parse::<i64>);
    let last = last.transpose().map_err(|_| ApiError::field("Last-Event-ID", "a whole number"))?;
    let (wakes, signals) = (app.vault.wakes(), app.signals.subscribe());
    let scope = allowed.scope().clone();
    let member = allowed.caller.member.to_string();
    let open = move |tx: &Tx<'_>| -> vault::Result<_> {
        audit::record(tx, "stream.opened", &member)?;
        last.map_or_else(|| facts::head(tx), Ok)
    };
    let start = app.vault.write(&scope, open).await?;
    let stopping = app.stopping.subscribe();
    let follower = Follower {
        app,
        scope,
        caller: Credential(allowed.caller),
        seq: start,
        ready: hello(start),
        wakes,
        signals,
        stopping,
    };
    Ok(Sse::new(futures_util::stream::unfold(follower, Follower::next)).keep_alive(KeepAlive::default()))
}

/// The first event names where the stream starts, so that a client that never sees another can still resume.
fn hello(seq: i64) -> VecDeque<Event> {
    VecDeque::from([Event::default()
        .event("hello")
        .id(seq.to_string())
        .data(json!({ "seq": seq, "type": "hello", "data": {} }).to_string())])
}

struct Credential(crate::auth::Caller);

struct Follower {
    app: Shared,
    scope: Scope,
    caller: Credential,
    seq: i64,
    ready: VecDeque<Event>,
    wakes: broadcast::Receiver<Wake>,
    signals: broadcast::Receiver<Signal>,
    stopping: watch::Receiver<bool>,
}

impl Follower {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            if *self.stopping.borrow() {
                return None;
            }
            // A look that fails ends the stream: the client resumes from where it was.
            self.look().await.ok()?;
            if self.ready.is_empty() {
                self.wait().await?;
            }
        }
    }

    /// Renders what is new.
    async fn look(&mut self) -> Result<(), ApiError> {
        self.scope = self.caller.present_scope(&self.app).await?;
        let contacts = self.scope.may(Right::ReadContacts);
        let seq = self.seq;
        let rendered = self
            .app
            .vault
            .read(&self.scope, move |tx| -> vault::Result<_> {
                let Some(facts) = facts::since(tx, seq, BATCH)? else { return Ok((facts::head(tx)?, None)) };
                let last = facts.last().map_or(seq, |fact| fact.seq);
                let seen = facts.iter().filter(|fact| contacts || !is_of_contact(fact.kind));
                let events = seen.map(|fact| render(tx, fact)).collect::<vault::Result<Vec<_>>>()?;
                Ok((last, Some(events)))
            })
            .await?;
        match rendered {
            (last, Some(events)) => {
                self.seq = last;
                self.ready.extend(events.into_iter().map(|(seq, kind, data)| event(seq, kind, &data)));
            }
            (head, None) => {
                self.seq = head;
                self.ready.push_back(event(head, "reset", &json!({})));
            }
        }
        Ok(())
    }

    /// Waits until something may be new; `None` when the program stops.
    async fn wait(&mut self) -> Option<()> {
        let workspace = self.scope.workspace();
        let look = tokio::time::sleep(LOOK_EVERY);
        tokio::pin!(look);
        loop {
            tokio::select! {
                biased;
                _ = self.stopping.changed() => return None,
                signal = self.signals.recv() => if let Ok(signal) = signal && signal.workspace() == workspace {
                    self.ready.push_back(movement(&self.app, signal));
                    return Some(());
                },
                wake = self.wakes.recv() => match wake {
                    Ok(Wake::Facts(whose)) if whose != workspace => {}
                    Ok(Wake::Facts(_)) | Err(broadcast::error::RecvError::Lagged(_)) => return Some(()),
                    Ok(Wake::Inbox | Wake::Outbox | Wake::Jobs) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = &mut look => return Some(()),
            }
        }
    }
}

impl Credential {
    /// What the session or token the stream was opened with may touch now: a revoked one sees nothing more, nor does a
    /// member whose new role may not read conversations.
    async fn present_scope(&self, app: &Shared) -> Result<Scope, ApiError> {
        let scope = match (&self.0.session, &self.0.bearer) {
            (Some(session), _) => app.vault.session_scope(&session.token).await?.map(|signed_in| signed_in.scope),
            (None, Some(token)) => app.vault.token_scope(token).await?,
            (None, None) => None,
        };
        let scope = scope.ok_or_else(ApiError::unauthorised)?;
        if scope.may(Right::ReadConversations) { Ok(scope) } else { Err(ApiError::forbidden()) }
    }
}

fn is_of_contact(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::ContactCreated | FactKind::ContactUpdated | FactKind::ContactConsents | FactKind::ContactErased
    )
}

fn event(seq: i64, kind: &str, data: &Value) -> Event {
    let whole = json!({ "seq": seq, "type": kind, "data": data });
    Event::default().id(seq.to_string()).event(kind).data(whole.to_string())
}

fn movement(app: &Shared, signal: Signal) -> Event {
    let (kind, data) = match signal {
        Signal::ContactTyping(_, conversation, contact) => (
            "typing",
            json!({ "conversation_id": conversation, "author": { "kind": "contact", "id": contact }, "on": true }),
        ),
        Signal::MemberTyping(_, conversation, member, on) => (
            "typing",
            json!({ "conversation_id": conversation, "author": { "kind": "member", "id": member }, "on": on }),
        ),
        Signal::Presence(workspace, conversation) => {
            ("presence", whole(&PresenceView::of(&app.presence, (workspace, conversation), app.now())))
        }
    };
    Event::default().event(kind).data(json!({ "seq": null, "type": kind, "data": data }).to_string())
}

/// A fact as it stands now, of a merged contact in the name of who stays. What is gone meanwhile is shown by its ids.
fn render(tx: &Tx<'_>, fact: &Fact) -> vault::Result<(i64, &'static str, Value)> {
    render_without(tx, fact, &[])
}

/// The same, without what is known of people from the channels in `kept` alone.
fn render_without(tx: &Tx<'_>, fact: &Fact, kept: &[ChannelId]) -> vault::Result<(i64, &'static str, Value)> {
    let about = fact.about;
    let message = |id| outside::message(tx, messages::view(tx, id)?, kept);
    let conversation = |id| outside::conversation(tx, conversations::view(tx, id)?, kept);
    let contact = |id| contacts::view_outside(tx, id, kept);
    let shown = match fact.kind {
        FactKind::MessageCreated | FactKind::MessageUpdated => {
            about.message.map(|id| message(id).and_then(|message| Ok(whole(&MessageView::shown(tx, message)?))))
        }
        FactKind::ConversationCreated | FactKind::ConversationUpdated => {
            about.conversation.map(|id| conversation(id).map(|it| whole(&ConversationView::from(it))))
        }
        FactKind::ContactCreated | FactKind::ContactUpdated => {
            about.contact.map(|id| contact(id).map(|contact| whole(&ContactView::from(contact))))
        }
        FactKind::ContactConsents => about.contact.map(|id| contact(id).map(with_changed_consents)),
        FactKind::ContactErased => about.contact.map(|id| Ok(json!({ "id": id }))),
        // What waits in that conversation is read anew.
        FactKind::ScheduledUpdated => {
            Some(Ok(json!({ "conversation_id": about.conversation, "member_id": about.member })))
        }
        // Some channel or template changed: whoever shows them reads them anew.
        FactKind::ChannelUpdated | FactKind::TemplateUpdated => Some(Ok(json!({}))),
        FactKind::WorkplaceUpdated(what) => Some(Ok(json!({ "what": what.as_str() }))),
    };
    match shown {
        Some(Ok(data)) => Ok((fact.seq, fact.kind.as_str(), data)),
        None | Some(Err(vault::Error::NotFound(_) | vault::Error::Erased)) => {
            Ok((fact.seq, fact.kind.as_str(), ids(tx, about)?))
        }
        Some(Err(error)) => Err(error),
    }
}

/// Consents are read where they are shown, and each reading is on record: so it is said when there is a reason to.
fn with_changed_consents(contact: vault::contacts::Contact) -> Value {
    let mut shown = whole(&ContactView::from(contact));
    shown["changed"] = json!("consents");
    shown
}

/// What a fact is about by ids alone, for who may not be told more.
fn render_ids(tx: &Tx<'_>, fact: &Fact) -> vault::Result<(i64, &'static str, Value)> {
    Ok((fact.seq, fact.kind.as_str(), ids(tx, fact.about)?))
}

fn ids(tx: &Tx<'_>, about: About) -> vault::Result<Value> {
    let contact = about.contact.map(|contact| merges::standing(tx, contact)).transpose()?;
    Ok(json!({ "conversation_id": about.conversation, "message_id": about.message, "contact_id": contact }))
}

fn whole<T: serde::Serialize>(view: &T) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}
