//! Whose mail it is that is to be removed. A Message-ID does not say so: its sender chose it, and may have chosen another mail's.

use super::write::ours;
use super::{LOOP_FIELD, events, ids};
use crate::{Account, TheirMails, Trace, identity};

impl TheirMails {
    /// Those with these Message-IDs among what an erasure addresses at a channel.
    pub(crate) fn of<'a>(ids: impl IntoIterator<Item = &'a str>, trace: &Trace, account: &Account) -> Self {
        Self {
            ids: ids.into_iter().map(str::to_owned).collect(),
            addresses: trace.known.iter().filter_map(|known| identity::email(known)).collect(),
            mark: ours::mark(account),
        }
    }

    /// Whether a mail with this header is one of them.
    pub fn has(&self, header: &[u8]) -> bool {
        let letter = super::read(header, 0, header.len() as u64);
        let is_theirs = |address: &str| identity::email(address).is_some_and(|one| self.addresses.contains(&one));
        let is_ours = letter.all(LOOP_FIELD).any(|mark| self.mark.as_deref() == Some(mark.trim()));
        let names_one = if is_ours {
            letter.to.iter().any(|to| is_theirs(&to.address))
        } else {
            let sender = events::sender(&letter);
            sender.is_some_and(|sender| sender.identities.iter().any(|known| is_theirs(&known.value)))
        };
        names_one && self.ids.contains(&ids::remote(&letter))
    }
}

/// What is left in a mailbox and why, in words for the requester.
pub(crate) fn left(unnamed: usize, unopened: usize, others: usize) -> String {
    let mut words = Vec::new();
    if unnamed > 0 {
        words.push(format!(
            "{unnamed} of the mails came without a Message-ID, so they cannot be found again in the mailbox."
        ));
    }
    if unopened > 0 {
        words.push(format!(
            "{unopened} folders of the mailbox could not be opened, so what is in them was not looked at."
        ));
    }
    if others > 0 {
        words.push(format!(
            "{others} mails have the Message-ID of one of the contact's, and are not from the contact's addresses: they were left."
        ));
    }
    words.push("Look into the mailbox, and delete there by hand what is the contact's.".to_owned());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_from_the_person_or_ours_to_them_is_theirs() {
        let wanted = TheirMails {
            ids: vec!["a@b".to_owned(), "ours@shop".to_owned()],
            addresses: vec!["anna@example.org".to_owned()],
            mark: Some("chn_1.mac".to_owned()),
        };
        for (header, expected) in [
            ("From: Anna <Anna@example.org>\r\nMessage-ID: <a@b>", true),
            ("From: anna@example.org\r\nMessage-ID: <ours@shop>", true),
            ("From: anna@example.org\r\nMessage-ID: <c@d>", false),
            // Somebody else's, whose id was copied.
            ("From: bea@example.org\r\nMessage-ID: <a@b>", false),
            ("From: joanna@example.org\r\nMessage-ID: <a@b>", false),
            ("From: \"anna@example.org\" <bea@example.org>\r\nMessage-ID: <a@b>", false),
            ("From: bea@example.org\r\nTo: anna@example.org\r\nMessage-ID: <a@b>", false),
            ("From: bea@example.org\r\nReply-To: anna@example.org\r\nMessage-ID: <a@b>", false),
            ("From: info@shop.example\r\nTo: anna@example.org\r\nMessage-ID: <ours@shop>", false),
            ("From: i@shop\r\nX-Parloir-Channel: chn_1.mac\r\nTo: anna@example.org\r\nMessage-ID: <ours@shop>", true),
            ("From: i@shop\r\nX-Parloir-Channel: chn_1.mac\r\nTo: bea@example.org\r\nMessage-ID: <ours@shop>", false),
            ("From: i@shop\r\nX-Parloir-Channel: chn_2.mac\r\nTo: anna@example.org\r\nMessage-ID: <ours@shop>", false),
            ("Message-ID: <a@b>", false),
            ("", false),
        ] {
            assert_eq!(wanted.has(format!("{header}\r\n\r\n").as_bytes()), expected, "{header}");
        }
        let unmarked = TheirMails { mark: None, ..wanted };
        assert!(!unmarked.has(b"From: i@shop\r\nTo: anna@example.org\r\nMessage-ID: <ours@shop>\r\n\r\n"));
    }
}
