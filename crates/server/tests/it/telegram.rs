//! Telegram from phone to inbox and back: everything a person and a member can do to each other.

use http::Method;
use serde_json::json;
use simulator::telegram::{Saying, Says, Upload};

use crate::bot::Bot;
use crate::client::text_of;
use crate::house::{House, until};
use crate::stream::Stream;

both_engines!(
    a_message_arrives_and_is_answered_once,
    files_come_in_whole,
    a_member_sends_files,
    a_tapped_button_is_a_choice,
    edits_and_reactions_of_the_contact,
    edits_reactions_and_removals_of_a_member,
    who_blocks_is_left_alone,
    who_writes_again_is_answered_again,
    what_the_owner_of_a_business_account_writes_is_there_too,
    answers_name_what_they_answer,
    typing_is_seen,
    places_and_cards,
);

async fn a_message_arrives_and_is_answered_once(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let stream = Stream::open(agent, "/events", None).await;
    let (anna, conversation) = bot.talk("Anna", "Ciao, avete il pane nero? 🍞").await;
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["status"], "open");
    assert_eq!(shown["unread_count"], 1);
    assert_eq!(shown["last_message"]["text"], "Ciao, avete il pane nero? 🍞");
    let message = &agent.messages(&conversation).await[0];
    assert_eq!((&message["direction"], &message["state"]), (&json!("incoming"), &json!("received")));
    assert_eq!((&message["author"]["kind"], &message["author"]["name"]), (&json!("contact"), &json!("Anna")));
    let event = stream.next("the live message", |event| event.kind == "message.created").await;
    assert_eq!(event.data["type"], "message.created");
    assert_eq!(event.data["data"]["id"], message["id"]);
    assert_eq!(event.data["data"]["text"], message["text"]);

    let reply = agent.say(&conversation, "Sì, fresco di oggi.").await;
    assert_eq!((&reply["state"], &reply["author"]["name"]), (&json!("queued"), &json!("Ada Ahrens")));
    agent.reaches(&conversation, &reply, "sent").await;
    let seen = |state: &'static str| {
        let id = reply["id"].clone();
        move |event: &crate::stream::Event| event.data["data"]["id"] == id && event.data["data"]["state"] == state
    };
    stream.next("the reply is sent", seen("sent")).await;
    house.quiet().await;
    let replies = bot.replies(anna);
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].text.as_deref(), Some("Sì, fresco di oggi."));
    assert_eq!(agent.get(&format!("/conversations/{conversation}")).await["unread_count"], 0);
    let contact = agent.get(&format!("/contacts/{}", text_of(&shown["contact"]["id"]))).await;
    assert_eq!((&contact["name"], &contact["language"]), (&json!("Anna"), &json!("it")));
    assert_eq!(contact["identities"][0]["kind"], "telegram_id");
    assert_eq!(contact["identities"][0]["value"], anna.to_string());
}

async fn files_come_in_whole(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let anna = bot.person("Anna");
    let long: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 5_000]].concat();
    let sent = [
        (Says::Photo(Upload::new("", "image/png", photo.clone()).captioned("Il forno")), "image", photo),
        (Says::Document(Upload::new("listino.bin", "", long.clone())), "file", long),
        (Says::Voice(Upload::new("", "", &b"OggS voice"[..])), "voice", b"OggS voice".to_vec()),
        (
            Says::Video(Upload::new("", "", &b"\0\0\0\x18ftypmp42 film"[..])),
            "video",
            b"\0\0\0\x18ftypmp42 film".to_vec(),
        ),
        (
            Says::Document(Upload::new("page.html", "text/html", &b"<script>1</script>"[..])),
            "file",
            b"<script>1</script>".to_vec(),
        ),
    ];
    for (says, ..) in &sent {
        bot.says(anna, says.clone());
    }
    let conversation = bot.conversation_with("Anna").await;
    let messages = until("all files are stored", async || {
        let messages = agent.messages(&conversation).await;
        let stored = messages.iter().filter(|message| message["attachments"][0]["state"] == "stored").count();
        (stored == sent.len()).then_some(messages)
    })
    .await;
    for (message, (_, role, content)) in messages.iter().zip(&sent) {
        let file = &message["attachments"][0];
        assert_eq!(file["role"], *role, "{file}");
        assert_eq!(file["size"], content.len(), "{file}");
        let path = format!("/attachments/{}/content", text_of(&file["id"]));
        assert_eq!(text_of(&file["url"]), format!("/api/v1{path}"));
        assert!(agent.bytes(&path).await == *content, "the bytes of {file}");
    }
    assert_eq!(messages[0]["text"], "Il forno");
    assert_eq!(messages[1]["attachments"][0]["name"], "listino.bin");
    // What could run is only ever a download.
    let path = format!("/attachments/{}/content", text_of(&messages[4]["attachments"][0]["id"]));
    let page = agent.call(Method::GET, &path, None).await;
    assert_eq!(page.headers["content-type"], "application/octet-stream");
    assert!(page.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
}

