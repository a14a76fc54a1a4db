//! The log as text, a JSON object a line: whose it is, the keys, then entries, and after the last entry that it covers each
//! checkpoint. Whoever has these lines and a public key can verify the log without the program's data ([`super::offline`]).
//!
//! A line has one form only: what reads the same and is written otherwise is refused, so no byte can be changed unnoticed.

use serde::{Deserialize, Serialize};

use super::leaf::Stored;
use super::note::VerifierKey;
use super::{AuditKey, Checkpoint, Entry, checkpoint};
use crate::WorkspaceId;

/// How the lines are written, for whoever reads them in ten years.
pub(super) const FORMAT: &str = "parloir audit log 1";

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    /// Whose log it is: the first line.
    Log { format: String, workspace: String, origin: String },
    /// A key that signs checkpoints.
    Key(KeyLine),
    /// An entry.
    Entry(EntryLine),
    /// A checkpoint over all entries before it.
    Checkpoint(CheckpointLine),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyLine {
    generation: i64,
    first_checkpoint: i64,
    key: String,
    #[serde(with = "hex_bytes")]
    handover: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine {
    seq: i64,
    at: i64,
    actor_kind: String,
    actor_id: String,
    purpose: String,
    act: String,
    subject: String,
    #[serde(with = "maybe_hex")]
    salt: Option<Vec<u8>>,
    #[serde(with = "maybe_hex")]
    subject_salt: Option<Vec<u8>>,
    #[serde(with = "maybe_hex")]
    subject_hash: Option<Vec<u8>>,
    #[serde(with = "hex_bytes")]
    leaf: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckpointLine {
    pub(super) number: i64,
    /// The signed note.
    pub(super) note: String,
    /// The verifier keys of the witnesses that signed it, in the order of their lines in the note.
    pub(super) witnesses: Vec<String>,
    /// The tree's peaks, largest first, by which the log can be verified from here on if what is before was altered.
    #[serde(with = "hex_bytes")]
    pub(super) peaks: Vec<u8>,
}

impl Line {
    /// The first line.
    pub(super) fn log(workspace: WorkspaceId) -> Self {
        Self::Log { format: FORMAT.into(), workspace: workspace.to_string(), origin: checkpoint::origin(workspace) }
    }

    /// The line's text, with its end.
    pub(super) fn text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a line with its end. `None`: it is not as this writes it.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|line: &Self| line.text() == text)
    }
}

impl KeyLine {
    pub(super) fn of(workspace: WorkspaceId, key: &AuditKey) -> Self {
        Self {
            generation: key.generation,
            first_checkpoint: key.first,
            key: checkpoint::verifier(workspace, key.public_key).map(|key| key.to_string()).unwrap_or_default(),
            handover: key.handover.clone(),
        }
    }

    /// The key; `None` if it is none of this workspace's.
    pub(super) fn key(&self, workspace: WorkspaceId) -> Option<AuditKey> {
        let public_key = *VerifierKey::parse(&self.key).ok()?.public_key();
        let (generation, first, handover) = (self.generation, self.first_checkpoint, self.handover.clone());
        let key = AuditKey { generation, first, public_key, handover };
        (Self::of(workspace, &key) == *self).then_some(key)
    }
}

impl From<Stored> for EntryLine {
    fn from(stored: Stored) -> Self {
        let Stored { entry, salt, subject_salt, subject_hash, leaf } = stored;
        let Entry { seq, at, actor_kind, actor_id, purpose, act, subject, .. } = entry;
        Self { seq, at, actor_kind, actor_id, purpose, act, subject, salt, subject_salt, subject_hash, leaf }
    }
}

impl From<EntryLine> for Stored {
    fn from(line: EntryLine) -> Self {
        let EntryLine { seq, at, actor_kind, actor_id, purpose, act, subject, salt, subject_salt, subject_hash, leaf } =
            line;
        let expired = salt.is_none();
        let entry = Entry { seq, at, actor_kind, actor_id, purpose, act, subject, expired };
        Self { entry, salt, subject_salt, subject_hash, leaf }
    }
}

impl CheckpointLine {
    /// A checkpoint with what witnesses signed of it.
    pub(super) fn of(
        workspace: WorkspaceId,
        checkpoint: &Checkpoint,
        keys: &[AuditKey],
        cosigned: Vec<(String, String)>,
    ) -> Self {
        let (witnesses, lines): (Vec<_>, Vec<_>) = cosigned.into_iter().unzip();
        let note = checkpoint.as_note(workspace, keys) + &lines.concat();
        Self { number: checkpoint.number, note, witnesses, peaks: checkpoint.peaks.clone() }
    }
}

mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text).map_err(|_| serde::de::Error::custom("not hexadecimal"))
    }
}

mod maybe_hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands over the field")]
    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(hex::encode).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| hex::decode(text).map_err(|_| serde::de::Error::custom("not hexadecimal"))).transpose()
    }
}
