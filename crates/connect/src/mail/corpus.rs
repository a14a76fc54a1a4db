//! Difficult mails (`tests/mails/*.eml`), each with what it must be read as beside it (`*.json`): what it is about, and the
//! events, without what is empty. `UPDATE_FIXTURES=1` writes the events anew: then read them.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Letter, LetterFile, Own, events, keep, parse, read, transfer};
use crate::Event;

/// Monday, 2 March 2026, 12:01 UTC: when all of them arrived.
const RECEIVED_MS: i64 = 1_772_452_860_000;
/// Behind the `+` of an address it proves a conversation.
const TOKEN: &str = "info+0123456789abcdef@shop.example";

fn own() -> Own {
    Own {
        addresses: vec!["info@shop.example".to_owned(), "Sales@Shop.example".to_owned()],
        mark: "mark-of-this-channel".to_owned(),
        servers: vec!["mx.shop.example".to_owned()],
    }
}

fn told(letter: &Letter, locate: impl Fn(&LetterFile) -> String) -> Vec<Event> {
    let prove = |address: &str| (address.to_lowercase() == TOKEN).then(|| "cnv_1".to_owned());
    let events = events(letter, &own(), locate, prove, |id| !id.starts_with("foreign"));
    let kept = parse(&keep(&events));
    let json = |events: &[Event]| serde_json::to_string(events).expect("JSON");
    assert!(events.is_empty() || json(&events) == json(&kept), "what is kept is what was told");
    events
}

fn mails() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let entries = std::fs::read_dir(folder).expect("the corpus");
    let mut mails: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    mails.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    mails.sort();
    mails
}

/// Instead of where a file lies: what lies there.
fn content(raw: &[u8], file: &LetterFile) -> String {
    let place = &file.place;
    let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::try_from(place.length).unwrap_or(usize::MAX)).min(raw.len());
    let bytes = transfer::decode(place.encoding, raw.get(start..end).unwrap_or_default());
    let bytes = place.within.map_or(bytes.clone(), |span| span.of(0, &bytes).to_vec());
    if file.size.is_some() {
        assert_eq!(file.size, Some(bytes.len() as u64), "the size is that of what lies there");
    }
    let beginning: String = String::from_utf8_lossy(&bytes).chars().filter(|c| *c != '\0').take(60).collect();
    let shown = if file.inline { "shown " } else { "" };
    let id = file.content_id.as_ref().map(|id| format!("<{id}> ")).unwrap_or_default();
    format!("{shown}{id}{beginning}")
}

/// Without what is empty, so that an expectation says what there is.
fn pruned(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, pruned(value)));
            fields.filter(|(_, value)| !(value.is_null() || *value == json!([]) || *value == json!(false))).collect()
        }
        Value::Array(values) => values.into_iter().map(pruned).collect(),
        other => other,
    }
}

#[test]
fn difficult_mails_are_read_as_they_are_meant() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let mut wrong = Vec::new();
    let mails = mails();
    for path in &mails {
        let raw = std::fs::read(path).expect("readable");
        let beside = path.with_extension("json");
        let text = std::fs::read_to_string(&beside).unwrap_or_else(|_| "{}".to_owned());
        let mut expected: Value = serde_json::from_str(&text).expect("JSON");
        let size = expected["size"].as_u64().unwrap_or(raw.len() as u64);
        let letter = read(&raw, RECEIVED_MS, size);
        let found = serde_json::to_value(told(&letter, |file| content(&raw, file))).expect("events are JSON");
        let found = pruned(found);
        if expected["events"] != found {
            let short = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
            wrong.push(format!("{}: expected {}\nfound {}", path.display(), short(&expected["events"]), short(&found)));
            expected["events"] = found;
            if update {
                let text = serde_json::to_string_pretty(&expected).expect("JSON") + "\n";
                std::fs::write(&beside, text).expect("writable");
            }
        }
    }
    assert!(mails.len() >= 150, "{} mails: the corpus has shrunk\n{}", mails.len(), wrong.join("\n\n"));
    assert!(update || wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mails.len(), wrong.join("\n\n"));
}

#[test]
fn the_mark_that_is_written_is_the_mark_that_is_read() {
    assert!(super::write::ours::MARK.eq_ignore_ascii_case(super::LOOP_FIELD));
}

