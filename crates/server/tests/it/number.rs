//! A business's WhatsApp number, connected as a channel, and the people who write to it.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use simulator::graph::whatsapp::{AccountCard, NumberCard, Person, Saying, Shown};
use simulator::graph::{AppCard, Sent, TokenCard};
use simulator::{Graph, WhatsApp};

use crate::client::{Client, text_of};
use crate::house::{House, Workspace, until};

/// What the app is told of.
const OBJECT: &str = "whatsapp_business_account";

/// An app at Meta, which several numbers may share.
#[derive(Clone)]
pub(crate) struct App {
    pub graph: Graph,
    pub card: AppCard,
    pub token: String,
}

impl App {
    /// A new app with a token.
    pub(crate) fn create(house: &House) -> Self {
        let graph = house.simulator.graph().clone();
        // As Meta advises: no call of ours may come without the proof.
        let card = graph.create_app(AppCard { requires_proof: true, ..AppCard::default() });
        let token = graph.create_token(TokenCard { app: card.id.clone(), ..TokenCard::default() }).unwrap();
        Self { graph, card, token: token.token }
    }

    /// A delivery's signature, as its documentation says it is made.
    pub(crate) fn signed(secret: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }
}

/// A connected number.
pub(crate) struct Number {
    pub app: App,
    pub whatsapp: WhatsApp,
    /// The business account's id.
    pub account: String,
    /// The number's id.
    pub id: String,
    /// The channel's id.
    pub channel: String,
    pub hook_url: String,
    member: Client,
}

impl Number {
    /// Makes app and number and connects it to the house's workspace.
    pub(crate) async fn connect(house: &House) -> Self {
        Self::connect_as(house, |_| ()).await
    }

    /// The same with a number that differs from others.
    pub(crate) async fn connect_as(house: &House, differs: impl FnOnce(&mut NumberCard)) -> Self {
        let app = App::create(house);
        let number = Self::of(house, &house.workspace, &app, differs).await;
        number.listen();
        number
    }

    /// Makes a number of an app and connects it to a workspace.
    pub(crate) async fn of(
        house: &House,
        workspace: &Workspace,
        app: &App,
        differs: impl FnOnce(&mut NumberCard),
    ) -> Self {
        let whatsapp = house.simulator.whatsapp();
        let account = whatsapp.create_account(AccountCard { name: "Shop".into(), ..AccountCard::default() }).unwrap();
        let mut card = NumberCard { account: account.id.clone(), ..NumberCard::default() };
        differs(&mut card);
        let card = whatsapp.create_number(card).unwrap();
        let settings = json!({
            "phone_number_id": card.id, "business_account_id": account.id, "access_token": app.token,
            "app_secret": app.card.secret,
        });
        let order = json!({ "kind": "whatsapp", "name": "Shop", "settings": settings });
        let channel = workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        assert!(!channel.to_string().contains(&app.token) && !channel.to_string().contains(&app.card.secret));
        assert!(channel["shown_once"]["verify_token"].as_str().is_some_and(|token| token.len() > 20));
        Self {
            app: app.clone(),
            whatsapp,
            account: account.id,
            id: card.id,
            channel: text_of(&channel["id"]),
            hook_url: text_of(&channel["hook_url"]),
            member: workspace.agent.clone(),
        }
    }

    /// Lets the app's deliveries come to this channel's hook.
    pub(crate) fn listen(&self) {
        self.app.graph.set_callback(&self.app.card.id, OBJECT, &self.hook_url, &[]).unwrap();
    }

    /// Somebody with a phone.
    pub(crate) fn person(&self, name: &str) -> String {
        self.whatsapp.create_person(Person::named(name, "")).id
    }

    /// The person says something; the message's id.
    pub(crate) fn says(&self, person: &str, saying: impl Into<Saying>) -> String {
        self.whatsapp.say(&self.id, person, saying).unwrap()
    }

    /// Somebody new writes something; the person and the conversation that comes of it.
    pub(crate) async fn talk(&self, name: &str, text: &str) -> (String, String) {
        let person = self.person(name);
        self.whatsapp.say_text(&self.id, &person, text).unwrap();
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

    /// The contact of a conversation.
    pub(crate) async fn contact_of(&self, conversation: &str) -> String {
        text_of(&self.member.get(&format!("/conversations/{conversation}")).await["contact"]["id"])
    }

    /// A message with this text, once it is there.
    pub(crate) async fn arrived(&self, conversation: &str, text: &str) -> Value {
        until(&format!("the message {text:?}"), async || {
            let messages = self.member.messages(conversation).await;
            messages.into_iter().find(|message| message["text"] == text)
        })
        .await
    }

    /// Records that a contact agreed to something.
    pub(crate) async fn agrees(&self, contact: &str, purpose: &str) {
        let order = json!({ "purpose": purpose, "channel": "whatsapp", "ground": "consent", "text_version": "1",
                            "collected_by": "form" });
        self.member.post(&format!("/contacts/{contact}/consents"), order).await;
    }

    /// What the person's phone shows.
    pub(crate) fn phone(&self, person: &str) -> Vec<Shown> {
        self.whatsapp.transcript(&self.id, person).unwrap()
    }

    /// Every message that really went into a chat of this number.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        let sent = self.app.graph.sent(&self.app.card.id).unwrap();
        sent.into_iter().filter(|sent| sent.number == self.id).collect()
    }

    /// Posts a delivery to this channel's hook, signed with a secret; the status.
    pub(crate) async fn post(&self, house: &House, delivery: &Value, secret: &str) -> u16 {
        let body = delivery.to_string();
        let path = self.hook_url.strip_prefix(&house.base).unwrap();
        let client = house.nobody().with("x-hub-signature-256", &App::signed(secret, body.as_bytes()));
        client.send(http::Method::POST, path, "application/json", body).await.status.as_u16()
    }

    /// One message of somebody as Meta would tell it to this number, to be put into a delivery.
    pub(crate) fn told(&self, id: &str, from: &str, text: &str) -> Value {
        json!({ "id": self.account, "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "390255500000", "phone_number_id": self.id },
            "contacts": [{ "profile": { "name": format!("Person {from}") }, "wa_id": from }],
            "messages": [{ "from": from, "id": id, "timestamp": "1760000000", "type": "text", "text": { "body": text } }],
        } }] })
    }
}

/// Entries as one delivery.
pub(crate) fn delivery(entries: &[Value]) -> Value {
    json!({ "object": OBJECT, "entry": entries })
}
