//! Reading JSON that the outside wrote: tolerant of what providers really send, total in what it answers.

use serde_json::Value;

/// Parses JSON as providers write it: a `\ud83d` without its other half becomes U+FFFD and NUL characters are
/// dropped, instead of the whole delivery being refused. `None` if it is no JSON at all, or nested deeper than 127.
pub fn lenient(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes)
        .ok()
        .filter(|_| !may_hold_nul(bytes))
        .or_else(|| serde_json::from_slice(&mended(bytes)).ok())
}

/// Text without NUL, which neither database takes.
pub fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// The text at a JSON pointer, if there is any.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The same, owned.
pub(crate) fn string(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).map(str::to_owned)
}

/// The whole number at a JSON pointer.
pub(crate) fn integer(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer)?.as_i64()
}

/// The number at a JSON pointer.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<f64> {
    value.pointer(pointer)?.as_f64()
}

/// The truth at a JSON pointer; anything but `true` is false.
pub(crate) fn flag(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
}

/// The list at a JSON pointer, empty if there is none.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A provider's word as it may stand in metrics: letters, digits, `_`, `.`, `-`; at most 64 of them.
pub(crate) fn word(outside: &str) -> String {
    let word: String =
        outside.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')).take(64).collect();
    if word.is_empty() { "unnamed".to_owned() } else { word }
}

fn may_hold_nul(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|window| window == b"\\u0000")
}

/// Rewrites what `serde_json` refuses. Only strings can hold escapes, so only strings are looked into.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let whole: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
    let whole = String::from_utf8_lossy(&whole);
    let mut rest = whole.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    let mut quoted = false;
    while let Some(&byte) = rest.first() {
        if quoted && byte == b'\\' {
            rest = mend_escape(rest, &mut out);
            continue;
        }
        quoted ^= byte == b'"';
        out.push(byte);
        rest = rest.get(1..).unwrap_or_default();
    }
    out
}

/// Copies the escape that `rest` begins with, mended, and answers what follows it.
fn mend_escape<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (taken, whole) = match (code_unit(rest), rest.get(6..).and_then(code_unit)) {
        (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, true),
        (Some(0xD800..=0xDFFF), _) => {
            out.extend_from_slice(b"\\ufffd");
            (6, false)
        }
        (Some(0), _) => (6, false),
        (Some(_), _) => (6, true),
        (None, _) => (2, true),
    };
    let (escape, after) = rest.split_at(taken.min(rest.len()));
    if whole {
        out.extend_from_slice(escape);
    }
    after
}

/// The code unit of a `\uXXXX` at the start of these bytes.
fn code_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(input: &[u8], expected: &Value) {
        assert_eq!(lenient(input).as_ref(), Some(expected));
    }

    #[test]
    fn mends_what_providers_send() {
        check(br#"{"t":"a\ud83db"}"#, &json!({"t": "a\u{fffd}b"}));
        check(br#"{"t":"\ude00\ud83d\ude00\ud83d"}"#, &json!({"t": "\u{fffd}\u{1f600}\u{fffd}"}));
        check(br#"{"t":"\ud83d\ud83d\ude00"}"#, &json!({"t": "\u{fffd}\u{1f600}"}));
        check(br#"{"t":"a\u0000b","u\u0000":1}"#, &json!({"t": "ab", "u": 1}));
        check(b"{\"t\":\"a\0b\"}\0", &json!({"t": "ab"}));
        check(br#"{"t":"\\ud83d \\u0000 \" \\"}"#, &json!({"t": "\\ud83d \\u0000 \" \\"}));
        check(b"{\"t\":\"\xff\"}", &json!({"t": "\u{fffd}"}));
    }

    #[test]
    fn refuses_what_is_no_json() {
        for input in [&b""[..], b"{", b"{\"a\":\"\\u12\"}", b"\"\\", b"nope"] {
            assert!(lenient(input).is_none());
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(lenient(deep.as_bytes()).is_none());
    }

    #[test]
    fn accessors_are_total() {
        let value = json!({"a": {"b": [1, "x", 2.5, true]}, "empty": ""});
        assert_eq!(integer(&value, "/a/b/0"), Some(1));
        assert_eq!(text(&value, "/a/b/1"), Some("x"));
        assert_eq!(number(&value, "/a/b/2"), Some(2.5));
        assert!(flag(&value, "/a/b/3"));
        assert_eq!(list(&value, "/a/b").len(), 4);
        assert_eq!(text(&value, "/empty"), None);
        assert_eq!(integer(&value, "no pointer"), None);
        assert_eq!(word("a b/c\u{e9}-1.2"), "abc-1.2");
        assert_eq!(clean("a\0b"), "ab");
    }

    proptest! {
        #[test]
        fn never_panics_and_never_yields_nul(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            if let Some(value) = lenient(&bytes) {
                prop_assert!(!value.to_string().contains("\\u0000"));
            }
        }

        #[test]
        fn any_run_of_escapes_is_read(units in proptest::collection::vec(prop_oneof![
            Just(0u16), 0xD800u16..=0xDFFF, any::<u16>(),
        ], 0..40)) {
            let escapes = units.iter().fold(String::new(), |all, unit| all + &format!("\\u{unit:04x}"));
            let expected = String::from_utf16_lossy(&separated(&units)).replace(['\0', '\u{1}'], "");
            let value = lenient(format!("\"{escapes}\"").as_bytes());
            prop_assert_eq!(value.and_then(|v| v.as_str().map(|s| s.replace('\u{1}', ""))), Some(expected));
        }

        #[test]
        fn sound_json_is_unchanged(text in any::<String>(), n in any::<i64>()) {
            let value = json!({"text": text.replace('\0', ""), "n": n, "list": [text.replace('\0', "")]});
            prop_assert_eq!(lenient(value.to_string().as_bytes()), Some(value));
        }
    }

    /// A dropped NUL never joins the halves beside it.
    fn separated(units: &[u16]) -> Vec<u16> {
        units.iter().map(|&unit| if unit == 0 { 1 } else { unit }).collect()
    }
}
