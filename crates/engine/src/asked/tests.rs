//! A wish for deletion is met once, of whom we know; what a provider says of somebody is noted.

use connect::{Event, IdentityKind, Inbound, Person, PersonIdentity};
use vault::deletions::Status;
use vault::jobs::{self, JobKind};
use vault::testing::house::at_once;
use vault::{ContactId, Millis, contacts};

use crate::stage::Stage;

fn known(kind: IdentityKind, value: &str) -> PersonIdentity {
    PersonIdentity { kind, scope: "1".into(), value: value.into() }
}

fn of_page(value: &str) -> Person {
    Person { identities: vec![known(IdentityKind::AccountScopedId, value)], ..Person::default() }
}

fn asked(id: &str, code: &str) -> Event {
    let identities = vec![known(IdentityKind::AppScopedId, id), known(IdentityKind::AccountScopedId, id)];
    Event::ErasureAsked { from: Person { identities, ..Person::default() }, code: code.into(), at_ms: 1 }
}

fn stage() -> Stage {
    let stage = Stage::with("messenger");
    let said = Inbound { remote: "1".into(), text: Some("hello".into()), from: of_page("7"), ..Inbound::default() };
    assert!(stage.changes(Event::Message(Box::new(said))));
    stage
}

#[test]
fn what_the_provider_says_of_somebody_is_noted_and_changes_no_name() {
    let stage = stage();
    let (contact, channel) = (stage.conversations()[0].contact, stage.channel);
    let told = |name: &str| {
        let identities = vec![known(IdentityKind::AccountScopedId, "7"), known(IdentityKind::AppScopedId, "70")];
        let person = Person { identities, name: Some(name.into()), language: Some("it-IT".into()) };
        at_once(stage.house.vault.write(&stage.operator, move |tx| super::told(tx, channel, contact, &person)))
            .unwrap();
        let seen = stage.sees(move |tx| vault::contacts::view(tx, contact));
        seen.name.map(vault::Personal::into_revealed)
    };
    assert_eq!(told("Anna Rossi"), Some("Anna Rossi".to_owned()));
    assert_eq!(told("Another"), Some("Anna Rossi".to_owned()));
    assert_eq!(stage.sees(move |tx| vault::identities::of(tx, contact)).len(), 2);
    assert_eq!(stage.sees(move |tx| super::known_as(tx, contact)).len(), 1);
}

#[test]
fn a_wish_is_recorded_once_and_of_whom_nobody_knows_too() {
    let stage = stage();
    assert!(stage.changes(asked("7", "c1")));
    assert!(!stage.changes(asked("7", "c1")), "told twice it is one wish");
    assert!(stage.changes(asked("8", "c2")));
    let status = |code: &str| at_once(stage.house.vault.deletion_status(stage.channel, code.to_owned())).unwrap();
    assert_eq!(status("c1"), Some(vault::deletions::Status::Received));
    assert_eq!(status("c2"), Some(vault::deletions::Status::NothingHeld));
    assert_eq!(status("c3"), None);
}

/// Whom an account knows by an id.
fn of(account: &str, value: &str) -> Person {
    let known = PersonIdentity { kind: IdentityKind::AccountScopedId, scope: account.into(), value: value.into() };
    Person { identities: vec![known], ..Person::default() }
}

fn says(stage: &Stage, from: &Person, remote: &str) -> ContactId {
    let said = Inbound { remote: remote.into(), text: Some("hello".into()), from: from.clone(), ..Inbound::default() };
    assert!(stage.changes(Event::Message(Box::new(said))));
    let (channel, from) = (stage.channel, from.clone());
    stage.sees(move |tx| crate::identify::known(tx, channel, &from)).unwrap()
}

/// The provider says by which id its app knows a contact.
fn is_told(stage: &Stage, contact: ContactId, from: &Person, app_id: &str) {
    let mut person = from.clone();
    person.identities.push(PersonIdentity {
        kind: IdentityKind::AppScopedId,
        scope: "app".into(),
        value: app_id.into(),
    });
    let channel = stage.channel;
    at_once(stage.house.vault.write(&stage.operator, move |tx| super::told(tx, channel, contact, &person))).unwrap();
}

/// A wish of whom the app knows by an id; of which app it is may be unknown (empty).
fn wishes(stage: &Stage, app: &str, app_id: &str) {
    let by_app = PersonIdentity { kind: IdentityKind::AppScopedId, scope: app.into(), value: app_id.into() };
    let from = Person { identities: vec![by_app], ..Person::default() };
    let at_ms = stage.house.clock_now();
    assert!(stage.changes(Event::ErasureAsked { from, code: "c".into(), at_ms }));
}

fn status(stage: &Stage) -> Status {
    at_once(stage.house.vault.deletion_status(stage.channel, "c".into())).unwrap().unwrap()
}

/// Does what is due; about whom providers were to be asked.
fn works(stage: &Stage) -> Vec<String> {
    let mut asked_about = Vec::new();
    loop {
        let mut due = at_once(stage.house.vault.claim_jobs(10, 60_000)).unwrap();
        due.extend(at_once(stage.house.vault.claim_outside(10, 60_000)).unwrap());
        if due.is_empty() {
            return asked_about;
        }
        for job in due {
            if job.kind == JobKind::AskPerson {
                asked_about.push(job.subject.clone());
            }
            let scope = job.scope();
            let end = at_once(stage.house.vault.write(&scope, move |tx| {
                let again: Option<Millis> = match job.kind {
                    JobKind::MeetDeletion => super::meet(tx, job.subject_id()?)?,
                    _ => None,
                };
                again.map_or_else(|| jobs::done(tx, &job), |at| jobs::done_until(tx, &job, at))
            }));
            end.unwrap();
        }
    }
}

