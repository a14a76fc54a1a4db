//! What becomes of a message, whatever came of its sending.

mod doubts;

use connect::{Content, Receipt, Reply, SendError};
use vault::channels::{self, ChannelState};
use vault::messages::State;
use vault::outbox::{Cleared, OutboxRow, Verdict};
use vault::{ConversationId, MessageId, Tx, conversations, messages, remotes, suppressions};

use super::{LONGEST_WAIT, Outcome, first_replies, prepare, record, wait_after};
use crate::compose;
use crate::stage::{LEASE, Stage, draft, message, text};

/// A conversation with one answer that waits to be sent.
fn answered() -> (Stage, ConversationId, MessageId) {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let conversation = stage.thread("t");
    let id = stage.answers(conversation, "answer");
    (stage, conversation, id)
}

fn came(stage: &Stage, row: &Cleared<OutboxRow>, result: Result<Receipt, SendError>) -> Outcome {
    let row = row.clone();
    stage.acts(move |tx| record(tx, &row, &result)).unwrap()
}

fn accepted(remotes: &[&str]) -> Receipt {
    let remotes = remotes.iter().map(|remote| (*remote).to_owned()).collect();
    Receipt::Accepted { remotes, thread: Some("t".into()) }
}

fn state(stage: &Stage, id: MessageId) -> (State, Option<String>) {
    stage.sees(move |tx| messages::head(tx, id).map(|head| (head.state, head.failure)))
}

fn failed(code: &str) -> (State, Option<String>) {
    (State::Failed, Some(code.to_owned()))
}

#[test]
fn waits_double_up_to_a_quarter_of_an_hour() {
    assert_eq!(wait_after(0), 2_000);
    assert_eq!(wait_after(3), 16_000);
    assert_eq!(wait_after(1_000), LONGEST_WAIT);
    assert_eq!(wait_after(-1), 2_000);
}

#[test]
fn what_is_sent_is_what_was_written_to_whom_it_was_written() {
    let (stage, ..) = answered();
    let row = stage.cleared();
    let outgoing = stage.sees(move |tx| prepare(tx, &row)).unwrap();
    assert!(matches!(&outgoing.content, Content::Text { text, .. } if text == "answer"));
    assert_eq!(outgoing.to.thread.as_deref(), Some("t"));
    assert_eq!(outgoing.to.identities[0].value, "t");
    assert_eq!((outgoing.reply_to, outgoing.automatic), (None, false));
}

#[test]
fn what_a_machine_ordered_says_so() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let writer = vault::messages::Writer::Member(stage.agent.0);
    let draft = compose::Draft { automatic: true, ..draft(stage.thread("t"), writer, "We are closed.") };
    stage.acts(move |tx| compose::send(tx, &draft)).unwrap();
    let row = stage.cleared();
    assert!(stage.sees(move |tx| prepare(tx, &row)).unwrap().automatic);
}

#[test]
fn accepted_ties_the_ids_and_the_next_may_go() {
    let (stage, conversation, id) = answered();
    let second = stage.answers(conversation, "more");
    let row = stage.cleared();
    assert_eq!(row.message, id, "the oldest of its conversation, and no other");
    assert_eq!(came(&stage, &row, Ok(accepted(&["t:8", "t:9"]))), Outcome::Sent);
    assert_eq!(state(&stage, id), (State::Sent, None));
    let channel = stage.channel;
    for remote in ["t:8", "t:9"] {
        assert_eq!(stage.sees(move |tx| remotes::find(tx, channel, remote)), Some(id));
    }
    assert_eq!(stage.cleared().message, second);
}

#[test]
fn a_conversation_without_thread_gets_the_one_the_provider_names() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let (channel, contact) = (stage.channel, stage.conversations()[0].contact);
    let open = stage.acts(move |tx| conversations::open(tx, channel, contact, None)).unwrap().id;
    stage.answers(open, "out of the blue");
    let row = stage.cleared();
    let receipt = Ok(Receipt::Accepted { remotes: vec!["n:1".into()], thread: Some("n".into()) });
    came(&stage, &row, receipt);
    assert_eq!(stage.sees(move |tx| conversations::thread(tx, open)).as_deref(), Some("n"));
}

#[test]
fn each_error_has_its_outcome() {
    let refused = SendError::Refused { code: "chat_not_found".into(), why: "Gone.".into() };
    for (error, code) in [
        (refused, "chat_not_found"),
        (SendError::WindowClosed, "window_closed"),
        (SendError::Unsupported, "unsupported"),
        (SendError::OptedOut, "opted_out"),
    ] {
        let (stage, conversation, id) = answered();
        let row = stage.cleared();
        assert_eq!(came(&stage, &row, Err(error)), Outcome::Failed);
        assert_eq!(state(&stage, id), failed(code));
        assert!(stage.said(conversation)[1].failure.as_ref().is_some_and(|(_, why)| !why.reveal().is_empty()));
        stage.house.clock.advance(LONGEST_WAIT);
        assert!(stage.is_idle(), "{code}: it is not tried again");
    }
}

