//! Mailboxes at providers whose owners sign in (OAuth 2.0): Google's and Microsoft's have the same inside, and each its own
//! addresses around it.

mod letter;
mod push;
mod sign_in;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::carrier::{Office, hexadecimal};
use crate::chance::Chance;
use crate::faults::{CallFault, Orders};
use crate::microsoft::subscriptions::Subscription;
use crate::{Clock, Options};

pub use letter::{Attachment, Letter};
pub(crate) use letter::{field, head};
pub use push::PushFault;
pub(crate) use sign_in::{Asked, SignIn};

/// How long an access token lives, in seconds.
const TOKEN_LIFE_S: i64 = 3_600;

/// Who may sign in to a new mailbox, and through which app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The mailbox's address.
    pub address: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: String,
}

/// Where a mail lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Folder {
    #[default]
    Inbox,
    Spam,
    Drafts,
    Sent,
}

/// A mail in a mailbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) raw: Bytes,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) at_ms: i64,
    /// At which point of the mailbox's history it came.
    pub(crate) history: u64,
    pub(crate) folder: Folder,
    pub(crate) gone: bool,
    /// At which point of the history it was moved into the inbox.
    pub(crate) moved: Option<u64>,
}

impl Mail {
    pub(crate) fn message_id(&self) -> String {
        let id = field(&self.raw, "message-id").unwrap_or_default();
        id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
    }
}

/// A file on its way to a draft.
#[derive(Default)]
pub(crate) struct Upload {
    pub(crate) mail: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: usize,
    pub(crate) content: Vec<u8>,
}

/// A mailbox.
#[derive(Default)]
pub(crate) struct Mailbox {
    pub(crate) credentials: Credentials,
    pub(crate) mails: Vec<Mail>,
    /// What is being brought to drafts piece by piece, by its secret address.
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// Further addresses from which it may send.
    pub(crate) aliases: Vec<String>,
    pub(crate) history: u64,
    /// What came before this point of the history is not told any more.
    pub(crate) forgotten: u64,
    pub(crate) sign_in: SignIn,
    pub(crate) faults: Orders<CallFault>,
    pub(crate) calls: BTreeMap<String, u64>,
    /// How many entries a page of a list has.
    pub(crate) page: usize,
    /// Whether the history tells everything twice.
    pub(crate) doubles: bool,
    /// Whether a mail that is sent is given another Message-ID.
    pub(crate) renames: bool,
    /// For which topic it is watched, and until when.
    pub(crate) watch: Option<(String, i64)>,
    /// Who is told that it changed.
    pub(crate) subscriptions: Vec<Subscription>,
    /// Whether they can be reached.
    pub(crate) reachable: bool,
    /// What is wrong with what is told.
    pub(crate) push_fault: Option<PushFault>,
    /// Operations for which no token is taken, however good.
    pub(crate) denied: Vec<String>,
}

/// All mailboxes at a provider. Clones share them.
#[derive(Clone)]
pub(crate) struct Mailboxes {
    inner: Arc<Mutex<(BTreeMap<String, Mailbox>, Chance)>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) office: Office,
}

