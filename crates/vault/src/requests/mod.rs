//! Requests of data subjects (S-1, S-2): recorded, their clock kept, each step logged, and closed with an outcome.
//!
//! The clock is the law's ([`crate::law`]): one month from the day of receipt, and once two months more with reasons (GDPR
//! Art. 12(3)). It runs from receipt, whoever still has to be verified. A job reminds ([`clock`]); nothing here decides.
//! Words and reasons are sealed under the evidence key, so that the proof of the answer outlives an erasure.

pub mod claims;
mod clock;
mod log;
mod message;
pub mod status;
#[cfg(test)]
mod tests;
mod word;

pub use clock::remind;
pub use log::{Step, StepKind};
pub use message::{asked_in, of as of_message};
pub use word::{CameBy, Kind, Outcome, Proof};

use jiff::tz::TimeZone;

use crate::facts::{self, Workplace};
use crate::jobs::{self, JobKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, optional, params};
use crate::{
    ContactId, ConversationId, Cursor, Error, MessageId, Millis, Page, Personal, RequestId, Result, Right, Tx, audit,
    business_hours, conversations, erase, law, merges, workspaces,
};

/// Longest words and reasons, in characters.
const WORDS_MAX: usize = 10_000;

/// A request to be recorded.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// What is asked.
    pub kind: Kind,
    /// How it came.
    pub came_by: CameBy,
    /// Who asks, if that is known.
    pub contact: Option<ContactId>,
    /// The conversation in which it was asked.
    pub conversation: Option<ConversationId>,
    /// The message in which it was asked: one request each.
    pub message: Option<MessageId>,
    /// In whose words, as they came.
    pub words: Option<Personal<String>>,
    /// When it was received: not in the future, and not more than a year ago.
    pub received_at: Millis,
}

/// A request as those see it who answer it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as of NewRequest")]
pub struct Request {
    pub id: RequestId,
    pub kind: Kind,
    pub came_by: CameBy,
    pub contact: Option<ContactId>,
    pub conversation: Option<ConversationId>,
    pub words: Option<Personal<String>>,
    pub received_at: Millis,
    /// By whose law the clock runs; empty: by none that is known, which only spares Saturdays and Sundays.
    pub country: String,
    /// The moment at which the time for the answer is over.
    pub due_at: Millis,
    /// When it was extended.
    pub extended_at: Option<Millis>,
    /// When, and how, it was seen to that they are who they say.
    pub verified: Option<(Millis, Proof)>,
    /// What came of it, and when.
    pub closed: Option<(Millis, Outcome)>,
}

/// Records a request and starts its clock.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::RecordRequests`], [`Error::NotFound`] for a contact or
/// conversation that is not there, `already_exists` for a message of which there is a request, [`Error::Invalid`] for a time of
/// receipt or words that cannot be.
pub fn open(tx: &Tx<'_>, new: &NewRequest) -> Result<RequestId> {
    tx.scope()?.require(Right::RecordRequests)?;
    check(tx, new)?;
    let (country, zone) = place_of_law(tx)?;
    let due_at = due(&country, &zone, new.received_at, 1);
    let id: RequestId = tx.id();
    let contact = new.contact.map(|contact| merges::standing(tx, contact)).transpose()?;
    let words = new.words.as_ref().map(|words| tx.seal_text(Under::Evidence, place(&id.to_string()), words));
    tx.run(
        sql!(
            "INSERT INTO requests (workspace_id, id, kind, came_by, contact_id, conversation_id, words_sealed, country, \
             zone, received_at, due_at, message_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        params![
            id,
            new.kind.as_str(),
            new.came_by.as_str(),
            contact,
            new.conversation,
            words.transpose()?,
            &country,
            &zone,
            new.received_at,
            due_at,
            new.message,
        ],
    )?;
    log::note(tx, id, StepKind::Received, None)?;
    jobs::enqueue(tx, JobKind::RemindRequest, &id.to_string(), clock::next(tx.now(), due_at))?;
    changed(tx, "request.received", id)?;
    Ok(id)
}

fn check(tx: &Tx<'_>, new: &NewRequest) -> Result<()> {
    const YEAR_MS: Millis = 366 * 86_400_000;
    if new.received_at > tx.now() || new.received_at < tx.now() - YEAR_MS {
        return Err(Error::Invalid("received_at lies within the last year, and not in the future".into()));
    }
    check_words("text", new.words.as_ref())?;
    if let Some(message) = new.message
        && message::of(tx, message)?.is_some()
    {
        return Err(Error::conflict("already_exists", "there is a request for this message"));
    }
    if let Some(contact) = new.contact {
        crate::contacts::require(tx, contact)?;
    }
    if let Some(conversation) = new.conversation {
        let head = conversations::head(tx, conversation)?;
        let of_them = match new.contact {
            Some(contact) => merges::standing(tx, head.contact)? == merges::standing(tx, contact)?,
            None => false,
        };
        if !of_them {
            return Err(Error::Invalid("conversation_id is a conversation of this contact".into()));
        }
    }
    Ok(())
}

