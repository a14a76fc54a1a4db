//! The public page: somebody claims that an address or a number is theirs, and proves it by the code that is sent there.
//!
//! What is answered never tells whether an address is known: a claim on any is kept alike, and whom to write to is looked up by a job,
//! after the answer. Of a code only a keyed hash is kept, so that nobody who reads the data, a member or the operator, can take it for
//! the person's. It is good for a quarter of an hour and five tries.

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::log::{self, StepKind};
use super::{CameBy, Kind, NewRequest, Proof, check_words};
use crate::jobs::{self, JobKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{ChannelId, ClaimId, ContactId, Error, Millis, Personal, RequestId, Result, Tx, contacts};

/// How long a code may be told, in milliseconds from when it was asked for.
pub const CODE_MS: Millis = 15 * 60_000;
/// How often a code may be guessed.
const TRIES: i64 = 5;
/// How many codes one address gets within an hour…
const CODES: i64 = 3;
/// …and how often it is claimed at most: whoever has others' codes used up does not keep them from asking without one.
const OF_ONE: i64 = 10;
/// How many claims a workspace takes within an hour…
const CLAIMS: i64 = 300;
/// …and how many requests of people who proved nothing.
const UNPROVEN: i64 = 30;
const HOUR_MS: Millis = 3_600_000;
/// How long a claim can still become a request without its code, in milliseconds.
const LIFE_MS: Millis = 24 * HOUR_MS;
/// There are so many codes.
const RANGE: u64 = 100_000_000;

/// The stable word for a limit that was reached.
pub const TOO_MANY: &str = "too_many_claims";

/// What somebody asks on the page.
#[derive(Debug, Clone)]
pub struct NewClaim {
    /// What is asked.
    pub kind: Kind,
    /// The address or number that they say is theirs, in the form in which it is compared.
    pub address: Personal<String>,
    /// In their words.
    pub words: Option<Personal<String>>,
    /// In which language they are spoken to (BCP 47).
    pub language: &'static str,
}

/// A claim for which a code is to be sent.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Which address or number.
    pub address: Personal<String>,
    /// In which language the code is told.
    pub language: String,
}

/// What came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proven {
    /// It was right.
    Right {
        /// What is recorded now.
        request: RequestId,
        /// Whose the address is.
        contact: ContactId,
        /// By which channel the code went there.
        channel: ChannelId,
    },
    /// It was wrong, or there is none; it may be tried again.
    Wrong,
    /// No code counts for this claim any more.
    Over,
}

/// A claim that was kept.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its id, by which the job knows it.
    pub id: ClaimId,
    /// By which the page goes on with it; only its hash is kept.
    pub secret: Personal<String>,
    /// Whether a code may come: an address has had its codes of this hour, whoever it belongs to.
    pub coded: bool,
}

#[derive(Serialize, Deserialize)]
struct Claimed {
    address: String,
    words: Option<String>,
}

/// Keeps a claim, and has a code sent if the address turns out to be somebody's.
///
/// # Errors
/// [`TOO_MANY`] once the address, or the workspace, has had its claims of this hour; [`Error::Invalid`] for words too long.
pub fn make(tx: &Tx<'_>, new: &NewClaim) -> Result<Made> {
    check_words("text", new.words.as_ref())?;
    let address = tx.blind("request address", new.address.reveal())?;
    let coded = earlier(tx, &address)? < CODES;
    let (id, secret): (ClaimId, String) = (tx.id(), URL_SAFE_NO_PAD.encode(tx.chance()));
    let claimed = Claimed {
        address: new.address.reveal().clone(),
        words: new.words.as_ref().map(|words| words.reveal().clone()),
    };
    let plain = serde_json::to_vec(&claimed).map_err(|_| Error::Invalid("the claim cannot be kept".into()))?;
    let sealed = tx.seal(Under::Workspace, place(&id.to_string()), &plain)?;
    tx.run(
        sql!(
            "INSERT INTO request_claims (workspace_id, id, kind, language, address_hash, claimed_sealed, secret_hash, \
             created_at, tries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)"
        ),
        params![id, new.kind.as_str(), new.language, address, sealed, secret_hash(tx, &secret)?, tx.now()],
    )?;
    if coded {
        jobs::enqueue(tx, JobKind::SendRequestCode, &id.to_string(), tx.now())?;
    }
    Ok(Made { id, secret: Personal::new(secret), coded })
}

