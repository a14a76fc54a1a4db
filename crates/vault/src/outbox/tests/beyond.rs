//! What is sent beyond the window, and for a purpose of its own.

use super::*;
use crate::{identities::NewIdentity, suppressions};

const HOUR: Millis = 3_600_000;

fn template(purpose: &'static str, free_until: Option<Millis>) -> Gate {
    Gate { purpose, is_template: true, ..Gate::reply(free_until) }
}

async fn agrees(house: &House, thread: &Thread, purpose: &'static str) -> crate::ConsentId {
    let contact = thread.contact;
    let new = NewConsent {
        contact,
        purpose: purpose.into(),
        channel: "telegram".into(),
        ground: "consent".into(),
        text_version: "v1".into(),
        collected_by: "form".into(),
        text: None,
        evidence: None,
        given_at: house.clock_now(),
    };
    house.does(&thread.scope, move |tx| consents::give(tx, &new)).await
}

#[tokio::test]
async fn beyond_the_window_a_template_needs_an_opt_in_and_within_it_none() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (past, future) = (Some(house.clock_now() - 1), Some(house.clock_now() + HOUR));
        assert_eq!(thread.stopped(house, Gate::reply(past)).await, Some(Refusal::WindowClosed));
        for purpose in ["service", "messages"] {
            assert_eq!(thread.stopped(house, template(purpose, past)).await, Some(Refusal::NoConsent), "{purpose}");
            assert_eq!(thread.stopped(house, template(purpose, future)).await, None, "{purpose}");
        }
        assert_eq!(thread.stopped(house, template("marketing", future)).await, Some(Refusal::NoConsent));
        agrees(house, &thread, "messages").await;
        assert_eq!(thread.stopped(house, template("messages", past)).await, None);
        assert_eq!(thread.stopped(house, template("marketing", past)).await, Some(Refusal::NoConsent));
    })
    .await;
}

#[tokio::test]
async fn who_wants_advertising_wants_messages_until_they_refuse_it() {
    on_both(async |house| {
        let thread = thread(house).await;
        let past = Some(house.clock_now() - 1);
        agrees(house, &thread, "marketing").await;
        assert_eq!(thread.stopped(house, template("messages", past)).await, None);
        assert_eq!(thread.stopped(house, template("marketing", past)).await, None);
        let channel = thread.channel;
        let refuses = move |accepts: bool| {
            move |tx: &Tx<'_>| {
                let value = Personal::new("t".to_owned());
                let phone = NewIdentity { kind: "phone".into(), scope: String::new(), value };
                suppressions::set_for(tx, channel, "marketing", &[phone], accepts, "contact")
            }
        };
        house.does(&thread.scope, refuses(false)).await;
        assert_eq!(thread.stopped(house, template("marketing", past)).await, Some(Refusal::NoConsent));
        assert_eq!(thread.stopped(house, template("messages", past)).await, None, "other messages are not refused");
        house.does(&thread.scope, refuses(true)).await;
        assert_eq!(thread.stopped(house, template("marketing", past)).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_window_that_opened_meanwhile_lets_go_what_was_ordered_before() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (conversation, contact, until) = (thread.conversation, thread.contact, house.clock_now() + HOUR);
        let (id, _) = thread.orders(house, Act::Message, Gate::reply(Some(until))).await;
        house.clock.advance(2 * HOUR);
        let again = house.clock_now() + HOUR;
        let writes = move |tx: &Tx<'_>| conversations::on_incoming(tx, conversation, contact, Some(again));
        house.does(&thread.scope, writes).await;
        thread.cleared(house, id).await;
    })
    .await;
}

#[tokio::test]
async fn a_withdrawal_stops_what_waits_for_its_purpose_and_nothing_else() {
    on_both(async |house| {
        let thread = thread(house).await;
        agrees(house, &thread, "marketing").await;
        let (_, offer) = thread.orders(house, Act::Message, template("marketing", None)).await;
        let (_, reply) = thread.replies(house).await;
        let (channel, contact) = (thread.channel, thread.contact);
        let stops = move |tx: &Tx<'_>| stop(tx, channel, contact, "marketing", Refusal::NoConsent);
        assert_eq!(house.does(&thread.scope, stops).await, 1);
        let state = async |message| house.sees(&thread.scope, move |tx| messages::head(tx, message)).await.state;
        assert_eq!((state(offer).await, state(reply).await), (State::Failed, State::Queued));
        assert_eq!(due_ids(house).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn templates_beyond_the_daily_bound_wait_say_why_and_go_when_there_is_room() {
    on_both(async |house| {
        let thread = thread(house).await;
        let (other, conversation) = house.contact(&thread.scope, thread.channel, "u").await;
        let beside = Thread { contact: other, conversation, scope: thread.scope.clone(), ..thread };
        agrees(house, &thread, "messages").await;
        agrees(house, &beside, "messages").await;
        let channel = thread.channel;
        house.does(&thread.scope, move |tx| channels::note_news(tx, channel, None, Some(1), tx.now())).await;
        let past = Some(house.clock_now() - 1);
        let (first, _) = thread.orders(house, Act::Message, template("messages", past)).await;
        let (second, message) = beside.orders(house, Act::Message, template("messages", past)).await;
        let row = thread.cleared(house, first).await;
        house.does(&thread.scope, move |tx| finish(tx, &row)).await;
        let Verdict::Waits(of, until) = beside.claims(house, second).await else { panic!("there is no room") };
        assert_eq!((of, until), (message, house.clock_now() + crate::initiations::SPAN));
        assert!(due_ids(house).await.is_empty());
        let shown = house.sees(&thread.scope, move |tx| messages::view(tx, message)).await;
        let (code, words) = shown.failure.expect("it says why");
        assert_eq!((shown.state, code.as_str()), (State::Queued, WAITS_FOR_ROOM));
        assert!(words.reveal().contains("as soon as there is room"));
        // A reply within the window takes no room.
        house.does(&thread.scope, move |tx| channels::note_news(tx, channel, None, Some(2), tx.now())).await;
        assert_eq!(due_ids(house).await, [second], "a higher bound lets it go at once");
        beside.cleared(house, second).await;
        house.does(&thread.scope, move |tx| messages::advance(tx, message, State::Sent, tx.now(), None)).await;
        assert!(house.sees(&thread.scope, move |tx| messages::view(tx, message)).await.failure.is_none());
    })
    .await;
}
