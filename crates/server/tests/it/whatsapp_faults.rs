//! WhatsApp when things go wrong: replies are lost, deliveries come doubled and shuffled, tokens are taken back.

use serde_json::json;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::graph::MessageFault;
use simulator::graph::whatsapp::Says;
use simulator::telegram::Upload;

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::{Number, delivery};

both_engines!(
    a_lost_reply_is_settled_by_the_providers_word,
    a_lost_reply_of_which_nothing_is_heard_is_never_sent_again,
    deliveries_may_come_doubled_and_in_any_order,
    up_to_ten_times_in_parallel_is_once,
    a_refusal_that_comes_later_is_shown_in_words,
    a_revoked_token_stops_the_channel_and_keeps_the_queue_and_the_files,
    one_recipient_that_is_written_to_too_fast_delays_nobody_else,
);

fn calls(number: &Number, fault: CallFault) {
    number.app.graph.order_call_fault(&number.app.card.id, Order::once(fault).only("POST messages")).unwrap();
}

async fn a_lost_reply_is_settled_by_the_providers_word(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Ricevuto?").await;
    for (fault, text) in [(CallFault::CutAfter, "dopo il taglio"), (CallFault::ErrorAfter, "dopo l'errore")] {
        calls(&number, fault);
        let message = agent.say(&conversation, text).await;
        let next = agent.say(&conversation, &format!("{text}, poi")).await;
        agent.reaches(&conversation, &message, "delivered").await;
        agent.reaches(&conversation, &next, "delivered").await;
    }
    house.quiet().await;
    let texts: Vec<_> = number.sent().into_iter().filter_map(|sent| sent.text).collect();
    assert_eq!(texts, ["dopo il taglio", "dopo il taglio, poi", "dopo l'errore", "dopo l'errore, poi"]);
    // The message is known by its id at the provider from then on.
    let (anna, message) =
        (&number.phone(&number.whatsapp.people()[0].id)[1], agent.messages(&conversation).await[1].clone());
    number.whatsapp.react(&number.id, &number.whatsapp.people()[0].id, &anna.message_id, Some("👍")).unwrap();
    until("the reaction is on it", async || {
        let shown = agent.message(&conversation, &text_of(&message["id"])).await;
        (shown["reactions"][0]["emoji"] == "👍").then_some(())
    })
    .await;
}

async fn a_lost_reply_of_which_nothing_is_heard_is_never_sent_again(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Pronto?").await;
    calls(&number, CallFault::CutBefore);
    let message = agent.say(&conversation, "perduto").await;
    let next = agent.say(&conversation, "e dopo").await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    for waiting in [&message, &next] {
        assert_eq!(
            agent.message(&conversation, &text_of(&waiting["id"])).await["state"],
            "queued",
            "it waits for word"
        );
    }
    house.clock.advance(61_000);
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "outcome_unknown");
    agent.reaches(&conversation, &next, "delivered").await;
    house.clock.advance(3_600_000);
    house.quiet().await;
    let texts: Vec<_> = number.sent().into_iter().filter_map(|sent| sent.text).collect();
    assert_eq!(texts, ["e dopo"]);
}

async fn deliveries_may_come_doubled_and_in_any_order(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let faults = [
        Order::always(DeliveryFault::Duplicate).with_probability(0.5),
        Order::always(DeliveryFault::Delay { ms: 120 }).with_probability(0.3),
    ];
    for fault in faults {
        number.app.graph.order_delivery_fault(&number.app.card.id, fault).unwrap();
    }
    let mut people = Vec::new();
    for name in ["Anna", "Bea", "Carla"] {
        people.push((name, number.person(name)));
    }
    for count in 0..8 {
        for (_, person) in &people {
            number.whatsapp.say_text(&number.id, person, &format!("numero {count}")).unwrap();
        }
    }
    let mut replies = Vec::new();
    for (name, person) in &people {
        let conversation = number.conversation_with(name).await;
        until(&format!("all of {name}"), async || (agent.texts(&conversation).await.len() == 8).then_some(())).await;
        let reply = agent.say(&conversation, "Ricevuti").await;
        agent.reaches(&conversation, &reply, "delivered").await;
        number.whatsapp.read(&number.id, person).unwrap();
        replies.push((conversation, reply));
    }
    for (conversation, reply) in &replies {
        agent.reaches(conversation, reply, "read").await;
    }
    number.app.graph.clear_faults(&number.app.card.id).unwrap();
    until("everything was told", async || (number.app.graph.pending(&number.app.card.id).unwrap() == 0).then_some(()))
        .await;
    house.quiet().await;
    for (conversation, reply) in &replies {
        let mut texts = agent.texts(conversation).await;
        assert_eq!(texts.pop().as_deref(), Some("Ricevuti"));
        texts.sort();
        let expected: Vec<_> = (0..8).map(|count| format!("numero {count}")).collect();
        assert_eq!(texts, expected, "each once");
        assert_eq!(agent.message(conversation, &text_of(&reply["id"])).await["state"], "read", "no state came back");
    }
    assert_eq!(agent.list("/contacts").await.len(), 3);
}

