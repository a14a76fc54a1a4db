//! A member answers: checked, recorded and ordered in one transaction.

use connect::{Capability, Connector, Spec};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::outbox::{self, Act, Gate, NewOutbox};
use vault::{AttachmentId, ChannelId, ContactId, ConversationId, MemberId, MessageId, Personal, Tx};
use vault::{attachments, conversations, reactions};

use crate::{Error, Result};

/// The most characters that any message may have, whatever the channel.
const TEXT_LIMIT: usize = 100_000;
/// The most files on one message.
const FILES_LIMIT: usize = 10;

/// What a member wrote.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub author: Writer,
    /// What; attachments are named apart.
    pub body: Personal<Body>,
    /// Uploaded files.
    pub attachments: Vec<AttachmentId>,
    /// Seen by members alone.
    pub note: bool,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// Ordered by a rule, a flow or an AI agent.
    pub automatic: bool,
}

/// The connector of a channel's kind.
pub fn connector(tx: &Tx<'_>, channel: ChannelId) -> Result<&'static dyn Connector> {
    let (kind, _) = vault::channels::kind_and_state(tx, channel)?;
    connect::channels::by_kind(&kind)
        .ok_or_else(|| Error::invalid("channel", format!("no connector of kind '{kind}' in this program")))
}

/// Records what a member wrote, and orders its sending unless it is a note.
pub fn send(tx: &Tx<'_>, draft: &Draft) -> Result<MessageId> {
    let head = conversations::head(tx, draft.conversation)?;
    vault::contacts::require(tx, head.contact)?;
    let spec = connector(tx, head.channel)?.spec();
    check_content(draft, spec)?;
    check_quote(tx, draft)?;
    let gate = Gate { automatic: draft.automatic, ..Gate::reply(head.window_until.filter(|_| spec.limits.window_ms > 0)) };
    if !draft.note
        && let Some(refusal) = outbox::check(tx, head.channel, head.contact, &gate)?
    {
        return Err(Error::Refused(refusal));
    }
    let message = record(tx, draft, head.channel, head.contact)?;
    if !draft.note {
        order(tx, &head, message, Act::Message, None, gate)?;
        conversations::change(tx, head.id, &conversations::Change { read: true, ..Default::default() })?;
    }
    Ok(message)
}

fn check_content(draft: &Draft, spec: &Spec) -> Result<()> {
    let body = draft.body.reveal();
    let text = body.text.as_deref().unwrap_or("");
    let nothing = text.trim().is_empty() && draft.attachments.is_empty() && body.place.is_none() && body.cards.is_empty();
    if nothing {
        return Err(Error::invalid("text", "a message needs text, an attachment, a place or a contact card"));
    }
    if text.contains('\0') {
        return Err(Error::invalid("text", "a message cannot hold NUL characters"));
    }
    if draft.attachments.len() > FILES_LIMIT {
        return Err(Error::invalid("attachments", format!("at most {FILES_LIMIT} files in one message")));
    }
    let limit = text_limit(draft, spec);
    if text.chars().count() > limit {
        return Err(Error::invalid("text", format!("at most {limit} characters here; this has {}", text.chars().count())));
    }
    if draft.note {
        return Ok(());
    }
    let needs = [
        (!draft.attachments.is_empty(), Capability::Files, "files"),
        (body.place.is_some(), Capability::Place, "places"),
        (!body.cards.is_empty(), Capability::Card, "contact cards"),
        (!body.buttons.is_empty(), Capability::Buttons, "buttons"),
    ];
    match needs.into_iter().find(|(needed, capability, _)| *needed && !spec.capabilities.contains(capability)) {
        Some((_, _, what)) => Err(Error::Unsupported(what)),
        None => Ok(()),
    }
}

fn text_limit(draft: &Draft, spec: &Spec) -> usize {
    let own = if draft.attachments.is_empty() { spec.limits.text } else { spec.limits.caption };
    match usize::try_from(own).unwrap_or(0) {
        0 => TEXT_LIMIT,
        _ if draft.note => TEXT_LIMIT,
        limit => limit,
    }
}

fn check_quote(tx: &Tx<'_>, draft: &Draft) -> Result<()> {
    let Some(quoted) = draft.reply_to else { return Ok(()) };
    if messages::head(tx, quoted)?.conversation == draft.conversation {
        Ok(())
    } else {
        Err(Error::invalid("reply_to", "the message is in another conversation"))
    }
}

fn record(tx: &Tx<'_>, draft: &Draft, channel: ChannelId, contact: ContactId) -> Result<MessageId> {
    let new = NewMessage {
        conversation: draft.conversation,
        channel,
        contact,
        direction: if draft.note { Direction::Note } else { Direction::Outgoing },
        writer: draft.author,
        body: draft.body.clone(),
        reply_to: draft.reply_to,
        state: if draft.note { State::Sent } else { State::Queued },
        written_at: tx.now(),
    };
    let (message, _) = messages::record(tx, &new)?;
    for (position, attachment) in draft.attachments.iter().enumerate() {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        attachments::attach(tx, *attachment, message, contact, channel, position)?;
    }
    Ok(message)
}

fn order(
    tx: &Tx<'_>,
    head: &conversations::Head,
    message: MessageId,
    act: Act,
    detail: Option<Personal<String>>,
    gate: Gate,
) -> Result<()> {
    let new = NewOutbox { channel: head.channel, conversation: head.id, contact: head.contact, message, act, detail, gate };
    outbox::enqueue(tx, &new)?;
    Ok(())
}

/// Sends a message that failed once more, at a member's order.
pub fn retry(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    let failed = messages::requeue(tx, message)?;
    let head = conversations::head(tx, failed.conversation)?;
    let gate = Gate::reply(head.window_until);
    if let Some(refusal) = outbox::check(tx, head.channel, head.contact, &gate)? {
        return Err(Error::Refused(refusal));
    }
    order(tx, &head, message, Act::Message, None, gate)
}

/// A member reacts to a message, or takes the reaction back.
pub fn react(tx: &Tx<'_>, author: MemberId, message: MessageId, emoji: Option<Personal<String>>) -> Result<()> {
    let on = messages::head(tx, message)?;
    let head = conversations::head(tx, on.conversation)?;
    require(tx, head.channel, Capability::Reaction, "reactions")?;
    reactions::set(tx, message, ("member", &author.to_string()), head.contact, emoji.as_ref(), tx.now())?;
    let detail = Some(emoji.unwrap_or_default());
    order(tx, &head, message, Act::Reaction, detail, Gate::reply(head.window_until))
}

/// A member changes what was sent.
pub fn edit(tx: &Tx<'_>, message: MessageId, text: Personal<String>) -> Result<()> {
    let head = sent(tx, message, Capability::Edit, "edits")?;
    let mut body = messages::body(tx, message)?.ok_or(vault::Error::Erased)?.into_revealed();
    body.text = Some(text.into_revealed());
    messages::edit(tx, message, &Personal::new(body), tx.now())?;
    order(tx, &head, message, Act::Edit, None, Gate::reply(head.window_until))
}

/// A member takes back what was sent.
pub fn take_back(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    let head = sent(tx, message, Capability::Remove, "removals")?;
    messages::remove(tx, message, tx.now())?;
    order(tx, &head, message, Act::Remove, None, Gate::reply(None))
}

fn sent(tx: &Tx<'_>, message: MessageId, capability: Capability, what: &'static str) -> Result<conversations::Head> {
    let on = messages::head(tx, message)?;
    if on.direction != Direction::Outgoing {
        return Err(Error::invalid("message", "only what was sent from here can be changed"));
    }
    require(tx, on.channel, capability, what)?;
    Ok(conversations::head(tx, on.conversation)?)
}

fn require(tx: &Tx<'_>, channel: ChannelId, capability: Capability, what: &'static str) -> Result<()> {
    if connector(tx, channel)?.spec().capabilities.contains(&capability) { Ok(()) } else { Err(Error::Unsupported(what)) }
}
