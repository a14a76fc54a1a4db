//! Tickets by which a contact can end advertising on a channel with one click, without signing in (RFC 8058), or see and change all
//! that it agreed to. A ticket holds the channel, the contact and a proof that we made it for this, in 86 letters that say nothing to
//! anybody else. It is good for as long as both are there: mail is read late.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::id::Identifier;
use crate::statement::installation_sql;
use crate::value::params;
use crate::{Actor, ChannelId, ContactId, Purpose, Result, Scope, Tx, Vault, WorkspaceId};

/// How many bytes an id has in a ticket.
const ID: usize = 16;
/// How many the proof has.
const PROOF: usize = 32;

/// What a ticket is good for. Programs follow the address of the first by themselves, so that it shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Ending advertising on the channel.
    Unsubscribe,
    /// Seeing and changing what was agreed to.
    Preferences,
}

impl Leave {
    /// What its proofs are keyed by.
    const fn label(self) -> &'static str {
        match self {
            Self::Unsubscribe => "unsubscribing",
            Self::Preferences => "preferences",
        }
    }
}

/// Who may end what: proof that a ticket was ours.
#[derive(Debug, Clone)]
pub struct Unsubscribing {
    /// Receiving, as the channel.
    pub scope: Scope,
    /// The channel, be it connected or not.
    pub channel: ChannelId,
    /// Who was written to.
    pub contact: ContactId,
}

/// The ticket of a contact on a channel: always the same.
pub fn ticket(tx: &Tx<'_>, channel: ChannelId, contact: ContactId) -> Result<String> {
    ticket_for(tx, Leave::Unsubscribe, channel, contact)
}

/// The same, for one leave or the other.
pub fn ticket_for(tx: &Tx<'_>, leave: Leave, channel: ChannelId, contact: ContactId) -> Result<String> {
    let proof = proof(tx, leave, channel, contact)?;
    let ids = [channel.uuid().into_bytes(), contact.uuid().into_bytes()].concat();
    Ok(URL_SAFE_NO_PAD.encode([ids, proof].concat()))
}

fn proof(tx: &Tx<'_>, leave: Leave, channel: ChannelId, contact: ContactId) -> Result<Vec<u8>> {
    let mut proof = tx.blind(leave.label(), &format!("{channel}{contact}"))?;
    proof.truncate(PROOF);
    Ok(proof)
}

/// Whom a ticket speaks of, before anything is believed, and its proof.
fn parts(ticket: &str) -> Option<(ChannelId, ContactId, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(ticket).ok().filter(|bytes| bytes.len() == 2 * ID + PROOF)?;
    let (ids, proof) = bytes.split_at(2 * ID);
    let id = |from: usize| uuid::Uuid::from_slice(&ids[from..from + ID]).ok();
    Some((ChannelId::from_uuid(id(0)?), ContactId::from_uuid(id(ID)?), proof.to_vec()))
}

impl Vault {
    /// What a ticket is good for; `None` if we did not make it for ending advertising.
    pub async fn unsubscribing(&self, ticket: &str) -> Result<Option<Unsubscribing>> {
        self.leaving(Leave::Unsubscribe, ticket).await
    }

    /// The same, for one leave or the other.
    pub async fn leaving(&self, leave: Leave, ticket: &str) -> Result<Option<Unsubscribing>> {
        let Some((channel, contact, given)) = parts(ticket) else { return Ok(None) };
        let workspace = self
            .read_installation(move |tx| {
                tx.maybe(
                    installation_sql!("SELECT workspace_id FROM channel_directory WHERE id = $1"),
                    params![channel],
                    |row| row.get::<WorkspaceId>(0),
                )
            })
            .await?;
        let Some(workspace) = workspace else { return Ok(None) };
        let scope = Scope::new(workspace, Actor::Channel(channel), Purpose::Receiving);
        let proof = self.read(&scope, move |tx| proof(tx, leave, channel, contact)).await?;
        let ours = bool::from(proof.ct_eq(&given));
        Ok(ours.then_some(Unsubscribing { scope, channel, contact }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::house::on_both;

    #[tokio::test]
    async fn a_ticket_is_good_for_its_contact_on_its_channel_and_nothing_else_is() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let channel = house.channel(&scope, "pigeon").await;
            let (ada, _) = house.contact(&scope, channel, "+491").await;
            let (bob, _) = house.contact(&scope, channel, "+492").await;
            let ticket = house.sees(&scope, move |tx| super::ticket(tx, channel, ada)).await;
            let others = house.sees(&scope, move |tx| super::ticket(tx, channel, bob)).await;
            assert!(ticket.len() == 86 && ticket != others, "{ticket}");
            let good = house.vault.unsubscribing(&ticket).await.unwrap().unwrap();
            assert_eq!((good.channel, good.contact, good.scope.workspace()), (channel, ada, scope.workspace()));
            assert_eq!(good.scope.actor(), Actor::Channel(channel));
            let mixed = format!("{}{}", &others[..43], &ticket[43..]);
            for wrong in ["", "x", &ticket[1..], &mixed, &format!("{ticket}A"), &format!("{ticket}=")] {
                assert!(house.vault.unsubscribing(wrong).await.unwrap().is_none(), "{wrong}");
            }
            for at in 0..ticket.len() - 1 {
                let other = if ticket.as_bytes()[at] == b'A' { "B" } else { "A" };
                let mut wrong = ticket.clone();
                wrong.replace_range(at..=at, other);
                assert!(house.vault.unsubscribing(&wrong).await.unwrap().is_none(), "{at}");
            }
            assert!(house.vault.leaving(Leave::Preferences, &ticket).await.unwrap().is_none(), "it shows nothing");
            let seeing = house.sees(&scope, move |tx| ticket_for(tx, Leave::Preferences, channel, ada)).await;
            assert!(house.vault.unsubscribing(&seeing).await.unwrap().is_none());
            assert!(house.vault.leaving(Leave::Preferences, &seeing).await.unwrap().is_some());
            house.does(&scope, move |tx| crate::channels::disconnect(tx, channel)).await;
            assert!(house.vault.unsubscribing(&ticket).await.unwrap().is_some(), "mail is read late");
        })
        .await;
    }
}
