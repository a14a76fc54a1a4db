//! Google as its client libraries know it: signing in, and as much of the Gmail API as programs of mail use, below `/google`.

use std::collections::BTreeMap;

use axum::extract::{DefaultBodyLimit, Path, Query, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::Options;
use crate::carrier::spoiled;
use crate::chance::Chance;
use crate::faults::{CallFault, Order};
use crate::mailbox::{Asked, Credentials, Letter, Mail, Mailbox, Mailboxes, field, mailbox_controls};

/// Google's mailboxes. Clones share them.
#[derive(Clone)]
pub struct Google {
    mailboxes: Mailboxes,
}

mailbox_controls!(Google);

impl Google {
    pub(crate) fn new(options: &Options) -> Self {
        Self { mailboxes: Mailboxes::new(options) }
    }

    async fn called(
        &self,
        headers: &HeaderMap,
        operation: &str,
        act: impl FnOnce(&mut Mailbox, &mut Chance) -> Response,
    ) -> Response {
        let token = bearer(headers);
        let Some((address, faults)) = self.mailboxes.called(token.as_deref(), operation) else {
            return refusal(401, "authError", None);
        };
        let act = async || self.mailboxes.with(&address, act).unwrap_or_else(|| refusal(404, "notFound", None));
        spoiled(faults, disturbed, act).await
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::to_owned)
}

fn disturbed(status: u16, wait_s: Option<u64>) -> Response {
    refusal(status, if status == 429 { "rateLimitExceeded" } else { "backendError" }, wait_s)
}

fn refusal(status: u16, reason: &str, wait_s: Option<u64>) -> Response {
    let body =
        json!({"error": {"code": status, "message": reason, "errors": [{"domain": "global", "reason": reason}]}});
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, axum::Json(body)).into_response();
    if let Some(value) = wait_s.and_then(|seconds| seconds.to_string().parse().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn answered(body: Value) -> Response {
    axum::Json(body).into_response()
}

/// Google's own addresses.
pub(crate) fn router(google: Google) -> Router {
    let mailbox = "/google/gmail/v1/users/me";
    Router::new()
        .route("/google/o/oauth2/v2/auth", get(ask))
        .route("/google/token", post(token))
        .route("/google/revoke", post(revoke))
        .route(&format!("{mailbox}/profile"), get(profile))
        .route(&format!("{mailbox}/history"), get(history))
        .route(&format!("{mailbox}/messages"), get(messages))
        .route(&format!("{mailbox}/messages/{{id}}"), get(message))
        .route(&format!("{mailbox}/messages/{{id}}/trash"), post(trash))
        .route("/google/upload/gmail/v1/users/me/messages/send", post(send))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(google)
}

pub(crate) type Fields = BTreeMap<String, String>;

pub(crate) fn asked(fields: &Fields) -> Asked {
    let given = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let method = given("code_challenge_method");
    Asked {
        client_id: given("client_id"),
        redirect_uri: given("redirect_uri"),
        scope: given("scope"),
        state: given("state"),
        challenge: if method == "S256" { given("code_challenge") } else { String::new() },
    }
}

async fn ask(State(google): State<Google>, Query(fields): Query<Fields>) -> Response {
    match google.mailboxes.asked(asked(&fields)) {
        Some(back) => Redirect::to(&back).into_response(),
        None => refusal(401, "invalid_client", None),
    }
}

async fn token(State(google): State<Google>, Form(fields): Form<Fields>) -> Response {
    let (status, body) = google.mailboxes.token(&fields, false);
    (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), axum::Json(body)).into_response()
}

async fn revoke(State(google): State<Google>, Form(fields): Form<Fields>) -> Response {
    let token = fields.get("token").cloned().unwrap_or_default();
    let Some(address) = google.mailboxes.find(|mailbox| mailbox.sign_in.knows(&token)) else {
        return refusal(400, "invalid_token", None);
    };
    google.mailboxes.with(&address, |mailbox, _| mailbox.sign_in.withdraw());
    answered(json!({}))
}

async fn profile(State(google): State<Google>, headers: HeaderMap) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        answered(json!({"emailAddress": mailbox.credentials.address, "messagesTotal": mailbox.mails.len(),
            "threadsTotal": 1, "historyId": mailbox.history.to_string()}))
    };
    google.called(&headers, "profile", act).await
}

fn start_of(fields: &Fields) -> usize {
    fields.get("pageToken").and_then(|page| page.parse().ok()).unwrap_or(0)
}

