//! What a message may say.

use serde_json::{Value, json};
use simulator::graph::whatsapp::Shown;

use super::stage::{ANNA, NUMBER, Stage};

async fn open() -> Stage {
    let stage = Stage::set().await;
    stage.greet();
    stage
}

fn last(stage: &Stage) -> Shown {
    stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat").pop().expect("a message")
}

fn buttons(count: usize) -> Value {
    let button = |id| json!({ "type": "reply", "reply": { "id": format!("b{id}"), "title": format!("Button {id}") } });
    let action = json!({ "buttons": (0..count).map(button).collect::<Vec<_>>() });
    json!({
        "type": "button", "header": { "type": "text", "text": "Shop" }, "body": { "text": "Which?" },
        "footer": { "text": "Choose" }, "action": action,
    })
}

fn list(rows: usize) -> Value {
    let row = |id| json!({ "id": format!("r{id}"), "title": format!("Row {id}"), "description": "More" });
    let sections = json!([{ "title": "All", "rows": (0..rows).map(row).collect::<Vec<_>>() }]);
    json!({ "type": "list", "body": { "text": "Which?" }, "action": { "button": "Open", "sections": sections } })
}

#[tokio::test]
async fn texts_have_a_longest() {
    let stage = open().await;
    stage.send(Stage::words(&"ä".repeat(4_096))).await;
    assert_eq!(stage.send_refused(Stage::words(&"ä".repeat(4_097))).await, (400, 100));
    assert_eq!(stage.send_refused(Stage::words("")).await, (400, 131_008));
    assert_eq!(stage.send_refused(Stage::to_anna("poll", json!({}))).await, (400, 100));
}

#[tokio::test]
async fn an_answer_quotes() {
    let stage = Stage::set().await;
    let quoted = stage.greet();
    let mut body = Stage::words("Yes");
    body["context"] = json!({ "message_id": quoted });
    stage.send(body).await;
    assert_eq!(last(&stage).reply_to, Some(quoted));
}

#[tokio::test]
async fn buttons_and_lists_are_tapped() {
    let stage = open().await;
    let id = stage.send(Stage::to_anna("interactive", buttons(3))).await;
    let shown = last(&stage);
    assert_eq!((shown.text.as_deref(), shown.footer.as_deref()), (Some("Which?"), Some("Choose")));
    assert_eq!((shown.header, shown.buttons.len()), (Some(json!("Shop")), 3));
    stage.whatsapp().tap(NUMBER, ANNA, &id, "b1").expect("a button");
    assert_eq!(last(&stage).text.as_deref(), Some("Button 1"));
    assert!(stage.whatsapp().tap(NUMBER, ANNA, &id, "b9").is_err());
    let id = stage.send(Stage::to_anna("interactive", list(10))).await;
    assert!(last(&stage).list.is_some());
    stage.whatsapp().tap(NUMBER, ANNA, &id, "r4").expect("a row");
    assert_eq!((last(&stage).text.as_deref(), last(&stage).reply_to), (Some("Row 4"), Some(id)));
}

#[tokio::test]
async fn buttons_and_lists_have_their_limits() {
    let stage = open().await;
    let mut twice = buttons(2);
    twice["action"]["buttons"][1]["reply"]["id"] = json!("b0");
    let mut long = list(1);
    long["action"]["sections"][0]["rows"][0]["title"] = json!("x".repeat(25));
    let mut silent = buttons(1);
    silent.as_object_mut().expect("an object").remove("body");
    let cases = [
        (buttons(0), 131_009),
        (buttons(4), 131_009),
        (twice, 131_009),
        (list(0), 131_009),
        (list(11), 131_009),
        (long, 100),
        (silent, 131_008),
        (json!({ "type": "flow", "body": { "text": "x" }, "action": {} }), 100),
    ];
    for (content, code) in cases {
        assert_eq!(stage.send_refused(Stage::to_anna("interactive", content.clone())).await, (400, code), "{content}");
    }
}

#[tokio::test]
async fn a_link_is_a_button() {
    let stage = open().await;
    let parameters = json!({ "display_text": "Open", "url": "https://shop.example" });
    let link = json!({ "type": "cta_url", "body": { "text": "See" }, "action": { "name": "cta_url", "parameters": parameters } });
    stage.send(Stage::to_anna("interactive", link)).await;
    assert_eq!(last(&stage).buttons[0]["url"], "https://shop.example");
}

#[tokio::test]
async fn places_and_contacts_are_checked() {
    let stage = open().await;
    let place = json!({ "latitude": 45.46, "longitude": 9.19, "name": "Duomo" });
    stage.send(Stage::to_anna("location", place)).await;
    assert_eq!(last(&stage).body.expect("a place")["name"], "Duomo");
    let beyond = json!({ "latitude": 145.0, "longitude": 9.19 });
    assert_eq!(stage.send_refused(Stage::to_anna("location", beyond)).await, (400, 131_009));
    let card = json!([{ "name": { "formatted_name": "Luca", "first_name": "Luca" } }]);
    stage.send(Stage::to_anna("contacts", card)).await;
    assert_eq!(last(&stage).body.expect("a card")[0]["name"]["formatted_name"], "Luca");
    assert_eq!(stage.send_refused(Stage::to_anna("contacts", json!([{}]))).await, (400, 131_009));
}

#[tokio::test]
async fn the_business_reacts_for_thirty_days() {
    let stage = Stage::set().await;
    let id = stage.greet();
    let reaction = |emoji: &str| Stage::to_anna("reaction", json!({ "message_id": id, "emoji": emoji }));
    stage.send(reaction("🎉")).await;
    assert_eq!(last(&stage).business_reaction.as_deref(), Some("🎉"));
    stage.send(reaction("")).await;
    assert_eq!(last(&stage).business_reaction, None);
    stage.clock.advance(30 * 24 * 3_600 * 1_000 + 1);
    stage.greet();
    assert_eq!(stage.send_refused(reaction("🎉")).await, (400, 131_009));
}
