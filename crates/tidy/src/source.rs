//! A Rust file, read well enough to tell code from comments, text from code, and tests from the program.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::tree::File;

/// A Rust file.
#[derive(Debug, Clone)]
pub struct Source {
    /// From the root of the repository.
    pub path: String,
    /// As written.
    pub text: String,
    /// Its lines with comments and the contents of literals blanked out.
    pub code: Vec<String>,
    /// Its string literals, each with the line where it begins.
    pub literals: Vec<(usize, String)>,
    tests: Vec<RangeInclusive<usize>>,
    is_test: bool,
}

impl Source {
    /// Reads the Rust files among these. Which of them are tests may be said in another file (`#[cfg(test)] mod x;`).
    pub fn read_all(files: &[File]) -> Vec<Self> {
        let mut sources: Vec<_> = files
            .iter()
            .filter(|file| file.is_one_of(&["rs"]))
            .map(|file| Self::read(&file.path, &file.text))
            .collect();
        let declared: BTreeSet<_> = sources.iter().flat_map(Self::declared_tests).collect();
        for source in &mut sources {
            let belongs =
                |stem: &String| source.path == format!("{stem}.rs") || source.path.starts_with(&format!("{stem}/"));
            source.is_test |= declared.iter().any(belongs);
        }
        sources
    }

    /// Reads one file.
    pub fn read(path: &str, text: &str) -> Self {
        let (code, literals) = blank(text);
        let code: Vec<_> = code.lines().map(str::to_owned).collect();
        let tests = test_blocks(&code);
        let is_test =
            ["/tests/", "/benches/", "/examples/", "/fuzz/", "_tests.rs"].iter().any(|part| path.contains(part));
        Self { path: path.into(), text: text.into(), code, literals, tests, is_test }
    }

    /// The crate it belongs to.
    pub fn krate(&self) -> &str {
        self.path.strip_prefix("crates/").and_then(|rest| rest.split('/').next()).unwrap_or("")
    }

    /// Whether a line (from 1) is in a test.
    pub fn in_test(&self, line: usize) -> bool {
        self.is_test || self.tests.iter().any(|block| block.contains(&line))
    }

    /// The lines of the program itself, from 1, as code.
    pub fn program(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter(|(line, _)| !self.in_test(*line))
    }

    /// All lines, from 1, as code.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.iter().enumerate().map(|(index, line)| (index + 1, line.as_str()))
    }

    /// Functions with a body: name, first line, number of lines.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let code = self.code.join("\n");
        let bytes = code.as_bytes();
        let starts = code.match_indices("fn ").filter(|(at, _)| *at == 0 || !is_word(bytes[at - 1]));
        starts.filter_map(|(at, _)| function(&code, at)).collect()
    }

    /// Paths without `.rs` of modules that are declared for tests alone, in files of their own.
    fn declared_tests(&self) -> Vec<String> {
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder.to_owned(),
            _ => self.path.trim_end_matches(".rs").to_owned(),
        };
        let declared = |(line, code): (usize, &str)| {
            let (visible, rest) = code.trim().strip_suffix(';')?.split_once("mod ")?;
            let name = (visible.is_empty() || visible.starts_with("pub")).then_some(rest)?;
            self.in_test(line).then(|| format!("{folder}/{name}"))
        };
        self.lines().filter_map(declared).collect()
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn function(code: &str, at: usize) -> Option<(String, usize, usize)> {
    let rest = code.get(at + 3..)?;
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.is_empty() {
        return None;
    }
    let end = item_end(code, at + 3)?;
    let first = line_of(code, at);
    code[at..end].contains('{').then(|| (name, first, line_of(code, end) - first + 1))
}

fn line_of(code: &str, at: usize) -> usize {
    code.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// Where an item ends that begins here: at its `;`, or at the brace that closes its first block.
fn item_end(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_i32;
    let mut braces = 0_i32;
    for (offset, byte) in code.as_bytes().iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' => braces += 1,
            b'}' => {
                braces -= 1;
                if braces <= 0 && depth <= 0 {
                    return Some(offset);
                }
            }
            b';' if depth == 0 && braces == 0 => return Some(offset),
            _ => {}
        }
    }
    None
}

/// The lines of the items under `#[cfg(test)]` and its like.
fn test_blocks(code: &[String]) -> Vec<RangeInclusive<usize>> {
    let whole = code.join("\n");
    let mut blocks = Vec::new();
    for (at, _) in whole.match_indices("#[cfg(") {
        let Some(length) = whole[at..].find(")]") else { continue };
        let condition = &whole[at..at + length];
        if !condition.contains("(test") || condition.contains("not(") {
            continue;
        }
        if let Some(end) = item_end(&whole, at + length + 2) {
            blocks.push(line_of(&whole, at)..=line_of(&whole, end));
        }
    }
    blocks
}

