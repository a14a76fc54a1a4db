//! Settings as a caller gives them: checked against the Spec, and told apart from secrets.

use std::collections::BTreeMap;

use connect::{Field, FieldKind, Spec};
use serde_json::{Map, Value};
use vault::channels::ChannelSecret;

use crate::problem::ApiError;

/// Settings and secrets by the keys of the Spec.
#[derive(Default)]
pub(super) struct Given {
    pub(super) settings: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, ChannelSecret>,
    /// What is to be taken away.
    pub(super) removed: Vec<String>,
}

impl Given {
    /// Reads settings. An object within them stands for keys with a dot: `{"imap": {"host": …}}` is `imap.host`, and
    /// `{"imap": null}` takes all of them away.
    pub(super) fn read(spec: &Spec, settings: &BTreeMap<String, Value>) -> Result<Self, ApiError> {
        let mut given = Self::default();
        for (key, value) in flat(spec, settings)? {
            let Some(field) = spec.fields.iter().find(|field| field.key == key) else {
                return Err(wrong(&key, "this kind has no such setting"));
            };
            if value.is_null() {
                given.removed.push(key);
                continue;
            }
            let text = text_of(field, value)?;
            if field.secret {
                given.secrets.insert(key, ChannelSecret::new(text));
            } else {
                given.settings.insert(key, text);
            }
        }
        Ok(given)
    }

    /// Whether everything is there that a channel of this kind needs, beside what need not be entered.
    pub(super) fn complete(&self, spec: &Spec, not_needed: &[&str]) -> Result<(), ApiError> {
        let missing = spec.fields.iter().filter(|field| {
            field.required
                && !field.generated
                && !not_needed.contains(&field.key)
                && !self.settings.contains_key(field.key)
                && !self.secrets.contains_key(field.key)
        });
        let missing: Vec<(String, &str)> =
            missing.map(|field| (format!("settings.{}", field.key), field.help)).collect();
        if missing.is_empty() { Ok(()) } else { Err(ApiError::invalid(missing)) }
    }
}

fn wrong(key: &str, what: &str) -> ApiError {
    ApiError::field(format!("settings.{key}"), what)
}

/// The settings by whole keys, each once.
fn flat<'a>(spec: &Spec, settings: &'a BTreeMap<String, Value>) -> Result<BTreeMap<String, &'a Value>, ApiError> {
    let mut found = BTreeMap::new();
    for (key, value) in settings {
        if is_group(spec, key) {
            group(spec, key, value, &mut found)?;
        } else {
            once(&mut found, key, value)?;
        }
    }
    Ok(found)
}

/// Whether a key is the beginning of others.
fn is_group(spec: &Spec, key: &str) -> bool {
    spec.fields.iter().any(|field| field.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

fn group<'a>(
    spec: &Spec,
    key: &str,
    value: &'a Value,
    found: &mut BTreeMap<String, &'a Value>,
) -> Result<(), ApiError> {
    match value {
        Value::Object(members) => members_of(spec, key, members, found),
        Value::Null => {
            let prefix = format!("{key}.");
            let mut fields = spec.fields.iter().filter(|field| field.key.starts_with(&prefix));
            fields.try_for_each(|field| once(found, field.key, value))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(wrong(key, "expected an object, or keys with a dot"))
        }
    }
}

fn members_of<'a>(
    spec: &Spec,
    key: &str,
    members: &'a Map<String, Value>,
    found: &mut BTreeMap<String, &'a Value>,
) -> Result<(), ApiError> {
    for (name, value) in members {
        let whole = format!("{key}.{name}");
        if is_group(spec, &whole) {
            group(spec, &whole, value, found)?;
        } else {
            once(found, &whole, value)?;
        }
    }
    Ok(())
}

fn once<'a>(found: &mut BTreeMap<String, &'a Value>, key: &str, value: &'a Value) -> Result<(), ApiError> {
    match found.insert(key.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(wrong(key, "given twice")),
    }
}

fn text_of(field: &Field, value: &Value) -> Result<String, ApiError> {
    let wrong = |what: &str| wrong(field.key, what);
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(on) => word_of(field, *on).ok_or_else(|| wrong("expected a text"))?.to_owned(),
        Value::Array(entries) if field.kind == FieldKind::List => {
            let lines: Option<Vec<&str>> = entries.iter().map(Value::as_str).collect();
            lines.ok_or_else(|| wrong("expected a list of texts"))?.join("\n")
        }
        Value::Array(_) | Value::Object(_) | Value::Null => return Err(wrong("expected a text")),
    };
    let url = field.kind == FieldKind::Url;
    if text.is_empty() && field.required {
        return Err(wrong("must not be empty"));
    }
    if url && !text.is_empty() && !(text.starts_with("https://") || text.starts_with("http://")) {
        return Err(wrong("expected an absolute http(s) URL"));
    }
    if text.len() > 10_000 || text.contains('\0') {
        return Err(wrong("at most 10,000 bytes, without NUL"));
    }
    Ok(text)
}

