//! Media up and down.

use axum::routing::get;
use serde_json::{Value, json};
use simulator::graph::whatsapp::Says;
use simulator::telegram::Upload;
use tokio::net::TcpListener;

use super::stage::{ANNA, Hook, NUMBER, Stage, TOKEN};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl Stage {
    async fn try_upload(&self, name: &str, mime: &str, content: &[u8]) -> (u16, Value) {
        let part = reqwest::multipart::Part::bytes(content.to_vec()).file_name(name.to_owned());
        let part = part.mime_str(mime).expect("a media type");
        let form = reqwest::multipart::Form::new().text("messaging_product", "whatsapp").part("file", part);
        let url = format!("{}/v26.0/{NUMBER}/media", self.base);
        let answer = self.http.post(url).bearer_auth(TOKEN).multipart(form).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON"))
    }

    /// Uploads a file, and answers its id.
    pub(crate) async fn upload(&self, name: &str, mime: &str, content: &[u8]) -> String {
        let (status, answer) = self.try_upload(name, mime, content).await;
        assert_eq!(status, 200, "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// Status and content behind an address.
    async fn download(&self, url: &str, token: &str) -> (u16, Vec<u8>) {
        let answer = self.http.get(url).bearer_auth(token).send().await.expect("an answer");
        (answer.status().as_u16(), answer.bytes().await.expect("a body").to_vec())
    }
}

#[tokio::test]
async fn what_goes_up_comes_down_for_five_minutes() {
    let stage = Stage::set().await;
    let id = stage.upload("a.pdf", "application/pdf", b"%PDF").await;
    let seen = stage.result("GET", &format!("{id}?phone_number_id={NUMBER}"), Value::Null).await;
    assert_eq!((&seen["mime_type"], &seen["file_size"]), (&json!("application/pdf"), &json!(4)));
    assert_eq!(seen["sha256"].as_str().map(str::len), Some(64));
    let url = seen["url"].as_str().expect("an address");
    assert_eq!(stage.download(url, TOKEN).await, (200, b"%PDF".to_vec()));
    assert_eq!(stage.download(url, "EAAother").await.0, 401);
    stage.clock.advance(5 * 60 * 1_000 + 1_000);
    assert_eq!(stage.download(url, TOKEN).await.0, 404);
    assert_eq!(stage.refusal("GET", &format!("{id}?phone_number_id=1"), Value::Null).await, (400, 100));
}

#[tokio::test]
async fn media_are_kept_for_a_week_or_a_month_or_until_they_are_deleted() {
    let stage = Stage::set().await;
    let uploaded = stage.upload("a.png", "image/png", b"png").await;
    stage.whatsapp().say(NUMBER, ANNA, Says::Image(Upload::default())).expect("Anna can write");
    let shown = stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat");
    let received = shown[0].media.as_ref().expect("a picture")["id"].as_str().expect("an id").to_owned();
    stage.clock.advance(7 * DAY_MS);
    assert_eq!(stage.refusal("GET", &received, Value::Null).await, (400, 100));
    stage.result("GET", &uploaded, Value::Null).await;
    stage.clock.advance(23 * DAY_MS);
    assert_eq!(stage.refusal("GET", &uploaded, Value::Null).await, (400, 100));
    let another = stage.upload("a.png", "image/png", b"png").await;
    assert_eq!(stage.result("DELETE", &another, Value::Null).await, json!({ "success": true }));
    assert_eq!(stage.refusal("GET", &another, Value::Null).await, (400, 100));
}

#[tokio::test]
async fn kinds_and_sizes_are_checked() {
    let stage = Stage::set().await;
    let code = async |mime: &str, size: usize| {
        let (_, answer) = stage.try_upload("a", mime, &vec![0; size]).await;
        answer["error"]["code"].as_i64()
    };
    assert_eq!(code("application/x-msdownload", 1).await, Some(100));
    assert_eq!(code("image/png", 5 * 1024 * 1024).await, None);
    assert_eq!(code("image/png", 5 * 1024 * 1024 + 1).await, Some(131_053));
    assert_eq!(code("audio/ogg", 0).await, Some(131_053));
}

#[tokio::test]
async fn media_are_sent_by_id_with_a_caption() {
    let stage = Stage::set().await;
    stage.greet();
    let id = stage.upload("a.pdf", "application/pdf", b"%PDF").await;
    let document = json!({ "id": id, "caption": "Ecco", "filename": "offerta.pdf" });
    stage.send(Stage::to_anna("document", document)).await;
    let shown = stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat").pop().expect("a message");
    assert_eq!((shown.text.as_deref(), &shown.media.expect("a file")["name"]), (Some("Ecco"), &json!("offerta.pdf")));
    for content in [json!({ "id": "1" }), json!({ "id": id })] {
        assert_eq!(stage.send_refused(Stage::to_anna("image", content)).await, (400, 100));
    }
    assert_eq!(stage.send_refused(Stage::to_anna("image", json!({}))).await, (400, 131_008));
    let voice = stage.upload("a.ogg", "audio/ogg", b"OggS").await;
    let captioned = json!({ "id": voice, "caption": "x" });
    assert_eq!(stage.send_refused(Stage::to_anna("audio", captioned)).await, (400, 100));
    stage.send(Stage::to_anna("audio", json!({ "id": voice, "voice": true }))).await;
}

#[tokio::test]
async fn media_are_fetched_from_links_or_fail_later() {
    let stage = Stage::set().await;
    stage.greet();
    let hook = Hook::of(&stage).await;
    let picture = get(async || ([("content-type", "image/png")], "png"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("a bound port"));
    tokio::spawn(async { axum::serve(listener, axum::Router::new().route("/a.png", picture)).await });
    stage.send(Stage::to_anna("image", json!({ "link": format!("{base}/a.png") }))).await;
    let shown = stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat").pop().expect("a message");
    assert_eq!(shown.media.expect("a picture")["name"], "a.png");
    stage.send(Stage::to_anna("image", json!({ "link": format!("{base}/b.png") }))).await;
    let statuses = hook.statuses(3).await;
    assert_eq!((&statuses[2]["status"], &statuses[2]["errors"][0]["code"]), (&json!("failed"), &json!(131_053)));
}
