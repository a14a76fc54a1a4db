//! The simulated outside, in the same process, on a port of its own.

use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use axum::routing::post;
use http::StatusCode;
use simulator::graph::Refusal;
use simulator::{Options, Simulator};
use tokio::net::TcpListener;
use vault::{Clock, Millis};

use super::{cast, shop};
use crate::machine::SystemClock;
use crate::outbound::guard;
use crate::settings::Settings;

/// Where it listens if that port is free, so that the phone page keeps its address.
const USUAL: &str = "127.0.0.1:8081";
/// Where the system behind the API channel takes replies.
const OTHER_SYSTEM: &str = "/other-system";
/// 2026-01-01, in milliseconds. Tenths of seconds since then number what is new: nobody writes faster for long, and the
/// numbers stay below 2³¹ until 2032.
const ZERO: Millis = 1_767_225_600_000;

/// The simulated providers and their people.
pub(super) struct Outside {
    pub(super) simulator: Simulator,
    base: String,
    shop: Arc<OnceLock<shop::Chat>>,
}

impl Outside {
    /// Starts it. What it knew is gone with each stop, so it starts with the same bot and people, and with numbers for
    /// messages that no earlier start used.
    pub(super) async fn start(clock: Arc<SystemClock>) -> Result<Self> {
        let numbers_after = (clock.now() - ZERO).max(0) / 100;
        let clock = Arc::new(move || clock.now());
        let simulator = Simulator::new(Options { clock, numbers_after, ..Options::default() });
        simulator.telegram().create_bot(cast::bot()).ok().context("the simulated bot could not be made")?;
        for person in cast::people() {
            simulator.telegram().create_person(person);
        }
        open_whatsapp(&simulator).ok().context("the simulated number could not be made")?;
        let listener = match TcpListener::bind(USUAL).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind("127.0.0.1:0").await.context("the simulator found no free port")?,
        };
        let address = listener.local_addr().context("the simulator has no address")?;
        let shop = Arc::default();
        let router = simulator.router().route(OTHER_SYSTEM, post(async || StatusCode::NO_CONTENT));
        let router = shop::on(router, &shop);
        tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { simulator, base: format!("http://{address}"), shop })
    }

    /// Puts the simulated providers in place of the real ones.
    pub(super) fn be_reached_by(&self, settings: &mut Settings) {
        for provider in ["telegram", "graph", "graph_instagram"] {
            settings.endpoints.insert(provider.to_owned(), self.base.clone());
        }
        for provider in ["gmail", "google_oauth"] {
            settings.endpoints.insert(provider.to_owned(), format!("{}/google", self.base));
        }
        settings.allow_private.extend(guard::host_and_port(&self.base));
    }

    /// The page that plays a contact's phone.
    pub(super) fn phone_url(&self) -> String {
        format!("{}/phone?bot={}&person={}", self.base, cast::BOT_USERNAME, cast::SOFIA)
    }

    /// Tells the simulated Meta where the shop's hook is, as its owner would on the app's page.
    pub(super) async fn call_back(&self, hook: &str) -> Result<()> {
        let graph = self.simulator.graph();
        let taken = graph.subscribe(cast::APP, "whatsapp_business_account", hook, cast::VERIFY_TOKEN).await;
        taken.ok().context("the hook did not answer the simulated Meta")
    }

    /// Puts the chat onto the shop's website.
    pub(super) fn put_chat_on_website(&self, host: &str, channel: &str) {
        self.shop.set(shop::Chat { host: host.to_owned(), channel: channel.to_owned() }).ok();
    }

    /// The website on which the chat is.
    pub(super) fn website(&self) -> &str {
        &self.base
    }

    /// The shop's page.
    pub(super) fn shop_url(&self) -> String {
        format!("{}{}", self.base, shop::PATH)
    }

    /// Where the API channel posts replies to.
    pub(super) fn other_system(&self) -> String {
        format!("{}{OTHER_SYSTEM}", self.base)
    }
}

/// The shop's number on WhatsApp, and who writes to it.
fn open_whatsapp(simulator: &Simulator) -> Result<(), Refusal> {
    let (graph, whatsapp) = (simulator.graph(), simulator.whatsapp());
    graph.create_app(cast::app());
    graph.create_token(cast::access_token())?;
    whatsapp.create_account(cast::account())?;
    whatsapp.create_number(cast::number())?;
    for template in cast::templates() {
        whatsapp.create_template(cast::ACCOUNT, template)?;
    }
    for person in cast::whatsapp_people() {
        whatsapp.create_person(person);
    }
    Ok(())
}
