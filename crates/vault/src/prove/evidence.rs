//! Evidence: what was found, when, by which version, with the newest checkpoint of each audit log; and a signed note over it
//! (<https://c2sp.org/signed-note>), so that anybody verifies it without the installation.
//!
//! The note's text is four lines: `parloir/evidence/` and the installation's id, SHA-256 of the evidence as it is written
//! (base64), `time` with Unix milliseconds, `version`. The id is the beginning of the key's own hash.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Asked, Outcome, Surroundings};
use crate::audit::note::{Note, Signs, Verdict, VerifierKey};
use crate::{Error, Millis, Result, Vault};

/// The first line of what is signed begins so: no checkpoint's does.
const ORIGIN: &str = "parloir/evidence/";

/// Evidence that was verified.
#[derive(Debug, Clone)]
pub struct Verified {
    /// By which key.
    pub key: VerifierKey,
    /// Whether whoever verifies brought that key, and did not take it from the evidence.
    pub key_was_given: bool,
    /// What was found.
    pub evidence: Value,
}

impl Vault {
    /// Looks at the promises and signs what was found: `{"evidence", "key", "note"}`.
    ///
    /// # Errors
    /// As [`Vault::prove`].
    pub async fn evidence(&self, asked: &Asked, around: &Surroundings, version: &str) -> Result<Value> {
        let proofs = self.prove(asked, around).await?;
        let mut workspaces = Vec::new();
        for scope in self.proven(asked.workspace).await? {
            let checkpoint = match self.audit_note(&scope).await {
                Ok(note) => Some(note),
                Err(Error::NotFound(_)) => None,
                Err(error) => return Err(error),
            };
            workspaces.push(json!({ "id": scope.workspace(), "checkpoint": checkpoint }));
        }
        let engine = if self.store().is_postgres() { "PostgreSQL" } else { "SQLite" };
        let count = |word: &str| proofs.iter().filter(|proof| proof.outcome.word() == word).count();
        let totals = json!({
            "kept": count("kept"), "broken": count("broken"), "not_applicable": count("not applicable"),
            "not_checked": count("not checked"),
        });
        let evidence = json!({
            "format": "parloir/evidence/1", "engine": engine, "workspaces": workspaces, "totals": totals, "promises": proofs,
        });
        self.signed_evidence(evidence, version).await
    }

    /// Signs what was found, an object, as of now: `{"evidence", "key", "note"}`.
    pub(crate) async fn signed_evidence(&self, mut evidence: Value, version: &str) -> Result<Value> {
        let at = self.clock().now();
        let key = self.off_thread(evidence_key).await?;
        evidence["installation"] = installation(&key).into();
        evidence["version"] = version.into();
        evidence["at"] = at.into();
        let (version, text) = (version.to_owned(), evidence.to_string());
        let note = self.off_thread(move |vault| sign(vault, &key, &text, at, &version)).await?;
        Ok(json!({ "evidence": evidence, "key": note.1, "note": note.0 }))
    }

    /// By which evidence of this installation is verified. It may be given to anybody.
    ///
    /// # Errors
    /// Whatever the keys' holder says.
    pub async fn evidence_verifier(&self) -> Result<VerifierKey> {
        self.off_thread(evidence_key).await
    }
}

fn evidence_key(vault: &Vault) -> Result<VerifierKey> {
    let public = vault.keys().evidence_public()?;
    let id = hex::encode(Sha256::digest(public));
    VerifierKey::new(&format!("{ORIGIN}{}", &id[..16]), Signs::Notes, public)
}

fn installation(key: &VerifierKey) -> &str {
    key.name().strip_prefix(ORIGIN).unwrap_or_default()
}

fn statement(key: &VerifierKey, text: &str, at: Millis, version: &str) -> String {
    format!("{}\n{}\ntime {at}\nversion {version}\n", key.name(), STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn sign(vault: &Vault, key: &VerifierKey, text: &str, at: Millis, version: &str) -> Result<(String, String)> {
    let text = statement(key, text, at, version);
    let line = key.line(&vault.keys().sign_evidence(text.as_bytes())?);
    Ok((Note { text, signatures: vec![line] }.to_string(), key.to_string()))
}

/// Verifies evidence, without anything else. Without a key it shows that nothing was altered since it was signed, not who signed.
///
/// # Errors
/// [`Error::Invalid`], in words that say what is wrong with it.
pub fn verify(document: &Value, key: Option<&VerifierKey>) -> Result<Verified> {
    let wrong = |why: &str| Error::Invalid(format!("this is no evidence that holds: {why}"));
    let text = |name: &str| document[name].as_str().ok_or_else(|| wrong(&format!("it has no {name}")));
    let (note, own) = (Note::parse(text("note")?)?, VerifierKey::parse(text("key")?)?);
    let (key, key_was_given) = key.map_or((&own, false), |key| (key, true));
    let evidence = &document["evidence"];
    let (at, version) = (evidence["at"].as_i64(), evidence["version"].as_str());
    let (Some(at), Some(version)) = (at, version) else { return Err(wrong("it has no time or no version")) };
    if note.by(key) != Verdict::Signed {
        return Err(wrong("the key did not sign it"));
    }
    let hash = hex::encode(Sha256::digest(key.public_key()));
    if installation(key) != &hash[..16] || evidence["installation"].as_str() != Some(installation(key)) {
        return Err(wrong("it is of another installation than its key"));
    }
    if note.text != statement(key, &evidence.to_string(), at, version) {
        return Err(wrong("it was altered since it was signed"));
    }
    Ok(Verified { key: key.clone(), key_was_given, evidence: evidence.clone() })
}

/// Whether any promise is broken by evidence.
pub fn is_broken(evidence: &Value) -> bool {
    let broken = Outcome::Broken { looked_at: 0, faults: Vec::new() };
    let promises = evidence["promises"].as_array().into_iter().flatten();
    promises.into_iter().any(|promise| promise["outcome"] == broken.word())
}
