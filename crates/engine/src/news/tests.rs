//! What a provider tells of people and accounts.

use connect::{AccountNews, Event, IdentityKind, Inbound, Person, PersonIdentity, Proof, Says, StatusChange};
use vault::channels::{self, ChannelState};
use vault::consents::{self, Consent};
use vault::messages::Direction;
use vault::{ContactId, contacts, suppressions};

use crate::stage::{Stage, inbound, known, text};

fn who(identities: &[(IdentityKind, &str)]) -> Person {
    let identities: Vec<PersonIdentity> = identities.iter().map(|(kind, value)| known(*kind, value)).collect();
    Person { identities, name: Some("Anna".into()), language: None }
}

fn says(stage: &Stage, person: &Person, remote: &str) -> ContactId {
    let said = Inbound { thread: String::new(), from: person.clone(), ..inbound("", remote, "hello") };
    assert!(stage.changes(Event::Message(Box::new(said))));
    let (channel, person) = (stage.channel, person.clone());
    stage.sees(move |tx| crate::identify::known(tx, channel, &person)).unwrap()
}

fn values(stage: &Stage, contact: ContactId) -> Vec<String> {
    let contact = stage.sees(move |tx| contacts::view(tx, contact));
    let mut values: Vec<_> = contact.identities.into_iter().map(|known| known.value.into_revealed()).collect();
    values.sort();
    values
}

#[test]
fn who_moves_keeps_history_and_refusals() {
    let stage = Stage::with("telegram");
    let old = who(&[(IdentityKind::Phone, "+391"), (IdentityKind::WhatsappUserId, "IT.1")]);
    let new = who(&[(IdentityKind::Phone, "+392"), (IdentityKind::WhatsappUserId, "IT.2")]);
    let anna = says(&stage, &old, "1");
    stage.hears(Event::Opted { from: old.clone(), accepts: false, at_ms: 1 });
    let moved = || Event::Moved { from: old.clone(), to: new.clone(), at_ms: 2_000 };
    assert!(stage.changes(moved()));
    assert!(!stage.changes(moved()), "told again");
    assert_eq!(values(&stage, anna), ["+392", "IT.2"]);
    let channel = stage.channel;
    assert!(stage.sees(move |tx| suppressions::stands(tx, channel, anna)), "what it refused it refuses still");
    assert_eq!(says(&stage, &new, "2"), anna);
    let [conversation] = &stage.conversations()[..] else { panic!("one conversation") };
    let said = stage.said(conversation.id);
    let directions: Vec<_> = said.iter().map(|message| message.direction).collect();
    assert_eq!(directions, [Direction::Incoming, Direction::Note, Direction::Incoming]);
    assert!(text(&said[1]).unwrap().contains("same person") && said[1].author.kind == "system");
    assert_ne!(says(&stage, &old, "3"), anna, "whoever has the old number now is somebody else");
}

#[test]
fn a_number_that_passes_to_somebody_is_theirs() {
    let stage = Stage::with("telegram");
    let bea = says(&stage, &who(&[(IdentityKind::Phone, "+392")]), "1");
    let old = who(&[(IdentityKind::Phone, "+391")]);
    let anna = says(&stage, &old, "2");
    let to = who(&[(IdentityKind::Phone, "+392")]);
    assert!(stage.changes(Event::Moved { from: old, to: to.clone(), at_ms: 1 }));
    assert_eq!(says(&stage, &to, "3"), anna);
    assert!(values(&stage, bea).is_empty());
    assert!(!stage.changes(Event::Moved { from: who(&[(IdentityKind::Phone, "+399")]), to, at_ms: 1 }));
}

fn marketing(stage: &Stage, contact: ContactId) -> (bool, bool, Vec<Consent>) {
    let channel = stage.channel;
    stage.sees(move |tx| {
        let refuses = suppressions::stands_for(tx, channel, contact, "marketing")?;
        Ok((refuses, consents::in_force(tx, contact, "marketing", "telegram")?, consents::of(tx, contact)?))
    })
}

