//! One contact who writes on several channels is merged into one, and split again: nothing is lost or shown twice.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::bot::Bot;
use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::stream::Stream;

both_engines!(
    two_channels_one_person_and_two_again,
    what_cannot_be_merged_is_refused,
    a_merged_persons_wishes_hold_for_all_of_it,
    the_stream_names_who_stays,
    a_merged_person_is_erased_as_one,
);

/// Anna on Telegram, and Anna in the shop's own system.
struct Annas {
    bot: Bot,
    other: Other,
    person: i64,
    /// Contact and conversation of each.
    chat: (String, String),
    shop: (String, String),
}

impl Annas {
    async fn meet(house: &House) -> Self {
        let agent = &house.workspace.agent;
        let bot = Bot::connect(house).await;
        let other = Other::connect(house, &house.workspace).await;
        let (person, conversation) = bot.talk("Anna", "Salve dal telefono").await;
        let chat = (contact_in(agent, &conversation).await, conversation);
        let conversation = other.writes(agent, "c-1", "m-1", "Salve dal negozio").await;
        let shop = (contact_in(agent, &conversation).await, conversation);
        house.quiet().await;
        Self { bot, other, person, chat, shop }
    }

    /// The shop's is merged into the phone's; the path of the merge.
    async fn merge(&self, agent: &Client) -> String {
        let merges = format!("/contacts/{}/merges", self.chat.0);
        let merge = agent.post(&merges, json!({ "contact_id": self.shop.0 })).await;
        format!("{merges}/{}", text_of(&merge["id"]))
    }
}

async fn contact_in(agent: &Client, conversation: &str) -> String {
    text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"])
}

/// Everything that is shown of a contact, apart from what reading changes.
async fn shown(agent: &Client, contact: &str) -> Value {
    let mut all = vec![agent.get(&format!("/contacts/{contact}")).await];
    for conversation in agent.list(&format!("/conversations?contact={contact}")).await {
        all.push(json!(agent.messages(&text_of(&conversation["id"])).await));
        all.push(conversation);
    }
    all.extend(agent.list(&format!("/contacts/{contact}/consents")).await);
    json!(all)
}

async fn ids(agent: &Client, path: &str) -> Vec<String> {
    let mut ids: Vec<_> = agent.list(path).await.iter().map(|it| text_of(&it["id"])).collect();
    ids.sort();
    ids
}

fn sorted<const N: usize>(ids: [&String; N]) -> Vec<String> {
    let mut ids: Vec<String> = ids.into_iter().cloned().collect();
    ids.sort();
    ids
}

