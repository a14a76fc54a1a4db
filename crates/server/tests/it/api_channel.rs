//! The API channel: another system posts signed events, and receives signed posts exactly once.

use connect::{Secret, standard_webhooks};
use http::Method;
use serde_json::{Value, json};
use vault::Clock;

use crate::client::{Answer, Client, text_of};
use crate::house::{House, Workspace, until};
use crate::receiver::Receiver;
use crate::stream::Stream;

both_engines!(
    a_signed_event_becomes_a_message,
    what_is_not_signed_is_refused,
    replies_are_posted_once_and_signed,
    a_receiver_that_fails_is_asked_again,
    a_receiver_that_refuses_fails_visibly,
    addresses_of_our_own_network_are_not_reached,
    the_rest_api_takes_what_a_contact_wrote,
    states_go_forward_only,
    files_are_fetched_from_where_they_are,
    a_system_made_for_chatwoot_is_told_all_it_needs_and_fetches_files_without_a_token,
);

/// A connected API channel.
pub(crate) struct Other {
    pub channel: String,
    pub secret: String,
    path: String,
    nobody: Client,
    house_clock: std::sync::Arc<server::machine::SystemClock>,
}

impl Other {
    /// Connects the house's receiver as a channel.
    pub(crate) async fn connect(house: &House, workspace: &Workspace) -> Self {
        let settings = json!({ "webhook_url": house.receiver.url() });
        let order = json!({ "kind": "api", "name": "Shop system", "settings": settings });
        let channel = workspace.owner.post("/channels", order).await;
        assert_eq!(channel["state"], "ready", "{channel}");
        let secret = text_of(&channel["shown_once"]["signing_secret"]);
        assert!(secret.starts_with("whsec_"));
        let path = format!("/channels/{}", text_of(&channel["id"]));
        let later = workspace.owner.get(&path).await;
        assert!(!later.to_string().contains(&secret), "shown once");
        Self {
            path: text_of(&channel["hook_url"]).strip_prefix(&house.base).unwrap().to_owned(),
            channel: text_of(&channel["id"]),
            secret,
            nobody: house.nobody(),
            house_clock: house.clock.clone(),
        }
    }

    /// Posts a body signed with some secret.
    pub(crate) async fn signed(&self, body: &str, secret: &str) -> Answer {
        let now = self.house_clock.now();
        let headers = standard_webhooks::sign(&Secret::new(secret), "evt_1", now, body.as_bytes()).unwrap_or_default();
        let client = headers.iter().fold(self.nobody.clone(), |client, (name, value)| client.with(name, value));
        client.send(Method::POST, &self.path, "application/json", body.to_owned()).await
    }

    /// Posts an event as the other system does.
    pub(crate) async fn post(&self, kind: &str, data: Value) {
        let answer = self.signed(&json!({ "type": kind, "data": data }).to_string(), &self.secret).await;
        assert_eq!(answer.status, 200, "{answer}");
    }

    /// The contact `id` writes; the conversation that comes of it.
    pub(crate) async fn writes(&self, member: &Client, id: &str, message: &str, text: &str) -> String {
        let contact = json!({ "id": id, "name": format!("Contact {id}"), "email": format!("{id}@example.com") });
        self.post("message.created", json!({ "id": message, "contact": contact, "text": text })).await;
        let path = format!("/conversations?channel={}&limit=100", self.channel);
        until(&format!("{text:?} arrives"), async || {
            let conversations = member.list(&path).await;
            let found = conversations.iter().find(|it| it["last_message"]["text"] == text);
            found.map(|conversation| text_of(&conversation["id"]))
        })
        .await
    }
}

