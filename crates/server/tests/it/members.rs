//! Members: invited, let in once, changed, suspended; and what they set for themselves.

use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client, text_of};
use crate::house::{House, PASSWORD};
use crate::stream::Stream;

both_engines!(
    who_is_invited_joins_once,
    a_repeated_invitation_shows_no_other_link,
    who_is_suspended_is_out_at_once,
    the_last_owner_stays_and_admins_make_none,
    sessions_are_seen_and_ended,
    a_password_is_changed_by_whoever_knows_it,
    a_member_sets_what_the_app_keeps,
);

fn nobody(house: &House) -> Client {
    Client::new(&format!("{}/api/v1", house.base))
}

/// Somebody with the session that an answer opened.
pub(crate) fn with_session(house: &House, answer: &Answer) -> Client {
    let me = answer.json(200);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    nobody(house).with("cookie", &cookie).with("x-csrf-token", &text_of(&me["csrf"]))
}

pub(crate) async fn signs_in(house: &House, browser: &str) -> Client {
    let credentials = json!({ "email": house.workspace.agent_email, "password": PASSWORD });
    let api = nobody(house).with("user-agent", browser);
    with_session(house, &api.call(Method::POST, "/session", Some(&credentials)).await)
}

/// What stands behind the `#` of an invitation's link.
fn token_of(invited: &Value) -> String {
    let url = text_of(&invited["invitation"]["url"]);
    let (page, token) = url.split_once("/#/join/").unwrap();
    assert!(!page.contains(token) && token.len() == 64, "{url}");
    token.to_owned()
}

async fn who_is_invited_joins_once(house: &House) {
    let (owner, api) = (&house.workspace.owner, nobody(house));
    let stream = Stream::open(owner, "/events", None).await;
    let order = json!({ "email": "Nina@Example.org", "name": "Nina Neu", "role": "agent" });
    let invited = owner.post("/members", order.clone()).await;
    assert_eq!((&invited["state"], &invited["email"]), (&json!("invited"), &json!("nina@example.org")));
    let id = text_of(&invited["id"]);
    stream.next("members", |event| event.data["data"] == json!({ "what": "members" })).await;
    owner.call(Method::POST, "/members", Some(&order)).await.problem(409, "already_exists");
    assert!(!owner.get("/members").await.to_string().contains(&token_of(&invited)), "shown once");
    let again = owner.call(Method::POST, &format!("/members/{id}/invitation"), None).await.json(201);
    let preview =
        async |token: &str| api.call(Method::POST, "/invitations/preview", Some(&json!({ "token": token }))).await;
    preview(&token_of(&invited)).await.problem(404, "not_found");
    let shown = preview(&token_of(&again)).await.json(200);
    assert_eq!((&shown["workspace"], &shown["name"]), (&json!("Bäckerei Nord"), &json!("Nina Neu")));
    let accept = async |password: &str| {
        let order = json!({ "token": token_of(&again), "password": password });
        api.call(Method::POST, "/invitations/accept", Some(&order)).await
    };
    let short = accept("short").await;
    short.problem(422, "invalid");
    assert!(short.json(422)["fields"]["password"].is_string());
    let nina = with_session(house, &accept("a password of her own").await);
    assert_eq!(nina.get("/me").await["member"]["state"], "active");
    accept("another password").await.problem(404, "not_found");
    preview(&token_of(&again)).await.problem(404, "not_found");
    owner.call(Method::POST, &format!("/members/{id}/invitation"), None).await.problem(409, "conflict");
    let credentials = json!({ "email": "nina@example.org", "password": "a password of her own" });
    api.call(Method::POST, "/session", Some(&credentials)).await.json(200);
    let log = owner.list("/audit?act=member.joined").await;
    assert_eq!((&log[0]["subject"], &log[0]["actor"]["id"]), (&json!(id), &json!(id)), "{log:?}");
}

async fn a_repeated_invitation_shows_no_other_link(house: &House) {
    let owner = house.workspace.owner.with("idempotency-key", "one-invitation");
    let order = json!({ "email": "nina@example.org", "name": "Nina Neu", "role": "viewer" });
    let first = owner.post("/members", order.clone()).await;
    let second = owner.post("/members", order).await;
    assert_eq!((&second["id"], &second["invitation"]), (&first["id"], &Value::Null));
    let order = json!({ "token": token_of(&first) });
    nobody(house).call(Method::POST, "/invitations/preview", Some(&order)).await.json(200);
    house.clock.advance(7 * 24 * 3_600_000);
    nobody(house).call(Method::POST, "/invitations/preview", Some(&order)).await.problem(404, "not_found");
}

async fn who_is_suspended_is_out_at_once(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let session = signs_in(house, "").await;
    let path = format!("/members/{}", house.workspace.agent_id);
    agent.call(Method::PATCH, &path, Some(&json!({ "role": "owner" }))).await.problem(403, "forbidden");
    assert_eq!(owner.patch(&path, json!({ "role": "viewer", "name": "Ada B." })).await["role"], "viewer");
    agent.call(Method::POST, "/contacts", Some(&json!({ "name": "x" }))).await.problem(403, "forbidden");
    let wrong = owner.call(Method::PATCH, &path, Some(&json!({ "state": "invited" }))).await;
    assert!(wrong.json(422)["fields"]["state"].is_string(), "{wrong}");
    assert_eq!(owner.patch(&path, json!({ "state": "suspended" })).await["state"], "suspended");
    for client in [agent, &session] {
        client.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    }
    let credentials = json!({ "email": house.workspace.agent_email, "password": PASSWORD });
    let refused = nobody(house).call(Method::POST, "/session", Some(&credentials)).await;
    assert!(matches!(refused.status.as_u16(), 401 | 403), "{refused}");
    owner.patch(&path, json!({ "state": "active" })).await;
    session.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    signs_in(house, "").await;
}

