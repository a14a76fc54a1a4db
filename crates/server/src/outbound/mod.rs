//! The one door through which calls leave: every HTTP request to the outside, and every word to a mail server, is made here
//! and nowhere else.
//!
//! Connectors describe a call ([`connect::Call`]); [`Outbound`] makes it, within these bounds: public addresses only
//! unless the operator named the host ([`guard`]), the checked address is the one that is dialled, https only
//! with the same exception, no redirects, no proxies, no cookies, limits on time and size, a few calls at a time per
//! account, and a trace that names operation, host and status and nothing else.

mod blob;
mod client;
mod connection;
mod cutting;
mod drive;
pub mod guard;
mod heard;
mod imap;
mod mail;
mod mailing;
mod pieces;
mod reply;
mod request;
mod slicing;
mod smtp;
mod sniff;
#[cfg(test)]
mod tests;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use connect::{Call, HttpCall, MailReply, MailServer, Reply};
use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;

use crate::settings::Settings;
use crate::telemetry::{CallResult, Metrics, Monotonic};
use client::Clients;
pub(crate) use client::for_own_systems;
use guard::{Door, Guard};
use mail::Mail;
use reply::Loss;
use turns::Turns;

pub use blob::{BlobDoor, Bytestream, StoredBlob};
pub use drive::{MAX_STEPS, drive};
pub use heard::Heard;
pub use imap::WatchEnd;
pub use sniff::content_type;

/// The operations that call whom a member named, and not a provider.
const POSTS: [&str; 2] = ["push.tell", "webhook.post"];

/// How calls are bounded.
#[derive(Debug, Clone)]
pub struct OutboundConfig {
    /// `host:port` that may be on private networks and spoken to over http.
    pub allowed: Vec<String>,
    /// Finding the address, connecting and the TLS handshake together.
    pub connect: Duration,
    /// A call as a whole.
    pub whole: Duration,
    /// The same where a file goes up or down.
    pub whole_with_file: Duration,
    /// The same where a member named whom to call: nobody waits for them for long.
    pub whole_of_post: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// Calls under way per account.
    pub at_once: usize,
    /// How long one waiting in a mailbox lasts until it is begun anew.
    pub wait_for_mail: Duration,
    /// What we call ourselves to mail servers: our public host.
    pub name: String,
    /// Certificates that are believed beside those the system believes, at mail servers.
    pub trusted: Vec<CertificateDer<'static>>,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(30),
            whole_with_file: Duration::from_mins(5),
            whole_of_post: Duration::from_secs(10),
            idle: Duration::from_secs(10),
            at_once: 8,
            wait_for_mail: Duration::from_mins(9),
            name: "localhost".to_owned(),
            trusted: Vec::new(),
        }
    }
}

impl OutboundConfig {
    /// The usual bounds, with what the operator named: `[endpoints]` and `[outbound] allow_private`.
    pub fn from_settings(settings: &Settings) -> Self {
        let endpoints = settings.endpoints.values().filter_map(|url| guard::host_and_port(url));
        let allowed = endpoints.chain(settings.allow_private.iter().cloned()).collect();
        let name = settings.named_public_url.as_deref().and_then(mail::own_name);
        Self { allowed, name: name.unwrap_or_else(|| Self::default().name), ..Self::default() }
    }
}

/// The HTTP client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the client for calls to the outside could not be built: {0}")]
pub struct OutboundError(&'static str);

/// One call's outcome, and whether making it again could end differently.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What the connector may see.
    pub reply: Reply,
    /// A reply was lost on the way; asking again may bring it.
    pub worth_repeating: bool,
}

/// Whoever makes calls: [`Outbound`], or a simulation in its place.
pub trait Outside: Send + Sync {
    /// Makes one call, once. `account` is the channel's id; it bounds how many calls are under way.
    fn attempt<'a>(&'a self, call: &'a Call, account: &'a str, blobs: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt>;

    /// Waits in a mailbox until the connection ends, and calls `changed` whenever mail may have come. `None`: nobody waits here.
    fn watch<'a>(&'a self, _: &'a MailServer, _: &'a (dyn Fn() + Send + Sync)) -> Option<BoxFuture<'a, WatchEnd>> {
        None
    }

    /// Whether [`Outside::watch`] waits.
    fn watches(&self) -> bool {
        false
    }
}

/// The one client.
pub struct Outbound {
    config: OutboundConfig,
    guard: Guard,
    clients: Clients,
    mail: Mail,
    turns: Turns,
    metrics: Arc<Metrics>,
    clock: Monotonic,
}

impl Outbound {
    /// Builds the client with the system's certificates. Without any it still works for http endpoints, and says so in
    /// the log.
    ///
    /// # Errors
    /// [`OutboundError`] if TLS cannot be set up.
    pub fn new(config: OutboundConfig, metrics: Arc<Metrics>, clock: Monotonic) -> Result<Self, OutboundError> {
        let guard = Guard::new(&config.allowed);
        let clients = Clients::new(config.connect)?;
        let mail = Mail::new(&config)?;
        let turns = Turns::new(config.at_once);
        Ok(Self { config, guard, clients, mail, turns, metrics, clock })
    }

    /// Makes one call, once, and says what came of it. A connector's multi-step work goes through [`drive`].
    pub async fn perform(&self, call: &Call, account: &str, blobs: &dyn BlobDoor) -> Reply {
        self.attempt_now(call, account, blobs).await.reply
    }

