//! A business's account at a carrier: its number, its messages, who has stopped them, and what is to go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::faults::{CallFault, Orders};
use crate::{Clock, Options};

/// A file that hangs on a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Its id there.
    pub id: String,
    /// Media type.
    pub mime: String,
    /// The bytes.
    pub content: Bytes,
    /// Where it was fetched from, if the business sent it.
    pub origin: Option<String>,
}

/// A message in either direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its id there.
    pub id: String,
    /// Whether the business sent it.
    pub outgoing: bool,
    /// The number of the person.
    pub person: String,
    /// The business's number, where it has several.
    pub number: String,
    /// Whether it went over WhatsApp.
    pub whatsapp: bool,
    /// What it says.
    pub text: Option<String>,
    /// Its files.
    pub files: Vec<File>,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// Where it stands, in the carrier's word.
    pub state: String,
    /// Where its fate is told, if the sender said so.
    pub told_at: Option<String>,
    /// A template's id.
    pub template: Option<String>,
}

/// What can go wrong with one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum MessageFault {
    /// Refused at once with this error of the carrier's.
    Refuse {
        /// The carrier's number.
        code: i64,
        /// The HTTP status it comes with.
        status: u16,
    },
    /// Taken, and told later to have failed with this error.
    FailLater {
        /// The carrier's number.
        code: i64,
    },
}

/// An account.
#[derive(Default)]
pub(crate) struct Line {
    /// What its calls are proven by.
    pub(crate) secret: String,
    /// The number that sends.
    pub(crate) number: String,
    /// Numbers that share its hook.
    pub(crate) more: Vec<String>,
    /// Where it is told what happens.
    pub(crate) hook: Option<String>,
    /// Where it is told so when nobody took it there.
    pub(crate) failover: Option<String>,
    pub(crate) messages: Vec<Message>,
    /// Who has stopped messages.
    pub(crate) stopped: BTreeSet<String>,
    pub(crate) call_faults: Orders<CallFault>,
    pub(crate) message_faults: Orders<MessageFault>,
    /// How often each operation was called.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Answers by the key of their order, with what was asked.
    pub(crate) answered: BTreeMap<String, (Bytes, String)>,
}

impl Line {
    /// All of its numbers.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.number).chain(&self.more)
    }

    pub(crate) fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(crate) fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// What somebody's word does to what they may be sent.
    pub(crate) fn hear(&mut self, person: &str, text: Option<&str>) {
        if text.is_some_and(is_stop) {
            self.stopped.insert(person.to_owned());
        } else if text.is_some_and(is_start) {
            self.stopped.remove(person);
        }
    }
}

/// All accounts at a carrier, and its chance and clock. Clones share them.
#[derive(Clone)]
pub(crate) struct Lines {
    inner: Arc<Mutex<(BTreeMap<String, Line>, Chance)>>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Lines {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.wrapping_add(options.numbers_after.unsigned_abs());
        let inner = Arc::new(Mutex::new((BTreeMap::new(), Chance::from_seed(seed))));
        Self { inner, clock: options.clock.clone() }
    }

    /// For as long as the guard is held; never across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, (BTreeMap<String, Line>, Chance)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to an account; `None` if there is none of that name.
    pub(crate) fn with<T>(&self, account: &str, act: impl FnOnce(&mut Line, &mut Chance) -> T) -> Option<T> {
        let mut guard = self.lock();
        let (lines, chance) = &mut *guard;
        lines.get_mut(account).map(|line| act(line, chance))
    }
}

/// Words at which carriers stop by themselves.
fn is_stop(text: &str) -> bool {
    let word = text.trim().to_ascii_uppercase();
    ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"].contains(&word.as_str())
}

/// Words at which they go on.
fn is_start(text: &str) -> bool {
    let word = text.trim().to_ascii_uppercase();
    ["START", "UNSTOP"].contains(&word.as_str())
}

/// That many hexadecimal digits.
pub(crate) fn hexadecimal(chance: &mut Chance, length: usize) -> String {
    (0..length).filter_map(|_| char::from_digit(u32::try_from(chance.below(16)).unwrap_or(0), 16)).collect()
}
