//! Which words of a mail are the writer's own, and what stands below them: the signature, and what is quoted.
//!
//! Nothing is lost: own words and what is below, one after the other, are the text. In doubt everything is own.

use super::letter::Words;
use super::phrases::{self, Quoted};

/// A signature is no longer than this many lines.
const LONGEST_SIGNATURE: usize = 30;
/// What follows the line of a telephone has at most this many lines.
const AFTER_TELEPHONE: usize = 3;

/// A text in two.
pub(super) struct Folded {
    /// The writer's own words.
    pub(super) own: String,
    /// The rest, empty if there is none.
    pub(super) below: String,
    /// The writer passes on what somebody else wrote.
    pub(super) forwarded: bool,
}

/// Parts a text. What is passed on is what the writer wants to be read: it stays.
pub(super) fn fold(words: &Words, subject: &str) -> Folded {
    let lines = Lines::of(&words.text);
    let forward = (0..lines.count()).find(|&line| lines.is_forward(line));
    let passed_on = phrases::is_forward_subject(subject)
        && (forward.is_some() || (0..lines.count()).any(|line| lines.is_header(line)));
    let hard = lines.hard_cut(words.quote).filter(|_| !passed_on);
    let forwarded = passed_on || forward.is_some_and(|forward| hard.is_none_or(|hard| forward <= hard));
    let cut = if forwarded { None } else { lines.cut(hard, words.signature) };
    let at = cut.map_or(words.text.len(), |line| lines.end_before(line));
    let (own, below) = words.text.split_at(at);
    if own.trim().is_empty() {
        return Folded { own: words.text.clone(), below: String::new(), forwarded };
    }
    Folded { own: own.to_owned(), below: below.to_owned(), forwarded }
}