    async fn attempt_now(&self, call: &Call, account: &str, blobs: &dyn BlobDoor) -> Attempt {
        let started = self.clock.now();
        let outcome = match call {
            Call::Http(call) => self.exchange(call, account, blobs).await,
            Call::Smtp(_) | Call::Imap(_) => self.speak(call, account, blobs).await,
        };
        let took = self.clock.since(started);
        self.trace(call, &outcome, took);
        match outcome {
            Ok(reply) => Attempt { reply, worth_repeating: false },
            Err(Fault::NotSent(why)) => {
                Attempt { reply: Reply::NotSent { why: why.to_owned() }, worth_repeating: false }
            }
            Err(Fault::Lost(loss)) => {
                Attempt { worth_repeating: loss.worth_repeating(), reply: Reply::Lost { why: loss.to_string() } }
            }
        }
    }

    async fn exchange(&self, call: &HttpCall, account: &str, blobs: &dyn BlobDoor) -> Result<Reply, Fault> {
        let url = reqwest::Url::parse(&call.url).map_err(|_| Fault::NotSent("the address is not valid"))?;
        let door = self.guard.admit(&url).map_err(|refusal| Fault::NotSent(refusal.words()))?;
        let limit = self.limit_for(call);
        let turn = tokio::time::timeout(limit, self.turns.take(account)).await;
        let _turn = turn.map_err(|_| Fault::NotSent("too many calls of this account are under way"))?;
        let client = match door {
            Door::Public => &self.clients.public,
            Door::Named => &self.clients.named,
        };
        let request = request::build(client, url, call, blobs).await.map_err(Fault::NotSent)?;
        let exchange = async {
            let response = client.execute(request).await.map_err(|error| reply::fault_of(&error))?;
            reply::read(response, call, self.config.idle, blobs).await.map_err(Fault::Lost)
        };
        // Dropping the exchange closes its connection, so an answer that comes too late is never taken for another's.
        tokio::time::timeout(limit, exchange).await.unwrap_or(Err(Fault::Lost(Loss::TimedOut)))
    }

    fn limit_for(&self, call: &HttpCall) -> Duration {
        match call {
            call if call.to_blob || request::carries_file(call) => self.config.whole_with_file,
            call if POSTS.contains(&call.operation) => self.config.whole_of_post,
            _ => self.config.whole,
        }
    }

    /// The same with a mail server.
    async fn speak(&self, call: &Call, account: &str, blobs: &dyn BlobDoor) -> Result<Reply, Fault> {
        let turn = tokio::time::timeout(self.config.whole, self.turns.take(account)).await;
        let _turn = turn.map_err(|_| Fault::NotSent("too many calls of this account are under way"))?;
        match call {
            Call::Smtp(call) => self.mail.submit(call, blobs).await,
            Call::Imap(call) => self.mail.work(call, blobs).await,
            Call::Http(_) => Err(Fault::NotSent("the address is not valid")),
        }
    }

    fn trace(&self, call: &Call, outcome: &Result<Reply, Fault>, took: Duration) {
        let result = match outcome {
            Ok(Reply::Answer { status, .. }) => CallResult::Answered(*status),
            Ok(Reply::Mail(MailReply::Submitted { code, .. })) => CallResult::Answered(*code),
            Ok(
                Reply::Stored { .. }
                | Reply::Mail(MailReply::Mailbox { .. } | MailReply::Done | MailReply::Removed { .. }),
            ) => CallResult::Answered(200),
            Ok(Reply::Mail(MailReply::NoMail)) => CallResult::Answered(404),
            Ok(Reply::Mail(MailReply::Denied)) => CallResult::Answered(401),
            Ok(Reply::Lost { .. } | Reply::Unheard) | Err(Fault::Lost(_)) => CallResult::Lost,
            Ok(Reply::NotSent { .. } | Reply::Mail(MailReply::Unsigned)) | Err(Fault::NotSent(_)) => {
                CallResult::NotSent
            }
        };
        let (operation, host) = match call {
            Call::Http(call) => (call.operation, guard::host_of(&call.url)),
            Call::Smtp(call) => (call.operation, call.server.host.clone()),
            Call::Imap(call) => (call.operation, call.server.host.clone()),
        };
        self.metrics.call(operation, result, took);
        let took = bucket(took);
        match (result, outcome) {
            (CallResult::Answered(status), _) => tracing::debug!(operation, host, status, took, "called"),
            (_, Err(Fault::NotSent(why))) => tracing::warn!(operation, host, took, why, "not sent"),
            (_, Err(Fault::Lost(loss))) => tracing::warn!(operation, host, took, why = %loss, "reply lost"),
            _ => {}
        }
    }
}

impl Outside for Outbound {
    fn attempt<'a>(&'a self, call: &'a Call, account: &'a str, blobs: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt> {
        Box::pin(self.attempt_now(call, account, blobs))
    }

    fn watch<'a>(
        &'a self,
        mailbox: &'a MailServer,
        changed: &'a (dyn Fn() + Send + Sync),
    ) -> Option<BoxFuture<'a, WatchEnd>> {
        Some(Box::pin(self.mail.watch(mailbox, changed)))
    }

    fn watches(&self) -> bool {
        true
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The request certainly did not reach the provider.
    NotSent(&'static str),
    /// It may have.
    Lost(Loss),
}

/// Why a conversation with a mail server ends before what was asked for is there.
enum End {
    /// There is no answer.
    Fault(Fault),
    /// There is one: the server's word.
    Said(MailReply),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Loss> for End {
    fn from(loss: Loss) -> Self {
        Self::Fault(Fault::Lost(loss))
    }
}

/// Durations in traces are coarse: an exact one may tell how long a secret compared.
fn bucket(took: Duration) -> &'static str {
    match took.as_millis() {
        0..100 => "<100ms",
        100..1_000 => "<1s",
        1_000..10_000 => "<10s",
        _ => ">=10s",
    }
}
