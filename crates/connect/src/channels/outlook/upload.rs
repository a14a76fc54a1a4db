//! Sending files that no one request holds (<https://learn.microsoft.com/graph/outlook-large-attachments>): the mail becomes a draft,
//! its files are brought to that one by one, the large ones in pieces, and then it is sent.
//!
//! Nothing is sent before the last call, and a draft is sent once. So whatever ends before that is tried again, from the files that
//! are there already: the draft is found by its Message-ID. Once the last call may have been made, it is never made again.

use serde_json::{Value, json};

use super::api::{self, Failure};
use super::send::{accepted, by_message_id, ended};
use crate::hosts::is_theirs;
use crate::json::{list, string};
use crate::mail::write::Written;
use crate::{
    Account, BlobHandle, Body, Call, Ctx, HttpCall, Method, OutFile, Outgoing, Receipt, Reply, SendError, Step,
};

/// Smaller files go up in one request, and must.
const SMALL: u64 = 3 << 20;
/// A piece of a larger one: at most 4 MB, in multiples of 320 KiB.
const PIECE: u64 = 12 * (320 << 10);
/// Where pieces go, besides the API's own address.
const HOSTS: [&str; 4] = ["office.com", "office365.com", "outlook.com", "microsoft.com"];
/// Calls before no further file is begun, for fear that it would be too many for one go: what is up stays up.
const CALLS: usize = 13;

/// What was heard, in turn.
struct Heard<'a> {
    replies: &'a [Reply],
    at: usize,
}

impl<'a> Heard<'a> {
    fn next(&mut self) -> Option<&'a Reply> {
        let reply = self.replies.get(self.at)?;
        self.at += 1;
        Some(reply)
    }
}

/// What is next, or that this part is done.
enum Next<T> {
    Call(Box<HttpCall>),
    Done(T),
}

impl<T> Next<T> {
    fn call(call: HttpCall) -> Self {
        Self::Call(Box::new(call))
    }
}

/// Whose mail it is, and what the calls need.
struct Course<'a> {
    ctx: &'a Ctx,
    account: &'a Account,
    files: &'a [OutFile],
    /// Whoever was at it before was not heard of again.
    unheard: bool,
}

/// What is there of the mail.
enum There {
    Nothing,
    Sent,
    /// A draft with so many of its files.
    Draft {
        id: String,
        files: usize,
    },
}

/// The next step. `of_sender`: what a refusal of the sender's address is.
pub(super) fn step(
    ctx: &Ctx,
    out: &Outgoing,
    account: &Account,
    (mut written, files): (Written, &[OutFile]),
    of_sender: impl Fn(SendError) -> SendError,
    replies: &[Reply],
) -> Result<Step<Receipt>, SendError> {
    let unheard = matches!(replies, [Reply::Unheard, ..]);
    let mut heard = Heard { replies, at: usize::from(unheard) };
    let course = Course { ctx, account, files, unheard };
    let (id, up) = match course.look(&written.id, &mut heard)? {
        Next::Call(call) => return Ok(ask(*call)),
        Next::Done(There::Sent) => return Ok(Step::Done(accepted(out, written))),
        // It may have been sent, and its copy be gone.
        Next::Done(There::Nothing) if unheard => return Ok(Step::Done(Receipt::Unknown)),
        Next::Done(There::Nothing) => match course.draft(&mut written, &mut heard)? {
            Next::Call(call) => return Ok(ask(*call)),
            Next::Done(id) => (id, 0),
        },
        // All of it was there: whoever was at it before may have sent it.
        Next::Done(There::Draft { files: up, .. }) if unheard && up >= files.len() => {
            return Ok(Step::Done(Receipt::Unknown));
        }
        Next::Done(There::Draft { id, files }) => (id, files),
    };
    let brought = course.bring(&id, up, &mut heard).and_then(|next| match next {
        Next::Done(()) => course.send(out, &mut written, &id, &mut heard),
        Next::Call(call) => Ok(ask(*call)),
    });
    match brought.map_err(of_sender) {
        Err(SendError::Refused { code, why }) => course.give_up(&id, SendError::Refused { code, why }, &mut heard),
        other => other,
    }
}

