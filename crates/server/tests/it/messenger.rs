//! Messenger from phone to inbox and back, and what Meta asks of us for people.

use http::Method;
use serde_json::json;
use simulator::faults::{CallFault, Order};
use simulator::graph::pages::Hand;
use simulator::telegram::Upload;
use vault::Clock as _;

use crate::client::text_of;
use crate::house::{House, until};
use crate::page::{self, Page};

const KIND: &str = "messenger";
const DAY_MS: i64 = 24 * 3_600_000;

both_engines!(
    a_message_is_answered_and_all_up_to_a_moment_is_read,
    what_a_contact_does_is_shown,
    files_go_both_ways,
    what_is_written_in_the_inbox_of_the_page_stands_in_the_conversation,
    a_lost_reply_is_settled_by_its_echo,
    what_people_see_before_they_write_is_set_and_taken_away,
    what_another_app_has_is_taken_by_a_members_answer_or_asked_for,
    while_another_app_has_the_conversation_nothing_goes_out_where_it_cannot_be_taken,
    a_member_may_answer_for_seven_days,
    a_wish_for_deletion_is_met_and_can_be_followed,
    an_app_that_was_taken_away_stops_the_channel_and_keeps_the_queue,
    one_app_serves_pages_of_two_workspaces,
);

async fn a_message_is_answered_and_all_up_to_a_moment_is_read(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "Avete il pane nero? 🍞").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let contact = agent.get(&format!("/contacts/{contact}")).await;
    let mut kinds: Vec<_> = contact["identities"].as_array().unwrap().iter().map(|one| text_of(&one["kind"])).collect();
    kinds.sort();
    assert_eq!(kinds, ["account_scoped_id", "app_scoped_id"], "by page, and by app as the person signed in with it");
    let first = agent.say(&conversation, "Sì").await;
    agent.reaches(&conversation, &first, "delivered").await;
    let second = agent.say(&conversation, "Fresco di oggi").await;
    agent.reaches(&conversation, &second, "delivered").await;
    // Later than anything was sent, whatever the clocks of this machine say.
    house.clock.advance(10_000);
    page.pages.read(&page.id, &anna).unwrap();
    for message in [&first, &second] {
        agent.reaches(&conversation, message, "read").await;
    }
    page.pages.set_offline(&anna, true);
    let third = agent.say(&conversation, "E domani?").await;
    agent.reaches(&conversation, &third, "sent").await;
    house.quiet().await;
    assert_eq!(agent.message(&conversation, &text_of(&third["id"])).await["state"], "sent", "it was sent after that");
    assert_eq!(page.sent().len(), 3);
    let path = format!("/conversations/{conversation}/messages");
    let quoted = json!({ "text": "Questo?", "reply_to": agent.messages(&conversation).await[0]["id"] });
    let quoted = agent.post(&path, quoted).await;
    agent.reaches(&conversation, &quoted, "sent").await;
    let phone = page.phone(&anna);
    assert_eq!(phone.last().unwrap().reply_to.as_ref(), Some(&phone[0].id));
    assert_eq!(agent.list("/contacts").await.len(), 1);
}

async fn what_a_contact_does_is_shown(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "prima").await;
    page.pages.tap(&page.id, &anna, "Inizia", "GET_STARTED").unwrap();
    page.arrived(&conversation, "Inizia").await;
    let wrong = page.says(&anna, "apret domani?");
    page.arrived(&conversation, "apret domani?").await;
    page.pages.edit(&page.id, &anna, &wrong, "Aprite domani?").unwrap();
    page.arrived(&conversation, "Aprite domani?").await;
    let secret = page.says(&anna, "da togliere");
    let removed = page.arrived(&conversation, "da togliere").await;
    page.pages.unsend(&page.id, &anna, &secret).unwrap();
    until("it is taken back", async || {
        let shown = agent.message(&conversation, &text_of(&removed["id"])).await;
        (!shown["removed_at"].is_null() && shown["text"].is_null()).then_some(())
    })
    .await;
    let reply = agent.say(&conversation, "Sì").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    let ours = page.phone(&anna).last().unwrap().id.clone();
    page.pages.react(&page.id, &anna, &ours, Some("❤️")).unwrap();
    until("the reaction is shown", async || {
        let shown = agent.message(&conversation, &text_of(&reply["id"])).await;
        (shown["reactions"][0]["emoji"] == "❤️").then_some(())
    })
    .await;
    let path = format!("/conversations/{conversation}/messages");
    let first = agent.messages(&conversation).await[0].clone();
    agent.post(&path, json!({ "reaction": { "message_id": first["id"], "emoji": "👍" } })).await;
    agent.call(Method::POST, &format!("/conversations/{conversation}/typing"), Some(&json!({ "on": true }))).await;
    until("the phone shows both", async || {
        let reacted = page.phone(&anna)[0].business_reaction.as_deref() == Some("👍");
        (reacted && page.pages.is_typing(&page.id, &anna)).then_some(())
    })
    .await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let until_ms = house.clock.now() / 1_000 * 1_000 + 86_400_000;
    page.pages.opt_until(&page.id, &anna, "Offerte", until_ms).unwrap();
    let given = until("what ends by itself says so", async || {
        agent.list(&format!("/contacts/{contact}/consents")).await.first().cloned()
    })
    .await;
    assert!(given["ends_at"].is_string() && given["collected_by"] == "provider", "{given}");
    house.clock.advance(1_000);
    for (wants, standing) in [(true, 2), (false, 0)] {
        page.pages.opt(&page.id, &anna, wants).unwrap();
        until("the consent is recorded", async || {
            let consents = agent.list(&format!("/contacts/{contact}/consents")).await;
            let standing_now = consents.iter().filter(|one| one["withdrawn_at"].is_null()).count();
            (!consents.is_empty() && standing_now == standing).then_some(())
        })
        .await;
    }
}

