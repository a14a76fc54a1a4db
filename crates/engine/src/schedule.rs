//! Sent later: looked at when it is ordered, kept by the vault until its time, and then written as if the member did so at
//! that moment. What may not be sent by then stays, with the reason.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use vault::conversations::{self, Change};
use vault::messages::{Body, Place, Writer};
use vault::scheduled::{self, New, Scheduled, Then};
use vault::{AttachmentId, MemberId, MessageId, Millis, Personal, ScheduledId, Tx};
use vault::{attachments, drafts};

use crate::compose::{self, Draft};
use crate::templates::Filled;
use crate::{Error, Result, gate};

/// The longest that something is held back so that it can be taken back, in milliseconds.
pub const HOLD_MAX: Millis = 30_000;

/// What a member wrote, and when it is to be sent.
#[derive(Debug, Clone)]
pub struct Later {
    /// What.
    pub draft: Draft,
    /// Whose.
    pub member: MemberId,
    /// When.
    pub send_at: Millis,
    /// Held back for seconds only: what may not be sent is refused at once.
    pub held: bool,
    /// What becomes of the conversation then.
    pub then: Option<Then>,
}

/// A draft as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    body: Body,
    template: Option<KeptTemplate>,
    attachments: Vec<AttachmentId>,
    reply_to: Option<MessageId>,
}

#[derive(Serialize, Deserialize)]
struct KeptTemplate {
    name: String,
    language: String,
    variables: Vec<(String, String)>,
    header: Option<String>,
    place: Option<Place>,
    buttons: Vec<(u32, String)>,
}

/// What is to be sent, for whoever shows it.
pub struct Content {
    /// What is said; of a template nothing.
    pub body: Personal<Body>,
    /// A template's name and language.
    pub template: Option<(String, String)>,
    /// Uploaded files.
    pub attachments: Vec<AttachmentId>,
    /// What it answers.
    pub reply_to: Option<MessageId>,
}

/// Orders something to be sent later. The member's draft in the conversation becomes it.
///
/// # Errors
/// As [`compose::send`]; whether it may be sent is asked at its time, and of what is only held back now, too.
pub fn order(tx: &Tx<'_>, later: &Later) -> Result<ScheduledId> {
    if later.draft.note {
        return Err(Error::invalid("send_at", "a note is written at once"));
    }
    let head = conversations::head(tx, later.draft.conversation)?;
    let (_, gate) = compose::checked(tx, &head, &later.draft)?;
    unused(tx, &later.draft.attachments)?;
    if later.held {
        let _ = gate::pass(tx, &head, gate)?;
        conversations::change(tx, head.id, &Change { read: true, ..Change::default() })?;
    }
    let new = New {
        conversation: head.id,
        member: later.member,
        held: later.held,
        send_at: later.send_at,
        content: kept(&later.draft)?,
        attachments: later.draft.attachments.clone(),
        then: later.then,
    };
    let id = scheduled::order(tx, &new)?;
    drafts::drop_draft(tx, head.id, later.member)?;
    Ok(id)
}

/// What changes of something that waits.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Amended {
    pub send_at: Option<Millis>,
    pub text: Option<Personal<String>>,
    pub subject: Option<Personal<Option<String>>>,
    pub attachments: Option<Vec<AttachmentId>>,
    pub then: Option<Option<Then>>,
}

/// Changes something that waits, or failed: then it waits again. It goes out in its author's name, so nobody else changes what
/// it says; anybody who may write moves it, or says what becomes of the conversation.
///
/// # Errors
/// As [`order`]; `not_the_author` to whoever wants to change the words or files of somebody else's.
pub fn amend(tx: &Tx<'_>, id: ScheduledId, amended: &Amended) -> Result<()> {
    let known = scheduled::view(tx, id)?;
    let mut content = None;
    if amended.text.is_some() || amended.subject.is_some() || amended.attachments.is_some() {
        if tx.scope()?.member().is_none_or(|(member, _)| member != known.member) {
            let words =
                "it goes out in its author's name: nobody else changes what it says; take it back and write your own";
            return Err(vault::Error::conflict("not_the_author", words).into());
        }
        let mut draft = draft_of(&known)?;
        if let Some(text) = &amended.text {
            if draft.template.is_some() {
                return Err(Error::invalid("text", "the text of a template is its provider's"));
            }
            let mut body = draft.body.into_revealed();
            body.text = Some(text.clone().into_revealed());
            draft.body = Personal::new(body);
        }
        if let Some(subject) = &amended.subject {
            draft.body = draft.body.map(|body| Body { subject: subject.clone().into_revealed(), ..body });
        }
        if let Some(files) = &amended.attachments {
            draft.attachments.clone_from(files);
        }
        let head = conversations::head(tx, known.conversation)?;
        compose::checked(tx, &head, &draft)?;
        unused(tx, &draft.attachments)?;
        content = Some((kept(&draft)?, draft.attachments));
    }
    let change = scheduled::Change { send_at: amended.send_at, content, then: amended.then };
    Ok(scheduled::change(tx, id, &change)?)
}

