//! What the small pages say, in the languages of the app: a file for each, a line for each text.

use http::{HeaderMap, header};

/// The languages, each with its texts. The first is spoken where nobody asks for another.
pub(crate) const LANGUAGES: [Words; 4] = [
    Words { language: "en", texts: include_str!("en.txt") },
    Words { language: "it", texts: include_str!("it.txt") },
    Words { language: "es", texts: include_str!("es.txt") },
    Words { language: "de", texts: include_str!("de.txt") },
];
/// No more wishes than this are looked at in one header.
const WISHES: usize = 50;

/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// Its tag (BCP 47).
    pub(crate) language: &'static str,
    texts: &'static str,
}

impl Words {
    /// In the language that is known to be somebody's, else in the first that their browser asks for (RFC 9110, section 12.5.4).
    pub(crate) fn spoken(known: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        known.and_then(Self::of).or_else(|| wishes(asked).into_iter().find_map(Self::of)).unwrap_or(LANGUAGES[0])
    }

    /// In the language of a tag, if it is one of ours.
    fn of(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        LANGUAGES.into_iter().find(|words| words.language.eq_ignore_ascii_case(language))
    }

    /// The text of a name that is put together, if there is one.
    pub(crate) fn find(self, name: &str) -> Option<&'static str> {
        let text = |words: Self| words.texts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        text(self).or_else(|| text(LANGUAGES[0]))
    }

    /// The text of a name. What has no translation is said as it is named.
    pub(crate) fn say(self, name: &'static str) -> &'static str {
        self.find(name).unwrap_or(name)
    }
}

/// The languages that a browser asks for, the dearest first. What has the weight 0 is not wanted.
fn wishes(header: &str) -> Vec<&str> {
    let wish = |wish: &'_ str| {
        let weight = wish.split(';').skip(1).find_map(|param| param.trim().strip_prefix("q="));
        weight.map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0))
    };
    let mut wishes: Vec<(&str, f32)> = header.split(',').take(WISHES).map(|one| (one, wish(one))).collect();
    wishes.retain(|(_, weight)| *weight > 0.0);
    wishes.sort_by(|left, right| right.1.total_cmp(&left.1));
    wishes.into_iter().map(|(wish, _)| wish.split(';').next().unwrap_or_default().trim()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn spoken(known: Option<&str>, asked: &str) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, asked.parse().unwrap());
        Words::spoken(known, &headers).language
    }

    #[test]
    fn the_language_is_the_contacts_or_what_the_browser_asks_for() {
        assert_eq!(spoken(Some("it-IT"), "de"), "it");
        assert_eq!(spoken(Some("fr"), "de-AT,en;q=0.5"), "de");
        assert_eq!(spoken(None, "fr-FR, en;q=0.3, es;q=0.8"), "es");
        assert_eq!(spoken(None, "de;q=0, it;q=0.1"), "it");
        assert_eq!(spoken(None, "de;q=x, ES_es"), "es");
        for none in ["", "fr", "*", ",,;q=,;", "q=1"] {
            assert_eq!(spoken(None, none), "en", "{none}");
        }
        assert_eq!(Words::spoken(None, &HeaderMap::new()).language, "en");
    }

    #[test]
    fn every_language_says_everything_and_nothing_of_markup() {
        let names = |words: &Words| {
            let lines = words.texts.lines().map(|line| line.split_once(" = ").expect(line));
            lines.inspect(|(_, text)| assert!(!text.trim().is_empty() && !text.contains(['<', '>', '&'])))
        };
        // English says what is kept as the data map does.
        let own = |words: &Words| {
            names(words).map(|(name, _)| name).filter(|name| name.contains('.')).collect::<BTreeSet<_>>()
        };
        let english = own(&LANGUAGES[0]);
        assert_eq!(english.len(), LANGUAGES[0].texts.lines().count());
        let kept = |words: &Words| {
            names(words).map(|(name, _)| name).filter(|name| !english.contains(name)).collect::<BTreeSet<_>>()
        };
        for words in &LANGUAGES[1..] {
            assert!(english.is_subset(&names(words).map(|(name, _)| name).collect()), "{}", words.language);
            assert_eq!(kept(words), kept(&LANGUAGES[1]), "{}", words.language);
        }
        assert!(kept(&LANGUAGES[1]).contains("consent records"));
        assert_eq!(Words::of("de").expect("German").say("consent records"), "Nachweise von Einwilligungen");
        assert_eq!(LANGUAGES[0].say("consent records"), "consent records");
        assert_eq!(LANGUAGES[1].say("no such text"), "no such text");
    }
}
