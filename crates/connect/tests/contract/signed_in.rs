//! Mailboxes that their owners open by signing in at the provider.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use connect::oauth::{Grant, TOKENS, Tokens, authorize_url};
use connect::{Account, Body, Call, Connector, Ctx, Reply, Secret, SendError, Step, Verified};
use serde_json::json;

use crate::worlds::{CANARY, NOW_MS, World, ctx, worlds};

/// Where asking may go on, at each provider: with a mail that waits, in the middle of a list, and where all is lost.
pub(crate) const CURSORS: [&str; 5] = [
    r#"{"history":"9","since_ms":0,"seen_ms":0,"waiting":["18c0ffee"]}"#,
    r#"{"history":"9","since_ms":0,"seen_ms":0,"page":"2","afresh":"11"}"#,
    r#"{"history":"9","since_ms":0,"seen_ms":0,"lost":true}"#,
    r#"{"link":"/me/x","since_ms":0,"seen_ms":0,"waiting":[["AAMkAD",0]]}"#,
    r#"{"link":"","since_ms":0,"seen_ms":0}"#,
];

/// Opens an account: its owner has signed in, and it was proven.
pub(crate) fn open(account: &mut Account) {
    let tokens = Tokens {
        access: Secret::new(format!("{CANARY}access")),
        refresh: Secret::new(format!("{CANARY}refresh")),
        until_ms: NOW_MS + 100 * 3_600_000,
        scopes: Vec::new(),
    };
    account.secrets.insert(TOKENS.to_owned(), tokens.to_secret());
    account.oauth_url = format!("{}/sign-in", account.base_url);
    account.learned.insert("id".to_owned(), "info@shop.test".to_owned());
    account.learned.insert("address".to_owned(), "info@shop.test".to_owned());
}

/// Whether it is a mailbox that is opened by signing in alone.
pub(crate) fn is_mailbox(connector: &dyn Connector) -> bool {
    connector.sign_in().is_some() && connector.consent(&Account::default()).is_some()
}

/// What is kept of a mail that arrived in the mailbox after the channel was connected.
pub(crate) fn kept(world: &World, ctx: &Ctx, raw: &[u8]) -> Vec<Verified> {
    let (cursor, body) = match world.kind() {
        "gmail" => {
            let answer = json!({"id": "18c0ffee", "internalDate": "1767225590000", "raw": URL_SAFE.encode(raw)});
            (r#"{"history":"9","since_ms":0,"seen_ms":0,"waiting":["18c0ffee"]}"#, answer.to_string().into_bytes())
        }
        "outlook" => {
            (r#"{"link":"/me/x","since_ms":0,"seen_ms":0,"waiting":[["AAMkAD",1767225590000]]}"#, raw.to_vec())
        }
        other => panic!("say here how {other} gives a mail"),
    };
    let reply = Reply::Answer { status: 200, headers: Vec::new(), body };
    match world.connector.poll(ctx, &world.account, Some(cursor), &[reply]) {
        Step::Done(polled) => polled.requests,
        Step::Call(call) => panic!("{call:?}"),
        Step::Fail(error) => panic!("{error}"),
    }
}

/// Those that nobody but their owner opens: others can be opened by credentials alone, too.
fn signed_in() -> impl Iterator<Item = World> {
    worlds().into_iter().filter(|world| is_mailbox(world.connector))
}

#[test]
fn what_is_asked_of_the_owner_is_the_least() {
    for mut world in signed_in() {
        for (access, reads, sends, changes) in [("", 1, 1, 0), ("read", 1, 0, 0), ("modify", 1, 1, 1)] {
            world.account.settings.insert("access".to_owned(), access.to_owned());
            let consent = world.connector.consent(&world.account).expect("it is asked");
            let scopes = consent.scopes.join(" ").to_lowercase();
            let has = |word: &str| i32::from(scopes.contains(word));
            assert_eq!(has("read"), reads, "{scopes}");
            assert_eq!(has("send"), sends, "{scopes}");
            assert_eq!(has("readwrite") | has("modify"), changes, "{scopes}");
            let url = authorize_url(&consent, &world.account, "https://parloir.test/oauth/callback", "s", "v");
            assert!(url.starts_with(&format!("{}/", world.account.oauth_url)) && !url.contains(CANARY), "{url}");
        }
    }
}

#[test]
fn tokens_are_asked_for_at_the_providers_own_servers_and_secrets_stand_in_no_address() {
    for world in signed_in() {
        let grant = Grant { code: "c", verifier: "v", redirect_uri: "https://parloir.test/oauth/callback" };
        let exchange = match world.connector.exchange(&ctx(), &world.account, grant, &[]) {
            Step::Call(call) => call,
            other => panic!("{other:?}"),
        };
        let renewal = match world.connector.renew(&ctx(), &world.account, &[]) {
            Step::Call(call) => call,
            other => panic!("{other:?}"),
        };
        for call in [exchange, renewal] {
            assert!(!format!("{call:?}").contains(CANARY));
            let Call::Http(call) = call else { panic!("{call:?}") };
            assert!(call.url.starts_with(&format!("{}/", world.account.oauth_url)) && !call.url.contains(CANARY));
            assert!(call.operation.starts_with(world.kind()) && !call.repeatable);
            let Body::Form(fields) = call.body else { panic!("a form") };
            assert!(fields.iter().any(|(name, value)| name == "client_secret" && value.contains(CANARY)));
        }
    }
}

#[test]
fn without_the_owner_nothing_is_called() {
    for mut world in signed_in() {
        let ended = Tokens { until_ms: NOW_MS, ..Tokens::of(&world.account).expect("signed in") };
        world.account.secrets.insert(TOKENS.to_owned(), ended.to_secret());
        for cursor in CURSORS {
            let step = world.connector.poll(&ctx(), &world.account, Some(cursor), &[]);
            assert!(matches!(step, Step::Fail(SendError::Retry(_))), "it is renewed first");
        }
        world.account.secrets.remove(TOKENS);
        for cursor in CURSORS {
            let step = world.connector.poll(&ctx(), &world.account, Some(cursor), &[]);
            assert!(matches!(step, Step::Fail(SendError::Reauthorise)));
        }
        match world.connector.authorize(&ctx(), &world.account, &[]) {
            Step::Fail(SendError::Refused { code, .. }) => {
                assert!(world.connector.reason(&code).is_some_and(|words| words.ends_with('.')));
            }
            _ => panic!("{} is opened by nobody", world.kind()),
        }
    }
}

#[test]
fn another_mailbox_is_another_channel() {
    for world in signed_in() {
        let profile = json!({"emailAddress": "other@shop.test", "id": "other", "mail": "other@shop.test"});
        let reply = || Reply::Answer { status: 200, headers: Vec::new(), body: profile.to_string().into_bytes() };
        match world.connector.authorize(&ctx(), &world.account, &[reply(), reply()]) {
            Step::Fail(SendError::Refused { code, .. }) => assert_eq!(code, "another_account"),
            _ => panic!("{} takes another mailbox for its own", world.kind()),
        }
    }
}
