//! Somebody who looks at the live stream all the time, and resumes it when it breaks: nothing is missing there, nothing comes
//! back, no state goes backwards, and nothing is shown to those whom it does not concern.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;

use super::label::{Label, Voice};
use super::{Sim, check};

/// How long the rendering of an event may have begun before it is seen, in milliseconds.
const RENDERING_MS: i64 = 1_000;

/// What was seen so far.
struct Watcher {
    sim: Arc<Sim>,
    workspace: usize,
    last: Option<i64>,
    /// State and failure of each message.
    states: BTreeMap<String, (String, String)>,
}

/// Looks at a workspace's stream until the world ends.
pub(crate) async fn watch(sim: Arc<Sim>, workspace: usize) {
    let mut watcher = Watcher { sim, workspace, last: None, states: BTreeMap::new() };
    loop {
        watcher.look().await;
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
}

impl Watcher {
    /// Follows the stream until it breaks.
    async fn look(&mut self) {
        let token = &self.sim.workspaces()[self.workspace].owner;
        let mut request = Request::get("/api/v1/events").header("authorization", format!("Bearer {token}"));
        if let Some(last) = self.last {
            request = request.header("last-event-id", last.to_string());
        }
        let sim = Arc::clone(&self.sim);
        let opened = sim.program.open(request.body(Body::empty()).expect("a request")).await;
        let Some((response, power)) = opened.filter(|(response, _)| response.status() == 200) else { return };
        let mut body = response.into_body();
        loop {
            let frame = tokio::select! {
                biased;
                () = power.failed() => return,
                frame = body.frame() => frame,
            };
            let Some(Ok(frame)) = frame else { return };
            let Ok(data) = frame.into_data() else { return };
            let text = String::from_utf8_lossy(&data).into_owned();
            let event = text.lines().find_map(|line| line.strip_prefix("data:"));
            if let Some(event) = event.and_then(|json| serde_json::from_str::<Value>(json.trim()).ok()) {
                self.see(&event);
            }
        }
    }

    fn see(&mut self, event: &Value) {
        let kind = event["type"].as_str().unwrap_or_default();
        let Some(seq) = event["seq"].as_i64() else { return };
        if kind != "hello" {
            match self.last {
                Some(last) if seq != last + 1 => {
                    self.sim.story.wrong(&format!("the live stream jumps from {last} to {seq}"));
                }
                _ => {}
            }
        }
        self.last = Some(seq);
        let before = self.sim.time.now_ms() - RENDERING_MS;
        check::privacy(&self.sim, self.workspace, &event["data"], before, "the live stream");
        if let Some(files) = event["data"]["attachments"].as_array() {
            let files = files.iter().filter_map(|file| file["id"].as_str().map(str::to_owned));
            self.sim.ledger().files.extend(files);
        }
        if kind.starts_with("message.") {
            self.see_state(&event["data"]);
        }
    }

    fn see_state(&mut self, message: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, state) = (text(&message["id"]), text(&message["state"]));
        if id.is_empty() || message["direction"] != "outgoing" {
            return;
        }
        let now = (state, text(&message["failure"]["code"]));
        self.note(&id, &now);
        let before = self.states.insert(id.clone(), now.clone());
        let Some(before) = before.filter(|before| !may_follow(before, &now)) else { return };
        let label = Label::all_in(&text(&message["text"])).into_iter().find(|label| label.voice == Voice::Member);
        if !self.was_ordered_again(&id) {
            let name = label.map_or(id, |label| label.to_string());
            self.sim.story.wrong(&format!("{name} was {} ({}) and is {} ({})", before.0, before.1, now.0, now.1));
        }
    }

    /// Notes since when it is known to be sent, and whether that was ever in doubt.
    fn note(&self, id: &str, (state, failure): &(String, String)) {
        let now = self.sim.story.tick();
        let mut ledger = self.sim.ledger();
        if failure == "outcome_unknown" {
            ledger.doubted.insert(id.to_owned());
        } else if matches!(state.as_str(), "sent" | "delivered" | "read") {
            ledger.sent.entry(id.to_owned()).or_insert(now);
        }
    }

    /// What a member sends once more begins anew.
    fn was_ordered_again(&self, id: &str) -> bool {
        let ledger = self.sim.ledger();
        ledger.replies.values().any(|reply| reply.orders > 1 && reply.message.as_deref() == Some(id))
    }
}

/// Whether a state may be seen after another.
fn may_follow((before, failure): &(String, String), (now, _): &(String, String)) -> bool {
    let rank = |state: &str| ["queued", "sent", "delivered", "read"].iter().position(|known| *known == state);
    match (rank(before), rank(now)) {
        (Some(before), Some(now)) => before <= now,
        (Some(before), None) => before <= 1,
        (None, None) => true,
        (None, Some(_)) => failure == "outcome_unknown" && now != "queued",
    }
}
