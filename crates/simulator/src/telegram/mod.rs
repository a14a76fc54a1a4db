//! Telegram's Bot API as client libraries know it, and the people on the other side.
//!
//! Facts: <https://core.telegram.org/bots/api>, and for wordings the published source of
//! Telegram's own Bot API server. A call comes in through [`api`], is read by [`form`], carried
//! out by [`methods`] on the [`world`]; what people do ([`people`]) becomes updates, which are
//! polled ([`poll`]) or brought to a webhook ([`delivery`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;

mod api;
mod bot;
mod business;
mod control;
mod delivery;
mod files;
mod form;
mod journal;
mod live;
mod markup;
mod message;
mod methods;
mod orders;
mod parcel;
mod people;
mod phone_view;
mod poll;
mod refusal;
mod saying;
mod scene;
mod updates;
mod world;

pub use journal::{Delivery, Sent, Tally};
pub use phone_view::{PhoneView, Shown};
pub use refusal::Refusal;
pub use saying::{Saying, Says, Upload};
pub use world::{BotCard, Person};

use crate::post::{self, Poster, Wire};
use crate::{DeliveryOptions, Options};
use world::World;

/// Uploads may be as large as Telegram takes them (50 MB), in base64 and with some room.
const LARGEST_BODY: usize = 80 * 1024 * 1024;

/// Telegram, with everybody who uses it. Clones share it.
#[derive(Clone)]
pub struct Telegram {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    deliveries: DeliveryOptions,
    /// Carries updates to webhooks. None if TLS is broken.
    poster: Option<Arc<dyn Poster>>,
    /// Fetches the files that bots send by address. None if TLS is broken, and where nothing leaves the thread.
    http: Option<reqwest::Client>,
}

impl Telegram {
    pub(crate) fn new(options: Options) -> Self {
        let timeout = std::time::Duration::from_millis(options.deliveries.timeout_ms);
        let given = options.poster.clone();
        let http = if given.is_some() { None } else { post::client(timeout) };
        let poster = given.or_else(|| Wire::poster(timeout));
        let deliveries = options.deliveries.clone();
        let world = Mutex::new(World::new(options));
        Self { shared: Arc::new(Shared { world, deliveries, poster, http }) }
    }

    /// The world, for as long as the guard is held; never across an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Telegram's own addresses and those under `/sim/telegram`.
pub(crate) fn router(telegram: Telegram) -> Router {
    api::router().merge(control::router()).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(telegram)
}