/// The same for a while.
fn works_on(stage: &Stage) -> Vec<String> {
    (0..5)
        .flat_map(|_| {
            stage.house.clock.advance(1_000);
            works(stage)
        })
        .collect()
}

fn is_there(stage: &Stage, contact: ContactId) -> bool {
    at_once(stage.house.vault.read(&stage.operator, move |tx| contacts::require(tx, contact))).is_ok()
}

#[test]
fn one_person_is_erased_as_each_contact_that_they_are() {
    let stage = Stage::with("messenger");
    let (here, there, other) = (of("1", "7"), of("2", "9"), of("2", "10"));
    let anna = says(&stage, &here, "1");
    let again = says(&stage, &there, "2");
    let bea = says(&stage, &other, "3");
    assert!(anna != again && again != bea);
    is_told(&stage, anna, &here, "70");
    is_told(&stage, again, &there, "70");
    is_told(&stage, bea, &other, "71");
    works(&stage);
    wishes(&stage, "app", "70");
    assert_eq!(status(&stage), Status::Received);
    works(&stage);
    assert!(!is_there(&stage, anna) && !is_there(&stage, again), "both are that person");
    assert!(is_there(&stage, bea));
    assert!(matches!(status(&stage), Status::Erasing | Status::Erased { .. }));
}

#[test]
fn a_wish_waits_for_it_to_become_known_who_is_meant() {
    let stage = Stage::with("messenger");
    let person = of("1", "7");
    let anna = says(&stage, &person, "1");
    works(&stage);
    stage.house.clock.advance(1_000);
    wishes(&stage, "", "70");
    works(&stage);
    assert_eq!(status(&stage), Status::Received, "nobody can say yet that nothing is held");
    // Somebody whom we come to know only afterwards is not meant.
    stage.house.clock.advance(1_000);
    let later = of("1", "8");
    let bea = says(&stage, &later, "2");
    works(&stage);
    let channel = stage.channel;
    let look = stage.house.vault.write(&stage.operator, move |tx| vault::deletions::look_again(tx, channel));
    at_once(look).unwrap();
    let mut asked_about = works(&stage);
    assert_eq!(asked_about.len(), 1, "one after the other");
    asked_about.extend(works_on(&stage));
    asked_about.sort();
    let mut both = [anna, bea].map(|contact| contact.to_string());
    both.sort();
    assert_eq!(asked_about, both, "everybody there is asked about");
    is_told(&stage, bea, &later, "70");
    works(&stage);
    assert!(is_there(&stage, bea));
    is_told(&stage, anna, &person, "70");
    works(&stage);
    assert!(!is_there(&stage, anna));
    stage.house.clock.advance(2 * 3_600_000);
    works(&stage);
    assert!(matches!(status(&stage), Status::Erasing | Status::Erased { .. }), "nobody else is waited for");
}

#[test]
fn a_wish_of_nobody_here_is_settled_once_all_were_asked_about() {
    let stage = Stage::with("messenger");
    says(&stage, &of("1", "7"), "1");
    works(&stage);
    wishes(&stage, "", "70");
    let channel = stage.channel;
    let look = stage.house.vault.write(&stage.operator, move |tx| vault::deletions::look_again(tx, channel));
    at_once(look).unwrap();
    works_on(&stage);
    assert_eq!(status(&stage), Status::Received);
    stage.house.clock.advance(2 * 3_600_000);
    works(&stage);
    assert_eq!(status(&stage), Status::NothingHeld);
}

#[test]
fn what_no_provider_said_is_not_called_nothing() {
    let stage = Stage::with("messenger");
    says(&stage, &of("1", "7"), "1");
    works(&stage);
    wishes(&stage, "", "70");
    works(&stage);
    stage.house.clock.advance(29 * 24 * 3_600_000);
    works(&stage);
    assert_eq!(status(&stage), Status::Undetermined { erased: false }, "nobody could be asked");
}

#[test]
fn a_refusal_to_say_who_somebody_is_is_no_answer() {
    let stage = Stage::with("messenger");
    let (here, there) = (of("1", "7"), of("1", "8"));
    let anna = says(&stage, &here, "1");
    says(&stage, &there, "2");
    works(&stage);
    wishes(&stage, "", "70");
    let channel = stage.channel;
    let acts = |act: fn(&vault::Tx<'_>, vault::ChannelId) -> vault::Result<()>| {
        at_once(stage.house.vault.write(&stage.operator, move |tx| act(tx, channel))).unwrap();
    };
    acts(vault::deletions::not_told);
    acts(vault::deletions::look_again);
    works_on(&stage);
    acts(vault::deletions::not_told);
    stage.house.clock.advance(2 * 3_600_000);
    works(&stage);
    assert_eq!(status(&stage), Status::Undetermined { erased: false });
    is_told(&stage, anna, &here, "70");
    works(&stage);
    assert!(!is_there(&stage, anna), "who becomes known later is erased all the same");
    assert!(matches!(status(&stage), Status::Erasing | Status::Undetermined { erased: true }));
}
