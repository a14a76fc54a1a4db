//! An app at Meta: its secret, its callbacks, its tokens, and everything remembered about its calls.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::faults::MessageFault;
use super::journal::Journal;
use super::queue::Queue;
use super::refusal::Refusal;
use crate::faults::{CallFault, Orders};

/// An app, as it was created. `Debug` leaves the secret out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppCard {
    /// Its number; empty lets the simulator choose one.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// Signs its webhooks; empty lets the simulator choose one.
    pub secret: String,
    /// Its setting "Require app secret": every call must prove that the caller knows the secret.
    pub requires_proof: bool,
}

impl std::fmt::Debug for AppCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppCard").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where one kind of object's webhooks go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) url: String,
    /// Fields asked for; none means all.
    pub(crate) fields: Option<BTreeSet<String>>,
}

pub(crate) struct App {
    pub(crate) card: AppCard,
    /// By object, e.g. `whatsapp_business_account`.
    pub(crate) callbacks: BTreeMap<String, Callback>,
    pub(crate) queue: Queue,
    pub(crate) call_faults: Orders<CallFault>,
    pub(crate) message_faults: Orders<MessageFault>,
    pub(crate) journal: Journal,
    /// Whether somebody brings what is queued.
    pub(crate) delivering: bool,
    changed: watch::Sender<u64>,
}

impl App {
    pub(crate) fn new(card: AppCard) -> Self {
        Self {
            card,
            callbacks: BTreeMap::new(),
            queue: Queue::default(),
            call_faults: Orders::default(),
            message_faults: Orders::default(),
            journal: Journal::default(),
            delivering: false,
            changed: watch::Sender::new(0),
        }
    }

    pub(crate) fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The app's subscriptions, as `GET /{app}/subscriptions` lists them.
    pub(crate) fn subscriptions(&self) -> Value {
        let data = self.callbacks.iter().map(|(object, callback)| {
            let fields = callback.fields.iter().flatten().map(|name| json!({ "name": name, "version": "v26.0" }));
            json!({
                "object": object, "callback_url": callback.url, "active": true,
                "fields": fields.collect::<Vec<_>>(),
            })
        });
        json!({ "data": data.collect::<Vec<_>>() })
    }
}

/// An access token, as it was created. `Debug` leaves the token itself out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenCard {
    /// What is sent as `Bearer`; empty lets the simulator choose one.
    pub token: String,
    /// The app it belongs to.
    pub app: String,
    /// What it may do.
    pub permissions: BTreeSet<String>,
    /// The business accounts it was given, by number; none means every one.
    pub accounts: Option<BTreeSet<String>>,
    /// When it ends, in milliseconds since the epoch; none means never.
    pub expires_at_ms: Option<i64>,
    /// Whether it was taken back.
    pub revoked: bool,
}

impl Default for TokenCard {
    /// A system user's token that may do what messaging needs.
    fn default() -> Self {
        let usual = ["business_management", "whatsapp_business_management", "whatsapp_business_messaging"];
        Self {
            token: String::new(),
            app: String::new(),
            permissions: usual.map(str::to_owned).into(),
            accounts: None,
            expires_at_ms: None,
            revoked: false,
        }
    }
}

impl std::fmt::Debug for TokenCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCard").field("app", &self.app).field("revoked", &self.revoked).finish_non_exhaustive()
    }
}

/// Who calls, and what they may do.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) app: String,
    /// Whether it is the app itself that calls, with its secret.
    pub(crate) as_app: bool,
    permissions: BTreeSet<String>,
    accounts: Option<BTreeSet<String>>,
}

impl Caller {
    pub(crate) fn of(card: &TokenCard) -> Self {
        let (permissions, accounts) = (card.permissions.clone(), card.accounts.clone());
        Self { app: card.app.clone(), as_app: false, permissions, accounts }
    }

    pub(crate) fn app_itself(app: &str) -> Self {
        Self { app: app.to_owned(), as_app: true, permissions: BTreeSet::new(), accounts: None }
    }

    pub(crate) fn may(&self, permission: &str) -> Result<(), Refusal> {
        let known = self.permissions.contains(permission);
        let reason = || Refusal::of(200).because(format!("Requires the {permission} permission"));
        known.then_some(()).ok_or_else(reason)
    }

    pub(crate) fn sees(&self, account: &str) -> bool {
        !self.as_app && self.accounts.as_ref().is_none_or(|accounts| accounts.contains(account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let app = AppCard { secret: "hidden".to_owned(), ..AppCard::default() };
        let token = TokenCard { token: "hidden".to_owned(), ..TokenCard::default() };
        assert!(!format!("{app:?} {token:?}").contains("hidden"));
    }

    #[test]
    fn a_token_sees_what_it_was_given() {
        let accounts = Some(BTreeSet::from(["1".to_owned()]));
        let caller = Caller::of(&TokenCard { accounts, ..TokenCard::default() });
        assert!(caller.sees("1") && !caller.sees("2"));
        assert!(caller.may("whatsapp_business_messaging").is_ok() && caller.may("pages_messaging").is_err());
    }
}
