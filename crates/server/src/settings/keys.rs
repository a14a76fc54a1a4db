//! The closed list of settings and what each may be.

use std::net::SocketAddr;

use vault::audit::note::{Signs, VerifierKey};

use super::address::{base_url, host_and_port, postgres_url, public_url};
use crate::proxies::Network;

/// A value as its layer wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    Text(String),
    Whole(Option<i64>),
    List(Vec<Raw>),
    /// Of another type, by TOML's name for it.
    Other(&'static str),
}

/// A value that was found right.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    List(Vec<String>),
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Listen,
    PublicUrl,
    BaseUrl,
    Folder,
    File,
    /// One word, perhaps a secret: nothing of it is repeated.
    Word,
    /// The verifier key of a witness.
    Witness,
    /// Names divided by slashes, as a key's or a mount's, of letters that mean themselves in every address.
    Path,
    Bucket,
    Postgres,
    OneOf(&'static [&'static str]),
    Whole {
        least: i64,
        most: i64,
        unit: &'static str,
    },
    HostPorts,
    Networks,
}

const BYTES: Kind = Kind::Whole { least: 1_024, most: 1 << 32, unit: "bytes" };
const DAYS: Kind = Kind::Whole { least: 1, most: 365, unit: "days" };

/// Every setting but the open sections `[endpoints]` and `[apps]`.
pub(super) const KEYS: &[(&str, Kind)] = &[
    ("listen", Kind::Listen),
    ("public_url", Kind::PublicUrl),
    ("trusted_proxies", Kind::Networks),
    ("data", Kind::Folder),
    ("database", Kind::Postgres),
    ("custody.url", Kind::Postgres),
    ("audit.witness_url", Kind::BaseUrl),
    ("audit.witness_key", Kind::Witness),
    ("root_key.source", Kind::OneOf(&["file", "env", "aws_kms", "transit"])),
    ("root_key.next", Kind::OneOf(&["file", "env", "aws_kms", "transit"])),
    ("aws_kms.key", Kind::Word),
    ("aws_kms.region", Kind::Word),
    ("aws_kms.endpoint", Kind::BaseUrl),
    ("aws_kms.access_key_id", Kind::Word),
    ("aws_kms.secret_access_key", Kind::Word),
    ("aws_kms.session_token", Kind::Word),
    ("transit.address", Kind::BaseUrl),
    ("transit.mount", Kind::Path),
    ("transit.key", Kind::Path),
    ("transit.namespace", Kind::Word),
    ("transit.token", Kind::Word),
    ("transit.token_file", Kind::File),
    ("transit.role_id", Kind::Word),
    ("transit.secret_id", Kind::Word),
    ("transit.approle_mount", Kind::Path),
    ("next_aws_kms.key", Kind::Word),
    ("next_aws_kms.region", Kind::Word),
    ("next_aws_kms.endpoint", Kind::BaseUrl),
    ("next_aws_kms.access_key_id", Kind::Word),
    ("next_aws_kms.secret_access_key", Kind::Word),
    ("next_aws_kms.session_token", Kind::Word),
    ("next_transit.address", Kind::BaseUrl),
    ("next_transit.mount", Kind::Path),
    ("next_transit.key", Kind::Path),
    ("next_transit.namespace", Kind::Word),
    ("next_transit.token", Kind::Word),
    ("next_transit.token_file", Kind::File),
    ("next_transit.role_id", Kind::Word),
    ("next_transit.secret_id", Kind::Word),
    ("next_transit.approle_mount", Kind::Path),
    ("blobs.store", Kind::OneOf(&["disk", "s3"])),
    ("s3.bucket", Kind::Bucket),
    ("s3.region", Kind::Word),
    ("s3.endpoint", Kind::BaseUrl),
    ("s3.prefix", Kind::Path),
    ("s3.addressing", Kind::OneOf(&["auto", "path", "virtual"])),
    ("s3.access_key_id", Kind::Word),
    ("s3.secret_access_key", Kind::Word),
    ("s3.session_token", Kind::Word),
    ("s3.cache_bytes", Kind::Whole { least: 0, most: 1 << 40, unit: "bytes" }),
    ("outbound.allow_private", Kind::HostPorts),
    ("limits.hook_body_bytes", BYTES),
    ("limits.upload_bytes", BYTES),
    ("limits.sign_in_per_minute", Kind::Whole { least: 1, most: 100_000, unit: "attempts" }),
    ("limits.chat_per_minute", Kind::Whole { least: 1, most: 1_000_000, unit: "requests" }),
    ("limits.connections", Kind::Whole { least: 16, most: 1_000_000, unit: "connections" }),
    ("limits.idle_seconds", Kind::Whole { least: 1, most: 3_600, unit: "seconds" }),
    ("limits.body_idle_seconds", Kind::Whole { least: 1, most: 3_600, unit: "seconds" }),
    ("log.format", Kind::OneOf(&["json", "text"])),
    ("log.level", Kind::OneOf(&["error", "warn", "info", "debug", "trace"])),
    ("sessions.idle_days", DAYS),
    ("sessions.absolute_days", DAYS),
    ("retention.country", Kind::Word),
    ("retention.consent_days", Kind::Whole { least: 365, most: 36_500, unit: "days" }),
    ("retention.special_days", Kind::Whole { least: 1, most: 90, unit: "days" }),
    (NOW_OFFSET, Kind::Whole { least: -4_000_000_000, most: 4_000_000_000, unit: "seconds" }),
];

