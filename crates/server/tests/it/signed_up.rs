//! WhatsApp numbers that a member connects with Facebook, by an app that the operator set: opened, chosen among several, kept apart
//! from other workspaces' accounts, and opened anew.

use connect::Secret;
use http::Method;
use serde_json::{Value, json};
use simulator::graph::whatsapp::{AccountCard, NumberCard, Person};
use simulator::graph::{AppCard, SignUp};

use crate::client::{Answer, Client, text_of};
use crate::house::{Engine, House, Workspace, until};

const APP: &str = "900000000000007";
const APP_SECRET: &str = "the-operators-own-secret";
const CONFIG: &str = "800000000000007";
const ACCOUNT: &str = "100000000000007";

/// As `both_engines!`, in a house whose operator set an app.
macro_rules! with_an_app {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let house = super::open(crate::house::Engine::Sqlite).await;
                super::$name(&house).await;
                house.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let house = super::open(crate::house::Engine::Postgres).await;
                super::$name(&house).await;
                house.close().await;
            }
        }
    )* };
}

with_an_app!(
    a_number_is_opened_by_who_asked_for_it,
    what_is_not_shared_is_not_opened,
    of_several_numbers_a_member_chooses,
    a_token_that_is_taken_back_is_given_again,
);

async fn open(engine: Engine) -> House {
    let apps = [("app_id", APP), ("app_secret", APP_SECRET), ("config_id", CONFIG)];
    let house = House::open_with(engine, |settings| {
        settings.apps = apps.map(|(key, value)| (format!("whatsapp_{key}"), Secret::new(value))).into();
    })
    .await;
    let card =
        AppCard { id: APP.to_owned(), secret: APP_SECRET.to_owned(), requires_proof: true, ..AppCard::default() };
    house.simulator.graph().create_app(card);
    business(&house, ACCOUNT);
    house
}

fn business(house: &House, id: &str) {
    let card = AccountCard { id: id.to_owned(), name: "Shop".to_owned(), ..AccountCard::default() };
    house.simulator.whatsapp().create_account(card).unwrap();
}

fn number(house: &House, id: &str, differs: impl FnOnce(&mut NumberCard)) {
    let mut card = NumberCard { id: id.to_owned(), account: ACCOUNT.to_owned(), ..NumberCard::default() };
    differs(&mut card);
    house.simulator.whatsapp().create_number(card).unwrap();
}

/// Who comes to Facebook's page next shares these business accounts.
fn shares(house: &House, accounts: &[&str]) {
    let accounts = accounts.iter().map(|&account| account.to_owned()).collect();
    house.simulator.graph().set_signup(APP, SignUp { config: CONFIG.to_owned(), accounts, ..SignUp::default() });
}

/// A channel, and who connects it.
struct Way<'a> {
    house: &'a House,
    workspace: Workspace,
    channel: String,
}

impl<'a> Way<'a> {
    async fn new(house: &'a House, settings: Value) -> Self {
        let workspace = house.another_workspace().await;
        let order = json!({ "kind": "whatsapp", "name": "Shop", "settings": settings });
        let channel = workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state_reason"], "not_authorised", "{channel}");
        Self { house, workspace, channel: text_of(&channel["id"]) }
    }

    fn path(&self, rest: &str) -> String {
        format!("/channels/{}{rest}", self.channel)
    }

    async fn shown(&self) -> Value {
        let shown = self.workspace.owner.get(&self.path("")).await;
        let tokens = ["EAA", APP_SECRET];
        assert!(!tokens.iter().any(|secret| shown.to_string().contains(secret)), "a secret is never returned: {shown}");
        shown
    }

    /// Where the member's browser is sent, and the cookie that goes with it.
    async fn begin(&self) -> (String, String) {
        let begun = self.workspace.owner.call(Method::POST, &self.path("/authorization"), None).await;
        let cookie = begun.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let url = text_of(&begun.json(201)["url"]);
        assert!(!url.contains(APP_SECRET), "no secret in an address");
        (url, cookie)
    }

    /// The page at Facebook; where the browser is sent back to.
    async fn allows(&self, url: &str) -> String {
        let page = self.house.nobody().at("").call(Method::GET, url, None).await;
        page.headers["location"].to_str().unwrap().to_owned()
    }

    async fn back(&self, url: &str, cookie: &str) -> Answer {
        self.house.nobody().at("").with("cookie", cookie).call(Method::GET, url, None).await
    }

