//! The ZIP, written from the front to the end with nothing of it kept but its list of contents; or a folder of the same files.

use std::io::{Result, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::folder::Folder;

/// Where an archive is written to.
pub(crate) trait Sink: Write + Send + Sync + 'static {
    /// Called once all of it was written.
    ///
    /// # Errors
    /// Whatever kept it from being durable.
    fn complete(self: Box<Self>) -> Result<()>;
}

/// An archive being written.
pub(super) enum Archive {
    /// One file, from its front to its end.
    Zip(Box<ZipWriter<StreamWriter<Box<dyn Sink>>>>),
    /// A file for each part.
    Folder(Folder),
}

impl Archive {
    pub(super) fn zip(sink: Box<dyn Sink>) -> Self {
        Self::Zip(Box::new(ZipWriter::new_stream(sink)))
    }

    /// How many rows a part has that is there already, as an earlier run wrote it.
    pub(super) fn whole(&self, path: &str) -> Option<u64> {
        match self {
            Self::Zip(_) => None,
            Self::Folder(folder) => folder.whole(path),
        }
    }

    /// Begins a text, and writes the start of it.
    pub(super) fn begin(&mut self, path: &str, text: &str) -> Result<()> {
        match self {
            Self::Zip(zip) => zip.start_file(path, options(CompressionMethod::Deflated))?,
            Self::Folder(folder) => folder.begin(path)?,
        }
        self.append(text.as_bytes())
    }

    /// Begins a contact's file. What people send is mostly packed already.
    pub(super) fn begin_file(&mut self, path: &str) -> Result<()> {
        match self {
            Self::Zip(zip) => Ok(zip.start_file(path, options(CompressionMethod::Stored))?),
            Self::Folder(folder) => folder.begin(path),
        }
    }

    /// Writes on where it was begun.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Zip(zip) => zip.write_all(bytes),
            Self::Folder(folder) => folder.append(bytes),
        }
    }

    /// What was begun is whole, and has so many rows.
    pub(super) fn end(&mut self, rows: u64) -> Result<()> {
        match self {
            Self::Zip(_) => Ok(()),
            Self::Folder(folder) => folder.end(rows),
        }
    }

    /// A text that is whole at once.
    pub(super) fn add(&mut self, path: &str, text: &str) -> Result<()> {
        self.begin(path, text)?;
        self.end(1)
    }

    /// Ends the archive; the sink of a ZIP comes back.
    pub(super) fn finish(self) -> Result<Option<Box<dyn Sink>>> {
        match self {
            Self::Zip(zip) => Ok(Some(zip.finish()?.into_inner())),
            Self::Folder(folder) => folder.finish().map(|()| None),
        }
    }
}

/// Nobody knows beforehand how long a part becomes, so each may be longer than 4 GiB. Only whoever unpacks it may read it.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600)
}
