//! Checkpoints: once a minute, while anything happens, the root of the tree over all leaves so far is signed and kept in
//! custody, which never rolls back. Each names the root before it, so none can be taken out of the middle.
//!
//! A checkpoint is a signed note as <https://c2sp.org/tlog-checkpoint> has it: origin, size and root, then as extension lines
//! its number, its time and the root before. Its root is that of RFC 6962 over the leaves (an entry that was missing when the
//! tree was built is the empty leaf). Who keeps the public key and the newest checkpoint elsewhere also notices if all
//! checkpoints after some day are taken away.
//!
//! Those from before decision 0020 were signed over another text, seven lines with the same content. They stay as they are:
//! that text with its signature is a signed note, too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::leaf::MISSING;
use super::note::{Note, Signs, Verdict, VerifierKey};
use super::{AuditKey, Checkpoint, leaves};
use crate::merkle::{Hash, Tree};
use crate::{Error, Millis, Result, Right, Scope, Tx, Vault, WorkspaceId};

/// How long after an act its checkpoint is due.
pub(super) const PAUSE_MS: Millis = 60_000;
/// Leaves read at once.
const PAGE: usize = 500;
/// More numbers than this missing in a row are no accident, and not worth a tree.
const HOLE_MAX: i64 = 100_000;
impl Checkpoint {
    /// What is signed: six lines, each ended by a line feed. The log's origin; how many entries it covers; their root in
    /// base64; then `number`, `time` in Unix milliseconds and `previous`, the root before in base64, each with its word
    /// before it.
    pub fn statement(&self, workspace: WorkspaceId) -> String {
        let Self { number, size, at, .. } = self;
        let (root, previous) = (STANDARD.encode(&self.root), STANDARD.encode(&self.previous));
        format!("{}\n{size}\n{root}\nnumber {number}\ntime {at}\nprevious {previous}\n", origin(workspace))
    }

    /// What was signed before decision 0020.
    fn first_statement(&self, workspace: WorkspaceId) -> String {
        let Self { number, size, at, .. } = self;
        let (root, previous) = (hex::encode(&self.root), hex::encode(&self.previous));
        format!("parloir audit checkpoint 1\n{workspace}\n{number}\n{size}\n{root}\n{previous}\n{at}\n")
    }

    /// Reads what is signed, of either form; the signature is then missing. `None`: it is no statement of this workspace.
    pub(super) fn stated(workspace: WorkspaceId, text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().collect();
        let read = match lines[..] {
            [_, size, root, number, at, previous] => Self {
                number: number.strip_prefix("number ")?.parse().ok()?,
                size: size.parse().ok()?,
                root: STANDARD.decode(root).ok()?,
                previous: STANDARD.decode(previous.strip_prefix("previous ")?).ok()?,
                at: at.strip_prefix("time ")?.parse().ok()?,
                signature: Vec::new(),
                peaks: Vec::new(),
            },
            [_, _, number, size, root, previous, at] => Self {
                number: number.parse().ok()?,
                size: size.parse().ok()?,
                root: hex::decode(root).ok()?,
                previous: hex::decode(previous).ok()?,
                at: at.parse().ok()?,
                signature: Vec::new(),
                peaks: Vec::new(),
            },
            _ => return None,
        };
        // Said in one way only: whatever else reads the same is none.
        let same = read.statement(workspace) == text || read.first_statement(workspace) == text;
        same.then_some(read)
    }

    /// As a note, signed by this key, if it did sign it.
    pub(super) fn note(&self, key: &VerifierKey, workspace: WorkspaceId) -> Option<Note> {
        let line = key.line(&self.signature);
        [self.statement(workspace), self.first_statement(workspace)]
            .into_iter()
            .map(|text| Note { text, signatures: vec![line.clone()] })
            .find(|note| note.by(key) == Verdict::Signed)
    }

    /// The text of its note, by whichever key should have signed it; one that nobody signed is written all the same, for
    /// whoever verifies to find.
    pub(super) fn as_note(&self, workspace: WorkspaceId, keys: &[AuditKey]) -> String {
        let key = AuditKey::for_number(keys, self.number).or(keys.last());
        let Some(key) = key.and_then(|key| verifier(workspace, key.public_key)) else { return String::new() };
        let unsigned = || Note { text: self.statement(workspace), signatures: vec![key.line(&self.signature)] };
        self.note(&key, workspace).unwrap_or_else(unsigned).to_string()
    }

    /// Whether this is what the owner of a public key signed for a workspace.
    pub fn is_signed_by(&self, public_key: &[u8; 32], workspace: WorkspaceId) -> bool {
        verifier(workspace, *public_key).is_some_and(|key| self.note(&key, workspace).is_some())
    }

    /// Whether this is what the key for its number signed for a workspace.
    pub fn is_signed_by_one_of(&self, keys: &[AuditKey], workspace: WorkspaceId) -> bool {
        AuditKey::for_number(keys, self.number).is_some_and(|key| self.is_signed_by(&key.public_key, workspace))
    }

    /// The tree as it was, to go on from; `None` if its peaks do not give the root.
    pub(super) fn tree(&self) -> Option<Tree> {
        let peaks: Vec<Hash> = self.peaks.chunks(32).map(|peak| peak.try_into().ok()).collect::<Option<_>>()?;
        let tree = Tree::resume(u64::try_from(self.size).ok()?, peaks)?;
        (tree.root()[..] == self.root[..]).then_some(tree)
    }
}

