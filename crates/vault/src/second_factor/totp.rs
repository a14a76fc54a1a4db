//! Time-based one-time passwords (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, six digits, thirty seconds.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::Millis;

/// How long a code holds, in milliseconds.
const STEP_MS: Millis = 30_000;
/// How many steps a phone's clock may be off, each way.
const OFF: i64 = 1;
/// Letters of base32 (RFC 4648, section 6).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of which this is the code, near a moment and later than `last`; `None` if it is none.
pub(super) fn step_of(secret: &[u8], code: &str, now: Millis, last: i64) -> Option<i64> {
    let present = now.div_euclid(STEP_MS);
    // All are computed, so that the time this takes tells nothing.
    let steps = (present - OFF..=present + OFF).filter(|step| {
        let right = code_at(secret, *step).is_some_and(|right| bool::from(right.as_bytes().ct_eq(code.as_bytes())));
        right && *step > last
    });
    steps.fold(None, |_, step| Some(step))
}

/// The code of a step (RFC 4226, section 5.3).
pub(super) fn code_at(secret: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 0x0f);
    let four: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
}

/// In base32 without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let mut five = [0; 5];
        five.iter_mut().zip(group).for_each(|(to, from)| *to = *from);
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in 0..(group.len() * 8).div_ceil(5) {
            let letter = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or(0);
            text.push(char::from(LETTERS[letter]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of its eight digits.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, seconds / 30).as_deref(), Some(code));
            assert_eq!(step_of(SECRET, code, seconds * 1_000, 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_holds_one_step_around_and_once() {
        let (code, step) = (code_at(SECRET, 1_000).unwrap(), 1_000 * STEP_MS);
        for now in [step - STEP_MS, step, step + STEP_MS, step + 2 * STEP_MS - 1] {
            assert_eq!(step_of(SECRET, &code, now, 999), Some(1_000));
        }
        for now in [step - STEP_MS - 1, step + 2 * STEP_MS] {
            assert_eq!(step_of(SECRET, &code, now, 999), None);
        }
        assert_eq!(step_of(SECRET, &code, step, 1_000), None, "taken once");
        for wrong in ["", "0", &code[..5], &format!("{code}0")] {
            assert_eq!(step_of(SECRET, wrong, step, 0), None);
        }
    }

    #[test]
    fn base32_is_the_rfcs() {
        let padded = |text: &str| text.trim_end_matches('=').to_owned();
        for (plain, coded) in [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ] {
            assert_eq!(base32(plain.as_bytes()), padded(coded));
        }
    }
}
