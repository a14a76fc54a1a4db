//! The server for reading: one connection.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{ImapFault, Kept, MailHost, plain, wait};
use crate::twilio::rfc2822;

const CAN: &str = "IMAP4rev1 SASL-IR AUTH=PLAIN IDLE";
/// A mail that is broken off ends after this many bytes less.
const MISSING: usize = 20;

/// Serves until the client or a fault ends it.
pub(super) async fn serve(host: &MailHost, stream: TcpStream) {
    Line { host, stream: BufReader::new(stream), user: String::new() }.talk().await;
}

struct Line<'a> {
    host: &'a MailHost,
    stream: BufReader<TcpStream>,
    user: String,
}

impl Line<'_> {
    async fn say(&mut self, words: &str) -> Option<()> {
        self.bytes(format!("{words}\r\n").as_bytes()).await
    }

    async fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.get_mut().write_all(bytes).await.ok()
    }

    async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }

    async fn talk(&mut self) -> Option<()> {
        match self.host.imap_fault("GREETING") {
            Some(ImapFault::Cut) => return None,
            Some(ImapFault::No { words } | ImapFault::Bad { words }) => {
                return self.say(&format!("* BYE {words}")).await;
            }
            Some(ImapFault::Slow { ms }) => wait(ms).await,
            Some(ImapFault::Nothing | ImapFault::Half | ImapFault::Overstated) | None => {}
        }
        self.say(&format!("* OK [CAPABILITY {CAN}] simulated")).await?;
        loop {
            let line = self.hear().await?;
            let (tag, command) = line.split_once(' ')?;
            self.obey(tag, command).await?;
        }
    }

    /// `None` ends the connection.
    async fn obey(&mut self, tag: &str, command: &str) -> Option<()> {
        let name = name_of(command);
        let fault = self.host.imap_fault(&name);
        match &fault {
            Some(ImapFault::Cut) => return None,
            Some(ImapFault::No { words }) => return self.say(&format!("{tag} NO {words}")).await,
            Some(ImapFault::Bad { words }) => return self.say(&format!("{tag} BAD {words}")).await,
            Some(ImapFault::Nothing) => return self.say(&format!("{tag} OK done")).await,
            Some(ImapFault::Slow { ms }) => wait(*ms).await,
            Some(ImapFault::Half | ImapFault::Overstated) | None => {}
        }
        let words: Vec<&str> = command.split(' ').collect();
        match name.split(':').next().unwrap_or_default() {
            "LOGIN" => return self.sign_in(tag, &words).await,
            "EXAMINE" => self.open().await?,
            "SEARCH" => self.search(words.get(3).copied().unwrap_or_default()).await?,
            "ABOUT" => self.about(words.get(2).copied().unwrap_or_default()).await?,
            "BODY" => self.body(command, fault.as_ref()).await?,
            "IDLE" => return self.idle(tag).await,
            "LOGOUT" => {
                self.say("* BYE bye").await?;
                self.say(&format!("{tag} OK bye")).await?;
                return None;
            }
            "CAPABILITY" => self.say(&format!("* CAPABILITY {CAN}")).await?,
            "LIST" => self.say("* LIST () \"/\" INBOX").await?,
            "NOOP" => {}
            _ => return self.say(&format!("{tag} BAD what?")).await,
        }
        self.say(&format!("{tag} OK done")).await
    }

    async fn sign_in(&mut self, tag: &str, words: &[&str]) -> Option<()> {
        match words.get(2).copied().and_then(plain).filter(|(user, password)| self.host.knows(user, password)) {
            Some((user, _)) => {
                self.user = user;
                self.say(&format!("{tag} OK [CAPABILITY {CAN}] in")).await
            }
            None => self.say(&format!("{tag} NO [AUTHENTICATIONFAILED] no")).await,
        }
    }

    async fn open(&mut self) -> Option<()> {
        let seen = self.host.with(&self.user, |inbox| (inbox.validity, inbox.next, inbox.mails.len()))?;
        let (validity, next, exists) = seen;
        self.say(&format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY {validity}] valid\r\n* OK [UIDNEXT {next}] next"))
            .await
    }

    fn mails(&self, set: &str) -> Option<Vec<Kept>> {
        self.host.with(&self.user, |inbox| {
            let last = inbox.mails.last().map_or(0, |mail| mail.uid);
            inbox.mails.iter().filter(|mail| is_in(set, mail.uid, last)).cloned().collect()
        })
    }

    /// Days are not looked at: a client passes over itself what it does not want.
    async fn search(&mut self, set: &str) -> Option<()> {
        let found: Vec<String> = self.mails(set)?.iter().map(|mail| mail.uid.to_string()).collect();
        self.say(&format!("* SEARCH {}", found.join(" "))).await
    }

    async fn about(&mut self, set: &str) -> Option<()> {
        for mail in self.mails(set)? {
            let (uid, size) = (mail.uid, mail.raw.len());
            let date = internal_date(mail.at_ms);
            self.say(&format!("* {uid} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"{date}\")")).await?;
        }
        Some(())
    }

    /// A piece of one mail: `UID FETCH 12 (UID BODY.PEEK[]<0.262144>)`.
    async fn body(&mut self, command: &str, fault: Option<&ImapFault>) -> Option<()> {
        let set = command.split(' ').nth(2).unwrap_or_default();
        let (offset, count) = span(command);
        for mail in self.mails(set)? {
            let begin = offset.min(mail.raw.len());
            let piece = mail.raw.slice(begin..begin.saturating_add(count).min(mail.raw.len()));
            let announced = piece.len() + if fault == Some(&ImapFault::Overstated) { MISSING } else { 0 };
            let uid = mail.uid;
            self.bytes(format!("* {uid} FETCH (UID {uid} BODY[]<{offset}> {{{announced}}}\r\n").as_bytes()).await?;
            if fault == Some(&ImapFault::Half) {
                self.bytes(&piece[..piece.len() / 2]).await?;
                return None;
            }
            self.bytes(&piece).await?;
            self.say(")").await?;
        }
        Some(())
    }

    async fn idle(&mut self, tag: &str) -> Option<()> {
        let mut came = self.host.came.subscribe();
        let before = self.mails("1:*")?.len();
        self.say("+ idling").await?;
        // What came between opening and waiting is told as well.
        self.say(&format!("* {before} EXISTS")).await?;
        loop {
            tokio::select! {
                line = self.hear() => {
                    line?;
                    return self.say(&format!("{tag} OK done")).await;
                }
                changed = came.changed() => {
                    changed.ok()?;
                    let now = self.host.with(&self.user, |inbox| inbox.mails.len())?;
                    self.say(&format!("* {now} EXISTS")).await?;
                }
            }
        }
    }
}

