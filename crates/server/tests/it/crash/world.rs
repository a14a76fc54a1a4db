//! The program and its surroundings: a simulated provider with faults, another system, conversations to begin with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use server::machine::SystemClock;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::telegram::{BotCard, Person};
use simulator::{DeliveryOptions, Options, Simulator, Telegram};
use vault::Clock;

use super::load::{Hook, body, client};
use crate::client::{Client, text_of};
use crate::house::until;
use crate::process::{Installation, as_address};
use crate::receiver::Receiver;

const PEOPLE: usize = 12;
pub(crate) const SYSTEMS: usize = 4;

/// The program's surroundings.
pub(crate) struct World {
    pub(crate) installation: Installation,
    pub(crate) telegram: Telegram,
    pub(crate) bot: String,
    pub(crate) receiver: Receiver,
    pub(crate) member: Client,
    /// Each contact's name, and the conversation with it.
    pub(crate) conversations: BTreeMap<String, String>,
    /// Their numbers on Telegram.
    pub(crate) people: Vec<i64>,
    pub(crate) hook: Arc<Hook>,
}

impl World {
    /// An installation with a workspace and a member, and a provider beside it.
    pub(crate) async fn new(database: Option<&str>) -> Self {
        let clock = SystemClock::default();
        let deliveries = DeliveryOptions { retry_first_ms: 30, retry_max_ms: 200, timeout_ms: 5_000, parallel: true };
        let clock = Arc::new(move || clock.now());
        let simulator = Simulator::new(Options { clock, deliveries, ..Options::default() });
        let endpoint = simulator.start().await.unwrap();
        let telegram = simulator.telegram().clone();
        let bot = telegram.create_bot(BotCard::default()).unwrap().token;
        let people =
            (0..PEOPLE).map(|number| telegram.create_person(Person::named(&person(number), "it")).id).collect();
        let receiver = Receiver::start().await;
        let mut settings = vec![
            ("PARLOIR_ENDPOINTS_TELEGRAM", endpoint.as_str()),
            ("PARLOIR_OUTBOUND_ALLOW_PRIVATE", receiver.authority()),
        ];
        let database = database.map(as_address);
        settings.extend(database.as_deref().map(|address| ("PARLOIR_DATABASE", address)));
        let installation = Installation::new(&settings);
        let workspace = installation.workspace("Bäckerei Nord");
        let member = installation.client(&installation.member(&workspace, "Ada", "ada@example.org", "owner"));
        let (conversations, hook) = (BTreeMap::new(), Arc::default());
        Self { installation, telegram, bot, receiver, member, conversations, people, hook }
    }

    /// Connects the channels and lets everybody say a first word, so that there are conversations.
    pub(crate) async fn open(&mut self) {
        let telegram = json!({ "kind": "telegram", "name": "Shop", "settings": { "bot_token": self.bot } });
        assert_eq!(self.member.post("/channels", telegram).await["state"], "ready");
        let api = json!({ "kind": "api", "name": "App", "settings": { "webhook_url": self.receiver.url() } });
        let api = self.member.post("/channels", api).await;
        let url = text_of(&api["hook_url"]);
        let path = url.strip_prefix(&self.installation.base()).unwrap().to_owned();
        let address = self.installation.base().trim_start_matches("http://").to_owned();
        self.hook =
            Arc::new(Hook { address, path, secret: text_of(&api["shown_once"]["signing_secret"]), http: client() });
        for (number, id) in self.people.iter().enumerate() {
            self.telegram.say_text(&self.bot, *id, &first_words(&person(number))).unwrap();
        }
        for number in 0..SYSTEMS {
            let name = system(number);
            assert!(self.hook.post(&body(&name, "0", &first_words(&name))).await, "the first hook is taken");
        }
        let expected = PEOPLE + SYSTEMS;
        self.conversations = until("everybody's conversation", async || {
            let found = self.member.list("/conversations?limit=100").await;
            let named = found.iter().map(|one| (text_of(&one["contact"]["name"]), text_of(&one["id"])));
            (found.len() == expected).then(|| named.collect())
        })
        .await;
        self.order_faults();
    }

    fn order_faults(&self) {
        let call = |fault, probability| {
            let order = Order::always(fault).only("sendMessage").with_probability(probability);
            self.telegram.order_call_fault(&self.bot, order).unwrap();
        };
        call(CallFault::Slow { ms: 150 }, 0.2);
        call(CallFault::TooManyRequests { retry_after: 1 }, 0.02);
        call(CallFault::CutAfter, 0.04);
        call(CallFault::ErrorAfter, 0.02);
        let twice = Order::always(DeliveryFault::Duplicate).with_probability(0.2);
        self.telegram.order_delivery_fault(&self.bot, twice).unwrap();
    }

    /// Waits until nothing is on its way any more.
    pub(crate) async fn settle(&self) {
        self.telegram.clear_faults(&self.bot).unwrap();
        let still = async || {
            let metrics = self.metrics().await;
            let waiting = ["inbox", "outbox"].map(|queue| depth(&metrics, queue)).iter().sum::<usize>();
            waiting + self.telegram.pending(&self.bot).unwrap()
        };
        let mut left = usize::MAX;
        for _ in 0..1_200 {
            left = still().await;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(left, 0, "something is still under way a minute after the last kill");
        assert_eq!(depth(&self.metrics().await, "inbox_set_aside"), 0);
    }

    async fn metrics(&self) -> String {
        String::from_utf8(Client::new(&self.installation.base()).bytes("/metrics").await).unwrap()
    }
}

/// What a contact says before anything is killed.
pub(crate) fn first_words(name: &str) -> String {
    format!("{name} opens")
}

/// The name of a person on Telegram.
pub(crate) fn person(number: usize) -> String {
    format!("person{number}")
}

/// The name of a contact whom the other system speaks for.
pub(crate) fn system(number: usize) -> String {
    format!("system{number}")
}

fn depth(metrics: &str, queue: &str) -> usize {
    let label = format!("\"{queue}\"}}");
    let line = metrics.lines().find(|line| line.contains("queue_depth") && line.contains(&label));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("no depth of {queue}: {metrics}"))
}
