//! Switches for tests. They exist in builds with the feature `testing` alone.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use connect::Verified;
use http::StatusCode;
use serde::Deserialize;
use vault::Scope;
use vault::channels::AdmittedHook;
use vault::jobs::{self, ClaimedJob};
use vault::testing::door;
use vault::testing::planted::Planted;

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

/// The bug of noting only afterwards that something was sent, if the program was given it. Whether it did the job.
pub(crate) async fn notes_afterwards(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<bool> {
    if !app.vault.has(Planted::NotedAfterwards) {
        return Ok(false);
    }
    let (id, job) = (job.subject_id()?, job.clone());
    app.vault.write(scope, move |tx| engine::schedule::release(tx, id)).await?;
    let end = move |tx: &vault::Tx<'_>| {
        door::wholly_sent(tx)?;
        match vault::scheduled::due_at(tx, id)? {
            Some(due_at) => jobs::done_until(tx, &job, due_at),
            None => jobs::done(tx, &job),
        }
    };
    app.vault.write(scope, end).await?;
    Ok(true)
}

/// The bug of answering before the commit, if the program was given it: what is to be kept is kept after the answer.
pub(crate) fn answers_before_commit(app: &Shared, hook: &AdmittedHook, parts: &[Verified]) -> bool {
    if !app.vault.has(Planted::AnswerBeforeCommit) {
        return false;
    }
    let (vault, scope) = (app.vault.clone(), hook.scope.clone());
    let bodies: Vec<_> = parts.iter().map(Verified::to_inbox).collect();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        for body in bodies {
            vault.receive(&scope, body).await.ok();
        }
    });
    true
}
