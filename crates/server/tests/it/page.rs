//! An account of a business on one of Meta's messengers, connected as a channel, and the people who write to it.

use http::Method;
use serde_json::{Value, json};
use simulator::Graph;
use simulator::graph::pages::{Line, PageCard, Pages};
use simulator::graph::{AppCard, Sent, TokenCard, signed_request};
use vault::Clock;

use crate::client::{Answer, Client, text_of};
use crate::house::{House, Workspace, until};
use crate::number::App;

/// A connected account.
pub(crate) struct Page {
    pub app: App,
    pub pages: Pages,
    /// The account's id.
    pub id: String,
    /// The channel's id.
    pub channel: String,
    pub hook_url: String,
    kind: &'static str,
    member: Client,
    /// When it was connected, in Unix seconds: what is told for people was signed then.
    connected_s: i64,
}

/// An app with a token for messengers.
pub(crate) fn app(house: &House) -> App {
    let graph: Graph = house.simulator.graph().clone();
    let card = graph.create_app(AppCard { requires_proof: true, ..AppCard::default() });
    let token = token(&graph, &card.id);
    App { graph, card, token }
}

/// A new token of an app.
pub(crate) fn token(graph: &Graph, app: &str) -> String {
    let permissions = ["pages_messaging", "pages_manage_metadata", "instagram_business_manage_messages"];
    let permissions = permissions.map(str::to_owned).into();
    graph.create_token(TokenCard { app: app.to_owned(), permissions, ..TokenCard::default() }).unwrap().token
}

impl Page {
    /// Makes app and account of a kind and connects it to the house's workspace.
    pub(crate) async fn connect(house: &House, kind: &'static str) -> Self {
        let page = Self::of(house, &house.workspace, &app(house), (kind, |_| ())).await;
        page.listen();
        page
    }

    /// Makes an account of an app and connects it to a workspace.
    pub(crate) async fn of(
        house: &House,
        workspace: &Workspace,
        app: &App,
        (kind, differs): (&'static str, impl FnOnce(&mut PageCard)),
    ) -> Self {
        let pages = house.simulator.pages();
        let mut card = PageCard { name: "Panetteria".into(), object: object(kind).into(), ..PageCard::default() };
        differs(&mut card);
        let card = pages.create_account(card);
        let mut settings = json!({ "app_secret": app.card.secret });
        let (account, token) =
            if kind == "messenger" { ("page_id", "page_access_token") } else { ("account_id", "access_token") };
        settings[account] = json!(card.id);
        settings[token] = json!(app.token);
        let order = json!({ "kind": kind, "name": "Shop", "settings": settings });
        let channel = workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        assert!(!channel.to_string().contains(&app.token) && !channel.to_string().contains(&app.card.secret));
        Self {
            app: app.clone(),
            pages,
            id: card.id,
            channel: text_of(&channel["id"]),
            hook_url: text_of(&channel["hook_url"]),
            kind,
            member: workspace.agent.clone(),
            connected_s: house.clock.now() / 1_000,
        }
    }

    /// Lets the app's deliveries come to this channel's hook.
    pub(crate) fn listen(&self) {
        self.app.graph.set_callback(&self.app.card.id, object(self.kind), &self.hook_url, &[]).unwrap();
    }

    /// Somebody who signed in with the app before.
    pub(crate) fn person(&self, name: &str) -> String {
        self.pages.create_person(name, &[&self.app.card.id])
    }

    /// The person says something; the message's id.
    pub(crate) fn says(&self, person: &str, text: &str) -> String {
        self.pages.say(&self.id, person, text, json!({})).unwrap()
    }

    /// Somebody new writes something; the person and the conversation that comes of it, once their name is known.
    pub(crate) async fn talk(&self, name: &str, text: &str) -> (String, String) {
        let person = self.person(name);
        self.says(&person, text);
        let path = format!("/conversations?channel={}&limit=100", self.channel);
        let conversation = until(&format!("a conversation with {name}"), async || {
            let found = self.member.list(&path).await;
            let found = found.iter().find(|it| it["contact"]["name"] == name && !it["last_message"].is_null());
            found.map(|conversation| text_of(&conversation["id"]))
        })
        .await;
        (person, conversation)
    }

    /// A message with this text, once it is there.
    pub(crate) async fn arrived(&self, conversation: &str, text: &str) -> Value {
        until(&format!("the message {text:?}"), async || {
            let messages = self.member.messages(conversation).await;
            messages.into_iter().find(|message| message["text"] == text)
        })
        .await
    }

    /// What the person's phone shows.
    pub(crate) fn phone(&self, person: &str) -> Vec<Line> {
        self.pages.transcript(&self.id, person)
    }

    /// Every message that really went into a chat of this account.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        let sent = self.app.graph.sent(&self.app.card.id).unwrap();
        sent.into_iter().filter(|sent| sent.number == self.id).collect()
    }

    /// Posts what Meta posts for a person below the hook, signed with a secret.
    pub(crate) async fn told_of(&self, house: &House, path: &str, by: (&str, &str)) -> Answer {
        self.told_at(house, path, by, self.connected_s).await
    }

    /// The same, signed at a moment, in Unix seconds.
    pub(crate) async fn told_at(
        &self,
        house: &House,
        path: &str,
        (user, secret): (&str, &str),
        signed_s: i64,
    ) -> Answer {
        let body = format!("signed_request={}", signed_request(secret, user, signed_s));
        let hook = self.hook_url.strip_prefix(&house.base).unwrap();
        let path = format!("{hook}/{path}");
        house.nobody().send(Method::POST, &path, "application/x-www-form-urlencoded", body).await
    }
}

fn object(kind: &str) -> &'static str {
    if kind == "messenger" { "page" } else { "instagram" }
}
