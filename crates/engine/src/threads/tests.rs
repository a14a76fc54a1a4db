//! Mails find their conversation by what they say of it, in whatever order they come, and nobody else's.

mod senders;

use connect::{Event, IdentityKind, Inbound, Person, Receipt};
use proptest::prelude::*;
use vault::conversations::{Change, Status};
use vault::testing::house::at_once;
use vault::{ConversationId, MessageId, Personal, merges};

use crate::stage::{Stage, draft, known, text};
use crate::{compose, deliver, directory};

/// Channels of this kind are for mail.
const KIND: &str = "email";
const ANNA: &str = "anna@example.org";
const BEA: &str = "bea@example.org";

fn writer(address: &str) -> Person {
    Person { identities: vec![known(IdentityKind::Email, address)], name: None, language: None }
}

/// A mail as its connector reads it: `references` as they stand in its header, the oldest first.
fn mail(from: &str, id: &str, references: &[&str]) -> Inbound {
    Inbound {
        remote: id.to_owned(),
        thread: (*references.first().unwrap_or(&id)).to_owned(),
        answers: references.iter().rev().map(|reference| (*reference).to_owned()).collect(),
        from: writer(from),
        text: Some(id.to_owned()),
        subject: Some("Brot".to_owned()),
        at_ms: 1_000,
        ..Inbound::default()
    }
}

impl Stage {
    fn gets(&self, mail: Inbound) {
        assert!(self.changes(Event::Message(Box::new(mail))));
    }

    /// The agent answers, and the mail has an id.
    fn mails(&self, conversation: ConversationId, id: &'static str) -> MessageId {
        let message = self.answers(conversation, id);
        let row = self.cleared();
        let receipt = Ok(Receipt::Accepted { remotes: vec![id.into()], thread: Some(id.into()) });
        self.acts(move |tx| deliver::record(tx, &row, &receipt)).unwrap();
        message
    }

    /// What is said in each conversation, those first whose first message is.
    fn letters(&self) -> Vec<Vec<String>> {
        let said = |id| self.said(id).iter().map(|message| text(message).unwrap_or_default().to_owned()).collect();
        let mut all: Vec<_> = self.conversations().into_iter().map(|conversation| said(conversation.id)).collect();
        all.sort();
        all
    }

    fn only(&self) -> ConversationId {
        let [one] = &self.conversations()[..] else { panic!("{:?}", self.letters()) };
        one.id
    }
}

#[test]
fn an_answer_is_in_the_conversation_of_what_it_answers() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    stage.mails(stage.only(), "o1");
    // A program that knows In-Reply-To alone, and one that cut off all but the middle of the references.
    stage.gets(mail(ANNA, "a2", &["o1"]));
    stage.gets(mail(ANNA, "a3", &["x9", "a2", "x8"]));
    assert_eq!(stage.letters(), [["a1", "o1", "a2", "a3"]]);
    stage.gets(mail(ANNA, "b1", &[]));
    assert_eq!(stage.letters().len(), 2, "what answers nothing begins something");
}

#[test]
fn an_answer_to_what_we_began_is_in_that_conversation_and_so_is_what_shares_its_thread() {
    let stage = Stage::with(KIND);
    let (channel, address) = (stage.channel, Personal::new(ANNA.to_owned()));
    let begin = move |tx: &vault::Tx<'_>| {
        let contact = directory::addressed(tx, channel, &address)?;
        directory::open_conversation(tx, channel, contact)
    };
    let opened = stage.acts(begin.clone()).unwrap();
    assert_eq!(stage.acts(begin).unwrap(), opened, "the contact and the conversation are found again");
    stage.mails(opened, "o1");
    stage.gets(mail(ANNA, "a1", &["o1"]));
    stage.gets(mail(ANNA, "a2", &["o1", "lost"]));
    assert_eq!(stage.letters(), [["o1", "a1", "a2"]]);
}

#[test]
fn a_token_of_ours_counts_before_all_and_only_for_the_same_person() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    let conversation = stage.only();
    let told = |mail| Inbound { conversation: Some(conversation.to_string()), ..mail };
    stage.gets(told(mail(ANNA, "a2", &[])));
    // It answers what came with the token: nothing else of it is known.
    stage.gets(mail(ANNA, "a3", &["a2"]));
    stage.gets(told(mail(BEA, "b1", &[])));
    stage.gets(Inbound { conversation: Some("cnv_0".into()), ..mail(ANNA, "c1", &[]) });
    assert_eq!(stage.letters(), [vec!["a1", "a2", "a3"], vec!["b1"], vec!["c1"]]);
}

