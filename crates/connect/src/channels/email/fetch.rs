//! Bringing a file out of a mail that still lies in the mailbox.

use super::account::not_now;
use super::settings;
use crate::mail::write::refused;
use crate::{Account, BlobHandle, Call, ImapAct, ImapCall, MailPart, MailReply, RemoteFile, Reply, SendError, Step};

/// The next step of a download.
pub(super) fn step(file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
    match replies.first() {
        None => match serde_json::from_str::<MailPart>(&file.locator) {
            Ok(part) => {
                let (operation, server) = ("email.part", settings::imap(account));
                Step::Call(Call::Imap(ImapCall { operation, server, act: ImapAct::Part(part) }))
            }
            Err(_) => Step::Fail(gone()),
        },
        Some(Reply::Stored { blob, .. }) => Step::Done(blob.clone()),
        Some(Reply::Mail(MailReply::NoMail)) => Step::Fail(gone()),
        Some(other) => Step::Fail(not_now(other)),
    }
}

fn gone() -> SendError {
    refused(
        "file_gone",
        "The mail with this file is no longer in the mailbox, so it cannot be brought. Ask the contact to send it again.",
    )
}
