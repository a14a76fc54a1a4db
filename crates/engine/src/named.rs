//! What an event names: its moment, and a message that must be in the contact's own thread.

use connect::Person;
use vault::{ChannelId, ContactId, ConversationId, MessageId, Millis, Result, Tx};
use vault::{conversations, messages, remotes};

use crate::identify;

/// The moment something happened: the provider's own time, or that of receipt where it gives none.
pub(crate) fn moment(tx: &Tx<'_>, at_ms: Millis) -> Millis {
    if at_ms > 0 { at_ms } else { tx.now() }
}

/// Where a message must be that an event names.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// In this thread of the provider's.
    Thread(&'a str),
    /// Where the provider has no threads: in this contact's own.
    Own(ContactId),
    /// The provider names neither thread nor person, so that its own id of the message alone says which it is.
    Anywhere,
}

impl<'a> Place<'a> {
    /// Where what a person did must be; `None` if that is nowhere, as nobody knows the person.
    pub(crate) fn of(
        tx: &Tx<'_>,
        channel: ChannelId,
        thread: &'a str,
        person: Option<&Person>,
    ) -> Result<Option<Self>> {
        match person {
            _ if !thread.is_empty() => Ok(Some(Self::Thread(thread))),
            Some(person) => Ok(identify::known(tx, channel, person)?.map(Self::Own)),
            None => Ok(Some(Self::Anywhere)),
        }
    }

    /// The same for a contact who is known.
    pub(crate) fn with(thread: &'a str, contact: ContactId) -> Self {
        if thread.is_empty() { Self::Own(contact) } else { Self::Thread(thread) }
    }

    /// The conversation that is there.
    pub(crate) fn conversation(self, tx: &Tx<'_>, channel: ChannelId) -> Result<Option<ConversationId>> {
        match self {
            Self::Thread(thread) => conversations::with_thread(tx, channel, thread),
            Self::Own(contact) => Ok(conversations::own(tx, channel, contact)?.map(|head| head.id)),
            Self::Anywhere => Ok(None),
        }
    }

    fn holds(self, tx: &Tx<'_>, channel: ChannelId, head: &messages::Head) -> Result<bool> {
        match self {
            Self::Thread(thread) => Ok(conversations::with_thread(tx, channel, thread)? == Some(head.conversation)),
            Self::Own(contact) => Ok(head.contact == contact && head.channel == channel),
            Self::Anywhere => Ok(head.channel == channel),
        }
    }
}

/// The message that a contact names by its id at the provider, if it is in the contact's own thread: what the outside
/// names must never reach into another's.
pub(crate) fn named(tx: &Tx<'_>, channel: ChannelId, place: Place<'_>, remote: &str) -> Result<Option<MessageId>> {
    let by_remote = remotes::find(tx, channel, remote)?;
    // Our own ids are known to those alone who have threads of ours.
    let ours = || remote.parse().ok().filter(|_| matches!(place, Place::Thread(_)));
    let Some(message) = by_remote.or_else(ours) else { return Ok(None) };
    match messages::head(tx, message) {
        Ok(head) => Ok(place.holds(tx, channel, &head)?.then_some(message)),
        Err(vault::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
