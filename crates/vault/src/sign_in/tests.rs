//! Sessions begin with a login, and end in every way they can.

use super::*;
use crate::members::MemberChange;
use crate::testing::house::{House, code};

async fn signed_in(house: &House, operator: &Scope) -> (MemberId, Session) {
    let (id, _) = house.member(operator, "a@example.org", Role::Agent).await;
    let candidate = house.vault.login_candidates("A@example.org").await.unwrap().remove(0);
    assert_eq!((candidate.workspace(), candidate.member()), (operator.workspace(), id));
    (id, house.vault.open_session(&candidate).await.unwrap())
}

async fn who(house: &House, session: &Session) -> Option<SignedIn> {
    house.vault.session_scope(session.token.reveal()).await.unwrap()
}

#[tokio::test]
async fn a_session_gives_its_member_and_their_present_role() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, session) = signed_in(&house, &operator).await;
    let found = who(&house, &session).await.unwrap();
    assert_eq!((found.member, found.role, found.scope.workspace()), (id, Role::Agent, operator.workspace()));
    assert_eq!(found.csrf, session.csrf);
    assert_ne!(session.csrf, session.token);
    assert!(!format!("{session:?}").contains(session.token.reveal().as_str()));

    let up = MemberChange { role: Some(Role::Admin), ..MemberChange::default() };
    house.vault.write(&operator, move |tx| members::update(tx, id, &up)).await.unwrap();
    assert_eq!(who(&house, &session).await.unwrap().role, Role::Admin);
}

#[tokio::test]
async fn what_is_no_token_is_nobody() {
    let house = House::open();
    let operator = house.workspace().await;
    let (_, session) = signed_in(&house, &operator).await;
    for token in ["", "0", &"0".repeat(64), &"g".repeat(64), &session.token.reveal()[1..]] {
        assert!(house.vault.session_scope(token).await.unwrap().is_none());
    }
    assert!(house.vault.login_candidates("nobody@example.org").await.unwrap().is_empty());
    assert!(house.vault.login_candidates("no address").await.unwrap().is_empty());
}

#[tokio::test]
async fn use_keeps_a_session_alive_but_not_for_ever() {
    let house = House::open();
    let operator = house.workspace().await;
    let (_, session) = signed_in(&house, &operator).await;
    let SessionTerms { idle_ms, life_ms } = SessionTerms::default();
    for _ in 0..(life_ms / (idle_ms - 1)) {
        house.clock.advance(idle_ms - 1);
        assert!(who(&house, &session).await.is_some());
    }
    house.clock.advance(idle_ms - 1);
    assert!(who(&house, &session).await.is_none());
    assert_eq!(house.vault.sweep_sessions(10).await.unwrap(), 1);
}

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, session) = signed_in(&house, &operator).await;
    house.clock.advance(SessionTerms::default().idle_ms);
    assert!(who(&house, &session).await.is_none());
    assert!(house.vault.read(&session.scope, move |tx| sessions(tx, id)).await.unwrap().is_empty());
}

#[tokio::test]
async fn use_is_noted_once_a_minute() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, session) = signed_in(&house, &operator).await;
    let commits = house.vault.commits();
    house.clock.advance(NOTED_MS - 1);
    who(&house, &session).await.unwrap();
    assert_eq!(house.vault.commits(), commits);
    house.clock.advance(1);
    who(&house, &session).await.unwrap();
    let seen = house.vault.read(&session.scope, move |tx| sessions(tx, id)).await.unwrap();
    assert_eq!(seen[0].seen_at, house.clock_now());
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, first) = signed_in(&house, &operator).await;
    let candidate = house.vault.login_candidates("a@example.org").await.unwrap().remove(0);
    house.clock.advance(1);
    let second = house.vault.open_session(&candidate).await.unwrap();
    let listed = house.vault.read(&first.scope, move |tx| sessions(tx, id)).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|view| !first.token.reveal().contains(&view.id.to_string()[4..])));

    let newest = listed[0].id;
    house.vault.write(&first.scope, move |tx| revoke(tx, id, newest)).await.unwrap();
    assert!(who(&house, &second).await.is_none());
    let token = first.token.reveal().clone();
    house.vault.write(&first.scope, move |tx| close(tx, &token)).await.unwrap();
    assert!(who(&house, &first).await.is_none());
    assert_eq!(house.vault.write(&first.scope, move |tx| revoke_all(tx, id)).await.unwrap(), 0);
}

#[tokio::test]
async fn suspending_a_member_and_a_new_password_end_their_sessions() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, session) = signed_in(&house, &operator).await;
    let hash = Personal::new("$argon2id$new".to_owned());
    house.vault.write(&operator, move |tx| members::set_password(tx, id, &hash)).await.unwrap();
    assert!(who(&house, &session).await.is_none());

    let candidate = house.vault.login_candidates("a@example.org").await.unwrap().remove(0);
    let session = house.vault.open_session(&candidate).await.unwrap();
    let off = MemberChange { state: Some(MemberState::Suspended), ..MemberChange::default() };
    house.vault.write(&operator, move |tx| members::update(tx, id, &off)).await.unwrap();
    assert!(who(&house, &session).await.is_none());
    assert_eq!(code(house.vault.open_session(&candidate).await), "forbidden");
}

#[tokio::test]
async fn nobody_ends_an_owners_sessions_but_owners() {
    let house = House::open();
    let operator = house.workspace().await;
    let (owner, _) = house.member(&operator, "owner@example.org", Role::Owner).await;
    let (_, admin) = house.member(&operator, "admin@example.org", Role::Admin).await;
    assert_eq!(code(house.vault.write(&admin, move |tx| revoke_all(tx, owner)).await), "forbidden");
    let elsewhere = house.workspace().await;
    assert_eq!(code(house.vault.write(&elsewhere, move |tx| revoke_all(tx, owner)).await), "not_found");
}
