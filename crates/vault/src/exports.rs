//! Exports that were ordered for a contact: until when their archive may be fetched, and the ticket by which the person themselves
//! may fetch it, once (S-3).
//!
//! The archive is nowhere: it is written while it is fetched ([`crate::export`]), as things are then. So no copy of anybody's data lies
//! about, and who is erased meanwhile has none.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::id::Identifier;
use crate::statement::sql;
use crate::value::params;
use crate::{
    Actor, ContactId, Error, ExportId, Millis, Personal, Purpose, Result, Right, Scope, Tx, Vault, WorkspaceId, audit,
};
use crate::{contacts, merges};

/// How long an archive may be fetched, in milliseconds: a week.
pub const GOOD_MS: Millis = 7 * 24 * 3_600_000;
/// Bytes of an id, and of a ticket's secret.
const ID: usize = 16;
const SECRET: usize = 32;

/// An export that was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub struct Offer {
    pub id: ExportId,
    /// Whose data it is: who stays, where some were merged.
    pub contact: ContactId,
    pub ordered_at: Millis,
    /// Until when it may be fetched.
    pub expires_at: Millis,
}

/// A way for the person themselves, good once.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// To be told to the person; only its hash is kept.
    pub ticket: Personal<String>,
    /// Until when it is good.
    pub expires_at: Millis,
}

/// Who comes with a ticket, and for what.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Administering, as the platform.
    pub scope: Scope,
    /// The export.
    pub id: ExportId,
    /// Whose data it is.
    pub contact: ContactId,
}

/// Orders an export of a contact.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ExportContacts`]; [`Error::NotFound`] if there is no such contact, or it was erased.
pub fn order(tx: &Tx<'_>, contact: ContactId) -> Result<ExportId> {
    tx.scope()?.require(Right::ExportContacts)?;
    contacts::require(tx, contact)?;
    let (id, stays): (ExportId, ContactId) = (tx.id(), merges::standing(tx, contact)?);
    tx.run(
        sql!("INSERT INTO exports (workspace_id, id, contact_id, ordered_at) VALUES ($1, $2, $3, $4)"),
        params![id, stays, tx.now()],
    )?;
    audit::record(tx, "contact.export_ordered", &stays.to_string())?;
    Ok(id)
}

/// An export, while its archive may be fetched.
///
/// # Errors
/// [`Error::NotFound`] if there is none, if it is over, or if its contact was erased.
pub fn view(tx: &Tx<'_>, id: ExportId) -> Result<Offer> {
    let found = tx.maybe(
        sql!("SELECT contact_id, ordered_at FROM exports WHERE workspace_id = $1 AND id = $2 AND ordered_at > $3"),
        params![id, tx.now() - GOOD_MS],
        |row| Ok((row.get::<ContactId>(0)?, row.get::<Millis>(1)?)),
    )?;
    let (contact, ordered_at) = found.ok_or(Error::NotFound("export"))?;
    contacts::require(tx, contact)?;
    Ok(Offer { id, contact, ordered_at, expires_at: ordered_at + GOOD_MS })
}

/// Makes the ticket of an export; one that was made before is good no more.
///
/// # Errors
/// As [`view`], and [`Error::Forbidden`] without [`Right::ExportContacts`].
pub fn ticket(tx: &Tx<'_>, id: ExportId) -> Result<Ticket> {
    let scope = tx.scope()?;
    scope.require(Right::ExportContacts)?;
    let offer = view(tx, id)?;
    let secret = tx.chance();
    tx.run(
        sql!(
            "UPDATE exports SET ticket_hash = $3, ticket_at = $4, taken_at = NULL WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, hash(tx, &secret)?, tx.now()],
    )?;
    audit::record(tx, "contact.export_link_made", &offer.contact.to_string())?;
    let bytes = [&scope.workspace().uuid().into_bytes()[..], &id.uuid().into_bytes(), &secret].concat();
    Ok(Ticket { ticket: Personal::new(URL_SAFE_NO_PAD.encode(bytes)), expires_at: offer.expires_at })
}

/// A ticket was not used after all: what it was to bring did not arrive whole.
pub fn give_back(tx: &Tx<'_>, id: ExportId) -> Result<()> {
    tx.run(sql!("UPDATE exports SET taken_at = NULL WHERE workspace_id = $1 AND id = $2"), params![id]).map(drop)
}

impl Vault {
    /// Uses a ticket up; `None` if it is not ours, was used, or is over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_export(&self, ticket: &str) -> Result<Option<Taken>> {
        let Some((workspace, id, secret)) = parts(ticket) else { return Ok(None) };
        let scope = Scope::new(workspace, Actor::Platform, Purpose::Administration);
        let taken = self.write(&scope, move |tx| take(tx, id, &secret)).await?;
        Ok(taken.map(|contact| Taken { scope, id, contact }))
    }
}

