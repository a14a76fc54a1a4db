//! Any merges, splits and whatever else happens meanwhile, against the model; and undone, against a house in which nobody
//! was ever merged.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

use super::model::{Deed, Model, Person, Step, Thread, World, steps};
use super::*;
use crate::consents::{self, NewConsent};
use crate::conversations::Filter;
use crate::identities::{self, NewIdentity};
use crate::messages::{self, Body, Direction};
use crate::search::{self, Query};
use crate::testing::house::{at_once, say};
use crate::{ConsentId, MessageId};

/// A house in which it happens, with everything by its number.
struct Stage<'h> {
    house: &'h House,
    scope: Scope,
    channel: ChannelId,
    contacts: Vec<(ContactId, ConversationId)>,
    messages: Vec<MessageId>,
    consents: Vec<ConsentId>,
    merges: Vec<MergeId>,
    /// Whether merges and splits are done at all.
    merging: bool,
}

impl<'h> Stage<'h> {
    async fn set(house: &'h House, merging: bool) -> Self {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contacts, messages, consents, merges) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { house, scope, channel, contacts, messages, consents, merges, merging }
    }

    async fn does<T: Send + 'static>(&self, act: impl Fn(&Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.house.does(&self.scope, act).await
    }

    async fn play(&mut self, deed: &Deed, model: &Model) {
        self.house.clock.advance(1);
        match deed.clone() {
            Deed::Nothing => {}
            Deed::Meet => self.meet().await,
            Deed::Say(by, word) => {
                let (contact, conversation) = self.contacts[by];
                let speak = move |tx: &Tx<'_>| {
                    contacts::touch(tx, contact, tx.now())?;
                    say(tx, conversation, Direction::Incoming, &text(word))
                };
                self.messages.push(self.does(speak).await);
            }
            Deed::Edit(which, word) => {
                let id = self.messages[which];
                self.does(move |tx| messages::edit(tx, id, &Personal::new(Body::text(text(word))), tx.now())).await;
            }
            Deed::Rename(of, name) => self.update(of, Some(name), None).await,
            Deed::Note(of, notes) => self.update(of, None, Some(notes)).await,
            Deed::Give(by, everywhere) => self.give(by, everywhere).await,
            Deed::Withdraw(which) => {
                let id = self.consents[which];
                self.does(move |tx| consents::withdraw(tx, id)).await;
            }
            Deed::Merge(..) | Deed::Split(_) if !self.merging => {}
            Deed::Merge(stays, merged, answer) => self.merge(stays, merged, answer).await,
            Deed::Split(edge) => {
                let (id, contact) = (self.merges[edge], self.contacts[model.merged_by(edge)].0);
                self.does(move |tx| split(tx, contact, id)).await;
            }
            Deed::Erase(of, family) => {
                let asked = if self.merging { vec![of] } else { family };
                for who in asked {
                    let contact = self.contacts[who].0;
                    self.does(move |tx| erase::begin(tx, contact)).await;
                }
            }
        }
    }

    async fn meet(&mut self) {
        let (channel, number) = (self.channel, self.contacts.len());
        let meet = move |tx: &Tx<'_>| {
            let word = number % 3;
            let name = (word > 0).then(|| Personal::new(format!("Name{word}")));
            let contact = contacts::create(tx, &Profile { name, ..Profile::default() })?;
            let value = Personal::new(number.to_string());
            let phone = NewIdentity { kind: "phone".into(), scope: String::new(), value };
            identities::add(tx, contact, channel, &phone)?;
            Ok((contact, conversations::of_thread(tx, channel, contact, &number.to_string())?.0.id))
        };
        self.contacts.push(self.does(meet).await);
    }

    async fn update(&self, of: usize, name: Option<u8>, notes: Option<BTreeMap<String, u8>>) {
        let contact = self.contacts[of].0;
        let notes = notes.map(|notes| notes.into_iter().map(|(key, value)| (key, Value::from(value))).collect());
        let profile = Profile {
            name: name.map(|name| Personal::new(format!("Name{name}"))),
            attributes: notes.map(Personal::new),
            ..Profile::default()
        };
        self.does(move |tx| contacts::update(tx, contact, &profile)).await;
    }

    async fn give(&mut self, by: usize, everywhere: bool) {
        let contact = self.contacts[by].0;
        let give = move |tx: &Tx<'_>| {
            let new = NewConsent {
                contact,
                purpose: "marketing".into(),
                channel: if everywhere { "any" } else { "telegram" }.into(),
                ground: "consent".into(),
                text_version: "1".into(),
                collected_by: "form".into(),
                text: None,
                evidence: None,
                given_at: tx.now(),
            };
            consents::give(tx, &new)
        };
        self.consents.push(self.does(give).await);
    }

    async fn merge(&mut self, stays: usize, merged: usize, answer: &str) {
        let (stays, merged) = (self.contacts[stays].0, self.contacts[merged].0);
        let done = self.house.vault.write(&self.scope, move |tx| merge(tx, stays, merged)).await;
        if let Ok((id, true)) = done {
            self.merges.push(id);
        }
        assert_eq!(code(done), answer);
    }

    /// All that is shown, by number.
    async fn world(&self) -> World {
        while self.house.vault.index_step(&self.scope).await.unwrap() {}
        let page = self.house.sees(&self.scope, |tx| contacts::list(tx, None, 100)).await;
        let mut listed = Vec::new();
        for contact in page.data {
            listed.push(self.person(contact).await);
        }
        let (mut shown, mut threads, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        for (contact, conversation) in self.contacts.clone() {
            let view = self.house.vault.read(&self.scope, move |tx| contacts::view(tx, contact)).await;
            shown.push(view.ok().map(|contact| self.number(contact.id)));
            threads.push(self.thread(conversation).await);
            lists.push(self.list(contact).await);
        }
        World { listed, shown, threads, lists }
    }

    fn number(&self, contact: ContactId) -> usize {
        self.contacts.iter().position(|(id, _)| *id == contact).unwrap()
    }

    async fn person(&self, contact: Contact) -> Person {
        let id = contact.id;
        let look =
            move |tx: &Tx<'_>| Ok((consents::of(tx, id)?.len(), consents::in_force(tx, id, "marketing", "telegram")?));
        let (consents, agreed) = self.house.sees(&self.scope, look).await;
        let notes: Map<String, Value> = contact.attributes.into_revealed();
        let small = |value: &Value| u8::try_from(value.as_u64().unwrap()).unwrap();
        Person {
            id: self.number(id),
            name: contact.name.map(|name| word_of(name.reveal())),
            notes: notes.iter().map(|(key, value)| (key.clone(), small(value))).collect(),
            identities: contact.identities.iter().map(|known| known.value.reveal().parse().unwrap()).collect(),
            merged: contact.merged.iter().map(|merged| self.number(*merged)).collect(),
            agreed,
            consents,
            found: self.found(id).await,
        }
    }

    async fn found(&self, contact: ContactId) -> BTreeSet<usize> {
        let filter = search::Filter { contacts: vec![contact.to_string()], ..search::Filter::default() };
        let query = Query { text: "parcel".into(), filter, limit: 100, ..Query::default() };
        let found = self.house.vault.find_messages(&self.scope, query).await.unwrap();
        let number = |id| self.messages.iter().position(|known| *known == id).unwrap();
        let numbers: Vec<usize> = found.iter().map(|hit| number(hit.message.id)).collect();
        assert!(found.iter().all(|hit| hit.conversation.contact == contact), "found as whose it is");
        assert_eq!(numbers.len(), numbers.iter().collect::<BTreeSet<_>>().len(), "each once");
        numbers.into_iter().collect()
    }

    async fn thread(&self, conversation: ConversationId) -> Option<Thread> {
        let look = move |tx: &Tx<'_>| {
            Ok::<_, Error>((conversations::view(tx, conversation)?, messages::list(tx, conversation, None, 100)?))
        };
        let (view, said) = self.house.vault.read(&self.scope, look).await.ok()?;
        let line = |message: messages::Message| {
            let author = message.author.id.unwrap().parse().unwrap();
            assert_eq!(message.author.name, view.contact_name);
            (self.number(author), word_of(&message.body.unwrap().into_revealed().text.unwrap()))
        };
        let said = said.into_iter().map(line).collect();
        let name = view.contact_name.as_ref().map(|name| word_of(name.reveal()));
        Some(Thread { with: self.number(view.contact), name, said })
    }

    async fn list(&self, contact: ContactId) -> BTreeSet<usize> {
        let filter = Filter { contact: Some(contact), ..Filter::default() };
        let page = self.house.sees(&self.scope, move |tx| conversations::list(tx, &filter, None, 100)).await;
        let whose = |id| self.contacts.iter().position(|(_, known)| *known == id).unwrap();
        let all: Vec<usize> = page.data.iter().map(|conversation| whose(conversation.id)).collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "each once");
        all.into_iter().collect()
    }
}

