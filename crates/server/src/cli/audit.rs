//! `parloir audit`: the log is verified where it lies, or exported, or verified from an export, which needs nothing else.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use vault::Scope;
use vault::audit::note::{Note, Signs, VerifierKey};
use vault::audit::offline::{self, OfflineReport, Trust};
use vault::audit::{AuditReport, Fault, origin};

use super::Command;
use crate::app::Shared;

#[derive(Subcommand)]
pub(super) enum AuditAct {
    /// Verify a workspace's log: every entry, every checkpoint, every signature; exit code 1 if anything was altered
    Verify(Verify),
    /// Write a workspace's log to a folder, with everything that verifying it takes but the key to trust
    Export(Export),
}

#[derive(Args)]
pub(super) struct Verify {
    /// The workspace's id: its log as this installation holds it
    #[arg(long, value_name = "ID", required_unless_present = "from", conflicts_with = "from")]
    workspace: Option<String>,
    /// An exported log: the folder, or its file of lines. No data, no key and no network of the installation is touched
    #[arg(long, value_name = "DIR|FILE")]
    from: Option<PathBuf>,
    /// The log's public key as you keep it: 64 hex digits, or a verifier key (name+id+key)
    #[arg(long, requires = "from")]
    key: Option<String>,
    /// A file with a checkpoint that you keep: the exported log has to contain it
    #[arg(long, value_name = "FILE", requires = "from")]
    checkpoint: Option<PathBuf>,
    /// The verifier key of a witness whose signatures are to be looked at; may be given several times
    #[arg(long, value_name = "KEY", requires = "from")]
    witness: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Export {
    /// The workspace's id
    #[arg(long, value_name = "ID")]
    workspace: String,
    /// A folder that is empty or not there yet
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl AuditAct {
    /// What is done without any data of the installation: the text to print, and whether the log is sound.
    pub(super) fn offline(&self) -> Result<Option<(String, bool)>> {
        match self {
            Self::Verify(asked) => asked.from.as_ref().map(|from| asked.offline(from)).transpose(),
            Self::Export(_) => Ok(None),
        }
    }

    /// The command for the data's holder, and whether its answer is printed as JSON.
    pub(super) fn command(self) -> Result<(Command, bool)> {
        Ok(match self {
            Self::Verify(asked) => {
                (Command::VerifyAudit { workspace: asked.workspace.unwrap_or_default() }, asked.json)
            }
            Self::Export(asked) => {
                // Whoever holds the data may stand in another folder.
                let to = std::path::absolute(&asked.to).context("the folder's name cannot be made whole")?;
                (Command::ExportAudit { workspace: asked.workspace, to }, asked.json)
            }
        })
    }
}

impl Verify {
    fn offline(&self, from: &Path) -> Result<(String, bool)> {
        let trust = Trust { key: None, kept: self.kept()?, witnesses: self.witnesses()? };
        let verify = if from.is_dir() { offline::verify_folder } else { offline::verify_file };
        let trust = match &self.key {
            Some(key) => Trust { key: Some(the_key(key, from)?), ..trust },
            None => trust,
        };
        let report = verify(from, trust)?;
        let value = told_offline(&report);
        Ok((if self.json { value.to_string() } else { text(&value) }, report.is_sound()))
    }

    fn kept(&self) -> Result<Option<Note>> {
        let Some(path) = &self.checkpoint else { return Ok(None) };
        let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Some(Note::parse(&text).with_context(|| path.display().to_string())?))
    }

    fn witnesses(&self) -> Result<Vec<VerifierKey>> {
        let read = |text: &String| -> Result<VerifierKey> {
            let key = VerifierKey::parse(text)?;
            anyhow::ensure!(key.signs() == Signs::Cosignatures, "--witness: this key signs no cosignatures (type 4)");
            Ok(key)
        };
        self.witness.iter().map(read).collect()
    }
}

/// A key as it was typed. Bare digits get the name that the exported log says it has.
fn the_key(text: &str, from: &Path) -> Result<VerifierKey> {
    if text.contains('+') {
        return Ok(VerifierKey::parse(text)?);
    }
    let Some(bytes) = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok()) else {
        bail!("--key: 64 hex digits, or a verifier key (name+id+key)");
    };
    let workspace = offline::workspace_of(from)?;
    Ok(VerifierKey::new(&origin(workspace), Signs::Notes, bytes)?)
}

