//! Saved views: one's own, and those that everybody shares. On both engines.

use super::*;
use crate::testing::house::{House, code, on_both};
use crate::{Role, Scope};

fn new(name: &str, shared: bool, filter: &[(&str, &str)]) -> NewView {
    let filter = filter.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    NewView { name: Personal::new(name.into()), shared, filter: Personal::new(filter), position: None }
}

async fn names(house: &House, scope: &Scope) -> Vec<String> {
    house.sees(scope, list).await.into_iter().map(|view| view.name.into_revealed()).collect()
}

#[tokio::test]
async fn everybody_sees_their_own_and_what_is_shared() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, ada) = house.member(&operator, "ada@example.org", Role::Agent).await;
        let (_, bea) = house.member(&operator, "bea@example.org", Role::Agent).await;
        let (_, viewer) = house.member(&operator, "vera@example.org", Role::Viewer).await;
        let (_, admin) = house.member(&operator, "adm@example.org", Role::Admin).await;
        let own = house.does(&ada, |tx| create(tx, &new("Own", false, &[("q", "refund")]))).await;
        let all = house.does(&ada, |tx| create(tx, &new("All", true, &[("status", "open,pending")]))).await;
        assert_eq!(names(house, &ada).await, ["Own", "All"], "in the order in which they were saved");
        assert_eq!(names(house, &bea).await, ["All"]);
        assert_eq!(code(house.vault.read(&bea, move |tx| view(tx, own)).await), "not_found");
        let first = ViewChange { position: Some(0), ..ViewChange::default() };
        assert_eq!(code(house.vault.write(&admin, move |tx| remove(tx, own)).await), "not_found", "not even an admin");
        let change = first.clone();
        assert_eq!(code(house.vault.write(&bea, move |tx| update(tx, all, &change)).await), "forbidden");
        house.does(&admin, move |tx| update(tx, all, &first)).await;
        assert_eq!(names(house, &ada).await, ["All", "Own"]);
        house.does(&viewer, |tx| create(tx, &new("Mine", false, &[]))).await;
        assert_eq!(code(house.vault.write(&viewer, |tx| create(tx, &new("Ours", true, &[]))).await), "forbidden");
        let unshared = ViewChange { shared: Some(false), ..ViewChange::default() };
        house.does(&ada, move |tx| update(tx, all, &unshared)).await;
        assert!(names(house, &bea).await.is_empty());
        house.does(&ada, move |tx| remove(tx, all)).await;
        assert_eq!(names(house, &ada).await, ["Own"]);
    })
    .await;
}

#[tokio::test]
async fn a_filter_is_kept_as_it_is_and_says_what_is_gone() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, ada) = house.member(&operator, "ada@example.org", Role::Admin).await;
        let team = house.does(&ada, |tx| teams::create(tx, &Personal::new("Sales".into()), &[])).await;
        let asked = team.to_string();
        let id =
            house.does(&ada, move |tx| create(tx, &new("Team", false, &[("team", &asked), ("assignee", "me")]))).await;
        let seen = house.sees(&ada, move |tx| view(tx, id)).await;
        assert_eq!((seen.filter.reveal()["assignee"].as_str(), seen.missing.len()), ("me", 0));
        house.does(&ada, move |tx| teams::remove(tx, team)).await;
        let seen = house.sees(&ada, move |tx| view(tx, id)).await;
        assert_eq!((seen.filter.reveal().len(), &seen.missing[..]), (2, &["team"][..]));
        let odd = new("Odd", false, &[("colour", "red")]);
        assert_eq!(code(house.vault.write(&ada, move |tx| create(tx, &odd)).await), "invalid");
        let empty = new("Odd", false, &[("q", "")]);
        assert_eq!(code(house.vault.write(&ada, move |tx| create(tx, &empty)).await), "invalid");
        let far = ViewChange { position: Some(-1), ..ViewChange::default() };
        assert_eq!(code(house.vault.write(&ada, move |tx| update(tx, id, &far)).await), "invalid");
        assert_eq!(code(house.vault.write(&operator, |tx| create(tx, &new("x", false, &[]))).await), "forbidden");
    })
    .await;
}