async fn a_signed_event_becomes_a_message(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Where is my parcel?").await;
    let shown = agent.get(&format!("/conversations/{conversation}")).await;
    assert_eq!(shown["contact"]["name"], "Contact c-1");
    let contact = agent.get(&format!("/contacts/{}", text_of(&shown["contact"]["id"]))).await;
    let mut kinds: Vec<_> = contact["identities"].as_array().unwrap().iter().map(|it| text_of(&it["kind"])).collect();
    kinds.sort();
    assert_eq!(kinds, ["email", "external_id"]);
    // The same again, and in a batch with something new.
    let contact = json!({ "id": "c-1" });
    let batch = json!({ "events": [
        { "type": "message.created", "data": { "id": "m-1", "contact": contact, "text": "Where is my parcel?" } },
        { "type": "message.created", "data": { "id": "m-2", "contact": contact, "text": "Hello?" } },
        { "type": "something.else", "data": {} },
        { "type": "message.edited", "data": { "id": "m-2", "contact": contact, "text": "Hello??" } },
        { "type": "message.created", "data": { "contact": contact } },
    ] });
    for _ in 0..2 {
        assert_eq!(other.signed(&batch.to_string(), &other.secret).await.status, 200);
    }
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["Where is my parcel?", "Hello??"]);
    other.post("message.removed", json!({ "id": "m-2", "contact": contact })).await;
    until("the removal arrives", async || {
        agent.messages(&conversation).await[1]["removed_at"].is_string().then_some(())
    })
    .await;
    let stream = Stream::open(agent, "/events", None).await;
    other.post("typing", json!({ "contact": contact })).await;
    let typing = stream.next("typing", |event| event.kind == "typing").await;
    assert_eq!(typing.data["data"]["author"]["kind"], "contact");
}

async fn what_is_not_signed_is_refused(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let body = json!({ "type": "message.created", "data": { "id": "m", "contact": { "id": "x" }, "text": "no" } });
    let body = body.to_string();
    let stranger = standard_webhooks::generate([9; 32]);
    let mut altered = other.secret.clone();
    altered.replace_range(10..11, if &other.secret[10..11] == "A" { "B" } else { "A" });
    for wrong in ["", "whsec_", stranger.expose(), &altered] {
        other.signed(&body, wrong).await.problem(401, "unauthorised");
    }
    // The right signature of another body, and of another time.
    let now = house.clock.now();
    for (id, at, text) in [("evt_1", now, "other"), ("evt_1", now - 400_000, &body[..]), ("", now, &body[..])] {
        let headers = standard_webhooks::sign(&Secret::new(&other.secret), id, at, text.as_bytes()).unwrap();
        let client = headers.iter().fold(house.nobody(), |client, (name, value)| client.with(name, value));
        let answer = client.send(Method::POST, &other.path, "application/json", body.clone()).await;
        answer.problem(401, "unauthorised");
    }
    house.quiet().await;
    assert!(house.workspace.agent.list("/contacts").await.is_empty());
    let metrics = String::from_utf8(house.nobody().bytes("/metrics").await).unwrap();
    assert!(
        metrics.lines().any(|line| line.contains("hook") && line.contains("unauthorised") && line.ends_with(" 7")),
        "{metrics}"
    );
}

async fn replies_are_posted_once_and_signed(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let reply = agent.say(&conversation, "Hello, c-1").await;
    agent.reaches(&conversation, &reply, "sent").await;
    house.quiet().await;
    let posted = house.receiver.posted();
    assert_eq!(posted.len(), 1);
    assert!(posted[0].is_signed_with(&other.secret, house.clock.now()));
    assert_eq!(posted[0].id(), text_of(&reply["id"]));
    let body = posted[0].json();
    assert_eq!((&body["type"], &body["thread"]), (&json!("message.created"), &json!("c-1")));
    assert_eq!((&body["contact"]["id"], &body["data"]["text"]), (&json!("c-1"), &json!("Hello, c-1")));
    let note = json!({ "text": "a secret of ours", "note": true });
    agent.post(&format!("/conversations/{conversation}/messages"), note).await;
    house.quiet().await;
    assert_eq!(house.receiver.posted().len(), 1, "a note goes nowhere");
}

async fn a_receiver_that_fails_is_asked_again(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    house.receiver.answer_with(&[500, 503]);
    let first = agent.say(&conversation, "one").await;
    let second = agent.say(&conversation, "two").await;
    agent.reaches(&conversation, &second, "sent").await;
    agent.reaches(&conversation, &first, "sent").await;
    let ids: Vec<_> = house.receiver.posted().iter().map(super::receiver::Posted::id).collect();
    let (first, second) = (text_of(&first["id"]), text_of(&second["id"]));
    assert_eq!(ids, [first.clone(), first.clone(), first, second], "the same id each time, and in order");
}

async fn a_receiver_that_refuses_fails_visibly(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    for (status, code) in [(404, "webhook_gone"), (401, "webhook_forbidden"), (302, "webhook_redirects")] {
        house.receiver.answer_with(&[status]);
        let message = agent.say(&conversation, "?").await;
        assert_eq!(agent.reaches(&conversation, &message, "failed").await["failure"]["code"], code);
    }
    assert_eq!(house.receiver.posted().len(), 3);
}

