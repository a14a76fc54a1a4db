//! A moment's work before something public may be done: ALTCHA's proof of work, version 2, in its deterministic mode
//! (<https://altcha.org/docs/v2/proof-of-work-captcha>). Any client of that protocol can solve it; nobody else is asked.
//!
//! The server draws a counter and derives a key from it by PBKDF2; the client is shown half of that key and tries counters
//! until it finds the whole. That it did is seen from one HMAC. Nothing is stored when a challenge is given; that it is spent
//! is noted with what it was spent on (`vault::visitors`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a challenge may be solved, in milliseconds.
const LIFE_MS: i64 = 10 * 60 * 1000;
/// Iterations of PBKDF2 for each counter that is tried.
const COST: u32 = 2_000;
/// The counters that are drawn: with [`COST`] half a second to a second of a phone's work.
const COUNTERS: std::ops::Range<u32> = 150..350;
/// Longest solution looked at, in bytes.
const SOLUTION: usize = 4_096;
/// The only algorithm that is given and taken.
const ALGORITHM: &str = "PBKDF2/SHA-256";

/// What challenges are signed with.
pub struct Keys {
    signing: Vec<u8>,
    proof: Vec<u8>,
}

/// A challenge as a client gets it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    parameters: Parameters,
    signature: String,
}

/// In the order of the alphabet, which is how they are signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    algorithm: String,
    cost: u32,
    /// In Unix seconds.
    expires_at: i64,
    key_length: u32,
    key_prefix: String,
    key_signature: String,
    nonce: String,
    salt: String,
}

#[derive(Deserialize)]
struct Payload {
    challenge: Challenge,
    solution: Solution,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Solution {
    derived_key: String,
}

/// A challenge that was solved.
#[derive(Debug, PartialEq, Eq)]
pub struct Solved {
    /// Another for every challenge.
    pub id: String,
    /// Until when it would be taken, in Unix milliseconds.
    pub expires_at: i64,
}

impl Keys {
    /// Keys for one purpose from a secret. `None` if there is no secret.
    pub fn derive(secret: &connect::Secret, purpose: &str) -> Option<Self> {
        let key =
            |part: &str| signed(secret.expose().as_bytes(), format!("parloir challenge {part}\n{purpose}").as_bytes());
        (!secret.is_empty()).then_some(())?;
        Some(Self { signing: key("signing")?, proof: key("proof")? })
    }

    /// A new challenge from fresh chance.
    pub fn give(&self, now_ms: i64, chance: [u8; 32]) -> Option<Challenge> {
        let (nonce, salt) = chance.split_at(16);
        let draw = signed(&self.proof, &chance)?;
        let draw = u32::from_be_bytes(draw.first_chunk::<4>().copied()?);
        let counter = COUNTERS.start + draw % (COUNTERS.end - COUNTERS.start);
        let key = derived(nonce, salt, counter, COST)?;
        let parameters = Parameters {
            algorithm: ALGORITHM.to_owned(),
            cost: COST,
            expires_at: (now_ms + LIFE_MS).div_euclid(1_000),
            key_length: 32,
            key_prefix: hex::encode(key.get(..16)?),
            key_signature: hex::encode(signed(&self.proof, &key)?),
            nonce: hex::encode(nonce),
            salt: hex::encode(salt),
        };
        let signature = hex::encode(signed(&self.signing, &serde_json::to_vec(&parameters).ok()?)?);
        Some(Challenge { parameters, signature })
    }

    /// What a client solved, if it is one of our challenges and still lasts. `payload` is base64 of
    /// `{"challenge", "solution": {"counter", "derivedKey"}}`.
    pub fn check(&self, now_ms: i64, payload: &str) -> Option<Solved> {
        let bytes = STANDARD.decode(payload).ok().filter(|_| payload.len() <= SOLUTION)?;
        let Payload { challenge: Challenge { parameters, signature }, solution } =
            serde_json::from_slice(&bytes).ok()?;
        let told = serde_json::to_vec(&parameters).ok()?;
        mac(&self.signing, &told)?.verify_slice(&hex::decode(&signature).ok()?).ok()?;
        let expires_at = parameters.expires_at.checked_mul(1_000).filter(|at| *at > now_ms)?;
        let key = hex::decode(solution.derived_key).ok()?;
        mac(&self.proof, &key)?.verify_slice(&hex::decode(&parameters.key_signature).ok()?).ok()?;
        Some(Solved { id: parameters.nonce, expires_at })
    }
}

/// The key that a counter leads to: PBKDF2 with HMAC-SHA-256 (RFC 8018, 5.2), one block of 32 bytes, of nonce and counter.
fn derived(nonce: &[u8], salt: &[u8], counter: u32, cost: u32) -> Option<[u8; 32]> {
    let password = [nonce, &counter.to_be_bytes()].concat();
    pbkdf2(&password, salt, cost)
}

fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> Option<[u8; 32]> {
    let keyed = Hmac::<Sha256>::new_from_slice(password).ok()?;
    let mut last: [u8; 32] =
        keyed.clone().chain_update(salt).chain_update(1u32.to_be_bytes()).finalize().into_bytes().into();
    let mut all = last;
    for _ in 1..iterations {
        last = keyed.clone().chain_update(last).finalize().into_bytes().into();
        for (sum, byte) in all.iter_mut().zip(last) {
            *sum ^= byte;
        }
    }
    Some(all)
}

fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    Some(Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(message))
}

