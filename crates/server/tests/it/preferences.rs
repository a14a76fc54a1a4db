//! The page on which somebody sees and changes what they agreed to: in their language, without scripts, and at once.

use http::Method;
use serde_json::json;
use vault::outbox::{self, Gate, Refusal};
use vault::unsubscribing::{self, Leave};
use vault::{ChannelId, ContactId};

use crate::api_channel::Other;
use crate::client::text_of;
use crate::house::House;

both_engines!(it_shows_ends_and_turns_on_again_what_was_agreed_to);

const FORM: &str = "application/x-www-form-urlencoded";

async fn it_shows_ends_and_turns_on_again_what_was_agreed_to(house: &House) {
    let (agent, nobody, scope) = (&house.workspace.agent, house.nobody(), &house.workspace.operator);
    let other = Other::connect(house, &house.workspace).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let consents = format!("/contacts/{contact}/consents");
    for purpose in ["marketing", "recording.quality", "<b>"] {
        let given = json!({ "purpose": purpose, "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" });
        let status = if purpose == "<b>" { 422 } else { 201 };
        assert_eq!(agent.call(Method::POST, &consents, Some(&given)).await.status, status);
    }
    house.clock.advance(1_000);
    let (channel, id): (ChannelId, ContactId) = (other.channel.parse().unwrap(), contact.parse().unwrap());
    let asked = async || {
        let gate = Gate { purpose: "marketing", ..Gate::reply(None) };
        house.app.vault.read(scope, move |tx| outbox::check(tx, channel, id, &gate)).await.unwrap()
    };
    let read = |leave| house.app.vault.read(scope, move |tx| unsubscribing::ticket_for(tx, leave, channel, id));
    let (ticket, one_click) = (read(Leave::Preferences).await.unwrap(), read(Leave::Unsubscribe).await.unwrap());
    let path = format!("/preferences/{ticket}");
    let page = nobody.call(Method::GET, &path, None).await;
    assert_eq!(page.status, 200, "{page}");
    for part in
        ["Advertising \u{b7} every channel", "Recording of calls, for quality", "value=\"end_all\"", "lang=\"en\""]
    {
        assert!(page.text().contains(part), "{part}: {page}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"));
    assert!(!page.text().contains("<script") && !page.text().contains(&contact) && !page.text().contains("http"));
    assert!(page.headers["cache-control"] == "no-store" && page.headers["referrer-policy"] == "no-referrer");
    assert_eq!(asked().await, None, "a look ends nothing");
    for odd in [
        "",
        "act=dance",
        "act=renew&purpose=marketing&channel=any",
        "act=end&purpose=x&channel=y",
        "act=renew&purpose=x&channel=any",
    ] {
        let answer = nobody.send(Method::POST, &path, FORM, odd).await;
        assert!(answer.status == 200 && answer.text().contains("Nothing has changed."), "{odd}: {answer}");
    }
    let ended = nobody.send(Method::POST, &path, FORM, "act=end&purpose=marketing&channel=any").await;
    assert!(ended.text().contains("<p role=\"status\">Ended.") && ended.text().contains("value=\"renew\""), "{ended}");
    assert_eq!(asked().await, Some(Refusal::NoConsent));
    let told = agent.list(&consents).await;
    let marketing = |one: &&serde_json::Value| one["purpose"] == "marketing";
    assert_eq!(told.iter().find(marketing).unwrap()["withdrawn_by"], "contact");
    house.clock.advance(1_000);
    agent.patch(&format!("/contacts/{contact}"), json!({ "language": "it" })).await;
    let again = nobody.send(Method::POST, &path, FORM, "act=renew&purpose=marketing&channel=any").await;
    assert!(again.text().contains("Riattivato."), "{again}");
    assert_eq!(asked().await, None);
    let newest = agent.list(&consents).await.remove(0);
    assert_eq!((&newest["text_version"], &newest["collected_by"]), (&json!("preferences-1-it"), &json!("preferences")));
    let receipt = agent.get(&format!("/consents/{}/receipt", text_of(&newest["id"]))).await;
    let text = text_of(&receipt["dpv:hasRecordOfActivity"]["dpv:hasNotice"]["dct:description"]);
    assert!(text.starts_with("Pubblicit\u{e0} \u{b7} tutti i canali: Acconsento"), "{text}");
    nobody.send(Method::POST, &path, FORM, "act=end_all").await;
    assert_eq!(asked().await, Some(Refusal::NoConsent));
    assert!(agent.list(&consents).await.iter().all(|one| !one["withdrawn_at"].is_null()));
    for wrong in [one_click.as_str(), "x", &"A".repeat(86)] {
        for method in [Method::GET, Method::POST] {
            assert_eq!(nobody.call(method, &format!("/preferences/{wrong}"), None).await.status, 404);
        }
    }
    assert_eq!(nobody.call(Method::POST, &format!("/unsubscribe/{ticket}"), None).await.status, 404);
    let huge = format!("act=end&purpose={}", "x".repeat(10_000));
    assert!(nobody.send(Method::POST, &path, FORM, huge).await.text().contains("Non \u{e8} cambiato nulla."));
}
