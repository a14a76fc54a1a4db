//! The one door through which calls leave: every HTTP request to the outside is made here and nowhere else.
//!
//! Connectors describe a call ([`connect::Call`]); [`Outbound`] makes it, within these bounds: public addresses only
//! unless the operator named the host ([`guard`]), the checked address is the one that is dialled, https only
//! with the same exception, no redirects, no proxies, no cookies, limits on time and size, a few calls at a time per
//! account, and a trace that names operation, host and status and nothing else.

mod blob;
mod client;
mod drive;
pub mod guard;
mod heard;
mod reply;
mod request;
mod sniff;
#[cfg(test)]
mod tests;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use connect::{Call, HttpCall, MailReply, Reply};
use futures_util::future::BoxFuture;

use crate::settings::Settings;
use crate::telemetry::{CallResult, Metrics, Monotonic};
use client::Clients;
pub(crate) use client::for_own_systems;
use guard::{Door, Guard};
use reply::Loss;
use turns::Turns;

pub use blob::{BlobDoor, Bytestream, StoredBlob};
pub use drive::{MAX_STEPS, drive};
pub use heard::Heard;
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
        }
    }
}

impl OutboundConfig {
    /// The usual bounds, with what the operator named: `[endpoints]` and `[outbound] allow_private`.
    pub fn from_settings(settings: &Settings) -> Self {
        let endpoints = settings.endpoints.values().filter_map(|url| guard::host_and_port(url));
        Self { allowed: endpoints.chain(settings.allow_private.iter().cloned()).collect(), ..Self::default() }
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
}

/// The one client.
pub struct Outbound {
    config: OutboundConfig,
    guard: Guard,
    clients: Clients,
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
        let turns = Turns::new(config.at_once);
        Ok(Self { config, guard, clients, turns, metrics, clock })
    }

    /// Makes one call, once, and says what came of it. A connector's multi-step work goes through [`drive`].
    pub async fn perform(&self, call: &Call, account: &str, blobs: &dyn BlobDoor) -> Reply {
        self.attempt_now(call, account, blobs).await.reply
    }

    async fn attempt_now(&self, call: &Call, account: &str, blobs: &dyn BlobDoor) -> Attempt {
        let call = match call {
            Call::Http(call) => call,
            Call::Smtp(_) | Call::Imap(_) => {
                let reply = Reply::NotSent { why: "mail servers are not spoken to yet".to_owned() };
                return Attempt { reply, worth_repeating: false };
            }
        };
        let started = self.clock.now();
        let outcome = self.exchange(call, account, blobs).await;
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

    fn trace(&self, call: &HttpCall, outcome: &Result<Reply, Fault>, took: Duration) {
        let result = match outcome {
            Ok(Reply::Answer { status, .. }) => CallResult::Answered(*status),
            Ok(Reply::Stored { .. }) => CallResult::Answered(200),
            Ok(Reply::Mail(MailReply::Submitted { code, .. })) => CallResult::Answered(*code),
            Ok(Reply::Mail(MailReply::Mailbox { .. } | MailReply::Done)) => CallResult::Answered(200),
            Ok(Reply::Mail(MailReply::NoMail)) => CallResult::Answered(404),
            Ok(Reply::Mail(MailReply::Denied)) => CallResult::Answered(401),
            Ok(Reply::Lost { .. } | Reply::Unheard) | Err(Fault::Lost(_)) => CallResult::Lost,
            Ok(Reply::NotSent { .. }) | Err(Fault::NotSent(_)) => CallResult::NotSent,
        };
        self.metrics.call(call.operation, result, took);
        let (operation, host, took) = (call.operation, guard::host_of(&call.url), bucket(took));
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
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The request certainly did not reach the provider.
    NotSent(&'static str),
    /// It may have.
    Lost(Loss),
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
