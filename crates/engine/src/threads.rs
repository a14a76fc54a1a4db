//! To which conversation a message belongs. What it says of that itself comes first: a token of ours that came back, then what
//! it answers; the provider's thread counts where neither leads to a conversation of the same person.

#[cfg(test)]
mod tests;

use connect::{Capability, Inbound};
use vault::conversations::{self, Head};
use vault::{ChannelId, ContactId, ConversationId, Result, Tx};
use vault::{identities, merges, messages, remotes};

use crate::identify;
use crate::receive::Source;

/// No more of what a message answers is looked for.
const ANSWERS: usize = 50;

/// The conversation of a message, opened if there is none; whether it was opened now.
pub(crate) fn of(tx: &Tx<'_>, source: Source, contact: ContactId, inbound: &Inbound) -> Result<(Head, bool)> {
    let (channel, thread) = (source.channel, inbound.thread.as_str());
    if let Some(head) = named(tx, channel, contact, inbound)? {
        if !thread.is_empty() {
            // If it began with us it has no thread yet: what comes later in this one finds it, too.
            conversations::name_thread(tx, head.id, thread)?;
        }
        return Ok((head, false));
    }
    if thread.is_empty() {
        conversations::of_contact(tx, channel, contact)
    } else if source.connector.spec().capabilities.contains(&Capability::Subject) {
        of_one_person(tx, channel, contact, thread)
    } else {
        conversations::of_thread(tx, channel, contact, thread)
    }
}

/// The conversation that a message names: by our token, or as the first of what it answers that is the same person's.
fn named(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, inbound: &Inbound) -> Result<Option<Head>> {
    if let Some(Ok(id)) = inbound.conversation.as_deref().map(str::parse)
        && let Some(head) = theirs(tx, channel, contact, id)?
    {
        return Ok(Some(head));
    }
    for remote in inbound.answers.iter().take(ANSWERS) {
        let Some(message) = remotes::find(tx, channel, remote)? else { continue };
        let conversation = match messages::head(tx, message) {
            Ok(answered) => answered.conversation,
            Err(vault::Error::NotFound(_)) => continue,
            Err(error) => return Err(error),
        };
        if let Some(head) = theirs(tx, channel, contact, conversation)? {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// A conversation, if it is the same person's on the same channel.
fn theirs(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, id: ConversationId) -> Result<Option<Head>> {
    match conversations::head(tx, id) {
        Ok(head) if head.channel == channel && are_one(tx, head.contact, contact)? => Ok(Some(head)),
        Ok(_) | Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether two contacts are one person, by merging.
pub(crate) fn are_one(tx: &Tx<'_>, one: ContactId, other: ContactId) -> Result<bool> {
    Ok(one == other || merges::standing(tx, one)? == merges::standing(tx, other)?)
}

/// Notes from which of their addresses somebody writes, where that is where an answer goes. What a machine writes in their absence
/// is answered by nobody.
pub(crate) fn note_writer(tx: &Tx<'_>, source: Source, conversation: ConversationId, inbound: &Inbound) -> Result<()> {
    if inbound.automatic || !source.connector.spec().capabilities.contains(&Capability::Subject) {
        return Ok(());
    }
    for described in inbound.from.identities.iter().filter(|described| identify::identifies(described.kind)) {
        if let Some(id) = identities::id_of(tx, &identify::identity(source.channel, described))? {
            return conversations::answer_to(tx, conversation, id);
        }
    }
    Ok(())
}

/// The conversation of a thread in which each person has one of their own: whoever answers in another's is not let into it.
fn of_one_person(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, thread: &str) -> Result<(Head, bool)> {
    let (head, opened) = conversations::of_thread(tx, channel, contact, thread)?;
    if opened || are_one(tx, head.contact, contact)? {
        return Ok((head, opened));
    }
    for member in merges::family(tx, contact)? {
        if let Some(id) = conversations::with_thread(tx, channel, &beside(thread, member))?
            && let Some(head) = theirs(tx, channel, contact, id)?
        {
            return Ok((head, false));
        }
    }
    conversations::of_thread(tx, channel, contact, &beside(thread, contact))
}

/// The key of a thread for somebody who answers in it beside the one whose it is.
fn beside(thread: &str, contact: ContactId) -> String {
    format!("{thread}\n{contact}")
}

/// The provider's own key of a conversation's thread.
pub(crate) fn bare(thread: String, contact: ContactId) -> String {
    match thread.strip_suffix(&beside("", contact)) {
        Some(bare) => bare.to_owned(),
        None => thread,
    }
}
