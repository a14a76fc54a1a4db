//! Health, readiness and metrics, for whatever watches the program.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::app::Shared;
use crate::telemetry::Metrics;

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router() -> Router<Shared> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

/// The process answers.
async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and the program is not stopping.
async fn ready(State(app): State<Shared>) -> Response {
    if *app.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match app.vault.depths().await {
        Ok(_) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

async fn metrics(State(app): State<Shared>) -> Response {
    if let Ok(depths) = app.vault.depths().await {
        let count = |rows| u64::try_from(rows).unwrap_or(0);
        app.metrics.queue_depth("inbox", count(depths.inbox));
        app.metrics.queue_depth("inbox_set_aside", count(depths.inbox_set_aside));
        app.metrics.queue_depth("outbox", count(depths.outbox));
    }
    ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], app.metrics.text()).into_response()
}
