//! Which words of a text a query found.

use super::language::{Language, Stems};
use super::query::{Part, parse};
use super::words::{Folding, Word, words};

/// The spans of `text` that `query` matches, as half-open ranges of character positions (Unicode scalar values), in
/// order and apart. The text is one that the caller has opened; `language` is what its document was indexed with.
pub fn highlight(query: &str, text: &str, language: Option<&str>) -> Vec<(usize, usize)> {
    let words = words(text);
    let language = language.map_or_else(|| Language::guess(&words), Language::of_tag);
    let mut reader = Reader { folding: Folding::new(), stems: Stems::default(), language };
    let folded: Vec<_> = words.iter().map(|word| reader.folding.fold(&word.lower)).collect();
    let mut spans = Vec::new();
    for part in parse(query).iter().filter(|part| !part.without) {
        reader.mark(part, &words, &folded, &mut spans);
    }
    in_characters(text, merged(spans))
}

struct Reader {
    folding: Folding,
    stems: Stems,
    language: Option<Language>,
}

impl Reader {
    fn mark(&mut self, part: &Part, words: &[Word], folded: &[String], spans: &mut Vec<(usize, usize)>) {
        let wanted: Vec<_> = part.words.iter().map(|word| self.folding.fold(word)).collect();
        for (run, found) in words.windows(wanted.len()).zip(folded.windows(wanted.len())) {
            if let ([first, ..], [.., last]) = (run, run)
                && (follows(&wanted, found, part.open) || self.same_stem(part, run))
            {
                spans.push((first.start, last.end));
            }
        }
    }

    fn same_stem(&mut self, part: &Part, run: &[Word]) -> bool {
        match (part.words.as_slice(), run, self.language) {
            ([wanted], [word], Some(language)) if !part.quoted => {
                self.stems.stem(language, wanted) == self.stems.stem(language, &word.lower)
            }
            _ => false,
        }
    }
}

fn follows(wanted: &[String], found: &[String], open: bool) -> bool {
    match (wanted.split_last(), found.split_last()) {
        (Some((last, before)), Some((end, start))) => {
            before == start && (last == end || (open && end.starts_with(last.as_str())))
        }
        _ => false,
    }
}

fn merged(mut spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    spans.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans {
        match apart.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    apart
}

fn in_characters(text: &str, spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let count = |from: usize, to: usize| text.get(from..to).unwrap_or_default().chars().count();
    let (mut bytes, mut chars) = (0, 0);
    let mut counted = |to: usize| {
        chars += count(bytes, to);
        bytes = to;
        chars
    };
    spans.into_iter().map(|(start, end)| (counted(start), counted(end))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::highlight;

    fn shown(query: &str, text: &str, language: Option<&str>) -> String {
        let chars: Vec<_> = text.chars().collect();
        let word = |(start, end): (usize, usize)| chars[start..end].iter().collect::<String>();
        highlight(query, text, language).into_iter().map(word).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_phrases_beginnings_and_stems_are_marked() {
        for (query, text, language, expected) in [
            ("straße ", "In der Strasse, STRASSE!", None, "Strasse|STRASSE"),
            ("invoi", "Two invoices. 👍 One invoice", None, "invoices|invoice"),
            ("\"lost invoice\"", "a lost invoice is a lost, invoice", None, "lost invoice|lost, invoice"),
            ("Rechnung ", "Die Rechnungen sind da", Some("de"), "Rechnungen"),
            ("-lost invoice ", "lost invoice", None, "invoice"),
            ("\"Rechnung\"", "Die Rechnungen sind da", Some("de"), ""),
            ("счета ", "Где счёт и счета?", Some("ru"), "счёт|счета"),
            ("lost \"lost inv\"", "lost inv", None, "lost inv"),
        ] {
            assert_eq!(shown(query, text, language), expected, "{query} in {text}");
        }
    }

    proptest! {
        #[test]
        fn spans_lie_apart_in_the_text(query in ".{0,30}|[ab\" -]{0,12}", text in ".{0,60}|[ab ]{0,30}") {
            let mut at = 0;
            for (start, end) in highlight(&query, &text, Some("en")) {
                prop_assert!(at <= start && start < end && end <= text.chars().count());
                at = end;
            }
        }
    }
}
