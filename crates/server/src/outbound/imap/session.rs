//! One connection to a mailbox: greeting, TLS, signing in, commands and their answers, all of them bounded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connect::{MailReply, MailServer, MailTls};

use super::super::connection::Connection;
use super::super::reply::Loss;
use super::super::{End, Fault};
use super::command::Command;
use super::response::{Kind, Response, Status, Untagged, capabilities, response};
use super::search::Smallest;
use super::value::{Raw, announced};

/// How much of a mail is asked for at once, in bytes.
pub(super) const CHUNK: u64 = 256 * 1024;
/// A line without literals.
const LINE: usize = 32 * 1024;
/// A response as a whole: a piece of a mail, and what is said around it.
const LARGEST: u64 = CHUNK + 64 * 1024;
/// The answer to a SEARCH, which is not held: several million ids.
const LONGEST_SEARCH: u64 = 32 << 20;
/// How many responses a command may have. Each mail and each folder is one.
const MOST_RESPONSES: usize = 100_000;

pub(super) struct Session {
    connection: Connection,
    count: u32,
    /// What the server can, in upper case.
    can: Vec<String>,
}

/// The inbox as it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) validity: u32,
    pub(super) next: u32,
}

impl Session {
    /// Takes the greeting and signs in.
    pub(super) async fn open(connection: Connection, server: &MailServer) -> Result<Self, End> {
        let mut session = Self { connection, count: 0, can: Vec::new() };
        let Response::Untagged(Untagged::Status(greeting)) = session.response(None).await? else {
            return Err(Fault::NotSent("the mail server does not speak IMAP").into());
        };
        if !matches!(greeting.kind, Kind::Ok | Kind::PreAuth) {
            return Err(Fault::NotSent("the mail server takes no connection now").into());
        }
        session.note(&greeting);
        if server.tls == MailTls::StartTls {
            if greeting.kind == Kind::PreAuth {
                return Err(Fault::NotSent("the mail server signs in before TLS").into());
            }
            session.done(&Command::new("STARTTLS"), "the mail server offers no STARTTLS").await?;
            session.connection = session.connection.secure().await?;
            // What was said in the open counts for nothing.
            session.can.clear();
        }
        if session.can.is_empty() {
            session.ask_what_it_can().await?;
        }
        if greeting.kind == Kind::Ok && !server.username.is_empty() {
            session.sign_in(server).await?;
        }
        Ok(session)
    }

    /// Whether the server can something (`UIDPLUS`).
    pub(super) fn can(&self, what: &str) -> bool {
        self.can.iter().any(|can| can == what)
    }

    async fn sign_in(&mut self, server: &MailServer) -> Result<(), End> {
        let (user, password) = (&server.username, server.password.expose());
        let secret = STANDARD.encode(format!("\0{user}\0{password}"));
        let command = if self.can("AUTH=PLAIN") && self.can("SASL-IR") {
            Command::new(&format!("AUTHENTICATE PLAIN {secret}"))
        } else if self.can("AUTH=PLAIN") {
            Command { parts: vec![b"AUTHENTICATE PLAIN\r\n".to_vec(), secret.into_bytes()] }
        } else if self.can("LOGINDISABLED") {
            return Err(Fault::NotSent("the mail server offers no way to sign in with a password").into());
        } else {
            Command::new("LOGIN").string(user.as_bytes()).string(password.as_bytes())
        };
        self.can.clear();
        let status = self.run(&command, |_| ()).await?;
        let code = status.code.first().map(String::as_str).unwrap_or_default();
        match (status.kind, code) {
            (Kind::Ok, _) => {}
            (Kind::No, _) if is_about_now(&status) => {
                return Err(Fault::NotSent("the mail server lets nobody in now").into());
            }
            (Kind::No, _) => return Err(End::Said(MailReply::Denied)),
            _ => return Err(Fault::NotSent("the mail server did not understand how one signs in").into()),
        }
        self.note(&status);
        if self.can.is_empty() {
            self.ask_what_it_can().await?;
        }
        Ok(())
    }

    async fn ask_what_it_can(&mut self) -> Result<(), End> {
        let mut can = Vec::new();
        let note = |untagged| {
            if let Untagged::Capability(said) = untagged {
                can = said;
            }
        };
        let status = self.run(&Command::new("CAPABILITY"), note).await?;
        if status.kind != Kind::Ok {
            return Err(Fault::NotSent("the mail server does not say what it can").into());
        }
        self.can = can;
        Ok(())
    }

