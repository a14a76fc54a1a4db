//! What Meta tells of accounts and numbers.

use serde_json::{Value, json};
use simulator::graph::whatsapp::AccountCard;

use super::stage::{ACCOUNT, ANNA, APP, Hook, NUMBER, Stage};

#[tokio::test]
async fn a_numbers_quality_and_an_accounts_troubles_are_told() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    let sim = stage.whatsapp();
    sim.rate_number(NUMBER, "RED").expect("a number");
    sim.tell(ACCOUNT, "account_update", json!({ "event": "ACCOUNT_RESTRICTION" })).expect("an account");
    sim.complain(NUMBER, 131_031).expect("a number");
    assert!(sim.tell(ACCOUNT, "messages", json!({})).is_err());
    let told = hook.told(3).await;
    let change = |at: usize| told[at]["entry"][0]["changes"][0].clone();
    assert_eq!(change(0)["field"], "phone_number_quality_update");
    assert_eq!(change(0)["value"]["event"], "FLAGGED");
    assert_eq!(change(1)["value"]["event"], "ACCOUNT_RESTRICTION");
    assert!(told[1]["entry"][0]["time"].is_i64());
    assert_eq!(change(2)["value"]["errors"][0]["code"], 131_031);
    let number = stage.result("GET", &format!("{NUMBER}?fields=quality_rating"), Value::Null).await;
    assert_eq!(number["quality_rating"], "RED");
}

#[tokio::test]
async fn a_parent_company_has_an_id_for_everybody_too() {
    let stage = Stage::set().await;
    let account = AccountCard { parent: Some("1".to_owned()), app: Some(APP.to_owned()), ..AccountCard::default() };
    let account = stage.whatsapp().create_account(AccountCard { id: ACCOUNT.to_owned(), ..account });
    account.expect("an app");
    let hook = Hook::of(&stage).await;
    stage.greet();
    let value = hook.values(1).await[0].clone();
    let parent = value["contacts"][0]["parent_user_id"].as_str().expect("an id").to_owned();
    assert!(parent.starts_with("IT.ENT."), "{parent}");
    assert_eq!(value["messages"][0]["from_parent_user_id"], parent);
    let body = json!({ "messaging_product": "whatsapp", "recipient": parent, "type": "text", "text": { "body": "x" } });
    stage.send(body).await;
    assert_eq!(stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat").len(), 2);
}
