//! What a site shows, made from what is said about it: pure. The versions are hashes of it, so nobody can forget to count one up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vault::sites::{Banner, Category, Cookie, LANGUAGES, Said, SiteSettings};

use super::words::{self, Words};

/// Hexadecimal digits of a version.
const VERSION: usize = 32;

/// All that is shown, in all languages: what is kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    pub analytics: bool,
    pub privacy_url: Option<String>,
    pub languages: BTreeMap<String, Spoken>,
}

/// The same in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spoken {
    pub words: BTreeMap<String, String>,
    pub categories: Vec<Asked>,
}

/// A category and what is declared in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub key: Category,
    pub name: String,
    pub text: String,
    pub cookies: Vec<Declared>,
}

/// Something that is kept in browsers, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Declared {
    pub name: String,
    pub provider: String,
    pub purpose: String,
    pub duration: String,
}

/// What a site shows with these settings.
pub fn banner(settings: &SiteSettings) -> Banner {
    let languages = words::ALL.into_iter().map(|words| (words.language.to_owned(), spoken(settings, words)));
    let text = Text {
        analytics: settings.analytics,
        privacy_url: settings.privacy_url.clone(),
        languages: languages.collect(),
    };
    let text = serde_json::to_string(&text).unwrap_or_default();
    Banner { version: hash(&text), purposes: purposes(settings), text }
}

/// What is asked for: for what, and by whom. How long something lasts, and what it is called, may change without asking anew.
fn purposes(settings: &SiteSettings) -> String {
    let asked = settings.cookies.iter().filter(|cookie| cookie.category != Category::Necessary);
    let mut lines: BTreeSet<_> = asked
        .map(|Cookie { category, provider, purpose, .. }| {
            format!("{}\n{provider}\n{}", category.as_str(), serde_json::to_string(purpose).unwrap_or_default())
        })
        .collect();
    lines.extend(settings.analytics.then(|| "analytics".to_owned()));
    hash(&lines.into_iter().collect::<Vec<_>>().join("\n\n"))
}

fn hash(text: &str) -> String {
    let mut hash = hex::encode(Sha256::digest(text.as_bytes()));
    hash.truncate(VERSION);
    hash
}

fn spoken(settings: &SiteSettings, words: &Words) -> Spoken {
    let mut said: BTreeMap<_, _> =
        words.banner.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    if let Some(own) = settings.text.get(words.language) {
        said.insert("text".to_owned(), own.clone());
    }
    let named = Category::ALL.into_iter().zip(words.categories);
    let asked = named.map(|(key, (name, text))| Asked {
        key,
        name: name.to_owned(),
        text: text.to_owned(),
        cookies: declared(settings, words, key),
    });
    Spoken { words: said, categories: asked.filter(|asked| !asked.cookies.is_empty()).collect() }
}

/// What is kept in a category: the program's own first.
fn declared(settings: &SiteSettings, words: &Words, category: Category) -> Vec<Declared> {
    let own = |name: &str, purpose: &str, duration: &str| Declared {
        name: name.to_owned(),
        provider: settings.name.clone(),
        purpose: purpose.to_owned(),
        duration: duration.to_owned(),
    };
    let mut all = Vec::new();
    match category {
        Category::Necessary => all.push(own("parloir.consent:*", words.own.choice, words.own.choice_lasts)),
        Category::Analytics if settings.analytics => {
            all.push(own("parloir.visit:*", words.own.visit, words.duration.day));
        }
        Category::Functional | Category::Analytics | Category::Marketing | Category::Profiling => {}
    }
    let theirs = settings.cookies.iter().filter(|cookie| cookie.category == category);
    all.extend(theirs.map(|cookie| Declared {
        name: cookie.name.clone(),
        provider: cookie.provider.clone(),
        purpose: in_language(&cookie.purpose, words.language),
        duration: lasts(cookie.days, words),
    }));
    all
}

/// In that language, else in the first of ours in which it is said.
fn in_language(said: &Said, language: &str) -> String {
    let wished = [language].into_iter().chain(LANGUAGES).find_map(|language| said.get(language));
    wished.cloned().unwrap_or_default()
}

fn lasts(days: Option<u32>, words: &Words) -> String {
    match days {
        None => words.duration.session.to_owned(),
        Some(1) => words.duration.day.to_owned(),
        Some(days) => format!("{days} {}", words.duration.days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SiteSettings {
        let cookie = Cookie {
            category: Category::Marketing,
            name: "_ad".into(),
            provider: "Ads Ltd".into(),
            purpose: [("it".into(), "Pubblicità".into())].into(),
            days: Some(90),
        };
        SiteSettings {
            name: "Shop".into(),
            origins: vec!["https://shop.example".into()],
            privacy_url: None,
            analytics: true,
            text: [("de".into(), "Unsere Worte.".into())].into(),
            cookies: vec![cookie],
        }
    }

    #[test]
    fn every_language_says_everything() {
        let keys = |words: &Words| words.banner.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        for words in words::ALL {
            assert_eq!(keys(words), keys(words::ALL[0]), "{}", words.language);
            assert!(words.banner.iter().all(|(_, text)| !text.is_empty()));
        }
        assert_eq!(words::ALL.map(|words| words.language), LANGUAGES);
        assert_eq!(words::words("fr").language, "en");
    }

    #[test]
    fn what_is_shown_is_what_is_set() {
        let text: Text = serde_json::from_str(&banner(&settings()).text).unwrap();
        let keys =
            |language: &str| text.languages[language].categories.iter().map(|asked| asked.key).collect::<Vec<_>>();
        assert_eq!(keys("en"), [Category::Necessary, Category::Analytics, Category::Marketing]);
        let italian = &text.languages["it"].categories[2].cookies[0];
        assert_eq!((italian.purpose.as_str(), italian.duration.as_str()), ("Pubblicità", "90 giorni"));
        assert_eq!(text.languages["en"].categories[2].cookies[0].purpose, "Pubblicità", "in the language there is");
        assert_eq!(text.languages["de"].words["text"], "Unsere Worte.");
        assert_ne!(text.languages["de"].words["accept"], "Unsere Worte.");
    }

    #[test]
    fn it_is_asked_anew_when_purposes_change_and_not_when_words_do() {
        let before = banner(&settings());
        let changed = |change: fn(&mut SiteSettings)| {
            let mut settings = settings();
            change(&mut settings);
            let now = banner(&settings);
            (now.version != before.version, now.purposes != before.purposes)
        };
        assert_eq!(changed(|_| ()), (false, false));
        assert_eq!(changed(|it| it.text = Said::new()), (true, false));
        assert_eq!(changed(|it| it.cookies[0].days = None), (true, false));
        assert_eq!(changed(|it| it.origins.push("https://b.example".into())), (false, false));
        assert_eq!(changed(|it| it.cookies[0].provider = "Others Ltd".into()), (true, true));
        assert_eq!(changed(|it| it.cookies[0].category = Category::Profiling), (true, true));
        assert_eq!(changed(|it| it.analytics = false), (true, true));
        assert_eq!(changed(|it| it.cookies[0].category = Category::Necessary), (true, true));
    }
}
