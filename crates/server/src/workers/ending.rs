//! How the run of a job ends that comes back by itself.

use vault::channels::{self, ChannelState};
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::{ChannelId, Millis, Scope, Tx};

use crate::app::Shared;

/// When it is tried again after a provider refused, in milliseconds: what it wants is seldom there sooner.
pub(super) const REFUSED: Millis = 6 * 3_600_000;

/// The channel needs attention, for a reason that its page has words for. Whichever job was refused first, what may be given again
/// without a word to us is asked for once more later, with all that connecting asks for; what only a member mends waits for one.
pub(super) fn needs_attention(tx: &Tx<'_>, id: ChannelId, code: &str) -> vault::Result<()> {
    channels::set_state(tx, id, ChannelState::NeedsAttention, Some(code))?;
    if code == channels::REAUTHORISE || code == connect::HOOK_MOVED {
        return Ok(());
    }
    jobs::enqueue(tx, JobKind::ConnectChannel, &id.to_string(), tx.now() + REFUSED)
}

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
