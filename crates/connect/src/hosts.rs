//! Whether an address that a provider names may be asked: on one of its own hosts, or where the account's API itself is.

/// By https on a host below one of `hosts`, or at the same scheme, host and port as `base_url`.
pub(crate) fn is_theirs(url: &str, hosts: &[&str], base_url: &str) -> bool {
    let Some((scheme, host)) = origin(url) else { return false };
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    origin(base_url).is_some_and(|own| own == (scheme, host.clone()))
        || scheme == "https" && hosts.iter().any(|domain| below(domain))
}

/// Scheme and authority in lower case. `None` for what could be read in two ways.
fn origin(url: &str) -> Option<(&str, String)> {
    let sound = url.len() <= 4096 && url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains('\\');
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| sound && matches!(*scheme, "http" | "https"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let plain = authority.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    (plain && !authority.is_empty()).then_some((scheme, authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_their_own_hosts_are_theirs() {
        let hosts = ["twiliocdn.com", "api.example"];
        let is = |url| is_theirs(url, &hosts, "http://127.0.0.1:9011/base");
        for theirs in [
            "https://media.twiliocdn.com/x?y",
            "https://twiliocdn.com/",
            "https://API.example/1",
            "http://127.0.0.1:9011/f",
        ] {
            assert!(is(theirs), "{theirs}");
        }
        for other in [
            "http://media.twiliocdn.com/x",
            "https://eviltwiliocdn.com/",
            "https://twiliocdn.com.evil.test/",
            "https://twiliocdn.com@evil.test/",
            "https://evil.test#.twiliocdn.com/",
            "https://evil.test\\.twiliocdn.com/",
            "http://127.0.0.1:9012/f",
            "//twiliocdn.com/",
            "",
        ] {
            assert!(!is(other), "{other}");
        }
    }
}
