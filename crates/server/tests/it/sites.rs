//! Websites that ask for consent: described by the workspace, shown to their visitors alone, and what they choose and visit.

use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client, text_of};
use crate::house::House;

both_engines!(
    a_site_is_shown_to_its_own_pages_alone,
    choices_are_recorded_and_counted,
    visits_are_counted_by_day,
    the_policy_says_what_is_set
);

const ORIGIN: &str = "https://shop.example";

fn order() -> Value {
    let cookie = json!({ "category": "marketing", "name": "_ad", "provider": "Ads <Ltd>", "days": 90,
                         "purpose": { "en": "Advertising", "it": "Pubblicità" } });
    json!({ "name": "Shop", "origins": ["https://Shop.example/"], "analytics": true, "cookies": [cookie] })
}

/// A site, and its workspace.
async fn site(house: &House) -> (String, String) {
    let owner = &house.workspace.owner;
    let site = owner.post("/sites", order()).await;
    assert_eq!(site["origins"], json!([ORIGIN]));
    (text_of(&site["id"]), text_of(&owner.get("/workspace").await["id"]))
}

fn page(house: &House, origin: &str) -> Client {
    Client::new(&house.base).with("origin", origin)
}

async fn tells(house: &House, path: &str, body: &Value) -> Answer {
    page(house, ORIGIN).call(Method::POST, path, Some(body)).await
}

async fn a_site_is_shown_to_its_own_pages_alone(house: &House) {
    let (id, workspace) = site(house).await;
    let path = format!("/consent/{id}?lang=it");
    let answer = page(house, ORIGIN).call(Method::GET, &path, None).await;
    assert_eq!(answer.headers["access-control-allow-origin"], ORIGIN);
    let shown = answer.json(200);
    assert_eq!((&shown["workspace"], &shown["language"]), (&json!(workspace), &json!("it")));
    assert_eq!(
        (&shown["words"]["reject"], &shown["words"]["accept"]),
        (&json!("Rifiuta tutto"), &json!("Accetta tutto"))
    );
    let keys: Vec<_> = shown["categories"].as_array().unwrap().iter().map(|it| &it["key"]).collect();
    assert_eq!(keys, ["necessary", "analytics", "marketing"], "what sets nothing is not asked about");
    assert_eq!(shown["categories"][2]["cookies"][0]["duration"], "90 giorni");
    let other = page(house, "https://shop.example.evil.example").call(Method::GET, &path, None).await;
    assert!(!other.headers.contains_key("access-control-allow-origin"));
    other.problem(401, "unauthorised");
    let nothing = format!("/consent/sit_{}", "0".repeat(32));
    page(house, ORIGIN).call(Method::GET, &nothing, None).await.problem(404, "not_found");

    let owner = &house.workspace.owner;
    for (field, wrong) in [
        ("origins", json!([])),
        ("origins", json!(["https://shop.example/path"])),
        ("privacy_url", json!("javascript:alert(1)")),
        ("text", json!({ "fr": "Bonjour" })),
        ("cookies", json!([{ "category": "spying", "name": "x", "provider": "x", "purpose": { "en": "x" } }])),
        (
            "cookies",
            json!([{ "category": "marketing", "name": "x", "provider": "x", "purpose": { "en": "x" }, "days": 396 }]),
        ),
        ("colour", json!("red")),
        ("buttons", json!({ "accept": "large" })),
    ] {
        let mut order = order();
        order[field] = wrong;
        owner.call(Method::PUT, &format!("/sites/{id}"), Some(&order)).await.problem(422, "invalid");
    }
    let agent = &house.workspace.agent;
    assert_eq!(agent.list("/sites").await.len(), 1);
    agent.call(Method::PUT, &format!("/sites/{id}"), Some(&order())).await.problem(403, "forbidden");
    assert_eq!(owner.call(Method::DELETE, &format!("/sites/{id}"), None).await.status, 204);
    page(house, ORIGIN).call(Method::GET, &path, None).await.problem(404, "not_found");
}

