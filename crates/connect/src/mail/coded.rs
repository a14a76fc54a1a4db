//! Encoded words (RFC 2047): text beyond ASCII in a header.

use super::{charset, transfer};

/// Joined before they are decoded, because words are cut in the middle of a character.
struct Word<'a> {
    charset: &'a str,
    base64: bool,
    coded: String,
}

/// The text of a header's value. Control characters become spaces: nothing in a value begins a new line.
pub(super) fn decode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut open: Option<Word<'_>> = None;
    let mut rest = value;
    // Where no word ends any more, none begins: nothing is looked for again and again.
    let ended = value.rfind("?=").unwrap_or(0);
    while let Some(start) = rest.find("=?").filter(|start| value.len() - rest.len() + start < ended) {
        let (before, at) = rest.split_at(start);
        let Some((word, after)) = word(at) else {
            close(&mut open, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = &at[2..];
            continue;
        };
        // Space between two words belongs to neither.
        if open.is_none() || !before.trim().is_empty() {
            close(&mut open, &mut out);
            out.push_str(before);
        }
        open = Some(joined(open, word, &mut out));
        rest = after;
    }
    close(&mut open, &mut out);
    out.push_str(rest);
    out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The word at the start, and what follows it.
fn word(text: &str) -> Option<(Word<'_>, &str)> {
    let (charset, rest) = until_mark(text.strip_prefix("=?")?)?;
    let (encoding, rest) = until_mark(rest)?;
    let base64 = match encoding {
        "B" | "b" => true,
        "Q" | "q" => false,
        _ => return None,
    };
    let charset = charset.split('*').next().filter(|charset| !charset.is_empty() && !charset.contains(' '))?;
    let (coded, after) = rest.split_once("?=")?;
    Some((Word { charset, base64, coded: coded.to_owned() }, after))
}

/// What stands before the next question mark, which is near, and what behind it.
fn until_mark(text: &str) -> Option<(&str, &str)> {
    let mark = text.bytes().take(100).position(|byte| byte == b'?')?;
    Some((&text[..mark], &text[mark + 1..]))
}

fn joined<'a>(open: Option<Word<'a>>, next: Word<'a>, out: &mut String) -> Word<'a> {
    match open {
        Some(mut word) if word.base64 == next.base64 && word.charset.eq_ignore_ascii_case(next.charset) => {
            word.coded.push_str(&next.coded);
            word
        }
        other => {
            close(&mut { other }, out);
            next
        }
    }
}

fn close(open: &mut Option<Word<'_>>, out: &mut String) {
    let Some(word) = open.take() else { return };
    let bytes = if word.base64 { transfer::base64(word.coded.as_bytes()) } else { q(word.coded.as_bytes()) };
    out.push_str(&charset::decode(Some(word.charset), &bytes));
}

fn q(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, transfer::hex_pair(after)) {
            (b'=', Some(escaped)) => {
                out.push(escaped);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'_', _) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;

    #[test]
    fn words_are_decoded_and_joined() {
        for (value, expected) in [
            ("plain", "plain"),
            ("=?ISO-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
            ("Re: =?utf-8?b?R3LDvMOfZQ==?= aus Rom", "Re: Grüße aus Rom"),
            ("=?utf-8?q?a_b?= =?utf-8?q?c?=", "a bc"),
            ("=?utf-8?q?a?=\t =?iso-8859-1?q?=FC?= b", "aü b"),
            ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
            ("=?UTF-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
            ("=?utf-8*de?q?a?=", "a"),
            ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
            ("=?utf-8?q?two words?=", "two words"),
            ("=?utf-8?x?a?= =?", "=?utf-8?x?a?= =?"),
            ("=?utf-8?q?a=0D=0ABcc:_x?=", "a  Bcc: x"),
            ("1 =? 2", "1 =? 2"),
        ] {
            assert_eq!(decode(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_one_line(value in any::<String>()) {
            prop_assert!(!decode(&value).contains(['\r', '\n', '\0']));
        }
    }
}