/// What tells a workspace's log from all others: the first line of its checkpoints, and the name of its keys.
pub fn origin(workspace: WorkspaceId) -> String {
    format!("parloir/audit/{workspace}")
}

/// A workspace's key as notes know it.
pub(super) fn verifier(workspace: WorkspaceId, public_key: [u8; 32]) -> Option<VerifierKey> {
    VerifierKey::new(&origin(workspace), Signs::Notes, public_key).ok()
}

impl Vault {
    /// Signs the state of a workspace's audit log into custody; `None` if nothing came since the last time. Reads only
    /// the leaves that came since.
    ///
    /// # Errors
    /// [`Error::Seal`] if the last checkpoint was altered: then nothing is built on it, and
    /// [`Vault::verify_audit`] says more. [`Error::Again`] if another node made a checkpoint at the same moment.
    pub async fn checkpoint_audit(&self, scope: &Scope) -> Result<Option<Checkpoint>> {
        scope.require(Right::ReadAudit)?;
        let workspace = scope.workspace();
        let last = self.off_thread(move |vault| vault.trusted_checkpoint(workspace)).await?;
        let mut tree = last.as_ref().map_or(Some(Tree::default()), Checkpoint::tree).ok_or(ALTERED)?;
        let before = (tree.size(), tree.root());
        while let Some((first, rest)) = self.page_after(scope, &tree).await?.split_first() {
            grow(&mut tree, first)?;
            rest.iter().try_for_each(|leaf| grow(&mut tree, leaf))?;
        }
        if tree.size() == before.0 {
            return Ok(None);
        }
        let number = last.map_or(1, |last| last.number.saturating_add(1));
        self.off_thread(move |vault| vault.sign_checkpoint(workspace, number, &tree, before.1)).await.map(Some)
    }

    /// By which a workspace's checkpoints are verified, oldest first: each key signs from a checkpoint on, and the one before
    /// signed that it does. They may be given to anybody.
    pub async fn audit_keys(&self, scope: &Scope) -> Result<Vec<AuditKey>> {
        scope.require(Right::ReadAudit)?;
        let workspace = scope.workspace();
        self.off_thread(move |vault| vault.keys().audit_keys(workspace)).await
    }

    /// By which a workspace's newest checkpoints are verified (Ed25519). It may be given to anybody.
    pub async fn audit_public_key(&self, scope: &Scope) -> Result<[u8; 32]> {
        scope.require(Right::ReadAudit)?;
        let workspace = scope.workspace();
        self.off_thread(move |vault| vault.keys().audit_public_key(workspace)).await
    }

    /// A workspace's checkpoints after a number, oldest first.
    pub async fn audit_checkpoints(&self, scope: &Scope, after: i64, limit: i64) -> Result<Vec<Checkpoint>> {
        scope.require(Right::ReadAudit)?;
        let workspace = scope.workspace();
        self.off_thread(move |vault| vault.keys().checkpoints(workspace, after, limit)).await
    }

    fn trusted_checkpoint(&self, workspace: WorkspaceId) -> Result<Option<Checkpoint>> {
        let Some(last) = self.keys().last_checkpoint(workspace)? else { return Ok(None) };
        if last.is_signed_by_one_of(&self.keys().audit_keys(workspace)?, workspace) {
            Ok(Some(last))
        } else {
            Err(ALTERED)
        }
    }

    async fn page_after(&self, scope: &Scope, tree: &Tree) -> Result<Vec<(i64, Vec<u8>)>> {
        let after = size(tree);
        self.read(scope, move |tx: &Tx<'_>| leaves(tx, after, PAGE)).await
    }

    fn sign_checkpoint(&self, workspace: WorkspaceId, number: i64, tree: &Tree, previous: Hash) -> Result<Checkpoint> {
        let mut checkpoint = Checkpoint {
            number,
            size: size(tree),
            root: tree.root().to_vec(),
            previous: previous.to_vec(),
            at: self.clock().now(),
            signature: Vec::new(),
            peaks: tree.peaks().concat(),
        };
        self.keys().sign_checkpoint(workspace, &mut checkpoint)?;
        // Custody keeps the first of a number; a fork of the chain is thus impossible.
        let kept = self.keys().checkpoints(workspace, number - 1, 1)?.pop();
        if kept.as_ref() == Some(&checkpoint) { Ok(checkpoint) } else { Err(Error::Again) }
    }
}

const ALTERED: Error = Error::Seal("the audit log's last checkpoint was altered: verify the log");

/// Adds a leaf at its place.
fn grow(tree: &mut Tree, (seq, leaf): &(i64, Vec<u8>)) -> Result<()> {
    if seq.saturating_sub(size(tree)) > HOLE_MAX {
        return Err(Error::Seal("a long stretch of the audit log is missing: verify the log"));
    }
    while size(tree) + 1 < *seq {
        tree.push(MISSING);
    }
    tree.push(leaf);
    Ok(())
}

/// How many entries a tree covers, as their numbers are stored.
pub(super) fn size(tree: &Tree) -> i64 {
    i64::try_from(tree.size()).unwrap_or(i64::MAX)
}