#[test]
fn who_opted_out_at_the_provider_is_not_written_to_again() {
    let (stage, ..) = answered();
    let row = stage.cleared();
    let (channel, contact) = (row.channel, row.contact);
    came(&stage, &row, Err(SendError::OptedOut));
    assert!(stage.sees(move |tx| suppressions::stands(tx, channel, contact)));
}

#[test]
fn what_may_pass_is_tried_again_later_and_later() {
    let (stage, _, id) = answered();
    for (wait, told) in [(2_000, None), (4_000, Some("provider_unreachable")), (8_000, Some("provider_unreachable"))] {
        let row = stage.cleared();
        assert!(!row.doubtful && first_replies(&row).is_empty());
        assert_eq!(came(&stage, &row, Err(SendError::Retry("busy".into()))), Outcome::Later);
        stage.house.clock.advance(wait - 1);
        assert!(stage.is_idle());
        stage.house.clock.advance(1);
        assert_eq!(state(&stage, id), (State::Queued, told.map(str::to_owned)));
    }
    let row = stage.cleared();
    assert_eq!(came(&stage, &row, Ok(accepted(&["t:8"]))), Outcome::Sent);
    assert_eq!(state(&stage, id), (State::Sent, None), "what was said of waiting is over");
}

#[test]
fn a_throttled_account_waits_as_long_as_it_was_told() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    let until = stage.house.clock_now() + 30_000;
    assert_eq!(came(&stage, &row, Err(SendError::Throttled(30_000))), Outcome::AccountWaits(until));
    assert!(stage.is_idle());
    stage.house.clock.advance(30_000);
    let again = stage.cleared();
    assert_eq!((again.message, state(&stage, id)), (id, (State::Queued, None)));
    came(&stage, &again, Err(SendError::Throttled(30_000)));
    assert_eq!(state(&stage, id), (State::Queued, Some("provider_busy".to_owned())));
}

#[test]
fn a_throttle_beyond_all_bounds_is_a_day() {
    let (stage, ..) = answered();
    let row = stage.cleared();
    let until = stage.house.clock_now() + 24 * 3_600_000;
    assert_eq!(came(&stage, &row, Err(SendError::Throttled(u64::MAX))), Outcome::AccountWaits(until));
}

#[test]
fn an_account_without_credentials_stops_until_a_member_has_been_there() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    let (channel, result) = (row.channel, Err(SendError::Reauthorise));
    let held = row.clone();
    let record = move |tx: &Tx<'_>| record(tx, &held, &result);
    let outcome = vault::testing::house::at_once(stage.house.vault.write(&stage.operator, record)).unwrap();
    assert_eq!(outcome, Outcome::AccountStops);
    assert_eq!(state(&stage, id), (State::Queued, Some("channel_waits".to_owned())));
    assert!(stage.is_idle());
    let ready = move |tx: &Tx<'_>| channels::set_state(tx, channel, ChannelState::Ready, None);
    vault::testing::house::at_once(stage.house.vault.write(&stage.operator, ready)).unwrap();
    assert_eq!(stage.cleared().message, id, "nothing was lost");
}

#[test]
fn what_a_member_must_mend_at_the_provider_burns_nothing() {
    let (stage, conversation, id) = answered();
    let second = stage.answers(conversation, "and this");
    let row = stage.cleared();
    let stopped = SendError::Stopped { code: "payment_needed".into(), why: "Pay.".into() };
    let channel = row.channel;
    let (held, result) = (row.clone(), Err(stopped));
    let record = move |tx: &Tx<'_>| record(tx, &held, &result);
    let outcome = vault::testing::house::at_once(stage.house.vault.write(&stage.operator, record)).unwrap();
    assert_eq!(outcome, Outcome::AccountStops);
    let shown = stage.sees(move |tx| channels::view(tx, channel));
    assert_eq!((shown.state, shown.state_reason.as_deref()), (ChannelState::NeedsAttention, Some("payment_needed")));
    stage.house.clock.advance(LONGEST_WAIT);
    assert!(stage.is_idle());
    assert_eq!((state(&stage, id).0, state(&stage, second).0), (State::Queued, State::Queued));
    let ready = move |tx: &Tx<'_>| channels::set_state(tx, channel, ChannelState::Ready, None);
    vault::testing::house::at_once(stage.house.vault.write(&stage.operator, ready)).unwrap();
    assert_eq!(stage.cleared().message, id, "nothing was lost");
}

