//! Connecting with Facebook: what is asked, of whom, and what is taken of what comes.

use connect::oauth::{Grant, Opened, authorize_url};
use connect::{Account, Body, Call, Connector, Reply, Secret, SendError, Step};
use serde_json::{Value, json};

use crate::worlds::{CANARY, ctx, worlds};

const BACK: &str = "https://parloir.test/oauth/callback";
const SHOP: &str = "102290129340398";
const NUMBER: &str = "106540352242922";

fn grant() -> Grant<'static> {
    Grant { code: "AQcode", verifier: "v", redirect_uri: BACK }
}

/// A channel that nobody has connected yet, with an app to do it by.
fn account() -> (&'static dyn Connector, Account) {
    let world = worlds().into_iter().find(|world| world.kind() == "whatsapp").expect("there is one");
    let mut account = world.account;
    for key in ["phone_number_id", "business_account_id"] {
        account.settings.remove(key);
    }
    for key in ["access_token", "pin"] {
        account.secrets.remove(key);
    }
    account
        .settings
        .extend([("app_id", "900"), ("config_id", "800")].map(|(key, value)| (key.to_owned(), value.to_owned())));
    "https://facebook.test".clone_into(&mut account.oauth_url);
    (world.connector, account)
}

fn says(body: &Value) -> Reply {
    Reply::Answer { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn refuses(code: i64, subcode: i64) -> Reply {
    let body = json!({ "error": { "code": code, "error_subcode": subcode, "message": CANARY } });
    Reply::Answer { status: 400, headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn token() -> Reply {
    says(&json!({ "access_token": format!("{CANARY}business"), "token_type": "bearer" }))
}

fn shares(accounts: &[&str]) -> Reply {
    let scope = |name: &str| json!({ "scope": name, "target_ids": accounts });
    let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"].map(scope);
    says(&json!({ "data": { "is_valid": true, "granular_scopes": scopes } }))
}

fn number(id: &str, more: Value) -> Value {
    let mut number = json!({ "id": id, "display_phone_number": "+1 555-078-3881", "verified_name": "Shop",
        "platform_type": "CLOUD_API", "status": "CONNECTED" });
    if let (Value::Object(number), Value::Object(more)) = (&mut number, more) {
        number.extend(more);
    }
    number
}

fn numbers(all: &[Value]) -> Reply {
    says(&json!({ "data": all }))
}

fn step(replies: &[Reply]) -> Step<Opened> {
    let (connector, account) = account();
    connector.exchange(&ctx(), &account, grant(), replies)
}

fn called(step: Step<Opened>) -> connect::HttpCall {
    assert!(!format!("{step:?}").contains(CANARY), "secrets are not printed");
    match step {
        Step::Call(Call::Http(call)) => call,
        other => panic!("{other:?}"),
    }
}

fn done(step: Step<Opened>) -> Opened {
    match step {
        Step::Done(opened) => opened,
        other => panic!("{other:?}"),
    }
}

fn refused(step: Step<Opened>) -> String {
    match step {
        Step::Fail(SendError::Refused { code, .. }) => code,
        Step::Fail(SendError::Reauthorise) => "not_allowed".to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_page_is_facebooks_and_is_told_the_configuration() {
    let (connector, mut account) = account();
    let consent = connector.consent(&account).expect("it is offered");
    let url = authorize_url(&consent, &account, BACK, "s&t", "v");
    assert!(url.starts_with("https://facebook.test/v26.0/dialog/oauth?response_type=code&client_id=900&"), "{url}");
    for part in [
        "config_id=800",
        "state=s%26t",
        "override_default_response_type=true",
        "redirect_uri=https%3A%2F%2Fparloir.test",
    ] {
        assert!(url.contains(part), "{part} in {url}");
    }
    assert!(!url.contains("scope=") && !url.contains("challenge") && !url.contains(CANARY), "{url}");
    assert!(!url.contains("whatsapp_business_app_onboarding"));
    account.settings.insert("onboarding".to_owned(), "app".to_owned());
    let consent = connector.consent(&account).expect("it is offered");
    assert!(authorize_url(&consent, &account, BACK, "s", "v").contains("whatsapp_business_app_onboarding"));
    for key in ["app_id", "config_id"] {
        let mut without = account.clone();
        without.settings.remove(key);
        assert!(connector.consent(&without).is_none(), "without {key} there is none");
    }
}

#[test]
fn a_code_opens_the_one_number_that_was_shared() {
    let call = called(step(&[]));
    assert_eq!(call.url, "https://whatsapp.test/base/v26.0/oauth/access_token");
    let Body::Form(fields) = call.body else { panic!("a form") };
    let given = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((given("code"), given("redirect_uri"), given("client_id")), (Some("AQcode"), Some(BACK), Some("900")));
    assert!(given("client_secret").is_some_and(|secret| secret.contains(CANARY)) && !call.repeatable);
    let call = called(step(&[token()]));
    assert!(call.url.starts_with("https://whatsapp.test/base/v26.0/debug_token?input_token="), "{}", call.url);
    assert!(call.headers.iter().any(|(name, value)| *name == "authorization" && value.starts_with("Bearer 900|")));
    let call = called(step(&[token(), shares(&[SHOP])]));
    assert!(call.url.contains(&format!("/{SHOP}/phone_numbers?")), "{}", call.url);
    let opened = done(step(&[token(), shares(&[SHOP]), numbers(&[number(NUMBER, json!({}))])]));
    assert_eq!(opened.settings["phone_number_id"], NUMBER);
    assert_eq!(opened.settings["business_account_id"], SHOP);
    assert_eq!(opened.secrets["access_token"].expose(), format!("{CANARY}business"));
    assert!(opened.choices.is_empty());
}

#[test]
fn a_number_that_is_not_there_yet_is_registered_and_one_on_a_phone_is_not() {
    let way = |more: Value| vec![token(), shares(&[SHOP]), numbers(&[number(NUMBER, more)])];
    let new = way(json!({ "platform_type": "NOT_APPLICABLE" }));
    let call = called(step(&new));
    assert!(call.url.ends_with(&format!("/{NUMBER}/register")) && !call.repeatable, "{}", call.url);
    let pin = |step| match called(step).body {
        Body::Json(body) => serde_json::from_slice::<Value>(&body).expect("JSON")["pin"].as_str().map(str::to_owned),
        _ => None,
    };
    let drawn = pin(step(&new)).expect("a PIN");
    assert!(drawn.len() == 6 && drawn.bytes().all(|byte| byte.is_ascii_digit()), "{drawn}");
    assert_eq!(pin(step(&new)).as_ref(), Some(&drawn), "the same when it is asked again");
    let (connector, mut account) = account();
    account.secrets.insert("pin".to_owned(), Secret::new("123456"));
    assert_eq!(pin(connector.exchange(&ctx(), &account, grant(), &new)).as_deref(), Some("123456"));
    let done_with = |last| step(&[new.as_slice(), &[last]].concat());
    assert_eq!(done(done_with(says(&json!({ "success": true })))).settings["phone_number_id"], NUMBER);
    assert_eq!(refused(done_with(refuses(133_005, 0))), "pin_wrong");
    assert!(matches!(done_with(says(&json!({}))), Step::Fail(SendError::Retry(_))));
    let app = way(json!({ "platform_type": "NOT_APPLICABLE", "is_on_biz_app": true }));
    assert_eq!(done(step(&app)).settings["phone_number_id"], NUMBER);
    for status in ["PENDING", "DISCONNECTED"] {
        assert!(called(step(&way(json!({ "status": status })))).url.ends_with("/register"));
    }
}

#[test]
fn of_several_numbers_the_member_chooses_and_a_channel_keeps_its_own() {
    let lists =
        [shares(&[SHOP, "102290129340399"]), numbers(&[number("1", json!({}))]), numbers(&[number("2", json!({}))])];
    let first = [&[token()][..], &lists].concat();
    let opened = done(step(&first));
    let ids: Vec<&str> = opened.choices.iter().map(|choice| choice.id.as_str()).collect();
    assert_eq!((ids, opened.settings.len()), (vec!["1", "2"], 0));
    assert!(!format!("{opened:?}").contains("555"), "what people call them is not printed");
    let (connector, mut account) = account();
    assert_eq!(refused(connector.choose(&ctx(), &account, "2", &[])), "not_authorised");
    account.secrets.extend(opened.secrets);
    let chosen = done(connector.choose(&ctx(), &account, "2", &lists));
    assert_eq!(
        (&*chosen.settings["phone_number_id"], &*chosen.settings["business_account_id"]),
        ("2", "102290129340399")
    );
    assert_eq!(refused(connector.choose(&ctx(), &account, "3", &lists)), "number_not_shared");
    account.settings.insert("phone_number_id".to_owned(), "1".to_owned());
    assert_eq!(done(connector.exchange(&ctx(), &account, grant(), &first)).settings["phone_number_id"], "1");
    account.settings.insert("phone_number_id".to_owned(), "9".to_owned());
    assert_eq!(refused(connector.exchange(&ctx(), &account, grant(), &first)), "number_not_shared");
}

#[test]
fn what_is_refused_has_words() {
    let nobody = says(&json!({ "data": { "is_valid": true, "granular_scopes": [] } }));
    let ended = says(&json!({ "data": { "is_valid": false } }));
    let (connector, _) = account();
    for (replies, expected) in [
        (vec![refuses(100, 36_009)], "not_allowed"),
        (vec![refuses(100, 36_007)], "not_allowed"),
        (vec![refuses(1, 0)], "client_refused"),
        (vec![refuses(100, 0)], "sign_in_refused"),
        (vec![token(), ended], "not_allowed"),
        (vec![token(), nobody], "nothing_shared"),
        (vec![token(), shares(&["../me"])], "nothing_shared"),
        (vec![token(), shares(&[SHOP]), numbers(&[])], "number_missing"),
        (vec![token(), shares(&[SHOP]), numbers(&[json!({ "id": "../me" })])], "number_missing"),
    ] {
        let code = refused(step(&replies));
        assert_eq!(code, expected);
        assert!(connector.reason(&code).is_some_and(|words| words.ends_with('.')), "{code}");
    }
}
