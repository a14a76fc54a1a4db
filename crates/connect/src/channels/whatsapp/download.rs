//! Bringing a contact's file: ask where it lies, then fetch it. The address is good for five minutes, the id for seven days.
//!
//! The address is Meta's to name, and our token goes with the request, so only Meta's own hosts are asked.

use serde_json::Value;

use super::refusal::{self, refused};
use super::{FILE, address};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::text;
use crate::{Account, BlobHandle, Call, HttpCall, RemoteFile, Reply, SendError, Step, hosts};

/// Below which Meta serves files.
const HOSTS: [&str; 4] = ["facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net"];

/// The next step of a download.
pub(super) fn step(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    next(file, account, replies).unwrap_or_else(Step::Fail)
}

fn next(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Result<Step<BlobHandle>, SendError> {
    if file.size.is_some_and(|size| size > FILE) {
        return Err(too_large());
    }
    // A locator that is an address itself has no id to ask a newer one by.
    if file.locator.contains("://") {
        return match replies {
            [] => download(&file.locator, account).map(called),
            [content, ..] => brought(content).ok_or_else(gone).and_then(|found| found),
        };
    }
    let mut pairs = replies.chunks(2);
    // An address that has expired meanwhile is asked for once more.
    for _ in 0..2 {
        match pairs.next() {
            None | Some([]) => return ask(file, account).map(called),
            Some([found]) => return bring(&graph::read(found, true).map_err(located)?, account).map(called),
            Some([_, content, ..]) => {
                if let Some(found) = brought(content) {
                    return found;
                }
            }
        }
    }
    Err(gone())
}

/// What came of asking for the file itself; `None` if it is no longer there.
fn brought(content: &Reply) -> Option<Result<Step<BlobHandle>, SendError>> {
    Some(match content {
        Reply::Stored { blob, .. } => Ok(Step::Done(blob.clone())),
        Reply::Answer { status: 404 | 410, .. } => return None,
        other => Err(match graph::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => located(failure),
        }),
    })
}

fn called(call: HttpCall) -> Step<BlobHandle> {
    Step::Call(Call::Http(call))
}

fn ask(file: &RemoteFile, account: &Account) -> Result<HttpCall, SendError> {
    let id = &file.locator;
    let sound =
        !id.is_empty() && id.len() <= 128 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !sound {
        return Err(refused(
            "file_id_refused",
            "WhatsApp named this file in a way that Parloir does not understand. Ask for it again.",
        ));
    }
    graph::get(account, "whatsapp.media", id, &[("phone_number_id", address::number(account)?)])
}

fn bring(found: &Value, account: &Account) -> Result<HttpCall, SendError> {
    if found.get("file_size").and_then(Value::as_u64).is_some_and(|size| size > FILE) {
        return Err(too_large());
    }
    download(text(found, "/url").unwrap_or_default(), account)
}

fn download(url: &str, account: &Account) -> Result<HttpCall, SendError> {
    if !trusted(url, &account.base_url) {
        let why = "WhatsApp named a place for this file that is none of its own. Ask for it again.";
        return Err(refused("file_place_refused", why));
    }
    let headers = vec![graph::bearer(account)?];
    Ok(HttpCall { headers, to_blob: true, max_reply: FILE, ..HttpCall::get("whatsapp.file", url.to_owned()) })
}

/// An id that is unknown now was known once: it came with a message.
fn located(failure: Failure) -> SendError {
    match failure {
        Failure::Told(Told { code: 100 | 33 | 131_052, proof: false, .. }) => gone(),
        other => refusal::failure(other),
    }
}

fn gone() -> SendError {
    refused(
        "file_gone",
        "WhatsApp keeps a contact's files for seven days, and this one is gone. Ask the contact to send it again.",
    )
}

fn too_large() -> SendError {
    refused(
        "file_too_large",
        "The file is larger than is taken from WhatsApp (100 MB). Ask for a smaller one or a link.",
    )
}

/// Whether a URL is on one of Meta's hosts by https, or where this account's API is itself.
fn trusted(url: &str, base_url: &str) -> bool {
    hosts::is_theirs(url, &HOSTS, base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_token_goes_to_meta_alone() {
        let own = "https://graph.facebook.com";
        for (url, expected) in [
            ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x", true),
            ("https://mmg.whatsapp.net/v/t62?x=1", true),
            ("https://scontent.fbcdn.net/x", true),
            ("https://GRAPH.facebook.com/x", true),
            ("https://facebook.com/x", true),
            ("http://lookaside.fbsbx.com/x", false),
            ("https://evil.example/?.fbsbx.com", false),
            ("https://evil.example#.fbsbx.com", false),
            ("https://evil.example\\.fbsbx.com/", false),
            ("https://lookaside.fbsbx.com@evil.example/", false),
            ("https://user@lookaside.fbsbx.com/", false),
            ("https://evilfbsbx.com/x", false),
            ("https://fbsbx.com.evil.example/x", false),
            ("https://lookaside.fbsbx.com:8443/x", false),
            ("https://lookaside.fbsbx.com/x y", false),
            ("//lookaside.fbsbx.com/x", false),
            ("lookaside.fbsbx.com/x", false),
            ("ftp://lookaside.fbsbx.com/x", false),
            ("https://", false),
            ("", false),
        ] {
            assert_eq!(trusted(url, own), expected, "{url}");
        }
    }

    #[test]
    fn where_the_account_itself_is_may_serve_files() {
        let own = "http://127.0.0.1:9011/graph";
        assert!(trusted("http://127.0.0.1:9011/files/1", own));
        for other in ["http://127.0.0.1:9012/files/1", "https://127.0.0.1:9011/files/1", "http://127.0.0.1/files/1"] {
            assert!(!trusted(other, own), "{other}");
        }
        assert!(!trusted("https://x.example/", "no url"));
    }
}