#[test]
fn what_went_out_in_part_is_known_by_its_ids() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    let (code, why) = ("partly_sent".to_owned(), "One of two.".to_owned());
    assert_eq!(came(&stage, &row, Ok(Receipt::Partly { remotes: vec!["t:8".into()], code, why })), Outcome::Failed);
    assert_eq!(state(&stage, id), failed("partly_sent"));
    let channel = stage.channel;
    assert_eq!(stage.sees(move |tx| remotes::find(tx, channel, "t:8")), Some(id));
    stage.house.clock.advance(LONGEST_WAIT);
    assert!(stage.is_idle());
}

/// One of its messages is there, and the next was too fast.
fn begun(remote: &str) -> Receipt {
    Receipt::Begun { remotes: vec![remote.into()], parts: 1, then: SendError::RecipientThrottled(6_000) }
}

#[test]
fn what_must_wait_in_the_middle_goes_on_from_there() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    assert_eq!(came(&stage, &row, Ok(begun("t:8"))), Outcome::Later);
    assert_eq!(state(&stage, id), (State::Queued, None));
    assert!(stage.is_idle());
    // What is told of the part says nothing of the rest.
    let told = |of: &str, word: &str| {
        let named = connect::StatusChange { remote: Some(of.to_owned()), at_ms: 1, ..Default::default() };
        connect::Event::Status(connect::StatusChange { state: word.to_owned(), ..named })
    };
    assert!(!stage.changes(told("t:8", "delivered")));
    stage.house.clock.advance(6_000);
    let row = stage.cleared();
    let held = row.clone();
    assert_eq!(stage.sees(move |tx| prepare(tx, &held)).unwrap().begun, 1);
    came(&stage, &row, Ok(accepted(&["t:9"])));
    assert_eq!(state(&stage, id).0, State::Sent);
    assert_eq!(stage.sees(move |tx| remotes::of(tx, id)), ["t:8", "t:9"]);
    assert!(stage.changes(told("t:9", "delivered")));
}

#[test]
fn a_part_that_fails_while_the_rest_waits_ends_it() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(begun("t:8")));
    let (remote, code) = (Some("t:8".to_owned()), Some("undeliverable".to_owned()));
    let failed_part = connect::StatusChange { remote, code, state: "failed".into(), at_ms: 1, ..Default::default() };
    assert!(stage.changes(connect::Event::Status(failed_part)));
    assert_eq!(state(&stage, id), failed("undeliverable"));
    stage.house.clock.advance(LONGEST_WAIT);
    assert!(stage.is_idle(), "the rest is not sent");
}

#[test]
fn what_went_out_in_part_is_not_called_refused_and_goes_on_when_sent_again() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(begun("t:8")));
    stage.house.clock.advance(6_000);
    let row = stage.cleared();
    assert_eq!(came(&stage, &row, Err(SendError::WindowClosed)), Outcome::Failed);
    assert_eq!(state(&stage, id), failed("partly_sent"));
    stage.acts(move |tx| compose::retry(tx, id)).unwrap();
    let row = stage.cleared();
    assert_eq!(row.begun, 1);
    came(&stage, &row, Ok(accepted(&["t:9"])));
    assert_eq!(stage.sees(move |tx| remotes::of(tx, id)), ["t:8", "t:9"]);
}

#[test]
fn who_stopped_one_purpose_still_gets_the_others() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    let (channel, contact) = (row.channel, row.contact);
    assert_eq!(came(&stage, &row, Err(SendError::OptedOutOf("marketing"))), Outcome::Failed);
    assert_eq!(state(&stage, id), failed("opted_out"));
    assert!(!stage.sees(move |tx| suppressions::stands(tx, channel, contact)));
    assert!(stage.sees(move |tx| suppressions::stands_for(tx, channel, contact, "marketing")));
}

#[test]
fn a_lost_reply_is_told_to_the_connector_and_stays_unknown() {
    let (stage, _, id) = answered();
    stage.cleared();
    assert!(stage.is_idle());
    stage.house.clock.advance(LEASE + 1);
    let row = stage.cleared();
    assert!(row.doubtful);
    assert!(matches!(&first_replies(&row)[..], [Reply::Unheard]));
    assert_eq!(came(&stage, &row, Ok(Receipt::Unknown)), Outcome::Unknown);
    assert_eq!(state(&stage, id), failed("outcome_unknown"));
    assert!(stage.is_idle(), "it is never sent again by itself");
}

#[test]
fn an_unknown_outcome_may_turn_out_well() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(Receipt::Unknown));
    let arrived = stage.acts(move |tx| messages::advance(tx, id, State::Delivered, tx.now(), None));
    assert!(arrived.unwrap());
    assert_eq!(state(&stage, id), (State::Delivered, None));
}

