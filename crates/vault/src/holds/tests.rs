//! Legal holds: what they cover, what they stop, and that it goes on by itself.

mod property;

use super::*;
use crate::erase::{self, Asked, Progress, State};
use crate::messages::{self, Direction};
use crate::testing::house::{House, code, on_both, say};
use crate::{ErasureId, MessageId, Role, Scope, indexing};

const DAY: Millis = 86_400_000;

fn on(on: Subject, ends_at: Option<Millis>) -> NewHold {
    NewHold { on, reason: Personal::new("Case 12/2026, district court".into()), ends_at }
}

async fn place(house: &House, scope: &Scope, subject: Subject, ends_at: Option<Millis>) -> HoldId {
    house.does(scope, move |tx| set(tx, &on(subject, ends_at))).await
}

async fn begin(house: &House, scope: &Scope, contact: ContactId) -> &'static str {
    code(house.vault.write(scope, move |tx| erase::begin(tx, contact)).await)
}

/// As the jobs do.
async fn go_on(house: &House, scope: &Scope, id: ErasureId) -> State {
    house.does(scope, resume).await;
    let progress = house.vault.carry_on_erasure(scope, id).await.unwrap();
    if progress == Progress::Waiting {
        assert!(house.vault.index_step(scope).await.is_ok());
    }
    house.sees(scope, move |tx| erase::view(tx, id)).await.state
}

#[tokio::test]
async fn each_kind_of_hold_stops_the_erasure_of_whom_it_covers_and_of_nobody_else() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (anna, annas) = house.contact(&scope, channel, "Anna").await;
        let (bruno, _) = house.contact(&scope, channel, "Bruno").await;
        for (subject, stops_bruno) in [
            (Subject::Contact(anna), "no error"),
            (Subject::Conversation(annas), "no error"),
            (Subject::Workspace, "legal_hold"),
        ] {
            let hold = place(house, &scope, subject, None).await;
            assert_eq!(begin(house, &scope, anna).await, "legal_hold", "{subject:?}");
            let covered = house.sees(&scope, move |tx| covers_contact(tx, bruno)).await;
            assert_eq!(covered, stops_bruno == "legal_hold", "{subject:?}");
            assert!(house.sees(&scope, move |tx| covers_conversation(tx, annas)).await, "{subject:?}");
            assert!(house.sees(&scope, move |tx| Ok(contacts::view(tx, anna)?.legal_hold)).await, "it is shown");
            house.does(&scope, move |tx| lift(tx, hold)).await;
            assert!(!house.sees(&scope, move |tx| covers_contact(tx, anna)).await, "{subject:?} is lifted");
        }
        assert_eq!(begin(house, &scope, anna).await, "no error");
        assert_eq!(begin(house, &scope, bruno).await, "no error");
    })
    .await;
}

#[tokio::test]
async fn a_wish_waits_and_is_met_by_itself_once_the_hold_is_lifted_or_has_ended() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        for (name, ends) in [("Anna", None), ("Bruno", Some(DAY))] {
            let (contact, conversation) = house.contact(&scope, channel, name).await;
            house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "Hello")).await;
            let ends_at = ends.map(|days| house.clock_now() + days);
            let hold = place(house, &scope, Subject::Contact(contact), ends_at).await;
            let Asked::Held(id) = house.does(&scope, move |tx| erase::ask(tx, contact)).await else {
                panic!("a hold stands")
            };
            let again = house.does(&scope, move |tx| erase::ask(tx, contact)).await;
            assert_eq!(again, Asked::Held(id), "asked twice it is one wish");
            assert_eq!(go_on(house, &scope, id).await, State::Held, "nothing changes while the hold stands");
            assert!(house.sees(&scope, move |tx| contacts::view(tx, contact)).await.name.is_some());
            let told = house.sees(&scope, move |tx| erase::view(tx, id)).await.kept.remove(0);
            assert_eq!((told.ground, told.until), (GROUND, ends_at), "the requester is told");
            match ends {
                Some(after) => house.clock.advance(after),
                None => house.does(&scope, move |tx| lift(tx, hold)).await,
            }
            assert_ne!(go_on(house, &scope, id).await, State::Held);
            let gone = house.vault.read(&scope, move |tx| contacts::view(tx, contact)).await;
            assert_eq!(code(gone), "not_found", "it was erased by itself");
            let same = house.does(&scope, move |tx| erase::begin(tx, contact)).await;
            assert_eq!(same, id, "the wish that waited is the erasure");
            let closed = house.sees(&scope, move |tx| view(tx, hold)).await;
            assert!(closed.lifted_at.is_some(), "a hold that ended is closed");
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_one_with_the_contact_is_held_with_it_and_stays_held_when_split_off() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (anna, _) = house.contact(&scope, channel, "Anna").await;
        let (nina, ninas) = house.contact(&scope, channel, "Nina").await;
        let (merge, _) = house.does(&scope, move |tx| merges::merge(tx, anna, nina)).await;
        place(house, &scope, Subject::Contact(anna), Some(house.clock_now() + DAY)).await;
        assert_eq!(begin(house, &scope, nina).await, "legal_hold");
        assert!(house.sees(&scope, move |tx| covers_conversation(tx, ninas)).await);
        house.does(&scope, move |tx| merges::split(tx, anna, merge)).await;
        assert_eq!(begin(house, &scope, nina).await, "legal_hold", "what was held stays held");
        assert_eq!(begin(house, &scope, anna).await, "legal_hold");
        let all = house.sees(&scope, |tx| list(tx, true, None, 10)).await.data;
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].ends_at, all[0].reason.clone()),
            (all[1].ends_at, all[1].reason.clone()),
            "by the same reason"
        );
        house.clock.advance(DAY);
        house.does(&scope, resume).await;
        assert_eq!(begin(house, &scope, nina).await, "no error");
    })
    .await;
}

