//! What we sent and what the provider told of it from elsewhere can come in either order. Where the echo came first it was
//! recorded as a message of its own; once it is known to be ours, it is folded into ours, and one stays.

use super::{Direction, Head, head, note, note_price};
use crate::facts::FactKind;
use crate::statement::sql;
use crate::value::params;
use crate::{MessageId, Result, Tx, attachments, conversations, indexing, reactions, remotes};

/// Folds an echo into the message that it is an echo of: its ids, what answers it, the reactions to it and how far it came are
/// that message's from now on, and it is gone. `false`, and nothing changed, if it is no echo on the same channel.
pub fn fold(tx: &Tx<'_>, echo: MessageId, into: MessageId) -> Result<bool> {
    let (double, ours) = (head(tx, echo)?, head(tx, into)?);
    if echo == into || double.channel != ours.channel || !is_echo(tx, &double)? {
        return Ok(false);
    }
    remotes::hand_over(tx, echo, (into, ours.contact))?;
    point_elsewhere(tx, &double, into)?;
    reactions::hand_over(tx, echo, into, ours.contact)?;
    attachments::drop_of(tx, echo)?;
    take_price(tx, echo, into)?;
    super::advance(tx, into, double.state, tx.now(), None)?;
    indexing::pend(tx, echo, double.contact)?;
    tx.run(sql!("DELETE FROM messages WHERE workspace_id = $1 AND id = $2"), params![echo])?;
    conversations::end_with_newest(tx, double.conversation, echo)?;
    // Rendered by its ids alone: whoever shows it takes it away.
    note(tx, FactKind::MessageUpdated, double.conversation, echo, double.contact)?;
    conversations::note_updated(tx, double.conversation, double.contact)?;
    Ok(true)
}

/// Nobody here wrote it, and it went out.
fn is_echo(tx: &Tx<'_>, of: &Head) -> Result<bool> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM messages WHERE workspace_id = $1 AND id = $2 AND author_kind = 'system'"),
        params![of.id],
        |_| Ok(()),
    )?;
    Ok(of.direction == Direction::Outgoing && found.is_some())
}

/// What answers it answers the other, and what is to be done about it is done about the other.
fn point_elsewhere(tx: &Tx<'_>, of: &Head, into: MessageId) -> Result<()> {
    tx.run(
        sql!("UPDATE messages SET reply_to = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND reply_to = $3"),
        params![of.conversation, of.id, into],
    )?;
    tx.run(
        sql!("UPDATE outbox SET message_id = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND message_id = $3"),
        params![of.conversation, of.id, into],
    )?;
    Ok(())
}

fn take_price(tx: &Tx<'_>, from: MessageId, to: MessageId) -> Result<()> {
    let price = super::view(tx, from)?.price;
    price.map_or(Ok(false), |price| note_price(tx, to, &price)).map(|_| ())
}
