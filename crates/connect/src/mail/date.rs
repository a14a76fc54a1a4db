//! Dates (RFC 5322, section 3.3, with the obsolete forms), and what programs write instead.

use jiff::civil::DateTime;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Names of zones that occur, in minutes east of Greenwich.
const ZONES: [(&str, i32); 16] = [
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("cet", 60),
    ("cest", 120),
    ("met", 60),
    ("mest", 120),
    ("bst", 60),
    ("eet", 120),
    ("eest", 180),
    ("jst", 540),
];
/// How much later than its arrival a mail may be dated, in milliseconds: clocks differ.
const AHEAD_MS: i64 = 10 * 60 * 1000;
/// How much earlier: servers try for five days, and some a little longer.
const BEHIND_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Unix milliseconds of a date. A zone that nobody knows is taken for Greenwich (RFC 5322, section 4.3).
pub(super) fn read(value: &str) -> Option<i64> {
    let mut seen = Seen::default();
    let bare = value.split('(').next().unwrap_or_default().to_ascii_lowercase();
    for token in bare.split([' ', ',', '\t']).filter(|token| !token.is_empty()) {
        seen.take(token);
    }
    let date =
        DateTime::new(seen.year?, seen.month?, seen.day?, seen.hour?, seen.minute?, seen.second.min(59), 0).ok()?;
    let as_if_utc = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some(as_if_utc - i64::from(seen.zone) * 60_000)
}

/// When a mail was written: its date if that can be, else when it arrived.
pub(super) fn plausible(date_ms: Option<i64>, received_ms: i64) -> i64 {
    match date_ms {
        Some(date) if received_ms <= 0 => date.max(0),
        Some(date) if (received_ms - BEHIND_MS..=received_ms + AHEAD_MS).contains(&date) => date,
        _ => received_ms.max(0),
    }
}

#[derive(Default)]
struct Seen {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    hour: Option<i8>,
    minute: Option<i8>,
    second: i8,
    zone: i32,
}

impl Seen {
    fn take(&mut self, token: &str) {
        let number = token.parse::<i16>().ok().filter(|_| token.bytes().all(|byte| byte.is_ascii_digit()));
        let month = token.get(..3).and_then(|start| MONTHS.iter().position(|month| *month == start));
        match (month, number) {
            (Some(month), _) => self.month = self.month.or(i8::try_from(month + 1).ok()),
            (None, Some(number)) if token.len() <= 2 && self.day.is_none() => self.day = i8::try_from(number).ok(),
            (None, Some(number)) => self.year = self.year.or_else(|| full_year(number, token.len())),
            (None, None) if token.contains(':') && self.hour.is_none() => self.take_time(token),
            (None, None) if token.split('-').count() == 3 => self.take_joined(token),
            (None, None) => self.take_zone(token),
        }
    }

    /// `1-jan-2026` and `2026-01-02`, with or without `t10:11:12z` behind.
    fn take_joined(&mut self, token: &str) {
        let (date, time) = token.split_once('t').filter(|(date, _)| date.len() == 10).unwrap_or((token, ""));
        let parts: Vec<&str> = date.split('-').collect();
        if let [year, month, day] = parts[..]
            && year.len() == 4
        {
            (self.year, self.month, self.day) = (year.parse().ok(), month.parse().ok(), day.parse().ok());
        } else {
            for part in parts {
                self.take(part);
            }
        }
        if !time.is_empty() {
            self.take_time(time);
        }
    }

    fn take_time(&mut self, token: &str) {
        if token.split_once('t').is_some_and(|(date, _)| date.len() == 10) {
            return self.take_joined(token);
        }
        let end = token.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(token.len());
        let (time, zone) = token.split_at(end);
        let mut parts = time.split([':', '.']);
        (self.hour, self.minute) =
            (parts.next().and_then(|part| part.parse().ok()), parts.next().and_then(|part| part.parse().ok()));
        self.second = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        if !zone.is_empty() {
            self.take_zone(zone);
        }
    }

    fn take_zone(&mut self, token: &str) {
        let named = ZONES.iter().find(|(name, _)| *name == token).map(|(_, minutes)| *minutes);
        let offset = token.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let (sign, digits) = match offset.split_at_checked(1) {
            Some(("+", digits)) => (1, digits.replace(':', "")),
            Some(("-", digits)) => (-1, digits.replace(':', "")),
            _ => (1, String::new()),
        };
        let digits = digits.parse::<i32>().ok().filter(|_| digits.len() == 4);
        let written =
            digits.map(|digits| sign * (digits / 100 * 60 + digits % 100)).filter(|minutes| minutes.abs() <= 14 * 60);
        self.zone = named.or(written).unwrap_or(self.zone);
    }
}

/// Two digits mean 1950 to 2049, three count from 1900 (RFC 5322, section 4.3).
fn full_year(number: i16, digits: usize) -> Option<i16> {
    match digits {
        1 | 2 if number < 50 => Some(2000 + number),
        1..=3 => Some(1900 + number),
        4 => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{plausible, read};

    #[track_caller]
    fn check(value: &str, expected: Option<&str>) {
        let expected = expected.map(|expected| expected.parse::<jiff::Timestamp>().expect("RFC 3339").as_millisecond());
        assert_eq!(read(value), expected, "{value}");
    }

    #[test]
    fn dates_of_all_kinds() {
        let noon = Some("2026-03-02T12:00:00Z");
        for value in [
            "Mon, 2 Mar 2026 13:00:00 +0100",
            "Mon, 02 Mar 2026 13:00:00 +0100 (CET)",
            "2 Mar 26 12:00 GMT",
            "Mon,2 Mar 2026 12:00:00 -0000",
            "Mon, 2 Mar 2026 07:00:00 EST",
            "Mon Mar  2 12:00:00 2026",
            "Mon, 2 Mar 126 12:00:00 UT",
            "Montag, 2 March 2026 12:00:00 Z",
            "2-Mar-2026 13:00:00 +01:00",
            "2026-03-02T13:00:00+01:00",
            "2026-03-02 12:00:00 +0000",
            "Mon, 2 Mar 2026 14:00:00 GMT+0200",
        ] {
            check(value, noon);
        }
        for value in ["", "yesterday", "2 Mar 2026", "32 Mar 2026 12:00", "2 Mar 99999 12:00", "2 Mar 2026 25:00"] {
            check(value, None);
        }
    }

    #[test]
    fn absurd_dates_are_not_believed() {
        let received = 1_772_452_800_000;
        for (date, expected) in [
            (Some(received - 1), received - 1),
            (Some(received + 60_000), received + 60_000),
            (Some(received + 3_600_000), received),
            (Some(received - 30 * 86_400_000), received),
            (Some(0), received),
            (None, received),
        ] {
            assert_eq!(plausible(date, received), expected);
        }
        assert_eq!((plausible(Some(5), 0), plausible(None, 0), plausible(Some(-5), 0)), (5, 0, 0));
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in "[0-9a-zA-Z :+,.()-]{0,40}|\\PC{0,30}") {
            read(&value);
        }
    }
}
