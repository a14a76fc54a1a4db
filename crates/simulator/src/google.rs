//! Google as its client libraries know it: signing in, and as much of the Gmail API as programs of mail use, below `/google`.

mod push;

use std::collections::BTreeMap;

use axum::extract::{DefaultBodyLimit, Path, Query, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::Options;
use crate::carrier::spoiled;
use crate::chance::Chance;
use crate::faults::{CallFault, Order};
use crate::mailbox::{
    Asked, Credentials, Folder, Letter, Mail, Mailbox, Mailboxes, PushFault, field, head, mailbox_controls,
};

/// Google's mailboxes. Clones share them.
#[derive(Clone)]
pub struct Google {
    mailboxes: Mailboxes,
    topics: push::Topics,
}

mailbox_controls!(Google);

impl Google {
    /// A mail arrives and is held as spam; its Message-ID.
    pub fn hold(&self, address: &str, letter: &Letter) -> Option<String> {
        let id = self.mailboxes.deliver(address, letter);
        self.mailboxes.with(address, |mailbox, _| {
            if let Some(mail) = mailbox.mails.last_mut() {
                mail.folder = Folder::Spam;
            }
        });
        id
    }

    /// All that was received is moved into the inbox, from wherever it was held or filed.
    pub fn refile(&self, address: &str) {
        self.mailboxes.with(address, |mailbox, _| mailbox.refile());
        self.tell(address);
    }
}

impl Google {
    pub(crate) fn new(options: &Options) -> Self {
        Self { mailboxes: Mailboxes::new(options), topics: push::Topics::default() }
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
        .route("/google/oauth2/v3/certs", get(push::keys))
        .route(&format!("{mailbox}/profile"), get(profile))
        .route(&format!("{mailbox}/settings/sendAs"), get(addresses))
        .route(&format!("{mailbox}/watch"), post(push::watch))
        .route(&format!("{mailbox}/stop"), post(push::stop))
        .route(&format!("{mailbox}/history"), get(history))
        .route(&format!("{mailbox}/messages"), get(messages))
        .route(&format!("{mailbox}/messages/{{id}}"), get(message))
        .route(&format!("{mailbox}/messages/{{id}}/trash"), post(trash))
        .route("/google/upload/gmail/v1/users/me/messages/send", post(send))
        .route("/sim/google/topics", post(push::topic))
        .route("/sim/google/mailboxes", post(open))
        .route("/sim/google/{address}/letters", post(letter))
        .route("/sim/google/{address}/sent", get(sent))
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

/// From where it may send; one more that nobody has confirmed.
async fn addresses(State(google): State<Google>, headers: HeaderMap) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let mut all = vec![json!({"sendAsEmail": mailbox.credentials.address, "isPrimary": true, "isDefault": true})];
        let alias =
            |alias: &str, status| json!({"sendAsEmail": alias, "treatAsAlias": true, "verificationStatus": status});
        all.extend(mailbox.aliases.iter().map(|one| alias(one, "accepted")));
        all.push(alias("pending@shop.example", "pending"));
        answered(json!({"sendAs": all}))
    };
    google.called(&headers, "addresses", act).await
}

fn start_of(fields: &Fields) -> usize {
    fields.get("pageToken").and_then(|page| page.parse().ok()).unwrap_or(0)
}

/// What the history tells of a mail after a point, of the kinds that are asked for.
fn told_of(mail: &Mail, from: u64, kinds: &[String]) -> Vec<(u64, Value)> {
    let asked = |kind: &str| kinds.is_empty() || kinds.iter().any(|one| one == kind);
    let labels = json!([if mail.folder == Folder::Spam { "SPAM" } else { "INBOX" }, "UNREAD"]);
    let message = json!({"id": mail.id, "threadId": mail.thread, "labelIds": labels});
    let mut told = Vec::new();
    // What lies elsewhere now is in no history of the inbox.
    if mail.history > from && asked("messageAdded") && mail.folder != Folder::Spam {
        let entry = json!({"id": mail.history.to_string(), "messagesAdded": [{"message": message}]});
        told.push((mail.history, entry));
    }
    if let Some(at) = mail.moved.filter(|at| *at > from && asked("labelAdded")) {
        let entry = json!({"id": at.to_string(), "labelsAdded": [{"message": message, "labelIds": ["INBOX"]}]});
        told.push((at, entry));
    }
    told
}

async fn history(
    State(google): State<Google>,
    headers: HeaderMap,
    Query(fields): Query<Fields>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    let kinds: Vec<String> =
        asked.into_iter().filter(|(name, _)| name == "historyTypes").map(|(_, kind)| kind).collect();
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let from: u64 = fields.get("startHistoryId").and_then(|id| id.parse().ok()).unwrap_or(0);
        if from < mailbox.forgotten {
            return refusal(404, "notFound", None);
        }
        let start = start_of(&fields);
        let inbox = mailbox.mails.iter().filter(|mail| mail.folder != Folder::Sent);
        let mut new: Vec<(u64, Value)> = inbox.flat_map(|mail| told_of(mail, from, &kinds)).collect();
        new.sort_by_key(|(at, _)| *at);
        let mut entries: Vec<Value> =
            new.iter().skip(start).take(mailbox.page).map(|(_, entry)| entry.clone()).collect();
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
                let is_there = |mail: &&Mail| mail.folder == Folder::Inbox && !mail.gone && mail.at_ms >= from_ms;
                mailbox.mails.iter().rev().filter(is_there).collect()
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
            "labelIds": [if mail.folder == Folder::Sent { "SENT" } else { "INBOX" }], "internalDate": mail.at_ms.to_string(),
            "historyId": mail.history.to_string(), "sizeEstimate": mail.raw.len()});
        if raw {
            body["raw"] = URL_SAFE.encode(&mail.raw).into();
        } else {
            let fields = head(&mail.raw).into_iter().map(|(name, value)| json!({"name": name, "value": value}));
            body["payload"] = json!({"headers": fields.collect::<Vec<_>>()});
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
    let multipart = query.is_some_and(|query| query.split('&').any(|part| part == "uploadType=multipart"));
    let now_ms = google.mailboxes.clock.now_ms();
    let act = |mailbox: &mut Mailbox, chance: &mut Chance| {
        let Some((told, raw)) = parts(&kind, &body).filter(|_| multipart) else {
            return refusal(400, "invalidArgument", None);
        };
        if field(&raw, "to").is_none() {
            return refusal(400, "invalidArgument", None);
        }
        let raw = if mailbox.may_send(&raw) { raw } else { resent(&raw, &mailbox.credentials.address) };
        let thread = told["threadId"].as_str().map(str::to_owned);
        let id = mailbox.send(raw, thread.clone(), now_ms, chance);
        answered(json!({"id": id, "threadId": thread, "labelIds": ["SENT"]}))
    };
    google.called(&headers, "send", act).await
}

