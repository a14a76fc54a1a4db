//! A day's work in the inbox: lists and counts, snoozing, many at once, drafts, what is sent later, who is named and who looks.

use http::Method;
use serde_json::{Value, json};

use crate::api_channel::Other;
use crate::client::{Client, text_of};
use crate::house::{House, until};
use crate::stream::Stream;

both_engines!(
    lists_and_counts_agree,
    a_snooze_ends_at_its_time_and_when_the_contact_writes,
    many_are_changed_alike_and_back_again,
    a_draft_is_its_members_alone,
    what_is_sent_later_is_sent_once,
    what_is_held_back_can_be_taken_back,
    who_is_named_is_told,
    who_looks_is_told,
    a_thread_opens_anywhere,
    a_contacts_past_and_whereabouts,
    formatted_mail_stays_in_its_sandbox,
    erasure_takes_what_was_begun,
);

async fn ids(client: &Client, path: &str) -> Vec<String> {
    client.list(path).await.iter().map(|it| text_of(&it["id"])).collect()
}

fn count(counts: &Value, of: &str) -> (i64, i64) {
    let found = counts.pointer(of).unwrap_or_else(|| panic!("{of} in {counts}"));
    (found["count"].as_i64().unwrap(), found["unread"].as_i64().unwrap())
}

