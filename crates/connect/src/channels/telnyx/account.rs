//! A contact's files, and what cannot be deleted at Telnyx.

use super::{FILE, api};
use crate::sms::refusal::refused;
use crate::{Account, BlobHandle, Call, Erased, HttpCall, RemoteFile, Reply, SendError, Step, Trace};

/// There is no call that removes a message at Telnyx.
pub(super) fn erase(trace: &Trace) -> Step<Erased> {
    if trace.remotes.is_empty() {
        return Step::Done(Erased::Gone);
    }
    Step::Done(Erased::Cannot(
        "Telnyx has no way to delete messages that were sent or received: its records end when its own terms say so. Ask its \
         support, as your contract provides. What is in the contact's telephone only the contact can delete."
            .to_owned(),
    ))
}

/// The next step of a download. The address came with a proven event; our key goes with it only where Telnyx's API itself is.
pub(super) fn fetch(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    let Some(reply) = replies.first() else {
        return match ask(file, account) {
            Ok(call) => Step::Call(Call::Http(call)),
            Err(error) => Step::Fail(error),
        };
    };
    match reply {
        Reply::Stored { blob, .. } => Step::Done(blob.clone()),
        Reply::Answer { status: 403 | 404 | 410, .. } => {
            Step::Fail(refused("file_gone", "Telnyx has this file no longer. Ask the contact to send it again."))
        }
        other => Step::Fail(match api::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => api::error(failure),
        }),
    }
}

fn ask(file: &RemoteFile, account: &Account) -> Result<HttpCall, SendError> {
    if file.size.is_some_and(|size| size > FILE) {
        return Err(refused("file_too_large", "The file is larger than an MMS can be. Ask for it another way."));
    }
    let own = file.locator.starts_with(&format!("{}/", account.base_url));
    let headers = if own { vec![api::bearer(account)?] } else { Vec::new() };
    Ok(HttpCall { headers, to_blob: true, max_reply: FILE, ..HttpCall::get("sms_telnyx.file", file.locator.clone()) })
}