#[test]
fn a_token_of_another_channel_leads_nowhere() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    let contact = stage.conversations()[0].contact;
    let other = at_once(stage.house.channel(&stage.operator, KIND));
    let elsewhere = stage.acts(move |tx| vault::conversations::open(tx, other, contact, None)).unwrap().id;
    stage.gets(Inbound { conversation: Some(elsewhere.to_string()), ..mail(ANNA, "a2", &[]) });
    assert_eq!(stage.letters(), [vec![], vec!["a1"], vec!["a2"]]);
}

#[test]
fn who_answers_in_somebodys_thread_has_a_conversation_of_their_own() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    stage.mails(stage.only(), "o1");
    stage.gets(mail(BEA, "b1", &["a1", "o1"]));
    stage.gets(mail(BEA, "b2", &["a1", "o1", "gone"]));
    stage.gets(mail("cem@example.org", "c1", &["a1"]));
    stage.gets(mail(ANNA, "a2", &["a1", "b1"]));
    assert_eq!(stage.letters(), [vec!["a1", "o1", "a2"], vec!["b1", "b2"], vec!["c1"]]);
    let beas = stage.conversations().into_iter().find(|one| stage.said(one.id).len() == 2).unwrap();
    let to = stage.sees(move |tx| deliver::recipient(tx, beas.id, beas.contact));
    assert_eq!((to.thread.as_deref(), to.identities[0].value.as_str()), (Some("a1"), BEA), "as the provider has it");
}

#[test]
fn a_strangers_answer_that_comes_before_what_it_answers_keeps_nobody_out() {
    let stage = Stage::with(KIND);
    stage.gets(mail(BEA, "b1", &["a1"]));
    stage.gets(mail(ANNA, "a1", &[]));
    stage.gets(mail(ANNA, "a2", &["a1"]));
    stage.gets(mail(BEA, "b2", &["a1", "b1"]));
    assert_eq!(stage.letters(), [["a1", "a2"], ["b1", "b2"]]);
}

#[test]
fn who_is_one_with_somebody_answers_in_their_conversation() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    stage.gets(mail(BEA, "b1", &[]));
    let who = |stage: &Stage, said: &str| {
        let one = stage.conversations().into_iter().find(|one| text(&stage.said(one.id)[0]) == Some(said)).unwrap();
        one.contact
    };
    let (anna, bea) = (who(&stage, "a1"), who(&stage, "b1"));
    stage.gets(mail(BEA, "b2", &["a1"]));
    assert_eq!(stage.letters(), [vec!["a1"], vec!["b1"], vec!["b2"]]);
    stage.acts(move |tx| merges::merge(tx, anna, bea)).unwrap();
    stage.gets(mail(BEA, "b3", &["a1"]));
    stage.gets(mail(ANNA, "a2", &["b2"]));
    assert_eq!(stage.letters(), [vec!["a1", "b3"], vec!["b1"], vec!["b2", "a2"]]);
}

#[test]
fn what_a_mail_says_is_stored_and_what_a_machine_wrote_opens_nothing() {
    let stage = Stage::with(KIND);
    stage.gets(Inbound { below: Some("-- \nAnna".into()), ..mail(ANNA, "a1", &[]) });
    let conversation = stage.only();
    let body = stage.said(conversation)[0].body.clone().unwrap().into_revealed();
    assert_eq!(
        (body.subject.as_deref(), body.below.as_deref(), body.automatic, body.doubtful_sender),
        (Some("Brot"), Some("-- \nAnna"), false, false)
    );
    assert_eq!(body.readable(), "Brot\na1", "searched is what the writer says");
    let resolve = Change { status: Some(Status::Resolved), read: true, ..Change::default() };
    stage.acts(move |tx| vault::conversations::change(tx, conversation, &resolve)).unwrap();
    stage.gets(Inbound { automatic: true, ..mail(ANNA, "a2", &["a1"]) });
    let after = stage.conversations().remove(0);
    assert_eq!((after.status, after.waiting_since, after.unread_count), (Status::Resolved, None, 1));
    assert!(stage.said(conversation)[1].body.as_ref().is_some_and(|body| body.reveal().automatic));
    stage.gets(Inbound { doubtful_sender: true, ..mail(ANNA, "a3", &["a1"]) });
    assert!(stage.said(conversation)[2].body.as_ref().is_some_and(|body| body.reveal().doubtful_sender));
    let after = &stage.conversations()[0];
    assert!(after.status == Status::Open && after.waiting_since.is_some() && after.unread_count == 2);
    stage.gets(Inbound { automatic: true, ..mail(BEA, "b1", &[]) });
    let absent = stage.conversations().into_iter().find(|one| one.id != conversation).unwrap();
    assert_eq!((absent.status, absent.waiting_since), (Status::Open, None), "it is seen, and nobody waits");
}

