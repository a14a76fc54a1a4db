//! Files that hang on messages are fetched from the provider.

use connect::{RemoteFile, Reply, SendError};
use vault::jobs::{self, ClaimedJob};
use vault::{AttachmentId, Scope, attachments, channels};

use super::ending::needs_attention;
use crate::app::Shared;
use crate::files::Door;
use crate::outbound::drive;

/// How long a file waits before it is tried again with an account that needs a member, in milliseconds.
const AFTER_STOP: vault::Millis = 5 * 60_000;

/// Fetches the file of a job.
pub(super) async fn fetch(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: AttachmentId = job.subject_id()?;
    let Some(pending) = app.vault.read(scope, move |tx| engine::files::pending(tx, id)).await? else {
        // Whoever fetched it may have died with the bytes here and nothing recorded.
        drop_if_gone(app, scope, id).await?;
        return done(app, scope, job).await;
    };
    let door = Door::fetching(&app.vault, scope, id);
    match bring(app, scope, &door, pending.channel, &pending.file).await {
        Ok(uploaded) => stored(app, scope, job, (id, uploaded), &door).await,
        Err(SendError::Retry(_)) => retry(app, scope, job, None).await,
        Err(SendError::Throttled(after) | SendError::RecipientThrottled(after)) => {
            let after = i64::try_from(after).unwrap_or(60_000).clamp(1, 3_600_000);
            retry(app, scope, job, Some(app.now() + after)).await
        }
        Err(SendError::Reauthorise) => stop(app, scope, job, pending.channel, "reauthorise".to_owned()).await,
        Err(SendError::Stopped { code, .. }) => stop(app, scope, job, pending.channel, code).await,
        Err(error) => {
            let job = job.clone();
            app.vault
                .write(scope, move |tx| -> vault::Result<_> {
                    engine::files::failed(tx, id, &error)?;
                    jobs::done(tx, &job)
                })
                .await
        }
    }
}

/// The file waits for a member to authorise the account anew, as what is to be sent does.
async fn stop(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    channel: vault::ChannelId,
    code: String,
) -> vault::Result<()> {
    let (job, again) = (job.clone(), app.now() + AFTER_STOP);
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
            let id: AttachmentId = job.subject_id()?;
            if attachments::expected_at(tx, id)?.is_none_or(|since| since < tx.now() - vault::outbox::KEPT_FOR) {
                engine::files::failed(tx, id, &SendError::Reauthorise)?;
                return jobs::done(tx, &job);
            }
            needs_attention(tx, channel, &code)?;
            jobs::done_until(tx, &job, again)
        })
        .await
}

/// Brings the bytes through the door; the upload they were copied from, if they were here already.
async fn bring(
    app: &Shared,
    scope: &Scope,
    door: &Door,
    channel: vault::ChannelId,
    file: &RemoteFile,
) -> Result<Option<AttachmentId>, SendError> {
    let kept = app
        .vault
        .read(scope, move |tx| channels::account(tx, channel))
        .await
        .map_err(|error| without_account(&error))?;
    let connector = connect::channels::by_kind(&kept.kind).ok_or(SendError::Unsupported)?;
    let account = app.account(&kept, connector.spec());
    let step = |ctx: &connect::Ctx, replies: &[Reply]| connector.fetch(ctx, file, &account, replies);
    let handle = drive(&*app.outbound, door, &channel.to_string(), || app.ctx(), step).await?;
    if door.holds() {
        return Ok(None);
    }
    // The visitor uploaded it beforehand: it is here already, and is sealed anew for the message.
    let limit = app.settings.limits.upload_bytes;
    let gone = |_| SendError::Refused { code: "file_gone".into(), why: "The uploaded file is no longer here.".into() };
    door.adopt(&handle, limit).await.map_err(gone)?;
    Ok(handle.0.parse().ok())
}

/// A channel that was disconnected brings nothing more, however often it is tried.
fn without_account(error: &vault::Error) -> SendError {
    match error {
        vault::Error::Conflict { code: "channel_off", .. } => SendError::Refused {
            code: "channel_off".into(),
            why: "The channel was disconnected before the file came.".into(),
        },
        _ => SendError::Retry("the channel could not be read".into()),
    }
}

async fn stored(
    app: &Shared,
    scope: &Scope,
    job: &ClaimedJob,
    (id, uploaded): (AttachmentId, Option<AttachmentId>),
    door: &Door,
) -> vault::Result<()> {
    let Some(file) = door.take() else { return retry(app, scope, job, None).await };
    let job = job.clone();
    let recorded = app
        .vault
        .write(scope, move |tx| -> vault::Result<_> {
            match uploaded {
                Some(uploaded) => attachments::adopted(tx, id, uploaded, &file)?,
                None => attachments::fetched(tx, id, &file)?,
            }
            jobs::done(tx, &job)
        })
        .await;
    if let Err(vault::Error::NotFound(_) | vault::Error::Conflict { code: "lease_lost", .. }) = &recorded {
        drop_if_gone(app, scope, id).await?;
    }
    recorded
}

/// The message was removed or its contact erased while the file was on its way: its bytes must not stay. A file that only
/// another worker took over is that worker's.
async fn drop_if_gone(app: &Shared, scope: &Scope, id: AttachmentId) -> vault::Result<()> {
    match app.vault.read(scope, move |tx| attachments::view(tx, id)).await {
        Err(vault::Error::NotFound(_)) => {}
        Ok(_) => return Ok(()),
        Err(error) => return Err(error),
    }
    app.vault.off_thread(move |vault| vault.drop_file(id)).await
}

async fn done(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

async fn retry(app: &Shared, scope: &Scope, job: &ClaimedJob, not_before: Option<i64>) -> vault::Result<()> {
    let job = job.clone();
    app.vault
        .write(scope, move |tx| -> vault::Result<_> {
            if jobs::retry(tx, &job, "unavailable", not_before)? == jobs::Retried::GivenUp {
                let id: AttachmentId = job.subject_id()?;
                attachments::failed(tx, id, "unavailable")?;
            }
            Ok(())
        })
        .await
}
