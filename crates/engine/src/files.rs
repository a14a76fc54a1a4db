//! What hangs on messages is fetched from the provider, once, by a job.

use connect::{RemoteFile, SendError};
use vault::attachments::{self, Stored};
use vault::{AttachmentId, Result, Tx};

/// A file to be fetched.
#[derive(Clone)]
pub struct Pending {
    /// What the connector needs.
    pub file: RemoteFile,
    /// Its channel.
    pub channel: vault::ChannelId,
}

/// What to fetch; `None` if that is done, or its contact was erased.
pub fn pending(tx: &Tx<'_>, id: AttachmentId) -> Result<Option<Pending>> {
    let Some(locator) = attachments::locator(tx, id)? else { return Ok(None) };
    let file =
        serde_json::from_str(locator.reveal()).map_err(|_| vault::Error::Seal("a file's locator is malformed"))?;
    Ok(attachments::view(tx, id)?.channel.map(|channel| Pending { file, channel }))
}

/// Records a fetched file.
pub fn fetched(tx: &Tx<'_>, id: AttachmentId, stored: &Stored) -> Result<()> {
    attachments::fetched(tx, id, stored)
}

/// Records that a file cannot be had, with a word for the reason.
pub fn failed(tx: &Tx<'_>, id: AttachmentId, error: &SendError) -> Result<()> {
    let code = match error {
        SendError::Refused { code, .. } | SendError::Stopped { code, .. } => code.as_str(),
        SendError::Unsupported => "unsupported",
        SendError::Retry(_)
        | SendError::Throttled(_)
        | SendError::RecipientThrottled(_)
        | SendError::Reauthorise
        | SendError::OptedOut
        | SendError::OptedOutOf(_)
        | SendError::WindowClosed => "unavailable",
    };
    attachments::failed(tx, id, code)
}
