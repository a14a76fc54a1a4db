//! What may be done in a few places only, whatever a crate depends on. Each list is closed, with a reason for each line.

use crate::{Complaint, Tree};

/// Places, each with the reason why they may. A place that ends in `/` is a folder.
type Places = &'static [(&'static str, &'static str)];

/// Where personal data may leave `Personal<T>`. Whoever adds a line says why that file must read what a person wrote.
pub const MAY_REVEAL: Places = &[
    ("crates/vault/src/personal.rs", "defines it"),
    ("crates/vault/src/sealing.rs", "seals it"),
    ("crates/vault/src/attachments.rs", "seals file names"),
    ("crates/vault/src/authorizations.rs", "compares what a browser brings back"),
    ("crates/vault/src/attachments/held.rs", "seals file names"),
    ("crates/vault/src/attachments/uploads.rs", "finds the uploads that an erased contact's files name"),
    ("crates/vault/src/canned_replies.rs", "checks and seals shortcuts and texts"),
    ("crates/vault/src/channels/", "seals settings and accounts"),
    ("crates/vault/src/consents.rs", "checks the length of the text that was agreed to"),
    ("crates/vault/src/contacts.rs", "seals attributes"),
    (
        "crates/vault/src/conversations/",
        "compares threads' names, seals a conversation's own fields and how it was before",
    ),
    ("crates/vault/src/drafts.rs", "seals drafts"),
    ("crates/vault/src/finding", "gives the full-text index its words and marks hits"),
    ("crates/vault/src/identities.rs", "normalises, hashes and seals identities"),
    ("crates/vault/src/invitations.rs", "hashes an invitation's token"),
    ("crates/vault/src/labels.rs", "checks, hashes and orders names"),
    ("crates/vault/src/members", "normalises and seals addresses and names, and stores passwords' hashes"),
    ("crates/vault/src/messages/mod.rs", "seals bodies"),
    (
        "crates/vault/src/erase/dossier.rs",
        "keeps by which addresses an erased contact was known, until providers were asked",
    ),
    ("crates/vault/src/ending.rs", "compares the name by which a workspace is to end"),
    ("crates/vault/src/requests/", "seals what was asked and why, and checks its length"),
    ("crates/vault/src/holds.rs", "checks the length of a hold's reason"),
    ("crates/vault/src/limitations.rs", "checks the length of a reason"),
    ("crates/vault/src/push.rs", "hashes and seals where browsers are told"),
    ("crates/vault/src/remotes.rs", "opens the ids at the provider"),
    ("crates/vault/src/reactions.rs", "tells a reaction from one taken away"),
    ("crates/vault/src/saved_views.rs", "checks and seals filters"),
    ("crates/vault/src/teams.rs", "hashes and orders names"),
    ("crates/vault/src/second_factor", "names the member's account for their app"),
    ("crates/vault/src/webhooks", "checks where webhooks are posted to"),
    ("crates/vault/src/sign_in.rs", "hands a password's hash to whoever verifies it"),
    ("crates/vault/src/suppressions", "hashes the identity that must not be written to"),
    ("crates/vault/src/workspaces.rs", "checks a workspace's name"),
    ("crates/vault/src/testing/", "looks at what came back"),
    ("crates/engine/src/asked.rs", "hands a provider's id of a contact to the connector that asks who it is"),
    ("crates/engine/src/codes.rs", "looks for whom an address belongs to that somebody says is theirs"),
    ("crates/engine/src/forbidden.rs", "looks for what providers forbid in what is sent"),
    ("crates/engine/src/machines.rs", "asks whether a machine wrote last"),
    ("crates/server/src/routes/channels/again.rs", "connects with the settings that are known"),
    ("crates/engine/src/compose.rs", "checks a draft against the channel's limits"),
    ("crates/engine/src/deliver.rs", "hands a message to the connector that sends it"),
    ("crates/engine/src/directory.rs", "checks what another system posted"),
    ("crates/engine/src/identify.rs", "hands a contact's identities to the list of refusals"),
    ("crates/engine/src/redaction.rs", "replaces what tells who somebody is before a prompt is made, and puts it back"),
    ("crates/engine/src/schedule.rs", "keeps a draft until its time"),
    ("crates/engine/src/unsubscribing.rs", "speaks to a contact in their language"),
    ("crates/engine/src/templates.rs", "fills a template in"),
    ("crates/engine/src/files.rs", "reads where the provider keeps a file"),
    ("crates/server/src/asked/", "shows whoever asks something of their data what became of it"),
    ("crates/server/src/workers/proving.rs", "tells a code to whom it is for"),
    ("crates/server/src/views/", "the API's answers"),
    ("crates/server/src/export/", "writes what was asked for into an archive"),
    ("crates/server/src/search.rs", "leaves out hits without the label that was asked for"),
    ("crates/server/src/auth.rs", "compares a session's CSRF token"),
    ("crates/server/src/workers/posting.rs", "signs and posts to a webhook"),
    ("crates/server/src/workers/pushing.rs", "calls the push service of a member's browser"),
    ("crates/server/src/workers/erasure.rs", "tells a connector what to delete at the provider"),
    ("crates/server/src/routes/attachments.rs", "names a file that is downloaded"),
    ("crates/server/src/routes/authorizations.rs", "leads a browser to a provider, and exchanges what it brings back"),
    ("crates/server/src/routes/template_drafts.rs", "names an example's file to the provider"),
    ("crates/server/src/routes/invitations.rs", "shows who is invited where to"),
    ("crates/server/src/routes/members.rs", "shows a new invitation once"),
    ("crates/server/src/routes/profile.rs", "compares the present password"),
    ("crates/server/src/routes/second_factor.rs", "compares the present password"),
    ("crates/server/src/routes/workspace.rs", "the API's answer"),
    ("crates/server/src/routes/html.rs", "serves a mail's own formatting in a sandbox"),
    ("crates/server/src/routes/search.rs", "the API's answer"),
    ("crates/server/src/routes/sessions.rs", "sets the session's cookie"),
    ("crates/server/src/routes/exports.rs", "shows the link of an archive once"),
    ("crates/server/src/routes/tokens.rs", "shows a new token once"),
    ("crates/server/src/cli/", "prints a new token once, and exports"),
    ("crates/server/src/demo", "tells the demo's own passwords and tokens"),
];

