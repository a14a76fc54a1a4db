//! Microsoft as its client libraries know it: signing in, and as much of Graph as programs of mail use, below `/microsoft`.

mod drafts;
pub(crate) mod subscriptions;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, patch, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::Options;
use crate::carrier::spoiled;
use crate::chance::Chance;
use crate::faults::{CallFault, Order};
use crate::google::{Fields, asked, bearer};
use crate::mailbox::{
    Attachment, Credentials, Folder, Letter, Mail, Mailbox, Mailboxes, PushFault, field, head, mailbox_controls,
};
use crate::telnyx::moment;

/// The largest request, in bytes.
const REQUEST: usize = 4 << 20;

/// Microsoft's mailboxes. Clones share them.
#[derive(Clone)]
pub struct Microsoft {
    mailboxes: Mailboxes,
}

mailbox_controls!(Microsoft);

impl Microsoft {
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
            return refusal(401, "InvalidAuthenticationToken", None);
        };
        let act =
            async || self.mailboxes.with(&address, act).unwrap_or_else(|| refusal(404, "ErrorItemNotFound", None));
        spoiled(faults, disturbed, act).await
    }
}

fn disturbed(status: u16, wait_s: Option<u64>) -> Response {
    refusal(status, if status == 429 { "ApplicationThrottled" } else { "InternalServerError" }, wait_s)
}

fn refusal(status: u16, code: &str, wait_s: Option<u64>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"error": {"code": code, "message": "refused"}});
    let mut response = (status, axum::Json(body)).into_response();
    if let Some(value) = wait_s.and_then(|seconds| seconds.to_string().parse().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn answered(body: Value) -> Response {
    axum::Json(body).into_response()
}

/// Microsoft's own addresses.
pub(crate) fn router(microsoft: Microsoft) -> Router {
    let me = "/microsoft/v1.0/me";
    Router::new()
        .route("/microsoft/{tenant}/oauth2/v2.0/authorize", get(ask))
        .route("/microsoft/{tenant}/oauth2/v2.0/token", post(token))
        .route(me, get(profile))
        .route(&format!("{me}/mailFolders/inbox"), get(inbox))
        .route(&format!("{me}/mailFolders/inbox/messages/delta"), get(delta))
        .route(&format!("{me}/mailFolders/sentitems/messages"), get(search_sent))
        .route(&format!("{me}/messages"), get(search).post(drafts::make))
        .route(&format!("{me}/messages/{{id}}"), get(look).delete(drafts::discard))
        .route(&format!("{me}/messages/{{id}}/send"), post(drafts::send))
        .route(&format!("{me}/messages/{{id}}/attachments/createUploadSession"), post(drafts::begin))
        .route(&format!("{}/{{session}}", drafts::PATH), axum::routing::put(drafts::piece))
        .route(&format!("{me}/messages/{{id}}/$value"), get(mail))
        .route(&format!("{me}/messages/{{id}}/attachments"), get(attachments).post(drafts::attach))
        .route(&format!("{me}/messages/{{id}}/attachments/{{file}}/$value"), get(attachment))
        .route(&format!("{me}/messages/{{id}}/permanentDelete"), post(delete))
        .route(&format!("{me}/sendMail"), post(send))
        .route("/sim/microsoft/{address}/letters", post(letter))
        .route(subscriptions::PATH, post(subscriptions::subscribe))
        .route(
            &format!("{}/{{id}}", subscriptions::PATH),
            patch(subscriptions::renew).delete(subscriptions::unsubscribe),
        )
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(microsoft)
}

async fn ask(State(microsoft): State<Microsoft>, Query(fields): Query<Fields>) -> Response {
    match microsoft.mailboxes.asked(asked(&fields)) {
        Some(back) => Redirect::to(&back).into_response(),
        None => refusal(401, "invalid_client", None),
    }
}

async fn token(State(microsoft): State<Microsoft>, Form(fields): Form<Fields>) -> Response {
    let (status, body) = microsoft.mailboxes.token(&fields, true);
    (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), axum::Json(body)).into_response()
}

