//! Reading what a person typed. Every text means something: what is no word is passed over.

use super::words::words;

/// The longest query looked at, in characters.
const LONGEST: usize = 1_000;
/// The most parts looked at.
const MOST: usize = 24;

/// A part of a query: a word, or several that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The words in lower case, never empty.
    pub(super) words: Vec<String>,
    /// It was in quotes: as it is, without stems.
    pub(super) quoted: bool,
    /// It must not occur.
    pub(super) without: bool,
    /// Its last word may go on.
    pub(super) open: bool,
}

/// The parts of a query.
pub(super) fn parse(text: &str) -> Vec<Part> {
    let text = text.char_indices().nth(LONGEST).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && parts.len() < MOST {
        let (part, after) = next(rest);
        parts.extend(part);
        rest = after.trim_start();
    }
    parts
}

fn next(rest: &str) -> (Option<Part>, &str) {
    let (without, rest) = match rest.strip_prefix(['-', '−']) {
        Some(after) if after.starts_with(|c: char| c.is_alphanumeric() || is_quote(c)) => (true, after),
        _ => (false, rest),
    };
    let (quoted, body, closed, after) = match rest.strip_prefix(is_quote) {
        Some(inside) => match inside.split_once(is_quote) {
            Some((body, after)) => (true, body, true, after),
            None => (true, inside, false, ""),
        },
        None => match rest.find(|c: char| c.is_whitespace() || is_quote(c)) {
            Some(end) => (false, rest.get(..end).unwrap_or_default(), true, rest.get(end..).unwrap_or_default()),
            None => (false, rest, false, ""),
        },
    };
    let open = !closed && !without && body.ends_with(char::is_alphanumeric);
    let words: Vec<_> = words(body).into_iter().map(|word| word.lower).take(MOST).collect();
    let part = (!words.is_empty()).then_some(Part { words, quoted, without, open });
    (part, after)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '‟')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    fn shown(text: &str) -> String {
        let part = |part: &super::Part| {
            let words = part.words.join("+");
            let words = if part.quoted { format!("<{words}>") } else { words };
            format!("{}{words}{}", if part.without { "-" } else { "" }, if part.open { "*" } else { "" })
        };
        parse(text).iter().map(part).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries_are_read() {
        for (text, expected) in [
            ("Lost Invoi", "lost invoi*"),
            ("lost invoice ", "lost invoice"),
            ("\"lost invoice\"", "<lost+invoice>"),
            ("\"lost inv", "<lost+inv>*"),
            ("„verlorene Rechnung“ -Mahnung", "<verlorene+rechnung> -mahnung"),
            ("a-b -c - -", "a+b -c"),
            ("anna@example.org", "anna+example+org*"),
            ("-\"two words\" x", "-<two+words> x*"),
            ("x\"y z\"", "x <y+z>"),
            ("\"\" ( ) AND: *", "and"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_read(text in "[ a-zé\"“„+*:()\\[\\]{}^~\\\\/!&|<>=-]{0,60}|.{0,80}") {
            for part in parse(&text) {
                prop_assert!(!part.words.is_empty() && part.words.iter().all(|word| !word.is_empty()));
            }
        }
    }
}
