//! Contacts as members see them, and in which order.

use super::*;
use crate::erase;
use crate::facts::FactKind;
use crate::testing::house::{House, code};

fn profile(name: &str) -> Profile {
    Profile { name: Some(Personal::new(name.into())), ..Profile::default() }
}

#[tokio::test]
async fn what_was_said_of_a_contact_is_shown_and_the_rest_stays() {
    let house = House::open();
    let scope = house.workspace().await;
    let attributes = Map::from_iter([("plan".to_owned(), Value::from("gold"))]);
    let wanted = attributes.clone();
    let id = house
        .does(&scope, move |tx| {
            let attributes = Some(Personal::new(wanted.clone()));
            let profile = Profile { language: Some(Personal::new("de".into())), attributes, ..profile("Ada") };
            create(tx, &profile)
        })
        .await;
    house.does(&scope, move |tx| update(tx, id, &profile("Ada Ahrens"))).await;
    let shown = house.sees(&scope, move |tx| view(tx, id)).await;
    assert_eq!(shown.name, Some(Personal::new("Ada Ahrens".into())));
    assert_eq!(shown.language, Some(Personal::new("de".into())));
    assert_eq!(shown.attributes.reveal(), &attributes);
    assert!(shown.limits.restriction.is_none() && shown.identities.is_empty());
    let kinds = house.sees(&scope, |tx| facts::since(tx, 0, 9)).await.unwrap();
    let kinds: Vec<_> = kinds.into_iter().map(|fact| fact.kind).collect();
    assert_eq!(kinds, [FactKind::ContactCreated, FactKind::ContactUpdated]);
}

#[tokio::test]
async fn pages_run_from_the_most_recently_active_without_overlap() {
    let house = House::open();
    let scope = house.workspace().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(house.does(&scope, |tx| create(tx, &profile("Ada"))).await);
    }
    house.clock.advance(10);
    let (first, later) = (made[0], house.clock_now());
    house.does(&scope, move |tx| touch(tx, first, later)).await;
    house.does(&scope, move |tx| touch(tx, first, later - 5)).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = house.sees(&scope, move |tx| list(tx, after.as_ref(), 2)).await;
        seen.extend(page.data.iter().map(|contact| contact.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen[0], first, "an older activity does not set it back");
    made.sort();
    seen.sort();
    assert_eq!(seen, made, "each once, also at the same moment");
}

#[tokio::test]
async fn an_erased_contact_is_not_there() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = house.does(&scope, |tx| create(tx, &profile("Ada"))).await;
    house.does(&scope, move |tx| erase::begin(tx, id)).await;
    assert_eq!(code(house.vault.read(&scope, move |tx| view(tx, id)).await), "not_found");
    assert_eq!(code(house.vault.write(&scope, move |tx| update(tx, id, &profile("Back"))).await), "not_found");
    assert!(house.sees(&scope, move |tx| name(tx, id)).await.is_none());
    assert!(house.sees(&scope, |tx| list(tx, None, 10)).await.data.is_empty());
}

#[tokio::test]
async fn another_workspace_has_other_contacts() {
    let house = House::open();
    let (scope, other) = (house.workspace().await, house.workspace().await);
    let id = house.does(&scope, |tx| create(tx, &profile("Ada"))).await;
    assert_eq!(code(house.vault.read(&other, move |tx| view(tx, id)).await), "not_found");
    assert!(house.sees(&other, |tx| list(tx, None, 10)).await.data.is_empty());
}
