//! A member answers: checked, recorded and ordered in one transaction.

#[cfg(test)]
mod tests;

use connect::{Capability, Connector, Spec};
use vault::messages::{self, Body, Button, Direction, NewMessage, State, Writer};
use vault::outbox::{self, Act, Gate, NewOutbox, Passed};
use vault::{AttachmentId, ChannelId, ContactId, ConversationId, MemberId, MessageId, Personal, Tx};
use vault::{attachments, conversations, drafts, mentions, reactions, remotes};

use crate::templates::{self, Filled};
use crate::{Error, Result, forbidden, gate, machines};

/// The most characters that any message may have, whatever the channel.
pub(crate) const TEXT_LIMIT: usize = 100_000;
/// The most files on one message.
const FILES_LIMIT: usize = 10;

/// The longest subject, in characters.
const SUBJECT_LIMIT: usize = 500;

/// The longest emoji, in bytes: a family with skin tones has some forty.
const EMOJI_LIMIT: usize = 64;

/// What a member wrote.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub author: Writer,
    /// What; attachments are named apart.
    pub body: Personal<Body>,
    /// A template instead, which makes the body.
    pub template: Option<Filled>,
    /// Uploaded files.
    pub attachments: Vec<AttachmentId>,
    /// Seen by members alone.
    pub note: bool,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// Whom a note names.
    pub mentions: Vec<MemberId>,
    /// Ordered by a rule, a flow or an AI agent.
    pub automatic: bool,
}

