//! Which parts of a mail are its words, and which are its files.

use super::file_name::{file_name, role, type_by_name, unnamed};
use super::letter::{LetterFile, PartPlace, Words};
use super::read::is_machine_part;
use super::structure::Part;
use super::{calendar, charset, flowed, html, tnef, transfer};
use crate::Span;

/// Files of one mail; no more are taken.
const MOST_FILES: usize = 100;
/// Longer text is cut, in bytes.
const LONGEST_TEXT: usize = 1 << 20;
/// Longer HTML is not kept, in bytes: cut it would be another.
const LONGEST_HTML: usize = 2 << 20;
/// Of a larger `winmail.dat` only the beginning is looked into, in encoded bytes.
const LARGEST_TNEF: usize = 40 << 20;
/// What stands where text was cut.
const CUT: &str = "\n[…]";

/// The words and files of a mail.
#[derive(Default)]
pub(super) struct Content {
    pub(super) text: Option<Words>,
    pub(super) html: Option<String>,
    pub(super) files: Vec<LetterFile>,
    pub(super) unsupported: Option<&'static str>,
}

/// Words in the one form or the other.
#[derive(Default)]
struct Piece {
    plain: Option<String>,
    html: Option<String>,
}

/// What is in a `winmail.dat`, and which part that is.
struct Unpacked {
    index: usize,
    text: Option<String>,
    /// Names of what is in it and could not be taken out.
    left: Vec<String>,
}

struct Sorter<'a> {
    raw: &'a [u8],
    /// Bytes of the whole mail.
    size: u64,
    /// How many leaves were seen.
    leaves: usize,
    files: Vec<LetterFile>,
    /// An invitation in one line.
    event: Option<String>,
    /// What is in a `winmail.dat`.
    packed: Vec<Unpacked>,
    unsupported: Option<&'static str>,
}

