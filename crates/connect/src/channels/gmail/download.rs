//! Files of a mail: the mail is asked for again, and the file is cut out of it as it passes.

use serde::{Deserialize, Serialize};

use super::{MAIL_REPLY, api, poll};
use crate::mail::LetterFile;
use crate::oauth::refused;
use crate::{Account, BlobHandle, Call, Ctx, Cut, HttpCall, MailEncoding, RemoteFile, Reply, SendError, Span, Step};

/// Where a file lies.
#[derive(Serialize, Deserialize)]
struct Place {
    mail: String,
    offset: u64,
    length: u64,
    encoding: MailEncoding,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<Span>,
}

/// What finds a file of a mail again.
pub(super) fn locator(mail: &str, file: &LetterFile) -> String {
    let place = &file.place;
    let place = Place {
        mail: mail.to_owned(),
        offset: place.offset,
        length: place.length,
        encoding: place.encoding,
        within: place.within,
    };
    serde_json::to_string(&place).unwrap_or_default()
}

/// The next step of a download.
pub(super) fn step(ctx: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    let Some(reply) = replies.first() else {
        return match ask(ctx, file, account) {
            Ok(call) => Step::Call(Call::Http(call)),
            Err(error) => Step::Fail(error),
        };
    };
    match reply {
        Reply::Stored { blob, .. } => Step::Done(blob.clone()),
        other => Step::Fail(match api::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(api::Failure::Gone) => gone(),
            Err(failure) => api::error(failure),
        }),
    }
}

fn gone() -> SendError {
    refused("file_gone", "The mail is no longer in the mailbox. Ask the contact to send it again.")
}

fn ask(ctx: &Ctx, file: &RemoteFile, account: &Account) -> Result<HttpCall, SendError> {
    let place: Place = serde_json::from_str(&file.locator).map_err(|_| gone())?;
    if !poll::is_id(&place.mail) {
        return Err(gone());
    }
    let call = api::get(ctx, account, "gmail.file", &format!("messages/{}?format=raw", place.mail))?;
    let cut = Cut {
        key: Some("raw"),
        offset: place.offset,
        length: place.length,
        encoding: place.encoding,
        within: place.within,
    };
    Ok(HttpCall { to_blob: true, cut: Some(cut), max_reply: MAIL_REPLY, ..call })
}
