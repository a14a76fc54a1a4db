//! Every kind of event that Meta tells of, as it was recorded, told to the running platform one to ten times each, in parallel
//! and shuffled: each message is there once, states have gone forward only, what was changed or taken back is so, and everybody
//! has one conversation.
//!
//! [`examples`] are the connector's own, which its tests hold against what it reads of them; [`expected`] is what they must come to.

mod examples;
mod expected;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use connect::Person;
use futures_util::StreamExt;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::{ChannelId, MessageId, Personal, remotes};

use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::number::{App, Number, delivery};
use examples::{Example, NUMBER};
use expected::{Addressee, Expected, place};

both_engines!(everything_that_was_ever_told_is_applied_once);

/// The same order on every run.
const SEED: u64 = 0x7061_726c;
/// Deliveries under way at once.
const AT_ONCE: usize = 24;

async fn everything_that_was_ever_told_is_applied_once(house: &House) {
    let number =
        Number::connect_as(house, |card| (card.id, card.number) = (NUMBER.0.to_owned(), NUMBER.1.to_owned())).await;
    let told = Told { house, number: &number, client: house.nobody() };
    let mut examples = examples::all(&number, &house.app.settings.endpoints["graph"]);
    examples.extend(examples.iter().flat_map(|example| examples::originals(&number, example)).collect::<Vec<_>>());
    examples.extend(ticks(&examples));
    let mut expected = Expected::default();
    let sheena = examples::sheena();
    for event in examples.iter().flat_map(|example| &example.events) {
        expected.hear(event, &sheena);
    }
    let openings = told.open(&expected).await;
    told.send(&expected, &openings).await;
    told.storm(&examples).await;
    told.calm().await;
    told.check(&expected, &openings).await;
}

/// What becomes of one message, told by several examples: here they are all of the same.
fn ticks(examples: &[Example]) -> Vec<Example> {
    let named = |name: &str| examples.iter().find(|example| example.name.ends_with(&format!(" {name}"))).unwrap();
    let same = |name: &str| {
        let example = named(name);
        let (place, _) = example.name.split_once(' ').unwrap();
        let shared = |text: &str| text.replace(&format!("wamid.{place}."), "wamid.ticks.");
        let events = shared(&serde_json::to_string(&example.events).unwrap());
        Example {
            name: format!("{name} of one"),
            body: shared(&example.body),
            events: serde_json::from_str(&events).unwrap(),
        }
    };
    ["sent", "delivered", "read", "played"].map(same).into()
}

/// Who tells whom.
struct Told<'a> {
    house: &'a House,
    number: &'a Number,
    client: Client,
}

