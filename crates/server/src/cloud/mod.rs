//! Systems of the operator's own that keep for us what the data folder would keep: the root key, and the files.
//!
//! The vault says what it needs of them ([`RootKey`], [`BlobStore`]) and knows no HTTP; here are those who speak it. Read
//! [`line`] (how they are called), [`sigv4`] (how AWS and its likes know who calls), [`kms`], [`transit`], [`s3`], [`nearby`].

mod kms;
mod line;
mod nearby;
mod s3;
mod sigv4;
#[cfg(test)]
mod tests;
mod transit;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use vault::blobs::BlobStore;
use vault::{Chance, Clock, EnvRootKey, Error, FileRootKey, RootKey};

use crate::machine::SystemClock;
use crate::settings::{BlobsAt, RootKeySource, S3};
use line::Patience;
use nearby::Nearby;
use s3::S3Blobs;

/// For whoever holds the root key: it is asked at the start, and when a workspace is used the first time.
const KEY_PATIENCE: Patience = Patience { attempt: Duration::from_secs(8), attempts: 3 };

/// The folder for what lies elsewhere and is wanted often.
const CACHE: &str = "cache";

/// The root key of a source. One in a file must be there.
///
/// # Errors
/// If the source holds none. One elsewhere is not asked yet.
pub fn root_key(source: &RootKeySource, chance: Arc<dyn Chance>) -> Result<Box<dyn RootKey>, Error> {
    Ok(match source {
        RootKeySource::File(path) => Box::new(FileRootKey::open(path)?),
        RootKeySource::Given(bytes) => {
            let text = zeroize::Zeroizing::new(hex::encode(bytes));
            Box::new(EnvRootKey::from_text(&text)?)
        }
        RootKeySource::AwsKms(kms) => Box::new(kms::KmsRootKey::new(kms, true_clock(), chance)?),
        RootKeySource::Transit(transit) => Box::new(transit::TransitRootKey::new(transit, chance)?),
    })
}

/// Has the root key wrap something and unwrap it again, now.
///
/// # Errors
/// Why it cannot.
pub fn try_root_key(root: &dyn RootKey, chance: &dyn Chance) -> Result<(), Error> {
    let (context, key) = (b"parloir doctor", chance.draw());
    let wrapped = root.wrap(context, &key, chance.draw())?;
    if root.unwrap(context, &wrapped)?[..] == key { Ok(()) } else { Err(Error::Seal("another key came back")) }
}

/// The store that the settings name for files; `None`: the data folder.
///
/// # Errors
/// If the place cannot be. It is not asked yet.
pub fn blobs(at: &BlobsAt, data: &Path, chance: Arc<dyn Chance>) -> Result<Option<Arc<dyn BlobStore>>, Error> {
    let BlobsAt::S3(settings) = at else { return Ok(None) };
    let far = bucket(settings, chance)?;
    if settings.cache_bytes == 0 {
        return Ok(Some(far));
    }
    Ok(Some(Arc::new(Nearby::open(far, &data.join(CACHE), settings.cache_bytes, true_clock())?)))
}

/// A bucket as it is, with nothing kept nearby.
///
/// # Errors
/// If its address is none.
pub fn bucket(settings: &S3, chance: Arc<dyn Chance>) -> Result<Arc<dyn BlobStore>, Error> {
    Ok(Arc::new(S3Blobs::new(settings, true_clock(), chance)?))
}

/// Puts a blob, reads it and deletes it, now.
///
/// # Errors
/// Why it cannot be done.
pub fn try_blobs(blobs: &dyn BlobStore, chance: &dyn Chance) -> Result<(), Error> {
    use std::io::Write;
    let name = format!("doctor/{}", hex::encode(&chance.draw()[..8]));
    let mut writer = blobs.create(&name)?;
    writer.write_all(name.as_bytes())?;
    writer.finish()?;
    let read = blobs.read(&name, 1..6);
    let listed = blobs.list(&name);
    blobs.delete(&name)?;
    if read? != b"octor" || listed? != [name.as_str()] || blobs.size(&name)?.is_some() {
        return Err(Error::Outside("the storage does not give back what was stored".into()));
    }
    Ok(())
}

/// Signatures are judged by the time that it is, also where a test has moved the program's.
fn true_clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::default())
}

/// What a root key here puts in front of what it wrapped: its kind, and four bytes of a hash that tell one key of a kind
/// from another, and one version from the next.
fn marked(kind: [u8; 4], key: &str, wrapped: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(key);
    [&kind[..], digest.get(..4).unwrap_or_default(), wrapped].concat()
}

/// What follows the mark of a kind, or whose it is instead.
fn unmarked(kind: [u8; 4], wrapped: &[u8]) -> Result<&[u8], Error> {
    let Some((mark, rest)) = wrapped.split_first_chunk::<8>() else {
        return Err(Error::Seal("a wrapped key is malformed"));
    };
    match mark.first_chunk::<4>() {
        Some(found) if *found == kind => Ok(rest),
        Some(&kms::KIND) => {
            Err(Error::Seal("the custody store was made with a root key in AWS KMS: set root_key.source to aws_kms"))
        }
        Some(&transit::KIND) => Err(Error::Seal(
            "the custody store was made with a root key in a transit engine: set root_key.source to transit",
        )),
        _ => Err(Error::Seal(
            "the custody store was made with a root key from a file or the environment: set root_key.source to that",
        )),
    }
}
