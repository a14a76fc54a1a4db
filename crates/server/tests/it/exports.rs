//! `parloir export`: everything of a contact or a workspace in one archive, on both engines, by itself and beside a server.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use http::Method;
use serde_json::{Value, json};
use server::cli::{Command, Workers, run};
use simulator::telegram::{Says, Upload};

use crate::bot::Bot;
use crate::client::text_of;
use crate::house::{House, until};
use crate::process::Installation;

both_engines!(
    a_contacts_archive_has_all_of_theirs_and_nothing_of_others,
    a_workspaces_archive_has_everybody_and_no_secret,
    an_export_is_fetched_by_whoever_may_and_by_the_person_once,
    a_folder_goes_on_where_it_was_and_keeps_nobody_who_was_erased,
);

/// An archive that was read whole.
struct Unpacked(Vec<(String, Vec<u8>)>);

impl Unpacked {
    fn of(path: &Path) -> Self {
        Self::from(&std::fs::read(path).unwrap())
    }

    fn from(bytes: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut all = Vec::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            all.push((name, bytes));
        }
        Self(all)
    }

    fn text(&self, name: &str) -> String {
        let found = self.0.iter().find(|(path, _)| path == name).unwrap_or_else(|| panic!("{name} is not in it"));
        String::from_utf8(found.1.clone()).unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    fn has(&self, needle: &str) -> bool {
        self.0.iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle.as_bytes()))
    }
}

/// Two people, each with a message, a file, an answer and a note; their contacts' ids.
async fn talk(house: &House) -> [String; 2] {
    let agent = &house.workspace.agent;
    let bot = Bot::connect(house).await;
    let mut contacts = Vec::new();
    for name in ["Anna", "Bruno"] {
        let (person, conversation) = bot.talk(name, &format!("=Sono {name} <b>")).await;
        let file = Upload::new(&format!("{name}.txt"), "", format!("File di {name}"));
        bot.says(person, Says::Document(file.captioned("Ecco")));
        let reply = agent.say(&conversation, &format!("Caro {name}")).await;
        agent.reaches(&conversation, &reply, "sent").await;
        let note = json!({ "text": format!("Nota {name}"), "note": true });
        agent.post(&format!("/conversations/{conversation}/messages"), note).await;
        until("the file is there", async || {
            let messages = agent.messages(&conversation).await;
            messages.iter().any(|message| message["attachments"][0]["state"] == "stored").then_some(())
        })
        .await;
        contacts.push(text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]));
    }
    contacts.try_into().unwrap()
}

async fn export(house: &House, contact: Option<&str>, to: &Path) -> anyhow::Result<Value> {
    let workspace = house.workspace.operator.workspace().to_string();
    let command = Command::Export { workspace, contact: contact.map(str::to_owned), to: to.to_owned(), folder: false };
    run(&house.app, Workers::Running, command).await
}

