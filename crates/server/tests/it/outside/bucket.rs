//! Files in an object storage: the store by itself, and a house that stands on it.

use std::io::Write;
use std::sync::Arc;

use connect::Secret;
use serde_json::json;
use server::cloud;
use server::machine::SystemChance;
use server::settings::{AccessKey, BlobsAt, S3};
use vault::blobs::BlobStore;
use vault::testing::stores::{conforms, put};

use super::{ACCESS_KEY, BUCKET, storage};
use crate::client::{Client, text_of};
use crate::house::{Engine, House, until};

/// The bucket, with a corner of its own for each test.
async fn corner(prefix: &str) -> S3 {
    let (id, secret) = ACCESS_KEY;
    S3 {
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(storage().await.base.clone()),
        prefix: format!("{prefix}/"),
        path_style: true,
        cache_bytes: 64 << 20,
        access: AccessKey { id: id.to_owned(), secret: Secret::new(secret), session: None },
    }
}

/// The storage takes requests some moments before it can keep anything.
async fn ready(at: &S3) -> Arc<dyn BlobStore> {
    let blobs = cloud::bucket(at, Arc::new(SystemChance)).unwrap();
    until("the storage keeps files", async || {
        let blobs = Arc::clone(&blobs);
        off_thread(move || cloud::try_blobs(&*blobs, &SystemChance)).await.ok()
    })
    .await;
    blobs
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_is_a_store() {
    let at = corner("conforms").await;
    let blobs = ready(&at).await;
    let folder = tempfile::tempdir().unwrap();
    let near = cloud::blobs(&BlobsAt::S3(Box::new(at)), folder.path(), Arc::new(SystemChance)).unwrap().unwrap();
    off_thread(move || {
        conforms(&*blobs);
        conforms(&*near);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_names_than_a_page_are_listed() {
    let blobs = ready(&corner("pages").await).await;
    let name = |number: usize| format!("many/{:02}/{number:04}", number % 7);
    let writers = (0..8).map(|part| {
        let blobs = Arc::clone(&blobs);
        off_thread(move || (part..1_003).step_by(8).for_each(|number| put(&*blobs, &name(number), b"x")))
    });
    futures_util::future::join_all(writers).await;
    let listed = off_thread(move || blobs.list("many/").unwrap()).await;
    let mut expected: Vec<_> = (0..1_003).map(name).collect();
    expected.sort_unstable();
    assert_eq!(listed, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_blob_goes_up_in_parts_and_leaves_none_if_it_is_given_up() {
    let blobs = ready(&corner("parts").await).await;
    let bytes: Vec<u8> = (0..20_000_005_u32).map(|at| (at % 251) as u8).collect();
    let (expected, store) = (bytes.clone(), Arc::clone(&blobs));
    off_thread(move || {
        put(&*store, "large", b"an older one");
        let mut writer = store.create("large").unwrap();
        writer.write_all(&bytes).unwrap();
        assert_eq!(store.size("large").unwrap(), Some(12), "until it is whole, the older one is there");
        writer.finish().unwrap();
        assert_eq!(store.size("large").unwrap(), Some(bytes.len() as u64));
        assert!(store.read("large", 0..u64::MAX).unwrap() == expected);
        for border in [8_u64 << 20, 16 << 20] {
            let at = usize::try_from(border).unwrap();
            assert_eq!(store.read("large", border - 3..border + 3).unwrap(), expected[at - 3..at + 3]);
        }
    })
    .await;
    let store = Arc::clone(&blobs);
    let given_up = off_thread(move || {
        let mut given_up = store.create("given/up").unwrap();
        given_up.write_all(&vec![7; 9 << 20]).unwrap();
        given_up
    })
    .await;
    assert_eq!(unfinished().await, 1, "a part is there");
    drop(given_up);
    until("no part is left", async || (unfinished().await == 0).then_some(())).await;
    assert_eq!(off_thread(move || blobs.size("given/up").unwrap()).await, None);
}

/// How many uploads the storage has begun and not ended.
async fn unfinished() -> usize {
    let inside = Client::new(&storage().await.inside).with("accept", "application/json");
    let answer = inside.call(http::Method::GET, &format!("/buckets/{BUCKET}/.uploads/?limit=100"), None).await;
    if answer.status == 404 {
        return 0;
    }
    answer.json(200)["Entries"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_is_told_why() {
    let right = corner("refused").await;
    ready(&right).await;
    let mut wrong_secret = right.clone();
    wrong_secret.access.secret = Secret::new("another");
    let wrong_bucket = S3 { bucket: "nobodys".to_owned(), ..right.clone() };
    let nowhere = S3 { endpoint: Some("http://127.0.0.1:9".to_owned()), ..right };
    for (at, words) in [
        (wrong_secret, ["SignatureDoesNotMatch", "its secret"]),
        (wrong_bucket, ["NoSuchBucket", "make it"]),
        (nowhere, ["127.0.0.1 cannot be reached", "refused"]),
    ] {
        let blobs = cloud::bucket(&at, Arc::new(SystemChance)).unwrap();
        let error = off_thread(move || cloud::try_blobs(&*blobs, &SystemChance).unwrap_err().to_string()).await;
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(!error.contains("another") && !error.contains(ACCESS_KEY.1), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_keeps_its_files_in_a_bucket() {
    let at = corner("house").await;
    let blobs = ready(&at).await;
    let house = House::open_with(Engine::Sqlite, |settings| settings.blobs = BlobsAt::S3(Box::new(at))).await;
    let bot = crate::bot::Bot::connect(&house).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let (_, conversation) = bot.talk("Anna", "Dove sono i panini?").await;
    let content: Vec<u8> = (0..700_000_u32).map(|at| (at % 253) as u8).collect();
    let file = agent.upload("foto.bin", &content).await;
    let order = json!({ "text": "Eccoli", "attachments": [file] });
    let sent = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    agent.reaches(&conversation, &sent, "sent").await;
    assert!(agent.bytes(&format!("/attachments/{file}/content")).await == content);
    until("it is found", async || (agent.list("/search?q=panini").await.len() == 1).then_some(())).await;
    let names = async |prefix: &'static str| {
        let blobs = Arc::clone(&blobs);
        off_thread(move || blobs.list(prefix).unwrap()).await
    };
    let all = names("").await;
    assert!(all.iter().any(|name| name.starts_with("index/")), "{all:?}");
    let files = all.iter().filter(|name| !name.starts_with("index/")).count();
    assert!(files > 0, "{all:?}");
    let disk = house.app.settings.data.clone();
    assert!(!disk.join("blobs").exists(), "nothing lies in the folder");
    assert!(std::fs::read_dir(disk.join("cache")).unwrap().count() > 0, "but what searches read often");
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    owner.call(http::Method::POST, &format!("/contacts/{contact}/erasure"), Some(&json!({}))).await;
    house.quiet().await;
    until("the objects are gone", async || {
        let left = names("").await;
        (!left.iter().any(|name| !name.starts_with("index/"))).then_some(())
    })
    .await;
    assert_eq!(agent.list("/search?q=panini").await.len(), 0);
    house.close().await;
}
