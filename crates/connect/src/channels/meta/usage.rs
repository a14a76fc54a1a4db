//! How long to wait after Meta has had enough: as one of its headers says
//! (<https://developers.facebook.com/docs/graph-api/overview/rate-limiting>).

use serde_json::Value;

use crate::lenient;

/// The longest waiting time believed, in milliseconds.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;
/// Where Meta writes, for each of its accounts, in how many minutes it may call again.
const USAGE: &str = "x-business-use-case-usage";

/// The wait that `retry-after` names, in milliseconds.
pub(super) fn retry_after(headers: &[(String, String)]) -> Option<u64> {
    bounded(of(headers, "retry-after")?.trim().parse().ok()?, 1_000)
}

/// The longest wait until any of the uses may go on, in milliseconds; `None` where none is exhausted.
pub(super) fn regained(headers: &[(String, String)]) -> Option<u64> {
    let usage = lenient(of(headers, USAGE)?.as_bytes())?;
    let uses = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = uses.filter_map(|usage| usage.get("estimated_time_to_regain_access")?.as_u64()).max();
    bounded(minutes.filter(|minutes| *minutes > 0)?, 60_000)
}

fn of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[expect(clippy::unnecessary_wraps, reason = "the end of chains that may have found nothing")]
fn bounded(units: u64, each_ms: u64) -> Option<u64> {
    Some(units.saturating_mul(each_ms).clamp(1, LONGEST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn seconds_and_minutes_are_milliseconds() {
        assert_eq!(retry_after(&header("retry-after", " 7 ")), Some(7_000));
        assert_eq!(retry_after(&header("retry-after", "99999999999999999999")), None);
        assert_eq!(retry_after(&header("retry-after", "99999999999999")), Some(LONGEST_MS));
        let usage = r#"{"1":[{"type":"whatsapp","estimated_time_to_regain_access":0},{"estimated_time_to_regain_access":19}],"2":{}}"#;
        assert_eq!(regained(&header(USAGE, usage)), Some(19 * 60_000));
        for nothing in [r#"{"1":[{"estimated_time_to_regain_access":0}]}"#, "{}", "[]", "no", ""] {
            assert_eq!(regained(&header(USAGE, nothing)), None, "{nothing}");
        }
    }
}