async fn addresses_of_our_own_network_are_not_reached(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    // Somewhere that the operator did not name: nothing may arrive there.
    let hidden = Receiver::start().await;
    let path = format!("/channels/{}", other.channel);
    owner.patch(&path, json!({ "settings": { "webhook_url": hidden.url() } })).await;
    let file = json!({ "url": hidden.offer("secret", b"secret"), "name": "x" });
    let contact = json!({ "id": "c", "name": "Carla" });
    other.post("message.created", json!({ "id": "m", "contact": contact, "text": "?", "attachments": [file] })).await;
    let conversation = until("the message arrives", async || {
        let found = agent.list("/conversations").await;
        found.first().map(|conversation| text_of(&conversation["id"]))
    })
    .await;
    let message = agent.say(&conversation, "inward").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let message = agent.message(&conversation, &text_of(&message["id"])).await;
    assert!(message["state"] == "queued" || message["state"] == "failed", "{message}");
    assert_ne!(agent.messages(&conversation).await[0]["attachments"][0]["state"], "stored");
    assert!(hidden.posted().is_empty());
    let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    owner.patch(&path, json!({ "settings": { "webhook_url": house.receiver.url() } })).await;
    assert_eq!(owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.status, 202);
}

async fn the_rest_api_takes_what_a_contact_wrote(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let identity = json!({ "channel_id": other.channel, "kind": "external_id", "value": "c-9" });
    let contact = agent.post("/contacts", json!({ "name": "Nine", "identities": [identity] })).await;
    let again = json!({ "name": "Nine again", "identities": [identity] });
    agent.call(Method::POST, "/contacts", Some(&again)).await.problem(409, "already_exists");
    let order = json!({ "channel_id": other.channel, "contact_id": contact["id"] });
    let conversation = agent.post("/conversations", order.clone()).await;
    assert_eq!(agent.post("/conversations", order).await["id"], conversation["id"]);
    let conversation = text_of(&conversation["id"]);
    let path = format!("/conversations/{conversation}/messages");
    let said = json!({ "direction": "incoming", "external_id": "x-1", "text": "From the other side" });
    let orders = (0..6).map(|_| agent.call(Method::POST, &path, Some(&said)));
    let answers = futures_util::future::join_all(orders).await;
    let ids: std::collections::BTreeSet<_> = answers.iter().map(|answer| text_of(&answer.json(201)["id"])).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(agent.texts(&conversation).await, ["From the other side"]);
    let reply = agent.say(&conversation, "Welcome").await;
    agent.reaches(&conversation, &reply, "sent").await;
    assert_eq!(house.receiver.posted()[0].json()["contact"]["id"], "c-9");
    // When the contact writes by the hook, it is the same contact.
    other.post("message.created", json!({ "id": "m-2", "contact": { "id": "c-9" }, "text": "Me again" })).await;
    house.quiet().await;
    assert_eq!(agent.list("/contacts").await.len(), 1);
    for (wrong, status) in [
        (json!({ "direction": "incoming", "text": " " }), 422),
        (json!({ "direction": "sideways", "text": "x" }), 422),
        (json!({ "direction": "incoming", "text": "x", "attachments": ["att_00000000000000000000000000000000"] }), 422),
    ] {
        assert_eq!(agent.call(Method::POST, &path, Some(&wrong)).await.status.as_u16(), status);
    }
}

async fn states_go_forward_only(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let message = agent.say(&conversation, "Hello").await;
    agent.reaches(&conversation, &message, "sent").await;
    let id = text_of(&message["id"]);
    let note =
        agent.post(&format!("/conversations/{conversation}/messages"), json!({ "text": "n", "note": true })).await;
    for (state, expected) in
        [("delivered", "delivered"), ("sent", "delivered"), ("read", "read"), ("delivered", "read"), ("failed", "read")]
    {
        other.post("message.status", json!({ "id": id, "state": state })).await;
        other.post("message.status", json!({ "id": note["id"], "state": state })).await;
        house.quiet().await;
        assert_eq!(agent.message(&conversation, &id).await["state"], expected, "after {state}");
    }
    assert_eq!(agent.message(&conversation, &text_of(&note["id"])).await["state"], note["state"]);
    let next = agent.say(&conversation, "And?").await;
    agent.reaches(&conversation, &next, "sent").await;
    other.post("message.seen", json!({ "contact": { "id": "c-1" }, "up_to": next["id"] })).await;
    agent.reaches(&conversation, &next, "read").await;
}

