//! Instagram from phone to inbox and back: in what it differs from Messenger.

use serde_json::json;
use simulator::faults::{CallFault, Order};
use simulator::telegram::Upload;

use crate::client::text_of;
use crate::house::{House, until};
use crate::page::Page;

const KIND: &str = "instagram";

both_engines!(
    a_message_is_answered_and_read_up_to_it,
    stories_and_what_is_unsent,
    a_lost_reply_is_not_sent_again,
    a_wish_for_deletion_by_the_accounts_own_id_is_met,
    the_token_is_exchanged_before_it_ends,
);

async fn a_message_is_answered_and_read_up_to_it(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "Avete il pane nero? 🍞").await;
    let first = agent.say(&conversation, "Sì").await;
    agent.reaches(&conversation, &first, "sent").await;
    let list = agent.upload("listino.pdf", b"%PDF-1.7 list").await;
    let path = format!("/conversations/{conversation}/messages");
    let second = agent.post(&path, json!({ "text": "Ecco il listino", "attachments": [list] })).await;
    agent.reaches(&conversation, &second, "sent").await;
    page.pages.read(&page.id, &anna).unwrap();
    for message in [&first, &second] {
        agent.reaches(&conversation, message, "read").await;
    }
    page.pages.answer_in_inbox(&page.id, &anna, "Dal telefono").unwrap();
    let echo = page.arrived(&conversation, "Dal telefono").await;
    assert_eq!((&echo["direction"], &echo["elsewhere"]), (&json!("outgoing"), &json!(true)));
    house.quiet().await;
    let texts = agent.texts(&conversation).await;
    assert_eq!(texts.len(), 4, "our own echoes make nothing: {texts:?}");
    assert_eq!(agent.list("/contacts").await.len(), 1);
}

async fn stories_and_what_is_unsent(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "prima").await;
    let story = json!({ "reply_to": { "story": { "id": "17900", "url": "https://lookaside.fbsbx.com/x" } } });
    page.pages.say(&page.id, &anna, "Buono!", story).unwrap();
    let answer = page.arrived(&conversation, "Buono!").await;
    assert_eq!((&answer["origin"]["kind"], &answer["origin"]["id"]), (&json!("story"), &json!("17900")));
    let photo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 2_000]].concat();
    page.pages.send_file(&page.id, &anna, "story_mention", &Upload::new("", "image/png", photo)).unwrap();
    let mention = until("the mention", async || agent.messages(&conversation).await.into_iter().nth(2)).await;
    assert_eq!(mention["origin"]["kind"], "story_mention");
    assert!(mention["origin"]["url"].is_string() && mention["attachments"] == json!([]), "not stored: {mention}");
    let gone = page.says(&anna, "da dimenticare");
    let shown = page.arrived(&conversation, "da dimenticare").await;
    page.pages.unsend(&page.id, &anna, &gone).unwrap();
    until("it is gone here", async || {
        let shown = agent.message(&conversation, &text_of(&shown["id"])).await;
        (!shown["removed_at"].is_null() && shown["text"].is_null()).then_some(())
    })
    .await;
}

async fn the_token_is_exchanged_before_it_ends(house: &House) {
    const DAY: i64 = 24 * 3_600_000;
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = page.talk("Anna Rossi", "Ci siete?").await;
    let exchanged = |times: u64| {
        let calls = page.app.graph.calls(&page.app.card.id).unwrap();
        calls.get("GET refresh_access_token").is_some_and(|tally| tally.calls >= times)
    };
    assert!(!exchanged(1), "a token must be a day old");
    house.clock.advance(2 * DAY);
    until("it is exchanged", async || exchanged(1).then_some(())).await;
    house.quiet().await;
    // What is called from now on is called with the newer one: the first may end.
    page.app.graph.revoke_token(&page.app.token);
    page.says(&anna, "Allora?");
    page.arrived(&conversation, "Allora?").await;
    let channel = house.workspace.owner.get(&format!("/channels/{}", page.channel)).await;
    assert_eq!(channel["state"], "ready", "{channel}");
    let reply = agent.say(&conversation, "Sì").await;
    agent.reaches(&conversation, &reply, "sent").await;
    house.clock.advance(2 * DAY);
    until("it is exchanged once more", async || exchanged(2).then_some(())).await;
    let channel = house.workspace.owner.get(&format!("/channels/{}", page.channel)).await;
    assert_eq!(channel["state"], "ready", "{channel}");
}

async fn a_lost_reply_is_not_sent_again(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = page.talk("Anna Rossi", "Ricevuto?").await;
    let fault = Order::once(CallFault::CutBefore).only("POST messages");
    page.app.graph.order_call_fault(&page.app.card.id, fault).unwrap();
    let message = agent.say(&conversation, "perduto").await;
    let failed = agent.reaches(&conversation, &message, "failed").await;
    assert_eq!(failed["failure"]["code"], "outcome_unknown");
    house.clock.advance(3_600_000);
    house.quiet().await;
    assert!(page.sent().is_empty());
}

async fn a_wish_for_deletion_by_the_accounts_own_id_is_met(house: &House) {
    let page = Page::connect(house, KIND).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = page.talk("Anna Rossi", "da dimenticare").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let identities = agent.get(&format!("/contacts/{contact}")).await["identities"].clone();
    let own = text_of(&identities[0]["value"]);
    let told = page.told_of(house, "data-deletion", (&own, &page.app.card.secret)).await.json(200);
    assert!(text_of(&told["url"]).ends_with(&text_of(&told["confirmation_code"])));
    until("the contact is erased", async || {
        let gone = agent.call(http::Method::GET, &format!("/contacts/{contact}"), None).await;
        (gone.status.as_u16() == 404).then_some(())
    })
    .await;
}