/// Verifies the log where it lies.
pub(super) async fn verify(app: &Shared, scope: &Scope) -> Result<Value> {
    let report = app.vault.verify_audit(scope).await?;
    let key = app.vault.audit_verifier(scope).await?.to_string();
    Ok(told(&report, scope, &key))
}

/// Exports the log.
pub(super) async fn export(app: &Shared, scope: &Scope, to: &Path) -> Result<Value> {
    let record = |tx: &vault::Tx<'_>| vault::audit::record(tx, "audit.exported", "audit").map(|_| ());
    app.vault.write(scope, record).await?;
    let entries = app.vault.export_audit(scope, to).await?;
    let key = app.vault.audit_verifier(scope).await?.to_string();
    Ok(json!({ "to": to, "entries": entries, "key": key }))
}

fn told(report: &AuditReport, scope: &Scope, key: &str) -> Value {
    let faults: Vec<Value> = report.faults.iter().map(|fault| told_fault(None, fault)).collect();
    json!({
        "workspace": scope.workspace(), "sound": report.is_sound(), "entries": report.entries,
        "forgotten": report.forgotten, "expired": report.expired, "checkpoints": report.checkpoints,
        "covered": report.covered, "cosigned": report.cosigned.values().max(), "key": key, "faults": faults,
    })
}

fn told_offline(report: &OfflineReport) -> Value {
    let faults: Vec<Value> = report.faults.iter().map(|(place, fault)| told_fault(Some(place), fault)).collect();
    let cosigned = (report.cosigned > 0).then_some(report.cosigned);
    json!({
        "workspace": report.workspace, "sound": report.is_sound(), "entries": report.entries,
        "forgotten": report.forgotten, "expired": report.expired, "checkpoints": report.checkpoints,
        "covered": report.covered, "cosigned": cosigned, "key": report.key, "key_given": report.key_was_given,
        "faults": faults,
    })
}

fn told_fault(place: Option<&String>, fault: &Fault) -> Value {
    let entries = fault.entries().map(|(from, through)| json!([from, through]));
    json!({ "fault": fault.word(), "place": place, "entries": entries, "words": fault.to_string() })
}

/// What was found, as people read it.
pub(super) fn text(report: &Value) -> String {
    let number = |name: &str| report[name].as_i64().unwrap_or_default();
    let mut lines = vec![format!(
        "{} entries, the first {} covered by {} checkpoints; of {} whom they named was erased, the words of {} have expired",
        number("entries"),
        number("covered"),
        number("checkpoints"),
        number("forgotten"),
        number("expired"),
    )];
    if let Some(cosigned) = report["cosigned"].as_i64() {
        lines.push(format!("checkpoint {cosigned} is the newest that a witness signed"));
    }
    lines.push(format!("key: {}", report["key"].as_str().unwrap_or_default()));
    if report["key_given"] == Value::Bool(false) {
        lines.push(
            "No key was given that you trust, so this shows that nothing was altered since it was signed, not who signed it."
                .to_owned(),
        );
    }
    let faults = report["faults"].as_array().into_iter().flatten();
    lines.extend(faults.map(|fault| {
        let place = fault["place"].as_str().map(|place| format!("{place}: ")).unwrap_or_default();
        format!("ALTERED  {place}{}", fault["words"].as_str().unwrap_or_default())
    }));
    lines.push(
        if report["sound"] == Value::Bool(true) { "The log is sound." } else { "The log is NOT sound." }.to_owned(),
    );
    lines.join("\n")
}