/// Blanks comments and literals, keeping every line where it is; and the string literals.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let mut reader =
        Reader { chars: &chars, at: 0, line: 1, code: String::with_capacity(text.len()), literals: Vec::new() };
    while reader.at < chars.len() {
        reader.step();
    }
    (reader.code, reader.literals)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    line: usize,
    code: String,
    literals: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Moves on by one, keeping the character or leaving a blank.
    fn take(&mut self, keep: bool) -> char {
        let c = self.peek(0);
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        self.code.push(if keep || c == '\n' { c } else { ' ' });
        c
    }

    fn step(&mut self) {
        let before = self.code.chars().next_back().unwrap_or(' ');
        let in_word = before.is_alphanumeric() || before == '_';
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                while self.at < self.chars.len() && self.peek(0) != '\n' {
                    self.take(false);
                }
            }
            ('/', '*') => self.block_comment(),
            ('r', '"' | '#') if !in_word || before == 'b' => self.raw_string(),
            ('"', _) => self.string(),
            ('\'', _) => self.quote(),
            _ => {
                self.take(true);
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.take(false);
                    continue;
                }
            }
            self.take(false);
            self.take(false);
            if depth == 0 {
                return;
            }
        }
    }

    fn raw_string(&mut self) {
        let hashes = self.chars.iter().skip(self.at + 1).take_while(|c| **c == '#').count();
        if self.peek(hashes + 1) != '"' {
            self.take(true);
            return;
        }
        let begun = self.line;
        for _ in 0..hashes + 2 {
            self.take(true);
        }
        let mut text = String::new();
        while self.at < self.chars.len() {
            let closes = self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#');
            if closes {
                break;
            }
            text.push(self.take(false));
        }
        for _ in 0..=hashes {
            self.take(true);
        }
        self.literals.push((begun, text));
    }

    fn string(&mut self) {
        let begun = self.line;
        self.take(true);
        let mut text = String::new();
        while self.at < self.chars.len() && self.peek(0) != '"' {
            if self.peek(0) == '\\' {
                text.push(self.take(false));
            }
            text.push(self.take(false));
        }
        self.take(true);
        self.literals.push((begun, text));
    }

    /// A character literal, or the beginning of a lifetime.
    fn quote(&mut self) {
        let is_literal = self.peek(1) == '\\' || self.peek(2) == '\'';
        self.take(true);
        if !is_literal {
            return;
        }
        if self.take(false) == '\\' {
            self.take(false);
        }
        while self.at < self.chars.len() && self.peek(0) != '\'' {
            self.take(false);
        }
        self.take(true);
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    const FILE: &str = r##"//! A file.
fn one<'a>(x: &'a str) -> [u8; 2] { // fn not_one() {}
    let _ = ("a { \" \\", '{', b'\'', r#"raw " { "#, '\n', x.unwrap());
    /* { /* nested */ { */ [1, 2]
}
trait T { fn no_body(&self); }
#[cfg(test)]
mod tests {
    fn two() { panic!("x y") }
}
#[cfg(not(test))]
fn three() {}
"##;

    #[test]
    fn comments_and_literals_are_no_code() {
        let source = Source::read("crates/x/src/x.rs", FILE);
        assert!(!source.code.join("\n").contains("nested") && !source.code.join("\n").contains("raw"));
        assert!(source.code[2].contains("x.unwrap()"));
        assert_eq!(source.code.len(), FILE.lines().count());
        let texts: Vec<_> = source.literals.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(texts, [(3, r#"a { \" \\"#), (3, "raw \" { "), (9, "x y")]);
    }

    #[test]
    fn functions_have_their_lengths() {
        let functions = Source::read("x.rs", FILE).functions();
        assert_eq!(functions, [("one".into(), 2, 4), ("two".into(), 9, 1), ("three".into(), 12, 1)]);
    }

    #[test]
    fn tests_are_known_wherever_they_stand() {
        let source = Source::read("crates/x/src/x.rs", FILE);
        assert!(source.in_test(9) && !source.in_test(3) && !source.in_test(12));
        let apart = crate::Tree::of(&[
            ("crates/x/src/lib.rs", "//! X.\n#[cfg(test)]\npub(super) mod proofs;\nmod work;"),
            ("crates/x/src/proofs.rs", "fn a() {}"),
            ("crates/x/src/proofs/deep.rs", "fn a() {}"),
            ("crates/x/src/work.rs", "fn a() {}"),
            ("crates/x/tests/x/main.rs", "fn a() {}"),
        ]);
        let tests: Vec<_> = apart.sources.iter().map(|source| source.in_test(1)).collect();
        assert_eq!(tests, [false, true, true, false, true]);
    }
}
