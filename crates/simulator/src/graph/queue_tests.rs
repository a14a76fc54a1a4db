//! What is brought next, with faults and without.

use serde_json::json;

use super::*;
use crate::faults::Order;

const OPTIONS: DeliveryOptions =
    DeliveryOptions { retry_first_ms: 10, retry_max_ms: 20, timeout_ms: 1_000, parallel: true };

fn change(id: u64) -> Change {
    let value = json!({ "metadata": {}, "contacts": [], "messages": [{ "id": id }] });
    Change { object: "whatsapp_business_account", entry: "1".to_owned(), field: "messages", value, time: 0 }
}

fn ids(parcel: &Parcel) -> Vec<u64> {
    parcel.changes.iter().filter_map(|change| change.value["messages"][0]["id"].as_u64()).collect()
}

fn with(order: Option<Order<DeliveryFault>>, count: u64) -> (Queue, Chance) {
    let (mut queue, mut chance) = (Queue::default(), Chance::from_seed(3));
    if let Some(order) = order {
        queue.faults.add(order);
    }
    for id in 0..count {
        queue.push(change(id), "lane", "http://a", 0, &mut chance);
    }
    (queue, chance)
}

/// Brings everything that can be brought now, each taken at once.
fn drained((mut queue, mut chance): (Queue, Chance)) -> Vec<Vec<u64>> {
    let mut brought = Vec::new();
    while let Step::Bring(parcel) = queue.next_step(&OPTIONS, &mut chance) {
        brought.push(ids(&parcel));
        queue.brought(&parcel);
    }
    brought
}

#[test]
fn one_chat_keeps_its_sequence() {
    let (mut queue, mut chance) = with(None, 2);
    let Step::Bring(first) = queue.next_step(&OPTIONS, &mut chance) else { panic!("nothing to bring") };
    assert!(matches!(queue.next_step(&OPTIONS, &mut chance), Step::Wait(None)));
    queue.push(change(9), "another", "http://a", 0, &mut chance);
    let Step::Bring(other) = queue.next_step(&OPTIONS, &mut chance) else { panic!("lanes are independent") };
    assert_eq!((ids(&first), ids(&other)), (vec![0], vec![9]));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_taken_comes_again_until_a_week_is_over() {
    let (mut queue, mut chance) = with(None, 1);
    for attempt in 1..4 {
        let Step::Bring(parcel) = queue.next_step(&OPTIONS, &mut chance) else { panic!("nothing to bring") };
        assert_eq!(parcel.attempt, attempt);
        queue.failed(&parcel, &OPTIONS, 1_000);
        tokio::time::advance(Duration::from_millis(30)).await;
    }
    let Step::Bring(parcel) = queue.next_step(&OPTIONS, &mut chance) else { panic!("nothing to bring") };
    queue.failed(&parcel, &OPTIONS, LONGEST_TRIED_MS);
    assert_eq!(queue.pending(), 0);
}

#[test]
fn a_batch_is_one_body_for_each_address() {
    let order = Order::always(DeliveryFault::Batch { hold: 4 });
    let (mut queue, mut chance) = with(Some(order), 3);
    queue.push(change(3), "lane", "http://b", 0, &mut chance);
    assert_eq!(drained((queue, chance)), [vec![0, 1, 2], vec![3]]);
}

#[test]
fn no_batch_tells_of_more_than_a_thousand() {
    let order = Order::always(DeliveryFault::Batch { hold: 1_200 });
    let sizes: Vec<_> = drained(with(Some(order), 1_200)).iter().map(Vec::len).collect();
    assert_eq!(sizes, [LARGEST_BATCH, 200]);
}

#[test]
fn duplicates_count_once_and_shuffling_loses_nothing() {
    let (queue, chance) = with(Some(Order::once(DeliveryFault::Duplicate)), 2);
    assert_eq!(queue.pending(), 2);
    assert_eq!(drained((queue, chance)), [[0], [0], [1]]);
    let mut shuffled = drained(with(Some(Order::always(DeliveryFault::Reorder { hold: 6 })), 6));
    assert_ne!(shuffled, [[0], [1], [2], [3], [4], [5]]);
    shuffled.sort();
    assert_eq!(shuffled, [[0], [1], [2], [3], [4], [5]]);
}
