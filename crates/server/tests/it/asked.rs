//! Accounts that are asked what came, by the example of a mailbox: nothing is missed and nothing doubled, whoever asks and however
//! the account feels; and what mail has beside its words.

mod hanging;
mod mailbox;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use server::app::{App, Parts};
use server::workers::{self, polling};
use vault::ChannelId;

use crate::client::text_of;
use crate::house::{Engine, House, until};
use hanging::one_workspaces_hanging_mailboxes_keep_nobody_else_waiting;
use mailbox::{Mailbox, Mood};

/// How long at most until a mailbox is asked again.
const EVERY_MS: i64 = 5 * 60_000;

/// Each on both engines, in a house whose outside is a mailbox.
macro_rules! with_a_mailbox {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            use super::{Engine, House, Mailbox};

            async fn on(engine: Engine) {
                let mailbox = Mailbox::new();
                let house = House::open_over(engine, mailbox.clone()).await;
                super::$name(&house, &mailbox).await;
                house.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                on(Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                on(Engine::Postgres).await;
            }
        }
    )* };
}

with_a_mailbox!(
    mails_become_messages_and_answers_go_on,
    more_than_comes_at_once_comes_in_turn,
    who_does_not_answer_for_long_is_told_of_and_comes_back_by_itself,
    who_is_not_let_in_is_asked_again_when_that_is_mended,
    of_two_nodes_one_asks_at_a_time,
    a_conversation_is_begun_with_an_address,
    who_is_disconnected_is_asked_no_more,
    a_sender_that_the_server_found_false_is_shown_as_doubtful,
    one_workspaces_hanging_mailboxes_keep_nobody_else_waiting,
);

fn settings() -> Value {
    json!({
        "address": "info@shop.example",
        "imap": { "host": "imap.shop.example", "port": 993, "tls": true, "password": "s3cret" },
        "smtp": { "host": "smtp.shop.example", "tls": "starttls" },
        "keep_sent": false,
    })
}

/// Connects the mailbox; the channel.
async fn connected(house: &House) -> Value {
    let order = json!({ "kind": "email", "name": "Post", "settings": settings() });
    let channel = house.workspace.owner.post("/channels", order).await;
    assert_eq!(channel["state"], "ready", "{channel}");
    channel
}

