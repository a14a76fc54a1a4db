//! Messenger and Instagram when Meta is slow, has trouble, has had enough, says what is not so, or takes the token back: nothing is
//! lost, nothing goes twice, each conversation keeps its order, and the member sees how it stands.

use serde_json::{Value, json};
use simulator::faults::{CallFault, Order};
use simulator::graph::MessageFault;

use crate::client::text_of;
use crate::house::{House, until};
use crate::page::{self, Page};

both_engines!(
    what_is_too_much_for_meta_goes_out_later_in_order,
    a_slow_answer_holds_up_nobody_else,
    what_is_taken_and_never_arrives_is_not_shown_as_delivered,
    what_may_be_lost_is_shown_and_goes_again_only_by_a_member,
    a_refusal_is_shown_in_words_and_holds_up_nothing,
    a_revoked_token_keeps_the_queue_and_its_order,
);

/// Each kind, its setting for the token, and how far a message comes that is not read: Instagram tells of no deliveries.
const KINDS: [(&str, &str, &str); 2] =
    [("messenger", "page_access_token", "delivered"), ("instagram", "access_token", "sent")];

/// Meta refuses so many messages with a code.
fn refuses(page: &Page, code: i64, times: u64) {
    let order = Order::always(MessageFault::Refuse { code }).times(times);
    page.app.graph.order_message_fault(&page.app.card.id, order).unwrap();
}

/// Something goes wrong with so many calls that send.
fn spoils(page: &Page, fault: CallFault, times: u64) {
    let order = Order::always(fault).times(times).only("POST messages");
    page.app.graph.order_call_fault(&page.app.card.id, order).unwrap();
}

/// How often Meta was asked to send.
fn tries(page: &Page) -> u64 {
    page.app.graph.calls(&page.app.card.id).unwrap().get("POST messages").map_or(0, |tally| tally.calls)
}

async fn tried(page: &Page, more_than: u64) {
    until("it is tried", async || (tries(page) > more_than).then_some(())).await;
}

/// Three messages to one, and one to another between them.
async fn says_four(house: &House, anna: &str, bea: &str) -> Vec<(String, Value)> {
    let mut said = Vec::new();
    for (conversation, text) in [(anna, "uno"), (bea, "per Bea"), (anna, "due"), (anna, "tre")] {
        said.push((conversation.to_owned(), house.workspace.agent.say(conversation, text).await));
    }
    said
}

/// Time passes until all of them stand so; none may fail on the way.
async fn all_reach(house: &House, said: &[(String, Value)], state: &str) {
    for (conversation, message) in said {
        let id = text_of(&message["id"]);
        until(&format!("{id} becomes {state}"), async || {
            house.clock.advance(2_000);
            let now = house.workspace.agent.message(conversation, &id).await;
            assert_ne!(now["state"], "failed", "{now}");
            (now["state"] == state).then_some(())
        })
        .await;
    }
}

/// Checks that the four went out once each, those of one conversation in order.
fn went_out_once(page: &Page, before: usize) {
    let sent: Vec<_> = page.sent().split_off(before).into_iter().filter_map(|sent| sent.text).collect();
    let annas: Vec<_> = sent.iter().filter(|text| *text != "per Bea").collect();
    assert_eq!(annas, ["uno", "due", "tre"], "{sent:?}");
    assert_eq!(sent.len(), 4, "{sent:?}");
}

