//! Whoever was merged goes on being known by their own identities: what comes in is theirs, and is shown as who stays.

use connect::{Event, IdentityKind, Person, Receipt};
use vault::merges;
use vault::{ContactId, Personal, contacts, conversations};

use super::with;
use crate::receive::Applied;
use crate::stage::{Stage, draft, inbound, known, message, text};
use crate::{compose, deliver, directory};

/// Two who write in threads of their own, of whom the second is merged into the first.
fn merged(stage: &Stage) -> (ContactId, ContactId) {
    assert!(stage.changes(message("1", "m-1", "from the first")));
    stage.house.clock.advance(1);
    assert!(stage.changes(message("2", "m-2", "from the second")));
    let owner = |thread: &'static str| {
        let conversation = stage.thread(thread);
        stage.sees(move |tx| conversations::head(tx, conversation)).contact
    };
    let (stays, merged) = (owner("1"), owner("2"));
    stage.acts(move |tx| merges::merge(tx, stays, merged)).unwrap();
    (stays, merged)
}

#[test]
fn what_a_merged_contact_writes_is_theirs_and_there_once() {
    let stage = Stage::with("telegram");
    let (stays, merged) = merged(&stage);
    let conversation = stage.thread("2");
    for delivered in [true, false] {
        assert_eq!(stage.changes(message("2", "m-3", "more from the second")), delivered);
    }
    let said = stage.said(conversation);
    assert_eq!(said.iter().filter_map(text).collect::<Vec<_>>(), ["from the second", "more from the second"]);
    let row = said[1].id;
    assert_eq!(stage.sees(move |tx| vault::messages::head(tx, row)).contact, merged, "under their own key");
    assert!(said.iter().all(|message| message.author.id == Some(stays.to_string())));
    assert_eq!(stage.conversations().len(), 2);
    assert!(stage.conversations().iter().all(|conversation| conversation.contact == stays));
    let id = stage.sees(move |tx| merges::list(tx, stays))[0].id;
    stage.acts(move |tx| merges::split(tx, stays, id)).unwrap();
    assert!(stage.said(conversation).iter().all(|message| message.author.id == Some(merged.to_string())));
}

#[test]
fn what_is_learnt_of_a_merged_contact_is_of_that_one() {
    let stage = Stage::with("telegram");
    let (stays, merged) = merged(&stage);
    let mut grown = inbound("2", "m-3", "by another number");
    grown.from.identities.push(known(IdentityKind::Phone, "+492"));
    assert!(stage.changes(Event::Message(Box::new(grown))));
    assert_eq!(stage.sees(move |tx| contacts::view(tx, stays)).identities.len(), 3);
    let id = stage.sees(move |tx| merges::list(tx, stays))[0].id;
    stage.acts(move |tx| merges::split(tx, stays, id)).unwrap();
    assert_eq!(stage.sees(move |tx| contacts::view(tx, stays)).identities.len(), 1);
    assert_eq!(stage.sees(move |tx| contacts::view(tx, merged)).identities.len(), 2);
    let channel = stage.channel;
    let by_phone: Person = with(&[(IdentityKind::Phone, "+492")]);
    assert_eq!(stage.acts(move |tx| super::contact(tx, channel, &by_phone)).unwrap(), merged);
}

#[test]
fn an_answer_goes_to_whom_the_conversation_is_with() {
    let stage = Stage::with("telegram");
    let (stays, merged) = merged(&stage);
    stage.answers(stage.thread("2"), "to the second");
    let row = stage.cleared();
    let outgoing = stage.sees({
        let row = row.clone();
        move |tx| deliver::prepare(tx, &row)
    });
    let to = outgoing.unwrap().to;
    assert_eq!((row.contact, to.thread.as_deref()), (merged, Some("2")));
    assert_eq!(to.identities.iter().map(|it| it.value.as_str()).collect::<Vec<_>>(), ["2"]);
    let receipt = Ok(Receipt::Accepted { remotes: vec!["r-1".into()], thread: Some("2".into()) });
    stage.acts(move |tx| deliver::record(tx, &row, &receipt)).unwrap();
    let typing = Event::Typing { from: crate::stage::person("2"), thread: "2".into() };
    assert_eq!(stage.hears(typing), Applied::Typing(stage.thread("2"), stays), "typing is shown as who stays");
}

#[test]
fn who_refuses_is_not_answered_as_anybody_else() {
    let stage = Stage::with("telegram");
    let (stays, _) = merged(&stage);
    let conversation = stage.thread("1");
    let refuses = Event::Opted { from: crate::stage::person("2"), accepts: false, at_ms: 9_000 };
    assert!(stage.changes(refuses));
    let answer = draft(conversation, vault::messages::Writer::Member(stage.agent.0), "to the first");
    assert!(stage.acts(move |tx| compose::send(tx, &answer)).is_err(), "one person, one wish on this channel");
    let id = stage.sees(move |tx| merges::list(tx, stays))[0].id;
    stage.acts(move |tx| merges::split(tx, stays, id)).unwrap();
    stage.answers(conversation, "to the first, who refused nothing");
}

#[test]
fn a_conversation_is_opened_with_who_is_known_on_the_channel() {
    let stage = Stage::with("telegram");
    let (stays, merged) = merged(&stage);
    let stranger = stage
        .acts(|tx| {
            contacts::create(tx, &contacts::Profile { name: Some(Personal::new("Eve".into())), ..Default::default() })
        })
        .unwrap();
    stage.acts(move |tx| merges::merge(tx, stranger, stays)).unwrap();
    let channel = stage.channel;
    let opened = stage.acts(move |tx| directory::open_conversation(tx, channel, stranger)).unwrap();
    assert!([stage.thread("1"), stage.thread("2")].contains(&opened), "the newest there is");
    let other = vault::testing::house::at_once(stage.house.channel(&stage.operator, "telegram"));
    let opened = stage.acts(move |tx| directory::open_conversation(tx, other, merged)).unwrap();
    let with = stage.sees(move |tx| conversations::head(tx, opened)).contact;
    assert_eq!(with, merged, "who was met last on a channel of its kind");
}
