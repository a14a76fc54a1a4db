//! Intruders: every operation as nobody, as each role without the right, and as another workspace with this one's ids in
//! every field. Refused, nothing revealed by body, status or stream, nothing changed. Then the same on PostgreSQL with the
//! program's own check switched off, where row-level security must hold alone.

mod attempts;
mod belongings;
mod entries;
mod fields;

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use vault::Role;

use crate::client::{Answer, Client, text_of};
use crate::described::Operation;
use crate::house::{Engine, House, Workspace, member};
use crate::stream::Stream;
use attempts::{ATTEMPTS, Attempt, Need, Sent};
use belongings::Belongings;
use entries::every_operation_leaves_an_entry;

both_engines!(
    no_operation_is_forgotten,
    nobody_and_no_role_without_the_right_gets_in,
    another_workspace_gets_nothing,
    streams_stay_at_home,
    a_repeated_key_is_ones_own,
    every_operation_leaves_an_entry,
);

/// An operation with how it is called.
struct Known {
    operation: Operation,
    attempt: &'static Attempt,
}

impl Known {
    async fn all(house: &House) -> Vec<Self> {
        let described = Operation::all(house).await;
        let attempt = |operation: &Operation| {
            let id = operation.described["operationId"].as_str().unwrap_or_default();
            ATTEMPTS.iter().find(|attempt| attempt.operation == id)
        };
        described.into_iter().filter_map(|operation| Some(Self { attempt: attempt(&operation)?, operation })).collect()
    }

    /// In the order of [`ATTEMPTS`].
    async fn in_order(house: &House) -> Vec<Self> {
        let mut all = Self::all(house).await;
        all.sort_by_key(|known| ATTEMPTS.iter().position(|attempt| attempt.operation == known.attempt.operation));
        all
    }

    /// Whether what it names is not the same any more afterwards, for itself or for what comes next.
    fn destroys(&self) -> bool {
        const CHANGES: [&str; 5] =
            ["scheduled_take_back", "tokens_revoke", "merges_create", "merges_split", "consents_withdraw"];
        let after = ATTEMPTS.iter().skip_while(|attempt| attempt.operation != "erasures_order");
        let operation = self.attempt.operation;
        CHANGES.contains(&operation) || after.into_iter().any(|attempt| attempt.operation == operation)
    }

    fn names_something(&self) -> bool {
        self.operation.path.contains('{')
    }

    /// Calls it at a path, with a right body of `own` things.
    async fn call(&self, client: &Client, path: &str, own: &Belongings) -> Answer {
        let path = format!("{path}{}", (self.attempt.query)(own));
        let method = self.operation.method.clone();
        match (self.attempt.sent)(own) {
            // A stream that opens does not end by itself.
            Sent::Nothing if self.attempt.operation == "events_stream" => client.head_of(method, &path).await,
            Sent::Nothing => client.call(method, &path, None).await,
            Sent::Json(body) => client.call(method, &path, Some(&body)).await,
            Sent::File => client.upload_to(&path, "a.txt", b"own").await,
        }
    }
}

async fn no_operation_is_forgotten(house: &House) {
    let described = Operation::all(house).await;
    let described: BTreeSet<&str> =
        described.iter().map(|operation| operation.described["operationId"].as_str().unwrap()).collect();
    let tried: BTreeSet<&str> = ATTEMPTS.iter().map(|attempt| attempt.operation).collect();
    let forgotten: Vec<_> = described.difference(&tried).collect();
    assert!(forgotten.is_empty(), "nobody tries {forgotten:?}: teach intruders/attempts.rs");
    let gone: Vec<_> = tried.difference(&described).collect();
    assert!(gone.is_empty(), "{gone:?} are no operations any more");
    assert_eq!(tried.len(), ATTEMPTS.len(), "each operation once");
}

