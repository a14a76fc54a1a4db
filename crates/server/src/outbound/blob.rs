//! The door to stored files, as calls need it. The vault stands behind it.

use std::io;

use bytes::Bytes;
use connect::BlobHandle;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

/// A file's bytes, in pieces.
pub type Bytestream = BoxStream<'static, io::Result<Bytes>>;

/// A file that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its handle.
    pub handle: BlobHandle,
    /// Its size in bytes.
    pub size: u64,
    /// Its type as its first bytes tell ([`super::content_type`]), not as anyone claimed.
    pub content_type: String,
}

/// Where files are read from and put.
pub trait BlobDoor: Send + Sync {
    /// Opens a file: its size in bytes and its content.
    fn open<'a>(&'a self, handle: &'a BlobHandle) -> BoxFuture<'a, io::Result<(u64, Bytestream)>>;

    /// Takes a file in, of `max` bytes at most. If the stream ends in an error nothing may be kept, and the
    /// error is returned with the kind it had: it tells a cut connection from a file that is too large.
    fn store(&self, bytes: Bytestream, max: u64) -> BoxFuture<'_, io::Result<StoredBlob>>;
}
