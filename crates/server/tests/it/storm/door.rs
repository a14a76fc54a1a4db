//! Where what is told comes in: the hook of a channel, or for mailboxes, which are asked, what an answer is kept by.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::{Account, Call, Connector, Ctx, Event, MailReply, Raw, Reply, Verified};
use engine::receive::{self, Source};
use futures_util::future::BoxFuture;
use serde_json::Value;
use server::outbound::{Attempt, BlobDoor, Outside};
use vault::channels::{self, ChannelSecret, ChannelState, NewChannel};
use vault::messages::{self, Body, Direction, NewMessage, State, Writer};
use vault::{ChannelId, MessageId, Personal, answering, remotes};

use super::examples::Example;
use super::expected::Expected;
use crate::client::text_of;
use crate::house::{House, until};

/// How a kind of provider tells things.
pub(super) trait Way: Send + Sync {
    /// Gives an example an id of its own at the provider, and a later moment, in seconds.
    fn own(&self, body: &mut Vec<u8>, place: usize, later: usize);

    /// The example with other words, if it has any.
    fn saying(&self, _: &[u8], _: &str) -> Option<Vec<u8>> {
        None
    }

    /// What an example changes or takes back, as it was first.
    fn originals(&self, _: &[u8]) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Several as the one delivery that the provider would make of them; `None`: it tells each by itself.
    fn together(&self, _: &[&[u8]]) -> Option<Vec<u8>> {
        None
    }

    /// The headers that prove a body.
    fn proof(&self, _: &Ctx, _: &Account, _: Option<&str>, _: &[u8]) -> Vec<(String, String)> {
        Vec::new()
    }

    /// What is kept of it where the provider is asked; `None`: it tells.
    fn asked(&self, _: &Ctx, _: (&dyn Connector, &Account), _: &[u8]) -> Option<Vec<Verified>> {
        None
    }

    /// Of what type a body is.
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    /// Whether all that one person writes is in one conversation.
    fn has_one_conversation(&self) -> bool {
        true
    }
}

/// A world in which nothing is found.
pub(super) struct Deaf;

impl Deaf {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self)
    }
}

impl Outside for Deaf {
    fn attempt<'a>(&'a self, call: &'a Call, _: &'a str, _: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt> {
        let reply = match call {
            Call::Http(_) => Reply::Answer { status: 404, headers: Vec::new(), body: b"{}".to_vec() },
            Call::Imap(_) | Call::Smtp(_) => Reply::Mail(MailReply::NoMail),
        };
        Box::pin(async { Attempt { reply, worth_repeating: false } })
    }
}

/// A channel, and how it is told things.
pub(super) struct Door<'a> {
    pub(super) house: &'a House,
    way: &'a dyn Way,
    connector: &'static dyn Connector,
    channel: ChannelId,
    account: Account,
}

/// What the examples' accounts are set up with.
fn setting(key: &str) -> &'static str {
    match key {
        "webhook_url" => "https://other.test/webhook",
        "allowed_origins" => "https://shop.test",
        "page_id" | "account_id" => "1084386248085549",
        "account_sid" => "AC0123456789abcdef0123456789abcdef",
        "number" => "+15550783881",
        "messaging_profile_id" => "4001234567890abcdef",
        "address" => "info@shop.test",
        "aliases" => "help@shop.test",
        "imap.host" => "imap.shop.test",
        "smtp.host" => "smtp.shop.test",
        _ => "",
    }
}

fn secret(kind: &str, key: &str) -> String {
    match (kind, key) {
        ("telegram", "bot_token") => "123456:storm-token".to_owned(),
        ("api", "signing_secret") => "whsec_c3Rvcm0tc3Rvcm0tc3Rvcm0=".to_owned(),
        _ => format!("storm-{key}"),
    }
}

