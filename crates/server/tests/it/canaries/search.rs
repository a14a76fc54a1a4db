//! A search for known strings in every byte of files, in every form in which a program writes them without thinking.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// What is looked for, by name.
#[derive(Default)]
pub(crate) struct Canaries {
    all: Vec<Canary>,
}

struct Canary {
    name: String,
    value: Vec<u8>,
    is_shown: bool,
}

/// Ready to search.
pub(crate) struct Searcher {
    automaton: AhoCorasick,
    /// Name and form of each pattern.
    patterns: Vec<(String, &'static str)>,
}

impl Canaries {
    /// A word that nobody else writes: it ends in digits, so no stemmer shortens it.
    pub(crate) fn fresh(&mut self, name: &str) -> String {
        let value = format!("Quixotl{}", self.digits());
        self.known(name, &value);
        value
    }

    /// A word that members must find again, or it was never really sent.
    pub(crate) fn shown(&mut self, name: &str) -> String {
        let value = self.fresh(name);
        self.all.last_mut().unwrap().is_shown = true;
        value
    }

    /// Eight digits that nobody else writes.
    pub(crate) fn digits(&self) -> String {
        format!("{:05}{:03}", std::process::id() % 100_000, self.all.len())
    }

    /// What the program made itself, such as a token.
    pub(crate) fn known(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let value = value.as_ref().to_vec();
        assert!(value.len() >= 8, "{name} is too short to be told from chance");
        self.all.push(Canary { name: name.to_owned(), value, is_shown: false });
    }

    /// The names of those that members should see and that are not in a text.
    pub(crate) fn missing_in(&self, text: &str) -> Vec<&str> {
        let text = text.to_lowercase();
        let seen = |canary: &&Canary| text.contains(&String::from_utf8_lossy(&canary.value).to_lowercase());
        self.all.iter().filter(|canary| canary.is_shown && !seen(canary)).map(|canary| canary.name.as_str()).collect()
    }

    pub(crate) fn searcher(&self) -> Searcher {
        let (mut patterns, mut bytes) = (Vec::new(), Vec::new());
        for canary in &self.all {
            for (form, pattern) in forms(&canary.value) {
                patterns.push((canary.name.clone(), form));
                bytes.push(pattern);
            }
        }
        let mut builder = AhoCorasickBuilder::new();
        let automaton = builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(bytes).unwrap();
        Searcher { automaton, patterns }
    }
}

/// How a value may be written: as it is, wide, in digits, in base64 wherever it begins, and escaped for addresses.
pub(crate) fn forms(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![("plain", value.to_vec()), ("hex", hex::encode(value).into_bytes())];
    if let Ok(text) = std::str::from_utf8(value) {
        forms.push(("UTF-16LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        forms.push(("UTF-16BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
        let escaped = |all: bool| {
            value.iter().fold(String::new(), |mut text, byte| {
                let plain = !all && (byte.is_ascii_alphanumeric() || b"-_.~".contains(byte));
                if plain {
                    text.push(char::from(*byte));
                } else {
                    write!(text, "%{byte:02X}").unwrap();
                }
                text
            })
        };
        forms.push(("percent", escaped(true).into_bytes()));
        forms.push(("percent, as needed", escaped(false).into_bytes()));
    }
    for (engine, form) in [(&STANDARD, "base64"), (&URL_SAFE, "base64url")] {
        forms.extend((0..3).map(|before| (form, inner_base64(engine, value, before))));
    }
    let mut seen = BTreeSet::new();
    forms.retain(|(_, pattern)| seen.insert(pattern.clone()));
    forms
}

/// Of the base64 of a text that has a value `before` bytes after its beginning: the part that depends on the value alone.
fn inner_base64(engine: &impl Engine, value: &[u8], before: usize) -> Vec<u8> {
    let whole = (before + value.len()) / 3 * 3;
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(value.iter().copied()).take(whole).collect();
    let encoded = engine.encode(padded);
    let first = [0, 2, 3][before];
    encoded.as_bytes()[first..].to_vec()
}

impl Searcher {
    /// Where each canary lies in the files of these folders (or files): name, form, file, offset.
    pub(crate) fn search(&self, places: &[&Path]) -> Vec<String> {
        let mut found = Vec::new();
        for file in places.iter().flat_map(|place| files(place)) {
            // A server that runs removes files while they are looked for.
            let Ok(content) = std::fs::read(&file) else { continue };
            for hit in self.automaton.find_iter(&content) {
                let (name, form) = &self.patterns[hit.pattern().as_usize()];
                found.push(format!("{name} ({form}) in {} at {}", file.display(), hit.start()));
            }
        }
        found
    }

    /// The canaries in some bytes.
    pub(crate) fn in_bytes(&self, content: &[u8]) -> Vec<String> {
        self.automaton.find_iter(content).map(|hit| self.patterns[hit.pattern().as_usize()].0.clone()).collect()
    }
}

/// All regular files of a folder, at any depth.
fn files(place: &Path) -> Vec<PathBuf> {
    let Ok(kind) = std::fs::symlink_metadata(place) else { return Vec::new() };
    if kind.is_file() {
        return vec![place.to_owned()];
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    entries.flat_map(|entry| files(&entry.path())).collect()
}