/// The key that only test builds have.
pub(super) const NOW_OFFSET: &str = "test.now_offset_seconds";
/// The open section: one key per provider.
pub(super) const ENDPOINTS: &str = "endpoints";
/// The open section of what the operator sets for all channels of a kind: the kind, `_`, and the setting's key.
pub(super) const APPS: &str = "apps";

/// What a dotted key may be, or why there is no such key.
pub(super) fn kind_of(key: &str) -> Result<Kind, String> {
    if let Some(provider) = key.strip_prefix("endpoints.") {
        return provider_named(provider);
    }
    if let Some(setting) = key.strip_prefix("apps.") {
        return setting_named(setting);
    }
    match KEYS.iter().find(|(name, _)| *name == key) {
        Some((NOW_OFFSET, _)) if !cfg!(feature = "testing") => {
            Err("this key exists only in builds with the `testing` feature; remove it".to_owned())
        }
        Some((_, kind)) => Ok(*kind),
        None => Err(format!("there is no such key{}", suggestion(key))),
    }
}

/// The sections, by name.
pub(super) fn is_section(name: &str) -> bool {
    name == ENDPOINTS
        || name == APPS
        || KEYS.iter().any(|(key, _)| key.split_once('.').is_some_and(|(section, _)| section == name))
}

/// Finds a value right, or says what was expected. A secret is not repeated.
pub(super) fn check(kind: Kind, raw: &Raw) -> Result<Value, String> {
    match (kind, raw) {
        (Kind::Whole { least, most, unit }, Raw::Whole(Some(number))) if (least..=most).contains(number) => {
            let _ = unit;
            Ok(Value::Whole(*number))
        }
        (Kind::Whole { least, most, unit }, Raw::Whole(_)) => Err(format!("must be {least} to {most} {unit}")),
        (Kind::HostPorts, Raw::List(items)) => items.iter().map(host_port).collect::<Result<_, _>>().map(Value::List),
        (Kind::Networks, Raw::List(items)) => items.iter().map(network).collect::<Result<_, _>>().map(Value::List),
        (kind, Raw::Text(text)) if !matches!(kind, Kind::Whole { .. } | Kind::HostPorts | Kind::Networks) => {
            check_text(kind, text)
        }
        (kind, raw) => Err(format!("expected {}, found {}", expectation(kind), name_of(raw))),
    }
}

/// Reads the text of a variable or flag as the kind that its key has.
pub(super) fn from_text(kind: Kind, text: &str) -> Raw {
    match kind {
        Kind::Whole { .. } => match text.trim().parse() {
            Ok(number) => Raw::Whole(Some(number)),
            Err(_) => Raw::Text(text.to_owned()),
        },
        Kind::HostPorts | Kind::Networks => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Raw::List(items.map(|item| Raw::Text(item.to_owned())).collect())
        }
        _ => Raw::Text(text.to_owned()),
    }
}

fn check_text(kind: Kind, text: &str) -> Result<Value, String> {
    let checked = match kind {
        Kind::Listen => text.parse::<SocketAddr>().map(|_| text.to_owned()).map_err(|_| {
            format!(
                "{text:?} is no address and port; write for example \"127.0.0.1:8080\", or \"0.0.0.0:8080\" for all"
            )
        }),
        Kind::PublicUrl => public_url(text),
        Kind::BaseUrl => base_url(text),
        Kind::Postgres => postgres_url(text),
        Kind::Witness => witness(text),
        Kind::OneOf(choices) if !choices.contains(&text) => {
            Err(format!("{text:?} is not one of {}", expectation(kind)))
        }
        Kind::Word if !is_word(text) => Err("must be one word, without spaces".to_owned()),
        Kind::Path if is_path(text) => Ok(text.trim_end_matches('/').to_owned()),
        Kind::Path => {
            Err(format!("{text:?} is no name; it may have letters, digits, _, - and ., in parts divided by /"))
        }
        Kind::Bucket if !is_bucket(text) => Err(format!("{text:?} is no bucket's name: 3 to 63 of a-z, 0-9, - and .")),
        Kind::File if text.is_empty() => Err("must not be empty; name a file".to_owned()),
        Kind::Folder if text.is_empty() => Err("must not be empty; name a folder".to_owned()),
        Kind::OneOf(_) | Kind::Word | Kind::Bucket | Kind::File | Kind::Folder => Ok(text.to_owned()),
        Kind::Whole { .. } | Kind::HostPorts | Kind::Networks => Err(format!("expected {}", expectation(kind))),
    };
    checked.map(Value::Text)
}

