//! A thousand messages in one delivery: durable before they are acknowledged, each stored once, within seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::json;
use simulator::graph::whatsapp::{AccountCard, NumberCard};
use simulator::graph::{AppCard, TokenCard};
use simulator::{Options, Simulator};
use tokio::time::Instant;
use vault::testing::postgres::TestDatabase;

use crate::client::{Client, text_of};
use crate::house::until;
use crate::number::{App, delivery};
use crate::process::{Installation, as_address};

/// Updates that Meta brings in one delivery at most.
const UPDATES: usize = 1_000;
const PEOPLE: usize = 50;
/// How long all of it may take on a slow machine that does other things too.
const SECONDS: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_in_one_delivery_outlive_a_kill_on_sqlite() {
    outlive_a_kill(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_in_one_delivery_outlive_a_kill_on_postgres() {
    let database = tokio::task::spawn_blocking(TestDatabase::create).await.unwrap();
    outlive_a_kill(Some(&database.url)).await;
    tokio::task::spawn_blocking(move || drop(database)).await.unwrap();
}

/// The moment the delivery is acknowledged the program is killed; another finds all of it.
async fn outlive_a_kill(database: Option<&str>) {
    let simulator = Simulator::new(Options::default());
    let endpoint = simulator.start().await.unwrap();
    let database = database.map(as_address);
    let mut settings = vec![("PARLOIR_ENDPOINTS_GRAPH", endpoint.as_str())];
    settings.extend(database.as_deref().map(|address| ("PARLOIR_DATABASE", address)));
    let installation = Installation::new(&settings);
    let workspace = installation.workspace("Bäckerei Nord");
    let member = installation.client(&installation.member(&workspace, "Ada", "ada@example.org", "owner"));
    let process = installation.start().await;
    let hook = connect(&installation, &simulator, &member).await;
    let began = Instant::now();
    assert_eq!(hook.post().await, 200);
    process.kill();
    let process = installation.start().await;
    all_are_stored(&member).await;
    assert!(began.elapsed() < SECONDS, "it took {:?}", began.elapsed());
    // A provider whose answer was lost brings the same again.
    assert_eq!(hook.post().await, 200);
    // What comes after it is applied after it.
    assert_eq!(hook.post_one("ultimo").await, 200);
    until("what came last is there", async || {
        let last = member.list("/conversations?limit=1").await;
        (last[0]["last_message"]["text"] == "ultimo").then_some(())
    })
    .await;
    each_is_there_once(&member, 1).await;
    process.stop().await;
    assert!(!installation.log().contains("panicked"), "{}", installation.log());
}

/// Where deliveries are posted, and how they are signed.
struct Hook {
    url: String,
    secret: String,
    account: String,
    number: String,
}

impl Hook {
    /// The thousand.
    async fn post(&self) -> u16 {
        let messages = (0..UPDATES).map(|count| (count % PEOPLE, format!("wamid.{count}"), format!("numero {count}")));
        self.deliver(messages.collect()).await
    }

    /// One of somebody else.
    async fn post_one(&self, text: &str) -> u16 {
        self.deliver(vec![(PEOPLE, "wamid.last".to_owned(), text.to_owned())]).await
    }

    /// One delivery, one entry, one change: messages of these people, by number, with their ids and texts.
    async fn deliver(&self, messages: Vec<(usize, String, String)>) -> u16 {
        let person = |index: usize| format!("39333{index:07}");
        let contacts = (0..=PEOPLE)
            .map(|index| json!({ "profile": { "name": format!("Person {index}") }, "wa_id": person(index) }));
        let messages = messages.into_iter().map(|(whose, id, text)| {
            json!({ "from": person(whose), "id": id, "timestamp": "1760000000", "type": "text", "text": { "body": text } })
        });
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "390255500000", "phone_number_id": self.number },
            "contacts": contacts.collect::<Vec<_>>(), "messages": messages.collect::<Vec<_>>(),
        });
        let entry = json!({ "id": self.account, "changes": [{ "field": "messages", "value": value }] });
        let body = delivery(&[entry]).to_string();
        assert!(body.len() < 3 << 20, "no larger than Meta's own");
        let client = Client::new("").with("x-hub-signature-256", &App::signed(&self.secret, body.as_bytes()));
        client.send(Method::POST, &self.url, "application/json", body).await.status.as_u16()
    }
}

async fn connect(installation: &Installation, simulator: &Simulator, member: &Client) -> Hook {
    let (graph, whatsapp) = (simulator.graph(), simulator.whatsapp());
    let app = graph.create_app(AppCard { requires_proof: true, ..AppCard::default() });
    let token = graph.create_token(TokenCard { app: app.id.clone(), ..TokenCard::default() }).unwrap().token;
    let account = whatsapp.create_account(AccountCard { name: "Shop".into(), ..AccountCard::default() }).unwrap().id;
    let card = NumberCard { account: account.clone(), ..NumberCard::default() };
    let number = whatsapp.create_number(card).unwrap().id;
    let settings = json!({ "phone_number_id": number, "business_account_id": account, "access_token": token,
                           "app_secret": app.secret });
    let channel = member.post("/channels", json!({ "kind": "whatsapp", "name": "Shop", "settings": settings })).await;
    assert_eq!(channel["state"], "ready", "{channel}");
    let url = text_of(&channel["hook_url"]);
    let path = url.strip_prefix(&installation.base()).unwrap_or(&url);
    Hook { url: format!("{}{path}", installation.base()), secret: app.secret, account, number }
}

async fn all_are_stored(member: &Client) {
    until("all of it is stored", async || {
        let conversations = member.list("/conversations?limit=100").await;
        let unread: u64 = conversations.iter().filter_map(|it| it["unread_count"].as_u64()).sum();
        (unread >= UPDATES as u64).then_some(())
    })
    .await;
    each_is_there_once(member, 0).await;
}

/// One conversation for each person, with exactly their messages in the order in which they came; and so many of others.
async fn each_is_there_once(member: &Client, others: usize) {
    let conversations = member.list("/conversations?limit=100").await;
    let mut said = BTreeMap::new();
    for conversation in &conversations {
        said.insert(text_of(&conversation["contact"]["name"]), member.texts(&text_of(&conversation["id"])).await);
    }
    assert_eq!((conversations.len(), said.len()), (PEOPLE + others, PEOPLE + others));
    for index in 0..PEOPLE {
        let expected: Vec<String> =
            (0..UPDATES).filter(|count| count % PEOPLE == index).map(|count| format!("numero {count}")).collect();
        assert_eq!(said[&format!("Person {index}")], expected);
    }
}
