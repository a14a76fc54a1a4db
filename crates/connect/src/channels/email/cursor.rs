//! Where asking a mailbox goes on.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::settings;
use crate::{Account, Withheld, Withholding};

/// Clocks differ: mails that seem to have come this much before the channel was connected count as having come after.
const CLOCKS_MS: i64 = 10 * 60 * 1000;
/// The key under which the mailbox is remembered as it was when the channel was connected.
const LEARNED: &str = "mailbox";

/// Everything up to `uid` was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// UIDVALIDITY.
    pub(super) validity: u32,
    /// The last id that was looked at, 0 for none.
    pub(super) uid: u32,
    /// When the channel was connected, in Unix milliseconds.
    pub(super) since_ms: i64,
    /// Mails with smaller ids than this one may have been there before the channel: the mailbox has given all its mails new ids.
    #[serde(default)]
    pub(super) old: u32,
    /// Which mailbox it is in: with another server or user it says nothing.
    #[serde(default)]
    pub(super) of: u32,
    /// The mail after `uid`, if the mailbox does not give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) withheld: Option<Tried>,
}

/// A mail that was asked for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tried {
    /// Its id.
    pub(super) uid: u32,
    /// How often, where it was the mail that was not given and not the mailbox that gave nothing.
    pub(super) times: u32,
    /// When first, in Unix milliseconds.
    pub(super) since_ms: i64,
}

impl Tried {
    /// After so many tries…
    const ENOUGH: u32 = 5;
    /// …and this many milliseconds a mail is passed over that the mailbox says it cannot give…
    const REFUSED_MS: i64 = 15 * 60 * 1000;
    /// …and after this many one at which the connection broke each time: a bad line does that, too, with a large mail.
    const BROKE_MS: i64 = 24 * 60 * 60 * 1000;

    /// Once more in vain.
    pub(super) fn again(before: Option<Self>, withheld: Withheld, now_ms: i64) -> Self {
        let first = Self { uid: withheld.uid, times: 0, since_ms: now_ms };
        let known = before.filter(|before| before.uid == withheld.uid).unwrap_or(first);
        let counts = withheld.how != Withholding::Unproven;
        Self { times: known.times.saturating_add(u32::from(counts)), ..known }
    }

    /// Whether that was often and long enough to go on without it.
    pub(super) fn is_over(self, withheld: Withheld, now_ms: i64) -> bool {
        let least = match withheld.how {
            Withholding::Refused => Self::REFUSED_MS,
            Withholding::Broke => Self::BROKE_MS,
            Withholding::Unproven => return false,
        };
        self.times >= Self::ENOUGH && now_ms.saturating_sub(self.since_ms) >= least
    }
}

impl Cursor {
    /// In a mailbox of which nothing is wanted that is there now.
    pub(super) fn new(account: &Account, validity: u32, next: u32, now_ms: i64) -> Self {
        Self { validity, uid: next.saturating_sub(1), since_ms: now_ms, old: 0, of: mailbox(account), withheld: None }
    }

    /// Reads what was kept; `None` if it is none of this mailbox.
    pub(super) fn read(account: &Account, text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|kept: &Self| kept.of == mailbox(account))
    }

    /// How it is kept.
    pub(super) fn kept(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// From the start of the mailbox, whose mails have new ids: nothing since the channel was connected is missed, and what is
    /// known already is known by its Message-ID.
    pub(super) fn again(self, validity: u32, next: u32) -> Self {
        Self { validity, uid: 0, old: next, withheld: None, ..self }
    }

    /// The moment before which mails are passed over, in Unix milliseconds. Ids alone say what is new, so it is asked only among
    /// those that may be old.
    pub(super) fn passes_over_ms(self) -> i64 {
        let among_old = self.uid.saturating_add(1) < self.old;
        if among_old { self.since_ms.saturating_sub(CLOCKS_MS).max(0) } else { 0 }
    }
}

/// Tells mailboxes apart.
fn mailbox(account: &Account) -> u32 {
    let server = settings::imap(account);
    let digest = Sha256::digest(format!("{}\n{}", server.host.to_ascii_lowercase(), server.username));
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// What is learned of a mailbox when it is connected: where asking begins, so that what comes before it is first asked is not missed,
/// nor what came before it was connected once more.
pub(super) fn learned(account: &Account, validity: u32, next: u32, now_ms: i64) -> (String, String) {
    let known = first(account).filter(|known| known.validity == validity);
    (LEARNED.to_owned(), known.unwrap_or_else(|| Cursor::new(account, validity, next, now_ms)).kept())
}

/// Where asking begins, as it was learned.
pub(super) fn first(account: &Account) -> Option<Cursor> {
    account.learned.get(LEARNED).and_then(|kept| Cursor::read(account, kept))
}
