//! Other systems that are told what happens: they take the posts of webhooks, or do not, and notice what they must not be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use connect::{Raw, Reply, Secret, standard_webhooks};
use http::Method;
use serde_json::{Value, json};
use vault::facts;

use super::ledger::Moment;
use super::members::Member;
use super::outside::UNDER_WAY_MS;
use super::parcel::Arriving;
use super::{Sim, check};

/// How many a workspace has at most.
const MANY: usize = 2;

/// Another system.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) workspace: usize,
    url: String,
    /// Known once the order was answered.
    pub(crate) id: Option<String>,
    secret: Option<Secret>,
    /// It is told of every fact after this one; known a moment after it was made.
    pub(crate) since: Option<i64>,
    /// The posts that it took, by their ids.
    pub(crate) taken: BTreeSet<String>,
    is_leaving: bool,
    /// When it was deleted.
    pub(crate) left: Option<Moment>,
}

impl Member {
    /// Lets another system listen.
    pub(crate) async fn invites(self, sim: Arc<Sim>) {
        let (at, url) = {
            let mut all = sim.listeners();
            if all.iter().filter(|one| one.workspace == self.workspace && !one.is_leaving).count() >= MANY {
                return;
            }
            let url = format!("https://listener{}.sim/", all.len());
            all.push(Listener { workspace: self.workspace, url: url.clone(), ..Listener::default() });
            (all.len() - 1, url)
        };
        let (order, key) = (json!({ "url": url }), format!("webhook-{at}"));
        let (status, view) = self.insists(&sim, Method::POST, "/webhooks", Some(&order), Some(&key)).await;
        sim.story.tell(&format!("listener {at} of {} is invited: {status}", self.name(&sim)));
        {
            let mut all = sim.listeners();
            all[at].id = view["id"].as_str().map(str::to_owned);
            all[at].secret = view["secret"].as_str().map(Secret::new);
        }
        let Some(app) = sim.program.app().filter(|_| sim.program.is_up()) else { return };
        let head = app.vault.read(&sim.workspaces()[self.workspace].scope, facts::head);
        let head = tokio::time::timeout(std::time::Duration::from_millis(300), head).await;
        sim.listeners()[at].since = head.ok().and_then(Result::ok);
    }

    /// Lets one of them listen no more.
    pub(crate) async fn dismisses(self, sim: Arc<Sim>, choice: u64) {
        let (at, id) = {
            let mut all = sim.listeners();
            let own = all
                .iter()
                .enumerate()
                .filter(|(_, one)| one.workspace == self.workspace && !one.is_leaving && one.id.is_some());
            let own: Vec<usize> = own.map(|(at, _)| at).collect();
            let Some(at) = own.get(usize::try_from(choice).unwrap_or(0) % own.len().max(1)).copied() else { return };
            all[at].is_leaving = true;
            (at, all[at].id.clone().unwrap_or_default())
        };
        let (status, _) = self.insists(&sim, Method::DELETE, &format!("/webhooks/{id}"), None, None).await;
        let tick = sim.story.tell(&format!("listener {at} of {} is dismissed: {status}", self.name(&sim)));
        sim.listeners()[at].left = Some(Moment { tick, at_ms: sim.time.now_ms() });
    }
}

/// A post arrives; `None` if its connection breaks.
pub(crate) async fn hear(sim: &Arc<Sim>, call: &Arriving) -> Option<Reply> {
    let at = sim.listeners().iter().position(|one| one.url == call.url);
    let Some(at) = at else {
        sim.story.wrong("a webhook is posted where nobody listens");
        return None;
    };
    judge(sim, at, call);
    if sim.is_stormy() && sim.network.hits(40) {
        sim.takes(100, 2_000).await;
    }
    let dice = if sim.is_stormy() { sim.network.below(1_000) } else { 999 };
    let status = match dice {
        0..50 => 503,
        50..70 => 302,
        70..90 => return None,
        _ => 204,
    };
    if status == 204 {
        sim.listeners()[at].taken.insert(header(call, "webhook-id").to_owned());
        // It took the post, and nobody hears of that.
        if (90..110).contains(&dice) {
            return None;
        }
    }
    Some(Reply::Answer { status, headers: Vec::new(), body: Vec::new() })
}

/// What is posted is signed, is nobody else's and nothing erased, and goes to nobody who was dismissed.
fn judge(sim: &Sim, at: usize, call: &Arriving) {
    let (workspace, left, secret) = {
        let all = sim.listeners();
        (all[at].workspace, all[at].left, all[at].secret.clone())
    };
    let now = sim.time.now_ms();
    if left.is_some_and(|left| now > left.at_ms + UNDER_WAY_MS) {
        sim.story.wrong(&format!("listener {at} is told something after it was dismissed"));
    }
    let raw = Raw {
        method: call.method.to_string(),
        path: String::new(),
        query: String::new(),
        headers: call.headers.clone(),
        body: call.body.clone(),
    };
    let signed_at = header(call, "webhook-timestamp").parse::<i64>().unwrap_or(0) * 1_000;
    if secret.is_some_and(|secret| !standard_webhooks::verify(&secret, signed_at, &raw)) {
        sim.story.wrong(&format!("listener {at} cannot verify what it is told"));
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    check::privacy(sim, workspace, &body, now - UNDER_WAY_MS, "a webhook");
}

fn header<'a>(call: &'a Arriving, name: &str) -> &'a str {
    call.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}
