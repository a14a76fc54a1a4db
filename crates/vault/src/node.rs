//! Which process holds a lease, so that what a killed process held is free as soon as it runs again, not only when its
//! leases run out.
//!
//! A data folder's node keeps its id in [`NODE_FILE`] and a lock on that file for as long as it lives; every start has
//! a mark of its own. Whoever gets the lock knows that all leases of this node with another mark are a dead process's.
//! A process that does not get it (several may share a PostgreSQL database) is a node for this one start.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::statement::installation_sql;
use crate::value::params;
use crate::{Chance, Result, Tx, Vault, Wake};

/// The file of a node's id in the data folder. Copied to another machine it would make two nodes of one name, each
/// taking the other for dead: backups leave it out.
const NODE_FILE: &str = "node";
/// Bytes of a node's id, and of the mark of its start.
const ID: usize = 8;

/// What every lease of this process begins with: node and start, in hexadecimal.
#[derive(Clone, Copy)]
pub(crate) struct Holder([u8; 2 * ID]);

/// This process among those that share a database.
pub(crate) struct Node {
    holder: Holder,
    /// Held, never read: the lock goes with the process, however it ends.
    _file: Option<File>,
}

impl Node {
    /// The node of a folder, which is made if the folder has none.
    pub(crate) fn of(folder: &Path, chance: &dyn Chance) -> Result<Self> {
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true).mode(0o600);
        let mut file = options.open(folder.join(NODE_FILE))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Self::passing(chance)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut holder = Self::passing(chance).holder;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if let Some(id) = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; ID]>::try_from(bytes).ok()) {
            holder.0[..ID].copy_from_slice(&id);
        } else {
            // New, or its writing was cut off: then no lease has that id.
            file.rewind()?;
            file.set_len(0)?;
            file.write_all(holder.node().as_bytes())?;
            file.sync_all()?;
        }
        Ok(Self { holder, _file: Some(file) })
    }

    /// A node for this one start.
    pub(crate) fn passing(chance: &dyn Chance) -> Self {
        let mut holder = [0; 2 * ID];
        holder.copy_from_slice(&chance.draw()[..2 * ID]);
        Self { holder: Holder(holder), _file: None }
    }

    /// A node that was here before, started again.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn started_again(id: [u8; ID], chance: &dyn Chance) -> Self {
        let mut node = Self::passing(chance);
        node.holder.0[..ID].copy_from_slice(&id);
        node
    }

    pub(crate) fn holder(&self) -> Holder {
        self.holder
    }
}

impl Holder {
    fn node(self) -> String {
        hex::encode(&self.0[..ID])
    }

    pub(crate) fn start(self) -> String {
        hex::encode(self.0)
    }
}

/// A fresh word by which a worker proves that a lease is its own.
pub(crate) fn lease_word(tx: &Tx<'_>) -> String {
    format!("{}{}", tx.holder().start(), hex::encode(&tx.chance()[..16]))
}

impl Vault {
    /// Frees what earlier starts of this node held when they died: requests and jobs are taken up again at once, and
    /// sends under way are looked at as such whose outcome nobody knows. Harmless at any time; how many leases it were.
    pub async fn free_stale_leases(&self) -> Result<u64> {
        self.write_installation(free).await
    }
}

/// The end of a lease is moved into the past, not removed: a send that was once claimed stays doubtful.
fn free(tx: &Tx<'_>) -> Result<u64> {
    let (node, start) = (tx.holder().node(), tx.holder().start());
    let channels = tx.run(
        installation_sql!(
            "UPDATE channel_directory SET inbox_lease_until = 0 WHERE inbox_lease_until > $1 \
             AND substr(inbox_lease, 1, 16) = $2 AND substr(inbox_lease, 1, 32) <> $3"
        ),
        params![tx.now(), &node, &start],
    )?;
    let sends = tx.run(
        installation_sql!(
            "UPDATE outbox SET lease_until = 0 WHERE lease_until > $1 \
             AND substr(lease, 1, 16) = $2 AND substr(lease, 1, 32) <> $3"
        ),
        params![tx.now(), &node, &start],
    )?;
    let jobs = tx.run(
        installation_sql!(
            "UPDATE jobs SET lease_until = 0 WHERE lease_until > $1 \
             AND substr(lease, 1, 16) = $2 AND substr(lease, 1, 32) <> $3"
        ),
        params![tx.now(), &node, &start],
    )?;
    for wake in [Wake::Inbox, Wake::Outbox, Wake::Jobs] {
        tx.wake(wake);
    }
    Ok(channels + sends + jobs)
}

#[cfg(test)]
mod tests;