/// Where the database drivers may be named.
const MAY_DRIVE: Places = &[
    ("crates/vault/src/store/", "the data's two engines"),
    ("crates/vault/src/keys/custody", "the custody store's two engines"),
    ("crates/vault/src/value.rs", "values on their way into a statement and out of a row"),
    ("crates/vault/src/testing/", "a private PostgreSQL"),
];

/// Where a connector may be named, apart from its own folder.
const MAY_NAME_A_SYSTEM: Places = &[
    ("crates/connect/", "where connectors are"),
    ("crates/simulator/", "plays them"),
    ("crates/server/src/demo", "connects the simulated ones"),
    ("crates/engine/src/identify.rs", "the kinds of identity are the platform's own words"),
    ("crates/server/src/settings/keys.rs", "an example in an error message"),
    ("crates/server/src/telemetry/mod.rs", "what is never logged, with the case that shows why"),
    ("web/src/channels/icon.ts", "each kind has its icon"),
    ("web/src/text/", "words for people"),
    ("web/e2e/", "tests"),
    ("web/scripts/", "pictures"),
];

/// The kinds (and what several share) whose names are everyday words: they cannot be searched for.
const EVERYDAY: [&str; 4] = ["api", "email", "meta", "web"];

fn allowed(path: &str, places: Places) -> bool {
    places.iter().any(|(place, _)| path.starts_with(place))
}

fn listed(places: Places) -> String {
    let lines: Vec<_> = places.iter().map(|(place, why)| format!("    {place}: {why}")).collect();
    lines.join("\n")
}

