//! WhatsApp when the account or a recipient has to wait: what was begun is finished, nothing is lost, nothing goes twice.

use serde_json::{Value, json};
use simulator::faults::Order;
use simulator::graph::{MessageFault, TokenCard};

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::Number;

both_engines!(
    what_is_throttled_in_the_middle_goes_on_from_there,
    what_is_stopped_in_the_middle_goes_on_when_the_channel_does,
    what_waits_for_a_stopped_channel_goes_out_in_order_once_it_is_mended,
    another_partners_removal_stops_nothing_and_our_own_is_noticed,
);

/// Meta refuses one message with a code, after it has taken so many.
fn refuses(number: &Number, code: i64, after: u64) {
    let order = Order::once(MessageFault::Refuse { code }).after(after);
    number.app.graph.order_message_fault(&number.app.card.id, order).unwrap();
}

/// Three files as one message.
async fn sends_three(house: &House, conversation: &str) -> Value {
    let agent = &house.workspace.agent;
    let mut files = Vec::new();
    for name in ["pane.pdf", "dolci.pdf", "feste.pdf"] {
        files.push(agent.upload(name, format!("%PDF-1.7 {name}").as_bytes()).await);
    }
    let order = json!({ "text": "I listini", "attachments": files });
    agent.post(&format!("/conversations/{conversation}/messages"), order).await
}

/// Checks that exactly the three parts of a message are the last that were sent, each once and in order.
fn each_part_once(number: &Number, message: &Value, before: usize) {
    let id = text_of(&message["id"]);
    let sent = number.sent().split_off(before);
    let parts: Vec<_> = sent.iter().map(|sent| sent.callback_data.clone().unwrap_or_default()).collect();
    assert_eq!(parts, [format!("{id}#1"), format!("{id}#2"), id]);
    assert!(sent.iter().all(|sent| sent.kind == "document"));
    assert_eq!((sent[0].text.as_deref(), sent[1].text.as_deref()), (Some("I listini"), None));
}

fn uploads(number: &Number) -> u64 {
    number.app.graph.calls(&number.app.card.id).unwrap().get("POST media").map_or(0, |tally| tally.acted)
}

async fn what_is_throttled_in_the_middle_goes_on_from_there(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Mi manda i listini?").await;
    // Too fast for this recipient, too fast for the account.
    for code in [131_056, 130_429] {
        let (before, brought) = (number.sent().len(), uploads(&number));
        refuses(&number, code, 1);
        let message = sends_three(house, &conversation).await;
        let next = agent.say(&conversation, "E basta").await;
        until("all of it is delivered", async || {
            house.clock.advance(500);
            let both = [&message, &next].map(|one| text_of(&one["id"]));
            let said = agent.messages(&conversation).await;
            let delivered = said.iter().filter(|one| one["state"] == "delivered");
            (delivered.filter(|one| both.contains(&text_of(&one["id"]))).count() == 2).then_some(())
        })
        .await;
        let last = number.sent().pop().unwrap();
        assert_eq!(last.text.as_deref(), Some("E basta"), "nothing overtook it");
        assert_eq!(number.sent().len(), before + 4);
        assert_eq!(uploads(&number) - brought, 5, "the first file is not brought again");
        let parts: Vec<_> = number.sent()[before..].iter().map(|sent| sent.callback_data.clone().unwrap()).collect();
        let id = text_of(&message["id"]);
        assert_eq!(parts, [format!("{id}#1"), format!("{id}#2"), id, text_of(&next["id"])]);
    }
}

/// Gives the channel a new token, as an owner does who has seen to what Meta wanted.
async fn mended(house: &House, number: &Number) {
    let card = TokenCard { app: number.app.card.id.clone(), ..TokenCard::default() };
    let token = number.app.graph.create_token(card).unwrap().token;
    let settings = json!({ "settings": { "access_token": token } });
    let ready = house.workspace.owner.patch(&format!("/channels/{}", number.channel), settings).await;
    assert_eq!((&ready["state"], &ready["state_reason"]), (&json!("ready"), &json!(null)));
}

