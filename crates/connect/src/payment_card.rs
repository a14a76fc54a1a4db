//! Payment card numbers and their security codes in text, for channels whose provider forbids that they are sent
//! ([`crate::Forbids::card_numbers`]).
//!
//! A card number has 13 to 19 digits, begins as one of the networks' do, and ends with the right check digit (ISO/IEC 7812-1).
//! One in ten long numbers has that digit by chance, so what is around counts too:
//!
//! - It is written in one, or in the groups that are printed on cards; in any other groups only beside a word for a card. Where the
//!   groups stand like a list's (`4111, 1111, …`) nothing else may be in the list.
//! - It is no telephone number (behind a plus, up to 15 digits), no part of a valid IBAN (ISO 13616), of a link, of a word with
//!   letters, or of a longer number in groups of four.
//! - Written in one behind a word such as "order" or "tracking", it is that. In groups it is a card all the same.
//! - Thirteen digits, as cards no longer have and articles do, need a word for a card beside them.
//!
//! Digits count in every script that writes numbers with ten of them, in circles and on keycaps, too.
//!
//! A security code is told by its name: three or four digits soon after "CVV" or "CVC", or what languages call it.

mod digits;
mod networks;
#[cfg(test)]
mod tests;
mod words;

pub use digits::digit;

/// The most characters between two groups of one number.
const GAP: usize = 3;
/// The digits of a card number: fewest and most.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// The most digits of a telephone number (ITU-T E.164).
const PHONE: usize = 15;

/// Whether a text holds a full card number, or a card's security code.
pub fn is_in(text: &str) -> bool {
    // What most texts are: without so many digits there is neither.
    if text.chars().filter(|letter| digit(*letter).is_some()).count() < 3 {
        return false;
    }
    let text = Text::of(text);
    text.number(false) || text.number(true) || text.security_code()
}

/// Some digits in a row.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn len(self) -> usize {
        self.end - self.start
    }
}

/// A text with its digits as ASCII writes them, and without what nobody sees.
struct Text {
    letters: Vec<char>,
}

impl Text {
    fn of(text: &str) -> Self {
        let seen = text.chars().filter(|letter| !is_invisible(*letter));
        Self { letters: seen.map(|letter| digit(letter).unwrap_or(letter)).collect() }
    }

