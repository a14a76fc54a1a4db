//! A member signs in, answers in every way there is, and writes down what there is to know.

use http::Method;
use serde_json::json;

use super::{Canaries, Deeds};
use crate::client::{Client, text_of};

impl Deeds {
    pub(super) async fn sign_in(&mut self) {
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

    /// Everything a member can do in a conversation.
    pub(super) async fn answer(&mut self, conversation: &str, channel: &str) {
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
}
