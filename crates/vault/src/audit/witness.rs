//! Asking an outside witness to sign a checkpoint, as <https://c2sp.org/tlog-witness> has it (`add-checkpoint`): what is posted,
//! and what is made of the answer. The call itself is the program's.
//!
//! A witness signs only what grew out of what it signed before. So once it has signed, nobody can show another history, not even
//! whoever holds all keys of the installation.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Checkpoint;
use super::checkpoint::verifier;
use super::note::{Note, SignatureLine, Verdict, VerifierKey};
use crate::merkle::{self, Hash, Stretch};
use crate::{Error, Result, Right, Scope, Vault};

/// What is to be posted to a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRequest {
    /// The number of the checkpoint that it is about.
    pub number: i64,
    /// The body: how much the witness knows, the proof from there, and the note.
    pub body: String,
}

impl Vault {
    /// What to post to a witness for the newest checkpoint; `None` if it has signed that one. `known` is how many entries the
    /// witness says that it knows of, where it said so (its answer 409); otherwise what it signed last.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the witness knows of a tree that this log never was.
    pub async fn witness_request(
        &self,
        scope: &Scope,
        witness: &VerifierKey,
        known: Option<i64>,
    ) -> Result<Option<WitnessRequest>> {
        let newest = match self.newest_checkpoint(scope).await {
            Err(Error::NotFound(_)) => return Ok(None),
            newest => newest?,
        };
        let (workspace, key) = (scope.workspace(), witness.to_string());
        let last = self.off_thread(move |vault| vault.keys().last_cosigned(workspace, &key)).await?;
        if last >= newest.number && known.is_none() {
            return Ok(None);
        }
        let before = match known {
            Some(0) => None,
            Some(size) => Some(self.of_size(scope, size).await?),
            None => self.audit_checkpoints(scope, last - 1, 1).await?.into_iter().find(|found| found.number == last),
        };
        let old = before.as_ref().map_or(0, |before| before.size);
        let proof = self.growth(scope, before.as_ref(), &newest).await?;
        let lines: String = proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        let keys = self.audit_keys(scope).await?;
        let note = newest.as_note(workspace, &keys);
        if !note.starts_with(&newest.statement(workspace)) {
            // From before decision 0020: no checkpoint as witnesses read them. The next one is.
            return Ok(None);
        }
        Ok(Some(WitnessRequest { number: newest.number, body: format!("old {old}\n{lines}\n{note}") }))
    }

    /// Keeps what a witness answered, if it did sign that checkpoint; whether it did.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such checkpoint.
    pub async fn keep_cosignature(
        &self,
        scope: &Scope,
        witness: &VerifierKey,
        number: i64,
        answer: &str,
    ) -> Result<bool> {
        scope.require(Right::ReadAudit)?;
        let checkpoint = self.audit_checkpoints(scope, number - 1, 1).await?.into_iter().next();
        let checkpoint = checkpoint.filter(|found| found.number == number).ok_or(Error::NotFound("checkpoint"))?;
        let workspace = scope.workspace();
        let keys = self.audit_keys(scope).await?;
        let text = Note::parse(&checkpoint.as_note(workspace, &keys))?.text;
        // Lines of keys that nobody knows are passed over.
        let lines = answer.lines().filter_map(SignatureLine::parse);
        let line = lines
            .map(|line| Note { text: text.clone(), signatures: vec![line] })
            .find(|note| note.by(witness) == Verdict::Signed);
        let Some(line) = line.and_then(|note| note.signatures.first().map(ToString::to_string)) else {
            return Ok(false);
        };
        let key = witness.to_string();
        self.off_thread(move |vault| vault.keys().keep_cosignature(workspace, number, &key, &line)).await?;
        Ok(true)
    }

    async fn of_size(&self, scope: &Scope, size: i64) -> Result<Checkpoint> {
        let workspace = scope.workspace();
        let number = self.off_thread(move |vault| vault.keys().checkpoint_of_size(workspace, size)).await?;
        let strange =
            || Error::Invalid(format!("the witness knows of {size} entries, and no checkpoint covers so many"));
        let number = number.ok_or_else(strange)?;
        self.audit_checkpoints(scope, number - 1, 1).await?.pop().ok_or_else(strange)
    }

    /// The proof that one checkpoint's tree grew out of another's. What both have in common are peaks of the older, which are
    /// kept, so only leaves between the two are read.
    async fn growth(&self, scope: &Scope, before: Option<&Checkpoint>, newest: &Checkpoint) -> Result<Vec<Hash>> {
        let Some(before) = before else { return Ok(Vec::new()) };
        let tree = before.tree().ok_or(Error::Seal("a checkpoint was altered: verify the audit log"))?;
        let peaks = stretches_of_peaks(tree.size());
        let known = |stretch: &Stretch| {
            peaks.iter().position(|peak| peak == stretch).and_then(|at| tree.peaks().get(at).copied())
        };
        let mut proof = Vec::new();
        for stretch in merkle::consistency(tree.size(), u64::try_from(newest.size).unwrap_or_default()) {
            match known(&stretch) {
                Some(hash) => proof.push(hash),
                None => proof.extend(self.roots(scope, vec![stretch]).await?),
            }
        }
        Ok(proof)
    }
}

/// Which leaves are under each peak of a tree.
fn stretches_of_peaks(size: u64) -> Vec<Stretch> {
    let bits = (0..u64::BITS).rev().map(|bit| 1_u64 << bit).filter(|bit| size & bit != 0);
    let mut start = 0;
    bits.map(|width| {
        let stretch = start..start + width;
        start = stretch.end;
        stretch
    })
    .collect()
}

impl Vault {
    /// The key of a workspace's newest checkpoints as notes know it, to be given to witnesses and auditors.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without [`Right::ReadAudit`].
    pub async fn audit_verifier(&self, scope: &Scope) -> Result<VerifierKey> {
        let key = self.audit_public_key(scope).await?;
        verifier(scope.workspace(), key).ok_or(Error::Seal("no key signs the audit log"))
    }
}
