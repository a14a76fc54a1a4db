//! What tells of news is believed by its proof alone, and tells nothing but that there is something to ask for.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connect::{Hint, Raw, Reject, Secret, Verified};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::worlds::{NOW_MS, World, ctx, worlds};

const HOOK: &str = "https://parloir.test/hooks/chn_1";
const CALLER: &str = "push@shop.iam.gserviceaccount.test";

fn world(kind: &str) -> World {
    worlds().into_iter().find(|world| world.kind() == kind).expect("a known kind")
}

fn pair() -> RsaKeyPair {
    let lines = include_str!("google.pem").lines().filter(|line| !line.starts_with("--")).collect::<String>();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(lines).expect("base64")).expect("a key")
}

/// A watched mailbox at Google, which knows its key.
fn google() -> World {
    let mut world = world("gmail");
    let shown = PublicKeyComponents::<Vec<u8>>::from(pair().public());
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let key = json!({"kid": "k1", "n": number(&shown.n), "e": number(&shown.e)});
    world.account.watch = json!({"keys": [key]}).to_string();
    world.account.settings.insert("push_topic".to_owned(), "projects/p/topics/t".to_owned());
    world.account.settings.insert("push_account".to_owned(), CALLER.to_owned());
    world
}

fn head() -> Value {
    json!({"alg": "RS256", "kid": "k1", "typ": "JWT"})
}

fn claims() -> Value {
    let now_s = NOW_MS / 1_000;
    json!({"aud": HOOK, "email": CALLER, "email_verified": true, "exp": now_s + 3_600, "iat": now_s,
        "iss": "https://accounts.google.com"})
}

/// With some claims others, and those that are null missing.
fn with(mut claims: Value, others: &Value) -> Value {
    let claim = claims.as_object_mut().expect("an object");
    for (name, value) in others.as_object().expect("an object") {
        if value.is_null() {
            claim.remove(name);
        } else {
            claim.insert(name.clone(), value.clone());
        }
    }
    claims
}

fn token(head: &Value, claims: &Value) -> String {
    let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", part(head), part(claims));
    let key = pair();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn posted(path: &str, query: &str, headers: &[(&str, String)], body: &Value) -> Raw {
    Raw {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        body: body.to_string().into_bytes(),
    }
}

fn changed(address: &str) -> Value {
    let data = STANDARD.encode(json!({"emailAddress": address, "historyId": 9_876}).to_string());
    json!({"message": {"data": data, "messageId": "1"}, "subscription": "projects/p/subscriptions/s"})
}

fn pushed(token: &str) -> Raw {
    posted("", "", &[("authorization", format!("Bearer {token}"))], &changed("Info@Shop.test"))
}

fn verify(world: &World, raw: &Raw) -> Result<Verified, Reject> {
    world.connector.verify(&ctx(), raw, &world.account)
}

fn hints(world: &World, raw: &Raw) -> Vec<Hint> {
    let verified = verify(world, raw).expect("proven");
    let answer = world.connector.answer(&verified);
    assert_eq!((answer.status, answer.body.as_str(), answer.keep), (200, "", false), "nothing of it is kept");
    world.connector.hints(&verified)
}

#[test]
fn what_google_signed_for_this_hook_is_believed() {
    let world = google();
    let good = token(&head(), &claims());
    assert_eq!(hints(&world, &pushed(&good)), [Hint::News]);
    for also in [json!({"iss": "accounts.google.com"}), json!({"exp": NOW_MS / 1_000 - 59}), json!({"more": 1})] {
        assert_eq!(hints(&world, &pushed(&token(&head(), &with(claims(), &also)))), [Hint::News], "{also}");
    }
    let proof = ("authorization", format!("Bearer {good}"));
    assert_eq!(
        hints(&world, &posted("", "", std::slice::from_ref(&proof), &changed("other@shop.test"))),
        [],
        "another mailbox's"
    );
    for malformed in [json!({}), json!({"message": {"data": "!"}}), json!({"message": {"data": "e30="}})] {
        assert_eq!(
            verify(&world, &posted("", "", std::slice::from_ref(&proof), &malformed)).err(),
            Some(Reject::Malformed)
        );
    }
    assert_eq!(verify(&world, &posted("x", "", &[proof], &changed("info@shop.test"))).err(), Some(Reject::NotFound));
}

#[test]
fn what_google_did_not_sign_for_it_is_not() {
    let world = google();
    let now_s = NOW_MS / 1_000;
    for others in [
        json!({"aud": "https://parloir.test/hooks/chn_2"}),
        json!({"aud": null}),
        json!({"email": "another@shop.iam.gserviceaccount.test"}),
        json!({"email": null}),
        json!({"email_verified": false}),
        json!({"email_verified": "true"}),
        json!({"exp": now_s - 60}),
        json!({"exp": null}),
        json!({"iat": now_s + 61}),
        json!({"iat": null}),
        json!({"iss": "https://accounts.google.com.evil.test"}),
    ] {
        let raw = pushed(&token(&head(), &with(claims(), &others)));
        assert_eq!(verify(&world, &raw).err(), Some(Reject::Unauthorised), "{others}");
    }
    for others in [json!({"alg": "none"}), json!({"alg": "HS256"}), json!({"alg": "RS512"}), json!({"kid": "k2"})] {
        let raw = pushed(&token(&with(head(), &others), &claims()));
        assert_eq!(verify(&world, &raw).err(), Some(Reject::Unauthorised), "{others}");
    }
    let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode("{}"));
    for other in ["", ".", "..", "a.b.c", &unsigned] {
        assert_eq!(verify(&world, &pushed(other)).err(), Some(Reject::Unauthorised), "{other}");
    }
    assert_eq!(verify(&world, &posted("", "", &[], &changed("info@shop.test"))).err(), Some(Reject::Unauthorised));
}

