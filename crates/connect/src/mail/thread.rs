//! What a conversation is known by: the first mail of its thread, and behind a space the further address that was written to,
//! from which answers then go out. A Message-ID holds no space.

use super::Letter;
use crate::{Account, Event, SendError, identity};

/// All addresses of a channel, the first one's before all.
pub(crate) fn addresses<'a>(main: &'a str, account: &'a Account) -> impl Iterator<Item = &'a str> {
    std::iter::once(main.trim()).chain(account.list("aliases"))
}

/// Names the threads of what a mail told by the address that it was written to, too.
pub(crate) fn name(events: &mut [Event], letter: &Letter, main: &str, account: &Account) {
    for event in events {
        if let Event::Message(message) = event {
            let to = letter.to.iter().map(|to| to.address.as_str());
            message.thread = key(&message.thread, to, main, account);
        }
    }
}

/// The key of a thread whose mails came to these addresses.
fn key<'a>(first: &str, to: impl Iterator<Item = &'a str>, main: &str, account: &Account) -> String {
    let to: Vec<String> = to.filter_map(identity::email).collect();
    let mut own = addresses(main, account).filter_map(identity::email);
    let main = own.next();
    let alias = own.find(|alias| to.contains(alias)).filter(|_| main.is_none_or(|main| !to.contains(&main)));
    match alias {
        Some(alias) if !first.contains(' ') => format!("{first} {alias}"),
        _ => first.to_owned(),
    }
}

/// The address from which an answer in a thread goes out: the one that was written to, as long as it is the channel's.
pub(crate) fn sender<'a>(thread: Option<&str>, main: &'a str, account: &'a Account) -> &'a str {
    let written = thread.and_then(|thread| thread.rsplit_once(' ')).map(|(_, address)| address);
    let mut aliases = account.list("aliases").filter(|alias| identity::email(alias).as_deref() == written);
    aliases.next().filter(|_| written.is_some()).unwrap_or_else(|| main.trim())
}

/// That a further address may not send keeps no other mail back.
pub(crate) fn of_alias(error: SendError) -> SendError {
    match error {
        SendError::Stopped { code, why } if code == "sender_refused" => SendError::Refused { code, why },
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = "info@shop.example";

    fn account() -> Account {
        let mut account = Account::default();
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
            let key = key("a@b", to.iter().copied(), MAIN, &account);
            assert!(key.starts_with("a@b"));
            assert_eq!(sender(Some(&key), MAIN, &account), answered_from, "{to:?}");
        }
        assert_eq!(sender(None, MAIN, &account), "info@shop.example");
        assert_eq!(sender(Some("a@b gone@shop.example"), MAIN, &account), "info@shop.example");
        assert_eq!(sender(Some("a b help@shop.example"), MAIN, &account), "help@shop.example");
        assert_eq!(key("a b", ["help@shop.example"].into_iter(), MAIN, &account), "a b");
    }
}
