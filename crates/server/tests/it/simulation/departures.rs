//! Who goes: contacts whom members erase, and channels that they disconnect.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use vault::testing::door;

use super::Sim;
use super::ledger::{Erasure, Moment};
use super::members::Member;

impl Member {
    /// Erases whoever is on the other side of some conversation.
    pub(crate) async fn erases(self, sim: Arc<Sim>, choice: u64) {
        let Some(looked) = self.looks(&sim, choice).await else { return };
        if sim.ledger().erasures.iter().any(|erasure| erasure.contact == looked.own) {
            return;
        }
        let before = sim.story.tick();
        let mut keys = BTreeMap::new();
        let relatives = sim.ledger().relatives(&looked.own, before);
        for contact in relatives {
            let own = keys_of(&sim, self.workspace, &contact).await.unwrap_or_default();
            keys.insert(contact, own);
        }
        let name = sim.ledger().people[looked.person].name.clone();
        let asked = sim.story.tell(&format!("a member of {} erases {name}", self.name(&sim)));
        let at = {
            let mut ledger = sim.ledger();
            let (contact, person, workspace) = (looked.own.clone(), looked.person, self.workspace);
            let keys = keys.get(&contact).cloned().unwrap_or_default();
            ledger.erasures.push(Erasure { workspace, person, contact, keys, asked, done: None, id: None });
            ledger.erasures.len() - 1
        };
        let (path, key) = (format!("/contacts/{}/erasure", looked.own), format!("erase-{}", looked.own));
        let (status, view) = self.insists(&sim, Method::POST, &path, None, Some(&key)).await;
        let tick = sim.story.tell(&format!("erasing {name} is answered with {status}"));
        let done = Moment { tick, at_ms: sim.time.now_ms() };
        let mut ledger = sim.ledger();
        ledger.erasures[at].done = (status == 202).then_some(done);
        ledger.erasures[at].id = view["id"].as_str().map(str::to_owned);
        let first = ledger.erasures[at].clone();
        // Who is one with them goes with them; of whoever was merged or split off meanwhile that is not known.
        let family = ledger.family(&looked.own, before);
        let relatives = ledger.relatives(&looked.own, before);
        for contact in relatives.into_iter().filter(|contact| *contact != looked.own) {
            let Some(person) = ledger.contacts.get(&contact).copied() else { continue };
            let done = first.done.filter(|_| family.contains(&contact));
            let keys = keys.get(&contact).cloned().unwrap_or_default();
            ledger.erasures.push(Erasure { person, contact, keys, done, ..first.clone() });
        }
    }

    /// Disconnects a channel of the workspace.
    pub(crate) async fn disconnects(self, sim: Arc<Sim>, channel: usize) {
        let (id, name) = (sim.channels()[channel].id().to_owned(), sim.channels()[channel].name.clone());
        let asked = sim.story.tell(&format!("a member disconnects {name}"));
        sim.ledger().disconnected.insert(channel, (asked, None));
        let (status, _) = self.insists(&sim, Method::DELETE, &format!("/channels/{id}"), None, None).await;
        let tick = sim.story.tell(&format!("disconnecting {name} is answered with {status}"));
        let done = Moment { tick, at_ms: sim.time.now_ms() };
        sim.ledger().disconnected.insert(channel, (asked, Some(done)));
    }
}

async fn keys_of(sim: &Arc<Sim>, workspace: usize, contact: &str) -> Option<Vec<String>> {
    let app = sim.program.app().filter(|_| sim.program.is_up())?;
    let scope = sim.workspaces()[workspace].scope.clone();
    let keys = door::keys_of(&app.vault, &scope, contact.parse().ok()?);
    tokio::time::timeout(std::time::Duration::from_millis(100), keys).await.ok()?.ok()
}
