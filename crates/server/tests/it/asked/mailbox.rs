//! A mailbox behind the program's door to the outside: no server, but what one would answer.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use connect::{Call, FetchedMail, ImapAct, MailPiece, MailReply, Reply};
use futures_util::future::BoxFuture;
use server::outbound::{Attempt, BlobDoor, Outside};

/// How the servers feel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Works,
    Down,
    Denies,
}

/// The mailbox, and where its owner sends.
pub(crate) struct Mailbox(Mutex<Inside>);

struct Inside {
    mood: Mood,
    mails: Vec<FetchedMail>,
    sent: Vec<String>,
    asked: usize,
    asking: usize,
    most_at_once: usize,
    /// The channels whose calls hang.
    hang: BTreeSet<String>,
    hanging: usize,
    fetched: usize,
}

const VALIDITY: u32 = 7;

impl Mailbox {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inside {
            mood: Mood::Works,
            mails: Vec::new(),
            sent: Vec::new(),
            asked: 0,
            asking: 0,
            most_at_once: 0,
            hang: BTreeSet::new(),
            hanging: 0,
            fetched: 0,
        })))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    pub(crate) fn feels(&self, mood: Mood) {
        self.inside().mood = mood;
    }

    /// Puts a mail into it.
    pub(crate) fn receives(&self, raw: String) {
        let mut inside = self.inside();
        let uid = u32::try_from(inside.mails.len()).unwrap() + 1;
        let size = u64::try_from(raw.len()).unwrap();
        inside.mails.push(FetchedMail { uid, received_ms: 0, size, raw: raw.into_bytes() });
    }

    /// What was submitted.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.inside().sent.clone()
    }

    /// How often it was asked what came.
    pub(crate) fn asked(&self) -> usize {
        self.inside().asked
    }

    /// By how many at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.inside().most_at_once
    }

    /// Of these channels no call is answered from now on.
    pub(crate) fn hangs(&self, channels: impl Iterator<Item = String>) {
        self.inside().hang = channels.collect();
    }

    /// How many calls hang now.
    pub(crate) fn hanging(&self) -> usize {
        self.inside().hanging
    }

    /// All that hang are answered.
    pub(crate) fn answers_again(&self) {
        self.inside().hang.clear();
    }

    /// How often a part of a mail was asked for.
    pub(crate) fn fetched(&self) -> usize {
        self.inside().fetched
    }

    async fn hang(&self, channel: &str) {
        if !self.inside().hang.contains(channel) {
            return;
        }
        self.inside().hanging += 1;
        while self.inside().hang.contains(channel) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.inside().hanging -= 1;
    }

    fn asks(&self) {
        let mut inside = self.inside();
        (inside.asked, inside.asking) = (inside.asked + 1, inside.asking + 1);
        inside.most_at_once = inside.most_at_once.max(inside.asking);
    }

    async fn answer(&self, call: &Call) -> Reply {
        let mood = self.inside().mood;
        match (mood, call) {
            (Mood::Down, _) => Reply::NotSent { why: "no answer".to_owned() },
            (_, Call::Http(_)) => Reply::NotSent { why: "not a mailbox".to_owned() },
            (Mood::Denies, _) => {
                self.inside().asked += 1;
                Reply::Mail(MailReply::Denied)
            }
            (Mood::Works, Call::Smtp(mail)) if mail.to.is_empty() => Reply::Mail(MailReply::Done),
            (Mood::Works, Call::Smtp(mail)) => {
                let text = |piece: &MailPiece| match piece {
                    MailPiece::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    MailPiece::Base64(_) => "a file".to_owned(),
                };
                self.inside().sent.push(mail.pieces.iter().map(text).collect());
                Reply::Mail(MailReply::Submitted { code: 250, enhanced: None })
            }
            (Mood::Works, Call::Imap(call)) => match &call.act {
                ImapAct::Look => self.after(None).await.map_or(Reply::Mail(MailReply::NoMail), Reply::Mail),
                ImapAct::After { after, most, .. } => {
                    let found = self.after(Some((*after, *most))).await;
                    found.map_or(Reply::Mail(MailReply::NoMail), Reply::Mail)
                }
                ImapAct::RemoveTheirs(_) => Reply::Mail(MailReply::Removed { unopened: 0, others: 0 }),
                ImapAct::Part(_) => {
                    self.inside().fetched += 1;
                    Reply::Mail(MailReply::NoMail)
                }
                _ => Reply::Mail(MailReply::Done),
            },
        }
    }
}

impl Mailbox {
    /// Looks, or brings mails; whoever asks at the same time is counted.
    async fn after(&self, asked: Option<(u32, u32)>) -> Option<MailReply> {
        if asked.is_some() {
            self.asks();
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.inside().asking -= 1;
        }
        let inside = self.inside();
        let (after, most) = asked.unwrap_or((u32::MAX, 0));
        let most = usize::try_from(most).ok()?;
        let mails: Vec<_> = inside.mails.iter().filter(|mail| mail.uid > after).take(most).cloned().collect();
        let until = mails.last().map_or(after.min(u32::try_from(inside.mails.len()).ok()?), |mail| mail.uid);
        let next = u32::try_from(inside.mails.len()).ok()? + 1;
        Some(MailReply::Mailbox { validity: VALIDITY, next, mails, until, withheld: None })
    }
}

impl Outside for Mailbox {
    fn attempt<'a>(&'a self, call: &'a Call, of: &'a str, _: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            self.hang(of).await;
            Attempt { reply: self.answer(call).await, worth_repeating: false }
        })
    }
}
