//! When a period ends: Regulation (EEC, Euratom) No 1182/71.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::Country;
use super::holidays::is_weekend;
use crate::Millis;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// So many days.
    Days(i32),
    /// So many months.
    Months(i32),
}

impl Period {
    fn span(self) -> Span {
        match self {
            Self::Days(days) => Span::new().days(days),
            Self::Months(months) => Span::new().months(months),
        }
    }
}

/// The last day of a period that runs from a day, which itself is not counted (Art. 3(1)). Months end on the same date, or on
/// the last day of a month that has no such date (Art. 3(2)(c)); a last day that is a public holiday, a Saturday or a Sunday
/// gives way to the next working day (Art. 3(4)).
pub fn last_day(country: Option<&Country>, from: Date, period: Period) -> Date {
    let mut day = from.checked_add(period.span()).unwrap_or(Date::MAX);
    while !country.map_or_else(|| !is_weekend(day), |country| country.works(day)) {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    day
}

/// The moment at which a period is over that runs from the day of a moment: the end of its last day's last hour, in that
/// place's time (Art. 3(2)), in Unix milliseconds.
pub fn last_moment(country: Option<&Country>, zone: &TimeZone, from: Millis, period: Period) -> Millis {
    let Ok(from) = Timestamp::from_millisecond(from) else { return Millis::MAX };
    let last = last_day(country, from.to_zoned(zone.clone()).date(), period);
    let after = last.checked_add(1.day()).and_then(|day| day.to_zoned(zone.clone()));
    after.map_or(Millis::MAX, |after| after.timestamp().as_millisecond())
}
