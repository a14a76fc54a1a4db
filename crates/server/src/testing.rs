//! Switches for tests. They exist in builds with the feature `testing` alone.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;

use crate::app::Shared;

/// `POST /testing/advance`.
pub fn router() -> Router<Shared> {
    Router::new().route("/testing/advance", post(advance))
}

#[derive(Deserialize)]
struct Advance {
    seconds: i64,
}

/// Moves the server's clock on.
async fn advance(State(app): State<Shared>, Json(by): Json<Advance>) -> StatusCode {
    match app.movable_clock.get() {
        Some(clock) => {
            clock.advance(by.seconds.saturating_mul(1_000));
            StatusCode::NO_CONTENT
        }
        None => StatusCode::CONFLICT,
    }
}