/// `Personal<T>` is opened only where a line of [`MAY_REVEAL`] says why.
pub fn revealing(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for source in tree.sources.iter().filter(|source| !allowed(&source.path, MAY_REVEAL)) {
        for (line, code) in source.program() {
            if code.contains(".reveal()") || code.contains("into_revealed") || code.contains("Personal::reveal") {
                complaints.push(Complaint::new(
                    &source.path,
                    line,
                    "personal data is revealed in a file that is not listed",
                ));
            }
        }
    }
    if let Some(last) = complaints.last_mut() {
        last.words = format!("{}; these are:\n{}", last.words, listed(MAY_REVEAL));
    }
    complaints
}

/// Only the receiving stage believes bytes because they were in the inbox.
pub fn believing(tree: &Tree) -> Vec<Complaint> {
    let words =
        "`Verified::from_inbox` belongs to the engine's receiving stage: whatever else comes from outside is verified";
    let may = ["crates/engine/src/receive.rs", "crates/connect/src/connector.rs"];
    let others = tree.sources.iter().filter(|source| !may.contains(&source.path.as_str()));
    others
        .flat_map(|source| source.program().map(move |(line, code)| (source, line, code)))
        .filter(|(_, _, code)| code.contains("from_inbox"))
        .map(|(source, line, _)| Complaint::new(&source.path, line, words))
        .collect()
}

