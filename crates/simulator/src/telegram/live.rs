//! The phone's view as it changes, for the page.

use std::convert::Infallible;

use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde::Deserialize;

use super::Telegram;
use super::phone_view::PhoneView;
use super::refusal::Refusal;

/// Chooses the chat that runs through a business connection.
#[derive(Deserialize)]
pub(super) struct Through {
    pub(super) business: Option<String>,
}

/// The phone's view as server-sent events: at once, and whenever it has changed.
pub(super) async fn events(
    State(sim): State<Telegram>,
    Path((token, person)): Path<(String, i64)>,
    Query(through): Query<Through>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let mut changed = sim.world().bot(&token)?.watch();
    sim.phone(&token, person, through.business.as_deref())?;
    changed.mark_changed();
    let start = (sim, token, through, changed, None::<PhoneView>);
    let stream = futures_util::stream::unfold(start, move |state| async move {
        let (sim, token, through, mut changed, mut shown) = state;
        loop {
            changed.changed().await.ok()?;
            let now = sim.phone(&token, person, through.business.as_deref()).ok()?;
            if shown.as_ref() != Some(&now) {
                let event = Event::default().json_data(&now).ok()?;
                shown = Some(now);
                return Some((Ok(event), (sim, token, through, changed, shown)));
            }
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}
