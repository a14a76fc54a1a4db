//! Who is this? Providers that tell it when they are asked are asked once, when somebody first writes.

use connect::{IdentityKind, Person, PersonIdentity, SendError};
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::{ChannelId, ContactId, Scope, channels};

use super::connecting::NoFiles;
use crate::app::Shared;
use crate::outbound::drive;

/// Asks the provider of each of a contact's channels.
pub(super) async fn ask(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let contact: ContactId = job.subject_id()?;
    for (channel, known) in app.vault.read(scope, move |tx| engine::asked::known_as(tx, contact)).await? {
        let answered = answer(app, scope, channel, &known).await;
        let is_last = JobKind::AskPerson.attempts().is_some_and(|most| job.attempt >= most);
        if !names_them(&answered) && (answered.is_ok() || is_last) {
            app.vault.write(scope, move |tx| vault::deletions::not_told(tx, channel)).await?;
        }
        if let Some(person) = answered? {
            app.vault.write(scope, move |tx| engine::asked::told(tx, channel, contact, &person)).await?;
        }
    }
    let job = job.clone();
    app.vault.write(scope, move |tx| jobs::done(tx, &job)).await
}

/// Whether the provider says by which id its app knows them: by that people ask for deletion.
fn names_them(answered: &vault::Result<Option<Person>>) -> bool {
    let by_app = |person: &Person| person.identities.iter().any(|known| known.kind == IdentityKind::AppScopedId);
    answered.as_ref().is_ok_and(|person| person.as_ref().is_some_and(by_app))
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
