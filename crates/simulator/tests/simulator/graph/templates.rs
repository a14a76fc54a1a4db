//! Templates: handed in, decided on, listed, filled in.

use serde_json::{Value, json};
use simulator::graph::whatsapp::TemplateCard;

use super::stage::{ACCOUNT, ANNA, Hook, NUMBER, Stage};

fn path() -> String {
    format!("{ACCOUNT}/message_templates")
}

fn use_of(name: &str, components: Value) -> Value {
    let mut template = json!({ "name": name, "language": { "code": "it" } });
    template["components"] = components;
    Stage::to_anna("template", template)
}

fn body(parameters: Value) -> Value {
    let mut body = json!({ "type": "body" });
    body["parameters"] = parameters;
    json!([body])
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn order() -> TemplateCard {
    TemplateCard::text("order", "it", "UTILITY", "Ciao {{1}}, il pacco {{2}} è arrivato.")
}

async fn with(card: TemplateCard) -> (Stage, String) {
    let stage = Stage::set().await;
    let id = stage.whatsapp().create_template(ACCOUNT, card).expect("an account");
    (stage, id)
}

#[tokio::test]
async fn a_template_goes_out_when_the_window_is_closed() {
    let (stage, _) = with(order()).await;
    let hook = Hook::of(&stage).await;
    stage.send(use_of("order", body(json!([text("Anna"), text("A-1")])))).await;
    assert_eq!(stage.sent_texts(), ["Ciao Anna, il pacco A-1 è arrivato."]);
    let pricing = hook.statuses(2).await[1]["pricing"].clone();
    assert_eq!((&pricing["category"], &pricing["billable"]), (&json!("utility"), &json!(true)));
}

#[tokio::test]
async fn parameters_must_fit() {
    let (stage, _) = with(order()).await;
    let named = TemplateCard::text("named", "it", "UTILITY", "Ciao {{name}}.");
    stage.whatsapp().create_template(ACCOUNT, named).expect("an account");
    let cases = [
        ("order", body(json!([text("Anna")])), (400, 132_000)),
        ("order", body(json!([text("Anna"), { "type": "image", "image": { "id": "1" } }])), (400, 132_012)),
        ("order", body(json!([text("Anna"), text("a\nb")])), (400, 132_007)),
        ("order", body(json!([text("Anna"), text(&"x".repeat(1_100))])), (400, 132_005)),
        ("another", body(json!([])), (404, 132_001)),
        ("named", body(json!([text("Anna")])), (400, 132_000)),
    ];
    for (name, components, expected) in cases {
        assert_eq!(stage.send_refused(use_of(name, components.clone())).await, expected, "{components}");
    }
    let named = json!([{ "type": "text", "parameter_name": "name", "text": "Anna" }]);
    stage.send(use_of("named", body(named))).await;
    assert_eq!(stage.sent_texts(), ["Ciao Anna."]);
}

#[tokio::test]
async fn headers_and_buttons_are_filled_in() {
    let components = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Ordine {{1}}" }, { "type": "BODY", "text": "Tutto bene?" },
        { "type": "FOOTER", "text": "Bottega" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Sì" }, { "type": "URL", "text": "Segui", "url": "https://x.example/{{1}}" },
        ] },
    ]);
    let (stage, _) = with(TemplateCard { components, ..order() }).await;
    let header = json!({ "type": "header", "parameters": [text("7")] });
    let link = json!({ "type": "button", "sub_type": "url", "index": "1", "parameters": [text("abc")] });
    let reply = json!({ "type": "button", "sub_type": "quick_reply", "index": 0, "parameters": [
        { "type": "payload", "payload": "yes-7" },
    ] });
    assert_eq!(stage.send_refused(use_of("order", json!([header, reply]))).await, (400, 131_008));
    let id = stage.send(use_of("order", json!([header, link, reply]))).await;
    let shown = stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat").pop().expect("a message");
    assert_eq!((shown.header, shown.footer.as_deref()), (Some(json!("Ordine 7")), Some("Bottega")));
    assert_eq!((&shown.buttons[0]["id"], &shown.buttons[1]["url"]), (&json!("yes-7"), &json!("https://x.example/abc")));
    let hook = Hook::of(&stage).await;
    stage.whatsapp().tap(NUMBER, ANNA, &id, "yes-7").expect("a button");
    let heard = hook.values(1).await[0]["messages"][0].clone();
    assert_eq!((&heard["type"], &heard["button"]), (&json!("button"), &json!({ "payload": "yes-7", "text": "Sì" })));
    assert_eq!(heard["context"]["id"], json!(id));
}

#[tokio::test]
async fn a_header_shows_a_file() {
    let components = json!([{ "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Ecco" }]);
    let (stage, _) = with(TemplateCard { components, ..order() }).await;
    assert_eq!(stage.send_refused(use_of("order", json!([]))).await, (400, 132_000));
    let header = |parameter: Value| json!([{ "type": "header", "parameters": [parameter] }]);
    assert_eq!(stage.send_refused(use_of("order", header(text("x")))).await, (400, 132_012));
    let media = stage.upload("a.png", "image/png", b"png").await;
    stage.send(use_of("order", header(json!({ "type": "image", "image": { "id": media } })))).await;
    let shown = stage.whatsapp().transcript(NUMBER, ANNA).expect("a chat").pop().expect("a message");
    assert_eq!(shown.media.expect("a file")["mime"], "image/png");
}

