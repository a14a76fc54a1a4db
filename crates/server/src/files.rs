//! Files between the outside and the vault: streamed, sealed as they pass, never plain on disk.

use std::io;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use connect::BlobHandle;
use connect::forbidden::{Forbidden, Reading};
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use vault::attachments::{self, FileKey, Stored};
use vault::blobs::SealedReader;
use vault::{AttachmentId, NewFile, Personal, Scope, Vault};

use crate::app::Shared;
use crate::outbound::{BlobDoor, Bytestream, StoredBlob};
use crate::problem::ApiError;

/// How many pieces of a file may wait between the network and the disk.
const PIECES: usize = 4;

/// A file that was received and is not yet anybody's.
pub struct Received {
    /// Its id.
    pub id: AttachmentId,
    /// What belongs into its row.
    pub file: Stored,
    /// What was found in it that some provider forbids, as codes in a row; of files from elsewhere nothing is known.
    pub found: Option<Personal<String>>,
}

/// Takes a file of at most `limit` bytes in.
pub async fn receive(
    app: &Shared,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send + Unpin,
    limit: u64,
) -> Result<Received, ApiError> {
    match seal(&app.vault, None, bytes, limit).await {
        Ok(received) => Ok(received),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(ApiError::too_large(limit)),
        Err(error) if error.kind() == io::ErrorKind::Other => {
            Err(ApiError::new(crate::problem::Code::Malformed, "The upload ended early."))
        }
        Err(_) => Err(ApiError::internal("a file could not be stored")),
    }
}