async fn stopped(house: &House, number: &Number) -> String {
    let path = format!("/channels/{}", number.channel);
    until("the channel stops", async || {
        let channel = house.workspace.owner.get(&path).await;
        (channel["state"] == "needs_attention").then(|| text_of(&channel["state_reason"]))
    })
    .await
}

async fn what_is_stopped_in_the_middle_goes_on_when_the_channel_does(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Mi manda i listini?").await;
    refuses(&number, 131_042, 1);
    let message = sends_three(house, &conversation).await;
    assert_eq!(stopped(house, &number).await, "payment_needed");
    // The first is delivered and read meanwhile: of the others that says nothing.
    number.whatsapp.read(&number.id, &anna).unwrap();
    until("that was told", async || (number.app.graph.pending(&number.app.card.id).unwrap() == 0).then_some(())).await;
    until("that was heard", async || (house.app.vault.depths().await.unwrap().inbox == 0).then_some(())).await;
    let waits = agent.message(&conversation, &text_of(&message["id"])).await;
    assert_eq!((&waits["state"], number.sent().len()), (&json!("queued"), 1));
    mended(house, &number).await;
    agent.reaches(&conversation, &message, "delivered").await;
    each_part_once(&number, &message, 0);
    // Whatever came of the parts, it is one message with all its ids.
    let shown = number.phone(&anna);
    number.whatsapp.react(&number.id, &anna, &shown[1].message_id, Some("👍")).unwrap();
    until("the reaction to the first file is on it", async || {
        let shown = agent.message(&conversation, &text_of(&message["id"])).await;
        (shown["reactions"][0]["emoji"] == "👍").then_some(())
    })
    .await;
}

async fn what_waits_for_a_stopped_channel_goes_out_in_order_once_it_is_mended(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, anna) = number.talk("Anna", "a").await;
    let (_, bea) = number.talk("Bea", "b").await;
    refuses(&number, 131_031, 0);
    let mut waiting = vec![(&anna, agent.say(&anna, "uno").await)];
    assert!(!stopped(house, &number).await.is_empty());
    for (conversation, text) in [(&anna, "due"), (&bea, "per Bea"), (&anna, "tre")] {
        waiting.push((conversation, agent.say(conversation, text).await));
    }
    assert!(number.sent().is_empty());
    mended(house, &number).await;
    for (conversation, message) in &waiting {
        agent.reaches(conversation, message, "delivered").await;
    }
    let texts: Vec<_> = number.sent().into_iter().filter_map(|sent| sent.text).collect();
    let annas: Vec<_> = texts.iter().filter(|text| *text != "per Bea").collect();
    assert_eq!((annas.as_slice(), texts.len()), (["uno", "due", "tre"].map(str::to_owned).each_ref().as_slice(), 4));
}

async fn another_partners_removal_stops_nothing_and_our_own_is_noticed(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "a").await;
    house.quiet().await;
    let asked = || number.app.graph.calls(&number.app.card.id).unwrap()["GET phone_number"].calls;
    let path = format!("/channels/{}", number.channel);
    let owner_of = json!({ "waba_id": number.account, "owner_business_id": "2329417887457253",
                           "solution_partner_business_ids": ["520744086200222"] });
    for removed in ["PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED"] {
        let before = asked();
        let told = json!({ "event": removed, "waba_info": owner_of });
        number.whatsapp.tell(&number.account, "account_update", told).unwrap();
        until("Meta is asked whether it was us", async || (asked() > before).then_some(())).await;
        house.quiet().await;
        assert_eq!(house.workspace.owner.get(&path).await["state"], "ready");
        let message = agent.say(&conversation, removed).await;
        agent.reaches(&conversation, &message, "delivered").await;
    }
    number.app.graph.revoke_token(&number.app.token);
    let told = json!({ "event": "PARTNER_REMOVED", "waba_info": owner_of });
    number.whatsapp.tell(&number.account, "account_update", told).unwrap();
    assert_eq!(stopped(house, &number).await, "reauthorise");
}