fn check_words(field: &str, words: Option<&Personal<String>>) -> Result<()> {
    if words.is_some_and(|words| words.reveal().chars().count() > WORDS_MAX) {
        return Err(Error::Invalid(format!("{field} has at most {WORDS_MAX} characters")));
    }
    Ok(())
}

/// By which country's law, and in which place's time, this workspace answers: both are kept with the request, so that its
/// clock does not move when the workspace does.
fn place_of_law(tx: &Tx<'_>) -> Result<(String, String)> {
    Ok((workspaces::country(tx)?.unwrap_or_default(), business_hours::view(tx)?.timezone))
}

/// When the time for an answer is over, so many months after receipt.
fn due(country: &str, zone: &str, received_at: Millis, months: i32) -> Millis {
    let zone = business_hours::zone(zone).unwrap_or(TimeZone::UTC);
    law::last_moment(law::country(country), &zone, received_at, law::Period::Months(months))
}

/// Two months more, once, before the first month is over, with reasons which the person is told (GDPR Art. 12(3)).
///
/// # Errors
/// `request_closed`, `already_extended`, and `overdue` once the first month is over; [`Error::Invalid`] without reasons.
pub fn extend(tx: &Tx<'_>, id: RequestId, reasons: &Personal<String>) -> Result<()> {
    let request = to_be_answered(tx, id)?;
    check_words("reason", Some(reasons))?;
    if reasons.reveal().trim().is_empty() {
        return Err(Error::Invalid("reason says why one month is not enough, as the person is told it".into()));
    }
    if request.extended_at.is_some() {
        return Err(Error::conflict("already_extended", "a request is extended once"));
    }
    if request.due_at <= tx.now() {
        return Err(Error::conflict("overdue", "the month is over: an extension is told within it"));
    }
    let zone = zone_of(tx, id)?;
    let due_at = due(&request.country, &zone, request.received_at, 3);
    tx.run(
        sql!("UPDATE requests SET due_at = $3, extended_at = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, due_at, tx.now()],
    )?;
    log::note(tx, id, StepKind::Extended, Some(reasons))?;
    jobs::enqueue(tx, JobKind::RemindRequest, &id.to_string(), clock::next(tx.now(), due_at))?;
    changed(tx, "request.extended", id)
}

/// Notes how it was seen to that they are who they say. A contact is needed for that; one may be named now.
///
/// # Errors
/// `request_closed`; [`Error::Invalid`] if nobody is named, or somebody else than before.
pub fn verify(tx: &Tx<'_>, id: RequestId, contact: Option<ContactId>, proof: Proof) -> Result<()> {
    let request = to_be_answered(tx, id)?;
    let contact = contact.map(|contact| merges::standing(tx, contact)).transpose()?;
    let known = request.contact.map(|contact| merges::standing(tx, contact)).transpose()?;
    if known.is_some() && contact.is_some() && known != contact {
        return Err(Error::Invalid(
            "contact_id is another contact than the request's: record a request for them".into(),
        ));
    }
    let Some(contact) = known.or(contact) else {
        return Err(Error::Invalid("contact_id names whose identity was verified".into()));
    };
    crate::contacts::require(tx, contact)?;
    tx.run(
        sql!(
            "UPDATE requests SET contact_id = $3, verified_at = $4, verified_by = $5 WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, contact, tx.now(), proof.as_str()],
    )?;
    log::note(tx, id, StepKind::Verified, None)?;
    changed(tx, "request.verified", id)
}

/// Notes something that was done or said about it.
///
/// # Errors
/// `request_closed`; [`Error::Invalid`] for empty or too long words.
pub fn remark(tx: &Tx<'_>, id: RequestId, words: &Personal<String>) -> Result<()> {
    to_be_answered(tx, id)?;
    check_words("text", Some(words))?;
    if words.reveal().trim().is_empty() {
        return Err(Error::Invalid("text says what was done".into()));
    }
    log::note(tx, id, StepKind::Noted, Some(words))?;
    changed(tx, "request.noted", id)
}

/// Closes a request. Erasure is carried out here and now, in the same transaction; what else was asked has been done by who
/// closes it, and the log says so. A refusal says why, and that they may complain and go to court (GDPR Art. 12(4)).
///
/// # Errors
/// `request_closed`; `not_verified` where it was met for somebody whose identity nobody saw to; [`Error::Invalid`] for a
/// refusal without reasons; whatever erasing says.
pub fn close(tx: &Tx<'_>, id: RequestId, outcome: Outcome, reasons: Option<&Personal<String>>) -> Result<()> {
    let request = to_be_answered(tx, id)?;
    check_words("reason", reasons)?;
    if outcome == Outcome::Met && request.verified.is_none() {
        return Err(Error::conflict("not_verified", "verify who asks before the request is met"));
    }
    if outcome == Outcome::Refused && reasons.is_none_or(|reasons| reasons.reveal().trim().is_empty()) {
        return Err(Error::Invalid("reason says why it is refused, as the person is told it".into()));
    }
    if let (Outcome::Met, Kind::Erasure, Some(contact)) = (outcome, request.kind, request.contact) {
        erase::begin(tx, contact)?;
    }
    tx.run(
        sql!("UPDATE requests SET outcome = $3, closed_at = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, outcome.as_str(), tx.now()],
    )?;
    log::note(tx, id, StepKind::Closed, reasons)?;
    jobs::cancel(tx, JobKind::RemindRequest, &id.to_string())?;
    changed(tx, "request.closed", id)
}

/// A request that is not closed, for who answers requests.
fn to_be_answered(tx: &Tx<'_>, id: RequestId) -> Result<Request> {
    tx.scope()?.require(Right::AnswerRequests)?;
    let request = view(tx, id)?;
    match request.closed {
        None => Ok(request),
        Some(_) => Err(Error::conflict("request_closed", "this request is closed; what follows is a new one")),
    }
}

fn changed(tx: &Tx<'_>, act: &'static str, id: RequestId) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::workplace(tx, Workplace::Requests)
}

fn zone_of(tx: &Tx<'_>, id: RequestId) -> Result<String> {
    let zone = tx
        .maybe(sql!("SELECT zone FROM requests WHERE workspace_id = $1 AND id = $2"), params![id], |row| row.text(0))?;
    zone.ok_or(Error::NotFound("request"))
}

/// One request.
pub fn view(tx: &Tx<'_>, id: RequestId) -> Result<Request> {
    let found = tx.maybe(
        sql!(
            "SELECT id, kind, came_by, contact_id, conversation_id, words_sealed, country, received_at, due_at, \
             extended_at, verified_at, verified_by, outcome, closed_at FROM requests WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        stored,
    )?;
    found.ok_or(Error::NotFound("request"))?.opened(tx)
}

/// Open requests first, those first that are due first; then closed ones, the newest first.
pub fn list(tx: &Tx<'_>, closed: bool, cursor: Option<&Cursor>, limit: usize) -> Result<Page<Request>> {
    tx.scope()?.require(Right::AnswerRequests)?;
    let most = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let rows = if closed {
        let from = cursor.map_or((i64::MAX, "~"), |cursor| (cursor.key, cursor.id.as_str()));
        tx.all(
            sql!(
                "SELECT id, kind, came_by, contact_id, conversation_id, words_sealed, country, received_at, due_at, \
                 extended_at, verified_at, verified_by, outcome, closed_at FROM requests WHERE workspace_id = $1 \
                 AND closed_at IS NOT NULL AND (closed_at < $2 OR (closed_at = $2 AND id < $3)) \
                 ORDER BY closed_at DESC, id DESC LIMIT $4"
            ),
            params![from.0, from.1, most],
            stored,
        )?
    } else {
        let from = cursor.map_or((i64::MIN, ""), |cursor| (cursor.key, cursor.id.as_str()));
        tx.all(
            sql!(
                "SELECT id, kind, came_by, contact_id, conversation_id, words_sealed, country, received_at, due_at, \
                 extended_at, verified_at, verified_by, outcome, closed_at FROM requests WHERE workspace_id = $1 \
                 AND closed_at IS NULL AND (due_at > $2 OR (due_at = $2 AND id > $3)) ORDER BY due_at, id LIMIT $4"
            ),
            params![from.0, from.1, most],
            stored,
        )?
    };
    let requests = rows.into_iter().map(|row| row.opened(tx)).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_overfull(requests, limit, |request| Cursor {
        key: request.closed.map_or(request.due_at, |(at, _)| at),
        id: request.id.to_string(),
    }))
}

/// A row as it is stored.
struct Stored {
    request: Request,
    words: Option<Vec<u8>>,
}

impl Stored {
    fn opened(mut self, tx: &Tx<'_>) -> Result<Request> {
        if let Some(sealed) = self.words {
            self.request.words = tx.open_text(place(&self.request.id.to_string()), &sealed)?;
        }
        Ok(self.request)
    }
}

fn stored(row: &Row<'_>) -> Result<Stored> {
    let verified = row.get::<Option<Millis>>(10)?.zip(row.get::<Option<String>>(11)?);
    let closed = row.get::<Option<Millis>>(13)?.zip(row.get::<Option<String>>(12)?);
    let request = Request {
        id: row.get(0)?,
        kind: Kind::parse(&row.text(1)?)?,
        came_by: CameBy::parse(&row.text(2)?)?,
        contact: optional(row, 3)?,
        conversation: optional(row, 4)?,
        words: None,
        country: row.text(6)?,
        received_at: row.get(7)?,
        due_at: row.get(8)?,
        extended_at: row.get(9)?,
        verified: verified.map(|(at, proof)| Ok::<_, Error>((at, Proof::parse(&proof)?))).transpose()?,
        closed: closed.map(|(at, outcome)| Ok::<_, Error>((at, Outcome::parse(&outcome)?))).transpose()?,
    };
    Ok(Stored { request, words: row.get(5)? })
}

fn place(row: &str) -> Place<'_> {
    Place { table: "requests", column: "words_sealed", row }
}

/// All that was done about a request, in its order.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::AnswerRequests`].
pub fn steps(tx: &Tx<'_>, id: RequestId) -> Result<Vec<Step>> {
    tx.scope()?.require(Right::AnswerRequests)?;
    log::of(tx, id)
}
