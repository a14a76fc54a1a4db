//! WhatsApp from phone to inbox and back: everything a person and a member can do to each other.

use http::Method;
use serde_json::{Value, json};
use simulator::graph::whatsapp::{Card, Person, Saying, Says};
use simulator::telegram::Upload;

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::Number;

both_engines!(
    a_message_is_answered_and_its_ticks_come_back,
    every_kind_of_message_is_shown,
    files_go_both_ways,
    an_expired_address_of_a_file_is_asked_for_anew,
    reactions_reading_and_typing,
    who_hides_the_number_is_answered,
    a_new_number_is_the_same_person,
    what_is_changed_and_written_on_the_businesss_phone,
    a_call_stands_in_the_conversation_and_opens_the_time_for_answers,
    a_stop_of_advertising_is_a_withdrawn_consent,
    the_account_says_how_it_stands,
);

async fn a_message_is_answered_and_its_ticks_come_back(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Ciao, avete il pane nero? 🍞").await;
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    let open_until: jiff::Timestamp = text_of(&shown["window"]["open_until"]).parse().unwrap();
    let left = open_until.as_millisecond() - vault::Clock::now(&*house.clock);
    assert!((23 * 3_600_000..=24 * 3_600_000).contains(&left), "{left} ms of the window are left");
    let contact = agent.get(&format!("/contacts/{}", number.contact_of(&conversation).await)).await;
    let mut kinds: Vec<_> = contact["identities"].as_array().unwrap().iter().map(|one| text_of(&one["kind"])).collect();
    kinds.sort();
    assert_eq!(kinds, ["phone", "whatsapp_user_id"]);
    let reply = agent.say(&conversation, "Sì, fresco di oggi.").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    number.whatsapp.read(&number.id, &anna).unwrap();
    let read = agent.reaches(&conversation, &reply, "read").await;
    assert_eq!(read["author"]["name"], "Ada Ahrens", "who ordered it is named");
    assert_eq!(read["price"], json!({ "category": "service", "billable": false }));
    house.quiet().await;
    assert_eq!(number.sent().len(), 1);
    let quoted = agent
        .post(
            &format!("/conversations/{conversation}/messages"),
            json!({ "text": "Questo?", "reply_to": agent.messages(&conversation).await[0]["id"] }),
        )
        .await;
    agent.reaches(&conversation, &quoted, "delivered").await;
    let phone = number.phone(&anna);
    assert_eq!(phone.last().unwrap().reply_to.as_ref(), Some(&phone[0].message_id));
    assert_eq!(agent.list("/contacts").await.len(), 1);
}

async fn every_kind_of_message_is_shown(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "prima").await;
    let first = text_of(&agent.messages(&conversation).await[0]["id"]);
    let phone_first = number.phone(&anna)[0].message_id.clone();
    let place = Says::Location { latitude: 45.5, longitude: 9.2, name: Some("Duomo".into()), address: None };
    let cards = Says::Contacts {
        cards: vec![Card { name: "Bea Bianchi".into(), phone: "+393331112222".into() }],
        asked_for: false,
    };
    let ad = json!({ "source_url": "https://example.org/ad", "source_id": "77", "source_type": "ad", "headline": "Pane", "body": "Nero" });
    number.says(&anna, place);
    number.says(&anna, cards);
    number.says(&anna, Says::Unsupported { what: "poll".into() });
    number.says(&anna, Saying::text("in risposta").replying_to(&phone_first));
    number.says(&anna, Saying::text("inoltrato").forwarded());
    number.says(&anna, Saying { referral: Some(ad), ..Saying::text("dalla pubblicità") });
    number.arrived(&conversation, "dalla pubblicità").await;
    let said = agent.messages(&conversation).await;
    assert_eq!(said.len(), 7);
    assert_eq!((&said[1]["place"]["name"], &said[1]["place"]["latitude"]), (&json!("Duomo"), &json!(45.5)));
    assert_eq!(said[2]["cards"][0]["name"], "Bea Bianchi");
    assert!(!said[3]["unsupported"].is_null(), "{}", said[3]);
    assert_eq!(text_of(&said[4]["reply_to"]), first);
    assert_eq!((&said[5]["forwarded"], &said[4]["forwarded"]), (&json!(true), &json!(false)));
    assert_eq!((&said[6]["origin"]["kind"], &said[6]["origin"]["headline"]), (&json!("ad"), &json!("Pane")));
    assert!(said.iter().all(|message| message["elsewhere"] == false));
}

