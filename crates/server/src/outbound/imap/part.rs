//! A part of one mail on its way into the blob store, piece by piece, decoded as it passes.

use std::io;

use bytes::Bytes;
use connect::{MailPart, MailReply, Reply};
use futures_util::{StreamExt, stream};

use super::super::reply::{Loss, loss_of};
use super::super::{BlobDoor, Bytestream, End, Fault};
use super::after::piece;
use super::decode::Decoder;
use super::session::{CHUNK, Session};

/// Brings a part.
pub(super) async fn bring(mut session: Session, part: &MailPart, blobs: &dyn BlobDoor) -> Result<Reply, End> {
    let inbox = session.open_inbox(false).await?;
    if inbox.validity != part.validity {
        return Err(End::Said(MailReply::NoMail));
    }
    // Decoded, nothing is larger than it was.
    match blobs.store(streamed(session, part), part.length).await {
        Ok(stored) => Ok(Reply::Stored { blob: stored.handle, size: stored.size, content_type: stored.content_type }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(End::Said(MailReply::NoMail)),
        Err(error) => Err(End::Fault(Fault::Lost(loss_of(&error, part.length)))),
    }
}

struct Way {
    session: Session,
    uid: u32,
    offset: u64,
    left: u64,
    decoder: Decoder,
}

fn streamed(session: Session, part: &MailPart) -> Bytestream {
    let decoder = Decoder::new(part.encoding);
    let way = Way { session, uid: part.uid, offset: part.offset, left: part.length, decoder };
    stream::try_unfold(Some(way), |way| async move {
        let Some(mut way) = way else { return Ok(None) };
        let plain = way.next().await?;
        if way.left > 0 {
            return Ok(Some((Bytes::from(plain), Some(way))));
        }
        let rest = way.decoder.finish();
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
        Ok(self.decoder.feed(&piece))
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
