//! Identities in the one form in which they are compared.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// Letters beyond Latin that look like Latin ones: a label of nothing else is read as another one.
const LOOK_ALIKE: &str = "\u{430}\u{435}\u{43e}\u{440}\u{441}\u{443}\u{445}\u{455}\u{456}\u{458}\u{4bb}\u{4cf}\u{501}\u{51b}\u{51d}\u{475}\
                          \u{3b1}\u{3b9}\u{3ba}\u{3bd}\u{3bf}\u{3c1}\u{3c4}\u{3c5}\u{3c7}";

/// An e-mail address, trimmed and in lower case, its domain as the DNS has it: `bücher.example` and `xn--bcher-kva.example` are one
/// (RFC 5891, read as browsers do: UTS 46). `None` if it cannot be one (RFC 5321 bounds: 64 and 254 octets).
pub fn email(outside: &str) -> Option<String> {
    let address = outside.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let domain = domain_in_ascii(domain)?;
    let address = format!("{local}@{domain}");
    let sound = !local.is_empty()
        && local.len() <= 64
        && address.len() <= 254
        && !local.contains('@')
        && domain.split('.').all(|label| !label.is_empty())
        && !address.chars().any(|c| c.is_whitespace() || c.is_control());
    sound.then_some(address)
}

/// A domain as the DNS has it. One in ASCII is left as it is.
pub(crate) fn domain_in_ascii(domain: &str) -> Option<Cow<'_, str>> {
    if domain.is_ascii() {
        return Some(domain.into());
    }
    let ascii = Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::URL, Hyphens::Allow, DnsLength::Verify);
    ascii.ok()
}

/// An e-mail address as people read it: its domain in their letters. A label stays as the DNS has it (`xn--…`) where letters of
/// several scripts, or only such as look like Latin ones, would have it taken for another.
pub fn shown(address: &str) -> Cow<'_, str> {
    let Some((local, domain)) = address.rsplit_once('@').filter(|(_, domain)| domain.contains("xn--")) else {
        return address.into();
    };
    let plain = |label: &[char], _: &[char], _: bool| is_plain(label);
    match Uts46::new().to_user_interface(domain.as_bytes(), AsciiDenyList::URL, Hyphens::Allow, plain) {
        (domain, Ok(())) => format!("{local}@{domain}").into(),
        (_, Err(_)) => address.into(),
    }
}

/// Whether a label says to its reader what it is.
fn is_plain(label: &[char]) -> bool {
    let mut letters = label.iter().copied().filter(|c| !c.is_ascii_digit() && *c != '-');
    let Some(first) = letters.next().map(script) else { return false };
    let mut rest = letters.clone();
    rest.all(|letter| script(letter) == first)
        && (first == Script::Latin || !label.iter().all(|c| LOOK_ALIKE.contains(*c)))
}

/// The scripts whose letters look alike, and all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Other,
}

fn script(letter: char) -> Script {
    match letter {
        'a'..='z' | '\u{df}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        _ => Script::Other,
    }
}

/// A telephone number as E.164: `+` and 7 to 15 digits, the first not 0. `00` stands for `+`; a number without either
/// belongs to no known country and is none.
pub fn phone(outside: &str) -> Option<String> {
    let bare: String = outside.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"))?;
    let sound =
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    sound.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(email(" Anna@Example.COM "), Some("anna@example.com".to_owned()));
        for (outside, one) in [
            ("Anna@B\u{dc}CHER.example", "anna@xn--bcher-kva.example"),
            ("anna@bu\u{308}cher.example", "anna@xn--bcher-kva.example"),
            ("anna@xn--BCHER-kva.example", "anna@xn--bcher-kva.example"),
            ("anna@\u{ff45}xample.com", "anna@example.com"),
            ("J\u{d6}RG@example.org", "j\u{f6}rg@example.org"),
            ("\u{7528}\u{6237}@\u{4f8b}\u{5b50}.example", "\u{7528}\u{6237}@xn--fsqu00a.example"),
        ] {
            assert_eq!(email(outside).as_deref(), Some(one));
        }
        for wrong in ["a@b\u{ff20}c.\u{e9}", "a@\u{ad}", "a@b\u{fc}..c", "a@\u{fc} b.c"] {
            assert_eq!(email(wrong), None, "{wrong:?}");
        }
        for wrong in ["", "anna", "@example.com", "anna@", "a@b@c.d", "a b@c.d", "a@b..c", "a\n@b.c"] {
            assert_eq!(email(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(phone("+39 (333) 123-4567"), Some("+393331234567".to_owned()));
        assert_eq!(phone("0039 333 1234567"), Some("+393331234567".to_owned()));
        for wrong in ["", "333 1234567", "+0123456789", "+12", "+1234567890123456", "+39x3331234567"] {
            assert_eq!(phone(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn domains_are_read_in_the_letters_of_their_people() {
        for (kept, read) in [
            ("anna@example.com", "anna@example.com"),
            ("anna@xn--bcher-kva.example", "anna@b\u{fc}cher.example"),
            ("j\u{f6}rg@xn--fsqu00a.example", "j\u{f6}rg@\u{4f8b}\u{5b50}.example"),
            ("a@xn--80aa2ba.example", "a@\u{430}\u{43d}\u{43d}\u{430}.example"),
            ("xn--a@example.com", "xn--a@example.com"),
            ("a@xn--.example", "a@xn--.example"),
        ] {
            assert_eq!(shown(kept), read);
        }
        // One Cyrillic letter among Latin ones, and only such as look Latin.
        for spoof in ["a@p\u{430}ypal.example", "a@\u{430}\u{440}\u{440}\u{4cf}\u{435}.example"] {
            let kept = email(spoof).expect("an address");
            assert!(kept.contains("@xn--"));
            assert_eq!(shown(&kept), kept);
        }
    }

    proptest! {
        #[test]
        fn however_a_domain_is_written_it_is_one(label in "[a-z\u{e0}-\u{f6}\u{f8}-\u{ff}\u{431}-\u{44f}\u{4e00}-\u{4eff}]{1,12}") {
            let address = format!("anna@{label}.example");
            let kept = email(&address).expect("an address");
            prop_assert!(kept.is_ascii());
            prop_assert_eq!(email(&shown(&kept)), Some(kept.clone()));
            prop_assert_eq!(email(&kept.to_uppercase()), Some(kept.clone()));
            prop_assert_eq!(crate::mail::write::wire(&address), Some(kept));
        }

        #[test]
        fn normal_forms_are_fixed_points(text in any::<String>(), number in "\\+?[0-9 ()-]{0,20}") {
            for form in [email(&text)].into_iter().flatten() {
                prop_assert_eq!(email(&form), Some(form.clone()));
            }
            for form in [phone(&number), phone(&text)].into_iter().flatten() {
                prop_assert_eq!(phone(&form), Some(form.clone()));
            }
        }
    }
}