/// By what a fault means a command.
fn name_of(command: &str) -> String {
    let upper = command.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(' ').collect();
    match words.as_slice() {
        ["UID", "FETCH", set, ..] if upper.contains("BODY") => format!("BODY:{set}"),
        ["UID", "FETCH", set, ..] => format!("ABOUT:{set}"),
        ["AUTHENTICATE" | "LOGIN", ..] => "LOGIN".to_owned(),
        ["SELECT" | "EXAMINE", ..] => "EXAMINE".to_owned(),
        ["UID", verb, ..] | [verb, ..] => (*verb).to_owned(),
        [] => String::new(),
    }
}

/// Whether an id is in a set (`3`, `3,5`, `3:9`, `3:*`). With `*` the last one always is.
fn is_in(set: &str, uid: u32, last: u32) -> bool {
    set.split(',').any(|part| match part.split_once(':') {
        Some((from, "*")) => uid == last || from.parse().is_ok_and(|from: u32| uid >= from),
        Some((from, to)) => {
            from.parse().is_ok_and(|from: u32| uid >= from) && to.parse().is_ok_and(|to: u32| uid <= to)
        }
        None => part.parse() == Ok(uid),
    })
}

/// Offset and count of `<0.262144>`; the whole without.
fn span(command: &str) -> (usize, usize) {
    let inside = command.split_once("]<").and_then(|(_, rest)| rest.split_once('>'));
    let both = inside.and_then(|(span, _)| span.split_once('.'));
    both.map_or((0, usize::MAX), |(offset, count)| (offset.parse().unwrap_or(0), count.parse().unwrap_or(usize::MAX)))
}

/// `01-Feb-2026 00:00:00 +0000` of Unix milliseconds.
fn internal_date(at_ms: i64) -> String {
    let date = rfc2822(at_ms);
    let words: Vec<&str> = date.split(' ').collect();
    match words.as_slice() {
        [_, day, month, year, rest @ ..] => format!("{day}-{month}-{year} {}", rest.join(" ")),
        _ => String::new(),
    }
}
