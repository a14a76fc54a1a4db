//! Faults to order: what the caller is told, and what really happened.

use serde_json::json;
use simulator::faults::{CallFault, DeliveryFault, Order};
use simulator::graph::MessageFault;
use simulator::graph::whatsapp::{AccountCard, NumberCard, Person};

use super::stage::{ANNA, APP, Hook, NUMBER, Stage};

async fn spoiled(fault: CallFault) -> Stage {
    let stage = Stage::set().await;
    stage.greet();
    let order = Order::once(fault).only("POST messages");
    stage.graph().order_call_fault(APP, order).expect("an app");
    stage.result("GET", NUMBER, serde_json::Value::Null).await;
    stage
}

#[tokio::test]
async fn a_throttled_call_has_no_effect() {
    let stage = spoiled(CallFault::TooManyRequests { retry_after: 90 }).await;
    let url = format!("{}/v26.0/{NUMBER}/messages", stage.base);
    let body = Stage::words("x").to_string();
    let request = stage.http.post(url).bearer_auth(super::stage::TOKEN).header("content-type", "application/json");
    let answer = request.body(body).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 400);
    let usage = answer.headers()["x-business-use-case-usage"].to_str().expect("text").to_owned();
    assert!(usage.contains(r#""estimated_time_to_regain_access":2"#), "{usage}");
    assert!(stage.sent_texts().is_empty());
    let order = Order::once(CallFault::TooManyRequests { retry_after: 1 });
    stage.graph().order_call_fault(APP, order).expect("an app");
    assert_eq!(stage.refusal("GET", NUMBER, serde_json::Value::Null).await, (400, 80_007));
}

#[tokio::test]
async fn an_error_may_come_before_or_after_the_effect() {
    for (fault, expected) in [(CallFault::ErrorBefore, 0), (CallFault::ErrorAfter, 1)] {
        let stage = spoiled(fault).await;
        assert_eq!(stage.send_refused(Stage::words("x")).await, (500, 131_000));
        assert_eq!(stage.sent_texts().len(), expected);
        let tally = stage.graph().calls(APP).expect("an app")["POST messages"].clone();
        assert_eq!((tally.calls, tally.acted), (1, expected as u64));
    }
}

#[tokio::test]
async fn a_connection_may_be_cut_before_or_after_the_effect() {
    for (fault, expected) in [(CallFault::CutBefore, 0), (CallFault::CutAfter, 1)] {
        let stage = spoiled(fault).await;
        let lost = stage.call("POST", &format!("{NUMBER}/messages"), Stage::words("x")).await;
        assert!(lost.expect_err("no answer at all").status().is_none());
        assert_eq!(stage.sent_texts().len(), expected);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a slow answer is slow in real time")]
async fn a_slow_call_still_acts() {
    let stage = spoiled(CallFault::Slow { ms: 150 }).await;
    let begun = std::time::Instant::now();
    stage.send(Stage::words("x")).await;
    assert!(begun.elapsed() >= std::time::Duration::from_millis(150));
}

#[tokio::test]
async fn meta_may_refuse_in_its_own_words() {
    let stage = Stage::set().await;
    stage.greet();
    let order = Order::once(MessageFault::Refuse { code: 131_048 });
    stage.graph().order_message_fault(APP, order).expect("an app");
    assert_eq!(stage.send_refused(Stage::words("x")).await, (400, 131_048));
    stage.send(Stage::words("y")).await;
    assert_eq!(stage.sent_texts(), ["y"]);
}

#[tokio::test]
async fn meta_may_pretend_fail_later_or_never_deliver() {
    let stage = Stage::set().await;
    stage.greet();
    let hook = Hook::of(&stage).await;
    let faults = [MessageFault::Pretend, MessageFault::FailLater { code: 131_049 }, MessageFault::Undelivered];
    for (text, fault) in ["a", "b", "c"].into_iter().zip(faults) {
        stage.graph().order_message_fault(APP, Order::once(fault)).expect("an app");
        stage.send(Stage::words(text)).await;
    }
    let statuses = hook.statuses(2).await;
    assert_eq!((&statuses[0]["status"], &statuses[0]["errors"][0]["code"]), (&json!("failed"), &json!(131_049)));
    assert_eq!(statuses[1]["status"], "sent");
    assert_eq!(stage.sent_texts(), ["b", "c"]);
}

/// The texts told, in order, with a fault ordered.
async fn told_with(order: Order<DeliveryFault>, said: usize, told: usize) -> Vec<String> {
    let stage = Stage::set().await;
    let hook = Hook::of(&stage).await;
    stage.graph().order_delivery_fault(APP, order).expect("an app");
    for text in 0..said {
        stage.whatsapp().say_text(NUMBER, ANNA, &text.to_string()).expect("Anna can write");
    }
    let values = hook.values(told).await;
    let text = |value: &serde_json::Value| value["messages"][0]["text"]["body"].as_str().map(str::to_owned);
    values.iter().filter_map(text).collect()
}

#[tokio::test]
async fn a_duplicate_comes_twice_and_a_delayed_one_is_overtaken() {
    let order = Order::once(DeliveryFault::Duplicate).after(1);
    assert_eq!(told_with(order, 3, 4).await, ["0", "1", "1", "2"]);
    let order = Order::once(DeliveryFault::Delay { ms: 200 });
    assert_eq!(told_with(order, 3, 3).await, ["1", "2", "0"]);
}

#[tokio::test]
async fn reordering_is_the_same_for_the_same_seed_and_a_burst_loses_nothing() {
    let order = || Order::once(DeliveryFault::Reorder { hold: 6 }).times(6);
    let first = told_with(order(), 6, 6).await;
    assert_ne!(first, ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(first, told_with(order(), 6, 6).await);
    let mut burst = told_with(Order::once(DeliveryFault::Burst { hold: 4 }).times(4), 4, 4).await;
    burst.sort();
    assert_eq!(burst, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_batch_mixes_accounts_numbers_people_and_statuses() {
    let stage = Stage::set().await;
    let sim = stage.whatsapp();
    let account = sim.create_account(AccountCard { app: Some(APP.to_owned()), ..AccountCard::default() });
    let account = account.expect("an app").id;
    let number = sim.create_number(NumberCard { account, ..NumberCard::default() }).expect("an account").id;
    let ben = sim.create_person(Person::named("Ben", "491701234567")).id;
    let hook = Hook::of(&stage).await;
    stage.graph().order_delivery_fault(APP, Order::always(DeliveryFault::Batch { hold: 7 })).expect("an app");
    stage.greet();
    sim.say_text(&number, &ben, "Hallo").expect("Ben can write");
    sim.say_text(NUMBER, &ben, "Hallo").expect("Ben can write");
    stage.send(Stage::words("x")).await;
    stage.greet();
    sim.stop_marketing(NUMBER, ANNA, true).expect("a chat");
    let told = hook.told(1).await;
    let entries = told[0]["entry"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    let changes = entries[0]["changes"].as_array().expect("changes");
    let count =
        |list: &str| changes.iter().filter_map(|one| one["value"][list].as_array()).map(Vec::len).sum::<usize>();
    assert_eq!((changes.len(), count("messages"), count("statuses")), (3, 3, 2));
    assert_eq!(changes[0]["value"]["contacts"].as_array().map(Vec::len), Some(2));
    assert_eq!(stage.graph().deliveries(APP).map(|all| all.len()), Ok(1));
}