/// Sorts the parts of a mail.
pub(super) fn read(raw: &[u8], mail: &Part, size: u64) -> Content {
    let (leaves, files, packed) = (0, Vec::new(), Vec::new());
    let mut sorter = Sorter { raw, size, leaves, files, event: None, packed, unsupported: None };
    let piece = sorter.sort(mail, "", true);
    let html = piece.html.filter(|html| !html.trim().is_empty());
    let plain = piece.plain.as_deref().map(trimmed).filter(|plain| !plain.is_empty());
    let mut text = match plain {
        Some(text) => Some(Words { text, quote: None, signature: None }),
        None => html.as_deref().map(html::text),
    };
    let kept = html.filter(|html| html.len() <= LONGEST_HTML);
    sorter.add_packed(&mut text);
    if text.as_ref().is_none_or(|words| words.text.trim().is_empty()) {
        text = sorter.event.take().map(|line| Words { text: line, quote: None, signature: None });
    }
    for file in &mut sorter.files {
        // What HTML shows, however the part calls itself.
        let names = |html: &String, id: &str| html.contains(&format!("cid:{id}"));
        let shown =
            |id: &String| kept.as_ref().is_some_and(|html| names(html, id) || names(html, &id.replace('@', "%40")));
        file.inline = file.content_id.as_ref().is_some_and(shown);
    }
    let cut = size > raw.len() as u64;
    let inline_pgp =
        text.as_ref().is_some_and(|words| words.text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----"));
    Content {
        unsupported: sorter.unsupported.or(inline_pgp.then_some("encrypted_mail")).or(cut.then_some("mail_too_large")),
        files: sorter.files,
        text: text.map(bounded),
        html: kept,
    }
}

/// Without empty lines before and behind: they say nothing.
fn trimmed(plain: &str) -> String {
    let text = plain.trim_end();
    let start = text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
    text[text[..start].rfind('\n').map_or(0, |at| at + 1)..].to_owned()
}

fn bounded(mut words: Words) -> Words {
    if words.text.len() > LONGEST_TEXT {
        words.text.truncate(words.text.floor_char_boundary(LONGEST_TEXT));
        words.text.push_str(CUT);
        words.quote = words.quote.filter(|at| *at < LONGEST_TEXT);
        words.signature = words.signature.filter(|at| *at < LONGEST_TEXT);
    }
    words
}

impl Sorter<'_> {
    fn sort(&mut self, part: &Part, report: &str, alone: bool) -> Piece {
        if part.pieces.is_empty() {
            return self.leaf(part, report, alone);
        }
        match part.kind.as_str() {
            "multipart/alternative" => self.alternative(part, report),
            "multipart/encrypted" => {
                self.unsupported = Some("encrypted_mail");
                self.all(part, report)
            }
            "multipart/report" => {
                let kind = super::read::report_kind(&part.params);
                self.all(part, &kind)
            }
            _ => self.all(part, report),
        }
    }

    /// All pieces, one after the other.
    fn all(&mut self, part: &Part, report: &str) -> Piece {
        let pieces: Vec<Piece> = part.pieces.iter().map(|piece| self.sort(piece, report, false)).collect();
        joined(pieces)
    }

    /// The same in several forms: the first in plain text, the last in HTML.
    fn alternative(&mut self, part: &Part, report: &str) -> Piece {
        let mut chosen = Piece::default();
        for piece in &part.pieces {
            // Other forms of the same text than those two show nothing more.
            if piece.kind.starts_with("text/")
                && !["text/plain", "text/html", "text/calendar"].contains(&piece.kind.as_str())
            {
                self.leaves += 1;
                continue;
            }
            let found = self.sort(piece, report, false);
            let said = |text: &String| !text.trim().is_empty();
            chosen.plain = chosen.plain.filter(said).or(found.plain);
            chosen.html = found.html.filter(said).or(chosen.html);
        }
        chosen
    }

    fn leaf(&mut self, part: &Part, report: &str, alone: bool) -> Piece {
        let index = self.leaves;
        self.leaves += 1;
        if is_machine_part(report, part) || part.is("application/pgp-encrypted") {
            return Piece::default();
        }
        let named = part.name().is_some() && !alone;
        let attached = part.disposition.essence == "attachment" || named;
        match part.kind.as_str() {
            "text/plain" if !attached => Piece { plain: Some(self.plain(part)), html: None },
            "text/html" if !attached => Piece { plain: None, html: Some(self.text(part)) },
            kind if kind.starts_with("multipart/") => Piece { plain: Some(self.plain(part)), html: None },
            _ => {
                self.keep(part, index);
                self.look_into(part, index);
                Piece::default()
            }
        }
    }

    /// The text of a part in its charset, with LF line ends.
    fn text(&self, part: &Part) -> String {
        let bytes = transfer::decode_text(part.encoding, part.bytes(self.raw));
        let named = part.params.param("charset").map(str::to_owned);
        let label = named.or_else(|| part.is("text/html").then(|| html::charset(&bytes)).flatten());
        charset::decode(label.as_deref(), &bytes).replace("\r\n", "\n").replace('\r', "\n")
    }

    fn plain(&self, part: &Part) -> String {
        let text = self.text(part);
        let flows = part.params.param("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
        let del_sp = part.params.param("delsp").is_some_and(|del_sp| del_sp.eq_ignore_ascii_case("yes"));
        if flows { flowed::unfold(&text, del_sp) } else { text }
    }

    /// What is said of a mail by a file in it.
    fn look_into(&mut self, part: &Part, index: usize) {
        match part.kind.as_str() {
            "text/calendar" => self.event = self.event.take().or_else(|| calendar::line(&self.text(part))),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                let signed =
                    part.params.param("smime-type").is_some_and(|kind| kind.eq_ignore_ascii_case("signed-data"));
                self.unsupported = Some(if signed { "sealed_mail" } else { "encrypted_mail" });
            }
            "message/partial" => self.unsupported = Some("partial_mail"),
            "message/external-body" => self.unsupported = Some("external_file"),
            "application/ms-tnef" | "application/vnd.ms-tnef" => self.unpack(part, index),
            _ if part.name().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat")) => self.unpack(part, index),
            _ => {}
        }
    }

    fn unpack(&mut self, part: &Part, index: usize) {
        let body = part.bytes(self.raw);
        let body = &body[..body.len().min(LARGEST_TNEF)];
        let Some(contents) = tnef::read(&transfer::decode(part.encoding, body)) else { return };
        let mut unpacked = Unpacked { index, text: contents.text, left: Vec::new() };
        for file in contents.files {
            let name = file.name.as_deref().and_then(file_name);
            match file.span.filter(|_| self.files.len() < MOST_FILES) {
                Some(span) => self.keep_within(part, index, (name, span)),
                None => unpacked.left.push(name.unwrap_or_else(|| "file".to_owned())),
            }
        }
        self.packed.push(unpacked);
    }

    /// Says what is in a `winmail.dat`, which most programs cannot open, and leaves it away where all of it is taken out.
    fn add_packed(&mut self, text: &mut Option<Words>) {
        for packed in std::mem::take(&mut self.packed) {
            let words = text.get_or_insert_default();
            if words.text.trim().is_empty() {
                words.text = packed.text.unwrap_or_default().replace("\r\n", "\n");
            }
            let is_whole = packed.left.is_empty() && !words.text.trim().is_empty();
            if !packed.left.is_empty() {
                let listed = format!("{}\n\n[winmail.dat: {}]", words.text.trim_end(), packed.left.join(", "));
                listed.trim_start().clone_into(&mut words.text);
            }
            let of_it = |file: &LetterFile| file.place.index == packed.index;
            if is_whole && self.files.iter().any(|file| of_it(file) && file.place.within.is_some()) {
                self.files.retain(|file| !of_it(file) || file.place.within.is_some());
            }
        }
    }

    /// Keeps a file that lies within a part.
    fn keep_within(&mut self, part: &Part, index: usize, (name, span): (Option<String>, Span)) {
        let content_type = name.as_deref().map_or("application/octet-stream", type_by_name);
        self.files.push(LetterFile {
            role: role(content_type),
            content_type: content_type.to_owned(),
            name: Some(name.unwrap_or_else(|| "file.bin".to_owned())),
            size: Some(span.length),
            content_id: None,
            inline: false,
            place: PartPlace { within: Some(span), ..self.place(part, index) },
        });
    }

    fn place(&self, part: &Part, index: usize) -> PartPlace {
        let offset = part.body.start as u64;
        let length = if part.cut { self.size.saturating_sub(offset) } else { part.body.len() as u64 };
        PartPlace { index, offset, length, encoding: part.encoding, within: None }
    }

    fn keep(&mut self, part: &Part, index: usize) {
        if self.files.len() >= MOST_FILES {
            return;
        }
        let content_id = part.header.get("content-id").map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
        let content_type = if part.is("multipart/mixed") { "application/octet-stream" } else { &part.kind };
        self.files.push(LetterFile {
            name: Some(part.name().and_then(file_name).unwrap_or_else(|| unnamed(part, self.raw))),
            content_type: content_type.chars().take(100).collect(),
            size: (!part.cut).then(|| transfer::decoded_size(part.encoding, part.bytes(self.raw))),
            role: role(&part.kind),
            content_id: content_id.filter(|id| !id.is_empty() && id.len() <= 500),
            inline: false,
            place: self.place(part, index),
        });
    }
}

/// In HTML only what is HTML; in plain text everything.
fn joined(pieces: Vec<Piece>) -> Piece {
    let plain = pieces.iter().any(|piece| piece.plain.as_ref().is_some_and(|plain| !plain.trim().is_empty()));
    let mut all = Piece::default();
    for piece in pieces {
        let text = match (piece.plain, &piece.html) {
            (Some(text), _) => Some(text),
            (None, Some(html)) if plain => Some(html::text(html).text),
            (None, _) => None,
        };
        append(&mut all.plain, text);
        append(&mut all.html, piece.html);
    }
    all
}

fn append(all: &mut Option<String>, next: Option<String>) {
    let Some(next) = next.filter(|next| !next.trim().is_empty()) else { return };
    match all {
        Some(all) => {
            if !all.ends_with('\n') {
                all.push('\n');
            }
            all.push_str(&next);
        }
        None => *all = Some(next),
    }
}