async fn choices_are_recorded_and_counted(house: &House) {
    let (id, workspace) = site(house).await;
    let shown = page(house, ORIGIN).call(Method::GET, &format!("/consent/{id}"), None).await.json(200);
    let path = format!("/p/{workspace}/consent-choices");
    let choice = |way: &str, categories: Value| json!({ "site": id, "version": shown["version"], "way": way, "categories": categories, "signal": false, "visitor": "0123456789abcdef" });
    for (way, categories) in
        [("accept", json!(["analytics", "marketing"])), ("withdraw", json!([])), ("close", json!([]))]
    {
        assert_eq!(tells(house, &path, &choice(way, categories)).await.status, 204);
    }
    tells(house, &path, &choice("close", json!(["analytics"]))).await.problem(422, "invalid");
    tells(house, &path, &choice("shrug", json!([]))).await.problem(422, "invalid");
    tells(house, &path, &choice("accept", json!(["everything"]))).await.problem(422, "invalid");
    let mut unseen = choice("accept", json!([]));
    unseen["version"] = json!("0".repeat(32));
    tells(house, &path, &unseen).await.problem(422, "invalid");
    let elsewhere =
        page(house, "https://evil.example").call(Method::POST, &path, Some(&choice("accept", json!([])))).await;
    elsewhere.problem(401, "unauthorised");
    let foreign = format!("/p/wsp_{}/consent-choices", "0".repeat(32));
    tells(house, &foreign, &choice("accept", json!([]))).await.problem(404, "not_found");
    let report = house.workspace.agent.get(&format!("/sites/{id}/report")).await;
    let counted = json!([
        { "way": "accept", "categories": ["analytics", "marketing"], "count": 1 },
        { "way": "close", "categories": [], "count": 1 },
        { "way": "withdraw", "categories": [], "count": 1 },
    ]);
    assert_eq!(report["choices"], counted);
}

async fn visits_are_counted_by_day(house: &House) {
    let (id, workspace) = site(house).await;
    let path = format!("/p/{workspace}/visits");
    let visit = |page: &str, visitor: &str| json!({ "site": id, "path": page, "referrer": "search.example", "device": "phone", "visitor": visitor });
    for (page, visitor) in [("/a?q=secret", "x"), ("/a", "x"), ("/b", "y")] {
        assert_eq!(tells(house, &path, &visit(page, visitor)).await.status, 204);
    }
    house.clock.advance(86_400_000);
    assert_eq!(tells(house, &path, &visit("/a", "x")).await.status, 204);
    tells(house, &path, &visit("a", "x")).await.problem(422, "invalid");
    let mut odd = visit("/", "x");
    odd["device"] = json!("Mozilla/5.0");
    tells(house, &path, &odd).await.problem(422, "invalid");
    let report = house.workspace.agent.get(&format!("/sites/{id}/report?days=7")).await;
    let days: Vec<_> = report["days"].as_array().unwrap().iter().map(|day| (&day["views"], &day["visitors"])).collect();
    assert_eq!(days, [(&json!(3), &json!(2)), (&json!(1), &json!(1))]);
    assert_eq!(report["pages"], json!([{ "name": "/a", "views": 3 }, { "name": "/b", "views": 1 }]));
    assert_eq!(report["devices"], json!([{ "name": "phone", "views": 4 }]));
    let mut off = order();
    off["analytics"] = json!(false);
    house.workspace.owner.call(Method::PUT, &format!("/sites/{id}"), Some(&off)).await.json(200);
    tells(house, &path, &visit("/a", "x")).await.problem(422, "invalid");
}

async fn the_policy_says_what_is_set(house: &House) {
    let (id, workspace) = site(house).await;
    let nobody = Client::new(&house.base);
    let policy = |query: &str| {
        let path = format!("/p/{workspace}/cookies{query}");
        let nobody = nobody.clone();
        async move { nobody.call(Method::GET, &path, None).await }
    };
    let english = policy("").await;
    assert_eq!(english.status, 200);
    assert!(english.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let text = String::from_utf8(english.bytes.clone()).unwrap();
    for said in
        ["Cookie policy", "_ad", "Ads &lt;Ltd&gt;", "Advertising", "90 days", "parloir.consent:*", "parloir.visit:*"]
    {
        assert!(text.contains(said), "{said}");
    }
    let italian = String::from_utf8(policy(&format!("?lang=it&site={id}")).await.bytes.clone()).unwrap();
    assert!(italian.contains("lang=\"it\"") && italian.contains("Pubblicità") && italian.contains("90 giorni"));
    policy(&format!("?site=sit_{}", "0".repeat(32))).await.problem(404, "not_found");
    nobody.call(Method::GET, &format!("/p/wsp_{}/cookies", "0".repeat(32)), None).await.problem(404, "not_found");
}