async fn kept(house: &House, scope: &Scope, id: MessageId) -> bool {
    let look = sql!("SELECT 1 FROM messages WHERE workspace_id = $1 AND id = $2 AND kept_sealed IS NOT NULL");
    house.sees(scope, move |tx| tx.maybe(look, params![id], |_| Ok(()))).await.is_some()
}

#[tokio::test]
async fn what_is_taken_back_under_a_hold_is_seen_no_more_and_goes_when_the_hold_does() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (_, conversation) = house.contact(&scope, channel, "Anna").await;
        let hold = place(house, &scope, Subject::Conversation(conversation), None).await;
        let id = house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "I confess")).await;
        house.does(&scope, move |tx| messages::remove(tx, id, tx.now())).await;
        let shown = house.sees(&scope, move |tx| messages::view(tx, id)).await;
        assert!(shown.body.is_none() && shown.removed_at.is_some());
        assert!(kept(house, &scope, id).await, "it is there");
        house.does(&scope, resume).await;
        assert!(kept(house, &scope, id).await, "as long as the hold stands");
        house.does(&scope, move |tx| lift(tx, hold)).await;
        house.does(&scope, resume).await;
        assert!(!kept(house, &scope, id).await);
        let free = house.does(&scope, move |tx| say(tx, conversation, Direction::Incoming, "Never mind")).await;
        house.does(&scope, move |tx| messages::remove(tx, free, tx.now())).await;
        assert!(!kept(house, &scope, free).await, "without a hold it goes at once");
    })
    .await;
}

#[tokio::test]
async fn a_hold_takes_a_right_a_reason_and_something_to_be_on() {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (anna, annas) = house.contact(&scope, channel, "Anna").await;
    let (_, agent) = house.member(&scope, "agent@example.org", Role::Agent).await;
    let (_, officer) = house.member(&scope, "privacy@example.org", Role::Privacy).await;
    let other = house.workspace().await;
    let long = "x".repeat(REASON_MOST + 1);
    for (by, subject, reason, ends_at, expected) in [
        (&agent, Subject::Contact(anna), "Case", None, "forbidden"),
        (&other, Subject::Contact(anna), "Case", None, "not_found"),
        (&other, Subject::Conversation(annas), "Case", None, "not_found"),
        (&officer, Subject::Contact(anna), " ", None, "invalid"),
        (&officer, Subject::Contact(anna), &long, None, "invalid"),
        (&officer, Subject::Contact(anna), "Case", Some(house.clock_now()), "invalid"),
        (&officer, Subject::Contact(anna), "Case", None, "no error"),
        (&other, Subject::Workspace, "Case", None, "no error"),
    ] {
        let new = NewHold { on: subject, reason: Personal::new(reason.into()), ends_at };
        assert_eq!(code(house.vault.write(by, move |tx| set(tx, &new)).await), expected, "{subject:?} {ends_at:?}");
    }
    let id = house.sees(&officer, |tx| list(tx, true, None, 10)).await.data[0].id;
    assert_eq!(code(house.vault.write(&agent, move |tx| lift(tx, id)).await), "forbidden");
    assert_eq!(code(house.vault.write(&other, move |tx| lift(tx, id)).await), "not_found");
    house.does(&officer, move |tx| lift(tx, id)).await;
    let first = house.sees(&officer, move |tx| view(tx, id)).await.lifted_at;
    house.clock.advance(DAY);
    house.does(&officer, move |tx| lift(tx, id)).await;
    assert_eq!(
        house.sees(&officer, move |tx| view(tx, id)).await.lifted_at,
        first,
        "lifting twice keeps the first time"
    );
    house.does(&scope, move |tx| erase::begin(tx, anna)).await;
    house.does(&scope, move |tx| indexing::forgotten(tx, anna)).await;
    let gone = house.vault.write(&officer, move |tx| set(tx, &on(Subject::Conversation(annas), None))).await;
    assert_eq!(code(gone), "not_found", "nothing is left to be held");
}