async fn a_member_sends_files(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Mi manda il listino?").await;
    let content: Vec<u8> = (0..2_500_000_u32).map(|i| (i % 251) as u8).collect();
    let file = agent.upload("../Listino è nuovo.bin", &content).await;
    let order = json!({ "text": "Eccolo", "attachments": [file] });
    let message = agent.post(&format!("/conversations/{conversation}/messages"), order.clone()).await;
    assert_eq!(message["attachments"][0]["name"], "Listino è nuovo.bin");
    agent.reaches(&conversation, &message, "sent").await;
    let shown = &bot.replies(anna)[0];
    assert_eq!(shown.text.as_deref(), Some("Eccolo"));
    let media = shown.media.as_ref().expect("a file");
    assert_eq!(media["name"], "Listino è nuovo.bin");
    let url = text_of(&media["url"]);
    let endpoint = house.app.settings.endpoint("telegram", "");
    assert!(crate::client::Client::new(&endpoint).bytes(&url).await == content, "the bytes at the phone");
    assert!(agent.bytes(&format!("/attachments/{file}/content")).await == content, "our own copy");
    let again = agent.call(Method::POST, &format!("/conversations/{conversation}/messages"), Some(&order)).await;
    again.problem(409, "conflict");
    assert_eq!(agent.messages(&conversation).await.len(), 2);
}

async fn a_tapped_button_is_a_choice(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Quando?").await;
    let buttons = json!([[{ "label": "Oggi", "data": "today" }, { "label": "Domani", "data": "tomorrow" }]]);
    let order = json!({ "text": "Quando preferisce?", "buttons": buttons });
    let message = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    agent.reaches(&conversation, &message, "sent").await;
    let asked = bot.received(anna, "Quando preferisce?").await;
    assert_eq!(asked.keyboard.as_ref().unwrap()[0][1]["text"], "Domani");
    bot.telegram.tap(&bot.token, anna, asked.message_id, "tomorrow").unwrap();
    let choice = bot.arrived(&conversation, "Domani").await;
    assert_eq!((&choice["choice"], &choice["direction"]), (&json!("tomorrow"), &json!("incoming")));
    until("the tap is answered", async || (bot.calls("answerCallbackQuery") == 1).then_some(())).await;
    house.quiet().await;
    assert_eq!(agent.messages(&conversation).await.len(), 3);
}

async fn edits_and_reactions_of_the_contact(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Alle 8").await;
    let number = bot.phone(anna)[0].message_id;
    bot.telegram.edit(&bot.token, anna, None, number, "Alle 9").unwrap();
    let edited = bot.arrived(&conversation, "Alle 9").await;
    assert!(edited["edited_at"].is_string());
    assert_eq!(agent.messages(&conversation).await.len(), 1);

    let reply = agent.say(&conversation, "Va bene").await;
    agent.reaches(&conversation, &reply, "sent").await;
    let reply_number = bot.received(anna, "Va bene").await.message_id;
    let reactions = async || agent.message(&conversation, &text_of(&reply["id"])).await["reactions"].clone();
    for emoji in ["👍", "❤"] {
        bot.telegram.react(&bot.token, anna, reply_number, &[emoji]).unwrap();
        until("the reaction shows", async || (reactions().await[0]["emoji"] == emoji).then_some(())).await;
    }
    assert_eq!(reactions().await.as_array().unwrap().len(), 1);
    bot.telegram.react(&bot.token, anna, reply_number, &[]).unwrap();
    until("the reaction is gone", async || reactions().await.as_array().unwrap().is_empty().then_some(())).await;
}

