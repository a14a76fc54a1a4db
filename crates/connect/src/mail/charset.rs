//! Bytes to text, whatever a mail claims of its characters (RFC 2045 to 2047), and whether that is true or not.

use encoding_rs::{EUC_KR, Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, WINDOWS_1252};

/// Names that mail programs use and the WHATWG's list lacks.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("cp932", "shift_jis"),
    ("cp936", "gbk"),
    ("cp949", "euc-kr"),
    ("cp950", "big5"),
    ("latin-1", "latin1"),
    ("utf_8", "utf-8"),
    ("utf-8-sig", "utf-8"),
    ("windows1251", "windows-1251"),
    ("windows1252", "windows-1252"),
    ("koi8r", "koi8-r"),
    ("koi8u", "koi8-u"),
    ("ansi", "windows-1252"),
];

/// Text of bytes in the charset that a mail names. A missing, unknown or plainly wrong name is guessed; NUL is dropped.
pub(super) fn decode(label: Option<&str>, bytes: &[u8]) -> String {
    let label = label.map(|label| label.trim_matches(['"', '\'', ' ', '\t']).to_ascii_lowercase());
    let text = match label.as_deref() {
        Some("utf-7" | "unicode-1-1-utf-7" | "csutf7") => utf7(bytes),
        Some("iso-2022-kr" | "csiso2022kr") => shifted_korean(bytes),
        Some(label) => match known(label) {
            Some(encoding) => in_encoding(encoding, label, bytes),
            None => guessed(bytes),
        },
        None => guessed(bytes),
    };
    text.replace(['\0', '\u{feff}'], "")
}

fn known(label: &str) -> Option<&'static Encoding> {
    let label = OTHER_NAMES.iter().find(|(other, _)| *other == label).map_or(label, |(_, name)| name);
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != REPLACEMENT)
}

fn in_encoding(encoding: &'static Encoding, label: &str, bytes: &[u8]) -> String {
    // What is called Western and is UTF-8 beyond ASCII is no accident; and ASCII with more than ASCII is not that.
    if encoding == WINDOWS_1252 || encoding == UTF_8 {
        return if encoding == UTF_8 || !bytes.is_ascii() { guessed_as(encoding, bytes) } else { ascii(bytes) };
    }
    // Without a mark UTF-16 is big-endian (RFC 2781); who means the other names it.
    let unmarked = label == "utf-16" && !bytes.starts_with(&[0xFF, 0xFE]);
    let encoding = if unmarked && bytes.first() == Some(&0) { UTF_16BE } else { encoding };
    encoding.decode(bytes).0.into_owned()
}

fn ascii(bytes: &[u8]) -> String {
    // In seven bits that call themselves Western there may still be the escapes of ISO-2022-JP.
    if has_japanese_escapes(bytes) { guessed(bytes) } else { String::from_utf8_lossy(bytes).into_owned() }
}

fn guessed(bytes: &[u8]) -> String {
    if has_japanese_escapes(bytes) {
        return ISO_2022_JP.decode(bytes).0.into_owned();
    }
    guessed_as(WINDOWS_1252, bytes)
}

/// UTF-8 if it is, or is but for a few broken places; else Western, of which any byte is a character.
fn guessed_as(claimed: &'static Encoding, bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let (mut sound, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    let nearly = sound > broken || (claimed == UTF_8 && sound == broken && sound > 0);
    if nearly {
        String::from_utf8_lossy(bytes).into_owned()
    } else {
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }
}

fn has_japanese_escapes(bytes: &[u8]) -> bool {
    bytes.is_ascii() && bytes.windows(3).any(|window| matches!(window, b"\x1b$B" | b"\x1b$@" | b"\x1b(J" | b"\x1b(I"))
}

/// ISO-2022-KR (RFC 1557): between SO and SI stand the bytes of EUC-KR without their high bit.
fn shifted_korean(bytes: &[u8]) -> String {
    let mut shifted = false;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            0x0E => shifted = true,
            0x0F => shifted = false,
            0x1B if after.starts_with(b"$)C") => rest = after.get(3..).unwrap_or_default(),
            b'\n' | b'\r' => {
                shifted = false;
                out.push(byte);
            }
            _ => out.push(if shifted && byte > 0x20 { byte | 0x80 } else { byte }),
        }
    }
    EUC_KR.decode_without_bom_handling(&out).0.into_owned()
}

/// UTF-7 (RFC 2152): between `+` and whatever is no base64 stands UTF-16.
fn utf7(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'+' {
            // Eight bits are no UTF-7; they are taken for what they are everywhere else.
            out.push(char::from(byte));
            continue;
        }
        let end = after.iter().position(|&b| !is_base64(b)).unwrap_or(after.len());
        let (coded, follows) = after.split_at(end);
        out.push_str(&if coded.is_empty() { "+".to_owned() } else { utf16_in_base64(coded) });
        rest = follows.strip_prefix(b"-").unwrap_or(follows);
    }
    out
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn utf16_in_base64(coded: &[u8]) -> String {
    let bytes = super::transfer::base64(coded);
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[track_caller]
    fn check(label: &str, bytes: &[u8], expected: &str) {
        assert_eq!(decode(Some(label).filter(|label| !label.is_empty()), bytes), expected, "{label}");
    }

    #[test]
    fn charsets_are_read_by_name() {
        check("ISO-8859-1", b"Gr\xfc\xdfe", "Grüße");
        check("\"iso-8859-15\"", b"\xa4 5", "€ 5");
        check("windows-1251", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет");
        check("KOI8-R", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет");
        check("windows-1250", b"\x8ad\xe1rk\xf9", "Šdárků");
        check("iso-2022-jp", b"\x1b$B%O%m!<\x1b(B", "ハロー");
        check("Shift_JIS", b"\x83n\x83\x8d\x81[", "ハロー");
        check("cp932", b"\x83n\x83\x8d\x81[", "ハロー");
        check("GB18030", b"\xc4\xe3\xba\xc3\x94\x39\xda\x33", "你好💩");
        check("gb2312", b"\xc4\xe3\xba\xc3", "你好");
        check("big5", b"\xa7A\xa6n", "你好");
        check("euc-kr", b"\xbe\xc8\xb3\xe7", "안녕");
        check("iso-2022-kr", b"\x1b$)C\x0e>H3g\x0f!", "안녕!");
        check("utf-7", b"Gr+APwA3w-e +- +ZeVnLIqe", "Grüße + 日本語");
        check("utf-16", b"\xff\xfea\0b\0", "ab");
        check("utf-16", b"\0a\0b", "ab");
        check("utf-16be", b"\0a\0b", "ab");
    }

    #[test]
    fn wrong_and_missing_names_are_guessed() {
        check("", b"Gr\xfc\xdfe", "Grüße");
        check("", "Grüße".as_bytes(), "Grüße");
        check("x-unknown", "Grüße".as_bytes(), "Grüße");
        check("us-ascii", "Grüße".as_bytes(), "Grüße");
        check("iso-8859-1", "Grüße".as_bytes(), "Grüße");
        check("utf-8", b"Gr\xfc\xdfe", "Grüße");
        check("utf-8", b"\xc3\xbc\xc3\xbc\xc3\xbc \xc3", "üüü \u{fffd}");
        check("", b"\x1b$B%O%m!<\x1b(B", "ハロー");
        check("us-ascii", b"\x1b$B%O%m!<\x1b(B", "ハロー");
        check("utf-8", b"\xef\xbb\xbfa\0b", "ab");
    }
}
