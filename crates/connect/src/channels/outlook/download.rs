//! Files of a mail. Exchange writes a mail anew each time it is asked for, so its bytes may lie elsewhere then: a file is looked for
//! among the mail's attachments, by its name and its turn, and cut out of the mail only if it is none of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MAIL_REPLY, api};
use crate::json::{list, string};
use crate::mail::{Letter, LetterFile};
use crate::oauth::refused;
use crate::{Account, BlobHandle, Call, Ctx, Cut, HttpCall, MailEncoding, RemoteFile, Reply, SendError, Span, Step};

/// Where a file lies.
#[derive(Serialize, Deserialize)]
struct Place {
    mail: String,
    name: Option<String>,
    /// How many of that name come before it.
    turn: usize,
    offset: u64,
    length: u64,
    encoding: MailEncoding,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<Span>,
}

/// What finds a file of a mail again.
pub(super) fn locator(mail: &str, letter: &Letter, file: &LetterFile) -> String {
    let place = &file.place;
    let before = letter.files.iter().take_while(|other| other.place.index != place.index);
    let place = Place {
        mail: mail.to_owned(),
        name: file.name.clone(),
        turn: before.filter(|other| other.name == file.name).count(),
        offset: place.offset,
        length: place.length,
        encoding: place.encoding,
        within: place.within,
    };
    serde_json::to_string(&place).unwrap_or_default()
}

/// The next step of a download.
pub(super) fn step(ctx: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    next(ctx, file, account, replies).unwrap_or_else(Step::Fail)
}

fn next(ctx: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Result<Step<BlobHandle>, SendError> {
    let place: Place = serde_json::from_str(&file.locator).map_err(|_| gone())?;
    if !api::is_id(&place.mail) {
        return Err(gone());
    }
    let attachments = format!("/me/messages/{}/attachments", place.mail);
    let Some((listed, rest)) = replies.split_first() else {
        let call = api::get(ctx, account, "outlook.attachments", &format!("{attachments}?$select=id,name"))?;
        return Ok(Step::Call(Call::Http(call)));
    };
    let Some(reply) = rest.first() else {
        let listed = api::read(listed, true).map_err(error)?;
        let cut = Cut {
            key: None,
            offset: place.offset,
            length: place.length,
            encoding: place.encoding,
            within: place.within,
        };
        let (path, cut) = match attachment(&place, &listed) {
            Some(id) => (format!("{attachments}/{id}/$value"), None),
            None => (format!("/me/messages/{}/$value", place.mail), Some(cut)),
        };
        let call = api::get(ctx, account, "outlook.file", &path)?;
        return Ok(Step::Call(Call::Http(HttpCall { to_blob: true, cut, max_reply: MAIL_REPLY, ..call })));
    };
    match reply {
        Reply::Stored { blob, .. } => Ok(Step::Done(blob.clone())),
        other => Err(match api::body(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => error(failure),
        }),
    }
}

/// The attachment that has this name, and its turn among those.
fn attachment(place: &Place, listed: &Value) -> Option<String> {
    let name = place.name.as_deref()?;
    let named = list(listed, "/value").iter().filter(|one| string(one, "/name").as_deref() == Some(name));
    named.skip(place.turn).find_map(|one| string(one, "/id")).filter(|id| api::is_id(id))
}

fn error(failure: api::Failure) -> SendError {
    match failure {
        api::Failure::Gone => gone(),
        other => api::error(other),
    }
}

fn gone() -> SendError {
    refused("file_gone", "The mail is no longer in the mailbox. Ask the contact to send it again.")
}
