//! Mails that are put together before they are sent: a draft, its files, small ones whole and large ones piece by piece.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Attachment, Chance, Mail, Mailbox, Microsoft, REQUEST, answered, disturbed, refusal};
use crate::carrier::{hexadecimal, spoiled};
use crate::mailbox::{Folder, Upload};

/// Where pieces go. Who knows the address may bring them.
pub(super) const PATH: &str = "/microsoft/uploads";
/// Smaller files go up whole, in bytes.
const LARGE: usize = 3 << 20;

fn gone() -> Response {
    refusal(404, "ErrorItemNotFound", None)
}

/// A draft among the mails.
fn draft<'a>(mailbox: &'a mut Mailbox, id: &str) -> Option<&'a mut Mail> {
    mailbox.mails.iter_mut().find(|mail| mail.id == id && mail.folder == Folder::Drafts)
}

pub(super) async fn make(State(microsoft): State<Microsoft>, headers: HeaderMap, body: Bytes) -> Response {
    let plain = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/plain");
    let at_ms = microsoft.mailboxes.clock.now_ms();
    let act = |mailbox: &mut Mailbox, chance: &mut Chance| {
        let raw = STANDARD.decode(&body).ok().filter(|_| plain && body.len() <= REQUEST);
        let Some(raw) = raw else { return refusal(400, "ErrorMimeContentInvalidBase64String", None) };
        let (id, thread) = (hexadecimal(chance, 16), hexadecimal(chance, 16));
        let mail = Mail { id: id.clone(), thread, raw: raw.into(), at_ms, folder: Folder::Drafts, ..Mail::default() };
        let message_id = format!("<{}>", mail.message_id());
        mailbox.add(mail);
        let made = json!({"id": id, "isDraft": true, "internetMessageId": message_id});
        (StatusCode::CREATED, Json(made)).into_response()
    };
    microsoft.called(&headers, "draft", act).await
}

pub(super) async fn attach(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(mail) = draft(mailbox, &id) else { return gone() };
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let content = told["contentBytes"].as_str().and_then(|text| STANDARD.decode(text).ok());
        let is_file = told["@odata.type"] == "#microsoft.graph.fileAttachment";
        let Some(content) = content.filter(|_| is_file) else { return refusal(400, "ErrorInvalidRequest", None) };
        if body.len() > REQUEST || content.len() >= LARGE {
            return refusal(413, "RequestEntityTooLarge", None);
        }
        let word = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
        mail.attachments.push(Attachment { name: word("name"), mime: word("contentType"), content: content.into() });
        (StatusCode::CREATED, Json(json!({"id": format!("file{}", mail.attachments.len() - 1)}))).into_response()
    };
    microsoft.called(&headers, "attach", act).await
}

/// An address for the pieces of a large file.
pub(super) async fn begin(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(told): Json<Value>,
) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    let act = |mailbox: &mut Mailbox, chance: &mut Chance| {
        if draft(mailbox, &id).is_none() {
            return gone();
        }
        let item = &told["AttachmentItem"];
        let size = item["size"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
        if size < LARGE {
            return refusal(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", None);
        }
        let word = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let session = chance.word(40);
        let upload =
            Upload { mail: id.clone(), name: word("name"), mime: word("contentType"), size, content: Vec::new() };
        mailbox.uploads.insert(session.clone(), upload);
        let told = json!({"uploadUrl": format!("http://{host}{PATH}/{session}"), "nextExpectedRanges": ["0-"]});
        (StatusCode::CREATED, Json(told)).into_response()
    };
    microsoft.called(&headers, "session", act).await
}

/// A piece: the next one, in a request that bears no token.
pub(super) async fn piece(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path(session): Path<String>,
    body: Bytes,
) -> Response {
    let Some(address) = microsoft.mailboxes.find(|mailbox| mailbox.uploads.contains_key(&session)) else {
        return gone();
    };
    if headers.contains_key(header::AUTHORIZATION) || body.is_empty() || body.len() > REQUEST {
        return refusal(400, "ErrorInvalidRequest", None);
    }
    let range = headers.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok()).unwrap_or_default().to_owned();
    let faults = microsoft.mailboxes.counted(&address, "upload");
    let act = async || {
        let taken = microsoft.mailboxes.with(&address, |mailbox, _| taken(mailbox, &session, &range, &body));
        taken.unwrap_or_else(gone)
    };
    spoiled(faults, disturbed, act).await
}

fn taken(mailbox: &mut Mailbox, session: &str, range: &str, body: &[u8]) -> Response {
    let Some(upload) = mailbox.uploads.get_mut(session) else { return gone() };
    let from = upload.content.len();
    if range != format!("bytes {from}-{}/{}", from + body.len() - 1, upload.size) {
        return refusal(416, "ErrorInvalidRange", None);
    }
    upload.content.extend_from_slice(body);
    if upload.content.len() < upload.size {
        return answered(json!({"nextExpectedRanges": [upload.content.len().to_string()]}));
    }
    let Some(upload) = mailbox.uploads.remove(session) else { return gone() };
    let Some(mail) = draft(mailbox, &upload.mail) else { return gone() };
    mail.attachments.push(Attachment { name: upload.name, mime: upload.mime, content: upload.content.into() });
    StatusCode::CREATED.into_response()
}

pub(super) async fn send(State(microsoft): State<Microsoft>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        let Some(raw) = draft(mailbox, &id).map(|mail| mail.raw.clone()) else { return gone() };
        if !mailbox.may_send(&raw) {
            return refusal(403, "ErrorSendAsDenied", None);
        }
        if let Some(mail) = draft(mailbox, &id) {
            mail.folder = Folder::Sent;
        }
        StatusCode::ACCEPTED.into_response()
    };
    microsoft.called(&headers, "send", act).await
}

pub(super) async fn discard(
    State(microsoft): State<Microsoft>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let act = |mailbox: &mut Mailbox, _: &mut Chance| {
        if draft(mailbox, &id).is_none() {
            return gone();
        }
        mailbox.mails.retain(|mail| mail.id != id);
        StatusCode::NO_CONTENT.into_response()
    };
    microsoft.called(&headers, "discard", act).await
}
