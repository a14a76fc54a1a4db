//! What must not be committed: unfinished code, tests that are switched off, panics where the outside can reach them,
//! and traces of one person's machine.

use crate::{Complaint, Tree};

/// What stops the program instead of answering.
const PANICS: [&str; 4] = [".unwrap()", ".expect(", "panic!(", "unreachable!("];

/// Where the program may stop, and why nothing from outside leads there.
const MAY_PANIC: [(&str, &str); 2] = [
    ("crates/vault/src/testing/", "tests' own ground: a failed preparation is a failed test"),
    ("crates/tidy/", "a test"),
];

/// No `todo!`, no leftover of debugging, no lint silenced without a reason.
pub fn code(tree: &Tree) -> Vec<Complaint> {
    let banned = [
        (concat!("todo", "!("), "unfinished code"),
        (concat!("unimplemented", "!("), "unfinished code"),
        ("dbg!(", "left from debugging"),
        (concat!("#[", "ignore"), "a test that is switched off: mend it or delete it"),
        ("#[allow(", "a silenced lint: use `#[expect(…, reason = \"…\")]`"),
        ("#![allow(", "a silenced lint: use `#![expect(…, reason = \"…\")]`"),
    ];
    let mut complaints = Vec::new();
    for source in &tree.sources {
        for (line, code) in source.lines() {
            for (needle, words) in banned.iter().filter(|(needle, _)| code.contains(needle)) {
                complaints.push(Complaint::new(&source.path, line, format!("`{needle}`: {words}")));
            }
        }
    }
    complaints
}

/// No test of the web app is switched off, and none runs alone.
pub fn web_tests(tree: &Tree) -> Vec<Complaint> {
    let scripts = tree.files.iter().filter(|file| file.is_one_of(&["ts", "mjs"]));
    let off = [".skip(", ".only(", " xit(", " xdescribe("];
    scripts
        .flat_map(|file| file.text.lines().enumerate().map(move |(index, line)| (file, index + 1, line)))
        .filter(|(_, _, line)| off.iter().any(|needle| format!(" {line}").contains(needle)))
        .map(|(file, line, _)| {
            Complaint::new(&file.path, line, "a test that is switched off, or switches off the others")
        })
        .collect()
}

/// The program answers; it does not stop.
pub fn panics(tree: &Tree) -> Vec<Complaint> {
    let may = |path: &str| MAY_PANIC.iter().any(|(place, _)| path.starts_with(place));
    let mut complaints = Vec::new();
    for source in tree.sources.iter().filter(|source| !may(&source.path)) {
        for (line, code) in source.program() {
            if let Some(panic) = PANICS.iter().find(|panic| code.contains(**panic)) {
                let words =
                    format!("`{panic}` outside tests: answer an error, or list the place in tidy with the reason");
                complaints.push(Complaint::new(&source.path, line, words));
            }
        }
    }
    complaints
}

/// No absolute path of one machine, and no package from a private host, in any file.
pub fn machine_traces(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            if is_machine_path(line) {
                complaints.push(Complaint::new(&file.path, index + 1, "a path that exists on one machine only"));
            }
        }
        if file.path.ends_with("package-lock.json") || file.path.ends_with("Cargo.lock") {
            complaints.extend(private_sources(&file.path, &file.text));
        }
    }
    complaints
}

/// Folders at the root of a machine in which somebody's files live.
fn is_machine_path(line: &str) -> bool {
    ["work", "farm", "root", "Users"].iter().any(|folder| {
        let needle = format!("/{folder}/");
        line.match_indices(&needle).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-' | '}' | ')' | '$' | '*'))
        })
    })
}

fn private_sources(path: &str, text: &str) -> Vec<Complaint> {
    let public = ["https://registry.npmjs.org/", "registry+https://github.com/rust-lang/crates.io-index"];
    let named = |line: &str| {
        let line = line.trim();
        let source = line.strip_prefix("\"resolved\": ").or_else(|| line.strip_prefix("source = "))?;
        let source = source.trim_matches([',', '"']);
        Some(!public.iter().any(|host| source.starts_with(host)))
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| named(line) == Some(true))
        .map(|(index, _)| Complaint::new(path, index + 1, "a package from a host that others do not have"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{code, machine_traces, panics, web_tests};
    use crate::Tree;

    #[test]
    fn unfinished_code_is_seen() {
        let text = "fn a() { NOT_YET!() }\n// NOT_YET!()\n#[allow(dead_code)]\nfn b() { \"dbg!(\" }"
            .replace("NOT_YET", "todo");
        let lines: Vec<_> = code(&Tree::of(&[("crates/a/src/a.rs", &text)])).iter().map(|found| found.line).collect();
        assert_eq!(lines, [1, 3]);
        assert_eq!(web_tests(&Tree::of(&[("web/src/a.test.ts", "it.only('x', () => {})")])).len(), 1);
    }

    #[test]
    fn panics_are_for_tests() {
        let text =
            "fn a() { b.unwrap() }\nfn c() { d.unwrap_or(1) }\n#[cfg(test)]\nmod tests { fn e() { f.unwrap() } }";
        let found = panics(&Tree::of(&[("crates/server/src/a.rs", text)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 1);
    }

    #[test]
    fn paths_of_a_machine_are_seen_and_others_are_not() {
        let said = |text: &str| machine_traces(&Tree::of(&[("docs/a.md", text)])).len();
        let path = |folder: &str| format!("see /{folder}/me/notes");
        assert_eq!(said(&path("root")), 1);
        assert_eq!(said("`../shared/root/x` and https://example.org/root/x and /usr/lib"), 0);
        let lock = "  \"resolved\": \"https://packages.example.org/a.tgz\",\n  \"resolved\": \"https://registry.npmjs.org/a.tgz\",";
        assert_eq!(machine_traces(&Tree::of(&[("web/package-lock.json", lock)])).len(), 1);
    }
}
