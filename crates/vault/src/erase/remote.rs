//! What providers hold of an erased contact, and what came of asking them to delete it.

use serde::{Deserialize, Serialize};

use super::dossier::{self, Dossier};
use super::record::{self, RemotePart, State};
use crate::{ChannelId, ErasureId, Millis, Personal, Result, Tx, channels};

/// What came of asking a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteState {
    /// Not asked yet, or no answer yet.
    Pending,
    /// All of it is deleted.
    Gone,
    /// Some of it could not be deleted: it is too old for the provider.
    Partly,
    /// The provider offers no deletion.
    Kept,
}

impl RemoteState {
    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Gone => "gone",
            Self::Partly => "partly",
            Self::Kept => "kept",
        }
    }
}

/// A message that a provider holds of an erased contact.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Through which channel.
    pub channel: ChannelId,
    /// The provider's key of the thread.
    pub thread: Option<Personal<String>>,
    /// The provider's ids of the message.
    pub remotes: Vec<Personal<String>>,
    /// Whether we sent it.
    pub outgoing: bool,
    /// When it was written.
    pub at: Millis,
}

/// One part per channel that holds something.
pub(super) fn awaited(tx: &Tx<'_>, dossier: &Dossier) -> Result<Vec<RemotePart>> {
    let mut parts: Vec<RemotePart> = Vec::new();
    for trace in &dossier.traces {
        if !parts.iter().any(|part| part.channel == trace.channel) {
            let (system, _) = channels::kind_and_state(tx, trace.channel)?;
            parts.push(RemotePart { system, state: RemoteState::Pending, channel: trace.channel, reason: None });
        }
    }
    Ok(parts)
}

/// What is to be deleted at providers, newest first; empty once the erasure is done.
pub fn traces(tx: &Tx<'_>, id: ErasureId) -> Result<Vec<Trace>> {
    let pending: Vec<_> =
        record::row(tx, id)?.remote.into_iter().filter(|part| part.state == RemoteState::Pending).collect();
    let traces = dossier::open(tx, id)?.traces.into_iter();
    let wanted = traces.filter(|trace| pending.iter().any(|part| part.channel == trace.channel));
    Ok(wanted
        .map(|trace| Trace {
            channel: trace.channel,
            thread: trace.thread.map(Personal::new),
            remotes: trace.remotes.into_iter().map(Personal::new).collect(),
            outgoing: trace.outgoing,
            at: trace.at,
        })
        .collect())
}

/// By what the contact was known whose messages are to be deleted at providers; empty once the erasure is done.
pub fn known(tx: &Tx<'_>, id: ErasureId) -> Result<Vec<Personal<String>>> {
    Ok(dossier::open(tx, id)?.known.into_iter().map(Personal::new).collect())
}

/// Notes what came of asking a channel's provider, with words for what is left there. The erasure is done when none is pending and nothing is left here.
pub fn remote_done(
    tx: &Tx<'_>,
    id: ErasureId,
    channel: ChannelId,
    state: RemoteState,
    reason: Option<&str>,
) -> Result<()> {
    let mut row = record::row(tx, id)?;
    for part in row.remote.iter_mut().filter(|part| part.channel == channel) {
        part.state = state;
        part.reason = reason.map(str::to_owned);
    }
    if row.state == State::Remote {
        row.state = after_removal(&row.remote);
    }
    record::write(tx, id, &row)
}

/// Where an erasure is once nothing is left here.
pub(super) fn after_removal(remote: &[RemotePart]) -> State {
    let pending = remote.iter().any(|part| part.state == RemoteState::Pending);
    if pending { State::Remote } else { State::Done }
}
