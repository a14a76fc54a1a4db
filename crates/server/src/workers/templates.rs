//! A channel's templates are read from its provider: when it is connected, once a day, and when the provider speaks of one
//! that is not known.

use connect::{Capability, SendError, Template};
use vault::channels;
use vault::jobs::ClaimedJob;
use vault::{ChannelId, Millis, Scope};

use super::connecting::NoFiles;
use super::ending::{done, needs_attention, retry};
use crate::app::Shared;
use crate::outbound::drive;

/// How often they are read although nothing was heard, in milliseconds.
const EVERY: Millis = 24 * 3_600_000;

/// Reads the templates of a job's channel.
pub(super) async fn sync(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: ChannelId = job.subject_id()?;
    let kept = match app.vault.read(scope, move |tx| channels::account(tx, id)).await {
        Ok(kept) => kept,
        // Disconnected meanwhile.
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return done(app, scope, job, None).await,
        Err(error) => return Err(error),
    };
    let connector = connect::channels::by_kind(&kept.kind);
    let Some(connector) = connector.filter(|it| it.spec().capabilities.contains(&Capability::Template)) else {
        return done(app, scope, job, None).await;
    };
    let account = app.account(&kept, connector.spec());
    let asked_at = app.now();
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.templates(ctx, &account, replies);
    match drive(&*app.outbound, &NoFiles, &id.to_string(), || app.ctx(), step).await {
        Ok(found) => {
            keep(app, scope, id, found, asked_at).await?;
            done(app, scope, job, Some(app.now() + EVERY)).await
        }
        Err(SendError::Retry(_)) => retry(app, scope, job, None).await,
        Err(SendError::Throttled(after) | SendError::RecipientThrottled(after)) => {
            let after = i64::try_from(after).unwrap_or(EVERY).clamp(1, EVERY);
            retry(app, scope, job, Some(app.now() + after)).await
        }
        Err(error @ (SendError::Reauthorise | SendError::Stopped { .. })) => {
            let stopped = move |tx: &vault::Tx<'_>| {
                let code = if let SendError::Stopped { code, .. } = &error { code.as_str() } else { "reauthorise" };
                needs_attention(tx, id, code)
            };
            app.vault.write(scope, stopped).await?;
            // Connecting it again asks for them again.
            done(app, scope, job, None).await
        }
        Err(error) => {
            tracing::warn!(channel = %id, %error, "a channel's templates could not be read and are asked for tomorrow");
            done(app, scope, job, Some(app.now() + EVERY)).await
        }
    }
}

async fn keep(app: &Shared, scope: &Scope, id: ChannelId, found: Vec<Template>, asked_at: Millis) -> vault::Result<()> {
    let there: Vec<(String, String)> =
        found.iter().map(|template| (template.name.clone(), template.language.clone())).collect();
    for some in found.chunks(engine::templates::AT_ONCE) {
        let some = some.to_vec();
        app.vault.write(scope, move |tx| engine::templates::keep(tx, id, &some)).await?;
    }
    app.vault.write(scope, move |tx| vault::templates::forget_others(tx, id, &there, asked_at)).await?;
    Ok(())
}
