//! Unique strings sent through every channel, field and file name are found nowhere on disk in plain: not while the
//! server runs, not after it stopped, not after it was killed, and not in PostgreSQL's own files and log.
//!
//! [`deeds`] sends them, [`search`] looks for them.

mod deeds;
mod search;

use std::path::{Path, PathBuf};

use vault::testing::postgres::OwnServer;

use crate::process::as_address;
use deeds::Deeds;
use search::{Canaries, forms};

#[test]
fn the_searcher_finds_every_form() {
    let mut canaries = Canaries::default();
    let (value, secret) = (canaries.fresh("planted"), [200; 20]);
    canaries.known("planted secret", secret);
    let searcher = canaries.searcher();
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("clean"), vec![0; 100_000]).unwrap();
    assert_eq!(searcher.search(&[folder.path()]), Vec::<String>::new());
    for (_, pattern) in forms(value.as_bytes()).into_iter().chain(forms(&secret)) {
        let file = deep.join("planted");
        std::fs::write(&file, [&vec![7; 70_001][..], &pattern, &[7; 9]].concat()).unwrap();
        let found = searcher.search(&[folder.path()]);
        assert!(
            found.len() == 1 && found[0].starts_with("planted") && found[0].ends_with("a/b/planted at 70001"),
            "{found:?}"
        );
    }
    // Base64 of a longer text, wherever in it the value begins; and letters of the other case.
    for before in 0..6 {
        let text = format!("{}{value} and more", &"abcdef"[..before]);
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
        assert_eq!(searcher.in_bytes(encoded.as_bytes()), ["planted"], "{before}");
    }
    assert_eq!(searcher.in_bytes(value.to_lowercase().as_bytes()), ["planted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_lies_open_on_sqlite() {
    nothing_lies_open(None, "json").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_lies_open_on_postgres() {
    let server = tokio::task::spawn_blocking(OwnServer::start).await.unwrap();
    let server = tokio::task::spawn_blocking(move || {
        let address = as_address(&server.create_database("canaries"));
        (server, address)
    });
    let (server, address) = server.await.unwrap();
    nothing_lies_open(Some((&address, server.folder())), "text").await;
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}

async fn nothing_lies_open(database: Option<(&str, &Path)>, log: &str) {
    let mut deeds = Deeds::prepare(database.map(|(address, _)| address), log).await;
    let installation = deeds.installation.clone();
    let mut places: Vec<PathBuf> = installation.output().to_vec();
    places.push(installation.data());
    places.extend(database.map(|(_, folder)| folder.to_owned()));
    let look = |deeds: &Deeds, when: &str| {
        let places: Vec<&Path> = places.iter().map(PathBuf::as_path).collect();
        let found = deeds.canaries.searcher().search(&places);
        assert!(found.is_empty(), "{} in plain {when}:\n{}", found.len(), found[..found.len().min(60)].join("\n"));
    };
    let process = installation.start().await;
    deeds.everything().await;
    let missing: Vec<String> =
        deeds.canaries.missing_in(&deeds.all_that_members_see().await).into_iter().map(str::to_owned).collect();
    assert!(missing.is_empty(), "never arrived: {missing:?}");
    look(&deeds, "while the server runs");
    let arguments = std::fs::read(format!("/proc/{}/cmdline", process.id())).unwrap();
    assert_eq!(deeds.canaries.searcher().in_bytes(&arguments), Vec::<String>::new(), "in the list of processes");
    process.stop().await;
    look(&deeds, "after a clean stop");
    let process = installation.start().await;
    deeds.much_at_once().await;
    process.kill();
    look(&deeds, "after a kill");
    assert!(installation.log().len() > 1_000, "the log was collected");
}