/// How often an address was claimed within the hour.
fn earlier(tx: &Tx<'_>, address: &[u8]) -> Result<i64> {
    let since = tx.now() - HOUR_MS;
    let own = tx.maybe(
        sql!("SELECT COUNT(*) FROM request_claims WHERE workspace_id = $1 AND address_hash = $2 AND created_at > $3"),
        params![address, since],
        |row| row.get::<i64>(0),
    )?;
    let all = tx.maybe(
        sql!("SELECT COUNT(*) FROM request_claims WHERE workspace_id = $1 AND created_at > $2"),
        params![since],
        |row| row.get::<i64>(0),
    )?;
    let (own, all) = (own.unwrap_or(0), all.unwrap_or(0));
    if own >= OF_ONE || all >= CLAIMS { Err(too_many()) } else { Ok(own) }
}

fn too_many() -> Error {
    Error::conflict(TOO_MANY, "so much was asked here within the hour that nothing more is taken now")
}

/// What a code is to be sent for; `None` once that would come too late, or has been settled.
pub fn waiting(tx: &Tx<'_>, id: ClaimId) -> Result<Option<Claim>> {
    let found = tx.maybe(
        sql!(
            "SELECT language, claimed_sealed FROM request_claims WHERE workspace_id = $1 AND id = $2 AND request_id IS NULL \
             AND created_at > $3"
        ),
        params![id, tx.now() - CODE_MS],
        |row| Ok((row.text(0)?, row.get::<Option<Vec<u8>>>(1)?)),
    )?;
    let Some((language, Some(sealed))) = found else { return Ok(None) };
    let claimed = opened(tx, id, &sealed)?;
    Ok(claimed.map(|claimed| Claim { address: Personal::new(claimed.address), language }))
}

/// A new code for a claim, to be sent to a contact by a channel. One that was made before is good no more. It is nowhere but in what is
/// given back.
pub fn code(tx: &Tx<'_>, id: ClaimId, contact: ContactId, channel: ChannelId) -> Result<Personal<String>> {
    let drawn = tx.chance();
    let drawn = drawn.first_chunk::<8>().map_or(0, |eight| u64::from_be_bytes(*eight) % RANGE);
    let code = format!("{drawn:08}");
    tx.run(
        sql!(
            "UPDATE request_claims SET code_hash = $3, contact_id = $4, channel_id = $5 WHERE workspace_id = $1 AND id = $2 \
             AND request_id IS NULL"
        ),
        params![id, code_hash(tx, id, &code)?, contact, channel],
    )?;
    Ok(Personal::new(code))
}

/// Holds a code against the one that was sent. The right one records the request, verified; told again, it leads to the same.
///
/// # Errors
/// As [`super::open`].
pub fn prove(tx: &Tx<'_>, secret: &str, code: &str) -> Result<Proven> {
    let Some(claim) = find(tx, secret)? else { return Ok(Proven::Over) };
    let tried = tx.run(
        sql!(
            "UPDATE request_claims SET tries = tries + 1 WHERE workspace_id = $1 AND id = $2 AND tries < $3 \
             AND created_at > $4"
        ),
        params![claim.id, TRIES, tx.now() - CODE_MS],
    )?;
    if tried == 0 {
        return Ok(Proven::Over);
    }
    let told = code_hash(tx, claim.id, &digits(code))?;
    let sent = claim.sent.as_ref().filter(|(hash, ..)| bool::from(hash.ct_eq(&told)));
    let Some((_, contact, channel)) = sent else {
        return Ok(if claim.tries + 1 < TRIES { Proven::Wrong } else { Proven::Over });
    };
    match contacts::require(tx, *contact) {
        Ok(()) => {}
        // Erased meanwhile.
        Err(Error::NotFound(_)) => return Ok(Proven::Over),
        Err(error) => return Err(error),
    }
    let request = recorded(tx, &claim, Some(*contact))?;
    if super::view(tx, request)?.verified.is_none() {
        super::verify(tx, request, Some(*contact), Proof::Code)?;
    }
    Ok(Proven::Right { request, contact: *contact, channel: *channel })
}

