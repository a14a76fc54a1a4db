//! What somebody ends holds at once, and they alone turn it on again, on the page's own text.

use vault::messages::State;
use vault::testing::house::at_once;

use super::*;
use crate::stage::Stage;
use crate::unsubscribing::tests::{advertises, state, wanted};

fn list(stage: &Stage, contact: ContactId) -> Vec<(String, String, bool)> {
    let channel = stage.channel;
    let seen = stage.sees(move |tx| seen(tx, channel, contact));
    seen.into_iter().map(|pair| (pair.purpose, pair.channel, pair.since.is_some())).collect()
}

fn pair(purpose: &str, channel: &str, stands: bool) -> (String, String, bool) {
    (purpose.to_owned(), channel.to_owned(), stands)
}

fn renews(stage: &Stage, contact: ContactId, purpose: &'static str, kind: &'static str) -> bool {
    let channel = stage.channel;
    let text = Text { version: "preferences-1-en".into(), text: Personal::new("Advertising: I agree".into()) };
    stage.acts(move |tx| renew(tx, channel, contact, (purpose, kind), &text)).unwrap()
}

#[test]
fn ending_stops_what_waits_and_turning_on_again_is_a_new_consent() {
    let (stage, conversation, contact) = wanted();
    let waiting = [advertises(&stage, conversation), advertises(&stage, conversation)];
    let reply = stage.answers(conversation, "a member's own words");
    assert_eq!(list(&stage, contact), [pair("marketing", "any", true)]);
    assert!(!renews(&stage, contact, "marketing", "any"), "it stands");
    assert!(stage.acts(move |tx| end(tx, contact, ("marketing", "any"))).unwrap());
    for message in waiting {
        assert_eq!(state(&stage, message), (State::Failed, Some("no_consent".to_owned())));
    }
    assert_eq!(state(&stage, reply).0, State::Queued);
    assert!(!stage.acts(move |tx| end(tx, contact, ("marketing", "any"))).unwrap(), "there is nothing left to end");
    assert_eq!(list(&stage, contact), [pair("marketing", "any", false)]);
    for (purpose, kind) in [("marketing", "email"), ("recording.ai", "any"), ("", "")] {
        assert!(!renews(&stage, contact, purpose, kind), "nobody ended {purpose} on {kind}");
    }
    stage.house.clock.advance(1);
    assert!(renews(&stage, contact, "marketing", "any"));
    let known = stage.sees(move |tx| consents::of(tx, contact));
    assert_eq!(known.len(), 2);
    assert_eq!((known[0].text_version.as_str(), known[0].collected_by.as_str()), ("preferences-1-en", PAGE));
    assert_eq!(known[1].withdrawn_by.as_deref(), Some(BY_CONTACT));
    let id = known[0].id;
    let text = stage.sees(move |tx| consents::with_text(tx, id)).1;
    assert_eq!(text.map(Personal::into_revealed).as_deref(), Some("Advertising: I agree"));
    advertises(&stage, conversation);
}

#[test]
fn one_channel_is_ended_beside_a_yes_for_all_and_one_click_is_taken_back() {
    let (stage, conversation, contact) = wanted();
    let channel = stage.channel;
    assert!(stage.acts(move |tx| crate::unsubscribing::unsubscribe(tx, channel, contact)).unwrap());
    assert_eq!(list(&stage, contact), [pair("marketing", "any", true), pair("marketing", "email", false)]);
    stage.house.clock.advance(1_000);
    assert!(renews(&stage, contact, "marketing", "email"));
    assert_eq!(list(&stage, contact), [pair("marketing", "any", true), pair("marketing", "email", true)]);
    advertises(&stage, conversation);
    assert!(stage.acts(move |tx| end(tx, contact, ("marketing", "email"))).unwrap());
    assert_eq!(list(&stage, contact), [pair("marketing", "any", true), pair("marketing", "email", false)]);
    stage.house.clock.advance(1_000);
    assert!(stage.acts(move |tx| end_all(tx, channel, contact)).unwrap());
    assert!(list(&stage, contact).iter().all(|(_, _, stands)| !stands));
    assert!(!stage.acts(move |tx| end_all(tx, channel, contact)).unwrap());
}

#[test]
fn of_the_erased_nothing_is_shown_and_nothing_is_turned_on() {
    let (stage, _, contact) = wanted();
    at_once(stage.house.vault.write(&stage.operator, move |tx| vault::erase::begin(tx, contact))).unwrap();
    assert!(list(&stage, contact).is_empty());
    assert!(!renews(&stage, contact, "marketing", "any"));
    assert!(!stage.acts(move |tx| end(tx, contact, ("marketing", "any"))).unwrap());
}
