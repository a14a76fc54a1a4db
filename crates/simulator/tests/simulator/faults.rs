//! Faults to order: what the caller is told, and what really happened.

use std::time::{Duration, Instant};

use serde_json::json;
use simulator::faults::{CallFault, DeliveryFault, Order};

use crate::stage::{Hook, Stage, TOKEN};

/// A stage with an open chat, where the next `sendMessage` meets the fault.
async fn spoiled(fault: CallFault) -> Stage {
    let stage = Stage::set().await;
    stage.greet();
    let order = Order::once(fault).only("sendMessage");
    stage.telegram().order_call_fault(TOKEN, order).expect("a bot");
    stage.result("getMe", json!({})).await;
    stage
}

#[tokio::test]
async fn a_throttled_call_has_no_effect() {
    let stage = spoiled(CallFault::TooManyRequests { retry_after: 7 }).await;
    let answer = stage.call("sendMessage", stage.words("x")).await.expect("an answer");
    assert_eq!((&answer["error_code"], &answer["parameters"]["retry_after"]), (&json!(429), &json!(7)));
    stage.result("sendMessage", stage.words("y")).await;
    assert_eq!(stage.sent_texts(), ["y"]);
}

#[tokio::test]
async fn an_error_may_come_before_or_after_the_effect() {
    for (fault, expected) in [(CallFault::ErrorBefore, 0), (CallFault::ErrorAfter, 1)] {
        let stage = spoiled(fault).await;
        assert_eq!(stage.refusal("sendMessage", stage.words("x")).await.0, 500);
        assert_eq!(stage.sent_texts().len(), expected);
        let tally = stage.telegram().calls(TOKEN).expect("a bot")["sendMessage"].clone();
        assert_eq!((tally.calls, tally.acted), (1, expected as u64));
    }
}

#[tokio::test]
async fn a_connection_may_be_cut_before_or_after_the_effect() {
    for (fault, expected) in [(CallFault::CutBefore, 0), (CallFault::CutAfter, 1)] {
        let stage = spoiled(fault).await;
        let lost = stage.call("sendMessage", stage.words("x")).await;
        let lost = lost.expect_err("no answer at all");
        assert!(lost.is_request() && lost.status().is_none(), "{lost:?}");
        assert_eq!(stage.sent_texts().len(), expected);
        stage.result("sendMessage", stage.words("y")).await;
        assert_eq!(stage.sent_texts().len(), expected + 1);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a slow answer is slow in real time")]
async fn a_slow_call_still_acts() {
    let stage = spoiled(CallFault::Slow { ms: 150 }).await;
    let begun = Instant::now();
    stage.result("sendMessage", stage.words("x")).await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

async fn deliveries_with(order: Order<DeliveryFault>, said: usize, brought: usize) -> Vec<i64> {
    let stage = Stage::with_seed(5).await;
    let hook = Hook::of(&stage, json!({})).await;
    stage.telegram().order_delivery_fault(TOKEN, order).expect("a bot");
    for _ in 0..said {
        stage.greet();
    }
    let numbers = hook.brought(brought).await;
    let first = numbers.iter().min().copied().unwrap_or_default();
    numbers.into_iter().map(|number| number - first).collect()
}

#[tokio::test]
async fn a_duplicate_comes_twice() {
    let order = Order::once(DeliveryFault::Duplicate).after(1);
    assert_eq!(deliveries_with(order, 3, 4).await, [0, 1, 1, 2]);
}

#[tokio::test]
async fn reordering_is_the_same_for_the_same_seed() {
    let order = || Order::once(DeliveryFault::Reorder { hold: 6 }).times(6);
    let numbers = deliveries_with(order(), 6, 6).await;
    assert_ne!(numbers, [0, 1, 2, 3, 4, 5]);
    assert_eq!(numbers, deliveries_with(order(), 6, 6).await);
}

#[tokio::test]
async fn a_delayed_one_is_overtaken() {
    let order = Order::once(DeliveryFault::Delay { ms: 200 });
    assert_eq!(deliveries_with(order, 3, 3).await, [1, 2, 0]);
}

#[tokio::test]
async fn a_burst_loses_nothing() {
    let order = Order::once(DeliveryFault::Burst { hold: 4 }).times(4);
    let mut numbers = deliveries_with(order, 4, 4).await;
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2, 3]);
}
