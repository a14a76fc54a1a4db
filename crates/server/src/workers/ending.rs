//! How the run of a job ends that comes back by itself.

use vault::jobs::{self, ClaimedJob};
use vault::{Millis, Scope};

use crate::app::Shared;

/// The job is done, or done until it comes back then.
pub(super) async fn done(app: &Shared, scope: &Scope, job: &ClaimedJob, again: Option<Millis>) -> vault::Result<()> {
    let job = job.clone();
    app.vault
        .write(scope, move |tx| match again {
            Some(at) => jobs::done_until(tx, &job, at),
            None => jobs::done(tx, &job),
        })
        .await
}

/// Its provider could not be asked: it is tried again, not before a moment that the provider may have named.
pub(super) async fn retry(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    not_before: Option<Millis>,
) -> vault::Result<()> {
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::retry(tx, &job, "unavailable", not_before).map(|_| ())).await
}
