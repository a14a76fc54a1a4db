//! Rotation: of every key, interrupted anywhere, while everything goes on; and what no sealed value lets be done to it.

mod backup;
mod damaged;
mod families;
pub(crate) mod furnished;
mod interrupted;
mod meanwhile;
mod moving;
mod nodes;
mod once;
mod outage;
mod swaps;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::id::KeyId;
use crate::testing::StillClock;
use crate::{Scope, Vault};

/// What every sealed cell of a workspace says, by its place; `None` for what cannot be opened.
type Contents = BTreeMap<String, Option<Vec<u8>>>;

/// Opens every sealed cell of a workspace.
fn contents(tx: &Tx<'_>) -> Result<Contents> {
    let mut contents = Contents::new();
    each_cell(tx, |tx, stretch, column, key, sealed| {
        let name = walk::row_name(stretch.table, key);
        let place = walk::place(stretch.table, column, &name);
        let label = format!("{}.{} {}", stretch.table.name, column.name, key.join(" "));
        contents.insert(label, tx.open(place, &sealed)?);
        Ok(())
    })?;
    Ok(contents)
}

/// The keys that any cell of a workspace names.
fn named(tx: &Tx<'_>) -> Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    each_cell(tx, |tx, _, _, _, sealed| {
        keys.insert(tx.keys.key_of(&sealed)?.to_string());
        Ok(())
    })?;
    Ok(keys)
}

fn each_cell(
    tx: &Tx<'_>,
    mut look: impl FnMut(&Tx<'_>, &'static walk::Stretch, &'static walk::Column, &[String], Vec<u8>) -> Result<()>,
) -> Result<()> {
    for stretch in walk::way() {
        let page = stretch.page(tx, &[], None, 10_000)?;
        for heads in page {
            for column in &stretch.cells {
                if let Some(sealed) = column.get(tx, &heads.key)? {
                    look(tx, stretch, column, &heads.key, sealed)?;
                }
            }
        }
    }
    Ok(())
}

/// The keys that a rotation is about, as they are before it.
fn keys_of(tx: &Tx<'_>, what: What) -> Result<Vec<KeyId>> {
    let workspace = tx.workspace()?;
    match what {
        What::Contact(contact) => tx.all(
            sql!("SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2"),
            params![contact],
            |row| row.get(0),
        ),
        What::Content => tx.keys.newest_key(workspace, Family::Content).map(|(id, _)| vec![id]),
        What::Evidence => tx.keys.newest_key(workspace, Family::Evidence).map(|(id, _)| vec![id]),
        What::Index => tx.keys.newest_key(workspace, Family::Index).map(|(id, _)| vec![id]),
        What::Audit => tx.keys.newest_key(workspace, Family::Audit).map(|(id, _)| vec![id]),
        What::Workspace => tx.keys.parent_ids(Some(workspace)),
    }
}

/// Goes on with a rotation, as its job and that of the index do, until it is done.
async fn finish(vault: &Vault, clock: &StillClock, scope: &Scope, id: RotationId) {
    for _ in 0..1_000 {
        match vault.carry_on_rotation(scope, id).await.unwrap() {
            Progress::Done => return,
            Progress::Waiting(until) => {
                while vault.index_step(scope).await.unwrap() {}
                clock.advance((until - crate::Clock::now(clock)).max(0));
            }
        }
    }
    panic!("a rotation does not end");
}

/// Whether custody has a key, whoever's it is.
fn is_in_custody(vault: &Vault, scope: &Scope, key: KeyId) -> bool {
    vault.keys().ids_in_custody(scope.workspace()).unwrap().contains(&key)
}
