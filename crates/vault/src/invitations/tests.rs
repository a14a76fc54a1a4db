//! An invitation lets one person in, once, in time. On both engines.

use super::*;
use crate::members::MemberChange;
use crate::testing::house::{House, code, on_both};
use crate::{Role, sign_in};

fn new(email: &str, role: Role) -> NewMember {
    NewMember {
        email: Personal::new(email.into()),
        name: Personal::new("Ada Ahrens".into()),
        role,
        // Whoever invites must not be able to choose it.
        password_hash: Some(Personal::new("$argon2id$chosen".into())),
    }
}

async fn invites(house: &House, scope: &Scope, email: &'static str) -> (MemberId, Personal<String>) {
    let token = house.vault.draw_invitation();
    let drawn = token.clone();
    (house.does(scope, move |tx| invite(tx, &new(email, Role::Agent), &drawn)).await, token)
}

async fn accepts(house: &House, token: &Personal<String>) -> Result<LoginCandidate> {
    let invitation = house.vault.invitation(token.reveal()).await?.ok_or(Error::NotFound("invitation"))?;
    house.vault.accept_invitation(&invitation, Personal::new("$argon2id$own".into())).await
}

async fn state(house: &House, scope: &Scope, id: MemberId) -> MemberState {
    house.sees(scope, move |tx| members::view(tx, id)).await.state
}

#[tokio::test]
async fn who_accepts_is_a_member_with_a_password_of_their_own() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (id, token) = invites(house, &scope, "ada@example.org").await;
        assert_eq!(state(house, &scope, id).await, MemberState::Invited);
        let login = house.vault.login_candidates("ada@example.org").await.unwrap().remove(0);
        assert_eq!(login.password_hash(), "");
        assert_eq!(code(house.vault.open_session(&login).await), "forbidden");
        assert_eq!(code(house.vault.read(&scope, move |tx| members::require(tx, id)).await), "not_found");
        let invitation = house.vault.invitation(token.reveal()).await.unwrap().unwrap();
        let (workspace, member) = house.vault.invited(&invitation).await.unwrap();
        assert_eq!((workspace.id, member.id), (scope.workspace(), id));
        let login = accepts(house, &token).await.unwrap();
        assert_eq!(state(house, &scope, id).await, MemberState::Active);
        assert_eq!(house.vault.login_candidates("ada@example.org").await.unwrap()[0].password_hash(), "$argon2id$own");
        let session = house.vault.open_session(&login).await.unwrap();
        assert_eq!(session.scope.member(), Some((id, Role::Agent)));
        assert_eq!(code(accepts(house, &token).await), "not_found", "once only");
        let again = house.vault.accept_invitation(&invitation, Personal::new("$argon2id$other".into())).await;
        assert_eq!(code(again), "not_found", "nor by whoever looked before");
        assert_eq!(code(house.vault.write(&scope, move |tx| renew(tx, id, &token)).await), "has_joined");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_another_and_by_suspension() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (id, first) = invites(house, &scope, "ada@example.org").await;
        let second = house.vault.draw_invitation();
        let drawn = second.clone();
        house.does(&scope, move |tx| renew(tx, id, &drawn)).await;
        assert_eq!(code(accepts(house, &first).await), "not_found");
        house.clock.advance(LASTS_MS);
        assert_eq!(code(accepts(house, &second).await), "not_found");
        assert_eq!(house.vault.sweep_invitations().await.unwrap(), 1);
        let third = house.vault.draw_invitation();
        let drawn = third.clone();
        house.does(&scope, move |tx| renew(tx, id, &drawn)).await;
        let to = |state| MemberChange { state: Some(state), ..MemberChange::default() };
        let on = to(MemberState::Active);
        assert_eq!(code(house.vault.write(&scope, move |tx| members::update(tx, id, &on)).await), "has_not_joined");
        let off = to(MemberState::Suspended);
        house.does(&scope, move |tx| members::update(tx, id, &off)).await;
        assert_eq!(code(accepts(house, &third).await), "not_found");
        let drawn = third.clone();
        assert_eq!(code(house.vault.write(&scope, move |tx| renew(tx, id, &drawn)).await), "suspended");
        let on = to(MemberState::Active);
        house.does(&scope, move |tx| members::update(tx, id, &on)).await;
        assert_eq!(state(house, &scope, id).await, MemberState::Invited, "they never chose a password");
        let drawn = third.clone();
        house.does(&scope, move |tx| renew(tx, id, &drawn)).await;
        accepts(house, &third).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_may_not_make_owners_does_not_invite_them() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (_, admin) = house.member(&operator, "admin@example.org", Role::Admin).await;
        let (_, agent) = house.member(&operator, "agent@example.org", Role::Agent).await;
        let token = house.vault.draw_invitation();
        for (scope, role) in [(&admin, Role::Owner), (&agent, Role::Agent)] {
            let drawn = token.clone();
            let invited = house.vault.write(scope, move |tx| invite(tx, &new("new@example.org", role), &drawn)).await;
            assert_eq!(code(invited), "forbidden");
        }
        let drawn = token.clone();
        let owner = house.does(&operator, move |tx| invite(tx, &new("o@example.org", Role::Owner), &drawn)).await;
        let drawn = token.clone();
        assert_eq!(code(house.vault.write(&admin, move |tx| renew(tx, owner, &drawn)).await), "forbidden");
        assert_eq!(house.sees(&admin, move |tx| until(tx, owner, &token)).await, Some(house.clock_now() + LASTS_MS));
        for wrong in ["", "0", &"0".repeat(64), &"g".repeat(64)] {
            assert!(house.vault.invitation(wrong).await.unwrap().is_none());
        }
        assert!(house.sees(&operator, move |tx| sign_in::sessions(tx, owner)).await.is_empty());
    })
    .await;
}