fn letter(from: &str, id: &str, references: &[&str], text: &str) -> String {
    let references: Vec<_> = references.iter().map(|id| format!("<{id}>")).collect();
    let threading = match references.last() {
        Some(last) => format!("In-Reply-To: {last}\r\nReferences: {}\r\n", references.join(" ")),
        None => String::new(),
    };
    format!(
        "From: {from}\r\nTo: info@shop.example\r\nSubject: Brot\r\nMessage-ID: <{id}>\r\n{threading}\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

/// Something says that there is news.
async fn wake(house: &House, channel: &Value) {
    let id: ChannelId = text_of(&channel["id"]).parse().unwrap();
    polling::wake(&house.app, &house.workspace.operator, id).await.unwrap();
}

/// Waits until the conversations say this, those first whose first message is.
async fn say(house: &House, expected: &[&[&str]]) {
    let mut last = Vec::new();
    let found = tokio::time::timeout(crate::house::PATIENCE, async {
        loop {
            last.clear();
            for conversation in house.workspace.agent.list("/conversations?limit=100").await {
                last.push(house.workspace.agent.texts(&text_of(&conversation["id"])).await);
            }
            last.sort();
            if last == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    });
    assert!(found.await.is_ok(), "{last:?}");
}

/// Waits until a channel has a state, while time goes on.
async fn becomes(house: &House, channel: &Value, state: &str) -> Value {
    let path = format!("/channels/{}", text_of(&channel["id"]));
    until(&format!("the channel is {state}"), async || {
        house.clock.advance(EVERY_MS);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let shown = house.workspace.owner.get(&path).await;
        (shown["state"] == state).then_some(shown)
    })
    .await
}

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let found = mail.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    found.unwrap_or_else(|| panic!("no {name} in {mail}"))
}

async fn mails_become_messages_and_answers_go_on(house: &House, mailbox: &Mailbox) {
    mailbox.receives(letter("Old <old@example.org>", "old@x", &[], "before the channel"));
    let channel = connected(house).await;
    let shown = &channel["settings"];
    for (key, value) in
        [("imap.host", "imap.shop.example"), ("imap.port", "993"), ("imap.tls", "tls"), ("keep_sent", "no")]
    {
        assert_eq!(shown[key], value, "{key}");
    }
    assert!(shown.get("imap.password").is_none() && shown.get("imap").is_none());
    assert!(channel["secrets_set"].as_array().unwrap().contains(&json!("imap.password")));
    mailbox.receives(letter("Anna Rossi <Anna@Example.org>", "a1@x", &[], "Habt ihr Brot?"));
    wake(house, &channel).await;
    say(house, &[&["Habt ihr Brot?"]]).await;
    let agent = &house.workspace.agent;
    let conversation = text_of(&agent.list("/conversations").await[0]["id"]);
    let first = agent.messages(&conversation).await.remove(0);
    assert_eq!(
        (&first["subject"], &first["automatic"], &first["author"]["name"]),
        (&json!("Brot"), &json!(false), &json!("Anna Rossi"))
    );
    let reply = agent.say(&conversation, "Ja").await;
    agent.reaches(&conversation, &reply, "sent").await;
    let sent = mailbox.sent().remove(0);
    assert_eq!((header(&sent, "In-Reply-To"), header(&sent, "Subject")), ("<a1@x>", "Re: Brot"));
    let ours = header(&sent, "Message-ID").trim_matches(['<', '>']).to_owned();
    mailbox.receives(letter("anna@example.org", "a2@x", &[&ours], "Danke"));
    mailbox.receives(letter("bea@example.org", "b1@x", &["a1@x", &ours], "Ich auch"));
    // Nobody says that there is news: it is asked by itself.
    house.clock.advance(EVERY_MS);
    say(house, &[&["Habt ihr Brot?", "Ja", "Danke"], &["Ich auch"]]).await;
    let titled = json!({ "text": "Übrigens", "subject": "Öffnungszeiten" });
    let titled = agent.post(&format!("/conversations/{conversation}/messages"), titled).await;
    assert_eq!(titled["subject"], "Öffnungszeiten");
    agent.reaches(&conversation, &titled, "sent").await;
    assert!(mailbox.sent()[1].contains(&format!("<{ours}>")), "it goes on from all that was said");
}

async fn more_than_comes_at_once_comes_in_turn(house: &House, mailbox: &Mailbox) {
    let channel = connected(house).await;
    let texts: Vec<String> = (0..90).map(|number| format!("{number:02}")).collect();
    for text in &texts {
        mailbox.receives(letter("anna@example.org", &format!("{text}@x"), &["root@x"], text));
    }
    wake(house, &channel).await;
    let all: Vec<&str> = texts.iter().map(String::as_str).collect();
    say(house, &[&all]).await;
    house.quiet().await;
    say(house, &[&all]).await;
}

async fn who_does_not_answer_for_long_is_told_of_and_comes_back_by_itself(house: &House, mailbox: &Mailbox) {
    let channel = connected(house).await;
    mailbox.receives(letter("anna@example.org", "a1@x", &[], "one"));
    wake(house, &channel).await;
    say(house, &[&["one"]]).await;
    mailbox.feels(Mood::Down);
    mailbox.receives(letter("anna@example.org", "a2@x", &["a1@x"], "two"));
    let broken = becomes(house, &channel, "needs_attention").await;
    assert_eq!(broken["state_reason"], "unreachable");
    mailbox.receives(letter("anna@example.org", "a3@x", &["a1@x"], "three"));
    mailbox.feels(Mood::Works);
    becomes(house, &channel, "ready").await;
    say(house, &[&["one", "two", "three"]]).await;
}

async fn who_is_not_let_in_is_asked_again_when_that_is_mended(house: &House, mailbox: &Mailbox) {
    let channel = connected(house).await;
    mailbox.feels(Mood::Denies);
    mailbox.receives(letter("anna@example.org", "a1@x", &[], "one"));
    let broken = becomes(house, &channel, "needs_attention").await;
    assert_eq!(broken["state_reason"], "reauthorise");
    house.quiet().await;
    let asked = mailbox.asked();
    house.clock.advance(10 * EVERY_MS);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(mailbox.asked(), asked, "whoever is not let in does not knock on and on");
    mailbox.feels(Mood::Works);
    let path = format!("/channels/{}", text_of(&channel["id"]));
    let mended = house.workspace.owner.patch(&path, json!({ "settings": { "imap": { "password": "n3w" } } })).await;
    assert_eq!((&mended["state"], &mended["settings"]["imap.host"]), (&json!("ready"), &json!("imap.shop.example")));
    say(house, &[&["one"]]).await;
    for (wrong, named) in [
        (json!({ "imap": { "hots": "x" } }), "settings.imap.hots"),
        (json!({ "imap": { "password": ["x"] } }), "settings.imap.password"),
        (json!({ "imap": "x" }), "settings.imap"),
    ] {
        let refused = house.workspace.owner.call(Method::PATCH, &path, Some(&json!({ "settings": wrong }))).await;
        refused.problem(422, "invalid");
        assert!(refused.json(422)["fields"].get(named).is_some(), "{refused}");
    }
}

async fn of_two_nodes_one_asks_at_a_time(house: &House, mailbox: &Mailbox) {
    let channel = connected(house).await;
    let app = &house.app;
    let second = App::new(Parts {
        vault: app.vault.clone(),
        outbound: Arc::clone(&app.outbound),
        settings: app.settings.clone(),
        public_url: app.public_url.clone(),
        metrics: Arc::clone(&app.metrics),
        passwords: app.passwords.clone(),
        demo: None,
    });
    let mut working = workers::start(&second);
    let texts: Vec<String> = (0..60).map(|number| format!("{number:02}")).collect();
    for some in texts.chunks(10) {
        for text in some {
            mailbox.receives(letter("anna@example.org", &format!("{text}@x"), &["root@x"], text));
            wake(house, &channel).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let all: Vec<&str> = texts.iter().map(String::as_str).collect();
    say(house, &[&all]).await;
    assert_eq!(mailbox.most_at_once(), 1);
    second.stopping.send_replace(true);
    while working.join_next().await.is_some() {}
}

async fn a_conversation_is_begun_with_an_address(house: &House, mailbox: &Mailbox) {
    let channel = connected(house).await;
    let agent = &house.workspace.agent;
    let begin = |address: &str| json!({ "channel_id": channel["id"], "address": address });
    let opened = agent.post("/conversations", begin(" Anna@Example.org")).await;
    assert_eq!(agent.post("/conversations", begin("anna@example.org")).await["id"], opened["id"]);
    assert_eq!(agent.list("/contacts").await.len(), 1);
    let conversation = text_of(&opened["id"]);
    let order = json!({ "text": "Ihr Brot ist fertig.", "subject": "Ihre Bestellung" });
    let message = agent.post(&format!("/conversations/{conversation}/messages"), order).await;
    agent.reaches(&conversation, &message, "sent").await;
    let sent = mailbox.sent().remove(0);
    assert_eq!((header(&sent, "Subject"), header(&sent, "To")), ("Ihre Bestellung", "anna@example.org"));
    let ours = header(&sent, "Message-ID").trim_matches(['<', '>']).to_owned();
    mailbox.receives(letter("ANNA@example.org", "a1@x", &[&ours], "Danke"));
    wake(house, &channel).await;
    say(house, &[&["Ihr Brot ist fertig.", "Danke"]]).await;
    for wrong in [begin("anna"), json!({ "channel_id": channel["id"] })] {
        agent.call(Method::POST, "/conversations", Some(&wrong)).await.problem(422, "invalid");
    }
    house.workspace.viewer.call(Method::POST, "/conversations", Some(&begin("b@c.de"))).await.problem(403, "forbidden");
}

async fn who_is_disconnected_is_asked_no_more(house: &House, mailbox: &Mailbox) {
    let channel = connected(house).await;
    let path = format!("/channels/{}", text_of(&channel["id"]));
    house.workspace.owner.call(Method::DELETE, &path, None).await.json(202);
    mailbox.receives(letter("anna@example.org", "a1@x", &[], "too late"));
    house.clock.advance(EVERY_MS);
    wake(house, &channel).await;
    house.quiet().await;
    say(house, &[]).await;
}

async fn a_sender_that_the_server_found_false_is_shown_as_doubtful(house: &House, mailbox: &Mailbox) {
    let mut settings = settings();
    settings["sender_checks"] = json!("mx.shop.example");
    let order = json!({ "kind": "email", "name": "Post", "settings": settings });
    let channel = house.workspace.owner.post("/channels", order).await;
    let found =
        |result: &str, mail: String| format!("Authentication-Results: mx.shop.example; dmarc={result}\r\n{mail}");
    mailbox.receives(found("fail", letter("anna@example.org", "a1@x", &[], "forged")));
    mailbox.receives(found("pass", letter("anna@example.org", "a2@x", &["a1@x"], "her own")));
    wake(house, &channel).await;
    say(house, &[&["forged", "her own"]]).await;
    let agent = &house.workspace.agent;
    let conversation = text_of(&agent.list("/conversations").await[0]["id"]);
    let doubted: Vec<Value> =
        agent.messages(&conversation).await.into_iter().map(|message| message["doubtful_sender"].clone()).collect();
    assert_eq!(doubted, [json!(true), json!(false)]);
}
