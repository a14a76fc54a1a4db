//! Members: who they are, and who may change them.

use proptest::prelude::*;

use super::*;
use crate::testing::house::{House, code};

fn new(email: &str, role: Role) -> NewMember {
    let (email, name) = (Personal::new(email.into()), Personal::new("  Ada  ".into()));
    NewMember { email, name, role, password_hash: None }
}

#[tokio::test]
async fn a_member_is_found_by_any_spelling_of_the_address() {
    let house = House::open();
    let scope = house.workspace().await;
    let id = house.vault.write(&scope, |tx| create(tx, &new(" Ada@Example.ORG ", Role::Agent))).await.unwrap();
    let found = house.vault.read(&scope, |tx| by_email(tx, "ada@example.org")).await.unwrap().unwrap();
    assert_eq!((found.id, found.role, found.state), (id, Role::Agent, MemberState::Active));
    assert_eq!((found.name.reveal().as_str(), found.email.reveal().as_str()), ("Ada", "ada@example.org"));
    assert!(!format!("{found:?}").contains("xample"));
    assert!(house.vault.read(&scope, |tx| by_email(tx, "bob@example.org")).await.unwrap().is_none());
}

#[tokio::test]
async fn an_address_is_one_member_of_a_workspace_and_may_be_of_another_too() {
    let house = House::open();
    let (one, other) = (house.workspace().await, house.workspace().await);
    house.vault.write(&one, |tx| create(tx, &new("a@example.org", Role::Agent))).await.unwrap();
    let again = house.vault.write(&one, |tx| create(tx, &new("A@example.org", Role::Viewer))).await;
    assert_eq!(code(again), "email_taken");
    let there = house.vault.write(&other, |tx| create(tx, &new("a@example.org", Role::Agent))).await.unwrap();
    assert_eq!(code(house.vault.read(&one, move |tx| view(tx, there)).await), "not_found");
    assert_eq!(house.vault.read(&one, |tx| list(tx, None, 10)).await.unwrap().data.len(), 1);
    assert_eq!(house.vault.login_candidates("a@example.org").await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_admin_cannot_become_or_make_an_owner() {
    let house = House::open();
    let operator = house.workspace().await;
    let (owner, _) = house.member(&operator, "owner@example.org", Role::Owner).await;
    let (admin, scope) = house.member(&operator, "admin@example.org", Role::Admin).await;
    let up = MemberChange { role: Some(Role::Owner), ..MemberChange::default() };
    let off = MemberChange { state: Some(MemberState::Suspended), ..MemberChange::default() };
    assert_eq!(code(house.vault.write(&scope, |tx| create(tx, &new("b@example.org", Role::Owner))).await), "forbidden");
    assert_eq!(code(house.vault.write(&scope, move |tx| update(tx, admin, &up)).await), "forbidden");
    assert_eq!(code(house.vault.write(&scope, move |tx| update(tx, owner, &off)).await), "forbidden");
    let hash = Personal::new("$argon2id$mine".to_owned());
    assert_eq!(code(house.vault.write(&scope, move |tx| set_password(tx, owner, &hash)).await), "forbidden");
    assert!(house.vault.write(&scope, |tx| create(tx, &new("c@example.org", Role::Agent))).await.is_ok());
}

#[tokio::test]
async fn the_last_owner_stays() {
    let house = House::open();
    let operator = house.workspace().await;
    let (owner, scope) = house.member(&operator, "owner@example.org", Role::Owner).await;
    let down = MemberChange { role: Some(Role::Agent), ..MemberChange::default() };
    let change = down.clone();
    assert_eq!(code(house.vault.write(&scope, move |tx| update(tx, owner, &change)).await), "last_owner");
    assert_eq!(house.vault.read(&scope, move |tx| view(tx, owner)).await.unwrap().role, Role::Owner);
    house.member(&operator, "second@example.org", Role::Owner).await;
    house.vault.write(&scope, move |tx| update(tx, owner, &down)).await.unwrap();
}

#[tokio::test]
async fn members_change_their_own_name_and_password_and_nothing_else() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, scope) = house.member(&operator, "a@example.org", Role::Viewer).await;
    let renamed = MemberChange { name: Some(Personal::new("Ada B.".into())), ..MemberChange::default() };
    house.vault.write(&scope, move |tx| update(tx, id, &renamed)).await.unwrap();
    let called = house.vault.read(&scope, move |tx| name(tx, id)).await.unwrap().unwrap();
    assert_eq!(called.reveal(), "Ada B.");
    let hash = Personal::new("$argon2id$new".to_owned());
    house.vault.write(&scope, move |tx| set_password(tx, id, &hash)).await.unwrap();
    assert_eq!(house.vault.login_candidates("a@example.org").await.unwrap()[0].password_hash(), "$argon2id$new");
    let up = MemberChange { role: Some(Role::Admin), ..MemberChange::default() };
    assert_eq!(code(house.vault.write(&scope, move |tx| update(tx, id, &up)).await), "forbidden");
}

#[tokio::test]
async fn an_auditor_sees_themselves_and_no_other() {
    let house = House::open();
    let operator = house.workspace().await;
    let (own, scope) = house.member(&operator, "a@example.org", Role::Auditor).await;
    let (other, _) = house.member(&operator, "b@example.org", Role::Agent).await;
    assert!(house.vault.read(&scope, move |tx| view(tx, own)).await.is_ok());
    assert_eq!(code(house.vault.read(&scope, move |tx| view(tx, other)).await), "forbidden");
    assert_eq!(code(house.vault.read(&scope, |tx| list(tx, None, 10)).await), "forbidden");
}

#[tokio::test]
async fn work_goes_to_active_members_only() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, _) = house.member(&operator, "a@example.org", Role::Agent).await;
    assert!(house.vault.read(&operator, move |tx| require(tx, id)).await.is_ok());
    let off = MemberChange { state: Some(MemberState::Suspended), ..MemberChange::default() };
    house.vault.write(&operator, move |tx| update(tx, id, &off)).await.unwrap();
    assert_eq!(code(house.vault.read(&operator, move |tx| require(tx, id)).await), "not_found");
}

#[tokio::test]
async fn pages_hold_each_member_once() {
    let house = House::open();
    let operator = house.workspace().await;
    for email in ["a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"] {
        house.member(&operator, email, Role::Agent).await;
    }
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let from: Option<Cursor> = cursor;
        let page = house.vault.read(&operator, move |tx| list(tx, from.as_ref(), 2)).await.unwrap();
        seen.extend(page.data.into_iter().map(|member| member.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

proptest! {
    #[test]
    fn normal_addresses_stay_as_they_are(text in "\\PC{0,30}") {
        if let Ok(normal) = normal_email(&text) {
            prop_assert_eq!(normal_email(&normal).ok(), Some(normal.clone()));
            prop_assert!(!normal.chars().any(char::is_whitespace));
        }
    }

    #[test]
    fn white_space_and_case_make_no_difference(local in "[a-z0-9.+]{1,10}", domain in "[a-z0-9]{1,8}\\.[a-z]{2,4}") {
        let email = format!("{local}@{domain}");
        let spelled = format!(" \t{}\n", email.to_uppercase());
        prop_assert_eq!(normal_email(&spelled).ok(), Some(email));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated(text in "[a-z ]{1,20}") {
        let refusal = normal_email(&text).unwrap_err().to_string();
        prop_assert_eq!(refusal, "email is not an e-mail address");
    }
}
