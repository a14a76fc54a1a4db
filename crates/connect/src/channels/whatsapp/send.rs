//! Sending: what the next call is, given what came of the calls before.
//!
//! Files are brought to Meta first, all of them: that shows nothing to anybody. Then the messages go out, one for each file,
//! in order. The last of them carries our id: a status that echoes it proves that all the others were accepted before; these
//! carry it with their place. Where some were sent and the next must wait, it goes on from there later, and only the files
//! that are still to be shown are brought again. Where the next was refused, or may have been sent, nothing more is sent by
//! itself: the member is told.

use serde_json::{Map, Value, json};

use super::compose::{self, Message, Plan};
use super::{address, media, refusal, status};
use crate::channels::meta::graph::{self, Failure};
use crate::json::string;
use crate::{Account, Call, Content, HttpCall, Outgoing, Receipt, Reply, SendError, Step};

/// What the replies so far have brought.
#[derive(Default)]
struct Course {
    /// Meta's ids of the files.
    files: Vec<String>,
    /// Messages that were accepted, also those of earlier tries.
    sent: usize,
    /// The ids of those of this try.
    remotes: Vec<String>,
}

/// The next step of sending.
pub(super) fn step(out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
    next(out, account, replies).unwrap_or_else(Step::Fail)
}

fn next(out: &Outgoing, account: &Account, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
    let plan = compose::plan(out)?;
    let mut course = Course::after(out.begun, &plan);
    for (index, reply) in replies.iter().enumerate() {
        if course.files.len() < plan.uploads.len() {
            // It stands for everything that a worker did before it died.
            if index == 0 && matches!(reply, Reply::Unheard) {
                return Ok(Step::Done(Receipt::Unknown));
            }
            match media::uploaded(reply) {
                Ok(file) => course.files.push(file),
                Err(error) => return course.halted(&plan, error).map(Step::Done),
            }
        } else if course.sent < plan.messages.len()
            && let Some(end) = course.accept(&plan, reply)?
        {
            return Ok(Step::Done(end));
        }
    }
    if let Some(file) = plan.uploads.get(course.files.len()) {
        return media::upload(file, account).map(|call| Step::Call(Call::Http(call)));
    }
    match plan.messages.get(course.sent) {
        Some(message) => call(out, account, &plan, &course, message).map(|call| Step::Call(Call::Http(call))),
        None => Ok(Step::Done(course.receipt(out))),
    }
}

impl Course {
    /// Where a try begins that finds so many messages accepted: their files are there too.
    fn after(begun: usize, plan: &Plan<'_>) -> Self {
        let sent = begun.min(plan.messages.len());
        Self { files: vec![String::new(); sent.min(plan.uploads.len())], sent, remotes: Vec::new() }
    }

    /// Takes the reply to a message; what came of it all, if nothing more is to be sent. Where the last may have been sent
    /// or not, a later status can tell.
    fn accept(&mut self, plan: &Plan<'_>, reply: &Reply) -> Result<Option<Receipt>, SendError> {
        let last = self.sent + 1 == plan.messages.len();
        let answer = graph::read(reply, plan.repeatable);
        let remote = answer.as_ref().ok().and_then(|answer| string(answer, "/messages/0/id"));
        let nameless = answer.is_ok() && remote.is_none() && !plan.repeatable;
        match answer {
            Err(Failure::Unknown) if last => Ok(Some(Receipt::Unknown)),
            Err(Failure::Unknown) => Ok(Some(self.partly(plan, "the next one may have gone out too"))),
            Ok(_) if nameless && last => Ok(Some(Receipt::Unknown)),
            Ok(_) if nameless => Ok(Some(self.partly(plan, "the next one may have gone out too"))),
            Ok(_) => {
                self.sent += 1;
                self.remotes.extend(remote.filter(|_| !plan.repeatable));
                Ok(None)
            }
            Err(failure) => self.halted(plan, refusal::failure(failure)).map(Some),
        }
    }

    /// What it comes to when the next one was certainly not taken: what passes is waited for, what is for good is told.
    fn halted(&self, plan: &Plan<'_>, error: SendError) -> Result<Receipt, SendError> {
        let passes = matches!(
            error,
            SendError::Retry(_)
                | SendError::Throttled(_)
                | SendError::RecipientThrottled(_)
                | SendError::Reauthorise
                | SendError::Stopped { .. }
        );
        if self.sent == 0 || (passes && self.remotes.is_empty()) {
            return Err(error);
        }
        if passes {
            return Ok(Receipt::Begun { remotes: self.remotes.clone(), parts: self.sent, then: error });
        }
        Ok(self.partly(plan, "the next one was not taken"))
    }

    /// What a member is told when only some of several messages went out.
    fn partly(&self, plan: &Plan<'_>, rest: &str) -> Receipt {
        let why = format!(
            "This makes {} messages at WhatsApp. {} went out for certain, and {rest}. Look at the conversation on WhatsApp: \
             sending it again goes on with the next one.",
            plan.messages.len(),
            self.sent
        );
        Receipt::Partly { remotes: self.remotes.clone(), code: "partly_sent".to_owned(), why }
    }

    fn receipt(self, out: &Outgoing) -> Receipt {
        Receipt::Accepted { remotes: self.remotes, thread: address::group(out).map(str::to_owned) }
    }
}

fn call(
    out: &Outgoing,
    account: &Account,
    plan: &Plan<'_>,
    course: &Course,
    message: &Message,
) -> Result<HttpCall, SendError> {
    let mut body = Map::from_iter([("messaging_product".to_owned(), Value::from("whatsapp"))]);
    if !plan.marks {
        address::write(&mut body, out, account)?;
    }
    body.append(&mut message.with_file(&course.files));
    let answers = out.reply_to.as_deref().filter(|_| course.sent == 0 && !plan.repeatable);
    if let Some(remote) = answers.filter(|remote| !remote.is_empty()) {
        body.insert("context".to_owned(), json!({"message_id": remote}));
    }
    // A reaction's own fate is nothing to the message that it is of.
    if !plan.repeatable {
        let place = (course.sent + 1 < plan.messages.len()).then_some(course.sent + 1);
        body.insert("biz_opaque_callback_data".to_owned(), status::ours(&out.message, place).into());
    }
    let path = format!("{}/messages", address::number(account)?);
    let call = graph::post(account, operation(&out.content), &path, &Value::Object(body))?;
    Ok(HttpCall { repeatable: plan.repeatable, ..call })
}

/// What is being done, for metrics.
fn operation(content: &Content) -> &'static str {
    match content {
        Content::Seen { .. } => "whatsapp.seen",
        Content::Typing { .. } => "whatsapp.typing",
        Content::Reaction { .. } => "whatsapp.reaction",
        Content::Template(_) => "whatsapp.template",
        _ => "whatsapp.message",
    }
}
