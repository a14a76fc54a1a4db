//! `parloir prove`: looks whether the promises are kept, on the live installation, and hands out signed evidence; or verifies evidence
//! that somebody hands in, without any installation.

mod page;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;
use vault::WorkspaceId;
use vault::audit::note::VerifierKey;
use vault::prove::evidence::{is_broken, verify};
use vault::prove::{Asked, Surroundings};

use super::show::word;
use super::{Command, place, say};
use crate::app::Shared;
use crate::mailboxes;
use crate::settings::Settings;
use crate::views::time;

/// What `--json` without a file means.
const STANDARD_OUTPUT: &str = "-";
/// Evidence that is longer is not read.
const LONGEST: u64 = 64 << 20;
/// Before an evidence page's own copy of the evidence, and after it.
const BEFORE: &str = "<script type=\"application/json\" id=\"evidence\">";
const AFTER: &str = "</script>";

#[derive(Args)]
pub(super) struct Prove {
    /// The workspace's id: what is promised to this one alone
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// One promise alone, such as R-3
    #[arg(long, value_name = "ID")]
    promise: Option<String>,
    /// Print the signed evidence as JSON, or write it to a file
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = STANDARD_OUTPUT)]
    json: Option<PathBuf>,
    /// Write the signed evidence as a page that needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Verify evidence, either form. No data, no key and no network of the installation is touched
    #[arg(long, value_name = "FILE", conflicts_with_all = ["workspace", "promise", "json", "html"])]
    verify: Option<PathBuf>,
    /// The installation's key for evidence, as you keep it (name+id+key)
    #[arg(long, requires = "verify")]
    key: Option<String>,
}

impl Prove {
    /// Verifies what was handed in, if that is asked for: the text to print, and whether every promise in it is kept.
    pub(super) fn offline(&self) -> Result<Option<(String, bool)>> {
        let Some(path) = &self.verify else { return Ok(None) };
        let key = self.key.as_deref().map(VerifierKey::parse).transpose()?;
        let (document, page) = read(path)?;
        let verified = verify(&document, key.as_ref())?;
        if let Some(shown) = page {
            ensure!(
                shown == page::page(&document),
                "the page does not show what was signed, or another version made it"
            );
        }
        let (table, key) = (table(&verified.evidence), &verified.key);
        let mut text = format!("{table}\n\nThe evidence is as it was signed by {key}");
        if !verified.key_was_given {
            text += "\nNo key was given that you trust, so this shows that nothing was altered, not who signed it.";
        }
        Ok(Some((text, !is_broken(&verified.evidence))))
    }

    /// Has the holder of the data look, and hands out what came of it.
    pub(super) fn run(self, settings: Settings) -> Result<ExitCode> {
        let command = Command::Prove { workspace: self.workspace, promise: self.promise };
        let document = place::order(settings, command)?;
        if let Some(path) = &self.html {
            write(path, &page::page(&document))?;
        }
        match self.json {
            Some(path) if path == Path::new(STANDARD_OUTPUT) => say(&document.to_string()),
            Some(path) => {
                write(&path, &document.to_string())?;
                say(&table(&document["evidence"]));
            }
            None => say(&format!("{}\n\nkey: {}", table(&document["evidence"]), word(&document, "/key"))),
        }
        Ok(super::exit(!is_broken(&document["evidence"])))
    }
}

