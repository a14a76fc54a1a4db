//! What goes out while the provider is slow, busy, broken or gone: once or not at all, in order, and never twice.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use server::app::{App, Parts};
use server::workers;
use simulator::faults::{CallFault, Order};
use vault::Clock;

use crate::bot::Bot;
use crate::client::text_of;
use crate::house::{House, until};

both_engines!(
    a_busy_provider_delays_and_keeps_the_order,
    a_pause_holds_for_whoever_is_started_anew,
    a_lost_reply_is_never_sent_twice,
    a_provider_that_says_no_fails_visibly,
    replies_keep_their_order_under_faults,
    a_revoked_token_stops_the_channel_and_keeps_the_queue,
    a_channel_is_checked_without_changing_it,
    a_failed_message_is_sent_again_by_order_alone,
);

async fn a_busy_provider_delays_and_keeps_the_order(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Allora?").await;
    let busy = Order::once(CallFault::TooManyRequests { retry_after: 2 }).only("sendMessage");
    bot.telegram.order_call_fault(&bot.token, busy).unwrap();
    let asked_at = tokio::time::Instant::now();
    let mut last = json!(null);
    for text in ["uno", "due", "tre"] {
        last = agent.say(&conversation, text).await;
    }
    agent.reaches(&conversation, &last, "sent").await;
    assert!(asked_at.elapsed().as_millis() >= 2_000, "Telegram said: not for two seconds");
    let replies: Vec<_> = bot.replies(anna).into_iter().filter_map(|shown| shown.text).collect();
    assert_eq!(replies, ["uno", "due", "tre"]);
}

async fn a_pause_holds_for_whoever_is_started_anew(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, first) = bot.talk("Anna", "Allora?").await;
    let (_, second) = bot.talk("Bea", "E io?").await;
    let busy = Order::once(CallFault::TooManyRequests { retry_after: 30 }).only("sendMessage");
    bot.telegram.order_call_fault(&bot.token, busy).unwrap();
    let one = agent.say(&first, "uno").await;
    until("it was told to wait", async || {
        let due = house.app.vault.next_outbox_due().await.unwrap();
        let wait = due.unwrap_or_default() - house.clock.now();
        // A claim lasts for ten minutes.
        (20_000..60_000).contains(&wait).then_some(())
    })
    .await;
    // It knows nothing but what is in the database.
    let app = &house.app;
    let anew = App::new(Parts {
        vault: app.vault.clone(),
        outbound: Arc::clone(&app.outbound),
        settings: app.settings.clone(),
        public_url: app.public_url.clone(),
        metrics: Arc::clone(&app.metrics),
        passwords: app.passwords.clone(),
        demo: None,
    });
    let mut working = workers::start(&anew);
    let two = agent.say(&second, "due").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(bot.calls("sendMessage"), 1, "Telegram said: not for thirty seconds");
    house.clock.advance(30_000);
    agent.reaches(&first, &one, "sent").await;
    agent.reaches(&second, &two, "sent").await;
    anew.stopping.send_replace(true);
    while working.join_next().await.is_some() {}
}

async fn a_lost_reply_is_never_sent_twice(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Ricevuto?").await;
    let faults = [
        (CallFault::ErrorBefore, "prima dell'errore", 0),
        (CallFault::CutBefore, "prima del taglio", 0),
        (CallFault::ErrorAfter, "dopo l'errore", 1),
        (CallFault::CutAfter, "dopo il taglio", 1),
    ];
    for (fault, text, arrived) in faults {
        bot.telegram.order_call_fault(&bot.token, Order::once(fault).only("sendMessage")).unwrap();
        let message = agent.say(&conversation, text).await;
        let failed = agent.reaches(&conversation, &message, "failed").await;
        assert_eq!(failed["failure"]["code"], "outcome_unknown", "{text}");
        assert!(!text_of(&failed["failure"]["detail"]).is_empty());
        let sent = bot.sent().into_iter().filter(|sent| sent.text.as_deref() == Some(text)).count();
        assert_eq!(sent, arrived, "{text}");
    }
    // A reply that comes after shows that the queue went on, and nothing is repeated later.
    let next = agent.say(&conversation, "e poi").await;
    agent.reaches(&conversation, &next, "sent").await;
    house.quiet().await;
    let texts: Vec<_> = bot.replies(anna).into_iter().filter_map(|shown| shown.text).collect();
    assert_eq!(texts, ["dopo l'errore", "dopo il taglio", "e poi"]);
}

async fn a_provider_that_says_no_fails_visibly(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = bot.talk("Anna", "Sì?").await;
    let path = format!("/conversations/{conversation}/messages");
    let buttons = json!([[{ "label": "x", "data": "d".repeat(65) }]]);
    let message = agent.post(&path, json!({ "text": "Scelga", "buttons": buttons })).await;
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "button_invalid");
    let long = "x".repeat(4_097);
    agent.call(http::Method::POST, &path, Some(&json!({ "text": long }))).await.problem(422, "invalid");
    for (empty, status) in [(json!({}), 422), (json!({ "text": "  " }), 422), (json!({ "text": "ok" }), 201)] {
        assert_eq!(agent.call(http::Method::POST, &path, Some(&empty)).await.status, status);
    }
}