async fn two_channels_one_person_and_two_again(house: &House) {
    let annas = Annas::meet(house).await;
    let (agent, chat, shop) = (&house.workspace.agent, &annas.chat, &annas.shop);
    agent.patch(&format!("/contacts/{}", shop.0), json!({ "attributes": { "plan": "gold" } })).await;
    let before = (shown(agent, &chat.0).await, shown(agent, &shop.0).await);
    let path = annas.merge(agent).await;
    for id in [&chat.0, &shop.0] {
        let contact = agent.get(&format!("/contacts/{id}")).await;
        assert_eq!(
            (&contact["id"], &contact["name"], &contact["merged_ids"]),
            (&json!(chat.0), &json!("Anna"), &json!([shop.0]))
        );
        let kinds: Vec<_> = contact["identities"].as_array().unwrap().iter().map(|it| text_of(&it["kind"])).collect();
        assert!(
            ["telegram_id", "external_id", "email"].iter().all(|kind| kinds.iter().any(|it| it == kind)),
            "{kinds:?}"
        );
        assert_eq!(contact["attributes"], json!({ "plan": "gold" }));
        assert_eq!(ids(agent, &format!("/conversations?contact={id}")).await, sorted([&chat.1, &shop.1]));
        assert_eq!(agent.list(&format!("/search?q=salve&contact={id}")).await.len(), 2);
    }
    assert_eq!(ids(agent, "/contacts").await, sorted([&chat.0]), "shown once");
    assert_eq!(ids(agent, "/contacts?q=contact").await, sorted([&chat.0]), "found by either name");
    let conversation = agent.get(&format!("/conversations/{}", shop.1)).await;
    assert_eq!(conversation["contact"], json!({ "id": chat.0, "name": "Anna" }));
    assert_eq!(conversation["last_message"]["author"], json!({ "kind": "contact", "id": chat.0, "name": "Anna" }));
    let listed = agent.list(&format!("/contacts/{}/merges", shop.0)).await;
    assert_eq!((listed.len(), &listed[0]["merged_name"]), (1, &json!("Contact c-1")));
    assert_eq!(listed[0]["merged_by"], json!(house.workspace.agent_id));

    // Both go on writing, and are answered where they write.
    annas.other.writes(agent, "c-1", "m-2", "Ancora dal negozio").await;
    annas.bot.writes(annas.person, "Ancora dal telefono");
    annas.bot.arrived(&chat.1, "Ancora dal telefono").await;
    let reply = agent.say(&shop.1, "Risposta al negozio").await;
    agent.reaches(&shop.1, &reply, "sent").await;
    assert!(annas.bot.sent().iter().all(|sent| sent.text.as_deref() != Some("Risposta al negozio")));
    let opened = json!({ "channel_id": annas.other.channel, "contact_id": chat.0 });
    assert_eq!(agent.post("/conversations", opened).await["id"], json!(shop.1), "where the person is known");
    agent.patch(&format!("/contacts/{}", shop.0), json!({ "language": "it" })).await;
    house.quiet().await;
    assert_eq!(agent.texts(&shop.1).await, ["Salve dal negozio", "Ancora dal negozio", "Risposta al negozio"]);

    for _ in 0..2 {
        assert_eq!(agent.call(Method::DELETE, &path, None).await.status, 204);
    }
    assert_eq!(ids(agent, "/contacts").await, sorted([&chat.0, &shop.0]));
    let after = (shown(agent, &chat.0).await, shown(agent, &shop.0).await);
    assert_eq!(without_news(before.1), without_news(after.1), "as before, but for what came since");
    assert_eq!(after.0[0]["language"], "it", "a change is of who stays");
    assert_eq!(agent.texts(&chat.1).await, ["Salve dal telefono", "Ancora dal telefono"]);
    assert_eq!(ids(agent, &format!("/conversations?contact={}", shop.0)).await, sorted([&shop.1]));
    assert!(agent.list(&format!("/contacts/{}/merges", chat.0)).await.is_empty());
    let acts: Vec<_> =
        house.workspace.owner.list("/audit?limit=100").await.iter().map(|it| text_of(&it["act"])).collect();
    let count = |act: &str| acts.iter().filter(|it| *it == act).count();
    assert_eq!((count("contact.merged"), count("contact.split")), (1, 1));
}

/// What is shown of a contact, but for what came while it was merged.
fn without_news(mut shown: Value) -> Value {
    let contact = &mut shown[0];
    contact["active_at"] = Value::Null;
    let first = shown[1].as_array().unwrap()[0].clone();
    json!([shown[0], first, shown[2]["contact"]])
}

