//! What there is: every text file of the repository, without what is built, fetched or kept by tools.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Source;

/// Folders that hold nothing written by hand.
const PASSED_OVER: [&str; 7] = ["node_modules", "target", "dist", "__pycache__", "screens", "parloir-data", "data"];

/// A text file.
#[derive(Debug, Clone)]
pub struct File {
    /// From the root of the repository, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl File {
    /// Whether its name ends in `.` and one of these.
    pub fn is_one_of(&self, extensions: &[&str]) -> bool {
        let own = Path::new(&self.path).extension().and_then(|own| own.to_str());
        own.is_some_and(|own| extensions.contains(&own))
    }
}

/// The files, and the Rust files among them, read.
#[derive(Debug, Default)]
pub struct Tree {
    /// All text files.
    pub files: Vec<File>,
    /// The Rust files.
    pub sources: Vec<Source>,
    /// All folders.
    pub folders: Vec<String>,
}

impl Tree {
    /// This repository.
    ///
    /// # Errors
    /// What reading files answers.
    pub fn of_this_repository() -> std::io::Result<Self> {
        // Read when it runs: compiled in, it would be another checkout's wherever two share a target folder.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").ok_or(std::io::ErrorKind::NotFound)?;
        let root = Path::new(&here).join("../..").canonicalize()?;
        let mut tree = Self::default();
        tree.walk(&root, &root)?;
        tree.files.sort_by(|one, other| one.path.cmp(&other.path));
        tree.sources = Source::read_all(&tree.files);
        Ok(tree)
    }

    /// A tree of these files, for the tests of the rules.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        let files: Vec<_> = files.iter().map(file).collect();
        let sources = Source::read_all(&files);
        Self { files, sources, folders: Vec::new() }
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn walk(&mut self, root: &Path, folder: &Path) -> std::io::Result<()> {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let place = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let hidden = name.starts_with('.') && !matches!(name, ".ci" | ".gitignore" | ".github");
            if hidden || PASSED_OVER.contains(&name) || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                self.folders.push(place);
                self.walk(root, &path)?;
            } else if let Ok(text) = fs::read_to_string(&path) {
                self.files.push(File { path: place, text });
            }
        }
        Ok(())
    }
}
