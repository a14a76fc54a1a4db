//! Root keys that others hold: each by itself, and a program that starts with it, goes on without it, and refuses a wrong one.

use std::sync::Arc;

use connect::Secret;
use http::Method;
use serde_json::{Value, json};
use server::cloud;
use server::machine::SystemChance;
use server::settings::{AccessKey, AwsKms, RootKeySource, Transit, TransitLogin};
use vault::{Error, RootKey};

use super::{Bao, ROOT_TOKEN, Server, kms, new_kms, openbao};
use crate::client::{Client, text_of};
use crate::process::Installation;

const KEY: [u8; 32] = [42; 32];

fn root(source: &RootKeySource) -> Arc<dyn RootKey> {
    cloud::root_key(source, Arc::new(SystemChance)).unwrap().into()
}

/// Root keys wait for answers.
async fn off_thread<T: Send + 'static>(
    root: &Arc<dyn RootKey>,
    work: impl FnOnce(&dyn RootKey) -> T + Send + 'static,
) -> T {
    let root = Arc::clone(root);
    tokio::task::spawn_blocking(move || work(&*root)).await.unwrap()
}

async fn wrapped(root: &Arc<dyn RootKey>, context: &'static [u8]) -> Vec<u8> {
    off_thread(root, move |root| root.wrap(context, &KEY, [0; 32]).unwrap()).await
}

async fn unwrapped(root: &Arc<dyn RootKey>, context: &'static [u8], wrapped: &[u8]) -> Result<Vec<u8>, Error> {
    let wrapped = wrapped.to_vec();
    off_thread(root, move |root| root.unwrap(context, &wrapped).map(|key| key.to_vec())).await
}

/// What holds for every root key that is elsewhere.
async fn holds(root: &Arc<dyn RootKey>) -> Vec<u8> {
    let sealed = wrapped(root, b"workspace 1").await;
    assert_eq!(unwrapped(root, b"workspace 1", &sealed).await.unwrap(), KEY);
    assert!(!sealed.windows(KEY.len()).any(|window| window == KEY));
    assert!(matches!(unwrapped(root, b"workspace 2", &sealed).await, Err(Error::Seal(_))), "another purpose");
    let mut altered = sealed.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert!(unwrapped(root, b"workspace 1", &altered).await.is_err());
    sealed
}

#[track_caller]
fn says(result: Result<Vec<u8>, Error>, words: &[&str]) {
    let said = result.expect_err("should be refused").to_string();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
    assert!(!said.contains(ROOT_TOKEN) && !said.contains("hunter2"), "{said}");
}

/// A key in the server that plays KMS, with an alias; its ARN.
async fn kms_key(server: &Server, alias: &str) -> String {
    let ask = async |operation: &str, order: Value| {
        let client = Client::new(&server.base).with("x-amz-target", &format!("TrentService.{operation}"));
        let client =
            client.with("authorization", "AWS4-HMAC-SHA256 Credential=t/20260101/eu-central-1/kms/aws4_request");
        let answer = client.send(Method::POST, "/", "application/x-amz-json-1.1", order.to_string()).await;
        assert!(answer.status.is_success(), "{answer}");
        serde_json::from_slice::<Value>(&answer.bytes).unwrap_or_default()
    };
    let key = ask("CreateKey", json!({})).await;
    let order = json!({ "AliasName": alias, "TargetKeyId": key["KeyMetadata"]["KeyId"] });
    ask("CreateAlias", order).await;
    text_of(&key["KeyMetadata"]["Arn"])
}

