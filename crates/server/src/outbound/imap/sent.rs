//! A copy of what was sent, in the folder for it.

use connect::{MailPiece, MailReply};

use super::super::pieces::Source;
use super::super::{BlobDoor, End, Fault};
use super::command::Command;
use super::folders;
use super::response::Kind;
use super::session::{Said, Session};

const UNREADABLE: &str = "the file to be kept cannot be read";

/// Writes a mail into the folder for sent mail, if there is one.
pub(super) async fn keep(session: &mut Session, pieces: &[MailPiece], blobs: &dyn BlobDoor) -> Result<MailReply, End> {
    let folders = folders::all(session).await?;
    let Some(folder) = folders::sent(&folders) else { return Ok(MailReply::Done) };
    let source = Source::new(pieces, blobs);
    let size = source.size().await.map_err(|_| Fault::NotSent(UNREADABLE))?;
    let command = Command::new("APPEND").string(&folder.name).words("(\\Seen)").announce(size);
    let refused = Fault::NotSent("the mail server does not keep what was sent");
    let Said::All(tag) = session.say(&command).await? else { return Err(refused.into()) };
    let (mut reading, mut left) = (source.read(), size);
    while let Some(bytes) = reading.next().await.map_err(|_| Fault::NotSent(UNREADABLE))? {
        // As many as were announced: with more or less, the rest would be taken for commands.
        left = left.checked_sub(bytes.len() as u64).ok_or(Fault::NotSent(UNREADABLE))?;
        session.say_raw(&bytes).await?;
    }
    if left > 0 {
        return Err(Fault::NotSent(UNREADABLE).into());
    }
    session.say_raw(b"\r\n").await?;
    let status = session.end_of(&tag, |_| (), None).await?;
    if status.kind == Kind::Ok { Ok(MailReply::Done) } else { Err(refused.into()) }
}
