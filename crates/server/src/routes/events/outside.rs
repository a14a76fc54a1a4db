//! What is told of a fact outside the workspace: not what was read in accounts whose providers keep it within, unless their owners
//! allowed that. Of that only ids are told; and of whoever is known elsewhere, too, what is known from there.

use serde_json::Value;
use vault::conversations::Conversation;
use vault::facts::{About, Fact};
use vault::messages::Message;
use vault::{ChannelId, ContactId, Tx, channels, contacts, conversations};

/// A fact as it is told to other systems.
pub(crate) fn render_outside(tx: &Tx<'_>, fact: &Fact) -> vault::Result<(i64, &'static str, Value)> {
    let kept = kept(tx)?;
    if !kept.is_empty() && is_within(tx, fact.about, &kept)? {
        return super::render_ids(tx, fact);
    }
    super::render_without(tx, fact, &kept)
}

/// The channels whose content stays in the workspace.
fn kept(tx: &Tx<'_>) -> vault::Result<Vec<ChannelId>> {
    let connectors = connect::channels::all().iter().filter(|connector| connector.limited_use());
    let kinds: Vec<&str> = connectors.map(|connector| connector.spec().kind).collect();
    channels::kept_within(tx, &kinds)
}

/// Whether a fact is of a conversation that stays there.
fn is_within(tx: &Tx<'_>, about: About, kept: &[ChannelId]) -> vault::Result<bool> {
    let Some(conversation) = about.conversation else { return Ok(false) };
    match conversations::head(tx, conversation) {
        Ok(head) => Ok(kept.contains(&head.channel)),
        // Erased meanwhile: there are only ids.
        Err(vault::Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A message whose author is called as they may be outside.
pub(super) fn message(tx: &Tx<'_>, mut message: Message, kept: &[ChannelId]) -> vault::Result<Message> {
    let author = message.author.id.as_deref().filter(|_| message.author.kind == "contact");
    if let Some(contact) = author.and_then(|id| id.parse::<ContactId>().ok()).filter(|_| !kept.is_empty()) {
        (_, message.author.name) = contacts::shown_outside(tx, contact, kept)?;
    }
    Ok(message)
}

/// A conversation in which everybody is called as they may be outside.
pub(super) fn conversation(tx: &Tx<'_>, mut shown: Conversation, kept: &[ChannelId]) -> vault::Result<Conversation> {
    if !kept.is_empty() {
        (_, shown.contact_name) = contacts::shown_outside(tx, shown.contact, kept)?;
    }
    shown.last_message = shown.last_message.map(|last| message(tx, last, kept)).transpose()?;
    Ok(shown)
}