fn take(tx: &Tx<'_>, id: ExportId, secret: &[u8]) -> Result<Option<ContactId>> {
    let kept = tx.maybe(
        sql!("SELECT ticket_hash FROM exports WHERE workspace_id = $1 AND id = $2 AND taken_at IS NULL"),
        params![id],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    let Some(kept) = kept.flatten() else { return Ok(None) };
    if !bool::from(kept.ct_eq(&hash(tx, secret)?)) {
        return Ok(None);
    }
    let offer = match view(tx, id) {
        Err(Error::NotFound(_)) => return Ok(None),
        found => found?,
    };
    let first = tx.run(
        sql!("UPDATE exports SET taken_at = $3 WHERE workspace_id = $1 AND id = $2 AND taken_at IS NULL"),
        params![id, tx.now()],
    )?;
    if first == 0 {
        return Ok(None);
    }
    audit::record(tx, "contact.export_taken", &offer.contact.to_string())?;
    Ok(Some(offer.contact))
}

fn hash(tx: &Tx<'_>, secret: &[u8]) -> Result<Vec<u8>> {
    tx.blind("export ticket", &URL_SAFE_NO_PAD.encode(secret))
}

/// What a ticket speaks of, before anything is believed.
fn parts(ticket: &str) -> Option<(WorkspaceId, ExportId, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(ticket.trim()).ok().filter(|bytes| bytes.len() == 2 * ID + SECRET)?;
    let id = |from: usize| uuid::Uuid::from_slice(&bytes[from..from + ID]).ok();
    Some((WorkspaceId::from_uuid(id(0)?), ExportId::from_uuid(id(ID)?), bytes[2 * ID..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erase;
    use crate::testing::house::{House, on_both};

    async fn ordered(house: &House, scope: &Scope) -> (ContactId, ExportId) {
        let channel = house.channel(scope, "pigeon").await;
        let (contact, _) = house.contact(scope, channel, "Anna").await;
        (contact, house.does(scope, move |tx| order(tx, contact)).await)
    }

    async fn taken(house: &House, ticket: &Ticket) -> Option<ContactId> {
        house.vault.take_export(ticket.ticket.reveal()).await.unwrap().map(|taken| taken.contact)
    }

    #[tokio::test]
    async fn a_ticket_is_good_once_and_for_its_export_alone() {
        on_both(async |house| {
            let (one, other) = (house.workspace().await, house.workspace().await);
            let (contact, id) = ordered(house, &one).await;
            let first = house.does(&one, move |tx| ticket(tx, id)).await;
            let second = house.does(&one, move |tx| ticket(tx, id)).await;
            assert_eq!(taken(house, &first).await, None, "the later one replaced it");
            assert_eq!(taken(house, &second).await, Some(contact));
            assert_eq!(taken(house, &second).await, None, "it was used");
            house.does(&one, move |tx| give_back(tx, id)).await;
            assert_eq!(taken(house, &second).await, Some(contact), "it had not arrived");
            let bytes = URL_SAFE_NO_PAD.decode(second.ticket.reveal()).unwrap();
            house.does(&one, move |tx| give_back(tx, id)).await;
            for at in 0..bytes.len() {
                let mut altered = bytes.clone();
                altered[at] ^= 1;
                assert!(house.vault.take_export(&URL_SAFE_NO_PAD.encode(altered)).await.unwrap().is_none(), "{at}");
            }
            for wrong in ["", "x", &"A".repeat(86), &"A".repeat(5_000)] {
                assert!(house.vault.take_export(wrong).await.unwrap().is_none());
            }
            let elsewhere = house.vault.write(&other, move |tx| ticket(tx, id)).await;
            assert!(matches!(elsewhere, Err(Error::NotFound(_))));
        })
        .await;
    }

    #[tokio::test]
    async fn an_export_ends_after_a_week_and_with_its_contact() {
        on_both(async |house| {
            let scope = house.workspace().await;
            let (contact, id) = ordered(house, &scope).await;
            let good = house.does(&scope, move |tx| ticket(tx, id)).await;
            house.clock.advance(GOOD_MS - 1);
            assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.contact, contact);
            house.clock.advance(1);
            assert!(matches!(house.vault.read(&scope, move |tx| view(tx, id)).await, Err(Error::NotFound(_))));
            assert_eq!(taken(house, &good).await, None, "it is over");
            let again = house.does(&scope, move |tx| order(tx, contact)).await;
            let good = house.does(&scope, move |tx| ticket(tx, again)).await;
            house.does(&scope, move |tx| erase::ask(tx, contact).map(drop)).await;
            assert_eq!(taken(house, &good).await, None, "who was erased has none");
            let refused = house.vault.write(&scope, move |tx| order(tx, contact)).await;
            assert!(matches!(refused, Err(Error::NotFound(_))));
        })
        .await;
    }
}
