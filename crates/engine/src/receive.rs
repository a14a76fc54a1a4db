//! From verified bytes to people, threads and messages. Everything here is harmless when done twice: a message is
//! known by its id at the provider, a state only moves forward, and a request is taken off the inbox in the same
//! transaction that applies it.

#[cfg(test)]
mod story;
#[cfg(test)]
mod tests;

use connect::{Connector, Event, Inbound, Person, RemoteFile, Says, StatusChange, Verified};
use vault::attachments::{self, Remote};
use vault::inbox::{self, Arrival, Received};
use vault::messages::{self, Direction, NewMessage, State, Writer};
use vault::outbox::{self, Act, Gate, NewOutbox, Passed};
use vault::{ChannelId, ContactId, ConversationId, MessageId, Millis, Personal, Result, Tx};
use vault::{merges, remotes, retention};

use crate::named::{Place, moment, named};
use crate::{asked, content, echo, handover, identify, news, signals, threads, unsubscribing};

/// The channel a request came through.
#[derive(Clone, Copy)]
pub struct Source {
    /// The channel.
    pub channel: ChannelId,
    /// Its connector.
    pub connector: &'static dyn Connector,
}

/// What came of an event. Typing is no row: the server tells the live streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// A row changed.
    Changed(&'static str),
    /// It was known already, or concerns nothing we know.
    Nothing(&'static str),
    /// The contact is typing in this conversation; of a merged one it is who stays.
    Typing(ConversationId, ContactId),
}

/// Applies received requests in order and takes them off the inbox. Requests somebody else has taken are skipped.
pub fn process(tx: &Tx<'_>, source: Source, received: &[Received]) -> Result<Vec<Applied>> {
    let mut applied = Vec::new();
    for request in received {
        if !inbox::take(tx, request.id)? {
            continue;
        }
        let verified = Verified::from_inbox(&request.body).ok_or(vault::Error::Seal("an inbox row is malformed"))?;
        let events = source.connector.parse(&verified);
        let told_anew = told_anew(tx, source.channel, &events)?;
        for event in events.iter().filter(|event| !told_anew(event)) {
            applied.push(apply(tx, source, request.received, event)?);
        }
    }
    Ok(applied)
}

/// Which events of a request were heard before: the wishes that were said with a message that is known. Who repeats the message repeats
/// the wish, which may have been another one since. Of several messages that is only sure where the provider tells no time.
fn told_anew(tx: &Tx<'_>, channel: ChannelId, events: &[Event]) -> Result<fn(&Event) -> bool> {
    let mut said_with = events.iter().filter_map(|event| match event {
        Event::Message(inbound) => Some(&inbound.remote),
        _ => None,
    });
    let wish = match (said_with.next(), said_with.next()) {
        (Some(remote), None) => Some((remote, is_wish as fn(&Event) -> bool)),
        (Some(remote), Some(_)) => Some((remote, is_undated as fn(&Event) -> bool)),
        (None, _) => None,
    };
    match wish.filter(|(_, is_wish)| events.iter().any(is_wish)) {
        Some((remote, is_wish)) if remotes::is_known(tx, channel, remote)? => Ok(is_wish),
        _ => Ok(|_| false),
    }
}

fn is_wish(event: &Event) -> bool {
    matches!(event, Event::Opted { .. } | Event::Preference { .. })
}

fn is_undated(event: &Event) -> bool {
    matches!(event, Event::Opted { at_ms: ..=0, .. } | Event::Preference { at_ms: ..=0, .. })
}

/// Applies one event that was received at a moment. What somebody said before they were erased is erased with them.
pub fn apply(tx: &Tx<'_>, source: Source, received: impl Into<Arrival>, event: &Event) -> Result<Applied> {
    let (channel, received) = (source.channel, received.into());
    if let Some(author) = author(event)
        && (identify::erased_since(tx, channel, author, received)? || was_erased(tx, channel, event)?)
    {
        return Ok(Applied::Nothing(event.name()));
    }
    let changed = match event {
        Event::Message(inbound) => {
            message(tx, source, inbound)?.is_some() || completed(tx, source, inbound, Direction::Incoming)?
        }
        Event::Edited(inbound) => edited(tx, source, inbound)?,
        Event::Removed { from, thread, remotes } => removed(tx, channel, (from.as_ref(), thread), remotes)?,
        Event::Status(change) if change.state == StatusChange::COMPLAINED => news::complained(tx, source, change)?,
        Event::Status(change) => signals::status(tx, channel, change)?,
        Event::Reaction { from, thread, remote, emoji, at_ms } => {
            let at = moment(tx, *at_ms);
            signals::reaction(tx, channel, from, (thread, remote), emoji.as_deref(), at)?
        }
        Event::Chosen { message: inbound, callback } => chosen(tx, source, inbound, callback)?,
        Event::Opted { from, accepts, at_ms } => signals::opted(tx, channel, from, *accepts, wished(received, *at_ms))?,
        Event::Seen { from, thread, remote, at_ms } => {
            let at = moment(tx, *at_ms);
            signals::seen(tx, channel, from, (thread, remote.as_deref()), at)?
        }
        Event::Reached { from, thread, state, up_to_ms } => {
            signals::reached(tx, channel, from, (thread, state), moment(tx, *up_to_ms))?
        }
        Event::Handed { with, thread, ours, at_ms } => {
            handover::handed(tx, channel, (with, thread), *ours, moment(tx, *at_ms))?
        }
        Event::ErasureAsked { from, code, at_ms } => asked::deletion(tx, channel, from, code, moment(tx, *at_ms))?,
        Event::Typing { from, thread } => return typing(tx, channel, from, thread),
        Event::Echo(echo) => echo::apply(tx, source, echo)?,
        Event::Moved { from, to, .. } => news::moved(tx, channel, from, to)?,
        Event::Preference { from, purpose, says, proof, at_ms } => {
            let wish = news::Wish { purpose, says: *says, proof: proof.as_ref() };
            news::preference(tx, source, from, &wish, wished(received, *at_ms))?
        }
        Event::Template(change) => news::template(tx, source, change)?,
        Event::Account(of) => news::account(tx, channel, of)?,
        Event::Unknown { .. } => false,
    };
    Ok(if changed { Applied::Changed(event.name()) } else { Applied::Nothing(event.name()) })
}

/// Whether what is brought from where it lay was there when its author was erased. Mailboxes count in seconds: what came within the
/// second of the erasure is new.
fn was_erased(tx: &Tx<'_>, channel: ChannelId, event: &Event) -> Result<bool> {
    let Event::Message(inbound) = event else { return Ok(false) };
    if inbound.lies_since_ms == 0 {
        return Ok(false);
    }
    let second_ends = inbound.lies_since_ms.div_euclid(1_000).saturating_mul(1_000).saturating_add(999);
    identify::erased_since(tx, channel, &inbound.from, second_ends.into())
}

/// When somebody said what they wish: as the provider tells it, but never later than we heard it, and then where it does not tell.
fn wished(received: Arrival, at_ms: Millis) -> Millis {
    if at_ms > 0 { at_ms.min(received.at) } else { received.at }
}

/// Whose words or wishes an event brings; `None` where it could only change what is there already.
fn author(event: &Event) -> Option<&Person> {
    match event {
        Event::Message(inbound) | Event::Edited(inbound) | Event::Chosen { message: inbound, .. } => {
            Some(&inbound.from)
        }
        Event::Reaction { from, .. }
        | Event::Opted { from, accepts: true, .. }
        | Event::Preference { from, says: Says::Gives | Says::Restores, .. } => Some(from),
        Event::Echo(echo) => echo::addressee(echo),
        // A refusal is honoured whenever it comes: it is kept as a keyed hash alone.
        Event::Opted { accepts: false, .. }
        | Event::Preference { says: Says::Withdraws, .. }
        | Event::Removed { .. }
        | Event::Status(_)
        | Event::Seen { .. }
        | Event::Reached { .. }
        | Event::Handed { .. }
        | Event::ErasureAsked { .. }
        | Event::Typing { .. }
        | Event::Moved { .. }
        | Event::Template(_)
        | Event::Account(_)
        | Event::Unknown { .. } => None,
    }
}

/// Records a message; `None` if it is known already.
fn message(tx: &Tx<'_>, source: Source, inbound: &Inbound) -> Result<Option<(MessageId, ConversationId, ContactId)>> {
    let channel = source.channel;
    let known = match &inbound.fingerprint {
        Some(fingerprint) => remotes::is_known_as(tx, channel, &inbound.remote, fingerprint)?,
        None => remotes::is_known(tx, channel, &inbound.remote)?,
    };
    if known || has_gone(tx, inbound)? {
        return Ok(None);
    }
    let contact = identify::contact(tx, channel, &inbound.from)?;
    let (conversation, opened) = threads::of(tx, source, contact, inbound)?;
    if opened {
        asked::who(tx, source, contact, &inbound.from)?;
    }
    let reply_to = quoted(tx, channel, contact, inbound)?;
    let new = NewMessage {
        conversation: conversation.id,
        channel,
        contact,
        direction: Direction::Incoming,
        writer: Writer::Contact(contact),
        body: Personal::new(content::body(inbound, reply_to.is_some())),
        reply_to,
        state: State::Received,
        written_at: moment(tx, inbound.at_ms),
    };
    let window_until = window_until(source, moment(tx, inbound.at_ms), tx.now());
    let message = messages::arrive(tx, &new, std::slice::from_ref(&inbound.remote), window_until)?;
    if let Some(fingerprint) = &inbound.fingerprint {
        remotes::tell_apart(tx, (message, contact, channel), &inbound.remote, fingerprint)?;
    }
    expect_files(tx, (message, contact, channel), inbound)?;
    threads::note_writer(tx, source, conversation.id, inbound)?;
    signals::wrote(tx, source, inbound)?;
    unsubscribing::heard(tx, source, contact, inbound.text.as_deref().filter(|_| !inbound.automatic))?;
    handover::heard(tx, source, (conversation.id, contact), inbound.standby, moment(tx, inbound.at_ms))?;
    Ok(Some((message, conversation.id, contact)))
}

/// Whether it was here, and has gone by its term.
fn has_gone(tx: &Tx<'_>, inbound: &Inbound) -> Result<bool> {
    match inbound.lies_since_ms {
        0 => Ok(false),
        lies_since => retention::has_gone(tx, moment(tx, inbound.at_ms), lies_since),
    }
}

/// The provider's window, counted from the contact's own time but never from the future.
fn window_until(source: Source, written_at: Millis, now: Millis) -> Option<Millis> {
    let window = i64::try_from(source.connector.spec().limits.window_ms).ok().filter(|window| *window > 0)?;
    Some(written_at.min(now) + window)
}

/// The stored message that an inbound one answers.
pub(crate) fn quoted(
    tx: &Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    inbound: &Inbound,
) -> Result<Option<MessageId>> {
    match inbound.quote.as_ref().and_then(|quote| quote.remote.as_deref()) {
        Some(remote) => named(tx, channel, Place::with(&inbound.thread, contact), remote),
        None => Ok(None),
    }
}

/// Notes the files of a message, which are fetched later.
pub(crate) fn expect_files(tx: &Tx<'_>, of: (MessageId, ContactId, ChannelId), inbound: &Inbound) -> Result<()> {
    inbound.files.iter().enumerate().try_for_each(|(position, file)| expect_file(tx, of, position, file))
}

fn expect_file(
    tx: &Tx<'_>,
    (message, contact, channel): (MessageId, ContactId, ChannelId),
    position: usize,
    file: &RemoteFile,
) -> Result<()> {
    let locator =
        serde_json::to_string(file).map_err(|_| vault::Error::Invalid("a file cannot be described".into()))?;
    let remote = Remote {
        message,
        contact,
        channel,
        position: i64::try_from(position).unwrap_or(i64::MAX),
        role: file.role.clone(),
        name: file.name.clone().map(Personal::new),
        locator: Personal::new(locator),
    };
    attachments::expect(tx, &remote).map(|_| ())
}

/// An edit of a message we do not have (it came first, or its message was lost) makes the message.
fn edited(tx: &Tx<'_>, source: Source, inbound: &Inbound) -> Result<bool> {
    match stored(tx, source, inbound)? {
        Some(message) if !from_contact(tx, message)? => Ok(false),
        Some(message) => {
            let quote_is_stored = messages::head(tx, message)?.reply_to.is_some();
            let body = content::edited(messages::body(tx, message)?, content::body(inbound, quote_is_stored));
            messages::edit(tx, message, &body, moment(tx, inbound.at_ms))
        }
        None => match self::message(tx, source, inbound)? {
            Some((message, ..)) => changed_before(tx, message, inbound),
            None => Ok(false),
        },
    }
}

/// The message that an inbound one is, or is about, if it is stored.
fn stored(tx: &Tx<'_>, source: Source, inbound: &Inbound) -> Result<Option<MessageId>> {
    match Place::of(tx, source.channel, &inbound.thread, Some(&inbound.from))? {
        Some(place) => named(tx, source.channel, place, &inbound.remote),
        None => Ok(None),
    }
}

/// Notes that an edit has made a message, and when: an older edit that comes later must not undo it, and the message itself
/// completes it.
pub(crate) fn changed_before(tx: &Tx<'_>, message: MessageId, inbound: &Inbound) -> Result<bool> {
    if let Some(body) = messages::body(tx, message)? {
        messages::edit(tx, message, &content::partial(body), moment(tx, inbound.at_ms))?;
    }
    Ok(true)
}

/// Completes a message that its edit has made with what the edit did not tell. Whether there was such a message.
pub(crate) fn completed(tx: &Tx<'_>, source: Source, inbound: &Inbound, direction: Direction) -> Result<bool> {
    let Some(message) = stored(tx, source, inbound)? else { return Ok(false) };
    let head = messages::head(tx, message)?;
    if head.direction != direction {
        return Ok(false);
    }
    let reply_to = quoted(tx, source.channel, head.contact, inbound)?;
    let itself = content::body(inbound, reply_to.is_some());
    let whole = messages::body(tx, message)?.and_then(|made| content::whole(made, itself));
    let Some(whole) = whole else { return Ok(false) };
    messages::complete(tx, message, &whole, reply_to, moment(tx, inbound.at_ms))?;
    // An edit that told files told all of them.
    if attachments::of(tx, message)?.is_empty() {
        expect_files(tx, (message, head.contact, source.channel), inbound)?;
    }
    Ok(true)
}

/// A contact can change and take back only what a contact wrote.
fn from_contact(tx: &Tx<'_>, message: MessageId) -> Result<bool> {
    Ok(messages::head(tx, message)?.direction == Direction::Incoming)
}

fn removed(tx: &Tx<'_>, channel: ChannelId, (from, thread): (Option<&Person>, &str), gone: &[String]) -> Result<bool> {
    let place = Place::of(tx, channel, thread, from)?;
    let mut changed = false;
    for remote in gone {
        let known = place.map(|place| named(tx, channel, place, remote)).transpose()?.flatten();
        match known {
            Some(message) if from_contact(tx, message)? => changed |= messages::remove(tx, message, tx.now())?,
            Some(_) => {}
            // Providers do not always keep the sequence: what was taken back may still be on its way.
            None => _ = remotes::forestall(tx, channel, remote)?,
        }
    }
    Ok(changed)
}

/// A tap is a message, and the provider wants to hear that it arrived.
fn chosen(tx: &Tx<'_>, source: Source, inbound: &Inbound, callback: &str) -> Result<bool> {
    let Some((message, conversation, contact)) = message(tx, source, inbound)? else { return Ok(false) };
    let answer = NewOutbox {
        channel: source.channel,
        conversation,
        contact,
        message,
        act: Act::AnswerChoice,
        detail: Some(Personal::new(callback.to_owned())),
        gate: Passed::acknowledging(Gate::reply(None)),
    };
    outbox::enqueue(tx, &answer)?;
    Ok(true)
}

fn typing(tx: &Tx<'_>, channel: ChannelId, from: &Person, thread: &str) -> Result<Applied> {
    let Some(contact) = identify::known(tx, channel, from)? else { return Ok(Applied::Nothing("typing")) };
    let conversation = Place::with(thread, contact).conversation(tx, channel)?;
    let shown = merges::standing(tx, contact)?;
    Ok(conversation.map_or(Applied::Nothing("typing"), |id| Applied::Typing(id, shown)))
}
