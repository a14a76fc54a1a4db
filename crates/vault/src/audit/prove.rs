//! Proofs out of the live log, for auditors and witnesses: the newest checkpoint, tiles, and that an entry is in the tree.
//!
//! Hashes are computed from the leaves when they are asked for. A proof about one entry so reads the numbers and leaves of
//! the whole log, some fifty bytes each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::leaf::MISSING;
use super::tiles::{Tile, bundled};
use super::{Checkpoint, leaves};
use crate::merkle::{self, Hash, Stretch, Tree};
use crate::{Error, Result, Right, Scope, Tx, Vault};

/// Leaves read at once.
const PAGE: usize = 2_000;

impl Vault {
    /// The newest checkpoint as a signed note, with what witnesses signed of it. It may be given to anybody.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none yet, [`Error::Forbidden`] without [`Right::ReadAudit`].
    pub async fn audit_note(&self, scope: &Scope) -> Result<String> {
        let newest = self.newest_checkpoint(scope).await?;
        let keys = self.audit_keys(scope).await?;
        let cosigned = self.cosignatures(scope, newest.number).await?;
        let lines: String = cosigned.into_iter().map(|(_, line)| line).collect();
        Ok(newest.as_note(scope.workspace(), &keys) + &lines)
    }

    /// A tile of the tree under the newest checkpoint.
    ///
    /// # Errors
    /// [`Error::NotFound`] if that tree has no such tile, [`Error::Forbidden`] without [`Right::ReadAudit`].
    pub async fn audit_tile(&self, scope: &Scope, tile: Tile) -> Result<Vec<u8>> {
        let size = u64::try_from(self.newest_checkpoint(scope).await?.size).unwrap_or_default();
        let stretches = tile.stretches().filter(|all| all.last().is_some_and(|last| last.end <= size));
        let stretches = stretches.ok_or(Error::NotFound("tile"))?;
        if tile.level.is_some() {
            return Ok(self.roots(scope, stretches).await?.concat());
        }
        let (from, through) =
            (stretches.first().map_or(0, |first| first.start), stretches.last().map_or(0, |last| last.end));
        let mut bytes = Vec::new();
        self.each_leaf(scope, from..through, |leaf| bytes.extend(bundled(leaf))).await?;
        Ok(bytes)
    }

    /// That an entry is in the tree under the newest checkpoint, as <https://c2sp.org/tlog-proof> has it; the extra line
    /// holds the leaf.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the newest checkpoint does not cover it, [`Error::Seal`] if the log is not what was signed.
    pub async fn audit_proof(&self, scope: &Scope, seq: i64) -> Result<String> {
        let newest = self.newest_checkpoint(scope).await?;
        let size = u64::try_from(newest.size).unwrap_or_default();
        let index = u64::try_from(seq.saturating_sub(1)).ok().filter(|index| *index < size);
        let index = index.ok_or(Error::NotFound("entry"))?;
        let path = merkle::inclusion(index, size);
        let mut leaf = Vec::new();
        self.each_leaf(scope, index..index + 1, |found| leaf.extend_from_slice(found)).await?;
        let hashes = self.roots(scope, path.clone()).await?;
        let root = path.iter().zip(&hashes).fold(merkle::leaf_hash(&leaf), |root, (beside, hash)| {
            if beside.start > index { merkle::node_hash(&root, hash) } else { merkle::node_hash(hash, &root) }
        });
        if root[..] != newest.root[..] {
            return Err(Error::Seal("the audit log is not what was signed: verify the log"));
        }
        let lines: String = hashes.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        let (extra, note) = (STANDARD.encode(&leaf), self.audit_note(scope).await?);
        Ok(format!("c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n{lines}\n{note}"))
    }

    /// What witnesses signed of a checkpoint: their keys, and lines of its note, each with its end.
    pub(super) async fn cosignatures(&self, scope: &Scope, number: i64) -> Result<Vec<(String, String)>> {
        let workspace = scope.workspace();
        let kept = self.off_thread(move |vault| vault.keys().cosignatures(workspace, number - 1, number)).await?;
        Ok(kept.into_iter().map(|(_, witness, line)| (witness, line + "\n")).collect())
    }

    pub(super) async fn newest_checkpoint(&self, scope: &Scope) -> Result<Checkpoint> {
        scope.require(Right::ReadAudit)?;
        let workspace = scope.workspace();
        let newest = self.off_thread(move |vault| vault.keys().last_checkpoint(workspace)).await?;
        newest.ok_or(Error::NotFound("checkpoint"))
    }

    /// The roots of the trees over stretches of leaves.
    pub(super) async fn roots(&self, scope: &Scope, stretches: Vec<Stretch>) -> Result<Vec<Hash>> {
        let mut roots = Vec::with_capacity(stretches.len());
        for stretch in stretches {
            let mut tree = Tree::default();
            self.each_leaf(scope, stretch, |leaf| tree.push(leaf)).await?;
            roots.push(tree.root());
        }
        Ok(roots)
    }

    /// Shows each leaf of a stretch, in order; where an entry is missing, the empty one.
    async fn each_leaf(&self, scope: &Scope, stretch: Stretch, mut show: impl FnMut(&[u8])) -> Result<()> {
        let (mut next, end) = (number(stretch.start)?, number(stretch.end)?);
        while next < end {
            let after = next;
            let limit = usize::try_from(end - next).unwrap_or(PAGE).min(PAGE);
            let page = self.read(scope, move |tx: &Tx<'_>| leaves(tx, after, limit)).await?;
            let whole = page.len() < limit;
            for (seq, leaf) in page.iter().filter(|(seq, _)| *seq <= end) {
                (next..seq - 1).for_each(|_| show(MISSING));
                show(leaf);
                next = *seq;
            }
            if whole || page.last().is_none_or(|(seq, _)| *seq > end) {
                (next..end).for_each(|_| show(MISSING));
                next = end;
            }
        }
        Ok(())
    }
}

fn number(place: u64) -> Result<i64> {
    i64::try_from(place).map_err(|_| Error::NotFound("tile"))
}
