//! Rotations of two contacts of whom one is merged into the other while both are under way.

use super::*;
use crate::testing::house::{House, on_both};

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
