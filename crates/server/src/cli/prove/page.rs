//! Evidence as a page: no script runs in it, nothing is loaded from anywhere, and it can be printed. It carries the signed evidence.

use std::fmt::Write;

use serde_json::Value;

use super::super::show::word;
use super::{AFTER, BEFORE, fault_words, mailbox_words, shown};
use crate::views::time;

const STYLE: &str = include_str!("page.css");
/// In the order in which they are told.
const TOTALS: [(&str, &str); 4] =
    [("broken", "broken"), ("kept", "kept"), ("not_applicable", "not applicable"), ("not_checked", "not checked")];

/// The whole page. It is made of the document alone, so that whoever has it can make it again.
pub(super) fn page(document: &Value) -> String {
    let evidence = &document["evidence"];
    let at = time(evidence["at"].as_i64().unwrap_or_default());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Evidence</title>\n\
         <style>\n{STYLE}</style>\n<main>\n<h1>Are the promises kept?</h1>\n\
         <p class=\"about\">Installation <code>{}</code> · Parloir {} on {} · {}</p>\n<ul class=\"totals\">\n",
        safe(word(evidence, "/installation")),
        safe(word(evidence, "/version")),
        safe(word(evidence, "/engine")),
        safe(&at)
    );
    for (name, words) in TOTALS {
        let number = evidence["totals"][name].as_i64().unwrap_or_default();
        let _ = writeln!(page, "<li class=\"{name}\"><b>{number}</b> {words}</li>");
    }
    page += "</ul>\n<table>\n<thead><tr><th>Id</th><th>Promise</th><th>Outcome</th></tr></thead>\n<tbody>\n";
    for promise in evidence["promises"].as_array().into_iter().flatten() {
        page += &row(promise);
    }
    page += "</tbody>\n</table>\n<h2>Signed</h2>\n";
    let _ = writeln!(
        page,
        "<pre>{}</pre>\n<p>Key: <code>{}</code></p>",
        safe(word(document, "/note")),
        safe(word(document, "/key"))
    );
    page += "<p>Verify this file anywhere: <code>parloir prove --verify FILE --key KEY</code></p>\n</main>\n";
    // Within a script of this type nothing but its own end is read; an escaped `<` is the same JSON.
    let _ = writeln!(page, "{BEFORE}{}{AFTER}", document.to_string().replace('<', "\\u003c"));
    page
}

fn row(promise: &Value) -> String {
    let mut details = String::new();
    let mut tell = |class: &str, words: &str| {
        if !words.is_empty() {
            let _ = write!(details, "<p class=\"{class}\">{}</p>", safe(words));
        }
    };
    tell("looks", word(promise, "/looks_at"));
    tell("looks", word(promise, "/reason"));
    for fault in promise["faults"].as_array().into_iter().flatten() {
        tell("fault", &fault_words(fault));
    }
    for mailbox in promise["shown"].as_array().into_iter().flatten() {
        tell("looks", &mailbox_words(mailbox));
    }
    let number = promise["looked_at"].as_u64().map(|number| format!(" <small>{number} looked at</small>"));
    format!(
        "<tr class=\"{}\"><th>{}</th><td>{}{details}</td><td><span>{}</span>{}</td></tr>\n",
        safe(word(promise, "/outcome")),
        safe(word(promise, "/id")),
        safe(word(promise, "/promise")),
        safe(&shown(promise)),
        number.unwrap_or_default()
    )
}

/// A text within a page.
fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
