//! Meta's Graph API as client libraries know it: what its products share, and in [`whatsapp`] the first of them.
//!
//! Facts: <https://developers.facebook.com/docs/graph-api>. A call comes in through [`api`], is read by [`call`] and
//! carried out by [`methods`] or by a product on the [`world`]; what happens becomes [`change`]s, which each subscribed
//! [`app`] is told by its [`queue`] and [`delivery`], signed with its secret ([`signature`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

mod api;
mod app;
mod call;
mod change;
mod control;
mod delivery;
mod faults;
mod journal;
mod methods;
mod orders;
pub mod pages;
mod parcel;
mod queue;
mod refusal;
mod signature;
mod signup;
mod uploads;
pub mod whatsapp;
mod world;

pub(crate) use delivery::percent_encoded;

pub use app::{AppCard, TokenCard};
pub use faults::MessageFault;
pub use journal::{Delivery, Sent, Tally};
pub use refusal::Refusal;
pub use signature::{signature, signed_request};
pub use signup::SignUp;

use crate::post::{self, Poster, Wire};
use crate::{DeliveryOptions, Options};
use pages::Pages;
use whatsapp::WhatsApp;
use world::World;

/// Uploads may be as large as Meta takes them (100 MB), with some room.
const LARGEST_BODY: usize = 110 * 1024 * 1024;

/// Meta, with everybody who uses it. Clones share it.
#[derive(Clone)]
pub struct Graph {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    deliveries: DeliveryOptions,
    /// Carries what is told to webhooks. None if TLS is broken.
    poster: Option<Arc<dyn Poster>>,
    /// Asks webhooks for the handshake, and fetches media by link. None if TLS is broken, and where nothing leaves the
    /// thread.
    http: Option<reqwest::Client>,
}

impl Graph {
    pub(crate) fn new(options: &Options) -> Self {
        let timeout = std::time::Duration::from_millis(options.deliveries.timeout_ms);
        let given = options.poster.clone();
        let http = if given.is_some() { None } else { post::client(timeout) };
        let poster = given.or_else(|| Wire::poster(timeout));
        let (world, deliveries) = (Mutex::new(World::new(options)), options.deliveries.clone());
        Self { shared: Arc::new(Shared { world, deliveries, poster, http }) }
    }

    /// WhatsApp: businesses' numbers, the people who write to them, and what became of every message.
    pub fn whatsapp(&self) -> WhatsApp {
        WhatsApp::of(self.clone())
    }

    /// Pages and professional accounts: the people who write to them, and what became of every message.
    pub fn pages(&self) -> Pages {
        Pages::of(self.clone())
    }

    /// The world, for as long as the guard is held; never across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Addresses beside the versioned ones: downloads, and those under `/sim/graph` and `/sim/whatsapp`.
pub(crate) fn router(graph: Graph) -> Router {
    api::router()
        .merge(control::router())
        .merge(whatsapp::router())
        .merge(pages::router())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(graph)
}

/// Lets Meta answer every address that begins with a version (`/v26.0/…`).
pub(crate) fn versioned(graph: Graph, others: Router) -> Router {
    others.layer(from_fn_with_state(graph, api::by_version)).layer(DefaultBodyLimit::max(LARGEST_BODY))
}