async fn nobody_and_no_role_without_the_right_gets_in(house: &House) {
    let ours = Belongings::of(house, &house.workspace).await;
    let roles = each_role(house, &house.workspace).await;
    ours.settled(house).await;
    let before = ours.everything().await;
    let nobody = Client::new(&format!("{}/api/v1", house.base));
    let known = Known::in_order(house).await;
    for known in &known {
        if !matches!(known.attempt.need, Need::Nothing) {
            refused_alike(known, &nobody, &ours, (401, "unauthorised")).await;
        }
        for (_, client) in roles.iter().filter(|(role, _)| !may(known.attempt.need, *role)) {
            let hidden = matches!(known.attempt.need, Need::Own(_));
            let refusal = if hidden { (404, "not_found") } else { (403, "forbidden") };
            refused_alike(known, client, &ours, refusal).await;
        }
    }
    assert_eq!(ours.everything().await, before, "a refusal changes nothing");
    // Whoever has the right gets in by the very same call: it was the right that was missing.
    let mut fresh = Belongings::of(house, &house.workspace).await;
    for known in &known {
        if known.destroys() {
            fresh = Belongings::of(house, &house.workspace).await;
        }
        for (role, client) in roles.iter().filter(|(role, _)| may(known.attempt.need, *role)) {
            let answer = known.call(client, &fresh.path(&known.operation.path), &fresh).await;
            let refused = matches!(answer.status.as_u16(), 400 | 401 | 403 | 405 | 422 | 500..);
            assert!(!refused || known.operation.is_open(), "{role:?}: {answer}");
        }
    }
}

fn may(need: Need, role: Role) -> bool {
    match need {
        Need::Nothing | Need::SignIn => true,
        Need::Session => false,
        Need::Right(right) | Need::Own(right) => role.may(right),
    }
}

/// The refusal is the same whether what was named is there or not, and tells nothing.
async fn refused_alike(known: &Known, client: &Client, ours: &Belongings, (status, code): (u16, &str)) {
    let path = ours.path(&known.operation.path);
    let answer = known.call(client, &path, ours).await;
    answer.problem(status, code);
    reveals_nothing(ours, &answer, &format!("{path}{}", (known.attempt.query)(ours)));
    if known.names_something() {
        let nothing = ours.path_to_nothing(&known.operation.path);
        let other = known.call(client, &nothing, ours).await;
        assert_eq!((other.status, other.text()), (answer.status, answer.text()), "{nothing} differs from {path}");
    }
}

fn reveals_nothing(ours: &Belongings, answer: &Answer, asked: &str) {
    let headers = format!("{:?}", answer.headers);
    let told = ours.told(&answer.text(), asked).or_else(|| ours.told(&headers, asked));
    assert_eq!(told, None, "{answer}");
}

/// Somebody of each role.
async fn each_role(house: &House, workspace: &Workspace) -> Vec<(Role, Client)> {
    let mut all = Vec::new();
    for role in Role::ALL {
        let email = format!("{}-{}@example.org", role.as_str(), all.len());
        let who = ("Somebody Else", &email[..]);
        all.push((role, member(&house.app, &house.base, &workspace.operator, who, role).await.1));
    }
    all
}

async fn another_workspace_gets_nothing(house: &House) {
    let ours = Belongings::of(house, &house.workspace).await;
    let theirs = house.another_workspace().await;
    let own = Belongings::of(house, &theirs).await;
    ours.settled(house).await;
    let before = ours.everything().await;
    let streams = (Stream::open(&ours.owner, "/events", None).await, Stream::open(&own.owner, "/events", None).await);
    for known in Known::in_order(house).await {
        if known.names_something() {
            let path = ours.path(&known.operation.path);
            let answer = known.call(&own.owner, &path, &own).await;
            answer.problem(404, "not_found");
            let nothing = known.call(&own.owner, &ours.path_to_nothing(&known.operation.path), &own).await;
            assert_eq!((nothing.status, nothing.text()), (answer.status, answer.text()), "{path}");
        }
        for attack in fields::attacks(house, &known, &ours, &own).await {
            let answer = attack.run(&own.owner).await;
            reveals_nothing(&ours, &answer, &attack.asked());
            assert!(answer.status.as_u16() < 500, "{answer}");
            assert!(!attack.names_an_id || fields::Attack::got_nothing(&answer), "{}: {answer}", attack.asked());
        }
    }
    for id in ["x", "%00", "msg_", "..%2f..", &"a".repeat(3_000)] {
        own.owner.call(Method::GET, &format!("/contacts/{id}"), None).await.problem(404, "not_found");
    }
    house.quiet().await;
    assert_eq!(ours.everything().await, before, "nothing of ours was changed");
    told_nothing(&streams.0, &own);
    told_nothing(&streams.1, &ours);
    let audit = ours.owner.get("/audit?limit=100").await.to_string();
    assert!(own.told(&audit, "").is_none(), "our log names none of theirs: {audit}");
}

