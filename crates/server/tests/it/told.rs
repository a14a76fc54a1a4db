//! Mailboxes whose provider tells that there is news: brought at once, with the clock standing still; and asked as often as ever where
//! nothing is told, or what is told is not believed.

use http::Method;
use serde_json::json;
use simulator::faults::{CallFault, Order};
use simulator::mailbox::PushFault;
use vault::Clock;
use vault::jobs::JobKind;
use vault::testing::door;

use crate::client::text_of;
use crate::house::{House, until};
use crate::signed_in::{KINDS, Mailbox, OWN, at};

both_engines!(
    what_is_told_is_brought_at_once,
    what_is_not_proven_is_not_believed,
    who_falls_silent_is_found_out_and_asked_again,
    a_watch_is_renewed_before_it_ends_and_made_anew_when_it_is_gone,
    where_nothing_can_be_told_the_mailbox_is_asked,
);

const TOPIC: &str = "projects/shop/topics/mail";
const CALLER: &str = "push@shop.iam.gserviceaccount.example";
const QUARTER: i64 = 15_000;
const FIVE_MINUTES: i64 = 300_000;

/// A mailbox whose provider tells of news; Google does where its topic is named, Microsoft wherever it reaches the hook.
async fn watched<'a>(house: &'a House, kind: &'static str) -> Mailbox<'a> {
    let settings = if kind == "gmail" { json!({ "push_topic": TOPIC, "push_account": CALLER }) } else { json!({}) };
    let mailbox = Mailbox::new(house, kind, settings).await;
    let hook = format!("{}/hooks/{}", house.base, mailbox.channel);
    house.simulator.google().subscribe(TOPIC, &hook, CALLER);
    house.simulator.microsoft().reach(OWN, true);
    mailbox.sign_in().await;
    mailbox.was_asked().await;
    until("its provider tells", async || is_watched(&mailbox).then_some(())).await;
    settled(&mailbox).await;
    mailbox
}

/// Waits until what its provider said is kept, and it is looked after later.
async fn settled(mailbox: &Mailbox<'_>) {
    until("it is looked after later", async || {
        let due = due(mailbox, JobKind::WatchAccount).await?;
        (due > mailbox.house.clock.now() + QUARTER).then_some(())
    })
    .await;
    mailbox.house.quiet().await;
}

/// When a job of the channel is due that nobody is at.
async fn due(mailbox: &Mailbox<'_>, kind: JobKind) -> Option<i64> {
    door::due(&mailbox.house.app.vault, kind, &mailbox.channel).await.unwrap()
}

fn is_watched(mailbox: &Mailbox<'_>) -> bool {
    match mailbox.kind {
        "gmail" => mailbox.house.simulator.google().watched(OWN).is_some(),
        _ => !mailbox.house.simulator.microsoft().subscriptions(OWN).is_empty(),
    }
}

/// The conversation in which this text is, once it is there, while no time goes by.
async fn at_once(mailbox: &Mailbox<'_>, text: &str) -> String {
    let path = format!("/conversations?channel={}&limit=100", mailbox.channel);
    until(&format!("a conversation with {text:?} at once"), async || {
        for found in mailbox.agent.list(&path).await {
            let id = text_of(&found["id"]);
            if mailbox.agent.texts(&id).await.iter().any(|known| known == text) {
                return Some(id);
            }
        }
        None
    })
    .await
}

/// In how long the mailbox is asked again, once nothing is left to do and nobody is asking.
async fn asked_again_in(mailbox: &Mailbox<'_>) -> i64 {
    mailbox.house.quiet().await;
    until("it was asked", async || {
        let due = due(mailbox, JobKind::PollChannel).await?;
        Some(due - mailbox.house.clock.now()).filter(|after| *after > 0)
    })
    .await
}

/// Waits until the mailbox is asked seldom because its provider tells: a regular asking may have been just before the hint.
async fn relied_on(mailbox: &Mailbox<'_>) {
    until("it is asked seldom", async || (asked_again_in(mailbox).await > QUARTER).then_some(())).await;
}

