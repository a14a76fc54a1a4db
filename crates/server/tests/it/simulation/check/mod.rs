//! What the program has, held against what was done: the oracle.

mod families;
mod files;
mod house;
mod listeners;
mod reactions;
mod replies;
mod said;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::Sim;
use super::label::{Label, Voice};
use super::members::Member;

/// Everything that the members of a workspace can see.
pub(super) struct Seen {
    pub(super) workspace: usize,
    pub(super) conversations: Vec<Value>,
    /// The messages of each conversation, by its id, oldest first.
    pub(super) messages: BTreeMap<String, Vec<Value>>,
    /// What waits in each conversation, or could not be sent at its time.
    pub(super) scheduled: Vec<Value>,
}

impl Seen {
    async fn by_owner(sim: &Sim, workspace: usize) -> Self {
        let owner = Member::owner(workspace);
        let conversations = owner.list(sim, "/conversations?limit=100").await;
        let (mut messages, mut scheduled) = (BTreeMap::new(), Vec::new());
        for conversation in &conversations {
            let id = text(&conversation["id"]);
            scheduled.extend(owner.list(sim, &format!("/conversations/{id}/scheduled")).await);
            let path = format!("/conversations/{id}/messages?limit=100");
            messages.insert(id, owner.list(sim, &path).await);
        }
        Self { workspace, conversations, messages, scheduled }
    }

    fn all(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.messages.iter().flat_map(|(conversation, messages)| messages.iter().map(move |one| (conversation, one)))
    }
}

/// Holds everything against the ledger.
pub(super) async fn everything(sim: &Arc<Sim>) {
    let now = sim.time.now_ms();
    let mut all = Vec::new();
    for workspace in 0..sim.workspaces().len() {
        let seen = Seen::by_owner(sim, workspace).await;
        let whole = Value::from(seen.messages.values().flatten().cloned().collect::<Vec<_>>());
        privacy(sim, workspace, &whole, now, "a conversation");
        privacy(sim, workspace, &Value::from(seen.conversations.clone()), now, "the list of conversations");
        privacy(sim, workspace, &Value::from(seen.scheduled.clone()), now, "what is to be sent later");
        all.push(seen);
    }
    said::check(sim, &all);
    replies::check(sim, &all).await;
    reactions::check(sim, &all);
    files::check(sim, &all).await;
    for seen in &all {
        families::check(sim, seen).await;
        house::snoozes(sim, seen);
        listeners::check(sim, seen.workspace).await;
        house::search(sim, seen, now).await;
        house::queues_and_log(sim, seen.workspace).await;
    }
    house::erasures(sim).await;
    sim.story.tell("all is held against what was done");
}

/// Nothing of another workspace and nothing erased is in what members see. `before`: erasures that were answered later
/// than this, in the world's milliseconds, may have been too late for it.
pub(super) fn privacy(sim: &Sim, workspace: usize, seen: &Value, before: i64, place: &str) {
    for label in Label::all_in(&seen.to_string()) {
        let ledger = sim.ledger();
        let home = match label.voice {
            Voice::Contact => ledger.said.get(&label.number).map(|said| ledger.people[said.person].channel),
            Voice::Member => ledger.replies.get(&label.number).map(|reply| ledger.people[reply.person].channel),
        };
        let foreign = home.is_some_and(|channel| sim.channels()[channel].workspace != workspace);
        let erased = ledger.is_erased(label, before);
        drop(ledger);
        if home.is_none() {
            sim.story.wrong(&format!("{place} shows {label}, which nobody said"));
        }
        if foreign {
            sim.story.wrong(&format!("{place} shows {label} of another workspace"));
        }
        if erased {
            sim.story.wrong(&format!("{place} shows {label}, which was erased"));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
