//! Holding the log against its checkpoints: every leaf is computed anew, the tree is built again, and each checkpoint's
//! root, signature and place in the chain are compared. It reads in pages and can take long; nothing waits for it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use super::checkpoint::size;
use super::leaf::Condition;
use super::leaf::MISSING;
use super::note::{Note, SignatureLine, Signs, Verdict, VerifierKey};
use super::{AuditKey, Checked, Checkpoint, Fault, checked, last_number};
use crate::merkle::Tree;
use crate::{Millis, Result, Right, Scope, Tx, Vault};

/// For how long words are kept at least: what R-10 says, less a day for clocks and sweeps.
pub(super) const TERM_MS: Millis = 364 * 24 * 3_600_000;
/// Entries or checkpoints read at once.
const PAGE: usize = 500;
/// More faults than this are not listed: the log is lost anyhow.
pub(super) const FAULTS_MAX: usize = 1_000;

/// What verifying a workspace's audit log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries that were looked at.
    pub entries: u64,
    /// Those of them whose subject was wiped when it was erased: all else of them is proven.
    pub forgotten: u64,
    /// Those of them whose words have expired: only the tree vouches for them.
    pub expired: u64,
    /// Checkpoints that were looked at.
    pub checkpoints: i64,
    /// The entries up to this number are covered by a checkpoint; those after it only by their own leaf.
    pub covered: i64,
    /// The newest checkpoint that each witness signed, by the witness' key.
    pub cosigned: BTreeMap<String, i64>,
    /// By which the newest checkpoints were verified.
    pub public_key: [u8; 32],
    /// By which all of them were, oldest first: more than one after a rotation.
    pub keys: Vec<AuditKey>,
    /// What is not as it was, at most a thousand of it.
    pub faults: Vec<Fault>,
}

impl AuditReport {
    /// Whether everything is as it was.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn note(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

impl Vault {
    /// Verifies a workspace's whole audit log, also where old entries' words have expired.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`] without [`Right::ReadAudit`]. What was tampered with is no error but a [`Fault`].
    pub async fn verify_audit(&self, scope: &Scope) -> Result<AuditReport> {
        scope.require(Right::ReadAudit)?;
        let workspace = scope.workspace();
        let keys = self.audit_keys(scope).await?;
        let public_key = keys.last().map_or([0; 32], |key| key.public_key);
        let stored = self.off_thread(move |vault| vault.keys().stored_audit_keys(workspace)).await?;
        let untrusted = stored.iter().filter(|key| !keys.contains(key));
        let faults = untrusted.map(|key| Fault::Key { generation: key.generation }).collect();
        // What is signed while this runs covers entries that this may not see any more.
        let newest = self.off_thread(move |vault| vault.keys().last_checkpoint(workspace)).await?;
        let report = AuditReport {
            entries: 0,
            forgotten: 0,
            expired: 0,
            checkpoints: 0,
            covered: 0,
            cosigned: BTreeMap::new(),
            public_key,
            keys,
            faults,
        };
        let walk = Walk {
            vault: self,
            scope,
            tree: Tree::default(),
            previous: Some(Tree::default().root().to_vec()),
            number: 0,
            unread: VecDeque::new(),
            read: 0,
            last: 0,
            oldest: self.clock().now().saturating_sub(TERM_MS),
            report,
        };
        walk.through(newest.map_or(0, |newest| newest.number)).await
    }
}

/// One way through log and checkpoints, side by side.
struct Walk<'a> {
    vault: &'a Vault,
    scope: &'a Scope,
    tree: Tree,
    /// The root that the next checkpoint must name; `None` after one that cannot be believed.
    previous: Option<Vec<u8>>,
    /// The last checkpoint's number.
    number: i64,
    /// Entries that were read and not looked at yet.
    unread: VecDeque<Checked>,
    /// The last entry that was read.
    read: i64,
    /// The newest number that the log has given, by its own counter.
    last: i64,
    /// Words of entries after this moment have not expired yet.
    oldest: Millis,
    report: AuditReport,
}

