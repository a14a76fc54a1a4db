//! Deadlines against an oracle that shares nothing with them (`scripts/deadlines.py`), and at the edges.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::{Period, countries, country, last_day, last_moment};
use crate::Millis;

/// Each line: country, month, the days after which one month ends for each day of that month, the same for three.
const ORACLE: &str = include_str!("deadlines.txt");

fn digit(sign: u8) -> i64 {
    i64::from(char::from(sign).to_digit(36).unwrap())
}

fn days_between(from: Date, until: Date) -> i64 {
    i64::from(from.until(until).unwrap().get_days())
}

#[test]
fn every_start_day_of_2024_to_2036_in_five_countries_ends_when_the_oracle_says() {
    let mut compared = 0;
    for line in ORACLE.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let law = country(words[0]);
        assert!(law.is_some(), "{} is known", words[0]);
        for (text, months, least) in [(words[2], 1, 28), (words[3], 3, 88)] {
            let mut day: Date = format!("{}-01", words[1]).parse().unwrap();
            for sign in text.bytes() {
                let last = last_day(law, day, Period::Months(months));
                assert_eq!(days_between(day, last), least + digit(sign), "{months} months from {day} in {}", words[0]);
                day = day.tomorrow().unwrap();
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 5 * 2 * 4_749, "thirteen years have 4,749 days");
}

#[test]
fn a_month_ends_on_the_same_date_or_on_the_last_day_there_is() {
    let ends = |from, months| last_day(None, from, Period::Months(months));
    assert_eq!(ends(date(2026, 3, 5), 1), date(2026, 4, 6), "the 5th is a Sunday");
    assert_eq!(ends(date(2026, 8, 31), 1), date(2026, 9, 30));
    assert_eq!(ends(date(2027, 12, 31), 2), date(2028, 2, 29));
    assert_eq!(last_day(country("it"), date(2026, 3, 6), Period::Months(1)), date(2026, 4, 7), "after Easter Monday");
    assert_eq!(
        last_day(country("IE"), date(2025, 12, 24), Period::Days(1)),
        date(2025, 12, 29),
        "after Saint Stephen's"
    );
}

#[test]
fn a_law_holds_from_its_year_on() {
    let italy = country("IT").unwrap();
    assert!(italy.works(date(2024, 10, 4)), "Saint Francis was no holiday yet");
    assert!(!italy.works(date(2027, 10, 4)));
    let ireland = country("IE").unwrap();
    assert!(ireland.works(date(2022, 2, 7)) && !ireland.works(date(2023, 2, 6)));
    assert!(!ireland.works(date(2030, 2, 1)), "the 1st is a Friday");
    assert!(ireland.works(date(2030, 2, 4)));
}

#[test]
fn a_period_is_over_when_its_last_day_is_in_that_place() {
    let rome = TimeZone::get("Europe/Rome").unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    // 23:30 in Rome on the 9th: the clocks are moved forward in between.
    let over = last_moment(country("IT"), &rome, at("2026-03-09T22:30:00Z"), Period::Months(1));
    assert_eq!(over, at("2026-04-09T22:00:00Z"));
    // Half an hour later it is the 10th.
    let over = last_moment(country("IT"), &rome, at("2026-03-09T23:30:00Z"), Period::Months(1));
    assert_eq!(over, at("2026-04-10T22:00:00Z"));
}

#[test]
fn no_date_is_too_far() {
    for law in countries().map(Some).chain([None]) {
        assert!(last_day(law, Date::MAX, Period::Months(3)) <= Date::MAX);
        assert!(last_day(law, Date::MIN, Period::Days(-3)) >= Date::MIN);
        assert_eq!(last_moment(law, &TimeZone::UTC, Millis::MAX, Period::Months(1)), Millis::MAX);
        assert!(last_moment(law, &TimeZone::UTC, Millis::MIN, Period::Months(1)) > Millis::MIN);
    }
    assert!(country("XX").is_none());
}