async fn a_contacts_archive_has_all_of_theirs_and_nothing_of_others(house: &House) {
    let [anna, bruno] = talk(house).await;
    let agreed = json!({ "purpose": "marketing", "channel": "any", "ground": "consent", "text_version": "1", "text": "Ja, Anna",
                         "collected_by": "form" });
    let agreed = house.workspace.agent.post(&format!("/contacts/{anna}/consents"), agreed).await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("anna.zip");
    // What an interrupted one left is no hindrance.
    std::fs::write(folder.path().join(".anna.zip.unfinished"), "half").unwrap();
    let made = export(house, Some(&anna), &to).await.unwrap();
    assert_eq!((&made["files"], &made["missing_files"], &made["rows"]["messages"]), (&json!(1), &json!(0), &json!(4)));
    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is beside it");
    let archive = Unpacked::of(&to);
    for needle in ["Sono Anna", "Caro Anna", "Nota Anna", "File di Anna", &anna] {
        assert!(archive.has(needle), "{needle}");
    }
    for needle in ["Bruno", &bruno] {
        assert!(!archive.has(needle), "{needle}");
    }
    assert_eq!(archive.json("contact.json")["contact"], anna);
    let messages = archive.json("data/messages.json");
    assert_eq!(messages.as_array().unwrap().len(), 4);
    let file = text_of(&archive.json("data/attachments.json")[0]["file"]);
    assert_eq!(archive.text(&file), "File di Anna");
    assert!(Path::new(&file).extension().is_some_and(|end| end == "txt"), "{file}");
    let page = archive.text("messages.html");
    assert!(page.contains("=Sono Anna &lt;b&gt;") && !page.contains("<b>") && !page.contains("<script"));
    assert!(archive.text("index.html").contains("Everything kept about you"));
    let names = archive.json("data/contacts.json");
    assert_eq!(names[0]["name"], "Anna");
    let record = &archive.json(&format!("receipts/{}.jsonld", text_of(&agreed["id"])))["dpv:hasRecordOfActivity"];
    assert_eq!(record["dpv:hasNotice"]["dct:description"], "Ja, Anna");
    assert_eq!(record["dpv:hasDataSubject"]["dct:identifier"], anna);
    assert!(archive.text("data/contacts.csv").starts_with("id,"));

    assert!(export(house, Some(&anna), &to).await.is_err(), "what is there is not written over");
    house.workspace.owner.call(Method::DELETE, &format!("/contacts/{anna}"), None).await.json(202);
    let gone = folder.path().join("gone.zip");
    assert!(export(house, Some(&anna), &gone).await.is_err(), "who was erased has no archive");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing is left of the try");
}

async fn a_workspaces_archive_has_everybody_and_no_secret(house: &House) {
    talk(house).await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("all.zip");
    let made = export(house, None, &to).await.unwrap();
    assert_eq!((&made["files"], &made["rows"]["contacts"]), (&json!(2), &json!(2)));
    let archive = Unpacked::of(&to);
    for needle in ["Sono Anna", "File di Bruno", &house.workspace.agent_email] {
        assert!(archive.has(needle), "{needle}");
    }
    for part in ["members", "channels", "workspaces"] {
        assert!(!archive.json(&format!("data/{part}.json")).as_array().unwrap().is_empty(), "{part}");
    }
    let channel = archive.json("data/channels.json")[0].clone();
    assert!(channel["settings"].get("secrets").is_none() && channel["kind"].is_string(), "{channel}");
    assert!(!archive.has("argon2") && !archive.has("password_hash"));
    assert_eq!(archive.json("workspace.json")["rows"]["messages"], 8);
}

async fn an_export_is_fetched_by_whoever_may_and_by_the_person_once(house: &House) {
    let [anna, _] = talk(house).await;
    let owner = &house.workspace.owner;
    let path = format!("/contacts/{anna}/export");
    house.workspace.agent.call(Method::POST, &path, None).await.problem(403, "forbidden");
    let export = owner.call(Method::POST, &path, None).await.json(201);
    assert_eq!(export["contact_id"], anna);
    let place = format!("/exports/{}", text_of(&export["id"]));
    let archive = Unpacked::from(&owner.bytes(&place).await);
    assert!(archive.has("Sono Anna") && archive.has("File di Anna") && !archive.has("Bruno"));

    let link = text_of(&owner.call(Method::POST, &format!("{place}/link"), None).await.json(201)["url"]);
    let (page, code) = link.split_once('#').unwrap();
    assert_eq!(page, format!("{}/archive", house.base));
    let shown = house.nobody().with("accept-language", "de").call(Method::GET, "/archive", None).await;
    assert!(shown.text().contains("Meine Daten abholen") && !shown.text().contains(code));
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    let form = "application/x-www-form-urlencoded";
    let comes = async |code: &str| house.nobody().send(Method::POST, "/archive", form, format!("code={code}")).await;
    assert_eq!(comes("A").await.status.as_u16(), 404);
    let taken = comes(code).await;
    assert_eq!((taken.status.as_u16(), &taken.headers["content-type"]), (200, &"application/zip".parse().unwrap()));
    assert!(Unpacked::from(&taken.bytes).has("Sono Anna"));
    assert_eq!(comes(code).await.status.as_u16(), 404, "it was used");

    let again = text_of(&owner.call(Method::POST, &format!("{place}/link"), None).await.json(201)["url"]);
    house.clock.advance(vault::exports::GOOD_MS);
    assert_eq!(comes(again.split_once('#').unwrap().1).await.status.as_u16(), 404, "a week is over");
    owner.call(Method::GET, &place, None).await.problem(404, "not_found");
}

