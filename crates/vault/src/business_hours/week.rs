//! What hours are, and what they say of a moment.
//!
//! A span is local time, so what it means is asked of the day: where the clocks go forward over its beginning, it begins when
//! they have; where they go back, the first of the two hours counts. The time zones are those built into the program, so every
//! node says the same.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::{Error, Millis, Result};

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// How many spans a day has at most.
const SPANS: usize = 8;
/// How many holidays there are at most.
const HOLIDAYS: usize = 400;
/// How many days are looked at for the next opening.
const AHEAD: i32 = 400;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The spans of each day of the week.
pub type Week = [Vec<Span>; 7];

/// When somebody is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// An IANA name (`Europe/Rome`).
    pub timezone: String,
    /// From Monday on. A week without any span says nothing: it is always open.
    pub week: Week,
    /// Days on which it is closed, in order.
    pub holidays: Vec<Holiday>,
}

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight, up to 1440, which is the next.
    pub until: u16,
}

/// A day on which it is closed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "plain words")]
pub struct Holiday {
    pub date: Day,
    pub name: String,
}

/// A day of the calendar.
pub type Day = Date;

/// What hours say of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is open.
    pub open_now: bool,
    /// When it opens next; `None` while it is open, and where it does not open within a year.
    pub opens_at: Option<Millis>,
    /// When it closes; `None` while it is closed, and where it never does.
    pub closes_at: Option<Millis>,
}

impl Default for Hours {
    /// No hours: always open.
    fn default() -> Self {
        Self { timezone: "UTC".into(), week: Week::default(), holidays: Vec::new() }
    }
}

/// A time zone of those built into the program, by its name (`Europe/Rome`).
pub fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
}

impl Hours {
    /// The same, in order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a time zone that nobody knows, a span that ends before it begins or overlaps another, or more
    /// than can be meant.
    pub fn checked(mut self) -> Result<Self> {
        if ZONES.get(&self.timezone).is_err() {
            return Err(invalid("timezone is the name of a time zone, such as Europe/Rome"));
        }
        for day in &mut self.week {
            day.sort_unstable();
            let apart = day.windows(2).all(|pair| matches!(pair, [one, next] if one.until <= next.from));
            if day.len() > SPANS || !apart || day.iter().any(|span| span.from >= span.until || span.until > DAY) {
                return Err(invalid(
                    "week: each day has at most 8 spans, which end after they begin and do not overlap",
                ));
            }
        }
        self.holidays.sort();
        let named =
            self.holidays.iter().all(|day| day.name.chars().count() <= 100 && !day.name.contains(char::is_control));
        if self.holidays.len() > HOLIDAYS || !named {
            return Err(invalid("holidays: at most 400, each named by one line of up to 100 characters"));
        }
        Ok(self)
    }

    /// What they say of a moment.
    pub fn standing(&self, now: Millis) -> Standing {
        let always = Standing { open_now: true, opens_at: None, closes_at: None };
        let (Ok(zone), Ok(moment)) = (ZONES.get(&self.timezone), Timestamp::from_millisecond(now)) else {
            return always;
        };
        if self.week.iter().all(Vec::is_empty) {
            return always;
        }
        let mut spans = self.spans(&zone, moment).filter(|(_, until)| *until > now).peekable();
        match spans.next() {
            Some((from, mut until)) if from <= now => {
                // What goes on at midnight does not close there.
                while let Some((_, later)) = spans.next_if(|(next, _)| *next <= until) {
                    until = later;
                }
                Standing { open_now: true, opens_at: None, closes_at: Some(until) }
            }
            next => Standing { open_now: false, opens_at: next.map(|(from, _)| from), closes_at: None },
        }
    }

    /// All spans from the day before a moment on, in order.
    fn spans<'a>(&'a self, zone: &'a TimeZone, moment: Timestamp) -> impl Iterator<Item = (Millis, Millis)> + 'a {
        let today = zone.to_datetime(moment).date();
        let days = (-1..AHEAD).filter_map(move |ahead| today.checked_add(ahead.days()).ok());
        let open = days.filter(|day| !self.holidays.iter().any(|holiday| holiday.date == *day));
        open.flat_map(move |day| {
            let of_day = self.week.get(usize::from(day.weekday().to_monday_zero_offset().unsigned_abs()));
            let moments = |span: &Span| Some((moment_of(zone, day, span.from)?, moment_of(zone, day, span.until)?));
            of_day.into_iter().flatten().filter_map(moments).filter(|(from, until)| from < until).collect::<Vec<_>>()
        })
    }
}

/// A minute of a day in a zone; minute 1440 is the next midnight.
fn moment_of(zone: &TimeZone, day: Date, minute: u16) -> Option<Millis> {
    let (day, minute) = if minute >= DAY { (day.tomorrow().ok()?, 0) } else { (day, minute) };
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    let local = day.at(hour, minute, 0, 0);
    zone.to_ambiguous_timestamp(local).compatible().ok().map(Timestamp::as_millisecond)
}

fn invalid(what: &str) -> Error {
    Error::Invalid(what.into())
}
