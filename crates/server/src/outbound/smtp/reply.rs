//! A server's reply (RFC 5321, section 4.2): its code, its enhanced code (RFC 2034), and what it says in words.

use super::super::connection::Connection;
use super::super::reply::Loss;

/// Bytes of a line that are taken; the standard allows 512.
const LINE: usize = 2_048;
/// Lines of a reply that are taken.
const LINES: usize = 100;

/// A reply as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) enhanced: Option<String>,
    /// What stands behind the codes, line by line.
    pub(super) words: Vec<String>,
}

/// Reads one reply.
pub(super) async fn read(connection: &mut Connection) -> Result<Reply, Loss> {
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let line = parse(&connection.line(LINE).await?).ok_or(Loss::Garbled)?;
        if lines.first().is_some_and(|first| first.code != line.code) || lines.len() >= LINES {
            return Err(Loss::Garbled);
        }
        let more = line.more;
        lines.push(line);
        if !more {
            return Ok(gather(lines));
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Line {
    code: u16,
    more: bool,
    words: String,
}

/// Three digits, `-` where another line follows, and words.
fn parse(line: &[u8]) -> Option<Line> {
    let (digits, rest) = line.split_at_checked(3)?;
    if !matches!(digits, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
        return None;
    }
    let more = match rest.first() {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return None,
    };
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    Some(Line { code, more, words: String::from_utf8_lossy(rest.get(1..).unwrap_or_default()).into_owned() })
}

fn gather(lines: Vec<Line>) -> Reply {
    let code = lines.first().map_or(0, |line| line.code);
    let words: Vec<String> = lines.into_iter().map(|line| line.words).collect();
    let enhanced = words.last().and_then(|words| enhanced(code, words));
    Reply { code, enhanced, words }
}

/// `5.1.1` at the beginning of the words, if it is of the code's own class.
fn enhanced(code: u16, words: &str) -> Option<String> {
    let first = words.split(' ').next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let is_number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = parts.len() == 3 && parts.iter().all(is_number) && parts[0] == (code / 100).to_string();
    fits.then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reply(text: &str) -> Reply {
        gather(text.lines().map(|line| parse(line.as_bytes()).unwrap()).collect())
    }

    #[test]
    fn codes_are_read() {
        let ok = reply("250-mail.example.org\n250-SIZE 1000\n250 HELP");
        assert_eq!((ok.code, ok.enhanced, ok.words[1].as_str()), (250, None, "SIZE 1000"));
        let unknown = reply("550-5.1.1 No such user\n550 5.1.1 here");
        assert_eq!((unknown.code, unknown.enhanced.as_deref()), (550, Some("5.1.1")));
        assert_eq!(reply("250").code, 250);
        for odd in ["550 4.1.1 x", "550 5.1 x", "550 5.1.1111 x", "550 no", "550 5.1.1.1"] {
            assert_eq!(reply(odd).enhanced, None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_reply_is_none() {
        for line in ["", "25", "abc ok", "150 ok", "650 ok", "250ok", "2 50", "25\u{661} ok"] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn nothing_a_server_says_makes_it_fail(line in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(line) = parse(&line) {
                prop_assert!((200..600).contains(&gather(vec![line]).code));
            }
        }
    }
}
