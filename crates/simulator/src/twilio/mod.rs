//! Twilio as its client libraries know it: accounts, their messages by SMS, MMS and WhatsApp, and what is told to hooks.

mod api;
mod signature;
mod told;

pub(crate) use api::rfc2822;

use std::time::Duration;

use axum::Router;
use bytes::Bytes;

pub use crate::carrier::{Delivery, File, Message, MessageFault};
use crate::carrier::{Letter, Line, Lines, Office, hexadecimal};
use crate::faults::{CallFault, DeliveryFault, Order};
use crate::{Options, post};
pub use signature::signature;

/// How long WhatsApp lets a business write freely after a person's last message, in milliseconds.
const WINDOW_MS: i64 = 24 * 3_600_000;

/// An account.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// `AC` and 32 more characters; empty lets the simulator choose.
    pub sid: String,
    /// Proves calls, and signs deliveries.
    pub token: String,
    /// The number that sends.
    pub number: String,
}

/// What a person writes.
#[derive(Clone, Debug, Default)]
pub struct Saying {
    /// Words.
    pub text: Option<String>,
    /// Files: media type and content.
    pub files: Vec<(String, Bytes)>,
    /// Over WhatsApp: the name that is shown.
    pub whatsapp: Option<String>,
}

impl Saying {
    /// Words alone, by SMS.
    pub fn text(text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..Self::default() }
    }

    /// A file.
    #[must_use]
    pub fn with_file(mut self, mime: &str, content: &[u8]) -> Self {
        self.files.push((mime.to_owned(), Bytes::copy_from_slice(content)));
        self
    }

    /// Over WhatsApp, by somebody of this name.
    #[must_use]
    pub fn over_whatsapp(mut self, name: &str) -> Self {
        self.whatsapp = Some(name.to_owned());
        self
    }
}

/// Twilio. Clones share it.
#[derive(Clone)]
pub struct Twilio {
    lines: Lines,
    office: Office,
    http: Option<reqwest::Client>,
}

impl Twilio {
    pub(crate) fn new(options: &Options) -> Self {
        let timeout = Duration::from_millis(options.deliveries.timeout_ms);
        let http = if options.poster.is_some() { None } else { post::client(timeout) };
        Self { lines: Lines::new(options), office: Office::new(options), http }
    }

    /// Makes an account; what is empty is filled in.
    pub fn create_account(&self, mut account: Account) -> Account {
        let mut guard = self.lines.lock();
        let (lines, chance) = &mut *guard;
        if account.sid.is_empty() {
            account.sid = format!("AC{}", hexadecimal(chance, 32));
        }
        if account.token.is_empty() {
            account.token = hexadecimal(chance, 32);
        }
        if account.number.is_empty() {
            account.number = format!("+1555{:07}", chance.below(9_999_999));
        }
        let line = Line { secret: account.token.clone(), number: account.number.clone(), ..Line::default() };
        lines.insert(account.sid.clone(), line);
        account
    }

    /// Sets where messages to the account's number go, as somebody does in the console. Its number's own setting does the same.
    pub fn set_hook(&self, account: &str, hook: &str) {
        self.lines.with(account, |line, _| line.hook = Some(hook.to_owned()));
    }

    /// Where messages to the account's number go, and where they go when nobody takes them there.
    pub fn hooks(&self, account: &str) -> (Option<String>, Option<String>) {
        self.lines.with(account, |line, _| (line.hook.clone(), line.failover.clone())).unwrap_or_default()
    }

    /// Nothing goes anywhere any more.
    pub fn remove_hooks(&self, account: &str) {
        self.lines.with(account, |line, _| (line.hook, line.failover) = (None, None));
    }

    /// A person writes to the account's number; the message's id, or nothing if there is no such account.
    pub fn say(&self, account: &str, person: &str, saying: impl Into<Saying>) -> Option<String> {
        let saying: Saying = saying.into();
        let at_ms = self.lines.clock.now_ms();
        let (message, hook, line) = self.lines.with(account, |line, chance| {
            let kind = if saying.files.is_empty() { "SM" } else { "MM" };
            let files = saying.files.iter().map(|(mime, content)| File {
                id: format!("ME{}", hexadecimal(chance, 32)),
                mime: mime.clone(),
                content: content.clone(),
                origin: None,
            });
            let files = files.collect();
            let message = Message {
                id: format!("{kind}{}", hexadecimal(chance, 32)),
                person: person.to_owned(),
                whatsapp: saying.whatsapp.is_some(),
                text: saying.text.clone(),
                files,
                at_ms,
                state: "received".to_owned(),
                ..Message::default()
            };
            line.hear(person, saying.text.as_deref().filter(|_| saying.whatsapp.is_none()));
            line.messages.push(message.clone());
            (message, line.hook.clone(), (line.secret.clone(), line.number.clone()))
        })?;
        if let Some(hook) = hook {
            let form = told::message(account, &line.1, &message, saying.whatsapp.as_deref());
            self.tell("message", &message.id, (&hook, &line.0), &form);
        }
        Some(message.id)
    }

