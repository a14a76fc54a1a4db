//! Graph's change notifications: subscriptions to a mailbox's inbox, and what is told to their hooks.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Microsoft, answered, moment_of, refusal};
use crate::carrier::{Letter, hexadecimal};
use crate::chance::Chance;
use crate::google::bearer;
use crate::mailbox::{Mailbox, PushFault};
use crate::post::Post;
use crate::telnyx::moment;

/// The longest life of a subscription to messages, in milliseconds.
const LONGEST_MS: i64 = 4_230 * 60_000;
/// How often something is brought that nobody took.
const TRIES: u32 = 5;
/// The address from which all subscriptions go on.
pub(super) const PATH: &str = "/microsoft/v1.0/subscriptions";

/// Somebody who wants to be told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) hook: String,
    pub(crate) lifecycle: String,
    pub(crate) word: String,
    pub(crate) until_ms: i64,
}

impl Subscription {
    fn shown(&self) -> Value {
        json!({"id": self.id, "resource": "me/mailFolders('inbox')/messages", "changeType": "created",
            "notificationUrl": self.hook, "expirationDateTime": moment(self.until_ms)})
    }
}

impl Microsoft {
    /// Whether Microsoft reaches the hooks of a mailbox's app; it does not unless it is told so here.
    pub fn reach(&self, address: &str, reaches: bool) {
        self.mailboxes.with(address, |mailbox, _| mailbox.reachable = reaches);
    }

    /// The ids of a mailbox's subscriptions, and until when each is good.
    pub fn subscriptions(&self, address: &str) -> Vec<(String, i64)> {
        let shown = |mailbox: &mut Mailbox, _: &mut Chance| {
            mailbox.subscriptions.iter().map(|one| (one.id.clone(), one.until_ms)).collect()
        };
        self.mailboxes.with(address, shown).unwrap_or_default()
    }

    /// All subscriptions of a mailbox are gone, and nobody is told.
    pub fn drop_subscriptions(&self, address: &str) {
        self.mailboxes.with(address, |mailbox, _| mailbox.subscriptions.clear());
    }

    /// Tells of the subscriptions themselves: `reauthorizationRequired`, `subscriptionRemoved`, after which they are gone, or `missed`.
    pub fn tell_lifecycle(&self, address: &str, event: &str) {
        self.bring(address, Some(event));
        if event == "subscriptionRemoved" {
            self.drop_subscriptions(address);
        }
    }

    /// Tells that a mailbox changed.
    pub(super) fn tell(&self, address: &str) {
        self.bring(address, None);
    }

    fn bring(&self, address: &str, lifecycle: Option<&str>) {
        let now_ms = self.mailboxes.clock.now_ms();
        let found = self.mailboxes.with(address, |mailbox, chance| {
            let good = mailbox.subscriptions.iter().filter(|one| now_ms < one.until_ms).cloned().collect::<Vec<_>>();
            (good, mailbox.push_fault, hexadecimal(chance, 16))
        });
        let Some((subscriptions, fault, mail)) = found.filter(|(_, fault, _)| *fault != Some(PushFault::Silent)) else {
            return;
        };
        for subscription in subscriptions {
            let word = if fault.is_some() { "another word" } else { &subscription.word };
            let mut item = json!({"subscriptionId": subscription.id, "clientState": word,
                "subscriptionExpirationDateTime": moment(subscription.until_ms), "tenantId": "simulated"});
            if let Some(event) = lifecycle {
                item["lifecycleEvent"] = event.into();
            } else {
                item["changeType"] = "created".into();
                item["resource"] = format!("Users/simulated/Messages/{mail}").into();
                item["resourceData"] = json!({"@odata.type": "#Microsoft.Graph.Message", "id": mail});
            }
            let url = if lifecycle.is_some() { subscription.lifecycle } else { subscription.hook };
            let body = Bytes::from(json!({ "value": [item] }).to_string());
            let headers = vec![("content-type", "application/json".to_owned())];
            let write = move || Post { url: url.clone(), headers: headers.clone(), body: body.clone() };
            let letter = Letter { kind: "push", lane: address.to_owned(), tries: TRIES, write: Arc::new(write) };
            self.mailboxes.office.push(letter);
        }
    }

    /// Whether a hook says a word back, as whoever wants to be told there must.
    async fn answers(&self, hook: &str) -> bool {
        let word = "Validation: Testing client application reachability. Request-Id: 5e6b a+b/c=&ü";
        let query = serde_urlencoded::to_string([("validationToken", word)]).unwrap_or_default();
        let headers = vec![("content-type", "text/plain; charset=utf-8".to_owned())];
        let post = Post { url: format!("{hook}?{query}"), headers, body: Bytes::new() };
        let Some(answer) = self.mailboxes.office.ask(post).await else { return false };
        let plain =
            answer.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        answer.status == StatusCode::OK && plain && answer.body == word
    }
}

fn text(said: &Value, key: &str) -> String {
    said[key].as_str().unwrap_or_default().to_owned()
}

pub(super) async fn subscribe(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Json(said): Json<Value>,
) -> Response {
    let now_ms = microsoft.mailboxes.clock.now_ms();
    let token = bearer(&headers);
    let is_reachable = |mailbox: &Mailbox| {
        mailbox.reachable && token.as_deref().is_some_and(|token| mailbox.sign_in.takes(token, now_ms))
    };
    let mut wanted = Subscription {
        id: String::new(),
        hook: text(&said, "notificationUrl"),
        lifecycle: text(&said, "lifecycleNotificationUrl"),
        word: text(&said, "clientState"),
        until_ms: moment_of(&text(&said, "expirationDateTime")),
    };
    let reached = microsoft.mailboxes.find(is_reachable).is_some()
        && microsoft.answers(&wanted.hook).await
        && microsoft.answers(&wanted.lifecycle).await;
    let act = |mailbox: &mut Mailbox, chance: &mut Chance| {
        let sound = (now_ms..=now_ms + LONGEST_MS).contains(&wanted.until_ms) && wanted.word.len() <= 128;
        if !reached || !sound {
            return refusal(400, if sound { "ValidationError" } else { "InvalidRequest" }, None);
        }
        wanted.id = hexadecimal(chance, 32);
        let shown = wanted.shown();
        mailbox.subscriptions.push(wanted);
        (StatusCode::CREATED, Json(shown)).into_response()
    };
    microsoft.called(&headers, "subscribe", act).await
}

pub(super) async fn renew(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(said): Json<Value>,
) -> Response {
    let now_ms = microsoft.mailboxes.clock.now_ms();
    let until_ms = moment_of(&text(&said, "expirationDateTime"));
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let found = mailbox.subscriptions.iter_mut().find(|one| one.id == id && now_ms < one.until_ms);
        let Some(found) = found else { return refusal(404, "ResourceNotFound", None) };
        if !(now_ms..=now_ms + LONGEST_MS).contains(&until_ms) {
            return refusal(400, "InvalidRequest", None);
        }
        found.until_ms = until_ms;
        answered(found.shown())
    };
    microsoft.called(&headers, "renew", act).await
}

pub(super) async fn unsubscribe(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let before = mailbox.subscriptions.len();
        mailbox.subscriptions.retain(|one| one.id != id);
        let gone = mailbox.subscriptions.len() < before;
        if gone { StatusCode::NO_CONTENT.into_response() } else { refusal(404, "ResourceNotFound", None) }
    };
    microsoft.called(&headers, "unsubscribe", act).await
}