/// The lines of a text by number.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1).filter(|at| *at < text.len());
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    fn count(&self) -> usize {
        self.starts.len()
    }

    fn line(&self, number: usize) -> &'a str {
        let start = self.starts.get(number).copied().unwrap_or(self.text.len());
        let end = self.starts.get(number + 1).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    fn is_empty(&self, number: usize) -> bool {
        self.line(number).trim().is_empty()
    }

    fn is_quoted(&self, number: usize) -> bool {
        self.line(number).trim_start().starts_with('>')
    }

    fn is_forward(&self, number: usize) -> bool {
        !self.is_quoted(number) && phrases::is_forward(self.line(number))
    }

    /// The line in which a byte is.
    fn at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The end of what stands before a line, without the empty lines between.
    fn end_before(&self, line: usize) -> usize {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text[..start].trim_end().len()
    }

    /// The last line before `end` in which anything stands.
    fn last(&self, end: usize) -> Option<usize> {
        (0..end).rev().find(|&line| !self.is_empty(line))
    }

    /// Where an earlier mail begins that is not marked line by line: all that follows is below.
    fn hard_cut(&self, marked: Option<usize>) -> Option<usize> {
        let marked = marked.map(|byte| self.at(byte)).filter(|&line| !self.answers_after(line));
        let last_quoted = (0..self.count()).rev().find(|&line| self.is_quoted(line));
        let unquoted_from = |next: usize| last_quoted.is_none_or(|last| last < next);
        let found = (0..self.count()).find(|&line| {
            !self.is_quoted(line)
                && (phrases::is_original(self.line(line))
                    || self.is_header(line)
                    || self
                        .attribution(line)
                        .is_some_and(|(next, said)| unquoted_from(next) && phrases::is_exact(&said)))
        });
        // The line that programs draw above belongs to what is quoted.
        let found = found.map(|line| match line.checked_sub(1).and_then(|_| self.last(line)) {
            Some(rule) if is_rule(self.line(rule)) => rule,
            _ => line,
        });
        [marked, found].into_iter().flatten().min()
    }

    /// Whether something that is not quoted stands below what is: an answer between the lines.
    fn answers_after(&self, line: usize) -> bool {
        let Some(quoted) = (line..self.count()).find(|&line| self.is_quoted(line)) else { return false };
        let end = self.signature(self.count(), None).unwrap_or(self.count());
        (quoted..end).any(|line| !self.is_quoted(line) && !self.is_empty(line))
    }

    /// Whether a quoted header (`From:`, `Sent:`, `To:`, `Subject:`) begins at a line. Where it does not begin with who wrote,
    /// all four must be there.
    fn is_header(&self, first: usize) -> bool {
        let Some(begins) = phrases::header_field(self.line(first)) else { return false };
        let kinds: Vec<Quoted> = (first..self.count().min(first + 12))
            .take_while(|&line| !self.is_empty(line) || line == first + 1)
            .filter_map(|line| phrases::header_field(self.line(line)))
            .collect();
        let has = |kind| kinds.contains(&kind);
        match begins {
            Quoted::Who => has(Quoted::When) && (has(Quoted::Whom) || has(Quoted::About)),
            Quoted::When | Quoted::Whom | Quoted::About => {
                has(Quoted::Who) && has(Quoted::When) && has(Quoted::Whom) && has(Quoted::About)
            }
        }
    }

    /// An attribution in one to four lines: the line after it, and what it says.
    fn attribution(&self, line: usize) -> Option<(usize, String)> {
        if !phrases::begins_attribution(self.line(line)) {
            return None;
        }
        let mut joined = String::new();
        for next in line..self.count().min(line + 4) {
            if self.is_empty(next) || self.is_quoted(next) {
                return None;
            }
            joined.push_str(self.line(next).trim());
            if phrases::is_attribution(&joined) {
                return Some((next + 1, joined));
            }
            joined.push(' ');
        }
        None
    }

    /// The first line of what is below.
    fn cut(&self, hard: Option<usize>, signed: Option<usize>) -> Option<usize> {
        let mut end = hard.unwrap_or(self.count());
        // A list's footer, a signature, a quotation, another signature: there are not many.
        for _ in 0..8 {
            let next = self.quotation(end).or_else(|| self.signature(end, signed));
            match next.filter(|next| *next < end && self.last(*next).is_some()) {
                Some(next) => end = next,
                None => break,
            }
        }
        (end < self.count()).then_some(end)
    }

    /// The quotation with which the lines before `end` end, unless there are answers between what is quoted.
    fn quotation(&self, end: usize) -> Option<usize> {
        let last = self.last(end).filter(|&line| self.is_quoted(line))?;
        let first = (0..=last).rev().take_while(|&line| self.is_quoted(line) || self.is_empty(line)).last()?;
        let first = (first..=last).find(|&line| self.is_quoted(line))?;
        let before = self.introduction(first).unwrap_or(first);
        let answered = (0..before).any(|line| self.is_quoted(line));
        (!answered).then_some(before)
    }

    /// The line or lines that introduce what is quoted: known words, or any that end in a colon and name a day or an address.
    fn introduction(&self, quoted: usize) -> Option<usize> {
        let last = self.last(quoted)?;
        let known = (last.saturating_sub(3)..=last)
            .find(|&line| self.attribution(line).is_some_and(|(next, _)| next == last + 1));
        known.or_else(|| self.likely(last).filter(|_| quoted - last <= 2))
    }

    /// A line in a language that nobody taught us, with the one above where that has the date.
    fn likely(&self, last: usize) -> Option<usize> {
        let digits = |line: usize| self.line(line).chars().filter(char::is_ascii_digit).count();
        let line = self.line(last).trim();
        if !line.ends_with(':') || !(line.contains('@') || digits(last) >= 3) {
            return None;
        }
        let above = last.checked_sub(1).filter(|&above| digits(last) < 3 && digits(above) >= 6);
        above.or(Some(last))
    }

    /// Whether a line begins a signature that ends at `last`. Without the space behind the dashes, which some programs take
    /// away, it must be a short one that asks nothing.
    fn is_dashes(&self, line: usize, last: usize) -> bool {
        let mut following = (line + 1..=last).filter(|&line| !self.is_empty(line));
        match self.line(line) {
            "-- " => true,
            "--" => following.clone().count() <= 5 && following.all(|line| !self.line(line).contains('?')),
            _ => false,
        }
    }

    /// The signature with which the lines before `end` end.
    fn signature(&self, end: usize, signed: Option<usize>) -> Option<usize> {
        let last = self.last(end)?;
        let from = (last + 1).saturating_sub(LONGEST_SIGNATURE);
        let dashes = (from..=last).rev().find(|&line| self.is_dashes(line, last));
        let telephone = (from..=last).rev().find(|&line| {
            let following = (line + 1..=last).filter(|&line| !self.is_empty(line)).count();
            following <= AFTER_TELEPHONE && phrases::is_sent_from(self.line(line))
        });
        let marked = signed.map(|byte| self.at(byte)).filter(|line| (from..=last).contains(line));
        let quoted_after = |line: &usize| (*line..=last).any(|line| self.is_quoted(line));
        [dashes, telephone, marked].into_iter().flatten().filter(|line| !quoted_after(line)).max()
    }
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '*' | '=' | '\u{2500}'))
}
