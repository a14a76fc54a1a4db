//! Lists of addresses (RFC 5322, section 3.4, and RFC 6532), and what people write instead.

use super::coded;
use super::letter::MailAddress;

/// More than anybody needs to be read of.
const MOST: usize = 500;

/// The addresses of a field, in order, as it is written. Groups are opened; names without an address are passed over.
pub(super) fn list(value: &str) -> Vec<MailAddress> {
    // Quotes that do not end would swallow all that follows them.
    let quotes = value.replace("\\\\", "").replace("\\\"", "").matches('"').count();
    let mut reader = Reader { quotes: quotes.is_multiple_of(2), ..Reader::default() };
    value.chars().for_each(|c| reader.take(c));
    reader.end();
    reader.found
}

/// The first address of a field.
pub(super) fn first(value: &str) -> Option<MailAddress> {
    list(value).into_iter().next()
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about the place in the text")]
struct Reader {
    /// Whether quotes are heeded.
    quotes: bool,
    quoted: bool,
    escaped: bool,
    /// How deep in comments.
    comments: usize,
    in_angle: bool,
    phrase: String,
    angle: Option<String>,
    comment: String,
    found: Vec<MailAddress>,
}

impl Reader {
    fn take(&mut self, c: char) {
        if self.escaped {
            self.escaped = false;
            return self.put(c);
        }
        match c {
            '\\' if self.quoted || self.comments > 0 => self.escaped = true,
            '"' if self.quotes && self.comments == 0 => {
                self.quoted = !self.quoted;
                // In an address the quotes are part of it.
                if self.in_angle {
                    self.put(c);
                }
            }
            _ if self.quoted => self.put(c),
            '(' => {
                self.comments += 1;
                if self.comments > 1 {
                    self.put(c);
                }
            }
            ')' if self.comments > 0 => {
                self.comments -= 1;
                if self.comments > 0 {
                    self.put(c);
                }
            }
            _ if self.comments > 0 => self.put(c),
            '<' => self.open_angle(),
            '>' if self.in_angle => self.in_angle = false,
            ',' | ';' if !self.in_angle => self.end(),
            ':' if !self.in_angle && !self.phrase.contains('@') => self.phrase.clear(),
            _ => self.put(c),
        }
    }

    /// A second address in angles is the address, and the first was a name that looks like one.
    fn open_angle(&mut self) {
        if let Some(former) = self.angle.take() {
            self.phrase.push_str(&former);
        }
        self.in_angle = true;
        self.angle = Some(String::new());
    }

    fn put(&mut self, c: char) {
        match &mut self.angle {
            _ if self.comments > 0 => self.comment.push(c),
            Some(angle) if self.in_angle => angle.push(c),
            _ => self.phrase.push(c),
        }
    }

    /// The end of one address.
    fn end(&mut self) {
        let phrase = std::mem::take(&mut self.phrase);
        let comment = std::mem::take(&mut self.comment);
        let angle = self.angle.take();
        (self.in_angle, self.quoted, self.comments) = (false, false, 0);
        let written = angle.as_deref().filter(|angle| angle.contains('@'));
        let (address, name) = match written {
            Some(angle) => (angle, if phrase.trim().is_empty() { &comment } else { &phrase }),
            None => (phrase.split_whitespace().rfind(|word| word.contains('@')).unwrap_or_default(), &comment),
        };
        // A route (RFC 5322, section 4.4) is no part of the address.
        let address = if address.starts_with('@') { address.rsplit(':').next().unwrap_or_default() } else { address };
        let address: String = address.chars().filter(|c| !c.is_whitespace()).collect();
        if !address.contains('@') || self.found.len() >= MOST {
            return;
        }
        self.found.push(MailAddress { name: named(name, &address), address });
    }
}

fn named(name: &str, address: &str) -> Option<String> {
    let name = coded::decode(name);
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(['"', '\'']).trim();
    let name: String = name.chars().filter(|c| !super::is_deceptive(*c)).take(200).collect();
    (!name.is_empty() && !name.eq_ignore_ascii_case(address)).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::list;

    #[track_caller]
    fn check(value: &str, expected: &[(&str, &str)]) {
        let found = list(value);
        let found: Vec<_> =
            found.iter().map(|one| (one.name.as_deref().unwrap_or_default(), one.address.as_str())).collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn addresses_of_all_kinds() {
        check("anna@example.com", &[("", "anna@example.com")]);
        check("Anna Rossi <anna@example.com>", &[("Anna Rossi", "anna@example.com")]);
        check(
            "\"Rossi, Anna\" <anna@example.com>, b@example.com",
            &[("Rossi, Anna", "anna@example.com"), ("", "b@example.com")],
        );
        check("\"Anna \\\"A\\\" Rossi\" <a@example.com>", &[("Anna \"A\" Rossi", "a@example.com")]);
        check("anna@example.com (Anna (the) Rossi)", &[("Anna (the) Rossi", "anna@example.com")]);
        check("=?utf-8?q?J=C3=BCrgen?= <j@example.com>", &[("Jürgen", "j@example.com")]);
        check("\"=?utf-8?q?J=C3=BCrgen?=\" <j@example.com>", &[("Jürgen", "j@example.com")]);
        check("=?utf-8?q?a=40evil.example=2C_b?= <j@example.com>", &[("a@evil.example, b", "j@example.com")]);
        check(
            "Team: a@example.com, B <b@example.com>;, c@example.com",
            &[("", "a@example.com"), ("B", "b@example.com"), ("", "c@example.com")],
        );
        check("undisclosed-recipients:;", &[]);
        check("a@example.com; b@example.com", &[("", "a@example.com"), ("", "b@example.com")]);
        check("<@relay.example,@b.example:a@example.com>", &[("", "a@example.com")]);
        check("\"broken <a@example.com>, b@example.com", &[("broken", "a@example.com"), ("", "b@example.com")]);
        check("a@example.com <b@example.com>", &[("a@example.com", "b@example.com")]);
        check("<a@example.com> <b@example.com>", &[("a@example.com", "b@example.com")]);
        check("Anna anna@example.com", &[("", "anna@example.com")]);
        check("'Anna' <anna@example.com>", &[("Anna", "anna@example.com")]);
        check("a@example.com <a@example.com>", &[("", "a@example.com")]);
        check("Anna <anna@example.com", &[("Anna", "anna@example.com")]);
        check("Anna <>, MAILER-DAEMON", &[]);
        check("pelé@example.com, 用户@例子.example", &[("", "pelé@example.com"), ("", "用户@例子.example")]);
        check("\"a b\"@example.com", &[("", "b@example.com")]);
        check("<\"a b\"@example.com>", &[("", "\"ab\"@example.com")]);
        check("A\u{202e}nna <a@example.com>", &[("Anna", "a@example.com")]);
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in "[\"<>@(),;:\\\\a =?]{0,40}|\\PC{0,40}") {
            for one in list(&value) {
                prop_assert!(one.address.contains('@') && !one.address.contains(char::is_whitespace));
            }
        }
    }
}
