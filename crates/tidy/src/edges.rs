//! Who may depend on whom: the crates among themselves, and what comes from outside.

use crate::{Complaint, Tree};

/// What each crate may know of the others. Each of these is a boundary that is worth a compiler error.
const OURS: [(&str, &[&str]); 6] = [
    ("connect", &[]),
    ("vault", &[]),
    ("engine", &["connect", "vault"]),
    ("server", &["connect", "vault", "engine", "simulator"]),
    ("simulator", &[]),
    ("tidy", &[]),
];

/// What from outside may be used by some crates only, tests included, and why.
const THEIRS: [(&[&str], &[&str], &str); 5] = [
    (
        &["rusqlite", "postgres", "tokio-postgres", "tokio-postgres-rustls", "sqlx", "diesel", "sea-orm"],
        &["vault"],
        "only the vault talks to a database",
    ),
    (&["tantivy", "aes-gcm"], &["vault"], "only the vault seals and searches"),
    (
        &["axum", "reqwest", "hyper", "hyper-util", "tower", "tower-http"],
        &["server", "simulator"],
        "only the program and the simulated outside speak HTTP",
    ),
    (&["tokio", "futures-util"], &["vault", "server", "simulator"], "connectors and the engine are plain functions"),
    (
        &["getrandom", "rand", "rand_core", "rand_chacha", "uuid"],
        &["vault", "server", "simulator"],
        "chance is handed to connectors and the engine",
    ),
];

/// Dependencies of each crate on the others, and on what may not be had everywhere.
pub fn dependencies(tree: &Tree) -> Vec<Complaint> {
    let manifests =
        tree.files.iter().filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(|file| manifest(&file.path, &file.text)).collect()
}

fn manifest(path: &str, text: &str) -> Vec<Complaint> {
    let krate = path.split('/').nth(1).unwrap_or_default();
    let Some((_, allowed)) = OURS.iter().find(|(name, _)| *name == krate) else {
        return vec![Complaint::new(
            path,
            0,
            format!("crate `{krate}` is not listed in tidy's edges: say what it may know"),
        )];
    };
    let mut complaints = Vec::new();
    for (line, name) in named_dependencies(text) {
        if OURS.iter().any(|(ours, _)| *ours == name) && !allowed.contains(&name) {
            complaints.push(Complaint::new(
                path,
                line,
                format!("`{krate}` must not know `{name}` (ARCHITECTURE.md, the map)"),
            ));
        }
        for (names, homes, why) in THEIRS {
            if names.contains(&name) && !homes.contains(&krate) {
                complaints.push(Complaint::new(path, line, format!("`{krate}` must not depend on `{name}`: {why}")));
            }
        }
    }
    complaints
}

/// The names under `[dependencies]` and its relatives, with their lines.
fn named_dependencies(text: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section.ends_with("dependencies");
            if let Some((_, name)) = section.rsplit_once("dependencies.") {
                names.push((index + 1, name));
            }
        } else if inside && !line.starts_with('#') {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default().trim_matches('"');
            if !name.is_empty() {
                names.push((index + 1, name));
            }
        }
    }
    names
}

/// What the pure crates may not name, whatever they depend on.
const IMPURE: [&str; 7] =
    ["std::net", "std::fs", "std::env", "std::thread", "std::process", "std::time::SystemTime", "std::time::Instant"];

/// Connectors and engine reach nothing by themselves: no network, disk, environment, thread or clock.
pub fn purity(tree: &Tree) -> Vec<Complaint> {
    let pure = tree.sources.iter().filter(|source| matches!(source.krate(), "connect" | "engine"));
    let mut complaints = Vec::new();
    for source in pure {
        for (line, code) in source.program() {
            if let Some(name) = IMPURE.iter().find(|name| code.contains(**name)) {
                let words = format!("`{}` is pure: `{name}` is handed in, or belongs to another crate", source.krate());
                complaints.push(Complaint::new(&source.path, line, words));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::{dependencies, purity};
    use crate::Tree;

    fn said(krate: &str, manifest: &str) -> Vec<usize> {
        let tree = Tree::of(&[(&format!("crates/{krate}/Cargo.toml"), manifest)]);
        dependencies(&tree).into_iter().map(|complaint| complaint.line).collect()
    }

    #[test]
    fn forbidden_edges_are_seen_in_every_form() {
        assert_eq!(said("engine", "[dependencies]\nvault.workspace = true\nserver = { path = \"x\" }"), [3]);
        assert_eq!(said("server", "[dev-dependencies]\nrusqlite.workspace = true"), [2]);
        assert_eq!(said("connect", "[target.'cfg(unix)'.dependencies]\ntokio = \"1\""), [2]);
        assert_eq!(said("engine", "[dependencies.axum]\nversion = \"1\""), [1]);
        assert_eq!(said("fresh", ""), [0]);
        assert!(said("vault", "[dependencies]\nrusqlite = \"1\"\n[features]\nserver = []").is_empty());
    }

    #[test]
    fn the_outside_is_not_reached_from_pure_code() {
        let tree = Tree::of(&[
            ("crates/engine/src/a.rs", "use std::fs;\n#[cfg(test)]\nmod tests {\n use std::fs;\n}"),
            ("crates/server/src/a.rs", "use std::fs;"),
        ]);
        assert_eq!(purity(&tree).len(), 1);
    }
}