/// The words that say no.
const NO: [&str; 2] = ["no", "none"];

/// What yes or no is among a choice's words: `no` or `none`; `yes`, else the first that says anything but no.
fn word_of(field: &Field, on: bool) -> Option<&'static str> {
    let choices = field.choices.iter().copied();
    let mut no = choices.clone().filter(|word| NO.contains(word));
    match (no.next(), on) {
        (None, _) => None,
        (no, false) => no,
        (Some(_), true) => {
            choices.clone().find(|word| *word == "yes").or_else(|| choices.clone().find(|word| !NO.contains(word)))
        }
    }
}

#[cfg(test)]
mod tests {
    use connect::Limits;
    use serde_json::json;

    use super::*;

    const FIELD: Field = Field {
        key: "name",
        label: "",
        help: "",
        kind: FieldKind::Text,
        secret: false,
        required: false,
        generated: false,
        shown_once: false,
        brought: false,
        choices: &[],
    };
    static FIELDS: [Field; 6] = [
        FIELD,
        Field { key: "loft.host", required: true, ..FIELD },
        Field { key: "loft.port", ..FIELD },
        Field { key: "loft.lock", kind: FieldKind::Choice, choices: &["bolt", "chain", "none"], ..FIELD },
        Field { key: "loft.key", secret: true, ..FIELD },
        Field { key: "rings", kind: FieldKind::Choice, choices: &["no", "yes"], ..FIELD },
    ];
    static SPEC: Spec = Spec {
        kind: "pigeon",
        label: "",
        help: "",
        endpoint: None,
        base_url: "",
        fields: &FIELDS,
        account_key: None,
        entered: connect::Entered::NOTHING,
        limits: Limits::NONE,
        capabilities: &[],
        data_received: "",
        processor: "",
        region: "",
    };

    fn read(settings: Value) -> Result<Given, String> {
        let settings: BTreeMap<String, Value> = serde_json::from_value(settings).unwrap();
        Given::read(&SPEC, &settings).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn an_object_stands_for_keys_with_a_dot() {
        let nested = json!({ "host": " roof ", "port": 993, "lock": true, "key": "s3cret" });
        for given in [
            json!({ "name": "Loft", "rings": false, "loft": nested }),
            json!({ "name": "Loft", "rings": "no", "loft.host": "roof", "loft.port": "993", "loft.lock": "bolt", "loft.key": "s3cret" }),
        ] {
            let given = read(given).unwrap();
            let settings: Vec<_> = given.settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let expected =
                [("loft.host", "roof"), ("loft.lock", "bolt"), ("loft.port", "993"), ("name", "Loft"), ("rings", "no")];
            assert_eq!(settings, expected);
            assert_eq!(given.secrets["loft.key"].expose(), "s3cret");
            assert!(given.complete(&SPEC, &[]).is_ok() && given.removed.is_empty());
        }
    }

    #[test]
    fn null_takes_one_or_all_of_a_group_away() {
        assert_eq!(read(json!({ "name": null, "loft": { "key": null } })).unwrap().removed, ["loft.key", "name"]);
        let all = read(json!({ "loft": null })).unwrap().removed;
        assert_eq!(all, ["loft.host", "loft.key", "loft.lock", "loft.port"]);
        assert!(read(json!({ "loft": {} })).unwrap().settings.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_whole_key() {
        for (given, named) in [
            (json!({ "loft": { "hots": "x" } }), "settings.loft.hots"),
            (json!({ "loft": { "host": {} } }), "settings.loft.host"),
            (json!({ "loft": { "host": "" } }), "settings.loft.host"),
            (json!({ "loft": { "host": true } }), "settings.loft.host"),
            (json!({ "loft": { "key": { "deep": 1 } } }), "settings.loft.key"),
            (json!({ "loft": "x" }), "settings.loft"),
            (json!({ "loft": { "port": 1 }, "loft.port": 2 }), "settings.loft.port"),
            (json!({ "nest": { "host": "x" } }), "settings.nest"),
        ] {
            let error = read(given.clone()).err().unwrap_or_default();
            assert!(error.contains(&format!("\"{named}\"")), "{given}: {error}");
        }
        let missing = read(json!({ "name": "x" })).unwrap().complete(&SPEC, &[]).err();
        assert!(format!("{missing:?}").contains("settings.loft.host"));
        assert!(
            read(json!({ "name": "x" })).unwrap().complete(&SPEC, &["loft.host"]).is_ok(),
            "it comes from elsewhere"
        );
    }

    #[test]
    fn yes_and_no_are_words_of_the_choice() {
        for (given, lock, rings) in [(true, "bolt", "yes"), (false, "none", "no")] {
            let given = read(json!({ "loft": { "lock": given }, "rings": given })).unwrap();
            assert_eq!((given.settings["loft.lock"].as_str(), given.settings["rings"].as_str()), (lock, rings));
        }
    }
}