async fn files_are_fetched_from_where_they_are(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let content = [b"%PDF-1.7\n".as_slice(), &vec![1; 200_000]].concat();
    let file = |url: String| json!({ "url": url, "name": "offer.pdf", "content_type": "application/pdf" });
    let good = file(house.receiver.offer("offer.pdf", &content));
    let gone = file(format!("http://{}/files/none", house.receiver.authority()));
    let data = json!({ "id": "m", "contact": { "id": "c" }, "text": "Files", "attachments": [good, gone] });
    other.post("message.created", data).await;
    let path = format!("/conversations?channel={}", other.channel);
    let files = until("each file has its fate", async || {
        let last = agent.list(&path).await.first()?["last_message"].clone();
        let files = last["attachments"].as_array()?.clone();
        files.iter().all(|file| file["state"] != "pending").then_some(files)
    })
    .await;
    assert_eq!((&files[0]["state"], &files[0]["content_type"]), (&json!("stored"), &json!("application/pdf")));
    assert_eq!((&files[1]["state"], &files[1]["failure"]), (&json!("failed"), &json!("file_gone")));
    assert!(agent.bytes(&format!("/attachments/{}/content", text_of(&files[0]["id"]))).await == content);
    agent
        .call(Method::GET, &format!("/attachments/{}/content", text_of(&files[1]["id"])), None)
        .await
        .problem(404, "not_found");
}

async fn a_system_made_for_chatwoot_is_told_all_it_needs_and_fetches_files_without_a_token(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let channel = format!("/channels/{}", other.channel);
    owner.patch(&channel, json!({ "settings": { "format": "chatwoot" } })).await;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let assigned = json!({ "assignee_id": house.workspace.agent_id, "priority": "urgent" });
    agent.patch(&format!("/conversations/{conversation}"), assigned).await;
    let content = [b"%PDF-1.7\n".as_slice(), &vec![7; 100_000]].concat();
    let [file, unsent] = [agent.upload("offer.pdf", &content).await, agent.upload("not said.pdf", &content).await];
    let said = json!({ "text": "Here it is", "attachments": [file] });
    let message = agent.post(&format!("/conversations/{conversation}/messages"), said).await;
    agent.reaches(&conversation, &message, "sent").await;
    let posted = house.receiver.posted().remove(0);
    assert!(posted.is_signed_with(&other.secret, house.clock.now()));
    let body = posted.json();
    assert_eq!((&body["event"], &body["message_type"]), (&json!("message_created"), &json!("outgoing")), "{body}");
    assert_eq!((&body["content"], &body["source_id"]), (&json!("Here it is"), &message["id"]));
    assert_eq!((&body["sender"]["name"], &body["sender"]["type"]), (&json!("Ada Ahrens"), &json!("user")));
    let about = &body["conversation"];
    assert_eq!((&about["status"], &about["priority"]), (&json!("open"), &json!("urgent")));
    assert_eq!(about["meta"]["assignee"]["id"], body["sender"]["id"], "whose it is");
    assert_eq!(
        (&about["meta"]["sender"]["name"], &about["contact_inbox"]["source_id"]),
        (&json!("Contact c-1"), &json!("c-1"))
    );
    assert_eq!((&about["messages"][0]["id"], &about["messages"][0]["message_type"]), (&body["id"], &json!(1)));
    assert!(about["created_at"].as_i64().is_some_and(|at| (at - house.clock.now() / 1_000).abs() < 600), "{about}");
    let attachment = &body["attachments"][0];
    assert_eq!((&attachment["file_type"], &attachment["file_size"]), (&json!("file"), &json!(content.len())));
    let url = text_of(&attachment["data_url"]);
    let path = url.strip_prefix(&house.base).expect("an address of ours");
    // As the other system does: with nothing but the address.
    let nobody = house.nobody();
    assert!(nobody.bytes(path).await == content);
    let (start, proof) = path.rsplit_once('.').unwrap();
    let turned = if proof.starts_with('A') { 'B' } else { 'A' };
    for wrong in [
        path.replace(&file, &unsent),
        format!("{start}.{turned}{}", &proof[1..]),
        start.to_owned(),
        format!("{start}."),
        path.replace("/files/", "/files/x"),
    ] {
        nobody.call(Method::GET, &wrong, None).await.problem(404, "not_found");
    }
    house.clock.advance(9 * 60_000);
    assert!(nobody.bytes(path).await == content);
    house.clock.advance(60_000);
    nobody.call(Method::GET, path, None).await.problem(404, "not_found");
}
