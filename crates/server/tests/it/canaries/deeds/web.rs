//! Visitors of a website, one unknown and one vouched for, write, send files and tap.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use server::machine::SystemClock;
use sha2::Sha256;
use vault::Clock;

use super::Deeds;
use crate::client::text_of;

impl Deeds {
    pub(super) async fn web(&mut self) {
        let c = &mut self.canaries;
        let secret = format!("{}-{}", c.fresh("identity secret"), "x".repeat(32));
        let origin = format!("https://{}.example.org", c.fresh("website").to_lowercase());
        let order = json!({ "kind": "web", "name": c.shown("web channel's name"), "settings": {
            "allowed_origins": [origin], "welcome": c.shown("welcome"), "identity_secret": secret, "challenge": "off" } });
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
        let (name, content) =
            (self.canaries.shown("visitor's file name"), self.canaries.fresh("visitor's file content"));
        let path = format!("/chat/{channel}/attachments");
        let uploaded =
            visitor.upload_to(&path, &format!("{name}.txt"), format!("a text with {content}").as_bytes()).await;
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
        let reaction =
            json!({ "type": "reaction", "of": reply["id"], "emoji": self.canaries.shown("visitor's reaction") });
        assert_eq!(visitor.call(Method::POST, &format!("/hooks/{channel}"), Some(&reaction)).await.status, 200);
    }
}

/// A proof by which a website vouches for its user.
fn jwt(claims: &Value, secret: &str) -> String {
    let signed = [json!({ "alg": "HS256", "typ": "JWT" }), claims.clone()]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&signed).finalize();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
}