impl Told<'_> {
    fn channel(&self) -> ChannelId {
        self.number.channel.parse().unwrap()
    }

    /// Tells it until it is taken, as Meta does: while the account's state changes a delivery may have to come again.
    async fn tell(&self, body: &str) {
        let signature = App::signed(&self.number.app.card.secret, body.as_bytes());
        let client = self.client.with("x-hub-signature-256", &signature);
        let path = self.number.hook_url.strip_prefix(&self.house.base).unwrap();
        until("a delivery is taken", async || {
            let answer = client.send(http::Method::POST, path, "application/json", body.to_owned()).await;
            assert!(matches!(answer.status.as_u16(), 200 | 503), "{answer}: {body}");
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// What is known of a message, by its id at the provider.
    async fn ids(&self, remotes: Vec<String>) -> BTreeMap<String, MessageId> {
        let scope = self.house.app.vault.platform_scope(&self.house.workspace.operator).unwrap();
        let channel = self.channel();
        let find = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let mut found = BTreeMap::new();
            for remote in &remotes {
                found.extend(remotes::find(tx, channel, remote)?.map(|id| (remote.clone(), id)));
            }
            Ok(found)
        };
        self.house.app.vault.read(&scope, find).await.unwrap()
    }

    /// Whoever was written to, or has a new number, has written before. Where, by whose conversation it is. Sheena is known from
    /// then on by both number and id, of which some examples have one alone.
    async fn open(&self, expected: &Expected) -> BTreeMap<String, String> {
        let own = |person: &Person| Addressee { person: person.clone(), thread: String::new() };
        let sent = expected.sent.values().cloned();
        let mut openings = BTreeMap::new();
        for Addressee { person, thread } in
            std::iter::once(own(&examples::sheena())).chain(sent).chain(expected.moved.iter().map(own))
        {
            let remote = format!("wamid.opening.{}", openings.len());
            let place = place(&person, &thread);
            if let Entry::Vacant(entry) = openings.entry(place) {
                self.tell(&examples::opening(self.number, &person, &thread, &remote)).await;
                entry.insert(remote);
            }
        }
        let all: Vec<String> = openings.values().cloned().collect();
        until("everybody has written", async || (self.ids(all.clone()).await.len() == all.len()).then_some(())).await;
        openings
    }

    /// What was sent before, as if its replies had come.
    async fn send(&self, expected: &Expected, openings: &BTreeMap<String, String>) {
        let scope = self.house.app.vault.platform_scope(&self.house.workspace.operator).unwrap();
        let to = |addressee: &Addressee| openings[&place(&addressee.person, &addressee.thread)].clone();
        let sent: Vec<(String, String)> =
            expected.sent.iter().map(|(remote, addressee)| (remote.clone(), to(addressee))).collect();
        let (channel, writer) = (self.channel(), Writer::Member(self.house.workspace.agent_id));
        let record = move |tx: &vault::Tx<'_>| -> vault::Result<()> {
            for (remote, opening) in &sent {
                let opened = remotes::find(tx, channel, opening)?.ok_or(vault::Error::NotFound("message"))?;
                let head = messages::head(tx, opened)?;
                let new = NewMessage {
                    conversation: head.conversation,
                    channel,
                    contact: head.contact,
                    direction: Direction::Outgoing,
                    writer,
                    body: Personal::new(Body::text(remote.clone())),
                    reply_to: None,
                    state: State::Sent,
                    written_at: tx.now(),
                };
                let (id, _) = messages::record(tx, &new)?;
                remotes::tie(tx, id, head.contact, channel, std::slice::from_ref(remote))?;
            }
            Ok(())
        };
        self.house.app.vault.write(&scope, record).await.unwrap();
    }

    /// Everything at once: each one to ten times, shuffled, and some of it in one delivery.
    async fn storm(&self, examples: &[Example]) {
        let mut chance = ChaCha20Rng::seed_from_u64(SEED);
        let mut below = |bound: usize| chance.next_u32() as usize % bound;
        let (mut bodies, mut entries): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
        for example in examples {
            for _ in 0..=below(10) {
                match examples::entries(&example.body) {
                    Some(found) => entries.extend(found),
                    None => bodies.push(example.body.clone()),
                }
            }
        }
        for index in (1..entries.len()).rev() {
            entries.swap(index, below(index + 1));
        }
        while !entries.is_empty() {
            let together = entries.split_off(entries.len() - entries.len().min(1 + below(8)));
            bodies.insert(below(bodies.len() + 1), delivery(&together).to_string());
        }
        let all = bodies.iter().map(|body| self.tell(body));
        futures_util::stream::iter(all).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        let read = async || (self.house.app.vault.depths().await.unwrap().inbox == 0).then_some(());
        until("everything was read", read).await;
    }

    /// Some of it stopped the account. What is newer lets it go on, so that nothing is left to be done.
    async fn calm(&self) {
        let back = json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "REINSTATE" } });
        self.number.whatsapp.tell(&self.number.account, "account_update", back).unwrap();
        let path = format!("/channels/{}", self.number.channel);
        until("the account works", async || {
            (self.house.workspace.owner.get(&path).await["state"] == "ready").then_some(())
        })
        .await;
        // Files that waited for it meanwhile are looked for now.
        self.house.clock.advance(20 * 60_000);
        self.house.quiet().await;
    }

    /// Everything that the channel's conversations show, by id.
    async fn shown(&self) -> BTreeMap<String, Value> {
        let agent = &self.house.workspace.agent;
        let path = format!("/conversations?channel={}&limit=100", self.number.channel);
        let mut shown = BTreeMap::new();
        for conversation in pages(agent, &path).await {
            let id = text_of(&conversation["id"]);
            let said = pages(agent, &format!("/conversations/{id}/messages?limit=100")).await;
            assert!(!said.is_empty(), "nobody has an empty conversation");
            shown.extend(said.into_iter().map(|message| (text_of(&message["id"]), message)));
        }
        shown
    }

    async fn check(&self, expected: &Expected, openings: &BTreeMap<String, String>) {
        let all = expected.said.keys().chain(expected.sent.keys()).chain(openings.values());
        let ids: BTreeMap<String, String> =
            self.ids(all.cloned().collect()).await.into_iter().map(|(remote, id)| (remote, id.to_string())).collect();
        let shown = self.shown().await;
        once(expected, &ids, &shown);
        as_told(expected, &ids, &shown);
        one_conversation_each(expected, openings, &ids, &shown);
    }
}

