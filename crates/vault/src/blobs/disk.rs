//! Blobs in a folder: `index/wsp_1/a.idx` lies in `blobs/index/wsp_1/=3f/a.idx`.
//!
//! `=3f` comes from a hash of the last part and keeps folders small. No name can contain `=`, so a blob and a folder
//! never want the same place. A blob is written to `tmp/`, made durable, and renamed into its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::{BlobStore, BlobWriter, absent, check_name};
use crate::Result;

/// Blobs in a folder of the local disk.
pub struct DiskBlobs {
    files: PathBuf,
    tmp: PathBuf,
    count: AtomicU64,
    folders: Arc<Mutex<()>>,
}

/// A file in `tmp/`, locked as long as it is written, so that a sweep knows it from a crash's leftover.
struct Writer {
    file: File,
    tmp: PathBuf,
    place: PathBuf,
    root: PathBuf,
    folders: Arc<Mutex<()>>,
    finished: bool,
}

impl DiskBlobs {
    /// Opens the store `{data}/blobs`, makes it if it is not there, and removes what crashes left half written.
    pub fn open(data: &Path) -> Result<Self> {
        Self::at(&data.join("blobs"))
    }

    /// Opens the store in a folder of its own.
    pub fn at(root: &Path) -> Result<Self> {
        let store = Self {
            files: root.join("files"),
            tmp: root.join("tmp"),
            count: AtomicU64::default(),
            folders: Arc::default(),
        };
        fs::create_dir_all(&store.files)?;
        fs::create_dir_all(&store.tmp)?;
        sync_folder(root)?;
        store.sweep()?;
        Ok(store)
    }

    fn sweep(&self) -> Result<()> {
        for entry in fs::read_dir(&self.tmp)? {
            let path = entry?.path();
            if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn place(&self, name: &str) -> Result<PathBuf> {
        check_name(name)?;
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let shard = Sha256::digest(last.as_bytes()).first().copied().unwrap_or(0);
        Ok(self.files.join(folder).join(format!("={shard:02x}")).join(last))
    }

    fn open_tmp(&self) -> io::Result<(File, PathBuf)> {
        loop {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            let path = self.tmp.join(format!("{}-{count}", std::process::id()));
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(&path) {
                Ok(file) => {
                    file.lock()?;
                    return Ok((file, path));
                }
                // Another process with our number, in another container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl BlobStore for DiskBlobs {
    fn create(&self, name: &str) -> Result<Box<dyn BlobWriter>> {
        let place = self.place(name)?;
        let (file, tmp) = self.open_tmp()?;
        let (root, folders) = (self.files.clone(), Arc::clone(&self.folders));
        Ok(Box::new(Writer { file, tmp, place, root, folders, finished: false }))
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        match fs::metadata(self.place(name)?) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let mut file = match File::open(self.place(name)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(absent()),
            opened => opened?,
        };
        file.seek(SeekFrom::Start(range.start))?;
        let mut bytes = Vec::new();
        file.take(range.end.saturating_sub(range.start)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn delete(&self, name: &str) -> Result<()> {
        let place = self.place(name)?;
        if remove(&place)? { sync_folder(place.parent().unwrap_or(&self.files)) } else { Ok(()) }
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut names = Vec::new();
        if folder.is_empty() || check_name(folder).is_ok() {
            walk(&self.files, folder, &mut names)?;
        }
        names.retain(|name| name.starts_with(prefix));
        names.sort_unstable();
        Ok(names)
    }
}

/// The names below a folder of names.
fn walk(files: &Path, folder: &str, names: &mut Vec<String>) -> Result<()> {
    for (entry, is_shard) in entries(&files.join(folder))? {
        if is_shard {
            let shard = files.join(folder).join(&entry);
            names.extend(entries(&shard)?.into_iter().map(|(last, _)| joined(folder, &last)));
        } else {
            walk(files, &joined(folder, &entry), names)?;
        }
    }
    Ok(())
}

fn joined(folder: &str, last: &str) -> String {
    if folder.is_empty() { last.to_owned() } else { format!("{folder}/{last}") }
}

/// The entries of a folder and whether each is a shard; none if the folder is not there.
fn entries(folder: &Path) -> Result<Vec<(String, bool)>> {
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing?,
    };
    let names = listing.map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()));
    names
        .map(|name: io::Result<String>| name.map(|name| (name.clone(), name.starts_with('='))))
        .map(|entry| Ok(entry?))
        .collect()
}

/// Removes a file; whether it was there.
fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn sync_folder(path: &Path) -> Result<()> {
    // Elsewhere than on Unix a folder cannot be opened as a file, and renames are durable without it.
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// Makes a folder and the folders above it durable, up to a root that is there.
fn make_folder(root: &Path, folder: &Path) -> Result<()> {
    if folder == root || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(root);
    make_folder(root, above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => sync_folder(above),
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl BlobWriter for Writer {
    fn finish(mut self: Box<Self>) -> Result<()> {
        self.file.sync_all()?;
        let folder = self.place.parent().unwrap_or(&self.root);
        {
            // A folder another thread has just made is used only once it is durable.
            let _one = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            make_folder(&self.root, folder)?;
        }
        fs::rename(&self.tmp, &self.place)?;
        self.finished = true;
        sync_folder(folder)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now is swept at the next start.
            let _ = fs::remove_file(&self.tmp);
        }
    }
}