async fn lists_and_counts_agree(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let mut all = Vec::new();
    for number in 0..4 {
        house.clock.advance(1_000);
        all.push(other.writes(agent, &format!("c-{number}"), &format!("m-{number}"), &format!("Hi {number}")).await);
    }
    let path = |at: usize| format!("/conversations/{}", all[at]);
    agent.patch(&path(0), json!({ "assignee_id": house.workspace.agent_id, "priority": "urgent", "read": true })).await;
    agent.patch(&path(1), json!({ "status": "pending", "labels": ["VIP"], "attributes": { "order": "4711" } })).await;
    house.clock.advance(1_000);
    let answered = agent.say(&all[2], "Answer").await;
    agent.reaches(&all[2], &answered, "sent").await;
    let by = async |query: &str| {
        let found = ids(agent, &format!("/conversations?{query}")).await;
        found.iter().map(|id| all.iter().position(|known| known == id).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(by("sort=active").await, [2, 3, 1, 0]);
    assert_eq!(by("sort=waiting").await, [0, 1, 3, 2], "who was answered waits no more");
    assert_eq!(by("sort=priority").await, [0, 2, 3, 1]);
    assert_eq!(by("status=open,pending&unread=true").await, [3, 1]);
    assert_eq!(by("status=open&assignee=none&team=none").await, [2, 3]);
    assert_eq!(by("priority=urgent").await, [0]);
    assert_eq!(by("mentioned=me").await, Vec::<usize>::new());
    let first = agent.get("/conversations?sort=waiting&limit=3").await;
    let next = format!("/conversations?sort=waiting&limit=3&cursor={}", text_of(&first["next"]));
    assert_eq!(ids(agent, &next).await, [all[2].clone()], "the next page begins where this one ended");
    let counts = agent.get("/conversations/counts").await;
    assert_eq!((count(&counts, "/mine"), count(&counts, "/unassigned")), ((1, 0), (2, 1)));
    assert_eq!((count(&counts, "/open"), count(&counts, "/all")), ((3, 1), (4, 2)));
    assert_eq!(count(&counts, &format!("/channels/{}", other.channel)), (3, 1));
    assert_eq!(counts["labels"].as_object().unwrap().values().next().unwrap()["count"], 0, "it is not open");
    let shown = agent.get(&path(1)).await;
    assert_eq!((&shown["attributes"], shown["waiting_since"].is_string()), (&json!({ "order": "4711" }), true));
    agent.patch(&path(0), json!({ "unread": true })).await;
    assert_eq!(count(&agent.get("/conversations/counts").await, "/mine"), (1, 1));
    for wrong in ["status=open,gone", "sort=x", "mentioned=you", "priority=x", "unread=maybe", "team=x"] {
        agent.call(Method::GET, &format!("/conversations?{wrong}"), None).await.problem(422, "invalid");
    }
    for wrong in [json!({ "read": true, "unread": true }), json!({ "snoozed_until": "tomorrow" })] {
        agent.call(Method::PATCH, &path(0), Some(&wrong)).await.problem(422, "invalid");
    }
}

fn moment(house: &House, after_ms: i64) -> String {
    use vault::Clock;
    jiff::Timestamp::from_millisecond(house.clock.now() + after_ms).unwrap().to_string()
}

async fn a_snooze_ends_at_its_time_and_when_the_contact_writes(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let path = format!("/conversations/{conversation}");
    let asleep = agent.patch(&path, json!({ "snoozed_until": moment(house, 3_600_000), "read": true })).await;
    assert_eq!((&asleep["status"], asleep["snoozed_until"].is_string()), (&json!("snoozed"), true));
    assert_eq!(count(&agent.get("/conversations/counts").await, "/snoozed"), (1, 0));
    let stream = Stream::open(agent, "/events", None).await;
    house.clock.advance(3_600_000);
    let open =
        |event: &crate::stream::Event| event.kind == "conversation.updated" && event.data["data"]["status"] == "open";
    let woken = stream.next("it wakes", open).await;
    assert_eq!((&woken.data["data"]["unread_count"], &woken.data["data"]["snoozed_until"]), (&json!(1), &json!(null)));
    agent.patch(&path, json!({ "snoozed_until": moment(house, 3_600_000) })).await;
    other.writes(agent, "c-1", "m-2", "Still there?").await;
    let awake = agent.get(&path).await;
    assert_eq!((&awake["status"], &awake["snoozed_until"]), (&json!("open"), &json!(null)));
}

async fn many_are_changed_alike_and_back_again(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let one = other.writes(agent, "c-1", "m-1", "One").await;
    let two = other.writes(agent, "c-2", "m-2", "Two").await;
    agent.patch(&format!("/conversations/{one}"), json!({ "labels": ["VIP"], "priority": "high" })).await;
    let theirs = house.another_workspace().await;
    let strange = Other::connect(house, &theirs).await.writes(&theirs.agent, "c-9", "m-9", "Theirs").await;
    let order =
        json!({ "ids": [one, two, strange, one], "change": { "status": "resolved", "labels": [], "read": true } });
    let change = async || {
        let keyed = agent.with("idempotency-key", "k");
        keyed.call(Method::POST, "/conversations/changes", Some(&order)).await.json(200)["data"].clone()
    };
    let done = change().await;
    assert_eq!(done.as_array().unwrap().len(), 3, "each once");
    assert_eq!((&done[0]["id"], &done[0]["changed"], &done[0]["problem"]), (&json!(one), &json!(true), &json!(null)));
    assert_eq!((&done[0]["before"]["status"], &done[0]["before"]["labels"]), (&json!("open"), &json!(["VIP"])));
    assert_eq!((&done[0]["before"]["unread"], &done[0]["before"]["priority"]), (&json!(true), &json!("high")));
    assert_eq!((&done[2]["changed"], &done[2]["problem"]["code"]), (&json!(false), &json!("not_found")));
    assert_eq!(change().await, done, "a repeated order is answered as the first");
    assert_eq!(agent.list("/conversations?status=resolved").await.len(), 2);
    let back = json!({ "ids": [one], "change": { "status": "open", "labels": ["VIP"], "unread": true } });
    let undone = agent.call(Method::POST, "/conversations/changes", Some(&back)).await.json(200);
    assert_eq!(undone["data"][0]["changed"], true);
    let again = agent.call(Method::POST, "/conversations/changes", Some(&back)).await.json(200);
    assert_eq!(again["data"][0]["changed"], false, "it was so already");
    let shown = agent.get(&format!("/conversations/{one}")).await;
    assert_eq!(
        (&shown["status"], &shown["labels"], &shown["unread_count"]),
        (&json!("open"), &json!(["VIP"]), &json!(1))
    );
    for wrong in [
        json!({ "ids": [], "change": {} }),
        json!({ "ids": ["x"], "change": {} }),
        json!({ "ids": [one], "change": { "priority": "most" } }),
        json!({ "ids": vec![one.clone(); 101], "change": {} }),
    ] {
        agent.call(Method::POST, "/conversations/changes", Some(&wrong)).await.problem(422, "invalid");
    }
    assert_eq!(theirs.agent.get(&format!("/conversations/{strange}")).await["status"], "open");
}

async fn a_draft_is_its_members_alone(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let path = format!("/conversations/{conversation}/draft");
    let empty = agent.get(&path).await;
    assert_eq!((&empty["text"], &empty["updated_at"]), (&json!(""), &json!(null)));
    let file = agent.upload("a.txt", b"attached").await;
    let order = json!({ "text": "Dear …", "attachment_ids": [file] });
    let about = json!({ "text": "Dear …", "subject": "Order 7" });
    agent.call(Method::PUT, &path, Some(&about)).await.problem(409, "not_supported");
    let kept = agent.call(Method::PUT, &path, Some(&order)).await.json(200);
    assert_eq!((&kept["text"], &kept["attachments"][0]["name"]), (&json!("Dear …"), &json!("a.txt")));
    assert_eq!(owner.get(&path).await["text"], "", "nobody else's");
    assert!(owner.list("/drafts").await.is_empty());
    let own = agent.list("/drafts").await;
    assert_eq!(
        (own.len(), &own[0]["text"], &own[0]["conversation"]["id"]),
        (1, &json!("Dear …"), &json!(conversation))
    );
    // Sending it takes it away, with its file.
    let sent = json!({ "text": "Dear Anna", "attachments": [file] });
    let sent = agent.post(&format!("/conversations/{conversation}/messages"), sent).await;
    assert_eq!(sent["attachments"][0]["id"], json!(file));
    assert!(agent.list("/drafts").await.is_empty());
    agent.call(Method::PUT, &path, Some(&json!({ "text": "Another" }))).await.json(200);
    assert_eq!(agent.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(agent.get(&path).await["updated_at"], json!(null));
    let viewer = &house.workspace.viewer;
    viewer.call(Method::PUT, &path, Some(&json!({ "text": "x" }))).await.problem(403, "forbidden");
    let wrong = json!({ "text": "x", "attachment_ids": [format!("att_{}", "0".repeat(32))] });
    agent.call(Method::PUT, &path, Some(&wrong)).await.problem(404, "not_found");
}

async fn what_is_sent_later_is_sent_once(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let messages = format!("/conversations/{conversation}/messages");
    let file = agent.upload("a.txt", b"attached").await;
    let order = json!({ "text": "Good morning", "attachments": [file], "send_at": moment(house, 7_200_000), "then": "resolved" });
    let keyed = agent.with("idempotency-key", "later");
    let waits = keyed.call(Method::POST, &messages, Some(&order)).await.json(202);
    assert_eq!(keyed.call(Method::POST, &messages, Some(&order)).await.json(202)["id"], waits["id"]);
    assert_eq!(
        (&waits["state"], &waits["text"], &waits["held"]),
        (&json!("waiting"), &json!("Good morning"), &json!(false))
    );
    let path = format!("/scheduled/{}", text_of(&waits["id"]));
    let of_conversation = format!("/conversations/{conversation}/scheduled");
    for list in ["/scheduled", &of_conversation] {
        assert_eq!(ids(agent, list).await, [text_of(&waits["id"])], "{list}");
    }
    assert_eq!(agent.texts(&conversation).await, ["Hi"]);
    // A day later the upload is still there.
    let changed = agent.patch(&path, json!({ "text": "Good evening", "send_at": moment(house, 2 * 86_400_000) })).await;
    assert_eq!((&changed["text"], changed["attachments"].as_array().unwrap().len()), (&json!("Good evening"), 1));
    // A colleague moves it, and puts no words into its author's mouth; nor does anything else take its file.
    let owner = &house.workspace.owner;
    for words in [json!({ "text": "Other words" }), json!({ "attachments": [] })] {
        owner.call(Method::PATCH, &path, Some(&words)).await.problem(409, "conflict");
    }
    let moved = owner.patch(&path, json!({ "send_at": moment(house, 2 * 86_400_000) })).await;
    assert_eq!((&moved["text"], &moved["member_id"]), (&json!("Good evening"), &json!(house.workspace.agent_id)));
    let taken = json!({ "text": "Mine", "attachments": [file] });
    agent.call(Method::POST, &messages, Some(&taken)).await.problem(409, "conflict");
    let draft = format!("/conversations/{conversation}/draft");
    let begun = json!({ "text": "Mine", "attachment_ids": [file] });
    agent.call(Method::PUT, &draft, Some(&begun)).await.problem(409, "conflict");
    let stream = Stream::open(agent, "/events", None).await;
    house.clock.advance(7_200_000);
    house.app.vault.sweep().await.unwrap();
    house.clock.advance(2 * 86_400_000);
    let sent = until("it is sent", async || {
        let messages = agent.messages(&conversation).await;
        messages.into_iter().find(|message| message["text"] == "Good evening")
    })
    .await;
    assert_eq!(
        (&sent["author"]["id"], sent["attachments"].as_array().unwrap().len()),
        (&json!(house.workspace.agent_id), 1)
    );
    agent.reaches(&conversation, &sent, "sent").await;
    stream.next("what waits changed", |event| event.kind == "scheduled.updated").await;
    assert_eq!(agent.get(&format!("/conversations/{conversation}")).await["status"], "resolved");
    assert!(agent.list("/scheduled").await.is_empty());
    agent.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    house.quiet().await;
    assert_eq!(agent.texts(&conversation).await, ["Hi", "Good evening"]);
    for wrong in [
        json!({ "text": "x", "send_at": moment(house, -1_000) }),
        json!({ "text": "x", "send_at": moment(house, 400 * 86_400_000) }),
        json!({ "text": "x", "hold_seconds": 31 }),
        json!({ "text": "x", "note": true, "send_at": moment(house, 60_000) }),
        json!({ "text": "x", "send_at": moment(house, 60_000), "then": "gone" }),
        json!({ "text": "x", "mention_ids": [house.workspace.agent_id] }),
    ] {
        agent.call(Method::POST, &messages, Some(&wrong)).await.problem(422, "invalid");
    }
}

async fn what_is_held_back_can_be_taken_back(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let messages = format!("/conversations/{conversation}/messages");
    let order = json!({ "text": "Oops", "hold_seconds": 20, "then": "snoozed", "then_snoozed_until": moment(house, 3_600_000) });
    let held = agent.call(Method::POST, &messages, Some(&order)).await.json(202);
    let path = format!("/scheduled/{}", text_of(&held["id"]));
    let back = agent.call(Method::DELETE, &path, None).await.json(200);
    assert_eq!((&back["text"], &back["held"], &back["then"]), (&json!("Oops"), &json!(true), &json!("snoozed")));
    agent.call(Method::DELETE, &path, None).await.problem(404, "not_found");
    let first = agent.call(Method::POST, &messages, Some(&order)).await.json(202);
    house.clock.advance(20_000);
    until("it is sent", async || (agent.texts(&conversation).await == ["Hi", "Oops"]).then_some(())).await;
    assert_eq!(agent.get(&format!("/conversations/{conversation}")).await["status"], "snoozed");
    assert_ne!(first["id"], held["id"]);
    // What may not be sent is refused at once where it is only held back, and later where it was for later.
    let waits = json!({ "text": "Tomorrow", "send_at": moment(house, 60_000) });
    let waits = agent.call(Method::POST, &messages, Some(&waits)).await.json(202);
    owner.call(Method::DELETE, &format!("/channels/{}", other.channel), None).await;
    agent.call(Method::POST, &messages, Some(&order)).await.problem(409, "channel_off");
    house.clock.advance(60_000);
    let failed = until("it fails", async || {
        let list = agent.list(&format!("/conversations/{conversation}/scheduled")).await;
        list.into_iter().find(|it| it["id"] == waits["id"] && it["state"] == "failed")
    })
    .await;
    assert_eq!(failed["failure"]["code"], "channel_off");
    assert_eq!(agent.texts(&conversation).await, ["Hi", "Oops"]);
}

async fn who_is_named_is_told(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let me = text_of(&owner.get("/me").await["member"]["id"]);
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let stream = Stream::open(owner, "/events", None).await;
    let order = json!({ "text": "What do you say?", "note": true, "mention_ids": [me, me] });
    let note = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    assert_eq!(note["mention_ids"], json!([me]));
    stream.next("the note", |event| event.data["data"]["mention_ids"] == json!([me])).await;
    assert_eq!(ids(owner, "/conversations?mentioned=me").await, std::slice::from_ref(&conversation));
    assert!(agent.list("/conversations?mentioned=me").await.is_empty());
    let path = format!("/conversations/{conversation}");
    let seen = async |client: &Client| {
        let shown = client.get(&path).await;
        (
            shown["mentioned"].clone(),
            shown["mention_unseen"].clone(),
            count(&client.get("/conversations/counts").await, "/mentions"),
        )
    };
    assert_eq!(seen(owner).await, (json!(true), json!(true), (1, 1)));
    assert_eq!(seen(agent).await, (json!(false), json!(false), (0, 0)));
    owner.messages(&conversation).await;
    assert_eq!(seen(owner).await, (json!(true), json!(false), (1, 0)), "who reads it has seen it");
    let stranger = json!({ "text": "x", "note": true, "mention_ids": [format!("mbr_{}", "0".repeat(32))] });
    let messages = format!("/conversations/{conversation}/messages");
    agent.call(Method::POST, &messages, Some(&stranger)).await.problem(404, "not_found");
    assert_eq!(agent.texts(&conversation).await.len(), 2, "nothing of it was written");
}

async fn who_looks_is_told(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let conversation = other.writes(agent, "c-1", "m-1", "Hi").await;
    let stream = Stream::open(owner, "/events", None).await;
    let path = format!("/conversations/{conversation}/presence");
    let says = async |client: &Client, doing: &str| {
        let there = client.call(Method::POST, &path, Some(&json!({ "doing": doing }))).await.json(200);
        there["members"].as_array().unwrap().iter().map(|it| text_of(&it["doing"])).collect::<Vec<_>>()
    };
    assert_eq!(says(agent, "looking").await, ["looking"]);
    let told = stream.next("who looks", |event| event.kind == "presence").await;
    assert_eq!(told.data["data"]["conversation_id"], json!(conversation));
    assert_eq!(told.data["data"]["members"][0]["id"], json!(house.workspace.agent_id));
    assert_eq!(says(agent, "typing").await, ["typing"]);
    assert_eq!(says(owner, "looking").await, ["typing", "looking"]);
    house.clock.advance(20_000);
    assert_eq!(says(owner, "looking").await, ["typing", "looking"]);
    house.clock.advance(11_000);
    let left = |event: &crate::stream::Event| {
        event.kind == "presence"
            && event.data["data"]["members"]
                .as_array()
                .is_some_and(|all| all.len() == 1 && all[0]["doing"] == "looking")
            && event.data["data"]["members"][0]["id"] != json!(house.workspace.agent_id)
    };
    stream.next("who was not heard of again has left", left).await;
    assert_eq!(says(owner, "left").await, Vec::<String>::new());
    stream.next("nobody", |event| event.kind == "presence" && event.data["data"]["members"] == json!([])).await;
    agent.call(Method::POST, &path, Some(&json!({ "doing": "dreaming" }))).await.problem(422, "invalid");
}

async fn a_thread_opens_anywhere(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let conversation = other.writes(agent, "c-1", "m-0", "text 0").await;
    let batch: Vec<Value> = (1..30)
        .map(|number| {
            let data =
                json!({ "id": format!("m-{number}"), "contact": { "id": "c-1" }, "text": format!("text {number}") });
            json!({ "type": "message.created", "data": data })
        })
        .collect();
    let body = json!({ "events": batch }).to_string();
    assert_eq!(other.signed(&body, &other.secret).await.status, 200);
    let all =
        until("all of them", async || Some(agent.messages(&conversation).await).filter(|all| all.len() == 30)).await;
    let path = format!("/conversations/{conversation}/messages");
    let texts =
        |page: &Value| page["data"].as_array().unwrap().iter().map(|it| text_of(&it["text"])).collect::<Vec<_>>();
    let expected = |range: std::ops::Range<i32>| range.map(|number| format!("text {number}")).collect::<Vec<_>>();
    let middle = agent.get(&format!("{path}?limit=5&around={}", text_of(&all[10]["id"]))).await;
    assert_eq!(texts(&middle), expected(8..13));
    let newer = agent.get(&format!("{path}?limit=5&after={}", text_of(&middle["newer"]))).await;
    assert_eq!(texts(&newer), expected(13..18));
    let older = agent.get(&format!("{path}?limit=5&cursor={}", text_of(&middle["next"]))).await;
    assert_eq!(texts(&older), expected(3..8));
    let last = agent.get(&format!("{path}?limit=5&around={}", text_of(&all[29]["id"]))).await;
    assert_eq!((texts(&last), &last["newer"]), (expected(25..30), &json!(null)));
    let first = agent.get(&format!("{path}?limit=5&around={}", text_of(&all[0]["id"]))).await;
    assert_eq!((texts(&first), &first["next"], first["newer"].is_string()), (expected(0..3), &json!(null), true));
    let elsewhere = other.writes(agent, "c-2", "m-99", "elsewhere").await;
    let path = format!("/conversations/{elsewhere}/messages");
    let strange = format!("{path}?around={}", text_of(&all[0]["id"]));
    agent.call(Method::GET, &strange, None).await.problem(404, "not_found");
    agent.call(Method::GET, &format!("{path}?around=x"), None).await.problem(422, "invalid");
}

async fn a_contacts_past_and_whereabouts(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let first = other.writes(agent, "c-1", "m-1", "Hi").await;
    let contact = text_of(&agent.get(&format!("/conversations/{first}")).await["contact"]["id"]);
    let merged = other.writes(agent, "c-2", "m-2", "It is me").await;
    let shown = agent.get(&format!("/conversations/{merged}")).await;
    agent.post(&format!("/contacts/{contact}/merges"), json!({ "contact_id": shown["contact"]["id"] })).await;
    let mut earlier = ids(agent, &format!("/contacts/{contact}/conversations")).await;
    earlier.sort();
    let mut expected = [first.clone(), merged.clone()];
    expected.sort();
    assert_eq!(earlier, expected, "of all who are one");
    let found = agent.get(&format!("/contacts/{contact}/whereabouts")).await;
    assert_eq!(found["region"], "eu");
    let part = |what: &str, place: &str| {
        let parts = found["data"].as_array().unwrap();
        parts.iter().find(|part| part["what"] == what && part["where"] == place).cloned()
    };
    let messages = part("messages", "database").unwrap();
    assert_eq!(messages["count"], 2);
    let until: jiff::Timestamp = messages["until"].as_str().unwrap().parse().unwrap();
    let days = (until.as_millisecond() - {
        use vault::Clock;
        house.clock.now()
    }) / 86_400_000;
    assert!((728..=730).contains(&days), "{days} days");
    assert_eq!(part("messages", "search_index").unwrap()["count"], 2);
    assert_eq!(part("messages", "provider").unwrap()["provider"]["kind"], "api");
    assert_eq!(
        (part("contacts", "database").unwrap()["count"].clone(), part("consents", "database")),
        (json!(2), None)
    );
    for nothing in ["conversations", "whereabouts"] {
        let path = format!("/contacts/con_{}/{nothing}", "0".repeat(32));
        agent.call(Method::GET, &path, None).await.problem(404, "not_found");
    }
}

async fn formatted_mail_stays_in_its_sandbox(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let agent = &house.workspace.agent;
    let html = "<p onclick=alert(1)>Hello</p><script>alert(1)</script><img src=https://spy.example/1.png>";
    let contact = json!({ "id": "c-1", "name": "Anna" });
    other.post("message.created", json!({ "id": "m-1", "contact": contact, "text": "Hello", "html": html })).await;
    let conversation = until("it arrives", async || ids(agent, "/conversations").await.pop()).await;
    let message = agent.messages(&conversation).await.remove(0);
    assert_eq!((&message["text"], &message["has_html"]), (&json!("Hello"), &json!(true)));
    assert!(!message.to_string().contains("spy.example"), "it is nowhere but in its frame");
    let path = format!("/messages/{}/html", text_of(&message["id"]));
    for (query, remote) in [("", false), ("?remote=true", true)] {
        let answer = agent.call(Method::GET, &format!("{path}{query}"), None).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, html.to_owned()), "as it came");
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src cid: data:"),
            "{policy}"
        );
        assert_eq!(
            (policy.contains("https:"), policy.contains("script"), policy.contains("allow-")),
            (remote, false, false)
        );
        assert_eq!(
            (header("x-content-type-options"), header("referrer-policy")),
            ("nosniff".into(), "no-referrer".into())
        );
    }
    let plain = agent.say(&conversation, "plain").await;
    assert_eq!(plain["has_html"], false);
    let nothing = format!("/messages/{}/html", text_of(&plain["id"]));
    agent.call(Method::GET, &nothing, None).await.problem(404, "not_found");
    let posted = json!({ "direction": "incoming", "text": "More", "html": "<b>More</b>" });
    let posted = agent.post(&format!("/conversations/{conversation}/messages"), posted).await;
    assert_eq!(posted["has_html"], true);
    house.quiet().await;
}

