//! A mail as it lies in the mailbox becomes what is kept of it.

use super::settings;
use crate::mail::write::ours;
use crate::mail::{self, LetterFile, Own, thread};
use crate::{Account, FetchedMail, MailPart, Verified};

/// What is kept of a mail; nothing, if it is our own.
pub(super) fn request(mail: &FetchedMail, validity: u32, account: &Account) -> Option<Verified> {
    let letter = mail::read(&mail.raw, mail.received_ms, mail.size);
    let message_id = mail::message_id(&letter);
    let locate = |file: &LetterFile| {
        let place = file.place;
        let (offset, length, encoding, within) = (place.offset, place.length, place.encoding, place.within);
        let (message_id, size) = (message_id.clone(), mail.size);
        let part = MailPart { validity, uid: mail.uid, offset, length, encoding, message_id, within, size };
        serde_json::to_string(&part).unwrap_or_default()
    };
    let prove = |address: &str| ours::conversation(account, address);
    let ours = |id: &str| ours::is_message_id(account, id);
    let mut events = mail::events(&letter, &own(account), locate, prove, ours);
    thread::name(&mut events, &letter, account.setting("address"), account);
    (!events.is_empty()).then(|| mail::keep(&events))
}

fn own(account: &Account) -> Own {
    Own {
        addresses: thread::addresses(account.setting("address"), account).map(str::to_owned).collect(),
        mark: ours::mark(account).unwrap_or_default(),
        servers: settings::checking_servers(account),
    }
}
