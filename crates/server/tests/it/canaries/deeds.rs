//! Everything that people, systems and members can send, each with a word of its own in it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connect::{Secret, standard_webhooks};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use server::machine::SystemClock;
use sha2::Sha256;
use simulator::telegram::{BotCard, Person, Says, Upload};
use simulator::{Options, Simulator, Telegram};
use vault::Clock;

use super::search::Canaries;
use crate::client::{Client, text_of};
use crate::house::until;
use crate::process::Installation;
use crate::receiver::Receiver;

/// Everybody, and what they have sent so far.
pub struct Deeds {
    pub installation: Arc<Installation>,
    pub canaries: Canaries,
    telegram: Telegram,
    bot: String,
    receiver: Receiver,
    member: Client,
    email: String,
    password: String,
}

impl Deeds {
    /// An installation whose workspace and member have canaries for names.
    pub async fn prepare(database: Option<&str>, log: &str) -> Self {
        let mut canaries = Canaries::default();
        let simulator = Simulator::new(Options { clock: Arc::new(|| SystemClock::default().now()), ..Options::default() });
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
        let (email, password) = (format!("{}@example.org", canaries.shown("member e-mail")), canaries.fresh("password"));
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
    pub async fn everything(&mut self) {
        self.sign_in().await;
        self.telegram().await;
        self.api().await;
        self.web().await;
        self.knock_in_vain().await;
        self.quiet().await;
    }

    async fn telegram(&mut self) {
        let name = self.canaries.shown("channel name");
        let order = json!({ "kind": "telegram", "name": name, "settings": { "bot_token": self.bot } });
        assert_eq!(self.member.post("/channels", order).await["state"], "ready");
        let c = &mut self.canaries;
        let person = Person {
            first_name: c.shown("Telegram first name"),
            last_name: Some(c.shown("Telegram last name")),
            username: Some(c.fresh("Telegram username")),
            language_code: Some(format!("it-x-{}", c.fresh("Telegram language"))),
            ..Person::default()
        };
        let person = self.telegram.create_person(person).id;
        self.canaries.known("Telegram number", person.to_string());
        let c = &mut self.canaries;
        let phone = format!("3902{}", c.digits());
        c.known("card's number", &phone);
        let file = |c: &mut Canaries, kind: &str| {
            let content = format!("a text with {} in it", c.fresh(&format!("{kind} content")));
            let caption = c.shown(&format!("{kind} caption"));
            Upload::new(&format!("{}.txt", c.shown(&format!("{kind} name"))), "text/plain", content).captioned(&caption)
        };
        let place = format!("47.{}", c.digits());
        c.known("place", &place);
        let sayings = [
            Says::Text { text: format!("Text {} text", c.shown("Telegram text")) },
            Says::Document(file(c, "Telegram file")),
            Says::Video(file(c, "Telegram film")),
            Says::Contact {
                phone_number: format!("+{phone}"),
                first_name: c.shown("card's first name"),
                last_name: Some(c.shown("card's last name")),
            },
            Says::Location { latitude: place.parse().unwrap(), longitude: 8.5 },
        ];
        for says in sayings {
            self.telegram.say(&self.bot, person, says).unwrap();
        }
        let first = self.telegram.say_text(&self.bot, person, &self.canaries.fresh("text before its edit")).unwrap();
        let conversation = self.conversation_of(6).await;
        let edited = self.canaries.shown("edited text");
        self.telegram.edit(&self.bot, person, None, first, &edited).unwrap();
        self.answer(&conversation, "Telegram").await;
        let shown = self.telegram.transcript(&self.bot, person).unwrap();
        let asked = shown.iter().find(|shown| shown.keyboard.is_some()).expect("the buttons arrived");
        let data = text_of(&asked.keyboard.as_ref().unwrap()[0][0]["callback_data"]);
        self.telegram.tap(&self.bot, person, asked.message_id, &data).unwrap();
        self.telegram.react(&self.bot, person, asked.message_id, &[&self.canaries.shown("Telegram reaction")]).unwrap();
    }

    /// Everything a member can do in a conversation.
    async fn answer(&mut self, conversation: &str, channel: &str) {
        let path = format!("/conversations/{conversation}/messages");
        let c = &mut self.canaries;
        let label = |c: &mut Canaries, what: &str| c.shown(&format!("{what} on {channel}"));
        let (name, content) = (label(c, "attachment name"), c.fresh("attachment content"));
        let file = self.member.upload(&format!("{name}.txt"), format!("a text with {content}").as_bytes()).await;
        let c = &mut self.canaries;
        let orders = [
            json!({ "text": label(c, "reply") }),
            json!({ "text": label(c, "note"), "note": true }),
            json!({ "text": label(c, "question"), "buttons": [[{ "label": label(c, "button"), "data": label(c, "button data") }]] }),
            json!({ "text": label(c, "caption"), "attachments": [file] }),
            json!({ "place": { "latitude": 45.5, "longitude": 9.1, "name": label(c, "place name"), "address": label(c, "address") } }),
            json!({ "card": { "name": label(c, "card"), "phones": ["+39021234567"] } }),
        ];
        let key = c.fresh("idempotency key");
        for (number, order) in orders.into_iter().enumerate() {
            let member = self.member.with("idempotency-key", &format!("{key}-{number}"));
            let message = member.post(&path, order).await;
            if message["direction"] == "outgoing" {
                self.member.reaches(conversation, &message, "sent").await;
            }
        }
        let labels = json!({ "labels": [self.canaries.shown("label")] });
        let changed = self.member.patch(&format!("/conversations/{conversation}"), labels).await;
        self.know(&text_of(&changed["contact"]["id"])).await;
    }

    /// What a member writes down about a contact, and looks for.
    async fn know(&mut self, contact: &str) {
        let c = &mut self.canaries;
        let attributes = json!({ c.shown("attribute"): c.shown("attribute's value") });
        self.member.patch(&format!("/contacts/{contact}"), json!({ "attributes": attributes })).await;
        let consent = json!({
            "purpose": "marketing", "channel": "any", "ground": "consent", "text_version": "v1", "collected_by": "form",
            "evidence": self.canaries.fresh("consent's evidence"),
        });
        self.member.post(&format!("/contacts/{contact}/consents"), consent).await;
        for path in ["/search", "/contacts", "/conversations"] {
            let word = self.canaries.fresh(&format!("words looked for at {path}"));
            self.member.get(&format!("{path}?q={word}")).await;
        }
    }

    async fn api(&mut self) {
        let c = &mut self.canaries;
        let url = format!("{}?key={}", self.receiver.url(), c.shown("webhook URL"));
        let order = json!({ "kind": "api", "name": c.shown("API channel's name"), "settings": { "webhook_url": url } });
        let channel = self.member.post("/channels", order).await;
        let secret = text_of(&channel["shown_once"]["signing_secret"]);
        self.canaries.known("signing secret", secret.trim_start_matches("whsec_"));
        self.canaries.known("signing secret's bytes", STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap());
        let hook = text_of(&channel["hook_url"]);
        let c = &mut self.canaries;
        let phone = format!("3903{}", c.digits());
        c.known("API phone", &phone);
        let contact = json!({
            "id": c.shown("API contact's id"), "name": c.shown("API contact's name"), "language": format!("it-x-{}", c.fresh("API language")),
            "email": format!("{}@example.org", c.shown("API e-mail")), "phone": format!("+{phone}"),
        });
        let (thread, id) = (c.fresh("API thread"), c.fresh("API message's id"));
        let content = format!("a text with {}", c.fresh("API file's content"));
        let file = self.receiver.offer(&format!("{}.txt", self.canaries.fresh("API file's address")), content.as_bytes());
        let c = &mut self.canaries;
        let events = [
            json!({ "type": "message.created", "data": { "id": id, "contact": contact, "thread": thread, "text": c.fresh("API text"),
                "attachments": [{ "url": file, "name": c.shown("API file's name"), "content_type": "text/plain" }] } }),
            json!({ "type": "message.edited", "data": { "id": id, "contact": contact, "thread": thread, "text": c.shown("API edit") } }),
            json!({ "type": "message.chosen", "data": { "id": c.fresh("API choice's id"), "contact": contact, "thread": thread,
                "choice": c.shown("API choice"), "text": c.shown("API choice's text") } }),
            json!({ "type": c.fresh("unknown event"), "data": {} }),
        ];
        for event in events {
            self.post(&hook, &secret, &event).await;
        }
        let conversation = self.conversation_of(2).await;
        self.answer(&conversation, "API").await;
        let messages = self.member.messages(&conversation).await;
        let reply = messages.iter().find(|message| message["direction"] == "outgoing").unwrap();
        let c = &mut self.canaries;
        let events = [
            json!({ "type": "message.reaction", "data": { "id": reply["id"], "contact": contact, "thread": thread, "emoji": c.shown("API reaction") } }),
            json!({ "type": "message.status", "data": { "id": reply["id"], "state": "failed", "code": c.fresh("API status code"), "detail": c.shown("API status detail") } }),
        ];
        for event in events {
            self.post(&hook, &secret, &event).await;
        }
    }

    async fn post(&mut self, hook: &str, secret: &str, event: &Value) {
        let (path, id, query) = (hook.strip_prefix(&self.installation.base()).unwrap(), self.canaries.fresh("webhook-id"), self.canaries.fresh("hook's query"));
        let body = event.to_string();
        let mut client = self.nobody();
        for (name, value) in standard_webhooks::sign(&Secret::new(secret), &id, SystemClock::default().now(), body.as_bytes()).unwrap() {
            client = client.with(name, &value);
        }
        let client = client.with("user-agent", &self.canaries.fresh("hook's agent"));
        let answer = client.send(Method::POST, &format!("{path}?q={query}"), "application/json", body).await;
        assert_eq!(answer.status, 200, "{answer}");
    }

    async fn web(&mut self) {
        let c = &mut self.canaries;
        let secret = format!("{}-{}", c.fresh("identity secret"), "x".repeat(32));
        let origin = format!("https://{}.example.org", c.fresh("website").to_lowercase());
        let order = json!({ "kind": "web", "name": c.shown("web channel's name"), "settings": {
            "allowed_origins": [origin], "welcome": c.shown("welcome"), "identity_secret": secret } });
        let channel = text_of(&self.member.post("/channels", order).await["id"]);
        let c = &mut self.canaries;
        let expires = SystemClock::default().now() / 1_000 + 100;
        let claims = json!({ "sub": c.shown("proven user"), "aud": channel, "exp": expires, "name": c.shown("proven name"),
            "email": format!("{}@example.org", c.shown("proven e-mail")) });
        let identity = json!({ "identity": { "jwt": jwt(&claims, &secret) } });
        for open in [json!({}), identity] {
            self.visit(&channel, &origin, &open).await;
        }
    }

    async fn visit(&mut self, channel: &str, origin: &str, open: &Value) {
        let nobody = self.nobody().with("origin", origin);
        let session = nobody.post(&format!("/chat/{channel}/sessions"), open.clone()).await;
        let token = text_of(&session["token"]);
        let signature = token.rsplit('.').next().unwrap();
        self.canaries.known("visitor's token", signature);
        let visitor = nobody.with("authorization", &format!("Bearer {token}"));
        let (name, content) = (self.canaries.shown("visitor's file name"), self.canaries.fresh("visitor's file content"));
        let path = format!("/chat/{channel}/attachments");
        let uploaded = visitor.upload_to(&path, &format!("{name}.txt"), format!("a text with {content}").as_bytes()).await;
        let c = &mut self.canaries;
        let profile = json!({ "name": c.fresh("visitor's name"), "email": format!("{}@example.org", c.fresh("visitor's e-mail")),
            "language": format!("it-x-{}", c.fresh("visitor's language")) });
        let id = c.fresh("visitor's message id");
        let said = [
            json!({ "type": "message", "id": id, "text": c.fresh("visitor's text"), "profile": profile }),
            json!({ "type": "edit", "id": id, "text": c.shown("visitor's edit") }),
            json!({ "type": "message", "id": format!("{id}-2"), "text": c.shown("visitor's caption"), "attachments": [uploaded.json(201)["ticket"]] }),
            json!({ "type": "choice", "id": format!("{id}-3"), "data": c.shown("visitor's choice"), "text": c.shown("visitor's choice's text") }),
            json!({ "type": "typing" }),
        ];
        for event in said {
            let answer = visitor.call(Method::POST, &format!("/hooks/{channel}"), Some(&event)).await;
            assert_eq!(answer.status, 200, "{answer}");
        }
        visitor.get(&format!("/chat/{channel}/messages")).await;
        let conversation = self.conversation_of(3).await;
        self.answer(&conversation, "the web").await;
        let messages = self.member.messages(&conversation).await;
        let reply = messages.iter().find(|message| message["direction"] == "outgoing").unwrap();
        let reaction = json!({ "type": "reaction", "of": reply["id"], "emoji": self.canaries.shown("visitor's reaction") });
        assert_eq!(visitor.call(Method::POST, &format!("/hooks/{channel}"), Some(&reaction)).await.status, 200);
    }

    async fn sign_in(&mut self) {
        let api = Client::new(&format!("{}/api/v1", self.installation.base()));
        let credentials = json!({ "email": self.email, "password": self.password });
        let answer = api.call(Method::POST, "/session", Some(&credentials)).await;
        let me = answer.json(200);
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        self.canaries.known("session", cookie.split_once('=').unwrap().1);
        self.canaries.known("CSRF token", text_of(&me["csrf"]));
        let session = api.with("cookie", &cookie).with("x-csrf-token", &text_of(&me["csrf"]));
        let token = session.call(Method::POST, "/tokens", Some(&json!({}))).await;
        if token.status == 201 {
            self.canaries.known("another token", text_of(&token.json(201)["token"]));
        }
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
    pub async fn much_at_once(&mut self) {
        let people: Vec<i64> = self.telegram.people().iter().map(|person| person.id).collect();
        for _ in 0..30 {
            let file = Upload::new(&self.canaries.fresh("late name"), "text/plain", self.canaries.fresh("late content"));
            self.telegram.say(&self.bot, people[0], Says::Document(file.captioned(&self.canaries.fresh("late caption")))).unwrap();
        }
        let conversation = text_of(&self.member.list("/conversations?limit=1").await[0]["id"]);
        for _ in 0..10 {
            let text = self.canaries.fresh("late reply");
            self.member.say(&conversation, &text).await;
        }
    }

    /// Everything that the API shows a member, as text.
    pub async fn all_that_members_see(&self) -> String {
        let mut seen = self.member.get("/me").await.to_string();
        for path in ["/members", "/channels", "/contacts?limit=100", "/conversations?limit=100"] {
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

/// A proof by which a website vouches for its user.
fn jwt(claims: &Value, secret: &str) -> String {
    let signed = [json!({ "alg": "HS256", "typ": "JWT" }), claims.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&signed).finalize();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
}
