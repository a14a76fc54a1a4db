//! Rotations of two contacts of whom one is merged into the other while both are under way.

use super::*;
use crate::messages::Direction;
use crate::testing::house::{House, on_both, say};

/// Rotates one to its last step, then orders the other, merges, and lets both come to their end.
async fn rotated_and_merged(house: &House, first: usize, second: usize) {
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [stays, merged] = [furnished.people[0].contact, furnished.people[1].contact];
    let [first, second] = [first, second].map(|number| What::Contact(furnished.people[number].contact));
    let mut old = house.sees(&scope, move |tx| keys_of(tx, first)).await;
    old.extend(house.sees(&scope, move |tx| keys_of(tx, second)).await);
    let earlier = house.does(&scope, move |tx| begin(tx, first)).await;
    while house.vault.rotation_step(&scope, earlier).await.unwrap().is_none() {}
    assert_eq!(house.sees(&scope, move |tx| view(tx, earlier)).await.state, State::Destroying);
    // In the same moment by the clock.
    let later = house.does(&scope, move |tx| begin(tx, second)).await;
    assert_ne!(earlier, later);
    house.does(&scope, move |tx| merges::merge(tx, stays, merged)).await;
    let before = house.sees(&scope, contents).await;
    for what in [first, second] {
        let running = house.does(&scope, move |tx| begin(tx, what)).await;
        assert!([earlier, later].contains(&running), "none is begun beside those under way");
    }
    for id in [earlier, later] {
        finish(&house.vault, &house.clock, &scope, id).await;
        assert_eq!(house.sees(&scope, contents).await, before, "everything stays readable");
    }
    let names = house.sees(&scope, named).await;
    for key in old {
        assert!(!names.contains(&key.to_string()) && !is_in_custody(&house.vault, &scope, key));
    }
}

#[tokio::test]
async fn each_rotation_destroys_what_it_retired_alone() {
    on_both(async |house| {
        rotated_and_merged(house, 1, 0).await;
        rotated_and_merged(house, 0, 1).await;
    })
    .await;
}

/// Rotates one to its last step, merges the two, and orders the other or the same again.
async fn ordered_while_one_runs(house: &House, running: usize, asked: usize) {
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [stays, merged] = [furnished.people[0].contact, furnished.people[1].contact];
    let mut old = Vec::new();
    for contact in [stays, merged] {
        old.extend(house.sees(&scope, move |tx| keys_of(tx, What::Contact(contact))).await);
    }
    let [running, asked] = [running, asked].map(|number| What::Contact(furnished.people[number].contact));
    let earlier = house.does(&scope, move |tx| begin(tx, running)).await;
    while house.vault.rotation_step(&scope, earlier).await.unwrap().is_none() {}
    house.does(&scope, move |tx| merges::merge(tx, stays, merged)).await;
    let before = house.sees(&scope, contents).await;
    let later = house.does(&scope, move |tx| begin(tx, asked)).await;
    assert_ne!(later, earlier, "the other one's keys have yet to be ordered");
    // They are written to, and so get keys that nobody has asked to replace.
    let conversations = [furnished.people[0].conversation, furnished.people[1].conversation];
    for conversation in conversations {
        house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "now")).await;
    }
    for contact in [stays, merged] {
        let again = house.does(&scope, move |tx| begin(tx, What::Contact(contact))).await;
        assert!([earlier, later].contains(&again), "both are under way");
    }
    for id in [later, earlier] {
        finish(&house.vault, &house.clock, &scope, id).await;
    }
    let after = house.sees(&scope, contents).await;
    assert!(before.iter().all(|(place, cell)| after.get(place) == Some(cell)));
    let names = house.sees(&scope, named).await;
    for key in old {
        assert!(!names.contains(&key.to_string()) && !is_in_custody(&house.vault, &scope, key));
    }
}

#[tokio::test]
async fn an_order_covers_whoever_has_none_under_way() {
    on_both(async |house| {
        for (running, asked) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            ordered_while_one_runs(house, running, asked).await;
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_is_named_the_family_rotates_as_one() {
    let house = House::open();
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [stays, merged] = [furnished.people[0].contact, furnished.people[1].contact];
    house.does(&scope, move |tx| merges::merge(tx, stays, merged)).await;
    let before = house.sees(&scope, contents).await;
    let id = house.does(&scope, move |tx| begin(tx, What::Contact(merged))).await;
    while house.vault.rotation_step(&scope, id).await.unwrap().is_none() {}
    assert_eq!(house.does(&scope, move |tx| begin(tx, What::Contact(stays))).await, id);
    finish(&house.vault, &house.clock, &scope, id).await;
    assert_eq!(house.sees(&scope, contents).await, before);
    assert_eq!(house.sees(&scope, move |tx| view(tx, id)).await.what, What::Contact(stays));
}
