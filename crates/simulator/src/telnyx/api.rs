//! Telnyx's own addresses: messages and messaging profiles.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{MessageFault, Telnyx, uuid};
use crate::carrier::{File, Line, Message, spoiled};

pub(super) fn router() -> Router<Telnyx> {
    Router::new()
        .route("/sim/telnyx/{profile}/messages", post(say))
        .route("/v2/messages", post(send))
        .route("/v2/phone_numbers/messaging", get(numbers))
        .route("/v2/short_codes", get(short_codes))
        .route("/v2/messaging_profiles/{id}", patch(change).get(show))
        .route("/v2/messaging_profiles/{id}/phone_numbers", get(numbers_of))
        .route("/v2/messaging_profiles/{id}/short_codes", get(short_codes))
}

fn refusal(status: u16, code: i64) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answered(
        status,
        &json!({"errors": [{"code": code.to_string(), "title": "refused", "detail": "refused"}]}).to_string(),
    )
}

fn answered(status: StatusCode, body: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_owned()).into_response()
}

fn disturbed(status: u16, wait_s: Option<u64>) -> Response {
    let mut response = refusal(status, if status == 429 { 10011 } else { 10007 });
    if let Some(value) = wait_s.and_then(|seconds| seconds.to_string().parse().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

impl Telnyx {
    /// The profile that a key is of.
    fn profile(&self, headers: &HeaderMap) -> Option<String> {
        let key = text(headers, "authorization")?.strip_prefix("Bearer ")?.to_owned();
        let guard = self.lines.lock();
        guard.0.iter().find(|(_, line)| line.secret == key).map(|(id, _)| id.clone())
    }

    async fn called<F: Future<Output = Response>>(
        &self,
        headers: &HeaderMap,
        operation: &str,
        act: impl FnOnce(String) -> F,
    ) -> Response {
        let Some(profile) = self.profile(headers) else { return refusal(401, 10009) };
        let faults = self.lines.with(&profile, |line, chance| {
            *line.calls.entry(operation.to_owned()).or_default() += 1;
            line.call_faults.draw(operation, chance)
        });
        spoiled(faults.unwrap_or_default(), disturbed, || act(profile)).await
    }

    async fn send(&self, profile: &str, key: Option<String>, body: Bytes) -> Response {
        let known =
            key.as_ref().and_then(|key| self.lines.with(profile, |line, _| line.answered.get(key).cloned()).flatten());
        match known {
            Some((before, answer)) if before == body => return answered(StatusCode::OK, &answer),
            Some(_) => return refusal(422, 10028),
            None => {}
        }
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut files = Vec::new();
        let urls = asked["media_urls"].as_array().cloned().unwrap_or_default();
        for url in urls.iter().filter_map(Value::as_str) {
            files.extend(self.fetch(url).await);
        }
        let missing = files.len() < urls.len();
        let at_ms = self.lines.clock.now_ms();
        let taken = self.lines.with(profile, |line, chance| {
            let fault = line.message_faults.draw("message", chance);
            let later = admitted(line, &asked, fault.first())?;
            let message = Message {
                id: uuid(chance),
                outgoing: true,
                number: asked["from"].as_str().unwrap_or_default().to_owned(),
                person: asked["to"].as_str().unwrap_or_default().to_owned(),
                text: asked["text"].as_str().map(str::to_owned),
                files,
                at_ms,
                state: "queued".to_owned(),
                told_at: asked["webhook_url"].as_str().map(str::to_owned),
                ..Message::default()
            };
            line.messages.push(message.clone());
            let answer = json!({"data": {"id": message.id, "record_type": "message", "direction": "outbound",
                "to": [{"phone_number": message.person, "status": "queued"}], "errors": []}});
            if let Some(key) = key {
                line.answered.insert(key, (body, answer.to_string()));
            }
            Ok((message.id, answer.to_string(), if missing { Some(40317) } else { later }))
        });
        match taken {
            None => refusal(401, 10009),
            Some(Err((status, code))) => refusal(status, code),
            Some(Ok((id, answer, error))) => {
                let states: &[&str] = if error.is_some() { &["delivery_failed"] } else { &["sent", "delivered"] };
                for state in states {
                    self.advance(profile, &id, state, error);
                }
                answered(StatusCode::OK, &answer)
            }
        }
    }

    async fn fetch(&self, url: &str) -> Option<File> {
        let response = self.http.as_ref()?.get(url).send().await.ok()?.error_for_status().ok()?;
        let mime = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let mime = mime.unwrap_or("application/octet-stream").to_owned();
        Some(File { id: String::new(), mime, content: response.bytes().await.ok()?, origin: Some(url.to_owned()) })
    }
}

/// Whether a message is taken: the error with which it fails later, or status and error of a refusal at once.
fn admitted(line: &Line, asked: &Value, fault: Option<&MessageFault>) -> Result<Option<i64>, (u16, i64)> {
    let to = asked["to"].as_str().unwrap_or_default();
    let empty = asked["text"].as_str().unwrap_or_default().is_empty() && asked["media_urls"].is_null();
    match fault {
        Some(MessageFault::Refuse { code, status }) => Err((*status, *code)),
        _ if !to.starts_with('+') => Err((422, 40310)),
        _ if line.numbers().all(|own| asked["from"].as_str() != Some(own)) => Err((422, 40305)),
        _ if empty => Err((422, 10004)),
        _ if line.stopped.contains(to) => Err((403, 40300)),
        Some(MessageFault::FailLater { code }) => Ok(Some(*code)),
        None => Ok(None),
    }
}

async fn send(State(telnyx): State<Telnyx>, headers: HeaderMap, body: Bytes) -> Response {
    let key = text(&headers, "idempotency-key");
    telnyx.called(&headers, "POST messages", async |profile: String| telnyx.send(&profile, key, body).await).await
}

async fn change(State(telnyx): State<Telnyx>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let act = async |profile: String| {
        if profile != id {
            return refusal(404, 10005);
        }
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        let set = |place: &mut Option<String>, name: &str| {
            if let Some(url) = asked.get(name) {
                *place = url.as_str().map(str::to_owned);
            }
        };
        telnyx.lines.with(&profile, |line, _| {
            set(&mut line.hook, "webhook_url");
            set(&mut line.failover, "webhook_failover_url");
        });
        answered(StatusCode::OK, &telnyx.shown(&profile).to_string())
    };
    telnyx.called(&headers, "PATCH messaging_profiles", act).await
}

async fn show(State(telnyx): State<Telnyx>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let act = async |profile: String| {
        if profile != id {
            return refusal(404, 10005);
        }
        answered(StatusCode::OK, &telnyx.shown(&profile).to_string())
    };
    telnyx.called(&headers, "GET messaging_profiles", act).await
}

impl Telnyx {
    /// A profile as its page shows it.
    fn shown(&self, profile: &str) -> Value {
        let (hook, failover) = self.hooks(profile);
        json!({"data": {"record_type": "messaging_profile", "id": profile, "name": "Simulated shop", "enabled": true,
            "webhook_url": hook, "webhook_failover_url": failover, "webhook_api_version": "2"}})
    }

    /// Numbers of the key, on pages.
    fn listed(&self, profile: &str, asked: &BTreeMap<String, String>) -> Value {
        let all: Vec<String> =
            self.lines.with(profile, |line, _| line.numbers().cloned().collect()).unwrap_or_default();
        let meant = |number: &&String| asked.get("filter[phone_number]").is_none_or(|wanted| wanted == *number);
        let found: Vec<&String> = all.iter().filter(meant).collect();
        let size = asked.get("page[size]").and_then(|size| size.parse().ok()).unwrap_or(20_usize).clamp(1, 250);
        let page = asked.get("page[number]").and_then(|page| page.parse().ok()).unwrap_or(1_usize).max(1);
        let shown: Vec<Value> = found
            .iter()
            .skip((page - 1) * size)
            .take(size)
            .map(|number| json!({"phone_number": number, "messaging_profile_id": profile}))
            .collect();
        let pages = found.len().div_ceil(size).max(1);
        json!({"data": shown, "meta": {"page_number": page, "page_size": size, "total_pages": pages,
            "total_results": found.len()}})
    }
}

/// The key's numbers, those that are asked for.
async fn numbers(
    State(telnyx): State<Telnyx>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let act = async |profile: String| answered(StatusCode::OK, &telnyx.listed(&profile, &asked).to_string());
    telnyx.called(&headers, "GET phone_numbers", act).await
}

/// A profile's numbers.
async fn numbers_of(
    State(telnyx): State<Telnyx>,
    Path(id): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let act = async |profile: String| {
        if profile != id {
            return refusal(404, 10005);
        }
        answered(StatusCode::OK, &telnyx.listed(&profile, &asked).to_string())
    };
    telnyx.called(&headers, "GET messaging_profiles phone_numbers", act).await
}

/// No key here has short codes.
async fn short_codes(State(telnyx): State<Telnyx>, headers: HeaderMap) -> Response {
    let none = json!({"data": [], "meta": {"page_number": 1, "total_pages": 1, "total_results": 0}});
    let act = async |_| answered(StatusCode::OK, &none.to_string());
    telnyx.called(&headers, "GET short_codes", act).await
}

/// What a person writes, by HTTP.
#[derive(serde::Deserialize)]
struct Said {
    person: String,
    text: String,
}

async fn say(State(telnyx): State<Telnyx>, Path(profile): Path<String>, Json(said): Json<Said>) -> Response {
    match telnyx.say(&profile, &said.person, &said.text, &[]) {
        Some(id) => answered(StatusCode::OK, &json!({"id": id}).to_string()),
        None => refusal(404, 10005),
    }
}
