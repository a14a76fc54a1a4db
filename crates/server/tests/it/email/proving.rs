//! A code by mail: to the address that was said, in a mail of its own, and in no conversation.

use http::Method;
use serde_json::json;

use super::servers::Servers;
use super::{Shop, field, mail, received, with_mail_servers};
use crate::client::text_of;
use crate::house::House;

with_mail_servers!(a_code_comes_by_mail_and_is_in_no_conversation);

const FORM: &str = "application/x-www-form-urlencoded";

async fn a_code_comes_by_mail_and_is_in_no_conversation(house: &House, servers: &Servers) {
    let shop = Shop::connect(house, servers).await;
    let anna = servers.dovecot.mailbox();
    shop.mailbox.deliver(&mail("ask@anna.example", &anna.address, &shop.mailbox.address, "Cancellate i miei dati"));
    let (_, message) = shop.arrived("Cancellate i miei dati").await;
    assert_eq!(message["asks"], "erasure", "{message}");
    let (nobody, path) = (house.nobody(), format!("/p/{}/request", house.workspace.operator.workspace()));
    let form = format!("kind=erasure&address={}", anna.address.to_uppercase().replace('@', "%40"));
    let asked = nobody.send(Method::POST, &format!("{path}?lang=it"), FORM, form).await.text();
    assert!(asked.contains("Cerchi un codice"), "{asked}");
    let claim =
        asked.split("name=\"claim\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let got = received(&anna, "il Suo codice").await;
    assert!(field(&got, "Subject").contains("codice") && !field(&got, "Subject").contains("Re:"), "{got}");
    assert_eq!(field(&got, "Auto-Submitted"), "auto-generated", "machines do not answer it: {got}");
    let eight = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = got.split_whitespace().find(eight).expect("a code").to_owned();
    house.quiet().await;
    assert_eq!(shop.texts().await, ["Cancellate i miei dati"], "members do not read it");
    let told = format!("claim={claim}&code={code}");
    let done = nobody.send(Method::POST, &format!("{path}/code?lang=it"), FORM, told).await.text();
    assert!(done.contains("si sa che"), "{done}");
    let request = house.workspace.owner.list("/requests").await.remove(0);
    assert_eq!((&request["verified_by"], &request["came_by"]), (&json!("code"), &json!("page")));
    recorded_once(house, &text_of(&message["id"]), &text_of(&message["conversation_id"])).await;
}

/// The message that says the same is recorded by a member, once, and then no longer offered.
async fn recorded_once(house: &House, message: &str, conversation: &str) {
    let agent = &house.workspace.agent;
    let order = json!({ "kind": "erasure", "came_by": "conversation", "message_id": message });
    let made = agent.post("/requests", order.clone()).await;
    assert_eq!((&made["text"], &made["conversation_id"]), (&json!("Cancellate i miei dati"), &json!(conversation)));
    assert!(made["contact_id"].is_string() && made["verified_at"].is_null(), "{made}");
    agent.call(Method::POST, "/requests", Some(&order)).await.problem(409, "already_exists");
    assert!(agent.message(conversation, message).await["asks"].is_null());
    let both =
        json!({ "kind": "erasure", "came_by": "conversation", "message_id": message, "conversation_id": conversation });
    agent.call(Method::POST, "/requests", Some(&both)).await.problem(422, "invalid");
    let answer = text_of(&agent.say(conversation, "Delete my data").await["id"]);
    let own = json!({ "kind": "erasure", "came_by": "conversation", "message_id": answer });
    agent.call(Method::POST, "/requests", Some(&own)).await.problem(422, "invalid");
    let stranger = house.another_workspace().await.owner;
    stranger.call(Method::POST, "/requests", Some(&order)).await.problem(404, "not_found");
    let viewer = &house.workspace.viewer;
    viewer.call(Method::POST, "/requests", Some(&order)).await.problem(403, "forbidden");
}