async fn replies_keep_their_order_under_faults(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let mut threads = Vec::new();
    for name in ["Anna", "Bruno", "Carla"] {
        threads.push(bot.talk(name, "Mi conti fino a dieci").await);
    }
    let slow = Order::always(CallFault::Slow { ms: 150 }).with_probability(0.3);
    let busy = Order::always(CallFault::TooManyRequests { retry_after: 1 }).with_probability(0.1).times(20);
    bot.telegram.order_call_fault(&bot.token, slow).unwrap();
    bot.telegram.order_call_fault(&bot.token, busy).unwrap();
    let numbers: Vec<String> = (1..=10).map(|number| format!("numero {number}")).collect();
    let mut last = Vec::new();
    for number in &numbers {
        last.clear();
        for (_, conversation) in &threads {
            last.push(agent.say(conversation, number).await);
        }
    }
    for ((person, conversation), message) in threads.iter().zip(&last) {
        until_sent(agent, conversation, message).await;
        let said: Vec<_> = bot.replies(*person).into_iter().filter_map(|shown| shown.text).collect();
        assert_eq!(said, numbers);
        let states: Vec<_> = agent.messages(conversation).await.iter().skip(1).map(|m| text_of(&m["state"])).collect();
        assert!(states.iter().all(|state| state == "sent"), "{states:?}");
    }
    assert_eq!(bot.sent().len(), 30);
}

/// Ten replies at one a second and some throttling take longer than a test's usual patience.
async fn until_sent(agent: &crate::client::Client, conversation: &str, message: &serde_json::Value) {
    let id = text_of(&message["id"]);
    for _ in 0..600 {
        if agent.message(conversation, &id).await["state"] == "sent" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{id} was not sent within a minute");
}

async fn a_revoked_token_stops_the_channel_and_keeps_the_queue(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Pronto?").await;
    // The bot's owner lets Telegram make a new token: the old one is known no more.
    let id = bot.token.split(':').next().unwrap();
    let path = format!("/channels/{}", bot.channel);
    let settings = json!({ "settings": { "bot_token": format!("{id}:an-old-token") } });
    let changed = house.workspace.owner.patch(&path, settings).await;
    assert_eq!((&changed["state"], &changed["state_reason"]), (&json!("needs_attention"), &json!("reauthorise")));
    let message = agent.say(&conversation, "Arrivo").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(agent.message(&conversation, &text_of(&message["id"])).await["state"], "queued");
    let settings = json!({ "settings": { "bot_token": bot.token } });
    assert_eq!(house.workspace.owner.patch(&path, settings).await["state"], "ready");
    agent.reaches(&conversation, &message, "sent").await;
    assert_eq!(bot.replies(anna).len(), 1);
}

async fn a_failed_message_is_sent_again_by_order_alone(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Mi sente?").await;
    bot.telegram.order_call_fault(&bot.token, Order::once(CallFault::CutBefore).only("sendMessage")).unwrap();
    let message = agent.say(&conversation, "Forte e chiaro").await;
    agent.reaches(&conversation, &message, "failed").await;
    let path = format!("/messages/{}/retries", text_of(&message["id"]));
    let again = agent.call(http::Method::POST, &path, None).await.json(200);
    assert_eq!((&again["state"], &again["failure"]), (&json!("queued"), &json!(null)));
    agent.reaches(&conversation, &message, "sent").await;
    until("the phone has it", async || (bot.replies(anna).len() == 1).then_some(())).await;
    agent.call(http::Method::POST, &path, None).await.problem(409, "conflict");
}

async fn a_channel_is_checked_without_changing_it(house: &House) {
    let bot = Bot::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let path = format!("/channels/{}/check", bot.channel);
    let check = async || owner.call(http::Method::POST, &path, None).await.json(200);
    assert_eq!(check().await["state"], "ready");
    bot.telegram.order_call_fault(&bot.token, Order::always(CallFault::ErrorBefore)).unwrap();
    let broken = check().await;
    assert_eq!((&broken["state"], &broken["state_reason"]), (&json!("needs_attention"), &json!("unreachable")));
    assert!(text_of(&broken["state_detail"]).contains("does not answer"), "{broken}");
    bot.telegram.clear_faults(&bot.token).unwrap();
    let works = check().await;
    assert_eq!((&works["state"], &works["state_detail"]), (&json!("ready"), &json!(null)));
    agent.call(http::Method::POST, &path, None).await.problem(403, "forbidden");
    let log = owner.get("/audit?limit=100").await.to_string();
    assert!(log.contains("channel.checked"), "{log}");
    assert_eq!(owner.call(http::Method::DELETE, &format!("/channels/{}", bot.channel), None).await.status, 202);
    owner.call(http::Method::POST, &path, None).await.problem(409, "channel_off");
}