async fn files_go_both_ways(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "guardi").await;
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 5_000]].concat();
    page.pages.send_file(&page.id, &anna, "image", &Upload::new("", "image/png", photo.clone())).unwrap();
    let file = until("the file is stored", async || {
        let message = agent.messages(&conversation).await.into_iter().nth(1)?;
        (message["attachments"][0]["state"] == "stored").then(|| message["attachments"][0].clone())
    })
    .await;
    assert_eq!(file["role"], "image");
    assert!(agent.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await == photo);
    let list = agent.upload("listino.pdf", b"%PDF-1.7 list").await;
    let path = format!("/conversations/{conversation}/messages");
    let sent = agent.post(&path, json!({ "text": "Ecco il listino", "attachments": [list] })).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown: Vec<_> = page.phone(&anna).into_iter().skip(2).map(|line| (line.kind, line.text)).collect();
    assert_eq!(shown, [("file".to_owned(), None), ("text".to_owned(), Some("Ecco il listino".to_owned()))]);
}

async fn what_is_written_in_the_inbox_of_the_page_stands_in_the_conversation(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "C'è qualcuno?").await;
    page.pages.answer_in_inbox(&page.id, &anna, "Eccomi").unwrap();
    let echo = page.arrived(&conversation, "Eccomi").await;
    assert_eq!((&echo["direction"], &echo["elsewhere"]), (&json!("outgoing"), &json!(true)));
    let reply = agent.say(&conversation, "E da qui").await;
    agent.reaches(&conversation, &reply, "delivered").await;
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["C'è qualcuno?", "Eccomi", "E da qui"], "our own echo makes nothing");
}

async fn a_lost_reply_is_settled_by_its_echo(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = page.talk("Anna Rossi", "Ricevuto?").await;
    let fault = Order::once(CallFault::CutAfter).only("POST messages");
    page.app.graph.order_call_fault(&page.app.card.id, fault).unwrap();
    let message = agent.say(&conversation, "dopo il taglio").await;
    agent.reaches(&conversation, &message, "delivered").await;
    house.quiet().await;
    assert_eq!(page.sent().len(), 1);
    assert_eq!(agent.texts(&conversation).await, ["Ricevuto?", "dopo il taglio"]);
}

async fn what_people_see_before_they_write_is_set_and_taken_away(house: &House) {
    let page = Page::connect(house, KIND).await;
    let instagram = Page::connect(house, "instagram").await;
    let owner = &house.workspace.owner;
    assert!(page.pages.profile(&page.id).is_empty(), "nothing is set of which nothing is said");
    let questions = "Siete aperti?\n\nDove siete?";
    for of in [&page, &instagram] {
        let settings =
            json!({ "ice_breakers": questions, "persistent_menu": "Orari | https://example.org/orari\nParla con noi" });
        owner.patch(&format!("/channels/{}", of.channel), json!({ "settings": settings })).await;
        let shown = until("it is set", async || {
            let shown = of.pages.profile(&of.id);
            shown.contains_key("persistent_menu").then_some(shown)
        })
        .await;
        let asked = &shown["ice_breakers"][0]["call_to_actions"];
        assert_eq!((&asked[0]["question"], &asked[1]["payload"]), (&json!("Siete aperti?"), &json!("Dove siete?")));
        let menu = &shown["persistent_menu"][0]["call_to_actions"];
        assert_eq!((&menu[0]["url"], &menu[1]["type"]), (&json!("https://example.org/orari"), &json!("postback")));
        house.quiet().await;
    }
    let channel = format!("/channels/{}", page.channel);
    owner.patch(&channel, json!({ "settings": { "persistent_menu": "" } })).await;
    until("the menu is gone, and its button", async || {
        let left: Vec<String> = page.pages.profile(&page.id).into_keys().collect();
        (left == ["ice_breakers"]).then_some(())
    })
    .await;
    house.quiet().await;
    for (wrong, code) in [("refused", "profile_refused"), ("1\n2\n3\n4\n5", "profile_too_long")] {
        owner.patch(&channel, json!({ "settings": { "ice_breakers": wrong } })).await;
        let told = until("what is wrong is told", async || {
            let shown = owner.get(&channel).await;
            (shown["state_reason"] == code).then_some(shown)
        })
        .await;
        assert!(text_of(&told["state_detail"]).contains("settings"), "{told}");
    }
}