    /// All of it; what the channel says then.
    async fn connect(&self) -> Value {
        let (url, cookie) = self.begin().await;
        let back = self.back(&self.allows(&url).await, &cookie).await;
        assert_eq!(back.status.as_u16(), 303, "{}", back.text());
        self.shown().await
    }

    async fn reason(&self) -> String {
        let shown = self.connect().await;
        assert_eq!(shown["state"], "needs_attention", "{shown}");
        assert!(shown["state_detail"].as_str().is_some_and(|words| words.len() > 20), "{shown}");
        text_of(&shown["state_reason"])
    }

    fn agent(&self) -> &Client {
        &self.workspace.agent
    }

    /// Somebody writes to a number; the conversation.
    async fn hears(&self, number: &str, text: &str) -> String {
        let whatsapp = self.house.simulator.whatsapp();
        let person = whatsapp.create_person(Person::named("Anna", "")).id;
        whatsapp.say_text(number, &person, text).unwrap();
        let path = format!("/conversations?channel={}", self.channel);
        until("a conversation", async || {
            for found in self.agent().list(&path).await {
                let id = text_of(&found["id"]);
                if self.agent().texts(&id).await.iter().any(|known| known == text) {
                    return Some(id);
                }
            }
            None
        })
        .await
    }

    /// Waits until the provider has a message, and perhaps its recipient too.
    async fn goes_out(&self, conversation: &str, message: &Value) {
        let id = text_of(&message["id"]);
        until("it goes out", async || {
            self.house.clock.advance(2_000);
            let state = text_of(&self.agent().message(conversation, &id).await["state"]);
            ["sent", "delivered", "read"].contains(&state.as_str()).then_some(())
        })
        .await;
    }
}

async fn a_number_is_opened_by_who_asked_for_it(house: &House) {
    number(house, "207", |card| card.unregistered = true);
    shares(house, &[ACCOUNT]);
    let way = Way::new(house, json!({})).await;
    let kinds = way.workspace.owner.list("/channels/kinds").await;
    let offered = |kind: &str| kinds.iter().find(|one| one["kind"] == kind).map(|one| one["signs_in"] == true);
    assert_eq!((offered("whatsapp"), offered("gmail"), offered("telegram")), (Some(true), Some(false), Some(false)));
    way.agent().call(Method::POST, &way.path("/authorization"), None).await.problem(403, "forbidden");
    house.workspace.owner.call(Method::POST, &way.path("/authorization"), None).await.problem(404, "not_found");
    let (url, cookie) = way.begin().await;
    let (_, other_cookie) = way.begin().await;
    let back = way.allows(&url).await;
    for (url, cookie) in [
        (back.as_str(), "parloir_authorization="),
        (&back, &other_cookie),
        (&back.replace("state=", "state=x"), &cookie),
    ] {
        way.back(url, cookie).await.problem(403, "forbidden");
    }
    assert_eq!(way.shown().await["state_reason"], "not_authorised", "nothing was opened");
    assert_eq!(way.back(&back, &cookie).await.status.as_u16(), 303);
    let shown = way.shown().await;
    assert_eq!(shown["state"], "ready", "{shown}");
    let settings = &shown["settings"];
    assert_eq!((&settings["phone_number_id"], &settings["business_account_id"]), (&json!("207"), &json!(ACCOUNT)));
    assert_eq!(way.back(&back, &cookie).await.status.as_u16(), 303, "a code is good once");
    assert_eq!(way.shown().await["state"], "ready", "which changes nothing");
    // Nobody entered a hook at Meta: the account's news come to the channel's own.
    let conversation = way.hears("207", "Is there bread?").await;
    let reply = way.agent().say(&conversation, "Yes, until six.").await;
    way.goes_out(&conversation, &reply).await;
    // The app's secret is the operator's: no other business's account is put beside it.
    let elsewhere = json!({ "settings": { "business_account_id": "100000000000008" } });
    way.workspace.owner.call(Method::PATCH, &way.path(""), Some(&elsewhere)).await.problem(422, "invalid");
}

