//! The words with which people refuse messages, and ask for them again.
//!
//! A word counts only if it is all that was written: "stop" is a wish, "stop by at five" is not. The words at which carriers
//! block by themselves are always heard; those of other languages as the channel is set.

use crate::{Account, Spec};

/// What somebody wishes with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
}

/// The languages whose words are known here, beside the carriers' own, as they are set; all of them if none is.
pub const LANGUAGES: [&str; 5] = ["en", "it", "es", "de", "fr"];

/// At these carriers stop by themselves (Twilio's and Telnyx's lists for long numbers, together).
const CARRIERS_STOP: &[&str] =
    &["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"];
/// At these they go on.
const CARRIERS_START: &[&str] = &["start", "unstop"];

/// Language, words that stop, words that start again.
const BY_LANGUAGE: [(&str, &[&str], &[&str]); 5] = [
    ("en", &["opt-out", "remove me", "no more messages"], &["opt in", "opt-in", "optin", "subscribe"]),
    (
        "it",
        &["disiscrivi", "disiscrivimi", "cancellami", "annulla iscrizione", "revoca", "revoco", "ferma", "no sms"],
        &["iscrivimi", "riattiva", "inizia"],
    ),
    (
        "es",
        &["baja", "darme de baja", "cancelar suscripción", "cancelar suscripcion", "parar", "alto", "no sms"],
        &["alta", "suscribirme", "reanudar", "iniciar"],
    ),
    (
        "de",
        &["stopp", "abmelden", "abbestellen", "austragen", "widerruf", "keine sms"],
        &["anmelden", "eintragen", "starten"],
    ),
    (
        "fr",
        &[
            "arrêt",
            "arret",
            "arrêter",
            "arreter",
            "désabonner",
            "desabonner",
            "désinscrire",
            "desinscrire",
            "pas de sms",
        ],
        &["réabonner", "reabonner", "inscrire", "démarrer", "demarrer"],
    ),
];

/// The words that a channel listens to.
pub struct Words<'a> {
    languages: Vec<&'a str>,
    stop: Vec<String>,
    start: Vec<String>,
}

impl<'a> Words<'a> {
    /// As the settings `languages`, `stop_words` and `start_words` say.
    pub fn of(account: &'a Account) -> Self {
        let own = |key| account.list(key).map(plain).filter(|word| !word.is_empty()).collect();
        Self { languages: account.list("languages").collect(), stop: own("stop_words"), start: own("start_words") }
    }

    /// What somebody wishes who wrote this, and nothing else.
    pub fn wish(&self, text: &str) -> Option<Wish> {
        // No word is so long: a long text need not be looked at.
        if text.len() > 200 {
            return None;
        }
        let said = plain(text);
        let is = |word: &&str| plain(word) == said;
        let heard = |(language, _, _): &&(&str, _, _)| self.languages.is_empty() || self.languages.contains(language);
        let languages = || BY_LANGUAGE.iter().filter(heard);
        if CARRIERS_STOP.iter().any(&is)
            || self.stop.contains(&said)
            || languages().any(|(_, stop, _)| stop.iter().any(&is))
        {
            return Some(Wish::Stop);
        }
        let starts = CARRIERS_START.iter().any(&is)
            || self.start.contains(&said)
            || languages().any(|(_, _, start)| start.iter().any(&is));
        starts.then_some(Wish::Start)
    }
}

/// Of the words at which carriers stop, and of the languages', those that may answer a question as well.
const MAY_ANSWER: &[&str] =
    &["cancel", "end", "quit", "revoke", "remove me", "ferma", "parar", "alto", "baja", "revoco", "austragen"];
/// The setting in which a channel has opt-out words of its own.
const OWN: &str = "stop_words";

/// Whether a kind of channel hears opt-out words by itself.
pub fn hears(spec: &Spec) -> bool {
    spec.fields.iter().any(|field| field.key == OWN)
}

/// Whether somebody who wrote this and nothing else wants no more advertising, on a channel that does not hear such words by itself:
/// a word of any language, with or without the stroke of a command, that answers no question.
pub fn refuses(text: &str) -> bool {
    let all = Account::default();
    Words::of(&all).wish(text) == Some(Wish::Stop) && !MAY_ANSWER.contains(&plain(text).as_str())
}

/// Small letters, single spaces, and nothing before or after.
fn plain(text: &str) -> String {
    let inside = text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    inside.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(settings: &[(&str, &str)]) -> Account {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Account { settings, ..Account::default() }
    }

    #[test]
    fn a_word_alone_is_a_wish() {
        let all = account(&[]);
        for word in [
            "STOP",
            " stop. ",
            "Stop!",
            "StopAll",
            "STOP  ALL",
            "Disiscrivimi",
            "BAJA",
            "Abmelden",
            "ARRÊT",
            "\"Stop\"",
        ] {
            assert_eq!(Words::of(&all).wish(word), Some(Wish::Stop), "{word}");
        }
        for word in ["start", "UNSTOP", "Riattiva", "alta", "Anmelden", "Réabonner"] {
            assert_eq!(Words::of(&all).wish(word), Some(Wish::Start), "{word}");
        }
        for none in ["", "stop by at five", "yes", "sì", "don't stop", "fine", "ok", "non fermarti"] {
            assert_eq!(Words::of(&all).wish(none), None, "{none}");
        }
    }

    #[test]
    fn the_channel_says_which_languages_and_words_it_hears() {
        let german = account(&[("languages", "de"), ("stop_words", "Ruhe bitte\n"), ("start_words", "weiter")]);
        let wish = |text| Words::of(&german).wish(text);
        assert_eq!(wish("abmelden"), Some(Wish::Stop));
        assert_eq!(wish("baja"), None, "Spanish is not set");
        assert_eq!(wish("STOP"), Some(Wish::Stop), "carriers stop at it whatever is set");
        assert_eq!(wish("ruhe bitte!"), Some(Wish::Stop));
        assert_eq!(wish("Weiter"), Some(Wish::Start));
    }

    #[test]
    fn no_word_says_both() {
        for language in LANGUAGES {
            let found = BY_LANGUAGE.iter().find(|(known, _, _)| *known == language).expect("its words");
            assert!(!found.1.is_empty() && !found.2.is_empty(), "{language}");
        }
        let starts = BY_LANGUAGE.iter().flat_map(|(_, _, start)| start.iter());
        for word in starts.chain(CARRIERS_START) {
            assert_eq!(Words::of(&account(&[])).wish(word), Some(Wish::Start), "{word}");
        }
    }

    #[test]
    fn a_word_that_may_answer_a_question_ends_no_advertising() {
        for word in ["STOP", "/stop", " Unsubscribe! ", "disiscrivimi", "darme de baja", "Abmelden", "arrêt"] {
            assert!(refuses(word), "{word}");
        }
        for other in ["cancel", "END", "quit", "stop by at five", "start", "", "/stopp it"] {
            assert!(!refuses(other), "{other}");
        }
        for word in MAY_ANSWER {
            assert_eq!(Words::of(&account(&[])).wish(word), Some(Wish::Stop), "{word} is no word at all");
        }
        let hearing = |kind| crate::channels::by_kind(kind).is_some_and(|found| hears(found.spec()));
        assert!(["sms_twilio", "whatsapp_twilio", "sms_telnyx"].into_iter().all(hearing));
        assert!(!["telegram", "email", "api"].into_iter().any(hearing));
    }

    proptest! {
        #[test]
        fn any_text_is_a_wish_or_not(text in any::<String>()) {
            let account = account(&[]);
            Words::of(&account).wish(&text);
        }
    }
}