/// Sends what is due in the conversation of something that is, nothing out of turn. When to come back, if it waits for later.
pub fn release(tx: &Tx<'_>, id: ScheduledId) -> vault::Result<Option<Millis>> {
    for due in scheduled::due_with(tx, id)? {
        match send(tx, &due) {
            Ok(message) => scheduled::sent(tx, &due, message)?,
            Err(Error::Vault(error)) => match error {
                vault::Error::NotFound(_) | vault::Error::Erased => {
                    failed(tx, &due, "gone", "Something that it needs is not there any more.")?;
                }
                error => return Err(error),
            },
            Err(Error::Refused(refusal)) => failed(tx, &due, refusal.code(), refusal.detail())?,
            Err(error @ Error::Invalid { .. }) => failed(tx, &due, "invalid", &error.to_string())?,
            Err(error @ Error::Unsupported(_)) => failed(tx, &due, "not_supported", &error.to_string())?,
        }
    }
    scheduled::due_at(tx, id)
}

fn failed(tx: &Tx<'_>, due: &Scheduled, code: &str, detail: &str) -> vault::Result<()> {
    scheduled::failed(tx, due, code, &Personal::new(detail.to_owned()))
}

/// All that can refuse it is asked before anything is written.
fn send(tx: &Tx<'_>, due: &Scheduled) -> Result<MessageId> {
    if !scheduled::author_may_write(tx, due)? {
        return Err(Error::invalid(
            "author",
            "whoever ordered it may not write any more: take it back, or send it anew",
        ));
    }
    let draft = draft_of(due)?;
    unused(tx, &draft.attachments)?;
    let message = compose::write(tx, &draft)?;
    let change = due.then.map_or_else(Change::default, |then| Change {
        status: Some(then.status),
        snoozed_until: then.until.map(Some),
        ..Change::default()
    });
    conversations::change(tx, due.conversation, &change)?;
    Ok(message)
}

fn unused(tx: &Tx<'_>, files: &[AttachmentId]) -> Result<()> {
    for (at, file) in files.iter().enumerate() {
        // The second of two could never be sent, and what comes after it would wait for it.
        if files.iter().take(at).any(|other| other == file) {
            return Err(Error::invalid("attachments", "the same attachment twice"));
        }
        if attachments::view(tx, *file)?.message.is_some() {
            return Err(Error::invalid("attachments", "a message has this attachment already: upload it again"));
        }
    }
    Ok(())
}

fn kept(draft: &Draft) -> Result<Personal<String>> {
    let template = draft.template.as_ref().map(|filled| KeptTemplate {
        name: filled.name.clone(),
        language: filled.language.clone(),
        variables: filled.variables.reveal().clone(),
        header: filled.header.clone().map(Personal::into_revealed),
        place: filled.place.clone().map(Personal::into_revealed),
        buttons: filled.buttons.reveal().clone(),
    });
    let body = draft.body.reveal().clone();
    let kept = Kept { body, template, attachments: draft.attachments.clone(), reply_to: draft.reply_to };
    let json = serde_json::to_string(&kept);
    Ok(Personal::new(json.map_err(|_| vault::Error::Invalid("a message cannot be written as JSON".into()))?))
}

fn read(known: &Scheduled) -> vault::Result<Kept> {
    let content = known.content.as_ref().ok_or(vault::Error::NotFound("scheduled message"))?;
    serde_json::from_str(content.reveal()).map_err(|_| vault::Error::Seal("what is sent later is not JSON"))
}

fn draft_of(known: &Scheduled) -> vault::Result<Draft> {
    let Kept { body, template, attachments, reply_to } = read(known)?;
    let template = template.map(|kept| Filled {
        name: kept.name,
        language: kept.language,
        variables: Personal::new(kept.variables),
        header: kept.header.map(Personal::new),
        file: false,
        place: kept.place.map(Personal::new),
        buttons: Personal::new(kept.buttons),
    });
    Ok(Draft {
        conversation: known.conversation,
        author: Writer::Member(known.member),
        body: Personal::new(body),
        template,
        attachments,
        note: false,
        reply_to,
        mentions: Vec::new(),
        automatic: false,
    })
}

/// What is to be sent, as it is kept.
///
/// # Errors
/// [`vault::Error::NotFound`] once it is sent.
pub fn content(known: &Scheduled) -> vault::Result<Content> {
    let Kept { body, template, attachments, reply_to } = read(known)?;
    let template = template.map(|kept| (kept.name, kept.language));
    Ok(Content { body: Personal::new(body), template, attachments, reply_to })
}