    fn note(&mut self, status: &Status) {
        if let [first, rest @ ..] = status.code.as_slice()
            && first == "CAPABILITY"
        {
            self.can = capabilities(rest.iter().map(String::as_str));
        }
    }

    /// Opens the inbox; `EXAMINE` changes nothing in it.
    pub(super) async fn open_inbox(&mut self, writing: bool) -> Result<Mailbox, End> {
        let (mut validity, mut next, mut exists) = (None, None, 0);
        let note = |untagged| match untagged {
            Untagged::Status(status) => match status.code.as_slice() {
                [name, number, ..] if name == "UIDVALIDITY" => validity = number.parse().ok(),
                [name, number, ..] if name == "UIDNEXT" => next = number.parse().ok(),
                _ => {}
            },
            Untagged::Exists(mails) => exists = mails,
            _ => {}
        };
        let command = Command::new(if writing { "SELECT INBOX" } else { "EXAMINE INBOX" });
        let status = self.run(&command, note).await?;
        if status.kind != Kind::Ok {
            return Err(Fault::NotSent("the mail server does not open the inbox").into());
        }
        let validity = validity.ok_or(Fault::NotSent("the mail server gives its mails no lasting ids"))?;
        let next = match next {
            Some(next) => next,
            None if exists == 0 => 1,
            None => self.last_uid().await?.saturating_add(1),
        };
        Ok(Mailbox { validity, next })
    }

    /// The greatest id there is, of a server that does not say which comes next.
    async fn last_uid(&mut self) -> Result<u32, End> {
        let mut last = 0;
        let note = |untagged| {
            if let Untagged::Fetch(mail) = untagged {
                last = last.max(mail.uid.unwrap_or(0));
            }
        };
        let status = self.run(&Command::new("FETCH * (UID)"), note).await?;
        if status.kind == Kind::Ok { Ok(last) } else { Err(Fault::NotSent("the mail server says no ids").into()) }
    }

    /// A command that must succeed; `why` is said where it does not.
    pub(super) async fn done(&mut self, command: &Command, why: &'static str) -> Result<(), End> {
        let status = self.run(command, |_| ()).await?;
        if status.kind == Kind::Ok { Ok(()) } else { Err(Fault::NotSent(why).into()) }
    }

    /// Says a command; `each` sees what is said beside, and its end is returned.
    pub(super) async fn run(&mut self, command: &Command, each: impl FnMut(Untagged) + Send) -> Result<Status, End> {
        let tag = self.say(command).await?;
        match tag {
            Said::All(tag) => self.end_of(&tag, each, None).await,
            Said::Refused(status) => Ok(status),
        }
    }

    /// Says a SEARCH, and keeps of what it finds what `found` keeps.
    pub(super) async fn search(&mut self, command: &Command, found: &mut Smallest) -> Result<(), End> {
        let status = match self.say(command).await? {
            Said::All(tag) => self.end_of(&tag, |_| (), Some(found)).await?,
            Said::Refused(status) => status,
        };
        if status.kind == Kind::Ok { Ok(()) } else { Err(Fault::NotSent("the mail server does not search").into()) }
    }

    /// Says a command but for its last literal, which `+` has been said for.
    pub(super) async fn say(&mut self, command: &Command) -> Result<Said, End> {
        self.count += 1;
        let tag = format!("p{}", self.count);
        self.connection.say(format!("{tag} ").as_bytes()).await?;
        for (index, part) in command.parts.iter().enumerate() {
            let last = index + 1 == command.parts.len();
            let open = last && index > 0 && part.is_empty();
            if !open {
                self.connection.say(part).await?;
            }
            if !last && let Some(refused) = self.may_go_on(&tag).await? {
                return Ok(Said::Refused(refused));
            }
            if last && !open {
                self.connection.say(b"\r\n").await?;
            }
        }
        Ok(Said::All(tag))
    }