fn told(mailbox: &Mailbox<'_>) -> Vec<Option<u16>> {
    match mailbox.kind {
        "gmail" => mailbox.house.simulator.google().told(),
        _ => mailbox.house.simulator.microsoft().told(),
    }
}

async fn what_is_told_is_brought_at_once(house: &House) {
    for kind in KINDS {
        let mailbox = watched(house, kind).await;
        for text in ["first", "second", "third"] {
            mailbox.writes(text);
            at_once(&mailbox, text).await;
        }
        let again = asked_again_in(&mailbox).await;
        assert!((FIVE_MINUTES * 3 / 4..=FIVE_MINUTES).contains(&again), "{kind}: asked seldom now, in {again} ms");
        assert_eq!(told(&mailbox).last(), Some(&Some(200)));
        // A provider that said to wait is not asked sooner for being told.
        let operation = operation(kind);
        at!(mailbox, order_call_fault(Order::once(CallFault::TooManyRequests { retry_after: 120 }).only(operation)));
        mailbox.writes("fourth");
        until("it is told to wait", async || {
            let again = asked_again_in(&mailbox).await;
            (QUARTER + 1..=120_000).contains(&again).then_some(())
        })
        .await;
        let (calls, before) = (mailbox.calls(operation), told(&mailbox).len());
        mailbox.writes("fifth");
        until("that is told, too", async || (told(&mailbox).len() > before).then_some(())).await;
        house.quiet().await;
        assert_eq!(mailbox.calls(operation), calls, "{kind}: it waits");
        mailbox.conversation("fifth").await;
        // Disconnected, it is told nothing more.
        mailbox.owner.call(Method::DELETE, &format!("/channels/{}", mailbox.channel), None).await;
        until("its provider is told to stop", async || (!is_watched(&mailbox)).then_some(())).await;
    }
}

async fn what_is_not_proven_is_not_believed(house: &House) {
    for kind in KINDS {
        let mailbox = watched(house, kind).await;
        mailbox.writes("Proven");
        at_once(&mailbox, "Proven").await;
        relied_on(&mailbox).await;
        let faults = if kind == "gmail" {
            vec![PushFault::Forged, PushFault::OtherHook, PushFault::OtherAccount, PushFault::Expired]
        } else {
            vec![PushFault::Forged]
        };
        for fault in faults {
            let (before, calls) = (told(&mailbox).len(), mailbox.calls(operation(kind)));
            at!(mailbox, set_push_fault(Some(fault)));
            mailbox.writes(&format!("{fault:?}"));
            until("it is refused", async || (told(&mailbox).len() > before).then_some(())).await;
            house.quiet().await;
            assert!(told(&mailbox).iter().skip(before).all(|status| *status == Some(401)), "{kind} {fault:?}");
            assert_eq!(mailbox.calls(operation(kind)), calls, "{kind} {fault:?}: nothing was done about it");
        }
        at!(mailbox, set_push_fault(None));
        mailbox.conversation("Forged").await;
        let hook = format!("/hooks/{}", mailbox.channel);
        let nobody = house.nobody();
        let said = json!({ "value": [{ "clientState": "" }], "message": { "data": "" } });
        nobody.call(Method::POST, &hook, Some(&said)).await.problem(401, "unauthorised");
        nobody.call(Method::GET, &hook, None).await.problem(401, "unauthorised");
    }
}

fn operation(kind: &str) -> &'static str {
    if kind == "gmail" { "history" } else { "delta" }
}

async fn who_falls_silent_is_found_out_and_asked_again(house: &House) {
    for kind in KINDS {
        let mailbox = watched(house, kind).await;
        mailbox.writes("heard");
        at_once(&mailbox, "heard").await;
        relied_on(&mailbox).await;
        at!(mailbox, set_push_fault(Some(PushFault::Silent)));
        if kind == "outlook" {
            house.simulator.microsoft().drop_subscriptions(OWN);
        }
        house.clock.advance(FIVE_MINUTES);
        assert!(asked_again_in(&mailbox).await > QUARTER, "{kind}: nothing came, so nothing was missed");
        mailbox.writes("unheard");
        house.clock.advance(FIVE_MINUTES);
        mailbox.conversation("unheard").await;
        let again = asked_again_in(&mailbox).await;
        assert!(again <= QUARTER, "{kind}: asked often again, in {again} ms");
        until("it is looked after", async || is_watched(&mailbox).then_some(())).await;
        settled(&mailbox).await;
        at!(mailbox, set_push_fault(None));
        mailbox.writes("heard again");
        at_once(&mailbox, "heard again").await;
        relied_on(&mailbox).await;
    }
}

