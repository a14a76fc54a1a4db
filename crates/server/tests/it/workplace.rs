//! How a workspace arranges its work: teams, labels, canned replies, saved views, business hours, its name. What changes is
//! told to everybody's screens.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::House;
use crate::stream::Stream;

both_engines!(
    teams_have_conversations_until_they_are_deleted,
    labels_are_the_same_everywhere,
    canned_replies_are_kept,
    views_are_ones_own_or_everybodys,
    business_hours_say_whether_it_is_open,
    the_workspace_is_renamed,
    who_declares_special_categories_has_no_channel_that_forbids_them,
);

async fn conversation(house: &House) -> String {
    let other = Other::connect(house, &house.workspace).await;
    other.writes(&house.workspace.agent, "c-1", "m-1", "Hello").await
}

async fn tells(stream: &Stream, what: &str) {
    let told = |event: &crate::stream::Event| event.kind == "workplace.updated" && event.data["data"]["what"] == what;
    stream.next(what, told).await;
}

async fn ids(client: &Client, path: &str) -> Vec<String> {
    client.list(path).await.iter().map(|row| text_of(&row["id"])).collect()
}

async fn removed(client: &Client, path: &str) {
    assert_eq!(client.call(Method::DELETE, path, None).await.status, 204, "{path}");
    client.call(Method::DELETE, path, None).await.problem(404, "not_found");
}

async fn teams_have_conversations_until_they_are_deleted(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let stream = Stream::open(agent, "/events", None).await;
    let order = json!({ "name": "Sales", "member_ids": [house.workspace.agent_id] });
    let keyed = owner.with("idempotency-key", "a-team");
    let team = keyed.post("/teams", order.clone()).await;
    assert_eq!(keyed.post("/teams", order.clone()).await, team);
    tells(&stream, "teams").await;
    let id = text_of(&team["id"]);
    assert!(id.starts_with("tea_"), "{team}");
    owner.call(Method::POST, "/teams", Some(&order)).await.problem(409, "already_exists");
    let path = format!("/teams/{id}");
    let changed = owner.patch(&path, json!({ "name": "Verkauf" })).await;
    assert_eq!((&changed["name"], &changed["member_ids"]), (&json!("Verkauf"), &team["member_ids"]));
    assert_eq!(agent.list("/teams").await, [changed]);
    let nobody = format!("mbr_{}", "0".repeat(32));
    let wrong = owner.call(Method::PATCH, &path, Some(&json!({ "member_ids": [nobody] }))).await;
    wrong.problem(404, "not_found");
    let blank = owner.call(Method::POST, "/teams", Some(&json!({ "name": " " }))).await;
    assert!(blank.json(422)["fields"]["name"].is_string(), "{blank}");
    let conversation = conversation(house).await;
    let at = format!("/conversations/{conversation}");
    assert_eq!(agent.patch(&at, json!({ "team_id": id })).await["team_id"], id);
    let reply = json!({ "shortcut": "hi", "text": "Hi", "team_id": id });
    agent.post("/canned-replies", reply).await;
    assert_eq!(ids(agent, &format!("/conversations?team={id}")).await, std::slice::from_ref(&conversation));
    let stream = Stream::open(agent, "/events", None).await;
    removed(owner, &path).await;
    let told = |event: &crate::stream::Event| {
        event.kind == "conversation.updated" && event.data["data"]["team_id"] == Value::Null
    };
    stream.next("the conversation without a team", told).await;
    assert_eq!(agent.get(&at).await["team_id"], Value::Null);
    assert!(ids(agent, &format!("/conversations?team={id}")).await.is_empty());
    assert_eq!(agent.list("/canned-replies").await[0]["team_id"], Value::Null);
    agent.call(Method::PATCH, &at, Some(&json!({ "team_id": id }))).await.problem(404, "not_found");
}

