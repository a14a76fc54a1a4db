//! The record of an erasure: what went, what stays and why, and what providers did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::map::{Fate, MAP};
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, ErasureId, Error, Millis, Result, Tx, holds, retention};

const DAY_MS: Millis = 86_400_000;

/// How far an erasure is. Content is unreadable in every state but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A legal hold keeps it waiting: nothing is erased yet. It begins by itself.
    Held,
    /// The tombstone stands; the keys are still in custody.
    Unreadable,
    /// The keys are destroyed; rows are being removed.
    Removing,
    /// Nothing is left here; providers are still asked.
    Remote,
    /// Nothing is left to do.
    Done,
}

const STATES: [(State, &str); 5] = [
    (State::Held, "held"),
    (State::Unreadable, "unreadable"),
    (State::Removing, "removing"),
    (State::Remote, "remote"),
    (State::Done, "done"),
];

impl State {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Result<Self> {
        let found = STATES.iter().find(|(_, known)| *known == word).map(|(state, _)| *state);
        found.ok_or_else(|| Error::Engine("a stored state of an erasure is unknown".into()))
    }
}

/// An erasure as its requester may see it.
#[derive(Debug, Clone, Serialize)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// How far it is.
    pub state: State,
    /// Rows removed so far, by table.
    pub erased: BTreeMap<String, i64>,
    /// What is kept.
    pub kept: Vec<KeptPart>,
    /// What was asked of providers.
    pub remote: Vec<RemotePart>,
    /// When it began.
    pub requested_at: Millis,
    /// When nothing was left to do.
    pub completed_at: Option<Millis>,
}

/// Something that outlives the erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptPart {
    /// What it is.
    pub what: &'static str,
    /// Why it may be kept.
    pub ground: &'static str,
    /// Until when; `None`: as long as it is needed.
    pub until: Option<Millis>,
}

/// What a provider was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemotePart {
    /// The kind of channel (`telegram`).
    pub system: String,
    /// `pending`, `gone`, `partly`, or `kept` where the provider offers no deletion.
    pub state: super::RemoteState,
    /// Which channel.
    pub(super) channel: crate::ChannelId,
    /// What is left there and why, in the connector's words: nothing of the person's is in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The row behind a record.
pub(super) struct Row {
    pub(super) contact: ContactId,
    pub(super) state: State,
    pub(super) counts: BTreeMap<String, i64>,
    pub(super) remote: Vec<RemotePart>,
    requested_at: Millis,
    completed_at: Option<Millis>,
}

/// Opens a record, or the one of a wish that waited: it was asked for when it was.
pub(super) fn open(
    tx: &Tx<'_>,
    id: ErasureId,
    contact: ContactId,
    counts: &BTreeMap<String, i64>,
    remote: &[RemotePart],
    dossier: &[u8],
) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO erasures (workspace_id, id, contact_id, state, counts, remote, traces_sealed, requested_at) \
             VALUES ($1, $2, $3, 'unreadable', $4, $5, $6, $7) ON CONFLICT (workspace_id, id) DO UPDATE SET \
             contact_id = excluded.contact_id, state = excluded.state, counts = excluded.counts, \
             remote = excluded.remote, traces_sealed = excluded.traces_sealed"
        ),
        params![id, contact, json(counts)?, json(remote)?, dossier, tx.now()],
    )?;
    Ok(())
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Invalid("an erasure's record cannot be written as JSON".into()))
}

/// Notes a wish that a legal hold keeps waiting.
pub(super) fn hold(tx: &Tx<'_>, id: ErasureId, contact: ContactId) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO erasures (workspace_id, id, contact_id, state, counts, remote, requested_at) \
             VALUES ($1, $2, $3, 'held', '{}', '[]', $4)"
        ),
        params![id, contact, tx.now()],
    )?;
    Ok(())
}

/// The oldest wish that a legal hold kept waiting until now, of a contact who stays or one that was merged into it.
pub(super) fn held(tx: &Tx<'_>, contact: ContactId) -> Result<Option<ErasureId>> {
    tx.maybe(
        sql!(
            "SELECT e.id FROM contacts p JOIN erasures e ON e.workspace_id = p.workspace_id AND e.contact_id = p.id \
             WHERE p.workspace_id = $1 AND (p.id = $2 OR p.merged_into = $2) AND e.state = 'held' \
             ORDER BY e.requested_at, e.id LIMIT 1"
        ),
        params![contact],
        |row| row.get(0),
    )
}

/// Erased for another wish meanwhile, a wish that waited is met.
pub(super) fn is_met(tx: &Tx<'_>, id: ErasureId) -> Result<()> {
    tx.run(
        sql!("UPDATE erasures SET state = 'done', completed_at = $3 WHERE workspace_id = $1 AND id = $2 AND state = 'held'"),
        params![id, tx.now()],
    )?;
    Ok(())
}

/// The erasure of a contact who stays.
pub(super) fn of(tx: &Tx<'_>, contact: ContactId) -> Result<Option<ErasureId>> {
    tx.maybe(
        sql!("SELECT id FROM erasures WHERE workspace_id = $1 AND contact_id = $2 ORDER BY requested_at LIMIT 1"),
        params![contact],
        |row| row.get(0),
    )
}

