//! What comes in twice, out of order or from the wrong thread.

use connect::{
    Account, Answer, Connector, Ctx, Erased, Event, Limits, Outgoing, Person, Quote, Raw, Receipt, Reject, RemoteFile,
    Reply, Spec, StatusChange, Step, Trace, Verified,
};
use vault::messages::State;
use vault::outbox::{Act, Verdict};
use vault::testing::house::at_once;
use vault::{MessageId, Personal, suppressions};

use super::Applied;
use crate::stage::{Stage, inbound, message, person, text};

/// A connector with a window of a day, of which nothing else is asked.
struct Windowed;

const DAY: i64 = 86_400_000;

static SPEC: Spec = Spec {
    kind: "windowed",
    label: "",
    help: "",
    endpoint: None,
    base_url: "",
    fields: &[],
    account_key: None,
    entered: connect::Entered::NOTHING,
    limits: Limits { window_ms: 86_400_000, ..Limits::NONE },
    capabilities: &[],
    data_received: "",
    processor: "",
    region: "",
};

impl Connector for Windowed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }
    fn verify(&self, _: &Ctx, _: &Raw, _: &Account) -> Result<Verified, Reject> {
        Err(Reject::Unauthorised)
    }
    fn answer(&self, _: &Verified) -> Answer {
        Answer::ok()
    }
    fn parse(&self, _: &Verified) -> Vec<Event> {
        Vec::new()
    }
    fn send(&self, _: &Ctx, _: &Outgoing, _: &Account, _: &[Reply]) -> Step<Receipt> {
        Step::Done(Receipt::Unknown)
    }
    fn erase(&self, _: &Ctx, _: &Trace, _: &Account, _: &[Reply]) -> Step<Erased> {
        Step::Done(Erased::Gone)
    }
}

/// What a member sent into a thread, with an id at the provider.
fn sent(stage: &Stage, thread: &'static str, remote: &'static str) -> MessageId {
    let id = stage.answers(stage.thread(thread), "answer");
    let row = stage.cleared();
    let receipt = Ok(Receipt::Accepted { remotes: vec![remote.into()], thread: Some(thread.into()) });
    stage.acts(move |tx| crate::deliver::record(tx, &row, &receipt)).unwrap();
    id
}

fn edited(thread: &str, remote: &str, text: &str, at_ms: i64) -> Event {
    Event::Edited(Box::new(connect::Inbound { at_ms, ..inbound(thread, remote, text) }))
}

fn removed(thread: &str, remote: &str) -> Event {
    Event::Removed { from: None, thread: thread.into(), remotes: vec![remote.into()] }
}

fn reaction(thread: &str, remote: &str, emoji: Option<&str>) -> Event {
    let emoji = emoji.map(str::to_owned);
    Event::Reaction { from: person(thread), thread: thread.into(), remote: remote.into(), emoji, at_ms: 5_000 }
}

fn status(remote: &str, state: &str) -> Event {
    let remote = Some(remote.to_owned());
    Event::Status(StatusChange { remote, state: state.into(), at_ms: 9_000, ..StatusChange::default() })
}

#[test]
fn a_duplicate_is_one_message() {
    let stage = Stage::with("telegram");
    assert!(stage.changes(message("t", "1", "hello")));
    assert_eq!(stage.hears(message("t", "1", "hello")), Applied::Nothing("message"));
    let conversation = stage.thread("t");
    assert_eq!(stage.said(conversation).len(), 1);
    assert_eq!(stage.conversations()[0].unread_count, 1);
}

#[test]
fn an_edit_that_comes_first_makes_the_message() {
    let stage = Stage::with("telegram");
    assert!(stage.changes(edited("t", "1", "second", 2_000)));
    assert!(!stage.changes(edited("t", "1", "between", 1_500)), "an edit that is older than the one that made it");
    let said = stage.said(stage.thread("t"));
    assert_eq!((said.len(), text(&said[0])), (1, Some("second")));
    assert!(stage.changes(edited("t", "1", "third", 3_000)));
    assert!(!stage.changes(edited("t", "1", "late", 2_500)), "an older edit comes too late");
    assert_eq!(text(&stage.said(stage.thread("t"))[0]), Some("third"));
}

