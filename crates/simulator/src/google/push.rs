//! Cloud Pub/Sub as far as a mailbox needs it: topics with a push subscription each, whose requests Google signs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::HeaderMap;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Google, answered, refusal};
use crate::carrier::Letter;
use crate::chance::Chance;
use crate::mailbox::{Mailbox, PushFault};
use crate::post::Post;
use crate::telnyx::moment;

/// How long a mailbox is watched, in milliseconds.
const WATCHED_MS: i64 = 7 * 24 * 3_600_000;
/// How long a token is good, in seconds.
const TOKEN_LIFE_S: i64 = 3_600;
/// How often something is brought that nobody took.
const TRIES: u32 = 5;
/// The name of the key that signs.
const KEY: &str = "simulated-google-1";

/// The key by which the simulated Google signs, and one that says it is the same. They prove nothing anywhere else.
const SIGNER: &str = include_str!("signer.pem");
const FORGER: &str = include_str!("forger.pem");

/// A topic's push subscription.
#[derive(Clone, Debug, Default)]
struct Subscription {
    hook: String,
    account: String,
}

/// The topics by name. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Topics(Arc<Mutex<BTreeMap<String, Subscription>>>);

impl Topics {
    fn find(&self, topic: &str) -> Option<Subscription> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(topic).cloned()
    }
}

impl Google {
    /// A topic to which Gmail may publish, with a push subscription that calls a hook on behalf of a service account.
    pub fn subscribe(&self, topic: &str, hook: &str, account: &str) {
        let subscription = Subscription { hook: hook.to_owned(), account: account.to_owned() };
        self.topics.0.lock().unwrap_or_else(PoisonError::into_inner).insert(topic.to_owned(), subscription);
    }

    /// For which topic a mailbox is watched now.
    pub fn watched(&self, address: &str) -> Option<String> {
        let now_ms = self.mailboxes.clock.now_ms();
        let topic =
            |mailbox: &mut Mailbox, _: &mut Chance| Some(mailbox.watch.clone()?).filter(|(_, until)| now_ms < *until);
        self.mailboxes.with(address, topic).flatten().map(|(topic, _)| topic)
    }

    /// Tells that a mailbox changed, if it is watched.
    pub(super) fn tell(&self, address: &str) {
        let Some(topic) = self.watched(address) else { return };
        let found =
            self.mailboxes.with(address, |mailbox, chance| (mailbox.history, mailbox.push_fault, chance.word(12)));
        let (Some(subscription), Some((history, fault, id))) = (self.topics.find(&topic), found) else { return };
        if fault == Some(PushFault::Silent) {
            return;
        }
        let data = json!({"emailAddress": address, "historyId": history}).to_string();
        let clock = Arc::clone(&self.mailboxes.clock);
        let write = move || {
            let now_ms = clock.now_ms();
            let message = json!({"data": STANDARD.encode(&data), "messageId": id, "publishTime": moment(now_ms)});
            let body = json!({"message": message, "subscription": "projects/simulated/subscriptions/push"});
            let token = token(&subscription, now_ms.div_euclid(1_000), fault).unwrap_or_default();
            let headers =
                vec![("content-type", "application/json".to_owned()), ("authorization", format!("Bearer {token}"))];
            Post { url: subscription.hook.clone(), headers, body: Bytes::from(body.to_string()) }
        };
        let letter = Letter { kind: "push", lane: address.to_owned(), tries: TRIES, write: Arc::new(write) };
        self.mailboxes.office.push(letter);
    }
}

/// What Google signs for a subscription, or what somebody would like to be taken for that.
fn token(subscription: &Subscription, now_s: i64, fault: Option<PushFault>) -> Option<String> {
    let hook =
        if fault == Some(PushFault::OtherHook) { "https://other.example/hooks/chn_1" } else { &subscription.hook };
    let account = if fault == Some(PushFault::OtherAccount) { "other@other.example" } else { &subscription.account };
    let from_s = if fault == Some(PushFault::Expired) { now_s - 2 * TOKEN_LIFE_S } else { now_s };
    let head = json!({"alg": "RS256", "kid": KEY, "typ": "JWT"});
    let claims = json!({"aud": hook, "azp": "113774264463038321964", "email": account, "email_verified": true,
        "exp": from_s + TOKEN_LIFE_S, "iat": from_s, "iss": "https://accounts.google.com", "sub": "113774264463038321964"});
    let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let key = pair(if fault == Some(PushFault::Forged) { FORGER } else { SIGNER })?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn pair(pem: &str) -> Option<RsaKeyPair> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()
}

/// The keys that prove what Google signs (RFC 7517).
pub(super) async fn keys() -> Response {
    let Some(pair) = pair(SIGNER) else { return refusal(500, "backendError", None) };
    let shown = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    answered(json!({"keys": [
        {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY, "n": number(&shown.n), "e": number(&shown.e)}
    ]}))
}

/// What a topic is made of, through the control interface.
#[derive(Deserialize)]
pub(super) struct Wanted {
    topic: String,
    hook: String,
    account: String,
}

pub(super) async fn topic(State(google): State<Google>, Json(wanted): Json<Wanted>) -> Response {
    google.subscribe(&wanted.topic, &wanted.hook, &wanted.account);
    answered(json!({}))
}

pub(super) async fn watch(State(google): State<Google>, headers: HeaderMap, body: Bytes) -> Response {
    let topic =
        serde_json::from_slice::<Value>(&body).ok().and_then(|said| Some(said["topicName"].as_str()?.to_owned()));
    let known = topic.as_deref().is_some_and(|topic| google.topics.find(topic).is_some());
    let until_ms = google.mailboxes.clock.now_ms() + WATCHED_MS;
    let mut watched = None;
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(topic) = topic.filter(|_| known) else { return refusal(400, "invalidArgument", None) };
        mailbox.watch = Some((topic, until_ms));
        watched = Some(mailbox.credentials.address.clone());
        answered(json!({"historyId": mailbox.history.to_string(), "expiration": until_ms.to_string()}))
    };
    let answer = google.called(&headers, "watch", act).await;
    // Google tells at once where it stands.
    if let Some(address) = watched {
        google.tell(&address);
    }
    answer
}

pub(super) async fn stop(State(google): State<Google>, headers: HeaderMap) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        mailbox.watch = None;
        axum::response::IntoResponse::into_response(http::StatusCode::NO_CONTENT)
    };
    google.called(&headers, "stop", act).await
}
