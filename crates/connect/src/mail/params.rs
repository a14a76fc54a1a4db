//! Values with parameters: `Content-Type` and `Content-Disposition` (RFC 2045, 2183), in pieces and charsets (RFC 2231).

use super::{charset, coded, transfer};

/// A value and its parameters, names in lower case.
#[derive(Default)]
pub(super) struct Value {
    /// The value in lower case: `text/plain`, `attachment`.
    pub(super) essence: String,
    params: Vec<(String, String)>,
}

impl Value {
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }
}

/// Reads a value as it is written.
pub(super) fn read(written: &str) -> Value {
    let mut pieces = split(written).into_iter();
    let essence: String = without_comments(&pieces.next().unwrap_or_default());
    let essence = essence.split_whitespace().collect::<String>().to_ascii_lowercase();
    let written: Vec<(String, String)> = pieces
        .filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
        })
        .take(200)
        .collect();
    let mut params: Vec<(String, String)> = Vec::new();
    for name in written.iter().filter_map(|(name, _)| name.split('*').next()) {
        if params.iter().all(|(known, _)| known != name) {
            params.push((name.to_owned(), whole(name, &written)));
        }
    }
    Value { essence, params }
}

/// At the semicolons that are not in quotes.
fn split(written: &str) -> Vec<String> {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in written.chars() {
        if c == ';' && !quoted {
            pieces.push(std::mem::take(&mut piece));
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        piece.push(c);
    }
    pieces.push(piece);
    pieces
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|&c| {
            depth += usize::from(c == '(');
            let outside = depth == 0;
            depth = depth.saturating_sub(usize::from(c == ')'));
            outside
        })
        .collect()
}

/// Without quotes and their escapes. A backslash that escapes neither stays: names with folders are written like that.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return without_comments(value).trim().to_owned();
    };
    let end = closing(inner).unwrap_or(inner.len());
    inner[..end].replace("\\\"", "\"").replace("\\\\", "\\")
}

fn closing(inner: &str) -> Option<usize> {
    let mut escaped = false;
    inner.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

/// The value of one name: what RFC 2231 says, wherever it stands, before what is written plainly.
fn whole(name: &str, written: &[(String, String)]) -> String {
    let exact = |key: &str| written.iter().find(|(written, _)| written == key).map(|(_, value)| value.as_str());
    if let Some(extended) = exact(&format!("{name}*")) {
        let (label, bytes) = first_piece(extended);
        return charset::decode(label, &bytes);
    }
    let mut label = None;
    let mut bytes = Vec::new();
    for index in 0..200 {
        if let Some(coded) = exact(&format!("{name}*{index}*")) {
            let (named, piece) = if index == 0 { first_piece(coded) } else { (None, percent(coded)) };
            label = label.or(named);
            bytes.extend(piece);
        } else if let Some(plain) = exact(&format!("{name}*{index}")) {
            bytes.extend_from_slice(plain.as_bytes());
        } else {
            break;
        }
    }
    match exact(name) {
        _ if !bytes.is_empty() => charset::decode(label, &bytes),
        Some(plain) => coded::decode(plain),
        None => String::new(),
    }
}

/// Charset and bytes of `charset'language'text`.
fn first_piece(value: &str) -> (Option<&str>, Vec<u8>) {
    let mut pieces = value.splitn(3, '\'');
    match (pieces.next(), pieces.next(), pieces.next()) {
        (Some(label), Some(_), Some(text)) => (Some(label).filter(|label| !label.is_empty()), percent(text)),
        _ => (None, percent(value)),
    }
}

fn percent(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escaped = (byte == b'%').then(|| transfer::hex_pair(after)).flatten();
        out.push(escaped.unwrap_or(byte));
        if escaped.is_some() {
            rest = after.get(2..).unwrap_or_default();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::read;

    #[track_caller]
    fn check(written: &str, essence: &str, name: &str, expected: Option<&str>) {
        let value = read(written);
        assert_eq!((value.essence.as_str(), value.param(name)), (essence, expected), "{written}");
    }

    #[test]
    fn parameters_of_all_kinds() {
        check("text/plain", "text/plain", "charset", None);
        check("Text/Plain; Charset=UTF-8", "text/plain", "charset", Some("UTF-8"));
        check("text/plain (a; b); charset=\"x\" (c)", "text/plain", "charset", Some("x"));
        check("text / html ; charset = utf-8 ;", "text/html", "charset", Some("utf-8"));
        check("a/b; name=\"x; \\\"y\\\".pdf\"", "a/b", "name", Some("x; \"y\".pdf"));
        check("a/b; name=two words.pdf", "a/b", "name", Some("two words.pdf"));
        check("a/b; name=\"C:\\tmp\\x.pdf\"", "a/b", "name", Some("C:\\tmp\\x.pdf"));
        check("a/b; name=\"open.pdf", "a/b", "name", Some("open.pdf"));
        check("attachment; filename*=UTF-8''na%C3%AFve%20x.txt", "attachment", "filename", Some("naïve x.txt"));
        check("attachment; filename*=iso-8859-1'de'gr%FCn", "attachment", "filename", Some("grün"));
        check("a; filename=plain; filename*=utf-8''gr%C3%BCn", "a", "filename", Some("grün"));
        check("a; f*1=b.txt; f*0=\"a \"", "a", "f", Some("a b.txt"));
        check("a; f*0*=utf-8''gr%C3; f*1*=%BCn; f*2=\" %20\"", "a", "f", Some("grün %20"));
        check("a; f=\"=?utf-8?q?gr=C3=BCn?=\"", "a", "f", Some("grün"));
        check("a; f=1; f=2", "a", "f", Some("1"));
        check("", "", "f", None);
    }

    proptest! {
        #[test]
        fn any_value_is_read(written in "[a-c;=*'\"\\\\%0-9 ()]{0,60}|\\PC{0,40}") {
            let value = read(&written);
            prop_assert!(value.param("a").is_none_or(|value| !value.contains('\0')));
        }
    }
}