fn text(word: u8) -> String {
    format!("a parcel numbered {word}")
}

/// The digit at the end.
fn word_of(text: &str) -> u8 {
    text.chars().last().and_then(|last| last.to_digit(10)).and_then(|digit| u8::try_from(digit).ok()).unwrap()
}

/// Plays it with merges and without, and undoes all merges at the end.
async fn plays(house: &House, steps: &[Step]) {
    let mut model = Model::default();
    let mut stages = [Stage::set(house, true).await, Stage::set(house, false).await];
    for step in steps {
        let deed = model.follow(step);
        for stage in &mut stages {
            stage.play(&deed, &model).await;
        }
        if matches!(deed, Deed::Merge(_, _, "no error") | Deed::Split(_) | Deed::Erase(..)) {
            assert_eq!(stages[0].world().await, model.world(), "after {deed:?}");
        }
    }
    assert_eq!(stages[0].world().await, model.world());
    while model.joined() > 0 {
        let deed = model.follow(&Step::Split(0));
        stages[0].play(&deed, &model).await;
    }
    let [merged, apart] = &stages;
    assert_eq!(merged.world().await, apart.world().await, "undone, it is as if nobody had been merged");
}

/// A property over scripts in which nothing happens would hold of anything.
#[test]
fn there_are_chains_and_refusals_and_erased_families_in_the_scripts() {
    let mut runner = TestRunner::deterministic();
    let [mut chains, mut refusals, mut families] = [0, 0, 0];
    for _ in 0..200 {
        let mut model = Model::default();
        for step in steps().new_tree(&mut runner).unwrap().current() {
            match model.follow(&step) {
                Deed::Split(edge) if model.family(model.merged_by(edge)).len() > 1 => chains += 1,
                Deed::Merge(_, _, "merged_elsewhere") => refusals += 1,
                Deed::Erase(_, family) if family.len() > 1 => families += 1,
                _ => {}
            }
        }
    }
    assert!(chains > 10 && refusals > 10 && families > 10, "{chains} {refusals} {families}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn what_is_seen_is_what_the_model_says_and_undone_it_is_as_before(steps in steps()) {
        at_once(plays(&House::open(), &steps));
    }
}

#[tokio::test]
async fn so_it_is_on_postgres() {
    let house = House::on_postgres();
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        plays(&house, &steps).await;
    }
    house.vault.close().await;
}
