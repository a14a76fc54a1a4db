//! What stops or lets go rows that wait: a contact withdraws what they were to be sent on, a bound is lifted.

use super::Refusal;
use crate::messages::{self, State};
use crate::statement::sql;
use crate::tx::Wake;
use crate::value::params;
use crate::{ChannelId, ContactId, MessageId, OutboxId, Result, Tx};

/// How many rows one withdrawal stops at once; the gate stops those beyond when their turn comes.
const AT_ONCE: i64 = 200;

/// Stops what waits for a contact on a channel for a purpose: each fails visibly for the same reason. How many it were. What a
/// worker holds at this moment is on its way already.
pub fn stop(tx: &Tx<'_>, channel: ChannelId, contact: ContactId, purpose: &str, refusal: Refusal) -> Result<usize> {
    let waiting: Vec<(OutboxId, MessageId, bool, i64)> = tx.all(
        sql!(
            "SELECT id, message_id, in_doubt, begun FROM outbox WHERE workspace_id = $1 AND channel_id = $2 AND contact_id = $3 \
             AND purpose = $4 AND act = 'message' AND lease IS NULL AND echo_until IS NULL ORDER BY seq LIMIT $5"
        ),
        params![channel, contact, purpose, AT_ONCE],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    for (id, message, in_doubt, begun) in &waiting {
        tx.run(sql!("DELETE FROM outbox WHERE workspace_id = $1 AND id = $2"), params![*id])?;
        let failure = Some(refusal.told_of(*in_doubt, *begun));
        messages::advance(tx, *message, State::Failed, tx.now(), failure)?;
    }
    tx.wake(Wake::Outbox);
    Ok(waiting.len())
}

/// Lets templates go that were put back for want of room, because there may be room now.
pub(crate) fn look_again(tx: &Tx<'_>, channel: ChannelId) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE outbox SET due_at = $3 WHERE workspace_id = $1 AND channel_id = $2 AND is_template \
             AND due_at > $3 AND attempts = 0 AND lease IS NULL AND echo_until IS NULL"
        ),
        params![channel, tx.now()],
    )?;
    tx.wake(Wake::Outbox);
    Ok(())
}
