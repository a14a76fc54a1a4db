//! People as a list that anybody can follow: what should be seen after any merges, splits, messages, edits, consents and
//! erasures. Contacts, messages, consents and merges are numbered in the order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

/// Something that happens. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Meet,
    Say(usize, u8),
    Edit(usize, u8),
    Rename(usize, u8),
    Note(usize, u8, u8),
    Give(usize, bool),
    Withdraw(usize),
    Merge(usize, usize),
    Split(usize),
    Erase(usize),
}

/// Some people, then mostly merges and splits, seldom an erasure.
pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = || 0_usize..20;
    let step = prop_oneof![
        1 => Just(Step::Meet),
        4 => (number(), 0_u8..9).prop_map(|(who, word)| Step::Say(who, word)),
        1 => (number(), 0_u8..9).prop_map(|(which, word)| Step::Edit(which, word)),
        2 => (number(), 0_u8..9).prop_map(|(who, name)| Step::Rename(who, name)),
        2 => (number(), 0_u8..3, 0_u8..9).prop_map(|(who, key, value)| Step::Note(who, key, value)),
        2 => (number(), any::<bool>()).prop_map(|(who, everywhere)| Step::Give(who, everywhere)),
        1 => number().prop_map(Step::Withdraw),
        9 => (number(), number()).prop_map(|(stays, merged)| Step::Merge(stays, merged)),
        3 => number().prop_map(Step::Split),
        1 => number().prop_map(Step::Erase),
    ];
    (3_usize..7, proptest::collection::vec(step, 1..50)).prop_map(|(people, steps)| {
        let met = std::iter::repeat_n(Step::Meet, people);
        met.chain(steps).collect()
    })
}

/// What a step comes to: whom and what it really touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Meet,
    Say(usize, u8),
    Edit(usize, u8),
    Rename(usize, u8),
    Note(usize, BTreeMap<String, u8>),
    Give(usize, bool),
    Withdraw(usize),
    /// With the code of the refusal, or `no error`.
    Merge(usize, usize, &'static str),
    /// A merge by its number.
    Split(usize),
    /// Whose erasure is asked for, and who is erased.
    Erase(usize, Vec<usize>),
    Nothing,
}

#[derive(Debug, Clone, Default)]
struct Own {
    name: Option<u8>,
    notes: BTreeMap<String, u8>,
    active: usize,
    erased: bool,
}

struct Said {
    by: usize,
    word: u8,
}

struct Given {
    by: usize,
    everywhere: bool,
    at: usize,
    withdrawn: Option<usize>,
}

struct Edge {
    stays: usize,
    merged: usize,
    stands: bool,
}

/// All that is known.
#[derive(Default)]
pub(super) struct Model {
    now: usize,
    own: Vec<Own>,
    said: Vec<Said>,
    given: Vec<Given>,
    edges: Vec<Edge>,
}

/// A contact as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub id: usize,
    pub name: Option<u8>,
    pub notes: BTreeMap<String, u8>,
    pub identities: BTreeSet<usize>,
    pub merged: Vec<usize>,
    /// May be written to for marketing.
    pub agreed: bool,
    pub consents: usize,
    /// Messages that are found when one looks among theirs.
    pub found: BTreeSet<usize>,
}

/// A conversation as it is shown: who is in it, under which name, and what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thread {
    pub with: usize,
    pub name: Option<u8>,
    pub said: Vec<(usize, u8)>,
}

/// All that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct World {
    /// The list of contacts, in its order.
    pub listed: Vec<Person>,
    /// By contact: whom its id shows.
    pub shown: Vec<Option<usize>>,
    /// By contact: its own conversation.
    pub threads: Vec<Option<Thread>>,
    /// By contact: the contacts whose conversations are listed for its id.
    pub lists: Vec<BTreeSet<usize>>,
}

impl Model {
    /// Follows a step.
    pub(super) fn follow(&mut self, step: &Step) -> Deed {
        self.now += 1;
        let who = |number: usize| (!self.own.is_empty()).then(|| number % self.own.len());
        match step {
            Step::Meet => {
                let word = u8::try_from(self.own.len() % 3).unwrap();
                self.own.push(Own { name: (word > 0).then_some(word), active: self.now, ..Own::default() });
                Deed::Meet
            }
            Step::Say(number, word) => who(*number).map_or(Deed::Nothing, |by| self.say(by, *word)),
            Step::Edit(number, word) => self.edit(*number, *word),
            Step::Rename(number, name) => who(*number).map_or(Deed::Nothing, |of| self.rename(of, *name)),
            Step::Note(number, key, value) => who(*number).map_or(Deed::Nothing, |of| self.note(of, *key, *value)),
            Step::Give(number, everywhere) => who(*number).map_or(Deed::Nothing, |by| self.give(by, *everywhere)),
            Step::Withdraw(number) => self.withdraw(*number),
            Step::Merge(stays, merged) => match (who(*stays), who(*merged)) {
                (Some(stays), Some(merged)) => self.merge(stays, merged),
                _ => Deed::Nothing,
            },
            Step::Split(number) => self.split(*number),
            Step::Erase(number) => who(*number).map_or(Deed::Nothing, |of| self.erase(of)),
        }
    }

    fn say(&mut self, by: usize, word: u8) -> Deed {
        if self.own[by].erased {
            return Deed::Nothing;
        }
        self.own[by].active = self.now;
        self.said.push(Said { by, word });
        Deed::Say(by, word)
    }

    fn edit(&mut self, number: usize, word: u8) -> Deed {
        let Some(at) = number.checked_rem(self.said.len()) else { return Deed::Nothing };
        if self.own[self.said[at].by].erased {
            return Deed::Nothing;
        }
        self.said[at].word = word;
        Deed::Edit(at, word)
    }

