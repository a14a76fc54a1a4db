//! The little XML that object storages speak: an element's text, and the pages of a listing.
//!
//! All of it is flat, and nothing of it is ours; so elements are looked for, not understood.

/// A page of names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) keys: Vec<String>,
    /// What the next page is asked for with.
    pub(super) next: Option<String>,
}

/// The text of the first element of a name.
pub(super) fn between(body: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    element(&text, name).map(|(inside, _)| plain(inside))
}

/// Reads a page of a listing.
pub(super) fn listing(body: &[u8]) -> Listing {
    let text = String::from_utf8_lossy(body);
    let mut keys = Vec::new();
    let mut rest: &str = &text;
    while let Some((inside, after)) = element(rest, "Contents") {
        keys.extend(element(inside, "Key").map(|(key, _)| plain(key)));
        rest = after;
    }
    let more = element(&text, "IsTruncated").is_some_and(|(inside, _)| inside.trim() == "true");
    let token = || element(&text, "NextContinuationToken").map(|(inside, _)| plain(inside));
    Listing { keys, next: if more { token() } else { None } }
}

/// What is inside the first element of a name, and what comes after it.
fn element<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let opening = format!("<{name}");
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(&opening)? + opening.len();
        let rest = text.get(at..)?;
        // `<Key` is no `<KeyCount>`; attributes may follow, and `/>` ends an empty one.
        let tag_end = rest.find('>')?;
        let inside_tag = rest.get(..tag_end)?;
        if !inside_tag.is_empty() && !inside_tag.starts_with([' ', '/', '\n', '\t', '\r']) {
            from = at;
            continue;
        }
        let rest = rest.get(tag_end + 1..)?;
        if inside_tag.ends_with('/') {
            return Some(("", rest));
        }
        let closing = format!("</{name}>");
        let end = rest.find(&closing)?;
        return Some((rest.get(..end)?, rest.get(end + closing.len()..)?));
    }
}

/// Text without its entities.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, following) = after.split_once(';').unwrap_or(("", after));
        plain.push(letter(name).unwrap_or('\u{fffd}'));
        rest = following;
    }
    plain.push_str(rest);
    plain
}

fn letter(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_is_read() {
        let page = b"<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
            <Name>b</Name><KeyCount>2</KeyCount><IsTruncated>true</IsTruncated><Contents><Key>a/b&amp;c</Key><Size>1</Size>\
            </Contents><Contents><ETag>&#34;x&#34;</ETag><Key>d</Key></Contents>\
            <NextContinuationToken>1/x+y==&#x26;</NextContinuationToken></ListBucketResult>";
        assert_eq!(listing(page), Listing { keys: vec!["a/b&c".into(), "d".into()], next: Some("1/x+y==&".into()) });
    }

    #[test]
    fn the_last_page_has_no_next() {
        let page = b"<R><IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken></R>";
        assert_eq!(listing(page), Listing::default());
        assert_eq!(between(b"<Error><Code>NoSuchKey</Code></Error>", "Code").as_deref(), Some("NoSuchKey"));
        assert_eq!(between(b"<Error><Codes/><Code/></Error>", "Code").as_deref(), Some(""));
        assert_eq!(between(b"<Code", "Code"), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_panic(text in "[<>/&;#x a-zKeyCodeContents]{0,80}") {
            let _ = (listing(text.as_bytes()), between(text.as_bytes(), "Key"));
        }

        #[test]
        fn a_name_comes_back(name: String) {
            let escaped = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            prop_assert_eq!(between(format!("<a><Key>{escaped}</Key></a>").as_bytes(), "Key"), Some(name.trim().to_owned()));
        }
    }
}
