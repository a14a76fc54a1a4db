//! Several workspaces behind one app: each hears what is its own, and nothing else.

use axum::body::Body;
use serde_json::{Value, json};
use vault::{ChannelId, inbox};

use crate::client::Client;
use crate::house::{Engine, House, Workspace, until};
use crate::number::{App, Number, delivery};

both_engines!(
    a_mixed_delivery_reaches_both_and_leaks_to_neither,
    what_is_nobodys_is_kept_by_nobody,
    a_handshake_needs_the_token,
    the_hook_outlives_its_channel,
);

/// Two workspaces, each with a number of the same app.
async fn neighbours(house: &House) -> (App, Workspace, Number, Number) {
    let app = App::create(house);
    let other = house.another_workspace().await;
    let mine = Number::of(house, &house.workspace, &app, |_| ()).await;
    let theirs = Number::of(house, &other, &app, |_| ()).await;
    mine.listen();
    (app, other, mine, theirs)
}

fn mixed(mine: &Number, theirs: &Number) -> Value {
    delivery(&[
        mine.told("wamid.m1", "393330000001", "per il primo"),
        theirs.told("wamid.t1", "393330000002", "per il secondo"),
        mine.told("wamid.m2", "393330000003", "ancora per il primo"),
    ])
}

async fn everything(member: &Client) -> String {
    let mut all = member.get("/contacts").await.to_string();
    for conversation in member.list("/conversations").await {
        all.push_str(
            &member.get(&format!("/conversations/{}/messages", conversation["id"].as_str().unwrap())).await.to_string(),
        );
    }
    all
}

async fn a_mixed_delivery_reaches_both_and_leaks_to_neither(house: &House) {
    let (app, other, mine, theirs) = neighbours(house).await;
    let told = mixed(&mine, &theirs);
    assert_eq!(mine.post(house, &told, &app.card.secret).await, 200);
    // Whichever hook it comes to, and however often.
    assert_eq!(theirs.post(house, &told, &app.card.secret).await, 200);
    until("both have theirs", async || {
        let first = house.workspace.agent.list("/conversations").await.len();
        let second = other.agent.list("/conversations").await.len();
        (first == 2 && second == 1).then_some(())
    })
    .await;
    house.quiet().await;
    let (first, second) = (everything(&house.workspace.agent).await, everything(&other.agent).await);
    assert!(
        first.contains("ancora per il primo") && !first.contains("secondo") && !first.contains("393330000002"),
        "{first}"
    );
    assert!(
        second.contains("per il secondo") && !second.contains("primo") && !second.contains("393330000001"),
        "{second}"
    );
    // What the simulated app tells finds its channel too, although the app's hook is the other's.
    let (anna, conversation) = theirs.talk("Anna", "Buongiorno").await;
    let reply = other.agent.say(&conversation, "Buongiorno a lei").await;
    other.agent.reaches(&conversation, &reply, "delivered").await;
    assert_eq!(theirs.phone(&anna).len(), 2);
}

async fn what_is_nobodys_is_kept_by_nobody(house: &House) {
    let (app, other, mine, theirs) = neighbours(house).await;
    let unknown = json!({ "id": "999", "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "998" }, "contacts": [],
        "messages": [{ "from": "393330000009", "id": "wamid.x", "timestamp": "1760000000", "type": "text", "text": { "body": "di nessuno" } }],
    } }] });
    assert_eq!(mine.post(house, &delivery(&[unknown]), &app.card.secret).await, 200);
    for wrong in ["", "another secret", &app.card.secret[1..]] {
        assert_eq!(mine.post(house, &mixed(&mine, &theirs), wrong).await, 401);
    }
    // The same number under another app's secret, in another workspace, hears nothing.
    let stranger = json!({ "kind": "whatsapp", "name": "Thief", "settings": {
        "phone_number_id": mine.id, "business_account_id": mine.account, "access_token": app.token,
        "app_secret": "another app's secret" } });
    let thief = other.owner.post("/channels", stranger).await;
    assert_eq!(
        mine.post(house, &delivery(&[mine.told("wamid.1", "393330000001", "non per altri")]), &app.card.secret).await,
        200
    );
    mine.conversation_with("Person 393330000001").await;
    house.quiet().await;
    let path = format!("/conversations?channel={}", thief["id"].as_str().unwrap());
    assert!(other.agent.list(&path).await.is_empty());
    assert!(!everything(&other.agent).await.contains("393330000001"));
    assert!(!everything(&house.workspace.agent).await.contains("di nessuno"));
    // A number that was disconnected hears nothing more.
    let gone = other.owner.call(http::Method::DELETE, &format!("/channels/{}", theirs.channel), None).await;
    assert_eq!(gone.status, 202);
    assert_eq!(
        mine.post(house, &delivery(&[theirs.told("wamid.2", "393330000002", "troppo tardi")]), &app.card.secret).await,
        200
    );
    house.quiet().await;
    assert!(other.agent.list("/contacts").await.is_empty());
}

