//! Somebody proves by a code that an address or number is theirs (S-1): whose it is here, and by which channels a code can go there now.
//!
//! A code is no message of a conversation: members read those, and whoever reads a code could ask in the person's name. It is sent
//! beside the outbox and kept nowhere, and where the provider tells of it afterwards, what it tells is not kept either.

#[cfg(test)]
mod tests;

use connect::{Capability, Connector, Content, Outgoing, PersonIdentity, Recipient};
use vault::channels::{self, ChannelState};
use vault::identities::{self, NewIdentity};
use vault::outbox::{self, Gate};
use vault::{ChannelId, ContactId, MessageId, Personal, Result, Tx};
use vault::{audit, contacts, conversations, merges, messages, remotes};

use crate::{gate, identify};

/// By how many channels it is tried at most.
const WAYS: usize = 4;
/// How many channels a workspace is looked at for one that writes mail.
const CHANNELS: usize = 100;
/// Bounds of a user name, in characters.
const NAME: std::ops::RangeInclusive<usize> = 3..=64;

/// An address as somebody typed it, in the form in which it is compared: an e-mail address, a telephone number with its country's code, or
/// a user name after an `@`. `None` for anything else.
pub fn address(typed: &str) -> Option<Personal<String>> {
    let typed = typed.trim();
    if let Some(name) = typed.strip_prefix('@') {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
        let sound = NAME.contains(&name.len()) && name.chars().all(plain);
        return sound.then(|| Personal::new(format!("@{}", name.to_lowercase())));
    }
    connect::identity::email(typed).or_else(|| connect::identity::phone(typed)).map(Personal::new)
}

/// A way by which a code can go to somebody now.
#[derive(Clone)]
pub struct Way {
    /// By which channel.
    pub channel: ChannelId,
    /// To whom.
    pub contact: ContactId,
    /// Of which kind the channel is.
    pub connector: &'static dyn Connector,
    to: Recipient,
}

/// The ways to whoever is known by an address, the nearest to it first; none if nobody is, or nobody can be written to now.
pub fn ways(tx: &Tx<'_>, address: &Personal<String>) -> Result<Vec<Way>> {
    let mut found: Vec<(u8, Way)> = Vec::new();
    for identity in identify::of_address(address.reveal()) {
        for contact in identities::holders(tx, &identity)? {
            match contacts::require(tx, contact) {
                Ok(()) => found.extend(ways_of(tx, contact, &identity)?),
                // Erased, and not gone from everywhere yet.
                Err(vault::Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    found.sort_by_key(|(distance, _)| *distance);
    Ok(found.into_iter().take(WAYS).map(|(_, way)| way).collect())
}

/// The ways to a contact, each with how far it is from the address that was told: there itself, by the channel that knows it, by another.
fn ways_of(tx: &Tx<'_>, contact: ContactId, told: &NewIdentity) -> Result<Vec<(u8, Way)>> {
    let mut channels_of = Vec::new();
    for one in merges::family(tx, contact)? {
        channels_of.extend(conversations::channels_of(tx, one)?);
    }
    channels_of.sort_unstable();
    channels_of.dedup();
    let mut ways = Vec::new();
    for channel in &channels_of {
        let Some(conversation) = conversations::latest_of_family(tx, *channel, contact)? else { continue };
        let head = conversations::head(tx, conversation)?;
        ways.extend(way(tx, *channel, contact, told, |connector| gate::asked_for(connector.spec(), &head))?);
    }
    if told.kind == identify::kind_name(connect::IdentityKind::Email) {
        ways.extend(by_mail(tx, contact, told, &channels_of)?);
    }
    Ok(ways)
}

/// Whoever is known by an e-mail address can be written to there also if they never wrote.
fn by_mail(tx: &Tx<'_>, contact: ContactId, told: &NewIdentity, but: &[ChannelId]) -> Result<Vec<(u8, Way)>> {
    let mut ways = Vec::new();
    for channel in channels::list(tx, None, CHANNELS)?.data {
        let mails = connect::channels::by_kind(&channel.kind).is_some_and(|known| gate::is_mail(known.spec()));
        if mails && !but.contains(&channel.id) {
            ways.extend(way(tx, channel.id, contact, told, |_| Gate { by_mail: true, ..Gate::reply(None) })?);
        }
    }
    Ok(ways)
}

fn way(
    tx: &Tx<'_>,
    channel: ChannelId,
    contact: ContactId,
    told: &NewIdentity,
    gate: impl Fn(&dyn Connector) -> Gate,
) -> Result<Option<(u8, Way)>> {
    let (kind, state) = channels::kind_and_state(tx, channel)?;
    let Some(connector) = connect::channels::by_kind(&kind).filter(|_| state == ChannelState::Ready) else {
        return Ok(None);
    };
    let reached = merges::reached_on(tx, channel, contact)?;
    // What another system of the workspace delivers, it would read first.
    if connector.takes_posts() || outbox::check(tx, channel, reached, &gate(connector))?.is_some() {
        return Ok(None);
    }
    let known = identities::of(tx, reached)?;
    let is_told = |known: &identities::Identity| known.kind == told.kind && known.value.reveal() == told.value.reveal();
    let there = known.iter().any(|known| known.channel == channel && is_told(known));
    let mails = gate::is_mail(connector.spec());
    let distance = match (told.kind == identify::kind_name(connect::IdentityKind::Email), mails, there) {
        (true, true, _) | (false, false, true) => 0,
        (true, false, true) | (false, false, false) => 1,
        (true, false, false) | (false, true, _) => 2,
    };
    let (first, others): (Vec<_>, Vec<_>) = known.into_iter().partition(is_told);
    let identities = first.into_iter().chain(others).filter_map(described).collect();
    // No thread: it might be one with others.
    Ok(Some((distance, Way { channel, contact: reached, connector, to: Recipient { thread: None, identities } })))
}

fn described(known: identities::Identity) -> Option<PersonIdentity> {
    let kind = identify::kind_of(&known.kind)?;
    Some(PersonIdentity { kind, scope: known.scope.into_revealed(), value: known.value.into_revealed() })
}

/// What is sent that way: a text of its own, which answers nothing and belongs to no conversation.
pub fn outgoing(tx: &Tx<'_>, way: &Way, subject: &str, text: String) -> Outgoing {
    let (message, order): (MessageId, MessageId) = (tx.id(), tx.id());
    let content = Content::Text { text, buttons: Vec::new() };
    let mut outgoing = Outgoing::new(message.to_string(), order.to_string(), way.to.clone(), content);
    if way.connector.spec().capabilities.contains(&Capability::Subject) {
        subject.clone_into(&mut outgoing.subject);
        outgoing.titled = true;
    }
    outgoing.automatic = true;
    outgoing
}

/// Notes that a code was sent. If the provider tells of it as of a message of ours, that is not kept, or kept no longer.
pub fn sent(tx: &Tx<'_>, way: &Way, told: &[String]) -> Result<()> {
    for remote in told {
        if !remotes::forestall(tx, way.channel, remote)?
            && let Some(message) = remotes::find(tx, way.channel, remote)?
        {
            messages::remove(tx, message, tx.now())?;
        }
    }
    audit::record(tx, "request.code_sent", &way.contact.to_string())?;
    Ok(())
}