/// Records what was asked of somebody who tells no code: unverified, of nobody who is known, with the address that they said. `None` if
/// there is no such claim.
///
/// # Errors
/// [`TOO_MANY`] once the workspace has had its requests of this sort within this hour.
pub fn without(tx: &Tx<'_>, secret: &str) -> Result<Option<RequestId>> {
    let Some(claim) = find(tx, secret)? else { return Ok(None) };
    if let Some(request) = claim.request {
        return Ok(Some(request));
    }
    let held = tx.maybe(
        sql!(
            "SELECT COUNT(*) FROM requests WHERE workspace_id = $1 AND came_by = 'page' AND verified_at IS NULL \
             AND closed_at IS NULL AND received_at > $2"
        ),
        params![tx.now() - HOUR_MS],
        |row| row.get::<i64>(0),
    )?;
    if held.unwrap_or(0) >= UNPROVEN {
        return Err(too_many());
    }
    recorded(tx, &claim, None).map(Some)
}

/// The request of a claim, recorded now unless it was before. From then on the claim holds nothing that somebody said.
fn recorded(tx: &Tx<'_>, claim: &Stored, contact: Option<ContactId>) -> Result<RequestId> {
    if let Some(request) = claim.request {
        return Ok(request);
    }
    let claimed = match &claim.claimed {
        Some(sealed) => opened(tx, claim.id, sealed)?,
        None => None,
    };
    let claimed = claimed.ok_or(Error::NotFound("claim"))?;
    let new = NewRequest {
        kind: claim.kind,
        came_by: CameBy::Page,
        contact,
        conversation: None,
        message: None,
        words: claimed.words.map(Personal::new),
        received_at: claim.created_at,
    };
    let request = super::open(tx, &new)?;
    if contact.is_none() {
        log::note(tx, request, StepKind::Noted, Some(&Personal::new(claimed.address)))?;
    }
    tx.run(
        sql!("UPDATE request_claims SET request_id = $3, claimed_sealed = NULL WHERE workspace_id = $1 AND id = $2"),
        params![claim.id, request],
    )?;
    jobs::cancel(tx, JobKind::SendRequestCode, &claim.id.to_string())?;
    Ok(request)
}

/// A row as it is stored.
struct Stored {
    id: ClaimId,
    kind: Kind,
    claimed: Option<Vec<u8>>,
    created_at: Millis,
    tries: i64,
    /// The hash of the code, to whom it was sent, and by which channel.
    sent: Option<(Vec<u8>, ContactId, ChannelId)>,
    request: Option<RequestId>,
}

fn find(tx: &Tx<'_>, secret: &str) -> Result<Option<Stored>> {
    tx.maybe(
        sql!(
            "SELECT id, kind, claimed_sealed, created_at, tries, code_hash, contact_id, channel_id, request_id \
             FROM request_claims WHERE workspace_id = $1 AND secret_hash = $2 AND created_at > $3"
        ),
        params![secret_hash(tx, secret)?, tx.now() - LIFE_MS],
        stored,
    )
}

fn stored(row: &Row<'_>) -> Result<Stored> {
    let (hash, contact, channel) = (row.get::<Option<Vec<u8>>>(5)?, optional(row, 6)?, optional(row, 7)?);
    Ok(Stored {
        id: row.get(0)?,
        kind: Kind::parse(&row.text(1)?)?,
        claimed: row.get(2)?,
        created_at: row.get(3)?,
        tries: row.get(4)?,
        sent: hash.zip(contact).zip(channel).map(|((hash, contact), channel)| (hash, contact, channel)),
        request: optional(row, 8)?,
    })
}

fn opened(tx: &Tx<'_>, id: ClaimId, sealed: &[u8]) -> Result<Option<Claimed>> {
    let Some(plain) = tx.open(place(&id.to_string()), sealed)? else { return Ok(None) };
    serde_json::from_slice(&plain).map(Some).map_err(|_| Error::Seal("a claim is not JSON"))
}

/// People write codes with spaces and hyphens.
fn digits(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).take(20).collect()
}

fn secret_hash(tx: &Tx<'_>, secret: &str) -> Result<Vec<u8>> {
    tx.blind("request claim", secret)
}

fn code_hash(tx: &Tx<'_>, id: ClaimId, code: &str) -> Result<Vec<u8>> {
    tx.blind("request code", &format!("{id}{code}"))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "request_claims", column: "claimed_sealed", row }
}
