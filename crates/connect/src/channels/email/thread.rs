//! What a conversation is known by: the first mail of its thread, and behind a space the further address that was written to,
//! from which answers then go out. A Message-ID holds no space.

use super::settings;
use crate::{Account, identity};

/// The key of a thread whose mails came to these addresses.
pub(super) fn key<'a>(first: &str, to: impl Iterator<Item = &'a str>, account: &Account) -> String {
    let to: Vec<String> = to.filter_map(identity::email).collect();
    let mut own = settings::addresses(account).into_iter().filter_map(identity::email);
    let main = own.next();
    let alias = own.find(|alias| to.contains(alias)).filter(|_| main.is_none_or(|main| !to.contains(&main)));
    match alias {
        Some(alias) if !first.contains(' ') => format!("{first} {alias}"),
        _ => first.to_owned(),
    }
}

/// The address from which an answer in a thread goes out: the one that was written to, as long as it is the channel's.
pub(super) fn sender<'a>(thread: Option<&str>, account: &'a Account) -> &'a str {
    let written = thread.and_then(|thread| thread.rsplit_once(' ')).map(|(_, address)| address);
    let mut aliases = account.list("aliases").filter(|alias| identity::email(alias).as_deref() == written);
    aliases.next().filter(|_| written.is_some()).unwrap_or_else(|| account.setting("address").trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let mut account = Account::default();
        account.settings.insert("address".to_owned(), "info@shop.example".to_owned());
        account.settings.insert("aliases".to_owned(), "Sales@shop.example\nhelp@shop.example".to_owned());
        account
    }

    #[test]
    fn answers_go_out_from_the_address_that_was_written_to() {
        let account = account();
        for (to, answered_from) in [
            (&["info@shop.example"][..], "info@shop.example"),
            (&["help@shop.example"], "help@shop.example"),
            (&["bea@example.org", "SALES@shop.example"], "Sales@shop.example"),
            (&["help@shop.example", "info@shop.example"], "info@shop.example"),
            (&["undisclosed"], "info@shop.example"),
        ] {
            let key = key("a@b", to.iter().copied(), &account);
            assert!(key.starts_with("a@b"));
            assert_eq!(sender(Some(&key), &account), answered_from, "{to:?}");
        }
        assert_eq!(sender(None, &account), "info@shop.example");
        assert_eq!(sender(Some("a@b gone@shop.example"), &account), "info@shop.example");
        assert_eq!(sender(Some("a b help@shop.example"), &account), "help@shop.example");
        assert_eq!(key("a b", ["help@shop.example"].into_iter(), &account), "a b");
    }
}
