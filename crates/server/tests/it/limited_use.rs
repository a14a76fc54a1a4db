//! What is read in a mailbox whose provider keeps it within the workspace: it leaves by the word of whoever signed in there, and of
//! nobody else; and whoever is known elsewhere, too, is told of as they are known there.

use http::Method;
use serde_json::{Value, json};
use vault::Role;
use vault::prove::{Asked, Outcome, Surroundings};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::{House, PASSWORD, member, until};
use crate::members::with_session;
use crate::signed_in::{KINDS, Mailbox};

both_engines!(
    what_is_read_there_reaches_no_webhook_unless_its_owner_says_so,
    who_did_not_sign_in_there_cannot_allow_it,
    of_whoever_is_known_elsewhere_too_only_that_is_told,
    what_was_asked_for_and_allowed_is_proven,
);

/// Somebody by a session of theirs, as the app has one.
async fn at_the_door(house: &House, client: &Client) -> Client {
    let me = client.get("/me").await;
    let credentials = json!({ "email": me["member"]["email"], "password": PASSWORD });
    let api = Client::new(&format!("{}/api/v1", house.base));
    with_session(house, &api.call(Method::POST, "/session", Some(&credentials)).await)
}

/// What webhooks were told from a moment on.
struct Told<'a> {
    house: &'a House,
    before: usize,
}

impl<'a> Told<'a> {
    /// Has everything told from now on.
    async fn of(mailbox: &Mailbox<'a>) -> Self {
        let order = json!({ "url": mailbox.house.receiver.url(), "types": [] });
        mailbox.owner.post("/webhooks", order).await;
        Self::from_now(mailbox.house)
    }

    fn from_now(house: &'a House) -> Self {
        Self { house, before: house.receiver.posted().len() }
    }

    fn has(&self, what: &str) -> bool {
        self.events().iter().any(|event| event.to_string().contains(what))
    }

    fn events(&self) -> Vec<Value> {
        self.house.receiver.posted().iter().skip(self.before).map(crate::receiver::Posted::json).collect()
    }

    async fn until(&self, what: &str) {
        until(&format!("{what} is told"), async || self.has(what).then_some(())).await;
        self.house.quiet().await;
    }
}

async fn what_is_read_there_reaches_no_webhook_unless_its_owner_says_so(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        let path = format!("/channels/{}/sharing", mailbox.channel);
        let told = Told::of(&mailbox).await;
        mailbox.writes("a secret recipe");
        let conversation = mailbox.conversation("a secret recipe").await;
        told.until(&conversation).await;
        assert!(!told.has("recipe") && !told.has("anna@example.org") && !told.has("Anna"), "only ids");

        let shown = mailbox.shown().await;
        let me = text_of(&mailbox.owner.get("/me").await["member"]["id"]);
        let sharing = &shown["sharing"];
        assert_eq!((&shown["limited_use"], &sharing["signed_in_by"]), (&json!(true), &json!(me)));
        assert_eq!((&sharing["allowed_by"], &sharing["allowed_at"]), (&Value::Null, &Value::Null));
        let order = json!({ "words_version": sharing["words_version"] });
        let owner = at_the_door(house, &mailbox.owner).await;
        let allowed = owner.call(Method::POST, &path, Some(&order)).await.json(201);
        assert_eq!((&allowed["limited_use"], &allowed["sharing"]["allowed_by"]), (&json!(false), &json!(me)));
        assert_eq!(allowed["sharing"]["allowed_version"], order["words_version"]);
        assert!(allowed["sharing"]["allowed_at"].is_string());
        mailbox.writes(&format!("told in {kind}"));
        mailbox.conversation(&format!("told in {kind}")).await;
        told.until(&format!("told in {kind}")).await;
        assert!(told.has("Anna"));

        assert_eq!(mailbox.owner.call(Method::DELETE, &path, None).await.status, 204);
        let ended = mailbox.shown().await;
        assert_eq!((&ended["limited_use"], &ended["sharing"]["allowed_by"]), (&json!(true), &Value::Null));
        let told = Told::from_now(house);
        mailbox.writes("a secret again");
        let conversation = mailbox.conversation("a secret again").await;
        told.until(&conversation).await;
        assert!(!told.has("again") && !told.has("Anna"), "only ids");
        let log = mailbox.owner.list("/audit?limit=100").await;
        for act in ["channel.sharing_allowed", "channel.sharing_ended"] {
            assert!(log.iter().any(|entry| entry["act"] == act && entry["actor"]["id"] == json!(me)), "{act}");
        }
    }
}

