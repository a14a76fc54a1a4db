//! Text as it was sent, with its markup read: plain words and `MessageEntity`s.
//!
//! HTML is read; Markdown is taken as it stands. Offsets and lengths count UTF-16 units, as in
//! <https://core.telegram.org/bots/api#messageentity>.

use serde_json::{Map, Value, json};

use super::form::Form;
use super::refusal::Refusal;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Text {
    pub(crate) plain: String,
    pub(crate) entities: Vec<Value>,
}

impl Text {
    pub(crate) fn put_into(&self, body: &mut Map<String, Value>, text: &str, entities: &str) {
        body.insert(text.to_owned(), json!(self.plain));
        if !self.entities.is_empty() {
            body.insert(entities.to_owned(), json!(self.entities));
        }
    }
}

/// The text parameter of a call, marked up by `parse_mode` or by entities.
pub(crate) fn read(form: &Form, text: &str, entities: &str) -> Result<Text, Refusal> {
    let given = form.json(entities, "message entities")?;
    parse(form.text(text).unwrap_or_default(), form.text("parse_mode"), given.as_ref())
}

pub(crate) fn parse(text: &str, mode: Option<&str>, entities: Option<&Value>) -> Result<Text, Refusal> {
    match mode.map(str::to_ascii_lowercase).as_deref() {
        Some("html") => html(text),
        None | Some("" | "none" | "markdown" | "markdownv2") => {
            let entities = entities.and_then(Value::as_array).cloned();
            Ok(Text { plain: text.to_owned(), entities: entities.unwrap_or_default() })
        }
        Some(_) => Err(Refusal::bad_request("unsupported parse_mode")),
    }
}

/// A command at the start, as Telegram marks it in what people write.
pub(crate) fn commands(text: &str) -> Vec<Value> {
    let word = text.split_whitespace().next().unwrap_or_default();
    let name = word.strip_prefix('/').unwrap_or_default();
    let legible = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '@';
    if !text.starts_with('/') || name.is_empty() || !name.chars().all(legible) {
        return Vec::new();
    }
    vec![json!({ "type": "bot_command", "offset": 0, "length": word.len() })]
}

struct Open {
    tag: String,
    offset: usize,
    url: Option<String>,
}

fn html(source: &str) -> Result<Text, Refusal> {
    let mut text = Text::default();
    let mut open: Vec<Open> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let at = source.len() - rest.len();
        if first == '<' {
            let Some((tag, after)) = rest[1..].split_once('>') else {
                return Err(unreadable(format_args!("unclosed start tag at byte offset {at}")));
            };
            rest = after;
            apply_tag(tag, at, &mut text, &mut open)?;
        } else if let Some((character, after)) = escape(rest) {
            text.plain.push(character);
            rest = after;
        } else {
            text.plain.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    match open.pop() {
        Some(tag) => Err(unreadable(format_args!("can't find end tag corresponding to start tag \"{}\"", tag.tag))),
        None => Ok(text),
    }
}

fn apply_tag(tag: &str, at: usize, text: &mut Text, open: &mut Vec<Open>) -> Result<(), Refusal> {
    let offset = text.plain.encode_utf16().count();
    if let Some(name) = tag.strip_prefix('/') {
        let begun = open.pop().filter(|begun| begun.tag.eq_ignore_ascii_case(name.trim()));
        let Some(begun) = begun else {
            return Err(unreadable(format_args!("unexpected end tag at byte offset {at}")));
        };
        let kind = entity_of(&begun.tag).unwrap_or("bold");
        let mut entity = json!({ "type": kind, "offset": begun.offset, "length": offset - begun.offset });
        if let Some(url) = begun.url {
            entity["url"] = json!(url);
        }
        if offset > begun.offset {
            text.entities.push(entity);
        }
        return Ok(());
    }
    let name = tag.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    if entity_of(&name).is_none() {
        return Err(unreadable(format_args!("unsupported start tag \"{name}\" at byte offset {at}")));
    }
    let url = tag.split_once("href=").map(|(_, value)| value.trim_matches(['"', '\'', ' ']).to_owned());
    open.push(Open { tag: name, offset, url });
    Ok(())
}

fn entity_of(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "span" | "tg-spoiler" => "spoiler",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "a" => "text_link",
        _ => return None,
    })
}

fn escape(text: &str) -> Option<(char, &str)> {
    const ESCAPES: [(&str, char); 4] = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
    ESCAPES.into_iter().find_map(|(name, value)| Some((value, text.strip_prefix(name)?)))
}

fn unreadable(what: impl std::fmt::Display) -> Refusal {
    Refusal::bad_request(format_args!("can't parse entities: {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn html_becomes_entities() {
        let text = parse("😀 <b>a</b> &lt; <a href=\"https://x.example\">b</a>", Some("HTML"), None);
        let expected = Text {
            plain: "😀 a < b".to_owned(),
            entities: vec![
                json!({ "type": "bold", "offset": 3, "length": 1 }),
                json!({ "type": "text_link", "offset": 7, "length": 1, "url": "https://x.example" }),
            ],
        };
        assert_eq!(text, Ok(expected));
    }

    #[test]
    fn broken_html_is_refused() {
        for broken in ["<b>a", "a</b>", "<b", "<img>", "<b>a</i>"] {
            assert!(parse(broken, Some("HTML"), None).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_command_is_marked_only_at_the_start() {
        assert_eq!(commands("/start now")[0]["length"], 6);
        assert!(commands("no /start").is_empty());
        assert!(commands("/").is_empty());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text: String) {
            let _ = parse(&text, Some("html"), None);
            let _ = commands(&text);
        }
    }
}
