//! Erasure of a contact (D-1) and of all who are one with it, driven by the data map.
//!
//! [`begin`] makes everything unreadable in one transaction: a line in the custody ledger, then the tombstone, without which
//! no key opens. [`Vault::carry_on_erasure`] goes on from there, as often as it takes: it destroys the keys, removes the rows
//! in batches, and wipes what the database engine keeps of them. Every step may be done twice. What stays is told by
//! [`view`], and a restored backup is brought back to this state by [`Vault::reapply_ledger`].

mod dossier;
mod evidence;
mod record;
mod remote;
mod restore;
mod shared;
mod steps;
#[cfg(test)]
mod tests;

pub use record::{Erasure, KeptPart, RemotePart, State, view};
pub use remote::{RemoteState, Trace, known, remote_done, traces};
pub use steps::Progress;

use std::collections::BTreeMap;

use crate::facts::{self, About, FactKind};
use crate::jobs::{self, JobKind};
use crate::keys::{Deed, Line};
use crate::map::{Fate, MAP};
use crate::statement::{Statement, sql};
use crate::value::params;
use crate::{
    ContactId, ErasureId, Error, Millis, Result, Right, Tx, attachments, audit, consents, holds, indexing, merges,
};
use dossier::Dossier;

/// How often a wish that a hold stops looks by itself whether it still does, in milliseconds.
const HELD_LOOKS_MS: Millis = 24 * 3_600_000;

/// How many rows went, by table.
type Counts = BTreeMap<String, i64>;

/// What came of a wish for erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It has begun: nothing can be read any more.
    Begun(ErasureId),
    /// A legal hold stands against it. It is kept, and begins by itself once none does.
    Held(ErasureId),
}

/// Erases a person, by whichever contact's id: from the moment this is committed nothing can be read of the contact, nor of
/// any that is one with it. Who was erased already has one erasure, which is returned as it is.
///
/// # Errors
/// `legal_hold` if one covers anything of the person (D-5), [`Error::NotFound`] if there is no such contact,
/// [`Error::Forbidden`] without [`Right::EraseContacts`].
pub fn begin(tx: &Tx<'_>, contact: ContactId) -> Result<ErasureId> {
    tx.scope()?.require(Right::EraseContacts)?;
    let standing = merges::standing(tx, contact)?;
    match before(tx, standing)? {
        Some(id) => Ok(id),
        None => holds::require_free(tx, standing).and_then(|()| carry_out(tx, standing)),
    }
}

/// The same for a wish, which is kept where a legal hold stands against it.
///
/// # Errors
/// As [`begin`], without `legal_hold`.
pub fn ask(tx: &Tx<'_>, contact: ContactId) -> Result<Asked> {
    match begin(tx, contact) {
        Err(Error::Conflict { code: "legal_hold", .. }) => {}
        other => return other.map(Asked::Begun),
    }
    let standing = merges::standing(tx, contact)?;
    if let Some(id) = record::held(tx, standing)? {
        return Ok(Asked::Held(id));
    }
    let id: ErasureId = tx.id();
    record::hold(tx, id, standing)?;
    jobs::enqueue(tx, JobKind::EraseRows, &id.to_string(), tx.now() + HELD_LOOKS_MS)?;
    audit::record(tx, "contact.erasure_held", &id.to_string())?;
    Ok(Asked::Held(id))
}

