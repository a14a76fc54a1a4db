//! Bank accounts and national ids, by their form and their check digits. In one or with gaps, in small letters or capitals.
//!
//! - IBAN: ISO 13616, remainder 97 by ISO 7064.
//! - Italy, codice fiscale: by its form alone (D.M. 12 March 1974), which nothing else has: one with a slip of the pen tells as much.
//! - Spain, DNI and NIE: the letter of the remainder by 23 (Real Decreto 1553/2005; Orden INT/2058/2008).
//! - France, numéro d'inscription au répertoire: 97 less the remainder by 97, for Corsica with 2A as 19 and 2B as 18 (Insee).
//! - Germany, Steuer-ID: ISO 7064, Mod 11,10 (§ 139b AO).

use super::found::{Kind, Span};
use super::letters::Letters;

/// The letters of an IBAN: fewest (Norway) and most.
const IBAN: std::ops::RangeInclusive<usize> = 15..=34;
/// The letters of the Spanish ids, by the remainder.
const SPANISH: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
/// Of the places of a codice fiscale, by what may stand there: letters, digits (or the letters that stand for them), a month.
const FISCAL: &[u8; 16] = b"LLLLLLDDMDDLDDDL";

/// What stands in one with at most one separator between two letters, and how far it goes.
struct Spelled {
    /// In capitals.
    letters: Vec<char>,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Spelled {
    /// From a place on, so many letters at most.
    fn from(letters: &Letters, start: usize, most: usize) -> Self {
        let mut spelled = Self { letters: Vec::new(), ends: Vec::new() };
        let mut at = start;
        while spelled.letters.len() < most {
            let gap = letters.is(at, |letter| matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '-' | '.' | '/'));
            at += usize::from(gap && !spelled.letters.is_empty());
            let Some(letter) = letters.at(at).filter(char::is_ascii_alphanumeric) else { break };
            at += 1;
            spelled.letters.push(letter.to_ascii_uppercase());
            spelled.ends.push(at);
        }
        spelled
    }

    /// The first letters, if there are so many and the word ends there.
    fn first(&self, letters: &Letters, count: usize) -> Option<(&[char], usize)> {
        let end = *self.ends.get(count.checked_sub(1)?)?;
        letters.ends(end).then(|| (&self.letters[..count], end))
    }
}

/// All of them.
pub(super) fn all(letters: &Letters) -> Vec<Span> {
    let starts =
        (0..letters.len()).filter(|at| letters.is(*at, |it| it.is_ascii_alphanumeric()) && letters.begins(*at));
    starts.filter_map(|start| at(letters, start)).collect()
}

type Check = fn(&[char]) -> bool;

fn at(letters: &Letters, start: usize) -> Option<Span> {
    let spelled = Spelled::from(letters, start, *IBAN.end());
    let iban = IBAN.rev().find_map(|count| spelled.first(letters, count).filter(|(iban, _)| is_iban(iban)));
    if let Some((_, end)) = iban {
        return Some((start..end, Kind::Iban));
    }
    let forms: [(usize, Check); 5] =
        [(16, is_italian), (9, is_spanish), (15, is_french), (11, is_german), (13, is_french_without_key)];
    let found = forms.iter().find_map(|(count, is)| spelled.first(letters, *count).filter(|(id, _)| is(id)));
    found.map(|(_, end)| (start..end, Kind::Id))
}

fn number(letters: &[char]) -> Option<u64> {
    letters.iter().try_fold(0_u64, |sum, letter| Some(sum.checked_mul(10)? + u64::from(letter.to_digit(10)?)))
}

fn is_iban(iban: &[char]) -> bool {
    let begins = iban[..2].iter().all(char::is_ascii_uppercase) && iban[2..4].iter().all(char::is_ascii_digit);
    let turned = iban[4..].iter().chain(&iban[..4]);
    let remainder = turned.fold(0, |sum, letter| match letter.to_digit(36) {
        Some(value @ 10..) => (sum * 100 + value) % 97,
        Some(value) => (sum * 10 + value) % 97,
        None => sum,
    });
    begins && remainder == 1
}

fn is_italian(id: &[char]) -> bool {
    id.iter().zip(FISCAL).all(|(letter, form)| match form {
        b'L' => letter.is_ascii_uppercase(),
        b'M' => "ABCDEHLMPRST".contains(*letter),
        // Where two people would have the same, letters stand for digits.
        _ => letter.is_ascii_digit() || "LMNPQRSTUV".contains(*letter),
    })
}

fn is_spanish(id: &[char]) -> bool {
    let Some((check, before)) = id.split_last() else { return false };
    let foreign = ['X', 'Y', 'Z'].iter().position(|letter| before.first() == Some(letter));
    let value = match foreign {
        Some(first) => number(&before[1..]).map(|rest| first as u64 * 10_000_000 + rest),
        None => number(before),
    };
    value.is_some_and(|value| char::from(SPANISH[usize::try_from(value % 23).unwrap_or(0)]) == *check)
}

/// The thirteen digits before the key, with the department of Corsica as a number.
fn french(id: &[char]) -> Option<u64> {
    let (first, month) = (id.first()?, number(id.get(3..5)?)?);
    let possible = "123478".contains(*first) && (matches!(month, 1..=12 | 20..=42 | 50..=99));
    let mut digits: Vec<char> = id.get(..13)?.to_vec();
    let corsica = match (digits[5], digits[6]) {
        ('2', 'A') => Some(['1', '9']),
        ('2', 'B') => Some(['1', '8']),
        _ => None,
    };
    if let Some(department) = corsica {
        digits[5..7].copy_from_slice(&department);
    }
    number(&digits).filter(|_| possible)
}

fn is_french(id: &[char]) -> bool {
    french(id).zip(number(&id[13..])).is_some_and(|(value, key)| 97 - value % 97 == key)
}

/// Without its key only that of Corsica can be told from any other number, and any other number is found as one.
fn is_french_without_key(id: &[char]) -> bool {
    french(id).is_some() && id[..13].iter().any(char::is_ascii_uppercase)
}

fn is_german(id: &[char]) -> bool {
    let Some(digits) = id.iter().map(|letter| letter.to_digit(10)).collect::<Option<Vec<_>>>() else { return false };
    let Some((check, before)) = digits.split_last() else { return false };
    let product = before.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    before.first() != Some(&0) && (11 - product) % 10 == *check
}