#[test]
fn what_hung_on_a_message_is_there_though_its_edit_came_first() {
    let stage = Stage::with("instagram");
    stage.hears(message("t", "0", "asked"));
    assert!(stage.changes(edited("t", "1", "second", 2_000)));
    assert!(stage.changes(edited("t", "1", "third", 3_000)));
    let file = connect::RemoteFile {
        locator: "photo".into(),
        name: None,
        content_type: None,
        size: None,
        role: "image".into(),
    };
    let quote = Some(connect::Quote { remote: Some("0".into()), text: None });
    let itself = || {
        let inbound =
            connect::Inbound { files: vec![file.clone()], quote: quote.clone(), ..inbound("t", "1", "first") };
        Event::Message(Box::new(connect::Inbound { at_ms: 1_000, ..inbound }))
    };
    assert!(stage.changes(itself()));
    for _ in 0..2 {
        let said = stage.said(stage.thread("t"));
        assert_eq!((said.len(), text(&said[1]), said[1].attachments.len()), (2, Some("third"), 1));
        assert_eq!((said[1].reply_to, said[1].written_at), (Some(said[0].id), 1_000));
        assert!(!stage.changes(itself()), "once");
    }
    assert!(!stage.changes(edited("t", "1", "second", 2_000)));
}

#[test]
fn what_hung_on_a_message_outlives_its_edit() {
    let stage = Stage::with("telegram");
    let origin = connect::Origin { kind: "advertisement".into(), headline: Some("Bread".into()), ..Default::default() };
    let choice = Some(connect::Choice { data: "yes".into(), of: None });
    let whole = connect::Inbound { origin: Some(origin), choice, forwarded: true, ..inbound("t", "1", "first") };
    assert!(stage.changes(Event::Message(Box::new(whole))));
    assert!(stage.changes(edited("t", "1", "second", 2_000)));
    let said = stage.said(stage.thread("t"));
    let body = said[0].body.as_ref().unwrap().reveal();
    assert_eq!((body.text.as_deref(), body.choice.as_deref(), body.forwarded), (Some("second"), Some("yes"), true));
    assert_eq!(body.origin.as_ref().unwrap().headline.as_deref(), Some("Bread"));
}

#[test]
fn another_threads_message_is_out_of_reach() {
    let stage = Stage::with("telegram");
    stage.hears(message("mine", "m", "mine"));
    stage.hears(message("other", "o", "other"));
    assert!(!stage.changes(removed("mine", "o")));
    assert!(!stage.changes(reaction("mine", "o", Some("👍"))));
    // What an edit names in a thread where it is not is known by its id, so it makes nothing either.
    assert!(!stage.changes(edited("mine", "o", "stolen", 9_000)));
    let quote = Some(Quote { remote: Some("o".into()), text: Some("quoted".into()) });
    assert!(stage.changes(Event::Message(Box::new(connect::Inbound { quote, ..inbound("mine", "q", "look") }))));
    let mine = stage.said(stage.thread("mine"));
    assert_eq!((mine.len(), mine[1].reply_to), (2, None));
    let others = stage.said(stage.thread("other"));
    assert_eq!((others.len(), text(&others[0])), (1, Some("other")));
    assert!(others[0].reactions.is_empty());
    // Our own ids are no way around that.
    assert!(!stage.changes(removed("mine", &others[0].id.to_string())));
}

#[test]
fn a_quote_of_the_same_thread_is_a_reference() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "first"));
    let quote = Some(Quote { remote: Some("1".into()), text: Some("first".into()) });
    stage.hears(Event::Message(Box::new(connect::Inbound { quote, ..inbound("t", "2", "second") })));
    let said = stage.said(stage.thread("t"));
    assert_eq!(said[1].reply_to, Some(said[0].id));
    assert_eq!(said[1].body.as_ref().unwrap().reveal().quote, None, "what is stored is not stored twice");
}

#[test]
fn a_contact_cannot_change_what_a_member_wrote() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    sent(&stage, "t", "2");
    assert!(!stage.changes(edited("t", "2", "forged", 9_000)));
    assert!(!stage.changes(removed("t", "2")));
    let said = stage.said(stage.thread("t"));
    assert_eq!((text(&said[1]), said[1].removed_at), (Some("answer"), None));
    assert!(stage.changes(reaction("t", "2", Some("👍"))));
    assert!(stage.changes(reaction("t", "2", None)));
}