async fn what_cannot_be_merged_is_refused(house: &House) {
    let agent = &house.workspace.agent;
    let mut made = Vec::new();
    for name in ["Ada", "Bea", "Cea"] {
        made.push(text_of(&agent.post("/contacts", json!({ "name": name })).await["id"]));
    }
    let [ada, bea, cea] = made.try_into().unwrap();
    let path = |contact: &str| format!("/contacts/{contact}/merges");
    let order = |contact: &str| json!({ "contact_id": contact });
    agent.call(Method::POST, &path(&ada), Some(&order(&ada))).await.problem(409, "same_contact");
    let keyed = agent.with("idempotency-key", "k");
    let merge = keyed.post(&path(&ada), order(&bea)).await;
    assert_eq!(keyed.post(&path(&ada), order(&bea)).await, merge);
    assert_eq!(agent.call(Method::POST, &path(&ada), Some(&order(&bea))).await.json(200), merge, "one already");
    agent.call(Method::POST, &path(&bea), Some(&order(&ada))).await.problem(409, "same_contact");
    agent.call(Method::POST, &path(&cea), Some(&order(&bea))).await.problem(409, "merged_elsewhere");
    let viewer = &house.workspace.viewer;
    viewer.call(Method::POST, &path(&ada), Some(&order(&cea))).await.problem(403, "forbidden");
    assert_eq!(viewer.list(&path(&ada)).await.len(), 1);
    let split = format!("{}/{}", path(&ada), text_of(&merge["id"]));
    viewer.call(Method::DELETE, &split, None).await.problem(403, "forbidden");
    let theirs = house.another_workspace().await;
    let eva = text_of(&theirs.agent.post("/contacts", json!({ "name": "Eva" })).await["id"]);
    for (client, method, path, body) in [
        (agent, Method::POST, path(&ada), Some(order(&eva))),
        (agent, Method::POST, path(&eva), Some(order(&ada))),
        (agent, Method::POST, path(&ada), Some(order(&format!("con_{}", "0".repeat(32))))),
        (agent, Method::DELETE, format!("{}/mrg_{}", path(&ada), "0".repeat(32)), None),
        (agent, Method::DELETE, format!("{}/x", path(&ada)), None),
        (agent, Method::DELETE, format!("{}/{}", path(&cea), text_of(&merge["id"])), None),
        (&theirs.owner, Method::DELETE, split.clone(), None),
        (&theirs.owner, Method::DELETE, format!("{}/{}", path(&eva), text_of(&merge["id"])), None),
        (&theirs.owner, Method::GET, path(&ada), None),
    ] {
        client.call(method, &path, body.as_ref()).await.problem(404, "not_found");
    }
    agent.call(Method::POST, &path(&ada), Some(&order("x"))).await.problem(422, "invalid");
    agent.call(Method::POST, &path(&ada), Some(&json!({}))).await.problem(422, "invalid");
    assert_eq!(agent.list(&path(&bea)).await.len(), 1, "and it still stands");
}