#[tokio::test]
async fn whoever_wants_no_marketing_gets_none() {
    let (stage, _) = with(TemplateCard::text("offer", "it", "MARKETING", "Saldi!")).await;
    stage.send(use_of("offer", json!([]))).await;
    stage.whatsapp().stop_marketing(NUMBER, ANNA, true).expect("Anna");
    assert_eq!(stage.send_refused(use_of("offer", json!([]))).await, (400, 131_050));
    stage.whatsapp().stop_marketing(NUMBER, ANNA, false).expect("Anna");
    stage.send(use_of("offer", json!([]))).await;
}

#[tokio::test]
async fn a_template_is_handed_in_and_decided_on() {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    let example = json!({ "body_text": [["Anna"]] });
    let components = json!([{ "type": "BODY", "text": "Ciao {{1}}", "example": example }]);
    let new = json!({ "name": "hello", "language": "it", "category": "UTILITY", "components": components });
    let made = stage.result("POST", &path(), new.clone()).await;
    assert_eq!((&made["status"], &made["category"]), (&json!("PENDING"), &json!("UTILITY")));
    assert_eq!(stage.refusal("POST", &path(), new).await, (400, 100));
    let filled = || use_of("hello", body(json!([text("Anna")])));
    assert_eq!(stage.send_refused(filled()).await, (404, 132_001));
    let (sim, id) = (stage.whatsapp(), made["id"].as_str().expect("an id").to_owned());
    sim.decide_template(ACCOUNT, &id, "APPROVED", None).expect("a template");
    stage.send(filled()).await;
    sim.decide_template(ACCOUNT, &id, "PAUSED", None).expect("a template");
    assert_eq!(stage.send_refused(filled()).await, (400, 132_015));
    sim.decide_template(ACCOUNT, &id, "DISABLED", None).expect("a template");
    assert_eq!(stage.send_refused(filled()).await, (400, 132_016));
    sim.recategorize(ACCOUNT, &id, "MARKETING").expect("a template");
    sim.rate_template(ACCOUNT, &id, "RED").expect("a template");
    let told = hook.told(7).await;
    let field = |field: &str| {
        let mut changes = told.iter().map(|body| &body["entry"][0]["changes"][0]);
        changes.rfind(|change| change["field"] == field).expect("a change")["value"].clone()
    };
    let status = field("message_template_status_update");
    assert_eq!((&status["event"], &status["message_template_name"]), (&json!("DISABLED"), &json!("hello")));
    assert_eq!(field("template_category_update")["new_category"], "MARKETING");
    assert_eq!(field("message_template_quality_update")["new_quality_score"], "RED");
    let seen = stage.result("GET", &id, Value::Null).await;
    assert_eq!((&seen["category"], &seen["previous_category"]), (&json!("MARKETING"), &json!("UTILITY")));
}

#[tokio::test]
async fn unusable_templates_are_refused() {
    let stage = Stage::set().await;
    let new = |name: &str, category: &str, components: Value| json!({ "name": name, "language": "it", "category": category, "components": components });
    let plain = json!([{ "type": "BODY", "text": "Ciao" }]);
    let cases = [
        new("Upper", "UTILITY", plain.clone()),
        new("good", "OTHER", plain),
        new("good", "UTILITY", json!([])),
        new("good", "UTILITY", json!([{ "type": "BODY", "text": "Ciao {{1}}" }])),
    ];
    for case in cases {
        assert_eq!(stage.refusal("POST", &path(), case.clone()).await, (400, 100), "{case}");
    }
}

#[tokio::test]
async fn templates_are_listed_by_page_and_taken_back() {
    let stage = Stage::set().await;
    for name in ["a", "b", "c"] {
        let card = TemplateCard::text(name, "it", "UTILITY", "Ciao");
        stage.whatsapp().create_template(ACCOUNT, card).expect("an account");
    }
    let mut asked = format!("{}?limit=2&fields=name", path());
    let mut names = Vec::new();
    loop {
        let page = stage.result("GET", &asked, Value::Null).await;
        names.extend(page["data"].as_array().into_iter().flatten().map(|one| one["name"].clone()));
        if page["paging"].get("next").is_none() {
            break;
        }
        let after = page["paging"]["cursors"]["after"].as_str().expect("a cursor");
        asked = format!("{}?limit=2&fields=name&after={after}", path());
    }
    assert_eq!(names, ["a", "b", "c"]);
    stage.result("DELETE", &format!("{}?name=b", path()), Value::Null).await;
    let left = stage.result("GET", &format!("{}?name=b", path()), Value::Null).await;
    assert_eq!(left["data"], json!([]));
}
