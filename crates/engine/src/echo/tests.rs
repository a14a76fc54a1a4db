//! What was written on the business's own phone.

use connect::{Echo, Event, Inbound, StatusChange};
use vault::messages::{Direction, State};

use crate::stage::{Stage, inbound, message, text};

/// On a channel without threads, where everything is the contact's own.
fn own(of: &str, remote: &str, text: &str) -> Inbound {
    Inbound { thread: String::new(), ..inbound(of, remote, text) }
}

fn wrote(of: &str, remote: &str, text: &str) -> Event {
    Event::Echo(Echo::Wrote(Box::new(own(of, remote, text))))
}

fn edited(of: &str, remote: &str, text: &str) -> Event {
    Event::Echo(Echo::Edited(Box::new(Inbound { at_ms: 9_000, ..own(of, remote, text) })))
}

fn removed(remote: &str) -> Event {
    Event::Echo(Echo::Removed { thread: String::new(), remotes: vec![remote.into()] })
}

#[test]
fn it_stands_in_the_contacts_conversation_once() {
    let stage = Stage::with("telegram");
    stage.hears(Event::Message(Box::new(own("anna", "1", "hello"))));
    assert!(stage.changes(wrote("anna", "2", "from the phone")));
    assert!(!stage.changes(wrote("anna", "2", "from the phone")));
    let [conversation] = &stage.conversations()[..] else { panic!("one conversation") };
    let said = stage.said(conversation.id);
    assert_eq!((said.len(), text(&said[1])), (2, Some("from the phone")));
    assert_eq!(
        (said[1].direction, said[1].state, said[1].author.kind.as_str()),
        (Direction::Outgoing, State::Sent, "system")
    );
    assert!(said[1].body.as_ref().unwrap().reveal().elsewhere && said[1].author.id.is_none());
    assert_eq!(conversation.unread_count, 1, "who writes on a phone has not read it here");
    assert!(stage.is_idle(), "nothing is sent for it");
}

#[test]
fn what_we_sent_ourselves_is_no_second_message() {
    let stage = Stage::with("telegram");
    stage.hears(message("t", "1", "hello"));
    stage.answers(stage.thread("t"), "answer");
    let row = stage.cleared();
    let receipt = Ok(connect::Receipt::Accepted { remotes: vec!["2".into()], thread: None });
    stage.acts(move |tx| crate::deliver::record(tx, &row, &receipt)).unwrap();
    assert!(!stage.changes(Event::Echo(Echo::Wrote(Box::new(inbound("t", "2", "answer"))))));
    assert_eq!(stage.said(stage.thread("t")).len(), 2);
}

#[test]
fn an_echo_that_comes_before_the_reply_is_folded_into_what_was_sent() {
    let stage = Stage::with("telegram");
    stage.hears(Event::Message(Box::new(own("anna", "1", "hello"))));
    let [conversation] = &stage.conversations()[..] else { panic!("one conversation") };
    let conversation = conversation.id;
    let sent = stage.answers(conversation, "answer");
    let row = stage.cleared();
    assert!(stage.changes(wrote("anna", "2", "answer")), "nobody can know yet");
    assert_eq!(stage.said(conversation).len(), 3);
    // What is told of it meanwhile is told of ours.
    let read = StatusChange { remote: Some("2".into()), state: "read".into(), at_ms: 1, ..StatusChange::default() };
    stage.hears(Event::Status(read));
    stage.hears(Event::Reaction {
        from: crate::stage::person("anna"),
        thread: String::new(),
        remote: "2".into(),
        emoji: Some("\u{1f44d}".into()),
        at_ms: 2,
    });
    let quote = Some(connect::Quote { remote: Some("2".into()), text: None });
    stage.hears(Event::Message(Box::new(Inbound { quote, ..own("anna", "3", "thanks") })));
    let receipt = Ok(connect::Receipt::Accepted { remotes: vec!["2".into()], thread: None });
    stage.acts(move |tx| crate::deliver::record(tx, &row, &receipt)).unwrap();
    let said = stage.said(conversation);
    let texts: Vec<_> = said.iter().map(text).collect();
    assert_eq!(texts, [Some("hello"), Some("answer"), Some("thanks")]);
    let ours = &said[1];
    assert_eq!((ours.id, ours.state, ours.author.kind.as_str()), (sent, State::Read, "member"));
    assert_eq!((ours.reactions.len(), said[2].reply_to), (1, Some(sent)));
    assert!(!stage.changes(wrote("anna", "2", "answer")), "it is known from then on");
    assert!(stage.is_idle());
}

#[test]
fn an_echo_is_folded_too_when_a_status_names_our_id() {
    let stage = Stage::with("telegram");
    stage.hears(Event::Message(Box::new(own("anna", "1", "hello"))));
    let [conversation] = &stage.conversations()[..] else { panic!("one conversation") };
    let conversation = conversation.id;
    let sent = stage.answers(conversation, "answer");
    stage.cleared();
    stage.hears(wrote("anna", "2", "answer"));
    let (remote, ours) = (Some("2".to_owned()), Some(sent.to_string()));
    // The echo has the provider's id, and ours says whose it is.
    stage.hears(Event::Status(StatusChange {
        remote,
        ours,
        state: "sent".into(),
        at_ms: 1,
        ..StatusChange::default()
    }));
    let said = stage.said(conversation);
    assert_eq!(said.len(), 2);
    assert_eq!((said[1].id, said[1].state), (sent, State::Sent));
    let shown = stage.conversations()[0].last_message.as_ref().map(|message| message.id);
    assert_eq!(shown, Some(sent), "the list shows what is left");
}

#[test]
fn it_is_changed_and_taken_back_by_the_business_alone() {
    let stage = Stage::with("telegram");
    stage.hears(Event::Message(Box::new(own("anna", "1", "hello"))));
    stage.hears(wrote("anna", "2", "first"));
    stage.hears(wrote("bea", "3", "for somebody else"));
    assert!(stage.changes(edited("anna", "2", "second")));
    assert!(!stage.changes(edited("bea", "2", "of another's")), "it is in another's conversation");
    assert!(!stage.changes(edited("anna", "1", "what the contact wrote")));
    assert!(!stage.changes(removed("1")));
    // And the contact cannot change what the business wrote.
    assert!(!stage.changes(Event::Edited(Box::new(Inbound { at_ms: 10_000, ..own("anna", "2", "forged") }))));
    let anna = stage.conversations().into_iter().find(|found| found.unread_count == 1).unwrap().id;
    assert_eq!(text(&stage.said(anna)[1]), Some("second"));
    assert!(stage.changes(removed("2")));
    assert!(stage.said(anna)[1].removed_at.is_some());
    assert!(stage.changes(edited("anna", "4", "an edit that came first")));
    assert!(stage.changes(wrote("anna", "4", "late")), "what it was besides is known now");
    assert!(!stage.changes(wrote("anna", "4", "late")));
    let older = Inbound { at_ms: 8_000, ..own("anna", "4", "an older edit") };
    assert!(!stage.changes(Event::Echo(Echo::Edited(Box::new(older)))));
}
