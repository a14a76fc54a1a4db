//! Stems: `Rechnungen` is found by `Rechnung`. Each language has its own rules, so a stem carries its language.

use std::collections::HashMap;
use std::sync::LazyLock;

use tantivy::tokenizer::{AsciiFoldingFilter, Language as Algorithm, RawTokenizer, Stemmer, TextAnalyzer};

use super::words::{Word, through};

/// A language with stems, by its code in BCP 47.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Language(&'static str);

/// Code, rules, script (by one of its letters), and its commonest words, which tell it from the others of its script.
const LANGUAGES: [(&str, Algorithm, char, &str); 18] = [
    ("ar", Algorithm::Arabic, 'ا', ""),
    ("da", Algorithm::Danish, 'a', "jeg ikke det er og på med til af har hvad kan min den en et"),
    (
        "de",
        Algorithm::German,
        'a',
        "der die das und ich ist nicht ein eine zu mit auf für sie wir bitte den dem von bei aus",
    ),
    ("el", Algorithm::Greek, 'α', ""),
    (
        "en",
        Algorithm::English,
        'a',
        "the and to of is you that it for my your with this have please are was we can not i",
    ),
    ("es", Algorithm::Spanish, 'a', "el los las y es una por con para mi que no de se su lo está pero como un"),
    ("fi", Algorithm::Finnish, 'a', "ja on ei että se minun olen mutta kun kanssa hyvä voi mikä"),
    (
        "fr",
        Algorithm::French,
        'a',
        "le les des et est une pour avec dans je vous nous que pas de du la un au ce mon votre",
    ),
    ("hu", Algorithm::Hungarian, 'a', "és hogy nem egy az van meg csak kérem vagyok ez"),
    ("it", Algorithm::Italian, 'a', "il gli che di è una per con mi sono non del della le la un ho nel anche grazie"),
    ("nl", Algorithm::Dutch, 'a', "de het een en van ik is niet dat met voor op zijn mijn aan graag"),
    ("no", Algorithm::Norwegian, 'a', "jeg ikke det er og på med til av har hva kan min den en et"),
    ("pt", Algorithm::Portuguese, 'a', "o os as e é uma por com para meu minha que não de se um do da em você"),
    ("ro", Algorithm::Romanian, 'a', "și este nu un o pentru cu în care mai din sunt vă la"),
    ("ru", Algorithm::Russian, 'а', ""),
    ("sv", Algorithm::Swedish, 'a', "jag inte det är och på med till av har vad kan min den en ett för"),
    ("ta", Algorithm::Tamil, 'அ', ""),
    ("tr", Algorithm::Turkish, 'a', "ve bir bu için ile ne değil çok var mı ben merhaba"),
];

/// The places in the table of the languages that have a word among their commonest.
static COMMON: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut common: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, (_, _, _, words)) in LANGUAGES.iter().enumerate() {
        words.split_whitespace().for_each(|word| common.entry(word).or_default().push(index));
    }
    common
});

/// Between a stem and its language in the index; no word contains it.
const BETWEEN: char = '\u{1}';

/// Makes stems. Its parts are made when they are first needed.
#[derive(Default)]
pub(super) struct Stems(HashMap<Language, TextAnalyzer>);

impl Stems {
    /// The stem of a word as the index knows it.
    pub(super) fn stem(&mut self, language: Language, lower: &str) -> String {
        let analyzer = self.0.entry(language).or_insert_with(|| {
            let stemmer = Stemmer::new(language.algorithm());
            TextAnalyzer::builder(RawTokenizer::default()).filter(stemmer).filter(AsciiFoldingFilter).build()
        });
        format!("{}{BETWEEN}{}", language.0, through(analyzer, lower))
    }

    /// The stems a word has in each language of its script.
    pub(super) fn all(&mut self, lower: &str) -> Vec<String> {
        let Some(script) = lower.chars().find_map(script) else { return Vec::new() };
        let languages = LANGUAGES.iter().filter(|(_, _, letter, _)| *letter == script);
        languages.map(|(code, ..)| self.stem(Language(code), lower)).collect()
    }
}

impl Language {
    /// By a tag such as `pt-BR`, if there are stems for it.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        let primary = if primary == "nb" || primary == "nn" { "no" } else { &primary };
        LANGUAGES.iter().find(|(code, ..)| *code == primary).map(|(code, ..)| Self(code))
    }

    /// By script and commonest words. A wrong guess costs a stem, never an exact word.
    pub(super) fn guess(words: &[Word]) -> Option<Self> {
        let script = words.iter().find_map(|word| word.lower.chars().find_map(script))?;
        let mut counts = [0_usize; LANGUAGES.len()];
        for index in words.iter().filter_map(|word| COMMON.get(word.lower.as_str())).flatten() {
            counts[*index] += 1;
        }
        let mut candidates: Vec<_> = LANGUAGES
            .iter()
            .zip(counts)
            .filter(|((_, _, letter, _), _)| *letter == script)
            .map(|((code, ..), count)| (count, *code))
            .collect();
        candidates.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        match candidates.as_slice() {
            [(_, only)] => Some(Self(only)),
            [(first, code), (second, _), ..] if first > second => Some(Self(code)),
            _ => None,
        }
    }

    fn algorithm(self) -> Algorithm {
        LANGUAGES.iter().find(|(code, ..)| *code == self.0).map_or(Algorithm::English, |(_, algorithm, ..)| *algorithm)
    }
}

/// The letter that stands for a letter's script in the table.
fn script(c: char) -> Option<char> {
    match c {
        'a'..='z' | '\u{00df}'..='\u{024f}' | '\u{1e00}'..='\u{1eff}' => Some('a'),
        '\u{0400}'..='\u{04ff}' => Some('а'),
        '\u{0370}'..='\u{03ff}' => Some('α'),
        '\u{0600}'..='\u{06ff}' => Some('ا'),
        '\u{0b80}'..='\u{0bff}' => Some('அ'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::{Language, Stems};

    #[test]
    fn languages_are_guessed_or_left_open() {
        for (text, expected) in [
            ("Ich habe die Rechnungen nicht bekommen", Some("de")),
            ("Where are my invoices, please?", Some("en")),
            ("Non ho ricevuto le fatture della settimana", Some("it")),
            ("Je ne trouve pas les factures dans mon compte", Some("fr")),
            ("¿Dónde están las facturas para mi cuenta?", Some("es")),
            ("Где мои счета?", Some("ru")),
            ("Rechnungen", None),
            ("12345", None),
        ] {
            assert_eq!(Language::guess(&words(text)), expected.map(Language), "{text}");
        }
    }

    #[test]
    fn tags_name_languages() {
        assert_eq!(Language::of_tag("pt-BR"), Some(Language("pt")));
        assert_eq!(Language::of_tag("nb_NO"), Some(Language("no")));
        assert_eq!(Language::of_tag("tlh"), None);
    }

    #[test]
    fn forms_of_a_word_share_their_stem() {
        let mut stems = Stems::default();
        for (tag, one, other) in [
            ("de", "rechnung", "rechnungen"),
            ("en", "invoice", "invoices"),
            ("it", "fattura", "fatture"),
            ("fr", "facture", "factures"),
            ("es", "facturas", "factura"),
            ("ru", "счета", "счет"),
        ] {
            let language = Language::of_tag(tag).expect(tag);
            assert_eq!(stems.stem(language, one), stems.stem(language, other), "{tag}");
            assert!(stems.all(one).contains(&stems.stem(language, other)), "{tag}");
        }
    }
}