fn is_word(text: &str) -> bool {
    (1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_path(text: &str) -> bool {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let part = |part: &str| part.bytes().all(right) && part.bytes().any(|byte| byte != b'.');
    text.len() <= 200 && text.trim_end_matches('/').split('/').all(part)
}

fn is_bucket(text: &str) -> bool {
    let right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&text.len())
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| right(byte) || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

fn host_port(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Text(text) => host_and_port(text),
        other => Err(format!("expected a list of \"host:port\", found {} in it", name_of(other))),
    }
}

fn network(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Text(text) => text.parse::<Network>().map(|_| text.clone()).map_err(|()| {
            format!("{text:?} is no address or network; write for example \"10.0.0.1\" or \"10.0.0.0/8\"")
        }),
        other => Err(format!("expected a list of addresses, found {} in it", name_of(other))),
    }
}

fn provider_named(provider: &str) -> Result<Kind, String> {
    let right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if provider.is_empty() || !provider.bytes().all(right) {
        return Err("a provider's name has small letters, digits and _ only, as in `telegram`".to_owned());
    }
    Ok(Kind::BaseUrl)
}

fn witness(text: &str) -> Result<String, String> {
    let key = VerifierKey::parse(text).map_err(|error| error.to_string())?;
    match key.signs() {
        Signs::Cosignatures => Ok(text.to_owned()),
        Signs::Notes => Err("this key signs no cosignatures (type 4)".to_owned()),
    }
}

/// What may be set for all channels of a kind is what their form asks for.
fn setting_named(name: &str) -> Result<Kind, String> {
    let known = connect::channels::all().iter().any(|connector| {
        let spec = connector.spec();
        let key = name.strip_prefix(spec.kind).and_then(|rest| rest.strip_prefix('_'));
        key.is_some_and(|key| spec.fields.iter().any(|field| field.key == key && !field.generated && !field.brought))
    });
    if known {
        return Ok(Kind::Word);
    }
    Err("there is no such setting of a kind of channels; its name is the kind, `_`, and what its form calls it"
        .to_owned())
}

fn expectation(kind: Kind) -> String {
    match kind {
        Kind::Listen => "an address and port such as \"127.0.0.1:8080\"".to_owned(),
        Kind::PublicUrl | Kind::BaseUrl => "an address such as \"https://chat.example.org\"".to_owned(),
        Kind::Folder => "the name of a folder, in quotes".to_owned(),
        Kind::File => "the name of a file, in quotes".to_owned(),
        Kind::Witness => "a verifier key such as \"witness.example/w1+20324abe+BC…\"".to_owned(),
        Kind::Word | Kind::Path | Kind::Bucket => "one word, in quotes".to_owned(),
        Kind::Postgres => "an address such as \"postgres://user@host/name\"".to_owned(),
        Kind::OneOf(choices) => choices.iter().map(|choice| format!("{choice:?}")).collect::<Vec<_>>().join(", "),
        Kind::Whole { unit, .. } => format!("a whole number of {unit}, without quotes"),
        Kind::Networks => "a list such as [\"10.0.0.1\", \"172.16.0.0/12\"]".to_owned(),
        Kind::HostPorts => "a list such as [\"n8n.internal:5678\"]".to_owned(),
    }
}

fn name_of(raw: &Raw) -> &'static str {
    match raw {
        Raw::Text(_) => "a string",
        Raw::Whole(_) => "a whole number",
        Raw::List(_) => "a list",
        Raw::Other(name) => name,
    }
}

/// The key that was probably meant.
pub(super) fn suggestion(key: &str) -> String {
    let names = KEYS.iter().map(|(name, _)| *name);
    let nearest = names.map(|name| (distance(key, name), name)).min();
    let moved =
        KEYS.iter().map(|(name, _)| *name).find(|name| name.rsplit('.').next() == Some(key) && name.contains('.'));
    match (moved, nearest) {
        (Some(name), _) => format!("; did you mean `{name}`?"),
        (None, Some((distance, name))) if distance <= 3 => format!("; did you mean `{name}`?"),
        _ => "; the keys are listed in the default settings (docs)".to_owned(),
    }
}

/// How many letters differ (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (b, cell) in right.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(a != *b)).min(*cell + 1).min(before + 1);
            diagonal = std::mem::replace(cell, here);
            before = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(suggestion("lisen"), "; did you mean `listen`?");
        assert_eq!(suggestion("log.levle"), "; did you mean `log.level`?");
        assert_eq!(suggestion("upload_bytes"), "; did you mean `limits.upload_bytes`?");
        assert!(suggestion("something_else").contains("listed"));
    }

    #[test]
    fn sections_are_those_of_the_keys() {
        assert!(is_section("limits") && is_section("endpoints") && is_section("test"));
        assert!(!is_section("listen") && !is_section("limit"));
    }
}
