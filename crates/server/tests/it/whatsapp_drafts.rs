//! Templates that are made here and taken back, and the profile of the business.

use http::Method;
use serde_json::{Value, json};
use simulator::faults::{CallFault, Order};

use crate::house::{House, until};
use crate::number::Number;

both_engines!(
    a_template_is_made_and_sent_once_it_is_approved,
    what_would_be_refused_is_said_before_anybody_is_asked,
    the_example_of_a_header_goes_first,
    a_lost_answer_is_looked_up,
    a_template_is_taken_back_in_one_language,
    the_profile_is_read_and_changed,
    another_kind_of_channel_has_neither,
);

fn draft() -> Value {
    json!({
        "name": "order_update", "language": "it", "category": "utility",
        "header": { "kind": "text", "text": "Ordine {{1}}", "example": "A-1" },
        "body": "Salve {{1}}, il suo ordine è {{2}} da ieri.", "examples": { "1": "Anna", "2": "pronto" },
        "footer": "Forno Nord",
        "buttons": [{ "kind": "quick_reply", "label": "Grazie" },
            { "kind": "url", "label": "Vedi", "target": "https://example.org/{{1}}", "example": "https://example.org/7" }],
    })
}

fn plain(name: &str, language: &str) -> Value {
    json!({ "name": name, "language": language, "category": "utility", "body": "Il suo ordine è pronto." })
}

fn path(number: &Number) -> String {
    format!("/channels/{}/templates", number.channel)
}

async fn a_template_is_made_and_sent_once_it_is_approved(house: &House) {
    let number = Number::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    agent.call(Method::POST, &path(&number), Some(&draft())).await.problem(403, "forbidden");
    let keyed = owner.with("idempotency-key", "once");
    let made = keyed.post(&path(&number), draft()).await;
    assert_eq!((&made["status"], &made["category"]), (&json!("pending"), &json!("utility")));
    assert_eq!((&made["header"]["text"], &made["variables"]), (&json!("Ordine {{1}}"), &json!(["1", "2"])));
    let again = keyed.post(&path(&number), draft()).await;
    assert_eq!(again["name"], made["name"], "the same order again is the same template");
    let known = number.whatsapp.templates(&number.account).unwrap();
    assert_eq!(known.len(), 1);
    let components = &known[0].1.components;
    assert_eq!(components[1]["example"], json!({ "body_text": [["Anna", "pronto"]] }));
    assert_eq!(components[3]["buttons"][1]["example"], json!(["https://example.org/7"]));
    let (_, conversation) = number.talk("Anna", "Allora?").await;
    let order = json!({ "template": { "name": "order_update", "language": "it", "variables": ["Anna", "pronto"],
        "header": { "text": "A-7" }, "buttons": [{ "index": 1, "value": "7" }] } });
    let messages = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &messages, Some(&order)).await.problem(422, "invalid");
    number.whatsapp.decide_template(&number.account, &known[0].0, "APPROVED", None).unwrap();
    let list = path(&number);
    until("it is approved", async || (owner.list(&list).await[0]["status"] == "approved").then_some(())).await;
    let sent = agent.post(&messages, order).await;
    assert_eq!(sent["text"], "Ordine A-7\n\nSalve Anna, il suo ordine è pronto da ieri.\n\nForno Nord");
    agent.reaches(&conversation, &sent, "delivered").await;
}

async fn what_would_be_refused_is_said_before_anybody_is_asked(house: &House) {
    let number = Number::connect(house).await;
    let owner = &house.workspace.owner;
    let changed = |key: &str, value: Value| {
        let mut draft = draft();
        draft[key] = value;
        draft
    };
    let photo = owner.upload("foto.png", b"\x89PNG\r\n\x1a\n0000").await;
    for (wrong, field) in [
        (changed("name", json!("Order Update")), "name"),
        (changed("language", json!("italiano")), "language"),
        (changed("category", json!("gossip")), "category"),
        (changed("body", json!("{{1}} ordina {{2}} qui.")), "body"),
        (changed("examples", json!({ "1": "Anna" })), "examples"),
        (changed("footer", json!("La sua carta 4111 1111 1111 1111")), "footer"),
        (changed("buttons", json!([{ "kind": "url", "label": "Vedi", "target": "forno" }])), "buttons.0.target"),
        (changed("header", json!({ "kind": "image" })), "header.attachment"),
        (changed("header", json!({ "kind": "image", "attachment": "att_1" })), "header.attachment"),
        (changed("header", json!({ "kind": "video", "attachment": photo })), "header.attachment"),
        (changed("header", json!({ "kind": "sound" })), "header.kind"),
    ] {
        let answer = owner.call(Method::POST, &path(&number), Some(&wrong)).await;
        answer.problem(422, "invalid");
        assert!(answer.json(422)["fields"][field].is_string(), "{field}: {answer}");
    }
    assert!(number.whatsapp.templates(&number.account).unwrap().is_empty(), "nobody was asked");
    owner.post(&path(&number), plain("order_update", "it")).await;
    let taken = owner.call(Method::POST, &path(&number), Some(&plain("order_update", "it"))).await;
    taken.problem(409, "provider_refused");
    assert!(taken.text().contains("Choose another name"), "{taken}");
}

