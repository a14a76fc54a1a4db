//! How many messages a text really is. A telephone's message holds 140 octets: 160 septets, or 70 units of UTF-16. What is
//! longer goes as several, each with a header of six octets that says which it is of how many (3GPP TS 23.040, section
//! 9.2.3.24.1): that leaves 153 septets or 67 units. No character is torn between two.

use serde::Serialize;

use super::alphabet;

/// How a text is written on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The telephones' own alphabet, seven bits a character, or fourteen.
    Gsm7,
    /// Two octets a character, four for what lies beyond the first plane.
    Ucs2,
}

/// What a text is when it is sent as short messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// How many units it has: septets, or units of UTF-16.
    pub units: u32,
    /// How many messages it goes as; 0 for an empty text.
    pub segments: u32,
    /// How many units one of these messages holds.
    pub per_segment: u32,
}

impl Encoding {
    /// What one message holds alone, and what each of several holds, in units.
    fn holds(self) -> (u32, u32) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// How many units a character takes.
    fn units(self, letter: char) -> u32 {
        match self {
            Self::Gsm7 => alphabet::septets(letter).unwrap_or(0),
            Self::Ucs2 => u32::try_from(letter.len_utf16()).unwrap_or(2),
        }
    }
}

/// Counts a text as carriers do: one character outside the telephones' alphabet makes all of it UCS-2.
pub fn count(text: &str) -> Segments {
    let plain = text.chars().all(|letter| alphabet::septets(letter).is_some());
    let encoding = if plain { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let units = text.chars().fold(0_u32, |all, letter| all.saturating_add(encoding.units(letter)));
    let (alone, together) = encoding.holds();
    match units {
        0 => Segments { encoding, units, segments: 0, per_segment: alone },
        units if units <= alone => Segments { encoding, units, segments: 1, per_segment: alone },
        _ => Segments { encoding, units, segments: packed(text, encoding, together), per_segment: together },
    }
}

/// How many messages of so many units it takes, if what takes two units is never torn.
fn packed(text: &str, encoding: Encoding, holds: u32) -> u32 {
    let mut segments = 1_u32;
    let mut used = 0;
    for takes in text.chars().map(|letter| encoding.units(letter)) {
        if used + takes > holds {
            segments = segments.saturating_add(1);
            used = 0;
        }
        used += takes;
    }
    segments
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: (Encoding, u32, u32)) {
        let found = count(text);
        assert_eq!((found.encoding, found.units, found.segments), expected);
    }

    #[test]
    fn the_bounds_are_the_standards() {
        check("", (Encoding::Gsm7, 0, 0));
        check(&"a".repeat(160), (Encoding::Gsm7, 160, 1));
        check(&"a".repeat(161), (Encoding::Gsm7, 161, 2));
        check(&"a".repeat(306), (Encoding::Gsm7, 306, 2));
        check(&"a".repeat(307), (Encoding::Gsm7, 307, 3));
        check(&"€".repeat(80), (Encoding::Gsm7, 160, 1));
        check(&"ç".repeat(70), (Encoding::Ucs2, 70, 1));
        check(&"ç".repeat(71), (Encoding::Ucs2, 71, 2));
        check(&"ç".repeat(134), (Encoding::Ucs2, 134, 2));
        check(&"ç".repeat(135), (Encoding::Ucs2, 135, 3));
        check(&"\u{1f600}".repeat(35), (Encoding::Ucs2, 70, 1));
    }

    /// The app counts while somebody writes; `segments.json` is what both must find (web/src/composer/segments.test.ts).
    #[test]
    fn the_app_counts_the_same() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../fixtures/segments.json")).expect("vectors");
        for vector in vectors.as_array().expect("a list") {
            let part = |part: &serde_json::Value| {
                let times = part[1].as_u64().and_then(|times| usize::try_from(times).ok()).expect("how often");
                part[0].as_str().expect("a text").repeat(times)
            };
            let text: String = vector["parts"].as_array().expect("parts").iter().map(part).collect();
            let mut found = serde_json::to_value(count(&text)).expect("JSON");
            found["parts"] = vector["parts"].clone();
            assert_eq!(&found, vector);
        }
    }

    #[test]
    fn nothing_is_torn_between_two_messages() {
        // The euro's escape would be the 153rd septet: it goes over with it.
        check(&format!("{}€{}", "a".repeat(152), "a".repeat(152)), (Encoding::Gsm7, 306, 3));
        check(&format!("{}\u{1f600}{}", "a".repeat(66), "a".repeat(66)), (Encoding::Ucs2, 134, 3));
    }

    proptest! {
        #[test]
        fn every_text_fits_what_is_counted(text in any::<String>()) {
            let found = count(&text);
            let alone = found.segments <= 1;
            prop_assert_eq!(found.segments == 0, text.is_empty());
            prop_assert!(found.units <= found.segments * found.per_segment);
            // At most one unit is left over at the end of each message but the last.
            let least = found.units.div_ceil(found.per_segment);
            prop_assert!(alone || found.segments >= least && found.segments <= found.units.div_ceil(found.per_segment - 1));
        }

        #[test]
        fn more_text_is_never_fewer_messages(text in "[a-z€ç\u{1f600}]{0,400}", more in "[a-z€ç\u{1f600}]{1,40}") {
            let longer = count(&(text.clone() + &more));
            prop_assert!(longer.segments >= count(&text).segments);
        }

        #[test]
        fn plain_text_counts_its_septets(text in "[a-zA-Z0-9èéùìò .,!?]{0,600}") {
            let letters = u32::try_from(text.chars().count()).unwrap_or(0);
            let expected = match letters { 0 => 0, 1..=160 => 1, more => more.div_ceil(153) };
            let found = count(&text);
            prop_assert_eq!((found.encoding, found.units, found.segments), (Encoding::Gsm7, letters, expected));
        }
    }
}
