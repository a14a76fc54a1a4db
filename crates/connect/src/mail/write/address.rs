//! An address as it stands in an envelope and in a header (RFC 5321, 5322).

/// The address as it may be written: quoted where its local part needs it, its domain as the DNS has it. `None` where it is none.
/// What is not ASCII then is in the local part, and only servers with SMTPUTF8 (RFC 6531) take it.
pub(crate) fn wire(address: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let (local, domain) = (bare(local)?, crate::identity::domain_in_ascii(domain)?);
    let sound = |c: char| matches!(c, ' '..='~') || !c.is_ascii() && !c.is_control() && !c.is_whitespace();
    let sound = local.chars().all(|c| sound(c) && !crate::mail::is_deceptive(c)) && (1..=64).contains(&local.len());
    if !sound || !is_domain(&domain) || local.len() + 1 + domain.len() > 254 {
        return None;
    }
    let local = if is_dot_atom(&local) { local } else { quoted(&local) };
    Some(format!("{local}@{domain}"))
}

/// The domain of an address.
pub(super) fn domain(address: &str) -> &str {
    address.trim().rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// A text in quotation marks (RFC 5322, 3.2.4).
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether a text is an atom or several with dots between them (RFC 5322, 3.2.3; RFC 6532, 3.2).
fn is_dot_atom(text: &str) -> bool {
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte) || !byte.is_ascii();
    text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(label)
}

/// A local part without the quotation marks that it may stand in.
fn bare(local: &str) -> Option<String> {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Some(local.to_owned());
    };
    let mut bare = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return None,
            '\\' => bare.push(letters.next()?),
            letter => bare.push(letter),
        }
    }
    Some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_quoted_where_they_must() {
        for (address, expected) in [
            ("anna@example.org", Some("anna@example.org")),
            (" o'neil+shop@mail.example.org ", Some("o'neil+shop@mail.example.org")),
            ("a,b@example.org", Some("\"a,b\"@example.org")),
            ("\"a,b\"@example.org", Some("\"a,b\"@example.org")),
            ("\"a\\\"b\"@example.org", Some("\"a\\\"b\"@example.org")),
            ("a..b@example.org", Some("\"a..b\"@example.org")),
            ("a@b@example.org", Some("\"a@b\"@example.org")),
            ("j\u{f6}rg@example.org", Some("j\u{f6}rg@example.org")),
            ("j\u{f6}rg b@example.org", Some("\"j\u{f6}rg b\"@example.org")),
            ("j\u{f6}rg\u{202e}@example.org", None),
            ("j\u{f6}rg\u{85}@example.org", None),
            ("anna@b\u{fc}cher.example", Some("anna@xn--bcher-kva.example")),
            ("anna@b\u{fc}..example", None),
            ("anna@xn--bcher-kva.example", Some("anna@xn--bcher-kva.example")),
            ("anna@example.org>", None),
            ("anna@example..org", None),
            ("anna\r\nBcc: x@example.org", None),
            ("\"anna\\\r\n\"@example.org", None),
            ("@example.org", None),
            ("anna", None),
        ] {
            assert_eq!(wire(address).as_deref(), expected, "{address}");
        }
    }
}
