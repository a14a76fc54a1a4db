//! What a provider tells of what we sent, of our templates and of the account.

use serde::{Deserialize, Serialize};

use super::Person;
use crate::{TemplateCategory, TemplateStatus};

/// A change in the fate of something we sent. It never goes backwards.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StatusChange {
    /// The sent message at the provider; or
    pub remote: Option<String>,
    /// our own id (`msg_…`) echoed back.
    pub ours: Option<String>,
    /// Where what we sent is several messages at the provider: which of them this is, counted from 1, if there is another after it.
    /// It says of itself alone that it came so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
    /// `sent`, `delivered`, `read` or `failed`; or [`StatusChange::COMPLAINED`].
    pub state: String,
    /// A code of ours where it failed; never a word from outside, as it is stored unsealed.
    pub code: Option<String>,
    /// Words for the member where it failed.
    pub detail: Option<String>,
    /// What the provider charges for it, where it says so.
    pub price: Option<Price>,
    /// To whom it went, where the provider says so: what is new of it is learned.
    pub to: Option<Person>,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
}

impl StatusChange {
    /// Whoever received it told their provider that they do not want such: it withdraws their consent to advertising.
    pub const COMPLAINED: &str = "complained";
}

/// What a provider charges for a message: no amount, only in which class it falls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The provider's category, in lower case (`marketing`, `utility`, `service`).
    pub category: String,
    /// Whether it is charged at all.
    pub billable: bool,
}

/// News of one template at the provider. What is `None` did not change; where all is `None`, something did that only the
/// provider's list of templates can tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TemplateChange {
    /// Its name at the provider.
    pub name: String,
    /// Its language, as the provider writes it (`it`, `en_US`).
    pub language: String,
    /// Where it stands now.
    pub status: Option<TemplateStatus>,
    /// What the provider counts it as now.
    pub category: Option<TemplateCategory>,
    /// The provider's word on its quality, in lower case (`green`, `yellow`, `red`).
    pub quality: Option<String>,
    /// The provider's code for why it was refused, in lower case (`abusive_content`).
    pub reason: Option<String>,
    /// When, in Unix milliseconds; 0 where the provider does not say.
    #[serde(default)]
    pub at_ms: i64,
}

/// News of the account itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AccountNews {
    /// A stable code of ours (`quality_low`, `account_disabled`, `limit_changed`); a word, never personal data.
    pub code: String,
    /// `Some(true)`: it can work again; `Some(false)`: it cannot until a member does something.
    pub works: Option<bool>,
    /// It may not work any more, and only the provider can tell: it is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// How many people may be written to first within 24 hours now, if this changed; `Some(0)`: without bound.
    pub daily_recipients: Option<u64>,
    /// The provider's word on the account's quality, in lower case, if this changed.
    pub quality: Option<String>,
    /// When, in Unix milliseconds; 0 where the provider does not say.
    #[serde(default)]
    pub at_ms: i64,
}