async fn profile(State(microsoft): State<Microsoft>, headers: HeaderMap) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let address = &mailbox.credentials.address;
        let further = mailbox.aliases.iter().map(|alias| format!("smtp:{alias}"));
        let all: Vec<String> = std::iter::once(format!("SMTP:{address}")).chain(further).collect();
        answered(
            json!({"id": format!("id-of-{}", address.replace('@', "-")), "mail": address, "userPrincipalName": address,
                "proxyAddresses": all}),
        )
    };
    microsoft.called(&headers, "profile", act).await
}

async fn inbox(State(microsoft): State<Microsoft>, headers: HeaderMap) -> Response {
    microsoft.called(&headers, "inbox", |_, _| answered(json!({"id": "inbox"}))).await
}

/// A delta query. A link says from which point of the history it goes on, and how many are told already.
async fn delta(State(microsoft): State<Microsoft>, headers: HeaderMap, Query(fields): Query<Fields>) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let token = fields.get("$deltatoken").or_else(|| fields.get("$skiptoken"));
        let at = |at: usize| token.and_then(|token| token.split('-').nth(at)?.parse::<i64>().ok()).unwrap_or(0);
        let (from, from_ms, start) = match token {
            Some(_) => (u64::try_from(at(0)).unwrap_or(0), at(1), usize::try_from(at(2)).unwrap_or(0)),
            None => (0, since(&fields), 0),
        };
        if fields.contains_key("$deltatoken") && from < mailbox.forgotten {
            return refusal(410, "SyncStateNotFound", None);
        }
        let is_new =
            |mail: &&Mail| mail.history > from && mail.folder == Folder::Inbox && !mail.gone && mail.at_ms >= from_ms;
        let new: Vec<&Mail> = mailbox.mails.iter().filter(is_new).collect();
        let entry = |mail: &&Mail| json!({"id": mail.id, "receivedDateTime": moment(mail.at_ms), "isDraft": false});
        let mut entries: Vec<Value> = new.iter().skip(start).take(mailbox.page).map(entry).collect();
        if mailbox.doubles {
            entries.extend(entries.clone());
        }
        let base = format!("http://{host}/microsoft/v1.0/me/mailFolders/inbox/messages/delta");
        let mut body = json!({"value": entries});
        if start + mailbox.page < new.len() {
            let next = format!("{base}?$skiptoken={from}-{from_ms}-{}", start + mailbox.page);
            body["@odata.nextLink"] = next.into();
        } else {
            body["@odata.deltaLink"] = format!("{base}?$deltatoken={}-{from_ms}-0", mailbox.history).into();
        }
        answered(body)
    };
    microsoft.called(&headers, "delta", act).await
}

/// From when on, in milliseconds: a filter is `receivedDateTime ge 2026-01-01T00:00:00Z`. Without one: from the beginning.
fn since(fields: &Fields) -> i64 {
    let filter = fields.get("$filter").map_or("", String::as_str);
    filter.strip_prefix("receivedDateTime ge ").map_or(0, moment_of)
}

/// A moment in UTC (`2026-01-01T00:00:00Z`), in milliseconds.
fn moment_of(text: &str) -> i64 {
    let mut digits = text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<i64>().ok());
    let mut next = || digits.next().unwrap_or(0);
    let (year, month, day, hour, minute, second) = (next(), next(), next(), next(), next(), next());
    // A date of the Gregorian calendar to days since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let year = year - i64::from(month <= 2);
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000
}

fn found(mailbox: &Mailbox, fields: &Fields, sent_only: bool) -> Response {
    let filter = fields.get("$filter").map_or("", String::as_str);
    let id =
        filter.strip_prefix("internetMessageId eq '<").and_then(|rest| rest.strip_suffix(">'")).unwrap_or_default();
    let found = mailbox.by_message_id(id).filter(|mail| mail.folder == Folder::Sent || !sent_only);
    answered(
        json!({"value": found.map(|mail| json!({"id": mail.id, "isDraft": mail.folder == Folder::Drafts})).collect::<Vec<_>>()}),
    )
}

async fn search_sent(State(microsoft): State<Microsoft>, headers: HeaderMap, Query(fields): Query<Fields>) -> Response {
    microsoft.called(&headers, "search", |mailbox, _| found(mailbox, &fields, true)).await
}

async fn search(State(microsoft): State<Microsoft>, headers: HeaderMap, Query(fields): Query<Fields>) -> Response {
    microsoft.called(&headers, "search", |mailbox, _| found(mailbox, &fields, false)).await
}

