//! What a workspace says about a website: its addresses, its own words for the banner, and what is set there and by whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The languages in which consent is asked for.
pub const LANGUAGES: [&str; 4] = ["en", "it", "es", "de"];
/// Longest life of an identifier in a browser, in days: thirteen months.
pub const LONGEST_DAYS: u32 = 395;
/// How many addresses a site has at most.
const ORIGINS: usize = 20;
/// How many things it sets at most.
const COOKIES: usize = 200;

/// What something is set for. Only `Necessary` is not asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the promise's words (WB-1)")]
pub enum Category {
    Necessary,
    Functional,
    Analytics,
    Marketing,
    Profiling,
}

/// Words by language; at least one language is there.
pub type Said = BTreeMap<String, String>;

/// Something that a site keeps in browsers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Cookie {
    pub category: Category,
    /// Its name there. A `*` at the end stands for anything.
    pub name: String,
    /// Who sets and reads it.
    pub provider: String,
    pub purpose: Said,
    /// For how many days; `None`: until the browser is closed.
    pub days: Option<u32>,
}

/// A website as a workspace describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct SiteSettings {
    pub name: String,
    /// From which pages consent may be asked for: scheme, host, and port if it is not the usual one.
    pub origins: Vec<String>,
    /// Where the site's privacy notice is.
    pub privacy_url: Option<String>,
    /// Whether visits are counted here, by consent.
    pub analytics: bool,
    /// What the banner says in place of the program's own words, by language.
    pub text: Said,
    pub cookies: Vec<Cookie>,
}

impl Category {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Necessary, Self::Functional, Self::Analytics, Self::Marketing, Self::Profiling];

    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Necessary => "necessary",
            Self::Functional => "functional",
            Self::Analytics => "analytics",
            Self::Marketing => "marketing",
            Self::Profiling => "profiling",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }
}

impl SiteSettings {
    /// The same, trimmed and looked through.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming what cannot be and why.
    pub fn checked(mut self) -> Result<Self> {
        self.name = line("name", &self.name, 60)?;
        if self.origins.is_empty() || self.origins.len() > ORIGINS {
            return Err(Error::Invalid("origins: 1 to 20 addresses".into()));
        }
        self.origins = self.origins.iter().map(|origin| checked_origin(origin)).collect::<Result<_>>()?;
        if let Some(url) = &self.privacy_url {
            self.privacy_url = Some(checked_url(url)?);
        }
        self.text = checked_words("text", &self.text, 1_000)?;
        if self.cookies.len() > COOKIES {
            return Err(Error::Invalid("cookies: at most 200".into()));
        }
        self.cookies = self.cookies.into_iter().map(Cookie::checked).collect::<Result<_>>()?;
        Ok(self)
    }

    /// Whether a page of that origin may ask.
    pub fn allows(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        self.origins.contains(&origin)
    }
}

impl Cookie {
    fn checked(self) -> Result<Self> {
        if self.days.is_some_and(|days| days == 0 || days > LONGEST_DAYS) {
            return Err(Error::Invalid(format!("cookies.days: 1 to {LONGEST_DAYS}, thirteen months at most")));
        }
        let purpose = checked_words("cookies.purpose", &self.purpose, 300)?;
        if purpose.is_empty() {
            return Err(Error::Invalid("cookies.purpose: say it in one language at least".into()));
        }
        let name = line("cookies.name", &self.name, 100)?;
        Ok(Self { name, provider: line("cookies.provider", &self.provider, 100)?, purpose, ..self })
    }
}

fn line(field: &str, text: &str, longest: usize) -> Result<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().count() > longest || trimmed.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("{field}: one line of 1 to {longest} characters")));
    }
    Ok(trimmed.to_owned())
}

fn checked_words(field: &str, said: &Said, longest: usize) -> Result<Said> {
    let mut kept = Said::new();
    for (language, words) in said.iter().filter(|(_, words)| !words.trim().is_empty()) {
        if !LANGUAGES.contains(&language.as_str()) {
            return Err(Error::Invalid(format!("{field}: these languages are known: {}", LANGUAGES.join(", "))));
        }
        if words.chars().count() > longest {
            return Err(Error::Invalid(format!("{field}: at most {longest} characters")));
        }
        kept.insert(language.clone(), words.trim().to_owned());
    }
    Ok(kept)
}

/// As browsers write it (RFC 6454): nothing after the port, and the usual ports left out.
fn checked_origin(text: &str) -> Result<String> {
    let wrong = || Error::Invalid("origins: each is like https://www.example.com, without a path".into());
    let origin = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let (scheme, rest) = origin.split_once("://").ok_or_else(wrong)?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse::<u16>().is_ok_and(|port| port > 0)),
        _ => (rest, true),
    };
    let letters = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'[' | b']' | b':'));
    let labels = !host.is_empty() && host.split('.').all(|label| !label.is_empty());
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let is_origin = matches!(scheme, "https" | "http") && port && letters && labels && origin.len() <= 260;
    if is_origin { Ok(origin.strip_suffix(usual).unwrap_or(&origin).to_owned()) } else { Err(wrong()) }
}

fn checked_url(text: &str) -> Result<String> {
    let url = text.trim();
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !is_web || url.len() > 500 || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::Invalid("privacy_url: an address of the web, at most 500 characters".into()));
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, expected) in [
            ("https://Shop.Example", Some("https://shop.example")),
            (" https://shop.example:443/ ", Some("https://shop.example")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("https://[::1]:8443", Some("https://[::1]:8443")),
            ("https://shop.example/path", None),
            ("https://user@shop.example", None),
            ("https://*.shop.example", None),
            ("ftp://shop.example", None),
            ("https://shop..example", None),
            ("https://shop.example:0", None),
            ("shop.example", None),
            ("", None),
        ] {
            assert_eq!(checked_origin(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_declared_that_outlives_thirteen_months() {
        let cookie = |days| Cookie {
            category: Category::Marketing,
            name: "_ad".into(),
            provider: "Ads Ltd".into(),
            purpose: [("en".into(), "Advertising".into())].into(),
            days,
        };
        for (days, is_taken) in [(None, true), (Some(1), true), (Some(395), true), (Some(396), false), (Some(0), false)]
        {
            assert_eq!(cookie(days).checked().is_ok(), is_taken, "{days:?}");
        }
        assert!(Cookie { purpose: Said::new(), ..cookie(None) }.checked().is_err(), "it must be said what for");
        assert!(Cookie { purpose: [("fr".into(), "x".into())].into(), ..cookie(None) }.checked().is_err());
    }
}
