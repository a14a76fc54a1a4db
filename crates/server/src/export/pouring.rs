//! An archive that is read while it is written: nothing of it is stored.

use std::io::{Error, Result, Write};
use std::mem::take;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc::{self, Receiver, Sender};
use vault::{ContactId, Scope};

use super::{Sink, write};
use crate::app::Shared;

/// How much is handed over at once, in bytes.
const PIECE: usize = 64 * 1024;
/// How many pieces wait for a reader who is slow.
const WAITING: usize = 4;

/// Writes the archive of a contact, or of the whole workspace, into the body of an answer. `ended` runs last and is told whether all of it was handed over; whoever
/// reads sees a connection that breaks if not.
pub(crate) fn pour<F>(
    app: &Shared,
    scope: Scope,
    contact: Option<ContactId>,
    ended: impl FnOnce(bool) -> F + Send + 'static,
) -> Body
where
    F: Future<Output = ()> + Send,
{
    let (sender, receiver) = mpsc::channel(WAITING);
    let vault = app.vault.clone();
    tokio::spawn(async move {
        let sink = Box::new(Pouring { sender: sender.clone(), piece: Vec::with_capacity(PIECE) });
        let written = async {
            let (_, sink) = write(&vault, &scope, contact, sink).await?;
            vault.off_thread(move |_| Ok(sink.complete()?)).await
        };
        let whole = match written.await {
            Ok(()) => true,
            Err(error) => {
                tracing::info!(%error, "an export ended before it was whole");
                sender.send(Err(Error::other("the export ended before it was whole"))).await.ok();
                false
            }
        };
        // The last pieces are the reader's only once they were asked for.
        let fetched = whole && all_fetched(&sender).await;
        ended(fetched).await;
    });
    Body::from_stream(stream::unfold(receiver, next))
}

async fn next(mut receiver: Receiver<Result<Bytes>>) -> Option<(Result<Bytes>, Receiver<Result<Bytes>>)> {
    receiver.recv().await.map(|piece| (piece, receiver))
}

/// Waits until every piece was taken; `false` if the reader went away.
async fn all_fetched(sender: &Sender<Result<Bytes>>) -> bool {
    sender.reserve_many(WAITING).await.is_ok()
}

struct Pouring {
    sender: Sender<Result<Bytes>>,
    piece: Vec<u8>,
}

impl Pouring {
    fn hand_over(&mut self) -> Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(take(&mut self.piece));
        self.sender.blocking_send(Ok(piece)).map_err(|_| Error::other("whoever fetched it went away"))
    }
}

impl Write for Pouring {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Sink for Pouring {
    fn complete(mut self: Box<Self>) -> Result<()> {
        self.hand_over()
    }
}