#[test]
fn what_was_removed_stays_removed() {
    let stage = Stage::with("telegram");
    let file = RemoteFile {
        locator: "file".into(),
        name: Some("bill.pdf".into()),
        content_type: None,
        size: None,
        role: "file".into(),
    };
    stage.hears(Event::Message(Box::new(connect::Inbound { files: vec![file], ..inbound("t", "1", "hello") })));
    assert_eq!(stage.said(stage.thread("t"))[0].attachments.len(), 1);
    assert!(stage.changes(removed("t", "1")));
    assert!(!stage.changes(removed("t", "1")));
    assert!(!stage.changes(edited("t", "1", "back", 9_000)));
    let said = stage.said(stage.thread("t"));
    assert!(said[0].body.is_none() && said[0].removed_at.is_some() && said[0].attachments.is_empty());
}

#[test]
fn what_is_taken_back_before_it_came_does_not_come() {
    let stage = Stage::with("telegram");
    assert!(!stage.changes(removed("t", "1")), "there is nothing yet");
    assert!(!stage.changes(message("t", "1", "never mind")));
    assert!(!stage.changes(edited("t", "1", "really", 9_000)));
    assert!(stage.conversations().is_empty());
    assert!(stage.changes(message("t", "2", "hello")));
    assert_eq!(stage.said(stage.thread("t")).len(), 1);
}

#[test]
fn without_a_time_it_is_that_of_receipt() {
    let stage = Stage::with("telegram");
    stage.hears(Event::Message(Box::new(connect::Inbound { at_ms: 0, ..inbound("t", "1", "hello") })));
    stage.hears(message("t", "2", "hello"));
    let said = stage.said(stage.thread("t"));
    assert_eq!((said[0].written_at, said[1].written_at), (stage.house.clock_now(), 1_000));
}

#[test]
fn the_window_counts_from_the_contacts_own_time_and_never_shrinks() {
    let stage = Stage::with("telegram").heard_by(&Windowed);
    let now = stage.house.clock_now();
    let write = |remote: &str, at_ms| {
        stage.hears(Event::Message(Box::new(connect::Inbound { at_ms, ..inbound("t", remote, "hello") })));
        stage.conversations()[0].window_until
    };
    assert_eq!(write("1", now - 5_000), Some(now - 5_000 + DAY));
    assert_eq!(write("2", now - 9_000), Some(now - 5_000 + DAY), "an older one that came late");
    assert_eq!(write("3", now + DAY), Some(now + DAY), "a clock that is ahead wins nothing");
}

#[test]
fn states_only_move_forward() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let id = sent(&stage, "t", "2");
    assert!(stage.changes(status("2", "read")));
    assert!(!stage.changes(status("2", "delivered")));
    assert!(!stage.changes(status("2", "failed")));
    assert!(!stage.changes(status("2", "nonsense")));
    assert!(!stage.changes(status("1", "read")), "what came in has no fate");
    assert!(!stage.changes(status("unknown", "read")));
    assert_eq!(stage.said(stage.thread("t"))[1].state, State::Read);
    let event = StatusChange { ours: Some(id.to_string()), state: "read".into(), ..StatusChange::default() };
    assert!(!stage.changes(Event::Status(event)));
}

#[test]
fn seeing_reads_everything_up_to_there() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    for remote in ["2", "3"] {
        sent(&stage, "t", remote);
    }
    let seen = |from: Person, remote: Option<&str>| Event::Seen {
        from,
        thread: "t".into(),
        remote: remote.map(str::to_owned),
        at_ms: 7_000,
    };
    let states = |stage: &Stage| stage.said(stage.thread("t"))[1..].iter().map(|m| m.state).collect::<Vec<_>>();
    assert!(!stage.changes(seen(person("stranger"), None)));
    assert!(stage.changes(seen(person("t"), Some("2"))));
    assert_eq!(states(&stage), [State::Read, State::Sent]);
    assert!(stage.changes(seen(person("t"), None)));
    assert_eq!(states(&stage), [State::Read, State::Read]);
}

#[test]
fn a_tap_is_a_message_and_is_acknowledged_once() {
    let stage = Stage::with("telegram");
    let tap = || Event::Chosen { message: Box::new(inbound("t", "tap", "Yes")), callback: "cb".into() };
    assert!(stage.changes(tap()));
    assert!(!stage.changes(tap()));
    let row = stage.cleared();
    assert_eq!((row.act, row.detail.clone()), (Act::AnswerChoice, Some(Personal::new("cb".into()))));
}

