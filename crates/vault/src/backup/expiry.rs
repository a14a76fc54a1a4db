//! What is older than the term leaves the backup, and with it what interrupted backups left behind.

use std::collections::BTreeSet;

use super::chain::{self, Chain};
use super::place::Place;
use crate::keys::Key;
use crate::{Millis, Result};

/// Removes chains whose base is older than the term, whatever belongs to no chain, and files that none of the others has.
/// `current` stays in any case. How many chains went.
pub(super) fn expire(place: &Place, key: &Key, current: &str, before: Millis) -> Result<usize> {
    let (mut gone, mut kept) = (0, BTreeSet::from([current.to_owned()]));
    for id in chain::ids(place)? {
        if id != current && chain::made_at(&id).is_some_and(|at| at < before) {
            remove(place, &id)?;
            gone += 1;
        } else {
            kept.insert(id);
        }
    }
    let unfinished: BTreeSet<String> = place
        .list("chains/")?
        .iter()
        .filter_map(|name| Some(name.strip_prefix("chains/")?.split_once('/')?.0.to_owned()))
        .filter(|id| !kept.contains(id))
        .collect();
    for id in &unfinished {
        remove(place, id)?;
    }
    if gone > 0 || !unfinished.is_empty() {
        drop_files(place, key, &kept)?;
    }
    Ok(gone)
}

/// Manifests last to first, so that what is left at any moment is a chain; then what they named.
fn remove(place: &Place, id: &str) -> Result<()> {
    let mut names = place.list(&format!("chains/{id}/manifests/"))?;
    names.reverse();
    names.extend(place.list(&format!("chains/{id}/"))?);
    names.iter().try_for_each(|name| place.delete(name))
}

/// Removes files that no kept chain has. Where a chain cannot be read, nobody knows what it has: then all stay.
fn drop_files(place: &Place, key: &Key, kept: &BTreeSet<String>) -> Result<()> {
    let mut named = BTreeSet::new();
    for id in kept {
        match Chain::load(place, key, id) {
            Ok(chain) => {
                named
                    .extend(chain.manifests.into_iter().flat_map(|manifest| manifest.files).map(|file| file.part.name));
            }
            Err(error) => {
                tracing::warn!(%error, "no files leave the backup: one of its chains cannot be read");
                return Ok(());
            }
        }
    }
    for name in place.list("files/")? {
        if !named.contains(&name) {
            place.delete(&name)?;
        }
    }
    Ok(())
}
