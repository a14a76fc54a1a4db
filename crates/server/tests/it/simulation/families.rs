//! Contacts that members take for one person and merge, and split again when they turn out to be two: one after the other in
//! a world, so that it is known who is one with whom; but beside everything else, erasures too.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use serde_json::json;

use super::Sim;
use super::ledger::{Ledger, Merge};
use super::members::{Looked, Member};
use super::story::Tick;

impl Member {
    /// Merges somebody into somebody else.
    pub(crate) async fn merges(self, sim: Arc<Sim>, choice: u64) {
        let _turn = sim.families.lock().await;
        let all = self.looks_at_all(&sim).await;
        let Some((stays, merged)) = two(&all, choice).filter(|(one, other)| one.contact != other.contact) else {
            return;
        };
        let names = {
            let ledger = sim.ledger();
            (ledger.people[stays.person].name.clone(), ledger.people[merged.person].name.clone())
        };
        sim.story.tell(&format!("a member of {} merges {} into {}", self.name(&sim), names.1, names.0));
        let at = {
            let mut ledger = sim.ledger();
            let (stays, merged) = (stays.contact.clone(), merged.contact.clone());
            ledger.merges.push(Merge { stays, merged, ..Merge::default() });
            ledger.merges.len() - 1
        };
        let (path, key) = (format!("/contacts/{}/merges", stays.contact), format!("merge-{at}"));
        let order = json!({ "contact_id": merged.contact });
        let (status, view) = self.insists(&sim, Method::POST, &path, Some(&order), Some(&key)).await;
        let now = sim.story.tell(&format!("merging {} into {} is answered with {status}", names.1, names.0));
        let merge = &mut sim.ledger().merges[at];
        view["id"].as_str().unwrap_or_default().clone_into(&mut merge.id);
        merge.made = matches!(status, 200 | 201).then_some(now);
        merge.refused = merge.made.is_none();
    }

    /// Undoes a merge.
    pub(crate) async fn splits(self, sim: Arc<Sim>, choice: u64) {
        let _turn = sim.families.lock().await;
        let found = {
            let mut ledger = sim.ledger();
            let home = |contact: &String| {
                let person = ledger.contacts.get(contact)?;
                Some(sim.channels()[ledger.people[*person].channel].workspace)
            };
            let own = ledger.merges.iter().enumerate().filter(|(_, merge)| {
                merge.made.is_some() && merge.split_asked.is_none() && home(&merge.merged) == Some(self.workspace)
            });
            let own: Vec<usize> = own.map(|(at, _)| at).collect();
            let Some(at) = own.get(usize::try_from(choice).unwrap_or(0) % own.len().max(1)).copied() else { return };
            ledger.merges[at].split_asked = Some(sim.story.tick());
            (at, ledger.merges[at].clone())
        };
        let (at, Merge { merged, id, .. }) = found;
        let path = format!("/contacts/{merged}/merges/{id}");
        let (status, _) = self.insists(&sim, Method::DELETE, &path, None, None).await;
        let now = sim.story.tell(&format!("a member of {} undoes merge {at}: {status}", self.name(&sim)));
        sim.ledger().merges[at].split = Some(now);
    }
}

/// Two of them.
fn two(all: &[Looked], choice: u64) -> Option<(&Looked, &Looked)> {
    let choice = usize::try_from(choice).unwrap_or(0);
    let stays = all.get(choice % all.len().max(1))?;
    let others: Vec<&Looked> = all.iter().filter(|one| one.contact != stays.contact).collect();
    Some((stays, others.get((choice / 11) % others.len().max(1))?))
}

impl Ledger {
    /// Who is shown for a contact, once nothing is under way.
    pub(crate) fn standing(&self, contact: &str) -> String {
        let mut standing = contact;
        let in_force = |merge: &&Merge| merge.made.is_some() && merge.split.is_none();
        while let Some(merge) = self.merges.iter().filter(in_force).find(|merge| merge.merged == standing) {
            standing = &merge.stays;
        }
        standing.to_owned()
    }

    /// Who certainly was one with a contact at all moments since.
    pub(crate) fn family(&self, contact: &str, since: Tick) -> BTreeSet<String> {
        self.reached(contact, |merge| merge.made.is_some_and(|made| made < since) && merge.split_asked.is_none())
    }

    /// Who may have been one with a contact at some moment since.
    pub(crate) fn relatives(&self, contact: &str, since: Tick) -> BTreeSet<String> {
        self.reached(contact, |merge| !merge.refused && merge.split.is_none_or(|split| split > since))
    }

    /// What a person agreed to, or somebody who was ever taken for the same one.
    pub(crate) fn agreed(&self, person: usize) -> BTreeSet<&'static str> {
        let own = self.contacts.iter().filter(|(_, who)| **who == person);
        let all = own.flat_map(|(contact, _)| self.relatives(contact, 0));
        let people = all.filter_map(|contact| self.contacts.get(&contact).copied()).chain([person]);
        people.flat_map(|who| self.people[who].agreed.clone()).collect()
    }

    /// Everybody who is reached from a contact over such merges, that contact too.
    fn reached(&self, contact: &str, counts: impl Fn(&Merge) -> bool) -> BTreeSet<String> {
        let mut found = BTreeSet::from([contact.to_owned()]);
        loop {
            let before = found.len();
            for merge in self.merges.iter().filter(|merge| counts(merge)) {
                if found.contains(&merge.stays) || found.contains(&merge.merged) {
                    found.extend([merge.stays.clone(), merge.merged.clone()]);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}
