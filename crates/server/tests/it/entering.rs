//! What a visitor's browser is asked before the first message, and that each answer counts once.

use http::Method;
use serde_json::{Value, json};
use server::challenge::Challenge;
use vault::Clock;

use crate::client::{Client, text_of};
use crate::house::House;
use crate::stream::Stream;
use crate::visitor::{ORIGIN, Site};

both_engines!(
    everybody_may_see_how_it_looks,
    a_moments_work_opens_one_session,
    age_and_consent_are_asked_first,
    age_and_consent_are_asked_at_each_message,
    one_network_asks_so_often_and_no_more,
    the_visitor_hears_what_members_read,
    two_hundred_look_on_and_one_is_told,
);

/// A web channel with these settings besides the usual ones.
async fn site(house: &House, settings: Value) -> Site {
    let site = Site::connect(house, &house.workspace).await;
    change(house, &site, settings).await;
    site
}

async fn change(house: &House, site: &Site, settings: Value) -> Value {
    house.workspace.owner.patch(&format!("/channels/{}", site.channel), json!({ "settings": settings })).await
}

async fn everybody_may_see_how_it_looks(house: &House) {
    let set = json!({ "title": "Bottega", "colour": "#8f4a2b", "pre_chat": ["name", "email*"], "minimum_age": "14", "away": "on",
        "consent_text": "I agree.", "privacy_url": "https://www.example.com/privacy" });
    let site = site(house, set).await;
    let answer = site.page().call(Method::GET, "/look", None).await;
    assert_eq!(answer.headers["access-control-allow-origin"], ORIGIN);
    assert_eq!(answer.headers["vary"], "Origin");
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    let look = answer.json(200);
    assert_eq!((&look["title"], &look["colour"], &look["away"]), (&json!("Bottega"), &json!("#8f4a2b"), &json!(true)));
    assert_eq!(look["pre_chat"][1], json!({ "field": "email", "required": true }));
    assert_eq!((&look["minimum_age"], &look["consent"]["text"]), (&json!(14), &json!("I agree.")));
    assert!(!look.to_string().contains(&site.identity_secret) && look.get("allowed_origins").is_none(), "{look}");
    let elsewhere =
        Client::new(&format!("{}/chat/{}", house.base, site.channel)).with("origin", "https://evil.example");
    let answer = elsewhere.call(Method::GET, "/look", None).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "no other page may read it");
    let wrong = change(house, &site, json!({ "colour": "red" })).await;
    assert_ne!(wrong["state"], "ready");
    assert!(text_of(&wrong["state_detail"]).contains("six hexadecimal digits"), "{wrong}");
}

/// A challenge, solved.
async fn solved(site: &Site) -> String {
    let answer = site.page().call(Method::GET, "/challenge", None).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    serde_json::from_value::<Challenge>(answer.json(200)).unwrap().solve().unwrap()
}

async fn a_moments_work_opens_one_session(house: &House) {
    let site = site(house, json!({ "challenge": null })).await;
    site.open(&json!({})).await.problem(403, "challenge_required");
    site.open(&json!({ "altcha": "e30=" })).await.problem(403, "challenge_required");
    let solution = json!({ "altcha": solved(&site).await });
    site.open(&solution).await.json(201);
    site.open(&solution).await.problem(403, "challenge_required");
    let twice = json!({ "altcha": solved(&site).await });
    let (one, other) = tokio::join!(site.open(&twice), site.open(&twice));
    let statuses = [one.status.as_u16(), other.status.as_u16()];
    assert!(statuses.contains(&201) && statuses.contains(&403), "at the same moment, too: {statuses:?}");
    let other = self::site(house, json!({ "challenge": "on" })).await;
    other.open(&json!({ "altcha": solved(&site).await })).await.problem(403, "challenge_required");
    let late = json!({ "altcha": solved(&site).await });
    house.clock.advance(11 * 60_000);
    site.open(&late).await.problem(403, "challenge_required");
    site.open(&site.by_hash("user-7")).await.json(201);
    let expires = house.clock.now() / 1_000 + 60;
    site.open(&site.by_jwt(&json!({ "sub": "user-8", "aud": site.channel, "exp": expires }))).await.json(201);
}

