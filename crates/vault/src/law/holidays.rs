//! National public holidays, as rules with the years in which they hold.

use jiff::civil::{Date, Weekday, date};
use jiff::{Span, ToSpan};

use super::Country;

/// A holiday, and from which year until which it is one.
#[derive(Debug)]
pub(super) struct Rule {
    on: On,
    from: i16,
    until: i16,
}

/// How a holiday's day is found in a year.
#[derive(Debug, Clone, Copy)]
enum On {
    /// The same date each year.
    Fixed(i8, i8),
    /// So many days after Easter Sunday; before it, if negative.
    Easter(i32),
    /// The first of a weekday in a month.
    First(Weekday, i8),
    /// The last of a weekday in a month.
    Last(Weekday, i8),
    /// Saint Brigid's Day: the first Monday of February, or the 1st where that is a Friday (Organisation of Working Time Act
    /// 1997, Schedule 2, as amended for 2023).
    Brigid,
}

const fn always(on: On) -> Rule {
    Rule { on, from: i16::MIN, until: i16::MAX }
}

const fn since(from: i16, on: On) -> Rule {
    Rule { on, from, until: i16::MAX }
}

const NEW_YEAR: Rule = always(On::Fixed(1, 1));
const EPIPHANY: Rule = always(On::Fixed(1, 6));
const GOOD_FRIDAY: Rule = always(On::Easter(-2));
const EASTER_MONDAY: Rule = always(On::Easter(1));
const LABOUR_DAY: Rule = always(On::Fixed(5, 1));
const ASCENSION: Rule = always(On::Easter(39));
const WHIT_MONDAY: Rule = always(On::Easter(50));
const ASSUMPTION: Rule = always(On::Fixed(8, 15));
const ALL_SAINTS: Rule = always(On::Fixed(11, 1));
const IMMACULATE_CONCEPTION: Rule = always(On::Fixed(12, 8));
const CHRISTMAS: Rule = always(On::Fixed(12, 25));
const SAINT_STEPHEN: Rule = always(On::Fixed(12, 26));

pub(super) static GERMANY: &[Rule] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_MONDAY,
    always(On::Fixed(10, 3)),
    CHRISTMAS,
    SAINT_STEPHEN,
];

pub(super) static SPAIN: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    GOOD_FRIDAY,
    LABOUR_DAY,
    ASSUMPTION,
    always(On::Fixed(10, 12)),
    ALL_SAINTS,
    always(On::Fixed(12, 6)),
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
];

pub(super) static FRANCE: &[Rule] = &[
    NEW_YEAR,
    EASTER_MONDAY,
    LABOUR_DAY,
    always(On::Fixed(5, 8)),
    ASCENSION,
    WHIT_MONDAY,
    always(On::Fixed(7, 14)),
    ASSUMPTION,
    ALL_SAINTS,
    always(On::Fixed(11, 11)),
    CHRISTMAS,
];

pub(super) static IRELAND: &[Rule] = &[
    NEW_YEAR,
    since(2023, On::Brigid),
    always(On::Fixed(3, 17)),
    EASTER_MONDAY,
    always(On::First(Weekday::Monday, 5)),
    always(On::First(Weekday::Monday, 6)),
    always(On::First(Weekday::Monday, 8)),
    always(On::Last(Weekday::Monday, 10)),
    CHRISTMAS,
    SAINT_STEPHEN,
];

pub(super) static ITALY: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    EASTER_MONDAY,
    always(On::Fixed(4, 25)),
    LABOUR_DAY,
    always(On::Fixed(6, 2)),
    ASSUMPTION,
    // Saint Francis of Assisi: Law of 8 October 2025, No 151.
    since(2026, On::Fixed(10, 4)),
    ALL_SAINTS,
    IMMACULATE_CONCEPTION,
    CHRISTMAS,
    SAINT_STEPHEN,
];

impl Country {
    /// Whether a day is a working day here: neither Saturday, nor Sunday, nor a public holiday.
    pub fn works(&self, day: Date) -> bool {
        !is_weekend(day) && !self.holidays.iter().any(|rule| rule.falls_on(day))
    }
}

/// Whether it is a Saturday or a Sunday.
pub(super) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl Rule {
    fn falls_on(&self, day: Date) -> bool {
        (self.from..=self.until).contains(&day.year()) && self.on.falls_on(day)
    }
}

impl On {
    fn falls_on(self, day: Date) -> bool {
        match self {
            Self::Fixed(month, of_month) => (day.month(), day.day()) == (month, of_month),
            Self::Easter(after) => {
                easter(day.year()).checked_add(Span::new().days(after)).is_ok_and(|holiday| holiday == day)
            }
            Self::First(weekday, month) => day.month() == month && day.weekday() == weekday && day.day() <= 7,
            Self::Last(weekday, month) => {
                day.month() == month && day.weekday() == weekday && day.day() + 7 > day.days_in_month()
            }
            Self::Brigid => {
                let first = day.first_of_month().weekday();
                let monday = first != Weekday::Friday && Self::First(Weekday::Monday, 2).falls_on(day);
                monday || (first == Weekday::Friday && (day.month(), day.day()) == (2, 1))
            }
        }
    }
}

/// Easter Sunday of a year of the Gregorian calendar (Meeus, Jones and Butcher).
fn easter(year: i16) -> Date {
    let year_of = i32::from(year);
    let golden = year_of.rem_euclid(19);
    let (century, of_century) = (year_of.div_euclid(100), year_of.rem_euclid(100));
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15).rem_euclid(30);
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let from_march = moon + sunday - 7 * late + 22;
    let march = Date::new(year, 3, 1).unwrap_or(date(2000, 3, 1));
    march.checked_add((from_march - 1).days()).unwrap_or(march)
}
