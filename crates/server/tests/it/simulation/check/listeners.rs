//! Whoever listens was told of every fact, once at least.

use std::collections::BTreeMap;

use http::Method;
use vault::facts;

use super::text;
use crate::simulation::Sim;
use crate::simulation::members::Member;

pub(super) async fn check(sim: &Sim, workspace: usize) {
    let Some(app) = sim.program.app() else { return };
    let Ok(head) = app.vault.read(&sim.workspaces()[workspace].scope, facts::head).await else { return };
    let all: Vec<_> = {
        let all = sim.listeners();
        let own = all.iter().enumerate().filter(|(_, one)| one.workspace == workspace && one.left.is_none());
        own.filter_map(|(at, one)| Some((at, one.id.clone()?, one.since?, one.taken.clone()))).collect()
    };
    for (at, id, since, taken) in all {
        let delivered = deliveries(sim, workspace, &id).await;
        for seq in since + 1..=head {
            match delivered.get(&seq) {
                None => sim.story.wrong(&format!("listener {at} is not told of fact {seq}")),
                Some((_, state)) if state != "delivered" => {
                    sim.story.wrong(&format!("what listener {at} is told of fact {seq} is {state} in the end"));
                }
                Some((post, _)) if !taken.contains(post) => {
                    sim.story.wrong(&format!("listener {at} never took what it was told of fact {seq}"));
                }
                Some(_) => {}
            }
        }
    }
}

/// The id and the state of each delivery, by the fact.
async fn deliveries(sim: &Sim, workspace: usize, webhook: &str) -> BTreeMap<i64, (String, String)> {
    let mut found = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/webhooks/{webhook}/deliveries?limit=100{cursor}");
        let (_, page) = Member::owner(workspace).insists(sim, Method::GET, &path, None, None).await;
        for delivery in page["data"].as_array().into_iter().flatten() {
            let seq = delivery["seq"].as_i64().unwrap_or_default();
            if found.insert(seq, (text(&delivery["id"]), text(&delivery["state"]))).is_some() {
                sim.story.wrong(&format!("two deliveries are of fact {seq}"));
            }
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
