//! What is sent later, at its time and once.

use vault::conversations::Status;
use vault::messages::{Direction, State};
use vault::scheduled::State as Waits;
use vault::testing::house::at_once;
use vault::{ConversationId, members};

use super::*;
use crate::stage::{Stage, draft, inbound, message, text};

const MINUTE: Millis = 60_000;

fn begun() -> (Stage, ConversationId) {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let conversation = stage.thread("t");
    (stage, conversation)
}

fn later(stage: &Stage, conversation: ConversationId, text: &str, after: Millis) -> Later {
    let (member, send_at) = (stage.agent.0, stage.house.clock_now() + after);
    let draft = draft(conversation, Writer::Member(member), text);
    Later { draft, member, send_at, held: false, then: None }
}

fn orders(stage: &Stage, later: &Later) -> Result<ScheduledId> {
    let later = later.clone();
    stage.acts(move |tx| order(tx, &later))
}

/// What the job does.
fn runs(stage: &Stage, id: ScheduledId) -> Option<Millis> {
    stage.acts(move |tx| release(tx, id)).unwrap()
}

fn seen(stage: &Stage, id: ScheduledId) -> Scheduled {
    stage.sees(move |tx| scheduled::view(tx, id))
}

fn outgoing(stage: &Stage, conversation: ConversationId) -> Vec<String> {
    let said = stage.said(conversation).into_iter().filter(|one| one.direction == Direction::Outgoing);
    said.filter_map(|one| text(&one).map(str::to_owned)).collect()
}

#[test]
fn it_is_sent_at_its_time_and_once() {
    let (stage, conversation) = begun();
    let then = Some(Then { status: Status::Resolved, until: None });
    let id = orders(&stage, &Later { then, ..later(&stage, conversation, "later", MINUTE) }).unwrap();
    assert_eq!(runs(&stage, id), Some(stage.house.clock_now() + MINUTE), "not before its time");
    assert!(outgoing(&stage, conversation).is_empty() && stage.is_idle());
    stage.house.clock.advance(MINUTE);
    // The contact has written meanwhile, which nobody has read.
    let again = connect::Inbound { at_ms: stage.house.clock_now(), ..inbound("t", "2", "are you there?") };
    stage.hears(connect::Event::Message(Box::new(again)));
    for _ in 0..3 {
        assert_eq!(runs(&stage, id), None);
    }
    assert_eq!(outgoing(&stage, conversation), ["later"]);
    let sent = seen(&stage, id);
    let said = stage.said(conversation);
    let written = said.iter().find(|one| one.direction == Direction::Outgoing).unwrap();
    assert_eq!((sent.state, sent.message), (Waits::Sent, Some(written.id)));
    assert_eq!((written.state, written.author.id.clone()), (State::Queued, Some(stage.agent.0.to_string())));
    let shown = stage.sees(move |tx| conversations::view(tx, conversation));
    assert_eq!((shown.status, shown.unread_count, shown.waiting_since), (Status::Resolved, 2, None));
    stage.cleared();
}

#[test]
fn nothing_overtakes_what_was_to_go_before_it() {
    let (stage, conversation) = begun();
    let first = orders(&stage, &later(&stage, conversation, "one", 10)).unwrap();
    let third = orders(&stage, &later(&stage, conversation, "three", 30)).unwrap();
    let second = orders(&stage, &later(&stage, conversation, "two", 20)).unwrap();
    stage.house.clock.advance(25);
    // The jobs come in any order.
    assert_eq!(runs(&stage, third), Some(stage.house.clock_now() + 5));
    runs(&stage, second);
    assert_eq!(outgoing(&stage, conversation), ["one", "two"]);
    stage.house.clock.advance(5);
    runs(&stage, first);
    runs(&stage, third);
    assert_eq!(outgoing(&stage, conversation), ["one", "two", "three"]);
}

#[test]
fn what_is_taken_back_is_told_whole_and_never_sent() {
    let (stage, conversation) = begun();
    let held = Later { held: true, ..later(&stage, conversation, "too soon", 5_000) };
    let id = orders(&stage, &held).unwrap();
    assert_eq!(stage.sees(move |tx| scheduled::of(tx, conversation)).len(), 1);
    let was = stage.acts(move |tx| scheduled::take_back(tx, id)).unwrap();
    assert_eq!(content(&was).unwrap().body.reveal().text.as_deref(), Some("too soon"));
    stage.house.clock.advance(5_000);
    assert_eq!(runs(&stage, id), None);
    assert!(outgoing(&stage, conversation).is_empty());
    assert!(stage.acts(move |tx| scheduled::take_back(tx, id)).is_err(), "nothing is taken back twice");
    let sent = orders(&stage, &later(&stage, conversation, "sent", 0)).unwrap();
    runs(&stage, sent);
    assert!(stage.acts(move |tx| scheduled::take_back(tx, sent)).is_err(), "nor what was sent");
}

