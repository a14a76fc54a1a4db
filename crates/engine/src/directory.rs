//! What another system or a member makes by hand: contacts, conversations, and on the API channel a contact's messages.

use connect::{Capability, IdentityKind};
use vault::contacts::{self, Profile};
use vault::identities::{self, NewIdentity};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::{ChannelId, ContactId, ConversationId, MessageId, Personal, Right, Tx};
use vault::{conversations, merges, remotes};

use crate::identify::{self, kind_of};
use crate::{Error, Result};

/// Creates a contact with identities, each on a channel of the workspace.
pub fn create_contact(tx: &Tx<'_>, profile: &Profile, known: &[(ChannelId, NewIdentity)]) -> Result<ContactId> {
    let mut checked = Vec::with_capacity(known.len());
    for (channel, identity) in known {
        let (channel, identity) = (*channel, identity_of(tx, *channel, identity)?);
        if identities::find(tx, &identity)?.is_some() {
            let taken = "another contact already has one of these identities";
            return Err(vault::Error::conflict("identity_taken", taken).into());
        }
        checked.push((channel, identity));
    }
    let contact = contacts::create(tx, profile)?;
    for (channel, identity) in &checked {
        identities::add(tx, contact, *channel, identity)?;
    }
    Ok(contact)
}

/// An identity as the channel scopes it.
fn identity_of(tx: &Tx<'_>, channel: ChannelId, given: &NewIdentity) -> Result<NewIdentity> {
    vault::channels::kind_and_state(tx, channel)?;
    let kind = kind_of(&given.kind).ok_or_else(|| Error::invalid("identities.kind", "no such kind of identity"))?;
    let value = given.value.reveal();
    if value.is_empty() || value.chars().count() > 500 {
        return Err(Error::invalid("identities.value", "1 to 500 characters"));
    }
    let value = if kind == IdentityKind::Email { address_of("identities.value", value)? } else { value.clone() };
    let described = connect::PersonIdentity { kind, scope: String::new(), value };
    Ok(identify::identity(channel, &described))
}

/// An e-mail address in the form in which addresses are compared.
fn address_of(field: &'static str, given: &str) -> Result<String> {
    connect::identity::email(given).ok_or_else(|| Error::invalid(field, "an e-mail address, such as anna@example.com"))
}

/// Opens a conversation with whoever has an address, or finds the newest there is. What is said next goes to that address.
pub fn open_with_address(tx: &Tx<'_>, channel: ChannelId, address: &Personal<String>) -> Result<ConversationId> {
    let contact = addressed(tx, channel, address)?;
    let conversation = open_conversation(tx, channel, contact)?;
    let value = address_of("address", address.reveal())?;
    let known = connect::PersonIdentity { kind: IdentityKind::Email, scope: String::new(), value };
    if let Some(identity) = identities::id_of(tx, &identify::identity(channel, &known))? {
        conversations::answer_to(tx, conversation, identity)?;
    }
    Ok(conversation)
}

/// The contact with an address on a channel, created if nobody has it: for whoever begins a conversation with an address.
pub fn addressed(tx: &Tx<'_>, channel: ChannelId, address: &Personal<String>) -> Result<ContactId> {
    tx.scope()?.require(Right::WriteContacts)?;
    if !crate::compose::connector(tx, channel)?.spec().capabilities.contains(&Capability::Subject) {
        return Err(Error::invalid("address", "only on a channel for mail; elsewhere name a contact"));
    }
    let value = address_of("address", address.reveal())?;
    let known = connect::PersonIdentity { kind: IdentityKind::Email, scope: String::new(), value };
    let person = connect::Person { identities: vec![known], name: None, language: None };
    match identify::known(tx, channel, &person)? {
        Some(contact) => Ok(contact),
        None => Ok(identify::contact(tx, channel, &person)?),
    }
}

/// Makes the acquaintance of somebody whom a channel's credential names, before a word is said.
pub fn meet(tx: &Tx<'_>, channel: ChannelId, person: &connect::Person) -> vault::Result<ContactId> {
    identify::contact(tx, channel, person)
}

/// Opens a conversation with a contact on a channel, or finds the newest there is. Of several contacts that are one person it
/// is opened with whoever is known on the channel.
pub fn open_conversation(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<ConversationId> {
    contacts::require(tx, contact)?;
    let (_, state) = vault::channels::kind_and_state(tx, channel)?;
    if state == vault::channels::ChannelState::Off {
        return Err(Error::Refused(vault::outbox::Refusal::ChannelOff));
    }
    match conversations::latest_of_family(tx, channel, contact)? {
        Some(conversation) => Ok(conversation),
        None => begin(tx, channel, merges::reached_on(tx, channel, contact)?),
    }
}

/// Where the provider has a window, it opens when the contact writes.
fn begin(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<ConversationId> {
    let begun = conversations::open(tx, channel, contact, None)?.id;
    if crate::compose::connector(tx, channel)?.spec().limits.window_ms > 0 {
        conversations::begin_closed(tx, begun)?;
    }
    Ok(begun)
}

/// Records what a contact wrote in another system, on an API channel. The other system's own id makes it once.
pub fn post_incoming(
    tx: &Tx<'_>,
    conversation: ConversationId,
    body: &Personal<Body>,
    external_id: Option<&str>,
) -> Result<MessageId> {
    let head = conversations::head(tx, conversation)?;
    if !crate::compose::connector(tx, head.channel)?.takes_posts() {
        return Err(Error::invalid("direction", "only on an API channel can another system post what a contact wrote"));
    }
    contacts::require(tx, head.contact)?;
    let length = body.reveal().text.as_deref().map_or(0, |text| text.chars().count());
    if body.reveal().readable().trim().is_empty() || length > crate::compose::TEXT_LIMIT {
        let needed = format!(
            "a message needs a text of at most {} characters, a place or a contact card",
            crate::compose::TEXT_LIMIT
        );
        return Err(Error::invalid("text", needed));
    }
    if let Some(external) = external_id
        && let Some(known) = remotes::find(tx, head.channel, external)?
    {
        return Ok(known);
    }
    let new = NewMessage {
        conversation,
        channel: head.channel,
        contact: head.contact,
        direction: Direction::Incoming,
        writer: Writer::Contact(head.contact),
        body: body.clone(),
        reply_to: None,
        state: State::Received,
        written_at: tx.now(),
    };
    let (message, _) = messages::record(tx, &new)?;
    if let Some(external) = external_id {
        remotes::tie(tx, message, head.contact, head.channel, &[external.to_owned()])?;
    }
    conversations::on_incoming(tx, conversation, head.contact, None)?;
    contacts::touch(tx, head.contact, tx.now())?;
    Ok(message)
}
