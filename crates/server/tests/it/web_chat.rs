//! Web chat: who may open it, what a visitor sees, and what no visitor ever sees.

use http::Method;
use serde_json::{Value, json};
use vault::Clock;

use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::stream::Stream;
use crate::visitor::{ORIGIN, Site, Visitor};

both_engines!(
    only_allowed_pages_open_it,
    a_visitor_and_a_member_talk,
    visitors_see_nothing_of_each_other,
    files_go_both_ways,
    a_proven_user_is_the_same_everywhere,
    what_proves_nothing_is_refused,
);

/// The conversation in which this is the last text.
async fn conversation(member: &Client, text: &str) -> String {
    until(&format!("{text:?} arrives"), async || {
        let found = member.list("/conversations?limit=100").await;
        let found = found.iter().find(|conversation| conversation["last_message"]["text"] == text);
        found.map(|conversation| text_of(&conversation["id"]))
    })
    .await
}

async fn only_allowed_pages_open_it(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let opened = site.open(&json!({})).await;
    assert_eq!(opened.headers["access-control-allow-origin"], ORIGIN);
    opened.json(201);
    let chat = Client::new(&format!("{}/chat/{}", house.base, site.channel));
    assert_eq!(chat.call(Method::POST, "/sessions", Some(&json!({}))).await.status, 201, "no page, no origin");
    for origin in ["https://evil.example", "http://www.example.com", "null", "https://www.example.com.evil.example"] {
        let refused = chat.with("origin", origin).call(Method::POST, "/sessions", Some(&json!({}))).await;
        assert!(!refused.headers.contains_key("access-control-allow-origin"));
        refused.problem(401, "unauthorised");
    }
    for path in ["/sessions", "/messages", "/attachments", "/events"] {
        let preflight = site.page().call(Method::OPTIONS, path, None).await;
        assert_eq!(
            (preflight.status.as_u16(), &preflight.headers["access-control-allow-origin"]),
            (204, &ORIGIN.parse().unwrap())
        );
    }
    let refusal = site.page().call(Method::GET, "/messages", None).await;
    assert_eq!(refusal.headers["access-control-allow-origin"], ORIGIN, "a page must be able to read a refusal");
    refusal.problem(401, "unauthorised");
    let elsewhere = Client::new(&format!("{}/chat/chn_{}", house.base, "0".repeat(32)));
    elsewhere.call(Method::POST, "/sessions", Some(&json!({}))).await.problem(404, "not_found");
    let telegram = crate::bot::Bot::connect(house).await.channel;
    let elsewhere = Client::new(&format!("{}/chat/{telegram}", house.base));
    elsewhere.call(Method::POST, "/sessions", Some(&json!({}))).await.problem(404, "not_found");
}

async fn a_visitor_and_a_member_talk(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let visitor = site.visitor(&json!({})).await;
    let stream = Stream::open(&visitor.client, "/events", None).await;
    let profile = json!({ "name": "Anna", "email": "anna@example.com" });
    let said = json!({ "type": "message", "id": "m-1", "text": "Buongiorno", "profile": profile });
    for _ in 0..2 {
        assert_eq!(visitor.posts(&said).await.status, 200);
    }
    let conversation = conversation(agent, "Buongiorno").await;
    let path = format!("/conversations/{conversation}/messages");
    agent.post(&path, json!({ "text": "Attenzione: cliente difficile", "note": true })).await;
    let reply = agent.say(&conversation, "Buongiorno, Anna!").await;
    agent.reaches(&conversation, &reply, "sent").await;
    let told = stream.next("the reply", |event| event.data["text"] == "Buongiorno, Anna!").await;
    assert_eq!((&told.data["author"]["kind"], &told.data["author"]["name"]), (&json!("member"), &json!("Ada Ahrens")));
    let answers = json!({ "type": "message", "id": "m-2", "text": "Due pani", "reply_to": reply["id"] });
    assert_eq!(visitor.posts(&answers).await.status, 200);
    visitor.posts(&json!({ "type": "reaction", "of": reply["id"], "emoji": "👍" })).await;
    visitor.posts(&json!({ "type": "seen", "up_to": reply["id"] })).await;
    let read = agent.reaches(&conversation, &reply, "read").await;
    assert_eq!(read["reactions"][0]["emoji"], "👍");
    visitor.posts(&json!({ "type": "edit", "id": "m-2", "text": "Tre pani" })).await;
    visitor.posts(&json!({ "type": "remove", "id": "m-1" })).await;
    until("the edit arrives", async || (agent.texts(&conversation).await.last()? == "Tre pani").then_some(())).await;
    house.quiet().await;
    let members_live = Stream::open(agent, "/events", None).await;
    visitor.posts(&json!({ "type": "typing" })).await;
    members_live.next("the visitor types", |event| event.kind == "typing").await;
    agent.call(Method::POST, &format!("/conversations/{conversation}/typing"), Some(&json!({ "on": true }))).await;
    stream.next("a member types", |event| event.kind == "typing").await;

    let history = visitor.history().await;
    let texts: Vec<_> = history.iter().map(|message| text_of(&message["text"])).collect();
    assert_eq!(texts, ["", "Buongiorno, Anna!", "Tre pani"]);
    assert!(history[0]["removed_at"].is_string());
    assert_eq!(history[2]["reply_to"], reply["id"]);
    let all = format!("{history:?}{:?}", stream.seen());
    for hidden in ["cliente difficile", "mbr_", "con_", "queued"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    assert!(stream.seen().iter().all(|event| event.kind != "conversation.updated"));
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["contact"]["name"], "Anna");
    // A page that comes back later misses nothing.
    let last = stream.last_id();
    stream.close().await;
    agent.say(&conversation, "A presto").await;
    let again = Stream::open(&visitor.client, "/events", Some(last)).await;
    again.next("what was missed", |event| event.data["text"] == "A presto").await;
}

