//! What this node held when it was killed is taken up by its next start, without waiting for leases to run out.

use std::time::Duration;

use crate::app::Shared;

/// A killed process may have handed a last claim to PostgreSQL, which commits it after its successor has started.
const ONCE_MORE_AFTER: Duration = Duration::from_secs(5);

pub(super) async fn run(app: Shared) {
    inherit(&app).await;
    let mut stopping = app.stopping.subscribe();
    let stopped = stopping.wait_for(|stopping| *stopping);
    if tokio::time::timeout(ONCE_MORE_AFTER, stopped).await.is_err() {
        inherit(&app).await;
    }
}

async fn inherit(app: &Shared) {
    match app.vault.free_stale_leases().await {
        Ok(0) | Err(vault::Error::Closed) => {}
        Ok(leases) => tracing::info!(leases, "what was under way when this node ended is taken up again"),
        Err(error) => tracing::warn!(%error, "what was under way when this node ended waits for its leases to run out"),
    }
}