impl<'a> Door<'a> {
    /// Makes the channel that the examples are of.
    pub(super) async fn open(house: &'a House, kind: &str, way: &'a dyn Way) -> Self {
        let connector = connect::channels::by_kind(kind).unwrap();
        let (mut settings, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        for field in connector.spec().fields {
            if field.secret {
                secrets.insert(field.key.to_owned(), ChannelSecret::new(secret(kind, field.key)));
            } else if field.key == "public_key" {
                settings.insert(field.key.to_owned(), house.simulator.telnyx().public_key());
            } else {
                settings.insert(field.key.to_owned(), setting(field.key).to_owned());
            }
        }
        let new = NewChannel {
            kind: kind.into(),
            name: Personal::new(kind.into()),
            settings: Personal::new(settings),
            secrets,
        };
        let learned = [("id", "info@shop.test"), ("address", "info@shop.test"), ("app", "1517776481860111")];
        let learned = Personal::new(learned.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        let make = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let channel = channels::create(tx, &new)?;
            channels::set_account(tx, channel, &learned)?;
            channels::set_state(tx, channel, ChannelState::Ready, None)?;
            Ok((channel, channels::account(tx, channel)?))
        };
        let (channel, kept) = house.app.vault.write(&house.workspace.operator, make).await.unwrap();
        let account = house.app.account(&kept, connector.spec());
        Self { house, way, connector, channel, account }
    }

    /// Chance that is the same each time: a visitor is the same one.
    fn ctx(&self) -> Ctx {
        Ctx { now_ms: self.house.app.ctx().now_ms, chance: [7; 32] }
    }

    fn raw(&self, speaker: Option<&str>, body: Vec<u8>) -> Raw {
        let headers = self.way.proof(&self.ctx(), &self.account, speaker, &body);
        Raw { method: "POST".to_owned(), path: String::new(), query: String::new(), headers, body }
    }

    fn verified(&self, example: &Example) -> Vec<Verified> {
        let asked = self.way.asked(&self.ctx(), (self.connector, &self.account), &example.body);
        asked.unwrap_or_else(|| {
            let raw = self.raw(example.speaker.as_deref(), example.body.clone());
            let verified = self.connector.verify(&self.ctx(), &raw, &self.account);
            vec![verified.unwrap_or_else(|reject| panic!("{}: {reject:?}", example.name))]
        })
    }

    /// What the connector reads of an example.
    pub(super) fn events(&self, example: &Example) -> Vec<Event> {
        self.verified(example).iter().flat_map(|verified| self.connector.parse(verified)).collect()
    }

    /// Everybody has written before, so that all threads are there.
    pub(super) async fn begin(&self, expected: &Expected) {
        let source = Source { channel: self.channel, connector: self.connector };
        let openings: Vec<Event> = expected.openings().collect();
        let write = move |tx: &vault::Tx<'_>| -> vault::Result<()> {
            let now = tx.now();
            openings.iter().try_for_each(|opening| receive::apply(tx, source, now, opening).map(|_| ()))
        };
        let hook = self.house.app.vault.admit_hook(self.channel).await.unwrap().unwrap();
        self.house.app.vault.write(&hook.scope, write).await.unwrap();
    }