async fn a_watch_is_renewed_before_it_ends_and_made_anew_when_it_is_gone(house: &House) {
    for kind in KINDS {
        let mailbox = watched(house, kind).await;
        let renewed = if kind == "gmail" { "watch" } else { "renew" };
        let first = mailbox.calls(renewed);
        for round in 1..=4 {
            house.clock.advance(2 * 24 * 3_600_000);
            until("it is renewed", async || {
                // Its token has ended, too: it is tried again a little later.
                house.clock.advance(500);
                (mailbox.calls(renewed) >= first + round).then_some(())
            })
            .await;
            settled(&mailbox).await;
            assert!(is_watched(&mailbox), "{kind}: after {} days", 2 * round);
        }
        mailbox.state("ready").await;
        mailbox.writes("after a week");
        mailbox.conversation("after a week").await;
        if kind == "outlook" {
            let microsoft = house.simulator.microsoft();
            let known = microsoft.subscriptions(OWN);
            let calls = mailbox.calls("renew");
            microsoft.tell_lifecycle(OWN, "reauthorizationRequired");
            until("it is renewed", async || (mailbox.calls("renew") > calls).then_some(())).await;
            settled(&mailbox).await;
            let calls = mailbox.calls("delta");
            microsoft.tell_lifecycle(OWN, "missed");
            until("it is asked", async || (mailbox.calls("delta") > calls).then_some(())).await;
            house.quiet().await;
            assert_eq!(microsoft.subscriptions(OWN)[0].0, known[0].0, "the same as before");
            microsoft.tell_lifecycle(OWN, "subscriptionRemoved");
            until("another is made", async || is_watched(&mailbox).then_some(())).await;
            assert_ne!(microsoft.subscriptions(OWN)[0].0, known[0].0);
            settled(&mailbox).await;
            mailbox.writes("by the other");
            at_once(&mailbox, "by the other").await;
        }
    }
}

async fn where_nothing_can_be_told_the_mailbox_is_asked(house: &House) {
    for (kind, settings) in [
        // A topic that Gmail may not publish to, and a hook that Microsoft does not reach.
        ("gmail", json!({ "push_topic": "projects/other/topics/none", "push_account": CALLER })),
        ("outlook", json!({})),
    ] {
        let mailbox = Mailbox::open(house, kind, settings).await;
        until("it was tried", async || {
            (mailbox.calls(if kind == "gmail" { "watch" } else { "subscribe" }) > 0).then_some(())
        })
        .await;
        mailbox.writes("asked for");
        mailbox.conversation("asked for").await;
        assert!(asked_again_in(&mailbox).await <= QUARTER);
        assert_eq!(mailbox.shown().await["state"], "ready", "{kind}: nobody has to do anything about it");
        // Once it can be, the next look after it finds out.
        let path = format!("/channels/{}", mailbox.channel);
        let hook = format!("{}/hooks/{}", house.base, mailbox.channel);
        house.simulator.google().subscribe(TOPIC, &hook, CALLER);
        house.simulator.microsoft().reach(OWN, true);
        let change = if kind == "gmail" { json!({ "push_topic": TOPIC }) } else { json!({ "signature": "Bye" }) };
        mailbox.owner.patch(&path, json!({ "settings": change })).await;
        until("its provider tells", async || is_watched(&mailbox).then_some(())).await;
        if kind == "gmail" {
            settled(&mailbox).await;
            mailbox.owner.patch(&path, json!({ "settings": { "push_topic": null } })).await;
            until("nor does it any more", async || (!is_watched(&mailbox)).then_some(())).await;
            mailbox.writes("by asking");
            mailbox.conversation("by asking").await;
        }
    }
}