/// The mail from the mailbox's own address: as Gmail does with another that it does not know.
fn resent(raw: &Bytes, own: &str) -> Bytes {
    let Some(from) = field(raw, "from") else { return raw.clone() };
    String::from_utf8_lossy(raw).replacen(&from, own, 1).into()
}

/// A new mailbox and its app, through the control interface.
async fn open(State(google): State<Google>, Json(named): Json<Fields>) -> Response {
    let made = google.create(named.get("address").map_or("", String::as_str));
    answered(json!({"address": made.address, "client_id": made.client_id, "client_secret": made.client_secret}))
}

/// What the mailbox sent, oldest first, through the control interface.
async fn sent(State(google): State<Google>, Path(address): Path<String>) -> Response {
    let shown = |(raw, thread): &(Bytes, String)| {
        let said = |name| field(raw, name);
        json!({"from": said("from"), "to": said("to"), "subject": said("subject"), "thread": thread, "raw": String::from_utf8_lossy(raw)})
    };
    answered(json!({"mails": google.sent(&address).iter().map(shown).collect::<Vec<_>>()}))
}

/// Somebody writes, through the control interface.
async fn letter(State(google): State<Google>, Path(address): Path<String>, Json(letter): Json<Letter>) -> Response {
    match google.deliver(&address, &letter) {
        Some(id) => answered(json!({ "message_id": id })),
        None => refusal(404, "notFound", None),
    }
}

/// What is told of a mail, and the mail, out of a `multipart/related` body, whose lines end in either way.
fn parts(kind: &str, body: &Bytes) -> Option<(Value, Bytes)> {
    let (_, boundary) = kind.strip_prefix("multipart/related;")?.split_once("boundary=")?;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let find = |from: usize| {
        let rest = body.get(from..)?.windows(mark.len());
        rest.clone().position(|window| window == mark.as_bytes()).map(|at| at + from)
    };
    let first = find(0)? + mark.len();
    let second = find(first)?;
    // The mail may hold anything, the mark too: the last one ends it.
    let last = body.windows(mark.len()).rposition(|window| window == mark.as_bytes())?;
    let told = content(body, first, second)?;
    let raw = content(body, second + mark.len(), last)?;
    Some((serde_json::from_slice(body.get(told.0..told.1)?).ok()?, body.slice(raw.0..raw.1)))
}

/// From where to where the content of a part goes: after its first empty line, before the end of the line before the mark.
fn content(body: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let part = body.get(from..to)?;
    let after = |empty: &[u8]| part.windows(empty.len()).position(|window| window == empty).map(|at| at + empty.len());
    let begin = match (after(b"\r\n\r\n"), after(b"\n\n")) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other)?,
    };
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    let part = part.strip_suffix(b"\r").unwrap_or(part);
    (begin <= part.len()).then_some((from + begin, from + part.len()))
}
