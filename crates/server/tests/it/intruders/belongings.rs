//! What a workspace has that nobody else may see or touch: one of everything with an id, and words that must not get out.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::{House, Workspace, until};

/// One of everything that has an id.
pub(crate) struct Belongings {
    pub owner: Client,
    /// Stands in everything that this workspace wrote, and nowhere else.
    pub word: String,
    pub channel: String,
    pub conversation: String,
    pub contact: String,
    pub another_contact: String,
    pub message: String,
    pub scheduled: String,
    pub attachment: String,
    pub consent: String,
    pub merge: String,
    pub rotation: String,
    pub erasure: String,
    pub export: String,
    pub hold: String,
    pub request: String,
    pub token: String,
    pub member: String,
    pub session: String,
    pub team: String,
    pub label: String,
    pub canned_reply: String,
    pub view: String,
    pub subscription: String,
    pub site: String,
    pub webhook: String,
    pub delivery: String,
}

impl Belongings {
    /// Makes one of everything.
    pub(crate) async fn of(house: &House, workspace: &Workspace) -> Self {
        let (agent, owner) = (&workspace.agent, &workspace.owner);
        let word = format!("kanarienvogel{}", workspace.agent_id.to_string().split_off(30));
        let other = Other::connect(house, workspace).await;
        let hello = format!("Hi {word}");
        let conversation = other.writes(agent, "c-1", "m-1", &hello).await;
        let contact = text_of(&agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
        agent.patch(&format!("/contacts/{contact}"), json!({ "name": format!("Anna {word}") })).await;
        let attachment = agent.upload(&format!("{word}.txt"), word.as_bytes()).await;
        let order = json!({ "text": format!("Here {word}"), "attachments": [attachment] });
        let message = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
        // So far ahead that it is never sent.
        let later = json!({ "text": format!("Later {word}"), "send_at": in_half_a_year(house) });
        let path = format!("/conversations/{conversation}/messages");
        let scheduled = agent.call(Method::POST, &path, Some(&later)).await.json(202);
        let consent = agent.post(&format!("/contacts/{contact}/consents"), consent()).await;
        let merged = json!({ "contact_id": agent.post("/contacts", json!({ "name": word })).await["id"] });
        let merge = agent.post(&format!("/contacts/{contact}/merges"), merged).await;
        let another_contact = text_of(&agent.post("/contacts", json!({ "name": word })).await["id"]);
        let erasure = erasure_of(owner, &text_of(&agent.post("/contacts", json!({ "name": word })).await["id"])).await;
        let export = owner.call(Method::POST, &format!("/contacts/{contact}/export"), None).await.json(201);
        let hold = ended_hold(owner, &another_contact, &word).await;
        let rotation = rotation_of(owner, &another_contact).await;
        let request = asked(agent, &contact, &word).await;
        let token = agent.call(Method::POST, "/tokens", None).await.json(201);
        // No two of these have the same name, however often this is asked for.
        let tail = text_of(&token["id"]).split_off(24);
        let team = json!({ "name": format!("Team {word} {tail}"), "member_ids": [workspace.agent_id] });
        let team = owner.post("/teams", team).await;
        let label = agent.post("/labels", json!({ "name": format!("Label {word} {tail}") })).await;
        let canned =
            json!({ "shortcut": format!("{word}{tail}"), "text": format!("Text {word}"), "team_id": team["id"] });
        let canned_reply = agent.post("/canned-replies", canned).await;
        let view = json!({ "name": format!("View {word}"), "filter": { "q": word } });
        let view = agent.post("/views", view).await;
        let subscription = json!({ "endpoint": format!("https://push.example/{word}") });
        let subscription = agent.post("/push/subscriptions", subscription).await;
        let site = json!({ "name": format!("Site {word}"), "origins": ["https://site.example"] });
        let site = owner.post("/sites", site).await;
        let (webhook, delivery) = told(house, owner, &word).await;
        Self {
            owner: owner.clone(),
            word,
            channel: other.channel,
            conversation,
            contact,
            another_contact,
            message: text_of(&message["id"]),
            scheduled: text_of(&scheduled["id"]),
            attachment,
            consent: text_of(&consent["id"]),
            merge: text_of(&merge["id"]),
            rotation,
            erasure,
            export: text_of(&export["id"]),
            hold,
            request,
            token: text_of(&token["id"]),
            member: workspace.agent_id.to_string(),
            session: session(house, workspace).await,
            team: text_of(&team["id"]),
            label: text_of(&label["id"]),
            canned_reply: text_of(&canned_reply["id"]),
            view: text_of(&view["id"]),
            subscription: text_of(&subscription["id"]),
            site: text_of(&site["id"]),
            webhook,
            delivery,
        }
    }

    /// All ids.
    pub(crate) fn ids(&self) -> Vec<&str> {
        vec![
            &self.channel,
            &self.conversation,
            &self.contact,
            &self.another_contact,
            &self.message,
            &self.scheduled,
            &self.attachment,
            &self.consent,
            &self.merge,
            &self.rotation,
            &self.erasure,
            &self.export,
            &self.hold,
            &self.request,
            &self.token,
            &self.member,
            &self.session,
            &self.team,
            &self.label,
            &self.canned_reply,
            &self.view,
            &self.subscription,
            &self.site,
            &self.webhook,
            &self.delivery,
        ]
    }

    /// The id that stands in a path.
    fn for_path(&self, path: &str) -> &str {
        match path.split('/').nth(1) {
            Some("channels") => &self.channel,
            Some("conversations") => &self.conversation,
            Some("contacts") => &self.contact,
            Some("messages") => &self.message,
            Some("scheduled") => &self.scheduled,
            Some("attachments") => &self.attachment,
            Some("consents") => &self.consent,
            Some("erasures") => &self.erasure,
            Some("exports") => &self.export,
            Some("legal-holds") => &self.hold,
            Some("requests") => &self.request,
            Some("key-rotations") => &self.rotation,
            Some("tokens") => &self.token,
            Some("members") => &self.member,
            Some("sessions") => &self.session,
            Some("teams") => &self.team,
            Some("labels") => &self.label,
            Some("canned-replies") => &self.canned_reply,
            Some("views") => &self.view,
            Some("webhooks") => &self.webhook,
            Some("push") => &self.subscription,
            Some("sites") => &self.site,
            other => panic!("this test does not know the ids of {other:?}: teach it"),
        }
    }

    /// A path of the document with these ids in it.
    pub(crate) fn path(&self, path: &str) -> String {
        let path = path.replace("{merge}", &self.merge).replace("{delivery}", &self.delivery);
        if path.contains('{') { path.replace("{id}", self.for_path(&path)) } else { path }
    }

    /// The same path with ids of the right kind that nobody has.
    pub(crate) fn path_to_nothing(&self, path: &str) -> String {
        let kind = self.for_path(path).split_once('_').map_or("", |(kind, _)| kind);
        let nothing = |kind: &str| format!("{kind}_{}", "0".repeat(32));
        path.replace("{id}", &nothing(kind)).replace("{merge}", &nothing("mrg")).replace("{delivery}", &nothing("dlv"))
    }

    /// What of these an answer tells, beyond what the asker has said. The other contact's id is what intruders write
    /// into their own texts, and so may be told.
    pub(crate) fn told(&self, answer: &str, asked: &str) -> Option<String> {
        let ids = self.ids().into_iter().filter(|id| *id != self.another_contact);
        let words = std::iter::once(&self.word[..]).chain(ids);
        words.filter(|word| !asked.contains(word)).find(|word| answer.contains(word)).map(str::to_owned)
    }

    /// Waits until all of it can be found, so that what the owner sees changes no more by itself.
    pub(crate) async fn settled(&self, house: &House) {
        house.quiet().await;
        let query = format!("/search?q={}", self.word);
        until("both messages are found", async || (self.owner.list(&query).await.len() == 2).then_some(())).await;
    }

    /// Everything that its owner sees, to be compared before and after. Counters of reading are left out.
    pub(crate) async fn everything(&self) -> Value {
        let mut seen = Vec::new();
        for path in [
            "/me".to_owned(),
            "/contacts?limit=100".to_owned(),
            "/conversations?limit=100".to_owned(),
            "/channels?limit=100".to_owned(),
            "/members".to_owned(),
            "/tokens".to_owned(),
            "/workspace".to_owned(),
            "/teams".to_owned(),
            "/labels".to_owned(),
            "/canned-replies".to_owned(),
            "/views".to_owned(),
            "/business-hours".to_owned(),
            "/webhooks".to_owned(),
            "/sites".to_owned(),
            format!("/conversations/{}/messages?limit=100", self.conversation),
            format!("/conversations/{}/scheduled", self.conversation),
            format!("/contacts/{}/consents", self.contact),
            format!("/contacts/{}/merges", self.contact),
            format!("/contacts/{}", self.contact),
            format!("/contacts/{}", self.another_contact),
            format!("/erasures/{}", self.erasure),
            format!("/legal-holds/{}", self.hold),
            format!("/attachments/{}", self.attachment),
            format!("/search?q={}", self.word),
        ] {
            seen.push(self.owner.call(Method::GET, &path, None).await.json(200));
        }
        Value::Array(seen)
    }
}

/// A webhook, and something it was told of.
async fn told(house: &House, owner: &Client, word: &str) -> (String, String) {
    let url = format!("{}?{word}", house.receiver.url());
    let webhook = owner.post("/webhooks", json!({ "url": url, "types": ["contact.created"] })).await;
    let webhook = text_of(&webhook["id"]);
    owner.post("/contacts", json!({ "name": word })).await;
    let path = format!("/webhooks/{webhook}/deliveries");
    let delivery = until("something is told", async || owner.list(&path).await.first().map(|it| text_of(&it["id"])));
    (webhook, delivery.await)
}

/// A session of the workspace's agent.
async fn session(house: &House, workspace: &Workspace) -> String {
    let logins = house.app.vault.login_candidates(&workspace.agent_email).await.unwrap();
    house.app.vault.open_session(&logins[0]).await.unwrap();
    text_of(&workspace.agent.list("/sessions").await[0]["id"])
}

fn in_half_a_year(house: &House) -> String {
    use vault::Clock;
    jiff::Timestamp::from_millisecond(house.clock.now() + 180 * 86_400_000).unwrap().to_string()
}

/// An erasure of a contact.
async fn erasure_of(owner: &Client, contact: &str) -> String {
    text_of(&owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202)["id"])
}

/// A request of a contact.
async fn asked(agent: &Client, contact: &str, word: &str) -> String {
    let asked = json!({ "kind": "access", "came_by": "person", "contact_id": contact, "text": format!("Ask {word}") });
    text_of(&agent.post("/requests", asked).await["id"])
}

/// A rotation of a contact's keys.
async fn rotation_of(owner: &Client, contact: &str) -> String {
    let rotation = json!({ "what": "contact", "contact_id": contact });
    text_of(&owner.call(Method::POST, "/key-rotations", Some(&rotation)).await.json(202)["id"])
}

/// A hold that was lifted, so that it stops no erasure.
async fn ended_hold(owner: &Client, contact: &str, word: &str) -> String {
    let hold = json!({ "on": "contact", "contact_id": contact, "reason": format!("Case {word}") });
    let hold = text_of(&owner.post("/legal-holds", hold).await["id"]);
    owner.call(Method::DELETE, &format!("/legal-holds/{hold}"), None).await;
    hold
}

/// A consent as it is recorded.
pub(crate) fn consent() -> Value {
    json!({ "purpose": "m", "channel": "any", "ground": "consent", "text_version": "1", "collected_by": "form" })
}
