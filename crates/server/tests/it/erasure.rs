//! One of ten contacts is erased: unreadable at once, gone from everywhere, and the others are whole.

use http::Method;
use serde_json::{Value, json};
use simulator::telegram::{Says, Upload};
use vault::prove::evidence;

use crate::bot::Bot;
use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::stream::Stream;
use crate::visitor::Site;

both_engines!(one_of_ten_is_erased, an_erased_contact_may_come_back, the_stream_of_an_erased_visitor_ends);

const NAMES: [&str; 10] = ["Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Gina", "Hugo", "Irma", "Jago"];

/// What a contact has left everywhere.
struct Traces {
    person: i64,
    conversation: String,
    contact: String,
    messages: Vec<String>,
    file: String,
}

impl Traces {
    async fn leave(house: &House, bot: &Bot, name: &str) -> Self {
        let agent = &house.workspace.agent;
        let (person, conversation) = bot.talk(name, &format!("Sono {name}")).await;
        bot.says(
            person,
            Says::Document(Upload::new(&format!("{name}.txt"), "", format!("File di {name}")).captioned("Ecco")),
        );
        let reply = agent.say(&conversation, &format!("Caro {name}")).await;
        agent.reaches(&conversation, &reply, "sent").await;
        let shown = bot.received(person, &format!("Caro {name}")).await;
        bot.telegram.react(&bot.token, person, shown.message_id, &["👍"]).unwrap();
        agent
            .post(
                &format!("/conversations/{conversation}/messages"),
                json!({ "text": format!("Nota {name}"), "note": true }),
            )
            .await;
        agent.patch(&format!("/conversations/{conversation}"), json!({ "labels": ["Forno"] })).await;
        let messages = until("everything is there", async || {
            let messages = agent.messages(&conversation).await;
            let stored = messages.iter().any(|message| message["attachments"][0]["state"] == "stored");
            let reacted = messages.iter().any(|message| message["reactions"][0]["emoji"] == "👍");
            (messages.len() == 4 && stored && reacted).then_some(messages)
        })
        .await;
        let file = messages.iter().find_map(|message| message["attachments"][0]["id"].as_str()).unwrap().to_owned();
        let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
        agent.post(&format!("/contacts/{contact}/consents"), consent()).await;
        Self { person, conversation, contact, messages: messages.iter().map(|it| text_of(&it["id"])).collect(), file }
    }

    /// Everything that could still show something.
    fn paths(&self) -> [String; 7] {
        [
            format!("/contacts/{}", self.contact),
            format!("/contacts/{}/consents", self.contact),
            format!("/conversations/{}", self.conversation),
            format!("/conversations/{}/messages", self.conversation),
            format!("/attachments/{}", self.file),
            format!("/attachments/{}/content", self.file),
            format!("/conversations?contact={}", self.contact),
        ]
    }

    async fn is_gone(&self, member: &Client, name: &str) {
        for path in self.paths() {
            let answer = member.call(Method::GET, &path, None).await;
            let empty = answer.status == 200 && answer.json(200)["data"].as_array().is_some_and(Vec::is_empty);
            assert!(answer.status == 404 || empty, "{answer}");
        }
        let lists = ["/conversations?limit=100", "/conversations?label=forno", "/contacts?limit=100"];
        let searches = [format!("/search?q={name}"), format!("/contacts?q={name}"), format!("/conversations?q={name}")];
        for path in lists.into_iter().map(str::to_owned).chain(searches) {
            let shown = member.get(&path).await.to_string();
            assert!(!shown.contains(name) && !shown.contains(&self.contact), "{path}: {shown}");
        }
        for (method, path, body) in [
            (Method::POST, format!("/conversations/{}/messages", self.conversation), json!({ "text": "x" })),
            (Method::PATCH, format!("/conversations/{}", self.conversation), json!({ "read": true })),
            (Method::PATCH, format!("/contacts/{}", self.contact), json!({ "name": "x" })),
            (Method::PATCH, format!("/messages/{}", self.messages[0]), json!({ "text": "x" })),
        ] {
            let answer = member.call(method, &path, Some(&body)).await;
            answer.problem(404, "not_found");
        }
    }

    async fn is_whole(&self, member: &Client, name: &str) {
        assert_eq!(member.get(&format!("/contacts/{}", self.contact)).await["name"], name);
        assert_eq!(member.list(&format!("/contacts/{}/consents", self.contact)).await[0]["withdrawn_at"], json!(null));
        let texts = member.texts(&self.conversation).await;
        assert!(texts.contains(&format!("Sono {name}")) && texts.contains(&format!("Caro {name}")), "{texts:?}");
        let content = member.bytes(&format!("/attachments/{}/content", self.file)).await;
        assert_eq!(content, format!("File di {name}").into_bytes());
        assert_eq!(member.list(&format!("/search?q=sono+{name}")).await.len(), 1, "{name} is found");
    }
}

fn consent() -> Value {
    json!({ "purpose": "marketing", "channel": "any", "ground": "consent", "text_version": "v1", "collected_by": "form" })
}