fn told_nothing(stream: &Stream, of: &Belongings) {
    for event in stream.seen() {
        assert_eq!(of.told(&event.data.to_string(), ""), None, "{event:?}");
    }
}

async fn streams_stay_at_home(house: &House) {
    let theirs = house.another_workspace().await;
    let stream = Stream::open(&theirs.owner, "/events", Some(0)).await;
    let ours = Belongings::of(house, &house.workspace).await;
    let path = format!("/conversations/{}/typing", ours.conversation);
    house.workspace.agent.call(Method::POST, &path, Some(&json!({ "on": true }))).await;
    theirs.agent.post("/contacts", json!({ "name": "Own" })).await;
    let own = stream.next("its own contact", |event| event.kind == "contact.created").await;
    assert_eq!((own.id, &own.data["data"]["name"]), (Some(1), &json!("Own")));
    let strange = |kind: &str| !matches!(kind, "hello" | "contact.created");
    assert!(!stream.seen().iter().any(|event| strange(&event.kind)), "{:?}", stream.seen());
}

async fn a_repeated_key_is_ones_own(house: &House) {
    let theirs = house.another_workspace().await;
    let order = json!({ "name": "Key" });
    let with = |client: &Client| client.with("idempotency-key", "the-same-key");
    let first = with(&house.workspace.agent).post("/contacts", order.clone()).await;
    let second = with(&theirs.agent).post("/contacts", order.clone()).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(with(&theirs.agent).post("/contacts", order).await["id"], second["id"]);
    assert_eq!(theirs.agent.list("/contacts").await.len(), 1);
}

/// The other workspace's closures are told that they are ours: on PostgreSQL nothing may come of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_level_security_holds_alone() {
    let house = House::open(Engine::Postgres).await;
    let ours = Belongings::of(&house, &house.workspace).await;
    let theirs = house.another_workspace().await;
    let own = Belongings::of(&house, &theirs).await;
    ours.settled(&house).await;
    let before = ours.everything().await;
    let (one, into) = (theirs.operator.workspace(), house.workspace.operator.workspace());
    house.app.vault.mislead(one, into);
    for known in Known::in_order(&house).await {
        let path = ours.path(&known.operation.path);
        let answer = known.call(&own.owner, &path, &ours).await;
        reveals_nothing(&ours, &answer, &format!("{path}{}", (known.attempt.query)(&ours)));
        assert!(!known.names_something() || !answer.status.is_success(), "{answer}");
        for attack in fields::attacks(&house, &known, &ours, &own).await {
            let answer = attack.run(&own.owner).await;
            reveals_nothing(&ours, &answer, &attack.asked());
        }
    }
    house.app.vault.mislead(one, one);
    assert_eq!(ours.everything().await, before, "nothing of ours was changed");
    house.close().await;
}

/// The switch does switch the program's own check off: where no engine stands behind it, the other workspace gets in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_either_check_the_other_workspace_would_get_in() {
    let house = House::open(Engine::Sqlite).await;
    let ours = Belongings::of(&house, &house.workspace).await;
    let theirs = house.another_workspace().await;
    house.app.vault.mislead(theirs.operator.workspace(), house.workspace.operator.workspace());
    let seen: Value = theirs.owner.get(&format!("/contacts/{}", ours.contact)).await;
    assert_eq!(text_of(&seen["id"]), ours.contact);
    assert!(ours.told(&seen.to_string(), &ours.contact).is_some(), "{seen}");
    house.close().await;
}