/// Meta knows one hook of an app: whoever it was named after goes, or mistypes the app's secret, and all others still hear.
async fn the_hook_outlives_its_channel(house: &House) {
    let (app, other, mine, theirs) = neighbours(house).await;
    let told =
        |id, text| delivery(&[mine.told(id, "393330000001", "di chi va"), theirs.told(id, "393330000002", text)]);
    let wrong = json!({ "settings": { "app_secret": "mistyped" } });
    house.workspace.owner.call(http::Method::PATCH, &format!("/channels/{}", mine.channel), Some(&wrong)).await;
    assert_eq!(mine.post(house, &told("wamid.1", "prima"), &app.card.secret).await, 200);
    theirs.conversation_with("Person 393330000002").await;
    let gone = house.workspace.owner.call(http::Method::DELETE, &format!("/channels/{}", mine.channel), None).await;
    assert_eq!(gone.status, 202);
    assert_eq!(mine.post(house, &told("wamid.2", "e dopo"), &app.card.secret).await, 200);
    assert_eq!(mine.post(house, &told("wamid.3", "da nessuno"), "another secret").await, 404);
    house.quiet().await;
    let heard = everything(&other.agent).await;
    assert!(heard.contains("prima") && heard.contains("e dopo") && !heard.contains("da nessuno"), "{heard}");
    assert!(!everything(&house.workspace.agent).await.contains("di chi va"));
}

async fn a_handshake_needs_the_token(house: &House) {
    let mine = Number::connect(house).await;
    let channel: ChannelId = mine.channel.parse().unwrap();
    let scope = house.app.vault.platform_scope(&house.workspace.operator).unwrap();
    let kept = house.app.vault.read(&scope, move |tx| vault::channels::account(tx, channel)).await.unwrap();
    let path = mine.hook_url.strip_prefix(&house.base).unwrap();
    let ask = async |token: &str| {
        let query = format!("{path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        house.nobody().call(http::Method::GET, &query, None).await
    };
    let answer = ask(kept.secrets["verify_token"].expose()).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, &b"1158201444"[..]));
    assert!(ask("wrong").await.status.is_client_error());
}

/// What lies in a channel's inbox, opened.
async fn waiting(house: &House, channel: &str) -> Vec<String> {
    let channel: ChannelId = channel.parse().unwrap();
    let scope = house.app.vault.admit_hook(channel).await.unwrap().unwrap().scope;
    let waiting = house.app.vault.read(&scope, move |tx| inbox::waiting(tx, channel, 1_000)).await.unwrap();
    waiting.requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect()
}

/// Between the hook and the engine too: what is sealed for one channel holds nothing of another's.
async fn nothing_of_anothers_is_sealed(engine: Engine) {
    let house = House::open(engine).await;
    let (app, _, mine, theirs) = neighbours(&house).await;
    house.quiet().await;
    // The workers stop; hooks are still answered.
    house.app.stopping.send_replace(true);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let mut entries: Vec<Value> =
        (0..120).map(|count| mine.told(&format!("wamid.{count}"), "393330000001", "per il primo")).collect();
    entries.push(theirs.told("wamid.t", "393330000002", "per il secondo"));
    let body = delivery(&entries).to_string();
    let request = http::Request::post("/")
        .header("x-hub-signature-256", App::signed(&app.card.secret, body.as_bytes()))
        .body(Body::from(body))
        .unwrap();
    let answer = server::hooks::answer(&house.app, &mine.channel, String::new(), request).await;
    assert_eq!(answer.status(), 200);
    let (first, second) = (waiting(&house, &mine.channel).await, waiting(&house, &theirs.channel).await);
    assert!(first.len() > 1 && first.iter().all(|part| part.matches("wamid.").count() <= 50), "cut into parts");
    assert_eq!(first.iter().map(|part| part.matches("per il primo").count()).sum::<usize>(), 120);
    assert!(first.iter().all(|part| !part.contains("secondo") && !part.contains(&theirs.id)));
    assert!(second.len() == 1 && second[0].contains("per il secondo"));
    assert!(!second[0].contains("primo") && !second[0].contains(&mine.id) && !second[0].contains("393330000001"));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_anothers_is_sealed_on_sqlite() {
    nothing_of_anothers_is_sealed(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_anothers_is_sealed_on_postgres() {
    nothing_of_anothers_is_sealed(Engine::Postgres).await;
}
