//! Everything that people, systems and members can send, each with a word of its own in it.

mod api;
mod member;
mod telegram;
mod web;
mod workplace;

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use server::machine::SystemClock;
use simulator::telegram::{BotCard, Says, Upload};
use simulator::{Options, Simulator, Telegram};
use vault::Clock;

use super::search::Canaries;
use crate::client::{Client, text_of};
use crate::house::until;
use crate::process::Installation;
use crate::receiver::Receiver;

/// Everybody, and what they have sent so far.
pub(crate) struct Deeds {
    pub(crate) installation: Arc<Installation>,
    pub(crate) canaries: Canaries,
    telegram: Telegram,
    bot: String,
    receiver: Receiver,
    member: Client,
    email: String,
    password: String,
}

impl Deeds {
    /// An installation whose workspace and member have canaries for names.
    pub(crate) async fn prepare(database: Option<&str>, log: &str) -> Self {
        let mut canaries = Canaries::default();
        let simulator =
            Simulator::new(Options { clock: Arc::new(|| SystemClock::default().now()), ..Options::default() });
        let endpoint = simulator.start().await.unwrap();
        let receiver = Receiver::start().await;
        let mut settings = vec![
            ("PARLOIR_ENDPOINTS_TELEGRAM", endpoint.as_str()),
            ("PARLOIR_OUTBOUND_ALLOW_PRIVATE", receiver.authority()),
            ("PARLOIR_LOG_LEVEL", "trace"),
            ("PARLOIR_LOG_FORMAT", log),
        ];
        settings.extend(database.map(|address| ("PARLOIR_DATABASE", address)));
        let installation = Arc::new(Installation::new(&settings));
        let workspace = installation.workspace(&canaries.shown("workspace name"));
        let (email, password) =
            (format!("{}@example.org", canaries.shown("member e-mail")), canaries.fresh("password"));
        let name = canaries.shown("member name");
        let token = installation.member_with(&workspace, (&name, &email), "owner", &password);
        canaries.known("token", &token);
        let member = installation.client(&token);
        let telegram = simulator.telegram().clone();
        let card = BotCard {
            token: format!("4711:{}", canaries.fresh("bot token")),
            name: canaries.fresh("bot name"),
            username: format!("{}_bot", canaries.fresh("bot username")),
        };
        let bot = telegram.create_bot(card).unwrap().token;
        Self { installation, canaries, telegram, bot, receiver, member, email, password }
    }

    /// All of it, until nothing is under way any more.
    pub(crate) async fn everything(&mut self) {
        self.sign_in().await;
        self.arrange().await;
        self.telegram().await;
        self.api().await;
        self.web().await;
        self.knock_in_vain().await;
        self.quiet().await;
        self.look_up().await;
    }

    /// The index holds what was said: a word of it is found.
    async fn look_up(&self) {
        let newest = text_of(&self.member.list("/conversations?limit=1").await[0]["id"]);
        let messages = self.member.messages(&newest).await;
        let word = messages.iter().rev().find_map(|message| message["text"].as_str()).unwrap();
        until("a word is found", async || {
            (!self.member.list(&format!("/search?q={word}")).await.is_empty()).then_some(())
        })
        .await;
    }

    /// Requests that are refused leave nothing behind either.
    async fn knock_in_vain(&mut self) {
        let c = &mut self.canaries;
        let api = Client::new(&format!("{}/api/v1", self.installation.base()));
        let wrong = json!({ "email": format!("{}@example.org", c.fresh("unknown e-mail")), "password": c.fresh("wrong password") });
        assert_eq!(api.call(Method::POST, "/session", Some(&wrong)).await.status, 401);
        let stranger = api.with("authorization", &format!("Bearer plr_{}", c.fresh("wrong token")));
        assert_eq!(stranger.call(Method::GET, "/me", None).await.status, 401);
        let nobody = Client::new(&self.installation.base());
        for path in [format!("/{}", c.fresh("unknown path")), format!("/hooks/{}", c.fresh("unknown hook"))] {
            nobody.call(Method::POST, &path, Some(&json!({ "x": c.fresh("unknown body") }))).await;
        }
        let malformed = json!({ c.fresh("unknown field"): c.fresh("unknown value") });
        assert_eq!(self.member.call(Method::POST, "/contacts", Some(&malformed)).await.status, 422);
    }

    /// Requests of all kinds that have just arrived when the server is killed.
    pub(crate) async fn much_at_once(&mut self) {
        let people: Vec<i64> = self.telegram.people().iter().map(|person| person.id).collect();
        for _ in 0..30 {
            let file =
                Upload::new(&self.canaries.fresh("late name"), "text/plain", self.canaries.fresh("late content"));
            self.telegram
                .say(&self.bot, people[0], Says::Document(file.captioned(&self.canaries.fresh("late caption"))))
                .unwrap();
        }
        let conversation = text_of(&self.member.list("/conversations?limit=1").await[0]["id"]);
        for _ in 0..10 {
            let text = self.canaries.fresh("late reply");
            self.member.say(&conversation, &text).await;
        }
    }

    /// Everything that the API shows a member, as text.
    pub(crate) async fn all_that_members_see(&self) -> String {
        let mut seen = self.member.get("/me").await.to_string();
        let lists = ["/members", "/teams", "/labels", "/canned-replies", "/views", "/channels"];
        for path in lists.into_iter().chain(["/contacts?limit=100", "/conversations?limit=100"]) {
            for one in self.member.list(path).await {
                let id = text_of(&one["id"]);
                seen.push_str(&one.to_string());
                if path.starts_with("/contacts") {
                    seen.push_str(&self.member.get(&format!("/contacts/{id}")).await.to_string());
                } else if path.starts_with("/conversations") {
                    seen.push_str(&Value::from(self.member.messages(&id).await).to_string());
                }
            }
        }
        seen
    }

    fn nobody(&self) -> Client {
        Client::new(&self.installation.base())
    }

    /// The newest conversation, once it has this many messages.
    async fn conversation_of(&self, messages: usize) -> String {
        until(&format!("a conversation of {messages} messages"), async || {
            let newest = text_of(&self.member.list("/conversations?limit=1").await.first()?["id"]);
            let count = self.member.messages(&newest).await.len();
            let answered = self.member.messages(&newest).await.iter().any(|message| message["direction"] != "incoming");
            (count >= messages && !answered).then_some(newest)
        })
        .await
    }

    /// Waits until files are stored and nothing waits to be applied or sent.
    async fn quiet(&self) {
        until("everything is done", async || {
            let metrics = String::from_utf8(self.nobody().bytes("/metrics").await).unwrap();
            let empty = |queue: &str| metrics.contains(&format!("queue_depth{{queue=\"{queue}\"}} 0"));
            let seen = self.all_that_members_see().await;
            (empty("inbox") && empty("outbox") && !seen.contains("\"state\":\"pending\"")).then_some(())
        })
        .await;
    }
}
