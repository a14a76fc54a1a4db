//! What a mail that goes out says of itself: what it is about, and from which of the mailbox's addresses it comes.

use http::Method;
use serde_json::{Value, json};

use simulator::mailbox::Letter;

use super::{KINDS, Mailbox, OWN, at, letter};
use crate::client::text_of;
use crate::house::{House, until};

both_engines!(
    a_subject_is_begun_planned_and_sent_as_it_was_chosen,
    an_answer_comes_from_the_address_that_was_written_to,
    a_further_address_is_one_that_the_provider_knows,
);

/// Fields of a mail, each in one line.
fn head(raw: &str) -> Vec<String> {
    let head = raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

async fn a_subject_is_begun_planned_and_sent_as_it_was_chosen(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        mailbox.writes("Is there bread?");
        let conversation = mailbox.conversation("Is there bread?").await;
        let (path, agent) = (format!("/conversations/{conversation}"), &mailbox.agent);
        let about = async |subject: &str| {
            let fields = head(&mailbox.sent().pop().unwrap().0);
            assert!(fields.contains(&format!("Subject: {subject}")), "{subject}: {fields:?}");
        };
        // Begun: kept with the draft, and only as a mail could have it.
        let draft = format!("{path}/draft");
        let begun = json!({ "text": "Yes", "subject": " Fresh bread " });
        let kept = agent.call(Method::PUT, &draft, Some(&begun)).await.json(200);
        assert_eq!(kept["subject"], "Fresh bread");
        assert_eq!(agent.list("/drafts").await[0]["subject"], "Fresh bread");
        for wrong in ["a\r\nBcc: x@y.example".to_owned(), "x".repeat(501)] {
            let wrong = json!({ "text": "Yes", "subject": wrong });
            agent.call(Method::PUT, &draft, Some(&wrong)).await.problem(422, "invalid");
        }
        // Chosen: it stands as it is. Not chosen: the conversation's goes on, marked as answered.
        let order = json!({ "text": "Yes, until six.", "subject": "Fresh bread" });
        let sent = agent.post(&format!("{path}/messages"), order).await;
        assert_eq!((&sent["subject"], &agent.get(&draft).await["subject"]), (&json!("Fresh bread"), &json!(null)));
        mailbox.reaches(&conversation, &sent, "sent").await;
        about("Fresh bread").await;
        let sent = agent.say(&conversation, "And rolls.").await;
        mailbox.reaches(&conversation, &sent, "sent").await;
        about("Re: Fresh bread").await;
        let words = json!({ "text": "x", "note": true, "subject": "None" });
        agent.call(Method::POST, &format!("{path}/messages"), Some(&words)).await.problem(422, "invalid");
        planned(&mailbox, &path).await;
        about("Holidays").await;
        assert_eq!(mailbox.sent().len(), 3);
    }
}

/// What waits shows what it is about, which its author changes.
async fn planned(mailbox: &Mailbox<'_>, conversation: &str) {
    let agent = &mailbox.agent;
    let order = json!({ "text": "We are away.", "subject": "Away", "hold_seconds": 30 });
    let waits = agent.call(Method::POST, &format!("{conversation}/messages"), Some(&order)).await.json(202);
    assert_eq!(waits["subject"], "Away");
    let path = format!("/scheduled/{}", text_of(&waits["id"]));
    assert_eq!(agent.patch(&path, json!({ "text": "We are gone." })).await["subject"], "Away", "not named, it stays");
    assert_eq!(agent.patch(&path, json!({ "subject": null })).await["subject"], json!(null));
    let wrong = json!({ "subject": "a\nb" });
    agent.call(Method::PATCH, &path, Some(&wrong)).await.problem(422, "invalid");
    assert_eq!(agent.patch(&path, json!({ "subject": "Holidays" })).await["subject"], "Holidays");
    until("it is sent", async || {
        mailbox.house.clock.advance(2_000);
        let said: Vec<Value> = agent.messages(conversation.trim_start_matches("/conversations/")).await;
        said.iter().find(|said| said["text"] == "We are gone.").filter(|said| said["state"] == "sent").map(|_| ())
    })
    .await;
}

const SALES: &str = "sales@shop.example";

async fn an_answer_comes_from_the_address_that_was_written_to(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::new(house, kind, json!({ "aliases": ["Sales@shop.example"] })).await;
        at!(mailbox, set_alias(Some(SALES)));
        mailbox.sign_in().await;
        assert_eq!(mailbox.shown().await["state"], "ready", "{}", mailbox.shown().await);
        mailbox.was_asked().await;
        for (to, from) in [(SALES, "Sales@shop.example"), (OWN, OWN)] {
            let text = format!("To {to}");
            let asked = mailbox.brings(&Letter { to: Some(to.to_owned()), text: text.clone(), ..letter() });
            let conversation = mailbox.conversation(&text).await;
            let sent = mailbox.agent.say(&conversation, "Yes.").await;
            mailbox.reaches(&conversation, &sent, "sent").await;
            let fields = head(&mailbox.sent().pop().unwrap().0);
            assert!(fields.contains(&format!("From: {from}")), "{to}: {fields:?}");
            assert!(fields.contains(&format!("In-Reply-To: <{asked}>")), "{fields:?}");
        }
        if kind == "outlook" {
            loses_an_address(&mailbox).await;
        }
    }
}

/// What the provider does not let it send from any more fails by itself, and keeps nothing else from being sent.
async fn loses_an_address(mailbox: &Mailbox<'_>) {
    at!(mailbox, set_alias(None));
    let conversation = mailbox.conversation(&format!("To {SALES}")).await;
    let refused = mailbox.agent.say(&conversation, "Still here.").await;
    let shown = mailbox.reaches(&conversation, &refused, "failed").await;
    assert_eq!(shown["failure"]["code"], "sender_refused", "{shown}");
    let other = mailbox.conversation(&format!("To {OWN}")).await;
    let sent = mailbox.agent.say(&other, "Here, too.").await;
    mailbox.reaches(&other, &sent, "sent").await;
    assert_eq!(mailbox.shown().await["state"], "ready");
}

async fn a_further_address_is_one_that_the_provider_knows(house: &House) {
    for kind in KINDS {
        let mailbox = Mailbox::open(house, kind, json!({})).await;
        let path = format!("/channels/{}", mailbox.channel);
        let takes = async |aliases: Value| {
            let changed = mailbox.owner.patch(&path, json!({ "settings": { "aliases": aliases } })).await;
            (changed["state"].clone(), changed["state_reason"].clone())
        };
        let needs = |reason: &str| (json!("needs_attention"), json!(reason));
        assert_eq!(takes(json!(["sales"])).await, needs("alias_malformed"), "{kind}");
        for unknown in [SALES, "pending@shop.example"] {
            assert_eq!(takes(json!([unknown])).await, needs("alias_unknown"), "{kind}: {unknown}");
        }
        at!(mailbox, set_alias(Some(SALES)));
        assert_eq!(takes(json!([SALES])).await, (json!("ready"), json!(null)), "{kind}");
    }
}
