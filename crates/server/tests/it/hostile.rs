//! What nobody sends by mistake: the right status, nothing stored, no panic.

use connect::{Secret, standard_webhooks};
use http::Method;
use serde_json::json;
use vault::Clock;

use crate::api_channel::Other;
use crate::bot::Bot;
use crate::client::{Answer, Client, text_of};
use crate::described::Operation;
use crate::house::House;
use crate::members::signs_in;
use crate::visitor::Site;

both_engines!(
    hooks_withstand_any_body,
    every_order_withstands_any_body,
    lists_withstand_any_query,
    uploads_are_bounded,
);

/// Bodies that are no event, with what a hook may answer.
fn bodies() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000)).into_bytes();
    vec![
        ("nothing", vec![], &[400]),
        ("10 MB", vec![b' '; 10 << 20], &[413]),
        ("deep lists", deep("[", "]"), &[400]),
        ("deep objects", deep("{\"a\":", "}"), &[400]),
        ("no JSON", b"not json".to_vec(), &[400]),
        ("half a JSON", b"{\"message\":{".to_vec(), &[400]),
        ("a list", b"[]".to_vec(), &[400]),
        ("null", b"null".to_vec(), &[400]),
        ("a number", b"7".to_vec(), &[400]),
        ("no UTF-8", b"{\"type\":\"\xff\xfe\"}".to_vec(), &[200, 400]),
        ("an unknown kind", br#"{"type":"dance","update_id":1,"dance":{}}"#.to_vec(), &[200, 400]),
        ("wrong types", br#"{"type":7,"data":[],"update_id":"x","message":"hello"}"#.to_vec(), &[200, 400]),
        ("NUL in a key", b"{\"\\u0000\":1}".to_vec(), &[200, 400]),
    ]
}

/// A channel's hook with its proof for any body.
pub(crate) struct Hook<'a> {
    house: &'a House,
    path: String,
    proof: Proof,
}

enum Proof {
    Header(&'static str, String),
    Signature(String),
}

impl Hook<'_> {
    /// Posts a body; `None` if the server hung up before it had all of it.
    pub(crate) async fn post(&self, body: &[u8]) -> Option<Answer> {
        let nobody = self.house.nobody();
        let client = match &self.proof {
            Proof::Header(name, value) => nobody.with(name, value),
            Proof::Signature(secret) => {
                let headers =
                    standard_webhooks::sign(&Secret::new(secret), "evt", self.house.clock.now(), body).unwrap();
                headers.iter().fold(nobody, |client, (name, value)| client.with(name, value))
            }
        };
        client.send_much(Method::POST, &self.path, "application/json", body.to_vec()).await
    }
}

/// The hook that Telegram calls.
pub(crate) async fn telegram_hook<'a>(house: &'a House, bot: &Bot) -> Hook<'a> {
    let channel: vault::ChannelId = bot.channel.parse().unwrap();
    let scope = house.app.vault.platform_scope(&house.workspace.operator).unwrap();
    let kept = house.app.vault.read(&scope, move |tx| vault::channels::account(tx, channel)).await.unwrap();
    let secret = kept.secrets["hook_secret"].expose().to_owned();
    let path = format!("/hooks/{}", bot.channel);
    Hook { house, path, proof: Proof::Header("x-telegram-bot-api-secret-token", secret) }
}