async fn erasure_takes_what_was_begun(house: &House) {
    let other = Other::connect(house, &house.workspace).await;
    let (agent, owner) = (&house.workspace.agent, &house.workspace.owner);
    let first = other.writes(agent, "c-1", "m-1", "Hi").await;
    let merged = other.writes(agent, "c-2", "m-2", "It is me").await;
    let kept = other.writes(agent, "c-3", "m-3", "Somebody else").await;
    let contact = text_of(&agent.get(&format!("/conversations/{first}")).await["contact"]["id"]);
    let shown = agent.get(&format!("/conversations/{merged}")).await;
    let merge = json!({ "contact_id": shown["contact"]["id"] });
    for conversation in [&first, &merged, &kept] {
        let path = format!("/conversations/{conversation}");
        agent.call(Method::PUT, &format!("{path}/draft"), Some(&json!({ "text": "Begun" }))).await.json(200);
        let later = json!({ "text": "Later", "send_at": moment(house, 3_600_000) });
        agent.call(Method::POST, &format!("{path}/messages"), Some(&later)).await.json(202);
        agent.call(Method::PUT, &format!("{path}/draft"), Some(&json!({ "text": "Begun again" }))).await.json(200);
        let note = json!({ "text": "Look", "note": true, "mention_ids": [house.workspace.agent_id] });
        agent.post(&format!("{path}/messages"), note).await;
        agent.patch(&path, json!({ "snoozed_until": moment(house, 7_200_000) })).await;
    }
    agent.post(&format!("/contacts/{contact}/merges"), merge).await;
    let all = async || {
        (
            agent.list("/drafts").await.len(),
            agent.list("/scheduled").await.len(),
            ids(agent, "/conversations?mentioned=me").await.len(),
        )
    };
    assert_eq!(all().await, (3, 3, 3), "merging loses nothing");
    let erasure = owner.call(Method::DELETE, &format!("/contacts/{contact}"), None).await.json(202);
    assert_eq!(all().await, (1, 1, 1), "both of them, at once");
    let read = format!("/erasures/{}", text_of(&erasure["id"]));
    let done =
        until("the erasure is done", async || Some(owner.get(&read).await).filter(|it| it["state"] == "done")).await;
    for table in ["drafts", "scheduled", "mentions"] {
        assert_eq!(done["erased"][table], 2, "{table} of {done}");
    }
    house.clock.advance(8_000_000);
    until("the other's is sent", async || agent.texts(&kept).await.contains(&"Later".to_owned()).then_some(())).await;
    house.quiet().await;
}