#[test]
fn who_opts_out_is_not_written_to_until_they_opt_in() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let name = crate::stage::known(connect::IdentityKind::TelegramUsername, "ada");
    let mut from = person("t");
    from.identities.push(name.clone());
    let opted = |accepts| Event::Opted { from: from.clone(), accepts, at_ms: 1 };
    stage.hears(opted(false));
    let (channel, contact) = (stage.channel, stage.conversations()[0].contact);
    let stands = || stage.sees(move |tx| suppressions::stands(tx, channel, contact));
    assert!(stands());
    let heir = Person { identities: vec![name], ..person("heir") };
    stage.hears(Event::Message(Box::new(connect::Inbound { from: heir, ..inbound("heir", "9", "hello") })));
    let heir = stage.conversations().into_iter().find(|found| found.contact != contact).unwrap().contact;
    assert!(!stage.sees(move |tx| suppressions::stands(tx, channel, heir)), "a user name refuses nothing");
    stage.hears(opted(true));
    assert!(!stands());
}

#[test]
fn what_is_ordered_before_an_opt_out_is_stopped_at_once_and_what_comes_after_it_at_the_gate() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let conversation = stage.thread("t");
    stage.answers(conversation, "answer");
    let held = stage.cleared();
    let put_off = Err(connect::SendError::Retry("busy".into()));
    stage.answers(conversation, "waits behind it");
    stage.hears(Event::Opted { from: person("t"), accepts: false, at_ms: 1 });
    let failed = |at: usize| {
        let message = stage.said(conversation).remove(at);
        (message.state, message.failure.map(|(code, _)| code))
    };
    assert_eq!(failed(2), (State::Failed, Some("opted_out".to_owned())));
    stage.acts(move |tx| crate::deliver::record(tx, &held, &put_off)).unwrap();
    stage.house.clock.advance(60_000);
    assert!(matches!(stage.claims(), Verdict::Stopped(..)));
    assert_eq!(failed(1).0, State::Failed);
}

#[test]
fn typing_is_told_and_not_stored() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let typing = |from| Event::Typing { from, thread: "t".into() };
    assert!(matches!(stage.hears(typing(person("t"))), Applied::Typing(..)));
    assert_eq!(stage.hears(typing(person("stranger"))), Applied::Nothing("typing"));
    assert_eq!(stage.hears(Event::Unknown { kind: "poll".into() }), Applied::Nothing("unknown"));
}

#[test]
fn what_waited_while_its_author_was_erased_is_erased_with_them() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    let contact = stage.conversations()[0].contact;
    let received = stage.house.clock_now();
    let erases = |contact| {
        let begin = move |tx: &vault::Tx<'_>| vault::erase::begin(tx, contact);
        at_once(stage.house.vault.write(&stage.operator, begin)).unwrap();
    };
    erases(contact);
    let late = [
        message("t", "2", "was waiting"),
        edited("t", "1", "was waiting", 9_000),
        Event::Opted { from: person("t"), accepts: true, at_ms: 1 },
        Event::Reaction {
            from: person("t"),
            thread: "t".into(),
            remote: "1".into(),
            emoji: Some("👍".into()),
            at_ms: 1,
        },
        Event::Chosen { message: Box::new(inbound("t", "3", "Yes")), callback: "cb".into() },
    ];
    for event in &late {
        assert!(matches!(stage.hears_late(received, event.clone()), Applied::Nothing(_)), "{event:?}");
    }
    assert!(stage.conversations().is_empty());
    stage.hears_late(received, message("other", "9", "others are heard"));
    assert_eq!(stage.conversations().len(), 1);

    stage.house.clock.advance(1);
    assert!(stage.changes(message("t", "4", "I am back")));
    let back = stage.conversations().into_iter().find(|found| found.id == stage.thread("t")).unwrap().contact;
    assert_ne!(back, contact);
    let between = stage.house.clock_now();
    stage.house.clock.advance(1);
    erases(back);
    assert!(
        !matches!(stage.hears_late(between, message("t", "5", "again")), Applied::Changed(_)),
        "erased a second time"
    );
}

