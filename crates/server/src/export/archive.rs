//! The ZIP: written from the front to the end, with nothing of it kept but its list of contents.

use std::io::{Result, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// Where an archive is written to.
pub(crate) trait Sink: Write + Send + Sync + 'static {
    /// Called once all of it was written.
    ///
    /// # Errors
    /// Whatever kept it from being durable.
    fn complete(self: Box<Self>) -> Result<()>;
}

/// An archive being written.
pub(super) struct Archive(Box<ZipWriter<StreamWriter<Box<dyn Sink>>>>);

impl Archive {
    pub(super) fn new(sink: Box<dyn Sink>) -> Self {
        Self(Box::new(ZipWriter::new_stream(sink)))
    }

    /// Begins a text, and writes the start of it.
    pub(super) fn begin(&mut self, path: &str, text: &str) -> Result<()> {
        self.0.start_file(path, options(CompressionMethod::Deflated))?;
        self.append(text.as_bytes())
    }

    /// Begins a contact's file. What people send is mostly packed already.
    pub(super) fn begin_file(&mut self, path: &str) -> Result<()> {
        Ok(self.0.start_file(path, options(CompressionMethod::Stored))?)
    }

    /// Writes on where it was begun.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes)
    }

    /// Ends the archive.
    pub(super) fn finish(self) -> Result<Box<dyn Sink>> {
        Ok(self.0.finish()?.into_inner())
    }
}

/// Nobody knows beforehand how long a part becomes, so each may be longer than 4 GiB. Only whoever unpacks it may read it.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600)
}
