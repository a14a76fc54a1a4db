//! The lines that HTML makes: space is folded, what is quoted begins with `>`.

use crate::mail::entities;
use crate::mail::letter::Words;

/// An address that is longer says nothing to a reader.
const LONGEST_ADDRESS: usize = 300;

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about the place in the text")]
pub(super) struct Writer {
    out: String,
    /// How deep in quotations.
    depth: usize,
    /// How deep at least since the last word: empty lines between belong there.
    shallowest: usize,
    /// Line ends that are due before the next word.
    due: usize,
    /// A space is due before the next word of this line.
    space: bool,
    /// Words stand in the line.
    begun: bool,
    /// The line has nothing but a space that may not be folded.
    blank: bool,
    preformatted: bool,
    quote: Option<usize>,
    signature: Option<usize>,
    /// Marks that stand where the next word will.
    quote_due: bool,
    signature_due: bool,
}

impl Writer {
    pub(super) fn length(&self) -> usize {
        self.out.len()
    }

    /// How deep in quotations.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn words(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let (c, length) = match c {
                '&' => entities::read(rest).unwrap_or((c, 1)),
                _ => (c, c.len_utf8()),
            };
            rest = &rest[length..];
            self.character(c);
        }
    }

    fn character(&mut self, c: char) {
        match c {
            '\n' if self.preformatted => self.line_break(),
            '\r' | '\0' | '\u{ad}' | '\u{34f}' | '\u{feff}' => {}
            _ if self.preformatted => self.put(c),
            ' ' | '\t' | '\n' | '\u{c}' => self.space = self.begun,
            // A space that may not be folded: alone in a line it is how programs write an empty one.
            '\u{a0}' if !self.begun => self.blank = true,
            '\u{a0}' => self.space = true,
            _ => self.put(c),
        }
    }

    fn put(&mut self, c: char) {
        if !self.begun {
            self.begin();
            self.begun = true;
        } else if self.space {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push(c);
    }

    /// Writes the line ends that are due, and the marks of what is quoted.
    fn begin(&mut self) {
        if !self.out.is_empty() {
            self.end_lines();
        }
        self.due = 0;
        if std::mem::take(&mut self.quote_due) {
            self.quote.get_or_insert(self.out.len());
        }
        if std::mem::take(&mut self.signature_due) {
            self.signature.get_or_insert(self.out.len());
        }
        for _ in 0..self.depth {
            self.out.push_str("> ");
        }
        self.shallowest = self.depth;
    }

    fn end_lines(&mut self) {
        for line in 0..self.due {
            self.out.push('\n');
            if line + 1 < self.due {
                self.out.push_str("> ".repeat(self.shallowest).trim_end());
            }
        }
    }

    /// Ends the line if there are words in it.
    pub(super) fn new_line(&mut self) {
        if self.begun {
            self.due = 1;
        } else if self.blank {
            self.due = (self.due + 1).min(3);
        }
        (self.begun, self.space, self.blank) = (false, false, false);
    }

    pub(super) fn line_break(&mut self) {
        // At most two empty lines follow each other.
        self.due = if self.begun { 1 } else { (self.due + 1).min(3) };
        (self.begun, self.space, self.blank) = (false, false, false);
    }

    /// An empty line before the next words.
    pub(super) fn paragraph(&mut self) {
        self.new_line();
        if !self.out.is_empty() {
            self.due = self.due.max(2);
        }
    }

    pub(super) fn rule(&mut self) {
        self.new_line();
        self.words("________________________________");
        self.new_line();
    }

    pub(super) fn cell(&mut self) {
        self.space = self.begun;
    }

    pub(super) fn item(&mut self) {
        self.new_line();
        self.words("• ");
    }

    pub(super) fn set_preformatted(&mut self, preformatted: bool) {
        self.preformatted = preformatted;
    }

    pub(super) fn begin_quote(&mut self, quoted: bool) {
        self.new_line();
        self.depth += usize::from(quoted);
    }

    pub(super) fn end_quote(&mut self, quoted: bool) {
        self.new_line();
        self.depth = self.depth.saturating_sub(usize::from(quoted));
        self.shallowest = self.shallowest.min(self.depth);
    }

    /// Puts a link's address behind its words, unless they say it.
    pub(super) fn link(&mut self, address: &str, start: usize) {
        let words = self.out.get(start..).unwrap_or_default().trim();
        let address = address.trim();
        let shown = address.strip_prefix("mailto:").unwrap_or(address);
        let known = ["http://", "https://", "mailto:"].iter().any(|scheme| address.starts_with(scheme));
        let bare = |text: &str| {
            text.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_lowercase()
        };
        if known && !words.is_empty() && bare(words) != bare(shown) && address.len() <= LONGEST_ADDRESS {
            let shown = format!(" <{shown}>");
            self.words(&shown);
        }
    }

    pub(super) fn mark_quote(&mut self) {
        self.new_line();
        self.quote_due = self.quote.is_none();
    }

    pub(super) fn mark_signature(&mut self) {
        self.new_line();
        self.signature_due = self.signature.is_none();
    }

    pub(super) fn finish(self) -> Words {
        let text = self.out.trim_end().to_owned();
        let within = |at: Option<usize>| at.filter(|at| *at < text.len());
        Words { quote: within(self.quote), signature: within(self.signature), text }
    }
}
