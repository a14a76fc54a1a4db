//! The contract every outside system is written to.

use std::collections::BTreeMap;

use crate::{
    Account, Authorized, BlobHandle, Call, Ctx, Erased, Event, Fault, Hint, Outgoing, Person, PersonIdentity, Profile,
    Receipt, RemoteFile, SendError, Spec, Template, TemplateDraft, Trace, Watch,
};

/// A request as it arrived, before anything is believed.
#[derive(Clone)]
pub struct Raw {
    /// `GET` or `POST`.
    pub method: String,
    /// Path below the channel's hook, `""` for the hook itself.
    pub path: String,
    /// The raw query without `?`.
    pub query: String,
    /// Headers with names in lower case, in order of arrival.
    pub headers: Vec<(String, String)>,
    /// The raw body, never re-serialised.
    pub body: Vec<u8>,
}

impl Raw {
    /// The one value of a header. A header that occurs twice has none: what signs must be unambiguous.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

/// Bytes whose sender is proven. Only [`Connector::verify`] and the sealed inbox make one.
#[derive(Clone)]
pub struct Verified {
    body: Vec<u8>,
    subject: Option<String>,
}

impl Verified {
    /// For connectors: these bytes passed verification.
    pub(crate) fn new(body: Vec<u8>) -> Self {
        Self { body, subject: None }
    }

    /// For connectors: our own session fetched these bytes, so that session's credentials prove them.
    pub(crate) fn fetched(body: Vec<u8>) -> Self {
        Self { body, subject: None }
    }

    /// For connectors whose credential names who speaks (a web visitor's session).
    pub(crate) fn speaking(body: Vec<u8>, subject: String) -> Self {
        Self { body, subject: Some(subject) }
    }

    /// The proven bytes.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Who the credential says is speaking, where it says so.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The form that is sealed into the inbox: length of the subject (u32, big endian), subject, body.
    pub fn to_inbox(&self) -> Vec<u8> {
        let subject = self.subject.as_deref().unwrap_or("");
        let length = u32::try_from(subject.len()).unwrap_or(0);
        let mut bytes = Vec::with_capacity(4 + subject.len() + self.body.len());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(subject.as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Back from the inbox. The seal of an inbox row authenticates what verification let in, so this is no way
    /// around `verify`; `tidy` allows the call in the engine's receiving stage alone.
    pub fn from_inbox(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_at_checked(4)?;
        let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
        let (subject, body) = rest.split_at_checked(length)?;
        let subject = std::str::from_utf8(subject).ok()?;
        Some(Self { body: body.to_vec(), subject: (!subject.is_empty()).then(|| subject.to_owned()) })
    }
}

/// Why a request was not believed. The sender is told no more than the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reject {
    /// The proof is missing or wrong: 401.
    Unauthorised,
    /// Proven, but not something this connector takes (wrong method or path): 404.
    NotFound,
    /// Proven and too large or malformed beyond use: 400.
    Malformed,
}

/// What a provider wants to hear once its bytes are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// Whether the request carries something to keep. A handshake does not.
    pub keep: bool,
}

impl Answer {
    /// 200 with an empty body, bytes kept.
    pub fn ok() -> Self {
        Self { status: 200, content_type: "text/plain", body: String::new(), keep: true }
    }
}

/// What is next, given the replies so far.
#[derive(Debug)]
pub enum Step<T> {
    /// Make this call, then ask again with its reply appended.
    Call(Call),
    /// Finished.
    Done(T),
    /// Cannot be done, or not now.
    Fail(SendError),
}

/// What an account said when it was asked.
#[derive(Clone)]
pub struct Polled {
    /// What came, each kept and applied as a request of its own.
    pub requests: Vec<Verified>,
    /// Where the next asking goes on; kept in the transaction that keeps the requests.
    pub cursor: String,
    /// There is more now.
    pub more: bool,
}

// What came is what people wrote, and is not printed.
impl std::fmt::Debug for Polled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Polled({} requests, more: {})", self.requests.len(), self.more)
    }
}

/// An outside system. All functions are pure and total: no input makes them panic.
pub trait Connector: Send + Sync {
    /// What this system is and needs.
    fn spec(&self) -> &'static Spec;

