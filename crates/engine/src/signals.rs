//! What the fate of sent messages and the smaller movements of a contact change.

#[cfg(test)]
mod tests;

use connect::{Inbound, Person, StatusChange};
use vault::messages::{self, Direction, State};
use vault::{ChannelId, Millis, Personal, Result, Tx};
use vault::{outbox, reactions, remotes, suppressions};

use crate::named::{Place, moment, named};
use crate::receive::Source;
use crate::{echo, identify};

/// Moves a sent message's state forward. News about what we do not know, or older than what we know, changes nothing.
pub(crate) fn status(tx: &Tx<'_>, channel: ChannelId, change: &StatusChange) -> Result<bool> {
    let Some(state) = State::parse(&change.state) else { return Ok(false) };
    let Some((head, known)) = ours(tx, channel, change)? else { return Ok(false) };
    if let (false, Some(part)) = (known, change.part) {
        return one_of_several(tx, channel, &head, (change, part));
    }
    let at = moment(tx, change.at_ms);
    let begun = known && head.state == State::Queued && outbox::has_begun(tx, head.conversation, head.id)?;
    if begun && state != State::Failed {
        // Whether all of it comes through is told of its last part.
        return learn(tx, channel, &head, change);
    }
    if head.state == State::Queued {
        // What is said of an earlier try that failed does not concern the one that waits.
        if state == State::Failed && !begun && (known || is_of_an_earlier_try(tx, &head, at)?) {
            return Ok(false);
        }
        outbox::settle(tx, head.conversation, head.id)?;
    }
    if let (false, Some(remote)) = (known, &change.remote) {
        let mut remotes = remotes::of(tx, head.id)?;
        remotes.push(remote.clone());
        echo::tie(tx, (head.id, head.contact, channel), &remotes)?;
    }
    let detail = detail(change, begun);
    let failure = (state == State::Failed).then(|| (change.code.as_deref().unwrap_or("refused"), detail.as_str()));
    let learned = learn(tx, channel, &head, change)?;
    Ok(messages::advance(tx, head.id, state, at, failure)? || learned)
}

/// The provider has one of several messages that ours makes there, and we did not know it: it is not sent again. Whether all of it
/// comes through is told of the last.
fn one_of_several(
    tx: &Tx<'_>,
    channel: ChannelId,
    head: &messages::Head,
    (change, part): (&StatusChange, usize),
) -> Result<bool> {
    let mut ids = remotes::of(tx, head.id)?;
    if let Some(remote) = &change.remote {
        ids.push(remote.clone());
        echo::tie(tx, (head.id, head.contact, channel), &ids)?;
    }
    // What went out without a word of its id is not counted among those that have one.
    let parts = i64::try_from(part.min(ids.len())).unwrap_or(i64::MAX);
    outbox::came_so_far(tx, head.conversation, head.id, parts)?;
    learn(tx, channel, head, change)?;
    Ok(true)
}

/// Words for a failure. Where one of several parts failed before the others were sent, these stay here.
fn detail(change: &StatusChange, begun: bool) -> String {
    let told = change.detail.as_deref().unwrap_or("The provider could not deliver it.");
    if begun { format!("{told} What comes after it was not sent.") } else { told.to_owned() }
}

/// Providers count in seconds: what happened within the same one counts as ours.
fn is_of_an_earlier_try(tx: &Tx<'_>, head: &messages::Head, at: Millis) -> Result<bool> {
    Ok(outbox::ordered_at(tx, head.conversation, head.id)?.is_some_and(|then| at + 999 < then))
}

