//! What stops or lets go rows that wait: a contact withdraws what they were to be sent on, a bound is lifted.

use super::{Gate, Refusal, gate};
use crate::messages::{self, State};
use crate::statement::sql;
use crate::tx::Wake;
use crate::value::params;
use crate::{ChannelId, ContactId, MessageId, Millis, OutboxId, Result, Tx, merges};

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
        end(tx, *id, *message, refusal.told_of(*in_doubt, *begun))?;
    }
    tx.wake(Wake::Outbox);
    Ok(waiting.len())
}

fn end(tx: &Tx<'_>, id: OutboxId, message: MessageId, failure: (&str, &str)) -> Result<()> {
    tx.run(sql!("DELETE FROM outbox WHERE workspace_id = $1 AND id = $2"), params![id])?;
    messages::advance(tx, message, State::Failed, tx.now(), Some(failure))?;
    Ok(())
}

/// A message that waits, and the gate that it went through.
struct Waiting {
    id: OutboxId,
    message: MessageId,
    channel: ChannelId,
    in_doubt: bool,
    begun: i64,
    gate: Gate,
}

/// Asks the gate again for all that waits for a contact and those who are one with it, because of what they said, and stops what they do
/// not want any more. How many messages it were. What is refused for another reason waits for its turn.
pub fn reconsider(tx: &Tx<'_>, contact: ContactId) -> Result<usize> {
    let mut stopped = 0;
    for member in merges::family(tx, contact)? {
        for waiting in waiting(tx, member)? {
            let Some(refusal) = gate::check(tx, waiting.channel, member, &waiting.gate)? else { continue };
            if refusal.is_the_contacts() {
                end(tx, waiting.id, waiting.message, refusal.told_of(waiting.in_doubt, waiting.begun))?;
                stopped += 1;
            }
        }
    }
    if stopped > 0 {
        tx.wake(Wake::Outbox);
    }
    Ok(stopped)
}

fn waiting(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Waiting>> {
    tx.all(
        sql!(
            "SELECT o.id, o.message_id, o.channel_id, o.in_doubt, o.begun, o.purpose, o.automatic, o.is_template, o.by_mail, \
             o.free_until, v.window_until FROM outbox o JOIN conversations v ON v.workspace_id = o.workspace_id \
             AND v.id = o.conversation_id WHERE o.workspace_id = $1 AND o.contact_id = $2 \
             AND o.act = 'message' AND o.lease IS NULL AND o.echo_until IS NULL ORDER BY o.seq LIMIT $3"
        ),
        params![contact, AT_ONCE],
        |row| {
            // The contact may have written since it was ordered.
            let (ordered, now): (Option<Millis>, Option<Millis>) = (row.get(9)?, row.get(10)?);
            Ok(Waiting {
                id: row.get(0)?,
                message: row.get(1)?,
                channel: row.get(2)?,
                in_doubt: row.get(3)?,
                begun: row.get(4)?,
                gate: Gate {
                    purpose: gate::purpose_of(&row.text(5)?),
                    automatic: row.get(6)?,
                    is_template: row.get(7)?,
                    by_mail: row.get(8)?,
                    free_until: ordered.map(|until| until.max(now.unwrap_or(until))),
                },
            })
        },
    )
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
