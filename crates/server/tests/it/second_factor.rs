//! The second factor of signing in, with an authenticator of its own beside the program's.

use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use vault::Clock;

use crate::client::{Answer, Client, text_of};
use crate::house::{House, PASSWORD};
use crate::members::signs_in;

both_engines!(
    signing_in_takes_a_code_once,
    a_lost_app_is_recovered_from,
    guessing_codes_is_slowed_down,
    it_takes_the_password_and_a_session,
    whoever_runs_the_installation_takes_a_lost_one_off,
);

/// What an authenticator app shows for a secret, `steps` from now.
fn app_shows(house: &House, secret: &str, steps: i64) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let fives = secret.chars().map(|letter| letters.find(letter).unwrap());
    let bits: String =
        fives.flat_map(|five| (0..5).rev().map(move |bit| if five >> bit & 1 == 1 { '1' } else { '0' })).collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    assert_eq!(key.len(), 20);
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&(house.clock.now() / 30_000 + steps).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn sign_in(house: &House, code: Option<&str>) -> Answer {
    let api = Client::new(&format!("{}/api/v1", house.base));
    let order = json!({ "email": house.workspace.agent_email, "password": PASSWORD, "code": code });
    api.call(Method::POST, "/session", Some(&order)).await
}

/// Sets the agent's factor up: their session, the secret and the recovery codes.
async fn set_up(house: &House) -> (Client, String, Vec<Value>) {
    let agent = signs_in(house, "").await;
    let factor = agent.call(Method::POST, "/me/second-factor", Some(&json!({ "password": PASSWORD }))).await.json(201);
    let secret = text_of(&factor["secret"]);
    let uri = text_of(&factor["uri"]);
    assert!(uri.starts_with("otpauth://totp/Parloir:ada-") && uri.contains(&format!("secret={secret}")), "{uri}");
    assert_eq!(sign_in(house, None).await.status, 200, "nothing is asked for before it is confirmed");
    let code = json!({ "code": app_shows(house, &secret, 0) });
    let codes = agent.call(Method::POST, "/me/second-factor/confirm", Some(&code)).await.json(200);
    (agent, secret, codes["recovery_codes"].as_array().unwrap().clone())
}

async fn signing_in_takes_a_code_once(house: &House) {
    let agent = signs_in(house, "").await;
    let wrong = json!({ "code": "000000" });
    agent.call(Method::POST, "/me/second-factor/confirm", Some(&wrong)).await.problem(409, "conflict");
    assert_eq!(agent.get("/me").await["second_factor"], false);
    let (_, secret, codes) = set_up(house).await;
    assert_eq!((codes.len(), &agent.get("/me").await["second_factor"]), (10, &json!(true)));
    let again = json!({ "password": PASSWORD });
    agent.call(Method::POST, "/me/second-factor", Some(&again)).await.problem(409, "conflict");
    sign_in(house, None).await.problem(401, "second_factor");
    sign_in(house, Some(&app_shows(house, &secret, 0))).await.problem(401, "second_factor");
    house.clock.advance(60_000);
    let code = app_shows(house, &secret, 1);
    assert_eq!(sign_in(house, Some(&code)).await.status, 200, "a phone's clock may be half a minute ahead");
    sign_in(house, Some(&code)).await.problem(401, "second_factor");
    sign_in(house, Some(&app_shows(house, &secret, 0))).await.problem(401, "second_factor");
    sign_in(house, Some(&app_shows(house, &secret, 3))).await.problem(401, "second_factor");
    let me = house.workspace.owner.get("/me").await;
    assert_eq!(me["second_factor"], false, "it is each member's own");
}

async fn a_lost_app_is_recovered_from(house: &House) {
    let (agent, secret, codes) = set_up(house).await;
    let code = text_of(&codes[3]);
    assert_eq!(sign_in(house, Some(&code.to_uppercase())).await.status, 200);
    sign_in(house, Some(&code)).await.problem(401, "second_factor");
    let remove = async |password: &str, code: &str| {
        let order = json!({ "password": password, "code": code });
        agent.call(Method::DELETE, "/me/second-factor", Some(&order)).await
    };
    let other = text_of(&codes[4]);
    let refused = remove("another password", &other).await;
    assert!(refused.json(422)["fields"]["password"].is_string(), "{refused}");
    let refused = remove(PASSWORD, &app_shows(house, &secret, 7)).await;
    assert!(refused.json(422)["fields"]["code"].is_string(), "{refused}");
    assert_eq!(remove(PASSWORD, &other).await.status, 204);
    assert_eq!(sign_in(house, None).await.status, 200);
    remove(PASSWORD, &other).await.problem(409, "conflict");
    let (_, again, _) = set_up_later(house).await;
    assert_ne!(again, secret);
    sign_in(house, Some(&text_of(&codes[5]))).await.problem(401, "second_factor");
}

async fn set_up_later(house: &House) -> (Client, String, Vec<Value>) {
    house.clock.advance(60_000);
    set_up(house).await
}

async fn guessing_codes_is_slowed_down(house: &House) {
    let (_, secret, _) = set_up(house).await;
    house.clock.advance(60_000);
    let mut slowed = false;
    for guess in 0..8 {
        let answer = sign_in(house, Some(&format!("{guess:06}"))).await;
        slowed |= answer.status == 429;
        assert!(matches!(answer.status.as_u16(), 401 | 429), "{answer}");
    }
    assert!(slowed);
    sign_in(house, Some(&app_shows(house, &secret, 0))).await.problem(429, "too_many");
}

async fn it_takes_the_password_and_a_session(house: &House) {
    let (token, agent) = (&house.workspace.agent, signs_in(house, "").await);
    let order = |password: &str| json!({ "password": password });
    for (method, path) in [(Method::POST, ""), (Method::POST, "/confirm"), (Method::DELETE, "")] {
        let body = json!({ "password": PASSWORD, "code": "000000" });
        let refused = token.call(method, &format!("/me/second-factor{path}"), Some(&body)).await;
        refused.problem(403, "forbidden");
    }
    let refused = agent.call(Method::POST, "/me/second-factor", Some(&order("another password"))).await;
    assert!(refused.json(422)["fields"]["password"].is_string(), "{refused}");
    agent.call(Method::POST, "/me/second-factor", Some(&order(PASSWORD))).await.json(201);
    let mut last = refused;
    for _ in 0..7 {
        last = agent.call(Method::POST, "/me/second-factor", Some(&order("a guess"))).await;
    }
    last.problem(429, "too_many");
}

async fn whoever_runs_the_installation_takes_a_lost_one_off(house: &House) {
    let workspace = house.workspace.operator.workspace().to_string();
    let take_off = async || {
        let (workspace, member) = (workspace.clone(), house.workspace.agent_email.clone());
        let command = server::cli::Command::RemoveSecondFactor { workspace, member };
        server::cli::run(&house.app, server::cli::Workers::Running, command).await
    };
    assert!(take_off().await.is_err(), "there is none yet");
    let (agent, ..) = set_up(house).await;
    sign_in(house, None).await.problem(401, "second_factor");
    assert_eq!(take_off().await.unwrap()["id"], house.workspace.agent_id.to_string());
    assert_eq!(sign_in(house, None).await.status, 200);
    assert_eq!(agent.get("/me").await["second_factor"], false);
    let log = house.workspace.owner.get("/audit?limit=100").await.to_string();
    assert!(log.contains("second_factor.taken_off"), "{log}");
}
