//! Templates, lists and buttons: what may be sent when, and what the contact reads.

use http::Method;
use serde_json::{Value, json};
use simulator::graph::whatsapp::TemplateCard;

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::Number;
use crate::stream::Stream;

both_engines!(
    a_closed_window_takes_templates_alone,
    a_template_is_sent_with_all_its_parts,
    what_the_provider_decides_is_known_at_once,
    advertising_needs_its_own_consent_and_stops_at_once,
    the_daily_bound_makes_templates_wait,
    lists_and_buttons_are_answered,
    somebody_who_never_wrote_is_written_to_and_answers,
);

const DAY: i64 = 24 * 3_600_000;

fn update() -> TemplateCard {
    TemplateCard::text("order_update", "it", "UTILITY", "Salve {{1}}, l'ordine {{2}} è pronto.")
}

fn sale() -> TemplateCard {
    TemplateCard::text("spring_sale", "it", "MARKETING", "Oggi tutto a metà prezzo.")
}

/// A number whose templates are known here.
async fn with_templates(house: &House, cards: Vec<TemplateCard>) -> Number {
    let number = Number::connect(house).await;
    let wanted = cards.len();
    for card in cards {
        number.whatsapp.create_template(&number.account, card).unwrap();
    }
    let owner = &house.workspace.owner;
    let path = format!("/channels/{}/templates", number.channel);
    let asked = owner.call(Method::POST, &format!("{path}/syncs"), None).await;
    assert_eq!(asked.status, 202, "{asked}");
    until("the templates are here", async || (owner.list(&path).await.len() == wanted).then_some(())).await;
    number
}

fn filled() -> Value {
    json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna", "A-1"] } })
}

async fn a_closed_window_takes_templates_alone(house: &House) {
    let number = with_templates(house, vec![update()]).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Mi avvisi").await;
    let path = format!("/conversations/{conversation}/messages");
    let within = agent.post(&path, filled()).await;
    agent.reaches(&conversation, &within, "delivered").await;
    house.clock.advance(DAY + 60_000);
    let closed = agent.call(Method::POST, &path, Some(&json!({ "text": "troppo tardi" }))).await;
    closed.problem(409, "window_closed");
    agent.call(Method::POST, &path, Some(&filled())).await.problem(409, "no_consent");
    assert_eq!(agent.messages(&conversation).await.len(), 2, "what is refused leaves nothing");
    number.agrees(&number.contact_of(&conversation).await, "messages").await;
    let sent = agent.post(&path, filled()).await;
    assert_eq!(sent["text"], "Salve Anna, l'ordine A-1 è pronto.");
    assert_eq!(sent["template"], json!({ "name": "order_update", "language": "it", "category": "utility" }));
    let arrived = agent.reaches(&conversation, &sent, "delivered").await;
    assert_eq!(arrived["price"], json!({ "category": "utility", "billable": true }));
    assert_eq!(number.phone(&anna).last().unwrap().text.as_deref(), Some("Salve Anna, l'ordine A-1 è pronto."));
    // What was sent is found by its words.
    until("it is found", async || {
        let found = agent.get("/search?q=pronto").await;
        (found["data"].as_array()?.len() == 2).then_some(())
    })
    .await;
    number.whatsapp.say_text(&number.id, &anna, "Arrivo").unwrap();
    number.arrived(&conversation, "Arrivo").await;
    let reply = agent.say(&conversation, "A presto").await;
    agent.reaches(&conversation, &reply, "delivered").await;
}

async fn a_template_is_sent_with_all_its_parts(house: &House) {
    let whole = TemplateCard {
        name: "receipt".into(),
        language: "it".into(),
        components: json!([
            { "type": "HEADER", "format": "DOCUMENT" },
            { "type": "BODY", "text": "Ricevuta di {{name}}", "example": {} },
            { "type": "FOOTER", "text": "Bäckerei Nord" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Grazie" },
                { "type": "URL", "text": "Vedi", "url": "https://example.org/r/{{1}}" },
            ] },
        ]),
        ..TemplateCard::default()
    };
    let number = with_templates(house, vec![whole, update()]).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "La ricevuta?").await;
    let path = format!("/conversations/{conversation}/messages");
    let pdf = agent.upload("ricevuta.pdf", b"%PDF-1.7 x").await;
    let order = json!({ "template": { "name": "receipt", "language": "it", "variables": { "name": "Anna" },
        "header": { "attachment": pdf }, "buttons": [{ "index": 0, "value": "thanks" }, { "index": 1, "value": "77" }] } });
    let sent = agent.post(&path, order.clone()).await;
    assert_eq!(sent["text"], "Ricevuta di Anna\n\nBäckerei Nord");
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown = number.phone(&anna).pop().unwrap();
    assert_eq!((shown.text.as_deref(), shown.footer.as_deref()), (Some("Ricevuta di Anna"), Some("Bäckerei Nord")));
    number.whatsapp.tap(&number.id, &anna, &shown.message_id, "thanks").unwrap();
    let tapped = number.arrived(&conversation, "Grazie").await;
    assert_eq!(tapped["choice"], "thanks");
    for wrong in [
        json!({ "template": { "name": "nobody", "language": "it" } }),
        json!({ "template": { "name": "order_update", "language": "de", "variables": ["Anna", "A-1"] } }),
        json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna"] } }),
        json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna", "a\nb"] } }),
        json!({ "template": { "name": "order_update", "language": "it", "variables": "Anna" } }),
        json!({ "template": { "name": "receipt", "language": "it", "variables": { "name": "Anna" } } }),
        json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna", "A-1"] }, "text": "e poi" }),
        json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna", "A-1"] }, "note": true }),
    ] {
        agent.call(Method::POST, &path, Some(&wrong)).await.problem(422, "invalid");
    }
}

