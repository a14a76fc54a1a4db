//! What the page shows: forms and lines in the program's own words, the business's name, and what somebody wrote, escaped.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use vault::requests::status::Told;
use vault::requests::{Kind, Outcome};
use vault::{Millis, Personal};

use super::{Done, WORDS_MAX};
use crate::page::{self, LANGUAGES, Words, escaped};
use crate::views::time;

/// The kinds in the order in which they are offered.
const OFFERED: [Kind; 8] = [
    Kind::Access,
    Kind::Portability,
    Kind::Rectification,
    Kind::Erasure,
    Kind::Restriction,
    Kind::Objection,
    Kind::Withdrawal,
    Kind::HumanReview,
];

/// The page of a workspace in a language.
pub(super) struct Page {
    pub(super) words: Words,
    /// What the workspace is called.
    pub(super) business: String,
    /// Where the page is.
    pub(super) address: String,
}

/// What somebody has filled in.
#[derive(Default)]
pub(super) struct Written<'a> {
    pub(super) kind: Option<Kind>,
    pub(super) address: &'a str,
    pub(super) words: &'a str,
}

/// So much was asked that nothing more is taken for some seconds.
pub(super) fn too_many(words: Words, seconds: u64) -> Response {
    let said = ["request.many_title", "request.many_text"].map(|name| words.say(name));
    let mut page = page::shown(StatusCode::TOO_MANY_REQUESTS, words, &said);
    if let Ok(seconds) = HeaderValue::from_str(&seconds.to_string()) {
        page.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    page
}

impl Page {
    fn say(&self, name: &'static str) -> &'static str {
        self.words.say(name)
    }

    /// Where a step of the page is, in the language that is spoken.
    fn at(&self, step: &str) -> String {
        format!("{}{step}?lang={}", self.address, self.words.language)
    }

    fn of(&self) -> String {
        format!("{} <b>{}</b>", self.say("request.to"), escaped(&self.business))
    }

    fn wrong(&self, name: Option<&'static str>) -> String {
        name.map(|name| format!("<p role=\"status\">{}</p>", self.say(name))).unwrap_or_default()
    }

    /// What is asked, and from where somebody wrote.
    pub(super) fn form(&self, written: &Written<'_>, wrong: Option<&'static str>) -> Response {
        let options = OFFERED.iter().fold(String::new(), |mut options, kind| {
            let chosen = if written.kind == Some(*kind) { " selected" } else { "" };
            let _ = write!(options, "<option value=\"{}\"{chosen}>{}</option>", kind.as_str(), self.named(*kind));
            options
        });
        let form = format!(
            "{languages}{wrong}<form method=\"post\" action=\"{action}\"><p><label>{kind}<br><select name=\"kind\">{options}</select>\
             </label></p><p><label>{address}<br><input name=\"address\" required maxlength=\"254\" autocapitalize=\"none\" \
             spellcheck=\"false\" aria-describedby=\"how\" value=\"{typed}\"></label><small id=\"how\">{hint}</small></p>\
             <p><label>{words}<br><textarea name=\"words\" rows=\"5\" maxlength=\"{WORDS_MAX}\">\n{said}</textarea></label></p>\
             <button>{button}</button></form>",
            languages = self.languages(written.kind),
            wrong = self.wrong(wrong),
            action = self.at(""),
            kind = self.say("request.kind"),
            address = self.say("request.address"),
            typed = escaped(written.address),
            hint = self.say("request.address_hint"),
            words = self.say("request.words"),
            said = escaped(written.words),
            button = self.say("request.button"),
        );
        let of = self.of();
        page::choosing(self.words, &[self.say("request.title"), &of, self.say("request.text")], &form)
    }

    fn languages(&self, kind: Option<Kind>) -> String {
        let kind = kind.map(|kind| format!("&amp;kind={}", kind.as_str())).unwrap_or_default();
        let mut links = format!("<nav aria-label=\"{}\">", self.say("request.languages"));
        for Words { language, .. } in LANGUAGES {
            let current = if language == self.words.language { " aria-current=\"page\"" } else { "" };
            let at = &self.address;
            let _ = write!(links, "<a href=\"{at}?lang={language}{kind}\" lang=\"{language}\"{current}>{language}</a>");
        }
        links.push_str("</nav>");
        links
    }

    fn named(&self, kind: Kind) -> &'static str {
        self.words.find(&format!("request.kind.{}", kind.as_str())).unwrap_or(kind.as_str())
    }

    /// The code is asked for, and whoever gets none goes on without.
    pub(super) fn code(&self, claim: &str, wrong: Option<&'static str>) -> Response {
        let form = format!(
            "{wrong}<form method=\"post\" action=\"{action}\">{claimed}<p><label>{code}<br><input name=\"code\" required \
             inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"20\"></label></p><button>{button}</button></form>{without}",
            wrong = self.wrong(wrong),
            action = self.at("/code"),
            claimed = hidden(claim),
            code = self.say("request.code"),
            button = self.say("request.prove"),
            without = self.without(claim),
        );
        let said = ["request.code_title", "request.code_text", "request.code_secret"].map(|name| self.say(name));
        page::choosing(self.words, &said, &form)
    }

    fn without(&self, claim: &str) -> String {
        let (text, button) = (self.say("request.without_text"), self.say("request.without"));
        let (action, claim) = (self.at("/unproven"), hidden(claim));
        format!("<form method=\"post\" action=\"{action}\"><p>{text}</p>{claim}<button>{button}</button></form>")
    }

    /// The address has had its codes of this hour: go on without.
    pub(super) fn no_code(&self, claim: &str) -> Response {
        let said = ["request.no_code_title", "request.no_code_text"].map(|name| self.say(name));
        page::choosing(self.words, &said, &self.without(claim))
    }

    /// No code counts any more: begin again, or go on without, where there is a claim.
    pub(super) fn over(&self, claim: &str) -> Response {
        let again = format!("<p><a href=\"{}\">{}</a></p>", self.at(""), self.say("request.again"));
        let without = if claim.is_empty() { String::new() } else { self.without(claim) };
        let said = ["request.over_title", "request.over_text"].map(|name| self.say(name));
        page::choosing(self.words, &said, &format!("{again}{without}"))
    }

    /// It is recorded: until when it is answered, and where to look.
    pub(super) fn done(&self, done: &Done, choices: Option<&str>) -> Response {
        let known = if done.verified { "request.verified" } else { "request.unverified" };
        let until = format!("{} <time>{}</time>.", self.say("request.answered_by"), day(done.due_at - 1));
        let mut links = String::new();
        if let Some(choices) = choices {
            let (text, link) = (self.say("request.withdraw"), self.say("request.choices"));
            let _ = write!(links, "<p>{text} <a href=\"{}\">{link}</a></p>", escaped(choices));
        }
        let (keep, link) = (self.say("request.keep"), self.say("request.status"));
        let (at, ticket) = (self.at("/status"), escaped(done.ticket.reveal()));
        let _ = write!(links, "<p>{keep} <a href=\"{at}#{ticket}\">{link}</a></p>");
        let of = self.of();
        page::choosing(self.words, &[self.say("request.done_title"), &of, self.say(known), &until], &links)
    }

    /// The code behind the `#` is asked for.
    pub(super) fn entering(&self) -> Response {
        let said = ["request.status", "request.status_text"].map(|name| self.say(name));
        page::entering(self.words, &said, self.say("request.status_code"), self.say("request.status_button"))
    }

    pub(super) fn no_status(&self) -> Response {
        let said = ["request.no_status_title", "request.no_status_text"].map(|name| self.say(name));
        page::shown(StatusCode::NOT_FOUND, self.words, &said)
    }

    /// What became of a request.
    pub(super) fn status(&self, told: Told) -> Response {
        let mut said = vec![self.say("request.status").to_owned(), self.of()];
        said.push(format!("<b>{}</b>", self.named(told.kind)));
        said.push(format!("{} <time>{}</time>", self.say("request.received_on"), day(told.received_at)));
        match told.closed {
            None => {
                said.push(self.say(if told.verified { "request.open" } else { "request.unverified" }).to_owned());
                said.push(format!("{} <time>{}</time>.", self.say("request.answered_by"), day(told.due_at - 1)));
                said.extend(self.quoted("request.late", told.extended));
            }
            Some((at, outcome, reasons)) => {
                said.push(format!("{} <time>{}</time>", self.say(outcome_words(outcome)), day(at)));
                said.extend(self.quoted("request.reasons", reasons));
                if outcome == Outcome::Refused {
                    said.push(self.say("request.complain").to_owned());
                }
            }
        }
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        page::shown(StatusCode::OK, self.words, &said).into_response()
    }

    fn quoted(&self, name: &'static str, text: Option<Personal<String>>) -> Option<String> {
        text.map(|text| format!("{} {}", self.say(name), escaped(&text.into_revealed())))
    }
}

const fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "request.met",
        Outcome::Refused => "request.refused",
        Outcome::TakenBack => "request.taken_back",
        Outcome::NothingHeld => "request.nothing_held",
    }
}

fn hidden(claim: &str) -> String {
    format!("<input type=\"hidden\" name=\"claim\" value=\"{}\">", escaped(claim))
}

fn day(at: Millis) -> String {
    time(at).chars().take(10).collect()
}