    /// Whether a request is what it claims to be. There is no default: there is no insecure connector.
    fn verify(&self, ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject>;

    /// The accounts (values of the setting [`Spec::account_key`]) that a request speaks of, before anything is believed:
    /// where one hook serves several, the platform asks each of their channels to verify it, and what each verifies is cut
    /// to its own part. Several channels may have the same account. Empty: only the channel whose hook was called.
    fn addressed(&self, _: &Raw) -> Vec<String> {
        Vec::new()
    }

    /// Whether the account is proven to be who it says, so that it may be offered what came to another channel's hook. Where a
    /// secret verifies requests, that proves it.
    fn is_proven(&self, _: &Account) -> bool {
        true
    }

    /// Cuts what was verified into requests that are kept and applied one after the other, so that none is too large for
    /// one transaction. Nothing of another account may be in any of them; none at all where nothing is to be kept.
    fn parts(&self, verified: Verified) -> Vec<Verified> {
        vec![verified]
    }

    /// What the provider wants to hear.
    fn answer(&self, verified: &Verified) -> Answer;

    /// The events in a request. An unknown kind is [`Event::Unknown`], never an error.
    fn parse(&self, verified: &Verified) -> Vec<Event>;

    /// Sends one outgoing thing.
    fn send(&self, ctx: &Ctx, out: &Outgoing, account: &Account, replies: &[crate::Reply]) -> Step<Receipt>;

    /// Removes at the provider what an earlier send or receipt left there. No default: each says "gone" or why it cannot be.
    fn erase(&self, ctx: &Ctx, trace: &Trace, account: &Account, replies: &[crate::Reply]) -> Step<Erased>;

    /// How many messages one piece of work of [`Connector::erase`] can take: fewer where each is a call of its own.
    fn erased_at_once(&self) -> usize {
        1_000
    }

    /// Words for a code of this connector's that says why an account does not work: what is wrong, and what to do.
    fn reason(&self, _: &str) -> Option<&'static str> {
        None
    }

    /// Whether who writes can be written to again, whatever the provider said before: where only somebody who blocks us cannot be, and
    /// cannot write to us either.
    fn writing_reopens(&self) -> bool {
        false
    }

    /// Whether a message is sent again and again until it is heard that it was taken, because the other side knows a repetition:
    /// then an earlier try may have come through, whatever becomes of the last.
    fn repeats(&self) -> bool {
        false
    }

    /// For how long after the first try the other side knows a repetition, in milliseconds: later than that, what may have been
    /// sent is not sent again. `None`: for longer than anything waits here.
    fn repeats_ms(&self) -> Option<i64> {
        None
    }