/// Seals a stream into the blob store on a blocking thread, a few pieces at a time.
async fn seal(
    vault: &Vault,
    known: Option<(AttachmentId, FileKey)>,
    mut bytes: impl Stream<Item = io::Result<Bytes>> + Send + Unpin,
    limit: u64,
) -> io::Result<Received> {
    if vault.is_inline() {
        return seal_here(vault, known, bytes, limit).await;
    }
    let (send, mut pieces) = mpsc::channel::<Bytes>(PIECES);
    let (finish, finished) = tokio::sync::oneshot::channel::<()>();
    let vault = vault.clone();
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = Passing::begin(&vault, known, limit)?;
        while let Some(piece) = pieces.blocking_recv() {
            file.append(&piece)?;
        }
        // A stream that broke drops this sender: then nothing is kept.
        finished.blocking_recv().map_err(|_| io::Error::other("the stream ended early"))?;
        file.finish()
    });
    let mut broken = None;
    while let Some(piece) = bytes.next().await {
        match piece {
            Ok(piece) => {
                if send.send(piece).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    if broken.is_none() {
        finish.send(()).ok();
    } else {
        drop(finish);
    }
    drop(send);
    let written = writing.await.map_err(|_| io::Error::other("writing a file panicked"))?;
    match broken {
        Some(error) => Err(error),
        None => written,
    }
}

/// The same where nothing runs off the async threads: one thread does everything, in an order that can be repeated.
async fn seal_here(
    vault: &Vault,
    known: Option<(AttachmentId, FileKey)>,
    mut bytes: impl Stream<Item = io::Result<Bytes>> + Send + Unpin,
    limit: u64,
) -> io::Result<Received> {
    let mut file = Passing::begin(vault, known, limit)?;
    while let Some(piece) = bytes.next().await {
        file.append(&piece?)?;
    }
    file.finish()
}

/// A file that is sealed as it passes, and read through if it is an upload.
struct Passing {
    file: NewFile,
    reading: Option<Reading>,
}

impl Passing {
    /// `known`: a file from elsewhere, by what is known of it.
    fn begin(vault: &Vault, known: Option<(AttachmentId, FileKey)>, limit: u64) -> io::Result<Self> {
        let reading = known.is_none().then(Reading::default);
        Ok(Self { file: vault.new_file(known, limit).map_err(io_error)?, reading })
    }

    fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        self.reading.iter_mut().for_each(|reading| reading.take(piece));
        self.file.append(piece).map_err(io_error)
    }

    fn finish(self) -> io::Result<Received> {
        let found = self.reading.map(Reading::finish).filter(|found| !found.is_empty());
        let codes = |found: Vec<Forbidden>| found.into_iter().map(Forbidden::code).collect::<Vec<_>>().join(" ");
        let found = found.map(|found| Personal::new(codes(found)));
        Ok(Received { id: self.file.id(), file: self.file.finish().map_err(io_error)?, found })
    }
}

fn io_error(error: vault::Error) -> io::Error {
    match error {
        vault::Error::Io(error) => error,
        vault::Error::Conflict { code: "file_too_large", .. } => io::ErrorKind::FileTooLarge.into(),
        vault::Error::NotFound(_) => io::ErrorKind::NotFound.into(),
        error @ vault::Error::Outside(_) => io::Error::other(error),
        _ => io::ErrorKind::InvalidData.into(),
    }
}

/// Opens a stored file as a stream.
pub async fn open(app: &Shared, id: AttachmentId, key: FileKey) -> Result<Bytestream, ApiError> {
    let reader = app.vault.off_thread(move |vault| vault.open_file(id, &key)).await?;
    Ok(streamed(app.vault.clone(), reader))
}

fn streamed(vault: Vault, reader: SealedReader) -> Bytestream {
    let parts = stream::try_unfold((vault, reader), |(vault, mut reader)| async move {
        let read = vault.off_thread(move |_| reader.next_part().map(|part| (part, reader))).await;
        let (part, reader) = read.map_err(io_error)?;
        Ok(part.map(|part| (Bytes::from(part), (vault, reader))))
    });
    parts.boxed()
}

/// The vault's files as calls to the outside need them, within a scope.
pub struct Door {
    vault: Vault,
    scope: Scope,
    /// The attachment whose bytes a call brings, if it brings any.
    awaited: Option<AttachmentId>,
    stored: Mutex<Option<Stored>>,
}

impl Door {
    /// For calls that send files.
    pub fn sending(vault: &Vault, scope: &Scope) -> Self {
        Self { vault: vault.clone(), scope: scope.clone(), awaited: None, stored: Mutex::default() }
    }

    /// For calls that bring the bytes of an attachment.
    pub fn fetching(vault: &Vault, scope: &Scope, id: AttachmentId) -> Self {
        Self { vault: vault.clone(), scope: scope.clone(), awaited: Some(id), stored: Mutex::default() }
    }

    /// Whether a call has brought the bytes.
    pub fn holds(&self) -> bool {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// What was brought, for the attachment's row.
    pub fn take(&self) -> Option<Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn open_now(&self, handle: &BlobHandle) -> io::Result<(u64, Bytestream)> {
        let id: AttachmentId = handle.0.parse().map_err(io_error)?;
        let key = self.vault.read(&self.scope, move |tx| attachments::file_key(tx, id)).await.map_err(io_error)?;
        let key = key.ok_or(io::ErrorKind::NotFound)?;
        let reader = self.vault.off_thread(move |vault| vault.open_file(id, &key)).await.map_err(io_error)?;
        Ok((reader.size(), streamed(self.vault.clone(), reader)))
    }

    async fn store_now(&self, bytes: Bytestream, max: u64) -> io::Result<StoredBlob> {
        let id = self.awaited.ok_or(io::ErrorKind::Unsupported)?;
        let key = self.vault.write(&self.scope, move |tx| attachments::key_for(tx, id)).await.map_err(io_error)?;
        let received = seal(&self.vault, Some((id, key)), bytes, max).await?;
        let stored = StoredBlob {
            handle: BlobHandle(id.to_string()),
            size: u64::try_from(received.file.size).unwrap_or(0),
            content_type: received.file.content_type.clone(),
        };
        *self.stored.lock().unwrap_or_else(PoisonError::into_inner) = Some(received.file);
        Ok(stored)
    }

    /// Copies a file that was uploaded beforehand to the attachment that awaits it, and seals it under a key of its own.
    pub async fn adopt(&self, uploaded: &BlobHandle, limit: u64) -> io::Result<()> {
        let (_, bytes) = self.open_now(uploaded).await?;
        self.store_now(bytes, limit).await.map(|_| ())
    }
}

impl BlobDoor for Door {
    fn open<'a>(&'a self, handle: &'a BlobHandle) -> BoxFuture<'a, io::Result<(u64, Bytestream)>> {
        Box::pin(self.open_now(handle))
    }

    fn store(&self, bytes: Bytestream, max: u64) -> BoxFuture<'_, io::Result<StoredBlob>> {
        Box::pin(self.store_now(bytes, max))
    }
}