#[test]
fn without_threads_everybody_reaches_their_own_alone() {
    let stage = Stage::with("telegram");
    let own =
        |of: &str, remote: &str, text: &str| connect::Inbound { thread: String::new(), ..inbound(of, remote, text) };
    let says = |of: &str, remote: &str| Event::Message(Box::new(own(of, remote, "hello")));
    assert!(stage.changes(says("anna", "a1")) && stage.changes(says("bea", "b1")) && stage.changes(says("anna", "a2")));
    assert!(!stage.changes(says("anna", "a1")));
    assert_eq!(stage.conversations().len(), 2, "each has one conversation");
    let gone = |of: &str, remote: &str| Event::Removed {
        from: Some(person(of)),
        thread: String::new(),
        remotes: vec![remote.to_owned()],
    };
    let reacts = |of: &str, remote: &str| Event::Reaction {
        from: person(of),
        thread: String::new(),
        remote: remote.to_owned(),
        emoji: Some("👍".into()),
        at_ms: 5_000,
    };
    let edits =
        |of: &str, remote: &str| Event::Edited(Box::new(connect::Inbound { at_ms: 9_000, ..own(of, remote, "x") }));
    let anna = stage.conversations().into_iter().find(|found| found.unread_count == 2).unwrap().id;
    let id = stage.said(anna)[0].id.to_string();
    for other in [gone("bea", "a1"), reacts("bea", "a1"), edits("bea", "a1"), gone("stranger", "a1"), gone("anna", &id)]
    {
        assert!(!stage.changes(other.clone()), "{other:?}");
    }
    let quote = Some(Quote { remote: Some("b1".into()), text: None });
    stage.changes(Event::Message(Box::new(connect::Inbound { quote, ..own("anna", "a3", "look") })));
    assert_eq!(stage.said(anna)[2].reply_to, None);
    let seen = |of: &str| Event::Seen { from: person(of), thread: String::new(), remote: None, at_ms: 1 };
    assert!(!stage.changes(seen("stranger")) && stage.changes(seen("anna")));
    let typing = Event::Typing { from: person("anna"), thread: String::new() };
    assert!(matches!(stage.hears(typing), Applied::Typing(conversation, _) if conversation == anna));
    for mine in [reacts("anna", "a1"), edits("anna", "a1"), gone("anna", "a1")] {
        assert!(stage.changes(mine.clone()), "{mine:?}");
    }
}

#[test]
fn what_is_said_alone_never_goes_to_the_group() {
    let stage = Stage::with("telegram");
    let says = |thread: &str, remote: &str, text: &str| {
        let said = connect::Inbound { thread: thread.to_owned(), ..inbound("anna", remote, text) };
        stage.hears(Event::Message(Box::new(said)));
        stage.house.clock.advance(1_000);
    };
    // The group's conversation is hers too, as she was the first to write there, and it is the newer one.
    says("", "1", "alone");
    says("group", "2", "to all");
    says("", "3", "alone again");
    let texts =
        |conversation| stage.said(conversation).iter().map(|said| text(said).map(str::to_owned)).collect::<Vec<_>>();
    let group = stage.thread("group");
    assert_eq!(texts(group), [Some("to all".to_owned())]);
    let [alone] = &stage.conversations().into_iter().filter(|it| it.id != group).collect::<Vec<_>>()[..] else {
        panic!("one of her own")
    };
    assert_eq!(texts(alone.id), ["alone", "alone again"].map(|text| Some(text.to_owned())));
}

#[test]
fn what_lay_in_a_mailbox_when_its_author_was_erased_is_not_brought_again() {
    let stage = Stage::with("telegram");
    let lying = |remote: &str, lies_since_ms| {
        Event::Message(Box::new(connect::Inbound { lies_since_ms, ..inbound("t", remote, "in the mailbox") }))
    };
    let came = stage.house.clock_now();
    stage.hears(lying("1", came));
    let contact = stage.conversations()[0].contact;
    stage.house.clock.advance(5_000);
    at_once(stage.house.vault.write(&stage.operator, move |tx| vault::erase::begin(tx, contact))).unwrap();
    // Long after nobody knows the ids any more.
    stage.house.clock.advance(40 * 86_400_000);
    for (remote, lies_since) in [("1", came), ("never seen", came + 3_000)] {
        assert!(!stage.changes(lying(remote, lies_since)), "{remote}");
    }
    assert!(stage.conversations().is_empty());
    assert!(stage.changes(lying("2", came + 60_000)), "they write again");
    assert!(stage.changes(message("t", "3", "elsewhere nothing is brought twice")));
}
