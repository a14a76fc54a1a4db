//! Custody's copy: all keys, the ledger and the checkpoints, sealed under a key that the root key wraps. There is one, the newest.

use serde::{Deserialize, Serialize};

use super::broken;
use super::place::{Part, Place, open, seal};
use crate::keys::{self, CustodyAt, Keys, RootKey};
use crate::{Chance, Error, Millis, Result};

/// Bytes of a part, about.
const PART: usize = 4 << 20;
const PREFIX: &str = "custody/";

/// Which backup is meant: the last manifest of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Newest {
    pub(super) chain: String,
    pub(super) number: u64,
    /// SHA-256 over the sealed manifest, in hexadecimal.
    pub(super) hash: String,
}

/// What is in a copy.
#[derive(Serialize, Deserialize)]
struct Inside {
    at: Millis,
    parts: Vec<Part>,
    /// The last backup that was finished when the copy was made.
    newest: Option<Newest>,
    /// The one that the copy belongs to, which was finished right after it.
    coming: Newest,
}

/// What lies in front of a copy: its key, wrapped by the root key, and what is in it, sealed under that.
#[derive(Serialize, Deserialize)]
struct Head {
    wrapped: String,
    inside: String,
}

/// A copy that was read.
pub(super) struct Copy {
    pub(super) newest: Option<Newest>,
    pub(super) coming: Newest,
    rows: Vec<Vec<u8>>,
}

fn numbers(place: &Place) -> Result<Vec<u64>> {
    let heads = place.list(PREFIX)?;
    let number = |name: &String| name.strip_prefix(PREFIX)?.strip_suffix("/head")?.parse().ok();
    Ok(heads.iter().filter_map(number).collect())
}

fn head_name(number: u64) -> String {
    format!("{PREFIX}{number:010}/head")
}

/// Copies custody, and then removes older copies: they would open what was destroyed since.
pub(super) fn copy(
    keys: &Keys,
    chance: &dyn Chance,
    place: &Place,
    (newest, coming): (Option<Newest>, Newest),
    at: Millis,
) -> Result<u64> {
    let number = numbers(place)?.into_iter().max().unwrap_or(0).saturating_add(1);
    let (key, wrapped) = keys.copy_key()?;
    let (mut parts, mut rows) = (Vec::new(), Vec::new());
    let mut put = |rows: &mut Vec<u8>| -> Result<()> {
        let name = format!("{PREFIX}{number:010}/{:06}", parts.len() + 1);
        parts.push(place.put(&name, &seal(&name, &key, chance.draw(), rows)?)?);
        rows.clear();
        Ok(())
    };
    keys.copy_custody(|some| {
        rows.extend_from_slice(&some);
        rows.push(b'\n');
        if rows.len() >= PART { put(&mut rows) } else { Ok(()) }
    })?;
    put(&mut rows)?;
    let bytes = parts.iter().map(|part| part.size).sum();
    let name = head_name(number);
    let inside =
        serde_json::to_vec(&Inside { at, parts, newest, coming }).map_err(|_| broken(&name, "cannot be written"))?;
    let inside = seal(&name, &key, chance.draw(), &inside)?;
    let head = Head { wrapped: hex::encode(wrapped), inside: hex::encode(inside) };
    place.put(&name, &serde_json::to_vec(&head).map_err(|_| broken(&name, "cannot be written"))?)?;
    drop_older(place, number)?;
    Ok(bytes)
}

fn drop_older(place: &Place, number: u64) -> Result<()> {
    let own = format!("{PREFIX}{number:010}/");
    // Heads first: what has none is no copy any more.
    let mut others: Vec<String> = place.list(PREFIX)?.into_iter().filter(|name| !name.starts_with(&own)).collect();
    others.sort_by_key(|name| !name.ends_with("/head"));
    others.iter().try_for_each(|name| place.delete(name))
}

/// Reads the newest copy; `None` if there is none.
///
/// # Errors
/// [`Error::Seal`] for another root key, `backup_broken` where something is missing or altered.
pub(super) fn read(place: &Place, root: &dyn RootKey) -> Result<Option<Copy>> {
    let Some(number) = numbers(place)?.into_iter().max() else { return Ok(None) };
    let name = head_name(number);
    let malformed = || broken(&name, "cannot be read");
    let bytes = place.bytes(&name)?.ok_or_else(|| broken(&name, "is missing"))?;
    let head: Head = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
    let decoded = |text: &str| hex::decode(text).map_err(|_| malformed());
    let key = keys::open_copy_key(root, &decoded(&head.wrapped)?)?;
    let inside = open(&name, &key, &decoded(&head.inside)?)?;
    let Inside { parts, newest, coming, .. } = serde_json::from_slice(&inside).map_err(|_| malformed())?;
    let mut rows = Vec::new();
    for part in &parts {
        let plain = place.open(part, &key)?;
        rows.extend(plain.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
    }
    Ok(Some(Copy { newest, coming, rows }))
}

impl Copy {
    /// Fills an empty custody with it.
    pub(super) fn fill(&self, at: &CustodyAt) -> Result<()> {
        keys::fill_custody(at, &self.rows)
    }
}

/// What is said where there is no copy.
pub(super) fn missing() -> Error {
    Error::conflict(
        "ledger_missing",
        "there is no copy of custody, which holds the keys and the ledger of deletions: name where it is (--custody-from)",
    )
}
