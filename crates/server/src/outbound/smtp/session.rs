//! One connection to a submission server: greeting, what it can, TLS, signing in, envelope and content.
//!
//! Until the end of the content is on its way the server has no mail: whatever fails before was certainly not sent.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connect::{MailReply, MailServer, MailTls, SmtpCall};

use super::super::connection::Connection;
use super::super::pieces::Source;
use super::super::reply::Loss;
use super::super::{End, Fault};
use super::dots::Dots;
use super::reply::{self, Reply};

/// The longest line that every server takes (RFC 4954, section 4), with some room for the command.
const SHORT: usize = 500;
/// How long a server is waited for that is only told goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// How long after a connection broke it is looked for a last word.
const LAST_WORD: Duration = Duration::from_secs(2);
const UNREADABLE: &str = "the file to be sent cannot be read";

/// What a server says it can.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five things that a server can or cannot")]
pub(super) struct Extensions {
    starttls: bool,
    plain: bool,
    login: bool,
    eight_bit: bool,
    utf8: bool,
    /// The largest mail it takes.
    size: Option<u64>,
}

impl Extensions {
    /// From the lines of a reply to EHLO, of which the first is the server's name.
    fn of(words: &[String]) -> Self {
        let mut can = Self::default();
        for line in words.iter().skip(1) {
            let mut said = line.split([' ', '=']).map(str::to_ascii_uppercase);
            match said.next().as_deref() {
                Some("STARTTLS") => can.starttls = true,
                Some("8BITMIME") => can.eight_bit = true,
                Some("SMTPUTF8") => can.utf8 = true,
                Some("SIZE") => can.size = said.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0),
                Some("AUTH") => {
                    for mechanism in said {
                        can.plain |= mechanism == "PLAIN";
                        can.login |= mechanism == "LOGIN";
                    }
                }
                _ => {}
            }
        }
        can
    }
}

pub(super) struct Session {
    connection: Connection,
    can: Extensions,
    /// The content has begun and its end was not answered: any word would be taken for content.
    midway: bool,
}

/// Before the end of the content, what is lost is not sent.
fn unsent(loss: Loss) -> End {
    End::Fault(Fault::NotSent(match loss {
        Loss::TimedOut => "the mail server did not answer in time",
        Loss::Cut => "the mail server closed the connection",
        Loss::TooLarge(_) | Loss::TooManyHeaders | Loss::Garbled => "the mail server does not speak SMTP",
        Loss::NotStored => UNREADABLE,
    }))
}

/// A reply of the wanted class (2: done, 3: go on). A refusal is the server's word.
fn wanted(reply: Reply, class: u16) -> Result<Reply, End> {
    match reply.code / 100 {
        found if found == class => Ok(reply),
        4 | 5 => Err(End::Said(MailReply::Submitted { code: reply.code, enhanced: reply.enhanced })),
        _ => Err(unsent(Loss::Garbled)),
    }
}

/// What the server would say: its own announcement forbids what it is not even asked.
fn refused(code: u16, enhanced: &str) -> End {
    End::Said(MailReply::Submitted { code, enhanced: Some(enhanced.to_owned()) })
}

impl Session {
    /// Takes the greeting and comes to where mail may be submitted.
    pub(super) async fn open(connection: Connection, server: &MailServer, name: &str) -> Result<Self, End> {
        let mut session = Self { connection, can: Extensions::default(), midway: false };
        let greeting = reply::read(&mut session.connection).await.map_err(unsent)?;
        wanted(greeting, 2)?;
        session.hello(name).await?;
        if server.tls == MailTls::StartTls {
            if !session.can.starttls {
                return Err(Fault::NotSent("the mail server offers no STARTTLS").into());
            }
            session.ask("STARTTLS", 2).await?;
            session.connection = session.connection.secure().await?;
            // What was said in the open counts for nothing (RFC 3207, section 4.2).
            session.hello(name).await?;
        }
        if !server.username.is_empty() {
            session.sign_in(server).await?;
        }
        Ok(session)
    }

    async fn hello(&mut self, name: &str) -> Result<(), End> {
        self.can = Extensions::of(&self.ask(&format!("EHLO {name}"), 2).await?.words);
        Ok(())
    }

    async fn ask(&mut self, line: &str, class: u16) -> Result<Reply, End> {
        wanted(self.asked(line).await?, class)
    }

    async fn asked(&mut self, line: &str) -> Result<Reply, End> {
        self.connection.say(format!("{line}\r\n").as_bytes()).await.map_err(unsent)?;
        reply::read(&mut self.connection).await.map_err(unsent)
    }

