//! What the receiving server found out about the sender (RFC 8601).

use super::letter::Letter;

/// What stands among trusted servers for the field that names no server, as Microsoft writes it
/// (<https://learn.microsoft.com/defender-office-365/message-headers-eop-mdo>): it begins with a result.
pub(crate) const NAMELESS: &str = "";

/// Whether a server that is trusted says that the domain in `From` did not send it (DMARC, RFC 7489; Microsoft's verdict on all it
/// looked at, where there is one), or could not tell because there is not one such address. Only the uppermost of its own fields
/// counts: those below came with the mail, and anybody can write them.
pub(super) fn is_doubtful(letter: &Letter, servers: &[String]) -> bool {
    let named = letter.from.iter().filter(|from| crate::identity::email(&from.address).is_some()).count();
    if !servers.is_empty() && named != 1 {
        return true;
    }
    let found = letter.all("authentication-results").find(|value| {
        let server = server(value);
        servers.iter().any(|trusted| trusted.eq_ignore_ascii_case(&server))
    });
    found.is_some_and(refuses)
}

/// DMARC alone does not know of mail that was forwarded by those whom Microsoft trusts, nor of domains that say nothing of themselves;
/// its own verdict does, unless it has none.
fn refuses(value: &str) -> bool {
    match result(value, "compauth").as_deref() {
        Some("fail") => true,
        Some("pass" | "softpass") => false,
        Some(_) | None => result(value, "dmarc").is_some_and(|result| matches!(result.as_str(), "fail" | "permerror")),
    }
}

/// The name of the server, which may carry a version; [`NAMELESS`] where a result stands in its place.
fn server(value: &str) -> String {
    let value = without_comments(value);
    let first = value.split(';').next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
    if first.contains('=') { NAMELESS.to_owned() } else { first.to_owned() }
}

fn result(value: &str, method: &str) -> Option<String> {
    let value = without_comments(value).to_ascii_lowercase();
    value.split(';').find_map(|part| {
        let (name, rest) = part.trim().split_once('=')?;
        let name = name.trim().split('/').next().unwrap_or_default();
        (name.trim() == method).then(|| rest.split_whitespace().next().unwrap_or_default().to_owned())
    })
}

fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    value
        .chars()
        .filter(|&c| {
            depth += usize::from(c == '(');
            let outside = depth == 0;
            depth = depth.saturating_sub(usize::from(c == ')'));
            outside
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a mail with these fields is doubted by somebody who trusts the nameless field.
    fn doubted(fields: &str) -> bool {
        let raw =
            format!("{fields}From: Anna <anna@example.com>\r\nTo: info@shop.test\r\nSubject: Hello\r\n\r\nHi\r\n");
        let letter = super::super::read(raw.as_bytes(), 0, raw.len() as u64);
        is_doubtful(&letter, &[NAMELESS.to_owned()])
    }

    fn found(results: &str) -> String {
        format!(
            "Authentication-Results: spf=none (sender IP is 192.0.2.7)\r\n smtp.mailfrom=example.com; dkim=none\r\n (message not signed) header.d=none;{results}\r\n"
        )
    }

    #[test]
    fn microsofts_verdict_counts_and_dmarc_where_there_is_none() {
        let all = [
            ("dmarc=fail action=oreject header.from=example.com;compauth=fail reason=000", true),
            ("dmarc=none action=none header.from=example.com;compauth=fail reason=001", true),
            ("dmarc=fail action=none header.from=example.com;compauth=pass reason=130", false),
            ("dmarc=fail action=none header.from=example.com;compauth=none reason=405", true),
            ("dmarc=fail action=quarantine header.from=example.com", true),
            ("dmarc=pass action=none header.from=example.com;compauth=pass reason=100", false),
            ("dmarc=bestguesspass action=none header.from=example.com;compauth=softpass reason=202", false),
        ];
        for (results, expected) in all {
            assert_eq!(doubted(&found(results)), expected, "{results}");
        }
        assert!(!doubted(""), "mail from within the organisation is not looked at");
    }

    #[test]
    fn only_the_uppermost_of_microsofts_counts_and_no_named_servers() {
        let (good, bad) = (found("dmarc=pass;compauth=pass reason=100"), found("dmarc=fail;compauth=fail reason=000"));
        assert!(doubted(&format!("{bad}{good}")), "what the sender wrote below it changes nothing");
        assert!(!doubted(&format!("{good}{bad}")));
        assert!(!doubted("Authentication-Results: mx.example.net; dmarc=fail\r\n"));
        assert!(doubted(&format!("Authentication-Results: mx.example.net; dmarc=pass\r\n{bad}")));
    }
}