async fn what_is_too_much_for_meta_goes_out_later_in_order(house: &House) {
    for (kind, _, end) in KINDS {
        let page = Page::connect(house, kind).await;
        let (_, anna) = page.talk("Anna Rossi", "a").await;
        let (_, bea) = page.talk("Bea Verdi", "b").await;
        // A throttle of the app, one of the account, and a trouble of Meta's own.
        for code in [4, 613, 1_200] {
            let (before, calls) = (page.sent().len(), tries(&page));
            refuses(&page, code, 2);
            let said = says_four(house, &anna, &bea).await;
            tried(&page, calls).await;
            all_reach(house, &said, end).await;
            went_out_once(&page, before);
        }
        let (before, calls) = (page.sent().len(), tries(&page));
        spoils(&page, CallFault::TooManyRequests { retry_after: 120 }, 1);
        let first = house.workspace.agent.say(&anna, "uno").await;
        tried(&page, calls).await;
        house.clock.advance(60_000);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(tries(&page), calls + 1, "it waits as long as it was told to");
        let waits = house.workspace.agent.message(&anna, &text_of(&first["id"])).await;
        assert_eq!((&waits["state"], &waits["failure"]), (&json!("queued"), &json!(null)));
        all_reach(house, &[(anna, first)], end).await;
        assert_eq!(page.sent().len(), before + 1);
        let channel = house.workspace.owner.get(&format!("/channels/{}", page.channel)).await;
        assert_eq!(channel["state"], "ready", "what passes stops no channel: {channel}");
    }
}

async fn a_slow_answer_holds_up_nobody_else(house: &House) {
    for (kind, _, end) in KINDS {
        let page = Page::connect(house, kind).await;
        let agent = &house.workspace.agent;
        let (_, anna) = page.talk("Anna Rossi", "a").await;
        let (_, bea) = page.talk("Bea Verdi", "b").await;
        spoils(&page, CallFault::Slow { ms: 4_000 }, 1);
        let slow = agent.say(&anna, "uno").await;
        tried(&page, 0).await;
        let next = agent.say(&anna, "due").await;
        let quick = agent.say(&bea, "per Bea").await;
        agent.reaches(&bea, &quick, end).await;
        for waiting in [&slow, &next] {
            assert_eq!(agent.message(&anna, &text_of(&waiting["id"])).await["state"], "queued");
        }
        for waiting in [&slow, &next] {
            agent.reaches(&anna, waiting, end).await;
        }
        let sent: Vec<_> = page.sent().into_iter().filter_map(|sent| sent.text).collect();
        assert_eq!(sent, ["per Bea", "uno", "due"]);
    }
}

async fn what_is_taken_and_never_arrives_is_not_shown_as_delivered(house: &House) {
    for (kind, _, end) in KINDS {
        let page = Page::connect(house, kind).await;
        let agent = &house.workspace.agent;
        let (_, conversation) = page.talk("Anna Rossi", "a").await;
        let lie = Order::once(MessageFault::Pretend);
        page.app.graph.order_message_fault(&page.app.card.id, lie).unwrap();
        let pretended = agent.say(&conversation, "creduto").await;
        agent.reaches(&conversation, &pretended, "sent").await;
        house.clock.advance(3_600_000);
        house.quiet().await;
        let shown = agent.message(&conversation, &text_of(&pretended["id"])).await;
        assert_eq!(shown["state"], "sent", "nothing more was heard of it, and nothing more is said");
        // What Meta tells of this one it tells of all before it.
        let next = agent.say(&conversation, "vero").await;
        agent.reaches(&conversation, &next, end).await;
        let sent: Vec<_> = page.sent().into_iter().filter_map(|sent| sent.text).collect();
        assert_eq!(sent, ["vero"]);
    }
}