fn ask<T>(call: HttpCall) -> Step<T> {
    Step::Call(Call::Http(call))
}

impl Course<'_> {
    fn call(&self, operation: &'static str, method: Method, path: &str) -> Result<HttpCall, SendError> {
        Ok(HttpCall { method, repeatable: false, ..api::get(self.ctx, self.account, operation, path)? })
    }

    /// What is there already, of an earlier try.
    fn look(&self, message_id: &str, heard: &mut Heard<'_>) -> Result<Next<There>, SendError> {
        let Some(reply) = heard.next() else {
            let path = by_message_id("", message_id).replacen("$select=id", "$select=id,isDraft", 1);
            return api::get(self.ctx, self.account, "outlook.search", &path).map(Next::call);
        };
        let found = api::read(reply, true).map_err(api::error)?;
        let all = list(&found, "/value");
        if all.iter().any(|one| one["isDraft"] == false) {
            return Ok(Next::Done(There::Sent));
        }
        let Some(id) = all.first().and_then(|one| string(one, "/id")).filter(|id| api::is_id(id)) else {
            return Ok(Next::Done(There::Nothing));
        };
        let Some(reply) = heard.next() else {
            let path = format!("/me/messages/{id}/attachments?$select=id");
            return api::get(self.ctx, self.account, "outlook.attachments", &path).map(Next::call);
        };
        let files = api::read(reply, true).map_err(passing)?;
        Ok(Next::Done(There::Draft { id, files: list(&files, "/value").len() }))
    }

    /// The mail without its files, as a draft. One whose reply was lost is found by the next try.
    fn draft(&self, written: &mut Written, heard: &mut Heard<'_>) -> Result<Next<String>, SendError> {
        let Some(reply) = heard.next() else {
            let pieces = std::mem::take(&mut written.pieces);
            let body = Body::Mail { content_type: "text/plain".to_owned(), pieces, base64: true };
            let call = self.call("outlook.draft", Method::Post, "/me/messages")?;
            return Ok(Next::call(HttpCall { body, ..call }));
        };
        let made = api::read(reply, false).map_err(passing)?;
        let id = string(&made, "/id").filter(|id| api::is_id(id));
        id.map(Next::Done).ok_or_else(|| SendError::Retry("Microsoft did not name the draft".to_owned()))
    }

    /// Brings the files that are not there yet.
    fn bring(&self, id: &str, up: usize, heard: &mut Heard<'_>) -> Result<Next<()>, SendError> {
        for (at, file) in self.files.iter().enumerate().skip(up) {
            let calls =
                if file.size < SMALL { 1 } else { 1 + usize::try_from(file.size.div_ceil(PIECE)).unwrap_or(CALLS) };
            if at > up && heard.at - usize::from(self.unheard) + calls > CALLS {
                return Err(SendError::Retry("the other files go up next".to_owned()));
            }
            let next = if file.size < SMALL { self.attach(id, file, heard)? } else { self.pieces(id, file, heard)? };
            if let Next::Call(call) = next {
                return Ok(Next::Call(call));
            }
        }
        Ok(Next::Done(()))
    }

    /// A small file, whole.
    fn attach(&self, id: &str, file: &OutFile, heard: &mut Heard<'_>) -> Result<Next<()>, SendError> {
        let Some(reply) = heard.next() else {
            let described = json!({
                "@odata.type": "#microsoft.graph.fileAttachment", "name": file.name, "contentType": file.content_type,
            });
            let mut before = described.to_string();
            before.truncate(before.len() - 1);
            before.push_str(",\"contentBytes\":\"");
            let body = Body::JsonAround { before, blob: BlobHandle(file.blob.0.clone()), after: "\"}".to_owned() };
            let call = self.call("outlook.attach", Method::Post, &format!("/me/messages/{id}/attachments"))?;
            return Ok(Next::call(HttpCall { body, ..call }));
        };
        api::read(reply, false).map(|_| Next::Done(())).map_err(passing)
    }

    /// A large file, piece by piece. It is an attachment once the last one is there.
    fn pieces(&self, id: &str, file: &OutFile, heard: &mut Heard<'_>) -> Result<Next<()>, SendError> {
        let Some(reply) = heard.next() else {
            let item = json!({ "AttachmentItem": {
                "attachmentType": "file", "name": file.name, "size": file.size, "contentType": file.content_type,
            }});
            let path = format!("/me/messages/{id}/attachments/createUploadSession");
            let call = self.call("outlook.upload_session", Method::Post, &path)?;
            return Ok(Next::call(HttpCall { body: Body::Json(item.to_string().into_bytes()), ..call }));
        };
        let session = api::read(reply, false).map_err(passing)?;
        let url = string(&session, "/uploadUrl").filter(|url| is_theirs(url, &HOSTS, &self.account.base_url));
        let url = url.ok_or_else(|| SendError::Retry("Microsoft did not say where the file goes".to_owned()))?;
        let mut offset = 0;
        while offset < file.size {
            let length = PIECE.min(file.size - offset);
            let Some(reply) = heard.next() else { return Ok(Next::call(piece(&url, file, offset, length))) };
            let answer = api::read(reply, false).map_err(passing)?;
            offset = expected(&answer).unwrap_or(offset + length).clamp(offset + 1, file.size);
        }
        Ok(Next::Done(()))
    }

    /// Sends the draft. It may be sent only if that is said; what nobody knows is looked for among the sent mails.
    fn send(
        &self,
        out: &Outgoing,
        written: &mut Written,
        id: &str,
        heard: &mut Heard<'_>,
    ) -> Result<Step<Receipt>, SendError> {
        let Some(reply) = heard.next() else {
            return self.call("outlook.send", Method::Post, &format!("/me/messages/{id}/send")).map(ask);
        };
        let written = Written {
            from: std::mem::take(&mut written.from),
            to: std::mem::take(&mut written.to),
            id: std::mem::take(&mut written.id),
            pieces: Vec::new(),
        };
        match api::read(reply, false) {
            Ok(_) => Ok(Step::Done(accepted(out, written))),
            // A draft that is not there any more may be one that was sent.
            Err(Failure::Unknown | Failure::Gone | Failure::Afresh) => {
                Ok(ended(self.ctx, out, self.account, written, &heard.replies[heard.at..]))
            }
            Err(Failure::Final(error)) => Err(error),
        }
    }

    /// What is refused for good leaves no draft behind.
    fn give_up(&self, id: &str, error: SendError, heard: &mut Heard<'_>) -> Result<Step<Receipt>, SendError> {
        match heard.next() {
            None => self.call("outlook.discard", Method::Delete, &format!("/me/messages/{id}")).map(ask),
            Some(_) => Err(error),
        }
    }
}

/// A piece of a file. The address is the credential: no token goes along.
fn piece(url: &str, file: &OutFile, offset: u64, length: u64) -> HttpCall {
    let range = format!("bytes {offset}-{}/{}", offset + length - 1, file.size);
    HttpCall {
        method: Method::Put,
        headers: vec![("content-range", range), ("content-type", "application/octet-stream".to_owned())],
        body: Body::Slice { blob: BlobHandle(file.blob.0.clone()), offset, length },
        repeatable: false,
        ..HttpCall::get("outlook.upload", url.to_owned())
    }
}

/// From which byte on the rest is wanted.
fn expected(answer: &Value) -> Option<u64> {
    list(answer, "/nextExpectedRanges").first()?.as_str()?.split('-').next()?.parse().ok()
}

/// Before the draft is sent nothing is lost by trying again, whatever was heard.
fn passing(failure: Failure) -> SendError {
    match failure {
        Failure::Unknown | Failure::Afresh | Failure::Gone => SendError::Retry("the draft was not heard of".to_owned()),
        Failure::Final(error) => error,
    }
}
