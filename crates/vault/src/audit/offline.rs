//! Verifying a log that was exported, with nothing but its lines ([`super::lines`]) and what is trusted: a public key, and
//! perhaps a checkpoint that was kept elsewhere. No database, no key of the installation, no network.

mod folder;
#[cfg(test)]
pub(super) mod tests;

pub(super) use folder::{LINES, NEWEST, TILES};
pub use folder::{verify_file, verify_folder, workspace_of};

use super::checkpoint::{self, size};
use super::leaf::{Condition, MISSING, Stored};
use super::lines::{CheckpointLine, FORMAT, Line};
use super::note::{Note, Verdict, VerifierKey};
use super::report::{FAULTS_MAX, TERM_MS};
use super::tiles::{Tile, Tiler};
use super::{AuditKey, Checkpoint, Fault};
use crate::WorkspaceId;
use crate::merkle::Tree;

/// More entries than this missing in a row are not counted one by one.
const HOLE_MAX: i64 = 1_000_000;

/// What whoever verifies believes.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// A key of the log, as it was kept elsewhere. Without one the log's own word is taken: that shows whether anything was
    /// altered since it was signed, and not who signed it.
    pub key: Option<VerifierKey>,
    /// A checkpoint that was kept elsewhere: the log has to contain it.
    pub kept: Option<Note>,
    /// Witnesses whose cosignatures are looked at.
    pub witnesses: Vec<VerifierKey>,
}

/// What verifying an exported log found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfflineReport {
    /// Whose log it says it is.
    pub workspace: String,
    /// Entries that were looked at.
    pub entries: u64,
    /// Those whose subject was wiped when it was erased: all else of them is proven.
    pub forgotten: u64,
    /// Those whose words have expired: only the tree vouches for them.
    pub expired: u64,
    /// Checkpoints that were looked at.
    pub checkpoints: i64,
    /// The entries up to this number are covered by a checkpoint.
    pub covered: i64,
    /// The number of the newest checkpoint that a known witness cosigned; 0: none.
    pub cosigned: i64,
    /// The key that signed the newest checkpoint, to keep elsewhere.
    pub key: String,
    /// Whether a key was given that is one of this log's.
    pub key_was_given: bool,
    /// What is not as it was, each with its place: a file and a line; at most a thousand of it.
    pub faults: Vec<(String, Fault)>,
}

impl OfflineReport {
    /// Whether everything is as it was.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One way through the lines.
struct Walk {
    trust: Trust,
    /// The checkpoint that was kept elsewhere, read; only if its signature is good.
    kept: Option<Checkpoint>,
    workspace: Option<WorkspaceId>,
    keys: Vec<AuditKey>,
    verifiers: Vec<VerifierKey>,
    tree: Tree,
    tiler: Tiler,
    /// The root that the next checkpoint must name; `None` after one that cannot be believed.
    previous: Option<Vec<u8>>,
    number: i64,
    /// Times of entries whose words have expired, until it is known how old they are: number and time of the youngest.
    youngest: Option<(i64, i64)>,
    /// The newest note.
    newest: String,
    place: String,
    report: OfflineReport,
}

impl Walk {
    fn new(trust: Trust) -> Self {
        Self {
            kept: None,
            workspace: None,
            keys: Vec::new(),
            verifiers: Vec::new(),
            tree: Tree::default(),
            tiler: Tiler::default(),
            previous: Some(Tree::default().root().to_vec()),
            number: 0,
            youngest: None,
            newest: String::new(),
            place: String::new(),
            report: OfflineReport::default(),
            trust,
        }
    }

    fn note(&mut self, fault: Fault) {
        let place = self.place.clone();
        self.note_at(place, fault);
    }

    fn note_tiles(&mut self, names: Vec<String>) {
        for name in names {
            self.note_at(name, Fault::Tile);
        }
    }

    fn note_at(&mut self, place: String, fault: Fault) {
        if self.report.faults.len() < FAULTS_MAX {
            self.report.faults.push((place, fault));
        }
    }

