//! A mail server for mailboxes by IMAP and SMTP (RFC 3501, RFC 2177, RFC 5321), as small as a client lets it be, that fails to
//! order: it gives no mail, or half of one, says no, lies about sizes, or takes a mail and never says so.
//!
//! It speaks without TLS, over a port of its own for each protocol. What was really taken and asked is read with the functions
//! here, not believed.

mod imap;
mod smtp;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::chance::Chance;
use crate::faults::{Order, Orders};

/// The password of every mailbox.
pub const PASSWORD: &str = "secret";

/// What can go wrong with a command to the server for reading. Commands are named `GREETING`, `LOGIN`, `EXAMINE`, `SEARCH`,
/// `ABOUT:12` (what a mail is, of the mail with this id), `BODY:12` (the mail itself), `IDLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum ImapFault {
    /// `NO` with these words.
    No {
        /// The words, with their code in brackets if any.
        words: String,
    },
    /// `BAD` with these words.
    Bad {
        /// The words.
        words: String,
    },
    /// `OK`, but nothing of what was asked for.
    Nothing,
    /// Carried out this many milliseconds later.
    Slow {
        /// Milliseconds of waiting before anything happens.
        ms: u64,
    },
    /// The connection is closed without an answer.
    Cut,
    /// The connection is closed in the middle of the mail.
    Half,
    /// More is announced than comes: what is said next is taken for the rest of the mail.
    Overstated,
}

/// What can go wrong with a command to the server for sending. Stages are named `GREETING`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`
/// and `END` (after the end of the mail).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum SmtpFault {
    /// This is said instead (`451 4.3.0 later`), and nothing happens.
    Says {
        /// The reply.
        words: String,
    },
    /// Carried out this many milliseconds later.
    Slow {
        /// Milliseconds of waiting before anything happens.
        ms: u64,
    },
    /// The connection is closed without an answer; nothing happens.
    CutBefore,
    /// It happens, and the connection is closed without an answer.
    CutAfter,
}

/// Where the servers are reached, on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// For reading.
    pub imap: u16,
    /// For sending.
    pub smtp: u16,
}

/// A mail that the server for sending took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The address it came from, as the envelope says.
    pub from: String,
    /// The addresses it is for.
    pub to: Vec<String>,
    /// The mail.
    pub raw: Bytes,
}

/// A mail in a mailbox.
#[derive(Clone)]
struct Kept {
    uid: u32,
    raw: Bytes,
    at_ms: i64,
}

/// A mailbox: its inbox.
#[derive(Default)]
struct Inbox {
    validity: u32,
    next: u32,
    mails: Vec<Kept>,
}

impl Inbox {
    fn add(&mut self, raw: Bytes, at_ms: i64) -> u32 {
        let uid = self.next;
        self.next += 1;
        self.mails.push(Kept { uid, raw, at_ms });
        uid
    }
}

struct World {
    inboxes: BTreeMap<String, Inbox>,
    taken: Vec<Taken>,
    imap: Orders<ImapFault>,
    smtp: Orders<SmtpFault>,
    /// How often each command was said.
    counts: BTreeMap<String, u64>,
    chance: Chance,
}

/// The servers. Clones share them.
#[derive(Clone)]
pub struct MailHost {
    world: Arc<Mutex<World>>,
    /// Tells who waits that something came.
    came: watch::Sender<u64>,
}

impl MailHost {
    /// Servers without any mailbox. Everything left to chance follows from the seed.
    pub fn new(seed: u64) -> Self {
        let world = World {
            inboxes: BTreeMap::new(),
            taken: Vec::new(),
            imap: Orders::default(),
            smtp: Orders::default(),
            counts: BTreeMap::new(),
            chance: Chance::from_seed(seed),
        };
        Self { world: Arc::new(Mutex::new(world)), came: watch::Sender::new(0) }
    }

    /// Serves in the background on free ports of this machine, for as long as the runtime lives.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(&self) -> std::io::Result<Ports> {
        let (imap, smtp) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let ports = Ports { imap: imap.local_addr()?.port(), smtp: smtp.local_addr()?.port() };
        let (reading, sending) = (self.clone(), self.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = imap.accept().await {
                let host = reading.clone();
                tokio::spawn(async move { imap::serve(&host, stream).await });
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = smtp.accept().await {
                let host = sending.clone();
                tokio::spawn(async move { smtp::serve(&host, stream).await });
            }
        });
        Ok(ports)
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, address: &str, act: impl FnOnce(&mut Inbox) -> T) -> Option<T> {
        self.lock().inboxes.get_mut(address).map(act)
    }

    /// A new mailbox; its password is [`PASSWORD`].
    pub fn create(&self, address: &str) {
        let inbox = Inbox { validity: 1, next: 1, mails: Vec::new() };
        self.lock().inboxes.insert(address.to_owned(), inbox);
    }

    /// A mail arrives at a moment, in Unix milliseconds; its id. `None` if there is no such mailbox.
    pub fn deliver(&self, address: &str, raw: impl Into<Bytes>, at_ms: i64) -> Option<u32> {
        let uid = self.with(address, |inbox| inbox.add(raw.into(), at_ms));
        self.came.send_modify(|count| *count += 1);
        uid
    }

    /// All mails of a mailbox have other ids from now on (another UIDVALIDITY).
    pub fn renumber(&self, address: &str) {
        self.with(address, |inbox| {
            inbox.validity += 1;
            inbox.next = 1;
            for kept in std::mem::take(&mut inbox.mails) {
                inbox.add(kept.raw, kept.at_ms);
            }
        });
        self.came.send_modify(|count| *count += 1);
    }

    /// What the server for sending took, whether it said so or not, oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.lock().taken.clone()
    }

    /// How often a command or stage was said, by its name in [`ImapFault`] or [`SmtpFault`].
    pub fn said(&self, name: &str) -> u64 {
        self.lock().counts.get(name).copied().unwrap_or(0)
    }

    /// Something is to go wrong with reading.
    pub fn order_imap_fault(&self, order: Order<ImapFault>) {
        self.lock().imap.add(order);
    }

    /// Something is to go wrong with sending.
    pub fn order_smtp_fault(&self, order: Order<SmtpFault>) {
        self.lock().smtp.add(order);
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        let mut world = self.lock();
        world.imap.clear();
        world.smtp.clear();
    }

    /// What goes wrong with a command that is said now.
    fn imap_fault(&self, name: &str) -> Option<ImapFault> {
        let World { imap, counts, chance, .. } = &mut *self.lock();
        *counts.entry(name.to_owned()).or_default() += 1;
        imap.draw(name, chance).into_iter().next()
    }

    fn smtp_fault(&self, stage: &str) -> Option<SmtpFault> {
        let World { smtp, counts, chance, .. } = &mut *self.lock();
        *counts.entry(stage.to_owned()).or_default() += 1;
        smtp.draw(stage, chance).into_iter().next()
    }

    fn knows(&self, user: &str, password: &str) -> bool {
        password == PASSWORD && self.lock().inboxes.contains_key(user)
    }

    /// A mail was submitted.
    fn take(&self, taken: Taken) {
        self.lock().taken.push(taken);
    }
}

async fn wait(ms: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
}

/// The user and the password of `PLAIN` (RFC 4616).
fn plain(encoded: &str) -> Option<(String, String)> {
    use base64::Engine;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let mut parts = text.split('\0').skip(1).map(str::to_owned);
    Some((parts.next()?, parts.next()?))
}