    /// `listed`: separated as a list is, which a number is only beside a word for a card, or evenly and with nothing else in it.
    fn number(&self, listed: bool) -> bool {
        let groups = self.groups();
        let ibans = words::ibans(&self.letters);
        let mut from = 0;
        while from < groups.len() {
            let mut end = from + 1;
            while end < groups.len() && self.belong(groups[end - 1], groups[end], listed) {
                end += 1;
            }
            if self.in_run(&groups[from..end], &ibans, listed) {
                return true;
            }
            from = end;
        }
        false
    }

    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (at, letter) in self.letters.iter().enumerate() {
            match groups.last_mut() {
                _ if !letter.is_ascii_digit() => {}
                Some(last) if last.end == at => last.end = at + 1,
                _ => groups.push(Group { start: at, end: at + 1 }),
            }
        }
        groups
    }

    /// Whether two groups may be of one number: little is between them, and nothing but what separates.
    fn belong(&self, left: Group, right: Group, listed: bool) -> bool {
        let between = &self.letters[left.end..right.start];
        let in_list = between.iter().any(|letter| parts(*letter)) && between.len() > 1;
        let separates = |letter: &char| separates(*letter) || parts(*letter);
        between.len() <= GAP && between.iter().all(separates) && (listed || !in_list)
    }

    /// Whether some groups of a run, one after the other, are a card number.
    fn in_run(&self, run: &[Group], ibans: &[(usize, usize)], listed: bool) -> bool {
        (0..run.len()).any(|first| {
            let mut digits = 0;
            let taken = run[first..].iter().take_while(|group| {
                digits += group.len();
                digits <= *DIGITS.end()
            });
            let most = taken.count();
            (1..=most).any(|count| self.is_card(run, first..first + count, ibans, listed))
        })
    }

    fn is_card(&self, run: &[Group], taken: std::ops::Range<usize>, ibans: &[(usize, usize)], listed: bool) -> bool {
        let groups = &run[taken.clone()];
        let (Some(start), Some(end)) = (groups.first().map(|it| it.start), groups.last().map(|it| it.end)) else {
            return false;
        };
        let digits: Vec<u8> =
            self.letters[start..end].iter().filter_map(|it| it.to_digit(10)?.try_into().ok()).collect();
        if !DIGITS.contains(&digits.len()) || !networks::checks(&digits) || !networks::issues(&digits) {
            return false;
        }
        let within = |&(from, to): &(usize, usize)| from < end && start < to;
        let all: usize = run[..taken.end].iter().map(|group| group.len()).sum();
        let phone = all <= PHONE && words::after_plus(&self.letters, run[0].start);
        if phone || words::in_link(&self.letters, start) || ibans.iter().any(within) {
            return false;
        }
        if words::of_card(&self.letters, start, end) {
            return true;
        }
        let of_longer = taken.start > 0 && run[taken.start - 1].len() == 4;
        let other = groups.len() == 1 && words::of_another_number(&self.letters, start);
        let printed = digits.len() > *DIGITS.start() && is_printed(groups, run.len());
        let alone = !listed || groups.len() == run.len() && self.evenly(groups);
        alone && printed && !of_longer && !self.is_in_word(start, end) && !other
    }

    /// Whether the same stands between all groups.
    fn evenly(&self, groups: &[Group]) -> bool {
        let mut between = groups.windows(2).map(|two| &self.letters[two[0].end..two[1].start]);
        let first = between.next();
        between.all(|next| Some(next) == first)
    }

    /// Whether letters are attached to digits. Crosses alone make no word of them.
    fn is_in_word(&self, start: usize, end: usize) -> bool {
        fn word<'a>(letters: impl Iterator<Item = &'a char>) -> bool {
            letters.take_while(|letter| letter.is_alphanumeric()).any(|letter| !matches!(letter, 'x' | 'X'))
        }
        word(self.letters[..start].iter().rev()) || word(self.letters[end..].iter())
    }

    /// Three or four digits soon after the name of what is printed on a card's back.
    fn security_code(&self) -> bool {
        let named = words::security_codes(&self.letters);
        named.into_iter().any(|(end, four)| {
            let after = &self.letters[end..self.letters.len().min(end + words::SOON)];
            let Some(digits) = after.iter().position(char::is_ascii_digit) else { return false };
            let length = self.letters[end + digits..].iter().take_while(|it| it.is_ascii_digit()).count();
            !after[..digits].contains(&'\n') && (length == 3 || four && length == 4)
        })
    }
}

/// Whether the groups are as cards have them: one; fours; 4-6-5 and 4-6-4; halves; or digit by digit, and nothing else beside it.
fn is_printed(groups: &[Group], in_run: usize) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    match lengths.as_slice() {
        [_] | [4, 6, 4 | 5] | [8, 8] => true,
        [fours @ .., last] if fours.len() >= 3 => {
            let of = |size| fours.iter().all(|length| *length == size) && *last <= size;
            of(4) || of(1) && in_run == groups.len()
        }
        _ => false,
    }
}

fn separates(letter: char) -> bool {
    letter != '\n' && letter != '\r' && letter.is_whitespace()
        || matches!(
            letter,
            '-' | '.' | '_' | '*' | '~' | '|' | '\u{b7}' | '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2212}'
        )
}

/// What separates, and stands between the members of a list as well.
fn parts(letter: char) -> bool {
    matches!(letter, ',' | '/' | '\\' | ';' | '\u{2044}' | '\u{3001}' | '\u{ff0c}' | '\u{ff0f}')
}

/// Zero-width characters, joiners, soft hyphens, marks that only direct the writing or say how something looks, and what makes a
/// digit a keycap.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        || matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{20dd}'..='\u{20e0}' | '\u{20e2}'..='\u{20e4}' | '\u{180e}' | '\u{34f}')
}