async fn labels_are_the_same_everywhere(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let conversation = conversation(house).await;
    let at = format!("/conversations/{conversation}");
    let stream = Stream::open(agent, "/events", None).await;
    agent.patch(&at, json!({ "labels": ["Refund"] })).await;
    tells(&stream, "labels").await;
    let late = agent.post("/labels", json!({ "name": "late", "colour": "4" })).await;
    assert_eq!((&late["colour"], &late["count"]), (&json!("4"), &json!(0)));
    let listed = agent.list("/labels").await;
    let shown: Vec<_> = listed.iter().map(|label| (&label["name"], &label["count"])).collect();
    assert_eq!(shown, [(&json!("late"), &json!(0)), (&json!("Refund"), &json!(1))]);
    let path = format!("/labels/{}", text_of(&listed[1]["id"]));
    agent.call(Method::PATCH, &path, Some(&json!({ "name": "x" }))).await.problem(403, "forbidden");
    owner.call(Method::PATCH, &path, Some(&json!({ "name": "LATE" }))).await.problem(409, "already_exists");
    let wrong = owner.call(Method::PATCH, &path, Some(&json!({ "colour": "red" }))).await;
    assert!(wrong.json(422)["fields"]["colour"].is_string(), "{wrong}");
    owner.patch(&path, json!({ "name": "Money back" })).await;
    assert_eq!(agent.get(&at).await["labels"], json!(["Money back"]));
    assert_eq!(ids(agent, "/conversations?label=money%20BACK").await, [conversation]);
    assert!(ids(agent, "/conversations?label=Refund").await.is_empty());
    removed(owner, &path).await;
    assert_eq!(agent.get(&at).await["labels"], json!([]));
}

async fn canned_replies_are_kept(house: &House) {
    let (agent, viewer) = (&house.workspace.agent, &house.workspace.viewer);
    let stream = Stream::open(viewer, "/events", None).await;
    let order = json!({ "shortcut": "/thanks", "text": "Thank you, {{contact.first_name}}!" });
    let reply = agent.post("/canned-replies", order.clone()).await;
    tells(&stream, "canned_replies").await;
    assert_eq!((&reply["shortcut"], &reply["team_id"]), (&json!("thanks"), &Value::Null));
    agent.call(Method::POST, "/canned-replies", Some(&order)).await.problem(409, "already_exists");
    for (field, wrong) in [
        ("text", json!({ "shortcut": "a", "text": "{{contact.nick}}" })),
        ("shortcut", json!({ "shortcut": "two words", "text": "x" })),
        ("team_id", json!({ "shortcut": "a", "text": "x", "team_id": "odd" })),
    ] {
        let refused = agent.call(Method::POST, "/canned-replies", Some(&wrong)).await;
        assert!(refused.json(422)["fields"][field].is_string(), "{refused}");
    }
    let path = format!("/canned-replies/{}", text_of(&reply["id"]));
    viewer.call(Method::PATCH, &path, Some(&json!({ "text": "x" }))).await.problem(403, "forbidden");
    let changed = agent.patch(&path, json!({ "text": "Grazie!" })).await;
    assert_eq!((&changed["shortcut"], &changed["text"]), (&json!("thanks"), &json!("Grazie!")));
    assert_eq!(viewer.list("/canned-replies").await, [changed]);
    removed(agent, &path).await;
}

async fn views_are_ones_own_or_everybodys(house: &House) {
    let (owner, agent, viewer) = (&house.workspace.owner, &house.workspace.agent, &house.workspace.viewer);
    let stream = Stream::open(viewer, "/events", None).await;
    let own = agent.post("/views", json!({ "name": "Own", "filter": { "assignee": "me" } })).await;
    tells(&stream, "views").await;
    let all = json!({ "name": "All", "shared": true, "filter": { "status": "open", "label": "late" } });
    let all = agent.post("/views", all).await;
    assert_eq!((&own["changeable"], &all["missing"]), (&json!(true), &json!(["label"])));
    assert_eq!(ids(agent, "/views").await, [text_of(&own["id"]), text_of(&all["id"])]);
    let seen = viewer.list("/views").await;
    assert_eq!((seen.len(), &seen[0]["id"], &seen[0]["changeable"]), (1, &all["id"], &json!(false)));
    let path = format!("/views/{}", text_of(&all["id"]));
    viewer.call(Method::PATCH, &path, Some(&json!({ "name": "x" }))).await.problem(403, "forbidden");
    viewer.call(Method::DELETE, &format!("/views/{}", text_of(&own["id"])), None).await.problem(404, "not_found");
    let share = json!({ "name": "x", "shared": true, "filter": {} });
    viewer.call(Method::POST, "/views", Some(&share)).await.problem(403, "forbidden");
    let wrong = agent.call(Method::POST, "/views", Some(&json!({ "name": "x", "filter": { "odd": "1" } }))).await;
    assert!(wrong.json(422)["fields"]["filter"].is_string(), "{wrong}");
    let changed = owner.patch(&path, json!({ "position": 0, "filter": { "status": "resolved" } })).await;
    assert_eq!((&changed["filter"], &changed["missing"]), (&json!({ "status": "resolved" }), &json!([])));
    assert_eq!(ids(agent, "/views").await, [text_of(&all["id"]), text_of(&own["id"])]);
    removed(owner, &path).await;
}

