//! What a provider says of an account: how well it thinks of it, and how many people it may write to first in a day.

use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, Error, Result, Tx, outbox};

use super::{bump, changed, is_word, require_over};

/// Notes what a provider says of the account; what is `None` stays. `daily_recipients` of 0 is without bound. Whether that
/// was news.
///
/// # Errors
/// [`Error::Invalid`] for a quality that is no plain word.
pub fn note_news(tx: &Tx<'_>, id: ChannelId, quality: Option<&str>, daily_recipients: Option<i64>) -> Result<bool> {
    require_over(tx, id)?;
    if quality.is_some_and(|quality| !is_word(quality)) {
        return Err(Error::Invalid("an account's quality is a word".into()));
    }
    let news = tx.run(
        sql!(
            "UPDATE channels SET quality = COALESCE($3, quality), daily_recipients = COALESCE($4, daily_recipients) \
             WHERE workspace_id = $1 AND id = $2 AND (COALESCE($3, quality, '') <> COALESCE(quality, '') \
             OR COALESCE($4, daily_recipients, -1) <> COALESCE(daily_recipients, -1))"
        ),
        params![id, quality, daily_recipients],
    )?;
    if news == 0 {
        return Ok(false);
    }
    if daily_recipients.is_some() {
        outbox::look_again(tx, id)?;
    }
    bump(tx, id)?;
    changed(tx, id, "channel.updated")?;
    Ok(true)
}
