//! Twilio's own addresses: messages, their files, numbers, templates.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{MessageFault, Twilio, WINDOW_MS};
use crate::carrier::{File, Line, Message, hexadecimal, spoiled};

/// The form of Twilio's own numbers.
const NUMBER: &str = "PN00000000000000000000000000000001";
/// The one template that every account has.
const TEMPLATE: &str = "HX00000000000000000000000000000001";

pub(super) fn router() -> Router<Twilio> {
    Router::new()
        .route("/2010-04-01/Accounts/{account}", get(account))
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(create).get(list))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}", get(one).delete(remove))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}/Media.json", get(files))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", get(media))
        .route("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json", get(numbers))
        .route("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{number}", post(set_number).get(show_number))
        .route("/v1/ContentAndApprovals", get(templates))
        .route("/sim/twilio/{account}/messages", post(say))
}

fn refusal(status: u16, code: i64) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body =
        json!({"code": code, "message": format!("refused {code}"), "more_info": more, "status": status.as_u16()});
    answered(status, &body)
}

fn answered(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn disturbed(status: u16, wait_s: Option<u64>) -> Response {
    let mut response = refusal(status, if status == 429 { 20429 } else { 20500 });
    if let Some(value) = wait_s.and_then(|seconds| seconds.to_string().parse().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// Whose credentials these are; `None` if nobody's.
fn user(headers: &HeaderMap) -> Option<(String, String)> {
    let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    pair.split_once(':').map(|(user, secret)| (user.to_owned(), secret.to_owned()))
}

impl Twilio {
    /// Carries out a call of an account that proved itself, or what goes wrong with it.
    async fn called<F: Future<Output = Response>>(
        &self,
        headers: &HeaderMap,
        (account, operation): (&str, &str),
        act: impl FnOnce() -> F,
    ) -> Response {
        let given = user(headers);
        let faults = self.lines.with(account, |line, chance| {
            let proven = given.is_some_and(|(user, secret)| user == account && secret == line.secret);
            *line.calls.entry(operation.to_owned()).or_default() += 1;
            proven.then(|| line.call_faults.draw(operation, chance))
        });
        match faults.flatten() {
            Some(faults) => spoiled(faults, disturbed, act).await,
            None => refusal(401, 20003),
        }
    }
}

async fn account(State(twilio): State<Twilio>, Path(account): Path<String>, headers: HeaderMap) -> Response {
    let account = account.trim_end_matches(".json").to_owned();
    let body = json!({"sid": account, "friendly_name": "Simulated shop", "status": "active"});
    twilio.called(&headers, (&account, "GET Account"), async || answered(StatusCode::OK, &body)).await
}

async fn numbers(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    uri: http::Uri,
    headers: HeaderMap,
) -> Response {
    let act = async || {
        let number = twilio.lines.with(&account, |line, _| line.number.clone()).unwrap_or_default();
        let asked = uri.query().unwrap_or_default().replace("%2B", "+");
        let own = asked == format!("PhoneNumber={number}");
        let found = own.then(|| json!({"sid": NUMBER, "phone_number": number, "friendly_name": number}));
        answered(StatusCode::OK, &json!({"incoming_phone_numbers": found.into_iter().collect::<Vec<_>>()}))
    };
    twilio.called(&headers, (&account, "GET IncomingPhoneNumbers"), act).await
}

async fn set_number(
    State(twilio): State<Twilio>,
    Path((account, _)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let act = async || {
        twilio.lines.with(&account, |line, _| {
            for (name, value) in fields(&body) {
                let value = Some(value).filter(|value| !value.is_empty());
                match name.as_str() {
                    "SmsUrl" => line.hook = value,
                    "SmsFallbackUrl" => line.failover = value,
                    _ => {}
                }
            }
        });
        answered(StatusCode::OK, &twilio.number_of(&account))
    };
    twilio.called(&headers, (&account, "POST IncomingPhoneNumbers"), act).await
}

async fn show_number(
    State(twilio): State<Twilio>,
    Path((account, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let act = async || answered(StatusCode::OK, &twilio.number_of(&account));
    twilio.called(&headers, (&account, "GET IncomingPhoneNumber"), act).await
}

impl Twilio {
    /// The account's number as its page shows it.
    fn number_of(&self, account: &str) -> Value {
        let number = self.lines.with(account, |line, _| line.number.clone());
        let (hook, fallback) = self.hooks(account);
        json!({"sid": NUMBER, "phone_number": number, "sms_url": hook.unwrap_or_default(), "sms_method": "POST",
            "sms_fallback_url": fallback.unwrap_or_default(), "sms_fallback_method": "POST", "sms_application_sid": ""})
    }
}

fn fields(body: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

/// A message to be sent, as asked.
#[derive(Default)]
struct Asked {
    to: String,
    text: Option<String>,
    urls: Vec<String>,
    told_at: Option<String>,
    template: Option<String>,
}

impl Asked {
    fn read(body: &[u8]) -> Self {
        let mut asked = Self::default();
        for (name, value) in fields(body) {
            match name.as_str() {
                "To" => asked.to = value,
                "Body" => asked.text = Some(value),
                "MediaUrl" => asked.urls.push(value),
                "StatusCallback" => asked.told_at = Some(value),
                "ContentSid" => asked.template = Some(value),
                _ => {}
            }
        }
        asked
    }
}

async fn create(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let act = async || twilio.send(&account, Asked::read(&body)).await;
    twilio.called(&headers, (&account, "POST Messages"), act).await
}

impl Twilio {
    async fn send(&self, account: &str, asked: Asked) -> Response {
        let mut files = Vec::new();
        let mut missing = false;
        for url in &asked.urls {
            match self.fetch(url).await {
                Some((mime, content)) => {
                    files.push(File { id: String::new(), mime, content, origin: Some(url.clone()) });
                }
                None => missing = true,
            }
        }
        let (now_ms, to) = (self.lines.clock.now_ms(), asked.to.clone());
        let taken = self.lines.with(account, |line, chance| {
            let fault = line.message_faults.draw("message", chance);
            let later = admitted(line, &asked, fault.first(), now_ms)?;
            let kind = if asked.urls.is_empty() { "SM" } else { "MM" };
            for file in &mut files {
                file.id = format!("ME{}", hexadecimal(chance, 32));
            }
            let message = Message {
                id: format!("{kind}{}", hexadecimal(chance, 32)),
                outgoing: true,
                person: asked.to.trim_start_matches("whatsapp:").to_owned(),
                number: line.number.clone(),
                whatsapp: asked.to.starts_with("whatsapp:"),
                text: asked.text,
                files,
                at_ms: now_ms,
                state: "queued".to_owned(),
                told_at: asked.told_at,
                template: asked.template,
            };
            line.messages.push(message.clone());
            Ok((message, if missing { Some(12300) } else { later }))
        });
        match taken {
            None => refusal(401, 20003),
            Some(Err((status, code))) => refusal(status, code),
            Some(Ok((message, error))) => {
                let states: &[&str] = if error.is_some() { &["failed"] } else { &["sent", "delivered"] };
                for state in states {
                    self.advance(account, &message.id, state, error);
                }
                answered(
                    StatusCode::CREATED,
                    &json!({"sid": message.id, "status": "queued", "to": to, "error_code": null}),
                )
            }
        }
    }

    /// The file at an address, if it can be had.
    async fn fetch(&self, url: &str) -> Option<(String, Bytes)> {
        let response = self.http.as_ref()?.get(url).send().await.ok()?.error_for_status().ok()?;
        let mime = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let mime = mime.unwrap_or("application/octet-stream").to_owned();
        Some((mime, response.bytes().await.ok()?))
    }
}

/// Whether a message is taken: the error with which it fails later, or status and error of a refusal at once.
fn admitted(line: &Line, asked: &Asked, fault: Option<&MessageFault>, now_ms: i64) -> Result<Option<i64>, (u16, i64)> {
    let whatsapp = asked.to.starts_with("whatsapp:");
    let person = asked.to.trim_start_matches("whatsapp:");
    let heard = line.messages.iter().rev().find(|one| !one.outgoing && one.person == person);
    let open = heard.is_some_and(|last| now_ms - last.at_ms < WINDOW_MS);
    let empty = asked.text.as_deref().unwrap_or_default().trim().is_empty()
        && asked.urls.is_empty()
        && asked.template.is_none();
    match fault {
        Some(MessageFault::Refuse { code, status }) => Err((*status, *code)),
        _ if !person.starts_with('+') => Err((400, 21211)),
        _ if empty => Err((400, 21602)),
        _ if asked.text.as_ref().is_some_and(|text| text.chars().count() > 1600) => Err((400, 21617)),
        _ if !whatsapp && line.stopped.contains(person) => Err((400, 21610)),
        Some(MessageFault::FailLater { code }) => Ok(Some(*code)),
        None if whatsapp && !open && asked.template.is_none() => Ok(Some(63016)),
        None => Ok(None),
    }
}

fn shown(message: &Message, number: &str) -> Value {
    let prefix = if message.whatsapp { "whatsapp:" } else { "" };
    let (person, number) = (format!("{prefix}{}", message.person), format!("{prefix}{number}"));
    let (direction, from, to) =
        if message.outgoing { ("outbound-api", number, person) } else { ("inbound", person, number) };
    let date = rfc2822(message.at_ms);
    json!({"sid": message.id, "status": message.state, "body": message.text, "direction": direction, "from": from, "to": to,
        "date_sent": date, "date_created": date, "messaging_service_sid": null,
        "num_media": message.files.len().to_string()})
}

/// A moment as Twilio's list has it: `Mon, 23 Nov 2026 07:00:00 +0000`.
pub(crate) fn rfc2822(at_ms: i64) -> String {
    let seconds = at_ms.div_euclid(1_000);
    let date = crate::telnyx::moment(seconds * 1_000);
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or_default();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| months.get(month.wrapping_sub(1)).copied());
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let day = usize::try_from(seconds.div_euclid(86_400).rem_euclid(7)).ok().and_then(|day| days.get(day).copied());
    let (day, month) = (day.unwrap_or_default(), month.unwrap_or_default());
    format!("{day}, {} {month} {} {} +0000", part(8, 10), part(0, 4), part(11, 19))
}

/// The list, newest first, by number and by day, on pages.
async fn list(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let act = async || {
        let number = twilio.lines.with(&account, |line, _| line.number.clone()).unwrap_or_default();
        let since = asked.get("DateSent>").cloned().unwrap_or_default();
        let mut messages: Vec<Message> = twilio.messages(&account);
        messages.sort_by_key(|message| std::cmp::Reverse(message.at_ms));
        let meant = messages
            .iter()
            .filter(|message| crate::telnyx::moment(message.at_ms) >= since)
            .map(|message| shown(message, &number))
            .filter(|shown| asked.get("To").is_none_or(|to| shown["to"] == json!(to)));
        let size = asked.get("PageSize").and_then(|size| size.parse().ok()).unwrap_or(50_usize).clamp(1, 1_000);
        let page = asked.get("Page").and_then(|page| page.parse().ok()).unwrap_or(0_usize);
        let mut meant = meant.skip(page * size);
        let found: Vec<Value> = meant.by_ref().take(size).collect();
        let to = asked.get("To").map(|to| format!("To={}&", to.replace('+', "%2B"))).unwrap_or_default();
        let next = format!(
            "/2010-04-01/Accounts/{account}/Messages.json?{to}DateSent%3E={since}&PageSize={size}&Page={}",
            page + 1
        );
        let next = meant.next().map(|_| next);
        answered(StatusCode::OK, &json!({"messages": found, "page": page, "next_page_uri": next}))
    };
    twilio.called(&headers, (&account, "GET Messages"), act).await
}

/// The files of a message.
async fn files(
    State(twilio): State<Twilio>,
    Path((account, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let act = async || {
        let files = twilio.lines.with(&account, |line, _| line.message(&message).map(|message| message.files.clone()));
        let Some(files) = files.flatten() else { return refusal(404, 20404) };
        let listed: Vec<Value> = files
            .iter()
            .map(|file| json!({"sid": file.id, "parent_sid": message, "content_type": file.mime}))
            .collect();
        answered(StatusCode::OK, &json!({"media_list": listed, "next_page_uri": null}))
    };
    twilio.called(&headers, (&account, "GET Media list"), act).await
}

async fn one(
    State(twilio): State<Twilio>,
    Path((account, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let id = message.trim_end_matches(".json");
    let act = async || {
        let found = twilio.lines.with(&account, |line, _| line.message(id).map(|message| shown(message, &line.number)));
        let found = found.flatten();
        found.map_or_else(|| refusal(404, 20404), |message| answered(StatusCode::OK, &message))
    };
    twilio.called(&headers, (&account, "GET Message"), act).await
}

async fn remove(
    State(twilio): State<Twilio>,
    Path((account, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let id = message.trim_end_matches(".json");
    let act = async || {
        let gone = twilio.lines.with(&account, |line, _| {
            let known = line.message(id).is_some();
            line.messages.retain(|message| message.id != id);
            known
        });
        if gone == Some(true) { StatusCode::NO_CONTENT.into_response() } else { refusal(404, 20404) }
    };
    twilio.called(&headers, (&account, "DELETE Message"), act).await
}

async fn media(
    State(twilio): State<Twilio>,
    Path((account, message, media)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let act = async || {
        let file = twilio
            .lines
            .with(&account, |line, _| line.message(&message)?.files.iter().find(|file| file.id == media).cloned());
        match file.flatten() {
            Some(file) => ([(header::CONTENT_TYPE, file.mime)], Body::from(file.content)).into_response(),
            None => refusal(404, 20404),
        }
    };
    twilio.called(&headers, (&account, "GET Media"), act).await
}

async fn templates(State(twilio): State<Twilio>, headers: HeaderMap) -> Response {
    let account = user(&headers).map(|(user, _)| user).unwrap_or_default();
    let act = async || {
        let approval =
            json!({"name": "order_update", "category": "UTILITY", "status": "approved", "rejection_reason": ""});
        let contents = json!([{"sid": TEMPLATE, "friendly_name": "Order update", "language": "it", "variables": {"1": "Anna"},
            "types": {"twilio/text": {"body": "Ciao {{1}}, il tuo ordine è pronto."}}, "approval_requests": approval}]);
        answered(StatusCode::OK, &json!({"contents": contents, "meta": {"next_page_url": null}}))
    };
    twilio.called(&headers, (&account, "GET ContentAndApprovals"), act).await
}

/// What a person writes, by HTTP.
#[derive(serde::Deserialize)]
struct Said {
    person: String,
    text: String,
}

async fn say(State(twilio): State<Twilio>, Path(account): Path<String>, Json(said): Json<Said>) -> Response {
    match twilio.say(&account, &said.person, said.text.as_str()) {
        Some(message) => answered(StatusCode::OK, &json!({"sid": message})),
        None => refusal(404, 20404),
    }
}
