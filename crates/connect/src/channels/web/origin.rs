//! Which websites may speak to a channel. Only browsers send an `Origin`; this protects visitors, not the server.

use crate::{Account, Raw, Reject};

/// Whether a page of this origin may use the channel: our own pages, and those of the websites in `allowed_origins`.
/// An empty list allows no other. `null` (sandboxed frames, files) is never allowed.
pub fn allowed(account: &Account, origin: &str) -> bool {
    let origin = origin.to_ascii_lowercase();
    let own = split(&account.hook_url.to_ascii_lowercase()).map(|(scheme, host)| format!("{scheme}://{host}"));
    well_formed(&origin)
        && !origin.contains('*')
        && (own.as_deref() == Some(&origin)
            || account.list("allowed_origins").any(|entry| matches(&entry.to_ascii_lowercase(), &origin)))
}

/// Refuses a request of a page that may not speak here. A request without `Origin` comes from no other page.
pub(super) fn check(raw: &Raw, account: &Account) -> Result<(), Reject> {
    let mut origins = raw.headers.iter().filter(|(name, _)| name == "origin");
    match (origins.next(), origins.next()) {
        (None, _) => Ok(()),
        (Some((_, origin)), None) if allowed(account, origin) => Ok(()),
        _ => Err(Reject::Unauthorised),
    }
}

/// Whether an entry of `allowed_origins` has the form of an origin: scheme, host, port if it is not the usual one.
pub(super) fn well_formed(entry: &str) -> bool {
    let Some((_, authority)) = split(entry) else { return false };
    let ends = entry.len() == entry.find("://").map_or(0, |at| at + 3) + authority.len();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse::<u16>().is_ok()),
        _ => (authority, true),
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    let letters = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'[' | b']' | b':'));
    ends && port && letters && !host.is_empty() && host.split('.').all(|label| !label.is_empty())
}

/// Scheme and authority of an http or https URL.
fn split(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    Some((scheme, rest.split(['/', '?', '#']).next().unwrap_or_default()))
}

/// Exact, or by a wildcard that stands for one or more whole labels.
fn matches(entry: &str, origin: &str) -> bool {
    let (Some((scheme, pattern)), Some((origin_scheme, host))) = (split(entry), split(origin)) else { return false };
    let below = |domain: &str| {
        host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.')).is_some_and(|labels| !labels.is_empty())
    };
    well_formed(entry) && scheme == origin_scheme && pattern.strip_prefix("*.").map_or(pattern == host, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, origin: &str) -> bool {
        let mut account =
            Account { hook_url: "https://chat.parloir.example/hooks/chn_1".to_owned(), ..Account::default() };
        account.settings.insert("allowed_origins".to_owned(), list.to_owned());
        allowed(&account, origin)
    }

    #[test]
    fn exact_and_wildcard() {
        for (list, origin, expected) in [
            ("https://a.example", "https://a.example", true),
            ("https://A.example", "https://a.EXAMPLE", true),
            ("https://x.example\nhttps://a.example", "https://a.example", true),
            ("https://a.example", "http://a.example", false),
            ("https://a.example", "https://a.example:8443", false),
            ("https://a.example:8443", "https://a.example:8443", true),
            ("https://a.example", "https://b.a.example", false),
            ("https://*.a.example", "https://b.a.example", true),
            ("https://*.a.example", "https://c.b.a.example", true),
            ("https://*.a.example", "https://a.example", false),
            ("https://*.a.example", "https://.a.example", false),
            ("https://*.a.example", "https://evila.example", false),
            ("https://*.a.example", "https://b.a.example:444", false),
            ("https://*.a.example:444", "https://b.a.example:444", true),
            ("https://*.a.example", "https://b.a.example.evil.example", false),
            ("https://*.a.example", "https://*.a.example", false),
            ("https://*", "https://a.example", false),
            ("*", "https://a.example", false),
            ("null", "null", false),
            ("", "null", false),
            ("", "https://a.example", false),
            ("", "https://chat.parloir.example", true),
            ("", "http://chat.parloir.example", false),
            ("https://a.example", "https://a.example/", false),
            ("https://a.example", "https://u@a.example", false),
            ("http://localhost:5173", "http://localhost:5173", true),
            ("http://[::1]:5173", "http://[::1]:5173", true),
        ] {
            assert_eq!(allows(list, origin), expected, "{origin} by {list}");
        }
    }
}
