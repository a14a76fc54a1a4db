//! Every kind of event that any provider is known to tell of, told to the running platform one to ten times each, in parallel,
//! shuffled and some of it together: each message is there once, states go forward only, what was changed or taken back is so in
//! its newest form, every thread has one conversation, and who has a conversation is who was last said to.
//!
//! [`examples`] are the connectors' own, which their contract holds against what it reads of them; [`expected`] is what they must
//! come to; how a provider delivers is in a file for each way. WhatsApp through Meta has a storm of its own in
//! `whatsapp_fixtures`, where people change numbers, too.
//!
//! `PARLOIR_DEV_STORMS` says how many storms each kind goes through, `PARLOIR_DEV_STORM` with which seed the first one is.

mod door;
mod entries;
mod events;
mod examples;
mod expected;
mod forms;
mod letters;
mod posts;
mod stamped;
mod updates;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;

use crate::client::text_of;
use crate::house::{House, until};
use door::{Deaf, Door};
use examples::Example;
use expected::{Expected, rank};

/// Each on both engines, in a house whose providers answer nothing.
macro_rules! storms {
    ($($name:ident over $way:expr),* $(,)?) => { $(
        mod $name {
            use crate::house::{Engine, House};

            async fn on(engine: Engine) {
                let house = House::open_over(engine, super::Deaf::new()).await;
                super::storms(&house, stringify!($name), &$way).await;
                // What waits for a provider that answers nothing goes on waiting.
                house.stop().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                on(Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                on(Engine::Postgres).await;
            }
        }
    )* };
}

storms!(
    telegram over super::updates::Updates,
    messenger over super::entries::Entries,
    instagram over super::entries::Entries,
    email over super::letters::Letters,
    gmail over super::letters::Letters,
    outlook over super::letters::Letters,
    web over super::posts::Posts,
    api over super::events::Events,
    sms_twilio over super::forms::Forms,
    whatsapp_twilio over super::forms::Forms,
    sms_telnyx over super::stamped::Events,
);

/// The seed of the first storm.
const SEED: u64 = 0x7061_726c;
/// Deliveries under way at once.
const AT_ONCE: usize = 24;
/// How many messages are told one after the other at the end.
const IN_ORDER: usize = 12;

/// A number from the environment.
fn number(variable: &str, otherwise: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

async fn storms(house: &House, kind: &str, way: &dyn door::Way) {
    let first = number("PARLOIR_DEV_STORM", SEED);
    for seed in first..first + number("PARLOIR_DEV_STORMS", 1) {
        // A failing test shows it: PARLOIR_DEV_STORM has it come again.
        println!("{kind}: the storm of seed {seed}");
        storm(house, kind, way, seed).await;
    }
}

async fn storm(house: &House, kind: &str, way: &dyn door::Way, seed: u64) {
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let door = Door::open(house, kind, way).await;
    let mut examples = examples::all(kind, way);
    let mut expected = Expected::default();
    for event in examples.iter().flat_map(|example| door.events(example)) {
        expected.hear(&event);
    }
    door.begin(&expected).await;
    let ours = door.send(&expected).await;
    for example in &mut examples {
        example.name_ours(&ours);
    }
    let over = AtomicBool::new(false);
    let rage = async {
        rage(&door, &examples, &mut chance).await;
        over.store(true, Ordering::SeqCst);
    };
    tokio::join!(rage, nothing_goes_back(&door, &over));
    door.drain().await;
    let shown = door.shown().await;
    let ids = door.ids(expected.remotes()).await;
    expected.check(&ids, &shown);
    door.check_holders(&expected).await;
    in_order(&door, way, kind, &mut chance).await;
}

fn below(chance: &mut ChaCha20Rng, bound: usize) -> usize {
    chance.next_u32() as usize % bound
}

fn shuffle<T>(chance: &mut ChaCha20Rng, all: &mut [T]) {
    for index in (1..all.len()).rev() {
        all.swap(index, below(chance, index + 1));
    }
}

/// Everything at once: each one to ten times, shuffled, and what the provider tells together in deliveries of one to eight.
async fn rage(door: &Door<'_>, examples: &[Example], chance: &mut ChaCha20Rng) {
    let mut all: Vec<&Example> = Vec::new();
    for example in examples {
        all.extend(std::iter::repeat_n(example, 1 + below(chance, 10)));
    }
    shuffle(chance, &mut all);
    let mut deliveries: Vec<Vec<&Example>> = Vec::new();
    while !all.is_empty() {
        let together = 1 + below(chance, 8);
        deliveries.push(all.split_off(all.len() - all.len().min(together)));
    }
    let told = deliveries.iter().map(|together| door.tell(together));
    futures_util::stream::iter(told).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// Looks at all states again and again while it rages.
async fn nothing_goes_back(door: &Door<'_>, over: &AtomicBool) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    while !over.load(Ordering::SeqCst) {
        for (id, message) in door.shown().await {
            let now = rank(&text_of(&message["state"]));
            let before = seen.insert(id, now).unwrap_or(0);
            assert!(now >= before, "a state went back: {message}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

/// What somebody writes one after the other stays in that order, however often what came before comes again meanwhile.
async fn in_order(door: &Door<'_>, way: &dyn door::Way, kind: &str, chance: &mut ChaCha20Rng) {
    let text = examples::first(kind);
    let examples: Vec<Example> = (0..IN_ORDER).map(|index| text.own(way, 8_000 + index, 60 + index, None)).collect();
    let mut remotes = Vec::new();
    for (index, example) in examples.iter().enumerate() {
        remotes.push(expected::written(&door.events(example)));
        let mut again: Vec<&Example> = (0..below(chance, 4)).map(|_| &examples[below(chance, index + 1)]).collect();
        again.extend(std::iter::repeat_n(example, 1 + below(chance, 3)));
        let each = again.iter().map(|example| door.tell(std::slice::from_ref(example)));
        futures_util::future::join_all(each).await;
    }
    door.drain().await;
    let ids = door.ids(remotes.iter().map(|(remote, _)| remote.clone()).collect()).await;
    let shown = door.shown().await;
    let found: Vec<&Value> = remotes.iter().map(|(remote, _)| &shown[&ids[remote]]).collect();
    let orders: Vec<i64> = found.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    let conversations: BTreeSet<String> = found.iter().map(|message| text_of(&message["conversation_id"])).collect();
    if way.has_one_conversation() {
        assert_eq!(conversations.len(), 1, "they are of one thread");
        assert!(orders.is_sorted(), "told one after the other, they stand as {orders:?}");
    } else {
        assert_eq!(conversations.len(), IN_ORDER, "each is a thread of its own");
    }
    for ((_, at), message) in remotes.iter().zip(found) {
        assert!(*at == 0 || message["created_at"] == server::views::time(*at), "written at {at}: {message}");
    }
    until("nothing is left", async || (door.house.app.vault.depths().await.unwrap().inbox == 0).then_some(())).await;
}