async fn stored(house: &House, conversation: &str, index: usize) -> Value {
    until("the file is stored", async || {
        let message = house.workspace.agent.messages(conversation).await.into_iter().nth(index)?;
        (message["attachments"][0]["state"] == "stored").then(|| message["attachments"][0].clone())
    })
    .await
}

async fn files_go_both_ways(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let anna = number.person("Anna");
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 5_000]].concat();
    number.says(&anna, Says::Image(Upload::new("", "image/png", photo.clone()).captioned("Il forno")));
    number.says(&anna, Says::Voice(Upload::new("", "", &b"OggS voice"[..])));
    let conversation = number.conversation_with("Anna").await;
    for (index, role, content) in [(0, "image", photo), (1, "voice", b"OggS voice".to_vec())] {
        let file = stored(house, &conversation, index).await;
        assert_eq!(file["role"], role, "{file}");
        assert!(agent.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await == content);
    }
    assert_eq!(agent.messages(&conversation).await[0]["text"], "Il forno");
    let pdf = agent.upload("listino.pdf", b"%PDF-1.7 list").await;
    let path = format!("/conversations/{conversation}/messages");
    let sent = agent.post(&path, json!({ "text": "Ecco il listino", "attachments": [pdf] })).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown = number.phone(&anna);
    let shown = shown.last().unwrap();
    assert_eq!((shown.kind.as_str(), shown.text.as_deref()), ("document", Some("Ecco il listino")));
}

async fn an_expired_address_of_a_file_is_asked_for_anew(house: &House) {
    let number = Number::connect(house).await;
    let anna = number.person("Anna");
    let slow = simulator::faults::Order::once(simulator::faults::DeliveryFault::Delay { ms: 700 });
    number.app.graph.order_delivery_fault(&number.app.card.id, slow).unwrap();
    number.says(&anna, Says::Document(Upload::new("nota.txt", "text/plain", &b"dopo"[..])));
    // The address in the delivery ends five minutes after it was made.
    house.clock.advance(10 * 60_000);
    let conversation = number.conversation_with("Anna").await;
    let file = stored(house, &conversation, 0).await;
    let bytes = house.workspace.agent.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await;
    assert_eq!(bytes, b"dopo");
}

async fn reactions_reading_and_typing(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Grazie!").await;
    let message = agent.messages(&conversation).await[0].clone();
    let path = format!("/conversations/{conversation}/messages");
    let reaction = json!({ "reaction": { "message_id": message["id"], "emoji": "❤️" } });
    agent.post(&path, reaction).await;
    until("the phone shows the reaction", async || {
        (number.phone(&anna)[0].business_reaction.as_deref() == Some("❤️")).then_some(())
    })
    .await;
    agent.call(Method::POST, &format!("/conversations/{conversation}/typing"), Some(&json!({ "on": true }))).await;
    until("the phone shows typing", async || {
        (number.whatsapp.phone(&number.id, &anna).unwrap().typing_for_ms > 0).then_some(())
    })
    .await;
    let (bea, other) = number.talk("Bea", "Letto?").await;
    agent.patch(&format!("/conversations/{other}"), json!({ "read": true })).await;
    until("the phone shows that it was read", async || number.phone(&bea)[0].seen.then_some(())).await;
    let reply = agent.say(&conversation, "Prego").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    let ours = number.phone(&anna).into_iter().find(|shown| shown.text.as_deref() == Some("Prego")).unwrap();
    for emoji in [Some("👍"), Some("🙏"), None] {
        number.whatsapp.react(&number.id, &anna, &ours.message_id, emoji).unwrap();
        until(&format!("the reaction is {emoji:?}"), async || {
            let shown = agent.message(&conversation, &text_of(&reply["id"])).await;
            (shown["reactions"][0]["emoji"].as_str() == emoji).then_some(())
        })
        .await;
    }
    number.whatsapp.react(&number.id, &anna, &ours.message_id, Some("👍")).unwrap();
    until("it is back", async || {
        let shown = agent.message(&conversation, &text_of(&reply["id"])).await;
        (shown["reactions"].as_array()?.len() == 1).then_some(())
    })
    .await;
}

