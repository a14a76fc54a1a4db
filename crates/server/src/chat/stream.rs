//! The live stream of a visitor's own conversation.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use connect::channels::web::Visitor;
use futures_util::{Stream, stream};
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use vault::channels::AdmittedHook;
use vault::messages;
use vault::{ConversationId, Wake, conversations, facts};

use super::room::Room;
use super::said::{is_shown, visible};
use crate::app::{Shared, Signal};
use crate::limits::Seat;
use crate::problem::ApiError;

/// How long a stream waits for a wake before it looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many facts are looked at in one go.
const BATCH: i64 = 200;
/// When to try again if too many streams are open, in seconds.
const FULL_FOR: u64 = 30;

/// The live stream of the visitor's own conversation.
pub(super) async fn events(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let session = format!("{} {}", room.hook.channel, visitor.id);
    let seat = app.visitor_seats.take(session).ok_or_else(|| ApiError::too_many(FULL_FOR))?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let seq = match last {
        Some(seq) => seq,
        None => app.vault.read(&room.hook.scope, facts::head).await?,
    };
    let follower =
        Follower { app: app.clone(), hook: room.hook.clone(), visitor, channel, seq, known: None, _seat: seat };
    Ok(Sse::new(follow(follower)).keep_alive(KeepAlive::default()).into_response())
}

struct Follower {
    app: Shared,
    hook: AdmittedHook,
    visitor: Visitor,
    channel: String,
    seq: i64,
    known: Option<ConversationId>,
    /// Free again when the stream ends.
    _seat: Seat,
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
        loop {
            if *self.app.stopping.borrow() || self.visitor.expires_ms < self.app.now() {
                return None;
            }
            let (events, more) = self.look().await.ok()?;
            if !events.is_empty() {
                return Some(events);
            }
            if more {
                continue;
            }
            if let Some(event) = self.wait(&mut wakes, &mut signals).await {
                return Some(vec![event]);
            }
        }
    }

    /// Waits until something may be new, or somebody types.
    async fn wait(&self, wakes: &mut Receiver<Wake>, signals: &mut Receiver<Signal>) -> Option<Event> {
        let mut stopping = self.app.stopping.subscribe();
        let look = tokio::time::sleep(LOOK_EVERY);
        tokio::pin!(look);
        loop {
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => return None,
                signal = signals.recv() => if let Ok(signal) = signal && let Some(event) = self.typing(signal) {
                    return Some(event);
                },
                wake = wakes.recv() => match wake {
                    Ok(Wake::Facts(whose)) if whose == self.hook.workspace => return None,
                    Ok(_) => {}
                    Err(_) => return None,
                },
                () = &mut look => return None,
            }
        }
    }

    fn typing(&self, signal: Signal) -> Option<Event> {
        match signal {
            Signal::MemberTyping(_, conversation, _, on) if Some(conversation) == self.known => {
                Some(Event::default().event("typing").data(json!({ "on": on }).to_string()))
            }
            Signal::MemberTyping(..) | Signal::ContactTyping(..) => None,
        }
    }

    /// The events among the next facts, and whether there may be more facts behind them.
    async fn look(&mut self) -> vault::Result<(Vec<Event>, bool)> {
        let (seq, channel, thread) = (self.seq, self.hook.channel, self.visitor.subject());
        let name = self.channel.clone();
        let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let own = conversations::with_thread(tx, channel, &thread)?;
            let Some(facts) = facts::since(tx, seq, BATCH)? else {
                let head = facts::head(tx)?;
                return Ok((head, own, vec![(head, "reset", json!({}))], false));
            };
            let last = facts.last().map_or(seq, |fact| fact.seq);
            let mine = facts.iter().filter(|fact| own.is_some() && fact.about.conversation == own);
            let mut events = Vec::new();
            for fact in mine {
                let Some(id) = fact.about.message else { continue };
                match messages::view(tx, id) {
                    Ok(message) if !is_shown(message.direction, message.state) => {}
                    Ok(message) => events.push((fact.seq, fact.kind.as_str(), visible(message, &name))),
                    Err(vault::Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok((last, own, events, last - seq >= BATCH))
        };
        let (last, own, events, more) = self.app.vault.read(&self.hook.scope, read).await?;
        self.seq = last;
        self.known = own;
        let event = |(seq, kind, data): (i64, &str, Value)| {
            Event::default().id(seq.to_string()).event(kind).data(data.to_string())
        };
        Ok((events.into_iter().map(event).collect(), more))
    }
}