async fn what_is_not_shared_is_not_opened(house: &House) {
    let way = Way::new(house, json!({ "onboarding": "app" })).await;
    shares(house, &[]);
    assert_eq!(way.reason().await, "nothing_shared");
    shares(house, &[ACCOUNT]);
    assert_eq!(way.reason().await, "number_missing");
    let refuses = SignUp { config: CONFIG.to_owned(), refuses: true, ..SignUp::default() };
    house.simulator.graph().set_signup(APP, refuses);
    assert_eq!(way.reason().await, "not_allowed");
    // A number that has a PIN is opened by who knows it.
    number(house, "207", |card| {
        card.unregistered = true;
        "123456".clone_into(&mut card.pin);
    });
    shares(house, &[ACCOUNT]);
    assert_eq!(way.reason().await, "pin_wrong");
    way.workspace.owner.patch(&way.path(""), json!({ "settings": { "pin": "123456" } })).await;
    assert_eq!(way.connect().await["state"], "ready");
    // Another workspace's business does not take its place, nor does a number that was only claimed.
    business(house, "100000000000008");
    shares(house, &["100000000000008"]);
    number(house, "208", |card| "100000000000008".clone_into(&mut card.account));
    let claimed = json!({ "phone_number_id": "207", "business_account_id": ACCOUNT, "access_token": "EAAwrong" });
    let workspace = house.another_workspace().await;
    let order = json!({ "kind": "whatsapp", "name": "Not mine", "settings": claimed });
    let channel = workspace.owner.post("/channels", order).await;
    assert_eq!(channel["state"], "needs_attention", "{channel}");
    let theirs = Way { house, workspace, channel: text_of(&channel["id"]) };
    assert_eq!(theirs.reason().await, "reauthorise", "and so it stays");
    assert!(
        !theirs.shown().await["secrets_set"].to_string().contains("app_secret"),
        "nothing of the app is given away"
    );
    way.hears("207", "For the shop alone").await;
    house.quiet().await;
    assert!(theirs.agent().list("/conversations").await.is_empty(), "what is claimed brings nothing");
}

async fn of_several_numbers_a_member_chooses(house: &House) {
    for id in ["207", "208"] {
        number(house, id, |card| card.coexistence = id == "208");
    }
    shares(house, &[ACCOUNT]);
    let way = Way::new(house, json!({})).await;
    assert_eq!(way.reason().await, "account_not_chosen");
    let shown = way.shown().await;
    let choices = shown["choices"].as_array().unwrap();
    assert_eq!(choices.iter().map(|choice| text_of(&choice["id"])).collect::<Vec<_>>(), ["207", "208"]);
    assert!(choices.iter().all(|choice| text_of(&choice["label"]).starts_with('+')), "{shown}");
    let path = way.path("/choice");
    let chooses = |id: &str| json!({ "account": id });
    way.agent().call(Method::POST, &path, Some(&chooses("208"))).await.problem(403, "forbidden");
    let wrong = way.workspace.owner.call(Method::POST, &path, Some(&chooses("999"))).await.json(200);
    assert_eq!((&wrong["state"], &wrong["state_reason"]), (&json!("needs_attention"), &json!("number_not_shared")));
    assert_eq!(wrong["choices"].as_array().map(Vec::len), Some(2), "they can still be chosen from");
    let chosen = way.workspace.owner.call(Method::POST, &path, Some(&chooses("208"))).await.json(200);
    assert_eq!((&chosen["state"], &chosen["settings"]["phone_number_id"]), (&json!("ready"), &json!("208")));
    assert_eq!(chosen["choices"], json!([]));
    way.hears("208", "hello").await;
    // Connected anew, it stays with its number, however many are shared.
    assert_eq!(way.connect().await["settings"]["phone_number_id"], "208");
}

async fn a_token_that_is_taken_back_is_given_again(house: &House) {
    number(house, "207", |_| ());
    shares(house, &[ACCOUNT]);
    let way = Way::new(house, json!({})).await;
    assert_eq!(way.connect().await["state"], "ready");
    let conversation = way.hears("207", "hello").await;
    house.simulator.graph().revoke_all(APP);
    let message = way.agent().say(&conversation, "waits").await;
    until("it needs attention", async || {
        house.clock.advance(2_000);
        (way.shown().await["state_reason"] == "reauthorise").then_some(())
    })
    .await;
    assert_eq!(way.agent().message(&conversation, &text_of(&message["id"])).await["state"], "queued");
    assert_eq!(way.connect().await["state"], "ready");
    way.goes_out(&conversation, &message).await;
}
