//! One workspace sees nothing of another, by whatever path it asks.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::client::text_of;
use crate::described::Operation;
use crate::house::{House, Workspace};
use crate::stream::Stream;

both_engines!(
    every_operation_hides_the_other_workspace,
    ids_in_bodies_and_queries_reach_nobody_elses,
    streams_stay_at_home
);

/// One of everything that has an id.
struct Ids {
    channel: String,
    conversation: String,
    contact: String,
    message: String,
    attachment: String,
    consent: String,
    erasure: String,
    token: String,
    member: String,
}

impl Ids {
    async fn of(house: &House, workspace: &Workspace) -> Self {
        let (agent, owner) = (&workspace.agent, &workspace.owner);
        let other = Other::connect(house, workspace).await;
        let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
        let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
        let attachment = agent.upload("a.txt", b"ours").await;
        let order = json!({ "text": "Here", "attachments": [attachment] });
        let message = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
        let consent = json!({ "purpose": "m", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" });
        let consent = agent.post(&format!("/contacts/{contact}/consents"), consent).await;
        let erased = agent.post("/contacts", json!({ "name": "Gone" })).await;
        let erasure =
            owner.call(Method::DELETE, &format!("/contacts/{}", text_of(&erased["id"])), None).await.json(202);
        Self {
            channel: other.channel,
            conversation,
            contact,
            message: text_of(&message["id"]),
            attachment,
            consent: text_of(&consent["id"]),
            erasure: text_of(&erasure["id"]),
            token: text_of(&owner.list("/tokens").await[0]["id"]),
            member: workspace.agent_id.to_string(),
        }
    }

    /// The id that stands in a path.
    fn for_path(&self, path: &str) -> &str {
        match path.split('/').nth(1) {
            Some("channels") => &self.channel,
            Some("conversations") => &self.conversation,
            Some("contacts") => &self.contact,
            Some("messages") => &self.message,
            Some("attachments") => &self.attachment,
            Some("consents") => &self.consent,
            Some("erasures") => &self.erasure,
            Some("tokens") => &self.token,
            other => panic!("this test does not know the ids of {other:?}: teach it"),
        }
    }
}

/// A body that would be right.
fn body_for(method: &Method, path: &str) -> Option<Value> {
    Some(match (method.as_str(), path) {
        ("PATCH", "/channels/{id}" | "/contacts/{id}") => json!({ "name": "Taken over" }),
        ("PATCH", "/conversations/{id}") => json!({ "status": "resolved" }),
        ("PATCH", "/messages/{id}") | ("POST", "/conversations/{id}/messages") => json!({ "text": "Taken over" }),
        ("POST", "/conversations/{id}/typing") => json!({ "on": true }),
        ("POST", "/contacts/{id}/consents") => {
            json!({ "purpose": "m", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" })
        }
        _ => return None,
    })
}

async fn every_operation_hides_the_other_workspace(house: &House) {
    let ours = Ids::of(house, &house.workspace).await;
    let theirs = house.another_workspace().await;
    house.quiet().await;
    let stranger = &theirs.owner;
    let unknown = "0".repeat(32);
    for operation in Operation::all(house).await.iter().filter(|operation| operation.path.contains('{')) {
        let (method, path) = (&operation.method, &operation.path);
        let body = body_for(method, path);
        let id = ours.for_path(path);
        let (prefix, _) = id.split_once('_').unwrap();
        let none = format!("{prefix}_{unknown}");
        for id in [id, &none, "x", "%00", "msg_", "..%2f..", &"a".repeat(3_000)] {
            let answer = stranger.call(method.clone(), &path.replace("{id}", id), body.as_ref()).await;
            answer.problem(404, "not_found");
        }
    }
    house.quiet().await;
    let agent = &house.workspace.agent;
    assert_eq!(agent.texts(&ours.conversation).await, ["Hi", "Here"]);
    assert_eq!(agent.get(&format!("/contacts/{}", ours.contact)).await["name"], "Contact c-1");
    assert_eq!(agent.list("/channels").await[0]["state"], "ready");
    for list in ["/contacts", "/conversations", "/channels", "/audit", "/search?q=here"] {
        let shown = stranger.get(list).await.to_string();
        let all = [&ours.channel, &ours.conversation, &ours.contact, &ours.message];
        assert!(all.iter().all(|id| !shown.contains(*id)), "{list}: {shown}");
    }
    assert_eq!(stranger.list("/members").await.len(), 3);
}

async fn ids_in_bodies_and_queries_reach_nobody_elses(house: &House) {
    let ours = Ids::of(house, &house.workspace).await;
    let theirs = house.another_workspace().await;
    let own = Ids::of(house, &theirs).await;
    let stranger = &theirs.owner;
    for query in [
        format!("/conversations?channel={}", ours.channel),
        format!("/conversations?contact={}", ours.contact),
        format!("/conversations?assignee={}", ours.member),
        format!("/search?q=hi&conversation={}", ours.conversation),
        format!("/search?q=hi&contact={}", ours.contact),
    ] {
        assert!(stranger.list(&query).await.is_empty(), "{query}");
    }
    let messages = format!("/conversations/{}/messages", own.conversation);
    let orders = [
        ("/conversations", json!({ "channel_id": ours.channel, "contact_id": ours.contact })),
        ("/conversations", json!({ "channel_id": own.channel, "contact_id": ours.contact })),
        ("/conversations", json!({ "channel_id": ours.channel, "contact_id": own.contact })),
        (&messages, json!({ "text": "x", "attachments": [ours.attachment] })),
        (&messages, json!({ "text": "x", "reply_to": ours.message })),
        (&messages, json!({ "reaction": { "message_id": ours.message, "emoji": "👍" } })),
        ("/contacts", json!({ "identities": [{ "channel_id": ours.channel, "kind": "external_id", "value": "c-1" }] })),
    ];
    for (path, order) in orders {
        let answer = stranger.call(Method::POST, path, Some(&order)).await;
        assert!(matches!(answer.status.as_u16(), 404 | 422), "{answer}");
    }
    let assign = json!({ "assignee_id": ours.member });
    let answer = stranger.call(Method::PATCH, &format!("/conversations/{}", own.conversation), Some(&assign)).await;
    assert!(matches!(answer.status.as_u16(), 404 | 422), "{answer}");
    house.quiet().await;
    assert_eq!(stranger.texts(&own.conversation).await, ["Hi", "Here"]);
}

async fn streams_stay_at_home(house: &House) {
    let theirs = house.another_workspace().await;
    let stream = Stream::open(&theirs.owner, "/events", Some(0)).await;
    let ours = Ids::of(house, &house.workspace).await;
    let path = format!("/conversations/{}/typing", ours.conversation);
    house.workspace.agent.call(Method::POST, &path, Some(&json!({ "on": true }))).await;
    theirs.agent.post("/contacts", json!({ "name": "Own" })).await;
    let own = stream.next("its own contact", |event| event.kind == "contact.created").await;
    assert_eq!((own.id, &own.data["data"]["name"]), (Some(1), &json!("Own")));
    assert!(
        stream.seen().iter().all(|event| matches!(&event.kind[..], "hello" | "contact.created")),
        "{:?}",
        stream.seen()
    );
}