/// All pages of a list.
async fn pages(client: &Client, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = String::new();
    loop {
        let page = client.get(&format!("{path}{next}")).await;
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return all,
        }
    }
}

/// What is shown is what was told, each once, and a note for everybody who has a new number.
fn once(expected: &Expected, ids: &BTreeMap<String, String>, shown: &BTreeMap<String, Value>) {
    let known: BTreeSet<&String> = ids.values().collect();
    assert_eq!(known.len(), ids.len(), "two ids are one message");
    let (notes, said): (Vec<_>, Vec<_>) = shown.values().partition(|message| message["direction"] == "note");
    let strangers: Vec<_> = said.iter().filter(|message| !known.contains(&text_of(&message["id"]))).collect();
    assert!(strangers.is_empty(), "nobody told of these: {strangers:?}");
    assert_eq!(said.len(), known.len());
    assert_eq!(notes.len(), expected.moved.len());
}

fn as_told(expected: &Expected, ids: &BTreeMap<String, String>, shown: &BTreeMap<String, Value>) {
    let message = |remote: &String| ids.get(remote).map_or(&Value::Null, |id| &shown[id]);
    let mut wrong = Vec::new();
    for (remote, said) in &expected.said {
        let message = message(remote);
        if said.removed {
            if !message.is_null() && message["removed_at"].is_null() {
                wrong.push(format!("{remote} was taken back: {message}"));
            }
            continue;
        }
        let direction = if said.incoming { "incoming" } else { "outgoing" };
        if (message["direction"].as_str(), message["text"].as_str()) != (Some(direction), said.text.as_deref()) {
            wrong.push(format!("{remote} is {direction} {:?}: {message}", said.text));
        }
    }
    for (remote, (state, code)) in &expected.states {
        let message = message(remote);
        if (message["state"].as_str(), message["failure"]["code"].as_str()) != (Some(&**state), code.as_deref()) {
            wrong.push(format!("{remote} is {state} {code:?}: {message}"));
        }
    }
    for (remote, emoji) in &expected.reactions {
        let reactions = &message(remote)["reactions"];
        let found: Vec<_> = reactions.as_array().into_iter().flatten().map(|one| text_of(&one["emoji"])).collect();
        if found != emoji.iter().cloned().collect::<Vec<_>>() {
            wrong.push(format!("{remote} has {emoji:?}: {reactions}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever somebody wrote is in one conversation, and nobody else's is in it.
fn one_conversation_each(
    expected: &Expected,
    openings: &BTreeMap<String, String>,
    ids: &BTreeMap<String, String>,
    shown: &BTreeMap<String, Value>,
) {
    let said = expected.said.iter().map(|(remote, said)| (said.place.clone(), remote));
    let sent = expected.sent.iter().map(|(remote, to)| (place(&to.person, &to.thread), remote));
    let opened = openings.iter().map(|(place, remote)| (place.clone(), remote));
    let mut conversations: BTreeMap<String, BTreeMap<String, Vec<&String>>> = BTreeMap::new();
    for (place, remote) in said.chain(sent).chain(opened) {
        if let Some(id) = ids.get(remote) {
            let found = conversations.entry(place).or_default();
            found.entry(text_of(&shown[id]["conversation_id"])).or_default().push(remote);
        }
    }
    let several: Vec<_> = conversations.iter().filter(|(_, found)| found.len() > 1).collect();
    assert!(several.is_empty(), "{several:?}");
    let distinct: BTreeSet<_> = conversations.values().flat_map(BTreeMap::keys).collect();
    assert_eq!(distinct.len(), conversations.len());
}
