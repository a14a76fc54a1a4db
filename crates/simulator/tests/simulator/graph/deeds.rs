//! What people do, and what businesses are told of it.

use serde_json::{Value, json};
use simulator::graph::whatsapp::{Card, NumberCard, Saying, Says};
use simulator::telegram::Upload;

use super::stage::{ANNA, ANNAS, Hook, NUMBER, Stage};

/// The message that is told of a deed.
async fn told(stage: &Stage, deed: impl AsyncFnOnce(&Stage)) -> Value {
    let hook = Hook::of(stage).await;
    deed(stage).await;
    hook.values(1).await[0]["messages"][0].clone()
}

async fn coexistence() -> Stage {
    Stage::with_number(NumberCard { coexistence: true, ..NumberCard::default() }).await
}

#[tokio::test]
async fn every_kind_of_message_has_its_form() {
    let stage = Stage::set().await;
    stage.result("GET", NUMBER, Value::Null).await;
    let file = || Upload { caption: Some("Ecco".to_owned()), ..Upload::default() };
    let cards = vec![Card { name: "Luca Bianchi".to_owned(), phone: "+39 02 555".to_owned() }];
    let place = Says::Location { latitude: 45.46, longitude: 9.19, name: Some("Duomo".to_owned()), address: None };
    let cases = [
        (Says::Image(file()), "image", "/image/caption", json!("Ecco")),
        (Says::Video(file()), "video", "/video/mime_type", json!("video/mp4")),
        (Says::Document(file()), "document", "/document/filename", json!("note.txt")),
        (Says::Voice(Upload::default()), "audio", "/audio/voice", json!(true)),
        (Says::Audio(Upload::default()), "audio", "/audio/voice", json!(false)),
        (Says::Sticker(Upload::default()), "sticker", "/sticker/animated", json!(false)),
        (place, "location", "/location/name", json!("Duomo")),
        (Says::Contacts { cards, asked_for: true }, "contacts", "/contacts/0/name/last_name", json!("Bianchi")),
        (Says::Order { order: json!({ "catalog_id": "1" }) }, "order", "/order/catalog_id", json!("1")),
        (Says::Unsupported { what: "poll".to_owned() }, "unsupported", "/errors/0/code", json!(131_051)),
    ];
    for (says, kind, pointer, expected) in cases {
        let message = told(&stage, async |stage: &Stage| {
            stage.whatsapp().say(NUMBER, ANNA, says).expect("Anna can write");
        });
        let message = message.await;
        assert_eq!((message["type"].as_str(), message.pointer(pointer)), (Some(kind), Some(&expected)), "{message}");
        if let Some(url) = message[kind].get("url").and_then(Value::as_str) {
            assert!(url.starts_with(&stage.base), "{url}");
        }
    }
}

#[tokio::test]
async fn answers_and_forwards_have_their_context() {
    let stage = Stage::set().await;
    let first = stage.greet();
    let answer = told(&stage, async |stage: &Stage| {
        let saying = Saying::text("Anzi").replying_to(&first);
        stage.whatsapp().say(NUMBER, ANNA, saying).expect("Anna can write");
    });
    assert_eq!(answer.await["context"], json!({ "from": "390255500199", "id": first }));
    let forwarded = told(&stage, async |stage: &Stage| {
        stage.whatsapp().say(NUMBER, ANNA, Saying::text("Guarda").forwarded()).expect("Anna can write");
    });
    assert_eq!(forwarded.await["context"], json!({ "forwarded": true }));
    let led = told(&stage, async |stage: &Stage| {
        let referral = Some(json!({ "source_type": "ad", "source_id": "1" }));
        let saying = Saying { referral, ..Saying::text("Salve") };
        stage.whatsapp().say(NUMBER, ANNA, saying).expect("Anna can write");
    });
    assert_eq!(led.await["referral"]["source_type"], "ad");
}

#[tokio::test]
async fn reactions_come_and_go() {
    let stage = Stage::set().await;
    stage.greet();
    let id = stage.send(Stage::words("x")).await;
    let react = async |emoji: Option<&str>| {
        let heard = told(&stage, async |stage: &Stage| {
            stage.whatsapp().react(NUMBER, ANNA, &id, emoji).expect("a message");
        });
        heard.await["reaction"].clone()
    };
    assert_eq!(react(Some("❤️")).await, json!({ "message_id": id, "emoji": "❤️" }));
    assert_eq!(react(None).await, json!({ "message_id": id }));
    assert!(stage.whatsapp().react(NUMBER, ANNA, "wamid.x", None).is_err());
}

