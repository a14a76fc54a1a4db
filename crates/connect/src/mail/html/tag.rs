//! Tags of HTML and their attributes, as carelessly as they are written.

/// A tag: its name in lower case, its attributes as written.
pub(super) struct Tag<'a> {
    pub(super) name: String,
    pub(super) closing: bool,
    pub(super) attributes: &'a str,
}

/// The `>` that ends a tag, outside the quotes of its attributes; if those do not end, the first there is.
pub(super) fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    // A tag is no longer than this, unless a picture is in it.
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if text.as_bytes()[at - 1] == b'=' => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    text.find('>')
}

pub(super) fn parse(written: &str) -> Tag<'_> {
    let (closing, written) = written.strip_prefix('/').map_or((false, written), |rest| (true, rest));
    let end = written.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(written.len());
    let (name, attributes) = written.split_at(end);
    Tag { name: name.to_ascii_lowercase(), closing, attributes }
}

/// The value of an attribute.
pub(super) fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(name) {
        let start = from + at;
        from = start + name.len();
        let whole = start > 0 && lower.as_bytes()[start - 1].is_ascii_whitespace();
        let Some(value) = attributes[from..].trim_start().strip_prefix('=').filter(|_| whole) else { continue };
        let value = value.trim_start();
        return Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default(),
        });
    }
    None
}

pub(super) fn is_hidden(attributes: &str) -> bool {
    let style = attribute(attributes, "style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    style.contains("display:none") || style.contains("mso-hide:all")
}

/// Paragraphs that mail programs write for lines.
pub(super) fn is_tight(attributes: &str) -> bool {
    let class = attribute(attributes, "class").unwrap_or_default();
    let style = attribute(attributes, "style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    class.starts_with("Mso") || style.contains("margin:0") || style.contains("margin-bottom:0")
}