async fn history(State(google): State<Google>, headers: HeaderMap, Query(fields): Query<Fields>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let from: u64 = fields.get("startHistoryId").and_then(|id| id.parse().ok()).unwrap_or(0);
        if from < mailbox.forgotten {
            return refusal(404, "notFound", None);
        }
        let start = start_of(&fields);
        let new: Vec<&Mail> = mailbox.mails.iter().filter(|mail| mail.history > from && !mail.sent).collect();
        let entry = |mail: &&Mail| {
            json!({"id": mail.history.to_string(), "messagesAdded": [{"message": {"id": mail.id, "threadId": mail.thread,
                "labelIds": ["INBOX", "UNREAD"]}}]})
        };
        let mut entries: Vec<Value> = new.iter().skip(start).take(mailbox.page).map(entry).collect();
        if mailbox.doubles {
            entries.extend(entries.clone());
        }
        let mut body = json!({"history": entries, "historyId": mailbox.history.to_string()});
        if start + mailbox.page < new.len() {
            body["nextPageToken"] = (start + mailbox.page).to_string().into();
        }
        answered(body)
    };
    google.called(&headers, "history", act).await
}

async fn messages(State(google): State<Google>, headers: HeaderMap, Query(fields): Query<Fields>) -> Response {
    let query = fields.get("q").cloned().unwrap_or_default();
    let operation = if query.starts_with("rfc822msgid:") { "search" } else { "list" };
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let found: Vec<&Mail> = match query.split_once(':') {
            Some(("rfc822msgid", id)) => mailbox.by_message_id(id).collect(),
            Some(("after", seconds)) => {
                let from_ms = seconds.parse::<i64>().unwrap_or(0) * 1_000;
                mailbox.mails.iter().rev().filter(|mail| !mail.sent && !mail.gone && mail.at_ms >= from_ms).collect()
            }
            _ => mailbox.mails.iter().rev().filter(|mail| !mail.gone).collect(),
        };
        let start = start_of(&fields);
        let shown: Vec<Value> = found
            .iter()
            .skip(start)
            .take(mailbox.page)
            .map(|mail| json!({"id": mail.id, "threadId": mail.thread}))
            .collect();
        let mut body = json!({"messages": shown, "resultSizeEstimate": found.len()});
        if start + mailbox.page < found.len() {
            body["nextPageToken"] = (start + mailbox.page).to_string().into();
        }
        answered(body)
    };
    google.called(&headers, operation, act).await
}

async fn message(
    State(google): State<Google>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(fields): Query<Fields>,
) -> Response {
    let raw = fields.get("format").is_some_and(|format| format == "raw");
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(mail) = mailbox.mail(&id) else { return refusal(404, "notFound", None) };
        let mut body = json!({"id": mail.id, "threadId": mail.thread, "snippet": "\"raw\": \"AAAA\"",
            "labelIds": [if mail.sent { "SENT" } else { "INBOX" }], "internalDate": mail.at_ms.to_string(),
            "historyId": mail.history.to_string(), "sizeEstimate": mail.raw.len()});
        if raw {
            body["raw"] = URL_SAFE.encode(&mail.raw).into();
        } else {
            body["payload"] = json!({"headers": [{"name": "Message-Id", "value": format!("<{}>", mail.message_id())}]});
        }
        answered(body)
    };
    google.called(&headers, if raw { "get" } else { "metadata" }, act).await
}

async fn trash(State(google): State<Google>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(mail) = mailbox.mails.iter_mut().find(|mail| mail.id == id) else {
            return refusal(404, "notFound", None);
        };
        mail.gone = true;
        answered(json!({"id": mail.id, "labelIds": ["TRASH"]}))
    };
    google.called(&headers, "trash", act).await
}

async fn send(State(google): State<Google>, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let multipart = query.as_deref() == Some("uploadType=multipart");
    let now_ms = google.mailboxes.clock.now_ms();
    let act = |mailbox: &mut Mailbox, chance: &mut Chance| {
        let Some((told, raw)) = parts(&kind, &body).filter(|_| multipart) else {
            return refusal(400, "invalidArgument", None);
        };
        if field(&raw, "to").is_none() {
            return refusal(400, "invalidArgument", None);
        }
        let thread = told["threadId"].as_str().map(str::to_owned);
        let id = mailbox.send(raw, thread.clone(), now_ms, chance);
        answered(json!({"id": id, "threadId": thread, "labelIds": ["SENT"]}))
    };
    google.called(&headers, "send", act).await
}

/// What is told of a mail, and the mail, out of a `multipart/related` body.
fn parts(kind: &str, body: &Bytes) -> Option<(Value, Bytes)> {
    let boundary = kind.strip_prefix("multipart/related; boundary=")?.trim_matches('"');
    let (open, close) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let find = |from: usize, what: &str| {
        let rest = body.get(from..)?;
        rest.windows(what.len()).position(|window| window == what.as_bytes()).map(|at| at + from)
    };
    let told_at = find(find(0, &open)?, "\r\n\r\n")? + 4;
    let told_end = find(told_at, &close)?;
    let raw_at = find(told_end + close.len(), "\r\n\r\n")? + 4;
    let last = body.len().checked_sub(close.len() + 4)?;
    let raw_end = find(last, &close)?;
    let told = serde_json::from_slice(body.get(told_at..told_end)?).ok()?;
    Some((told, body.slice(raw_at..raw_end)))
}
