//! A rotation while messages come, are edited and found, and somebody is erased.

use proptest::prelude::*;

use super::furnished::Furnished;
use super::*;
use crate::messages::{Body, Direction};
use crate::search::Query;
use crate::testing::house::{House, at_once, say};
use crate::{ConversationId, MessageId, Personal, erase, messages};

#[derive(Debug, Clone, Copy)]
enum Act {
    /// Some steps of the rotation.
    Step(u8),
    /// A message of a person.
    Say(usize),
    /// The first message of a person, written anew.
    Edit(usize),
    /// What waits gets into the index.
    Index,
    /// The second person is erased.
    Erase,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1..6_u8).prop_map(Act::Step),
        3 => (0..3_usize).prop_map(Act::Say),
        2 => (0..3_usize).prop_map(Act::Edit),
        1 => Just(Act::Index),
        1 => Just(Act::Erase),
    ];
    prop::collection::vec(act, 1..25)
}

/// What is expected of the living.
struct Said {
    furnished: Furnished,
    /// Message, person, text.
    texts: Vec<(MessageId, usize, String)>,
    erased: bool,
}

impl Said {
    async fn act(&mut self, house: &House, scope: &Scope, id: RotationId, act: Act) {
        let person = |number: usize| self.furnished.people[number];
        match act {
            Act::Step(steps) => {
                for _ in 0..steps {
                    if let Some(Progress::Waiting(until)) = house.vault.rotation_step(scope, id).await.unwrap() {
                        house.clock.advance((until - house.clock_now()).max(0));
                    }
                }
            }
            Act::Say(number) if !(self.erased && number == 1) => {
                let (conversation, text) = (person(number).conversation, format!("word{}", self.texts.len()));
                let written = text.clone();
                let message = house.does(scope, move |tx| say(tx, conversation, Direction::Incoming, &written)).await;
                self.texts.push((message, number, text));
            }
            Act::Edit(number) if !(self.erased && number == 1) => {
                let (message, text) = (person(number).message, format!("again{}", self.texts.len()));
                let body = Personal::new(Body::text(text.clone()));
                house.does(scope, move |tx| messages::edit(tx, message, &body, tx.now())).await;
                self.texts.retain(|(known, ..)| *known != message);
                self.texts.push((message, number, text));
            }
            Act::Index => while house.vault.index_step(scope).await.unwrap() {},
            Act::Erase => {
                let contact = person(1).contact;
                let erasure = house.does(scope, move |tx| erase::begin(tx, contact)).await;
                self.erased = true;
                self.texts.retain(|(_, number, _)| *number != 1);
                while house.vault.carry_on_erasure(scope, erasure).await.unwrap() == erase::Progress::Waiting {
                    while house.vault.index_step(scope).await.unwrap() {}
                }
            }
            Act::Say(_) | Act::Edit(_) => {}
        }
    }

    /// Everything the living said can be read, now.
    async fn is_readable(&self, house: &House, scope: &Scope) {
        let ids: Vec<MessageId> = self.texts.iter().map(|(message, ..)| *message).collect();
        let read = move |tx: &Tx<'_>| ids.iter().map(|id| messages::body(tx, *id)).collect::<Result<Vec<_>>>();
        let bodies = house.sees(scope, read).await;
        for ((message, _, text), body) in self.texts.iter().zip(bodies) {
            let seen = body.unwrap_or_else(|| panic!("{message} cannot be read")).into_revealed().text;
            assert_eq!(seen.as_ref(), Some(text));
        }
    }
}

async fn play(acts: Vec<Act>, which: usize) {
    let house = House::open();
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let contacts = furnished.people.map(|person| What::Contact(person.contact));
    let what = *What::OF_A_WORKSPACE.iter().chain(&contacts).cycle().nth(which).unwrap();
    let old = house.sees(&scope, move |tx| keys_of(tx, what)).await;
    let id = house.does(&scope, move |tx| begin(tx, what)).await;
    let mut said = Said { furnished, texts: Vec::new(), erased: false };
    for act in acts {
        said.act(&house, &scope, id, act).await;
        said.is_readable(&house, &scope).await;
    }
    finish(&house.vault, &house.clock, &scope, id).await;
    said.is_readable(&house, &scope).await;
    if said.erased && what == contacts[1] {
        assert!(house.vault.read(&scope, move |tx| view(tx, id)).await.is_err(), "the erasure won");
    }
    let names = house.sees(&scope, named).await;
    for key in old {
        assert!(!names.contains(&key.to_string()) && !is_in_custody(&house.vault, &scope, key), "{what:?}");
    }
    while house.vault.index_step(&scope).await.unwrap() {}
    for (message, _, text) in &said.texts {
        let query = Query { text: text.clone(), limit: 5, ..Query::default() };
        let hits = house.vault.find_messages(&scope, query).await.unwrap();
        assert!(hits.iter().any(|hit| hit.message.id == *message), "{text} is found");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn everything_goes_on(acts in acts(), which in 0..8_usize) {
        at_once(play(acts, which));
    }
}

/// Messages of one conversation, each read back at once and found in the end.
async fn talk(house: &House, scope: &Scope, conversation: ConversationId) -> Vec<MessageId> {
    let mut all = Vec::new();
    for number in 0..40 {
        let text = format!("line{number}");
        let written = text.clone();
        let id = house.does(scope, move |tx| say(tx, conversation, Direction::Incoming, &written)).await;
        all.push(id);
        let seen = house.sees(scope, move |tx| messages::body(tx, id)).await.unwrap().into_revealed().text;
        assert_eq!(seen, Some(text));
    }
    all
}

#[tokio::test]
async fn on_postgres_it_runs_beside_talk_and_an_erasure() {
    let house = House::on_postgres();
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [one, two, _] = furnished.people;
    for what in [What::Contact(one.contact), What::Content, What::Workspace, What::Index] {
        let old = house.sees(&scope, move |tx| keys_of(tx, what)).await;
        let id = house.does(&scope, move |tx| begin(tx, what)).await;
        let ((), said) =
            tokio::join!(finish(&house.vault, &house.clock, &scope, id), talk(&house, &scope, one.conversation));
        let read = move |tx: &Tx<'_>| said.iter().map(|id| messages::body(tx, *id)).collect::<Result<Vec<_>>>();
        assert!(house.sees(&scope, read).await.iter().all(Option::is_some), "{what:?}");
        for key in old {
            assert!(!is_in_custody(&house.vault, &scope, key), "{what:?}");
        }
    }
    let id = house.does(&scope, move |tx| begin(tx, What::Contact(two.contact))).await;
    let erased = house.does(&scope, move |tx| erase::begin(tx, two.contact));
    let (_, ()) = tokio::join!(erased, finish(&house.vault, &house.clock, &scope, id));
    assert!(house.sees(&scope, move |tx| messages::body(tx, two.message)).await.is_none());
    house.vault.close().await;
}
