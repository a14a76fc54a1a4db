//! Whether the documents still speak of this code: what must be there is, what they name exists.

use std::collections::BTreeSet;

use crate::{Complaint, Source, Tree};

/// What a stranger looks for first.
const PAPERS: [&str; 9] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "deny.toml",
    "clippy.toml",
    "rustfmt.toml",
    ".ci/run",
];

/// The papers are there, and CI runs what a person runs.
pub fn present(tree: &Tree) -> Vec<Complaint> {
    let missing = PAPERS.iter().filter(|path| tree.file(path).is_none());
    let mut complaints: Vec<_> = missing.map(|path| Complaint::new(path, 0, "missing")).collect();
    for (path, call) in [(".ci/run", "make test"), ("README.md", "make test"), ("README.md", "make run")] {
        if tree.file(path).is_some_and(|file| !file.text.contains(call)) {
            complaints.push(Complaint::new(path, 0, format!("does not name `{call}`")));
        }
    }
    complaints
}

/// Each invariant names what keeps it: a test that exists, or a file that does.
pub fn invariants(tree: &Tree) -> Vec<Complaint> {
    let Some(paper) = tree.file("ARCHITECTURE.md") else { return Vec::new() };
    let functions = named_tests(tree);
    let mut complaints = Vec::new();
    let mut count = 0;
    for (line, text) in section(&paper.text, "## Invariants") {
        let Some(keeper) = invariant(text) else { continue };
        count += 1;
        let named = backticked(keeper);
        if named.is_empty() {
            complaints.push(Complaint::new(&paper.path, line, "an invariant that nothing keeps"));
        }
        for name in named {
            let bare = name.rsplit("::").next().unwrap_or(name);
            if !functions.contains(bare) && tree.file(name).is_none() {
                complaints.push(Complaint::new(&paper.path, line, format!("`{name}` is no test and no file here")));
            }
        }
    }
    if count == 0 {
        complaints.push(Complaint::new(&paper.path, 0, "no numbered invariants under `## Invariants`"));
    }
    complaints
}

/// Functions, and the tests that `house_rules!` makes of its lines (`name: rule;`).
fn named_tests(tree: &Tree) -> BTreeSet<String> {
    let written = tree.sources.iter().flat_map(Source::functions).map(|(name, ..)| name);
    let house = tree.sources.iter().filter(|source| source.path == "crates/tidy/tests/house.rs");
    let made = house.flat_map(|source| source.code.iter()).filter_map(|line| line.trim().split_once(": "));
    written.chain(made.map(|(name, _)| name.to_owned())).collect()
}

/// The last cell of a numbered row: what keeps the invariant.
fn invariant(row: &str) -> Option<&str> {
    let cells: Vec<_> = row.trim().trim_matches('|').split('|').map(str::trim).collect();
    let number = cells.first()?;
    (cells.len() >= 3 && number.chars().all(|c| c.is_ascii_digit()) && !number.is_empty())
        .then(|| *cells.last().unwrap_or(&""))
}

fn section<'a>(text: &'a str, title: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let from = lines.skip_while(move |(_, line)| !line.starts_with(title)).skip(1);
    from.take_while(|(_, line)| !line.starts_with("## "))
}

fn backticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Files that the architecture names exist, from the root or from `crates/`.
pub fn named_files(tree: &Tree) -> Vec<Complaint> {
    let papers = tree.files.iter().filter(|file| file.is_one_of(&["md"]) && !file.path.starts_with("CHANGELOG"));
    let mut complaints = Vec::new();
    for paper in papers {
        for (index, line) in paper.text.lines().enumerate() {
            for name in backticked(line).into_iter().filter(|name| is_file_name(name)) {
                let exists = |prefix: &str| tree.file(&format!("{prefix}{name}")).is_some();
                if !exists("") && !exists("crates/") {
                    complaints.push(Complaint::new(&paper.path, index + 1, format!("`{name}` does not exist")));
                }
            }
        }
    }
    complaints
}

fn is_file_name(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.'));
    let ours =
        ["crates/", "web/", "docs/", "scripts/", "interop/", "connect/", "vault/", "engine/", "server/", "simulator/"];
    let ends = [".rs", ".md", ".sql", ".sh", ".mjs", ".ts", ".svelte", ".json", ".toml"];
    plain && ours.iter().any(|begin| name.starts_with(begin)) && ends.iter().any(|end| name.ends_with(end))
}

/// Links between documents lead somewhere.
pub fn links(tree: &Tree) -> Vec<Complaint> {
    let papers = tree.files.iter().filter(|file| file.is_one_of(&["md"]));
    let mut complaints = Vec::new();
    for paper in papers {
        for (index, line) in paper.text.lines().enumerate() {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            for target in
                targets.filter(|target| !target.is_empty() && !target.contains(':') && !target.starts_with('/'))
            {
                if !leads_somewhere(tree, &paper.path, target) {
                    complaints.push(Complaint::new(
                        &paper.path,
                        index + 1,
                        format!("the link to {target} leads nowhere"),
                    ));
                }
            }
        }
    }
    complaints
}

fn leads_somewhere(tree: &Tree, from: &str, target: &str) -> bool {
    let mut place: Vec<&str> = from.split('/').collect();
    place.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(place.pop()),
            part => place.push(part),
        }
    }
    let place = place.join("/");
    // A picture is no text, so it is not in the tree of files; it is enough that its folder is.
    let picture = [".png", ".svg"].iter().any(|end| place.ends_with(end));
    let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
    tree.file(&place).is_some()
        || tree.folders.contains(&place)
        || picture && tree.folders.iter().any(|known| known == folder)
}

#[cfg(test)]
mod tests {
    use super::{invariants, links, named_files, present};
    use crate::Tree;

    const PAPER: &str =
        "## Invariants\n| 1 | nothing | `it_holds` |\n| 2 | nothing | `gone` |\n| 3 | nothing | hope |\n## Map\n";

    #[test]
    fn an_invariant_without_its_test_is_seen() {
        let tree = Tree::of(&[("ARCHITECTURE.md", PAPER), ("crates/a/src/a.rs", "//! A.\nfn it_holds() {}")]);
        let lines: Vec<_> = invariants(&tree).iter().map(|complaint| complaint.line).collect();
        assert_eq!(lines, [3, 4]);
        assert_eq!(invariants(&Tree::of(&[("ARCHITECTURE.md", "# None")])).len(), 1);
    }

    #[test]
    fn what_is_named_must_exist() {
        let text = "`crates/a/src/a.rs`, `a/src/a.rs`, `crates/b.rs`, [x](crates/a/src/a.rs), [y](../z.md), [z](https://x.org)";
        let tree = Tree::of(&[("docs.md", text), ("crates/a/src/a.rs", "")]);
        assert_eq!(named_files(&tree).len(), 1);
        assert_eq!(links(&tree).len(), 1);
        assert_eq!(present(&tree).len(), 9);
    }
}
