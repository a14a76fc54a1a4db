//! What is brought, and in which sequence.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::faults::Order;

fn with_webhook() -> (Updates, Chance) {
    let mut updates = Updates::starting_at(1);
    let url = "http://localhost/hook".to_owned();
    updates.webhook = Some(Webhook { url, secret: None, max_connections: 40 });
    (updates, Chance::from_seed(3))
}

fn push(updates: &mut Updates, chance: &mut Chance, lanes: &[i64]) {
    for lane in lanes {
        updates.push("message", json!({}), *lane, chance);
    }
}

/// Numbers of what can be brought now without anything being answered.
fn under_way(updates: &mut Updates, chance: &mut Chance, parallel: bool) -> Vec<i64> {
    let options = DeliveryOptions { parallel, ..DeliveryOptions::default() };
    let step = || match updates.next_step(&options, chance) {
        Step::Bring(parcel) => Some(parcel.update_id),
        Step::Wait(_) => None,
    };
    std::iter::from_fn(step).collect()
}

/// Numbers in the sequence in which they are brought one by one.
fn all_brought(updates: &mut Updates, chance: &mut Chance) -> Vec<i64> {
    let options = DeliveryOptions::default();
    let mut numbers = Vec::new();
    while let Step::Bring(parcel) = updates.next_step(&options, chance) {
        numbers.push(parcel.update_id);
        updates.brought(parcel.ticket);
    }
    numbers
}

#[tokio::test]
async fn one_at_a_time_unless_parallel_and_then_one_per_chat() {
    let (mut updates, mut chance) = with_webhook();
    push(&mut updates, &mut chance, &[7, 7, 8]);
    assert_eq!(under_way(&mut updates, &mut chance, false), [1]);
    assert_eq!(under_way(&mut updates, &mut chance, true), [3]);
}

#[tokio::test]
async fn a_failure_holds_up_only_its_own_chat() {
    let (mut updates, mut chance) = with_webhook();
    push(&mut updates, &mut chance, &[7, 7, 8]);
    let options = DeliveryOptions::default();
    for _ in 0..2 {
        let Step::Bring(parcel) = updates.next_step(&options, &mut chance) else {
            panic!("the first failure is repeated at once")
        };
        assert_eq!(parcel.update_id, 1);
        updates.failed(parcel.ticket, &options, None);
    }
    assert_eq!(all_brought(&mut updates, &mut chance), [3]);
    assert_eq!(updates.pending(), 2);
}

#[tokio::test]
async fn a_duplicate_is_brought_twice_but_waits_once() {
    let (mut updates, mut chance) = with_webhook();
    updates.faults.add(Order::once(DeliveryFault::Duplicate));
    push(&mut updates, &mut chance, &[7, 7]);
    assert_eq!(updates.pending(), 2);
    assert_eq!(all_brought(&mut updates, &mut chance), [1, 1, 2]);
}

#[tokio::test]
async fn a_burst_goes_out_together() {
    let (mut updates, mut chance) = with_webhook();
    updates.faults.add(Order::once(DeliveryFault::Burst { hold: 3 }).times(3));
    push(&mut updates, &mut chance, &[7, 7]);
    assert!(under_way(&mut updates, &mut chance, false).is_empty());
    push(&mut updates, &mut chance, &[7]);
    assert_eq!(under_way(&mut updates, &mut chance, false), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_too_long_is_let_go() {
    let (mut updates, mut chance) = with_webhook();
    updates.faults.add(Order::always(DeliveryFault::Reorder { hold: 10 }));
    push(&mut updates, &mut chance, &[7]);
    assert!(all_brought(&mut updates, &mut chance).is_empty());
    tokio::time::advance(LONGEST_HOLD).await;
    assert_eq!(all_brought(&mut updates, &mut chance), [1]);
}

#[test]
fn waits_double_up_to_a_limit() {
    let options = DeliveryOptions { retry_first_ms: 100, retry_max_ms: 350, ..DeliveryOptions::default() };
    let waits: Vec<_> = (1..=5).map(|n| back_off(n, &options).as_millis()).collect();
    assert_eq!(waits, [0, 100, 200, 350, 350]);
}

#[tokio::test]
async fn polling_confirms_what_came_before() {
    let (mut updates, mut chance) = with_webhook();
    push(&mut updates, &mut chance, &[7, 7, 7, 7]);
    assert_eq!(updates.poll(0, 2).len(), 2);
    assert_eq!(updates.poll(3, 100).len(), 2);
    assert_eq!(updates.poll(-1, 100)[0]["update_id"], 4);
    assert_eq!(updates.pending(), 1);
}

#[tokio::test]
async fn some_updates_come_only_when_asked_for() {
    let (mut updates, mut chance) = with_webhook();
    updates.push("message_reaction", json!({}), 7, &mut chance);
    assert_eq!(updates.pending(), 0);
    updates.allowed = Some(BTreeSet::from(["message_reaction".to_owned()]));
    updates.push("message_reaction", json!({}), 7, &mut chance);
    updates.push("message", json!({}), 7, &mut chance);
    assert_eq!(updates.pending(), 1);
}

proptest! {
    #[test]
    fn without_faults_each_chat_keeps_its_sequence(lanes in proptest::collection::vec(0_i64..4, 0..40)) {
        let (mut updates, mut chance) = with_webhook();
        push(&mut updates, &mut chance, &lanes);
        let expected: Vec<i64> = (1..).take(lanes.len()).collect();
        prop_assert_eq!(all_brought(&mut updates, &mut chance), expected);
    }

    #[test]
    fn reordering_loses_and_invents_nothing(seed: u64, hold in 1_usize..6, rounds in 1_usize..5) {
        let (mut updates, _) = with_webhook();
        let mut chance = Chance::from_seed(seed);
        updates.faults.add(Order::always(DeliveryFault::Reorder { hold }));
        push(&mut updates, &mut chance, &vec![7; hold * rounds]);
        let mut numbers = all_brought(&mut updates, &mut chance);
        numbers.sort_unstable();
        let expected: Vec<i64> = (1..).take(hold * rounds).collect();
        prop_assert_eq!(numbers, expected);
    }
}
