//! What another system brings by itself: one thing after the other for each person, again and again until it is taken, and
//! sometimes once more after that.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use http::Request;

use crate::simulation::Sim;
use crate::simulation::inside::{Told, bring};

/// What writes a letter.
type Writing = Arc<dyn Fn(&Sim) -> Request<Body> + Send + Sync>;

/// Something to be brought. It is written anew for each attempt, because a signature has its time.
#[derive(Clone)]
pub(in crate::simulation) struct Letter {
    pub(in crate::simulation) told: Told,
    pub(in crate::simulation) write: Writing,
}

/// A lane for each person.
#[derive(Clone, Default)]
pub(in crate::simulation) struct Lanes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lanes: BTreeMap<usize, VecDeque<Letter>>,
    walking: BTreeMap<usize, bool>,
    repeating: usize,
    straggling: usize,
}

impl Lanes {
    /// Puts a letter on its way.
    pub(in crate::simulation) fn put(&self, sim: &Arc<Sim>, person: usize, letter: Letter) {
        let mut state = self.state();
        state.lanes.entry(person).or_default().push_back(letter);
        if !std::mem::replace(state.walking.entry(person).or_default(), true) {
            drop(state);
            tokio::spawn(self.clone().walk(Arc::clone(sim), person));
        }
    }

    /// Puts a letter on a way of its own, on which those after it overtake it.
    pub(in crate::simulation) fn straggle(&self, sim: &Arc<Sim>, letter: Letter) {
        self.state().straggling += 1;
        let (lanes, sim) = (self.clone(), Arc::clone(sim));
        tokio::spawn(async move {
            sim.takes(2_000, 20_000).await;
            lanes.clone().insist(&sim, &letter).await;
            lanes.state().straggling -= 1;
        });
    }

    /// How many letters are not yet taken, or are to be brought once more.
    pub(in crate::simulation) fn pending(&self) -> usize {
        let state = self.state();
        state.lanes.values().map(VecDeque::len).sum::<usize>() + state.repeating + state.straggling
    }

    async fn walk(self, sim: Arc<Sim>, person: usize) {
        loop {
            let next = {
                let mut state = self.state();
                let next = state.lanes.get(&person).and_then(|lane| lane.front().cloned());
                if next.is_none() {
                    state.walking.insert(person, false);
                }
                next
            };
            let Some(letter) = next else { return };
            self.clone().insist(&sim, &letter).await;
            if let Some(lane) = self.state().lanes.get_mut(&person) {
                lane.pop_front();
            }
            if sim.is_stormy() && sim.network.hits(200) {
                self.state().repeating += 1;
                tokio::spawn(self.clone().repeat(Arc::clone(&sim), letter));
            }
        }
    }

    /// Until it is taken, or refused for good.
    async fn insist(self, sim: &Arc<Sim>, letter: &Letter) {
        let mut pause = 20;
        loop {
            let answer = bring(sim, &letter.told, (letter.write)(sim)).await;
            if answer.is_some_and(|answer| answer.status.as_u16() < 500) {
                return;
            }
            sim.takes(pause, pause * 2).await;
            pause = (pause * 2).min(2_000);
        }
    }

    async fn repeat(self, sim: Arc<Sim>, letter: Letter) {
        sim.takes(0, 6_000).await;
        bring(&sim, &letter.told, (letter.write)(&sim)).await;
        self.state().repeating -= 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
