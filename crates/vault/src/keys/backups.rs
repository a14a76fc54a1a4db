//! What a backup needs of the keys: the key it is sealed under, a copy of custody that the root key opens, and how far the ledger
//! is.
//!
//! The backup's key is one of the installation's own, so the backup of the data holds no key. The copy of custody is sealed under a
//! key of its own, which the root key wraps: with it and the root key alone, everything is found again.

use super::custody::{CustodyAt, LedgerMark, Rows, open_custody};
use super::{Key, Keys};
use crate::{Error, Millis, Result};

/// The kind of the backup's key among the installation's own.
const BACKUP: &str = "backup";
/// The lease of whoever takes a backup, in custody, and how long one may take.
const TURN: &str = "backup";
const LEASE_MS: Millis = 6 * 3_600_000;
/// What the root key wraps a custody copy's key for.
const COPY: &[u8] = b"parloir custody copy 1";

impl Keys {
    /// The key under which backups are sealed, made for the first one.
    pub(crate) fn backup_key(&self) -> Result<Key> {
        Ok(self.only(None, BACKUP)?.key)
    }

    /// The same, if there ever was a backup.
    pub(crate) fn known_backup_key(&self) -> Result<Option<Key>> {
        let known = self.custody.ring(None)?.iter().any(|key| key.kind == BACKUP);
        known.then(|| self.backup_key()).transpose()
    }

    /// How far the ledger is, counted on from a mark.
    pub(crate) fn ledger_mark(&self, from: LedgerMark) -> Result<LedgerMark> {
        self.custody.ledger_mark(from, i64::MAX)
    }

    /// Refuses a ledger that does not begin with what a mark says.
    ///
    /// # Errors
    /// The conflict `ledger_missing`, `ledger_older` or `ledger_forked`.
    pub(crate) fn require_ledger(&self, mark: &LedgerMark) -> Result<()> {
        let found = self.custody.ledger_mark(LedgerMark::default(), mark.last)?;
        if found == *mark {
            return Ok(());
        }
        let LedgerMark { lines, .. } = found;
        let wanted = mark.lines;
        Err(match lines {
            0 => Error::conflict(
                "ledger_missing",
                format!(
                    "custody has no ledger of deletions; at the backup it had {wanted} lines: bring the newest custody"
                ),
            ),
            _ if lines < wanted => Error::conflict(
                "ledger_older",
                format!(
                    "custody's ledger of deletions has {lines} of the {wanted} lines that it had at the backup: it is older, or was \
                     cut; bring the newest custody"
                ),
            ),
            _ => Error::conflict(
                "ledger_forked",
                format!(
                    "custody's ledger of deletions is not the one that the backup knows: of its first {wanted} lines some were \
                     exchanged, or it is another installation's; bring the newest custody"
                ),
            ),
        })
    }

    /// Does something while nobody on any node takes a backup.
    ///
    /// # Errors
    /// `backup_under_way` if somebody does; whatever the work fails with.
    pub(crate) fn one_backup<T>(&self, holder: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let now = self.clock.now();
        if !self.custody.lease(TURN, holder, now, now.saturating_add(LEASE_MS))? {
            return Err(Error::conflict("backup_under_way", "another backup is under way: try again when it is over"));
        }
        let done = work();
        let given_back = self.custody.give_back(TURN, holder);
        let done = done?;
        given_back.map(|()| done)
    }

    /// A fresh key, and it wrapped by the root key: for a copy of custody.
    pub(crate) fn copy_key(&self) -> Result<(Key, Vec<u8>)> {
        let key = self.fresh().key;
        let wrapped = self.root().wrap(COPY, key.bytes(), self.chance.draw())?;
        Ok((key, wrapped))
    }

    /// Custody's rows, some at a time, in the form in which [`fill_custody`] takes them.
    pub(crate) fn copy_custody(&self, mut each: impl FnMut(Vec<u8>) -> Result<()>) -> Result<()> {
        self.custody.copy_out(|rows| each(serde_json::to_vec(rows).map_err(|_| unreadable())?))
    }
}

/// The key of a copy of custody.
///
/// # Errors
/// [`Error::Seal`] if another root key wrapped it.
pub(crate) fn open_copy_key(root: &dyn super::RootKey, wrapped: &[u8]) -> Result<Key> {
    Key::from_bytes(&root.unwrap(COPY, wrapped)?)
}

/// Whether there is a custody that holds keys.
pub(crate) fn is_custody_empty(at: &CustodyAt) -> Result<bool> {
    open_custody(at).map(|(_, empty)| empty)
}

/// Fills an empty custody with the rows of a copy, all or nothing.
///
/// # Errors
/// `custody_not_empty` if it holds keys.
pub(crate) fn fill_custody(at: &CustodyAt, copied: &[Vec<u8>]) -> Result<()> {
    let (custody, empty) = open_custody(at)?;
    if !empty {
        return Err(Error::conflict("custody_not_empty", "custody holds keys already"));
    }
    let rows = copied.iter().map(|bytes| serde_json::from_slice::<Rows>(bytes).map_err(|_| unreadable()));
    custody.fill(rows.collect::<Result<_>>()?)
}

fn unreadable() -> Error {
    Error::Invalid("the copy of custody cannot be read".into())
}
