//! The addresses that settings may hold, checked and brought into one form.

use reqwest::Url;

/// Where the world reaches us: http or https, a host, nothing behind it.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = web_url(text)?;
    if url.path() != "/" {
        return Err(format!(
            "{text:?} has a path; the server needs a host of its own, such as \"https://chat.example.org\""
        ));
    }
    Ok(trimmed(&url))
}

/// A provider's base: http or https, a path perhaps, no slash at its end.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    let lower = text.to_ascii_lowercase().replace("%2e", ".");
    if lower.split(['/', '\\']).any(|segment| segment == "..") {
        return Err(format!("{text:?} climbs with \"..\"; write the path it leads to"));
    }
    Ok(trimmed(&web_url(text)?))
}

/// A PostgreSQL address. It may hold a password, so nothing of it is repeated.
pub(super) fn postgres_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("must begin with postgres://, as in \"postgres://user:password@host/name\"; leave it out for SQLite"
            .to_owned()),
    }
}

/// A host and its port, as an exempt address is compared: host in lower case, port in digits.
pub(super) fn host_and_port(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no host and port; write for example \"n8n.internal:5678\"");
    let port = text.rsplit_once(':').map(|(_, port)| port).ok_or_else(wrong)?;
    let port: u16 = port.parse().map_err(|_| wrong())?;
    let url = Url::parse(&format!("http://{text}/")).map_err(|_| wrong())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let host = url.host_str().filter(|_| plain && port > 0 && url.username().is_empty() && url.password().is_none());
    host.map(|host| format!("{host}:{port}")).ok_or_else(wrong)
}

fn web_url(text: &str) -> Result<Url, String> {
    let wrong = |why: &str| format!("{text:?} {why}; write for example \"https://chat.example.org\"");
    let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("begins with neither http:// nor https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or password, which does not belong into this address; remove it".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has something after ? or #"));
    }
    Ok(url)
}

fn trimmed(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_brought_into_one_form() {
        assert_eq!(public_url("HTTPS://Chat.Example.org:443/").unwrap(), "https://chat.example.org");
        assert_eq!(base_url("http://127.0.0.1:8081/bot/api//").unwrap(), "http://127.0.0.1:8081/bot/api");
        assert_eq!(host_and_port("N8N.internal:5678").unwrap(), "n8n.internal:5678");
        assert_eq!(host_and_port("[::1]:80").unwrap(), "[::1]:80");
        assert_eq!(host_and_port("127.1:80").unwrap(), "127.0.0.1:80");
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "chat.example.org", "ftp://a", "https://a/b", "https://a/?q", "https://u:p@a", "https://a/#f"]
        {
            assert!(public_url(text).is_err(), "{text}");
        }
        for text in ["http://a/../b", "http://a/x/%2e%2E/y", "http://a/..", "file:///etc", "http://a\\..\\b"] {
            assert!(base_url(text).is_err(), "{text}");
        }
        for text in ["a", "a:", "a:0", "a:99999", "a:1/x", "u@a:1", ":1", "http://a:1", "a:80?q"] {
            assert!(host_and_port(text).is_err(), "{text}");
        }
        assert!(!public_url("https://user:hunter2@a").unwrap_err().contains("hunter2"));
        assert!(!postgres_url("mysql://user:hunter2@a").unwrap_err().contains("hunter2"));
    }
}
