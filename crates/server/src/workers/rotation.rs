//! Rotation of keys: a job per rotation, which comes again until the old keys are destroyed.

use vault::Scope;
use vault::jobs::{self, ClaimedJob};
use vault::rotation::Progress;

use crate::app::Shared;

/// Goes on with a rotation.
pub(super) async fn go_on(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let progress = app.vault.carry_on_rotation(scope, job.subject_id()?).await?;
    let job = job.clone();
    app.vault
        .write(scope, move |tx| match progress {
            Progress::Waiting(until) => jobs::done_until(tx, &job, until),
            Progress::Done => jobs::done(tx, &job),
        })
        .await
}