fn in_kms(server: &Server, key: &str) -> RootKeySource {
    RootKeySource::AwsKms(Box::new(AwsKms {
        key: key.to_owned(),
        region: "eu-central-1".to_owned(),
        endpoint: Some(server.base.clone()),
        access: AccessKey {
            id: "AKIDEXAMPLE".to_owned(),
            secret: Secret::new("hunter2"),
            session: Some(Secret::new("hunter2")),
        },
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kms_wraps_for_one_purpose() {
    let server = kms().await;
    let arn = kms_key(server, "alias/one").await;
    let other = kms_key(server, "alias/other").await;
    let root_key = root(&in_kms(server, "alias/one"));
    let sealed = holds(&root_key).await;
    assert_eq!(unwrapped(&root(&in_kms(server, &arn)), b"workspace 1", &sealed).await.unwrap(), KEY);
    assert!(unwrapped(&root(&in_kms(server, &other)), b"workspace 1", &sealed).await.is_err());
    assert_ne!(wrapped(&root(&in_kms(server, &other)), b"c").await[..8], sealed[..8], "the mark tells the keys apart");
    says(unwrapped(&root(&in_kms(server, "alias/none")), b"workspace 1", &sealed).await, &["AWS KMS", "no such key"]);
    let gone = new_kms().await;
    let key = kms_key(&gone, "alias/gone").await;
    let unreachable = root(&in_kms(&gone, &key));
    let sealed = wrapped(&unreachable, b"c").await;
    gone.stop();
    says(unwrapped(&unreachable, b"c", &sealed).await, &["AWS KMS", "cannot be reached"]);
}

fn in_transit(server: &Server, key: &str, login: TransitLogin) -> RootKeySource {
    RootKeySource::Transit(Box::new(Transit {
        address: server.base.clone(),
        mount: "transit".to_owned(),
        key: key.to_owned(),
        namespace: None,
        login,
    }))
}

/// A token that may use one key and no more.
async fn token_for(bao: &Bao<'_>, key: &str) -> String {
    let rule = |verb: &str| format!("path \"transit/{verb}/{key}\" {{ capabilities = [\"update\"] }}");
    let policy = json!({ "policy": format!("{}\n{}", rule("encrypt"), rule("decrypt")) });
    bao.post(&format!("sys/policies/acl/{key}"), &policy.to_string()).await;
    let order = json!({ "policies": [key], "no_parent": true }).to_string();
    text_of(&bao.post("auth/token/create", &order).await["auth"]["client_token"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transit_engine_wraps_for_one_purpose() {
    let server = openbao().await;
    let bao = Bao(&server.base);
    for (key, order) in
        [("plain", "{}"), ("derived", r#"{"derived":true}"#), ("chacha", r#"{"type":"chacha20-poly1305"}"#)]
    {
        bao.post(&format!("transit/keys/{key}"), order).await;
        let token = token_for(&bao, key).await;
        let root_key = root(&in_transit(server, key, TransitLogin::Token(Secret::new(&token))));
        let first = holds(&root_key).await;
        bao.post(&format!("transit/keys/{key}/rotate"), "{}").await;
        assert_eq!(unwrapped(&root_key, b"workspace 1", &first).await.unwrap(), KEY, "{key}: older versions open");
        let second = holds(&root_key).await;
        assert_ne!(first[..8], second[..8], "the mark tells the versions apart");
        bao.post(&format!("transit/keys/{key}/config"), r#"{"min_decryption_version":2}"#).await;
        assert!(matches!(unwrapped(&root_key, b"workspace 1", &first).await, Err(Error::Seal(_))));
        assert_eq!(unwrapped(&root_key, b"workspace 1", &second).await.unwrap(), KEY);
        bao.post("auth/token/revoke", &json!({ "token": token }).to_string()).await;
        says(
            unwrapped(&root_key, b"workspace 1", &second).await,
            &["403", "revoked", &format!("transit/decrypt/{key}")],
        );
    }
    let owner = || TransitLogin::Token(Secret::new(ROOT_TOKEN));
    let (plain, none) = (root(&in_transit(server, "plain", owner())), root(&in_transit(server, "none", owner())));
    let sealed = wrapped(&plain, b"c").await;
    assert!(unwrapped(&none, b"c", &sealed).await.is_err());
    let elsewhere = Transit {
        mount: "nowhere".into(),
        address: server.base.clone(),
        key: "plain".into(),
        namespace: None,
        login: owner(),
    };
    says(
        unwrapped(&root(&RootKeySource::Transit(Box::new(elsewhere))), b"c", &sealed).await,
        &["404", "mounted at nowhere"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_given_tokens_and_a_file_may_hold_one() {
    let server = openbao().await;
    let bao = Bao(&server.base);
    bao.post("transit/keys/role", "{}").await;
    let token = token_for(&bao, "role").await;
    bao.post("auth/approle/role/parloir", r#"{"token_policies":["role"]}"#).await;
    let (_, id) = bao.ask("GET", "auth/approle/role/parloir/role-id", "").await;
    let secret = bao.post("auth/approle/role/parloir/secret-id", "{}").await;
    let login = |secret: &str| TransitLogin::AppRole {
        mount: "approle".to_owned(),
        role: text_of(&id["data"]["role_id"]),
        secret: Secret::new(secret),
    };
    let right = root(&in_transit(server, "role", login(&text_of(&secret["data"]["secret_id"]))));
    let sealed = holds(&right).await;
    // Its token is taken away under it.
    let (_, tokens) = bao.ask("LIST", "auth/token/accessors", "").await;
    for accessor in tokens["data"]["keys"].as_array().unwrap() {
        let order = json!({ "accessor": accessor }).to_string();
        let (_, found) = bao.ask("POST", "auth/token/lookup-accessor", &order).await;
        if found["data"]["path"] == "auth/approle/login" {
            bao.post("auth/token/revoke-accessor", &order).await;
        }
    }
    assert_eq!(unwrapped(&right, b"workspace 1", &sealed).await.unwrap(), KEY, "another token was fetched");
    says(
        unwrapped(&root(&in_transit(server, "role", login("hunter2"))), b"c", &sealed).await,
        &["the role or its secret"],
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let by_file = root(&in_transit(server, "role", TransitLogin::TokenFile(file.clone())));
    says(unwrapped(&by_file, b"workspace 1", &sealed).await, &["token file"]);
    std::fs::write(&file, format!("{token}\n")).unwrap();
    assert_eq!(unwrapped(&by_file, b"workspace 1", &sealed).await.unwrap(), KEY);
}

/// A program starts, works, stops and starts again; doctor finds its root key good.
async fn lives(installation: &Installation) -> String {
    let process = installation.start().await;
    let workspace = installation.workspace("Forno");
    let token = installation.member(&workspace, "Olga", "olga@example.org", "owner");
    process.stop().await;
    let process = installation.start().await;
    assert_eq!(installation.client(&token).list("/members").await[0]["name"], "Olga");
    let found = installation.command(&["doctor"], None);
    let of_root = found["findings"].as_array().unwrap().iter().find(|finding| finding["about"] == "root key").unwrap();
    assert_eq!(of_root["state"], "good", "{of_root}");
    process.stop().await;
    token
}

/// A program that does not start, and says why.
async fn refuses(installation: &Installation, words: &[&str]) {
    let mut process = installation.spawn();
    assert!(!process.is_ready().await, "it starts");
    let log = installation.log();
    assert!(words.iter().all(|word| log.contains(word)), "{log}");
}

fn kms_settings(server: &Server, key: &str) -> Vec<(String, String)> {
    [
        ("PARLOIR_ROOT_KEY_SOURCE", "aws_kms"),
        ("PARLOIR_AWS_KMS_KEY", key),
        ("PARLOIR_AWS_KMS_REGION", "eu-central-1"),
        ("PARLOIR_AWS_KMS_ENDPOINT", &server.base),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_lives_on_kms_and_goes_on_without_it() {
    let server = new_kms().await;
    kms_key(&server, "alias/first").await;
    kms_key(&server, "alias/second").await;
    let mut installation = Installation::new(&[]);
    installation.set(kms_settings(&server, "alias/first"));
    let token = lives(&installation).await;
    installation.set(kms_settings(&server, "alias/second"));
    refuses(&installation, &["the vault could not be opened", "refuses to use the key alias/second"]).await;
    installation.set(vec![]);
    refuses(&installation, &["root.key"]).await;
    installation.set(kms_settings(&server, "alias/first"));
    let process = installation.start().await;
    let client = installation.client(&token);
    assert_eq!(client.list("/members").await.len(), 1);
    server.stop();
    let added = client.call(Method::GET, "/members", None).await;
    assert_eq!(added.json(200)["data"][0]["name"], "Olga", "what is open stays open");
    process.stop().await;
    refuses(&installation, &["the root key is in AWS KMS", "cannot be reached"]).await;
    assert!(!installation.log().contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_lives_on_a_transit_engine() {
    let server = openbao().await;
    let bao = Bao(&server.base);
    bao.post("transit/keys/program", "{}").await;
    bao.post("transit/keys/stranger", "{}").await;
    let settings = |key: &str, token: &str| {
        let pairs = [
            ("PARLOIR_ROOT_KEY_SOURCE", "transit"),
            ("PARLOIR_TRANSIT_ADDRESS", &server.base),
            ("PARLOIR_TRANSIT_KEY", key),
            ("PARLOIR_TRANSIT_TOKEN", token),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    };
    let token = token_for(&bao, "program").await;
    let mut installation = Installation::new(&[]);
    installation.set(settings("program", &token));
    lives(&installation).await;
    installation.set(settings("stranger", ROOT_TOKEN));
    refuses(&installation, &["the vault could not be opened", "sealed data cannot be opened"]).await;
    installation.set(settings("program", &token));
    bao.post("auth/token/revoke", &json!({ "token": token }).to_string()).await;
    refuses(&installation, &["the token has run out, was revoked"]).await;
    assert!(!installation.log().contains(&token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_lives_on_the_environment() {
    let settings = |digit: &str| {
        let key = digit.repeat(64);
        vec![("PARLOIR_ROOT_KEY_SOURCE".to_owned(), "env".to_owned()), ("PARLOIR_ROOT_KEY".to_owned(), key)]
    };
    let mut installation = Installation::new(&[]);
    installation.set(settings("a"));
    lives(&installation).await;
    installation.set(settings("b"));
    refuses(&installation, &["this is not the root key the custody store was made with"]).await;
}

/// An installation on a root key, with somebody in it.
struct Inhabited {
    installation: Installation,
    token: String,
}

impl Inhabited {
    fn new(settings: Vec<(String, String)>) -> Self {
        let mut installation = Installation::new(&[]);
        installation.set(settings);
        let workspace = installation.workspace("Forno");
        let token = installation.member(&workspace, "Olga", "olga@example.org", "owner");
        Self { installation, token }
    }

    /// With these settings it starts, and everything can be read.
    async fn lives_on(&mut self, settings: Vec<(String, String)>) {
        self.installation.set(settings);
        let process = self.installation.start().await;
        assert_eq!(self.installation.client(&self.token).list("/members").await[0]["name"], "Olga");
        process.stop().await;
    }

    /// With both root keys it starts, is killed in the middle of its life, and brings everything under the next one.
    async fn moves(&mut self, both: Vec<(String, String)>) {
        self.installation.set(both);
        let process = self.installation.start().await;
        self.installation.workspace("Nord");
        process.kill();
        let process = self.installation.start().await;
        assert_eq!(self.installation.client(&self.token).list("/members").await[0]["name"], "Olga");
        for _ in 0..2 {
            let moved = self.installation.command(&["keys", "rotate", "--root"], None);
            assert_eq!(moved["keys"], moved["moved"], "{moved}");
            assert!(moved["then"].as_str().unwrap().contains("opens nothing any more"), "{moved}");
        }
        let found = self.installation.command(&["doctor"], None).to_string();
        assert!(found.contains("the old one is not needed any more"), "{found}");
        process.stop().await;
    }

    async fn is_refused(&mut self, settings: Vec<(String, String)>) {
        self.installation.set(settings);
        let mut process = self.installation.spawn();
        assert!(!process.is_ready().await, "the old root key still opens something");
    }
}

fn with(settings: &[(String, String)], more: &[(&str, &str)]) -> Vec<(String, String)> {
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings.iter().cloned().chain(more).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_root_key_moves_from_a_file_to_kms_to_another_key_there_and_back() {
    let server = kms().await;
    kms_key(server, "alias/moves-1").await;
    kms_key(server, "alias/moves-2").await;
    let [first, second] = ["alias/moves-1", "alias/moves-2"].map(|key| kms_settings(server, key));
    let mut house = Inhabited::new(Vec::new());
    let data = house.installation.data();
    let from_file = with(&first, &[("PARLOIR_ROOT_KEY_SOURCE", "file"), ("PARLOIR_ROOT_KEY_NEXT", "aws_kms")]);
    house.moves(from_file).await;
    house.is_refused(Vec::new()).await;
    house.lives_on(first.clone()).await;

    let within = [
        ("PARLOIR_ROOT_KEY_NEXT", "aws_kms"),
        ("PARLOIR_NEXT_AWS_KMS_KEY", "alias/moves-2"),
        ("PARLOIR_NEXT_AWS_KMS_REGION", "eu-central-1"),
        ("PARLOIR_NEXT_AWS_KMS_ENDPOINT", &server.base),
    ];
    house.moves(with(&first, &within)).await;
    house.is_refused(first).await;
    house.lives_on(second.clone()).await;

    house.moves(with(&second, &[("PARLOIR_ROOT_KEY_NEXT", "file")])).await;
    house.is_refused(second).await;
    std::fs::rename(data.join("root.key.next"), data.join("root.key")).unwrap();
    house.lives_on(Vec::new()).await;
    assert!(!house.installation.log().contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_root_key_moves_within_a_transit_engine() {
    let server = openbao().await;
    let bao = Bao(&server.base);
    for key in ["moves-1", "moves-2"] {
        bao.post(&format!("transit/keys/{key}"), "{}").await;
    }
    let (one, two) = (token_for(&bao, "moves-1").await, token_for(&bao, "moves-2").await);
    let [first, second] = [("moves-1", &one), ("moves-2", &two)].map(|(key, token)| {
        let present = [
            ("PARLOIR_ROOT_KEY_SOURCE", "transit"),
            ("PARLOIR_TRANSIT_ADDRESS", server.base.as_str()),
            ("PARLOIR_TRANSIT_KEY", key),
            ("PARLOIR_TRANSIT_TOKEN", token),
        ];
        with(&[], &present)
    });
    let within = [
        ("PARLOIR_ROOT_KEY_NEXT", "transit"),
        ("PARLOIR_NEXT_TRANSIT_ADDRESS", server.base.as_str()),
        ("PARLOIR_NEXT_TRANSIT_KEY", "moves-2"),
        ("PARLOIR_NEXT_TRANSIT_TOKEN", &two),
    ];
    let mut house = Inhabited::new(first.clone());
    house.moves(with(&first, &within)).await;
    house.is_refused(first).await;
    house.lives_on(second).await;
    assert!(!house.installation.log().contains(&one) && !house.installation.log().contains(&two));
}
