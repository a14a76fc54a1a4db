//! What the fate of sent messages and the smaller movements of a contact change.

use connect::{Person, StatusChange};
use vault::messages::{self, Direction, State};
use vault::{ChannelId, MessageId, Millis, Personal, Result, Tx};
use vault::{conversations, reactions, remotes, suppressions};

use crate::identify;
use crate::named::{moment, named};

/// Moves a sent message's state forward. News about what we do not know, or older than what we know, changes nothing.
pub(crate) fn status(tx: &Tx<'_>, channel: ChannelId, change: &StatusChange) -> Result<bool> {
    let Some(state) = State::parse(&change.state) else { return Ok(false) };
    let Some(message) = ours(tx, channel, change)? else { return Ok(false) };
    let failure = (state == State::Failed).then(|| {
        let detail = change.detail.as_deref().unwrap_or("The provider could not deliver it.");
        (change.code.as_deref().unwrap_or("refused"), detail)
    });
    messages::advance(tx, message, state, moment(tx, change.at_ms), failure)
}

fn ours(tx: &Tx<'_>, channel: ChannelId, change: &StatusChange) -> Result<Option<MessageId>> {
    let by_remote = match &change.remote {
        Some(remote) => remotes::find(tx, channel, remote)?,
        None => None,
    };
    let named = by_remote.or_else(|| change.ours.as_deref().and_then(|id| id.parse().ok()));
    let Some(message) = named else { return Ok(None) };
    match messages::head(tx, message) {
        Ok(head) if head.channel == channel && head.direction == Direction::Outgoing => Ok(Some(message)),
        Ok(_) | Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A contact's reaction to a message.
pub(crate) fn reaction(
    tx: &Tx<'_>,
    channel: ChannelId,
    from: &Person,
    (thread, remote): (&str, &str),
    emoji: Option<&str>,
    at: Millis,
) -> Result<bool> {
    let Some(message) = named(tx, channel, thread, remote)? else { return Ok(false) };
    let contact = identify::contact(tx, channel, from)?;
    let emoji = emoji.map(|emoji| Personal::new(emoji.to_owned()));
    reactions::set(tx, message, ("contact", &contact.to_string()), contact, emoji.as_ref(), at)?;
    Ok(true)
}

/// A contact refuses, or accepts again, messages on this channel.
pub(crate) fn opted(tx: &Tx<'_>, channel: ChannelId, from: &Person, accepts: bool) -> Result<bool> {
    // Whoever takes over a user name has refused nothing.
    let lasting = from.identities.iter().filter(|known| identify::identifies(known.kind));
    let identities: Vec<_> = lasting.map(|known| identify::identity(channel, known)).collect();
    suppressions::set(tx, channel, &identities, accepts, "contact")?;
    if let Some(contact) = identify::known(tx, channel, from)? {
        vault::contacts::update(tx, contact, &vault::contacts::Profile::default())?;
    }
    Ok(true)
}

/// A contact has read what we sent, up to one message or all of it.
pub(crate) fn seen(
    tx: &Tx<'_>,
    channel: ChannelId,
    from: &Person,
    (thread, remote): (&str, Option<&str>),
    at: Millis,
) -> Result<bool> {
    if identify::known(tx, channel, from)?.is_none() {
        return Ok(false);
    }
    let up_to = match remote {
        Some(remote) => match named(tx, channel, thread, remote)? {
            Some(message) => Some(message),
            None => return Ok(false),
        },
        None => None,
    };
    let Some(conversation) = conversations::with_thread(tx, channel, thread)? else { return Ok(false) };
    for message in messages::unread_outgoing(tx, conversation, up_to)? {
        messages::advance(tx, message, State::Read, at, None)?;
    }
    Ok(true)
}