/// What holds of every letter, whatever it was read from.
fn is_sound(raw: &[u8], size: u64) {
    let letter = read(raw, RECEIVED_MS, size);
    let length = raw.len() as u64;
    assert!(letter.files.len() <= 100);
    for file in &letter.files {
        let place = &file.place;
        assert!(place.offset <= length && place.offset + place.length <= size.max(length));
        assert!(file.name.as_ref().is_none_or(|name| !name.is_empty() && !name.contains(['/', '\\', '\0', '\n'])));
    }
    for event in told(&letter, |_| String::new()) {
        let Event::Message(message) = event else { continue };
        let words = [message.text.clone(), message.below.clone()].into_iter().flatten().collect::<String>();
        let read = letter.text.as_ref().map(|words| words.text.clone()).unwrap_or_default();
        assert!(words == read || (words.is_empty() && read.trim().is_empty()), "no character is lost");
        assert!(words.len() <= (1 << 20) + 16);
        assert!(!serde_json::to_string(&message).expect("JSON").contains("\\u0000"));
        assert!(!message.remote.is_empty() && !message.thread.is_empty() && message.remote.len() <= 500);
        assert!(
            message.subject.is_none_or(|subject| !subject.contains(['\n', '\r']) && subject.chars().count() <= 1_000)
        );
        assert!(message.answers.len() <= 50 && !message.answers.contains(&message.remote));
    }
}

/// A mail of the corpus with parts of it broken, moved and doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec(
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..6, any::<u8>()),
        1..8,
    );
    let mails = mails();
    ((0..mails.len()), changes).prop_map(move |(number, changes)| {
        let mut raw = std::fs::read(&mails[number]).expect("readable");
        for (one, other, kind, byte) in changes {
            if raw.is_empty() {
                break;
            }
            let (one, other) = (one.index(raw.len()), other.index(raw.len()));
            let (from, to) = (one.min(other), one.max(other));
            match kind {
                0 => raw[one] = byte,
                1 => raw.truncate(one.max(1)),
                2 => drop(raw.drain(from..to)),
                3 => raw.extend_from_within(from..to),
                4 => raw.insert(one, byte),
                _ => raw.retain(|&byte| byte != b'\r'),
            }
        }
        raw
    })
}

proptest! {
    #[test]
    fn any_bytes_are_a_letter(raw in proptest::collection::vec(any::<u8>(), 0..600), more in 0_u64..1_000) {
        is_sound(&raw, raw.len() as u64 + more);
    }

    #[test]
    fn broken_mails_are_letters(raw in mutated(), more in prop_oneof![Just(0_u64), 0_u64..1_000_000]) {
        is_sound(&raw, raw.len() as u64 + more);
    }
}

/// What is written to exhaust a reader: depth, number and length of everything.
#[test]
fn mails_without_measure_are_read_in_bounded_work() {
    let head = "From: a@example.com\r\n";
    let nested = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(20_000);
    let within = "Content-Type: message/rfc822\r\n\r\n".repeat(40_000);
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\nContent-Type: a/b\r\n\r\nx\r\n".repeat(20_000)
    );
    let fields = "X-A: b\r\n".repeat(100_000);
    let words = format!("Subject: {}\r\n\r\n", "=?utf-8?q?a?= ".repeat(50_000));
    let unended = "Subject: =?a?q?".to_owned() + &"=?a?q?".repeat(10_000) + "\r\n";
    let wrong = "Subject: ".to_owned() + &"=?a b?q?".repeat(8_000) + "?=\r\n";
    let unended = (unended + &wrong).repeat(20);
    let references = ("References: ".to_owned() + &"<a>".repeat(20_000) + "\r\n").repeat(20);
    let addresses = format!("To: {}\r\n\r\n", "(((((\"<,".repeat(50_000));
    let html = |tag: &str| format!("Content-Type: text/html\r\n\r\n{}", tag.repeat(300_000 / tag.len()));
    let lines = |line: &str| format!("\r\n{}", line.repeat(300_000 / line.len()));
    let all = [
        nested,
        within,
        many,
        fields,
        words,
        unended,
        references,
        addresses,
        html("<blockquote>"),
        html("<a b='"),
        html("<div style=display:none>"),
        html("<!--"),
        html("&amp"),
        lines("On 1\r\n"),
        lines("From: 1\r\n"),
        lines("--\r\n"),
        lines("> a\r\nb\r\n"),
        lines("a"),
        lines(">"),
        lines("\r\n"),
        lines("-- \r\n> a\r\n"),
        lines("Am 1 schrieb a:\r\n"),
    ];
    for mail in all {
        let raw = format!("{head}{mail}");
        is_sound(raw.as_bytes(), raw.len() as u64);
    }
}
