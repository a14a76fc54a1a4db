//! The server for sending: one connection.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{MailHost, SmtpFault, Taken, plain, wait};

/// What is said of itself.
const CAN: &str = "250-simulated\r\n250-AUTH PLAIN\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 50000000";

/// What a stage comes to.
enum Came {
    /// It goes on as it should.
    Well,
    /// It happens, and nobody is told.
    Silently,
    /// Something else was said.
    Otherwise,
}

/// Serves until the client or a fault ends it.
pub(super) async fn serve(host: &MailHost, stream: TcpStream) {
    Line { host, stream: BufReader::new(stream), from: String::new(), to: Vec::new() }.talk().await;
}

struct Line<'a> {
    host: &'a MailHost,
    stream: BufReader<TcpStream>,
    from: String,
    to: Vec<String>,
}

impl Line<'_> {
    async fn say(&mut self, words: &str) -> Option<()> {
        self.stream.get_mut().write_all(format!("{words}\r\n").as_bytes()).await.ok()
    }

    async fn hear(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await.ok()?;
        (read > 0).then_some(line)
    }

    /// What goes wrong at a stage; `None` ends the connection.
    async fn stage(&mut self, name: &str) -> Option<Came> {
        match self.host.smtp_fault(name) {
            None => Some(Came::Well),
            Some(SmtpFault::Slow { ms }) => {
                wait(ms).await;
                Some(Came::Well)
            }
            Some(SmtpFault::Says { words }) => self.say(&words).await.map(|()| Came::Otherwise),
            Some(SmtpFault::CutBefore) => None,
            Some(SmtpFault::CutAfter) => Some(Came::Silently),
        }
    }

    async fn talk(&mut self) -> Option<()> {
        match self.stage("GREETING").await? {
            Came::Well => self.say("220 simulated").await?,
            Came::Silently => return None,
            Came::Otherwise => {}
        }
        loop {
            let line = String::from_utf8(self.hear().await?).ok()?;
            let line = line.trim_end();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" | "AUTH" | "MAIL" | "RCPT" | "DATA" => match self.stage(&verb).await? {
                    Came::Well => self.obey(&verb, line).await?,
                    Came::Silently => return None,
                    Came::Otherwise => {}
                },
                "RSET" | "NOOP" => self.say("250 ok").await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("500 5.5.1 what?").await?,
            }
        }
    }

    async fn obey(&mut self, verb: &str, line: &str) -> Option<()> {
        match verb {
            "EHLO" => self.say(CAN).await,
            "AUTH" => {
                let known = line.split(' ').nth(2).and_then(plain);
                let known = known.is_some_and(|(user, password)| self.host.knows(&user, &password));
                self.say(if known { "235 2.7.0 in" } else { "535 5.7.8 no" }).await
            }
            "MAIL" => {
                (self.from, self.to) = (path(line), Vec::new());
                self.say("250 2.1.0 ok").await
            }
            "RCPT" => {
                self.to.push(path(line));
                self.say("250 2.1.5 ok").await
            }
            _ => self.content().await,
        }
    }

    async fn content(&mut self) -> Option<()> {
        self.say("354 go on").await?;
        let mut raw = Vec::new();
        loop {
            let line = self.hear().await?;
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let taken = Taken { from: self.from.clone(), to: std::mem::take(&mut self.to), raw: raw.into() };
        match self.stage("END").await? {
            Came::Well => {
                self.host.take(taken);
                self.say("250 2.0.0 taken").await
            }
            Came::Silently => {
                self.host.take(taken);
                None
            }
            Came::Otherwise => Some(()),
        }
    }
}

/// What stands between the angle brackets.
fn path(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(String::new(), |(path, _)| path.to_owned())
}
