//! What a provider tells of people and of the account itself, and what that changes here.

#[cfg(test)]
mod tests;

use connect::{AccountNews, Capability, Person, Proof, Says, StatusChange, TemplateChange};
use vault::channels::{self, ChannelState};
use vault::identities::{self, NewIdentity};
use vault::jobs::{self, JobKind};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::outbox::{self, Refusal};
use vault::templates::{self, TemplateNews};
use vault::{ChannelId, ContactId, Millis, Personal, Result, Tx};
use vault::{consents, contacts, conversations, remotes, suppressions};

use crate::identify;
use crate::named::moment;
use crate::receive::Source;

/// What a refusal of advertising is called in the vault.
const MARKETING: &str = "marketing";

/// What a contact tells through the provider that it agrees to, or does no longer.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) purpose: &'a str,
    pub(crate) says: Says,
    pub(crate) proof: Option<&'a Proof>,
}

/// A proof as it is kept with the consent.
fn kept(proof: &Proof) -> consents::Proof {
    consents::Proof { evidence: Some(Personal::new(proof.told.clone())), ends_at: proof.ends_ms }
}

fn identities_of(channel: ChannelId, person: &Person) -> Vec<NewIdentity> {
    person.identities.iter().map(|known| identify::identity(channel, known)).collect()
}

/// Those by which the person alone is known: what is refused must not bind whoever takes over a user name.
fn lasting(channel: ChannelId, person: &Person) -> Vec<NewIdentity> {
    let lasting = person.identities.iter().filter(|known| identify::identifies(known.kind));
    lasting.map(|known| identify::identity(channel, known)).collect()
}

/// Somebody is known otherwise from now on. The contact and its history stay; what it refused it refuses still.
pub(crate) fn moved(tx: &Tx<'_>, channel: ChannelId, from: &Person, to: &Person) -> Result<bool> {
    let Some(contact) = identify::known(tx, channel, from)? else { return Ok(false) };
    let refuses = suppressions::stands(tx, channel, contact)?;
    let no_marketing = suppressions::stands_for(tx, channel, contact, MARKETING)?;
    let new = identities_of(channel, to);
    let mut news = false;
    for identity in &new {
        news |= identities::find(tx, identity)? != Some(contact);
        if let Some(before) = identities::hand_over(tx, contact, channel, identity)? {
            contacts::update(tx, before, &contacts::Profile::default())?;
        }
    }
    let described = |known: &NewIdentity| (known.kind.clone(), known.scope.clone(), known.value.clone());
    let stays: Vec<_> = new.iter().map(described).collect();
    for old in identities_of(channel, from).iter().filter(|old| !stays.contains(&described(old))) {
        news |= identities::part(tx, contact, old)?;
    }
    if !news {
        return Ok(false);
    }
    if refuses {
        suppressions::set(tx, channel, &lasting(channel, to), false, "contact")?;
    }
    if no_marketing {
        suppressions::set_for(tx, channel, MARKETING, &lasting(channel, to), false, "contact")?;
    }
    contacts::update(tx, contact, &contacts::Profile::default())?;
    note_in_conversation(
        tx,
        channel,
        contact,
        "The contact has a new number or id on this channel: it is the same person.",
    )?;
    Ok(true)
}

/// A note of the platform's own in a contact's conversation, if there is one.
fn note_in_conversation(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, words: &str) -> Result<()> {
    let Some(conversation) = conversations::own(tx, channel, contact)? else { return Ok(()) };
    let new = NewMessage {
        conversation: conversation.id,
        channel,
        contact,
        direction: Direction::Note,
        writer: Writer::System,
        body: Personal::new(Body::text(words)),
        reply_to: None,
        state: State::Sent,
        written_at: tx.now(),
    };
    messages::record(tx, &new).map(|_| ())
}

/// A contact gave or withdrew a consent at the provider. A withdrawal stops at once what waits to be sent on it, and holds
/// for somebody whom we do not know as well.
pub(crate) fn preference(
    tx: &Tx<'_>,
    source: Source,
    from: &Person,
    &Wish { purpose, says, proof }: &Wish<'_>,
    at: Millis,
) -> Result<bool> {
    if says == Says::Restores {
        return restored(tx, source, from, purpose, at);
    }
    let given = says == Says::Gives;
    let (channel, kind) = (source.channel, source.connector.spec().kind);
    let said = (given, "contact");
    let contact = match identify::known(tx, channel, from)? {
        None if given => {
            // Whoever refused since then is made no contact of.
            if !suppressions::told_for(tx, (channel, purpose), &lasting(channel, from), said, at)? {
                return Ok(false);
            }
            Some(identify::contact(tx, channel, from)?)
        }
        known => known,
    };
    let news = match contact {
        Some(contact) => {
            let said = consents::Withdrawal { way: "provider", at };
            let proof = given.then(|| proof.map(kept).unwrap_or_default());
            consents::told_with(tx, contact, (purpose, kind), proof, said)?
        }
        None => true,
    };
    if !news {
        return Ok(false);
    }
    let mut whose = lasting(channel, from);
    if let Some(contact) = contact {
        whose.extend(identify::lasting_of(tx, contact)?);
    }
    suppressions::told_for(tx, (channel, purpose), &whose, said, at)?;
    if let Some(contact) = contact {
        if !given {
            outbox::stop(tx, channel, contact, purpose, Refusal::NoConsent)?;
        }
        contacts::update(tx, contact, &contacts::Profile::default())?;
    }
    Ok(true)
}