#[test]
fn what_may_not_be_sent_stays_with_its_reason_and_can_be_sent_anew() {
    let stage = Stage::with("whatsapp");
    stage.hears(message("t", "1", "hello"));
    let conversation = stage.thread("t");
    let id = orders(&stage, &later(&stage, conversation, "hello", 25 * 60 * MINUTE)).unwrap();
    stage.house.clock.advance(25 * 60 * MINUTE);
    assert_eq!(runs(&stage, id), None);
    let failed = seen(&stage, id);
    let (code, detail) = failed.failure.clone().unwrap();
    assert_eq!((failed.state, code.as_str(), detail.reveal().is_empty()), (Waits::Failed, "window_closed", false));
    assert!(outgoing(&stage, conversation).is_empty());
    let held = Later { held: true, ..later(&stage, conversation, "now", 1_000) };
    assert!(matches!(orders(&stage, &held), Err(Error::Refused(_))), "what is only held back is refused at once");
    let again = connect::Inbound { at_ms: stage.house.clock_now(), ..inbound("t", "2", "are you there?") };
    stage.hears(connect::Event::Message(Box::new(again)));
    let send_at = Some(stage.house.clock_now());
    let amended = Amended { send_at, text: Some(Personal::new("hello again".into())), ..Amended::default() };
    stage.acts(move |tx| amend(tx, id, &amended)).unwrap();
    assert_eq!((seen(&stage, id).state, seen(&stage, id).failure.is_none()), (Waits::Waiting, true));
    runs(&stage, id);
    assert_eq!(outgoing(&stage, conversation), ["hello again"]);
}

#[test]
fn what_cannot_be_sent_is_refused_when_it_is_ordered() {
    let (stage, conversation) = begun();
    let right = later(&stage, conversation, "hello", MINUTE);
    let note = Later { draft: Draft { note: true, ..right.draft.clone() }, ..right.clone() };
    let long = Later { draft: draft(conversation, right.draft.author, &"x".repeat(5_000)), ..right.clone() };
    let named = Later { draft: Draft { mentions: vec![stage.agent.0], ..right.draft.clone() }, ..right.clone() };
    for wrong in [note, long, named] {
        assert!(matches!(orders(&stage, &wrong), Err(Error::Invalid { .. })));
    }
    let far = Later { send_at: right.send_at + conversations::AHEAD_MAX, ..right.clone() };
    assert!(matches!(orders(&stage, &far), Err(Error::Vault(vault::Error::Invalid(_)))));
    let until = Some(right.send_at + conversations::AHEAD_MAX);
    let asleep = Later { then: Some(scheduled::Then { status: Status::Snoozed, until }), ..right.clone() };
    assert!(matches!(orders(&stage, &asleep), Err(Error::Vault(vault::Error::Invalid(_)))));
    assert!(stage.sees(move |tx| scheduled::of(tx, conversation)).is_empty());
}

#[test]
fn who_may_write_no_more_sends_nothing_more() {
    let (stage, conversation) = begun();
    let id = orders(&stage, &later(&stage, conversation, "hello", MINUTE)).unwrap();
    let agent = stage.agent.0;
    let off = members::MemberChange { state: Some(members::MemberState::Suspended), ..Default::default() };
    let suspend = move |tx: &Tx<'_>| members::update(tx, agent, &off);
    at_once(stage.house.vault.write(&stage.operator, suspend)).unwrap();
    stage.house.clock.advance(MINUTE);
    let run = move |tx: &Tx<'_>| release(tx, id);
    at_once(stage.house.vault.write(&stage.operator, run)).unwrap();
    assert_eq!(seen(&stage, id).state, Waits::Failed);
    assert!(outgoing(&stage, conversation).is_empty());
}

#[test]
fn who_is_not_its_author_moves_it_and_changes_no_word() {
    let (stage, conversation) = begun();
    let id = orders(&stage, &later(&stage, conversation, "hello", MINUTE)).unwrap();
    let (_, other) = at_once(stage.house.member(&stage.operator, "bea@example.org", vault::Role::Agent));
    let amends = |amended: Amended| at_once(stage.house.vault.write(&other, move |tx| amend(tx, id, &amended)));
    let words = Amended { text: Some(Personal::new("in your name".into())), ..Amended::default() };
    let files = Amended { attachments: Some(Vec::new()), ..Amended::default() };
    for wrong in [words, files] {
        assert!(matches!(amends(wrong), Err(Error::Vault(vault::Error::Conflict { code: "not_the_author", .. }))));
    }
    let send_at = stage.house.clock_now() + 2 * MINUTE;
    amends(Amended { send_at: Some(send_at), ..Amended::default() }).unwrap();
    assert_eq!((seen(&stage, id).send_at, seen(&stage, id).member), (send_at, stage.agent.0));
    let own = Amended { text: Some(Personal::new("hello, then".into())), ..Amended::default() };
    stage.acts(move |tx| amend(tx, id, &own)).unwrap();
    stage.house.clock.advance(2 * MINUTE);
    runs(&stage, id);
    assert_eq!(outgoing(&stage, conversation), ["hello, then"]);
}
