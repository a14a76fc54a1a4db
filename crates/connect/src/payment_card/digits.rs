//! Digits however they are written.

/// The zeros of the scripts that write numbers with ten digits in a row of code points (Unicode 16, category Nd).
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50,
    0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950,
    0x1fbf0, // Small ones below the line.
    0x2080,
];

/// The ones of digits in circles, brackets and with a dot, of which the zero stands elsewhere or is none.
const ONES: &[u32] = &[0x2460, 0x2474, 0x2488, 0x24f5, 0x2776, 0x2780, 0x278a];

/// A decimal digit, as ASCII writes it.
pub fn digit(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return letter.is_ascii_digit().then_some(letter);
    }
    let code = u32::from(letter);
    let of = |first: u32, least: u32, most: u32| {
        code.checked_sub(first).map(|beyond| beyond + least).filter(|value| *value <= most)
    };
    let value = match letter {
        '\u{24ea}' | '\u{24ff}' | '\u{1f10b}' | '\u{1f10c}' | '\u{2070}' | '\u{3007}' => Some(0),
        '\u{b9}' => Some(1),
        '\u{b2}' => Some(2),
        '\u{b3}' => Some(3),
        '\u{2074}'..='\u{2079}' => of(0x2074, 4, 9),
        _ => ZEROS.iter().find_map(|zero| of(*zero, 0, 9)).or_else(|| ONES.iter().find_map(|one| of(*one, 1, 9))),
    };
    value.and_then(|value| char::from_digit(value, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts() {
        let read = |text: &str| text.chars().map(|letter| digit(letter).unwrap_or('-')).collect::<String>();
        for (written, expected) in [
            ("0123456789", "0123456789"),
            ("\u{ff10}\u{ff14}\u{ff19}", "049"),
            ("\u{661}\u{6f2}\u{969}\u{e54}", "1234"),
            ("\u{1d7ce}\u{1d7d7}\u{1d7d8}\u{1d7ff}", "0909"),
            ("\u{24ea}\u{2460}\u{2468}\u{2776}\u{24f5}", "01911"),
            ("\u{b9}\u{b2}\u{b3}\u{2074}\u{2079}\u{2070}\u{2081}", "1234901"),
            ("x\u{2469}\u{66a}\u{2160}", "----"),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
    }
}