impl Walk<'_> {
    async fn through(mut self, newest: i64) -> Result<AuditReport> {
        while self.number < newest {
            let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let page = self.vault.audit_checkpoints(self.scope, self.number, limit).await?;
            if page.is_empty() {
                break;
            }
            let through = page.last().map_or(newest, |last| last.number.min(newest));
            self.judge_cosignatures(through, &page).await?;
            for checkpoint in page.into_iter().filter(|checkpoint| checkpoint.number <= newest) {
                self.judge(checkpoint).await?;
            }
        }
        self.judge_cosignatures(i64::MAX, &[]).await?;
        self.rest().await?;
        Ok(self.report)
    }

    /// Looks at what witnesses signed of a page of checkpoints, which are those up to a number.
    async fn judge_cosignatures(&mut self, through: i64, page: &[Checkpoint]) -> Result<()> {
        let (workspace, after) = (self.scope.workspace(), self.number);
        let kept = self.vault.off_thread(move |vault| vault.keys().cosignatures(workspace, after, through)).await?;
        for (number, witness, line) in kept {
            let signed = page.iter().find(|checkpoint| checkpoint.number == number).map(|it| it.statement(workspace));
            match signed {
                // A checkpoint that a witness signed was there once.
                None => self.report.note(Fault::Chain { number }),
                Some(text) if is_cosigned(&text, &witness, &line) => {
                    self.report.cosigned.insert(witness, number);
                }
                Some(_) => self.report.note(Fault::Cosignature { number }),
            }
        }
        Ok(())
    }

    async fn judge(&mut self, checkpoint: Checkpoint) -> Result<()> {
        let number = checkpoint.number;
        let follows = number == self.number + 1;
        self.number = number;
        self.report.checkpoints += 1;
        if !checkpoint.is_signed_by_one_of(&self.report.keys, self.scope.workspace()) {
            self.report.note(Fault::Checkpoint { number });
            self.previous = None;
            return Ok(());
        }
        let named = self.previous.as_ref().is_none_or(|previous| *previous == checkpoint.previous);
        if !follows || !named || checkpoint.size <= self.report.covered {
            self.report.note(Fault::Chain { number });
        }
        self.reach(checkpoint.size).await?;
        if self.tree.root()[..] != checkpoint.root[..] {
            let (from, through) = (self.report.covered + 1, checkpoint.size);
            self.report.note(Fault::Rewritten { from, through, checkpoint: number });
        }
        // What comes after is judged by itself: from the state that was signed, where it can be had.
        match checkpoint.tree() {
            Some(tree) => self.tree = tree,
            None => self.report.note(Fault::Checkpoint { number }),
        }
        self.report.covered = checkpoint.size;
        self.previous = Some(checkpoint.root);
        Ok(())
    }

    /// Builds the tree up to a size.
    async fn reach(&mut self, target: i64) -> Result<()> {
        while size(&self.tree) < target {
            let next = size(&self.tree) + 1;
            match self.peek().await? {
                Some(found) if found == next => self.take(),
                found => self.miss(next, found.map_or(target, |found| target.min(found - 1))),
            }
        }
        Ok(())
    }

    /// Looks at what no checkpoint covers yet.
    async fn rest(&mut self) -> Result<()> {
        let mut next = size(&self.tree) + 1;
        while let Some(found) = self.peek().await? {
            if found > next {
                self.report.note(Fault::Missing { from: next, through: found - 1 });
            }
            next = found + 1;
            self.take();
        }
        if self.last >= next {
            self.report.note(Fault::Missing { from: next, through: self.last });
        }
        Ok(())
    }

    /// Takes an entry into the tree.
    fn take(&mut self) {
        let Some(entry) = self.unread.pop_front() else { return };
        self.report.entries += 1;
        match entry.condition {
            Condition::Intact => {}
            Condition::Forgotten => self.report.forgotten += 1,
            Condition::Expired => {
                self.report.expired += 1;
                if entry.timed && entry.at > self.oldest {
                    self.report.note(Fault::Early { entry: entry.seq });
                }
            }
            Condition::Altered => self.report.note(Fault::Altered { entry: entry.seq }),
        }
        self.tree.push(&entry.leaf);
    }

    fn miss(&mut self, from: i64, through: i64) {
        self.report.note(Fault::Missing { from, through });
        (from..=through).for_each(|_| self.tree.push(MISSING));
    }

    /// The number of the next entry; `None` at the end of the log.
    async fn peek(&mut self) -> Result<Option<i64>> {
        if self.unread.is_empty() {
            let after = self.read;
            let read = move |tx: &Tx<'_>| Ok::<_, crate::Error>((checked(tx, after, PAGE)?, last_number(tx)?));
            let (page, last) = self.vault.read(self.scope, read).await?;
            self.last = last;
            self.read = page.last().map_or(after, |entry| entry.seq);
            self.unread = page.into();
        }
        Ok(self.unread.front().map(|entry| entry.seq))
    }
}

/// Whether a kept line is what a witness signed under a checkpoint.
fn is_cosigned(text: &str, witness: &str, line: &str) -> bool {
    let key = VerifierKey::parse(witness).ok().filter(|key| key.signs() == Signs::Cosignatures);
    let signatures = SignatureLine::parse(line).filter(|parsed| parsed.to_string() == line).into_iter().collect();
    key.is_some_and(|key| Note { text: text.into(), signatures }.by(&key) == Verdict::Signed)
}