fn signed(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    Some(mac(key, message)?.finalize().into_bytes().to_vec())
}

/// What a client does, for the demo and for tests.
impl Challenge {
    /// Tries counters until one fits; the payload that [`Keys::check`] takes.
    pub fn solve(&self) -> Option<String> {
        let (nonce, salt) = (hex::decode(&self.parameters.nonce).ok()?, hex::decode(&self.parameters.salt).ok()?);
        let fits = |counter: u32| {
            let key = hex::encode(derived(&nonce, &salt, counter, self.parameters.cost)?);
            key.starts_with(&self.parameters.key_prefix).then_some((counter, key))
        };
        let (counter, key) = (0..1_000).find_map(fits)?;
        let payload = serde_json::json!({ "challenge": self, "solution": { "counter": counter, "derivedKey": key } });
        Some(STANDARD.encode(payload.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000;

    fn keys(secret: &str) -> Keys {
        Keys::derive(&connect::Secret::new(secret), "chn_1").unwrap()
    }

    #[test]
    fn it_is_solved_once_it_was_worked_for() {
        let keys = keys("secret");
        let challenge = keys.give(NOW, [7; 32]).unwrap();
        let solution = challenge.solve().unwrap();
        let solved = keys.check(NOW, &solution).unwrap();
        assert_eq!(solved, Solved { id: "07".repeat(16), expires_at: NOW + LIFE_MS });
        assert_eq!(keys.check(NOW + LIFE_MS, &solution), None, "it has expired");
        assert_eq!(self::keys("another").check(NOW, &solution), None);
        assert_ne!(keys.give(NOW, [8; 32]).unwrap().parameters.nonce, challenge.parameters.nonce);
        assert!(Keys::derive(&connect::Secret::default(), "chn_1").is_none());
    }

    #[test]
    fn nothing_else_is_a_solution() {
        let keys = keys("secret");
        let challenge = keys.give(NOW, [7; 32]).unwrap();
        let solution: serde_json::Value =
            serde_json::from_slice(&STANDARD.decode(challenge.solve().unwrap()).unwrap()).unwrap();
        for (pointer, value) in [
            ("/challenge/parameters/expiresAt", serde_json::json!(NOW)),
            ("/challenge/parameters/cost", 1.into()),
            ("/challenge/parameters/nonce", "08".repeat(16).into()),
            ("/challenge/parameters/keySignature", "00".repeat(32).into()),
            ("/challenge/signature", "00".repeat(32).into()),
            ("/challenge/signature", "".into()),
            ("/solution/derivedKey", challenge.parameters.key_prefix.clone().into()),
            ("/solution/derivedKey", "".into()),
            ("/solution", serde_json::Value::Null),
        ] {
            let mut changed = solution.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            assert_eq!(keys.check(NOW, &STANDARD.encode(changed.to_string())), None, "{pointer}");
        }
        for nonsense in ["", "e30=", "!", &"A".repeat(8_192)] {
            assert_eq!(keys.check(NOW, nonsense), None);
        }
    }

    // RFC 7914, section 11: the first 32 bytes.
    #[test]
    fn the_key_is_derived_as_the_standard_says() {
        let key = hex::encode(pbkdf2(b"passwd", b"salt", 1).unwrap());
        assert_eq!(key, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
        let key = hex::encode(pbkdf2(b"Password", b"NaCl", 80_000).unwrap());
        assert_eq!(key, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
    }

    // Made and solved by altcha-lib 2 for JavaScript, the project's own.
    #[test]
    fn it_agrees_with_another_implementation() {
        let keys =
            Keys { signing: b"signing secret of the tests".to_vec(), proof: b"key secret of the tests".to_vec() };
        let theirs = r#"{"challenge":{"parameters":{"algorithm":"PBKDF2/SHA-256","cost":50,"expiresAt":1767226200,"keyLength":32,"keyPrefix":"07e81a22e8282ec7ff4c75439ed06cec","keySignature":"40a8fe103faea67f62c8beeb7130ba6234bd8ad96e269cb5c27b73333c352a88","nonce":"e541bc8eb28c46bd4fd9f1997e2c399f","salt":"473f5c22b5b7b082be18c20b0812d26e"},"signature":"046804d935bf6d65f0d1b431197ad66cf8405635712ffe796952dd774a84b814"},"solution":{"counter":7,"derivedKey":"07e81a22e8282ec7ff4c75439ed06cec34457015412dd224d70ba6fed6a892cd","time":0.7}}"#;
        let solved = keys.check(NOW, &STANDARD.encode(theirs)).unwrap();
        assert_eq!(solved.id, "e541bc8eb28c46bd4fd9f1997e2c399f");
        let challenge: Payload = serde_json::from_str(theirs).unwrap();
        assert_eq!(keys.check(NOW, &challenge.challenge.solve().unwrap()), Some(solved));
    }
}