/// Whether anybody was erased at or after a moment.
pub fn any_since(tx: &Tx<'_>, at: Millis) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM contacts WHERE workspace_id = $1 AND erased_at >= $2 LIMIT 1"),
        params![at],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Erases a contact whom the ledger says was erased, whatever holds a restored database still knows of: it is done.
fn begin_again(tx: &Tx<'_>, contact: ContactId) -> Result<ErasureId> {
    tx.scope()?.require(Right::EraseContacts)?;
    let standing = merges::standing(tx, contact)?;
    match before(tx, standing)? {
        Some(id) => Ok(id),
        None => carry_out(tx, standing),
    }
}

/// The erasure of who was erased already.
fn before(tx: &Tx<'_>, standing: ContactId) -> Result<Option<ErasureId>> {
    let erased = tx.maybe(
        sql!("SELECT erased_at IS NOT NULL FROM contacts WHERE workspace_id = $1 AND id = $2"),
        params![standing],
        |row| row.get::<bool>(0),
    )?;
    match erased {
        None => Err(Error::NotFound("contact")),
        Some(true) => record::of(tx, standing),
        Some(false) => Ok(None),
    }
}

fn carry_out(tx: &Tx<'_>, standing: ContactId) -> Result<ErasureId> {
    let id = record::held(tx, standing)?.unwrap_or_else(|| tx.id());
    let family = merges::family(tx, standing)?;
    let dossier = dossier::gather(tx, &family)?;
    let sealed = dossier::seal(tx, id, &dossier)?;
    dossier::doom(tx, id, &dossier)?;
    let counts = erase_all(tx, &family)?;
    record::open(tx, id, standing, &counts, &remote::awaited(tx, &dossier)?, &sealed)?;
    announce(tx, id, &family, &dossier)?;
    Ok(id)
}

/// What can be read of a family until now, then the tombstones; how many rows of which table went.
fn erase_all(tx: &Tx<'_>, family: &[ContactId]) -> Result<Counts> {
    let mut counts = Counts::new();
    let mut known = Vec::with_capacity(family.len());
    for contact in family {
        let identities = identity_hashes(tx, *contact)?;
        // First of all: from here on even a database restored from yesterday is made to forget.
        write_ledger(tx, *contact, &identities)?;
        known.push((*contact, identities));
    }
    for contact in family {
        audit::forget_at_once(tx, *contact)?;
        shared::hand_over(tx, *contact)?;
        count(&mut counts, "attachments", attachments::drop_uploads_of(tx, *contact)?);
    }
    for (contact, identities) in &known {
        bury(tx, *contact, identities, &mut counts)?;
    }
    Ok(counts)
}

fn identity_hashes(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Vec<u8>>> {
    let all = sql!("SELECT value_hash FROM identities WHERE workspace_id = $1 AND contact_id = $2");
    tx.all(all, params![contact], |row| row.get(0))
}

fn write_ledger(tx: &Tx<'_>, contact: ContactId, identities: &[Vec<u8>]) -> Result<()> {
    let workspace = tx.workspace()?;
    let mut lines = vec![tx.keys.line(workspace, Deed::ContactErased, contact.to_string().as_bytes())?];
    lines.extend(identities.iter().map(|hash| Line {
        deed: Deed::IdentityErased,
        subject: hash.clone(),
        detail: String::new(),
    }));
    tx.keys.record(workspace, lines)
}

/// The tombstone, and everything the map removes with it.
fn bury(tx: &Tx<'_>, contact: ContactId, identities: &[Vec<u8>], counts: &mut Counts) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE contacts SET erased_at = $3, name_sealed = NULL, attributes_sealed = NULL, language_sealed = NULL, \
             name_from = NULL, language_from = NULL, restricted_at = NULL, restricted_by = NULL, restriction_sealed = NULL, objected_at = NULL, \
             objected_by = NULL, objected_to = NULL, objection_sealed = NULL WHERE workspace_id = $1 AND id = $2"
        ),
        params![contact, tx.now()],
    )?;
    for table in MAP {
        if let Fate::AtOnce(statement) = &table.fate {
            count(counts, table.name, remove(tx, statement, contact)?);
        }
    }
    // Keys seen un-erased earlier in this transaction are not any more.
    tx.opened.borrow_mut().clear();
    consents::end_with(tx, contact)?;
    if identities.is_empty() {
        return Ok(());
    }
    let received_before = facts::next(tx, "inbox")?;
    identities.iter().try_for_each(|hash| suppress(tx, hash, received_before))
}

fn remove(tx: &Tx<'_>, statement: &'static Statement, contact: ContactId) -> Result<u64> {
    tx.run(statement, params![contact])
}

fn count(counts: &mut Counts, table: &str, rows: u64) {
    if rows > 0 {
        *counts.entry(table.to_owned()).or_default() += i64::try_from(rows).unwrap_or(i64::MAX);
    }
}

/// Remembers an erased identity by its keyed hash, and when it was last erased, so that neither an import, nor a restored
/// backup, nor what was received before and waits, brings it back.
fn suppress(tx: &Tx<'_>, hash: &[u8], received_before: i64) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at, received_before) \
             VALUES ($1, $2, 'identity', 'erased', $3, $4) ON CONFLICT (workspace_id, value_hash, purpose) \
             DO UPDATE SET at = EXCLUDED.at, received_before = EXCLUDED.received_before"
        ),
        params![hash, tx.now(), received_before],
    )?;
    Ok(())
}

/// Tells everybody who has to do something about it. Whoever still knows a merged contact by its own id hears of it too.
fn announce(tx: &Tx<'_>, id: ErasureId, family: &[ContactId], dossier: &Dossier) -> Result<()> {
    for contact in family {
        indexing::forget(tx, *contact)?;
        facts::record(tx, FactKind::ContactErased, About { contact: Some(*contact), ..About::default() })?;
    }
    jobs::enqueue(tx, JobKind::EraseRows, &id.to_string(), tx.now())?;
    if !dossier.traces.is_empty() {
        jobs::enqueue(tx, JobKind::EraseRemote, &id.to_string(), tx.now())?;
    }
    audit::record(tx, "contact.erased", &id.to_string())?;
    Ok(())
}
