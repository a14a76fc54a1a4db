//! Mail with real servers: Dovecot for reading, Postfix for sending. `scripts/mail.sh` installs them.

mod advertising;
mod answering;
mod arriving;
mod dying;
mod large;
mod outages;
mod protocol;
mod proving;
mod servers;
mod shown;
mod spoilt;

use serde_json::{Value, json};

use crate::client::{Client, text_of};
use crate::house::{House, until};
use servers::{Mailbox, PASSWORD, Servers};

/// Each on both engines, in a house that may speak to the mail servers.
macro_rules! with_mail_servers {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            use crate::house::{Engine, House};

            async fn on(engine: Engine) {
                let servers = crate::email::servers::servers().await;
                let house = House::open_with(engine, |settings| {
                    let ports = [servers.dovecot.imap, servers.smtp, servers.dying];
                    settings.allow_private.extend(ports.map(|port| format!("127.0.0.1:{port}")));
                })
                .await;
                super::$name(&house, servers).await;
                house.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                on(Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                on(Engine::Postgres).await;
            }
        }
    )* };
}
use with_mail_servers;

/// What a channel is connected with.
fn settings(mailbox: &Mailbox, imap: u16, smtp: u16) -> Value {
    json!({
        "address": mailbox.address, "name": "Bäckerei Nord",
        "imap": { "host": "127.0.0.1", "port": imap, "tls": "none", "password": PASSWORD },
        "smtp": { "host": "127.0.0.1", "port": smtp, "tls": "none", "password": PASSWORD },
    })
}

/// A connected mailbox.
struct Shop {
    channel: String,
    mailbox: Mailbox,
    agent: Client,
}

impl Shop {
    /// A new mailbox at the common servers, connected.
    async fn connect(house: &House, servers: &Servers) -> Self {
        let mailbox = servers.dovecot.mailbox();
        let settings = settings(&mailbox, servers.dovecot.imap, servers.smtp);
        Self::of(house, mailbox, settings).await
    }

    async fn of(house: &House, mailbox: Mailbox, settings: Value) -> Self {
        let order = json!({ "kind": "email", "name": "Post", "settings": settings });
        let channel = house.workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        Self { channel: text_of(&channel["id"]), mailbox, agent: house.workspace.agent.clone() }
    }

    /// The conversations of the channel.
    async fn conversations(&self) -> Vec<Value> {
        self.agent.list(&format!("/conversations?channel={}&limit=100", self.channel)).await
    }

    /// A message with this text, once it is there, with its conversation.
    async fn arrived(&self, text: &str) -> (String, Value) {
        until(&format!("a mail that says {text}"), async || {
            for conversation in self.conversations().await {
                let conversation = text_of(&conversation["id"]);
                let messages = self.agent.messages(&conversation).await;
                if let Some(message) = messages.into_iter().find(|message| message["text"] == text) {
                    return Some((conversation, message));
                }
            }
            None
        })
        .await
    }

    /// All texts of the channel, in order of the alphabet.
    async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for conversation in self.conversations().await {
            texts.extend(self.agent.texts(&text_of(&conversation["id"])).await);
        }
        texts.sort();
        texts
    }
}

/// Has a mailbox asked now.
async fn wake(house: &House, channel: &str) {
    server::workers::polling::wake(&house.app, &house.workspace.operator, channel.parse().unwrap()).await.unwrap();
}

/// A mail of somebody's.
fn mail(id: &str, from: &str, to: &str, text: &str) -> Vec<u8> {
    format!(
        "From: Anna <{from}>\r\nTo: {to}\r\nSubject: Pane\r\nMessage-ID: <{id}>\r\nDate: Sun, 1 Feb 2026 10:00:00 +0100\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

/// The same with a file.
fn with_file(id: &str, from: &str, to: &str, text: &str, file: &[u8]) -> Vec<u8> {
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, file);
    let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!(
        "From: Anna <{from}>\r\nTo: {to}\r\nSubject: File\r\nMessage-ID: <{id}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\n\
         Content-Type: application/octet-stream; name=file.bin\r\nContent-Disposition: attachment; filename=file.bin\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

/// A mail that somebody else's mailbox has now.
async fn received(mailbox: &Mailbox, words: &str) -> String {
    until(&format!("a mail with {words}"), async || mailbox.mails("").into_iter().find(|mail| mail.contains(words)))
        .await
}

/// The value of a header field, unfolded.
fn field(mail: &str, name: &str) -> String {
    let head = mail.split("\n\n").next().unwrap_or_default().replace("\r\n", "\n");
    let head = head.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
    let prefix = format!("{}:", name.to_lowercase());
    let line = head.lines().find(|line| line.to_lowercase().starts_with(&prefix));
    line.map(|line| line[prefix.len()..].trim().to_owned()).unwrap_or_default()
}
