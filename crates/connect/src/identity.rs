//! Identities in the one form in which they are compared.

/// An e-mail address, trimmed and in lower case. `None` if it cannot be one (RFC 5321 bounds: 64 and 254 octets).
pub fn email(outside: &str) -> Option<String> {
    let address = outside.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let sound = !local.is_empty()
        && local.len() <= 64
        && address.len() <= 254
        && !local.contains('@')
        && domain.split('.').all(|label| !label.is_empty())
        && !address.chars().any(|c| c.is_whitespace() || c.is_control());
    sound.then_some(address)
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

    proptest! {
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
