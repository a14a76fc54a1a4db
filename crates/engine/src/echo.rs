//! What the business said from elsewhere: in the provider's own app, on somebody's phone. It stands in the conversation as
//! any answer does, written by nobody whom we know.

#[cfg(test)]
mod tests;

use connect::{Echo, Inbound, Person};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::{ChannelId, ContactId, MessageId, Millis, Personal, Result, Tx};
use vault::{conversations, reactions, remotes};

use crate::content;
use crate::handover;
use crate::identify;
use crate::named::{Place, moment, named};
use crate::receive::{self, Source};
use crate::threads;

/// As whom reactions from elsewhere are kept.
const ELSEWHERE: &str = "elsewhere";

/// With whom the business talks in an echo; `None` where it could only change what is there already.
pub(crate) fn addressee(echo: &Echo) -> Option<&Person> {
    match echo {
        Echo::Wrote(inbound) | Echo::Edited(inbound) => Some(&inbound.from),
        Echo::Removed { .. } | Echo::Reacted { .. } => None,
    }
}

/// Applies an echo; whether that changed anything. What we sent ourselves is known by its id at the provider.
pub(crate) fn apply(tx: &Tx<'_>, source: Source, echo: &Echo) -> Result<bool> {
    match echo {
        Echo::Wrote(inbound) => {
            Ok(wrote(tx, source, inbound)?.is_some() || receive::completed(tx, source, inbound, Direction::Outgoing)?)
        }
        Echo::Edited(inbound) => edited(tx, source, inbound),
        Echo::Removed { thread, remotes } => removed(tx, source, thread, remotes),
        Echo::Reacted { to, thread, remote, emoji, at_ms } => {
            let on = (thread.as_str(), remote.as_str());
            reacted(tx, source.channel, to, on, emoji.as_deref(), moment(tx, *at_ms))
        }
    }
}

fn wrote(tx: &Tx<'_>, source: Source, inbound: &Inbound) -> Result<Option<MessageId>> {
    let channel = source.channel;
    if remotes::is_known(tx, channel, &inbound.remote)? {
        return Ok(None);
    }
    let contact = identify::contact(tx, channel, &inbound.from)?;
    let (conversation, opened) = threads::of(tx, source, contact, inbound)?;
    if opened && source.connector.spec().limits.window_ms > 0 {
        conversations::begin_closed(tx, conversation.id)?;
    }
    let reply_to = receive::quoted(tx, channel, contact, inbound)?;
    let new = NewMessage {
        conversation: conversation.id,
        channel,
        contact,
        direction: Direction::Outgoing,
        writer: Writer::System,
        body: body(inbound, reply_to.is_some()),
        reply_to,
        state: State::Sent,
        written_at: moment(tx, inbound.at_ms),
    };
    let (message, _) = messages::record(tx, &new)?;
    remotes::tie(tx, message, contact, channel, std::slice::from_ref(&inbound.remote))?;
    receive::expect_files(tx, (message, contact, channel), inbound)?;
    if inbound.standby {
        handover::heard(tx, source, (conversation.id, contact), true, moment(tx, inbound.at_ms))?;
    }
    // Nothing of the conversation's work changes but what is shown of it.
    conversations::change(tx, conversation.id, &conversations::Change::default())?;
    Ok(Some(message))
}

/// Ties what we sent to its ids at the provider. An echo of it that came first was taken for a message of its own: it is folded
/// into ours.
pub(crate) fn tie(
    tx: &Tx<'_>,
    (message, contact, channel): (MessageId, ContactId, ChannelId),
    ids: &[String],
) -> Result<()> {
    for double in remotes::tie(tx, message, contact, channel, ids)? {
        messages::fold(tx, double, message)?;
    }
    Ok(())
}

fn body(inbound: &Inbound, quote_is_stored: bool) -> Personal<Body> {
    Personal::new(Body { elsewhere: true, ..content::body(inbound, quote_is_stored) })
}

/// An edit of something that we do not have makes it.
fn edited(tx: &Tx<'_>, source: Source, inbound: &Inbound) -> Result<bool> {
    let place = Place::of(tx, source.channel, &inbound.thread, Some(&inbound.from))?;
    let known = match place {
        Some(place) => named(tx, source.channel, place, &inbound.remote)?,
        None => None,
    };
    match known {
        Some(message) => {
            let head = messages::head(tx, message)?;
            let now = Body { elsewhere: true, ..content::body(inbound, head.reply_to.is_some()) };
            let body = content::edited(messages::body(tx, message)?, now);
            Ok(head.direction == Direction::Outgoing && messages::edit(tx, message, &body, moment(tx, inbound.at_ms))?)
        }
        None => match wrote(tx, source, inbound)? {
            Some(message) => receive::changed_before(tx, message, inbound),
            None => Ok(false),
        },
    }
}

/// Who put it there is not told: all who have the phone are one.
fn reacted(
    tx: &Tx<'_>,
    channel: ChannelId,
    to: &Person,
    (thread, remote): (&str, &str),
    emoji: Option<&str>,
    at: Millis,
) -> Result<bool> {
    let Some(place) = Place::of(tx, channel, thread, Some(to))? else { return Ok(false) };
    let Some(message) = named(tx, channel, place, remote)? else { return Ok(false) };
    let contact = messages::head(tx, message)?.contact;
    let emoji = emoji.map(|emoji| Personal::new(emoji.to_owned()));
    reactions::set(tx, message, (ELSEWHERE, ELSEWHERE), contact, emoji.as_ref(), at)?;
    Ok(true)
}

fn removed(tx: &Tx<'_>, source: Source, thread: &str, gone: &[String]) -> Result<bool> {
    let Some(place) = Place::of(tx, source.channel, thread, None)? else { return Ok(false) };
    let mut changed = false;
    for remote in gone {
        match named(tx, source.channel, place, remote)? {
            Some(message) if messages::head(tx, message)?.direction == Direction::Outgoing => {
                changed |= messages::remove(tx, message, tx.now())?;
            }
            Some(_) => {}
            // As with contacts: what was taken back may still be on its way.
            None => _ = remotes::forestall(tx, source.channel, remote)?,
        }
    }
    Ok(changed)
}
