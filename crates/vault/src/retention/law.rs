//! For how long law demands that billing data is kept, by the operator's country, in a table with dates.

/// What one country demands from a day on.
struct Demand {
    /// ISO 3166-1, two letters.
    country: &'static str,
    /// From when on, as `YYYY-MM-DD`; the newest that has begun holds.
    since: &'static str,
    years: u32,
    /// Where it stands.
    #[cfg_attr(not(test), expect(dead_code, reason = "whoever changes a line has to look there"))]
    source: &'static str,
}

/// Where the table is silent, ten years.
const ELSEWHERE: u32 = 10;

const DEMANDS: [Demand; 5] = [
    Demand { country: "IT", since: "1942-04-21", years: 10, source: "Codice civile, art. 2220" },
    Demand { country: "ES", since: "1990-01-01", years: 6, source: "Código de Comercio, art. 30" },
    Demand { country: "DE", since: "1977-01-01", years: 10, source: "AO § 147(3)" },
    Demand {
        country: "DE",
        since: "2025-01-01",
        years: 8,
        source: "AO § 147(3), as of the BEG IV: invoices and vouchers",
    },
    Demand { country: "FR", since: "2000-09-21", years: 10, source: "Code de commerce, art. L123-22" },
];

/// Days for which billing data is kept by an operator in a country, on a day (`2026-11-22`): the years that law demands then, none
/// of them short by a leap day; ten years where this table knows nothing.
pub fn billing_days(country: &str, today: &str) -> u32 {
    let known = DEMANDS.iter().filter(|demand| demand.country.eq_ignore_ascii_case(country) && demand.since <= today);
    let years = known.max_by_key(|demand| demand.since).map_or(ELSEWHERE, |demand| demand.years);
    // Of so many years in a row, so many at most have a leap day.
    years * 365 + years.div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_demand_that_has_begun_holds() {
        let of = |country, today| billing_days(country, today);
        assert_eq!(of("IT", "2026-11-22"), 3_653);
        assert_eq!(of("es", "2026-11-22"), 2_192);
        assert_eq!((of("DE", "2024-12-31"), of("DE", "2025-01-01")), (3_653, 2_922));
        assert_eq!(of("ZZ", "2026-11-22"), 3_653, "ten years where it is silent");
    }

    #[test]
    fn every_demand_says_where_it_stands() {
        assert!(DEMANDS.iter().all(|demand| !demand.source.is_empty() && demand.since.len() == 10));
    }
}