    async fn sign_in(&mut self, server: &MailServer) -> Result<(), End> {
        let (user, password) = (&server.username, server.password.expose());
        let mut lines = if self.can.plain {
            let secret = STANDARD.encode(format!("\0{user}\0{password}"));
            if secret.len() < SHORT {
                vec![format!("AUTH PLAIN {secret}")]
            } else {
                vec!["AUTH PLAIN".to_owned(), secret]
            }
        } else if self.can.login {
            vec!["AUTH LOGIN".to_owned(), STANDARD.encode(user), STANDARD.encode(password)]
        } else {
            return Err(Fault::NotSent("the mail server offers no way to sign in with a password").into());
        };
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            let reply = self.asked(&line).await?;
            wanted_of_sign_in(reply, 3)?;
        }
        let reply = self.asked(&last).await?;
        wanted_of_sign_in(reply, 2).map(|_| ())
    }

    /// Says from whom and to whom. A recipient that is refused ends it: half a mail is sent to nobody.
    pub(super) async fn envelope(&mut self, call: &SmtpCall, source: Source<'_>) -> Result<(), End> {
        let from = call.from.as_deref().unwrap_or_default();
        let addresses = || call.to.iter().map(String::as_str).chain([from]);
        if !addresses().all(is_one_path) || call.to.iter().any(String::is_empty) {
            return Err(refused(553, "5.1.3"));
        }
        let size = source.size().await.map_err(|_| Fault::NotSent(UNREADABLE))?;
        let (ascii_head, ascii) = source.is_ascii();
        let utf8 = !ascii_head || !addresses().all(str::is_ascii);
        if utf8 && !self.can.utf8 {
            return Err(refused(553, "5.6.7"));
        }
        if !ascii && !self.can.eight_bit {
            return Err(refused(554, "5.6.3"));
        }
        if self.can.size.is_some_and(|largest| largest < size) {
            return Err(refused(552, "5.3.4"));
        }
        let told = if self.can.size.is_some() { format!(" SIZE={size}") } else { String::new() };
        let (eight, utf8) = (if ascii { "" } else { " BODY=8BITMIME" }, if utf8 { " SMTPUTF8" } else { "" });
        let line = format!("MAIL FROM:<{from}>{told}{eight}{utf8}");
        // Some servers let anybody in and say only here that nobody may send.
        let reply = self.asked(&line).await?;
        wanted_of_sign_in(reply, 2)?;
        for to in &call.to {
            self.ask(&format!("RCPT TO:<{to}>"), 2).await?;
        }
        Ok(())
    }

    /// Sends the mail, `signature` first. From its end on the server may have it, whether that is heard or not.
    pub(super) async fn content(
        &mut self,
        signature: &[u8],
        source: Source<'_>,
        after: Duration,
    ) -> Result<MailReply, End> {
        self.ask("DATA", 3).await?;
        self.midway = true;
        let (mut reading, mut dots) = (source.read(), Dots::new());
        let mut next = Some(signature.to_vec());
        while let Some(bytes) = next {
            if let Err(loss) = self.connection.say(&dots.feed(&bytes)).await {
                return Err(self.last_word(loss).await);
            }
            // The connection is dropped here, in the middle of the content: the server must not take that for its end.
            next = reading.next().await.map_err(|_| Fault::NotSent(UNREADABLE))?;
        }
        self.connection.wait(after);
        self.connection.last(after);
        let lost = |loss| End::Fault(Fault::Lost(loss));
        self.connection.say(dots.end()).await.map_err(lost)?;
        let reply = reply::read(&mut self.connection).await.map_err(lost)?;
        self.midway = false;
        match reply.code / 100 {
            2 | 4 | 5 => Ok(MailReply::Submitted { code: reply.code, enhanced: reply.enhanced }),
            _ => Err(lost(Loss::Garbled)),
        }
    }

    /// A server that refuses the content may say so and hang up while it is still being sent.
    async fn last_word(&mut self, loss: Loss) -> End {
        self.connection.wait(LAST_WORD);
        match reply::read(&mut self.connection).await {
            Ok(reply) => wanted(reply, 2).err().unwrap_or_else(|| unsent(loss)),
            Err(_) => unsent(loss),
        }
    }

    /// Nothing is to be sent: that it would be possible is all.
    pub(super) async fn only_knock(mut self) -> Result<MailReply, End> {
        self.ask("NOOP", 2).await?;
        self.goodbye().await;
        Ok(MailReply::Done)
    }

    /// Takes leave, as is polite. Nothing depends on it.
    pub(super) async fn goodbye(mut self) {
        if self.midway {
            return;
        }
        self.connection.wait(GOODBYE);
        self.asked("QUIT").await.ok();
    }
}

/// Without a password that is taken, or with none at all, nothing is sent (RFC 4954, section 6).
fn wanted_of_sign_in(reply: Reply, class: u16) -> Result<Reply, End> {
    match reply.code {
        530 | 534 | 535 | 538 => Err(End::Said(MailReply::Denied)),
        _ => wanted(reply, class),
    }
}

/// Whether an address stays within its angle brackets.
fn is_one_path(address: &str) -> bool {
    !address.chars().any(|character| character.is_control() || matches!(character, '<' | '>' | ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_can_is_read() {
        let said = ["mail.example.org", "STARTTLS", "auth LOGIN PLAIN", "SIZE 1000", "8BITMIME", "X-ODD 1"];
        let can = Extensions::of(&said.map(str::to_owned));
        let expected =
            Extensions { starttls: true, plain: true, login: true, eight_bit: true, utf8: false, size: Some(1_000) };
        assert_eq!(can, expected);
        let old = Extensions::of(&["STARTTLS", "AUTH=LOGIN", "SIZE", "SMTPUTF8"].map(str::to_owned));
        assert_eq!(old, Extensions { login: true, utf8: true, ..Extensions::default() }, "the first line is a name");
    }

    #[test]
    fn an_address_cannot_say_more_than_itself() {
        assert!(is_one_path("anna@example.org") && is_one_path("büro@bücher.example") && is_one_path(""));
        for address in ["a@b>\r\nRCPT TO:<c@d", "a@b> SIZE=1", "a b@c", "a\u{85}b@c", "<a@b>", "a@b\n"] {
            assert!(!is_one_path(address), "{address:?}");
        }
    }
}