async fn hooks_withstand_any_body(house: &House) {
    let bot = Bot::connect(house).await;
    let telegram = telegram_hook(house, &bot).await;
    let other = Other::connect(house, &house.workspace).await;
    let api = Hook { house, path: format!("/hooks/{}", other.channel), proof: Proof::Signature(other.secret.clone()) };
    let site = Site::connect(house, &house.workspace).await;
    let token = text_of(&site.open(&json!({})).await.json(201)["token"]);
    let web = Hook {
        house,
        path: format!("/hooks/{}", site.channel),
        proof: Proof::Header("authorization", format!("Bearer {token}")),
    };
    for (what, body, expected) in bodies() {
        for hook in [&telegram, &api, &web] {
            let Some(answer) = hook.post(&body).await else {
                assert_eq!(what, "10 MB", "the server hung up: {}", hook.path);
                continue;
            };
            assert!(expected.contains(&answer.status.as_u16()), "{what}: {answer}");
            if !answer.status.is_success() {
                let code = if answer.status == 413 { "too_large" } else { "malformed" };
                answer.problem(answer.status.as_u16(), code);
            }
        }
    }
    house.quiet().await;
    let agent = &house.workspace.agent;
    assert!(agent.list("/contacts").await.is_empty(), "nothing was stored");
    // Text that no database takes arrives without what makes it so.
    let message = br#"{"update_id":9,"message":{"message_id":1,"date":1700000000,"text":"a\ud800b\u0000c\udc00","from":
        {"id":5,"first_name":"X\u0000\ud83d"},"chat":{"id":5,"type":"private"}}}"#;
    assert_eq!(telegram.post(message).await.unwrap().status, 200);
    let event =
        br#"{"type":"message.created","data":{"id":"m\ud800","contact":{"id":"c\u0000"},"text":"a\ud800b\u0000c"}}"#;
    assert_eq!(api.post(event).await.unwrap().status, 200);
    let visit = br#"{"type":"message","id":"m","text":"a\ud800b\u0000c"}"#;
    assert_eq!(web.post(visit).await.unwrap().status, 200);
    house.quiet().await;
    let conversations = agent.list("/conversations").await;
    assert_eq!(conversations.len(), 3);
    for conversation in &conversations {
        let text = text_of(&conversation["last_message"]["text"]);
        assert!(text.starts_with('a') && text.contains('b') && text.contains('c') && !text.contains('\0'), "{text:?}");
    }
}

