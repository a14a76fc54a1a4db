//! Who is this? Providers that tell it when they are asked are asked once, when somebody first writes.

use connect::{Person, PersonIdentity, SendError};
use vault::jobs::{self, ClaimedJob};
use vault::{ChannelId, ContactId, Scope, channels};

use super::connecting::NoFiles;
use crate::app::Shared;
use crate::outbound::drive;

/// Asks the provider of each of a contact's channels.
pub(super) async fn ask(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let contact: ContactId = job.subject_id()?;
    for (channel, known) in app.vault.read(scope, move |tx| engine::asked::known_as(tx, contact)).await? {
        if let Some(person) = answer(app, scope, channel, &known).await? {
            app.vault.write(scope, move |tx| engine::asked::told(tx, channel, contact, &person)).await?;
        }
    }
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

/// What the provider says; nothing where it says nothing, or the channel is connected no longer.
async fn answer(
    app: &Shared,
    scope: &Scope,
    channel: ChannelId,
    known: &PersonIdentity,
) -> vault::Result<Option<Person>> {
    let kept = match app.vault.read(scope, move |tx| channels::account(tx, channel)).await {
        Ok(kept) => kept,
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(connector) = connect::channels::by_kind(&kept.kind) else { return Ok(None) };
    let account = app.account(&kept, connector.spec());
    let step = |ctx: &connect::Ctx, replies: &[connect::Reply]| connector.person(ctx, known, &account, replies);
    match drive(&*app.outbound, &NoFiles, &channel.to_string(), || app.ctx(), step).await {
        Ok(person) => Ok(Some(person)),
        Err(error @ (SendError::Retry(_) | SendError::Throttled(_) | SendError::RecipientThrottled(_))) => {
            Err(vault::Error::conflict("provider_unavailable", error.to_string()))
        }
        Err(_) => Ok(None),
    }
}
