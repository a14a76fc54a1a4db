//! Senders who use an id twice, and who write from several addresses.

use connect::{Event, Inbound};
use vault::{Personal, merges};

use super::{ANNA, BEA, KIND, mail};
use crate::stage::{Stage, text};
use crate::{deliver, directory};

#[test]
fn mails_that_share_an_id_are_several_and_the_same_mail_is_one() {
    let stage = Stage::with(KIND);
    let told = |from: &str, id: &str, fingerprint: &str, words: &str| {
        let fingerprint = Some(fingerprint.to_owned());
        Inbound { fingerprint, text: Some(words.to_owned()), ..mail(from, id, &[]) }
    };
    let again = |mail: Inbound| assert!(!stage.changes(Event::Message(Box::new(mail))));
    stage.gets(told(ANNA, "form", "f1", "one"));
    again(told(ANNA, "form", "f1", "one"));
    stage.gets(told(ANNA, "form", "f2", "two"));
    stage.gets(told(BEA, "form", "f3", "three"));
    for (from, fingerprint) in [(ANNA, "f1"), (ANNA, "f2"), (BEA, "f3")] {
        again(told(from, "form", fingerprint, "again"));
    }
    // Whoever knows no fingerprint takes it for the one that has the id.
    again(mail(ANNA, "form", &[]));
    assert_eq!(stage.letters(), [vec!["one", "two"], vec!["three"]]);
    // What came before there were fingerprints is not there twice.
    stage.gets(mail(ANNA, "old", &[]));
    again(told(ANNA, "old", "f4", "old"));
    // Nor is what we sent, and came back to us.
    stage.mails(stage.conversations()[0].id, "ours");
    again(told(ANNA, "ours", "f5", "ours"));
}

#[test]
fn an_answer_goes_where_the_last_mail_of_its_conversation_came_from() {
    let stage = Stage::with(KIND);
    stage.gets(mail(ANNA, "a1", &[]));
    stage.gets(mail(BEA, "b1", &[]));
    let first =
        |said: &str| stage.conversations().into_iter().find(|one| text(&stage.said(one.id)[0]) == Some(said)).unwrap();
    let (anna, bea) = (first("a1"), first("b1"));
    let at = |of: &vault::conversations::Conversation| {
        let (id, contact) = (of.id, of.contact);
        stage.sees(move |tx| deliver::recipient(tx, id, contact)).identities[0].value.clone()
    };
    assert_eq!((at(&anna).as_str(), at(&bea).as_str()), (ANNA, BEA));
    let (stays, merged) = (anna.contact, bea.contact);
    let (merge, _) = stage.acts(move |tx| merges::merge(tx, stays, merged)).unwrap();
    stage.gets(mail(BEA, "b2", &["a1"]));
    assert_eq!((at(&anna).as_str(), at(&bea).as_str()), (BEA, BEA), "each as it was last written to");
    stage.gets(Inbound { automatic: true, ..mail(ANNA, "a2", &["b2"]) });
    assert_eq!(at(&anna), BEA, "an absence note is answered by nobody");
    stage.gets(mail(ANNA, "a3", &["b1"]));
    assert_eq!((at(&anna).as_str(), at(&bea).as_str()), (BEA, ANNA));
    // Who begins with an address means it.
    let (channel, address) = (stage.channel, Personal::new(BEA.to_owned()));
    let opened = stage.acts(move |tx| directory::open_with_address(tx, channel, &address)).unwrap();
    assert_eq!(at(&first(if opened == anna.id { "a1" } else { "b1" })), BEA);
    // They are two again: nothing of the one's goes to the other.
    stage.acts(move |tx| merges::split(tx, stays, merge)).unwrap();
    assert_eq!((at(&anna).as_str(), at(&bea).as_str()), (ANNA, BEA));
}
