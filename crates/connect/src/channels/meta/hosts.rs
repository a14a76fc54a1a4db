//! Where Meta serves files. It names the addresses itself, so only its own hosts are asked.

/// Below which Meta serves files.
const HOSTS: [&str; 6] =
    ["facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "cdninstagram.com", "instagram.com"];

/// Whether a URL is on one of Meta's hosts by https, or where this account's API is itself.
pub(in crate::channels) fn trusted(url: &str, base_url: &str) -> bool {
    let Some((scheme, host)) = origin(url) else { return false };
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    origin(base_url).is_some_and(|own| own == (scheme, host.clone()))
        || scheme == "https" && HOSTS.iter().any(|domain| below(domain))
}

/// Scheme and authority (host, and port if one is named), in lower case. `None` for what could be read in two ways.
fn origin(url: &str) -> Option<(&str, String)> {
    let sound = url.len() <= 4096 && url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains('\\');
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| sound && matches!(*scheme, "http" | "https"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let plain = authority.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    (plain && !authority.is_empty()).then_some((scheme, authority))
}

#[cfg(test)]
mod tests {
    use super::trusted;

    #[test]
    fn only_metas_own_hosts_are_asked() {
        let own = "https://graph.facebook.com";
        for (url, expected) in [
            ("https://scontent.xx.fbcdn.net/v/t1.15752-9/1.jpg?oh=x", true),
            ("https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1", true),
            ("https://scontent-mxp1-1.cdninstagram.com/x", true),
            ("http://scontent.xx.fbcdn.net/x", false),
            ("https://evil.example/?.fbcdn.net", false),
            ("https://evil.example\\.fbcdn.net/", false),
            ("https://scontent.fbcdn.net@evil.example/", false),
            ("https://evilfbcdn.net/x", false),
            ("https://fbcdn.net.evil.example/x", false),
            ("https://scontent.fbcdn.net:8443/x", false),
            ("//scontent.fbcdn.net/x", false),
            ("", false),
        ] {
            assert_eq!(trusted(url, own), expected, "{url}");
        }
        assert!(trusted("http://127.0.0.1:9011/files/1", "http://127.0.0.1:9011"));
        assert!(!trusted("http://127.0.0.1:9012/files/1", "http://127.0.0.1:9011"));
    }
}