    /// What was sent before, as if its replies had come; our ids, by those at the provider.
    pub(super) async fn send(&self, expected: &Expected) -> BTreeMap<String, MessageId> {
        let (channel, writer) = (self.channel, Writer::Member(self.house.workspace.agent_id));
        let sent = expected.sent();
        let record = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let mut ours = BTreeMap::new();
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
                ours.insert(remote.clone(), id);
            }
            Ok(ours)
        };
        self.house.app.vault.write(&self.house.workspace.operator, record).await.unwrap()
    }

    /// Tells examples as the provider does, until they are taken: together where it does that, else each by itself.
    pub(super) async fn tell(&self, examples: &[&Example]) {
        let bodies: Vec<&[u8]> = examples.iter().map(|example| &*example.body).collect();
        if self.way.asked(&self.ctx(), (self.connector, &self.account), bodies[0]).is_some() {
            return self.answer(examples).await;
        }
        let mut alone = examples.to_vec();
        if examples.len() > 1 {
            alone.retain(|example| self.way.together(&[&example.body]).is_none());
            let joined: Vec<&[u8]> = bodies.into_iter().filter(|body| self.way.together(&[body]).is_some()).collect();
            if !joined.is_empty() {
                self.post(None, self.way.together(&joined).unwrap()).await;
            }
        }
        for example in alone {
            self.post(example.speaker.as_deref(), example.body.clone()).await;
        }
    }

    async fn post(&self, speaker: Option<&str>, body: Vec<u8>) {
        let path = format!("/hooks/{}", self.channel);
        until("a delivery is taken", async || {
            let raw = self.raw(speaker, body.clone());
            let nobody = self.house.nobody();
            let client = raw.headers.iter().fold(nobody, |client, (name, value)| client.with(name, value));
            let answer = client.send(http::Method::POST, &path, self.way.content_type(), raw.body).await;
            let told = || String::from_utf8_lossy(&body).into_owned();
            assert!(matches!(answer.status.as_u16(), 200 | 503), "{answer}: {}", told());
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// Keeps what a mailbox answered.
    async fn answer(&self, examples: &[&Example]) {
        let bodies: Vec<Vec<u8>> =
            examples.iter().flat_map(|example| self.verified(example)).map(|verified| verified.to_inbox()).collect();
        until("an answer is kept", async || {
            let hook = self.house.app.vault.admit_hook(self.channel).await.unwrap().unwrap();
            self.house.app.vault.keep(&hook, bodies.clone()).await.unwrap().then_some(())
        })
        .await;
    }

    /// Waits until everything was read.
    pub(super) async fn drain(&self) {
        let read = async || (self.house.app.vault.depths().await.unwrap().inbox == 0).then_some(());
        until("everything was read", read).await;
    }

    /// Our messages, by their ids at the provider.
    pub(super) async fn ids(&self, remotes: Vec<String>) -> BTreeMap<String, String> {
        let channel = self.channel;
        let find = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
            let mut found = BTreeMap::new();
            for remote in &remotes {
                found.extend(remotes::find(tx, channel, remote)?.map(|id| (remote.clone(), id.to_string())));
            }
            Ok(found)
        };
        self.house.app.vault.read(&self.house.workspace.operator, find).await.unwrap()
    }

    /// Checks who has each conversation that another app had at any moment.
    pub(super) async fn check_holders(&self, expected: &Expected) {
        let contested = expected.contested();
        let (channel, openings) = (self.channel, contested.keys().cloned().collect::<Vec<_>>());
        let look = move |tx: &vault::Tx<'_>| -> vault::Result<Vec<bool>> {
            let elsewhere = openings.iter().map(|opening| {
                let opened = remotes::find(tx, channel, opening)?.ok_or(vault::Error::NotFound("message"))?;
                answering::is_elsewhere(tx, messages::head(tx, opened)?.conversation)
            });
            elsewhere.collect()
        };
        let found = self.house.app.vault.read(&self.house.workspace.operator, look).await.unwrap();
        for ((place, allowed), elsewhere) in contested.into_iter().zip(found) {
            assert!(allowed.contains(&elsewhere), "{place}: another app has it: {elsewhere}, told last: {allowed:?}");
        }
    }

    /// Everything that the channel's conversations show, by id.
    pub(super) async fn shown(&self) -> BTreeMap<String, Value> {
        let mut shown = BTreeMap::new();
        for conversation in self.pages(&format!("/conversations?channel={}&limit=100", self.channel)).await {
            let path = format!("/conversations/{}/messages?limit=100", text_of(&conversation["id"]));
            shown.extend(self.pages(&path).await.into_iter().map(|message| (text_of(&message["id"]), message)));
        }
        shown
    }

    /// All pages of a list.
    async fn pages(&self, path: &str) -> Vec<Value> {
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let page = self.house.workspace.agent.get(&format!("{path}{next}")).await;
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return all,
            }
        }
    }
}
