//! Another system posts every kind of event, every field filled.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connect::{Secret, standard_webhooks};
use http::Method;
use serde_json::{Value, json};
use server::machine::SystemClock;
use vault::Clock;

use super::Deeds;
use crate::client::text_of;

impl Deeds {
    pub(super) async fn api(&mut self) {
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
        let file =
            self.receiver.offer(&format!("{}.txt", self.canaries.fresh("API file's address")), content.as_bytes());
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
        let (path, id, query) = (
            hook.strip_prefix(&self.installation.base()).unwrap(),
            self.canaries.fresh("webhook-id"),
            self.canaries.fresh("hook's query"),
        );
        let body = event.to_string();
        let mut client = self.nobody();
        for (name, value) in
            standard_webhooks::sign(&Secret::new(secret), &id, SystemClock::default().now(), body.as_bytes()).unwrap()
        {
            client = client.with(name, &value);
        }
        let client = client.with("user-agent", &self.canaries.fresh("hook's agent"));
        let answer = client.send(Method::POST, &format!("{path}?q={query}"), "application/json", body).await;
        assert_eq!(answer.status, 200, "{answer}");
    }
}
