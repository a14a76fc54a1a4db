//! A mail as it lies in the mailbox becomes what is kept of it.

use super::cursor::Cursor;
use super::settings;
use crate::mail::write::ours;
use crate::mail::{self, Letter, LetterFile, Own, thread};
use crate::{Account, Event, FetchedMail, MailPart, Verified};

/// What is kept of a mail that was looked for from a place in the mailbox; nothing, if it is our own.
pub(super) fn request(mail: &FetchedMail, from: &Cursor, account: &Account) -> Option<Verified> {
    let validity = from.validity;
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
    if mail.uid < from.old {
        date_back(&mut events, &letter);
    }
    (!events.is_empty()).then(|| mail::keep(&events))
}

/// Of a mail that may be an old one with a new id: who moves a mailbox may have let every mail arrive anew, so it counts from its
/// own date, if that is earlier.
fn date_back(events: &mut [Event], letter: &Letter) {
    for event in events {
        if let (Event::Message(message), Some(date_ms)) = (event, letter.date_ms) {
            message.lies_since_ms = message.lies_since_ms.min(date_ms).max(1);
        }
    }
}

fn own(account: &Account) -> Own {
    Own {
        addresses: thread::addresses(account.setting("address"), account).map(str::to_owned).collect(),
        mark: ours::mark(account).unwrap_or_default(),
        servers: settings::checking_servers(account),
    }
}
