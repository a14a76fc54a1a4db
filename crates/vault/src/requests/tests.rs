//! A request's life: received, verified, extended, reminded of, closed.

use super::*;
use crate::messages::Direction;
use crate::testing::house::{House, code, on_both, say};
use crate::{Role, Scope, workspaces};

const DAY: Millis = 86_400_000;

fn asked(contact: Option<ContactId>, kind: Kind, received_at: Millis) -> NewRequest {
    NewRequest {
        kind,
        came_by: CameBy::Person,
        contact,
        conversation: None,
        message: None,
        words: Some(Personal::new("Delete all of it, Ada Lindqvist".into())),
        received_at,
    }
}

async fn opened(house: &House, scope: &Scope, new: NewRequest) -> RequestId {
    house.does(scope, move |tx| open(tx, &new)).await
}

async fn seen(house: &House, scope: &Scope, id: RequestId) -> Request {
    house.does(scope, move |tx| view(tx, id)).await
}

fn day_of(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at - 1).unwrap().to_string()[..10].to_owned()
}

#[tokio::test]
async fn a_month_runs_by_the_law_of_the_workspace() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let now = "2031-03-13T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        house.clock.advance(now - house.clock_now());
        let (_, privacy) = house.member(&scope, "p@example.org", Role::Privacy).await;
        let before = opened(house, &scope, asked(None, Kind::Access, now)).await;
        assert_eq!(day_of(seen(house, &privacy, before).await.due_at), "2031-04-14", "the 13th is a Sunday");
        house.does(&scope, |tx| workspaces::settle(tx, Some("it"))).await;
        let after = opened(house, &scope, asked(None, Kind::Access, now)).await;
        assert_eq!(day_of(seen(house, &privacy, after).await.due_at), "2031-04-15", "the 14th is Easter Monday");
        assert_eq!(seen(house, &privacy, before).await.country, "", "a clock that runs is not moved");
        assert_eq!(code(house.vault.write(&scope, |tx| workspaces::settle(tx, Some("Italia"))).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn it_is_extended_once_within_the_month_and_with_reasons() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let id = opened(house, &scope, asked(None, Kind::Access, house.clock_now())).await;
        let reasons = |text: &str| Personal::new(text.to_owned());
        let extended = |text: &'static str| house.vault.write(&scope, move |tx| extend(tx, id, &reasons(text)));
        assert_eq!(code(extended(" ").await), "invalid");
        let first = seen(house, &scope, id).await.due_at;
        extended("Nine years of mail").await.unwrap();
        let request = seen(house, &scope, id).await;
        assert!(request.due_at > first + 55 * DAY && request.extended_at.is_some());
        assert_eq!(code(extended("More").await), "already_extended");
        let late = opened(house, &scope, asked(None, Kind::Access, house.clock_now() - 40 * DAY)).await;
        let refused = house.vault.write(&scope, move |tx| extend(tx, late, &reasons("Late"))).await;
        assert_eq!(code(refused), "overdue");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_met_for_somebody_unverified_and_erasure_is_done_in_the_same_transaction() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, _) = house.contact(&scope, channel, "+39 02 1234567").await;
        let id = opened(house, &scope, asked(Some(contact), Kind::Erasure, house.clock_now())).await;
        let met = || house.vault.write(&scope, move |tx| close(tx, id, Outcome::Met, None));
        assert_eq!(code(met().await), "not_verified");
        house.does(&scope, move |tx| verify(tx, id, None, Proof::SameChannel)).await;
        met().await.unwrap();
        let request = seen(house, &scope, id).await;
        assert_eq!(request.closed.map(|(_, outcome)| outcome), Some(Outcome::Met));
        assert!(request.words.is_some(), "what was asked is the proof that it was met");
        let gone = house.vault.read(&scope, move |tx| crate::contacts::view(tx, contact)).await;
        assert_eq!(code(gone), "not_found");
        assert_eq!(code(met().await), "request_closed");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_has_reasons_and_the_log_has_every_step() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let id = opened(house, &scope, asked(None, Kind::Objection, house.clock_now())).await;
        let refuse = |why: Option<&'static str>| {
            let why = why.map(|why| Personal::new(why.to_owned()));
            house.vault.write(&scope, move |tx| close(tx, id, Outcome::Refused, why.as_ref()))
        };
        assert_eq!(code(refuse(None).await), "invalid");
        house.does(&scope, move |tx| remark(tx, id, &Personal::new("Called back".into()))).await;
        refuse(Some("We need it for a claim")).await.unwrap();
        let log = house.does(&scope, move |tx| steps(tx, id)).await;
        let kinds: Vec<_> = log.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds, ["received", "noted", "closed"]);
        assert_eq!(log[2].detail.as_ref().map(|detail| detail.reveal().as_str()), Some("We need it for a claim"));
    })
    .await;
}