async fn what_may_be_lost_is_shown_and_goes_again_only_by_a_member(house: &House) {
    for (kind, _, end) in KINDS {
        let page = Page::connect(house, kind).await;
        let agent = &house.workspace.agent;
        let (_, conversation) = page.talk("Anna Rossi", "a").await;
        for fault in [CallFault::CutBefore, CallFault::ErrorBefore] {
            let before = page.sent().len();
            spoils(&page, fault, 1);
            let lost = agent.say(&conversation, "perduto").await;
            let next = agent.say(&conversation, "e dopo").await;
            let id = text_of(&lost["id"]);
            let failed = until("it is given up", async || {
                house.clock.advance(2_000);
                let now = agent.message(&conversation, &id).await;
                (now["state"] == "failed").then_some(now)
            })
            .await;
            assert_eq!(failed["failure"]["code"], "outcome_unknown");
            all_reach(house, &[(conversation.clone(), next)], end).await;
            house.clock.advance(600_000);
            house.quiet().await;
            assert_eq!(page.sent().len(), before + 1, "it is not sent again by itself");
            agent.call(http::Method::POST, &format!("/messages/{id}/retries"), None).await.json(200);
            all_reach(house, &[(conversation.clone(), lost)], end).await;
            let sent: Vec<_> = page.sent().split_off(before).into_iter().filter_map(|sent| sent.text).collect();
            assert_eq!(sent, ["e dopo", "perduto"]);
        }
    }
}

async fn a_refusal_is_shown_in_words_and_holds_up_nothing(house: &House) {
    for (kind, _, end) in KINDS {
        let page = Page::connect(house, kind).await;
        let agent = &house.workspace.agent;
        let (_, conversation) = page.talk("Anna Rossi", "a").await;
        for (code, word) in [(551, "undeliverable"), (100, "not_accepted"), (987_654, "meta_refused")] {
            refuses(&page, code, 1);
            let refused = agent.say(&conversation, word).await;
            let next = agent.say(&conversation, "poi").await;
            let failed = agent.reaches(&conversation, &refused, "failed").await;
            assert_eq!(failed["failure"]["code"], word);
            assert!(text_of(&failed["failure"]["detail"]).len() > 20, "{failed}");
            agent.reaches(&conversation, &next, end).await;
        }
        assert!(page.sent().iter().all(|sent| sent.text.as_deref() == Some("poi")));
        assert_eq!(page.sent().len(), 3);
    }
}

async fn a_revoked_token_keeps_the_queue_and_its_order(house: &House) {
    for (kind, setting, end) in KINDS {
        let page = Page::connect(house, kind).await;
        let (owner, agent) = (&house.workspace.owner, &house.workspace.agent);
        let (person, anna) = page.talk("Anna Rossi", "a").await;
        let (_, bea) = page.talk("Bea Verdi", "b").await;
        let path = format!("/channels/{}", page.channel);
        page.app.graph.revoke_token(&page.app.token);
        let mut said = vec![(anna.clone(), agent.say(&anna, "uno").await)];
        let stopped = until("the channel stops", async || {
            let channel = owner.get(&path).await;
            (channel["state"] == "needs_attention").then_some(channel)
        })
        .await;
        assert_eq!(stopped["state_reason"], "reauthorise");
        assert!(text_of(&stopped["state_detail"]).contains("access token"), "{stopped}");
        for (conversation, text) in [(&bea, "per Bea"), (&anna, "due"), (&anna, "tre")] {
            said.push((conversation.clone(), agent.say(conversation, text).await));
        }
        // What people write comes in all the same.
        page.says(&person, "ancora qui?");
        page.arrived(&anna, "ancora qui?").await;
        house.clock.advance(3_600_000);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        for (conversation, message) in &said {
            let waits = agent.message(conversation, &text_of(&message["id"])).await;
            assert_eq!(waits["state"], "queued", "the queue is kept");
        }
        let (first, id) = (&said[0].0, text_of(&said[0].1["id"]));
        until("the member sees what it waits for", async || {
            let waits = agent.message(first, &id).await;
            (waits["failure"]["code"] == "channel_waits").then_some(())
        })
        .await;
        assert!(page.sent().is_empty());
        let token = page::token(&page.app.graph, &page.app.card.id);
        let ready = owner.patch(&path, json!({ "settings": { setting: token } })).await;
        assert_eq!((&ready["state"], &ready["state_reason"]), (&json!("ready"), &json!(null)));
        all_reach(house, &said, end).await;
        went_out_once(&page, 0);
    }
}
