//! What everybody may know of a web channel: how its chat looks, and what it asks of visitors before they write.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{FILE, TEXT, Visitor};
use crate::Account;
use crate::json::string;

/// The public part of a web channel's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// What stands at the top; empty if nothing was chosen.
    pub title: String,
    /// What visitors read first; empty if nothing was chosen.
    pub welcome: String,
    /// BCP 47; empty: the page's.
    pub locale: String,
    /// `#rrggbb`; empty if none was chosen.
    pub colour: String,
    /// `right` or `left`.
    pub position: String,
    /// A `data:` URL; empty if none was chosen.
    pub avatar: String,
    /// What is asked before the first message.
    pub pre_chat: Vec<AskedBefore>,
    /// The privacy notice's address; empty if there is none.
    pub privacy_url: String,
    /// What visitors agree to before they write.
    pub consent: Option<Consent>,
    /// In years.
    pub minimum_age: Option<u8>,
    /// Nobody is here: visitors leave an address.
    pub away: bool,
    /// When somebody is here again, RFC 3339, if that is known.
    pub opens_at: Option<String>,
    /// Whether the workspace's business hours say who is away.
    #[serde(skip)]
    pub keeps_hours: bool,
    /// Whether an anonymous session takes a proof of work.
    pub challenge: bool,
    /// Longest text, in characters.
    pub text_limit: u32,
    /// Largest file, in bytes.
    pub upload_limit: u64,
}

/// Something that is asked before the first message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedBefore {
    /// `name` or `email`.
    pub field: String,
    /// Whether it must be filled in.
    pub required: bool,
}

/// A text that visitors agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// Another for every other text: `sha256:` and the first sixteen digits of its hash.
    pub version: String,
    /// The text.
    pub text: String,
}

/// What a session request carries besides an identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// A solved challenge.
    pub altcha: Option<String>,
    /// The version of the text that the visitor agrees to.
    pub consent: Option<String>,
    /// The visitor says that they are as old as they must be.
    pub of_age: bool,
}

impl Look {
    /// The minimum age, if whoever opened the session did not say that they have it.
    pub fn age_unsaid_by(&self, visitor: &Visitor) -> Option<u8> {
        self.minimum_age.filter(|years| visitor.of_age < *years)
    }
}

impl Asked {
    pub(super) fn of(request: &Value) -> Self {
        Self {
            altcha: string(request, "/altcha"),
            consent: string(request, "/consent"),
            of_age: request.get("of_age").and_then(Value::as_bool).unwrap_or_default(),
        }
    }
}

/// The look of a channel. A setting that cannot be understood is as if it were not there.
pub fn look(account: &Account) -> Look {
    let text = |key: &str| account.setting(key).to_owned();
    let or = |key: &str, default: &str| Some(text(key)).filter(|text| !text.is_empty()).unwrap_or(default.to_owned());
    Look {
        title: text("title"),
        welcome: text("welcome"),
        locale: text("locale"),
        colour: text("colour"),
        position: or("position", "right"),
        avatar: text("avatar"),
        pre_chat: account.list("pre_chat").filter_map(asked_before).collect(),
        privacy_url: text("privacy_url"),
        consent: consent(account.setting("consent_text")),
        minimum_age: years(account.setting("minimum_age")),
        away: account.setting("away") == "on",
        opens_at: None,
        keeps_hours: matches!(account.setting("away"), "" | "hours"),
        challenge: account.setting("challenge") != "off",
        text_limit: TEXT,
        upload_limit: FILE,
    }
}

fn consent(text: &str) -> Option<Consent> {
    let digest = hex::encode(Sha256::digest(text));
    let version = format!("sha256:{}", digest.get(..16)?);
    (!text.is_empty()).then(|| Consent { version, text: text.to_owned() })
}

/// A line of `pre_chat`.
pub(super) fn asked_before(line: &str) -> Option<AskedBefore> {
    let (field, required) = match line.strip_suffix('*') {
        Some(field) => (field.trim(), true),
        None => (line, false),
    };
    ["name", "email"].contains(&field).then(|| AskedBefore { field: field.to_owned(), required })
}

/// A minimum age.
pub(super) fn years(text: &str) -> Option<u8> {
    text.parse().ok().filter(|years| (1..=99).contains(years))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> Look {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        look(&Account { settings, ..Account::default() })
    }

    #[test]
    fn nothing_set_is_a_chat_that_asks_for_nothing_but_work() {
        let plain = of(&[]);
        assert!(plain.challenge && !plain.away && plain.pre_chat.is_empty());
        assert_eq!((plain.consent, plain.minimum_age, plain.position.as_str()), (None, None, "right"));
    }

    #[test]
    fn another_text_is_another_version() {
        let version = |text: &str| of(&[("consent_text", text)]).consent.map(|consent| consent.version);
        assert_eq!(version("Hello").as_deref(), Some("sha256:185f8db32271fe25"));
        assert_ne!(version("Hello"), version("Hello."));
    }

    #[test]
    fn settings_are_understood_or_left_out() {
        let look =
            of(&[("pre_chat", "name\nemail *\nshoes"), ("minimum_age", "14"), ("away", "on"), ("challenge", "off")]);
        let asked: Vec<_> = look.pre_chat.iter().map(|asked| (asked.field.as_str(), asked.required)).collect();
        assert_eq!(asked, [("name", false), ("email", true)]);
        assert!(look.away && !look.keeps_hours && !look.challenge);
        assert_eq!(look.minimum_age, Some(14));
    }

    #[test]
    fn no_secret_is_in_a_look() {
        let mut account = Account::default();
        account.secrets.insert("session_secret".to_owned(), crate::Secret::new("hush-session"));
        account.settings.insert("allowed_origins".to_owned(), "https://intranet.example".to_owned());
        let shown = serde_json::to_string(&look(&account)).expect("JSON");
        assert!(!shown.contains("hush") && !shown.contains("intranet"), "{shown}");
    }
}