async fn visitors_see_nothing_of_each_other(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let (anna, bruno) = (site.visitor(&json!({})).await, site.visitor(&json!({})).await);
    anna.says("m-1", "Sono Anna").await;
    bruno.says("m-1", "Sono Bruno").await;
    let of_anna = conversation(agent, "Sono Anna").await;
    let of_bruno = conversation(agent, "Sono Bruno").await;
    assert_ne!(of_anna, of_bruno, "the same id of a message in two visits is two messages");
    let stream = Stream::open(&bruno.client, "/events", Some(0)).await;
    let file = agent.upload("secret.txt", b"for Anna alone").await;
    let order = json!({ "text": "Ecco", "attachments": [file] });
    let message = agent.post(&format!("/conversations/{of_anna}/messages"), order).await;
    agent.reaches(&of_anna, &message, "sent").await;
    let content = format!("/attachments/{file}");
    assert_eq!(anna.client.bytes(&content).await, b"for Anna alone");
    bruno.client.call(Method::GET, &content, None).await.problem(404, "not_found");
    let loose = agent.upload("loose.txt", b"nobody's yet").await;
    let note = agent.upload("note.txt", b"ours").await;
    let order = json!({ "text": "n", "note": true, "attachments": [note] });
    agent.post(&format!("/conversations/{of_anna}/messages"), order).await;
    for hidden in [loose, note] {
        anna.client.call(Method::GET, &format!("/attachments/{hidden}"), None).await.problem(404, "not_found");
    }
    // Bruno names Anna's message: it is not his to touch, quote or react to.
    for body in [
        json!({ "type": "reaction", "of": message["id"], "emoji": "👎" }),
        json!({ "type": "seen", "up_to": message["id"] }),
        json!({ "type": "message", "id": "m-2", "text": "Ciao", "reply_to": message["id"] }),
    ] {
        assert_eq!(bruno.posts(&body).await.status, 200);
    }
    assert_ne!(bruno.posts(&json!({ "type": "remove", "id": format!("{}:m-1", anna.id) })).await.status, 200);
    house.quiet().await;
    let untouched = agent.message(&of_anna, &text_of(&message["id"])).await;
    assert_eq!((&untouched["state"], &untouched["reactions"]), (&json!("sent"), &json!([])));
    assert_eq!(agent.messages(&of_bruno).await[1]["reply_to"], json!(null));
    let of_others = format!("{:?}{:?}", bruno.history().await, stream.seen());
    assert!(!of_others.contains("Anna") && !of_others.contains("Ecco"), "{of_others}");
    let altered = text_of(&site.open(&json!({})).await.json(201)["token"]).replace("v1.", "v1.A");
    let forged = site.page().with("authorization", &format!("Bearer {altered}"));
    forged.call(Method::GET, "/messages", None).await.problem(401, "unauthorised");
}