impl Mailboxes {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.wrapping_add(options.numbers_after.unsigned_abs()).wrapping_add(77);
        let inner = Arc::new(Mutex::new((BTreeMap::new(), Chance::from_seed(seed))));
        Self { inner, clock: options.clock.clone(), office: Office::new(options) }
    }

    /// For as long as the guard is held; never across an await.
    fn lock(&self) -> MutexGuard<'_, (BTreeMap<String, Mailbox>, Chance)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to a mailbox; `None` if there is none of that address.
    pub(crate) fn with<T>(&self, address: &str, act: impl FnOnce(&mut Mailbox, &mut Chance) -> T) -> Option<T> {
        let mut guard = self.lock();
        let (mailboxes, chance) = &mut *guard;
        mailboxes.get_mut(address).map(|mailbox| act(mailbox, chance))
    }

    /// The first mailbox for which this is so.
    pub(crate) fn find(&self, is: impl Fn(&Mailbox) -> bool) -> Option<String> {
        self.lock().0.iter().find(|(_, mailbox)| is(mailbox)).map(|(address, _)| address.clone())
    }

    pub(crate) fn create(&self, address: &str) -> Credentials {
        let mut guard = self.lock();
        let (mailboxes, chance) = &mut *guard;
        let credentials = Credentials {
            address: address.to_owned(),
            client_id: format!("{}.apps.example", chance.word(20)),
            client_secret: format!("secret-{}", chance.word(24)),
        };
        let mailbox = Mailbox {
            credentials: credentials.clone(),
            history: 1_000,
            forgotten: 1_000,
            page: 100,
            ..Mailbox::default()
        };
        mailboxes.insert(address.to_owned(), mailbox);
        credentials
    }

    /// Puts a mail into the inbox; its Message-ID.
    pub(crate) fn deliver(&self, address: &str, letter: &Letter) -> Option<String> {
        let now_ms = self.clock.now_ms();
        self.with(address, |mailbox, chance| {
            let id = letter.id.clone().unwrap_or_else(|| format!("{}@mail.example", chance.word(16)));
            let raw = letter.written(address, &id, now_ms);
            let mail = Mail {
                id: hexadecimal(chance, 16),
                thread: mailbox.thread_of(letter.answers.as_deref()).unwrap_or_else(|| hexadecimal(chance, 16)),
                raw,
                attachments: letter.attachments.clone(),
                at_ms: now_ms,
                ..Mail::default()
            };
            mailbox.add(mail);
            id
        })
    }

    /// The operation is called at this mailbox: what is to go wrong.
    pub(crate) fn counted(&self, address: &str, operation: &str) -> Vec<CallFault> {
        let faults = self.with(address, |mailbox, chance| {
            *mailbox.calls.entry(operation.to_owned()).or_default() += 1;
            mailbox.faults.draw(operation, chance)
        });
        faults.unwrap_or_default()
    }

    /// The operation is called by whoever has this token: whose mailbox, and what is to go wrong.
    pub(crate) fn called(&self, token: Option<&str>, operation: &str) -> Option<(String, Vec<CallFault>)> {
        let now_ms = self.clock.now_ms();
        let address = self.find(|mailbox| token.is_some_and(|token| mailbox.sign_in.takes(token, now_ms)))?;
        if self.with(&address, |mailbox, _| mailbox.denied.iter().any(|denied| denied == operation)) == Some(true) {
            return None;
        }
        let faults = self.counted(&address, operation);
        Some((address, faults))
    }
}

impl Mailbox {
    pub(crate) fn add(&mut self, mail: Mail) {
        self.history += 3;
        self.mails.push(Mail { history: self.history, ..mail });
    }

    /// All that was received is moved into the inbox, wherever it is.
    pub(crate) fn refile(&mut self) {
        for mail in self.mails.iter_mut().filter(|mail| mail.folder != Folder::Sent) {
            self.history += 3;
            (mail.folder, mail.moved) = (Folder::Inbox, Some(self.history));
        }
    }

    pub(crate) fn mail(&self, id: &str) -> Option<&Mail> {
        self.mails.iter().find(|mail| mail.id == id && !mail.gone)
    }

    /// The mails with this Message-ID.
    pub(crate) fn by_message_id(&self, id: &str) -> impl Iterator<Item = &Mail> {
        self.mails.iter().filter(move |mail| !mail.gone && mail.message_id() == id)
    }

    /// Whether it may send what says to come from there.
    pub(crate) fn may_send(&self, raw: &[u8]) -> bool {
        let from = field(raw, "from").unwrap_or_default();
        let address = from.rsplit_once('<').map_or(from.as_str(), |(_, rest)| rest.trim_end_matches('>'));
        address.eq_ignore_ascii_case(&self.credentials.address)
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(address))
    }

    fn thread_of(&self, answered: Option<&str>) -> Option<String> {
        self.by_message_id(answered?).next().map(|mail| mail.thread.clone())
    }

    /// What is sent: a copy in the folder of sent mail, and the answer of whoever it is for is nobody's here.
    pub(crate) fn send(&mut self, raw: Bytes, thread: Option<String>, at_ms: i64, chance: &mut Chance) -> String {
        let raw =
            if self.renames { letter::renamed(&raw, &format!("{}@mail.gmail.example", chance.word(20))) } else { raw };
        let id = hexadecimal(chance, 16);
        let thread = thread.unwrap_or_else(|| hexadecimal(chance, 16));
        self.add(Mail { id: id.clone(), thread, raw, at_ms, folder: Folder::Sent, ..Mail::default() });
        id
    }
}