async fn the_example_of_a_header_goes_first(house: &House) {
    let number = Number::connect(house).await;
    let owner = &house.workspace.owner;
    let pdf = owner.upload("ricevuta.pdf", b"%PDF-1.7 example").await;
    let mut receipt = plain("receipt", "it");
    receipt["header"] = json!({ "kind": "document", "attachment": pdf });
    let made = owner.post(&path(&number), receipt).await;
    assert_eq!(made["header"]["kind"], "document");
    let (id, card) = number.whatsapp.templates(&number.account).unwrap().pop().unwrap();
    assert!(card.components[0]["example"]["header_handle"][0].as_str().is_some_and(|handle| handle.starts_with("4::")));
    number.whatsapp.decide_template(&number.account, &id, "APPROVED", None).unwrap();
    let list = path(&number);
    until("it is approved", async || (owner.list(&list).await[0]["status"] == "approved").then_some(())).await;
    // What a contact sent is no example.
    let agent = &house.workspace.agent;
    let (anna, conversation) = number.talk("Anna", "Una foto").await;
    let photo = simulator::telegram::Upload::new("", "image/png", b"\x89PNG\r\n\x1a\n0000".to_vec());
    number.says(&anna, simulator::graph::whatsapp::Says::Image(photo));
    let theirs = until("the photo is here", async || {
        let file = agent.messages(&conversation).await.into_iter().find_map(|it| it["attachments"].get(0).cloned())?;
        (file["state"] == "stored").then_some(file)
    })
    .await;
    let mut wrong = plain("photo", "it");
    wrong["header"] = json!({ "kind": "image", "attachment": theirs["id"] });
    owner.call(Method::POST, &path(&number), Some(&wrong)).await.problem(422, "invalid");
}

async fn a_lost_answer_is_looked_up(house: &House) {
    let number = Number::connect(house).await;
    let owner = &house.workspace.owner;
    let lost = Order::once(CallFault::CutAfter).only("POST message_templates");
    number.app.graph.order_call_fault(&number.app.card.id, lost).unwrap();
    let answer = owner.call(Method::POST, &path(&number), Some(&plain("order_update", "it"))).await;
    answer.problem(503, "unavailable");
    let there = path(&number);
    let found = until("it is there although nobody said so", async || owner.list(&there).await.pop()).await;
    assert_eq!((&found["name"], &found["status"]), (&json!("order_update"), &json!("pending")));
    assert_eq!(number.whatsapp.templates(&number.account).unwrap().len(), 1);
}

async fn a_template_is_taken_back_in_one_language(house: &House) {
    let number = Number::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    owner.post(&path(&number), plain("order_update", "it")).await;
    owner.post(&path(&number), plain("order_update", "de")).await;
    let one = format!("{}?name=order_update&language=it", path(&number));
    agent.call(Method::DELETE, &one, None).await.problem(403, "forbidden");
    assert_eq!(owner.call(Method::DELETE, &one, None).await.status, 204);
    owner.call(Method::DELETE, &one, None).await.problem(404, "not_found");
    let left: Vec<_> = number.whatsapp.templates(&number.account).unwrap();
    assert_eq!(left.iter().map(|(_, card)| card.language.as_str()).collect::<Vec<_>>(), ["de"]);
    let shown = owner.list(&path(&number)).await;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["language"], "de");
}

async fn the_profile_is_read_and_changed(house: &House) {
    let number = Number::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let path = format!("/channels/{}/profile", number.channel);
    agent.call(Method::GET, &path, None).await.problem(403, "forbidden");
    let empty = owner.get(&path).await;
    assert_eq!((&empty["about"], &empty["websites"]), (&json!(null), &json!([])));
    let wanted = json!({ "about": "Pane fresco", "address": "Via Roma 1", "websites": ["https://forno.example/"],
        "category": "restaurant" });
    let shown = owner.patch(&path, wanted.clone()).await;
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(&shown[key], value, "{key}");
    }
    assert_eq!(number.whatsapp.profile(&number.id).unwrap()["vertical"], "RESTAURANT");
    let changed = owner.patch(&path, json!({ "address": "", "email": "ciao@forno.example" })).await;
    assert_eq!((&changed["address"], &changed["email"]), (&json!(null), &json!("ciao@forno.example")));
    assert_eq!(changed["about"], "Pane fresco", "what is not named stays");
    let wrong = json!({ "about": "", "category": "bakery", "websites": ["forno.example"] });
    let answer = owner.call(Method::PATCH, &path, Some(&wrong)).await;
    answer.problem(422, "invalid");
    assert_eq!(answer.json(422)["fields"].as_object().map(serde_json::Map::len), Some(3), "{answer}");
    // A token that ended is found out here, too: members are told, and the channel says what it needs.
    number.app.graph.revoke_token(&number.app.token);
    owner.call(Method::GET, &path, None).await.problem(409, "channel_off");
    let channel = owner.get(&format!("/channels/{}", number.channel)).await;
    assert_eq!((&channel["state"], &channel["state_reason"]), (&json!("needs_attention"), &json!("reauthorise")));
}

async fn another_kind_of_channel_has_neither(house: &House) {
    let owner = &house.workspace.owner;
    let order = json!({ "kind": "api", "name": "App", "settings": { "webhook_url": "https://app.example/hook" } });
    let channel = owner.post("/channels", order).await;
    let of = |what: &str| format!("/channels/{}/{what}", channel["id"].as_str().unwrap_or_default());
    owner.call(Method::GET, &of("profile"), None).await.problem(409, "not_supported");
    owner.call(Method::POST, &of("templates"), Some(&plain("a", "it"))).await.problem(409, "not_supported");
}
