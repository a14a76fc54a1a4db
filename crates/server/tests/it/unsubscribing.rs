//! One click in a mail program ends advertising: at once, without signing in, and only if somebody clicked.

use http::Method;
use serde_json::json;
use vault::outbox::{self, Gate, Refusal};
use vault::{ChannelId, ContactId, unsubscribing};

use crate::api_channel::Other;
use crate::client::text_of;
use crate::house::House;

both_engines!(a_look_ends_nothing_and_one_post_ends_it);

async fn a_look_ends_nothing_and_one_post_ends_it(house: &House) {
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let consents = format!("/contacts/{contact}/consents");
    let given = json!({ "purpose": "marketing", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" });
    agent.post(&consents, given).await;
    house.clock.advance(1_000);
    let (channel, id): (ChannelId, ContactId) = (other.channel.parse().unwrap(), contact.parse().unwrap());
    let scope = &house.workspace.operator;
    let asked = async || {
        let gate = Gate { purpose: "marketing", ..Gate::reply(None) };
        house.app.vault.read(scope, move |tx| outbox::check(tx, channel, id, &gate)).await.unwrap()
    };
    let ticket = house.app.vault.read(scope, move |tx| unsubscribing::ticket(tx, channel, id)).await.unwrap();
    let path = format!("/unsubscribe/{ticket}");
    let nobody = house.nobody();
    let page = nobody.call(Method::GET, &path, None).await;
    assert!(page.status == 200 && page.text().contains("<form method=\"post\">"), "{page}");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"));
    assert!(!page.text().contains(&contact) && page.headers["cache-control"] == "no-store");
    nobody.head_of(Method::HEAD, &path).await;
    assert_eq!(asked().await, None, "a look ends nothing");
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", multipart),
        ("text/plain", ""),
    ] {
        let answer = nobody.send(Method::POST, &path, kind, body).await;
        assert!(answer.status == 200 && answer.text().contains("<h1>Unsubscribed</h1>"), "{answer}");
        assert_eq!(asked().await, Some(Refusal::NoConsent));
        house.clock.advance(1_000);
    }
    let told = agent.list(&consents).await;
    assert!(told.len() == 2 && told.iter().any(|one| !one["withdrawn_at"].is_null()), "{told:?}");
    let reply = agent.say(&conversation, "Still answered").await;
    agent.reaches(&conversation, &reply, "sent").await;
    let mut wrong = ticket.clone();
    wrong.replace_range(50..51, if &ticket[50..51] == "A" { "B" } else { "A" });
    for wrong in [wrong.as_str(), "x", &"A".repeat(86)] {
        for method in [Method::GET, Method::POST] {
            assert_eq!(nobody.call(method, &format!("/unsubscribe/{wrong}"), None).await.status, 404);
        }
    }
    agent.patch(&format!("/contacts/{contact}"), json!({ "language": "it-CH" })).await;
    let page = nobody.call(Method::GET, &path, None).await;
    assert!(page.text().contains("<html lang=\"it\">") && page.text().contains("<h1>Annulla l\u{2019}iscrizione</h1>"));
    owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    assert_eq!(nobody.call(Method::POST, &path, None).await.status, 200, "the erased are told nothing else");
}
