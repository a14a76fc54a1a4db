//! Business accounts and their telephone numbers.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::WhatsApp;
use super::template::Template;
use crate::graph::refusal::Refusal;

/// A WhatsApp business account, as it was created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountCard {
    /// Its number; empty lets the simulator choose one.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// The business portfolio it belongs to, within which people have one id; empty for one of its own.
    pub portfolio: String,
    /// The parent company's portfolio, if people are known to it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The app that listens to it from the start; others subscribe through the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Whether templates are approved as soon as they are handed in.
    pub approves_at_once: bool,
}

/// A business's telephone number, as it was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "what a number may be, each apart from the others")]
pub struct NumberCard {
    /// Its number at Meta; empty lets the simulator choose one.
    pub id: String,
    /// The business account it belongs to.
    pub account: String,
    /// What people call, in digits with the country; empty lets the simulator choose one.
    pub number: String,
    /// The name people see.
    pub name: String,
    /// Whether the business uses its phone's own app beside the interface (coexistence).
    pub coexistence: bool,
    /// Whether refusals that concern the recipient come later as a `failed` status instead of at once.
    pub late_verdicts: bool,
    /// Messages it may send each second; 0 for as many as one likes.
    pub per_second: u32,
    /// Whether one recipient takes no more than a message every six seconds, 45 of them in advance.
    pub pair_limit: bool,
    /// Whether it is not on the interface yet.
    pub unregistered: bool,
    /// The PIN it has already; empty: whatever is given becomes it.
    pub pin: String,
}

impl Default for NumberCard {
    fn default() -> Self {
        Self {
            id: String::new(),
            account: String::new(),
            number: String::new(),
            name: String::new(),
            coexistence: false,
            late_verdicts: false,
            per_second: 80,
            pair_limit: true,
            unregistered: false,
            pin: String::new(),
        }
    }
}

pub(crate) struct Account {
    pub(crate) card: AccountCard,
    /// Apps that listen, and where else than to their callback it is told.
    pub(crate) subscribed: BTreeMap<String, Option<String>>,
    pub(crate) templates: Vec<Template>,
    /// When management was called, in milliseconds since the epoch.
    pub(crate) management: VecDeque<i64>,
}

pub(crate) struct Number {
    pub(crate) card: NumberCard,
    /// Where an app wants this number's news instead of to its callback.
    pub(crate) overrides: BTreeMap<String, String>,
    pub(crate) registered: bool,
    /// What people see of the business, as it was set.
    pub(crate) profile: serde_json::Map<String, Value>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub(crate) quality: String,
    /// When it sent within the last second, in milliseconds since the epoch.
    pub(crate) sent_at: VecDeque<i64>,
}

impl Number {
    /// `+39 02 5550 0199` for a node, digits for webhooks.
    pub(crate) fn display(&self) -> String {
        format!("+{}", self.card.number)
    }

    pub(crate) fn metadata(&self) -> Value {
        json!({ "display_phone_number": self.card.number, "phone_number_id": self.card.id })
    }

    /// Everything that `GET` can be asked for.
    pub(crate) fn fields(&self) -> Value {
        let overrides: Vec<_> = self.overrides.values().collect();
        json!({
            "id": self.card.id, "verified_name": self.card.name, "display_phone_number": self.display(),
            "quality_rating": self.quality, "quality_score": { "score": self.quality },
            "code_verification_status": "VERIFIED", "name_status": "APPROVED", "account_mode": "LIVE",
            "platform_type": if self.registered { "CLOUD_API" } else { "NOT_APPLICABLE" }, "is_on_biz_app": self.card.coexistence,
            "status": if self.registered { "CONNECTED" } else { "DISCONNECTED" },
            "throughput": { "level": if self.card.per_second > 80 { "HIGH" } else { "STANDARD" } },
            "messaging_limit_tier": "TIER_250", "whatsapp_business_manager_messaging_limit": "TIER_250",
            "is_official_business_account": false,
            "webhook_configuration": { "phone_number": overrides.first() },
        })
    }
}

impl WhatsApp {
    /// Makes a business account, or replaces the one with this id.
    ///
    /// # Errors
    /// 100 for an unknown app.
    pub fn create_account(&self, mut card: AccountCard) -> Result<AccountCard, Refusal> {
        let mut world = self.graph.world();
        card.id = world.id_or_fresh(&card.id);
        card.portfolio = world.id_or_fresh(&card.portfolio);
        let mut subscribed = BTreeMap::new();
        if let Some(app) = &card.app {
            world.app(app)?;
            subscribed.insert(app.clone(), None);
        }
        let account = Account { card: card.clone(), subscribed, templates: Vec::new(), management: VecDeque::new() };
        world.whatsapp.accounts.insert(card.id.clone(), account);
        Ok(card)
    }

    /// All business accounts, by number.
    pub fn accounts(&self) -> Vec<AccountCard> {
        self.graph.world().whatsapp.accounts.values().map(|account| account.card.clone()).collect()
    }

    /// Makes a telephone number of a business, registered and ready to send.
    ///
    /// # Errors
    /// 100 for an unknown business account.
    pub fn create_number(&self, mut card: NumberCard) -> Result<NumberCard, Refusal> {
        let mut world = self.graph.world();
        let account = world.whatsapp.accounts.get(&card.account);
        let name = account.ok_or_else(|| Refusal::no_object("get", &card.account))?.card.name.clone();
        card.id = world.id_or_fresh(&card.id);
        if card.number.is_empty() {
            card.number = format!("39025550{:04}", world.chance.below(10_000));
        }
        card.number.retain(|letter| letter.is_ascii_digit());
        if card.name.is_empty() {
            card.name = name;
        }
        let number = Number {
            card: card.clone(),
            overrides: BTreeMap::new(),
            registered: !card.unregistered,
            profile: serde_json::Map::new(),
            quality: "GREEN".to_owned(),
            sent_at: VecDeque::new(),
        };
        world.whatsapp.numbers.insert(card.id.clone(), number);
        Ok(card)
    }

    /// Changes how a business's number behaves, e.g. whether it coexists with a phone.
    ///
    /// # Errors
    /// 100 for an unknown number.
    pub fn change_business_number(&self, id: &str, change: impl FnOnce(&mut NumberCard)) -> Result<(), Refusal> {
        let mut world = self.graph.world();
        let number = world.whatsapp.numbers.get_mut(id).ok_or_else(|| Refusal::no_object("post", id))?;
        change(&mut number.card);
        world.whatsapp.touch();
        Ok(())
    }

    /// What people see of the business behind a number.
    ///
    /// # Errors
    /// 100 for an unknown number.
    pub fn profile(&self, id: &str) -> Result<Value, Refusal> {
        Ok(self.graph.world().whatsapp.number(id)?.profile.clone().into())
    }

    /// All numbers of businesses, by id.
    pub fn numbers(&self) -> Vec<NumberCard> {
        self.graph.world().whatsapp.numbers.values().map(|number| number.card.clone()).collect()
    }
}
