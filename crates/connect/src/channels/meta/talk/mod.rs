//! Messages with people on Meta's two messengers, which differ in names and bounds alone: a [`Product`] says which.
//!
//! One channel is one account of the business (a page, a professional account); a conversation is a person's own. What one
//! app receives for many accounts is verified and cut to this account's own (`hook`, `callback`, `cut`), read as events
//! (`parse` and below it `message`, `attachment`, `signal`); an answer is planned as one or more calls (`send`, `compose`,
//! `media`), and every error has a word and an advice (`errors`, `refusal`).

mod account;
mod attachment;
mod callback;
mod compose;
mod connector;
mod control;
mod cut;
mod download;
mod errors;
mod hook;
mod media;
mod message;
mod operations;
mod optin;
mod origin;
mod parse;
mod part;
mod person;
mod profile;
mod refresh;
mod refusal;
mod send;
mod signal;

pub(in crate::channels) use connector::Talk;
pub(in crate::channels) use media::Form;
pub(in crate::channels) use operations::{Operations, operations};
pub(in crate::channels) use profile::{GET_STARTED, ICE_BREAKERS, MENU};
pub(in crate::channels) use refresh::Refresh;

use crate::{Account, SendError};

/// How long after a contact's message anybody may answer, in milliseconds.
pub(in crate::channels) const WINDOW_MS: u64 = 24 * 60 * 60 * 1000;
/// The key of the secret of the app: Meta signs with it what it posts to all accounts that one app serves.
pub(in crate::channels) const APP_SECRET: &str = "app_secret";
/// Largest file in both directions, in bytes; images have a lower bound of their own.
pub(in crate::channels) const FILE: u64 = 25 << 20;

/// In what one of them differs from the other.
#[derive(Debug)]
pub(in crate::channels) struct Product {
    /// What people call it.
    pub(in crate::channels) name: &'static str,
    /// What its deliveries call the kind of account.
    pub(in crate::channels) object: &'static str,
    /// The setting that holds the account's id.
    pub(in crate::channels) account_key: &'static str,
    /// What its calls are called in metrics.
    pub(in crate::channels) operations: Operations,
    /// The fields of its webhooks that the account is subscribed to.
    pub(in crate::channels) fields: &'static str,
    /// What is asked of the account itself.
    pub(in crate::channels) account_fields: &'static str,
    /// What is asked of a person.
    pub(in crate::channels) person_fields: &'static str,
    /// Longest text.
    pub(in crate::channels) text: usize,
    /// Whether texts are counted in bytes of UTF-8, and else in characters.
    pub(in crate::channels) counts_bytes: bool,
    /// Whether our id goes with a message and comes back with its echo.
    pub(in crate::channels) names_ours: bool,
    /// Whether people also have ids by which the app knows them, to be asked for.
    pub(in crate::channels) has_app_ids: bool,
    /// What is shown as what; the first that fits.
    pub(in crate::channels) forms: &'static [Form],
    /// The field that says for which of the two a file is uploaded.
    pub(in crate::channels) platform: Option<&'static str>,
    /// How its token is exchanged for a newer one, where it ends.
    pub(in crate::channels) refresh: Option<Refresh>,
}

impl Product {
    /// The account's id, if it can stand in a URL.
    fn id<'a>(&self, account: &'a Account) -> Result<&'a str, SendError> {
        let id = account.setting(self.account_key);
        if cut::is_id(id) {
            return Ok(id);
        }
        let why = format!("The id of the account at {} is digits only. Copy it from there once more.", self.name);
        Err(refusal::refused("account_id_malformed", &why))
    }
}
