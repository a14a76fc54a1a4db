//! Pages and professional accounts: who may be written to and when, and what an app is told of it.

use serde_json::{Value, json};
use simulator::graph::pages::{Hand, PageCard, Pages};
use simulator::graph::{TokenCard, signed_request};

use super::stage::{APP, SECRET, Stage};

const DAY_MS: i64 = 24 * 3_600 * 1_000;
const PAGE: &str = "300000000000001";
const TOKEN: &str = "EAApage";

struct Shop {
    stage: Stage,
    pages: Pages,
    anna: String,
}

impl Shop {
    async fn set(object: &str) -> Self {
        let stage = Stage::set().await;
        let pages = stage.simulator.pages();
        let permissions = ["pages_messaging", "instagram_business_manage_messages"].map(str::to_owned).into();
        let token = TokenCard { token: TOKEN.to_owned(), app: APP.to_owned(), permissions, ..TokenCard::default() };
        stage.graph().create_token(token).expect("a known app");
        let card = PageCard { id: PAGE.to_owned(), object: object.to_owned(), ..PageCard::default() };
        pages.create_account(PageCard { human_agent: true, ..card });
        let anna = pages.create_person("Anna Rossi", &[APP]);
        Self { stage, pages, anna }
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.stage.call_with(TOKEN, method, path, body).await.expect("an answer")
    }

    /// By which number the page knows Anna, as her first message says.
    async fn greet(&self) -> String {
        self.pages.say(PAGE, &self.anna, "Ciao", json!({})).expect("a known page");
        let (_, told) = self.call("GET", &format!("{PAGE}/subscribed_apps"), Value::Null).await;
        assert!(told["data"].is_array());
        self.pages.number_at_account(&self.anna, PAGE).expect("she wrote")
    }

    /// Sends a text; the status, and Meta's code and subcode where it was refused.
    async fn send(&self, to: &str, more: Value) -> (u16, i64, i64) {
        let mut body = json!({ "recipient": { "id": to }, "messaging_type": "RESPONSE", "message": { "text": "x" } });
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        let (status, answer) = self.call("POST", &format!("{PAGE}/messages"), body).await;
        let number = |name: &str| answer["error"][name].as_i64().unwrap_or_default();
        (status, number("code"), number("error_subcode"))
    }
}

#[tokio::test]
async fn the_window_closes_after_a_day_and_for_people_after_seven() {
    let shop = Shop::set("page").await;
    let anna = shop.greet().await;
    let tagged = json!({ "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT" });
    assert_eq!(shop.send(&anna, json!({})).await.0, 200);
    shop.stage.clock.advance(DAY_MS + 1);
    assert_eq!(shop.send(&anna, json!({})).await, (403, 10, 2_018_278));
    assert_eq!(shop.send(&anna, tagged.clone()).await.0, 200);
    shop.stage.clock.advance(6 * DAY_MS);
    assert_eq!(shop.send(&anna, tagged).await, (403, 10, 2_018_278));
    assert_eq!(shop.send("4242", json!({})).await, (400, 100, 2_018_001));
    let texts: Vec<_> = shop.pages.transcript(PAGE, &shop.anna).into_iter().filter_map(|line| line.tag).collect();
    assert_eq!(texts, ["HUMAN_AGENT"]);
}

#[tokio::test]
async fn while_another_app_has_it_nothing_is_taken() {
    let shop = Shop::set("page").await;
    let anna = shop.greet().await;
    shop.pages.hand(PAGE, &shop.anna, APP, Hand::Another).expect("a known page");
    assert_eq!(shop.send(&anna, json!({})).await, (403, 10, 2_018_300));
    shop.pages.hand(PAGE, &shop.anna, APP, Hand::Ours).expect("a known page");
    assert_eq!(shop.send(&anna, json!({})).await.0, 200);
}

#[tokio::test]
async fn lengths_are_counted_as_each_counts_them() {
    for (object, longest) in [("page", 2_000), ("instagram", 500)] {
        let shop = Shop::set(object).await;
        let anna = shop.greet().await;
        let text = |length: usize| json!({ "message": { "text": "\u{e8}".repeat(length) } });
        assert_eq!(shop.send(&anna, text(longest)).await.0, 200, "{object}");
        assert_eq!(shop.send(&anna, text(longest + 1)).await.1, 100, "{object}");
    }
}

#[tokio::test]
async fn a_person_is_known_by_page_and_by_app() {
    let shop = Shop::set("page").await;
    let anna = shop.greet().await;
    let (_, person) = shop.call("GET", &anna, Value::Null).await;
    assert_eq!((&person["first_name"], &person["last_name"]), (&json!("Anna"), &json!("Rossi")));
    let (_, ids) = shop.call("GET", &format!("{anna}/ids_for_apps"), Value::Null).await;
    assert_eq!(ids["data"][0]["app"]["id"], APP);
    assert_eq!(ids["data"][0]["id"].as_str().map(str::to_owned), shop.pages.number_at_app(&shop.anna, APP));
    let signed = signed_request(SECRET, "218471", 1_291_836_800);
    assert!(signed.split('.').count() == 2 && !signed.contains(['=', '+', '/']));
}
