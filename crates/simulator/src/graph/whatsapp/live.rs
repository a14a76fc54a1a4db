//! The phone's view as it changes, for the page.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;

use super::WhatsApp;
use super::view::PhoneView;
use crate::graph::Graph;
use crate::graph::refusal::Refusal;

/// The phone's view as server-sent events: at once, and whenever it has changed.
pub(super) async fn events(
    State(graph): State<Graph>,
    Path((number, person)): Path<(String, String)>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let sim = graph.whatsapp();
    let mut changed = sim.graph.world().whatsapp.watch();
    sim.phone(&number, &person)?;
    changed.mark_changed();
    let start = (sim, number, person, changed, None::<PhoneView>);
    let stream = futures_util::stream::unfold(start, async |(sim, number, person, mut changed, mut shown)| {
        loop {
            changed.changed().await.ok()?;
            let now = seen(&sim, &number, &person)?;
            if shown.as_ref() != Some(&now) {
                let event = Event::default().json_data(&now).ok()?;
                shown = Some(now);
                return Some((Ok(event), (sim, number, person, changed, shown)));
            }
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

fn seen(sim: &WhatsApp, number: &str, person: &str) -> Option<PhoneView> {
    sim.phone(number, person).ok()
}
