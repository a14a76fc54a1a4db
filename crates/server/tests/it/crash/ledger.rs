//! What was acknowledged, held against what is found when all is over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::world::{World, first_words};
use crate::client::text_of;
use crate::house::until;

/// A contact's message.
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) acknowledged: bool,
    pub(crate) is_file: bool,
}

/// A member's reply that was acknowledged.
pub(crate) struct Reply {
    pub(crate) conversation: String,
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Everybody's notes.
#[derive(Default)]
pub(crate) struct Ledger {
    said: BTreeMap<String, Vec<Said>>,
    replies: Vec<Reply>,
}

impl Ledger {
    pub(crate) fn of_contact(name: String, said: Vec<Said>) -> Self {
        Self { said: BTreeMap::from([(name, said)]), replies: Vec::new() }
    }

    pub(crate) fn of_member(replies: Vec<Reply>) -> Self {
        Self { said: BTreeMap::new(), replies }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.said.extend(other.said);
        self.replies.extend(other.replies);
    }
}

/// Holds the notes against the workspace and the providers.
pub(crate) async fn check(world: &World, ledger: &Ledger) {
    let mut found = BTreeMap::new();
    for (name, conversation) in &world.conversations {
        found.insert(name.as_str(), whole(world, conversation).await);
    }
    assert_eq!(
        world.member.list("/conversations?limit=100").await.len(),
        found.len(),
        "no conversation appeared twice"
    );
    assert_eq!(world.member.list("/contacts?limit=100").await.len(), found.len(), "no contact appeared twice");
    let mut acknowledged = 0;
    for (name, said) in &ledger.said {
        acknowledged += check_said(name, said, &found[name.as_str()]);
    }
    check_replies(world, ledger, &found);
    check_files(world, ledger, &found).await;
    check_search(world, ledger).await;
    println!("{acknowledged} messages and {} replies were acknowledged", ledger.replies.len());
    assert!(acknowledged > 50 && ledger.replies.len() > 5, "there was hardly any load");
}

/// All messages of a conversation, oldest first.
async fn whole(world: &World, conversation: &str) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut path = format!("/conversations/{conversation}/messages?limit=100");
    loop {
        let page = world.member.get(&path).await;
        let mut older = page["data"].as_array().unwrap().clone();
        older.append(&mut messages);
        messages = older;
        let Some(next) = page["next"].as_str() else { return messages };
        path = format!("/conversations/{conversation}/messages?limit=100&cursor={next}");
    }
}

fn texts(messages: &[Value], direction: &str) -> Vec<String> {
    let of = messages.iter().filter(|message| message["direction"] == direction);
    of.map(|message| text_of(&message["text"])).collect()
}

/// What a contact said is there: all that was acknowledged, in order, and nothing twice. How many were acknowledged.
fn check_said(name: &str, said: &[Said], messages: &[Value]) -> usize {
    let found = texts(messages, "incoming");
    let once: BTreeSet<&String> = found.iter().collect();
    assert_eq!(once.len(), found.len(), "{name}: a message appears twice: {found:?}");
    let known: BTreeSet<&String> = said.iter().map(|said| &said.text).collect();
    let foreign: Vec<_> = found.iter().filter(|text| !known.contains(text) && **text != first_words(name)).collect();
    assert!(foreign.is_empty(), "{name}: nobody said {foreign:?}");
    let acknowledged: Vec<&String> = said.iter().filter(|said| said.acknowledged).map(|said| &said.text).collect();
    let wanted: BTreeSet<&String> = acknowledged.iter().copied().collect();
    let kept: Vec<&String> = found.iter().filter(|text| wanted.contains(text)).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|text| !once.contains(**text)).collect();
    assert!(lost.is_empty(), "{name}: acknowledged and lost: {lost:?}");
    assert_eq!(kept, acknowledged, "{name}: out of order");
    acknowledged.len()
}