    /// Takes a line with its end; the tiles that it filled.
    fn take(&mut self, place: String, line: &str) -> Vec<(Tile, Vec<u8>)> {
        self.place = place;
        let Some(line) = Line::read(line) else {
            self.note(Fault::Unreadable);
            return Vec::new();
        };
        match (line, self.workspace) {
            (Line::Log { format, workspace, origin }, None) => self.begin(&format, workspace, &origin),
            (Line::Key(line), Some(workspace)) if self.tree.size() == 0 && self.number == 0 => {
                match line.key(workspace) {
                    Some(key) => self.know(workspace, key),
                    None => self.note(Fault::Unreadable),
                }
            }
            (Line::Entry(line), Some(workspace)) => return self.entry(workspace, &line.into()),
            (Line::Checkpoint(line), Some(workspace)) => return self.checkpoint(workspace, &line),
            _ => self.note(Fault::Unreadable),
        }
        Vec::new()
    }

    fn begin(&mut self, format: &str, workspace: String, origin: &str) {
        match workspace.parse::<WorkspaceId>() {
            Ok(id) if format == FORMAT && checkpoint::origin(id) == origin => self.workspace = Some(id),
            _ => self.note(Fault::Unreadable),
        }
        self.report.workspace = workspace;
    }

    fn know(&mut self, workspace: WorkspaceId, key: AuditKey) {
        let follows = match self.keys.last() {
            None => key.is_first(),
            Some(before) => key.follows(before, workspace),
        };
        if !follows {
            self.note(Fault::Key { generation: key.generation });
            return;
        }
        self.verifiers.extend(checkpoint::verifier(workspace, key.public_key));
        self.keys.push(key);
    }

    fn entry(&mut self, workspace: WorkspaceId, stored: &Stored) -> Vec<(Tile, Vec<u8>)> {
        let (seq, next) = (stored.entry.seq, size(&self.tree) + 1);
        if seq < next {
            self.note(Fault::Altered { entry: seq });
            return Vec::new();
        }
        let mut full = self.miss(seq - 1);
        self.report.entries += 1;
        match stored.condition(workspace) {
            Condition::Intact => {}
            Condition::Forgotten => self.report.forgotten += 1,
            Condition::Expired => {
                self.report.expired += 1;
                let younger = self.youngest.is_none_or(|(_, at)| at < stored.entry.at);
                if stored.proves_its_time() && younger {
                    self.youngest = Some((seq, stored.entry.at));
                }
            }
            Condition::Altered => self.note(Fault::Altered { entry: seq }),
        }
        full.extend(self.grow(&stored.leaf));
        full
    }

    /// What is missing up to a number.
    fn miss(&mut self, through: i64) -> Vec<(Tile, Vec<u8>)> {
        let from = size(&self.tree) + 1;
        if through < from {
            return Vec::new();
        }
        self.note(Fault::Missing { from, through });
        let through = through.min(from.saturating_add(HOLE_MAX));
        (from..=through).flat_map(|_| self.grow(MISSING)).collect()
    }

    fn grow(&mut self, leaf: &[u8]) -> Vec<(Tile, Vec<u8>)> {
        self.tree.push(leaf);
        if self.kept.as_ref().is_some_and(|kept| kept.size == size(&self.tree)) {
            let root = self.tree.root();
            if self.kept.take().is_some_and(|kept| kept.root[..] != root[..]) {
                self.note(Fault::Kept);
            }
        }
        self.tiler.push(leaf)
    }

    fn checkpoint(&mut self, workspace: WorkspaceId, line: &CheckpointLine) -> Vec<(Tile, Vec<u8>)> {
        self.admit_kept(workspace);
        self.report.checkpoints += 1;
        let follows = line.number == self.number + 1;
        self.number = line.number;
        let Some(signed) = self.signed(workspace, line) else {
            self.note(Fault::Checkpoint { number: line.number });
            self.previous = None;
            return Vec::new();
        };
        let named = self.previous.as_ref().is_none_or(|previous| *previous == signed.previous);
        if !follows || !named || signed.size <= self.report.covered || signed.size < size(&self.tree) {
            self.note(Fault::Chain { number: line.number });
        }
        let full = self.miss(signed.size);
        self.compare(&signed);
        self.report.covered = signed.size;
        self.previous = Some(signed.root.clone());
        self.newest.clone_from(&line.note);
        full
    }

