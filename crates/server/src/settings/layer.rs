//! The layers in which settings are given: defaults, file, environment, command line. Each is checked whole.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, KEYS, Raw, Value};
use super::mistake::{Mistake, Place};

/// Variables under our prefix that are no settings.
const NOT_SETTINGS: &[&str] = &["PARLOIR_CONFIG", super::root_key::VARIABLE, super::root_key::NEXT_VARIABLE];
/// What Kubernetes sets by itself for a service of that name, and what the repository's own scripts and tests read.
const NOT_OURS: &[&str] = &["PARLOIR_SERVICE_", "PARLOIR_PORT", "PARLOIR_DEV_"];

/// The value of each key, with the place that had the last word; and everything that is wrong in any layer.
#[derive(Default)]
pub(super) struct Layers {
    values: BTreeMap<String, (Value, Place)>,
    pub(super) mistakes: Vec<Mistake>,
}

impl Layers {
    /// Lays a TOML text over what is there.
    pub(super) fn file(&mut self, name: &str, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let at = |span: Range<usize>| place(name, text, span.start);
        for error in &errors {
            let place = error.span().map_or_else(|| Place::WholeFile(name.to_owned()), at);
            self.mistakes.push(Mistake {
                place,
                key: String::new(),
                what: format!("this is no TOML: {}", error.message()),
            });
        }
        for (key, value) in table.get_ref() {
            let name = key.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Table(section) if keys::is_section(name) => self.section(name, section, &at),
                DeValue::Table(_) => {
                    let what = "there is no such section; the sections are listed in the default settings (docs)";
                    self.mistake(at(key.span()), name, what.to_owned());
                }
                _ if keys::is_section(name) => {
                    self.mistake(at(key.span()), name, format!("is a section; write [{name}] and its keys below"));
                }
                _ => self.toml(name.to_owned(), key, value, &at),
            }
        }
    }

    /// Lays `PARLOIR_*` over what is there. An empty variable is as good as none.
    pub(super) fn environment(&mut self, variables: &BTreeMap<String, OsString>) {
        for (name, value) in variables {
            if NOT_SETTINGS.contains(&name.as_str()) || NOT_OURS.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            let place = Place::Variable(name.clone());
            match (key_of(name), value.to_str()) {
                (_, Some("")) => {}
                (None, _) => {
                    let what = "there is no such setting; variables are written PARLOIR_SECTION_KEY".to_owned();
                    self.mistake(place, "", format!("{what}{}", nearest(name)));
                }
                (Some(key), None) => self.mistake(place, &key, "is no readable text (UTF-8)".to_owned()),
                (Some(key), Some(text)) => self.text(place, key, text),
            }
        }
    }

    /// Lays one flag over what is there.
    pub(super) fn flag(&mut self, flag: &'static str, key: &str, value: Option<&str>) {
        if let Some(text) = value {
            self.text(Place::Flag(flag), key.to_owned(), text);
        }
    }

    /// Adds a mistake.
    pub(super) fn mistake(&mut self, place: Place, key: &str, what: String) {
        self.mistakes.push(Mistake { place, key: key.to_owned(), what });
    }

    /// The place that had the last word on a key.
    pub(super) fn place(&self, key: &str) -> Option<&Place> {
        self.values.get(key).map(|(_, place)| place)
    }

    pub(super) fn text_of(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some((Value::Text(text), _)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self, key: &str) -> i64 {
        match self.values.get(key) {
            Some((Value::Whole(number), _)) => *number,
            _ => 0,
        }
    }

    pub(super) fn list(&self, key: &str) -> Vec<String> {
        match self.values.get(key) {
            Some((Value::List(items), _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// The keys of an open section, without its name.
    pub(super) fn open_section(&self, section: &str) -> BTreeMap<String, String> {
        let inside = self.values.iter().filter_map(|(key, (value, _))| match value {
            Value::Text(text) => Some((key.strip_prefix(section)?.strip_prefix('.')?, text)),
            _ => None,
        });
        inside.map(|(key, text)| (key.to_owned(), text.clone())).collect()
    }

    fn section(&mut self, section: &str, table: &DeTable<'_>, at: &impl Fn(Range<usize>) -> Place) {
        for (key, value) in table {
            self.toml(format!("{section}.{}", key.get_ref()), key, value, at);
        }
    }

    fn toml<K>(
        &mut self,
        name: String,
        key: &Spanned<K>,
        value: &Spanned<DeValue<'_>>,
        at: &impl Fn(Range<usize>) -> Place,
    ) {
        match keys::kind_of(&name) {
            Err(what) => self.mistake(at(key.span()), &name, what),
            Ok(kind) => self.set(at(value.span()), name, keys::check(kind, &raw(value.get_ref()))),
        }
    }

    fn text(&mut self, place: Place, key: String, text: &str) {
        let checked = keys::kind_of(&key).and_then(|kind| keys::check(kind, &keys::from_text(kind, text)));
        self.set(place, key, checked);
    }

    fn set(&mut self, place: Place, key: String, checked: Result<Value, String>) {
        match checked {
            Ok(value) => drop(self.values.insert(key, (value, place))),
            Err(what) => self.mistake(place, &key, what),
        }
    }
}

/// The variable of a key: `log.level` is PARLOIR_LOG_LEVEL.
fn variable_of(key: &str) -> String {
    format!("PARLOIR_{}", key.replace('.', "_").to_ascii_uppercase())
}

fn key_of(variable: &str) -> Option<String> {
    if let Some(provider) = variable.strip_prefix("PARLOIR_ENDPOINTS_") {
        return Some(format!("{}.{}", keys::ENDPOINTS, provider.to_ascii_lowercase()));
    }
    if let Some(setting) = variable.strip_prefix("PARLOIR_APPS_") {
        return Some(format!("{}.{}", keys::APPS, setting.to_ascii_lowercase()));
    }
    KEYS.iter().map(|(key, _)| *key).find(|key| variable_of(key) == variable).map(str::to_owned)
}

fn nearest(variable: &str) -> String {
    let key = variable.trim_start_matches("PARLOIR_").to_ascii_lowercase();
    let same = |known: &&str| known.replace(['.', '_'], "") == key.replace('_', "");
    let known = KEYS.iter().map(|(key, _)| *key).find(same);
    known.map(|key| format!("; did you mean {}?", variable_of(key))).unwrap_or_default()
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.clone().into_owned()),
        DeValue::Integer(number) => Raw::Whole(i64::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::Array(items) => Raw::List(items.iter().map(|item| raw(item.get_ref())).collect()),
        DeValue::Float(_) => Raw::Other("a number with a fraction"),
        DeValue::Boolean(_) => Raw::Other("true or false"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a section"),
    }
}

fn place(name: &str, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Place::File { name: name.to_owned(), line, column }
}
