//! Wishes for deletion that a provider tells for a person, who knows a code by which to ask what became of it.

use crate::erase::{self, State};
use crate::jobs::{self, JobKind};
use crate::statement::{installation_sql, sql};
use crate::value::{optional, params};
use crate::{
    Actor, ChannelId, ContactId, DeletionId, ErasureId, Millis, Purpose, Result, Scope, Tx, Vault, WorkspaceId, audit,
};

/// How far a wish has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is known, and will be met.
    Received,
    /// We hold nothing by which we would know this person.
    NothingHeld,
    /// Nothing can be read any more; the rest goes.
    Erasing,
    /// It is met.
    Erased {
        /// What is kept, and on what ground.
        kept: Vec<(&'static str, &'static str)>,
    },
}

/// Records a wish, and has it met if it is of somebody whom we know. The same wish told again is one.
pub fn ask(tx: &Tx<'_>, channel: ChannelId, code: &str, contact: Option<ContactId>, at: Millis) -> Result<bool> {
    let id: DeletionId = tx.id();
    let added = tx.run(
        sql!(
            "INSERT INTO deletion_requests (workspace_id, id, channel_id, code_hash, contact_id, requested_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, channel_id, code_hash) DO NOTHING"
        ),
        params![id, channel, hash(tx, code)?, contact, at],
    )?;
    if added == 0 {
        return Ok(false);
    }
    if contact.is_some() {
        jobs::enqueue(tx, JobKind::MeetDeletion, &id.to_string(), tx.now())?;
    }
    audit::record(tx, "contact.deletion_asked", &id.to_string())?;
    Ok(true)
}

fn hash(tx: &Tx<'_>, code: &str) -> Result<Vec<u8>> {
    tx.blind("deletion", code)
}

/// Meets a wish: the person is erased, unless that was done already.
pub fn meet(tx: &Tx<'_>, id: DeletionId) -> Result<()> {
    let contact = tx.maybe(
        sql!("SELECT contact_id FROM deletion_requests WHERE workspace_id = $1 AND id = $2 AND erasure_id IS NULL"),
        params![id],
        |row| optional::<ContactId>(row, 0),
    )?;
    let Some(contact) = contact.flatten() else { return Ok(()) };
    let erasure = erase::begin(tx, contact)?;
    tx.run(
        sql!("UPDATE deletion_requests SET erasure_id = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, erasure],
    )?;
    Ok(())
}

fn status(tx: &Tx<'_>, channel: ChannelId, code: &str) -> Result<Option<Status>> {
    let found = tx.maybe(
        sql!(
            "SELECT contact_id IS NOT NULL, erasure_id FROM deletion_requests \
             WHERE workspace_id = $1 AND channel_id = $2 AND code_hash = $3"
        ),
        params![channel, hash(tx, code)?],
        |row| Ok((row.get::<bool>(0)?, optional::<ErasureId>(row, 1)?)),
    )?;
    Ok(match found {
        None => None,
        Some((false, _)) => Some(Status::NothingHeld),
        Some((true, None)) => Some(Status::Received),
        Some((true, Some(erasure))) => {
            let erasure = erase::view(tx, erasure)?;
            let kept = erasure.kept.iter().map(|kept| (kept.what, kept.ground)).collect();
            let done = matches!(erasure.state, State::Remote | State::Done);
            Some(if done { Status::Erased { kept } } else { Status::Erasing })
        }
    })
}

impl Vault {
    /// What became of a wish that was told through a channel, be it still connected or not; `None` if nobody knows the code.
    pub async fn deletion_status(&self, channel: ChannelId, code: String) -> Result<Option<Status>> {
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
        self.read(&scope, move |tx| status(tx, channel, &code)).await
    }
}
