//! Reading and typing as the contact sees them, where the channel can show it.

#[cfg(test)]
mod tests;

use connect::Capability;
use vault::channels::{self, ChannelState};
use vault::conversations::{self, Change};
use vault::outbox::{self, Act, NewOutbox};
use vault::{ConversationId, Tx, messages, remotes};

use crate::{Result, compose, gate};

/// Changes the state of work on a conversation. Whoever reads what was unread shows the contact so.
pub fn change(tx: &Tx<'_>, conversation: ConversationId, change: &Change) -> Result<()> {
    let was_unread = change.read && conversations::unread(tx, conversation)? > 0;
    conversations::change(tx, conversation, change)?;
    if was_unread { show_read(tx, conversation) } else { Ok(()) }
}

fn show_read(tx: &Tx<'_>, conversation: ConversationId) -> Result<()> {
    let head = conversations::head(tx, conversation)?;
    let spec = compose::connector(tx, head.channel)?.spec();
    let (_, state) = channels::kind_and_state(tx, head.channel)?;
    if state == ChannelState::Off || !spec.capabilities.contains(&Capability::Seen) {
        return Ok(());
    }
    let Some(message) = messages::last_incoming(tx, conversation)? else { return Ok(()) };
    let order = NewOutbox {
        channel: head.channel,
        conversation,
        contact: head.contact,
        message,
        act: Act::Seen,
        detail: None,
        gate: gate::reply(spec, &head),
    };
    outbox::enqueue(tx, &order)?;
    Ok(())
}

/// The contact's last message at the provider, which some providers want named when somebody types.
pub fn last_remote(tx: &Tx<'_>, conversation: ConversationId) -> vault::Result<Option<String>> {
    match messages::last_incoming(tx, conversation)? {
        Some(message) => Ok(remotes::of(tx, message)?.into_iter().next()),
        None => Ok(None),
    }
}