/// Reads a record's row.
pub(super) fn row(tx: &Tx<'_>, id: ErasureId) -> Result<Row> {
    let found = tx.maybe(
        sql!(
            "SELECT contact_id, state, counts, remote, requested_at, completed_at FROM erasures \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        |row| {
            let malformed = |_| Error::Engine("an erasure's stored record is malformed".into());
            Ok(Row {
                contact: row.get(0)?,
                state: State::parse(&row.text(1)?)?,
                counts: serde_json::from_str(&row.text(2)?).map_err(malformed)?,
                remote: serde_json::from_str(&row.text(3)?).map_err(malformed)?,
                requested_at: row.get(4)?,
                completed_at: row.get(5)?,
            })
        },
    )?;
    found.ok_or(Error::NotFound("erasure"))
}

/// Writes how far an erasure is. When nothing is left to do, its dossier goes too.
pub(super) fn write(tx: &Tx<'_>, id: ErasureId, row: &Row) -> Result<()> {
    let done = row.state == State::Done;
    tx.run(
        sql!(
            "UPDATE erasures SET state = $3, counts = $4, remote = $5, \
             traces_sealed = CASE WHEN $6 THEN NULL ELSE traces_sealed END, \
             completed_at = CASE WHEN $6 THEN COALESCE(completed_at, $7) END WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, row.state.as_str(), json(&row.counts)?, json(&row.remote)?, done, tx.now()],
    )?;
    Ok(())
}

/// An erasure.
///
/// # Errors
/// [`Error::NotFound`] if there is no such erasure.
pub fn view(tx: &Tx<'_>, id: ErasureId) -> Result<Erasure> {
    let Row { contact, state, counts, remote, requested_at, completed_at } = row(tx, id)?;
    let mut kept = kept(tx, contact, completed_at.unwrap_or(requested_at))?;
    if state == State::Held {
        kept.splice(0..0, stopped(tx, contact)?);
    }
    Ok(Erasure { id, state, erased: counts, kept, remote, requested_at, completed_at })
}

/// Why nothing is erased yet.
fn stopped(tx: &Tx<'_>, contact: ContactId) -> Result<Option<KeptPart>> {
    let covering = holds::of_contact(tx, contact)?;
    let until = covering.iter().try_fold(0, |last: Millis, one| one.ends_at.map(|end| end.max(last)));
    let what = "everything, while a legal hold covers it; it is erased by itself after that";
    Ok((!covering.is_empty()).then_some(KeptPart { what, ground: holds::GROUND, until }))
}

/// Whether a hold was ever set on a contact or one that is one with it, on a conversation of theirs, or on the workspace.
fn was_held(tx: &Tx<'_>, contact: ContactId) -> Result<bool> {
    let found = tx.maybe(
        sql!(
            "SELECT 1 FROM legal_holds h WHERE h.workspace_id = $1 AND (h.subject = $1 OR EXISTS (SELECT 1 FROM contacts p \
             WHERE p.workspace_id = $1 AND p.id = h.subject AND (p.id = $2 OR p.merged_into = $2))) LIMIT 1"
        ),
        params![contact],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whether a request of a contact, or of one that is one with it, is on record.
fn has_asked(tx: &Tx<'_>, contact: ContactId) -> Result<bool> {
    let found = tx.maybe(
        sql!(
            "SELECT 1 FROM contacts p JOIN requests r ON r.workspace_id = p.workspace_id AND r.contact_id = p.id \
             WHERE p.workspace_id = $1 AND (p.id = $2 OR p.merged_into = $2) LIMIT 1"
        ),
        params![contact],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// What the map keeps. Consents, holds and requests are named only where there are any; of the rest every contact has some.
fn kept(tx: &Tx<'_>, contact: ContactId, from: Millis) -> Result<Vec<KeptPart>> {
    let consented = tx.maybe(
        sql!(
            "SELECT 1 FROM contacts p JOIN consents c ON c.workspace_id = p.workspace_id AND c.contact_id = p.id \
             WHERE p.workspace_id = $1 AND (p.id = $2 OR p.merged_into = $2) LIMIT 1"
        ),
        params![contact],
        |_| Ok(()),
    )?;
    let (held, asked) = (was_held(tx, contact)?, has_asked(tx, contact)?);
    let mut parts = Vec::new();
    for table in MAP {
        let Fate::Keep(kept) = &table.fate else { continue };
        let is_there = match table.name {
            "consents" => consented.is_some(),
            // Named with the consents that they end.
            "consent_withdrawals" => false,
            "legal_holds" => held,
            "requests" => asked,
            _ => true,
        };
        if !is_there {
            continue;
        }
        let until = retention::days_of(tx, table)?.map(|days| from.saturating_add(Millis::from(days) * DAY_MS));
        parts.push(KeptPart { what: kept.what, ground: kept.ground, until });
    }
    Ok(parts)
}