async fn edits_reactions_and_removals_of_a_member(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Grazie!").await;
    let theirs = text_of(&agent.messages(&conversation).await[0]["id"]);
    let path = format!("/conversations/{conversation}/messages");
    let react = async |emoji: serde_json::Value| {
        agent.post(&path, json!({ "reaction": { "message_id": theirs, "emoji": emoji } })).await
    };
    assert_eq!(react(json!("👍")).await["reactions"][0]["emoji"], "👍");
    until("the phone shows the reaction", async || (bot.phone(anna)[0].bot_reactions == ["👍"]).then_some(())).await;
    react(json!(null)).await;
    until("the phone shows none", async || bot.phone(anna)[0].bot_reactions.is_empty().then_some(())).await;

    let message = agent.say(&conversation, "A domnai").await;
    agent.reaches(&conversation, &message, "sent").await;
    let id = text_of(&message["id"]);
    let changed = agent.patch(&format!("/messages/{id}"), json!({ "text": "A domani" })).await;
    assert_eq!(changed["text"], "A domani");
    let shown = bot.received(anna, "A domani").await;
    assert!(shown.edited);
    assert_eq!(agent.call(Method::DELETE, &format!("/messages/{id}"), None).await.status, 204);
    until("the phone shows it no more", async || bot.replies(anna)[0].deleted.then_some(())).await;
    let removed = agent.message(&conversation, &id).await;
    assert!(removed["removed_at"].is_string() && removed["text"].is_null(), "{removed}");
    agent
        .call(Method::PATCH, &format!("/messages/{theirs}"), Some(&json!({ "text": "x" })))
        .await
        .problem(422, "invalid");
    agent.call(Method::DELETE, &format!("/messages/{theirs}"), None).await.problem(422, "invalid");
    // What is taken back before it went out never goes out.
    let path = format!("/messages/{}", text_of(&agent.say(&conversation, "Mai visto").await["id"]));
    assert_eq!(agent.call(Method::DELETE, &path, None).await.status, 204);
    house.quiet().await;
    assert!(bot.replies(anna).iter().all(|shown| shown.deleted), "{:?}", bot.replies(anna));
}

async fn who_blocks_is_left_alone(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Basta così").await;
    let path = format!("/conversations/{conversation}/messages");
    bot.telegram.set_blocked(&bot.token, anna, true).unwrap();
    // Before the news arrives the provider refuses; after it, we do.
    let text = json!({ "text": "Un'offerta!" });
    until("sending is refused", async || {
        let answer = agent.call(Method::POST, &path, Some(&text)).await;
        (answer.status == 409).then(|| answer.problem(409, "no_consent"))
    })
    .await;
    until("what was sent before the news has failed", async || {
        let messages = agent.messages(&conversation).await;
        let sent = messages.iter().filter(|message| message["direction"] == "outgoing");
        sent.clone().all(|message| message["failure"]["code"] == "opted_out").then_some(())
    })
    .await;
    house.quiet().await;
    assert!(bot.replies(anna).is_empty());
    let note = agent.post(&path, json!({ "text": "Non scrivere più", "note": true })).await;
    assert_eq!(note["direction"], "note");
    bot.telegram.set_blocked(&bot.token, anna, false).unwrap();
    until("sending works again", async || {
        (agent.call(Method::POST, &path, Some(&json!({ "text": "Bentornata" }))).await.status == 201).then_some(())
    })
    .await;
    bot.received(anna, "Bentornata").await;
}

/// A block whose end Telegram did not tell: who writes has ended it.
async fn who_writes_again_is_answered_again(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Basta così").await;
    // Nothing of this is told: the provider's refusal is all that is known.
    let fewer = [("url", bot.hook_url.as_str()), ("allowed_updates", "[\"callback_query\"]")];
    bot.telegram.call(&bot.token, "setWebhook", &fewer).unwrap();
    bot.telegram.set_blocked(&bot.token, anna, true).unwrap();
    let refused = agent.say(&conversation, "Un'offerta!").await;
    agent.reaches(&conversation, &refused, "failed").await;
    let path = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &path, Some(&json!({ "text": "Ancora" }))).await.problem(409, "no_consent");
    bot.telegram.set_blocked(&bot.token, anna, false).unwrap();
    house.workspace.owner.call(Method::POST, &format!("/channels/{}/check", bot.channel), None).await.json(200);
    agent.call(Method::POST, &path, Some(&json!({ "text": "Ancora" }))).await.problem(409, "no_consent");
    house.clock.advance(2_000);
    bot.says(anna, Says::Text { text: "Rieccomi".to_owned() });
    until("it is there", async || agent.texts(&conversation).await.contains(&"Rieccomi".to_owned()).then_some(()))
        .await;
    agent.say(&conversation, "Bentornata").await;
    bot.received(anna, "Bentornata").await;
}

