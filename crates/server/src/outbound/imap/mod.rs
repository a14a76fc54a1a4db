//! Work in a mailbox (RFC 3501 and RFC 9051): looking, bringing mails and parts of them, writing and removing.
//!
//! Nothing larger than a piece is held for the protocol's sake, however large a mail or a mailbox is, and whatever a server
//! says; mails that are brought as a whole are bounded by who asks for them.

mod after;
mod command;
mod decode;
mod folders;
mod part;
mod removing;
mod response;
mod search;
mod sent;
mod session;
mod value;
mod watch;

use connect::{ImapAct, ImapCall, MailReply, Reply};

use super::connection::{Dialler, Terms};
use super::{BlobDoor, End};
use after::Wanted;
use session::Session;

pub use watch::WatchEnd;
pub(super) use watch::{Rhythm, watch};

/// Does one piece of work.
pub(super) async fn work(
    (dialler, terms): (&Dialler, Terms),
    call: &ImapCall,
    blobs: &dyn BlobDoor,
) -> Result<Reply, End> {
    let connection = dialler.dial(&call.server, terms).await?;
    let mut session = Session::open(connection, &call.server).await?;
    let reply = match &call.act {
        ImapAct::Part(part) => return part::bring(session, part, blobs).await,
        ImapAct::Look => look(&mut session).await?,
        ImapAct::After { validity, after, since_ms, most, largest, bytes, doubtful } => {
            let (validity, after, since_ms, most) = (*validity, *after, *since_ms, *most);
            let (largest, bytes, doubtful) = (*largest, *bytes, *doubtful);
            let wanted = Wanted { validity, after, since_ms, most, largest, bytes, doubtful };
            after::bring(&mut session, wanted).await?
        }
        ImapAct::KeepSent(pieces) => sent::keep(&mut session, pieces, blobs).await?,
        ImapAct::Remove { validity, uids } => removing::by_uids(&mut session, *validity, uids).await?,
        ImapAct::RemoveTheirs(theirs) => removing::theirs(&mut session, theirs).await?,
    };
    session.goodbye().await;
    Ok(Reply::Mail(reply))
}

async fn look(session: &mut Session) -> Result<MailReply, End> {
    let inbox = session.open_inbox(false).await?;
    let until = inbox.next.saturating_sub(1);
    Ok(MailReply::Mailbox { validity: inbox.validity, next: inbox.next, mails: Vec::new(), until, withheld: None })
}