/// What a mail's header says. Of what was sent from here Microsoft has no header.
async fn look(State(microsoft): State<Microsoft>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(mail) = mailbox.mail(&id) else { return refusal(404, "ErrorItemNotFound", None) };
        let address = |name| {
            let said = field(&mail.raw, name).unwrap_or_default();
            let address = said.rsplit_once('<').map_or(said.as_str(), |(_, rest)| rest.trim_end_matches('>'));
            json!({"emailAddress": {"address": address}})
        };
        let mut body = json!({"id": mail.id, "internetMessageId": format!("<{}>", mail.message_id()),
            "from": address("from"), "toRecipients": [address("to")]});
        if mail.folder != Folder::Sent {
            let fields = head(&mail.raw).into_iter().map(|(name, value)| json!({"name": name, "value": value}));
            body["internetMessageHeaders"] = fields.collect();
        }
        answered(body)
    };
    microsoft.called(&headers, "look", act).await
}

async fn mail(State(microsoft): State<Microsoft>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| match mailbox.mail(&id) {
        Some(mail) => ([(header::CONTENT_TYPE, "text/plain")], mail.raw.clone()).into_response(),
        None => refusal(404, "ErrorItemNotFound", None),
    };
    microsoft.called(&headers, "get", act).await
}

async fn attachments(State(microsoft): State<Microsoft>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(mail) = mailbox.mail(&id) else { return refusal(404, "ErrorItemNotFound", None) };
        let files = mail.attachments.iter().enumerate();
        let files = files.map(|(at, file)| json!({"id": format!("file{at}"), "name": file.name}));
        answered(json!({"value": files.collect::<Vec<_>>()}))
    };
    microsoft.called(&headers, "attachments", act).await
}

async fn attachment(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path((id, file)): Path<(String, String)>,
) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let at = file.strip_prefix("file").and_then(|at| at.parse::<usize>().ok());
        let file = mailbox.mail(&id).zip(at).and_then(|(mail, at)| mail.attachments.get(at));
        match file {
            Some(file) => file.content.clone().into_response(),
            None => refusal(404, "ErrorItemNotFound", None),
        }
    };
    microsoft.called(&headers, "attachment", act).await
}

async fn delete(State(microsoft): State<Microsoft>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let before = mailbox.mails.len();
        mailbox.mails.retain(|mail| mail.id != id);
        if mailbox.mails.len() < before {
            StatusCode::NO_CONTENT.into_response()
        } else {
            refusal(404, "ErrorItemNotFound", None)
        }
    };
    microsoft.called(&headers, "delete", act).await
}

async fn send(State(microsoft): State<Microsoft>, headers: HeaderMap, body: Bytes) -> Response {
    let plain = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/plain");
    let now_ms = microsoft.mailboxes.clock.now_ms();
    let act = |mailbox: &mut Mailbox, chance: &mut Chance| {
        if body.len() > REQUEST {
            return refusal(413, "RequestEntityTooLarge", None);
        }
        let Some(raw) = STANDARD.decode(&body).ok().filter(|_| plain) else {
            return refusal(400, "ErrorMimeContentInvalidBase64String", None);
        };
        if !mailbox.may_send(&raw) {
            return refusal(403, "ErrorSendAsDenied", None);
        }
        mailbox.send(raw.into(), None, now_ms, chance);
        StatusCode::ACCEPTED.into_response()
    };
    microsoft.called(&headers, "send", act).await
}

/// Somebody writes, through the control interface.
async fn letter(
    State(microsoft): State<Microsoft>,
    Path(address): Path<String>,
    Json(letter): Json<Letter>,
) -> Response {
    match microsoft.deliver(&address, &letter) {
        Some(id) => answered(json!({ "message_id": id })),
        None => refusal(404, "ErrorItemNotFound", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_moment() {
        for at_ms in [0, 1_767_225_600_000, 1_709_210_096_000, 951_782_400_000] {
            let text = moment(at_ms).replace(".000Z", "Z");
            let fields = Fields::from([("$filter".to_owned(), format!("receivedDateTime ge {text}"))]);
            assert_eq!(since(&fields), at_ms, "{text}");
        }
    }
}