async fn a_merged_persons_wishes_hold_for_all_of_it(house: &House) {
    let annas = Annas::meet(house).await;
    let (agent, chat, shop) = (&house.workspace.agent, &annas.chat, &annas.shop);
    let consent = json!({ "purpose": "marketing", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" });
    agent.post(&format!("/contacts/{}/consents", shop.0), consent.clone()).await;
    let path = annas.merge(agent).await;
    let given = agent.post(&format!("/contacts/{}/consents", shop.0), consent).await;
    assert_eq!(given["contact_id"], json!(chat.0), "given to who stays");
    let consents = agent.list(&format!("/contacts/{}/consents", chat.0)).await;
    assert!(consents.len() == 2 && consents.iter().all(|it| it["contact_id"] == json!(chat.0)), "{consents:?}");
    // Whoever blocks the bot refuses this channel, by whichever of their contacts they are known there.
    annas.bot.telegram.set_blocked(&annas.bot.token, annas.person, true).unwrap();
    let messages = format!("/conversations/{}/messages", chat.1);
    let refused = json!({ "text": "Ci sei ancora?" });
    let answer = until("the block is known", async || {
        let answer = agent.call(Method::POST, &messages, Some(&refused)).await;
        (answer.status != 201).then_some(answer)
    });
    answer.await.problem(409, "no_consent");
    let reply = agent.say(&shop.1, "E qui?").await;
    agent.reaches(&shop.1, &reply, "sent").await;
    assert_eq!(agent.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(agent.list(&format!("/contacts/{}/consents", shop.0)).await.len(), 1);
    assert_eq!(agent.list(&format!("/contacts/{}/consents", chat.0)).await.len(), 1);
    house.quiet().await;
}

async fn the_stream_names_who_stays(house: &House) {
    let annas = Annas::meet(house).await;
    let (agent, chat, shop) = (&house.workspace.agent, &annas.chat, &annas.shop);
    let stream = Stream::open(agent, "/events", None).await;
    let path = annas.merge(agent).await;
    let told = stream.next("the conversation", |event| event.kind == "conversation.updated").await;
    assert_eq!((&told.data["data"]["id"], &told.data["data"]["contact"]["id"]), (&json!(shop.1), &json!(chat.0)));
    let contacts: Vec<_> = stream.seen().into_iter().filter(|event| event.kind == "contact.updated").collect();
    assert!(
        contacts.len() == 2 && contacts.iter().all(|event| event.data["data"]["id"] == json!(chat.0)),
        "{contacts:?}"
    );
    annas.other.writes(agent, "c-1", "m-2", "Ancora").await;
    let said = stream.next("the message", |event| event.kind == "message.created").await;
    assert_eq!(said.data["data"]["author"]["id"], json!(chat.0));
    annas.other.post("typing", json!({ "contact": { "id": "c-1" } })).await;
    let typing = stream.next("typing", |event| event.kind == "typing").await;
    assert_eq!(typing.data["data"]["author"]["id"], json!(chat.0));
    let before = stream.last_id();
    assert_eq!(agent.call(Method::DELETE, &path, None).await.status, 204);
    let split = |event: &crate::stream::Event| event.id > Some(before) && event.kind == "conversation.updated";
    let told = stream.next("the conversation again", split).await;
    assert_eq!(told.data["data"]["contact"], json!({ "id": shop.0, "name": "Contact c-1" }));
    // Whoever reads the past now sees what is true now.
    let past = Stream::open(agent, "/events", Some(0)).await;
    past.next("all of it", |event| event.id == Some(stream.last_id())).await;
    let past = past.seen();
    let authors: Vec<_> = past.iter().filter(|event| event.data["data"]["text"] == "Ancora").collect();
    assert!(authors.iter().all(|event| event.data["data"]["author"]["id"] == json!(shop.0)), "{authors:?}");
}

async fn a_merged_person_is_erased_as_one(house: &House) {
    let annas = Annas::meet(house).await;
    let (agent, owner, chat, shop) = (&house.workspace.agent, &house.workspace.owner, &annas.chat, &annas.shop);
    let path = annas.merge(agent).await;
    let stream = Stream::open(agent, "/events", None).await;
    let erasure = owner.call(Method::DELETE, &format!("/contacts/{}", shop.0), None).await.json(202);
    for gone in [
        format!("/contacts/{}", chat.0),
        format!("/contacts/{}", shop.0),
        format!("/contacts/{}/merges", chat.0),
        format!("/conversations/{}", chat.1),
        format!("/conversations/{}/messages", shop.1),
    ] {
        agent.call(Method::GET, &gone, None).await.problem(404, "not_found");
    }
    agent.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    assert!(agent.list("/contacts").await.is_empty() && agent.list("/search?q=salve").await.is_empty());
    let told = |id: &str| {
        let id = json!({ "id": id });
        move |event: &crate::stream::Event| event.kind == "contact.erased" && event.data["data"] == id
    };
    stream.next("who stayed", told(&chat.0)).await;
    stream.next("who was merged", told(&shop.0)).await;
    let read = format!("/erasures/{}", text_of(&erasure["id"]));
    let done = until("the erasure is done", async || {
        let now = owner.get(&read).await;
        (now["state"] == "done").then_some(now)
    })
    .await;
    assert_eq!((&done["erased"]["messages"], &done["erased"]["conversations"]), (&json!(2), &json!(2)), "{done}");
    let again = owner.call(Method::DELETE, &format!("/contacts/{}", chat.0), None).await.json(202);
    assert_eq!(again["id"], erasure["id"]);
    house.quiet().await;
    let back = annas.other.writes(agent, "c-1", "m-9", "Sono tornata").await;
    let contact = contact_in(agent, &back).await;
    assert!(contact != chat.0 && contact != shop.0, "somebody new");
    assert!(agent.list(&format!("/contacts/{contact}/merges")).await.is_empty());
}