/// Looks, and signs.
pub(super) async fn prove(app: &Shared, workspace: Option<String>, promise: Option<String>) -> Result<Value> {
    let workspace = workspace.map(|id| super::command::id::<WorkspaceId>("workspace", &id)).transpose()?;
    let around = Surroundings {
        public_url: app.settings.named_public_url.clone(),
        opened_addresses: app.settings.allow_private.len(),
        mailboxes: mailboxes::connected(app, workspace).await?,
    };
    let asked = Asked { workspace, promise };
    Ok(app.vault.evidence(&asked, &around, env!("CARGO_PKG_VERSION")).await?)
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// Evidence from a file of either form; the whole page, where it was one.
fn read(path: &Path) -> Result<(Value, Option<String>)> {
    let unread = || format!("{} cannot be read", path.display());
    ensure!(std::fs::metadata(path).with_context(unread)?.len() <= LONGEST, "{} is no evidence", path.display());
    let text = std::fs::read_to_string(path).with_context(unread)?;
    let no_evidence = || format!("{} is no evidence", path.display());
    match text.split_once(BEFORE).and_then(|(_, rest)| rest.split_once(AFTER)) {
        Some((inner, _)) => Ok((serde_json::from_str(inner).with_context(no_evidence)?, Some(text.clone()))),
        None => Ok((serde_json::from_str(&text).with_context(no_evidence)?, None)),
    }
}

/// What became of one contact.
fn erasure(evidence: &Value) -> String {
    let of = |name: &str| word(evidence, &format!("/erasure/{name}"));
    let when = |name: &str| evidence["erasure"][name].as_i64().map_or_else(|| "not yet".to_owned(), time);
    let mut lines = vec![
        format!("Erasure {} in {}: {}", of("id"), word(evidence, "/workspace"), of("state")),
        format!("asked {}, done {}", when("requested_at"), when("completed_at")),
    ];
    for (table, rows) in evidence["erasure"]["erased"].as_object().into_iter().flatten() {
        lines.push(format!("  gone  {rows:>7} {table}"));
    }
    for kept in evidence["erasure"]["kept"].as_array().into_iter().flatten() {
        lines.push(format!("  kept  {}: {}", word(kept, "/what"), word(kept, "/ground")));
    }
    for remote in evidence["erasure"]["remote"].as_array().into_iter().flatten() {
        lines.push(format!("  at    {}: {}", word(remote, "/system"), word(remote, "/state")));
    }
    let ledger = if evidence["ledger_subject"].is_string() { "has its line" } else { "has no line of it" };
    lines.push(format!("The ledger {ledger}; {} of its keys are in custody.", evidence["keys_in_custody"]));
    lines.join("\n")
}

/// One line for each promise, and beneath what is broken where and how often.
fn table(evidence: &Value) -> String {
    if evidence["erasure"].is_object() {
        return erasure(evidence);
    }
    let mut lines = vec![heading(evidence)];
    for promise in evidence["promises"].as_array().into_iter().flatten() {
        let outcome = shown(promise);
        lines.push(format!("{:<6} {outcome:<15} {}", word(promise, "/id"), word(promise, "/promise")));
        for fault in promise["faults"].as_array().into_iter().flatten() {
            lines.push(format!("       {:<15} {}", "", fault_words(fault)));
        }
        for mailbox in promise["shown"].as_array().into_iter().flatten() {
            lines.push(format!("       {:<15} {}", "", mailbox_words(mailbox)));
        }
        if outcome == "not checked" {
            lines.push(format!("       {:<15} {}", "", word(promise, "/reason")));
        }
    }
    let total = |name: &str| evidence["totals"][name].as_i64().unwrap_or_default();
    lines.push(format!(
        "\n{} kept, {} broken, {} not applicable: no such feature on, {} not checked",
        total("kept"),
        total("broken"),
        total("not_applicable"),
        total("not_checked")
    ));
    lines.join("\n")
}

fn heading(evidence: &Value) -> String {
    let at = time(evidence["at"].as_i64().unwrap_or_default());
    let (version, engine) = (word(evidence, "/version"), word(evidence, "/engine"));
    format!("Parloir {version} on {engine}, installation {}, {at}\n", word(evidence, "/installation"))
}

/// An outcome as people read it.
fn shown(promise: &Value) -> String {
    word(promise, "/outcome").replace('_', " ")
}

/// What is wrong, where, how many, and the ids.
fn fault_words(fault: &Value) -> String {
    let rows = fault["rows"].as_u64().unwrap_or_default();
    let ids: Vec<&str> = fault["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let whose = word(fault, "/workspace");
    let whose = if whose.is_empty() { String::new() } else { format!(" of {whose}") };
    let ids = if ids.is_empty() { String::new() } else { format!(": {}", ids.join(", ")) };
    format!("{} ({}{whose}, {rows}){ids}", word(fault, "/what"), word(fault, "/place"))
}

/// What a mailbox was asked for, what was allowed, and whom it reaches that is read there.
fn mailbox_words(mailbox: &Value) -> String {
    let scopes = |side: &Value| {
        let of = |name: &str| {
            let scopes: Vec<&str> = side[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            (!scopes.is_empty()).then(|| format!("{name} ({})", scopes.join(", ")))
        };
        let told: Vec<String> = ["read", "send", "change", "other"].into_iter().filter_map(of).collect();
        if told.is_empty() { "not known yet".to_owned() } else { told.join(", ") }
    };
    let reaches = |(name, what): (&String, &Value)| {
        let name = name.replace('_', " ");
        if let Some(word) = what.as_str() {
            return format!("{name}: {word}");
        }
        let at = time(what["at"].as_i64().unwrap_or_default());
        format!("{name}: all, by the word of {} at {at}", word(what, "/by"))
    };
    let told: Vec<String> = mailbox["reaches"].as_object().into_iter().flatten().map(reaches).collect();
    format!(
        "{} ({} of {}): asked to {}; allowed to {}; what is read there reaches: {}",
        word(mailbox, "/channel"),
        word(mailbox, "/kind"),
        word(mailbox, "/workspace"),
        scopes(&mailbox["asked"]),
        scopes(&mailbox["allowed"]),
        told.join(", ")
    )
}