async fn business_hours_say_whether_it_is_open(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let unset = agent.get("/business-hours").await;
    assert_eq!(
        (&unset["open_now"], &unset["opens_at"], &unset["week"]["mon"]),
        (&json!(true), &Value::Null, &json!([]))
    );
    let stream = Stream::open(agent, "/events", None).await;
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let week: serde_json::Map<_, _> =
        days.map(|day| (day.to_owned(), json!([["00:00", "24:00"]]))).into_iter().collect();
    let order =
        json!({ "timezone": "Europe/Rome", "week": week, "holidays": [{ "date": "2020-12-25", "name": "Natale" }] });
    let set = owner.call(Method::PUT, "/business-hours", Some(&order)).await.json(200);
    tells(&stream, "hours").await;
    assert_eq!((&set["week"]["sun"], &set["open_now"]), (&json!([["00:00", "24:00"]]), &json!(true)));
    assert_eq!(set["holidays"], order["holidays"]);
    assert_eq!(agent.get("/business-hours").await["timezone"], "Europe/Rome");
    agent.call(Method::PUT, "/business-hours", Some(&order)).await.problem(403, "forbidden");
    for (field, wrong) in [
        ("timezone", json!({ "timezone": "Mars/Base", "week": {} })),
        ("week.tue[1]", json!({ "timezone": "UTC", "week": { "tue": [["09:00", "10:00"], ["9", "10:00"]] } })),
        ("week.fri[0]", json!({ "timezone": "UTC", "week": { "fri": [["18:00", "09:00"]] } })),
        ("week", json!({ "timezone": "UTC", "week": { "fri": [["09:00", "12:00"], ["11:00", "13:00"]] } })),
        ("holidays[0].date", json!({ "timezone": "UTC", "week": {}, "holidays": [{ "date": "25.12." }] })),
    ] {
        let refused = owner.call(Method::PUT, "/business-hours", Some(&wrong)).await;
        assert!(refused.json(422)["fields"][field].is_string(), "{field}: {refused}");
    }
}

async fn the_workspace_is_renamed(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let stream = Stream::open(agent, "/events", None).await;
    let before = agent.get("/workspace").await;
    assert_eq!((&before["name"], &before["region"]), (&json!("Bäckerei Nord"), &json!("eu")));
    agent.call(Method::PATCH, "/workspace", Some(&json!({ "name": "Mine" }))).await.problem(403, "forbidden");
    let moved = owner.call(Method::PATCH, "/workspace", Some(&json!({ "name": "x", "region": "us" }))).await;
    moved.problem(422, "invalid");
    assert_eq!(owner.patch("/workspace", json!({ "name": " Konditorei " })).await["name"], "Konditorei");
    tells(&stream, "workspace").await;
    assert_eq!(agent.get("/me").await["workspace"]["name"], "Konditorei");
}

async fn who_declares_special_categories_has_no_channel_that_forbids_them(house: &House) {
    let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
    let special = async |special: bool| {
        owner.call(Method::PATCH, "/workspace", Some(&json!({ "special_categories": special }))).await
    };
    let card = house.simulator.telegram().create_bot(simulator::telegram::BotCard::default()).unwrap();
    let telegram = json!({ "kind": "telegram", "name": "Bot", "settings": { "bot_token": card.token } });
    let account = house.simulator.twilio().create_account(simulator::twilio::Account::default());
    let settings = json!({ "account_sid": account.sid, "auth_token": account.token, "number": account.number });
    let whatsapp = json!({ "kind": "whatsapp_twilio", "name": "WhatsApp", "settings": settings });
    let kinds = agent.list("/channels/kinds").await;
    let forbid: Vec<String> =
        kinds.iter().filter(|kind| kind["no_special_categories"] == true).map(|kind| text_of(&kind["kind"])).collect();
    assert_eq!(forbid, ["whatsapp", "whatsapp_twilio"]);

    assert_eq!(agent.get("/workspace").await["special_categories"], false);
    agent
        .call(Method::PATCH, "/workspace", Some(&json!({ "special_categories": true })))
        .await
        .problem(403, "forbidden");
    assert_eq!(special(true).await.json(200)["special_categories"], true);
    owner.call(Method::POST, "/channels", Some(&whatsapp)).await.problem(409, "special_categories");
    assert!(owner.list("/channels").await.is_empty(), "nothing is half connected");
    owner.post("/channels", telegram).await;
    assert_eq!(special(false).await.json(200)["special_categories"], false);
    let channel = owner.post("/channels", whatsapp).await;
    special(true).await.problem(409, "channel_forbids");
    assert_eq!(agent.get("/workspace").await["special_categories"], false);
    let path = format!("/channels/{}", text_of(&channel["id"]));
    owner.call(Method::DELETE, &path, None).await.json(202);
    special(true).await.json(200);
}
