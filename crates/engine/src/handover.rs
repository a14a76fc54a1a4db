//! Where several apps of a business may answer a contact: which of them does. While it is another one, nothing goes out from
//! here, and least of all by itself.

#[cfg(test)]
mod tests;

use connect::{Answering, Capability, Person};
use vault::outbox::Refusal;
use vault::{ChannelId, ContactId, ConversationId, Millis, Result, Tx, answering, channels};

use crate::identify;
use crate::named::Place;
use crate::receive::Source;

/// The provider says who has a conversation from a moment on.
pub(crate) fn handed(
    tx: &Tx<'_>,
    channel: ChannelId,
    (with, thread): (&Person, &str),
    ours: bool,
    at: Millis,
) -> Result<bool> {
    let Some(contact) = identify::known(tx, channel, with)? else { return Ok(false) };
    let conversation = Place::with(thread, contact).conversation(tx, channel)?;
    match conversation {
        Some(conversation) => answering::note(tx, (conversation, contact), !ours, at),
        None => Ok(false),
    }
}

/// Something was said in a conversation: where it came to us, and not in standby, we have it.
pub(crate) fn heard(
    tx: &Tx<'_>,
    source: Source,
    of: (ConversationId, ContactId),
    standby: bool,
    at: Millis,
) -> Result<()> {
    if !source.connector.spec().capabilities.contains(&Capability::Handover) {
        return Ok(());
    }
    // Also that we have it is kept: what was said before that may be told after it.
    answering::note(tx, of, standby, at).map(|_| ())
}

/// Why nothing may be sent now, if another app answers. A member's own answer takes the conversation where the provider lets it.
pub(crate) fn refusal(
    tx: &Tx<'_>,
    (channel, conversation): (ChannelId, ConversationId),
    automatic: bool,
) -> Result<Option<Refusal>> {
    if !answering::is_elsewhere(tx, conversation)? {
        return Ok(None);
    }
    Ok((automatic || !is_taken(tx, channel)?).then_some(Refusal::Elsewhere))
}

/// Whether conversations of a channel can be taken from another app.
fn is_taken(tx: &Tx<'_>, channel: ChannelId) -> Result<bool> {
    let (kind, _) = channels::kind_and_state(tx, channel)?;
    let connector = connect::channels::by_kind(&kind);
    Ok(connector.is_some_and(|connector| connector.spec().capabilities.contains(&Capability::TakeOver)))
}

/// Who has the conversation that something is sent in.
pub(crate) fn answering(tx: &Tx<'_>, conversation: ConversationId) -> Result<Answering> {
    Ok(if answering::is_elsewhere(tx, conversation)? { Answering::Another } else { Answering::Us })
}

/// The provider took something that was sent in a conversation of another app: it is ours now.
pub(crate) fn taken(tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
    answering::returned(tx, conversation, tx.now()).map(|_| ())
}
