//! What comes in doubled, late, shuffled and all at once is kept once and in order.

use http::Method;
use serde_json::{Value, json};
use simulator::faults::{DeliveryFault, Order};

use crate::bot::Bot;
use crate::client::{Client, text_of};
use crate::house::{House, until};

both_engines!(
    duplicates_are_one_message,
    a_hundred_messages_keep_their_order,
    an_edit_that_overtakes_its_message_is_one_message,
    a_wrong_secret_stores_nothing,
    who_was_renamed_by_a_member_stays_so,
);

/// Posts an update as Telegram would, with the secret that the channel told it.
async fn post(house: &House, bot: &Bot, update: &Value, secret: &str) -> u16 {
    let path = bot.hook_url.strip_prefix(&house.base).unwrap();
    let client = house.nobody().with("x-telegram-bot-api-secret-token", secret);
    client.call(Method::POST, path, Some(update)).await.status.as_u16()
}

/// The hook's secret, which only the platform and Telegram know.
async fn secret(house: &House, bot: &Bot) -> String {
    let channel: vault::ChannelId = bot.channel.parse().unwrap();
    let scope = house.app.vault.platform_scope(&house.workspace.operator).unwrap();
    let kept = house.app.vault.read(&scope, move |tx| vault::channels::account(tx, channel)).await.unwrap();
    kept.secrets["hook_secret"].expose().to_owned()
}

fn update(number: i64, person: i64, text: &str) -> Value {
    json!({ "update_id": number, "message": {
        "message_id": number, "date": 1_700_000_000 + number, "text": text,
        "from": { "id": person, "is_bot": false, "first_name": "Dora" },
        "chat": { "id": person, "type": "private", "first_name": "Dora" },
    } })
}

async fn duplicates_are_one_message(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let secret = secret(house, &bot).await;
    let first = update(1, 77, "una volta");
    let parallel = (0..12).map(|_| post(house, &bot, &first, &secret));
    let answers = futures_util::future::join_all(parallel).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    let conversation = bot.conversation_with("Dora").await;
    house.quiet().await;
    assert_eq!(post(house, &bot, &first, &secret).await, 200);
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["una volta"]);
    assert_eq!(agent.get(&format!("/conversations/{conversation}")).await["unread_count"], 1);
    bot.telegram.order_delivery_fault(&bot.token, Order::always(DeliveryFault::Duplicate)).unwrap();
    let (anna, other) = bot.talk("Anna", "due volte").await;
    bot.writes(anna, "ancora due");
    bot.arrived(&other, "ancora due").await;
    house.quiet().await;
    assert_eq!(agent.texts(&other).await, ["due volte", "ancora due"]);
    assert_eq!(agent.list("/contacts").await.len(), 2);
}

async fn a_hundred_messages_keep_their_order(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let people: Vec<i64> = ["Anna", "Bruno", "Carla", "Dario"].map(|name| bot.person(name)).to_vec();
    let slow = Order::always(DeliveryFault::Duplicate).with_probability(0.3);
    bot.telegram.order_delivery_fault(&bot.token, slow).unwrap();
    for number in 0..25 {
        for person in &people {
            bot.writes(*person, &format!("numero {number}"));
        }
    }
    let expected: Vec<String> = (0..25).map(|number| format!("numero {number}")).collect();
    for name in ["Anna", "Bruno", "Carla", "Dario"] {
        let conversation = bot.conversation_with(name).await;
        bot.arrived(&conversation, "numero 24").await;
        assert_eq!(agent.texts(&conversation).await, expected, "{name}");
    }
}

async fn an_edit_that_overtakes_its_message_is_one_message(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let secret = secret(house, &bot).await;
    let message = update(5, 78, "prima");
    let mut edit = json!({ "update_id": 6, "edited_message": message["message"].clone() });
    edit["edited_message"]["text"] = json!("dopo");
    edit["edited_message"]["edit_date"] = json!(1_700_000_100);
    assert_eq!(post(house, &bot, &edit, &secret).await, 200);
    assert_eq!(post(house, &bot, &message, &secret).await, 200);
    let conversation = bot.conversation_with("Dora").await;
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["dopo"]);
}

async fn a_wrong_secret_stores_nothing(house: &House) {
    let bot = Bot::connect(house).await;
    let secret = secret(house, &bot).await;
    let path = bot.hook_url.strip_prefix(&house.base).unwrap().to_owned();
    let message = update(1, 79, "non vero");
    let altered = format!("{}x", &secret[..secret.len() - 1]);
    for wrong in ["", "wrong", &altered, &secret[1..], &format!("{secret} ")[..]] {
        let client = house.nobody().with("x-telegram-bot-api-secret-token", wrong);
        let answer = client.call(Method::POST, &path, Some(&message)).await;
        // HTTP itself cuts the blank at the end of a header.
        if wrong.trim() != secret {
            answer.problem(401, "unauthorised");
        }
    }
    let missing = house.nobody().call(Method::POST, &path, Some(&message)).await;
    missing.problem(401, "unauthorised");
    house.quiet().await;
    let stored = house.workspace.agent.list("/contacts").await.len();
    assert!(stored <= 1, "only what HTTP itself made right");
    let unknown = house.nobody().with("x-telegram-bot-api-secret-token", &secret);
    let elsewhere = format!("/hooks/chn_{}", "0".repeat(32));
    assert_eq!(unknown.call(Method::POST, &elsewhere, Some(&message)).await.status, 404);
    assert_eq!(unknown.call(Method::POST, &format!("{path}/data-deletion"), Some(&message)).await.status, 404);
    assert_eq!(unknown.call(Method::GET, &path, None).await.status, 404);
}

async fn who_was_renamed_by_a_member_stays_so(house: &House) {
    let bot = Bot::connect(house).await;
    let agent: &Client = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Salve").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let path = format!("/contacts/{contact}");
    let change = json!({ "name": "Anna Bianchi", "attributes": { "tessera": 7 } });
    let changed = agent.patch(&path, change).await;
    assert_eq!((&changed["name"], &changed["attributes"]["tessera"]), (&json!("Anna Bianchi"), &json!(7)));
    bot.writes(anna, "Sono io");
    bot.arrived(&conversation, "Sono io").await;
    assert_eq!(agent.get(&path).await["name"], "Anna Bianchi");
    until("the contact is found by the new name", async || {
        let found = agent.list("/contacts?q=bianchi").await;
        (found.len() == 1 && found[0]["id"] == contact).then_some(())
    })
    .await;
}