#[tokio::test]
async fn edits_and_deletions_are_told_on_coexistence_numbers_only() {
    let stage = coexistence().await;
    let id = stage.greet();
    let edited = told(&stage, async |stage: &Stage| {
        stage.whatsapp().edit(NUMBER, ANNA, &id, "Ciao!").expect("her message");
    });
    let message = json!({ "type": "text", "text": { "body": "Ciao!" } });
    assert_eq!(edited.await["edit"], json!({ "original_message_id": id, "message": message }));
    let deleted = told(&stage, async |stage: &Stage| {
        stage.whatsapp().delete(NUMBER, ANNA, &id).expect("her message");
    });
    assert_eq!(deleted.await["revoke"], json!({ "original_message_id": id }));
    let plain = Stage::set().await;
    let id = plain.greet();
    let hook = Hook::of(&plain).await;
    plain.whatsapp().edit(NUMBER, ANNA, &id, "Ciao!").expect("her message");
    plain.whatsapp().delete(NUMBER, ANNA, &id).expect("her message");
    let heard = hook.values(1).await[0]["messages"][0].clone();
    assert_eq!((&heard["type"], &heard["unsupported"]["type"]), (&json!("unsupported"), &json!("edit")));
    let id = plain.greet();
    plain.clock.advance(15 * 60 * 1_000 + 1);
    assert!(plain.whatsapp().edit(NUMBER, ANNA, &id, "late").is_err());
}

#[tokio::test]
async fn the_business_s_own_phone_is_echoed() {
    let stage = coexistence().await;
    stage.greet();
    let hook = Hook::of(&stage).await;
    let sim = stage.whatsapp();
    let id = sim.echo(NUMBER, ANNA, Saying::text("Arrivo!")).expect("a coexistence number");
    sim.echo_edit(NUMBER, ANNA, &id, "Arrivo subito!").expect("her message");
    sim.echo_delete(NUMBER, ANNA, &id).expect("her message");
    let told = hook.told(3).await;
    assert!(told.iter().all(|body| body["entry"][0]["changes"][0]["field"] == "smb_message_echoes"));
    let echo = |at: usize| told[at]["entry"][0]["changes"][0]["value"]["message_echoes"][0].clone();
    let first = echo(0);
    assert_eq!((&first["from"], &first["to"], &first["id"]), (&json!("390255500199"), &json!(ANNAS), &json!(id)));
    assert_eq!(first["text"]["body"], "Arrivo!");
    assert_eq!(echo(1)["edit"]["original_message_id"], json!(id));
    assert_eq!(echo(2)["revoke"]["original_message_id"], json!(id));
    let plain = Stage::set().await;
    assert_eq!(plain.whatsapp().echo(NUMBER, ANNA, Saying::text("x")).expect_err("not there").code, 131_060);
}

#[tokio::test]
async fn a_new_number_is_a_new_id_and_told_without_contacts() {
    let stage = Stage::set().await;
    stage.greet();
    let old = stage.whatsapp().user_id(NUMBER, ANNA).expect("Anna");
    let hook = Hook::of(&stage).await;
    stage.whatsapp().change_number(ANNA, "+39 345 000 0001").expect("Anna");
    let new = stage.whatsapp().user_id(NUMBER, ANNA).expect("Anna");
    let value = hook.values(1).await[0].clone();
    let message = &value["messages"][0];
    assert!(value.get("contacts").is_none());
    assert_eq!((&message["from"], &message["from_user_id"]), (&json!(ANNAS), &json!(old)));
    let system = &message["system"];
    assert_eq!((&system["type"], &system["wa_id"]), (&json!("user_changed_number"), &json!("393450000001")));
    assert!(system["user_id"] == json!(new) && new != old);
    stage.whatsapp().change_person(ANNA, |anna| anna.hides_number = true).expect("Anna");
    stage.whatsapp().change_number(ANNA, "393450000002").expect("Anna");
    let hidden = hook.values(2).await[1]["messages"][0].clone();
    assert_eq!((&hidden["system"]["type"], hidden.get("from")), (&json!("user_changed_user_id"), None));
}

#[tokio::test]
async fn marketing_is_stopped_and_resumed() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    for stop in [true, true, false] {
        stage.whatsapp().stop_marketing(NUMBER, ANNA, stop).expect("Anna");
    }
    let told = hook.values(2).await;
    let words: Vec<_> = told.iter().map(|value| value["user_preferences"][0]["value"].clone()).collect();
    assert_eq!(words, ["stop", "resume"]);
    assert_eq!(told[0]["user_preferences"][0]["wa_id"], ANNAS);
    assert_eq!(told[0]["user_preferences"][0]["category"], "marketing_messages");
}

#[tokio::test]
async fn a_voice_message_is_played_once_and_receipts_may_be_kept() {
    let stage = Stage::set().await;
    stage.greet();
    let media = stage.upload("a.ogg", "audio/ogg", b"OggS").await;
    let hook = Hook::of(&stage).await;
    let id = stage.send(Stage::to_anna("audio", json!({ "id": media, "voice": true }))).await;
    stage.whatsapp().change_person(ANNA, |anna| anna.no_receipts = true).expect("Anna");
    stage.whatsapp().read(NUMBER, ANNA).expect("a chat");
    for _ in 0..2 {
        stage.whatsapp().play(NUMBER, ANNA, &id).expect("a message");
    }
    let words: Vec<_> = hook.statuses(3).await.iter().map(|status| status["status"].clone()).collect();
    assert_eq!(words, ["sent", "delivered", "played"]);
}

#[tokio::test]
async fn a_username_is_in_the_profile() {
    let stage = Stage::set().await;
    stage.whatsapp().change_person(ANNA, |anna| anna.username = Some("anna.r".to_owned())).expect("Anna");
    let hook = Hook::of(&stage).await;
    stage.greet();
    assert_eq!(hook.values(1).await[0]["contacts"][0]["profile"]["username"], "anna.r");
}