async fn the_last_owner_stays_and_admins_make_none(house: &House) {
    let owner = &house.workspace.owner;
    let me = text_of(&owner.get("/me").await["member"]["id"]);
    let own = format!("/members/{me}");
    for change in [json!({ "role": "agent" }), json!({ "state": "suspended" })] {
        owner.call(Method::PATCH, &own, Some(&change)).await.problem(409, "conflict");
    }
    let agent = format!("/members/{}", house.workspace.agent_id);
    owner.patch(&agent, json!({ "role": "admin" })).await;
    let admin = &house.workspace.agent;
    admin.call(Method::PATCH, &own, Some(&json!({ "state": "suspended" }))).await.problem(403, "forbidden");
    admin.call(Method::PATCH, &agent, Some(&json!({ "role": "owner" }))).await.problem(403, "forbidden");
    let order = json!({ "email": "o@example.org", "name": "O", "role": "owner" });
    admin.call(Method::POST, "/members", Some(&order)).await.problem(403, "forbidden");
    let odd = admin.call(Method::POST, "/members", Some(&json!({ "email": "x", "name": "O", "role": "agent" }))).await;
    assert!(odd.json(422)["fields"]["email"].is_string(), "{odd}");
}

async fn sessions_are_seen_and_ended(house: &House) {
    let linux = signs_in(house, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0").await;
    house.clock.advance(1_000);
    let other = signs_in(house, "odd").await;
    let listed = linux.list("/sessions").await;
    let shown: Vec<_> = listed.iter().map(|it| (&it["current"], &it["browser"], &it["system"])).collect();
    let (no, yes, nothing) = (json!(false), json!(true), Value::Null);
    assert_eq!(shown, [(&no, &nothing, &nothing), (&yes, &json!("Firefox"), &json!("Linux"))]);
    let path = format!("/sessions/{}", text_of(&listed[0]["id"]));
    house.workspace.owner.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    assert_eq!(linux.call(Method::DELETE, &path, None).await.status, 204);
    other.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    linux.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    let third = signs_in(house, "").await;
    assert_eq!(linux.call(Method::DELETE, "/sessions", None).await.status, 204);
    third.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    assert_eq!(linux.list("/sessions").await.len(), 1);
    // A token is no session, and ends them all.
    assert_eq!(house.workspace.agent.call(Method::DELETE, "/sessions", None).await.status, 204);
    linux.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
}

async fn a_password_is_changed_by_whoever_knows_it(house: &House) {
    let (here, elsewhere) = (signs_in(house, "").await, signs_in(house, "").await);
    let change = async |current: &str, new: &str| {
        here.call(Method::PUT, "/me/password", Some(&json!({ "current": current, "new": new }))).await
    };
    let wrong = change("a wrong password", "a password that is new").await;
    assert!(wrong.json(422)["fields"]["current"].is_string(), "{wrong}");
    assert!(change(PASSWORD, "short").await.json(422)["fields"]["new"].is_string());
    elsewhere.get("/me").await;
    assert_eq!(change(PASSWORD, "a password that is new").await.status, 204);
    here.get("/me").await;
    elsewhere.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    house.workspace.agent.call(Method::GET, "/me", None).await.problem(401, "unauthorised");
    let listed = here.list("/tokens").await;
    assert!(!listed.is_empty() && listed.iter().all(|token| token["revoked_at"].is_string()), "{listed:?}");
    house.workspace.viewer.get("/me").await;
    let credentials = |password| json!({ "email": house.workspace.agent_email, "password": password });
    let sign_in = |password| credentials(password);
    let api = nobody(house);
    api.call(Method::POST, "/session", Some(&sign_in(PASSWORD))).await.problem(401, "unauthorised");
    api.call(Method::POST, "/session", Some(&sign_in("a password that is new"))).await.json(200);
    let mut last = change("guess", "a password that is new").await;
    for _ in 0..6 {
        last = change("guess", "a password that is new").await;
    }
    last.problem(429, "too_many");
}

async fn a_member_sets_what_the_app_keeps(house: &House) {
    let viewer = &house.workspace.viewer;
    let me = viewer.get("/me").await;
    assert_eq!((&me["locale"], &me["preferences"]), (&Value::Null, &json!({})));
    let me =
        viewer.patch("/me", json!({ "name": "Vera W.", "locale": "it", "preferences": { "a": 1, "b": [2] } })).await;
    assert_eq!((&me["locale"], &me["member"]["name"]), (&json!("it"), &json!("Vera W.")));
    let me = viewer.patch("/me", json!({ "preferences": { "a": null, "c": "x" } })).await;
    assert_eq!(me["preferences"], json!({ "b": [2], "c": "x" }));
    assert_eq!(viewer.patch("/me", json!({ "locale": null })).await["locale"], Value::Null);
    for (field, wrong) in [
        ("locale", json!({ "locale": "tlh" })),
        ("name", json!({ "name": " " })),
        ("preferences", json!({ "preferences": { "a": "x".repeat(9_000) } })),
    ] {
        let refused = viewer.call(Method::PATCH, "/me", Some(&wrong)).await;
        assert!(refused.json(422)["fields"][field].is_string(), "{refused}");
    }
    assert_eq!(viewer.get("/me").await["preferences"], json!({ "b": [2], "c": "x" }));
    assert_eq!(house.workspace.owner.get("/me").await["preferences"], json!({}));
}