    /// The key of the secret that all channels of one app at the provider have in common, whoever they belong to.
    fn app_secret(&self) -> Option<&'static str> {
        None
    }

    /// How many messages a second this account may send, where it is not as the limits say.
    fn per_second(&self, _: &Account) -> Option<u32> {
        None
    }

    /// Whether a request is meant for all channels of an app, though it came to the hook of one: each verifies it with its own
    /// secret ([`Connector::app_secret`]).
    fn for_whole_app(&self, _: &Raw) -> bool {
        false
    }

    /// What a request that is meant for a whole app is answered where the channel is disconnected and no other of the app is left
    /// who could verify it. Nothing of it is kept.
    fn departed(&self, _: &Raw, _hook_url: &str) -> Option<Answer> {
        None
    }

    /// Whether other systems may record over our REST API what a contact wrote.
    fn takes_posts(&self) -> bool {
        false
    }

    /// Whether what is posted there by these settings tells of the conversation, too ([`crate::Outgoing::about`]).
    fn tells_about(&self, _settings: &BTreeMap<String, String>) -> bool {
        false
    }

    /// Asks the account what came since the cursor of the last time (`None`: there was none). For systems that are asked, and
    /// do not tell by a hook alone; asking again with the same cursor brings the same again.
    fn poll(&self, _: &Ctx, _: &Account, _: Option<&str>, _: &[crate::Reply]) -> Step<Polled> {
        Step::Fail(SendError::Unsupported)
    }

    /// Whether a provider that is asked what came can also tell that something did, with this account's settings.
    fn can_watch(&self, _: &Account) -> bool {
        false
    }

    /// Has the provider tell [`Account::hook_url`] that there is news, or go on doing so: until when it will, and what is to be
    /// known of it. `None`: it tells nothing, or nothing more.
    fn watch(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<Option<Watch>> {
        Step::Done(None)
    }

    /// Whether deliveries come here because the account is subscribed to our app, or has our hook, which can end without a word: then
    /// that is seen to each day ([`Connector::subscribe`]).
    fn subscribes(&self) -> bool {
        false
    }

    /// Has the account's deliveries sent here, as [`Connector::authorize`] did. Done once more it changes nothing, and what a human
    /// has sent elsewhere meanwhile ([`crate::HOOK_MOVED`]) stays there.
    fn subscribe(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<()> {
        Step::Fail(SendError::Unsupported)
    }

    /// What a request tells of news, where it tells nothing else. What came is asked of the account, whatever it says.
    fn hints(&self, _: &Verified) -> Vec<Hint> {
        Vec::new()
    }

    /// The secrets that go where a setting says. Who changes the setting gives those that there are anew: otherwise who may
    /// change a channel, and never saw its password, could have it sent to a place of their own.
    fn secrets_behind(&self, _setting: &str) -> &'static [&'static str] {
        &[]
    }

    /// The mailbox in which a change can be waited for (IDLE, RFC 2177) instead of asking again and again.
    fn mailbox(&self, _: &Account) -> Option<crate::MailServer> {
        None
    }

    /// Brings a contact's file; `Done` is the handle of a [`crate::Reply::Stored`].
    fn fetch(&self, _: &Ctx, _: &RemoteFile, _: &Account, _: &[crate::Reply]) -> Step<BlobHandle> {
        Step::Fail(SendError::Unsupported)
    }

    /// Asks who somebody is whom the account knows by an id.
    fn person(&self, _: &Ctx, _: &PersonIdentity, _: &Account, _: &[crate::Reply]) -> Step<Person> {
        Step::Fail(SendError::Unsupported)
    }

    /// All templates of the account.
    fn templates(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<Vec<Template>> {
        Step::Fail(SendError::Unsupported)
    }

    /// What the provider would refuse of a template, found before it is asked.
    fn template_faults(&self, _: &TemplateDraft) -> Vec<Fault> {
        Vec::new()
    }

    /// Hands a template in ([`crate::Capability::MakeTemplate`]); the provider looks at it and says later what it decides.
    fn make_template(&self, _: &Ctx, _: &TemplateDraft, _: &Account, _: &[crate::Reply]) -> Step<Template> {
        Step::Fail(SendError::Unsupported)
    }

    /// Takes a template back at the provider. One that is not there any more is taken back, too.
    fn drop_template(&self, _: &Ctx, _: &Template, _: &Account, _: &[crate::Reply]) -> Step<()> {
        Step::Fail(SendError::Unsupported)
    }

    /// What the account shows of the business ([`crate::Capability::Profile`]).
    fn profile(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<Profile> {
        Step::Fail(SendError::Unsupported)
    }

    /// What the provider would refuse of a change to the profile, found before it is asked.
    fn profile_faults(&self, _: &Profile) -> Vec<Fault> {
        Vec::new()
    }

    /// Changes what the account shows of the business.
    fn set_profile(&self, _: &Ctx, _: &Profile, _: &Account, _: &[crate::Reply]) -> Step<()> {
        Step::Fail(SendError::Unsupported)
    }

    /// Proves the credentials and registers the hook when a channel is connected.
    fn authorize(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<Authorized> {
        Step::Fail(SendError::Unsupported)
    }

    /// The servers at which a member signs in, where an account is opened to us that way.
    fn sign_in(&self) -> Option<crate::oauth::SignIn> {
        None
    }

    /// What a member is asked to allow there, by the channel's settings.
    fn consent(&self, _: &Account) -> Option<crate::oauth::Consent> {
        None
    }

    /// Exchanges the code that a member's browser brought from there, and sees what it opens.
    fn exchange(
        &self,
        ctx: &Ctx,
        account: &Account,
        grant: crate::oauth::Grant<'_>,
        replies: &[crate::Reply],
    ) -> Step<crate::oauth::Opened> {
        let Some(consent) = self.consent(account) else { return Step::Fail(SendError::Unsupported) };
        match crate::oauth::exchange(ctx, &consent, account, grant, replies) {
            Step::Call(call) => Step::Call(call),
            Step::Done(tokens) => Step::Done(tokens.into()),
            Step::Fail(error) => Step::Fail(error),
        }
    }

    /// Opens one of the accounts among which a member was to choose, with what the exchange brought. Which there are is seen anew.
    fn choose(&self, _: &Ctx, _: &Account, _: &str, _: &[crate::Reply]) -> Step<crate::oauth::Opened> {
        Step::Fail(SendError::Unsupported)
    }

    /// Renews the tokens by which the account is called.
    fn renew(&self, ctx: &Ctx, account: &Account, replies: &[crate::Reply]) -> Step<crate::oauth::Tokens> {
        match self.consent(account) {
            Some(consent) => crate::oauth::renew(ctx, &consent, account, replies),
            None => Step::Fail(SendError::Unsupported),
        }
    }

    /// The setting whose secret is exchanged for a newer one before it ends, with no need for a member.
    fn refreshed(&self) -> Option<&'static str> {
        None
    }

    /// Exchanges it. The old one goes on being good until it ends.
    fn refresh(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<crate::Secret> {
        Step::Fail(SendError::Unsupported)
    }

    /// Whether what is read there may serve this channel alone (Google's and Microsoft's terms for mail): unless whoever signed in to
    /// the account allows more, it reaches nobody outside.
    fn limited_use(&self) -> bool {
        false
    }

    /// What a scope opens there, named in short ([`crate::oauth::short`]); `None` for one that is not known. One that says no more than
    /// whose account it is opens nothing.
    fn opens(&self, _scope: &str) -> Option<&'static [crate::oauth::Access]> {
        None
    }

    /// The accounts (values of the setting [`Spec::account_key`]) for which the provider has one hook together with this one: that hook
    /// is not unregistered while a channel has any of them.
    fn beside(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<Vec<String>> {
        Step::Done(Vec::new())
    }

    /// Unregisters the hook when a channel is disconnected.
    fn revoke(&self, _: &Ctx, _: &Account, _: &[crate::Reply]) -> Step<()> {
        Step::Fail(SendError::Unsupported)
    }
}