    /// Waits for `+`; or the command is refused.
    pub(super) async fn may_go_on(&mut self, tag: &str) -> Result<Option<Status>, End> {
        for _ in 0..MOST_RESPONSES {
            match self.response(None).await? {
                Response::Continue => return Ok(None),
                Response::Tagged { tag: ended, status } if ended == tag => return Ok(Some(status)),
                Response::Untagged(Untagged::Status(Status { kind: Kind::Bye, .. })) => return Err(Loss::Cut.into()),
                Response::Tagged { .. } | Response::Untagged(_) => {}
            }
        }
        Err(Loss::Garbled.into())
    }

    /// Bytes of a literal, or the end of a command that has one.
    pub(super) async fn say_raw(&mut self, bytes: &[u8]) -> Result<(), End> {
        Ok(self.connection.say(bytes).await?)
    }

    pub(super) async fn end_of(
        &mut self,
        tag: &str,
        mut each: impl FnMut(Untagged) + Send,
        mut found: Option<&mut Smallest>,
    ) -> Result<Status, End> {
        for _ in 0..MOST_RESPONSES {
            match self.response(found.as_deref_mut()).await? {
                Response::Tagged { tag: ended, status } if ended == tag => return Ok(status),
                Response::Untagged(Untagged::Status(Status { kind: Kind::Bye, .. })) => return Err(Loss::Cut.into()),
                Response::Untagged(untagged) => each(untagged),
                Response::Tagged { .. } | Response::Continue => {}
            }
        }
        Err(Loss::Garbled.into())
    }

    /// The next thing that is said.
    pub(super) async fn response(&mut self, found: Option<&mut Smallest>) -> Result<Response, Loss> {
        let (mut raw, mut size) = (Raw::default(), 0);
        loop {
            let (line, ended) = self.connection.part(LINE).await?;
            let first = raw.lines.is_empty().then(|| line.get(..8)).flatten();
            if first.is_some_and(|first| first.eq_ignore_ascii_case(b"* SEARCH")) {
                self.found(&line[8..], ended, found).await?;
                return Ok(Response::Untagged(Untagged::Other));
            }
            let literal = announced(&line);
            size += line.len() as u64 + literal.unwrap_or(0).min(LARGEST + 1);
            if !ended || size > LARGEST {
                return Err(Loss::TooLarge(LARGEST));
            }
            raw.lines.push(line);
            match literal {
                None => return response(&raw).ok_or(Loss::Garbled),
                Some(literal) => {
                    let literal = usize::try_from(literal).map_err(|_| Loss::TooLarge(LARGEST))?;
                    raw.literals.push(self.connection.exactly(literal).await?);
                }
            }
        }
    }

    /// Reads the rest of what a SEARCH found, piece by piece.
    async fn found(&mut self, first: &[u8], mut ended: bool, mut found: Option<&mut Smallest>) -> Result<(), Loss> {
        let mut size = 0;
        let mut piece = bytes::Bytes::copy_from_slice(first);
        loop {
            if let Some(found) = &mut found {
                found.feed(&piece);
            }
            size += piece.len() as u64;
            if ended {
                break;
            }
            if size > LONGEST_SEARCH {
                return Err(Loss::TooLarge(LONGEST_SEARCH));
            }
            (piece, ended) = self.connection.part(LINE).await?;
        }
        if let Some(found) = found {
            found.close();
        }
        Ok(())
    }

    /// Waits so long between two signs of life.
    pub(super) fn wait(&mut self, patience: std::time::Duration) {
        self.connection.wait(patience);
    }

    /// Takes leave. Nothing depends on it.
    pub(super) async fn goodbye(mut self) {
        self.say(&Command::new("LOGOUT")).await.ok();
    }
}

/// Whether a refusal to let us in is about the server or our number, and not about the password (RFC 5530; some say it in words
/// alone).
fn is_about_now(status: &Status) -> bool {
    const CODES: [&str; 8] =
        ["UNAVAILABLE", "CONTACTADMIN", "INUSE", "LIMIT", "OVERQUOTA", "THROTTLED", "SERVERBUG", "PRIVACYREQUIRED"];
    const WORDS: [&str; 4] = ["too many", "simultaneous", "try again", "temporar"];
    status.code.first().is_some_and(|code| CODES.contains(&code.as_str()))
        || WORDS.iter().any(|words| status.words.contains(words))
}

/// How far a command was said.
#[derive(Debug)]
pub(super) enum Said {
    /// All of it, but a literal that is sent by hand: its tag.
    All(String),
    /// The server ended it before.
    Refused(Status),
}