async fn what_another_app_has_is_taken_by_a_members_answer_or_asked_for(house: &House) {
    let app = page::app(house);
    let first = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let second = Page::of(house, &house.workspace, &app, (KIND, |card| card.secondary = true)).await;
    first.listen();
    let agent = &house.workspace.agent;
    let (anna, ours) = first.talk("Anna Rossi", "prima").await;
    let (bea, theirs) = second.talk("Bea Verdi", "prima").await;
    for (page, person, conversation) in [(&first, &anna, &ours), (&second, &bea, &theirs)] {
        page.pages.hand(&page.id, person, &app.card.id, Hand::Another).unwrap();
        page.says(person, "al bot");
        page.arrived(conversation, "al bot").await;
    }
    let reply = agent.say(&ours, "Ci penso io").await;
    agent.reaches(&ours, &reply, "delivered").await;
    let reply = agent.say(&theirs, "Ci penso io").await;
    let failed = agent.reaches(&theirs, &reply, "failed").await;
    assert_eq!(
        (failed["failure"]["code"].as_str(), second.pages.asked_for(&second.id, &bea)),
        (Some("handover_asked"), 1)
    );
    second.pages.hand(&second.id, &bea, &app.card.id, Hand::Ours).unwrap();
    house.quiet().await;
    let reply = agent.say(&theirs, "Eccoci").await;
    agent.reaches(&theirs, &reply, "delivered").await;
    let more = agent.say(&ours, "Ancora io").await;
    agent.reaches(&ours, &more, "delivered").await;
}

async fn while_another_app_has_the_conversation_nothing_goes_out_where_it_cannot_be_taken(house: &House) {
    let page = Page::connect(house, "instagram").await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "prima").await;
    let path = format!("/conversations/{conversation}/messages");
    let tried = async || agent.call(Method::POST, &path, Some(&json!({ "text": "risposta" }))).await;
    page.pages.hand(&page.id, &anna, &page.app.card.id, Hand::Another).unwrap();
    page.says(&anna, "al bot");
    page.arrived(&conversation, "al bot").await;
    tried().await.problem(409, "held_elsewhere");
    page.pages.hand(&page.id, &anna, &page.app.card.id, Hand::Ours).unwrap();
    page.says(&anna, "a voi");
    page.arrived(&conversation, "a voi").await;
    let reply = tried().await.json(201);
    agent.reaches(&conversation, &reply, "sent").await;
    assert_eq!(page.sent().len(), 1);
}

async fn a_member_may_answer_for_seven_days(house: &House) {
    let app = page::app(house);
    let granted = Page::of(house, &house.workspace, &app, (KIND, |card| card.human_agent = true)).await;
    let refused = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    granted.listen();
    let agent = &house.workspace.agent;
    let (anna, first) = granted.talk("Anna Rossi", "A domani").await;
    let (_, second) = refused.talk("Bea Verdi", "A domani").await;
    house.clock.advance(2 * DAY_MS);
    let reply = agent.say(&first, "Eccoci").await;
    agent.reaches(&first, &reply, "delivered").await;
    assert_eq!(granted.phone(&anna).last().unwrap().tag.as_deref(), Some("HUMAN_AGENT"));
    let reply = agent.say(&second, "Eccoci").await;
    let failed = agent.reaches(&second, &reply, "failed").await;
    assert_eq!(failed["failure"]["code"], "human_agent_refused");
    let channel = house.workspace.owner.get(&format!("/channels/{}", refused.channel)).await;
    assert_eq!(channel["state"], "ready", "the channel works all the same");
    house.clock.advance(6 * DAY_MS);
    let path = format!("/conversations/{first}/messages");
    agent.call(Method::POST, &path, Some(&json!({ "text": "tardi" }))).await.problem(409, "window_closed");
}

