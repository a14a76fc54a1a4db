//! What can be wrong with a log, each with a stable word and a sentence.

use std::fmt;

/// Something that is not as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This entry does not say what it said when it was written.
    Altered {
        /// The entry's number.
        entry: i64,
    },
    /// These entries are gone.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        through: i64,
    },
    /// Among these entries at least one is not what it was when the checkpoint was signed, whatever it says now.
    Rewritten {
        /// The first.
        from: i64,
        /// The last.
        through: i64,
        /// The checkpoint's number.
        checkpoint: i64,
    },
    /// The words of this entry were wiped before their term had ended.
    Early {
        /// The entry's number.
        entry: i64,
    },
    /// This checkpoint is not what was signed.
    Checkpoint {
        /// Its number.
        number: i64,
    },
    /// Before this checkpoint, others are missing, or it follows another than it says.
    Chain {
        /// Its number.
        number: i64,
    },
    /// What is kept as a witness' signature of this checkpoint is none.
    Cosignature {
        /// The checkpoint's number.
        number: i64,
    },
    /// The key before did not hand over to this one.
    Key {
        /// Its generation.
        generation: i64,
    },
    /// These entries of an exported log are covered by no checkpoint.
    Uncovered {
        /// The first.
        from: i64,
        /// The last.
        through: i64,
    },
    /// The key that is trusted is none of this log's.
    Stranger,
    /// The checkpoint that was kept elsewhere is no part of this log.
    Kept,
    /// This line of an exported log is not as the program writes it.
    Unreadable,
    /// This file of an exported log is missing, is not what the entries give, or does not belong to it.
    Tile,
}

impl Fault {
    /// A stable word, for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Altered { .. } => "altered",
            Self::Missing { .. } => "missing",
            Self::Rewritten { .. } => "rewritten",
            Self::Early { .. } => "wiped_early",
            Self::Checkpoint { .. } => "checkpoint",
            Self::Chain { .. } => "chain",
            Self::Cosignature { .. } => "cosignature",
            Self::Key { .. } => "key",
            Self::Uncovered { .. } => "uncovered",
            Self::Stranger => "stranger",
            Self::Kept => "kept",
            Self::Unreadable => "unreadable",
            Self::Tile => "tile",
        }
    }

    /// The entries it is about: the first and the last.
    pub const fn entries(&self) -> Option<(i64, i64)> {
        match *self {
            Self::Altered { entry } | Self::Early { entry } => Some((entry, entry)),
            Self::Missing { from, through }
            | Self::Rewritten { from, through, .. }
            | Self::Uncovered { from, through } => Some((from, through)),
            Self::Checkpoint { .. }
            | Self::Chain { .. }
            | Self::Cosignature { .. }
            | Self::Key { .. }
            | Self::Stranger
            | Self::Kept
            | Self::Unreadable
            | Self::Tile => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { entry } => write!(f, "entry {entry} does not say what it said when it was written"),
            Self::Missing { from, through } if from == through => write!(f, "entry {from} is gone"),
            Self::Missing { from, through } => write!(f, "entries {from} to {through} are gone"),
            Self::Rewritten { from, through, checkpoint } => {
                write!(
                    f,
                    "of entries {from} to {through}, at least one is not what checkpoint {checkpoint} was signed over"
                )
            }
            Self::Early { entry } => write!(f, "the words of entry {entry} were wiped before their term had ended"),
            Self::Checkpoint { number } => write!(f, "checkpoint {number} is not what was signed"),
            Self::Chain { number } => {
                write!(f, "before checkpoint {number} others are missing, or it follows another than it says")
            }
            Self::Cosignature { number } => write!(f, "the witness did not sign checkpoint {number} so"),
            Self::Key { generation } => write!(f, "no key handed over to key {generation}"),
            Self::Uncovered { from, through } => write!(f, "entries {from} to {through} are covered by no checkpoint"),
            Self::Stranger => f.write_str("the key that is trusted is none of this log's"),
            Self::Kept => f.write_str("the checkpoint that was kept elsewhere is no part of this log"),
            Self::Unreadable => f.write_str("this is not as the program writes it"),
            Self::Tile => f.write_str("this file is missing, is not what the entries give, or does not belong here"),
        }
    }
}
