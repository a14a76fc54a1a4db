//! What is posted below the hook for a person: believed if it is signed, answered with a way to follow it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::{Event, IdentityKind, Raw, Reject, Verified};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::worlds::{World, ctx, hub_signature, worlds};

/// The kinds that know such requests.
fn messengers() -> impl Iterator<Item = World> {
    worlds().into_iter().filter(|world| matches!(world.kind(), "messenger" | "instagram"))
}

fn signed(secret: &str, said: &Value) -> String {
    let payload = URL_SAFE_NO_PAD.encode(said.to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(payload.as_bytes());
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn posted(path: &str, request: &str) -> Raw {
    let body = format!("signed_request={request}").into_bytes();
    Raw { method: "POST".to_owned(), path: path.to_owned(), query: String::new(), headers: Vec::new(), body }
}

fn wish(user: &str) -> Value {
    json!({"algorithm": "HMAC-SHA256", "issued_at": 1_767_225_600, "user_id": user})
}

fn verify(world: &World, raw: &Raw) -> Result<Verified, Reject> {
    world.connector.verify(&ctx(), raw, &world.account)
}

#[test]
fn a_wish_for_deletion_is_answered_and_names_the_person() {
    for world in messengers() {
        let secret = world.account.secret("app_secret").expose().to_owned();
        let raw = posted("data-deletion", &signed(&secret, &wish("218471")));
        assert_eq!(world.connector.addressed(&raw), Vec::<String>::new());
        let verified = verify(&world, &raw).expect("signed");
        let answer = world.connector.answer(&verified);
        assert_eq!((answer.status, answer.content_type, answer.keep), (200, "application/json", true));
        let told: Value = serde_json::from_str(&answer.body).expect("JSON");
        let code = told["confirmation_code"].as_str().expect("a code");
        assert_eq!(told["url"], format!("https://parloir.test/hooks/chn_1/data-deletion/{code}"));
        assert!(code.len() == 32 && !code.contains("218471"));
        let parts = world.connector.parts(verified);
        assert_eq!(parts.len(), 1);
        let kept = Verified::from_inbox(&parts[0].to_inbox()).expect("readable");
        let events = world.connector.parse(&kept);
        let [Event::ErasureAsked { from, code: asked, at_ms }] = &events[..] else { panic!("{events:?}") };
        assert_eq!((asked.as_str(), *at_ms), (code, 1_767_225_600_000));
        assert!(!from.identities.is_empty() && from.identities.iter().all(|known| known.value == "218471"));
        let another = verify(&world, &posted("data-deletion", &signed(&secret, &wish("218472")))).expect("signed");
        assert!(!world.connector.answer(&another).body.contains(code), "each wish has a code of its own");
    }
}

#[test]
fn what_a_person_wants_of_the_app_is_meant_for_the_whole_app_and_nothing_else_is() {
    for mut world in messengers() {
        let raw = posted("data-deletion", "x");
        assert!(world.connector.for_whole_app(&raw) && world.connector.for_whole_app(&posted("deauthorize", "x")));
        assert!(world.account.secrets.contains_key(world.connector.app_secret().expect("a key")));
        for other in [posted("", "x"), Raw { method: "GET".to_owned(), ..raw }] {
            assert!(!world.connector.for_whole_app(&other));
        }
        // Of which app it is may be unknown: then that is said.
        world.account.learned.clear();
        let secret = world.account.secret("app_secret").expose().to_owned();
        let verified = verify(&world, &posted("data-deletion", &signed(&secret, &wish("7")))).expect("signed");
        let events = world.connector.parse(&verified);
        let [Event::ErasureAsked { from, .. }] = &events[..] else { panic!("{events:?}") };
        let unknown = |known: &&connect::PersonIdentity| known.kind == IdentityKind::AppScopedId;
        let unknown: Vec<_> = from.identities.iter().filter(unknown).map(|known| known.scope.as_str()).collect();
        let expected: &[&str] = if world.kind() == "messenger" { &[""] } else { &[] };
        assert_eq!(unknown, expected);
    }
}

#[test]
fn a_wish_to_a_disconnected_channel_is_answered_with_where_to_read_whom_to_ask() {
    for world in messengers() {
        let raw = posted("data-deletion", &signed("any", &wish("7")));
        let answer = world.connector.departed(&raw, "https://chat.example.org/hooks/chn_1").expect("an answer");
        let told: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let code = told["confirmation_code"].as_str().expect("a code");
        assert_eq!(told["url"], format!("https://chat.example.org/hooks/chn_1/data-deletion/{code}"));
        assert!(code.len() == 32 && !answer.keep, "{told}");
        assert!(world.connector.departed(&posted("", "x"), "https://x").is_none());
    }
}

#[test]
fn what_was_signed_long_ago_is_refused() {
    for world in messengers() {
        let secret = world.account.secret("app_secret").expose().to_owned();
        let issued_at = |seconds: i64| json!({"algorithm": "HMAC-SHA256", "issued_at": seconds, "user_id": "1"});
        for path in ["data-deletion", "deauthorize"] {
            for (issued_at, rejected) in [
                (issued_at(1_767_225_600 - 24 * 3_600), None),
                (issued_at(1_767_225_600 - 24 * 3_600 - 1), Some(Reject::Unauthorised)),
                (issued_at(1_767_225_600 + 3_600), Some(Reject::Unauthorised)),
                (json!({"algorithm": "HMAC-SHA256", "user_id": "1"}), Some(Reject::Malformed)),
            ] {
                let raw = posted(path, &signed(&secret, &issued_at));
                assert_eq!(verify(&world, &raw).err(), rejected, "{issued_at}");
            }
        }
    }
}

#[test]
fn that_an_app_was_taken_away_is_doubted_and_told_at_once() {
    for world in messengers() {
        let secret = world.account.secret("app_secret").expose().to_owned();
        let verified = verify(&world, &posted("deauthorize", &signed(&secret, &wish("1")))).expect("signed");
        assert!(world.connector.answer(&verified).keep);
        let events = world.connector.parse(&verified);
        let [Event::Account(news)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((news.code.as_str(), news.works, news.doubtful), ("deauthorised", Some(false), true));
        assert!(world.connector.reason(&news.code).is_some());
    }
}

#[test]
fn who_is_not_proven_is_not_believed_below_the_hook() {
    for mut world in messengers() {
        let secret = world.account.secret("app_secret").expose().to_owned();
        let good = signed(&secret, &wish("218471"));
        let (signature, payload) = good.split_once('.').expect("two parts");
        let other = URL_SAFE_NO_PAD.encode(wish("1").to_string());
        let unsigned = json!({"algorithm": "none", "user_id": "218471"});
        for wrong in [
            signed("another", &wish("218471")),
            format!("{signature}.{other}"),
            format!("{signature}x.{payload}"),
            format!(".{payload}"),
            signature.to_owned(),
            String::new(),
            signed(&secret, &unsigned),
        ] {
            for path in ["data-deletion", "deauthorize"] {
                assert_eq!(verify(&world, &posted(path, &wrong)).err(), Some(Reject::Unauthorised), "{wrong}");
            }
        }
        for malformed in [json!({"algorithm": "HMAC-SHA256"}), json!([])] {
            let rejected = verify(&world, &posted("data-deletion", &signed(&secret, &malformed))).err();
            assert_eq!(rejected, Some(Reject::Malformed));
        }
        // Elsewhere it is nothing, however well it is signed.
        let body = posted("", &good).body;
        let headers = vec![("x-hub-signature-256".to_owned(), hub_signature(&secret, &body))];
        let elsewhere = Raw { path: "deletion".to_owned(), headers: headers.clone(), ..posted("", &good) };
        assert_eq!(verify(&world, &elsewhere).err(), Some(Reject::NotFound));
        assert_eq!(verify(&world, &Raw { headers, ..posted("", &good) }).err(), Some(Reject::Malformed));
        let get = Raw { method: "GET".to_owned(), ..posted("data-deletion", &good) };
        assert_eq!(verify(&world, &get).err(), Some(Reject::Unauthorised));
        world.account.secrets.clear();
        for key in ["", "another"] {
            let raw = posted("data-deletion", &signed(key, &wish("218471")));
            assert_eq!(verify(&world, &raw).err(), Some(Reject::Unauthorised));
        }
    }
}

#[test]
fn a_delivery_cannot_pretend_to_be_one() {
    for world in messengers() {
        let forged = json!({"callback": "data-deletion", "user": "1", "code": "c", "account": "1", "entry": []});
        let verified = verify(&world, &world.request(None, forged.to_string().as_bytes())).expect("signed");
        assert!(!world.connector.answer(&verified).keep);
        assert!(world.connector.parts(verified).is_empty());
    }
}

#[test]
fn a_large_delivery_is_kept_in_parts_and_another_accounts_never() {
    for world in messengers() {
        let item = |at: usize| {
            json!({"sender": {"id": format!("7{at}")}, "recipient": {"id": "1084386248085549"}, "timestamp": 1 + at,
                "message": {"mid": format!("m_{at}"), "text": "x"}})
        };
        let own: Vec<Value> = (0..120).map(item).collect();
        let body = json!({"object": "page", "entry": [
            {"id": "999", "time": 1, "messaging": [{"sender": {"id": "1"}, "message": {"mid": "m", "text": "ALIEN"}}]},
            {"id": "1084386248085549", "time": 1, "messaging": own},
        ]});
        let raw = world.request(None, body.to_string().as_bytes());
        assert_eq!(world.connector.addressed(&raw), ["1084386248085549", "999"]);
        let verified = verify(&world, &raw).expect("signed");
        assert!(!String::from_utf8_lossy(verified.body()).contains("ALIEN"));
        let parts = world.connector.parts(verified);
        assert_eq!(parts.len(), 3);
        let events: usize = parts.iter().map(|part| world.connector.parse(part).len()).sum();
        assert_eq!(events, 120);
    }
}
