//! A visitor of a website with our chat in it, as any client of the protocol is one.

use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::client::{Answer, Client, text_of};
use crate::house::{House, Workspace};

/// The website on which the chat may appear.
pub(crate) const ORIGIN: &str = "https://www.example.com";

/// A connected web channel.
pub(crate) struct Site {
    pub channel: String,
    pub identity_secret: String,
    base: String,
}

/// Somebody who chats.
pub(crate) struct Visitor {
    pub client: Client,
    pub id: String,
    channel: String,
}

impl Site {
    /// Connects a web channel.
    pub(crate) async fn connect(house: &House, workspace: &Workspace) -> Self {
        let settings =
            json!({ "allowed_origins": [ORIGIN], "welcome": "Benvenuti!", "locale": "it", "challenge": "off" });
        let channel =
            workspace.owner.post("/channels", json!({ "kind": "web", "name": "Site", "settings": settings })).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        let shown = &channel["shown_once"];
        assert!(shown.get("session_secret").is_none(), "that one is nobody else's");
        let identity_secret = text_of(&shown["identity_secret"]);
        assert!(identity_secret.len() >= 20, "{channel}");
        Self { channel: text_of(&channel["id"]), identity_secret, base: house.base.clone() }
    }

    /// Somebody on the website, without a session.
    pub(crate) fn page(&self) -> Client {
        Client::new(&format!("{}/chat/{}", self.base, self.channel)).with("origin", ORIGIN)
    }

    /// Opens a session.
    pub(crate) async fn open(&self, body: &Value) -> Answer {
        self.page().call(Method::POST, "/sessions", Some(body)).await
    }

    /// A visitor, anonymous (`{}`) or as the website vouches for.
    pub(crate) async fn visitor(&self, body: &Value) -> Visitor {
        let opened = self.open(body).await.json(201);
        assert_eq!(opened["welcome"], "Benvenuti!");
        let client = self.page().with("authorization", &format!("Bearer {}", text_of(&opened["token"])));
        Visitor { client, id: text_of(&opened["visitor_id"]), channel: self.channel.clone() }
    }

    /// What a website proves its user with: `identifier` and its HMAC.
    pub(crate) fn by_hash(&self, user: &str) -> Value {
        let hash = hex::encode(self.hmac(user.as_bytes()));
        json!({ "identity": { "identifier": user, "identifier_hash": hash } })
    }

    /// The same by a token that is about to expire.
    pub(crate) fn by_jwt(&self, claims: &Value) -> Value {
        let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", coded(&json!({ "alg": "HS256" })), coded(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.hmac(signed.as_bytes()));
        json!({ "identity": { "jwt": format!("{signed}.{signature}") } })
    }

    fn hmac(&self, message: &[u8]) -> Vec<u8> {
        let mac = Hmac::<Sha256>::new_from_slice(self.identity_secret.as_bytes()).unwrap();
        mac.chain_update(message).finalize().into_bytes().to_vec()
    }
}

impl Visitor {
    /// Posts something.
    pub(crate) async fn posts(&self, body: &Value) -> Answer {
        self.client.call(Method::POST, "/messages", Some(body)).await
    }

    /// Writes.
    pub(crate) async fn says(&self, id: &str, text: &str) {
        let answer = self.posts(&json!({ "type": "message", "id": id, "text": text })).await;
        assert_eq!(answer.status, 200, "{answer}");
    }

    /// What the page shows.
    pub(crate) async fn history(&self) -> Vec<Value> {
        self.client.list("/messages").await
    }

    /// Uploads a file; its ticket.
    pub(crate) async fn uploads(&self, name: &str, content: &[u8]) -> String {
        text_of(&self.client.upload_to("/attachments", name, content).await.json(201)["ticket"])
    }

    /// The path of the channel's hook, where visitors may post too.
    pub(crate) fn hook(&self) -> String {
        format!("/hooks/{}", self.channel)
    }
}