#[tokio::test]
async fn members_are_reminded_before_the_end_at_it_and_each_day_after() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let start = house.clock_now();
        let id = opened(house, &scope, asked(None, Kind::Access, start)).await;
        let due = seen(house, &scope, id).await.due_at;
        let (mut told, mut at) = (Vec::new(), clock::next(start, due));
        while told.len() < 5 {
            house.clock.advance(at - house.clock_now());
            let again = house.does(&scope, move |tx| remind(tx, id)).await;
            told.push((due - at) / DAY);
            at = again.expect("it is open");
        }
        assert_eq!(told, [14, 7, 2, 0, -1]);
        let log = house.does(&scope, move |tx| steps(tx, id)).await;
        let kinds: Vec<_> = log.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds, ["received", "reminded", "reminded", "reminded", "overdue", "overdue"]);
        house.does(&scope, move |tx| close(tx, id, Outcome::TakenBack, None)).await;
        assert_eq!(house.does(&scope, move |tx| remind(tx, id)).await, None);
    })
    .await;
}

#[tokio::test]
async fn the_list_begins_with_what_is_due_first() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let now = house.clock_now();
        let young = opened(house, &scope, asked(None, Kind::Access, now)).await;
        let old = opened(house, &scope, asked(None, Kind::Access, now - 10 * DAY)).await;
        let shut = opened(house, &scope, asked(None, Kind::Access, now)).await;
        house.does(&scope, move |tx| close(tx, shut, Outcome::TakenBack, None)).await;
        let first = house.does(&scope, |tx| list(tx, false, None, 1)).await;
        assert_eq!(first.data.iter().map(|request| request.id).collect::<Vec<_>>(), [old]);
        let next = first.next.expect("there is more");
        let second = house.does(&scope, move |tx| list(tx, false, Some(&next), 1)).await;
        assert_eq!(second.data.iter().map(|request| request.id).collect::<Vec<_>>(), [young]);
        assert!(second.next.is_none());
        let closed = house.does(&scope, |tx| list(tx, true, None, 9)).await;
        assert_eq!(closed.data.iter().map(|request| request.id).collect::<Vec<_>>(), [shut]);
    })
    .await;
}

#[tokio::test]
async fn who_only_talks_with_people_records_requests_and_reads_none() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let (_, agent) = house.member(&scope, "a@example.org", Role::Agent).await;
        let (_, viewer) = house.member(&scope, "v@example.org", Role::Viewer).await;
        let id = opened(house, &agent, asked(None, Kind::Access, house.clock_now())).await;
        assert_eq!(code(house.vault.read(&agent, |tx| list(tx, false, None, 9)).await), "forbidden");
        let close_it = house.vault.write(&agent, move |tx| close(tx, id, Outcome::TakenBack, None));
        assert_eq!(code(close_it.await), "forbidden");
        let new = asked(None, Kind::Access, house.clock_now());
        assert_eq!(code(house.vault.write(&viewer, move |tx| open(tx, &new)).await), "forbidden");
        let future = asked(None, Kind::Access, house.clock_now() + 1);
        assert_eq!(code(house.vault.write(&agent, move |tx| open(tx, &future)).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_in_a_message_is_recorded_once() {
    on_both(async |house| {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "pigeon").await;
        let (contact, conversation) = house.contact(&scope, channel, "+39 02 1234567").await;
        let wrote = |direction: Direction| house.does(&scope, move |tx| say(tx, conversation, direction, "Forget me"));
        let (message, answer) = (wrote(Direction::Incoming).await, wrote(Direction::Outgoing).await);
        let (_, agent) = house.member(&scope, "a@example.org", Role::Agent).await;
        let record = |message: MessageId| {
            let act = move |tx: &Tx<'_>| open(tx, &asked_in(tx, message, Kind::Erasure, CameBy::Conversation)?);
            house.vault.write(&agent, act)
        };
        let id = record(message).await.unwrap();
        let request = seen(house, &scope, id).await;
        assert_eq!((request.contact, request.conversation), (Some(contact), Some(conversation)));
        assert_eq!(request.words.unwrap().reveal(), "Forget me");
        assert_eq!(house.sees(&scope, move |tx| of_message(tx, message)).await, Some(id));
        assert_eq!(code(record(message).await), "already_exists");
        assert_eq!(code(record(answer).await), "invalid");
        let (_, privacy) = house.member(&scope, "p@example.org", Role::Privacy).await;
        let unread = house.vault.read(&privacy, move |tx| asked_in(tx, message, Kind::Access, CameBy::Person));
        assert_eq!(code(unread.await), "forbidden");
    })
    .await;
}
