//! Files: each is there with its bytes, and those of whoever was erased, or took them back, are nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use vault::testing::door;

use super::{Seen, text};
use crate::simulation::label::{Label, Voice};
use crate::simulation::members::Member;
use crate::simulation::{Sim, enclosed};

pub(super) async fn check(sim: &Arc<Sim>, all: &[Seen]) {
    let mut shown = BTreeSet::new();
    for seen in all {
        for (_, message) in seen.all() {
            shown.extend(list(message).map(|file| text(&file["id"])));
            judge(sim, seen.workspace, message).await;
        }
    }
    nothing_is_left(sim, &shown);
}

fn list(message: &Value) -> impl Iterator<Item = &Value> {
    message["attachments"].as_array().into_iter().flatten()
}

/// Whether a message has the file that it was sent with.
async fn judge(sim: &Sim, workspace: usize, message: &Value) {
    let Some(label) = Label::all_in(&text(&message["text"])).into_iter().next() else { return };
    let number = label.number;
    let (expected, excused) = {
        let ledger = sim.ledger();
        match label.voice {
            Voice::Contact => {
                let said = ledger.said.get(&number);
                let channel = ledger.channel_of(number).unwrap_or(0);
                let excused = ledger.withdrawn.contains(&number) || ledger.disconnected.contains_key(&channel);
                (said.is_some_and(|said| said.has_file), excused)
            }
            Voice::Member => (ledger.replies.get(&number).is_some_and(|reply| reply.has_file), false),
        }
    };
    let files: Vec<&Value> = list(message).collect();
    if files.len() != usize::from(expected) {
        sim.story.wrong(&format!("{label} has {} files, and not {}", files.len(), u8::from(expected)));
    }
    for file in files {
        if file["state"] == "stored" {
            let bytes = Member::owner(workspace).opens(sim, &text(&file["id"])).await;
            if bytes != Some(enclosed::content(number)) {
                sim.story.wrong(&format!("the file of {label} is not what it was"));
            }
        } else if !excused {
            sim.story.wrong(&format!("the file of {label} is {} ({})", file["state"], file["failure"]));
        }
    }
}

/// What was once shown and is not any more is no longer kept.
fn nothing_is_left(sim: &Sim, shown: &BTreeSet<String>) {
    let Some(app) = sim.program.app() else { return };
    let kept = match door::files(&app.vault) {
        Ok(kept) => kept,
        Err(error) => return sim.story.wrong(&format!("it cannot be asked which files there are: {error}")),
    };
    let known = sim.ledger().files.clone();
    for file in kept.iter().filter(|file| known.contains(*file) && !shown.contains(*file)) {
        sim.story.wrong(&format!("the file {file} is kept, and nothing shows it"));
    }
}