async fn a_wish_for_deletion_is_met_and_can_be_followed(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "parola da dimenticare").await;
    let (_, other) = page.talk("Bea Verdi", "resta").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let (secret, user) = (&page.app.card.secret, page.pages.number_at_app(&anna, &page.app.card.id).unwrap());
    let forged = page.told_of(house, "data-deletion", (&user, "another secret")).await;
    forged.problem(401, "unauthorised");
    let answer = page.told_of(house, "data-deletion", (&user, secret)).await;
    let told = answer.json(200);
    let (url, code) = (text_of(&told["url"]), text_of(&told["confirmation_code"]));
    assert!(url.starts_with(&page.hook_url) && url.ends_with(&code) && code.len() >= 32, "{told}");
    let status = url.strip_prefix(&house.base).unwrap();
    let shown = until("it is met", async || {
        let shown = house.nobody().call(Method::GET, status, None).await;
        shown.text().contains("<h1>Deleted</h1>").then_some(shown)
    })
    .await;
    assert!(!shown.text().contains("Anna") && !shown.text().contains(&user), "{shown}");
    let gone = agent.call(Method::GET, &format!("/contacts/{contact}"), None).await;
    assert_eq!(gone.status.as_u16(), 404);
    assert_eq!(agent.texts(&other).await, ["resta"]);
    // The same wish again is the same; one of somebody unknown is answered, too.
    let again = page.told_of(house, "data-deletion", (&user, secret)).await.json(200);
    assert_eq!(again, told);
    let unknown = page.told_of(house, "data-deletion", ("4242", secret)).await.json(200);
    let status = text_of(&unknown["url"]).strip_prefix(&house.base).unwrap().to_owned();
    until("nothing is held", async || {
        let shown = house.nobody().call(Method::GET, &status, None).await;
        shown.text().contains("<h1>Nothing found</h1>").then_some(())
    })
    .await;
    let guessed =
        house.nobody().call(Method::GET, &status.replace(&text_of(&unknown["confirmation_code"]), "0"), None).await;
    assert_eq!(guessed.status.as_u16(), 404);
}

async fn an_app_that_was_taken_away_stops_the_channel_and_keeps_the_queue(house: &House) {
    let page = Page::connect(house, KIND).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let (_, conversation) = page.talk("Anna Rossi", "Ci siete?").await;
    let channel = format!("/channels/{}", page.channel);
    let state = async |expected: &str| {
        until(&format!("the channel is {expected}"), async || {
            let shown = owner.get(&channel).await;
            (shown["state"] == expected).then_some(shown)
        })
        .await
    };
    page.told_of(house, "deauthorize", ("1", "another secret")).await.problem(401, "unauthorised");
    page.app.graph.revoke_token(&page.app.token);
    let answer = page.told_of(house, "deauthorize", ("1", &page.app.card.secret)).await;
    assert_eq!(answer.status.as_u16(), 200);
    let stopped = state("needs_attention").await;
    assert!(stopped["state_detail"].as_str().is_some_and(|words| words.contains("token")), "{stopped}");
    let waiting = agent.say(&conversation, "appena possibile").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(agent.message(&conversation, &text_of(&waiting["id"])).await["state"], "queued");
    let token = page::token(&page.app.graph, &page.app.card.id);
    owner.patch(&channel, json!({ "settings": { "page_access_token": token } })).await;
    state("ready").await;
    agent.reaches(&conversation, &waiting, "delivered").await;
    // Somebody else's leave does no lasting harm: our token shows that it was not us.
    page.told_of(house, "deauthorize", ("2", &page.app.card.secret)).await;
    house.quiet().await;
    state("ready").await;
}

async fn one_app_serves_pages_of_two_workspaces(house: &House) {
    let app = page::app(house);
    let elsewhere = house.another_workspace().await;
    let ours = Page::of(house, &house.workspace, &app, (KIND, |_| ())).await;
    let theirs = Page::of(house, &elsewhere, &app, (KIND, |_| ())).await;
    ours.listen();
    let batch = simulator::faults::DeliveryFault::Batch { hold: 2 };
    app.graph.order_delivery_fault(&app.card.id, Order::always(batch).times(2).only("messages")).unwrap();
    let (anna, bea) = (ours.person("Anna Rossi"), theirs.person("Bea Verdi"));
    ours.says(&anna, "nostra");
    theirs.says(&bea, "loro");
    for (workspace, text) in [(&house.workspace, "nostra"), (&elsewhere, "loro")] {
        let found = until("each has its own", async || {
            let found = workspace.agent.list("/conversations").await;
            (!found.is_empty()).then_some(found)
        })
        .await;
        assert_eq!(found.len(), 1);
        assert_eq!(workspace.agent.texts(&text_of(&found[0]["id"])).await, [text]);
    }
}
