//! The variables in a template's text: `{{1}}`, `{{2}}`, … or `{{name}}`.

/// The name of the placeholder at the start of a text, and how many bytes it takes.
fn at_start(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix("{{")?;
    let (inner, _) = rest.split_once("}}")?;
    let name = inner.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.len() <= 64 && name.chars().all(plain)).then_some((name, inner.len() + 4))
}

/// A text as pieces: what stands as it is, and the names of what is filled in.
pub(crate) fn pieces(text: &str) -> Vec<(&str, Option<&str>)> {
    let (mut pieces, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(found) = rest.get(from..).and_then(|later| later.find("{{")) {
        let at = from + found;
        match rest.get(at..).and_then(at_start) {
            Some((name, length)) => {
                let (before, after) = rest.split_at(at);
                pieces.push((before, Some(name)));
                rest = after.get(length..).unwrap_or_default();
                from = 0;
            }
            None => from = at + 1,
        }
    }
    pieces.push((rest, None));
    pieces
}

/// The names of a text's variables in order, each once.
pub fn named_in(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name) in pieces(text) {
        if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The text with its variables filled in. What has no value stays as it is.
pub fn filled(text: &str, values: &[(String, String)]) -> String {
    let mut whole = String::with_capacity(text.len());
    for (before, name) in pieces(text) {
        whole.push_str(before);
        let Some(name) = name else { continue };
        match values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => whole.push_str(value),
            None => ["{{", name, "}}"].iter().for_each(|part| whole.push_str(part)),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_found_in_order_and_once() {
        assert_eq!(named_in("Hi {{name}}, order {{ 2 }} of {{name}}"), ["name", "2"]);
        for none in ["", "{{}}", "{{ }}", "{1}", "{{a b}}", "{{{", "}}{{", "{{ü}}"] {
            assert!(named_in(none).is_empty(), "{none}");
        }
        assert_eq!(named_in("{{{1}}"), ["1"]);
    }

    #[test]
    fn values_are_not_read_again() {
        let values = [("1".to_owned(), "{{2}}".to_owned()), ("2".to_owned(), "x".to_owned())];
        assert_eq!(filled("{{1}} {{2}} {{3}}", &values), "{{2}} x {{3}}");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "(\\{|\\}|[a-z1 ü])*") {
            let values: Vec<_> = named_in(&text).into_iter().map(|name| (name, String::new())).collect();
            let whole = filled(&text, &values);
            prop_assert!(whole.len() <= text.len());
            let lengths: usize = pieces(&text).iter().map(|(before, _)| before.len()).sum();
            prop_assert_eq!(whole.len(), lengths);
        }

        #[test]
        fn what_was_put_in_comes_out(before in "[a-z ]{0,9}", value in "[^{}]{1,20}", after in "[a-z ]{0,9}") {
            let text = format!("{before}{{{{1}}}}{after}");
            prop_assert_eq!(filled(&text, &[("1".to_owned(), value.clone())]), format!("{before}{value}{after}"));
        }
    }
}
