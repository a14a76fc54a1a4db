//! Reading and typing as the contact sees them, where the channel can show it.

#[cfg(test)]
mod tests;

use connect::Capability;
use vault::channels::{self, ChannelState};
use vault::conversations::{self, Change, Outcome};
use vault::outbox::{self, Act, NewOutbox, Passed};
use vault::{ChangesId, ConversationId, Tx, messages, remotes};

use crate::{Result, compose, gate};

/// Changes the state of work on a conversation. Whoever reads what was unread shows the contact so.
pub fn change(tx: &Tx<'_>, conversation: ConversationId, change: &Change) -> Result<()> {
    let was_unread = change.read && conversations::unseen(tx, conversation)?;
    conversations::change(tx, conversation, change)?;
    if was_unread { show_read(tx, conversation) } else { Ok(()) }
}

/// Changes many conversations alike, in the order in which they are named; what became of each is kept by the id that is
/// answered. One that is not there does not hold up the others.
pub fn change_many(tx: &Tx<'_>, conversations: &[ConversationId], change: &Change) -> Result<ChangesId> {
    let id = tx.id();
    for (position, conversation) in conversations.iter().enumerate() {
        let outcome = change_one(tx, *conversation, change)?;
        conversations::keep(tx, id, position, &outcome)?;
    }
    Ok(id)
}

fn change_one(tx: &Tx<'_>, conversation: ConversationId, change: &Change) -> Result<Outcome> {
    let before = match conversations::work(tx, conversation) {
        Ok(before) => before,
        Err(vault::Error::NotFound(_)) => {
            let problem = Some("not_found".to_owned());
            return Ok(Outcome { conversation, changed: false, problem, before: None });
        }
        Err(error) => return Err(error.into()),
    };
    self::change(tx, conversation, change)?;
    let changed = conversations::work(tx, conversation)? != before;
    Ok(Outcome { conversation, changed, problem: None, before: Some(before) })
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
        gate: Passed::acknowledging(gate::reply(spec, &head)),
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