#[test]
fn a_preference_is_a_consent_record_and_the_latest_word_counts() {
    let stage = Stage::with("telegram");
    let anna = who(&[(IdentityKind::Phone, "+391")]);
    let contact = says(&stage, &anna, "1");
    let tells = |given: bool, at_ms: i64| {
        let says = if given { Says::Gives } else { Says::Withdraws };
        stage.changes(Event::Preference { from: anna.clone(), purpose: "marketing".into(), says, proof: None, at_ms })
    };
    assert!(tells(true, 1_000));
    let (refuses, agreed, records) = marketing(&stage, contact);
    assert!(!refuses && agreed);
    let record = &records[0];
    assert_eq!((record.ground.as_str(), record.collected_by.as_str(), record.given_at), ("consent", "provider", 1_000));
    assert!(tells(false, 3_000));
    assert!(!tells(false, 3_000), "told again");
    assert!(!tells(true, 2_000), "an older word that came late");
    let (refuses, agreed, records) = marketing(&stage, contact);
    assert!(refuses && !agreed);
    assert_eq!((records.len(), records[0].withdrawn_at), (1, Some(3_000)));
    assert!(tells(true, 4_000));
    let (refuses, agreed, _) = marketing(&stage, contact);
    assert!(!refuses && agreed);
    let channel = stage.channel;
    assert!(!stage.sees(move |tx| suppressions::stands(tx, channel, contact)), "other messages were never refused");
}

