//! What the receiving server found out about the sender (RFC 8601).

use super::letter::Letter;

/// Whether a server that is trusted says that the domain in `From` did not send it (DMARC, RFC 7489), or could not tell because
/// there is not one such address. Only the uppermost of its own fields counts: those below came with the mail, and anybody can
/// write them.
pub(super) fn is_doubtful(letter: &Letter, servers: &[String]) -> bool {
    let named = letter.from.iter().filter(|from| crate::identity::email(&from.address).is_some()).count();
    if !servers.is_empty() && named != 1 {
        return true;
    }
    let found = letter.all("authentication-results").find(|value| {
        let server = server(value);
        servers.iter().any(|trusted| trusted.eq_ignore_ascii_case(&server))
    });
    found.and_then(|value| result(value, "dmarc")).is_some_and(|result| matches!(result.as_str(), "fail" | "permerror"))
}

/// The name of the server, which may carry a version.
fn server(value: &str) -> String {
    let value = without_comments(value);
    value.split(';').next().unwrap_or_default().split_whitespace().next().unwrap_or_default().to_owned()
}

fn result(value: &str, method: &str) -> Option<String> {
    let value = without_comments(value).to_ascii_lowercase();
    value.split(';').skip(1).find_map(|part| {
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