async fn age_and_consent_are_asked_first(house: &House) {
    let site = site(house, json!({ "minimum_age": "14", "consent_text": "I agree." })).await;
    let agent = &house.workspace.agent;
    let version = text_of(&site.page().call(Method::GET, "/look", None).await.json(200)["consent"]["version"]);
    site.open(&json!({ "consent": version })).await.problem(403, "age_required");
    site.open(&json!({ "of_age": true })).await.problem(403, "consent_required");
    site.open(&json!({ "of_age": true, "consent": "sha256:0000000000000000" })).await.problem(403, "consent_required");
    assert!(agent.list("/contacts").await.is_empty(), "of who did not agree nothing is kept");
    let visitor = site.visitor(&json!({ "of_age": true, "consent": version })).await;
    visitor.says("m-1", "Buongiorno").await;
    house.quiet().await;
    let contact = agent.list("/contacts").await;
    assert_eq!(contact.len(), 1);
    let consents = async || agent.list(&format!("/contacts/{}/consents", text_of(&contact[0]["id"]))).await;
    let [given] = &consents().await[..] else { panic!("one consent") };
    assert_eq!(
        (&given["purpose"], &given["channel"], &given["text_version"], &given["collected_by"], &given["withdrawn_at"]),
        (&json!("chat"), &json!("web"), &json!(version), &json!("form"), &Value::Null)
    );
    change(house, &site, json!({ "consent_text": "I agree to more." })).await;
    let old = visitor.client.call(Method::POST, "/consent", Some(&json!({ "version": version }))).await;
    old.problem(403, "consent_required");
    let newer = text_of(&site.page().call(Method::GET, "/look", None).await.json(200)["consent"]["version"]);
    for _ in 0..2 {
        let agreed = visitor.client.call(Method::POST, "/consent", Some(&json!({ "version": newer }))).await;
        assert_eq!(agreed.status, 204, "{agreed}");
    }
    assert_eq!(consents().await.len(), 2, "once for each text");
    assert_eq!(visitor.client.call(Method::DELETE, "/consent", None).await.status, 204);
    assert!(consents().await.iter().all(|consent| consent["withdrawn_at"].is_string()));
    site.page().call(Method::DELETE, "/consent", None).await.problem(401, "unauthorised");
}

async fn age_and_consent_are_asked_at_each_message(house: &House) {
    let site = site(house, json!({ "consent_text": "I agree." })).await;
    let version = async || text_of(&site.page().call(Method::GET, "/look", None).await.json(200)["consent"]["version"]);
    let visitor = site.visitor(&json!({ "consent": version().await })).await;
    let says = |id: &str| json!({ "type": "message", "id": id, "text": "Buongiorno" });
    visitor.says("m-1", "Buongiorno").await;
    change(house, &site, json!({ "consent_text": "I agree to more." })).await;
    let token = visitor.client.clone();
    visitor.posts(&says("m-2")).await.problem(403, "consent_required");
    let hook = token.at(&house.base);
    hook.call(Method::POST, &visitor.hook(), Some(&says("m-2"))).await.problem(403, "consent_required");
    assert_eq!(visitor.posts(&json!({ "type": "remove", "id": "m-1" })).await.status, 200, "taking back is free");
    let agreed = json!({ "version": version().await });
    assert_eq!(visitor.client.call(Method::POST, "/consent", Some(&agreed)).await.status, 204);
    visitor.says("m-2", "Buongiorno").await;
    assert_eq!(visitor.client.call(Method::DELETE, "/consent", None).await.status, 204);
    visitor.posts(&says("m-3")).await.problem(403, "consent_required");
    assert_eq!(visitor.client.call(Method::POST, "/consent", Some(&agreed)).await.status, 204);
    change(house, &site, json!({ "minimum_age": "14" })).await;
    visitor.posts(&says("m-3")).await.problem(403, "age_required");
    let grown = json!({ "consent": version().await, "of_age": true });
    let of_age = site.visitor(&grown).await;
    of_age.says("m-1", "Buonasera").await;
    change(house, &site, json!({ "minimum_age": "18" })).await;
    of_age.posts(&says("m-2")).await.problem(403, "age_required");
    site.visitor(&grown).await.says("m-1", "Buonanotte").await;
}