/// The connector of a channel's kind.
pub fn connector(tx: &Tx<'_>, channel: ChannelId) -> Result<&'static dyn Connector> {
    let (kind, _) = vault::channels::kind_and_state(tx, channel)?;
    connect::channels::by_kind(&kind)
        .ok_or_else(|| Error::invalid("channel", format!("no connector of kind '{kind}' in this program")))
}

/// Records what a member wrote, and orders its sending unless it is a note. Who answers has read what there is.
pub fn send(tx: &Tx<'_>, draft: &Draft) -> Result<MessageId> {
    draft.attachments.iter().try_for_each(|file| attachments::unwanted(tx, *file))?;
    let message = write(tx, draft)?;
    if !draft.note {
        conversations::change(tx, draft.conversation, &conversations::Change { read: true, ..Default::default() })?;
    }
    Ok(message)
}

/// The same, by nobody who looks at the conversation now.
pub(crate) fn write(tx: &Tx<'_>, draft: &Draft) -> Result<MessageId> {
    let head = conversations::head(tx, draft.conversation)?;
    let (draft, gate) = checked(tx, &head, draft)?;
    let passed = if draft.note { None } else { Some(gate::pass(tx, &head, gate)?) };
    let message = record(tx, &draft, head.channel, head.contact)?;
    match passed {
        None => mentions::name(tx, message, (head.id, head.contact), &draft.mentions)?,
        Some(passed) => order(tx, &head, message, Act::Message, None, passed)?,
    }
    Ok(message)
}

/// What would be sent, with its template filled in and all of it looked at, and the gate that it would go through.
pub(crate) fn checked(tx: &Tx<'_>, head: &conversations::Head, draft: &Draft) -> Result<(Draft, Gate)> {
    vault::contacts::require(tx, head.contact)?;
    let spec = connector(tx, head.channel)?.spec();
    let draft = with_template(tx, head.channel, spec, draft)?;
    check_content(&draft, spec)?;
    if !draft.note {
        forbidden::check(tx, spec, draft.body.reveal(), &draft.attachments)?;
    }
    check_quote(tx, &draft)?;
    if !draft.note && !draft.mentions.is_empty() {
        return Err(Error::invalid("mention_ids", "a note names members; a message to the contact does not"));
    }
    if draft.automatic && !draft.note {
        machines::check(tx, spec, head)?;
    }
    let gate = gate::by(draft.automatic, &gate::message(tx, spec, head, draft.body.reveal()), spec, head);
    Ok((draft, gate))
}

/// The draft with its template filled in: what is stored reads as the contact will read it.
fn with_template(tx: &Tx<'_>, channel: ChannelId, spec: &Spec, draft: &Draft) -> Result<Draft> {
    let Some(filled) = &draft.template else { return Ok(draft.clone()) };
    if !spec.capabilities.contains(&Capability::Template) {
        return Err(Error::Unsupported("templates"));
    }
    if draft.note || *draft.body.reveal() != Body::default() || draft.attachments.len() > 1 {
        let alone = "a template is a message of its own: its text and buttons come from it, and at most one file";
        return Err(Error::invalid("template", alone));
    }
    let filled = Filled { file: !draft.attachments.is_empty(), ..filled.clone() };
    let ready = templates::fill(tx, channel, &filled)?;
    let shown = |button: connect::TemplateButton| vec![Button { label: button.label, data: None, url: button.target }];
    let body = Body {
        text: Some(ready.rendered),
        place: filled.place.map(Personal::into_revealed),
        buttons: ready.buttons.into_iter().map(shown).collect(),
        template: Some(ready.used),
        ..Body::default()
    };
    Ok(Draft { body: Personal::new(body), ..draft.clone() })
}

fn check_content(draft: &Draft, spec: &Spec) -> Result<()> {
    let body = draft.body.reveal();
    let text = body.text.as_deref().unwrap_or("");
    let nothing =
        text.trim().is_empty() && draft.attachments.is_empty() && body.place.is_none() && body.cards.is_empty();
    if nothing {
        return Err(Error::invalid("text", "a message needs text, an attachment, a place or a contact card"));
    }
    if draft.attachments.len() > FILES_LIMIT {
        return Err(Error::invalid("attachments", format!("at most {FILES_LIMIT} files in one message")));
    }
    check_subject(body.subject.as_deref(), draft.note)?;
    if draft.note || body.template.is_some() {
        return check_text(text, TEXT_LIMIT);
    }
    check_list(body)?;
    check_text(text, text_limit(spec, !draft.attachments.is_empty()))?;
    check_company(body, !draft.attachments.is_empty())?;
    let needs = [
        (!draft.attachments.is_empty(), Capability::Files, "files"),
        (body.place.is_some(), Capability::Place, "places"),
        (!body.cards.is_empty(), Capability::Card, "contact cards"),
        (!body.buttons.is_empty(), Capability::Buttons, "buttons"),
        (body.list.is_some(), Capability::List, "lists"),
        (body.subject.is_some(), Capability::Subject, "subjects"),
    ];
    match needs.into_iter().find(|(needed, capability, _)| *needed && !spec.capabilities.contains(capability)) {
        Some((_, _, what)) => Err(Error::Unsupported(what)),
        None => Ok(()),
    }
}

/// Refuses what could not be sent from a draft as it is begun: a subject where messages have none.
///
/// # Errors
/// [`Error::Unsupported`], or [`Error::Invalid`] of what is no subject.
pub fn check_begun(tx: &Tx<'_>, conversation: ConversationId, begun: &Personal<drafts::Begun>) -> Result<()> {
    let Some(subject) = &begun.reveal().subject else { return Ok(()) };
    require(tx, conversations::head(tx, conversation)?.channel, Capability::Subject, "subjects")?;
    check_subject(Some(subject), false)
}

/// A subject is one line: a line break in it would begin another header.
fn check_subject(subject: Option<&str>, note: bool) -> Result<()> {
    let Some(subject) = subject else { return Ok(()) };
    if note {
        return Err(Error::invalid("subject", "a note has none: only members see it"));
    }
    if subject.trim().is_empty() || subject.chars().count() > SUBJECT_LIMIT || subject.chars().any(char::is_control) {
        return Err(Error::invalid("subject", format!("one line of 1 to {SUBJECT_LIMIT} characters")));
    }
    Ok(())
}

/// What is sent by itself must be alone in its message: beside it, something would silently not be sent.
fn check_company(body: &Body, files: bool) -> Result<()> {
    let text = body.text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let kinds = [text || files, body.place.is_some(), !body.cards.is_empty()];
    if kinds.into_iter().filter(|there| *there).count() > 1 || body.cards.len() > 1 {
        return Err(Error::invalid("text", "a place and a contact card are each a message of their own"));
    }
    if body.list.is_some() && (files || !text || !body.buttons.is_empty()) {
        return Err(Error::invalid("list", "a list stands below a text alone"));
    }
    if !body.buttons.is_empty() && (files || !text) {
        return Err(Error::invalid("buttons", "buttons stand below a text alone"));
    }
    Ok(())
}

/// A list has rows, each with words and data of its own. How many and how long they may be, its provider says.
fn check_list(body: &Body) -> Result<()> {
    let Some(list) = &body.list else { return Ok(()) };
    let rows: Vec<_> = list.sections.iter().flat_map(|section| &section.rows).collect();
    let empty = |text: &str| text.trim().is_empty();
    if empty(&list.open) || rows.is_empty() || rows.iter().any(|row| empty(&row.label) || row.data.is_empty()) {
        return Err(Error::invalid("list", "a list needs a button, and rows with a label and data each"));
    }
    let distinct: std::collections::HashSet<_> = rows.iter().map(|row| row.data.as_str()).collect();
    if distinct.len() < rows.len() {
        return Err(Error::invalid("list", "each row needs data of its own, by which a choice is known"));
    }
    Ok(())
}

fn check_text(text: &str, limit: usize) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid("text", "a message cannot hold NUL characters"));
    }
    match text.chars().count() {
        length if length > limit => {
            Err(Error::invalid("text", format!("at most {limit} characters here; this has {length}")))
        }
        _ => Ok(()),
    }
}