/// The message that is meant, and whether the provider's id of it was known. Our own id counts before the provider's, under which
/// an echo of it may have come first.
fn ours(tx: &Tx<'_>, channel: ChannelId, change: &StatusChange) -> Result<Option<(messages::Head, bool)>> {
    let by_remote = match &change.remote {
        Some(remote) => remotes::find(tx, channel, remote)?,
        None => None,
    };
    let by_ours = change.ours.as_deref().and_then(|id| id.parse().ok());
    let by_ours = by_ours.map(|id| (id, by_remote == Some(id)));
    for (named, known) in [by_ours, by_remote.map(|id| (id, true))].into_iter().flatten() {
        match messages::head(tx, named) {
            Ok(head) if head.channel == channel && head.direction == Direction::Outgoing => {
                return Ok(Some((head, known)));
            }
            Ok(_) | Err(vault::Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// What a status tells beside the state: what is charged, and how else the addressee is known.
fn learn(tx: &Tx<'_>, channel: ChannelId, head: &messages::Head, change: &StatusChange) -> Result<bool> {
    if let Some(person) = &change.to {
        identify::learn(tx, channel, head.contact, person)?;
    }
    let Some(price) = &change.price else { return Ok(false) };
    let price = messages::Price { category: price.category.clone(), billable: price.billable };
    match messages::note_price(tx, head.id, &price) {
        // A word that is none is not worth losing the status for.
        Err(vault::Error::Invalid(_)) => Ok(false),
        noted => noted,
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
    let Some(place) = Place::of(tx, channel, thread, Some(from))? else { return Ok(false) };
    let Some(message) = named(tx, channel, place, remote)? else { return Ok(false) };
    let contact = identify::contact(tx, channel, from)?;
    let emoji = emoji.map(|emoji| Personal::new(emoji.to_owned()));
    reactions::set(tx, message, ("contact", &contact.to_string()), contact, emoji.as_ref(), at)?;
    Ok(true)
}

/// A contact refuses, or accepts again, messages on this channel. What they said before something newer and came later changes
/// nothing.
pub(crate) fn opted(tx: &Tx<'_>, channel: ChannelId, from: &Person, accepts: bool, at: Millis) -> Result<bool> {
    // Whoever takes over a user name has refused nothing.
    let lasting = from.identities.iter().filter(|known| identify::identifies(known.kind));
    let identities: Vec<_> = lasting.map(|known| identify::identity(channel, known)).collect();
    if !suppressions::told(tx, channel, &identities, (accepts, "contact"), at)? {
        return Ok(false);
    }
    if let Some(contact) = identify::known(tx, channel, from)? {
        outbox::reconsider(tx, contact)?;
        vault::contacts::update(tx, contact, &vault::contacts::Profile::default())?;
    }
    Ok(true)
}

/// Somebody wrote: where that shows that they can be written to again, what the provider said before is lifted.
pub(crate) fn wrote(tx: &Tx<'_>, source: Source, inbound: &Inbound) -> Result<()> {
    if !source.connector.writing_reopens() {
        return Ok(());
    }
    let lasting = inbound.from.identities.iter().filter(|known| identify::identifies(known.kind));
    let identities: Vec<_> = lasting.map(|known| identify::identity(source.channel, known)).collect();
    if suppressions::heard(tx, source.channel, &identities, moment(tx, inbound.at_ms))?
        && let Some(contact) = identify::known(tx, source.channel, &inbound.from)?
    {
        vault::contacts::update(tx, contact, &vault::contacts::Profile::default())?;
    }
    Ok(())
}

/// A contact has read what we sent, up to one message or all of it.
pub(crate) fn seen(
    tx: &Tx<'_>,
    channel: ChannelId,
    from: &Person,
    (thread, remote): (&str, Option<&str>),
    at: Millis,
) -> Result<bool> {
    let Some(contact) = identify::known(tx, channel, from)? else { return Ok(false) };
    let place = Place::with(thread, contact);
    let up_to = match remote {
        Some(remote) => match named(tx, channel, place, remote)? {
            Some(message) => Some(message),
            None => return Ok(false),
        },
        None => None,
    };
    let Some(conversation) = place.conversation(tx, channel)? else { return Ok(false) };
    for message in messages::unread_outgoing(tx, conversation, up_to)? {
        messages::advance(tx, message, State::Read, at, None)?;
    }
    Ok(true)
}

/// All that we sent until a moment has come so far.
pub(crate) fn reached(
    tx: &Tx<'_>,
    channel: ChannelId,
    from: &Person,
    (thread, state): (&str, &str),
    until: Millis,
) -> Result<bool> {
    let Some(state) = State::parse(state).filter(|state| matches!(state, State::Delivered | State::Read)) else {
        return Ok(false);
    };
    let Some(contact) = identify::known(tx, channel, from)? else { return Ok(false) };
    let Some(conversation) = Place::with(thread, contact).conversation(tx, channel)? else { return Ok(false) };
    let mut changed = false;
    loop {
        let behind = messages::behind(tx, conversation, state, until)?;
        let mut moved = false;
        for message in behind {
            moved |= messages::advance(tx, message, state, until, None)?;
        }
        changed |= moved;
        // What does not move would be named again.
        if !moved {
            return Ok(changed);
        }
    }
}
