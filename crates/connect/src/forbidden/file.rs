//! What is forbidden in a file's text: read through piece by piece as it is uploaded, however long it is.

use super::{Forbidden, in_text};
use crate::Forbids;

/// How much is read at once, in bytes: a few pages.
const WINDOW: usize = 32 * 1024;
/// How much of what was read is read again with what follows, in bytes: what a number or a word is told by stands beside it.
const AGAIN: usize = 256;
/// Control characters in text: tab, line feed, form feed, carriage return, escape.
const IN_TEXT: [u8; 5] = [b'\t', b'\n', 0x0C, b'\r', 0x1B];

/// How a text's letters are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Utf8,
    Utf16 {
        little: bool,
    },
    /// One byte each (ISO 8859-1); others that write so have the same digits.
    Bytes,
}

/// Reads a file through. Plain text, tables, contact cards, pages and the like are read; what is not text, as a picture or a PDF,
/// is passed over.
#[derive(Default)]
pub struct Reading {
    held: Vec<u8>,
    letters: Option<Letters>,
    passed_over: bool,
    found: Vec<Forbidden>,
}

impl Reading {
    /// Reads the next piece.
    pub fn take(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while !self.passed_over && !rest.is_empty() {
            let room = WINDOW.saturating_sub(self.held.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.held.extend_from_slice(now);
            rest = later;
            if self.held.len() >= WINDOW {
                self.read(false);
            }
        }
    }

    /// What was found, each once.
    pub fn finish(mut self) -> Vec<Forbidden> {
        if !self.passed_over {
            self.read(true);
        }
        self.found
    }

    fn read(&mut self, last: bool) {
        let known = self.letters.or_else(|| letters(&self.held));
        self.letters = known;
        let Some(letters) = known else {
            self.passed_over = true;
            self.held = Vec::new();
            return;
        };
        // What is cut in the middle of a word or a number could look like another.
        let end = if last { self.held.len() } else { cut(letters, &self.held, self.held.len()) };
        let text = decoded(letters, &self.held[..end]);
        for (one, forbids) in [
            (Forbidden::CardNumber, Forbids { card_numbers: true, ..Forbids::NOTHING }),
            (Forbidden::HealthData, Forbids { special_categories: true, ..Forbids::NOTHING }),
        ] {
            if !self.found.contains(&one) && in_text(forbids, &text).is_some() {
                self.found.push(one);
            }
        }
        self.held.drain(..cut(letters, &self.held, end.saturating_sub(AGAIN)));
    }
}

/// Where the last line, or else the last word, before here ends; here, if none does soon before.
fn cut(letters: Letters, bytes: &[u8], here: usize) -> usize {
    let soon = here.saturating_sub(AGAIN);
    let near = &bytes[soon..here];
    let line = near.iter().rposition(|byte| *byte == b'\n');
    let end = line.or_else(|| near.iter().rposition(|byte| matches!(byte, b' ' | b'\t' | b',' | b';')));
    let end = end.map_or(here, |end| soon + end);
    // No letter of two bytes is cut in the middle.
    if matches!(letters, Letters::Utf16 { .. }) { end - end % 2 } else { end }
}

/// How a file's letters are written, by how it begins; `None` if it is no text.
fn letters(start: &[u8]) -> Option<Letters> {
    match start {
        [0xFF, 0xFE, ..] => return Some(Letters::Utf16 { little: true }),
        [0xFE, 0xFF, ..] => return Some(Letters::Utf16 { little: false }),
        [b'%', b'P', b'D', b'F', ..] => return None,
        _ => {}
    }
    if start.iter().any(|byte| (*byte < 0x20 && !IN_TEXT.contains(byte)) || *byte == 0x7F) {
        return None;
    }
    match std::str::from_utf8(start) {
        Ok(_) => Some(Letters::Utf8),
        // The last letter may be cut.
        Err(broken) if broken.error_len().is_none() => Some(Letters::Utf8),
        Err(_) => Some(Letters::Bytes),
    }
}

fn decoded(letters: Letters, bytes: &[u8]) -> String {
    match letters {
        Letters::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Letters::Bytes => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Letters::Utf16 { little } => {
            let unit = |two: &[u8]| {
                let two = [two[0], two.get(1).copied().unwrap_or_default()];
                if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) }
            };
            char::decode_utf16(bytes.chunks(2).map(unit)).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CARD: &str = "4111 1111 1111 1111";

    fn found(bytes: &[u8]) -> Vec<Forbidden> {
        let mut reading = Reading::default();
        reading.take(bytes);
        reading.finish()
    }

    #[test]
    fn all_kinds_of_text_are_read() {
        let utf16 = |little: bool| {
            let units = format!("\u{FEFF}name;card\r\nAda;{CARD}\r\n").encode_utf16().collect::<Vec<_>>();
            let bytes = units.iter().flat_map(|it| if little { it.to_le_bytes() } else { it.to_be_bytes() });
            bytes.collect::<Vec<_>>()
        };
        let mut latin = "M\u{fc}ller;".chars().map(|it| it as u8).collect::<Vec<_>>();
        latin.extend_from_slice(CARD.as_bytes());
        for bytes in [
            CARD.as_bytes().to_vec(),
            format!("name,card\nAda,{CARD}\n").into_bytes(),
            format!("BEGIN:VCARD\r\nFN:Ada\r\nNOTE:{CARD}\r\nEND:VCARD\r\n").into_bytes(),
            format!("{{\"card\": \"{CARD}\"}}").into_bytes(),
            format!("<!doctype html><p>{CARD}</p>").into_bytes(),
            utf16(true),
            utf16(false),
            latin,
        ] {
            assert_eq!(found(&bytes), [Forbidden::CardNumber]);
        }
        assert_eq!(found(b"Your asthma is noted."), [Forbidden::HealthData]);
        assert_eq!(found(b"Your order 4711 is on its way."), []);
        assert_eq!(found(b""), []);
    }

    #[test]
    fn what_is_no_text_is_passed_over() {
        for start in [&b"\x89PNG\r\n\x1a\n"[..], b"%PDF-1.7\n", b"PK\x03\x04", b"\x00\x01"] {
            let mut bytes = start.to_vec();
            bytes.extend_from_slice(CARD.as_bytes());
            assert_eq!(found(&bytes), []);
        }
    }

    proptest! {
        /// Wherever it stands in a long file, and in whatever pieces that comes.
        #[test]
        fn nothing_is_missed_where_a_window_ends(before in 0_usize..3 * WINDOW, piece in 1_usize..2 * WINDOW, lines in any::<bool>()) {
            let filler = if lines { "one word and another\n" } else { "one word and another " };
            let mut text = filler.repeat(before / filler.len() + 1);
            text.truncate(before);
            text.push(' ');
            text.push_str(CARD);
            text.push(' ');
            text.push_str(&filler.repeat(2_000));
            let mut reading = Reading::default();
            text.as_bytes().chunks(piece).for_each(|piece| reading.take(piece));
            prop_assert_eq!(reading.finish(), [Forbidden::CardNumber]);
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            found(&bytes);
        }
    }
}
