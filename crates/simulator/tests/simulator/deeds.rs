//! What people do, and what the bot hears of it.

use serde_json::{Value, json};
use simulator::telegram::{Person, Saying, Says, Upload};

use crate::stage::{Stage, TOKEN};

/// What waits for the bot now.
async fn updates(stage: &Stage) -> Vec<Value> {
    let updates = stage.result("getUpdates", json!({})).await;
    updates.as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn edits_are_told_and_deletions_are_not() {
    let stage = Stage::set().await;
    let id = stage.greet();
    stage.telegram().edit(TOKEN, stage.anna, None, id, "Ciao!").expect("her message");
    stage.telegram().delete(TOKEN, stage.anna, None, &[id]).expect("her message");
    let heard = updates(&stage).await;
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[1]["edited_message"]["text"], "Ciao!");
    assert_eq!(heard[1]["edited_message"]["message_id"], id);
    let numbers: Vec<_> = heard.iter().filter_map(|update| update["update_id"].as_i64()).collect();
    assert_eq!(numbers[1], numbers[0] + 1);
}

#[tokio::test]
async fn a_business_connection_tells_deletions_too() {
    let stage = Stage::set().await;
    let owner = stage.telegram().create_person(Person::named("Olga", "it")).id;
    let connection = stage.telegram().connect_business(TOKEN, owner).expect("a connection");
    let saying = Saying::text("Is it open?").through(&connection);
    let ids = stage.telegram().say(TOKEN, stage.anna, saying).expect("said");
    let answer = json!({ "chat_id": stage.anna, "text": "Yes", "business_connection_id": connection });
    let message = stage.result("sendMessage", answer).await;
    assert_eq!(message["from"]["id"], owner);
    assert_eq!(message["sender_business_bot"]["id"], 42);
    stage.telegram().edit(TOKEN, stage.anna, Some(&connection), ids[0], "Open?").expect("hers");
    stage.telegram().delete(TOKEN, stage.anna, Some(&connection), &ids).expect("hers");
    let heard = updates(&stage).await;
    let kinds = ["business_connection", "business_message", "edited_business_message", "deleted_business_messages"];
    for (update, kind) in heard.iter().zip(kinds) {
        assert!(update.get(kind).is_some(), "{kind}: {update}");
    }
    assert_eq!(heard[3]["deleted_business_messages"]["message_ids"], json!(ids));
    stage.telegram().disconnect_business(TOKEN, &connection).expect("a connection");
    let late = json!({ "chat_id": stage.anna, "text": "x", "business_connection_id": connection });
    assert_eq!(stage.refusal("sendMessage", late).await.0, 400);
}

#[tokio::test]
async fn every_kind_of_saying_arrives() {
    let stage = Stage::set().await;
    let upload = || Upload::new("a.bin", "application/x-test", "content").captioned("Look");
    let contact =
        Says::Contact { phone_number: "+3905550199".to_owned(), first_name: "Luca".to_owned(), last_name: None };
    let sayings = [
        (Says::Photo(upload()), "photo"),
        (Says::Document(upload()), "document"),
        (Says::Audio(upload()), "audio"),
        (Says::Voice(upload()), "voice"),
        (Says::Video(upload()), "video"),
        (Says::Sticker(upload()), "sticker"),
        (Says::Location { latitude: 45.0, longitude: 9.0 }, "location"),
        (contact, "contact"),
    ];
    for (says, _) in &sayings {
        stage.telegram().say(TOKEN, stage.anna, says.clone()).expect("said");
    }
    for (update, (_, field)) in updates(&stage).await.iter().zip(&sayings) {
        assert!(update["message"].get(field).is_some(), "{field}: {update}");
    }
}

#[tokio::test]
async fn an_album_shares_its_group() {
    let stage = Stage::set().await;
    let items = vec![Says::Photo(Upload::default()), Says::Video(Upload::default())];
    stage.telegram().say(TOKEN, stage.anna, Says::Album { items }).expect("said");
    let heard = updates(&stage).await;
    let groups: Vec<_> = heard.iter().map(|update| &update["message"]["media_group_id"]).collect();
    assert!(groups.len() == 2 && groups[0].is_string() && groups[0] == groups[1], "{heard:?}");
}

#[tokio::test]
async fn a_tap_is_answered_once() {
    let stage = Stage::set().await;
    stage.greet();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "yes" }]] });
    let asked = json!({ "chat_id": stage.anna, "text": "Well?", "reply_markup": keyboard });
    let id = stage.result("sendMessage", asked).await["message_id"].as_i64().expect("a number");
    assert!(stage.telegram().tap(TOKEN, stage.anna, id, "no").is_err());
    let query = stage.telegram().tap(TOKEN, stage.anna, id, "yes").expect("a button");
    let tapped = &updates(&stage).await[1]["callback_query"];
    assert_eq!((&tapped["id"], &tapped["data"]), (&json!(query), &json!("yes")));
    assert_eq!(tapped["message"]["message_id"], id);
    let answer = json!({ "callback_query_id": query, "text": "Good" });
    stage.result("answerCallbackQuery", answer.clone()).await;
    assert_eq!(stage.refusal("answerCallbackQuery", answer).await.0, 400);
}

#[tokio::test]
async fn who_blocked_the_bot_gets_nothing() {
    let stage = Stage::set().await;
    stage.greet();
    stage.telegram().set_blocked(TOKEN, stage.anna, true).expect("a person");
    let refused = stage.refusal("sendMessage", stage.words("Hello?")).await;
    assert_eq!(refused, (403, "Forbidden: bot was blocked by the user".to_owned()));
    stage.telegram().set_blocked(TOKEN, stage.anna, false).expect("a person");
    stage.result("sendMessage", stage.words("Hello!")).await;
    let heard = updates(&stage).await;
    let status = |at: usize| &heard[at]["my_chat_member"]["new_chat_member"]["status"];
    assert_eq!((status(1), status(2)), (&json!("kicked"), &json!("member")));
}

#[tokio::test]
async fn reactions_reach_a_bot_that_asks_for_them() {
    let stage = Stage::set().await;
    let id = stage.greet();
    stage.telegram().react(TOKEN, stage.anna, id, &["👍"]).expect("a message");
    let wanted = json!({ "allowed_updates": ["message_reaction"] });
    assert_eq!(stage.result("getUpdates", wanted).await.as_array().map(Vec::len), Some(1));
    stage.telegram().react(TOKEN, stage.anna, id, &["🎉"]).expect("a message");
    let heard = &updates(&stage).await[1]["message_reaction"];
    assert_eq!(heard["old_reaction"][0]["emoji"], "👍");
    assert_eq!(heard["new_reaction"][0]["emoji"], "🎉");
}