async fn what_the_owner_of_a_business_account_writes_is_there_too(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (owner, anna) = (bot.person("Owner"), bot.person("Anna"));
    let connection = bot.telegram.connect_business(&bot.token, owner).unwrap();
    let says = |text: &str| bot.telegram.owner_says(&bot.token, &connection, anna, text).unwrap();
    let first = says("Buongiorno Anna");
    let conversation = bot.conversation_with("Anna").await;
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["contact"]["name"], "Anna", "the contact is who it was written to");
    let said = agent.messages(&conversation).await;
    assert_eq!((&said[0]["direction"], &said[0]["state"]), (&json!("outgoing"), &json!("sent")), "{said:?}");
    let saying = Saying {
        business_connection_id: Some(connection.clone()),
        ..Saying::from(Says::Text { text: "Buongiorno!".to_owned() })
    };
    bot.says(anna, saying);
    until("hers is in the same", async || (agent.texts(&conversation).await.len() == 2).then_some(())).await;
    let reply = agent.say(&conversation, "Da Parloir").await;
    agent.reaches(&conversation, &reply, "sent").await;
    says("Dal telefono");
    until("all four", async || (agent.texts(&conversation).await.len() == 4).then_some(())).await;
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["Buongiorno Anna", "Buongiorno!", "Da Parloir", "Dal telefono"]);
    assert_eq!(agent.list("/contacts").await.len(), 1, "the owner is no contact");
    bot.telegram.owner_deletes(&bot.token, &connection, anna, &[first]).unwrap();
    until("it is taken back", async || {
        let said = agent.messages(&conversation).await;
        (!said[0]["removed_at"].is_null()).then_some(())
    })
    .await;
    assert!(agent.messages(&conversation).await[1..].iter().all(|message| message["removed_at"].is_null()));
}

async fn answers_name_what_they_answer(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Pane o focaccia?").await;
    let question = agent.messages(&conversation).await[0].clone();
    let number = bot.phone(anna)[0].message_id;
    let order = json!({ "text": "Focaccia", "reply_to": question["id"] });
    let reply = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    assert_eq!(reply["reply_to"], question["id"]);
    agent.reaches(&conversation, &reply, "sent").await;
    let shown = bot.received(anna, "Focaccia").await;
    assert_eq!(shown.reply_to, Some(number));
    bot.says(anna, Saying::text("Ottimo").replying_to(shown.message_id));
    let thanks = bot.arrived(&conversation, "Ottimo").await;
    assert_eq!((&thanks["reply_to"], &thanks["quote"]), (&reply["id"], &json!(null)));
    let (_, other) = bot.talk("Bruno", "Salve").await;
    let foreign = json!({ "text": "x", "reply_to": question["id"] });
    let path = format!("/conversations/{other}/messages");
    agent.call(Method::POST, &path, Some(&foreign)).await.problem(422, "invalid");
    let foreign = json!({ "reaction": { "message_id": question["id"], "emoji": "👍" } });
    agent.call(Method::POST, &path, Some(&foreign)).await.problem(422, "invalid");
}

async fn typing_is_seen(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Ci siete?").await;
    let stream = Stream::open(&house.workspace.owner, "/events", None).await;
    let path = format!("/conversations/{conversation}/typing");
    let answer = agent.call(Method::POST, &path, Some(&json!({ "on": true }))).await;
    assert_eq!(answer.status, 204, "{answer}");
    let event = stream.next("the others see it", |event| event.kind == "typing").await;
    assert_eq!(event.id, None);
    assert_eq!(event.data["data"]["conversation_id"], conversation);
    assert_eq!(event.data["data"]["author"], json!({ "kind": "member", "id": house.workspace.agent_id }));
    let action = || bot.telegram.phone(&bot.token, anna, None).unwrap().action;
    until("the phone shows it", async || (action().as_deref() == Some("typing")).then_some(())).await;
}

async fn places_and_cards(house: &House) {
    let bot = Bot::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = bot.talk("Anna", "Dove siete?").await;
    let path = format!("/conversations/{conversation}/messages");
    let place = json!({ "place": { "latitude": 45.46, "longitude": 9.19, "name": "Forno", "address": "Via Roma 1" } });
    let sent = agent.post(&path, place).await;
    agent.reaches(&conversation, &sent, "sent").await;
    let card = json!({ "card": { "name": "Ada", "phones": ["+39021234567"] } });
    let sent = agent.post(&path, card).await;
    agent.reaches(&conversation, &sent, "sent").await;
    let kinds: Vec<_> = bot.replies(anna).iter().map(|shown| shown.kind).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    bot.says(anna, Says::Location { latitude: 45.5, longitude: 9.25 });
    bot.says(anna, Says::Contact { phone_number: "+391234".into(), first_name: "Bea".into(), last_name: None });
    until("both arrived", async || {
        let messages = agent.messages(&conversation).await;
        let place = messages.iter().any(|message| message["place"]["latitude"] == 45.5);
        let card = messages.iter().any(|message| message["cards"][0]["name"] == "Bea");
        (place && card).then_some(())
    })
    .await;
}