macro_rules! mailbox_controls {
    ($provider:ident) => {
        impl $provider {
            /// A new mailbox, with an app that may ask its owner for access.
            pub fn create(&self, address: &str) -> Credentials {
                self.mailboxes.create(address)
            }

            /// The mailbox may send from a further address from now on, or from exactly its own again.
            pub fn set_alias(&self, address: &str, alias: Option<&str>) {
                let aliases = alias.map(str::to_owned).into_iter().collect();
                self.mailboxes.with(address, |mailbox, _| mailbox.aliases = aliases);
            }

            /// Somebody's mail arrives; its Message-ID. `None` if there is no such mailbox.
            pub fn deliver(&self, address: &str, letter: &Letter) -> Option<String> {
                let id = self.mailboxes.deliver(address, letter);
                self.tell(address);
                id
            }

            /// What is wrong from now on with what is told of a mailbox.
            pub fn set_push_fault(&self, address: &str, fault: Option<PushFault>) {
                self.mailboxes.with(address, |mailbox, _| mailbox.push_fault = fault);
            }

            /// What hooks answered to what they were told, each attempt, oldest first.
            pub fn told(&self) -> Vec<Option<u16>> {
                self.mailboxes.office.deliveries().into_iter().map(|delivery| delivery.status).collect()
            }

            /// The mails that the mailbox sent, as they are, oldest first, each with the thread it was put into.
            pub fn sent(&self, address: &str) -> Vec<(Bytes, String)> {
                let sent = |mailbox: &mut Mailbox, _: &mut Chance| {
                    let sent = mailbox.mails.iter().filter(|mail| mail.folder == Folder::Sent);
                    sent.map(|mail| (mail.raw.clone(), mail.thread.clone())).collect()
                };
                self.mailboxes.with(address, sent).unwrap_or_default()
            }

            /// The files that were brought by themselves to each mail that the mailbox sent, oldest first.
            pub fn sent_files(&self, address: &str) -> Vec<Vec<crate::mailbox::Attachment>> {
                let files = |mailbox: &mut Mailbox, _: &mut Chance| {
                    mailbox
                        .mails
                        .iter()
                        .filter(|mail| mail.folder == Folder::Sent)
                        .map(|mail| mail.attachments.clone())
                        .collect()
                };
                self.mailboxes.with(address, files).unwrap_or_default()
            }

            /// How many mails are in the mailbox that are not in the bin.
            pub fn count(&self, address: &str) -> usize {
                let count =
                    |mailbox: &mut Mailbox, _: &mut Chance| mailbox.mails.iter().filter(|mail| !mail.gone).count();
                self.mailboxes.with(address, count).unwrap_or(0)
            }

            /// How often an operation was called.
            pub fn calls(&self, address: &str, operation: &str) -> u64 {
                self.mailboxes.with(address, |mailbox, _| mailbox.calls.get(operation).copied()).flatten().unwrap_or(0)
            }

            /// Something is to go wrong with calls of this mailbox.
            pub fn order_call_fault(&self, address: &str, order: Order<CallFault>) {
                self.mailboxes.with(address, |mailbox, _| mailbox.faults.add(order));
            }

            /// The owner takes the consent back: no token is taken any more.
            pub fn withdraw(&self, address: &str) {
                self.mailboxes.with(address, |mailbox, _| mailbox.sign_in.withdraw());
            }

            /// For these operations no token is taken from now on, however new.
            pub fn deny(&self, address: &str, operations: &[&str]) {
                let denied = operations.iter().map(|operation| (*operation).to_owned()).collect();
                self.mailboxes.with(address, |mailbox, _| mailbox.denied = denied);
            }

            /// All access tokens end before their time.
            pub fn expire(&self, address: &str) {
                self.mailboxes.with(address, |mailbox, _| mailbox.sign_in.expire());
            }

            /// What was not asked for until now is not told any more.
            pub fn forget(&self, address: &str) {
                self.mailboxes.with(address, |mailbox, _| {
                    mailbox.history += 3;
                    mailbox.forgotten = mailbox.history;
                });
            }

            /// Lists have so many entries on a page.
            pub fn set_page(&self, address: &str, entries: usize) {
                self.mailboxes.with(address, |mailbox, _| mailbox.page = entries.max(1));
            }

            /// What changed is told twice from now on.
            pub fn double(&self, address: &str) {
                self.mailboxes.with(address, |mailbox, _| mailbox.doubles = true);
            }

            /// From now on the owner refuses on the page that asks, or allows again.
            pub fn refuse(&self, address: &str, refuses: bool) {
                self.mailboxes.with(address, |mailbox, _| mailbox.sign_in.refuses = refuses);
            }

            /// What is sent is given another Message-ID from now on.
            pub fn rename_sent(&self, address: &str) {
                self.mailboxes.with(address, |mailbox, _| mailbox.renames = true);
            }
        }
    };
}
pub(crate) use mailbox_controls;