#[tokio::test]
async fn an_export_is_written_by_itself_and_beside_a_server() {
    let installation = Installation::new(&[]);
    let workspace = installation.workspace("Nord");
    let token = installation.member(&workspace, "Ada Ahrens", "ada@example.org", "owner");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let alone = installation.command(&["export", "--workspace", &workspace, "--to", &path("alone.zip")], None);
    assert_eq!((&alone["rows"]["members"], &alone["file"]), (&json!(1), &json!(path("alone.zip"))));
    let server = installation.start().await;
    let contact = text_of(&installation.client(&token).post("/contacts", json!({ "name": "Anna" })).await["id"]);
    let to = path("beside.zip");
    installation.command(&["export", "--workspace", &workspace, "--contact", &contact, "--to", &to], None);
    let archive = Unpacked::of(Path::new(&to));
    assert_eq!(archive.json("data/contacts.json")[0]["name"], "Anna");
    server.stop().await;
}

async fn a_folder_goes_on_where_it_was_and_keeps_nobody_who_was_erased(house: &House) {
    let [anna, _] = talk(house).await;
    let home = tempfile::tempdir().unwrap();
    let (to, beside) = (home.path().join("all"), home.path().join(".all.unfinished"));
    let order = async || {
        let workspace = house.workspace.operator.workspace().to_string();
        let command = Command::Export { workspace, contact: None, to: to.clone(), folder: true };
        run(&house.app, Workers::Running, command).await.unwrap()
    };
    let made = order().await;
    assert_eq!(
        (&made["files"], &made["rows"]["contacts"], &made["rows"]["messages"]),
        (&json!(2), &json!(2), &json!(8))
    );
    let read = |name: &str| std::fs::read_to_string(to.join(name)).unwrap();
    assert!(read("data/messages.json").contains("Sono Anna") && read("workspace.json").contains("\"messages\": 8"));
    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o700);

    // As if it had been interrupted after the contacts, of which somebody could tell what it had written by then.
    let interrupted = |begun_at: i64| {
        std::fs::rename(&to, &beside).unwrap();
        std::fs::write(beside.join("data/contacts.json"), "[\"kept\"]").unwrap();
        let of = house.workspace.operator.workspace();
        let whole = json!({ "path": "data/contacts.json", "rows": 7 });
        std::fs::write(beside.join(".whole"), format!("{}\n{whole}\n", json!({ "begun_at": begun_at, "of": of })))
            .unwrap();
    };
    interrupted(vault::Clock::now(&*house.clock));
    let made = order().await;
    assert_eq!(made["rows"]["contacts"], 7, "it was whole");
    assert_eq!(read("data/contacts.json"), "[\"kept\"]");
    assert!(read("data/messages.json").contains("Sono Anna"));

    interrupted(vault::Clock::now(&*house.clock));
    house.workspace.owner.call(Method::DELETE, &format!("/contacts/{anna}"), None).await.json(202);
    house.quiet().await;
    let made = order().await;
    assert_eq!(made["rows"]["contacts"], 2, "it was begun anew, with what is left of the erased one: an id");
    assert!(!read("data/messages.json").contains("Sono Anna"));
    assert!(!beside.exists());
}
