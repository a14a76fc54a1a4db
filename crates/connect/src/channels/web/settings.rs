//! The settings of a web channel, and what may be in them.

use super::{look, origin};
use crate::{Account, Field, FieldKind};

/// A setting that is entered as it is.
const fn field(key: &'static str, label: &'static str, help: &'static str, kind: FieldKind) -> Field {
    Field {
        key,
        label,
        help,
        kind,
        secret: false,
        required: false,
        generated: false,
        shown_once: false,
        brought: false,
        choices: &[],
    }
}

/// One of a few words, the default first.
const fn choice(key: &'static str, label: &'static str, help: &'static str, choices: &'static [&'static str]) -> Field {
    Field { choices, ..field(key, label, help, FieldKind::Choice) }
}

pub(super) static FIELDS: &[Field] = &[
    field(
        "allowed_origins",
        "Allowed websites",
        "One a line: https://www.example.com, or https://*.example.com for all names below it.",
        FieldKind::List,
    ),
    field("title", "Title", "What stands at the top of the chat, such as your shop's name.", FieldKind::Text),
    field("welcome", "Greeting", "What visitors read first.", FieldKind::Long),
    field("locale", "Language", "en, it, es or de. Empty: the language of the page.", FieldKind::Text),
    field("colour", "Colour", "As #rrggbb. What is written on it is made readable by itself.", FieldKind::Colour),
    choice("position", "Position", "The corner in which it waits.", &["right", "left"]),
    field(
        "avatar",
        "Picture",
        "A small square PNG, JPEG or WebP as a data: URL, at most 9,000 bytes.",
        FieldKind::Image,
    ),
    field(
        "pre_chat",
        "Asked before the first message",
        "name or email, one a line; with * if it must be filled in.",
        FieldKind::List,
    ),
    field("privacy_url", "Privacy notice", "The address of your privacy notice.", FieldKind::Url),
    field(
        "consent_text",
        "Consent",
        "What visitors agree to before they write. Recorded with the text's version. Empty: nothing is asked.",
        FieldKind::Long,
    ),
    field(
        "minimum_age",
        "Minimum age",
        "In years. Visitors say that they are as old before they write.",
        FieldKind::Text,
    ),
    choice(
        "away",
        "Nobody is here",
        "Outside the business hours, never (off) or always (on): visitors are then asked for an e-mail address to be answered at.",
        &["hours", "off", "on"],
    ),
    choice(
        "challenge",
        "Proof of work",
        "Visitors' browsers compute for a moment before the first message, which keeps programs off.",
        &["on", "off"],
    ),
    Field {
        secret: true,
        generated: true,
        shown_once: true,
        brought: false,
        ..field(
            "identity_secret",
            "Identity secret",
            "Proves who your signed-in users are. Shown once; keep it on your own server, never in a page.",
            FieldKind::Text,
        )
    },
    Field {
        secret: true,
        generated: true,
        ..field("session_secret", "Session secret", "Signs visitors' sessions. Made with the channel.", FieldKind::Text)
    },
];

/// What can be wrong with the settings, in words.
const REASONS: [(&str, &str); 6] = [
    (
        "origin_malformed",
        "An allowed website is not one: write https:// and the host, without a path, such as https://www.example.com or \
         https://*.example.com.",
    ),
    ("colour_malformed", "The colour is not one: write # and six hexadecimal digits, such as #0b6e4f."),
    ("choice_unknown", "A setting has a word that is not among its choices."),
    ("avatar_malformed", "The picture is not a data: URL of a PNG, JPEG or WebP, or has more than 9,000 bytes."),
    (
        "pre_chat_malformed",
        "What is asked before the first message is name or email, one a line, with * if it must be filled in.",
    ),
    ("minimum_age_malformed", "The minimum age is not a whole number from 1 to 99."),
];

/// The words for a code.
pub(super) fn reason(code: &str) -> Option<&'static str> {
    REASONS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// The first thing that is wrong with the settings: its code, and what to do.
pub(super) fn wrong(account: &Account) -> Option<(&'static str, &'static str)> {
    let given = |key: &str| Some(account.setting(key)).filter(|value| !value.is_empty());
    let among = |field: &&Field| given(field.key).is_none_or(|value| field.choices.contains(&value));
    let sound = [
        account.list("allowed_origins").all(origin::well_formed),
        given("colour").is_none_or(is_colour),
        FIELDS.iter().filter(|field| field.kind == FieldKind::Choice).all(|field| among(&field)),
        given("avatar").is_none_or(is_picture),
        account.list("pre_chat").all(|line| look::asked_before(line).is_some()),
        given("minimum_age").is_none_or(|age| look::years(age).is_some()),
    ];
    REASONS.into_iter().zip(sound).find(|(_, sound)| !sound).map(|(reason, _)| reason)
}

/// `#rrggbb`.
fn is_colour(value: &str) -> bool {
    let digits = value.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A picture of a form that holds no script, small enough to come with the look.
fn is_picture(value: &str) -> bool {
    let data = ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,"]
        .into_iter()
        .find_map(|begin| value.strip_prefix(begin));
    let letters = |data: &str| data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    value.len() <= 9_000 && data.is_some_and(|data| !data.is_empty() && letters(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(key: &str, value: &str) -> Option<&'static str> {
        let mut account = Account::default();
        account.settings.insert(key.to_owned(), value.to_owned());
        wrong(&account).map(|(code, _)| code)
    }

    #[test]
    fn what_is_wrong_is_said_by_name() {
        for (key, value, expected) in [
            ("colour", "", None),
            ("colour", "#0b6E4f", None),
            ("colour", "0b6e4f", Some("colour_malformed")),
            ("colour", "#0b6e4f}", Some("colour_malformed")),
            ("colour", "#\u{e9}b6e4", Some("colour_malformed")),
            ("position", "left", None),
            ("position", "top", Some("choice_unknown")),
            ("challenge", "off", None),
            ("challenge", "no", Some("choice_unknown")),
            ("avatar", "data:image/png;base64,iVBORw0KGgo=", None),
            ("avatar", "data:image/svg+xml;base64,PHN2Zy8+", Some("avatar_malformed")),
            ("avatar", "https://tracker.example/a.png", Some("avatar_malformed")),
            ("pre_chat", "name\nemail*", None),
            ("pre_chat", "shoe size", Some("pre_chat_malformed")),
            ("minimum_age", "14", None),
            ("minimum_age", "0", Some("minimum_age_malformed")),
            ("minimum_age", "adult", Some("minimum_age_malformed")),
            ("allowed_origins", "www.example.com", Some("origin_malformed")),
        ] {
            assert_eq!(code(key, value), expected, "{key} = {value}");
        }
    }

    #[test]
    fn every_reason_has_words() {
        for (code, words) in REASONS {
            assert_eq!(reason(code), Some(words));
        }
    }
}
