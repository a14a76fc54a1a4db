//! The log on its way out: line by line for whoever streams it ([`AuditLines`]), or as a folder with its tiles.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::lines::{CheckpointLine, KeyLine, Line};
use super::offline::{LINES, NEWEST, TILES};
use super::tiles::{Tile, Tiler};
use super::{AuditKey, Checkpoint, stored};
use crate::{Error, Result, Right, Scope, Tx, Vault, WorkspaceId};

/// Entries or checkpoints read at once.
const PAGE: usize = 500;

/// A workspace's whole log up to its newest checkpoint, in the lines that [`super::offline`] reads; page by page, so that a log
/// of any length takes little room.
pub struct AuditLines {
    vault: Vault,
    scope: Scope,
    keys: Vec<AuditKey>,
    /// The newest checkpoint's number and size.
    newest: (i64, i64),
    begun: bool,
    /// Checkpoints that were read and not written yet.
    waiting: VecDeque<Checkpoint>,
    /// The last checkpoint that was read.
    number: i64,
    /// The last entry that was read.
    seq: i64,
    /// Leaves of the page before, for whoever makes tiles of them.
    leaves: Vec<(i64, Vec<u8>)>,
}

impl Vault {
    /// Begins to export a workspace's log: a checkpoint is made, so that all of it is covered.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without [`Right::ReadAudit`]. A log that was tampered with is exported as it is.
    pub async fn audit_lines(&self, scope: &Scope) -> Result<AuditLines> {
        scope.require(Right::ReadAudit)?;
        match self.checkpoint_audit(scope).await {
            // Nothing is built on what was altered; whoever verifies will see it.
            Ok(_) | Err(Error::Seal(_) | Error::Again) => {}
            Err(error) => return Err(error),
        }
        let workspace = scope.workspace();
        let newest = self.off_thread(move |vault| vault.keys().last_checkpoint(workspace)).await?;
        Ok(AuditLines {
            keys: self.audit_keys(scope).await?,
            vault: self.clone(),
            scope: scope.clone(),
            newest: newest.map_or((0, 0), |newest| (newest.number, newest.size)),
            begun: false,
            waiting: VecDeque::new(),
            number: 0,
            seq: 0,
            leaves: Vec::new(),
        })
    }

    /// Exports a workspace's log to a folder that is empty or not there yet: the lines, the newest checkpoint, and the tiles.
    /// How many entries it has.
    ///
    /// # Errors
    /// [`Error::Invalid`] if something is in the folder; otherwise as [`Vault::audit_lines`].
    pub async fn export_audit(&self, scope: &Scope, folder: &Path) -> Result<i64> {
        let mut lines = self.audit_lines(scope).await?;
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(Error::Invalid(format!("{} is not empty", folder.display())));
        }
        let mut file = BufWriter::new(File::create(folder.join(LINES))?);
        let mut tiler = Tiler::default();
        let mut last = 0;
        while let Some(page) = lines.next().await? {
            file.write_all(page.as_bytes())?;
            for (seq, leaf) in lines.leaves.drain(..) {
                while last + 1 < seq {
                    write_all(folder, tiler.push(super::leaf::MISSING))?;
                    last += 1;
                }
                write_all(folder, tiler.push(&leaf))?;
                last = seq;
            }
        }
        write_all(folder, tiler.rest())?;
        file.into_inner().map_err(|error| Error::Io(error.into_error()))?.sync_all()?;
        let newest = lines.newest_note().await?;
        fs::write(folder.join(NEWEST), newest)?;
        Ok(last)
    }
}

fn write_all(folder: &Path, tiles: Vec<(Tile, Vec<u8>)>) -> Result<()> {
    for (tile, bytes) in tiles {
        let path = folder.join(TILES).join(tile.path());
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

impl AuditLines {
    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// Whatever kept them from being read.
    pub async fn next(&mut self) -> Result<Option<String>> {
        if !self.begun {
            self.begun = true;
            return Ok(Some(self.head()));
        }
        if self.seq >= self.newest.1 && self.number >= self.newest.0 && self.waiting.is_empty() {
            return Ok(None);
        }
        self.fetch().await?;
        let (after, through) = (self.seq, self.newest.1);
        let read = move |tx: &Tx<'_>| stored(tx, after, PAGE);
        let mut page = self.vault.read(&self.scope, read).await?;
        page.retain(|entry| entry.entry.seq <= through);
        let whole = page.len() < PAGE;
        let mut text = String::new();
        self.leaves.clear();
        for entry in page {
            // A page of checkpoints may end before this page of entries does: the rest of it is read again.
            if self.waiting.is_empty() && self.number < self.newest.0 {
                return Ok(Some(text));
            }
            self.write_checkpoints(entry.entry.seq - 1, &mut text).await?;
            self.seq = entry.entry.seq;
            self.leaves.push((self.seq, entry.leaf.clone()));
            text.push_str(&Line::Entry(entry.into()).text());
        }
        if whole {
            self.seq = through;
            // Whatever size it claims: nothing comes after.
            self.write_checkpoints(i64::MAX, &mut text).await?;
        }
        Ok(Some(text))
    }

    fn workspace(&self) -> WorkspaceId {
        self.scope.workspace()
    }

    fn head(&self) -> String {
        let keys = self.keys.iter().map(|key| Line::Key(KeyLine::of(self.workspace(), key)).text());
        std::iter::once(Line::log(self.workspace()).text()).chain(keys).collect()
    }

    /// Reads checkpoints if none wait.
    async fn fetch(&mut self) -> Result<()> {
        if self.waiting.is_empty() && self.number < self.newest.0 {
            let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let (after, newest) = (self.number, self.newest.0);
            let page = self.vault.audit_checkpoints(&self.scope, after, limit).await?;
            self.waiting = page.into_iter().filter(|checkpoint| checkpoint.number <= newest).collect();
            self.number = self.waiting.back().map_or(newest, |last| last.number);
        }
        Ok(())
    }

    /// Writes the checkpoints that cover no more than the entries up to a number.
    async fn write_checkpoints(&mut self, through: i64, text: &mut String) -> Result<()> {
        while let Some(checkpoint) = self.waiting.pop_front_if(|checkpoint| checkpoint.size <= through) {
            let line = self.line(&checkpoint).await?;
            text.push_str(&Line::Checkpoint(line).text());
        }
        Ok(())
    }

    async fn line(&self, checkpoint: &Checkpoint) -> Result<CheckpointLine> {
        let cosigned = self.vault.cosignatures(&self.scope, checkpoint.number).await?;
        Ok(CheckpointLine::of(self.workspace(), checkpoint, &self.keys, cosigned))
    }

    /// The newest checkpoint's note.
    async fn newest_note(&self) -> Result<String> {
        let newest = self.vault.audit_checkpoints(&self.scope, self.newest.0 - 1, 1).await?;
        match newest.first() {
            Some(checkpoint) => Ok(self.line(checkpoint).await?.note),
            None => Ok(String::new()),
        }
    }
}
