//! Tokens: shown once, with their member's present rights, gone at once.

use super::*;
use crate::Role;
use crate::members::{self, MemberChange, MemberState};
use crate::testing::house::{House, code};

async fn made(house: &House, scope: &Scope, member: MemberId) -> NewToken {
    house.vault.write(scope, move |tx| create(tx, member)).await.unwrap()
}

async fn rights(house: &House, token: &NewToken) -> Option<(MemberId, Role)> {
    house.vault.token_scope(token.token.reveal()).await.unwrap().and_then(|scope| scope.member())
}

#[tokio::test]
async fn a_token_has_its_members_present_rights_until_it_is_revoked() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, scope) = house.member(&operator, "a@example.org", Role::Agent).await;
    let token = made(&house, &scope, id).await;
    assert!(token.token.reveal().starts_with("plr_") && token.token.reveal().len() == LENGTH);
    assert_eq!(rights(&house, &token).await, Some((id, Role::Agent)));

    let down = MemberChange { role: Some(Role::Viewer), ..MemberChange::default() };
    house.vault.write(&operator, move |tx| members::update(tx, id, &down)).await.unwrap();
    assert_eq!(rights(&house, &token).await, Some((id, Role::Viewer)));

    house.clock.advance(5);
    let (token_id, now) = (token.id, house.clock_now());
    house.vault.write(&scope, move |tx| revoke(tx, token_id)).await.unwrap();
    house.vault.write(&scope, move |tx| revoke(tx, token_id)).await.unwrap();
    assert_eq!(rights(&house, &token).await, None);
    let listed = house.vault.read(&scope, move |tx| list(tx, Some(id))).await.unwrap();
    assert_eq!((listed[0].id, listed[0].revoked_at), (token_id, Some(now)));
}

#[tokio::test]
async fn a_disabled_members_tokens_are_gone_for_good() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, scope) = house.member(&operator, "a@example.org", Role::Agent).await;
    let token = made(&house, &scope, id).await;
    for state in [MemberState::Suspended, MemberState::Active] {
        let change = MemberChange { state: Some(state), ..MemberChange::default() };
        house.vault.write(&operator, move |tx| members::update(tx, id, &change)).await.unwrap();
        assert_eq!(rights(&house, &token).await, None);
    }
}

#[tokio::test]
async fn what_is_no_token_is_nobody() {
    let house = House::open();
    let operator = house.workspace().await;
    let (id, scope) = house.member(&operator, "a@example.org", Role::Agent).await;
    let token = made(&house, &scope, id).await;
    let text = token.token.reveal();
    for other in ["", "plr_", &text[..LENGTH - 1], &format!("{text}A"), &format!("plr_{}", "A".repeat(43))] {
        assert!(house.vault.token_scope(other).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_admin_gets_no_token_of_an_owner_and_an_agent_none_of_others() {
    let house = House::open();
    let operator = house.workspace().await;
    let (owner, _) = house.member(&operator, "owner@example.org", Role::Owner).await;
    let (admin_id, admin) = house.member(&operator, "admin@example.org", Role::Admin).await;
    let (agent_id, agent) = house.member(&operator, "agent@example.org", Role::Agent).await;
    assert_eq!(code(house.vault.write(&admin, move |tx| create(tx, owner)).await), "forbidden");
    assert_eq!(code(house.vault.write(&agent, move |tx| create(tx, admin_id)).await), "forbidden");
    assert_eq!(code(house.vault.read(&agent, |tx| list(tx, None)).await), "forbidden");
    let token = made(&house, &admin, agent_id).await;
    assert_eq!(house.vault.read(&admin, |tx| list(tx, None)).await.unwrap().len(), 1);

    let elsewhere = house.workspace().await;
    assert_eq!(code(house.vault.write(&elsewhere, move |tx| revoke(tx, token.id)).await), "not_found");
}
