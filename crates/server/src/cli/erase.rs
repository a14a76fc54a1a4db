//! `parloir erase`: begins an erasure and stays with it until nothing is left to do.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use vault::erase::{self, Erasure, Progress, State};
use vault::{ContactId, ErasureId, Purpose, Scope};

use super::Workers;
use crate::app::Shared;
use crate::routes::ErasureView;
use crate::workers;

/// How often it is looked how far workers are, and for how long: a provider that does not answer is asked on by a job.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 300;

pub(super) async fn erase(app: &Shared, workers: Workers, scope: &Scope, contact: ContactId) -> Result<Value> {
    let scope = scope.for_purpose(Purpose::Erasure);
    let id = app.vault.write(&scope, move |tx| erase::begin(tx, contact)).await?;
    let erasure = match workers {
        Workers::Running => wait(app, &scope, id).await?,
        Workers::None => carry_out(app, &scope, id).await?,
    };
    Ok(serde_json::to_value(ErasureView::from(erasure))?)
}

/// Does what the server's workers would do. Every step may be done twice, so jobs that were left are harmless.
async fn carry_out(app: &Shared, scope: &Scope, id: ErasureId) -> Result<Erasure> {
    while let Progress::Waiting = app.vault.carry_on_erasure(scope, id).await? {
        while app.vault.index_step(scope).await? {}
    }
    let erasure = view(app, scope, id).await?;
    if erasure.state == State::Done {
        return Ok(erasure);
    }
    // Providers are asked by a job with a lease: asked twice, they would say the second time that nothing is there.
    let mut jobs = workers::start_jobs(app);
    let erasure = wait(app, scope, id).await;
    app.stopping.send_replace(true);
    while jobs.join_next().await.is_some() {}
    erasure
}

async fn wait(app: &Shared, scope: &Scope, id: ErasureId) -> Result<Erasure> {
    for _ in 0..LOOKS {
        let erasure = view(app, scope, id).await?;
        if erasure.state == State::Done {
            return Ok(erasure);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    view(app, scope, id).await
}

async fn view(app: &Shared, scope: &Scope, id: ErasureId) -> Result<Erasure> {
    Ok(app.vault.read(scope, move |tx| erase::view(tx, id)).await?)
}