async fn what_the_provider_decides_is_known_at_once(house: &House) {
    let pending = TemplateCard { status: "PENDING".into(), ..update() };
    let number = with_templates(house, vec![pending]).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let (_, conversation) = number.talk("Anna", "Allora?").await;
    let path = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &path, Some(&filled())).await.problem(422, "invalid");
    let stream = Stream::open(agent, "/events", None).await;
    let templates = format!("/channels/{}/templates", number.channel);
    let shown = &owner.list(&templates).await[0];
    assert_eq!((&shown["status"], &shown["variables"]), (&json!("pending"), &json!(["1", "2"])));
    let id = number.whatsapp.templates(&number.account).unwrap()[0].0.clone();
    number.whatsapp.decide_template(&number.account, &id, "APPROVED", None).unwrap();
    stream.next("members hear of it", |event| event.kind == "template.updated").await;
    until("it is approved", async || (owner.list(&templates).await[0]["status"] == "approved").then_some(())).await;
    let sent = agent.post(&path, filled()).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    number.whatsapp.recategorize(&number.account, &id, "MARKETING").unwrap();
    until("it is advertising now", async || (owner.list(&templates).await[0]["category"] == "marketing").then_some(()))
        .await;
    agent.call(Method::POST, &path, Some(&filled())).await.problem(409, "no_consent");
    number.whatsapp.rate_template(&number.account, &id, "RED").unwrap();
    until("its quality is known", async || (owner.list(&templates).await[0]["quality"] == "red").then_some(())).await;
    // One that was made at the provider and is not known here is read when it is spoken of.
    let new = number.whatsapp.create_template(&number.account, sale()).unwrap();
    number.whatsapp.decide_template(&number.account, &new, "REJECTED", Some("ABUSIVE_CONTENT")).unwrap();
    let rejected = until("the new one is here", async || {
        owner.list(&templates).await.into_iter().find(|template| template["name"] == "spring_sale")
    })
    .await;
    assert_eq!((&rejected["status"], &rejected["reason"]), (&json!("rejected"), &json!("abusive_content")));
}

async fn advertising_needs_its_own_consent_and_stops_at_once(house: &House) {
    let number = with_templates(house, vec![sale()]).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Offerte?").await;
    let path = format!("/conversations/{conversation}/messages");
    let order = json!({ "template": { "name": "spring_sale", "language": "it" } });
    agent.call(Method::POST, &path, Some(&order)).await.problem(409, "no_consent");
    let contact = number.contact_of(&conversation).await;
    number.agrees(&contact, "messages").await;
    agent.call(Method::POST, &path, Some(&order)).await.problem(409, "no_consent");
    number.agrees(&contact, "marketing").await;
    let sent = agent.post(&path, order.clone()).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    // What waits behind something slow is stopped by the contact's word.
    let slow = simulator::faults::Order::once(simulator::faults::CallFault::Slow { ms: 1_500 }).only("POST messages");
    number.app.graph.order_call_fault(&number.app.card.id, slow).unwrap();
    let first = agent.say(&conversation, "Un momento").await;
    let second = agent.post(&path, order.clone()).await;
    house.clock.advance(2_000);
    number.whatsapp.stop_marketing(&number.id, &anna, true).unwrap();
    let failed = agent.reaches(&conversation, &second, "failed").await;
    assert_eq!(failed["failure"]["code"], "no_consent");
    agent.reaches(&conversation, &first, "delivered").await;
    agent.call(Method::POST, &path, Some(&order)).await.problem(409, "no_consent");
    house.quiet().await;
    let sales = number.sent().into_iter().filter(|sent| sent.kind == "template").count();
    assert_eq!(sales, 1);
}

