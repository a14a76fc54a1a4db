//! The body: the text as plain text and as HTML made of it, and the files (RFC 2045, 2046).

use super::header;
use super::said::{Choice, Said, leads};
use super::{MailPiece, Pieces};

/// What the link says that ends advertising, by language; the first where none is known.
pub(super) const LEAVE: &str = include_str!("leave.txt");
/// The same, of the link to all that somebody agreed to.
pub(super) const CHOOSE: &str = include_str!("choose.txt");
/// The longest line of quoted-printable text, without the `=` that breaks it (RFC 2045, 6.7).
const LINE: usize = 75;

/// What a link says to somebody who speaks a language.
pub(super) fn words(words: &'static str, language: Option<&str>) -> &'static str {
    let language = language.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default().to_ascii_lowercase();
    let mut lines = words.lines().filter_map(|line| line.split_once(' '));
    let first = lines.clone().next().map_or("", |(_, words)| words);
    lines.find(|(tag, _)| *tag == language).map_or(first, |(_, words)| words)
}

/// Everything from the header on, whose last fields are written here.
pub(super) fn pieces(head: &mut String, said: &Said<'_>, signature: &str, boundary: &str) -> Vec<MailPiece> {
    let mut pieces = Pieces::default();
    pieces.text(&std::mem::take(head));
    let text = (!said.text.trim().is_empty() || !said.leave.is_empty())
        .then(|| (plain(said, signature), html(said, signature)));
    if said.files.is_empty() {
        if let Some((plain, html)) = &text {
            alternative(&mut pieces, &format!("{boundary}_t"), plain, html);
        }
        return pieces.end();
    }
    let outer = format!("{boundary}_m");
    pieces.text(&format!("Content-Type: multipart/mixed;\r\n boundary=\"{outer}\"\r\n\r\n"));
    if let Some((plain, html)) = &text {
        pieces.text(&format!("--{outer}\r\n"));
        alternative(&mut pieces, &format!("{boundary}_t"), plain, html);
    }
    for file in said.files {
        pieces.text(&format!("--{outer}\r\n{}\r\n", header::file(&file.name, &file.content_type)));
        pieces.file(file);
    }
    pieces.text(&format!("--{outer}--\r\n"));
    pieces.end()
}

/// The text in both forms, the better one last.
fn alternative(pieces: &mut Pieces, boundary: &str, plain: &str, html: &str) {
    pieces.text(&format!("Content-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n"));
    for (kind, text) in [("plain", plain), ("html", html)] {
        pieces.text(&format!(
            "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        ));
        pieces.text(&quoted_printable(text));
        pieces.text("\r\n");
    }
    pieces.text(&format!("--{boundary}--\r\n"));
}

/// The text with its lines ended by `\n`, without NUL.
fn lines(text: &str) -> String {
    text.replace('\0', "").replace("\r\n", "\n").replace('\r', "\n")
}

fn plain(said: &Said<'_>, signature: &str) -> String {
    let mut text = lines(said.text);
    if !said.choices.is_empty() {
        text.push_str("\n\n");
        let choices: Vec<String> = said.choices.iter().map(choice).collect();
        text.push_str(&choices.join("\n"));
    }
    if !signature.trim().is_empty() {
        text.push_str("\n\n-- \n");
        text.push_str(lines(signature).trim_end());
    }
    for (index, (words, url)) in said.leave.iter().enumerate() {
        text = text + if index == 0 { "\n\n" } else { "\n" } + words + ": " + url;
    }
    text
}

fn choice(choice: &Choice<'_>) -> String {
    match choice {
        Choice::Link { label, url } => format!("{}: {url}", header::one_line(label)),
        Choice::Number { number, label } => format!("{number}. {}", header::one_line(label)),
    }
}

fn html(said: &Said<'_>, signature: &str) -> String {
    let mut html = format!("<div dir=\"auto\">{}</div>\n", marked_up(said.text));
    for choice in &said.choices {
        let shown = match choice {
            Choice::Link { label, url } => link(url, &escaped(&header::one_line(label))),
            Choice::Number { number, label } => format!("{number}. {}", escaped(&header::one_line(label))),
        };
        html = html + "<p dir=\"auto\">" + &shown + "</p>\n";
    }
    if !signature.trim().is_empty() {
        html = html + "<div dir=\"auto\"><br>-- <br>" + &marked_up(signature.trim_end()) + "</div>\n";
    }
    if !said.leave.is_empty() {
        let links: Vec<String> = said.leave.iter().map(|(words, url)| link(url, words)).collect();
        html = html + "<p>" + &links.join(" \u{b7} ") + "</p>\n";
    }
    format!("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{html}</body></html>")
}

/// A text as HTML: nothing in it is markup, its lines and spaces stay, its addresses on the web lead there.
fn marked_up(text: &str) -> String {
    let lines = lines(text);
    let lines: Vec<String> =
        lines.split('\n').map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect();
    lines.join("<br>\n").replace("  ", " &nbsp;").replace("\n ", "\n&nbsp;")
}

fn word(word: &str) -> String {
    let Some(at) = word.find("https://").or_else(|| word.find("http://")) else { return escaped(word) };
    let (before, rest) = word.split_at(at);
    let end = rest.find(['<', '>', '"', '\t']).unwrap_or(rest.len());
    let url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '\u{bb}', '\u{201d}']);
    if !leads(url) {
        return escaped(word);
    }
    format!("{}{}{}", escaped(before), link(url, &escaped(url)), escaped(&rest[url.len()..]))
}

fn link(url: &str, shown: &str) -> String {
    format!("<a href=\"{}\">{shown}</a>", escaped(url))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A text with lines ended by `\n` as quoted-printable ones ended by CRLF (RFC 2045, 6.7).
fn quoted_printable(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(quoted_line).collect();
    lines.join("\r\n")
}

fn quoted_line(line: &str) -> String {
    let mut quoted = String::with_capacity(line.len());
    let mut width = 0;
    for (at, &byte) in line.as_bytes().iter().enumerate() {
        // Some servers change a line that begins so, and cut spaces at its end.
        let mangled = at == 0 && (byte == b'.' || line.starts_with("From "));
        let last = at + 1 == line.len();
        let written = match byte {
            b'!'..=b'<' | b'>'..=b'~' if !mangled => char::from(byte).to_string(),
            b' ' | b'\t' if !last => char::from(byte).to_string(),
            byte => format!("={byte:02X}"),
        };
        if width + written.len() > LINE {
            quoted.push_str("=\r\n");
            width = 0;
        }
        width += written.len();
        quoted.push_str(&written);
    }
    quoted
}
