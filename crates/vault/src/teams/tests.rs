//! Teams: who makes them, who belongs to them, and what becomes of what was theirs. On both engines.

use super::*;
use crate::canned_replies::{self, NewCannedReply};
use crate::conversations::Change;
use crate::testing::house::{House, code, on_both};
use crate::{Role, Scope};

fn named(name: &str) -> Personal<String> {
    Personal::new(name.into())
}

async fn team(house: &House, scope: &Scope, name: &'static str, members: Vec<MemberId>) -> TeamId {
    house.does(scope, move |tx| create(tx, &named(name), &members)).await
}

#[tokio::test]
async fn a_team_is_made_changed_and_listed_by_name() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (ada, scope) = house.member(&operator, "ada@example.org", Role::Admin).await;
        let (bea, _) = house.member(&operator, "bea@example.org", Role::Agent).await;
        let sales = team(house, &scope, " Sales ", vec![ada, bea, ada]).await;
        let bakery = team(house, &scope, "bakery", vec![]).await;
        let listed = house.sees(&scope, list).await;
        let names: Vec<_> = listed.iter().map(|team| (team.id, team.name.reveal().as_str())).collect();
        assert_eq!(names, [(bakery, "bakery"), (sales, "Sales")]);
        assert_eq!(listed[1].members, [ada, bea]);
        let change = TeamChange { name: Some(named("SALES")), members: Some(vec![bea]) };
        house.does(&scope, move |tx| update(tx, sales, &change)).await;
        let seen = house.sees(&scope, move |tx| view(tx, sales)).await;
        assert_eq!((seen.name.reveal().as_str(), seen.members), ("SALES", vec![bea]));
        assert_eq!(house.sees(&scope, move |tx| of_member(tx, bea)).await, [sales]);
        let taken = house.vault.write(&scope, move |tx| create(tx, &named("sales"), &[])).await;
        assert_eq!(code(taken), "name_taken");
        let change = TeamChange { name: Some(named("Bakery")), members: None };
        assert_eq!(code(house.vault.write(&scope, move |tx| update(tx, sales, &change)).await), "name_taken");
    })
    .await;
}

#[tokio::test]
async fn only_who_manages_members_arranges_them_and_only_their_own() {
    on_both(async |house| {
        let (operator, elsewhere) = (house.workspace().await, house.workspace().await);
        let (_, agent) = house.member(&operator, "ada@example.org", Role::Agent).await;
        let (stranger, _) = house.member(&elsewhere, "ada@example.org", Role::Agent).await;
        let own = team(house, &operator, "Sales", vec![]).await;
        assert_eq!(code(house.vault.write(&agent, |tx| create(tx, &named("Mine"), &[])).await), "forbidden");
        assert_eq!(code(house.vault.write(&agent, move |tx| remove(tx, own)).await), "forbidden");
        let taken_in = house.vault.write(&operator, move |tx| create(tx, &named("Odd"), &[stranger])).await;
        assert_eq!(code(taken_in), "not_found");
        assert_eq!(code(house.vault.write(&elsewhere, move |tx| remove(tx, own)).await), "not_found");
        assert_eq!(house.sees(&agent, list).await.len(), 1, "what was refused left nothing");
    })
    .await;
}

#[tokio::test]
async fn what_was_a_deleted_teams_is_nobodys() {
    on_both(async |house| {
        let operator = house.workspace().await;
        let (ada, _) = house.member(&operator, "ada@example.org", Role::Agent).await;
        let channel = house.channel(&operator, "telegram").await;
        let (_, conversation) = house.contact(&operator, channel, "t").await;
        let sales = team(house, &operator, "Sales", vec![ada]).await;
        let other = team(house, &operator, "Other", vec![ada]).await;
        let given = Change { team: Some(Some(sales)), ..Change::default() };
        house.does(&operator, move |tx| conversations::change(tx, conversation, &given)).await;
        let reply = NewCannedReply { shortcut: named("hi"), text: named("Hello"), team: Some(sales) };
        let reply = house.does(&operator, move |tx| canned_replies::create(tx, &reply)).await;
        let before = house.sees(&operator, facts::head).await;
        house.does(&operator, move |tx| remove(tx, sales)).await;
        assert_eq!(house.sees(&operator, move |tx| conversations::view(tx, conversation)).await.team, None);
        assert_eq!(house.sees(&operator, move |tx| canned_replies::view(tx, reply)).await.team, None);
        assert_eq!(house.sees(&operator, move |tx| of_member(tx, ada)).await, [other]);
        let told = house.sees(&operator, move |tx| facts::since(tx, before, 9)).await.unwrap();
        let told: Vec<_> = told.iter().map(|fact| (fact.kind.as_str(), fact.about.conversation)).collect();
        assert_eq!(told, [("conversation.updated", Some(conversation)), ("workplace.updated", None)]);
        let again = Change { team: Some(Some(sales)), ..Change::default() };
        let given = house.vault.write(&operator, move |tx| conversations::change(tx, conversation, &again)).await;
        assert_eq!(code(given), "not_found");
        assert_eq!(code(house.vault.write(&operator, move |tx| remove(tx, sales)).await), "not_found");
    })
    .await;
}