    /// The person's phone shows that our messages were read (WhatsApp).
    pub fn read(&self, account: &str, person: &str) {
        let ids = self.lines.with(account, |line, _| {
            let unread =
                line.messages.iter().filter(|one| one.outgoing && one.person == person && one.state == "delivered");
            unread.map(|one| one.id.clone()).collect::<Vec<_>>()
        });
        for id in ids.unwrap_or_default() {
            self.advance(account, &id, "read", None);
        }
    }

    /// All messages of an account, oldest first.
    pub fn messages(&self, account: &str) -> Vec<Message> {
        self.lines.with(account, |line, _| line.messages.clone()).unwrap_or_default()
    }

    /// What the account really sent, oldest first.
    pub fn sent(&self, account: &str) -> Vec<Message> {
        self.messages(account).into_iter().filter(|message| message.outgoing).collect()
    }

    /// How often an operation (`POST Messages`) was called.
    pub fn calls(&self, account: &str, operation: &str) -> u64 {
        self.lines.with(account, |line, _| line.calls.get(operation).copied().unwrap_or(0)).unwrap_or(0)
    }

    /// Another token; the old one proves nothing any more.
    pub fn change_token(&self, account: &str, token: &str) {
        self.lines.with(account, |line, _| token.clone_into(&mut line.secret));
    }

    /// Something is to go wrong with calls of this account.
    pub fn order_call_fault(&self, account: &str, order: Order<CallFault>) {
        self.lines.with(account, |line, _| line.call_faults.add(order));
    }

    /// Something is to go wrong with messages of this account.
    pub fn order_message_fault(&self, account: &str, order: Order<MessageFault>) {
        self.lines.with(account, |line, _| line.message_faults.add(order));
    }

    /// Something is to go wrong with what hooks are told (`message`, `status`).
    pub fn order_delivery_fault(&self, order: Order<DeliveryFault>) {
        self.office.order(order);
    }

    /// Nothing more is to go wrong with deliveries.
    pub fn clear_delivery_faults(&self) {
        self.office.clear_faults();
    }

    /// How many deliveries wait.
    pub fn pending(&self) -> usize {
        self.office.pending()
    }

    /// All attempts to bring something to a hook.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.office.deliveries()
    }

    /// Moves a message on, and tells whoever wants to hear of it.
    fn advance(&self, account: &str, id: &str, state: &str, error: Option<i64>) {
        let told = self.lines.with(account, |line, _| {
            let (secret, number) = (line.secret.clone(), line.number.clone());
            let message = line.message_mut(id)?;
            state.clone_into(&mut message.state);
            let hook = message.told_at.clone()?;
            Some((hook, secret, told::status(account, &number, message, error)))
        });
        if let Some((hook, secret, form)) = told.flatten() {
            self.tell("status", id, (&hook, &secret), &form);
        }
    }

    /// Brings a form to a hook, signed. What stands behind `#` says how often it is tried, and is never part of the address.
    fn tell(&self, kind: &'static str, lane: &str, (hook, secret): (&str, &str), form: &[(String, String)]) {
        let (url, overrides) = hook.split_once('#').unwrap_or((hook, ""));
        let retries =
            overrides.split('&').find_map(|one| one.strip_prefix("rc=")).and_then(|count| count.parse::<u32>().ok());
        let tries = if overrides.contains("rp=all") { retries.unwrap_or(1) + 1 } else { 1 };
        let signed = signature(secret, url, form);
        let (url, body) = (url.to_owned(), told::encoded(form));
        let write = move || post::Post {
            url: url.clone(),
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned()),
                ("user-agent", "TwilioProxy/1.1".to_owned()),
                ("x-twilio-signature", signed.clone()),
            ],
            body: body.clone().into(),
        };
        self.office.push(Letter { kind, lane: lane.to_owned(), tries, write: std::sync::Arc::new(write) });
    }
}

impl From<&str> for Saying {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// Twilio's own addresses.
pub(crate) fn router(twilio: Twilio) -> Router {
    api::router().with_state(twilio)
}
