//! A Telegram bot, connected as a channel, and the people who write to it.

use serde_json::{Value, json};
use simulator::Telegram;
use simulator::telegram::{BotCard, Person, Saying, Sent, Shown};

use crate::client::{Client, text_of};
use crate::house::{House, Workspace, until};

/// A connected bot.
pub(crate) struct Bot {
    pub telegram: Telegram,
    pub token: String,
    /// The channel's id.
    pub channel: String,
    pub hook_url: String,
    member: Client,
}

impl Bot {
    /// Makes a bot and connects it to the house's workspace.
    pub(crate) async fn connect(house: &House) -> Self {
        Self::connect_to(house, &house.workspace).await
    }

    /// Makes a bot and connects it to a workspace.
    pub(crate) async fn connect_to(house: &House, workspace: &Workspace) -> Self {
        let telegram = house.simulator.telegram().clone();
        let card = telegram.create_bot(BotCard::default()).unwrap();
        let order = json!({ "kind": "telegram", "name": "Shop", "settings": { "bot_token": card.token } });
        let channel = workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        assert!(!channel.to_string().contains(&card.token), "a secret is never returned");
        Self {
            telegram,
            token: card.token,
            channel: text_of(&channel["id"]),
            hook_url: text_of(&channel["hook_url"]),
            member: workspace.agent.clone(),
        }
    }

    /// Somebody with a phone.
    pub(crate) fn person(&self, name: &str) -> i64 {
        self.telegram.create_person(Person::named(name, "it")).id
    }

    /// The person says something; the numbers of its messages.
    pub(crate) fn says(&self, person: i64, saying: impl Into<Saying>) -> Vec<i64> {
        self.telegram.say(&self.token, person, saying).unwrap()
    }

    /// The person writes something; the number of the message.
    pub(crate) fn writes(&self, person: i64, text: &str) -> i64 {
        self.telegram.say_text(&self.token, person, text).unwrap()
    }

    /// Somebody new writes something; the person and the conversation that comes of it.
    pub(crate) async fn talk(&self, name: &str, text: &str) -> (i64, String) {
        let person = self.person(name);
        self.writes(person, text);
        (person, self.conversation_with(name).await)
    }

    /// The conversation with a contact of this name, once it has a message.
    pub(crate) async fn conversation_with(&self, name: &str) -> String {
        let path = format!("/conversations?channel={}&limit=100", self.channel);
        until(&format!("a conversation with {name}"), async || {
            let found = self.member.list(&path).await;
            let found = found.iter().find(|it| it["contact"]["name"] == name && !it["last_message"].is_null());
            found.map(|conversation| text_of(&conversation["id"]))
        })
        .await
    }

    /// A contact's message with this text, once it is there.
    pub(crate) async fn arrived(&self, conversation: &str, text: &str) -> Value {
        until(&format!("the message {text:?}"), async || {
            let messages = self.member.messages(conversation).await;
            messages.into_iter().find(|message| message["text"] == text)
        })
        .await
    }

    /// What the person's phone shows.
    pub(crate) fn phone(&self, person: i64) -> Vec<Shown> {
        self.telegram.transcript(&self.token, person).unwrap()
    }

    /// What the bot wrote on the person's phone, oldest first.
    pub(crate) fn replies(&self, person: i64) -> Vec<Shown> {
        self.phone(person).into_iter().filter(|shown| shown.from == "bot").collect()
    }

    /// The message of the bot with this text, once the phone shows it.
    pub(crate) async fn received(&self, person: i64, text: &str) -> Shown {
        until(&format!("the phone shows {text:?}"), async || {
            self.replies(person).into_iter().find(|shown| shown.text.as_deref() == Some(text))
        })
        .await
    }

    /// Every message that the bot really put into a chat.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.telegram.sent(&self.token).unwrap()
    }

    /// How often a method was called.
    pub(crate) fn calls(&self, method: &str) -> u64 {
        self.telegram.calls(&self.token).unwrap().get(method).map_or(0, |tally| tally.calls)
    }
}
