//! What became of a request, for whoever made it on the public page: by a ticket that holds the request and a proof that we made it,
//! in 64 letters. It stands behind the `#` of a link and travels in bodies alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::log::{self, Step, StepKind};
use super::{Kind, Outcome};
use crate::id::Identifier;
use crate::{
    Actor, Error, Millis, Personal, Purpose, RequestId, Result, Scope, Tx, Vault, WorkspaceId, audit, workspaces,
};

/// How many bytes an id has in a ticket.
const ID: usize = 16;
/// How many the proof has.
const PROOF: usize = 32;

/// A request as whoever made it sees it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as of Request")]
pub struct Told {
    pub kind: Kind,
    pub received_at: Millis,
    pub due_at: Millis,
    pub verified: bool,
    /// Why it takes longer, where it was extended.
    pub extended: Option<Personal<String>>,
    /// When it was closed, how, and with which words.
    pub closed: Option<(Millis, Outcome, Option<Personal<String>>)>,
}

/// The ticket of a request: always the same.
pub fn ticket(tx: &Tx<'_>, id: RequestId) -> Result<Personal<String>> {
    let bytes = [&id.uuid().into_bytes()[..], &proof(tx, id)?].concat();
    Ok(Personal::new(URL_SAFE_NO_PAD.encode(bytes)))
}

fn proof(tx: &Tx<'_>, id: RequestId) -> Result<Vec<u8>> {
    let mut proof = tx.blind("request status", &id.to_string())?;
    proof.truncate(PROOF);
    Ok(proof)
}

/// What became of the request of a ticket; `None` if we did not make it, or the request is gone.
pub fn told(tx: &Tx<'_>, ticket: &str) -> Result<Option<Told>> {
    let Some((id, given)) = parts(ticket) else { return Ok(None) };
    if !bool::from(proof(tx, id)?.ct_eq(&given)) {
        return Ok(None);
    }
    let request = match super::view(tx, id) {
        Err(Error::NotFound(_)) => return Ok(None),
        found => found?,
    };
    audit::record(tx, "request.read", &id.to_string())?;
    let steps = log::of(tx, id)?;
    let last = |kind: StepKind| {
        let found = steps.iter().rev().find(|step| step.kind == kind);
        found.and_then(|step: &Step| step.detail.clone())
    };
    Ok(Some(Told {
        kind: request.kind,
        received_at: request.received_at,
        due_at: request.due_at,
        verified: request.verified.is_some(),
        extended: request.extended_at.and_then(|_| last(StepKind::Extended)),
        closed: request.closed.map(|(at, outcome)| (at, outcome, last(StepKind::Closed))),
    }))
}

/// Which request a ticket speaks of, before anything is believed, and its proof.
fn parts(ticket: &str) -> Option<(RequestId, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(ticket.trim()).ok().filter(|bytes| bytes.len() == ID + PROOF)?;
    let (id, proof) = bytes.split_at(ID);
    Some((RequestId::from_uuid(uuid::Uuid::from_slice(id).ok()?), proof.to_vec()))
}

impl Vault {
    /// The scope in which whoever asks something of their data is served on the public page; `None` if there is no such workspace.
    ///
    /// # Errors
    /// What the database says.
    pub async fn request_page(&self, workspace: WorkspaceId) -> Result<Option<Scope>> {
        let scope = Scope::new(workspace, Actor::Platform, Purpose::Administration);
        match self.read(&scope, workspaces::require).await {
            Ok(()) => Ok(Some(scope)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