async fn one_of_ten_is_erased(house: &House) {
    let bot = Bot::connect(house).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let mut all = Vec::new();
    for name in NAMES {
        all.push(Traces::leave(house, &bot, name).await);
    }
    house.quiet().await;
    let stream = Stream::open(agent, "/events", None).await;
    let (index, name) = (4, NAMES[4]);
    let erased = owner.call(Method::POST, &format!("/contacts/{}/erasure", all[index].contact), None).await.json(202);
    all[index].is_gone(agent, name).await;
    let told = stream.next("contact.erased", |event| event.kind == "contact.erased").await;
    assert_eq!(told.data["data"], json!({ "id": all[index].contact }));
    // Whoever reads the past again finds ids, and nothing else.
    let past = Stream::open(agent, "/events", Some(0)).await;
    past.next("contact.erased", |event| event.kind == "contact.erased").await;
    let past = format!("{:?}", past.seen());
    assert!(past.contains(NAMES[3]) && !past.contains(name), "{name} in the past");

    let path = format!("/erasures/{}", text_of(&erased["id"]));
    let done = until("the erasure is done", async || {
        let now = owner.get(&path).await;
        (now["state"] == "done").then_some(now)
    })
    .await;
    assert_eq!(done["erased"]["messages"], 4, "{done}");
    assert_eq!((&done["erased"]["attachments"], &done["erased"]["reactions"]), (&json!(1), &json!(1)));
    assert_eq!(done["remote"], json!([{ "system": "telegram", "state": "gone" }]));
    assert!(done["completed_at"].is_string());
    proves(&owner.get(&format!("{path}/evidence")).await, name);
    assert!(bot.calls("deleteMessages") >= 1);
    assert!(bot.phone(all[index].person).iter().all(|shown| shown.deleted), "at the provider too");
    house.quiet().await;
    all[index].is_gone(agent, name).await;
    for (other, name) in all.iter().zip(NAMES).filter(|(_, other)| *other != name) {
        other.is_whole(agent, name).await;
        assert!(bot.phone(other.person).iter().all(|shown| !shown.deleted));
    }
    let again = owner.call(Method::DELETE, &format!("/contacts/{}", all[index].contact), None).await.json(202);
    assert_eq!(again["id"], erased["id"]);
    agent.call(Method::GET, &path, None).await.problem(403, "forbidden");
    let unknown = format!("/contacts/con_{}/erasure", "0".repeat(32));
    owner.call(Method::POST, &unknown, None).await.problem(404, "not_found");
}

/// The evidence holds without the installation, says what the erasure did, and names nobody.
fn proves(document: &Value, name: &str) {
    let verified = evidence::verify(document, None).unwrap();
    assert_eq!(verified.evidence["erasure"]["state"], "done");
    assert_eq!(verified.evidence["erasure"]["erased"]["messages"], 4);
    assert!(verified.evidence["ledger_subject"].is_string() && verified.evidence["keys_in_custody"] == 0);
    assert!(!document.to_string().contains(name));
    let mut altered = document.clone();
    altered["evidence"]["erasure"]["erased"]["messages"] = json!(3);
    assert!(evidence::verify(&altered, None).is_err());
}

async fn an_erased_contact_may_come_back(house: &House) {
    let bot = Bot::connect(house).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let (anna, conversation) = bot.talk("Anna", "Prima").await;
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    // Something is under way to the contact while it is erased.
    let slow = simulator::faults::Order::once(simulator::faults::CallFault::Slow { ms: 700 }).only("sendMessage");
    bot.telegram.order_call_fault(&bot.token, slow).unwrap();
    agent.say(&conversation, "In volo").await;
    agent.say(&conversation, "In coda").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    bot.writes(anna, "Dopo");
    let next = until("a new conversation", async || {
        let found = agent.list("/conversations").await;
        found.iter().find(|it| it["last_message"]["text"] == "Dopo").map(|it| text_of(&it["id"]))
    })
    .await;
    assert_ne!(next, conversation);
    house.quiet().await;
    assert_eq!(agent.texts(&next).await, ["Dopo"]);
    assert!(bot.sent().iter().all(|sent| sent.text.as_deref() != Some("In coda")), "what waited is not sent");
    let reply = agent.say(&next, "Bentornata").await;
    agent.reaches(&next, &reply, "sent").await;
}

async fn the_stream_of_an_erased_visitor_ends(house: &House) {
    let site = Site::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let (anna, bruno) = (site.visitor(&json!({})).await, site.visitor(&json!({})).await);
    let streams =
        (Stream::open(&anna.client, "/events", None).await, Stream::open(&bruno.client, "/events", None).await);
    anna.says("m-1", "Sono Anna").await;
    bruno.says("m-1", "Sono Bruno").await;
    let conversation = async |text: &str| {
        until("both have written", async || {
            let found = agent.list("/conversations?limit=100").await;
            found.into_iter().find(|conversation| conversation["last_message"]["text"] == text)
        })
        .await
    };
    let (annas, brunos) = (conversation("Sono Anna").await, conversation("Sono Bruno").await);
    for (of, stream, text) in [(&annas, &streams.0, "Cara Anna"), (&brunos, &streams.1, "Caro Bruno")] {
        agent.say(&text_of(&of["id"]), text).await;
        stream.next("the reply", |event| event.data["text"] == text).await;
    }
    let erase = format!("/contacts/{}/erasure", text_of(&annas["contact"]["id"]));
    owner.call(Method::POST, &erase, None).await.json(202);
    streams.0.ends().await;
    agent.say(&text_of(&brunos["id"]), "Ancora qui").await;
    streams.1.next("who was not erased goes on", |event| event.data["text"] == "Ancora qui").await;
    assert!(anna.history().await.is_empty());
}