#[test]
fn one_changed_letter_of_a_token_is_noticed() {
    let world = google();
    let good = token(&head(), &claims());
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert_eq!(verify(&world, &pushed(&changed)).err(), Some(Reject::Unauthorised), "{at}");
    }
}

#[test]
fn who_was_not_asked_to_tell_is_not_believed() {
    let good = pushed(&token(&head(), &claims()));
    let without_keys = |world: &mut World| world.account.watch.clear();
    let without_topic = |world: &mut World| drop(world.account.settings.remove("push_topic"));
    let without_caller = |world: &mut World| drop(world.account.settings.remove("push_account"));
    for change in [without_keys as fn(&mut World), without_topic, without_caller] {
        let mut world = google();
        change(&mut world);
        assert_eq!(verify(&world, &good).err(), Some(Reject::Unauthorised));
    }
    assert!(google().connector.can_watch(&google().account));
    assert!(!world("gmail").connector.can_watch(&world("gmail").account), "it is optional");
}

/// The word that Microsoft is given: as the first call says it.
fn word(world: &World) -> String {
    let connect::Step::Call(connect::Call::Http(call)) = world.connector.watch(&ctx(), &world.account, &[]) else {
        panic!("it subscribes")
    };
    let connect::Body::Json(body) = call.body else { panic!("JSON") };
    let said: Value = serde_json::from_slice(&body).expect("JSON");
    said["clientState"].as_str().expect("a word").to_owned()
}

fn notified(path: &str, items: &Value) -> Raw {
    posted(path, "", &[], &json!({ "value": items }))
}

#[test]
fn what_knows_the_word_is_microsofts() {
    let world = world("outlook");
    let secret = word(&world);
    assert!(secret.len() >= 32 && secret.len() <= 128);
    let news =
        json!({"subscriptionId": "s", "clientState": secret, "changeType": "created", "resourceData": {"id": "x"}});
    assert_eq!(hints(&world, &notified("", &json!([news]))), [Hint::News]);
    assert_eq!(
        hints(&world, &notified("", &json!([{"clientState": "x"}, news, news]))),
        [Hint::News],
        "each by its own"
    );
    for (event, expected) in [
        ("missed", &[Hint::News][..]),
        ("reauthorizationRequired", &[Hint::Watch]),
        ("subscriptionRemoved", &[Hint::News, Hint::Watch]),
        ("somethingNew", &[Hint::News, Hint::Watch]),
    ] {
        let told = json!([{"subscriptionId": "s", "clientState": secret, "lifecycleEvent": event}]);
        assert_eq!(hints(&world, &notified("lifecycle", &told)), expected, "{event}");
    }
    let other = format!("{}0", &secret[..secret.len() - 1]).replace("00", "10");
    for wrong in [json!(other), json!(""), json!(null), json!(1), json!(format!("{secret}0"))] {
        let raw = notified("", &json!([{ "clientState": wrong }]));
        assert_eq!(verify(&world, &raw).err(), Some(Reject::Unauthorised), "{wrong}");
    }
    for raw in [
        notified("", &json!([])),
        notified("other", &json!([news])),
        Raw { method: "GET".to_owned(), ..notified("", &json!([news])) },
        Raw { body: b"no".to_vec(), ..notified("", &json!([])) },
    ] {
        assert_eq!(verify(&world, &raw).err(), Some(Reject::Unauthorised));
    }
}

#[test]
fn without_its_secret_a_channel_believes_no_word() {
    let known = word(&world("outlook"));
    for secret in [Secret::new("another"), Secret::default()] {
        let mut world = world("outlook");
        world.account.secrets.insert("reply_secret".to_owned(), secret);
        for said in [known.as_str(), ""] {
            let raw = notified("", &json!([{ "clientState": said }]));
            assert_eq!(verify(&world, &raw).err(), Some(Reject::Unauthorised));
        }
    }
}

#[test]
fn a_handshake_hears_its_own_word_and_changes_nothing() {
    let world = world("outlook");
    for path in ["", "lifecycle"] {
        let raw = posted(path, "validationToken=Is%20any+one%3C%2Fb%3E+here%3F", &[], &json!(null));
        let verified = verify(&world, &raw).expect("it proves nothing, and asks for nothing");
        let answer = world.connector.answer(&verified);
        assert_eq!((answer.status, answer.content_type, answer.keep), (200, "text/plain", false));
        assert_eq!(answer.body, "Is any one</b> here?");
        assert_eq!(world.connector.hints(&verified), []);
    }
    let long = format!("validationToken={}", "x".repeat(2_049));
    for query in ["validationToken=", "validationToken=a%0Db", &long] {
        assert_eq!(verify(&world, &posted("", query, &[], &json!(null))).err(), Some(Reject::Malformed), "{query}");
    }
}

#[test]
fn a_hook_that_cannot_be_reached_is_named_to_nobody() {
    let mut world = world("outlook");
    assert!(world.connector.can_watch(&world.account));
    world.account.base_url = "https://graph.microsoft.com".to_owned();
    assert!(world.connector.can_watch(&world.account));
    world.account.hook_url = "http://localhost:8080/hooks/chn_1".to_owned();
    assert!(!world.connector.can_watch(&world.account));
    assert!(matches!(world.connector.watch(&ctx(), &world.account, &[]), connect::Step::Done(None)));
}