/// SQL is text of the vault.
pub fn sql(tree: &Tree) -> Vec<Complaint> {
    // What the peer that the program is measured against is told to do.
    const YARDSTICK: &str = "crates/server/benches/figures/postgres.rs";
    let words = ["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "CREATE TABLE", "ALTER TABLE", "DROP TABLE", "WITH"];
    let begins = |text: &str, word: &str| text.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '));
    let outside = tree.sources.iter().filter(|source| !matches!(source.krate(), "vault" | "tidy"));
    outside
        .filter(|source| source.path != YARDSTICK)
        .flat_map(|source| source.literals.iter().map(move |literal| (source, literal)))
        .filter(|(_, (_, text))| words.iter().any(|word| begins(text.trim_start(), word)))
        // What a mail server is told by that word (RFC 3501).
        .filter(|(_, (_, text))| text != "SELECT INBOX")
        .map(|(source, (line, _))| {
            Complaint::new(&source.path, *line, "SQL outside the vault: give it a function there")
        })
        .collect()
}

/// Within the vault, the drivers are named by the engines alone.
pub fn drivers(tree: &Tree) -> Vec<Complaint> {
    let vault = tree.sources.iter().filter(|source| source.krate() == "vault" && !allowed(&source.path, MAY_DRIVE));
    vault
        .flat_map(|source| source.program().map(move |(line, code)| (source, line, code)))
        .filter(|(_, _, code)| names(code, "rusqlite::") || names(code, "postgres::"))
        .map(|(source, line, _)| Complaint::new(&source.path, line, "a driver outside the engines: go through `Tx`"))
        .collect()
}

/// Whether code names an outside crate, and not a module of ours of the same name.
fn names(code: &str, krate: &str) -> bool {
    let before = |at| code[..at].chars().next_back().unwrap_or(' ');
    code.match_indices(krate).any(|(at, _)| !before(at).is_alphanumeric() && !matches!(before(at), ':' | '_'))
}

/// A connector's name occurs with the connector, and where [`MAY_NAME_A_SYSTEM`] lists.
pub fn systems(tree: &Tree) -> Vec<Complaint> {
    let kinds = kinds(tree);
    let mut complaints = Vec::new();
    for source in tree.sources.iter().filter(|source| !allowed(&source.path, MAY_NAME_A_SYSTEM)) {
        let code = source.program().map(|(line, code)| (line, code.to_owned()));
        let texts = source.literals.iter().filter(|(line, _)| !source.in_test(*line)).cloned();
        complaints.extend(naming(&source.path, &kinds, code.chain(texts)));
    }
    let web = tree.files.iter().filter(|file| file.path.starts_with("web/src/"));
    for file in web.filter(|file| !allowed(&file.path, MAY_NAME_A_SYSTEM) && !is_web_test(&file.path)) {
        let lines = file.text.lines().enumerate().map(|(index, line)| (index + 1, line.to_owned()));
        complaints.extend(naming(&file.path, &kinds, lines));
    }
    complaints
}

fn is_web_test(path: &str) -> bool {
    [".test.ts", ".fixture.ts", "/api/schema.d.ts"].iter().any(|end| path.ends_with(end))
}

fn naming(path: &str, kinds: &[String], lines: impl Iterator<Item = (usize, String)>) -> Vec<Complaint> {
    let named = |(line, text): (usize, String)| {
        let kind = kinds.iter().find(|kind| text.to_lowercase().contains(kind.as_str()))?;
        Some(Complaint::new(path, line, format!("`{kind}` is named outside its connector: ask its `Spec` instead")))
    };
    lines.filter_map(named).collect()
}

/// The connectors there are, by their files and folders.
fn kinds(tree: &Tree) -> Vec<String> {
    let channels = tree.files.iter().filter_map(|file| file.path.strip_prefix("crates/connect/src/channels/"));
    let mut kinds: Vec<_> = channels
        .filter_map(|rest| rest.split(['/', '.']).next())
        .filter(|name| *name != "mod" && !EVERYDAY.contains(name))
        .map(str::to_owned)
        .collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[cfg(test)]
mod tests {
    use super::{believing, drivers, revealing, sql, systems};
    use crate::Tree;

    #[test]
    fn revealing_is_seen_and_tests_may() {
        let code = "fn f() { x.reveal(); }\n#[cfg(test)]\nmod tests { fn f() { x.reveal(); } }";
        let found =
            revealing(&Tree::of(&[("crates/server/src/live.rs", code), ("crates/server/src/views/a.rs", code)]));
        assert_eq!(found.len(), 1);
        assert!(found[0].words.contains("crates/vault/src/personal.rs"), "the list is told");
    }

    #[test]
    fn what_belongs_to_one_place_is_seen_elsewhere() {
        let code = "fn f() { Verified::from_inbox(b) }\nfn g() { run(\"DROP TABLE x\") }\nfn h() { rusqlite::open() }";
        let tree = |path| Tree::of(&[(path, code)]);
        assert_eq!(believing(&tree("crates/server/src/hooks.rs")).len(), 1);
        assert!(believing(&tree("crates/engine/src/receive.rs")).is_empty());
        assert_eq!(sql(&tree("crates/engine/src/receive.rs"))[0].line, 2);
        assert!(sql(&tree("crates/vault/src/inbox.rs")).is_empty());
        assert_eq!(drivers(&tree("crates/vault/src/inbox.rs"))[0].line, 3);
        assert!(drivers(&tree("crates/vault/src/store/mod.rs")).is_empty());
    }

    #[test]
    fn a_system_is_named_by_its_connector_alone() {
        let found = systems(&Tree::of(&[
            ("crates/connect/src/channels/pigeon/mod.rs", "const KIND: &str = \"pigeon\";"),
            ("crates/engine/src/a.rs", "// pigeon in a comment\nfn f() { kind == \"pigeon\" }"),
            ("web/src/thread/a.ts", "if (kind === 'pigeon') {}"),
            ("crates/server/src/telemetry/mod.rs", "what is never logged, with the case that shows why"),
            ("web/src/channels/icon.ts", "pigeon: Bird"),
        ]));
        let places: Vec<_> = found.iter().map(|complaint| (complaint.file.as_str(), complaint.line)).collect();
        assert_eq!(places, [("crates/engine/src/a.rs", 2), ("web/src/thread/a.ts", 1)]);
    }
}
