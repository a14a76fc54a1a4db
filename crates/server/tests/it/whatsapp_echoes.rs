//! What the business's phone tells of what was sent from here: it may come before the reply, and is the same message.

use serde_json::{Value, json};
use simulator::faults::{CallFault, Order};

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::{Number, delivery};

both_engines!(an_echo_before_the_reply_is_what_was_sent, an_echo_before_a_status_that_names_our_id_is_what_was_sent);

/// A number whose sends go wrong in one way, and of which only the phone is told: no status says what became of a send.
async fn quiet_number(house: &House, fault: CallFault) -> Number {
    let number = Number::connect_as(house, |card| card.coexistence = true).await;
    let graph = &number.app.graph;
    graph.order_call_fault(&number.app.card.id, Order::once(fault).only("POST messages")).unwrap();
    number
}

fn hears_only_echoes(number: &Number) {
    let fields = ["smb_message_echoes"];
    number.app.graph.set_callback(&number.app.card.id, "whatsapp_business_account", &number.hook_url, &fields).unwrap();
}

/// One change of this number, as an entry of a delivery.
fn change(number: &Number, field: &str, key: &str, item: &Value) -> Value {
    let mut value = json!({ "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "390255500000", "phone_number_id": number.id } });
    value[key] = json!([item]);
    json!({ "id": number.account, "changes": [{ "field": field, "value": value }] })
}

/// What was really sent, as the phone tells it.
fn echo(number: &Number) -> Value {
    let sent = number.sent().pop().unwrap();
    let people = number.whatsapp.people();
    let to = &people.iter().find(|person| person.id == sent.person).unwrap().number;
    let item = json!({ "from": "390255500000", "to": to, "id": sent.id, "timestamp": "1760000000", "type": "text",
                       "text": { "body": sent.text } });
    delivery(&[change(number, "smb_message_echoes", "message_echoes", &item)])
}

async fn is_there(number: &Number) {
    until("Meta has it", async || (!number.sent().is_empty()).then_some(())).await;
}

async fn an_echo_before_the_reply_is_what_was_sent(house: &House) {
    let number = quiet_number(house, CallFault::Late { ms: 3_000 }).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Aprite domani?").await;
    hears_only_echoes(&number);
    let message = agent.say(&conversation, "Sì, alle otto").await;
    is_there(&number).await;
    assert_eq!(number.post(house, &echo(&number), &number.app.card.secret).await, 200);
    // As long as the reply is under way nobody can know whose it is.
    until("it is shown", async || {
        let said = agent.messages(&conversation).await;
        (said.len() == 3 || said[1]["state"] != "queued").then_some(())
    })
    .await;
    agent.reaches(&conversation, &message, "sent").await;
    let said = agent.messages(&conversation).await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!((&said[1]["id"], &said[1]["author"]["kind"]), (&message["id"], &json!("member")));
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["last_message"]["id"], message["id"]);
    assert_eq!(number.post(house, &echo(&number), &number.app.card.secret).await, 200);
    house.quiet().await;
    assert_eq!(agent.messages(&conversation).await.len(), 2, "and it is known from then on");
    let found = agent.list("/search?q=otto").await;
    assert_eq!(found.len(), 1, "found once: {found:?}");
}

async fn an_echo_before_a_status_that_names_our_id_is_what_was_sent(house: &House) {
    let number = quiet_number(house, CallFault::CutAfter).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Aprite domani?").await;
    hears_only_echoes(&number);
    let message = agent.say(&conversation, "Sì, alle nove").await;
    is_there(&number).await;
    assert_eq!(number.post(house, &echo(&number), &number.app.card.secret).await, 200);
    until("the echo is shown beside it", async || (agent.messages(&conversation).await.len() == 3).then_some(())).await;
    let sent = number.sent().pop().unwrap();
    let status = json!({ "id": sent.id, "status": "delivered", "timestamp": "1760000001",
                         "biz_opaque_callback_data": sent.callback_data });
    let told = delivery(&[change(&number, "messages", "statuses", &status)]);
    assert_eq!(number.post(house, &told, &number.app.card.secret).await, 200);
    agent.reaches(&conversation, &message, "delivered").await;
    let said = agent.messages(&conversation).await;
    let ids: Vec<_> = said.iter().map(|message| text_of(&message["id"])).collect();
    assert_eq!((ids.len(), ids.last()), (2, Some(&text_of(&message["id"]))));
}
