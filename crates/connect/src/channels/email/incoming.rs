//! A mail as it lies in the mailbox becomes what is kept of it.

use super::{settings, thread};
use crate::mail::write::ours;
use crate::mail::{self, Letter, LetterFile, Own};
use crate::{Account, Event, FetchedMail, MailPart, Verified};

/// What is kept of a mail; nothing, if it is our own.
pub(super) fn request(mail: &FetchedMail, validity: u32, account: &Account) -> Option<Verified> {
    let letter = mail::read(&mail.raw, mail.received_ms, mail.size);
    let locate = |file: &LetterFile| {
        let place = file.place;
        let (offset, length, encoding) = (place.offset, place.length, place.encoding);
        let part = MailPart { validity, uid: mail.uid, offset, length, encoding };
        serde_json::to_string(&part).unwrap_or_default()
    };
    let prove = |address: &str| ours::conversation(account, address);
    let ours = |id: &str| ours::is_message_id(account, id);
    let mut events = mail::events(&letter, &own(account), locate, prove, ours);
    for event in &mut events {
        name_thread(event, &letter, account);
    }
    (!events.is_empty()).then(|| mail::keep(&events))
}

fn own(account: &Account) -> Own {
    Own {
        addresses: settings::addresses(account).into_iter().map(str::to_owned).collect(),
        mark: ours::mark(account).unwrap_or_default(),
        servers: settings::checking_servers(account),
    }
}

fn name_thread(event: &mut Event, letter: &Letter, account: &Account) {
    if let Event::Message(message) = event {
        let to = letter.to.iter().map(|to| to.address.as_str());
        message.thread = thread::key(&message.thread, to, account);
    }
}
