//! The house rules that types and compilers cannot keep, as tests over the tree of files.
//!
//! A rule is a function from the [`Tree`] to [`Complaint`]s; `tests/house.rs` runs each over this repository, and each
//! has a test here that shows it complaining. Where a rule has exceptions, they are a list beside it, with a reason
//! each. In the order of reading: [`tree`] (what there is), [`source`] (what is code in a Rust file, what is text, what
//! is a test), then the rules: [`edges`] (who may depend on whom), [`walls`] (what may be done in one place only),
//! [`shape`] (lengths, names, documentation), [`unfinished`] (what must not be committed), [`papers`] (whether the
//! documents still speak of this code).

pub mod edges;
pub mod papers;
pub mod shape;
pub mod source;
pub mod tree;
pub mod unfinished;
pub mod walls;

pub use source::Source;
pub use tree::Tree;

/// A rule that is broken somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong, and what to do instead.
    pub words: String,
}

impl Complaint {
    /// A complaint about a line.
    pub fn new(file: &str, line: usize, words: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, words: words.into() }
    }
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.words),
            line => write!(f, "{}:{line}: {}", self.file, self.words),
        }
    }
}
