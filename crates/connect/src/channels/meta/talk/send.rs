//! Sending: what the next call is, given what came of the calls before.
//!
//! Files are brought to Meta first, all of them: that shows nothing to anybody. Then the messages go out, one for each file,
//! in order. Where some were sent and the next must wait, it goes on from there later. Where the next was refused, or may
//! have been sent, nothing more is sent by itself: the member is told.

use serde_json::{Map, Value, json};

use super::compose::{self, Message, Plan};
use super::control::{self, Control};
use super::{Product, media, part, refusal};
use crate::channels::meta::graph::{self, Failure};
use crate::json::string;
use crate::{Account, Answering, Call, HttpCall, IdentityKind, Outgoing, Receipt, Reply, SendError, Step};

/// One piece of work.
struct Work<'a> {
    product: &'a Product,
    out: &'a Outgoing,
    account: &'a Account,
    plan: Plan<'a>,
}

/// What the replies so far have brought.
struct Course {
    /// Meta's ids of the files.
    files: Vec<String>,
    /// Messages that were accepted, also those of earlier tries.
    sent: usize,
    /// The ids of those of this try.
    remotes: Vec<String>,
}

/// The next step of sending.
pub(in crate::channels) fn step(
    product: &Product,
    out: &Outgoing,
    account: &Account,
    replies: &[Reply],
) -> Step<Receipt> {
    let next = compose::plan(product, out).and_then(|plan| Work { product, out, account, plan }.begin(replies));
    next.unwrap_or_else(Step::Fail)
}

impl Work<'_> {
    /// Takes the conversation first, where another app has it. What a worker did before it died began with that.
    fn begin(&self, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
        if self.out.answering == Answering::Us || matches!(replies, [Reply::Unheard, ..]) {
            return self.next(replies);
        }
        match control::take(self.product, self.account, self.recipient()?, replies)? {
            Control::Call(call) => Ok(called(call)),
            Control::Taken(rest) => self.next(rest),
        }
    }

    fn next(&self, replies: &[Reply]) -> Result<Step<Receipt>, SendError> {
        let mut course = self.begun();
        for (index, reply) in replies.iter().enumerate() {
            if course.files.len() < self.plan.uploads.len() {
                // It stands for everything that a worker did before it died.
                if index == 0 && matches!(reply, Reply::Unheard) {
                    return Ok(Step::Done(Receipt::Unknown));
                }
                match media::uploaded(self.product, reply) {
                    Ok(file) => course.files.push(file),
                    Err(error) => return self.halted(&course, error).map(Step::Done),
                }
            } else if course.sent < self.plan.messages.len()
                && let Some(end) = self.accept(&mut course, reply)?
            {
                return Ok(Step::Done(end));
            }
        }
        if let Some(file) = self.plan.uploads.get(course.files.len()) {
            return media::upload(self.product, file, self.account).map(called);
        }
        match self.plan.messages.get(course.sent) {
            Some(message) => self.call(&course, message).map(called),
            None => Ok(Step::Done(Receipt::Accepted { remotes: course.remotes, thread: None })),
        }
    }

    /// Where a try begins that finds some messages accepted: their files are there too.
    fn begun(&self) -> Course {
        let sent = self.out.begun.min(self.plan.messages.len());
        Course { files: vec![String::new(); sent.min(self.plan.uploads.len())], sent, remotes: Vec::new() }
    }

    /// Takes the reply to a message; what came of it all, if nothing more is to be sent.
    fn accept(&self, course: &mut Course, reply: &Reply) -> Result<Option<Receipt>, SendError> {
        let last = course.sent + 1 == self.plan.messages.len();
        let unknown = |course: &Course| {
            let partly = || self.partly(course, "the next one may have gone out too");
            Ok(Some(if last { Receipt::Unknown } else { partly() }))
        };
        match graph::read(reply, self.plan.action) {
            Ok(answer) => match string(&answer, "/message_id") {
                None if !self.plan.action => unknown(course),
                remote => {
                    course.sent += 1;
                    course.remotes.extend(remote.filter(|_| !self.plan.action));
                    Ok(None)
                }
            },
            Err(Failure::Unknown) => unknown(course),
            Err(failure) => self.halted(course, refusal::of_send(self.product, failure, self.out.late)).map(Some),
        }
    }

    /// What it comes to when the next one was certainly not taken: what passes is waited for, what is for good is told.
    fn halted(&self, course: &Course, error: SendError) -> Result<Receipt, SendError> {
        let passes = matches!(
            error,
            SendError::Retry(_)
                | SendError::Throttled(_)
                | SendError::RecipientThrottled(_)
                | SendError::Reauthorise
                | SendError::Stopped { .. }
        );
        if course.sent == 0 || (passes && course.remotes.is_empty()) {
            return Err(error);
        }
        if passes {
            return Ok(Receipt::Begun { remotes: course.remotes.clone(), parts: course.sent, then: error });
        }
        Ok(self.partly(course, "the next one was not taken"))
    }

    /// What a member is told when only some of several messages went out.
    fn partly(&self, course: &Course, rest: &str) -> Receipt {
        let why = format!(
            "This makes {} messages at {}. {} went out for certain, and {rest}. Look at the conversation there: sending it \
             again goes on with the next one.",
            self.plan.messages.len(),
            self.product.name,
            course.sent
        );
        Receipt::Partly { remotes: course.remotes.clone(), code: "partly_sent".to_owned(), why }
    }

    fn call(&self, course: &Course, message: &Message) -> Result<HttpCall, SendError> {
        let Self { product, account, plan, .. } = self;
        let mut body = Map::from_iter([("recipient".to_owned(), json!({"id": self.recipient()?}))]);
        body.append(&mut message.with_file(&course.files));
        if !plan.action {
            self.frame(course, &mut body);
        }
        let operation = if plan.action { product.operations.action } else { product.operations.message };
        let call =
            graph::post(account, operation, &format!("{}/messages", product.id(account)?), &Value::Object(body))?;
        Ok(HttpCall { repeatable: plan.action, ..call })
    }

    /// What goes with a message beside its content: on what ground it is sent, what it answers, and our id of it.
    fn frame(&self, course: &Course, body: &mut Map<String, Value>) {
        let ground = if self.out.late { "MESSAGE_TAG" } else { "RESPONSE" };
        body.insert("messaging_type".to_owned(), ground.into());
        if self.out.late {
            body.insert("tag".to_owned(), "HUMAN_AGENT".into());
        }
        let answers = self.out.reply_to.as_deref().filter(|remote| course.sent == 0 && !remote.is_empty());
        if let Some(remote) = answers {
            body.insert("reply_to".to_owned(), json!({"mid": remote}));
        }
        let place = (course.sent + 1 < self.plan.messages.len()).then_some(course.sent + 1);
        if let Some(message) = body.get_mut("message").filter(|_| self.product.names_ours) {
            message["metadata"] = part::ours(&self.out.message, place).into();
        }
    }

    /// The contact as this account knows them. Only who has written to it has such an id.
    fn recipient(&self) -> Result<&str, SendError> {
        let own = self.account.setting(self.product.account_key);
        let known = self.out.to.identities.iter();
        let mut known = known.filter(|known| known.kind == IdentityKind::AccountScopedId && known.scope == own);
        known.next().map(|known| known.value.as_str()).ok_or_else(|| {
            let why = format!(
                "The contact has never written to this account on {}, and only they can begin. Use another channel.",
                self.product.name
            );
            refusal::refused("no_address", &why)
        })
    }
}

fn called(call: HttpCall) -> Step<Receipt> {
    Step::Call(Call::Http(call))
}
