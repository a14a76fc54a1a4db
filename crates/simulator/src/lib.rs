//! The outside world for tests, demo and load: providers' interfaces as their client libraries
//! know them, people with phones, and faults to order.
//!
//! It knows neither the store nor the engine; whoever uses it speaks HTTP to it, as to the real
//! provider, and looks at what really happened through `/sim` or the Rust functions.
//!
//! Data flows: [`telegram`] or [`graph`] takes a call or a person's deed, [`faults`] may spoil it, the
//! [`phone`] page shows what the person sees.

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;

mod carrier;
mod chance;
pub mod clock;
pub mod faults;
pub mod google;
pub mod graph;
pub mod mailbox;
pub mod mailhost;
pub mod microsoft;
mod phone;
pub mod post;
pub mod telegram;
pub mod telnyx;
pub mod twilio;

pub use clock::{Clock, ManualClock, SystemClock};
pub use google::Google;
pub use graph::Graph;
pub use graph::whatsapp::WhatsApp;
pub use microsoft::Microsoft;
pub use telegram::Telegram;
pub use telnyx::Telnyx;
pub use twilio::Twilio;

/// What a simulated world starts from.
#[derive(Clone)]
pub struct Options {
    /// Everything left to chance follows from this number.
    pub seed: u64,
    /// Where dates come from.
    pub clock: Arc<dyn Clock>,
    /// Whether any token of the form `digits:secret` makes a bot on first use; otherwise only
    /// bots created through `/sim` or [`Telegram::create_bot`] are known.
    pub open_tokens: bool,
    /// Messages, and people who bring no number, are numbered after this. A world that continues an
    /// earlier one takes a larger number, so that nobody and nothing is mistaken for another.
    pub numbers_after: i64,
    /// How webhooks are called.
    pub deliveries: DeliveryOptions,
    /// Who carries what is brought to webhooks; over the network if none.
    pub poster: Option<Arc<dyn post::Poster>>,
}

/// How the simulated providers call webhooks. Durations are in milliseconds of the runtime's time.
#[derive(Clone, Debug)]
pub struct DeliveryOptions {
    /// Wait before the second repetition; the first repetition follows at once, and each later
    /// wait is twice the one before.
    pub retry_first_ms: u64,
    /// No wait between repetitions is longer.
    pub retry_max_ms: u64,
    /// A webhook that has not answered by then has failed.
    pub timeout_ms: u64,
    /// Whether a bot's different chats are delivered at the same time, up to the webhook's
    /// `max_connections`; otherwise one delivery follows the other.
    pub parallel: bool,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self { retry_first_ms: 1_000, retry_max_ms: 60_000, timeout_ms: 60_000, parallel: false }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            clock: Arc::new(SystemClock),
            open_tokens: false,
            numbers_after: 0,
            deliveries: DeliveryOptions::default(),
            poster: None,
        }
    }
}

/// The whole simulated world. Clones share it.
#[derive(Clone)]
pub struct Simulator {
    telegram: Telegram,
    telnyx: Telnyx,
    twilio: Twilio,
    graph: Graph,
    google: Google,
    microsoft: Microsoft,
}

impl Simulator {
    /// An empty world.
    pub fn new(options: Options) -> Self {
        // Another part of the process may have installed a provider already: either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            telnyx: Telnyx::new(&options),
            twilio: Twilio::new(&options),
            graph: Graph::new(&options),
            google: Google::new(&options),
            microsoft: Microsoft::new(&options),
            telegram: Telegram::new(options),
        }
    }

    /// Meta's Graph API: apps, their tokens and what they are told.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// WhatsApp: businesses' numbers, the people who write to them, and what became of every message.
    pub fn whatsapp(&self) -> WhatsApp {
        self.graph.whatsapp()
    }

    /// Pages and professional accounts at Meta: the people who write to them, and what became of every message.
    pub fn pages(&self) -> graph::pages::Pages {
        self.graph.pages()
    }

    /// Telegram: its bots, the people who write to them, and what became of every call.
    pub fn telegram(&self) -> &Telegram {
        &self.telegram
    }

    /// Telnyx: SMS and MMS of messaging profiles.
    pub fn telnyx(&self) -> &Telnyx {
        &self.telnyx
    }

    /// Google: mailboxes whose owners sign in.
    pub fn google(&self) -> &Google {
        &self.google
    }

    /// Microsoft: mailboxes whose owners sign in.
    pub fn microsoft(&self) -> &Microsoft {
        &self.microsoft
    }

    /// Twilio: SMS, MMS and WhatsApp of its accounts.
    pub fn twilio(&self) -> &Twilio {
        &self.twilio
    }

    /// Everything that is reachable by HTTP: the providers' interfaces, `/sim` and `/phone`.
    pub fn router(&self) -> Router {
        let router = Router::new()
            .route("/", get(async || Redirect::temporary("/phone")))
            .merge(phone::router())
            .merge(graph::router(self.graph.clone()))
            .merge(telegram::router(self.telegram.clone()))
            .merge(twilio::router(self.twilio.clone()))
            .merge(telnyx::router(self.telnyx.clone()))
            .merge(google::router(self.google.clone()))
            .merge(microsoft::router(self.microsoft.clone()));
        // Last: what is merged after it would take the place of what answers Meta's versions. Theirs are not of that form.
        graph::versioned(self.graph.clone(), router)
    }

    /// Serves in the background on a free port of this machine, for as long as the runtime
    /// lives, and answers the base address (`http://127.0.0.1:…`).
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(&self) -> std::io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(self.clone().serve(listener));
        Ok(format!("http://{address}"))
    }

    /// Serves [`Simulator::router`] until the listener fails.
    ///
    /// # Errors
    /// What accepting connections answers.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }
}