#[test]
fn a_slow_workers_success_is_not_undone_by_the_next() {
    let (stage, _, id) = answered();
    let slow = stage.cleared();
    stage.house.clock.advance(LEASE + 1);
    let next = stage.cleared();
    assert_eq!(came(&stage, &slow, Ok(accepted(&["t:8"]))), Outcome::Sent);
    assert_eq!(came(&stage, &next, Ok(Receipt::Unknown)), Outcome::Unknown);
    assert_eq!(state(&stage, id), (State::Sent, None));
    assert!(stage.is_idle());
}

#[test]
fn what_was_taken_back_before_it_went_has_nothing_to_send() {
    let (stage, _, id) = answered();
    stage.acts(move |tx| compose::take_back(tx, id)).unwrap();
    let Verdict::Cleared(row) = stage.claims() else { panic!("the message's row") };
    assert!(stage.sees(move |tx| prepare(tx, &row)).is_none());
}

#[test]
fn an_edit_is_sent_under_the_id_at_the_provider() {
    let (stage, conversation, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(accepted(&["t:8"])));
    stage.acts(move |tx| compose::edit(tx, id, "better".to_owned().into())).unwrap();
    assert_eq!(text(&stage.said(conversation)[1]), Some("better"));
    let row = stage.cleared();
    let outgoing = stage.sees(move |tx| prepare(tx, &row)).unwrap();
    assert!(matches!(&outgoing.content, Content::Edit { remote, text } if remote == "t:8" && text == "better"));
}

fn told(ours: MessageId, remote: Option<&str>, state: &str, at_ms: i64) -> connect::Event {
    connect::Event::Status(connect::StatusChange {
        ours: Some(ours.to_string()),
        remote: remote.map(str::to_owned),
        state: state.into(),
        at_ms,
        ..connect::StatusChange::default()
    })
}

#[test]
fn what_the_provider_says_of_our_id_settles_a_send_whose_worker_was_not_heard_of() {
    let (stage, conversation, id) = answered();
    let second = stage.answers(conversation, "more");
    stage.cleared();
    assert!(stage.changes(told(id, Some("t:8"), "delivered", stage.house.clock_now())));
    assert_eq!(state(&stage, id), (State::Delivered, None));
    let channel = stage.channel;
    assert_eq!(stage.sees(move |tx| remotes::find(tx, channel, "t:8")), Some(id), "its id there is known from now on");
    assert_eq!(stage.cleared().message, second, "and the next may go");
}

#[test]
fn an_old_refusal_does_not_stop_what_is_sent_again() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(accepted(&["t:8"])));
    let then = stage.house.clock_now();
    assert!(stage.changes(told(id, Some("t:8"), "failed", then)));
    stage.house.clock.advance(5_000);
    stage.acts(move |tx| compose::retry(tx, id)).unwrap();
    assert!(!stage.changes(told(id, Some("t:8"), "failed", then)), "the same word once more");
    assert!(!stage.changes(told(id, None, "failed", then)));
    assert_eq!(state(&stage, id), (State::Queued, None));
    let row = stage.cleared();
    came(&stage, &row, Ok(accepted(&["t:9"])));
    assert_eq!(state(&stage, id), (State::Sent, None));
}

#[test]
fn a_first_try_that_arrived_after_all_is_not_sent_again() {
    let (stage, _, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(Receipt::Unknown));
    stage.acts(move |tx| compose::retry(tx, id)).unwrap();
    assert!(stage.changes(told(id, Some("t:8"), "read", stage.house.clock_now())));
    assert!(stage.is_idle());
    assert_eq!(state(&stage, id), (State::Read, None));
}

#[test]
fn a_status_tells_prices_and_who_it_was() {
    let (stage, conversation, id) = answered();
    let row = stage.cleared();
    came(&stage, &row, Ok(accepted(&["t:8"])));
    let to = connect::Person {
        identities: vec![crate::stage::known(connect::IdentityKind::Phone, "+391")],
        ..connect::Person::default()
    };
    let priced = |category: &str| {
        connect::Event::Status(connect::StatusChange {
            remote: Some("t:8".into()),
            state: "sent".into(),
            price: Some(connect::Price { category: category.into(), billable: true }),
            to: Some(to.clone()),
            ..connect::StatusChange::default()
        })
    };
    assert!(stage.changes(priced("utility")), "the price is news although the state is not");
    assert!(!stage.changes(priced("utility")));
    assert!(!stage.changes(priced("No Word!")));
    let said = stage.said(conversation);
    let price = said[1].price.as_ref().unwrap();
    assert_eq!((said[1].id, price.category.as_str(), price.billable), (id, "utility", true));
    let contact = stage.conversations()[0].contact;
    let known = stage.sees(move |tx| vault::contacts::view(tx, contact)).identities;
    assert!(known.iter().any(|identity| identity.kind == "phone"), "how else the addressee is known was learned");
}
