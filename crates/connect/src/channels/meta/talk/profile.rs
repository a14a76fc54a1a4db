//! What people see of the account before they write: a button to begin with, questions to choose from, a menu that stays
//! (<https://developers.facebook.com/docs/messenger-platform/reference/messenger-profile-api>). It is set whenever the channel is
//! connected; what was set from here and is wanted no longer is taken away. What was set at Meta by hand stays, as long as nothing
//! is said of it here.

use serde_json::{Map, Value, json};

use super::Product;
use super::refusal::{self, refused};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::{Account, Field, FieldKind, HttpCall, Reply, SendError};

/// The settings, which both messengers have.
pub(in crate::channels) const ICE_BREAKERS: Field = Field::optional(
    "ice_breakers",
    "Questions to begin with",
    "Up to four, one on each line: whoever opens a new conversation chooses one of them with a tap. Empty: none.",
    FieldKind::Long,
);
/// The menu that stays.
pub(in crate::channels) const MENU: Field = Field::optional(
    "persistent_menu",
    "Menu",
    "Stays in every conversation. An entry on each line, up to twenty: what it says, and behind a | an address if it leads to one \
     (Opening hours | https://example.org/hours). Empty: none.",
    FieldKind::Long,
);
/// A button for who has never written. Instagram has none.
pub(in crate::channels) const GET_STARTED: Field = Field::choice(
    "get_started",
    "Button to begin with",
    "yes: whoever has never written sees a button Get started. A menu needs it, and brings it.",
    &["no", "yes"],
);

/// Where what was set is learned.
const LEARNED: &str = "profile";
/// Longest question and most of them.
const QUESTIONS: (usize, usize) = (80, 4);
/// Longest entry of a menu and most of them.
const ENTRIES: (usize, usize) = (30, 20);

/// What is to be done about it.
pub(super) enum Shown {
    /// This call.
    Call(HttpCall),
    /// It is as it should be: what is learned of it.
    As(Option<(String, String)>),
}

/// The next step, given the replies to the steps before.
pub(super) fn step(product: &Product, account: &Account, replies: &[Reply]) -> Result<Shown, SendError> {
    let wanted = wanted(product, account)?;
    let before = account.learned.get(LEARNED).map_or("", String::as_str);
    let gone: Vec<&str> = before.split(',').filter(|key| !key.is_empty() && !wanted.contains_key(*key)).collect();
    let mut replies = replies.iter();
    if !wanted.is_empty() {
        let Some(reply) = replies.next() else { return set(product, account, &wanted).map(Shown::Call) };
        graph::read(reply, true).map_err(|failure| not_taken(product, failure))?;
    }
    if !gone.is_empty() {
        let Some(reply) = replies.next() else { return take_away(product, account, &gone).map(Shown::Call) };
        match graph::read(reply, true) {
            // What is refused for good was taken away by somebody else.
            Ok(_) | Err(Failure::Told(Told { code: 100, transient: false, proof: false, .. })) => {}
            Err(failure) => return Err(refusal::failure(product, failure)),
        }
    }
    let keys: Vec<&str> = wanted.keys().map(String::as_str).collect();
    Ok(Shown::As((!keys.is_empty()).then(|| (LEARNED.to_owned(), keys.join(",")))))
}

fn not_taken(product: &Product, failure: Failure) -> SendError {
    match failure {
        Failure::Told(Told { code: 100, transient: false, proof: false, .. }) => own("profile_refused"),
        other => refusal::failure(product, other),
    }
}

fn own(code: &'static str) -> SendError {
    refused(code, refusal::reason(code).unwrap_or_default())
}

/// What the settings want shown, by Meta's names.
fn wanted(product: &Product, account: &Account) -> Result<Map<String, Value>, SendError> {
    let mut wanted = Map::new();
    let questions = lines(account, ICE_BREAKERS.key, QUESTIONS.1)?;
    if !questions.is_empty() {
        let asked =
            questions.iter().map(|question| fits(question, QUESTIONS.0).map(asked)).collect::<Result<Vec<_>, _>>()?;
        wanted.insert("ice_breakers".to_owned(), json!([{"call_to_actions": asked, "locale": "default"}]));
    }
    let menu = lines(account, MENU.key, ENTRIES.1)?;
    if !menu.is_empty() {
        let entries = menu.iter().map(|line| entry(line)).collect::<Result<Vec<_>, _>>()?;
        let whole = json!([{"locale": "default", "composer_input_disabled": false, "call_to_actions": entries}]);
        wanted.insert("persistent_menu".to_owned(), whole);
    }
    let begins = account.setting(GET_STARTED.key) == "yes" || wanted.contains_key("persistent_menu");
    if product.platform.is_none() && begins {
        wanted.insert("get_started".to_owned(), json!({"payload": "GET_STARTED"}));
    }
    Ok(wanted)
}

fn lines<'a>(account: &'a Account, key: &str, most: usize) -> Result<Vec<&'a str>, SendError> {
    let lines: Vec<&str> = account.setting(key).lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > most { Err(own("profile_too_long")) } else { Ok(lines) }
}

fn fits(text: &str, most: usize) -> Result<&str, SendError> {
    let length = text.chars().count();
    if (1..=most).contains(&length) { Ok(text) } else { Err(own("profile_too_long")) }
}

fn asked(question: &str) -> Value {
    json!({"question": question, "payload": question})
}

/// An entry leads to an address, or comes back as what its writer tapped.
fn entry(line: &str) -> Result<Value, SendError> {
    match line.split_once('|') {
        Some((title, address)) => {
            let (title, address) = (fits(title.trim(), ENTRIES.0)?, address.trim());
            let leads = address.starts_with("https://") && !address.chars().any(char::is_whitespace);
            if leads {
                Ok(json!({"type": "web_url", "title": title, "url": address}))
            } else {
                Err(own("profile_address"))
            }
        }
        None => fits(line, ENTRIES.0).map(|title| json!({"type": "postback", "title": title, "payload": title})),
    }
}

fn set(product: &Product, account: &Account, wanted: &Map<String, Value>) -> Result<HttpCall, SendError> {
    let mut body = wanted.clone();
    body.extend(product.platform.map(|platform| ("platform".to_owned(), Value::from(platform))));
    let call = graph::post(account, product.operations.profile, &path(product, account)?, &Value::Object(body))?;
    Ok(HttpCall { repeatable: true, ..call })
}

fn take_away(product: &Product, account: &Account, gone: &[&str]) -> Result<HttpCall, SendError> {
    let fields = json!(gone).to_string();
    let mut query = vec![("fields", fields.as_str())];
    query.extend(product.platform.map(|platform| ("platform", platform)));
    graph::delete_where(account, product.operations.profile, &path(product, account)?, &query)
}

fn path(product: &Product, account: &Account) -> Result<String, SendError> {
    Ok(format!("{}/messenger_profile", product.id(account)?))
}
