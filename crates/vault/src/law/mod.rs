//! Law packs: what the law of a country says and others only look up, as dated tables. A rule that begins or ends with a
//! year says so, so that a date of any year is judged by the law of that year.
//!
//! Public holidays are the national ones, as Regulation (EEC, Euratom) No 1182/71 Art. 2(1) counts them; those of regions
//! and towns are not among them. Where a country is not known, only Saturdays and Sundays do not count, which makes a
//! deadline earlier and never later than the law's.

mod deadline;
mod holidays;
#[cfg(test)]
mod tests;

pub use deadline::{Period, last_day, last_moment};

use holidays::Rule;

/// A country whose law is known here.
#[derive(Debug)]
pub struct Country {
    /// Its code, by ISO 3166-1 (`IT`).
    pub code: &'static str,
    holidays: &'static [Rule],
}

/// The country of a code in either case; `None` if its law is not known here.
pub fn country(code: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.code.eq_ignore_ascii_case(code))
}

/// All of them, by their codes.
pub fn countries() -> impl Iterator<Item = &'static Country> {
    COUNTRIES.iter()
}

static COUNTRIES: &[Country] = &[
    Country { code: "DE", holidays: holidays::GERMANY },
    Country { code: "ES", holidays: holidays::SPAIN },
    Country { code: "FR", holidays: holidays::FRANCE },
    Country { code: "IE", holidays: holidays::IRELAND },
    Country { code: "IT", holidays: holidays::ITALY },
];
