//! What files and functions look like: names, lengths, and a first line that says the idea.

use crate::{Complaint, Tree};

/// A file that is longer holds more than one idea.
const LONGEST_FILE: usize = 500;
/// A function that is longer does not fit a screen.
const LONGEST_FUNCTION: usize = 70;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 12] = [
    "util", "utils", "helper", "helpers", "common", "types", "misc", "manager", "managers", "service", "services",
    "stuff",
];

/// Every file and folder is named after what is in it.
pub fn names(tree: &Tree) -> Vec<Complaint> {
    let paths = tree.files.iter().map(|file| file.path.as_str()).chain(tree.folders.iter().map(String::as_str));
    let empty = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        EMPTY_NAMES.contains(&stem.to_lowercase().as_str())
    };
    paths
        .filter(empty)
        .map(|path| {
            Complaint::new(path, 0, "a name that says nothing: name it after the noun of the field that is inside")
        })
        .collect()
}

/// Every Rust file begins by saying its idea.
pub fn module_docs(tree: &Tree) -> Vec<Complaint> {
    let bare = tree.sources.iter().filter(|source| !source.text.starts_with("//!"));
    bare.map(|source| Complaint::new(&source.path, 1, "the file does not begin with `//!` and its idea")).collect()
}

/// No file is longer than it can be read.
pub fn file_lengths(tree: &Tree) -> Vec<Complaint> {
    let written = [".rs", ".ts", ".svelte", ".mjs", ".js", ".css", ".html", ".sh", ".sql"];
    let long = |path: &str, lines: usize| {
        (lines > LONGEST_FILE).then(|| {
            Complaint::new(path, lines, format!("{lines} lines, over {LONGEST_FILE}: what is the second idea?"))
        })
    };
    tree.files
        .iter()
        .filter(|file| written.iter().any(|end| file.path.ends_with(end)) && !file.path.ends_with("schema.d.ts"))
        .filter_map(|file| long(&file.path, file.text.lines().count()))
        .collect()
}

/// No function is longer than a screen, tests included.
pub fn function_lengths(tree: &Tree) -> Vec<Complaint> {
    let functions =
        tree.sources.iter().flat_map(|source| source.functions().into_iter().map(move |found| (source, found)));
    functions
        .filter(|(_, (_, _, lines))| *lines > LONGEST_FUNCTION)
        .map(|(source, (name, line, lines))| {
            Complaint::new(&source.path, line, format!("`{name}` has {lines} lines, over {LONGEST_FUNCTION}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{file_lengths, function_lengths, module_docs, names};
    use crate::Tree;

    #[test]
    fn each_rule_complains() {
        let long = format!("//! Long.\nfn f() {{\n{}}}\n", "    x();\n".repeat(69));
        let longer = format!("//! Longer.\n{}", "const A: u8 = 1;\n".repeat(500));
        let tree = Tree::of(&[
            ("crates/a/src/utils.rs", "fn f() {}"),
            ("crates/a/src/long.rs", &long),
            ("crates/a/src/longer.rs", &longer),
            ("crates/a/src/utility_bill.rs", "//! A noun."),
        ]);
        let files =
            |found: Vec<crate::Complaint>| found.into_iter().map(|complaint| complaint.file).collect::<Vec<_>>();
        assert_eq!(files(names(&tree)), ["crates/a/src/utils.rs"]);
        assert_eq!(files(module_docs(&tree)), ["crates/a/src/utils.rs"]);
        assert_eq!(files(function_lengths(&tree)), ["crates/a/src/long.rs"]);
        assert_eq!(files(file_lengths(&tree)), ["crates/a/src/longer.rs"]);
    }
}