async fn the_daily_bound_makes_templates_wait(house: &House) {
    let number = with_templates(house, vec![update()]).await;
    let agent = &house.workspace.agent;
    let (_, first) = number.talk("Anna", "uno").await;
    let (_, second) = number.talk("Bea", "due").await;
    for conversation in [&first, &second] {
        number.agrees(&number.contact_of(conversation).await, "messages").await;
    }
    let channel: vault::ChannelId = number.channel.parse().unwrap();
    let scope = house.app.vault.platform_scope(&house.workspace.operator).unwrap();
    let bound = move |tx: &vault::Tx<'_>| vault::channels::note_news(tx, channel, None, Some(1), tx.now());
    house.app.vault.write(&scope, bound).await.unwrap();
    house.clock.advance(DAY + 60_000);
    let sent = agent.post(&format!("/conversations/{first}/messages"), filled()).await;
    agent.reaches(&first, &sent, "delivered").await;
    let waits = agent.post(&format!("/conversations/{second}/messages"), filled()).await;
    let why = until("it says why it waits", async || {
        let shown = agent.message(&second, &text_of(&waits["id"])).await;
        (!shown["failure"].is_null()).then_some(shown)
    })
    .await;
    assert_eq!((&why["state"], &why["failure"]["code"]), (&json!("queued"), &json!("recipients_limit")));
    let raised = json!({ "max_daily_conversations_per_business": "TIER_2K" });
    number.whatsapp.tell(&number.account, "business_capability_update", raised).unwrap();
    let sent = agent.reaches(&second, &waits, "delivered").await;
    assert_eq!(sent["failure"], json!(null));
    assert_eq!(house.workspace.owner.get(&format!("/channels/{}", number.channel)).await["daily_recipients"], 2_000);
}

async fn lists_and_buttons_are_answered(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Cosa avete?").await;
    let path = format!("/conversations/{conversation}/messages");
    let rows =
        json!([{ "label": "Nero", "data": "rye", "description": "di segale" }, { "label": "Bianco", "data": "white" }]);
    let list = json!({ "button": "Scelga", "sections": [{ "title": "Pane", "rows": rows }] });
    let sent = agent.post(&path, json!({ "text": "Ecco:", "list": list })).await;
    assert_eq!(sent["list"]["sections"][0]["rows"][0]["label"], "Nero");
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown = number.phone(&anna).pop().unwrap();
    number.whatsapp.tap(&number.id, &anna, &shown.message_id, "rye").unwrap();
    let chosen = number.arrived(&conversation, "Nero").await;
    assert_eq!((&chosen["choice"], &chosen["direction"]), (&json!("rye"), &json!("incoming")));
    let buttons = json!([[{ "label": "Sì", "data": "yes" }], [{ "label": "No", "data": "no" }]]);
    let sent = agent.post(&path, json!({ "text": "A domicilio?", "buttons": buttons })).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    let shown = number.phone(&anna).pop().unwrap();
    number.whatsapp.tap(&number.id, &anna, &shown.message_id, "no").unwrap();
    assert_eq!(number.arrived(&conversation, "No").await["choice"], "no");
    for wrong in [
        json!({ "text": "x", "list": { "button": "y", "sections": [] } }),
        json!({ "list": { "button": "y", "sections": [{ "rows": [{ "label": "a", "data": "a" }] }] } }),
        json!({ "text": "x", "list": { "button": "y", "sections": [{ "rows": [{ "label": "a", "data": "a" }, { "label": "b", "data": "a" }] }] } }),
    ] {
        agent.call(Method::POST, &path, Some(&wrong)).await.problem(422, "invalid");
    }
}

async fn somebody_who_never_wrote_is_written_to_and_answers(house: &House) {
    let number = with_templates(house, vec![update()]).await;
    let agent = &house.workspace.agent;
    let anna = number.whatsapp.create_person(simulator::graph::whatsapp::Person::named("Anna", "393331234567")).id;
    let identity = json!({ "channel_id": number.channel, "kind": "phone", "value": "+393331234567" });
    let contact = agent.post("/contacts", json!({ "name": "Anna Bianchi", "identities": [identity] })).await;
    let order = json!({ "channel_id": number.channel, "contact_id": contact["id"] });
    let conversation = text_of(&agent.post("/conversations", order).await["id"]);
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert!(shown["window"]["open_until"].is_string(), "there is a window, and it is over: {shown}");
    let path = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &path, Some(&json!({ "text": "Buongiorno" }))).await.problem(409, "window_closed");
    agent.call(Method::POST, &path, Some(&filled())).await.problem(409, "no_consent");
    number.agrees(&text_of(&contact["id"]), "messages").await;
    let sent = agent.post(&path, filled()).await;
    agent.reaches(&conversation, &sent, "delivered").await;
    number.says(&anna, simulator::graph::whatsapp::Saying::text("Grazie, arrivo"));
    number.arrived(&conversation, "Grazie, arrivo").await;
    let known = agent.get(&format!("/contacts/{}", text_of(&contact["id"]))).await;
    assert!(known["identities"].as_array().unwrap().iter().any(|one| one["kind"] == "whatsapp_user_id"), "{known}");
    assert_eq!(agent.list("/contacts").await.len(), 1);
    let reply = agent.say(&conversation, "A tra poco").await;
    agent.reaches(&conversation, &reply, "delivered").await;
}
