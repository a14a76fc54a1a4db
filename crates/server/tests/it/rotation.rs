//! Keys and secrets that give way to new ones while people talk.

use http::Method;
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::client::text_of;
use crate::hostile::{Hook, telegram_hook};
use crate::house::{House, until};

both_engines!(
    keys_give_way_while_people_talk,
    only_owners_and_admins_rotate_keys_and_nobody_those_of_others,
    a_hook_secret_gives_way_and_both_are_taken_for_a_while,
    secrets_are_given_where_they_are_not_made_here,
    a_made_secret_is_shown_once,
);

/// Waits until a rotation is done.
async fn done(house: &House, id: &str) -> Value {
    until("the old key is destroyed", async || {
        let now = house.workspace.owner.get(&format!("/key-rotations/{id}")).await;
        // Old keys are kept for some seconds, for whoever is reading.
        house.clock.advance(1_000);
        (now["state"] == "done").then_some(now)
    })
    .await
}

async fn keys_give_way_while_people_talk(house: &House) {
    let bot = Bot::connect(house).await;
    let owner = &house.workspace.owner;
    let (anna, conversation) = bot.talk("Anna", "Avete il pane nero?").await;
    let contact = text_of(&owner.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let mut orders = vec![json!({ "what": "contact", "contact_id": contact })];
    orders.extend(["content", "evidence", "index", "audit", "workspace"].map(|what| json!({ "what": what })));
    let mut ids = Vec::new();
    for (number, order) in orders.iter().enumerate() {
        let begun = owner.call(Method::POST, "/key-rotations", Some(order)).await.json(202);
        assert_eq!(begun["what"], order["what"]);
        assert!(begun["completed_at"].is_null() && begun["started_at"].is_string());
        ids.push(text_of(&begun["id"]));
        bot.writes(anna, &format!("E domani? {number}"));
        bot.arrived(&conversation, &format!("E domani? {number}")).await;
        owner.say(&conversation, &format!("Sì, {number}")).await;
    }
    for id in &ids {
        let rotated = done(house, id).await;
        assert!(rotated["completed_at"].is_string(), "{rotated}");
    }
    assert_eq!(owner.list("/key-rotations").await.len(), orders.len());
    let texts = owner.texts(&conversation).await;
    assert_eq!(texts.len(), 1 + 2 * orders.len());
    assert!(texts.contains(&"Avete il pane nero?".to_owned()), "what was sealed before is there");
    until("it is found under the new key", async || {
        let found = owner.list("/search?q=nero").await;
        (found.len() == 1).then_some(())
    })
    .await;
    let members = owner.list("/members").await;
    assert!(members.iter().all(|member| member["name"].as_str().is_some_and(|name| !name.is_empty())));
    house.quiet().await;
}

async fn only_owners_and_admins_rotate_keys_and_nobody_those_of_others(house: &House) {
    let bot = Bot::connect(house).await;
    let (_, conversation) = bot.talk("Anna", "Ciao").await;
    let owner = &house.workspace.owner;
    let contact = text_of(&owner.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let order = json!({ "what": "contact", "contact_id": contact });
    let agent = &house.workspace.agent;
    agent.call(Method::POST, "/key-rotations", Some(&order)).await.problem(403, "forbidden");
    agent.call(Method::GET, "/key-rotations", None).await.problem(403, "forbidden");
    let other = house.another_workspace().await.owner;
    other.call(Method::POST, "/key-rotations", Some(&order)).await.problem(404, "not_found");
    let once = owner.with("idempotency-key", "once");
    let begun = once.call(Method::POST, "/key-rotations", Some(&order)).await.json(202);
    let again = once.call(Method::POST, "/key-rotations", Some(&order)).await.json(202);
    assert_eq!(begun["id"], again["id"]);
    let path = format!("/key-rotations/{}", text_of(&begun["id"]));
    other.call(Method::GET, &path, None).await.problem(404, "not_found");
    for wrong in [
        json!({ "what": "blind" }),
        json!({ "what": "contact" }),
        json!({ "what": "content", "contact_id": contact }),
        json!({}),
    ] {
        let refused = owner.call(Method::POST, "/key-rotations", Some(&wrong)).await;
        assert_eq!(refused.status, 422, "{wrong}");
    }
    done(house, &text_of(&begun["id"])).await;
    house.quiet().await;
}

/// What the hook answers.
async fn status(hook: &Hook<'_>, update: Vec<u8>) -> u16 {
    hook.post(&update).await.unwrap().status.as_u16()
}

async fn a_hook_secret_gives_way_and_both_are_taken_for_a_while(house: &House) {
    let bot = Bot::connect(house).await;
    let owner = &house.workspace.owner;
    let (anna, conversation) = bot.talk("Anna", "Ciao").await;
    let old = telegram_hook(house, &bot).await;
    let path = format!("/channels/{}/secret-rotations", bot.channel);
    let order = json!({ "key": "hook_secret", "grace_seconds": 3_600 });
    let rotated = owner.post(&path, order).await;
    assert_eq!((&rotated["key"], &rotated["state"]), (&json!("hook_secret"), &json!("ready")));
    assert!(rotated["previous_until"].is_string() && rotated["shown_once"].is_null(), "{rotated}");
    let new = telegram_hook(house, &bot).await;
    let update = |number: i64| {
        json!({ "update_id": 900_000 + number, "message": {
            "message_id": 800_000 + number, "date": 1_800_000_000, "text": format!("by hand {number}"),
            "from": { "id": anna, "is_bot": false, "first_name": "Anna" },
            "chat": { "id": anna, "type": "private", "first_name": "Anna" } } })
        .to_string()
        .into_bytes()
    };
    assert_eq!(status(&old, update(1)).await, 200, "what was signed before is on its way");
    assert_eq!(status(&new, update(2)).await, 200);
    // The provider knows the new one.
    bot.writes(anna, "E adesso?");
    for text in ["by hand 1", "by hand 2", "E adesso?"] {
        bot.arrived(&conversation, text).await;
    }
    house.clock.advance(3_600_000);
    assert_eq!(status(&old, update(3)).await, 401, "its time is over");
    assert_eq!(status(&new, update(4)).await, 200);
    house.app.vault.sweep().await.unwrap();
    assert_eq!(status(&old, update(5)).await, 401);
    bot.arrived(&conversation, "by hand 4").await;

    let rotated = owner.post(&path, json!({ "key": "hook_secret", "grace_seconds": 0 })).await;
    assert!(rotated["previous_until"].is_null());
    assert_eq!(status(&new, update(6)).await, 401, "at once");
    bot.writes(anna, "E ora?");
    bot.arrived(&conversation, "E ora?").await;
    assert!(
        !owner
            .texts(&conversation)
            .await
            .iter()
            .any(|text| text.starts_with("by hand") && text.ends_with(['3', '5', '6']))
    );
    house.quiet().await;
}

async fn secrets_are_given_where_they_are_not_made_here(house: &House) {
    let bot = Bot::connect(house).await;
    let owner = &house.workspace.owner;
    let path = format!("/channels/{}/secret-rotations", bot.channel);
    for (order, field) in [
        (json!({ "key": "bot_token" }), "value"),
        (json!({ "key": "bot_token", "value": " " }), "value"),
        (json!({ "key": "nonsense" }), "key"),
        (json!({ "key": "hook_secret", "grace_seconds": 604_801 }), "grace_seconds"),
        (json!({ "key": "hook_secret", "grace_seconds": -1 }), "grace_seconds"),
    ] {
        let refused = owner.call(Method::POST, &path, Some(&order)).await.json(422);
        assert!(refused["fields"][field].is_string(), "{order}: {refused}");
    }
    let agent = &house.workspace.agent;
    let order = json!({ "key": "hook_secret" });
    agent.call(Method::POST, &path, Some(&order)).await.problem(403, "forbidden");
    let other = house.another_workspace().await.owner;
    other.call(Method::POST, &path, Some(&order)).await.problem(404, "not_found");
    // The token of a bot that is not there: its provider does not take it, and what was said before goes on.
    let wrong = json!({ "key": "bot_token", "value": format!("1:{}", "A".repeat(35)) });
    let rotated = owner.post(&path, wrong).await;
    assert_eq!(rotated["state"], "needs_attention", "{rotated}");
    let back = json!({ "key": "bot_token", "value": bot.token });
    let rotated = owner.post(&path, back).await;
    assert_eq!(rotated["state"], "ready", "{rotated}");
    assert!(!rotated.to_string().contains(&bot.token), "what was given is not told again");
    let (_, conversation) = bot.talk("Bruno", "Salve").await;
    assert_eq!(owner.texts(&conversation).await, ["Salve"]);
    house.quiet().await;
}

async fn a_made_secret_is_shown_once(house: &House) {
    let owner = &house.workspace.owner;
    let url = house.receiver.url();
    let order = json!({ "kind": "api", "name": "Own", "settings": { "webhook_url": url } });
    let made = owner.post("/channels", order).await;
    let path = format!("/channels/{}/secret-rotations", text_of(&made["id"]));
    let once = owner.with("idempotency-key", "rotate once");
    let rotated = once.post(&path, json!({ "key": "signing_secret" })).await;
    let secret = text_of(&rotated["shown_once"]);
    assert!(secret.len() > 20 && !made.to_string().contains(&secret), "another one");
    let again = once.post(&path, json!({ "key": "signing_secret" })).await;
    assert_eq!(again["shown_once"], rotated["shown_once"], "a repetition is the same");
    let seen = owner.get(&format!("/channels/{}", text_of(&made["id"]))).await;
    assert!(!seen.to_string().contains(&secret));
    house.quiet().await;
}