async fn one_network_asks_so_often_and_no_more(house: &House) {
    let site = site(house, json!({ "challenge": "on" })).await;
    let from = |address: &str| site.page().with("x-forwarded-for", address);
    // A whole minute is before us.
    house.clock.advance(60_000 - house.clock.now().rem_euclid(60_000));
    let asks = async |address: &str| from(address).call(Method::GET, "/challenge", None).await.status.as_u16();
    for _ in 0..3 {
        assert_eq!(asks("203.0.113.7").await, 200);
    }
    assert_eq!(asks("203.0.113.7").await, 429);
    let opens = from("203.0.113.7").call(Method::POST, "/sessions", Some(&json!({}))).await;
    assert_eq!(opens.headers["access-control-allow-origin"], ORIGIN, "the page may read it");
    assert!(opens.headers.contains_key("retry-after"));
    opens.problem(429, "too_many");
    assert_eq!(asks("198.51.100.7").await, 200, "others are free");
    assert_eq!(from("203.0.113.7").call(Method::GET, "/look", None).await.status, 200, "looking costs nothing");
    house.clock.advance(60_000);
    assert_eq!(asks("203.0.113.7").await, 200);
}

async fn the_visitor_hears_what_members_read(house: &House) {
    let site = site(house, json!({})).await;
    let agent = &house.workspace.agent;
    let visitor = site.visitor(&json!({})).await;
    let stream = Stream::open(&visitor.client, "/events", None).await;
    visitor.says("m-1", "Buongiorno").await;
    let own = stream.next("their own message", |event| event.data["client_id"] == "m-1").await;
    let before = visitor.client.call(Method::GET, "/messages", None).await.json(200);
    assert_eq!(before["read_up_to"], Value::Null);
    let conversation = text_of(&agent.list("/conversations").await[0]["id"]);
    agent.patch(&format!("/conversations/{conversation}"), json!({ "read": true })).await;
    let read = stream.next("it was read", |event| event.kind == "read").await;
    assert_eq!(read.data["up_to"], own.data["id"]);
    let after = visitor.client.call(Method::GET, "/messages", None).await.json(200);
    assert_eq!((&after["read_up_to"], &after["data"][0]["client_id"]), (&own.data["id"], &json!("m-1")));
}

async fn two_hundred_look_on_and_one_is_told(house: &House) {
    let site = site(house, json!({})).await;
    let agent = &house.workspace.agent;
    let mut visitors = Vec::new();
    for number in 0..200 {
        let visitor = site.visitor(&json!({})).await;
        let stream = Stream::open(&visitor.client, "/events", None).await;
        if number % 40 == 0 {
            visitor.says("m-1", &format!("visitor {number}")).await;
        }
        visitors.push((number, stream));
    }
    house.quiet().await;
    for conversation in agent.list("/conversations?limit=100").await {
        let text = text_of(&conversation["last_message"]["text"]);
        agent.say(&text_of(&conversation["id"]), &format!("hello {text}")).await;
    }
    for (number, stream) in &visitors {
        if number % 40 == 0 {
            let hello = format!("hello visitor {number}");
            stream.next("the answer", |event| event.data["text"] == hello.as_str()).await;
        }
    }
    house.quiet().await;
    for (number, stream) in &visitors {
        let told = stream.seen();
        let own = format!("visitor {number}");
        let said = told.iter().filter_map(|event| event.data["text"].as_str());
        let foreign = said.filter(|text| !text.ends_with(&own));
        assert_eq!(foreign.count(), 0, "visitor {number} was told {told:?}");
        assert!(number % 40 == 0 || told.is_empty(), "visitor {number} was told {told:?}");
    }
}
