//! Signed notes, as C2SP writes them down: <https://c2sp.org/signed-note>, and cosignatures of witnesses in them:
//! <https://c2sp.org/tlog-cosignature>. Pure functions over text.
//!
//! Only Ed25519 is known here: a log's own signature (type 1) and a witness' cosignature with its time (type 4).

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// What a signature line begins with: em dash, space.
const DASH: &str = "\u{2014} ";
/// A note with more signatures than this is not read.
const SIGNATURES_MAX: usize = 64;

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// The text of a note.
    Notes,
    /// A checkpoint, with the time at which it was seen.
    Cosignatures,
}

impl Signs {
    const fn byte(self) -> u8 {
        match self {
            Self::Notes => 1,
            Self::Cosignatures => 4,
        }
    }
}

/// By which signatures in notes are verified: a name, and an Ed25519 key. Its text is the `vkey` of the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    signs: Signs,
    public_key: [u8; 32],
}

impl VerifierKey {
    /// A key by its parts.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the name is empty or holds a space or a plus.
    pub fn new(name: &str, signs: Signs, public_key: [u8; 32]) -> Result<Self> {
        if !is_name(name) {
            return Err(Error::Invalid("a key's name is not empty and has neither spaces nor a plus".into()));
        }
        Ok(Self { name: name.into(), signs, public_key })
    }

    /// Reads `<name>+<id in hex>+<type and key in base64>`.
    ///
    /// # Errors
    /// [`Error::Invalid`], in words for whoever typed it.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::Invalid(format!("not a verifier key (name+id+key): {why}"));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it has three parts with a plus between them"));
        };
        let bytes = STANDARD.decode(key).map_err(|_| wrong("its key is not base64"))?;
        let (signs, key) = match bytes.split_first() {
            Some((1, key)) => (Signs::Notes, key),
            Some((4, key)) => (Signs::Cosignatures, key),
            _ => return Err(wrong("only Ed25519 keys (type 1) and Ed25519 cosignatures (type 4) are known")),
        };
        let key = Self::new(name, signs, key.try_into().map_err(|_| wrong("its key is not 32 bytes"))?)?;
        VerifyingKey::from_bytes(&key.public_key).map_err(|_| wrong("its key is no point of the curve"))?;
        if hex::encode(key.id()) == id { Ok(key) } else { Err(wrong("its id is not that of its key")) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn signs(&self) -> Signs {
        self.signs
    }

    /// Ed25519.
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The first four bytes of SHA-256 over name, line feed, type and key.
    pub fn id(&self) -> [u8; 4] {
        let name = self.name.as_bytes();
        let hash = Sha256::new_with_prefix(name).chain_update([b'\n', self.signs.byte()]).chain_update(self.public_key);
        let hash: [u8; 32] = hash.finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// A signature line of this key, from the bytes after the id.
    pub fn line(&self, signature: &[u8]) -> SignatureLine {
        SignatureLine { name: self.name.clone(), id: self.id(), signature: signature.to_vec() }
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = STANDARD.encode([&[self.signs.byte()][..], &self.public_key].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id()))
    }
}

/// One signature in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads `— <name> <base64>`, without the line feed. `None`: it is none.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !signature.is_empty()).then(|| Self {
            name: name.into(),
            id: *id,
            signature: signature.into(),
        })
    }

    /// The bytes after the key's id.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    fn is_of(&self, key: &VerifierKey) -> bool {
        self.name == key.name && self.id == key.id()
    }

    /// Whether a key signed a text so.
    fn signs(&self, key: &VerifierKey, text: &str) -> bool {
        let (signed, signature) = match key.signs {
            Signs::Notes => (text.to_owned(), Some(&self.signature[..])),
            Signs::Cosignatures => match self.seen_at() {
                Some(at) => (format!("cosignature/v1\ntime {at}\n{text}"), self.signature.get(8..)),
                None => return false,
            },
        };
        let signature = signature.and_then(|bytes| Signature::from_slice(bytes).ok());
        let verifying = VerifyingKey::from_bytes(&key.public_key);
        matches!((verifying, signature), (Ok(key), Some(signature)) if key.verify_strict(signed.as_bytes(), &signature).is_ok())
    }

    /// When a witness saw the checkpoint, in Unix seconds, if this is a cosignature.
    pub fn seen_at(&self) -> Option<u64> {
        let at = self.signature.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))?;
        (self.signature.len() == 72 && at > 0 && i64::try_from(at).is_ok()).then_some(at)
    }
}

impl std::fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{DASH}{} {}", self.name, STANDARD.encode([&self.id[..], &self.signature].concat()))
    }
}

/// What a note says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The key signed it.
    Signed,
    /// It has no signature of this key.
    Unsigned,
    /// It has one that is false.
    False,
}

/// A text with signatures under it. Nothing of it is to be believed before [`Note::by`] says who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, with its last line feed.
    pub text: String,
    /// At least one, where it was read.
    pub signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is none.
    pub fn parse(note: &str) -> Result<Self> {
        let wrong = |why: &str| Error::Invalid(format!("not a signed note: {why}"));
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(wrong("it holds control characters"));
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or_else(|| wrong("no empty line before its signatures"))?;
        let lines = lines.strip_suffix('\n').ok_or_else(|| wrong("its last line has no end"))?;
        let signatures: Option<Vec<_>> = lines.split('\n').map(SignatureLine::parse).collect();
        match signatures {
            Some(signatures) if signatures.len() <= SIGNATURES_MAX => {
                Ok(Self { text: format!("{text}\n"), signatures })
            }
            Some(_) => Err(wrong("it has too many signatures")),
            None => Err(wrong("a signature line cannot be read")),
        }
    }

    /// Whether a key signed it. A signature of this key that is false spoils the note, whatever else is there.
    pub fn by(&self, key: &VerifierKey) -> Verdict {
        let of_key: Vec<_> = self.signatures.iter().filter(|line| line.is_of(key)).collect();
        match of_key.is_empty() {
            true => Verdict::Unsigned,
            false if of_key.iter().all(|line| line.signs(key, &self.text)) => Verdict::Signed,
            false => Verdict::False,
        }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c.is_control())
}