/// Bodies that no operation takes.
fn orders() -> Vec<(&'static str, Vec<u8>)> {
    let mut orders: Vec<_> =
        bodies().into_iter().filter(|(what, ..)| *what != "no UTF-8").map(|(what, body, _)| (what, body)).collect();
    orders.extend([
        ("a lone surrogate", br#"{"name":"\ud800","text":"\udfff"}"#.to_vec()),
        ("NUL", br#"{"name":"a\u0000b","text":"a\u0000b"}"#.to_vec()),
        ("what nobody knows", br#"{"nonsense":1}"#.to_vec()),
        (
            "everything of a wrong type",
            br#"{"name":7,"text":[],"kind":{},"on":"x","status":true,"email":1,"channel_id":0,"purpose":null}"#
                .to_vec(),
        ),
        ("twice the same", br#"{"name":"a","name":"b","text":"a","text":"b"}"#.to_vec()),
    ]);
    orders
}

async fn every_order_withstands_any_body(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let owner = &house.workspace.owner;
    let conversation = other.writes(owner, "c-1", "m-1", "Hi").await;
    let contact = text_of(&owner.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    let message = text_of(&owner.say(&conversation, "Hello").await["id"]);
    house.quiet().await;
    let before = (owner.get("/contacts").await, owner.get("/channels").await, owner.list("/conversations").await.len());
    let nobody = Client::new(&format!("{}/api/v1", house.base));
    // A second factor takes a session.
    let signed_in = signs_in(house, "").await;
    let operations = Operation::all(house).await;
    let taking = operations
        .iter()
        .filter(|operation| operation.described["requestBody"]["content"]["application/json"].is_object());
    let mut tried = 0;
    for operation in taking {
        let of_kind = |prefix: &str| message.replacen("msg_", prefix, 1);
        let id = match operation.path.split('/').nth(1) {
            Some("channels") => other.channel.clone(),
            Some("conversations") => conversation.clone(),
            Some("contacts") => contact.clone(),
            // An id that could be one: the order is refused before anything is looked for.
            Some("canned-replies") => of_kind("cnd_"),
            Some("labels") => of_kind("lbl_"),
            Some("members") => of_kind("mbr_"),
            Some("requests") => of_kind("dsr_"),
            Some("scheduled") => of_kind("sch_"),
            Some("sites") => of_kind("sit_"),
            Some("teams") => of_kind("tea_"),
            Some("views") => of_kind("viw_"),
            Some("webhooks") => of_kind("whk_"),
            _ => message.clone(),
        };
        let path = operation.path.replace("{id}", &id);
        let caller = match operation.path.as_str() {
            _ if operation.is_open() => &nobody,
            path if path.starts_with("/me/second-factor") => &signed_in,
            _ => owner,
        };
        for (what, body) in orders() {
            let answer = caller.send_much(operation.method.clone(), &path, "application/json", body).await;
            let Some(answer) = answer else {
                assert_eq!(what, "10 MB", "the server hung up: {path}");
                continue;
            };
            let status = answer.status.as_u16();
            assert!(matches!(status, 400 | 413 | 422), "{what}: {answer}");
            answer.problem(
                status,
                match status {
                    400 => "malformed",
                    413 => "too_large",
                    _ => "invalid",
                },
            );
            tried += 1;
        }
        let answer = caller.send(operation.method.clone(), &path, "text/plain", "{}").await;
        answer.problem(415, "unsupported_media_type");
    }
    assert!(tried > 100, "{tried}");
    house.quiet().await;
    let after = (owner.get("/contacts").await, owner.get("/channels").await, owner.list("/conversations").await.len());
    assert_eq!(before, after, "nothing was stored");
    assert_eq!(owner.texts(&conversation).await, ["Hi", "Hello"]);
}

async fn lists_withstand_any_query(house: &House) {
    let owner = &house.workspace.owner;
    for list in ["/contacts", "/conversations", "/channels", "/members", "/audit"] {
        for wrong in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=x",
            "limit=99999999999999999999",
            "nonsense=1",
            "limit=1&limit=2",
        ] {
            owner.call(Method::GET, &format!("{list}?{wrong}"), None).await.problem(422, "invalid");
        }
        for wrong in ["x", "%00", "1.%00", "zz.x", "", "1", ".", "-8000000000000001.x", "1.a%27%20OR%201"] {
            let answer = owner.call(Method::GET, &format!("{list}?cursor={wrong}"), None).await;
            answer.problem(422, "invalid");
        }
    }
    let conversation = format!("cnv_{}", "0".repeat(32));
    owner
        .call(Method::GET, &format!("/conversations/{conversation}/messages?cursor=x"), None)
        .await
        .problem(422, "invalid");
    for query in [
        "/audit?act=%00",
        "/audit?actor=%ff",
        "/audit?subject=%00%00",
        "/conversations?label=%00",
        "/conversations?q=%00",
        "/contacts?q=%00",
        "/search?q=%00",
        "/search?q=%ff%fe",
        "/contacts?q=%27%3B--",
        "/conversations?status=%00",
    ] {
        let answer = owner.call(Method::GET, query, None).await;
        assert!(matches!(answer.status.as_u16(), 200 | 422), "{answer}");
    }
    let long = "x".repeat(501);
    owner.call(Method::GET, &format!("/search?q={long}"), None).await.problem(422, "invalid");
    // Pages are whole: every contact once.
    for number in 0..7 {
        owner.post("/contacts", json!({ "name": format!("N {number}") })).await;
    }
    let (mut names, mut path) = (Vec::new(), "/contacts?limit=3".to_owned());
    loop {
        let page = owner.get(&path).await;
        names.extend(page["data"].as_array().unwrap().iter().map(|contact| text_of(&contact["name"])));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/contacts?limit=3&cursor={next}");
    }
    names.sort();
    assert_eq!(names, (0..7).map(|number| format!("N {number}")).collect::<Vec<_>>());
}

async fn uploads_are_bounded(house: &House) {
    let agent = &house.workspace.agent;
    let limit = usize::try_from(house.app.settings.limits.upload_bytes).unwrap();
    let part = reqwest::multipart::Part::bytes(vec![1; limit + 1]).file_name("large.bin");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = agent.request(Method::POST, "/attachments").multipart(form);
    // The answer may come while the file is still being sent: then the connection breaks.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), 413);
    }
    let empty = agent.upload_to("/attachments", "empty.bin", b"").await.json(201);
    assert_eq!(empty["size"], 0);
    let path = format!("/attachments/{}/content", text_of(&empty["id"]));
    assert!(agent.bytes(&path).await.is_empty());
    let broken = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf a";
    let answer = agent.send(Method::POST, "/attachments", "multipart/form-data; boundary=x", broken).await;
    answer.problem(400, "malformed");
    let other = "--x\r\ncontent-disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x--\r\n";
    let answer = agent.send(Method::POST, "/attachments", "multipart/form-data; boundary=x", other).await;
    answer.problem(422, "invalid");
    agent.send(Method::POST, "/attachments", "text/plain", "x").await.problem(415, "unsupported_media_type");
}