#[test]
fn what_is_given_for_a_while_counts_until_then_and_keeps_what_proves_it() {
    let stage = Stage::with("telegram");
    let anna = who(&[(IdentityKind::Phone, "+391")]);
    let contact = says(&stage, &anna, "1");
    let ends = stage.house.clock_now() + 10_000;
    let tells = |ends_ms: i64, at_ms: i64| {
        let proof = Some(Proof { told: r#"{"frequency":"WEEKLY"}"#.into(), ends_ms: Some(ends_ms) });
        stage.changes(Event::Preference {
            from: anna.clone(),
            purpose: "marketing".into(),
            says: Says::Gives,
            proof,
            at_ms,
        })
    };
    assert!(tells(ends, 1_000));
    assert!(!tells(ends, 1_000), "told again");
    let (refuses, agreed, records) = marketing(&stage, contact);
    assert_eq!((refuses, agreed, records[0].ends_at), (false, true, Some(ends)));
    stage.house.clock.advance(10_000);
    assert!(!marketing(&stage, contact).1, "it has ended");
    assert!(tells(ends + 50_000, 2_000), "they go on");
    assert!(marketing(&stage, contact).1);
    let stop = Event::Preference {
        from: anna.clone(),
        purpose: "marketing".into(),
        says: Says::Withdraws,
        proof: None,
        at_ms: 3_000,
    };
    assert!(stage.changes(stop));
    let (refuses, agreed, records) = marketing(&stage, contact);
    assert!(refuses && !agreed && records.iter().all(|one| one.withdrawn_at.is_some()));
}

#[test]
fn who_takes_a_refusal_back_gets_what_they_had_agreed_to_and_nothing_else() {
    let stage = Stage::with("telegram");
    let anna = who(&[(IdentityKind::Phone, "+391")]);
    let contact = says(&stage, &anna, "1");
    let tells = |says: Says, at_ms: i64| {
        stage.changes(Event::Preference { from: anna.clone(), purpose: "marketing".into(), says, proof: None, at_ms })
    };
    let stands = || {
        let (refuses, agreed, _) = marketing(&stage, contact);
        (refuses, agreed)
    };
    tells(Says::Restores, 1_000);
    assert_eq!(stands(), (false, false), "nobody had agreed to anything");
    tells(Says::Withdraws, 2_000);
    tells(Says::Restores, 3_000);
    assert_eq!(stands(), (false, false), "nor after a refusal of what was not agreed to");
    assert!(tells(Says::Gives, 4_000));
    tells(Says::Withdraws, 6_000);
    tells(Says::Restores, 5_000);
    assert_eq!(stands(), (true, false), "it was said before the refusal");
    tells(Says::Restores, 7_000);
    assert_eq!(stands(), (false, true));
    stage
        .acts(move |tx| {
            let said = consents::Withdrawal { way: consents::BY_CONTACT, at: tx.now() };
            consents::end(tx, contact, ("marketing", "telegram"), said)
        })
        .unwrap();
    let later = stage.house.clock_now() + 1;
    stage.house.clock.advance(2_000);
    tells(Says::Restores, later);
    assert_eq!(stands(), (false, false), "what they ended elsewhere stays ended");
}

#[test]
fn who_complains_of_what_we_sent_gets_no_advertising() {
    let stage = Stage::with("telegram");
    let anna = who(&[(IdentityKind::Phone, "+391")]);
    let contact = says(&stage, &anna, "1");
    let yes =
        Event::Preference { from: anna, purpose: "marketing".into(), says: Says::Gives, proof: None, at_ms: 1_000 };
    assert!(stage.changes(yes));
    stage.answers(stage.conversations()[0].id, "an offer");
    let row = stage.cleared();
    let (channel, ours) = (stage.channel, "ours".to_owned());
    let receipt = Ok(connect::Receipt::Accepted { remotes: vec![ours], thread: None });
    stage.acts(move |tx| crate::deliver::record(tx, &row, &receipt)).unwrap();
    let complains = |of: &str| {
        let word = StatusChange::COMPLAINED.to_owned();
        let change = StatusChange { remote: Some(of.to_owned()), state: word, at_ms: 2_000, ..StatusChange::default() };
        stage.changes(Event::Status(change))
    };
    assert!(!complains("1"), "what they wrote themselves");
    assert!(!complains("unknown"), "what nobody sent");
    assert!(marketing(&stage, contact).1);
    assert!(complains("ours"));
    assert!(!complains("ours"), "told again");
    let (refuses, agreed, _) = marketing(&stage, contact);
    assert!(refuses && !agreed);
    assert!(!stage.sees(move |tx| suppressions::stands(tx, channel, contact)), "answers still reach them");
}

#[test]
fn a_refusal_is_recorded_where_nothing_was_given_and_for_whom_we_do_not_know() {
    let stage = Stage::with("telegram");
    let anna = who(&[(IdentityKind::Phone, "+391")]);
    let stop = || Event::Preference {
        from: anna.clone(),
        purpose: "marketing".into(),
        says: Says::Withdraws,
        proof: None,
        at_ms: 2_000,
    };
    assert!(stage.changes(stop()));
    assert!(stage.conversations().is_empty(), "nobody was made of it");
    let contact = says(&stage, &anna, "1");
    assert!(marketing(&stage, contact).0, "it holds when they come");
    stage.changes(stop());
    let (refuses, agreed, records) = marketing(&stage, contact);
    assert!(refuses && !agreed);
    assert_eq!((records.len(), records[0].withdrawn_at), (1, Some(2_000)), "when it was refused is known");
}

#[test]
fn news_of_the_account_are_noted_and_stop_it() {
    let stage = Stage::with("telegram");
    let channel = stage.channel;
    let view = || stage.sees(move |tx| channels::view(tx, channel));
    let news = |works, daily_recipients, quality: Option<&str>| {
        let quality = quality.map(str::to_owned);
        Event::Account(AccountNews {
            code: "account_disabled".into(),
            works,
            daily_recipients,
            quality,
            ..AccountNews::default()
        })
    };
    assert!(stage.changes(news(None, Some(250), Some("green"))));
    assert!(!stage.changes(news(None, Some(250), Some("green"))), "told again");
    assert!(stage.changes(news(None, Some(0), None)));
    assert_eq!((view().quality.as_deref(), view().daily_recipients), (Some("green"), Some(0)));
    assert!(stage.changes(news(Some(false), None, None)));
    assert_eq!(
        (view().state, view().state_reason.as_deref()),
        (ChannelState::NeedsAttention, Some("account_disabled"))
    );
    // That it works again is asked, not believed.
    assert!(stage.changes(news(Some(true), None, None)));
    assert_eq!(view().state, ChannelState::NeedsAttention);
}

#[test]
fn whether_one_in_doubt_still_works_is_asked() {
    let stage = Stage::with("telegram");
    let channel = stage.channel;
    let code = "partner_removed".to_owned();
    assert!(stage.changes(Event::Account(AccountNews { code, doubtful: true, ..AccountNews::default() })));
    assert_eq!(
        stage.sees(move |tx| channels::view(tx, channel)).state,
        ChannelState::Ready,
        "it is not believed either"
    );
    let due = vault::testing::house::at_once(stage.house.vault.next_job_due()).unwrap();
    assert_eq!(due, Some(stage.house.clock_now()));
}

#[test]
fn older_news_that_comes_later_changes_nothing() {
    let told = |at_ms, quality: Option<&str>, daily_recipients, works| {
        let code = "told".to_owned();
        let quality = quality.map(str::to_owned);
        AccountNews { code, works, daily_recipients, quality, at_ms, ..AccountNews::default() }
    };
    let all = [
        told(1_000, Some("green"), Some(250), Some(false)),
        told(2_000, Some("red"), None, None),
        told(3_000, None, Some(2_000), Some(true)),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let stage = Stage::with("telegram");
        for news in order {
            stage.hears(Event::Account(all[news].clone()));
        }
        let channel = stage.channel;
        let seen = stage.sees(move |tx| channels::view(tx, channel));
        assert_eq!((seen.quality.as_deref(), seen.daily_recipients), (Some("red"), Some(2_000)), "{order:?}");
        // That it does not work is believed only as long as nothing newer was said.
        let stopped = order.iter().position(|news| *news == 0) < order.iter().position(|news| *news == 2);
        assert_eq!(seen.state == ChannelState::NeedsAttention, stopped, "{order:?}");
    }
}

#[test]
fn an_old_yes_of_somebody_unknown_does_not_lift_a_later_no() {
    let stage = Stage::with("telegram");
    let anna = who(&[(IdentityKind::Phone, "+391")]);
    let tells = |given: bool, at_ms: i64| {
        let says = if given { Says::Gives } else { Says::Withdraws };
        stage.changes(Event::Preference { from: anna.clone(), purpose: "marketing".into(), says, proof: None, at_ms })
    };
    assert!(tells(false, 3_000));
    assert!(!tells(true, 2_000));
    let looked_for = anna.clone();
    let channel = stage.channel;
    assert_eq!(stage.sees(move |tx| crate::identify::known(tx, channel, &looked_for)), None, "nobody was made of it");
    let contact = says(&stage, &anna, "1");
    let (refuses, agreed, records) = marketing(&stage, contact);
    assert!(refuses && !agreed && records.is_empty());
    assert!(tells(true, 4_000));
    assert!(!marketing(&stage, contact).0);
}

#[test]
fn what_was_said_before_the_account_was_found_to_work_does_not_stop_it() {
    let stage = Stage::with("telegram");
    let channel = stage.channel;
    let proven_at = stage.house.clock_now();
    let prove = stage.house.vault.write(&stage.operator, move |tx| channels::note_proven(tx, channel, proven_at));
    vault::testing::house::at_once(prove).unwrap();
    let code = "deauthorised".to_owned();
    let news =
        |at_ms| AccountNews { code: code.clone(), works: Some(false), doubtful: true, at_ms, ..AccountNews::default() };
    let stands = || stage.sees(move |tx| channels::view(tx, channel)).state;
    stage.hears(Event::Account(news(proven_at - 1_000)));
    assert_eq!(stands(), ChannelState::Ready, "told again after the member signed in anew");
    stage.house.clock.advance(5_000);
    stage.hears(Event::Account(news(proven_at + 1_000)));
    assert_eq!(stands(), ChannelState::NeedsAttention);
}