/// A contact takes back at the provider that it refused: what it had agreed to before holds again, and what nobody had agreed to
/// is still not agreed to.
fn restored(tx: &Tx<'_>, source: Source, from: &Person, purpose: &str, at: Millis) -> Result<bool> {
    let (channel, kind) = (source.channel, source.connector.spec().kind);
    let contact = identify::known(tx, channel, from)?;
    let mut whose = lasting(channel, from);
    if let Some(contact) = contact {
        whose.extend(identify::lasting_of(tx, contact)?);
    }
    let mut news = suppressions::told_for(tx, (channel, purpose), &whose, (true, "contact"), at)?;
    if let Some(contact) = contact {
        news |= consents::restored(tx, contact, (purpose, kind), at)?;
        contacts::update(tx, contact, &contacts::Profile::default())?;
    }
    Ok(news)
}

/// Whoever received something of ours complained of it to their provider: they want no advertising. Who that is says our own
/// record of what was sent, not the complaint.
pub(crate) fn complained(tx: &Tx<'_>, source: Source, change: &StatusChange) -> Result<bool> {
    let (channel, kind) = (source.channel, source.connector.spec().kind);
    let Some(remote) = change.remote.as_deref() else { return Ok(false) };
    let Some(message) = remotes::find(tx, channel, remote)? else { return Ok(false) };
    let head = messages::head(tx, message)?;
    let at = moment(tx, change.at_ms);
    if head.direction != Direction::Outgoing || !consents::told(tx, head.contact, (MARKETING, kind), false, at)? {
        return Ok(false);
    }
    let whose = identify::lasting_of(tx, head.contact)?;
    suppressions::told_for(tx, (channel, MARKETING), &whose, (false, "contact"), at)?;
    outbox::stop(tx, channel, head.contact, MARKETING, Refusal::NoConsent)?;
    contacts::update(tx, head.contact, &contacts::Profile::default())?;
    Ok(true)
}

/// News of a template. One that is not known yet is read from the provider with all others.
pub(crate) fn template(tx: &Tx<'_>, source: Source, change: &TemplateChange) -> Result<bool> {
    if !source.connector.spec().capabilities.contains(&Capability::Template) {
        return Ok(false);
    }
    let news = TemplateNews {
        status: change.status.map(|status| status.as_str().to_owned()),
        category: change.category.map(|category| category.as_str().to_owned()),
        quality: change.quality.clone(),
        reason: change.reason.clone(),
        at: change.at_ms,
    };
    if news.status.is_none() && news.category.is_none() && news.quality.is_none() {
        // Something happened to it that only the list tells.
        jobs::enqueue(tx, JobKind::SyncTemplates, &source.channel.to_string(), tx.now())?;
        return Ok(true);
    }
    match templates::note(tx, source.channel, (&change.name, &change.language), &news) {
        Ok(Some(news)) => Ok(news),
        Ok(None) | Err(vault::Error::Invalid(_)) => {
            jobs::enqueue(tx, JobKind::SyncTemplates, &source.channel.to_string(), tx.now())?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// News of the account. Whether one that was stopped works again, and whether one in doubt still does, is asked of the provider,
/// not believed. Older news that comes later changes nothing.
pub(crate) fn account(tx: &Tx<'_>, channel: ChannelId, news: &AccountNews) -> Result<bool> {
    let (_, state) = channels::kind_and_state(tx, channel)?;
    if state == ChannelState::Off {
        return Ok(false);
    }
    let at = if news.at_ms > 0 { news.at_ms } else { tx.now() };
    let daily = news.daily_recipients.map(|bound| i64::try_from(bound).unwrap_or(0));
    let noted = channels::note_news(tx, channel, news.quality.as_deref(), daily, at)?;
    if news.doubtful {
        // What was said before the account was last found to work does not stop it.
        let outdated = channels::is_proven_since(tx, channel, at)?;
        if news.works == Some(false) && !outdated && channels::note_works(tx, channel, at)? {
            channels::set_state(tx, channel, ChannelState::NeedsAttention, Some(&news.code))?;
        }
        jobs::enqueue(tx, JobKind::ConnectChannel, &channel.to_string(), tx.now())?;
        return Ok(true);
    }
    let works = match news.works {
        Some(works) if channels::note_works(tx, channel, at)? => Some(works),
        _ => None,
    };
    match works {
        Some(false) => {
            channels::set_state(tx, channel, ChannelState::NeedsAttention, Some(&news.code))?;
            Ok(true)
        }
        Some(true) if state == ChannelState::NeedsAttention => {
            jobs::enqueue(tx, JobKind::ConnectChannel, &channel.to_string(), tx.now())?;
            Ok(true)
        }
        Some(true) | None => Ok(noted),
    }
}
