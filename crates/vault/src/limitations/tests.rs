//! Restriction and objection: of all who are one, what they stop, and what they leave.

use super::*;
use crate::outbox::{self, Gate, Refusal};
use crate::testing::house::{House, code, on_both};
use crate::uses::{self, Stopped, Use};
use crate::{Role, Scope, consents};

const USES: [Use; 5] = [Use::Ai, Use::Marketing, Use::Automation, Use::Profiling, Use::Analytics];

/// What stands against each use, in the order of [`USES`].
async fn stopped(house: &House, scope: &Scope, contact: ContactId) -> [Option<Stopped>; 5] {
    house
        .sees(scope, move |tx| {
            let mut found = [None; 5];
            for (at, of) in found.iter_mut().zip(USES) {
                *at = uses::permit(tx, contact, of)?.err();
            }
            Ok(found)
        })
        .await
}

#[tokio::test]
async fn a_restriction_stops_every_use_and_an_objection_those_it_names() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (anna, _) = house.contact(&scope, channel, "Anna").await;
        let (nina, _) = house.contact(&scope, channel, "Nina").await;
        assert_eq!(stopped(house, &scope, anna).await, [None; 5]);
        house.does(&scope, move |tx| object(tx, anna, &[Purpose::Profiling], None)).await;
        let objected = Some(Stopped::Objected);
        assert_eq!(stopped(house, &scope, anna).await, [None, None, None, objected, None]);
        let why = Personal::new("called on Monday".to_owned());
        house.does(&scope, move |tx| object(tx, anna, &[Purpose::Marketing], Some(&why))).await;
        assert_eq!(stopped(house, &scope, anna).await, [None, objected, None, objected, None]);
        house.does(&scope, move |tx| restrict(tx, anna, None)).await;
        assert_eq!(stopped(house, &scope, anna).await, [Some(Stopped::Restricted); 5]);
        assert_eq!(stopped(house, &scope, nina).await, [None; 5], "nobody else");
        house.does(&scope, move |tx| crate::merges::merge(tx, nina, anna).map(|_| ())).await;
        assert_eq!(stopped(house, &scope, nina).await, [Some(Stopped::Restricted); 5], "all who are one");
        let shown = house.sees(&scope, move |tx| of(tx, nina)).await;
        let objection = shown.objection.unwrap();
        assert_eq!(objection.purposes, [Purpose::Marketing, Purpose::Profiling]);
        assert_eq!(objection.reason, Some(Personal::new("called on Monday".to_owned())));
        house.does(&scope, move |tx| unrestrict(tx, nina)).await;
        house.does(&scope, move |tx| withdraw_objection(tx, nina)).await;
        assert_eq!(stopped(house, &scope, anna).await, [None; 5]);
    })
    .await;
}

#[tokio::test]
async fn the_gate_asks_whether_it_is_a_members_own_reply() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (anna, _) = house.contact(&scope, channel, "Anna").await;
        let agreed = consents::NewConsent {
            contact: anna,
            purpose: "marketing".into(),
            channel: "any".into(),
            ground: "consent".into(),
            text_version: "1".into(),
            collected_by: "form".into(),
            text: None,
            evidence: None,
            given_at: house.clock_now(),
        };
        house.does(&scope, move |tx| consents::give(tx, &agreed)).await;
        let own = Gate::reply(None);
        let gates = [own.clone(), Gate { automatic: true, ..own.clone() }, Gate { purpose: "marketing", ..own }];
        let answers = async || {
            let gates = gates.clone();
            let ask = move |tx: &Tx<'_>| gates.iter().map(|gate| outbox::check(tx, channel, anna, gate)).collect();
            house.sees(&scope, ask).await
        };
        let answers: [Vec<Option<Refusal>>; 4] = [
            answers().await,
            {
                house.does(&scope, move |tx| object(tx, anna, &[Purpose::Marketing], None)).await;
                answers().await
            },
            {
                house.does(&scope, move |tx| restrict(tx, anna, None)).await;
                answers().await
            },
            {
                house.does(&scope, move |tx| unrestrict(tx, anna)).await;
                house.does(&scope, move |tx| withdraw_objection(tx, anna)).await;
                answers().await
            },
        ];
        let restricted = Some(Refusal::Restricted);
        assert_eq!(answers[0], [None, None, None]);
        assert_eq!(answers[1], [None, None, Some(Refusal::Objected)], "as a customer, too");
        assert_eq!(answers[2], [None, restricted, restricted]);
        assert_eq!(answers[3], [None, None, None]);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_is_refused_and_what_changes_nothing_is_no_act() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (anna, _) = house.contact(&scope, channel, "Anna").await;
    let (member, agent) = house.member(&scope, "agent@example.org", Role::Agent).await;
    let (_, viewer) = house.member(&scope, "viewer@example.org", Role::Viewer).await;
    let other = house.workspace().await;
    let long = Personal::new("x".repeat(REASON_MOST + 1));
    for (by, expected) in [(&viewer, "forbidden"), (&other, "not_found")] {
        assert_eq!(code(house.vault.write(by, move |tx| restrict(tx, anna, None)).await), expected);
        assert_eq!(code(house.vault.write(by, move |tx| withdraw_objection(tx, anna)).await), expected);
    }
    assert_eq!(code(house.vault.write(&agent, move |tx| restrict(tx, anna, Some(&long))).await), "invalid");
    assert_eq!(code(house.vault.write(&agent, move |tx| object(tx, anna, &[], None)).await), "invalid");
    house.does(&agent, move |tx| restrict(tx, anna, None)).await;
    let acts = sql!("SELECT COUNT(*) FROM audit WHERE workspace_id = $1");
    let count = async || house.sees(&scope, move |tx| tx.maybe(acts, params![], |row| row.get::<i64>(0))).await;
    let before = count().await;
    house.clock.advance(1_000);
    house.does(&scope, move |tx| restrict(tx, anna, None)).await;
    house.does(&scope, move |tx| withdraw_objection(tx, anna)).await;
    assert_eq!(count().await, before);
    let found = house.sees(&scope, move |tx| of(tx, anna)).await.restriction.unwrap();
    assert_eq!((found.by, found.since), (member.to_string(), house.clock_now() - 1_000), "the first time and who");
}