async fn who_did_not_sign_in_there_cannot_allow_it(house: &House) {
    let mailbox = Mailbox::new(house, "gmail", json!({})).await;
    let path = format!("/channels/{}/sharing", mailbox.channel);
    let order = json!({ "words_version": mailbox.shown().await["sharing"]["words_version"] });
    let owner = at_the_door(house, &mailbox.owner).await;
    owner.call(Method::POST, &path, Some(&order)).await.problem(403, "not_mailbox_owner");
    mailbox.sign_in().await;
    let named = ("Andrea Alt", "andrea@example.org");
    let (_, admin) = member(&house.app, &house.base, &mailbox.operator, named, Role::Admin).await;
    let admins = at_the_door(house, &admin).await;
    admins.call(Method::POST, &path, Some(&order)).await.problem(403, "not_mailbox_owner");
    // Nor whoever has a token of the owner's, nor by other words, nor by a setting.
    mailbox.owner.call(Method::POST, &path, Some(&order)).await.problem(403, "forbidden");
    let other = json!({ "words_version": "0" });
    owner.call(Method::POST, &path, Some(&other)).await.problem(409, "conflict");
    let channel = format!("/channels/{}", mailbox.channel);
    let setting = json!({ "settings": { "share": "yes" } });
    owner.call(Method::PATCH, &channel, Some(&setting)).await.problem(422, "invalid");
    assert_eq!(mailbox.shown().await["limited_use"], true);

    assert_eq!(owner.call(Method::POST, &path, Some(&order)).await.json(201)["limited_use"], false);
    mailbox.agent.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    assert_eq!(mailbox.shown().await["limited_use"], false);
    assert_eq!(admin.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(mailbox.shown().await["limited_use"], true);
    let shop = Other::connect(house, &house.workspace).await;
    let shop = format!("/channels/{}/sharing", shop.channel);
    let outside = at_the_door(house, &house.workspace.owner).await;
    outside.call(Method::POST, &shop, Some(&order)).await.problem(409, "not_supported");
    outside.call(Method::POST, &path, Some(&order)).await.problem(404, "not_found");
}

async fn of_whoever_is_known_elsewhere_too_only_that_is_told(house: &House) {
    let workspace = house.another_workspace().await;
    let shop = Other::connect(house, &workspace).await;
    let mailbox = Mailbox::open_in(house, "gmail", workspace, json!({})).await;
    let told = Told::of(&mailbox).await;
    mailbox.writes("a secret recipe");
    let conversation = mailbox.conversation("a secret recipe").await;
    told.until(&conversation).await;
    let contact = text_of(&mailbox.agent.get(&format!("/conversations/{conversation}")).await["contact"]["id"]);
    // What members do with whoever wrote there alone tells no more.
    let path = format!("/contacts/{contact}");
    let about = json!({ "attributes": { "taste": "rosemary" } });
    mailbox.agent.patch(&path, about).await;
    let updates = || told.events().iter().filter(|event| event["type"] == "contact.updated").count();
    until("that is told", async || (updates() > 0).then_some(())).await;
    house.quiet().await;
    assert!(!told.has("rosemary") && !told.has("Anna") && !told.has("anna@"), "{:?}", told.events());

    // She writes on another channel, which knows her address, too.
    let from = json!({ "id": "c-17", "email": "anna@example.org" });
    shop.post("message.created", json!({ "id": "m-1", "contact": from, "text": "Where is my parcel?" })).await;
    told.until("Where is my parcel?").await;
    let parcel = told.events().into_iter().find(|event| event["data"]["text"] == "Where is my parcel?").unwrap();
    assert_eq!(parcel["data"]["author"], json!({ "kind": "contact", "id": contact, "name": null }));
    assert_eq!(mailbox.agent.get(&path).await["name"], "Anna", "the same person, as members see her");
    let told = Told::from_now(house);
    mailbox.agent.patch(&path, json!({ "attributes": { "taste": "thyme" } })).await;
    told.until("thyme").await;
    let person = told.events().into_iter().find(|event| event["type"] == "contact.updated").unwrap()["data"].clone();
    assert_eq!((&person["id"], &person["name"]), (&json!(contact), &Value::Null));
    let values: Vec<_> = person["identities"].as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    assert_eq!(values, ["c-17"], "{person}");

    // And what she wrote in the mailbox stays as secret as it was.
    mailbox.writes("another secret");
    let conversation = mailbox.conversation("another secret").await;
    told.until(&conversation).await;
    assert!(!told.has("another secret") && !told.has("Anna") && !told.has("anna@"), "{:?}", told.events());
    mailbox.agent.patch(&path, json!({ "name": "Anna Astuti" })).await;
    told.until("Anna Astuti").await;
}

/// What `parloir prove` says of mailboxes, and shows of one.
async fn proven(mailbox: &Mailbox<'_>) -> (Outcome, Value) {
    let app = &mailbox.house.app;
    let mailboxes = server::mailboxes::connected(app, None).await.unwrap();
    let asked = Asked { promise: Some("CH-7".to_owned()), workspace: None };
    let around = Surroundings { mailboxes, ..Surroundings::default() };
    let proof = app.vault.prove(&asked, &around).await.unwrap().remove(0);
    let own = proof.shown.into_iter().find(|shown| shown["channel"] == json!(mailbox.channel));
    (proof.outcome, own.expect("it is shown"))
}

async fn what_was_asked_for_and_allowed_is_proven(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({ "access": "modify" })).await;
        let (outcome, shown) = proven(&mailbox).await;
        assert!(matches!(outcome, Outcome::Kept { looked_at: 1.. }), "{outcome:?}");
        for side in ["asked", "allowed"] {
            for access in ["read", "send", "change"] {
                let scopes = shown[side][access].as_array().unwrap();
                assert!(!scopes.is_empty(), "{kind} {side} {access}: {shown}");
            }
        }
        assert_eq!(shown["reaches"]["webhooks"], "ids alone");

        // The channel takes less from now on, and the provider would still give all of it.
        let path = format!("/channels/{}", mailbox.channel);
        mailbox.owner.patch(&path, json!({ "settings": { "access": "read" } })).await;
        let (outcome, shown) = proven(&mailbox).await;
        let Outcome::Broken { faults, .. } = outcome else { panic!("{kind} is not broken: {shown}") };
        assert_eq!((faults.len(), &faults[0].ids[..]), (1, std::slice::from_ref(&mailbox.channel)));
        assert_eq!((&shown["asked"]["send"], &shown["asked"]["change"]), (&json!([]), &json!([])));
        assert_ne!(shown["allowed"]["change"], json!([]), "{shown}");

        // Signing in anew asks for that alone.
        mailbox.sign_in().await;
        let (outcome, shown) = proven(&mailbox).await;
        assert!(matches!(outcome, Outcome::Kept { .. }), "{kind}: {outcome:?}");
        assert_eq!((&shown["allowed"]["send"], &shown["allowed"]["change"]), (&json!([]), &json!([])), "{shown}");
        let owner = at_the_door(house, &mailbox.owner).await;
        let order = json!({ "words_version": mailbox.shown().await["sharing"]["words_version"] });
        owner.call(Method::POST, &format!("{path}/sharing"), Some(&order)).await.json(201);
        assert_eq!(proven(&mailbox).await.1["reaches"]["webhooks"]["words"], order["words_version"]);
    }
}