#[test]
fn an_answer_goes_on_with_subject_and_references() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    let conversation = stage.only();
    stage.mails(conversation, "o1");
    stage.gets(Inbound { subject: None, ..mail(ANNA, "a2", &["o1"]) });
    stage.answers(conversation, "answer");
    let row = stage.cleared();
    let held = row.clone();
    let out = stage.sees(move |tx| deliver::prepare(tx, &held)).unwrap();
    assert_eq!((out.subject.as_str(), out.before), ("Brot", vec!["a1".to_owned(), "o1".to_owned(), "a2".to_owned()]));
    assert_eq!((out.unsubscribe, out.titled), (None, false));
    let receipt = Ok(Receipt::Accepted { remotes: vec!["o2".into()], thread: None });
    stage.acts(move |tx| deliver::record(tx, &row, &receipt)).unwrap();
    let author = vault::messages::Writer::Member(stage.agent.0);
    let mut own = draft(conversation, author, "anew");
    own.body = own.body.map(|body| vault::messages::Body { subject: Some("Öffnungszeiten".into()), ..body });
    let written = own.clone();
    stage.acts(move |tx| compose::send(tx, &written)).unwrap();
    let row = stage.cleared();
    let out = stage.sees(move |tx| deliver::prepare(tx, &row)).unwrap();
    assert_eq!((out.subject.as_str(), out.titled), ("Öffnungszeiten", true));
    for (wrong, note) in [("", false), ("one\r\nBcc: x@y.z", false), ("Brot", true)] {
        let mut refused = own.clone();
        refused.note = note;
        refused.body = refused.body.map(|body| vault::messages::Body { subject: Some(wrong.into()), ..body });
        let refusal = stage.acts(move |tx| compose::send(tx, &refused)).unwrap_err();
        assert!(matches!(refusal, crate::Error::Invalid { field: "subject", .. }), "{wrong}: {refusal}");
    }
}

#[test]
fn only_channels_for_mail_are_begun_with_an_address_or_have_subjects() {
    let stage = Stage::with("telegram");
    stage.hears(crate::stage::message("t", "1", "hello"));
    let mut mail = draft(stage.thread("t"), vault::messages::Writer::Member(stage.agent.0), "text");
    mail.body = mail.body.map(|body| vault::messages::Body { subject: Some("Brot".into()), ..body });
    let refused = stage.acts(move |tx| compose::send(tx, &mail)).unwrap_err();
    assert!(matches!(refused, crate::Error::Unsupported("subjects")));
    for (stage, address) in [(stage, ANNA), (Stage::with(KIND), "anna"), (Stage::with(KIND), "anna@")] {
        let channel = stage.channel;
        let refused = stage.acts(move |tx| directory::addressed(tx, channel, &Personal::new(address.into())));
        assert!(matches!(refused, Err(crate::Error::Invalid { field: "address", .. })), "{address}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Programs name all that came before: then it does not matter in which order mails come, nor how often.
    #[test]
    fn in_any_order_one_thread_is_one_conversation(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(), twice in 0..6_usize) {
        let stage = Stage::with(KIND);
        let ids = ["m0", "m1", "m2", "m3", "m4", "m5"];
        let letter = |at: usize| Event::Message(Box::new(mail(ANNA, ids[at], &ids[..at])));
        for at in order.into_iter().chain([twice]) {
            stage.hears(letter(at));
        }
        let letters = stage.letters();
        prop_assert_eq!(letters.len(), 1);
        prop_assert_eq!(letters[0].len(), 6);
    }
}