async fn who_hides_the_number_is_answered(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let hidden = Person { hides_number: true, username: Some("lupo".into()), ..Person::named("Lupo", "") };
    let lupo = number.whatsapp.create_person(hidden).id;
    number.says(&lupo, Saying::text("Indovini chi sono"));
    let conversation = number.conversation_with("Lupo").await;
    let contact = agent.get(&format!("/contacts/{}", number.contact_of(&conversation).await)).await;
    let identities = contact["identities"].as_array().unwrap();
    assert!(identities.iter().all(|one| one["kind"] != "phone"), "{contact}");
    assert!(identities.iter().any(|one| one["kind"] == "whatsapp_username" && one["value"] == "lupo"), "{contact}");
    let reply = agent.say(&conversation, "Il lupo").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    assert_eq!(number.phone(&lupo).last().unwrap().text.as_deref(), Some("Il lupo"));
    number.says(&lupo, Saying::text("Giusto"));
    number.arrived(&conversation, "Giusto").await;
    assert_eq!(agent.list("/contacts").await.len(), 1, "what was learned by writing made nobody new");
}

async fn a_new_number_is_the_same_person(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Cambio numero").await;
    number.whatsapp.change_number(&anna, "393339998877").unwrap();
    until("the new number is known", async || {
        let contact = agent.get(&format!("/contacts/{}", number.contact_of(&conversation).await)).await;
        contact.to_string().contains("+393339998877").then_some(())
    })
    .await;
    number.says(&anna, Saying::text("Eccomi"));
    number.arrived(&conversation, "Eccomi").await;
    let said = agent.messages(&conversation).await;
    let directions: Vec<_> = said.iter().map(|message| text_of(&message["direction"])).collect();
    assert_eq!(directions, ["incoming", "note", "incoming"]);
    assert_eq!(said[1]["author"]["kind"], "system");
    let reply = agent.say(&conversation, "Bene").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    assert_eq!(agent.list("/contacts").await.len(), 1);
}

