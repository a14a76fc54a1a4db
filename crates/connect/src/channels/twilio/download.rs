//! Bringing a contact's file: Twilio answers its address with another one, which needs no credentials and gets none.

use super::Medium;
use super::api;
use crate::sms::refusal::refused;
use crate::{Account, BlobHandle, Call, HttpCall, Method, RemoteFile, Reply, SendError, Step, hosts};

/// Where Twilio keeps files.
const HOSTS: [&str; 3] = ["twilio.com", "twiliocdn.com", "amazonaws.com"];

/// The next step of a download.
pub(super) fn step(file: &RemoteFile, account: &Account, medium: Medium, replies: &[Reply]) -> Step<BlobHandle> {
    next(file, account, medium, replies).unwrap_or_else(Step::Fail)
}

fn next(
    file: &RemoteFile,
    account: &Account,
    medium: Medium,
    replies: &[Reply],
) -> Result<Step<BlobHandle>, SendError> {
    let bring =
        |call: HttpCall| Step::Call(Call::Http(HttpCall { to_blob: true, max_reply: medium.download(), ..call }));
    match replies {
        [] => {
            let (message, media) =
                file.locator.split_once('/').filter(|(a, b)| api::is_sid(a) && api::is_sid(b)).ok_or_else(|| {
                    refused(
                        "file_id_refused",
                        "Twilio named this file in a way that Parloir does not understand. Ask for it again.",
                    )
                })?;
            let url = api::url(account, &format!("/Messages/{message}/Media/{media}"))?;
            Ok(bring(api::call(account, medium.file(), (Method::Get, url), None)?))
        }
        [.., Reply::Stored { blob, .. }] => Ok(Step::Done(blob.clone())),
        [Reply::Answer { status: 301 | 302 | 303 | 307 | 308, headers, .. }] => {
            let place = headers.iter().find(|(name, _)| name == "location").map(|(_, url)| url.as_str());
            let place = place.filter(|url| hosts::is_theirs(url, &HOSTS, &account.base_url)).ok_or_else(|| {
                refused(
                    "file_place_refused",
                    "Twilio named a place for this file that is none of its own. Ask for it again.",
                )
            })?;
            Ok(bring(HttpCall::get(medium.file(), place.to_owned())))
        }
        [.., Reply::Answer { status: 404 | 410, .. }] => {
            Err(refused("file_gone", "Twilio has this file no longer. Ask the contact to send it again."))
        }
        [.., other] => Err(match api::read(other, true) {
            Ok(_) => SendError::Retry("the file came as something else".to_owned()),
            Err(failure) => api::error(failure),
        }),
    }
}
