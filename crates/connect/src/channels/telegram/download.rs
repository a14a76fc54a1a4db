//! Bringing a contact's file: ask for its path, then fetch it.

use serde_json::json;

use super::api::{self, Request};
use super::{DOWNLOAD, refusal};
use crate::json::{integer, text};
use crate::{Account, BlobHandle, Call, HttpCall, RemoteFile, Reply, SendError, Step};

/// The next step of a download.
pub(super) fn step(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    next(file, account, replies).unwrap_or_else(Step::Fail)
}

fn next(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Result<Step<BlobHandle>, SendError> {
    let (found, content) = match replies {
        [] => return ask(file, account).map(Step::Call),
        [found] => (found, None),
        [found, content, ..] => (found, Some(content)),
    };
    let found = api::read(found, true).map_err(api::error)?;
    if integer(&found, "/file_size").and_then(|size| u64::try_from(size).ok()).is_some_and(|size| size > DOWNLOAD) {
        return Err(too_large());
    }
    match content {
        None => bring(text(&found, "/file_path").unwrap_or_default(), account).map(Step::Call),
        Some(Reply::Stored { blob, .. }) => Ok(Step::Done(blob.clone())),
        Some(Reply::Answer { status: 404 | 410, .. }) => {
            Err(SendError::Retry("Telegram's link to the file has expired".to_owned()))
        }
        Some(other) => Err(match api::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => api::error(failure),
        }),
    }
}

fn ask(file: &RemoteFile, account: &Account) -> Result<Call, SendError> {
    if file.size.is_some_and(|size| size > DOWNLOAD) {
        return Err(too_large());
    }
    Request::repeatable("telegram.getFile", json!({"file_id": file.locator})).call(account)
}

fn too_large() -> SendError {
    refusal::bad("file is too big")
}

fn bring(path: &str, account: &Account) -> Result<Call, SendError> {
    let path = safe_path(path).ok_or_else(|| {
        refusal::refused("file_path_refused", "Telegram named a place for this file that is none of its own.")
    })?;
    let url = format!("{}/file/bot{}/{path}", account.base_url, api::token(account)?);
    let mut call = HttpCall::get("telegram.file", url);
    call.to_blob = true;
    call.max_reply = DOWNLOAD;
    Ok(Call::Http(call))
}

/// A path below the bot's files, encoded for a URL. What could lead elsewhere is none.
fn safe_path(path: &str) -> Option<String> {
    let sound = path.len() <= 512
        && path.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != "..")
        && !path.contains(['\\', ':'])
        && !path.chars().any(char::is_control);
    sound.then(|| path.bytes().map(encoded).collect())
}

fn encoded(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below() {
        assert_eq!(safe_path("photos/file_0.jpg").as_deref(), Some("photos/file_0.jpg"));
        assert_eq!(safe_path("documents/a b?#%.pdf").as_deref(), Some("documents/a%20b%3F%23%25.pdf"));
        for wrong in ["", "/etc/passwd", "a/../../getMe", "..", "a//b", "http://x/y", "a\\b", "a\nb", "./a"] {
            assert_eq!(safe_path(wrong), None, "{wrong}");
        }
    }
}
