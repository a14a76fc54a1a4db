//! A part of one mail on its way into the blob store, piece by piece, decoded as it passes.

use std::io;

use bytes::Bytes;
use connect::{MailPart, MailReply, Reply, Span};
use futures_util::{StreamExt, stream};

use super::super::reply::{Loss, loss_of};
use super::super::{BlobDoor, Bytestream, End, Fault};
use super::after::{is_there, piece};
use super::command::Command;
use super::decode::Decoder;
use super::folders;
use super::response::Kind;
use super::search::Smallest;
use super::session::{CHUNK, Session};

/// Of more mails with one Message-ID in a folder the rest is not looked at.
const COPIES: usize = 100;

/// Brings a part.
pub(super) async fn bring(mut session: Session, part: &MailPart, blobs: &dyn BlobDoor) -> Result<Reply, End> {
    let Some(uid) = found(&mut session, part).await? else { return Err(End::Said(MailReply::NoMail)) };
    // Decoded, nothing is larger than it was.
    match blobs.store(streamed(session, uid, part), part.length).await {
        Ok(stored) => Ok(Reply::Stored { blob: stored.handle, size: stored.size, content_type: stored.content_type }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(End::Said(MailReply::NoMail)),
        Err(error) => Err(End::Fault(Fault::Lost(loss_of(&error, part.length)))),
    }
}

/// Where the mail is by now; its folder is open then. A mailbox that gives its mails new ids, or somebody who files them, takes no
/// file away.
async fn found(session: &mut Session, part: &MailPart) -> Result<Option<u32>, End> {
    let inbox = session.open_inbox(false).await?;
    let same = inbox.validity == part.validity;
    let Some(id) = part.message_id.as_deref().filter(|id| !id.is_empty() && part.size > 0) else {
        return Ok(same.then_some(part.uid));
    };
    if same && is_there(session, part.uid).await? {
        return Ok(Some(part.uid));
    }
    if let Some(uid) = by_id(session, id, part.size).await? {
        return Ok(Some(uid));
    }
    let folders = folders::all(session).await?;
    for folder in folders.into_iter().filter(|folder| folder.opens() && !folder.name.eq_ignore_ascii_case(b"INBOX")) {
        let examined = session.run(&Command::new("EXAMINE").string(&folder.name), |_| ()).await?;
        if examined.kind == Kind::Ok
            && let Some(uid) = by_id(session, id, part.size).await?
        {
            return Ok(Some(uid));
        }
    }
    Ok(None)
}

/// The mail of the open folder that has a Message-ID and exactly so many bytes: others may have the same id.
async fn by_id(session: &mut Session, id: &str, size: u64) -> Result<Option<u32>, End> {
    let mut found = Smallest::new(0, COPIES);
    let command = Command::new("UID SEARCH HEADER Message-ID").string(format!("<{id}>").as_bytes());
    session.search(&command, &mut found).await?;
    for uid in found.finish().0 {
        // What servers say of sizes is an estimate at some.
        if piece(session, uid, size - 1, 2).await?.is_some_and(|end| end.len() == 1) {
            return Ok(Some(uid));
        }
    }
    Ok(None)
}

struct Way {
    session: Session,
    uid: u32,
    offset: u64,
    left: u64,
    decoder: Decoder,
    /// Of a file within the part: where it lies, and how much of the part has passed.
    within: Option<Span>,
    passed: u64,
}

fn streamed(session: Session, uid: u32, part: &MailPart) -> Bytestream {
    let decoder = Decoder::new(part.encoding);
    let way = Way { session, uid, offset: part.offset, left: part.length, decoder, within: part.within, passed: 0 };
    stream::try_unfold(Some(way), |way| async move {
        let Some(mut way) = way else { return Ok(None) };
        let plain = way.next().await?;
        if way.left > 0 {
            return Ok(Some((Bytes::from(plain), Some(way))));
        }
        let rest = way.decoder.finish();
        let rest = way.span(rest);
        if way.within.is_some_and(|span| !span.is_in(way.passed)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        way.session.goodbye().await;
        Ok(Some((Bytes::from([plain, rest].concat()), None)))
    })
    .boxed()
}

impl Way {
    async fn next(&mut self) -> io::Result<Vec<u8>> {
        if self.left == 0 {
            return Ok(Vec::new());
        }
        let count = self.left.min(CHUNK);
        let piece = piece(&mut self.session, self.uid, self.offset, count).await.map_err(|end| broken(&end))?;
        // A mail that ends before its part does is not the one that was meant.
        let piece = piece.filter(|piece| piece.len() as u64 == count).ok_or(io::ErrorKind::NotFound)?;
        self.offset += count;
        self.left -= count;
        let plain = self.decoder.feed(&piece);
        Ok(self.span(plain))
    }

    /// What of these bytes of the part is wanted.
    fn span(&mut self, plain: Vec<u8>) -> Vec<u8> {
        let passed = self.passed;
        self.passed += plain.len() as u64;
        match self.within {
            Some(span) => span.of(passed, &plain).to_vec(),
            None => plain,
        }
    }
}

/// The kind of error by which the store's caller tells what happened.
fn broken(end: &End) -> io::Error {
    match end {
        End::Fault(Fault::Lost(Loss::TimedOut)) => io::ErrorKind::TimedOut.into(),
        End::Said(MailReply::NoMail) => io::ErrorKind::NotFound.into(),
        End::Fault(_) | End::Said(_) => io::ErrorKind::UnexpectedEof.into(),
    }
}