    fn rename(&mut self, of: usize, name: u8) -> Deed {
        let of = self.root(of);
        if self.own[of].erased {
            return Deed::Nothing;
        }
        self.own[of].name = Some(name);
        Deed::Rename(of, name)
    }

    fn note(&mut self, of: usize, key: u8, value: u8) -> Deed {
        let of = self.root(of);
        if self.own[of].erased {
            return Deed::Nothing;
        }
        self.own[of].notes.insert(format!("key-{key}"), value);
        Deed::Note(of, self.own[of].notes.clone())
    }

    fn give(&mut self, by: usize, everywhere: bool) -> Deed {
        if self.own[by].erased {
            return Deed::Nothing;
        }
        self.given.push(Given { by, everywhere, at: self.now, withdrawn: None });
        Deed::Give(by, everywhere)
    }

    fn withdraw(&mut self, number: usize) -> Deed {
        let Some(at) = number.checked_rem(self.given.len()) else { return Deed::Nothing };
        if self.own[self.given[at].by].erased {
            return Deed::Nothing;
        }
        self.given[at].withdrawn.get_or_insert(self.now);
        Deed::Withdraw(at)
    }

    fn merge(&mut self, stays: usize, merged: usize) -> Deed {
        let (root, other) = (self.root(stays), self.root(merged));
        let answer = match () {
            () if self.own[stays].erased || self.own[merged].erased => "not_found",
            () if root == merged => "same_contact",
            () if root == other => "no error",
            () if other != merged => "merged_elsewhere",
            () => {
                self.edges.push(Edge { stays: root, merged, stands: true });
                "no error"
            }
        };
        Deed::Merge(stays, merged, answer)
    }

    fn split(&mut self, number: usize) -> Deed {
        let standing: Vec<usize> = (0..self.edges.len()).filter(|at| self.edges[*at].stands).collect();
        let Some(at) = number.checked_rem(standing.len()) else { return Deed::Nothing };
        self.edges[standing[at]].stands = false;
        Deed::Split(standing[at])
    }

    fn erase(&mut self, of: usize) -> Deed {
        let family = self.family(of);
        if self.own[of].erased {
            return Deed::Nothing;
        }
        for member in &family {
            self.own[*member].erased = true;
        }
        for edge in self.edges.iter_mut().filter(|edge| family.contains(&edge.merged)) {
            edge.stands = false;
        }
        Deed::Erase(of, family)
    }

    /// The numbers of merges in force: what is left to be split.
    pub(super) fn joined(&self) -> usize {
        self.edges.iter().filter(|edge| edge.stands).count()
    }

    /// Which contact a merge, by its number, was made with.
    pub(super) fn merged_by(&self, edge: usize) -> usize {
        self.edges[edge].merged
    }

    fn root(&self, of: usize) -> usize {
        let up = self.edges.iter().find(|edge| edge.stands && edge.merged == of);
        up.map_or(of, |edge| self.root(edge.stays))
    }

    /// Who is one with whom: who stays first.
    pub(super) fn family(&self, of: usize) -> Vec<usize> {
        let root = self.root(of);
        let others = (0..self.own.len()).filter(|other| *other != root && self.root(*other) == root);
        std::iter::once(root).chain(others).collect()
    }

    fn person(&self, root: usize) -> Person {
        let family = self.family(root);
        let mut notes = BTreeMap::new();
        for (key, value) in family.iter().flat_map(|member| &self.own[*member].notes) {
            notes.entry(key.clone()).or_insert(*value);
        }
        let of_family = |by: &usize| family.contains(by);
        Person {
            id: root,
            name: self.name(root),
            notes,
            identities: family.iter().copied().collect(),
            merged: family[1..].to_vec(),
            agreed: self.agreed(&family),
            consents: self.given.iter().filter(|given| of_family(&given.by)).count(),
            found: (0..self.said.len()).filter(|at| of_family(&self.said[*at].by)).collect(),
        }
    }

    fn name(&self, root: usize) -> Option<u8> {
        self.family(root).into_iter().find_map(|member| self.own[member].name)
    }

    fn agreed(&self, family: &[usize]) -> bool {
        let words: Vec<&Given> = self.given.iter().filter(|given| family.contains(&given.by)).collect();
        let later_no = |yes: &Given| {
            let about_it = |no: &&&Given| no.by != yes.by || (yes.everywhere && !no.everywhere);
            words.iter().filter(about_it).any(|no| no.withdrawn.is_some_and(|withdrawn| withdrawn >= yes.at))
        };
        words.iter().any(|yes| yes.withdrawn.is_none() && !later_no(yes))
    }

    /// What should be shown.
    pub(super) fn world(&self) -> World {
        let everybody = 0..self.own.len();
        let shown: Vec<_> = everybody.clone().map(|of| (!self.own[of].erased).then(|| self.root(of))).collect();
        let mut roots: Vec<usize> = shown.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let active = |root: &usize| self.family(*root).into_iter().map(|member| self.own[member].active).max();
        roots.sort_by_key(|root| std::cmp::Reverse(active(root)));
        let thread = |of: usize| {
            let with = shown[of]?;
            let own = self.said.iter().filter(|said| said.by == of);
            Some(Thread { with, name: self.name(with), said: own.map(|said| (with, said.word)).collect() })
        };
        let list = |of: usize| shown[of].map(|root| self.family(root).into_iter().collect()).unwrap_or_default();
        World {
            listed: roots.iter().map(|root| self.person(*root)).collect(),
            threads: everybody.clone().map(thread).collect(),
            lists: everybody.map(list).collect(),
            shown,
        }
    }
}