fn text_limit(spec: &Spec, files: bool) -> usize {
    let own = if files { spec.limits.caption } else { spec.limits.text };
    match usize::try_from(own).unwrap_or(0) {
        0 => TEXT_LIMIT,
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
    gate: Passed<'_>,
) -> Result<()> {
    let new =
        NewOutbox { channel: head.channel, conversation: head.id, contact: head.contact, message, act, detail, gate };
    outbox::enqueue(tx, &new)?;
    Ok(())
}

/// Sends a message that failed once more, at a member's order. One of which some is at the provider goes on from there.
pub fn retry(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    let is_partly = messages::head(tx, message)?.failure.as_deref() == Some(outbox::PARTLY_SENT);
    let begun = if is_partly { remotes::of(tx, message)?.len() } else { 0 };
    let failed_at = messages::failed_at(tx, message)?;
    let failed = messages::requeue(tx, message)?;
    let head = conversations::head(tx, failed.conversation)?;
    let spec = connector(tx, head.channel)?.spec();
    let body = messages::body(tx, message)?.ok_or(vault::Error::Erased)?;
    forbidden::check(tx, spec, body.reveal(), &[])?;
    let gate = gate::message(tx, spec, &head, body.reveal());
    let passed = gate::pass(tx, &head, gate)?;
    order(tx, &head, message, Act::Message, None, passed)?;
    if begun > 0 {
        outbox::go_on(tx, head.id, message, i64::try_from(begun).unwrap_or(i64::MAX))?;
    }
    if let Some(failed_at) = failed_at.filter(|_| is_partly) {
        // The next part may be there unheard: the provider has its time to say so before it is sent.
        let echo = i64::try_from(spec.limits.echo_ms).unwrap_or(0);
        outbox::wait_for_echo(tx, head.id, message, failed_at + echo)?;
    }
    Ok(())
}

/// What a member puts on a message.
#[derive(Debug, Clone)]
pub struct Reacting {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub author: MemberId,
    /// On what.
    pub message: MessageId,
    /// `None` takes the reaction back.
    pub emoji: Option<Personal<String>>,
}

/// A member reacts to a message, or takes the reaction back.
pub fn react(tx: &Tx<'_>, reacting: &Reacting) -> Result<()> {
    let Reacting { conversation, author, message, emoji } = reacting.clone();
    let head = conversations::head(tx, conversation)?;
    if messages::head(tx, message)?.conversation != conversation {
        return Err(Error::invalid("reaction.message_id", "the message is in another conversation"));
    }
    if emoji.as_ref().is_some_and(|emoji| !may_be_emoji(emoji.reveal())) {
        return Err(Error::invalid("reaction.emoji", format!("one emoji of at most {EMOJI_LIMIT} bytes, or null")));
    }
    require(tx, head.channel, Capability::Reaction, "reactions")?;
    let gate = gate::reply(connector(tx, head.channel)?.spec(), &head);
    let passed = gate::pass(tx, &head, gate)?;
    reactions::set(tx, message, ("member", &author.to_string()), head.contact, emoji.as_ref(), tx.now())?;
    let detail = Some(emoji.unwrap_or_default());
    order(tx, &head, message, Act::Reaction, detail, passed)
}

/// Whether something can be an emoji: neither words nor numbers, but for a single sign on a key (`7️⃣`).
fn may_be_emoji(text: &str) -> bool {
    let key = text.strip_suffix('\u{20E3}').map(|sign| sign.trim_end_matches('\u{FE0F}'));
    let on_key = key.is_some_and(|sign| matches!(sign.as_bytes(), [b'0'..=b'9' | b'#' | b'*']));
    let plain =
        |letter: char| letter.is_ascii() || letter.is_whitespace() || connect::payment_card::digit(letter).is_some();
    !text.is_empty() && text.len() <= EMOJI_LIMIT && (on_key || !text.contains(plain))
}

/// A member changes what was sent.
pub fn edit(tx: &Tx<'_>, message: MessageId, text: Personal<String>) -> Result<()> {
    let head = sent(tx, message, Capability::Edit, "edits")?;
    let files = !attachments::of(tx, message)?.is_empty();
    check_text(text.reveal(), text_limit(connector(tx, head.channel)?.spec(), files))?;
    if text.reveal().trim().is_empty() && !files {
        return Err(Error::invalid("text", "a message needs text: take it back instead"));
    }
    forbidden::check_text(connector(tx, head.channel)?.spec(), text.reveal())?;
    let gate = gate::reply(connector(tx, head.channel)?.spec(), &head);
    let passed = gate::pass(tx, &head, gate)?;
    let mut body = messages::body(tx, message)?.ok_or(vault::Error::Erased)?.into_revealed();
    body.text = Some(text.into_revealed());
    messages::edit(tx, message, &Personal::new(body), tx.now())?;
    order(tx, &head, message, Act::Edit, None, passed)
}

/// A member takes back what was sent.
pub fn take_back(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    let head = sent(tx, message, Capability::Remove, "removals")?;
    // What the provider deletes would be nowhere but here.
    vault::holds::require_free_conversation(tx, head.id)?;
    messages::remove(tx, message, tx.now())?;
    order(tx, &head, message, Act::Remove, None, Passed::acknowledging(Gate::reply(None)))
}

fn sent(tx: &Tx<'_>, message: MessageId, capability: Capability, what: &'static str) -> Result<conversations::Head> {
    let on = messages::head(tx, message)?;
    if on.direction != Direction::Outgoing {
        return Err(Error::invalid("message", "only what was sent from here can be changed"));
    }
    if on.removed {
        return Err(vault::Error::conflict("removed", "this message was taken back").into());
    }
    require(tx, on.channel, capability, what)?;
    Ok(conversations::head(tx, on.conversation)?)
}

fn require(tx: &Tx<'_>, channel: ChannelId, capability: Capability, what: &'static str) -> Result<()> {
    if connector(tx, channel)?.spec().capabilities.contains(&capability) {
        Ok(())
    } else {
        Err(Error::Unsupported(what))
    }
}
