//! The audit log from outside: lists, exports and proofs by the API, the commands, and a witness that signs.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use vault::audit::note::VerifierKey;

use crate::client::{Client, text_of};
use crate::house::{Engine, House, until};
use crate::process::Installation;
use crate::witness::Witness;

both_engines!(what_is_listed_is_exported_and_proven, an_erased_contact_is_in_no_entry);

/// After which an act's checkpoint is there.
const A_MINUTE: i64 = 61_000;

async fn text(client: &Client, path: &str) -> String {
    String::from_utf8(client.bytes(path).await).unwrap()
}

async fn signed(house: &House) -> String {
    house.clock.advance(A_MINUTE);
    let owner = &house.workspace.owner;
    until("a checkpoint", || async {
        let answer = owner.call(Method::GET, "/audit/checkpoint", None).await;
        (answer.status == 200).then(|| answer.text())
    })
    .await
}

async fn what_is_listed_is_exported_and_proven(house: &House) {
    let owner = &house.workspace.owner;
    let contact = text_of(&house.workspace.agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let created = owner.list(&format!("/audit?subject={contact}&act=contact.created")).await;
    let [entry] = &created[..] else { panic!("one entry: {created:?}") };
    assert_eq!((&entry["actor"]["kind"], &entry["expired"]), (&json!("member"), &json!(false)));
    let later = owner.list("/audit?since=2100-01-01T00:00:00Z").await;
    assert!(later.is_empty(), "{later:?}");

    let note = signed(house).await;
    assert!(note.starts_with("parloir/audit/wsp_"), "{note}");
    let proof = text(owner, &format!("/audit/proof?seq={}", entry["seq"])).await;
    assert!(proof.starts_with("c2sp.org/tlog-proof@v1\n"), "{proof}");
    let tile = owner.bytes("/audit/tiles?path=0/000.p/1").await;
    assert_eq!((tile.len(), owner.bytes("/audit/tile/0/000.p/1").await), (32, tile));
    owner.call(Method::GET, "/audit/tiles?path=0/001", None).await.problem(404, "not_found");
    let viewer = &house.workspace.viewer;
    viewer.call(Method::GET, "/audit/tile/0/000.p/1", None).await.problem(403, "forbidden");

    let table = text(owner, &format!("/audit/export?format=csv&subject={contact}&act=contact.created")).await;
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains(&format!("contact.created,{contact},false\r\n")), "{table}");
    owner.call(Method::GET, "/audit/export?format=jsonl&act=x", None).await.problem(422, "invalid");
    let lines = text(owner, "/audit/export?format=jsonl").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &lines).unwrap();
    let key = house.app.vault.audit_verifier(&house.workspace.operator).await.unwrap();
    let trust = vault::audit::offline::Trust { key: Some(key), ..Default::default() };
    let report = vault::audit::offline::verify_file(file.path(), trust).unwrap();
    assert!(report.is_sound() && report.entries > 5, "{report:?}");
}

async fn an_erased_contact_is_in_no_entry(house: &House) {
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let contact = text_of(&agent.post("/contacts", json!({ "name": "Anna" })).await["id"]);
    agent.get(&format!("/contacts/{contact}")).await;
    owner.call(Method::POST, &format!("/contacts/{contact}/erasure"), None).await.json(202);
    house.quiet().await;
    assert!(owner.list(&format!("/audit?subject={contact}")).await.is_empty());
    let reads = owner.list("/audit?act=contact.read").await;
    assert!(reads.iter().any(|entry| entry["subject"] == "" && entry["actor"]["kind"] == "member"), "{reads:?}");
    assert!(!text(owner, "/audit/export?format=jsonl").await.contains(&contact));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_signs_what_grows_and_is_caught_up_when_it_forgot() {
    let witness = Witness::start().await;
    let (url, authority) = (format!("http://{}", witness.authority), witness.authority.clone());
    let key = VerifierKey::parse(&witness.key()).unwrap();
    let named = server::settings::Witness { url, key };
    let house = House::open_with(Engine::Sqlite, move |settings| {
        settings.allow_private.push(authority);
        settings.witness = Some(named);
    })
    .await;
    let log = house.app.vault.audit_verifier(&house.workspace.operator).await.unwrap();
    witness.trust(&log.to_string());
    let owner = &house.workspace.owner;
    for round in 0..4 {
        if round == 2 {
            witness.forget();
        }
        let before = witness.size();
        owner.post("/contacts", json!({ "name": "Anna" })).await;
        house.clock.advance(A_MINUTE);
        until("the witness' signature", || async { (witness.size() > before).then_some(()) }).await;
        let cosigned = until("a cosigned checkpoint", || async {
            let note = owner.call(Method::GET, "/audit/checkpoint", None).await.text();
            note.contains("witness.example/w1").then_some(note)
        })
        .await;
        assert!(!cosigned.contains("somebody.example"), "strangers' lines are passed over: {cosigned}");
    }
    let report = house.app.vault.verify_audit(&house.workspace.operator).await.unwrap();
    assert!(report.is_sound() && report.cosigned.len() == 1, "{report:?}");
    house.close().await;
}

#[tokio::test]
async fn the_log_is_verified_by_command_beside_a_server_and_far_from_it() {
    let installation = Installation::new(&[]);
    let workspace = installation.workspace("Nord");
    let token = installation.member(&workspace, "Ada Ahrens", "ada@example.org", "owner");
    let server = installation.start().await;
    installation.client(&token).post("/contacts", json!({ "name": "Anna" })).await;
    let live = installation.command(&["audit", "verify", "--workspace", &workspace], None);
    assert_eq!((&live["sound"], &live["faults"]), (&json!(true), &json!([])), "{live}");
    let to = installation.data().join("evidence");
    let to = to.to_str().unwrap();
    let exported = installation.command(&["audit", "export", "--workspace", &workspace, "--to", to], None);
    server.stop().await;
    let key = text_of(&exported["key"]);
    let report = installation.command(&["audit", "verify", "--from", to, "--key", &key], None);
    assert_eq!(
        (&report["sound"], &report["key_given"], &report["entries"]),
        (&json!(true), &json!(true), &exported["entries"])
    );
    let bare = VerifierKey::parse(&key).unwrap();
    let bare = hex::encode(bare.public_key());
    let kept = format!("{to}/checkpoint");
    let again = installation.command(&["audit", "verify", "--from", to, "--key", &bare, "--checkpoint", &kept], None);
    assert_eq!(again, report);

    let lines = format!("{to}/log.jsonl");
    let spoiled = std::fs::read_to_string(&lines).unwrap().replacen("workspace.created", "workspace.renamed", 1);
    std::fs::write(&lines, spoiled).unwrap();
    let (code, answer) = asked(&installation, &["audit", "verify", "--from", to, "--json"]).await;
    assert_eq!(
        (code, &answer["sound"], &answer["faults"][0]["place"]),
        (1, &json!(false), &json!("log.jsonl:3")),
        "{answer}"
    );
}

/// A command that may fail: its exit code and its answer.
async fn asked(installation: &Installation, arguments: &[&str]) -> (i32, Value) {
    let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_parloir")).args(arguments).output();
    let output = tokio::time::timeout(Duration::from_mins(2), run).await.unwrap().unwrap();
    assert!(installation.data().exists());
    (output.status.code().unwrap_or(-1), serde_json::from_slice(&output.stdout).unwrap_or_default())
}
