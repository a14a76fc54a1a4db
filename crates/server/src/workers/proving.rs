//! Codes by which people prove that an address is theirs: told over the nearest channel that takes them, beside the outbox, so that
//! no member reads one.

use connect::{Receipt, Reply, SendError, Step};
use engine::codes::{self, Way};
use http::HeaderMap;
use vault::jobs::{self, ClaimedJob, JobKind};
use vault::requests::claims::{self, Claim};
use vault::{ClaimId, Scope, channels};

use super::connecting::NoFiles;
use crate::app::Shared;
use crate::outbound::drive;
use crate::page::Words;

/// What came of telling a code one way.
#[derive(PartialEq, Eq)]
enum Told {
    /// It is there, or may be.
    There,
    /// It did not go, for a reason that passes.
    Later,
    /// It does not go this way.
    Never,
}

/// Sends the code of a claim, if the address is somebody's who can be reached. Whether it did is told to nobody.
pub(super) async fn send(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: ClaimId = job.subject_id()?;
    let mut later = false;
    let found = app.vault.read(scope, move |tx| -> vault::Result<_> {
        let Some(claim) = claims::waiting(tx, id)? else { return Ok(None) };
        let ways = codes::ways(tx, &claim.address)?;
        Ok(Some((claim, ways)))
    });
    if let Some((claim, ways)) = found.await? {
        for way in ways {
            match tell(app, scope, (id, &claim), &way).await? {
                Told::There => {
                    later = false;
                    break;
                }
                Told::Later => later = true,
                Told::Never => {}
            }
        }
    }
    let again = later && JobKind::SendRequestCode.attempts().is_some_and(|most| job.attempt < most);
    let job = job.clone();
    let settle = move |tx: &vault::Tx<'_>| {
        if again { jobs::retry(tx, &job, "unreachable", None).map(|_| ()) } else { jobs::done(tx, &job) }
    };
    app.vault.write(scope, settle).await
}

async fn tell(app: &Shared, scope: &Scope, (id, claim): (ClaimId, &Claim), way: &Way) -> vault::Result<Told> {
    let (contact, channel) = (way.contact, way.channel);
    let kept = match app.vault.read(scope, move |tx| channels::account(tx, channel)).await {
        Ok(kept) => kept,
        // Disconnected meanwhile.
        Err(vault::Error::Conflict { .. } | vault::Error::NotFound(_)) => return Ok(Told::Never),
        Err(error) => return Err(error),
    };
    let words = Words::spoken(Some(&claim.language), &HeaderMap::new());
    let sending = way.clone();
    let made = app.vault.write(scope, move |tx| -> vault::Result<_> {
        let code = claims::code(tx, id, contact, channel)?;
        let text = words.say("request.message").replace("{code}", code.reveal());
        Ok(codes::outgoing(tx, &sending, words.say("request.subject"), text))
    });
    let outgoing = made.await?;
    let account = app.account(&kept, way.connector.spec());
    // A connector that calls nobody has told nobody.
    let step = |ctx: &connect::Ctx, replies: &[Reply]| match way.connector.send(ctx, &outgoing, &account, replies) {
        Step::Done(_) if replies.is_empty() => Step::Fail(SendError::Unsupported),
        step => step,
    };
    let sent = match drive(&*app.outbound, &NoFiles, &channel.to_string(), || app.ctx(), step).await {
        Ok(Receipt::Accepted { remotes, .. } | Receipt::Begun { remotes, .. } | Receipt::Partly { remotes, .. }) => {
            remotes
        }
        Ok(Receipt::Unknown) => Vec::new(),
        Err(SendError::Retry(_) | SendError::Throttled(_) | SendError::RecipientThrottled(_)) => {
            return Ok(Told::Later);
        }
        Err(_) => return Ok(Told::Never),
    };
    let way = way.clone();
    app.vault.write(scope, move |tx| codes::sent(tx, &way, &sent)).await?;
    Ok(Told::There)
}
