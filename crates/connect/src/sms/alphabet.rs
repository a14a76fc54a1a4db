//! The alphabet of seven bits that telephones share (3GPP TS 23.038, section 6.2.1), and its extension.

/// The basic alphabet, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// What the escape makes of a second septet.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How many septets a character takes; `None` if the alphabet has it not.
pub(super) fn septets(letter: char) -> Option<u32> {
    if BASIC.contains(letter) {
        Some(1)
    } else if EXTENDED.contains(letter) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_whole() {
        // 128 places, of which one is the escape; ten more behind it.
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENDED.chars().count(), 10);
        for letters in [BASIC, EXTENDED] {
            for (index, letter) in letters.char_indices() {
                assert_eq!(letters.find(letter), Some(index), "{letter:?} twice");
            }
        }
    }

    #[test]
    fn what_looks_alike_is_told_apart() {
        for (letter, takes) in
            [('e', Some(1)), ('è', Some(1)), ('ê', None), ('ç', None), ('Ç', Some(1)), ('€', Some(2))]
        {
            assert_eq!(septets(letter), takes, "{letter}");
        }
        for letter in ['\u{a0}', '\u{2019}', '\t', '`', '\u{1f600}'] {
            assert_eq!(septets(letter), None, "{letter:?}");
        }
    }
}