async fn files_go_both_ways(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let (anna, bruno) = (site.visitor(&json!({})).await, site.visitor(&json!({})).await);
    let content = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![3; 2_600_000]].concat();
    let ticket = anna.uploads("foto.png", &content).await;
    let stolen = json!({ "type": "message", "id": "m-1", "text": "mine", "attachments": [ticket] });
    bruno.posts(&stolen).await.problem(400, "malformed");
    let sends = json!({ "type": "message", "id": "m-1", "text": "Guardi", "attachments": [ticket] });
    assert_eq!(anna.posts(&sends).await.status, 200);
    let conversation = conversation(agent, "Guardi").await;
    let file = until("the file is stored", async || {
        let file = agent.messages(&conversation).await[0]["attachments"][0].clone();
        (file["state"] == "stored").then_some(file)
    })
    .await;
    assert_eq!(
        (&file["name"], &file["role"], &file["content_type"]),
        (&json!("foto.png"), &json!("image"), &json!("image/png"))
    );
    assert!(agent.bytes(&format!("/attachments/{}/content", text_of(&file["id"]))).await == content);
    let seen = anna.history().await[0]["attachments"][0].clone();
    assert_eq!(seen["id"], file["id"]);
    assert!(anna.client.bytes(&format!("/attachments/{}", text_of(&file["id"]))).await == content);
    let handle = ticket.split('.').next().unwrap();
    house.quiet().await;
    agent.call(Method::GET, &format!("/attachments/{handle}"), None).await.problem(404, "not_found");
    for (path, name) in [("/attachments", "")] {
        let answer = anna.client.call(Method::POST, path, Some(&json!({ "name": name }))).await;
        answer.problem(400, "malformed");
    }
}

/// What the website signs for a user, good for a minute.
fn claims(house: &House, site: &Site) -> Value {
    let expires = house.clock.now() / 1_000 + 60;
    json!({ "sub": "user-7", "aud": site.channel, "exp": expires, "name": "Anna Neri", "email": "anna@example.com" })
}

async fn a_proven_user_is_the_same_everywhere(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let phone = site.visitor(&site.by_jwt(&claims(house, &site))).await;
    let contacts = agent.list("/contacts").await;
    assert_eq!((contacts.len(), &contacts[0]["name"]), (1, &json!("Anna Neri")));
    phone.says("m-1", "Dal telefono").await;
    let of_phone = conversation(agent, "Dal telefono").await;
    let laptop = site.visitor(&site.by_hash("user-7")).await;
    assert_eq!(laptop.history().await[0]["text"], "Dal telefono");
    laptop.says("m-2", "Dal computer").await;
    assert_eq!(conversation(agent, "Dal computer").await, of_phone);
    let anonymous = site.visitor(&json!({})).await;
    assert!(anonymous.history().await.is_empty());
    anonymous
        .posts(
            &json!({ "type": "message", "id": "m-3", "text": "Anch'io", "profile": { "email": "anna@example.com" } }),
        )
        .await;
    conversation(agent, "Anch'io").await;
    assert_eq!(agent.list("/contacts").await.len(), 2, "anybody can type anybody's address");
    house.clock.advance(31 * 24 * 3_600_000);
    phone.client.call(Method::GET, "/messages", None).await.problem(401, "unauthorised");
}

async fn what_proves_nothing_is_refused(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let other = Site::connect(house, &house.workspace).await;
    let mut hash = site.by_hash("user-7");
    hash["identity"]["identifier"] = json!("user-8");
    let (mut late, mut foreign, mut nobody) = (claims(house, &site), claims(house, &site), claims(house, &site));
    late["exp"] = json!(house.clock.now() / 1_000 - 1);
    foreign["aud"] = json!(other.channel);
    nobody["sub"] = json!("");
    let wrong = [
        hash,
        other.by_hash("user-7"),
        json!({ "identity": { "identifier": "user-7" } }),
        json!({ "identity": { "identifier": "user-7", "identifier_hash": "" } }),
        site.by_jwt(&late),
        site.by_jwt(&foreign),
        site.by_jwt(&nobody),
        other.by_jwt(&claims(house, &site)),
        json!({ "identity": { "jwt": "" } }),
        json!({ "identity": "user-7" }),
    ];
    for body in &wrong {
        site.open(body).await.problem(401, "unauthorised");
    }
    for malformed in ["", "[]", "nonsense", "\"x\""] {
        let answer = site.page().send(Method::POST, "/sessions", "application/json", malformed).await;
        answer.problem(400, "malformed");
    }
    let long = format!("{{\"x\":\"{}\"}}", "y".repeat(20_000));
    site.page().send(Method::POST, "/sessions", "application/json", long).await.problem(413, "too_large");
    assert!(house.workspace.agent.list("/contacts").await.is_empty());
    let visitor: Visitor = site.visitor(&json!({})).await;
    let hook = Client::new(&house.base);
    hook.call(Method::POST, &visitor.hook(), Some(&json!({ "type": "message", "id": "m", "text": "x" })))
        .await
        .problem(401, "unauthorised");
    for body in [
        json!({ "type": "message", "id": "m" }),
        json!({ "type": "dance" }),
        json!([]),
        json!({ "type": "message", "id": "a:b", "text": "x" }),
    ] {
        visitor.posts(&body).await.problem(400, "malformed");
    }
}