async fn up_to_ten_times_in_parallel_is_once(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let secret = number.app.card.secret.clone();
    let people = ["393330000001", "393330000002"];
    let mut posts = Vec::new();
    for count in 0..12_usize {
        let person = people[count % 2];
        let told = delivery(&[number.told(&format!("wamid.{count}"), person, &format!("testo {count}"))]);
        posts.extend(std::iter::repeat_n(told, 1 + count % 10));
    }
    // Shuffled, but the same on every run.
    let order = |index: &usize| (index * 7_919) % 1_009;
    let mut indexes: Vec<usize> = (0..posts.len()).collect();
    indexes.sort_by_key(order);
    let all = indexes.iter().map(|index| number.post(house, &posts[*index], &secret));
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    house.quiet().await;
    for (index, person) in people.iter().enumerate() {
        let conversation = number.conversation_with(&format!("Person {person}")).await;
        let mut texts = agent.texts(&conversation).await;
        texts.sort();
        let mut expected: Vec<_> =
            (0..12).filter(|count| count % 2 == index).map(|count| format!("testo {count}")).collect();
        expected.sort();
        assert_eq!(texts, expected);
    }
    // So are many in one delivery; a thousand, and a kill, are in `whatsapp_many`.
    let many: Vec<_> = (0..200)
        .map(|count| number.told(&format!("wamid.many.{count}"), "393330000003", &format!("tanti {count}")))
        .collect();
    assert_eq!(number.post(house, &delivery(&many), &secret).await, 200);
    house.quiet().await;
    let conversation = number.conversation_with("Person 393330000003").await;
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!((&shown["unread_count"], &shown["last_message"]["text"]), (&json!(200), &json!("tanti 199")));
}

async fn a_refusal_that_comes_later_is_shown_in_words(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "?").await;
    for (fault, code) in [
        (MessageFault::FailLater { code: 131_026 }, "undeliverable"),
        (MessageFault::Refuse { code: 131_053 }, "file_refused"),
    ] {
        number.app.graph.order_message_fault(&number.app.card.id, Order::once(fault)).unwrap();
        let message = agent.say(&conversation, code).await;
        let failed = agent.reaches(&conversation, &message, "failed").await;
        assert_eq!(failed["failure"]["code"], code);
        assert!(text_of(&failed["failure"]["detail"]).len() > 20, "{failed}");
    }
    // Whoever sends it again is not undone by the old refusal's echo.
    number
        .app
        .graph
        .order_message_fault(&number.app.card.id, Order::once(MessageFault::FailLater { code: 131_026 }))
        .unwrap();
    let message = agent.say(&conversation, "ancora").await;
    agent.reaches(&conversation, &message, "failed").await;
    house.clock.advance(5_000);
    agent.call(http::Method::POST, &format!("/messages/{}/retries", text_of(&message["id"])), None).await.json(200);
    agent.reaches(&conversation, &message, "delivered").await;
}

async fn a_revoked_token_stops_the_channel_and_keeps_the_queue_and_the_files(house: &House) {
    let number = Number::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (anna, conversation) = number.talk("Anna", "Ci siete?").await;
    number.app.graph.revoke_token(&number.app.token);
    let message = agent.say(&conversation, "Arriviamo").await;
    let path = format!("/channels/{}", number.channel);
    let stopped = until("the channel stops", async || {
        let channel = owner.get(&path).await;
        (channel["state"] == "needs_attention").then_some(channel)
    })
    .await;
    assert_eq!(stopped["state_reason"], "reauthorise");
    assert!(text_of(&stopped["state_detail"]).contains("access token"));
    number.says(&anna, Says::Document(Upload::new("nota.txt", "text/plain", &b"aspetta"[..])));
    let file = until("the file is expected", async || {
        let said = agent.messages(&conversation).await;
        said.iter().find(|it| !it["attachments"][0].is_null()).map(|it| it["attachments"][0].clone())
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(agent.message(&conversation, &text_of(&message["id"])).await["state"], "queued", "the queue is kept");
    let card = simulator::graph::TokenCard { app: number.app.card.id.clone(), ..Default::default() };
    let token = number.app.graph.create_token(card).unwrap().token;
    let ready = owner.patch(&path, json!({ "settings": { "access_token": token } })).await;
    assert_eq!((&ready["state"], &ready["state_detail"]), (&json!("ready"), &json!(null)));
    agent.reaches(&conversation, &message, "delivered").await;
    house.clock.advance(6 * 60_000);
    let id = text_of(&file["id"]);
    until("the file was fetched", async || {
        let said = agent.messages(&conversation).await;
        let files = said.iter().flat_map(|it| it["attachments"].as_array().unwrap().clone());
        files.into_iter().find(|it| it["id"] == id && it["state"] == "stored")
    })
    .await;
    assert_eq!(number.sent().len(), 1);
}

async fn one_recipient_that_is_written_to_too_fast_delays_nobody_else(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, anna) = number.talk("Anna", "a").await;
    let (_, bea) = number.talk("Bea", "b").await;
    number
        .app
        .graph
        .order_message_fault(&number.app.card.id, Order::once(MessageFault::Refuse { code: 131_056 }))
        .unwrap();
    let slow = agent.say(&anna, "piano").await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let quick = agent.say(&bea, "subito").await;
    agent.reaches(&bea, &quick, "delivered").await;
    assert_eq!(agent.message(&anna, &text_of(&slow["id"])).await["state"], "queued");
    house.clock.advance(7_000);
    agent.reaches(&anna, &slow, "delivered").await;
}
