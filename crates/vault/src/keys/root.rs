//! The root key: what the operator keeps. It wraps one key per workspace and never touches content.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Key, envelope};
use crate::{Chance, Error, Result};

/// A root key. A file and an environment variable are here; a key-management system is given from outside. What one wraps
/// begins with eight bytes that say which one it was, so that a wrong root key is told from damage.
pub trait RootKey: Send + Sync {
    /// Wraps a key. `context` names what it is for, and must be given again to unwrap it. `chance` is fresh.
    ///
    /// # Errors
    /// [`Error::Seal`] if the root key cannot be used now, [`Error::Outside`] if whoever holds it does not answer or refuses.
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>>;

    /// Unwraps a key.
    ///
    /// # Errors
    /// [`Error::Seal`] if another root key or context wrapped it, or it was altered; [`Error::Outside`] as for wrapping.
    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>>;
}

/// A root key in a file only its owner may read: 64 hexadecimal digits.
pub struct FileRootKey(Local);

/// A root key given as text, from an environment variable: 64 hexadecimal digits.
pub struct EnvRootKey(Local);

impl FileRootKey {
    /// Reads the key file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Invalid`] if others than its owner may read it or it holds no key.
    pub fn open(path: &Path) -> Result<Self> {
        let file = fs::File::open(path)?;
        if file.metadata()?.mode() & 0o077 != 0 {
            let path = path.display();
            return Err(Error::Invalid(format!("the root key {path} can be read by others: run chmod 600 {path}")));
        }
        let mut text = Zeroizing::new(String::with_capacity(128));
        file.take(1024).read_to_string(&mut text)?;
        Local::parse(&text).map(Self)
    }

    /// Reads the key file, or makes it if it is missing. An existing file is never changed. Call it only where no key
    /// custody exists yet; later a missing file must be found, not replaced.
    ///
    /// # Errors
    /// As [`FileRootKey::open`], and [`Error::Io`] if it cannot be written.
    pub fn open_or_create(path: &Path, chance: &dyn Chance) -> Result<Self> {
        match create(path, &Zeroizing::new(chance.draw())) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::open(path),
            Err(error) => Err(error.into()),
            Ok(()) => Self::open(path),
        }
    }
}

/// Writes the whole key under another name first, so that a crash leaves no half of one, then links it into place.
fn create(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    if path.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension("new");
    let _ = fs::remove_file(&draft);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let text = Zeroizing::new(hex::encode(key) + "\n");
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Unlike a rename, a link fails where a key appeared meanwhile.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked?;
    fs::File::open(folder)?.sync_all()
}

impl EnvRootKey {
    /// Reads the key from its text.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it holds no key.
    pub fn from_text(text: &str) -> Result<Self> {
        Local::parse(text).map(Self)
    }

    /// Reads the key from an environment variable.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is missing or holds no key.
    pub fn from_env(variable: &str) -> Result<Self> {
        let text = std::env::var(variable)
            .map_err(|_| Error::Invalid(format!("the environment variable {variable} holds no root key")))?;
        Self::from_text(&Zeroizing::new(text))
    }
}

impl RootKey for FileRootKey {
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        self.0.wrap(context, key, chance)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.0.unwrap(context, wrapped)
    }
}

impl RootKey for EnvRootKey {
    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        self.0.wrap(context, key, chance)
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.0.unwrap(context, wrapped)
    }
}

/// A root key in memory. What it wraps begins with its fingerprint, so that a wrong root key is told from damage.
struct Local {
    key: Key,
    fingerprint: [u8; 8],
}

impl Local {
    fn parse(text: &str) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut key[..])
            .map_err(|_| Error::Invalid("a root key is 64 hexadecimal digits (256 bits)".into()))?;
        let digest = Sha256::new().chain_update(b"parloir root key").chain_update(&key[..]).finalize();
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&digest[..8]);
        Ok(Self { key: Key(*key), fingerprint })
    }

    fn wrap(&self, context: &[u8], key: &[u8], chance: [u8; 32]) -> Result<Vec<u8>> {
        let wrapped = envelope::wrap(&self.key, chance, context, key)?;
        Ok([&self.fingerprint[..], &wrapped].concat())
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        match wrapped.split_first_chunk() {
            Some((fingerprint, wrapped)) if *fingerprint == self.fingerprint => {
                envelope::unwrap(&self.key, context, wrapped)
            }
            Some(_) => {
                Err(Error::Seal("this is not the root key the custody store was made with: bring that one back"))
            }
            None => Err(Error::Seal("a wrapped key is malformed")),
        }
    }
}