async fn what_is_changed_and_written_on_the_businesss_phone(house: &House) {
    let number = Number::connect_as(house, |card| card.coexistence = true).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Apret domani?").await;
    let first = number.phone(&anna)[0].message_id.clone();
    number.whatsapp.edit(&number.id, &anna, &first, "Aprite domani?").unwrap();
    number.arrived(&conversation, "Aprite domani?").await;
    let ours = number.whatsapp.echo(&number.id, &anna, Saying::text("Sì, ale otto")).unwrap();
    number.arrived(&conversation, "Sì, ale otto").await;
    number.whatsapp.echo_edit(&number.id, &anna, &ours, "Sì, alle otto").unwrap();
    let shown = number.arrived(&conversation, "Sì, alle otto").await;
    assert_eq!(
        (&shown["direction"], &shown["author"]["kind"], &shown["elsewhere"]),
        (&json!("outgoing"), &json!("system"), &json!(true))
    );
    let reply = agent.say(&conversation, "E fino alle sei").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    number.whatsapp.echo_react(&number.id, &anna, &first, Some("👍")).unwrap();
    until("what was put on it on the phone is shown", async || {
        let shown = agent.messages(&conversation).await[0]["reactions"][0].clone();
        (shown["emoji"] == "👍" && shown["author_kind"] == "elsewhere").then_some(())
    })
    .await;
    number.whatsapp.echo_react(&number.id, &anna, &first, None).unwrap();
    until("it is taken off", async || {
        agent.messages(&conversation).await[0]["reactions"].as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;
    number.whatsapp.echo_delete(&number.id, &anna, &ours).unwrap();
    number.whatsapp.delete(&number.id, &anna, &first).unwrap();
    until("both are gone", async || {
        let said = agent.messages(&conversation).await;
        (said.len() == 3 && said[..2].iter().all(|message| !message["removed_at"].is_null())).then_some(())
    })
    .await;
    assert!(agent.messages(&conversation).await[2]["removed_at"].is_null());
}

async fn a_call_stands_in_the_conversation_and_opens_the_time_for_answers(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Vi chiamo domani").await;
    house.clock.advance(25 * 3_600_000);
    let path = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &path, Some(&json!({ "text": "tardi" }))).await.problem(409, "window_closed");
    number.whatsapp.call(&number.id, &anna).unwrap();
    until("the call is shown", async || {
        agent.messages(&conversation).await.iter().any(|one| one["unsupported"] == "call").then_some(())
    })
    .await;
    let reply = agent.say(&conversation, "Abbiamo visto la chiamata").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    house.quiet().await;
    assert_eq!(agent.messages(&conversation).await.len(), 3, "a call stands there once");
}

async fn a_stop_of_advertising_is_a_withdrawn_consent(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Niente pubblicità").await;
    let contact = number.contact_of(&conversation).await;
    number.agrees(&contact, "marketing").await;
    let path = format!("/contacts/{contact}/consents");
    house.clock.advance(2_000);
    number.whatsapp.stop_marketing(&number.id, &anna, true).unwrap();
    until("the consent is withdrawn", async || {
        let consents = agent.list(&path).await;
        consents.iter().all(|consent| !consent["withdrawn_at"].is_null()).then_some(())
    })
    .await;
    house.clock.advance(2_000);
    number.whatsapp.stop_marketing(&number.id, &anna, false).unwrap();
    let given = until("it is given again", async || {
        agent.list(&path).await.into_iter().find(|consent| consent["withdrawn_at"].is_null())
    })
    .await;
    assert_eq!((&given["collected_by"], &given["purpose"]), (&json!("provider"), &json!("marketing")));
    let reply = agent.say(&conversation, "Va bene").await;
    agent.reaches(&conversation, &reply, "delivered").await;
}

async fn the_account_says_how_it_stands(house: &House) {
    let number = Number::connect(house).await;
    let owner = &house.workspace.owner;
    let path = format!("/channels/{}", number.channel);
    let channel = owner.get(&path).await;
    assert_eq!(channel["quality"], "green", "learned when it was connected");
    let capability = json!({ "max_daily_conversations_per_business": "TIER_250" });
    number.whatsapp.tell(&number.account, "business_capability_update", capability).unwrap();
    until("its bound is known", async || (owner.get(&path).await["daily_recipients"] == 250).then_some(())).await;
    number.whatsapp.rate_number(&number.id, "RED").unwrap();
    until("the quality is red", async || (owner.get(&path).await["quality"] == "red").then_some(())).await;
    let banned = json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "DISABLE", "waba_ban_date": "January 1, 2026" } });
    number.whatsapp.tell(&number.account, "account_update", banned).unwrap();
    let stopped = until("the channel stops", async || {
        let channel = owner.get(&path).await;
        (channel["state"] == "needs_attention").then_some(channel)
    })
    .await;
    assert_eq!(stopped["state_reason"], "account_disabled");
    assert!(text_of(&stopped["state_detail"]).len() > 20, "{stopped}");
    let back = json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "REINSTATE" } });
    number.whatsapp.tell(&number.account, "account_update", back).unwrap();
    until("it is ready again", async || (owner.get(&path).await["state"] == "ready").then_some(())).await;
}
