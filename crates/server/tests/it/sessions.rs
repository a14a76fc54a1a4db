//! Who may come in, and what each role may do.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::client::{Client, text_of};
use crate::house::{House, PASSWORD};
use crate::stream::Stream;

both_engines!(
    a_member_signs_in_and_out,
    guessing_is_slowed_down,
    a_revoked_token_sees_nothing_more,
    a_role_may_do_what_it_may,
    nobody_comes_in_without_credentials,
);

/// Signs in; the client with the cookie, and the answer.
async fn sign_in(house: &House, email: &str, password: &str) -> (Client, Value) {
    let api = Client::new(&format!("{}/api/v1", house.base));
    let answer = api.call(Method::POST, "/session", Some(&json!({ "email": email, "password": password }))).await;
    let cookie = answer.headers.get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    let body = answer.json(200);
    let cookie = cookie.expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    (api.with("cookie", cookie.split(';').next().unwrap()), body)
}

async fn a_member_signs_in_and_out(house: &House) {
    let email = &house.workspace.agent_email;
    let (cookie, me) = sign_in(house, &email.to_uppercase(), PASSWORD).await;
    assert_eq!((&me["member"]["name"], &me["member"]["role"]), (&json!("Ada Ahrens"), &json!("agent")));
    assert_eq!(me["workspace"]["name"], "Bäckerei Nord");
    let csrf = text_of(&me["csrf"]);
    assert_eq!(cookie.get("/me").await["csrf"], csrf);
    let contact = json!({ "name": "Anna" });
    cookie.call(Method::POST, "/contacts", Some(&contact)).await.problem(403, "csrf");
    cookie.with("x-csrf-token", "").call(Method::POST, "/contacts", Some(&contact)).await.problem(403, "csrf");
    let (other, _) = sign_in(house, email, PASSWORD).await;
    other.with("x-csrf-token", &csrf).call(Method::POST, "/contacts", Some(&contact)).await.problem(403, "csrf");
    let with_csrf = cookie.with("x-csrf-token", &csrf);
    with_csrf.post("/contacts", contact).await;
    let stream = Stream::open(&cookie, "/events", None).await;
    assert_eq!(with_csrf.call(Method::DELETE, "/session", None).await.status, 204);
    cookie.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    stream.ends().await;
    other.get("/me").await;
    house.clock.advance(40 * 24 * 3_600_000);
    other.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
}

async fn guessing_is_slowed_down(house: &House) {
    let api = Client::new(&format!("{}/api/v1", house.base));
    let email = &house.workspace.agent_email;
    let guess = async |password: &str| {
        api.call(Method::POST, "/session", Some(&json!({ "email": email, "password": password }))).await
    };
    for guessed in 0..5 {
        guess(&format!("a wrong password {guessed}")).await.problem(401, "unauthorised");
    }
    let mut answer = guess("still wrong").await;
    for _ in 0..3 {
        answer = guess("still wrong").await;
    }
    answer.problem(429, "too_many");
    let wait: i64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    guess(PASSWORD).await.problem(429, "too_many");
    house.clock.advance((wait + 1) * 1_000);
    assert_eq!(guess(PASSWORD).await.status, 200);
    let nobody = json!({ "email": "nobody@example.org", "password": PASSWORD });
    api.call(Method::POST, "/session", Some(&nobody)).await.problem(401, "unauthorised");
}

async fn a_revoked_token_sees_nothing_more(house: &House) {
    let owner = &house.workspace.owner;
    let made = owner.call(Method::POST, "/tokens", None).await.json(201);
    let api = Client::new(&format!("{}/api/v1", house.base));
    let token = api.with("authorization", &format!("Bearer {}", text_of(&made["token"])));
    assert_eq!(token.get("/me").await["member"]["name"], "Olga Olsen");
    let listed = owner.get("/tokens").await;
    assert!(!listed.to_string().contains(&text_of(&made["token"])), "shown once");
    let stream = Stream::open(&token, "/events", None).await;
    stream.next("hello", |event| event.kind == "hello").await;
    // Whatever happens elsewhere in the meantime must not keep the stream open.
    let (busy, done) = (house.another_workspace().await, tokio::sync::watch::channel(false));
    let noise = tokio::spawn(async move {
        while !*done.1.borrow() {
            busy.agent.post("/contacts", json!({ "name": "noise" })).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let path = format!("/tokens/{}", text_of(&made["id"]));
    assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
    token.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    stream.ends().await;
    done.0.send_replace(true);
    noise.await.unwrap();
}

async fn a_role_may_do_what_it_may(house: &House) {
    let bot = Bot::connect(house).await;
    let (_, conversation) = bot.talk("Anna", "Salve").await;
    let (viewer, agent) = (&house.workspace.viewer, &house.workspace.agent);
    let contact = text_of(&viewer.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let message = text_of(&viewer.messages(&conversation).await[0]["id"]);
    viewer.list("/contacts").await;
    viewer.list("/channels").await;
    let nothing = json!({});
    let writes = [
        (Method::POST, format!("/conversations/{conversation}/messages"), json!({ "text": "x" })),
        (Method::PATCH, format!("/conversations/{conversation}"), json!({ "status": "resolved" })),
        (Method::POST, format!("/conversations/{conversation}/typing"), json!({ "on": true })),
        (Method::PATCH, format!("/messages/{message}"), json!({ "text": "x" })),
        (Method::DELETE, format!("/messages/{message}"), nothing.clone()),
        (Method::POST, "/contacts".into(), json!({ "name": "x" })),
        (Method::PATCH, format!("/contacts/{contact}"), json!({ "name": "x" })),
        (Method::POST, format!("/contacts/{contact}/consents"), nothing.clone()),
    ];
    for (method, path, body) in &writes {
        viewer.call(method.clone(), path, Some(body)).await.problem(403, "forbidden");
    }
    viewer.upload_to("/attachments", "x", b"x").await.problem(403, "forbidden");
    let channel = format!("/channels/{}", bot.channel);
    let manages = [
        (Method::POST, "/channels".to_owned(), json!({ "kind": "api", "name": "x" })),
        (Method::PATCH, channel.clone(), json!({ "name": "x" })),
        (Method::DELETE, channel, nothing.clone()),
        (Method::DELETE, format!("/contacts/{contact}"), nothing.clone()),
        (Method::POST, format!("/contacts/{contact}/erasure"), nothing.clone()),
        (Method::GET, "/audit".to_owned(), nothing),
    ];
    for (method, path, body) in &manages {
        for member in [viewer, agent] {
            member.call(method.clone(), path, Some(body)).await.problem(403, "forbidden");
        }
    }
    let entries = house.workspace.owner.list("/audit?act=conversation.read").await;
    assert_eq!(entries[0]["subject"], conversation);
    assert_eq!(agent.messages(&conversation).await.len(), 1);
}

async fn nobody_comes_in_without_credentials(house: &House) {
    let api = Client::new(&format!("{}/api/v1", house.base));
    for wrong in ["Bearer ", "Bearer plr_wrong", "Basic b2xnYTp4", "plr_wrong", "Bearer \u{1}x"] {
        if let Ok(value) = http::HeaderValue::from_str(wrong) {
            let client = api.with("authorization", value.to_str().unwrap());
            client.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
        }
    }
    for wrong in ["parloir_session=", "parloir_session=x; a=b", "other=1"] {
        api.with("cookie", wrong).call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    }
}
