//! A bot on a Telegram that others wrote (`telegram-test-api`): what our own simulator takes for granted is not ours alone. It has no
//! `deleteMessages`, and no files.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use http::Method;
use serde_json::{Value, json};

use crate::client::{Client, text_of};
use crate::house::{Engine, House, until};
use crate::process::free_address;

const TOKEN: &str = "123456789:AAtelegram-of-others-AAAAAAAAAAAAAAA";
const ANNA: i64 = 7_001;

/// The server, which ends when its standard input does.
struct Telegram {
    client: Client,
    base: String,
    server: Child,
    held: Option<ChildStdin>,
}

impl Drop for Telegram {
    fn drop(&mut self) {
        drop(self.held.take());
        self.server.wait().ok();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/telegram")
}

fn run(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder());
    command
}

impl Telegram {
    async fn start() -> Self {
        if !folder().join("node_modules/telegram-test-api").exists() {
            let installed = run("npm", &["ci", "--silent", "--no-audit", "--no-fund"]).status().unwrap();
            assert!(installed.success(), "npm installs what interop/telegram needs");
        }
        let address = free_address();
        let port = address.rsplit(':').next().unwrap();
        let mut server = run("node", &["server.mjs", port]).stdin(Stdio::piped()).spawn().unwrap();
        let held = server.stdin.take();
        until("the server answers", async || tokio::net::TcpStream::connect(&address).await.ok()).await;
        let base = format!("http://{address}");
        Self { client: Client::new(&base), base, server, held }
    }

    async fn asked(&self, path: &str, order: Value) -> Value {
        self.client.call(Method::POST, path, Some(&order)).await.json(200)
    }

    /// Anna writes something.
    async fn says(&self, text: &str) {
        let mut message = anna();
        (message["text"], message["botToken"]) = (text.into(), TOKEN.into());
        self.asked("/sendMessage", message).await;
    }

    /// What the bot wrote to Anna, once it says this.
    async fn received(&self, text: &str) -> Value {
        until(&format!("the phone shows {text:?}"), async || {
            let history = self.asked("/getUpdatesHistory", json!({ "token": TOKEN })).await;
            let all = history["result"].as_array().cloned().unwrap_or_default();
            all.into_iter().find(|update| update["message"]["text"] == text)
        })
        .await
    }
}

/// A message of hers, without what it says.
fn anna() -> Value {
    let chat = json!({ "id": ANNA, "first_name": "Anna", "type": "private" });
    json!({ "from": { "id": ANNA, "first_name": "Anna", "is_bot": false }, "chat": chat, "date": 1_767_225_600 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_talks_on_a_telegram_that_others_wrote() {
    let telegram = Telegram::start().await;
    let base = telegram.base.clone();
    let change = move |settings: &mut server::settings::Settings| {
        settings.endpoints.insert("telegram".to_owned(), base);
    };
    let house = House::open_with(Engine::Sqlite, change).await;
    let agent = &house.workspace.agent;
    let order = json!({ "kind": "telegram", "name": "Shop", "settings": { "bot_token": TOKEN } });
    let channel = house.workspace.owner.post("/channels", order).await;
    assert_eq!(channel["state"], "ready", "{channel}");

    telegram.says("Avete pane?").await;
    let conversation = until("the conversation", async || {
        let found = agent.list(&format!("/conversations?channel={}", text_of(&channel["id"]))).await;
        found.first().filter(|found| found["contact"]["name"] == "Anna").map(|found| text_of(&found["id"]))
    })
    .await;
    assert_eq!(agent.texts(&conversation).await, ["Avete pane?"]);

    let buttons = json!([[{ "label": "Bianco", "data": "white" }, { "label": "Integrale", "data": "brown" }]]);
    let order = json!({ "text": "Sì. Quale?", "buttons": buttons });
    let asked = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    agent.reaches(&conversation, &asked, "sent").await;
    let shown = telegram.received("Sì. Quale?").await;
    assert_eq!(shown["message"]["reply_markup"]["inline_keyboard"][0][1]["text"], "Integrale", "{shown}");

    let mut message = anna();
    (message["message_id"], message["reply_markup"]) =
        (shown["messageId"].clone(), shown["message"]["reply_markup"].clone());
    let data = &shown["message"]["reply_markup"]["inline_keyboard"][0][1]["callback_data"];
    let tap = json!({ "botToken": TOKEN, "from": anna()["from"], "message": message, "data": data });
    telegram.asked("/sendCallback", tap).await;
    until("the choice", async || {
        let messages = agent.messages(&conversation).await;
        messages.into_iter().find(|message| message["choice"] == "brown" && message["text"] == "Integrale")
    })
    .await;

    let path = format!("/messages/{}", text_of(&asked["id"]));
    agent.patch(&path, json!({ "text": "Sì. Quale preferisce?" })).await;
    telegram.received("Sì. Quale preferisce?").await;
    house.stop().await;
}
