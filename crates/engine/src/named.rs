//! What an event names: its moment, and a message that must be in the contact's own thread.

use vault::{ChannelId, MessageId, Millis, Result, Tx};
use vault::{conversations, messages, remotes};

/// The moment something happened: the provider's own time, or that of receipt where it gives none.
pub(crate) fn moment(tx: &Tx<'_>, at_ms: Millis) -> Millis {
    if at_ms > 0 { at_ms } else { tx.now() }
}

/// The message that a contact names by its id at the provider, if it is in the contact's own thread: what the outside
/// names must never reach into another's.
pub(crate) fn named(tx: &Tx<'_>, channel: ChannelId, thread: &str, remote: &str) -> Result<Option<MessageId>> {
    let by_remote = remotes::find(tx, channel, remote)?;
    let Some(message) = by_remote.or_else(|| remote.parse().ok()) else { return Ok(None) };
    let own = conversations::with_thread(tx, channel, thread)?;
    match messages::head(tx, message) {
        Ok(head) if own == Some(head.conversation) => Ok(Some(message)),
        Ok(_) | Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
