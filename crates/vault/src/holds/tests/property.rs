//! Any holds, ends, merges and wishes, against a model that knows nothing of SQL: nothing held is ever erased, and nothing
//! that is free stays.

use proptest::prelude::*;

use super::*;
use crate::testing::house::at_once;

/// How many contacts there are, each with a conversation of its own.
const PEOPLE: usize = 4;
const HOUR: Millis = 3_600_000;

#[derive(Debug, Clone)]
enum Deed {
    /// On the contact of this number, its conversation, or (beyond them) the workspace; for so many hours, or (0) until lifted.
    Hold {
        on: usize,
        hours: i64,
    },
    Lift(usize),
    Merge(usize, usize),
    Wish(usize),
    Pass(i64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0..=2 * PEOPLE, 0..4_i64).prop_map(|(on, hours)| Deed::Hold { on, hours }),
        2 => (0..8_usize).prop_map(Deed::Lift),
        1 => (0..PEOPLE, 0..PEOPLE).prop_map(|(one, other)| Deed::Merge(one, other)),
        3 => (0..PEOPLE).prop_map(Deed::Wish),
        2 => (1..4_i64).prop_map(Deed::Pass),
    ];
    prop::collection::vec(deed, 1..24)
}

/// What is so, by plain lists.
struct Model {
    /// On what, until when, and whether it was lifted.
    holds: Vec<(HoldId, usize, Option<Millis>, bool)>,
    /// Who stays, by contact.
    stays: [usize; PEOPLE],
    wished: [bool; PEOPLE],
    erased: [bool; PEOPLE],
}

impl Model {
    fn family(&self, of: usize) -> Vec<usize> {
        (0..PEOPLE).filter(|other| self.stays[*other] == self.stays[of]).collect()
    }

    fn is_held(&self, contact: usize, now: Millis) -> bool {
        let stand = self.holds.iter().filter(|(_, _, end, lifted)| !lifted && end.is_none_or(|end| end > now));
        let family = self.family(contact);
        let covers = |on: usize| on == 2 * PEOPLE || family.contains(&(on % PEOPLE));
        stand.into_iter().any(|(_, on, _, _)| covers(*on))
    }

    /// What goes on by itself.
    fn settle(&mut self, now: Millis) {
        for contact in 0..PEOPLE {
            let family = self.family(contact);
            if family.iter().any(|one| self.wished[*one]) && !self.is_held(contact, now) {
                for one in family {
                    self.erased[one] = true;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_held_is_erased_and_nothing_free_stays(deeds in deeds()) {
        at_once(play(deeds));
    }
}

async fn play(deeds: Vec<Deed>) {
    let house = House::open();
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let mut people = Vec::new();
    for name in ["Anna", "Bruno", "Carla", "Dario"] {
        people.push(house.contact(&scope, channel, name).await);
    }
    let mut model = Model { holds: vec![], stays: [0, 1, 2, 3], wished: [false; PEOPLE], erased: [false; PEOPLE] };
    for deed in deeds {
        act(&house, &scope, &people, &mut model, deed.clone()).await;
        carry_on(&house, &scope).await;
        model.settle(house.clock_now());
        for (number, (contact, _)) in people.iter().copied().enumerate() {
            let there = house.vault.read(&scope, move |tx| contacts::require(tx, contact)).await.is_ok();
            assert_eq!(there, !model.erased[number], "contact {number} after {deed:?}");
        }
    }
}

async fn act(house: &House, scope: &Scope, people: &[(ContactId, ConversationId)], model: &mut Model, deed: Deed) {
    match deed {
        Deed::Hold { on, hours } => {
            let subject = match on {
                contact if contact < PEOPLE => Subject::Contact(people[contact].0),
                conversation if conversation < 2 * PEOPLE => Subject::Conversation(people[conversation - PEOPLE].1),
                _ => Subject::Workspace,
            };
            let ends_at = (hours > 0).then(|| house.clock_now() + hours * HOUR);
            let new = super::on(subject, ends_at);
            if let Ok(id) = house.vault.write(scope, move |tx| set(tx, &new)).await {
                model.holds.push((id, on, ends_at, false));
            } else {
                assert!(on < 2 * PEOPLE && model.erased[on % PEOPLE], "only what is gone cannot be held");
            }
        }
        Deed::Lift(which) => {
            let Some((id, _, _, lifted)) = model.holds.get_mut(which) else { return };
            *lifted = true;
            let id = *id;
            house.does(scope, move |tx| lift(tx, id)).await;
        }
        Deed::Merge(one, other) => {
            let (stays, merged) = (people[one].0, people[other].0);
            if house.vault.write(scope, move |tx| merges::merge(tx, stays, merged)).await.is_ok() {
                let (to, from) = (model.stays[one], model.stays[other]);
                model.stays.iter_mut().filter(|stays| **stays == from).for_each(|stays| *stays = to);
            }
        }
        Deed::Wish(of) => {
            let contact = people[of].0;
            house.does(scope, move |tx| erase::ask(tx, contact)).await;
            model.wished[of] = true;
        }
        Deed::Pass(hours) => house.clock.advance(hours * HOUR),
    }
}

/// What the jobs do.
async fn carry_on(house: &House, scope: &Scope) {
    house.does(scope, resume).await;
    let waiting = sql!("SELECT id FROM erasures WHERE workspace_id = $1 AND state = 'held'");
    let waiting: Vec<ErasureId> = house.sees(scope, move |tx| tx.all(waiting, params![], |row| row.get(0))).await;
    for id in waiting {
        house.vault.carry_on_erasure(scope, id).await.unwrap();
    }
}