/// Every reply is there once; at the provider it is there once if it is `sent`, and at most once if nobody knows.
fn check_replies(world: &World, ledger: &Ledger, found: &BTreeMap<&str, Vec<Value>>) {
    let outgoing: Vec<&Value> = found.values().flatten().filter(|message| message["direction"] == "outgoing").collect();
    let ids: BTreeSet<&str> = ledger.replies.iter().map(|reply| reply.id.as_str()).collect();
    assert_eq!(ids.len(), ledger.replies.len(), "one id was acknowledged for two replies");
    assert_eq!(outgoing.len(), ledger.replies.len(), "there are as many replies as were acknowledged");
    let names: BTreeMap<&str, &str> =
        world.conversations.iter().map(|(name, id)| (id.as_str(), name.as_str())).collect();
    let (on_telegram, posted) = (on_telegram(world), posted(world));
    let mut unknown = 0;
    for reply in &ledger.replies {
        let here: Vec<&&Value> = outgoing.iter().filter(|message| message["text"] == reply.text.as_str()).collect();
        let [message] = here[..] else { panic!("{:?} is there {} times", reply.text, here.len()) };
        assert_eq!(
            (&message["id"], &message["conversation_id"]),
            (&reply.id.as_str().into(), &reply.conversation.as_str().into())
        );
        let is_person = names[reply.conversation.as_str()].starts_with("person");
        let there = if is_person { &on_telegram } else { &posted };
        let sent = there.get(&reply.text).copied().unwrap_or(0);
        assert!(sent <= 1, "{:?} was sent {sent} times", reply.text);
        if message["state"] == "sent" {
            assert_eq!(sent, 1, "{:?} is said to be sent", reply.text);
        } else {
            unknown += 1;
            assert!(is_person, "what can be repeated is repeated until it is taken: {message}");
            assert_eq!((&message["state"], &message["failure"]["code"]), (&"failed".into(), &"outcome_unknown".into()));
        }
    }
    println!("{unknown} of {} replies have an unknown outcome", ledger.replies.len());
    check_order(world, found);
}

/// How often each text was really put into a chat.
fn on_telegram(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for sent in world.telegram.sent(&world.bot).unwrap() {
        *counts.entry(sent.text.unwrap_or_default()).or_default() += 1;
    }
    counts
}

/// How often each text was posted to the other system, which drops a `webhook-id` it has seen.
fn posted(world: &World) -> BTreeMap<String, usize> {
    let (mut seen, mut counts) = (BTreeSet::new(), BTreeMap::new());
    for post in world.receiver.posted() {
        if seen.insert(post.id()) {
            *counts.entry(text_of(&post.json()["data"]["text"])).or_default() += 1;
        }
    }
    counts
}

/// Each chat got its replies in the order in which they stand in the workspace.
fn check_order(world: &World, found: &BTreeMap<&str, Vec<Value>>) {
    let mut chats: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for sent in world.telegram.sent(&world.bot).unwrap() {
        chats.entry(sent.chat_id).or_default().push(sent.text.unwrap_or_default());
    }
    for (chat, sent) in chats {
        let whole = found.values().map(|messages| texts(messages, "outgoing")).find(|texts| texts.contains(&sent[0]));
        let there: BTreeSet<&String> = sent.iter().collect();
        let ordered: Vec<String> = whole.unwrap().into_iter().filter(|text| there.contains(text)).collect();
        assert_eq!(sent, ordered, "chat {chat}: out of order");
    }
}

/// Files that were under way arrived whole.
async fn check_files(world: &World, ledger: &Ledger, found: &BTreeMap<&str, Vec<Value>>) {
    for (name, said) in &ledger.said {
        for text in said.iter().filter(|said| said.is_file).map(|said| &said.text) {
            let conversation = &world.conversations[name];
            let id = found[name.as_str()]
                .iter()
                .find(|message| message["text"] == text.as_str())
                .map(|found| text_of(&found["id"]));
            let id = id.unwrap();
            let file = until("the file is stored", async || {
                let message = whole(world, conversation).await.into_iter().find(|message| message["id"] == id.as_str());
                let file = message.unwrap()["attachments"][0].clone();
                (file["state"] != "pending").then_some(file)
            })
            .await;
            assert_eq!(file["state"], "stored", "{text}: {file}");
            let content = world.member.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await;
            assert_eq!(String::from_utf8(content).unwrap(), format!("content of: {text}"));
        }
    }
}

/// The index has everybody's last words.
async fn check_search(world: &World, ledger: &Ledger) {
    for said in ledger.said.values().filter_map(|said| said.iter().rev().find(|said| said.acknowledged)) {
        let query = format!("/search?q=%22{}%22", said.text.replace(' ', "%20"));
        until(&format!("{:?} is found", said.text), async || {
            let hits = world.member.list(&query).await;
            hits.iter().any(|hit| hit["message"]["text"] == said.text.as_str()).then_some(())
        })
        .await;
    }
}