    fn compare(&mut self, signed: &Checkpoint) {
        let number = signed.number;
        if self.tree.root()[..] != signed.root[..] {
            let (from, through) = (self.report.covered + 1, signed.size);
            self.note(Fault::Rewritten { from, through, checkpoint: number });
        }
        // What comes after is judged by itself: from the state that was signed, where it can be had.
        match signed.tree() {
            Some(tree) => self.tree = tree,
            None => self.note(Fault::Checkpoint { number }),
        }
    }

    /// What a line's note states, if the key for its number signed it.
    fn signed(&mut self, workspace: WorkspaceId, line: &CheckpointLine) -> Option<Checkpoint> {
        let note = Note::parse(&line.note).ok().filter(|note| note.to_string() == line.note)?;
        let stated = Checkpoint::stated(workspace, &note.text).filter(|stated| stated.number == line.number)?;
        let key = self.keys.iter().rposition(|key| key.first <= stated.number)?;
        if note.by(self.verifiers.get(key)?) != Verdict::Signed {
            return None;
        }
        self.cosigned(&note, &line.witnesses, stated.number);
        let signature = note.signatures.first().map(|line| line.signature().to_vec()).unwrap_or_default();
        Some(Checkpoint { signature, peaks: line.peaks.clone(), ..stated })
    }

    /// Looks at what witnesses signed of a checkpoint. Each line is the log's own, or of a witness that is named.
    fn cosigned(&mut self, note: &Note, witnesses: &[String], number: i64) {
        let keys: Vec<VerifierKey> = witnesses.iter().filter_map(|text| VerifierKey::parse(text).ok()).collect();
        let all = keys.len() == witnesses.len() && note.signatures.len() == keys.len() + 1;
        if !all || keys.iter().any(|key| note.by(key) != Verdict::Signed) {
            self.note(Fault::Cosignature { number });
        } else if keys.iter().any(|key| self.trust.witnesses.contains(key)) {
            self.report.cosigned = number;
        }
    }

    /// Reads what was kept elsewhere, once the keys are known.
    fn admit_kept(&mut self, workspace: WorkspaceId) {
        let Some(note) = self.trust.kept.take() else { return };
        let stated = Checkpoint::stated(workspace, &note.text);
        let key = stated.as_ref().and_then(|kept| self.keys.iter().rposition(|key| key.first <= kept.number));
        let verdict = key.and_then(|key| self.verifiers.get(key)).map(|key| note.by(key));
        match (stated, verdict) {
            (Some(kept), Some(Verdict::Signed)) if kept.size > size(&self.tree) => self.kept = Some(kept),
            // The first checkpoint, or one before it, is what was just passed.
            (Some(kept), Some(Verdict::Signed)) if kept.size == size(&self.tree) => {
                if self.tree.root()[..] != kept.root[..] {
                    self.note(Fault::Kept);
                }
            }
            _ => self.note(Fault::Kept),
        }
    }

    /// At the end of the lines: the tiles at the right edge, and the newest note.
    fn end(&mut self) -> Vec<(Tile, Vec<u8>)> {
        let last = size(&self.tree);
        if last > self.report.covered || self.workspace.is_none() || self.number == 0 {
            self.note(Fault::Uncovered { from: self.report.covered + 1, through: last });
        }
        if self.kept.is_some() || self.trust.kept.is_some() {
            self.note(Fault::Kept);
        }
        let newest = Note::parse(&self.newest).ok().zip(self.workspace);
        let signed_at = newest.and_then(|(note, workspace)| Checkpoint::stated(workspace, &note.text)).map(|it| it.at);
        if let Some((entry, at)) = self.youngest
            && signed_at.is_none_or(|signed| at > signed.saturating_sub(TERM_MS))
        {
            self.note(Fault::Early { entry });
        }
        self.report.key = self.verifiers.last().map(ToString::to_string).unwrap_or_default();
        self.report.key_was_given = self.trust.key.as_ref().is_some_and(|key| self.verifiers.contains(key));
        if self.trust.key.is_some() && !self.report.key_was_given {
            self.note(Fault::Stranger);
        }
        std::mem::take(&mut self.tiler).rest()
    }
}
