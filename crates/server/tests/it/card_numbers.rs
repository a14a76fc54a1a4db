//! Full card numbers and what is said of somebody's health are stopped where a provider forbids them: when they are written, when their time comes, and when they are
//! tried again; and nowhere else.

use http::Method;
use serde_json::{Value, json};
use simulator::graph::whatsapp::TemplateCard;

use crate::client::text_of;
use crate::house::{House, until};
use crate::number::Number;

both_engines!(
    a_card_number_is_refused_in_everything_that_is_written,
    what_has_waited_is_stopped_too,
    health_data_is_refused_and_a_shop_s_words_are_not,
    where_no_provider_forbids_it_nothing_is_stopped,
);

const CARD: &str = "4111 1111 1111 1111";

async fn a_card_number_is_refused_in_everything_that_is_written(house: &House) {
    let number = Number::connect(house).await;
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let card = TemplateCard::text("order_update", "it", "UTILITY", "Salve {{1}}, ecco.");
    number.whatsapp.create_template(&number.account, card).unwrap();
    let templates = format!("/channels/{}/templates", number.channel);
    assert_eq!(owner.call(Method::POST, &format!("{templates}/syncs"), None).await.status, 202);
    until("the template is here", async || owner.list(&templates).await.pop()).await;
    let (_, conversation) = number.talk("Anna", "Come pago?").await;
    let path = format!("/conversations/{conversation}/messages");
    let named = agent.upload(&format!("{CARD}.txt"), b"x").await;
    let file = agent.upload("scontrino.txt", b"x").await;
    let table = agent.upload("ordini.csv", format!("nome;carta\nAnna;{CARD}\n").as_bytes()).await;
    let rows = |label: &str| json!([{ "label": label, "data": "a" }]);
    for order in [
        json!({ "text": format!("La sua carta {CARD} va bene") }),
        json!({ "text": "4111111111111111" }),
        json!({ "text": "il CVV è 123" }),
        json!({ "text": format!("didascalia {CARD}"), "attachments": [file] }),
        json!({ "text": "ecco", "attachments": [named] }),
        json!({ "text": "ecco", "attachments": [table] }),
        json!({ "text": "ecco", "buttons": [[{ "label": "Sì", "data": CARD }]] }),
        json!({ "text": "ecco", "list": { "button": "Scelga", "sections": [{ "rows": rows(CARD) }] } }),
        json!({ "template": { "name": "order_update", "language": "it", "variables": [CARD] } }),
        json!({ "text": CARD, "send_at": later(house) }),
    ] {
        let answer = agent.call(Method::POST, &path, Some(&order)).await;
        answer.problem(409, "card_number");
        assert!(!answer.text().contains("1111"), "it is not said again: {answer}");
    }
    assert_eq!(agent.messages(&conversation).await.len(), 1, "what is refused leaves nothing");
    for fine in ["finisce con 1111", "ordine 4111111111111111", "chiami +39 333 123 4567"] {
        let sent = agent.say(&conversation, fine).await;
        agent.reaches(&conversation, &sent, "delivered").await;
    }
    let note = agent.post(&path, json!({ "text": CARD, "note": true })).await;
    assert_eq!(note["direction"], "note", "a note is seen by members alone");
    house.quiet().await;
    assert!(number.sent().iter().all(|sent| sent.text.as_deref().is_some_and(|text| !text.contains(CARD))));
}

fn later(house: &House) -> String {
    let at = vault::Clock::now(&*house.clock) + 3_600_000;
    jiff::Timestamp::from_millisecond(at).unwrap().to_string()
}

/// A message that was written before there was such a rule is stopped when its turn comes, and when a member tries it again.
async fn what_has_waited_is_stopped_too(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Come pago?").await;
    let scope = house.workspace.operator.clone();
    let cnv: vault::ConversationId = conversation.parse().unwrap();
    let author = house.workspace.agent_id;
    let message = house
        .app
        .vault
        .write(&scope, move |tx| -> vault::Result<_> {
            let head = vault::conversations::head(tx, cnv)?;
            let new = vault::messages::NewMessage {
                conversation: cnv,
                channel: head.channel,
                contact: head.contact,
                direction: vault::messages::Direction::Outgoing,
                writer: vault::messages::Writer::Member(author),
                body: vault::Personal::new(vault::messages::Body::text(CARD)),
                reply_to: None,
                state: vault::messages::State::Queued,
                written_at: tx.now(),
            };
            let (message, _) = vault::messages::record(tx, &new)?;
            let order = vault::outbox::NewOutbox {
                channel: head.channel,
                conversation: cnv,
                contact: head.contact,
                message,
                act: vault::outbox::Act::Message,
                detail: None,
                gate: vault::outbox::Passed::unasked(vault::outbox::Gate::reply(None)),
            };
            vault::outbox::enqueue(tx, &order)?;
            Ok(message)
        })
        .await
        .unwrap();
    let failed = agent.reaches(&conversation, &json!({ "id": message.to_string() }), "failed").await;
    assert_eq!(failed["failure"]["code"], "card_number");
    let again = format!("/messages/{message}/retries");
    agent.call(Method::POST, &again, None).await.problem(409, "card_number");
    house.quiet().await;
    assert!(number.sent().is_empty());
}

/// Of somebody's health.
const ILL: &str = "Il suo diabete \u{e8} sotto controllo.";

async fn health_data_is_refused_and_a_shop_s_words_are_not(house: &House) {
    let number = Number::connect(house).await;
    let agent = &house.workspace.agent;
    let (_, conversation) = number.talk("Anna", "Avete il referto?").await;
    let path = format!("/conversations/{conversation}/messages");
    for order in [
        json!({ "text": ILL }),
        json!({ "text": ILL, "send_at": later(house) }),
        json!({ "text": "ecco", "buttons": [[{ "label": "S\u{ec}", "data": "la sua diagnosi: asma" }]] }),
    ] {
        let answer = agent.call(Method::POST, &path, Some(&order)).await;
        answer.problem(409, "health_data");
        assert!(!answer.text().contains("diabete"), "it is not said again: {answer}");
    }
    agent.post(&path, json!({ "text": ILL, "note": true })).await;
    for fine in ["Il misuratore di glicemia \u{e8} arrivato.", "Ha allergie?"] {
        let sent = agent.say(&conversation, fine).await;
        agent.reaches(&conversation, &sent, "delivered").await;
    }
    house.quiet().await;
    assert!(number.sent().iter().all(|sent| sent.text.as_deref().is_some_and(|text| !text.contains("diabete"))));
}

async fn where_no_provider_forbids_it_nothing_is_stopped(house: &House) {
    let bot = crate::bot::Bot::connect(house).await;
    let (_, conversation) = bot.talk("Anna", "Come pago?").await;
    for text in [CARD, "Your asthma is noted."] {
        let sent = house.workspace.agent.say(&conversation, text).await;
        house.workspace.agent.reaches(&conversation, &sent, "sent").await;
    }
    let kinds: Vec<Value> = house.workspace.agent.list("/channels/kinds").await;
    let forbidding: Vec<String> =
        kinds.iter().filter(|kind| kind["no_card_numbers"] == true).map(|kind| text_of(&kind["kind"])).collect();
    assert_eq!(forbidding, ["whatsapp", "whatsapp_twilio"]);
}
