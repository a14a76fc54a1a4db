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
use vault::channels::AdmittedHook;
use vault::facts::{self, Fact};
use vault::{ConversationId, MessageId, conversations, messages, visitors};

use super::hall::{Listener, Told, listen};
use super::room::Room;
use super::said::{is_shown, visible};
use crate::app::Shared;
use crate::limits::Seat;
use crate::problem::ApiError;

/// How many facts are looked at in one go.
const BATCH: i64 = 200;
/// When to try again if too many streams are open, in seconds.
const FULL_FOR: u64 = 30;
/// How often a stream on which nothing is said shows that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(25);

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
    let listener = listen(&app, &room.hook, &visitor.subject()).await?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let seq = match last {
        Some(seq) => seq,
        None => app.vault.read(&room.hook.scope, facts::head).await?,
    };
    let follower = Follower {
        app: app.clone(),
        hook: room.hook.clone(),
        visitor,
        channel,
        seq,
        read: None,
        resumes: last.is_some(),
        listener,
        _seat: seat,
    };
    Ok(Sse::new(follow(follower)).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE)).into_response())
}

struct Follower {
    app: Shared,
    hook: AdmittedHook,
    visitor: Visitor,
    channel: String,
    seq: i64,
    /// The visitor's last message of which they were told that members have read it.
    read: Option<MessageId>,
    /// What was missed is still to be looked up.
    resumes: bool,
    listener: Listener,
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

/// What an event says, before it has a number.
type Said = (&'static str, Value);

impl Follower {
    /// The next events, waiting for some; `None` when the stream has to end.
    async fn next(&mut self) -> Option<Vec<Event>> {
        let mut stopping = self.app.stopping.subscribe();
        while self.resumes {
            let events = self.look().await.ok()?;
            if !events.is_empty() {
                return Some(events);
            }
        }
        loop {
            let lasts = u64::try_from(self.visitor.expires_ms.checked_sub(self.app.now())?).ok()?;
            let told = tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => return None,
                told = self.listener.next() => told?,
                () = tokio::time::sleep(Duration::from_millis(lasts)) => return None,
            };
            match told {
                Told::Typing(on) => return Some(vec![event("typing", &json!({ "on": on }))]),
                Told::Missed(head) => {
                    self.seq = head;
                    return Some(vec![event("reset", &json!({})).id(head.to_string())]);
                }
                // What was looked up already.
                Told::Fact(fact) if fact.seq <= self.seq => {}
                Told::Fact(fact) => {
                    let events = self.told(fact).await.ok()?;
                    if !events.is_empty() {
                        return Some(events);
                    }
                }
            }
        }
    }

    /// What a fact of the visitor's conversation says to them.
    async fn told(&mut self, fact: Fact) -> vault::Result<Vec<Event>> {
        let (name, read) = (self.channel.clone(), self.read);
        let Some(conversation) = fact.about.conversation else { return Ok(Vec::new()) };
        let render = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            match fact.about.message {
                Some(_) => Ok((message(tx, &fact, &name)?, read)),
                None => read_since(tx, conversation, read),
            }
        };
        let (said, read) = self.app.vault.read(&self.hook.scope, render).await?;
        (self.seq, self.read) = (fact.seq, read);
        Ok(said.iter().map(|(kind, data)| event(kind, data).id(fact.seq.to_string())).collect())
    }

    /// What was missed, a batch at a time.
    async fn look(&mut self) -> vault::Result<Vec<Event>> {
        let (seq, channel, thread) = (self.seq, self.hook.channel, self.visitor.subject());
        let name = self.channel.clone();
        let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let Some(facts) = facts::since(tx, seq, BATCH)? else {
                let head = facts::head(tx)?;
                return Ok((head, vec![(head, ("reset", json!({})))], false));
            };
            let own = conversations::with_thread(tx, channel, &thread)?;
            let last = facts.last().map_or(seq, |fact| fact.seq);
            let mut said = Vec::new();
            for fact in facts.iter().filter(|fact| own.is_some() && fact.about.conversation == own) {
                said.extend(message(tx, fact, &name)?.map(|said| (fact.seq, said)));
            }
            Ok((last, said, last - seq >= BATCH))
        };
        let (last, said, more) = self.app.vault.read(&self.hook.scope, read).await?;
        (self.seq, self.resumes) = (last, more);
        Ok(said.iter().map(|(seq, (kind, data))| event(kind, data).id(seq.to_string())).collect())
    }
}

/// The message of a fact, if it is the visitor's to see.
fn message(tx: &vault::Tx<'_>, fact: &Fact, channel: &str) -> vault::Result<Option<Said>> {
    let Some(id) = fact.about.message else { return Ok(None) };
    match messages::view(tx, id) {
        Ok(message) if !is_shown(message.direction, message.state) => Ok(None),
        Ok(message) => Ok(Some((fact.kind.as_str(), visible(tx, message, channel)?))),
        Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How far members have read by now, if that is further than it was.
fn read_since(
    tx: &vault::Tx<'_>,
    conversation: ConversationId,
    before: Option<MessageId>,
) -> vault::Result<(Option<Said>, Option<MessageId>)> {
    let read = visitors::read_up_to(tx, conversation)?;
    let said = read.filter(|_| read != before).map(|id| ("read", json!({ "up_to": id.to_string() })));
    Ok((said, read))
}

fn event(kind: &str, data: &Value) -> Event {
    Event::default().event(kind).data(data.to_string())
}
