//! When it is open: by the week, by zone, over midnight, and where clocks change.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::Millis;
use crate::Role;
use crate::testing::house::{code, on_both};

fn at(text: &str) -> Millis {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn span(from: u16, until: u16) -> Span {
    Span { from, until }
}

/// Monday to Friday from nine to one and from two to six.
fn office(timezone: &str) -> Hours {
    let mut hours = Hours { timezone: timezone.into(), ..Hours::default() };
    for day in &mut hours.week[..5] {
        *day = vec![span(9 * 60, 13 * 60), span(14 * 60, 18 * 60)];
    }
    hours
}

/// What hours say of a moment: when it opens, or when it closes.
fn check(hours: &Hours, now: &str, expected: Result<&str, &str>) {
    let standing = hours.standing(at(now));
    let (open_now, opens_at, closes_at) = match expected {
        Ok(closes) => (true, None, Some(at(closes))),
        Err(opens) => (false, Some(at(opens)), None),
    };
    assert_eq!(standing, Standing { open_now, opens_at, closes_at }, "{now}");
}

#[test]
fn a_working_week() {
    // 2026-11-20 is a Friday; Rome is an hour ahead.
    let hours = office("Europe/Rome");
    check(&hours, "2026-11-20T07:59:59Z", Err("2026-11-20T08:00:00Z"));
    check(&hours, "2026-11-20T08:00:00Z", Ok("2026-11-20T12:00:00Z"));
    check(&hours, "2026-11-20T12:00:00Z", Err("2026-11-20T13:00:00Z"));
    check(&hours, "2026-11-20T16:59:59Z", Ok("2026-11-20T17:00:00Z"));
    check(&hours, "2026-11-20T17:00:00Z", Err("2026-11-23T08:00:00Z"));
}

#[test]
fn holidays_are_closed_and_named_days_only() {
    let holidays = vec![
        Holiday { date: date(2026, 12, 25), name: "Natale".into() },
        Holiday { date: date(2026, 12, 24), name: String::new() },
    ];
    let hours = Hours { holidays, ..office("Europe/Rome") }.checked().unwrap();
    assert_eq!(hours.holidays[0].date, date(2026, 12, 24), "in order");
    check(&hours, "2026-12-24T10:00:00Z", Err("2026-12-28T08:00:00Z"));
    check(&hours, "2026-12-23T10:00:00Z", Ok("2026-12-23T12:00:00Z"));
}

#[test]
fn what_goes_on_at_midnight_does_not_close_there() {
    let mut hours = Hours { timezone: "UTC".into(), ..Hours::default() };
    hours.week[4] = vec![span(22 * 60, 24 * 60)];
    hours.week[5] = vec![span(0, 2 * 60)];
    check(&hours, "2026-11-20T23:00:00Z", Ok("2026-11-21T02:00:00Z"));
    check(&hours, "2026-11-21T01:59:59Z", Ok("2026-11-21T02:00:00Z"));
    check(&hours, "2026-11-21T02:00:00Z", Err("2026-11-27T22:00:00Z"));
}

#[test]
fn clocks_that_change_change_hours() {
    let mut hours = Hours { timezone: "Europe/Rome".into(), ..Hours::default() };
    hours.week[6] = vec![span(2 * 60, 3 * 60 + 30)];
    // 2026-03-29: 02:00 does not exist, 03:00 is 01:00 UTC.
    check(&hours, "2026-03-29T00:30:00Z", Err("2026-03-29T01:00:00Z"));
    check(&hours, "2026-03-29T01:00:00Z", Ok("2026-03-29T01:30:00Z"));
    // 2026-10-25: 02:30 comes twice; 03:30 is 02:30 UTC.
    check(&hours, "2026-10-25T00:00:00Z", Ok("2026-10-25T02:30:00Z"));
    let office = office("Europe/Rome");
    check(&office, "2026-07-17T06:59:59Z", Err("2026-07-17T07:00:00Z"));
}

#[test]
fn who_says_nothing_is_always_open_and_who_never_opens_says_so() {
    let always = Standing { open_now: true, opens_at: None, closes_at: None };
    assert_eq!(Hours::default().standing(at("2026-11-20T00:00:00Z")), always);
    let mut hours = Hours::default();
    hours.week[0] = vec![span(0, 60)];
    let start = date(2026, 11, 23);
    let holidays = (0..60).map(|week| start + jiff::Span::new().weeks(week));
    hours.holidays = holidays.map(|date| Holiday { date, name: String::new() }).collect();
    let never = Standing { open_now: false, opens_at: None, closes_at: None };
    assert_eq!(hours.standing(at("2026-11-21T00:00:00Z")), never);
    let whole = Hours { week: std::array::from_fn(|_| vec![span(0, 24 * 60)]), ..Hours::default() };
    assert!(whole.standing(at("2026-11-21T00:00:00Z")).open_now);
}

#[test]
fn hours_that_cannot_be_are_refused() {
    let with = |spans: Vec<Span>| {
        let mut hours = Hours::default();
        hours.week[2] = spans;
        hours
    };
    for wrong in [
        Hours { timezone: "Europe/Roma".into(), ..Hours::default() },
        Hours { timezone: String::new(), ..Hours::default() },
        with(vec![span(60, 60)]),
        with(vec![span(120, 60)]),
        with(vec![span(0, 1_441)]),
        with(vec![span(0, 61), span(60, 90)]),
        with((0..9).map(|hour| span(hour * 60, hour * 60 + 30)).collect()),
        Hours { holidays: vec![Holiday { date: date(2026, 1, 1), name: "a\nb".into() }], ..Hours::default() },
    ] {
        assert_eq!(code(wrong.clone().checked()), "invalid", "{wrong:?}");
    }
    assert!(with(vec![span(60, 90), span(0, 60)]).checked().is_ok());
}

#[tokio::test]
async fn hours_are_kept_sealed_and_set_by_whoever_may() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, agent) = house.member(&operator, "ada@example.org", Role::Agent).await;
        assert_eq!(house.sees(&agent, view).await, Hours::default());
        for timezone in ["Europe/Rome", "America/Sao_Paulo"] {
            let hours = office(timezone);
            house.does(&operator, move |tx| set(tx, &hours)).await;
            assert_eq!(house.sees(&agent, view).await, office(timezone));
        }
        let refused = house.vault.write(&agent, |tx| set(tx, &Hours::default())).await;
        assert_eq!(code(refused), "forbidden");
        let elsewhere = house.workspace().await;
        assert_eq!(house.sees(&elsewhere, view).await, Hours::default());
    })
    .await;
}

proptest! {
    /// Whatever is said of a moment is borne out by walking there.
    #[test]
    fn what_is_foretold_comes(
        now in 1_700_000_000_000_i64..1_900_000_000_000,
        spans in prop::collection::vec((0_u16..1_400, 1_u16..600, 0_usize..7), 1..8),
        zone in prop::sample::select(vec!["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    ) {
        let mut hours = Hours { timezone: zone.into(), ..Hours::default() };
        for (from, length, day) in spans {
            hours.week[day] = vec![span(from, (from + length).min(1_440))];
        }
        let hours = hours.checked().unwrap();
        let standing = hours.standing(now);
        prop_assert_eq!(standing.open_now, standing.closes_at.is_some());
        if let Some(opens) = standing.opens_at {
            prop_assert!(opens > now && hours.standing(opens).open_now);
            prop_assert_eq!(hours.standing(opens - 1).opens_at, Some(opens));
        }
        if let Some(closes) = standing.closes_at {
            prop_assert!(closes > now && !hours.standing(closes).open_now);
            prop_assert_eq!(hours.standing(closes - 1).closes_at, Some(closes));
        }
    }
}
