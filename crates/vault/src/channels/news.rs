//! What a provider says of an account: how well it thinks of it, how many people it may write to first in a day, whether it
//! works. What was said earlier and comes later changes nothing.

use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Error, Millis, Result, Tx, outbox};

use super::{bump, changed, is_word, require_over};

/// What is kept of an account's standing, and since when.
struct Standing {
    quality: Option<String>,
    quality_at: Option<Millis>,
    recipients: Option<i64>,
    recipients_at: Option<Millis>,
}

/// Notes what a provider said of the account at a moment; what is `None` stays. `daily_recipients` of 0 is without bound.
/// Whether that was news.
///
/// # Errors
/// [`Error::Invalid`] for a quality that is no plain word.
pub fn note_news(
    tx: &Tx<'_>,
    id: ChannelId,
    quality: Option<&str>,
    daily_recipients: Option<i64>,
    at: Millis,
) -> Result<bool> {
    require_over(tx, id)?;
    if quality.is_some_and(|quality| !is_word(quality)) {
        return Err(Error::Invalid("an account's quality is a word".into()));
    }
    let Some(mut standing) = standing(tx, id)? else { return Ok(false) };
    let at = in_seconds(at.min(tx.now()));
    let (mut better_known, mut room) = (false, false);
    if let Some(quality) = quality.filter(|_| is_newer(at, standing.quality_at)) {
        better_known = standing.quality.as_deref() != Some(quality);
        (standing.quality, standing.quality_at) = (Some(quality.to_owned()), Some(at));
    }
    if let Some(recipients) = daily_recipients.filter(|_| is_newer(at, standing.recipients_at)) {
        room = standing.recipients != Some(recipients);
        (standing.recipients, standing.recipients_at) = (Some(recipients), Some(at));
    }
    write(tx, id, &standing)?;
    if room {
        outbox::look_again(tx, id)?;
    }
    if better_known || room {
        bump(tx, id)?;
        changed(tx, id, "channel.updated")?;
    }
    Ok(better_known || room)
}

/// Notes that a provider said at a moment whether the account works; `false` if it has said something newer.
pub fn note_works(tx: &Tx<'_>, id: ChannelId, at: Millis) -> Result<bool> {
    require_over(tx, id)?;
    let noted = tx.run(
        sql!(
            "UPDATE channels SET works_at = $3 WHERE workspace_id = $1 AND id = $2 \
             AND (works_at IS NULL OR works_at <= $3)"
        ),
        params![id, in_seconds(at.min(tx.now()))],
    )?;
    Ok(noted == 1)
}

/// Notes that the account was found to work by a look at it that began at a moment.
pub fn note_proven(tx: &Tx<'_>, id: ChannelId, at: Millis) -> Result<()> {
    require_over(tx, id)?;
    tx.run(
        sql!(
            "UPDATE channels SET proven_at = $3 WHERE workspace_id = $1 AND id = $2 \
             AND (proven_at IS NULL OR proven_at < $3)"
        ),
        params![id, at],
    )?;
    Ok(())
}

/// Whether the account was found to work by a look at it that began after a moment.
pub fn is_proven_since(tx: &Tx<'_>, id: ChannelId, at: Millis) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM channels WHERE workspace_id = $1 AND id = $2 AND proven_at > $3"),
        params![id, at],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Notes to what the channel belongs at the provider together with others, if that is known.
pub fn set_portfolio(tx: &Tx<'_>, id: ChannelId, portfolio: Option<&str>) -> Result<()> {
    require_over(tx, id)?;
    let Some(portfolio) = portfolio else { return Ok(()) };
    let (kind, _) = super::kind_and_state(tx, id)?;
    let hash = tx.blind("portfolio", &format!("{kind}/{portfolio}"))?;
    tx.run(
        sql!("UPDATE channels SET portfolio_hash = $3 WHERE workspace_id = $1 AND id = $2"),
        params![id, &hash[..]],
    )?;
    Ok(())
}

/// Providers tell the time of their news in whole seconds.
fn in_seconds(at: Millis) -> Millis {
    at - at.rem_euclid(1_000)
}

/// Within the same moment the later to come counts.
fn is_newer(at: Millis, before: Option<Millis>) -> bool {
    before.is_none_or(|before| before <= at)
}

fn standing(tx: &Tx<'_>, id: ChannelId) -> Result<Option<Standing>> {
    tx.maybe(
        sql!(
            "SELECT quality, quality_at, daily_recipients, recipients_at FROM channels WHERE workspace_id = $1 AND id = $2"
        ),
        params![id],
        |row| {
            Ok(Standing {
                quality: row.get(0)?,
                quality_at: row.get(1)?,
                recipients: row.get(2)?,
                recipients_at: row.get(3)?,
            })
        },
    )
}

fn write(tx: &Tx<'_>, id: ChannelId, standing: &Standing) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE channels SET quality = $3, quality_at = $4, daily_recipients = $5, recipients_at = $6 \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![id, standing.quality.as_deref(), standing.quality_at, standing.recipients, standing.recipients_at],
    )?;
    Ok(())
}
