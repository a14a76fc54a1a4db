//! Where Meta serves files. It names the addresses itself, so only its own hosts are asked.

use crate::hosts;

/// Below which Meta serves files.
const HOSTS: [&str; 6] =
    ["facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "cdninstagram.com", "instagram.com"];

/// Whether a URL is on one of Meta's hosts by https, or where this account's API is itself.
pub(in crate::channels) fn trusted(url: &str, base_url: &str) -> bool {
    hosts::is_theirs(url, &HOSTS, base_url)
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
