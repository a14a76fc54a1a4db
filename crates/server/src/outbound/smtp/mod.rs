//! Submitting mail (RFC 6409, RFC 5321), signed by DKIM where the account has a key for it.

mod canonical;
mod dkim;
mod dots;
mod reply;
mod session;

use std::time::Duration;

use connect::{MailReply, SmtpCall};

use super::connection::{Dialler, Terms};
use super::pieces::Source;
use super::{BlobDoor, End};
use session::Session;

/// Submits one mail. `name` is our own, as a greeting has it; `after` is how long the server is waited for once it has
/// all of the mail.
pub(super) async fn submit(
    (dialler, terms, after): (&Dialler, Terms, Duration),
    name: &str,
    call: &SmtpCall,
    blobs: &dyn BlobDoor,
) -> Result<MailReply, End> {
    let source = Source::new(&call.pieces, blobs);
    // Signed before anything is said: reading all of it may take longer than a server waits.
    let signature = match &call.dkim {
        Some(dkim) if !call.to.is_empty() => dkim::sign(dkim, source).await?,
        _ => Vec::new(),
    };
    let connection = dialler.dial(&call.server, terms).await?;
    let mut session = Session::open(connection, &call.server, name).await?;
    if call.to.is_empty() {
        return session.only_knock().await;
    }
    let submitted = match session.envelope(call, source).await {
        Ok(()) => session.content(&signature, source, after).await,
        Err(end) => Err(end),
    };
    session.goodbye().await;
    submitted
}
