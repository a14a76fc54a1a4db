//! The house itself: what was erased is gone, the search finds what is there, nothing is left to do, and the log is whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use serde_json::Value;
use vault::Clock;
use vault::testing::door;

use super::{Seen, privacy, text};
use crate::simulation::Sim;
use crate::simulation::label::COMMON;
use crate::simulation::members::Member;

/// The most hits that one search shows.
const HITS: usize = 100;
/// How much too late a conversation may wake, in milliseconds.
const OVERSLEPT_MS: i64 = 5_000;

/// The search finds exactly what is there.
pub(super) async fn search(sim: &Arc<Sim>, seen: &Seen, now: i64) {
    let owner = Member::owner(seen.workspace);
    let hits = owner.list(sim, &format!("/search?q={COMMON}&limit={HITS}")).await;
    privacy(sim, seen.workspace, &Value::from(hits.clone()), now, "the search");
    let found: BTreeSet<String> = hits.iter().map(|hit| text(&hit["message"]["id"])).collect();
    let there: BTreeSet<String> = seen
        .all()
        .filter(|(_, message)| text(&message["text"]).contains(COMMON))
        .map(|(_, message)| text(&message["id"]))
        .collect();
    for id in found.difference(&there) {
        sim.story.wrong(&format!("the search finds {id}, which is not there"));
    }
    if there.len() > HITS {
        return;
    }
    for message in seen.all().map(|(_, message)| message) {
        let id = text(&message["id"]);
        if there.contains(&id) && !found.contains(&id) {
            sim.story.wrong(&format!("the search does not find \"{}\"", text(&message["text"])));
        }
    }
}

/// Nothing is left to do, and the log is whole.
pub(super) async fn queues_and_log(sim: &Arc<Sim>, workspace: usize) {
    let Some(app) = sim.program.app() else { return };
    let scope = &sim.workspaces()[workspace].scope;
    match app.vault.read(scope, |tx| vault::jobs::given_up(tx, 10)).await {
        Ok(jobs) if jobs.is_empty() => {}
        Ok(jobs) => sim.story.wrong(&format!("jobs were given up: {jobs:?}")),
        Err(error) => sim.story.wrong(&format!("jobs cannot be asked for: {error}")),
    }
    match app.vault.verify_audit(scope).await {
        Ok(report) if report.faults.is_empty() => {}
        Ok(report) => sim.story.wrong(&format!("the audit log has faults: {:?}", report.faults)),
        Err(error) => sim.story.wrong(&format!("the audit log cannot be verified: {error}")),
    }
}

/// Nothing sleeps beyond its time.
pub(super) fn snoozes(sim: &Sim, seen: &Seen) {
    let now = sim.time.now() - OVERSLEPT_MS;
    for conversation in seen.conversations.iter().filter(|one| one["status"] == "snoozed") {
        let until =
            text(&conversation["snoozed_until"]).parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
        if until.is_ok_and(|until| until < now) {
            sim.story.wrong("a conversation has not woken");
        }
    }
}

/// Who was erased is gone, with their keys.
pub(super) async fn erasures(sim: &Arc<Sim>) {
    let all = sim.ledger().erasures.clone();
    for erasure in all.iter().filter(|erasure| erasure.done.is_some()) {
        let owner = Member::owner(erasure.workspace);
        let name = sim.ledger().people[erasure.person].name.clone();
        let (status, _) = owner.insists(sim, Method::GET, &format!("/contacts/{}", erasure.contact), None, None).await;
        if status == 200 {
            sim.story.wrong(&format!("{name} was erased, and can be read"));
        }
        let path = format!("/erasures/{}", erasure.id.as_deref().unwrap_or_default());
        let (_, view) = owner.insists(sim, Method::GET, &path, None, None).await;
        if view["state"] != "done" {
            sim.story.wrong(&format!("the erasure of {name} is {} in the end", view["state"]));
        }
        let Some(app) = sim.program.app() else { return };
        let scope = &sim.workspaces()[erasure.workspace].scope;
        for key in &erasure.keys {
            match door::has_key(&app.vault, scope, key) {
                Ok(false) => {}
                Ok(true) => sim.story.wrong(&format!("a key of {name} outlived the erasure")),
                Err(error) => sim.story.wrong(&format!("custody cannot be asked for a key of {name}: {error}")),
            }
        }
    }
}
