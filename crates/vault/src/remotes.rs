//! A message's ids at the provider, by keyed hash: what makes a duplicate delivery one message.

#[cfg(test)]
mod tests;

use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Error, MessageId, Personal, Result, Tx};

fn hash(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<Vec<u8>> {
    tx.blind("remote", &format!("{channel}{remote}"))
}

/// The message with this id at the provider.
pub fn find(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<Option<MessageId>> {
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::NoDuplicateCheck) {
        return Ok(None);
    }
    tx.maybe(
        sql!("SELECT message_id FROM remotes WHERE workspace_id = $1 AND channel_id = $2 AND remote_hash = $3"),
        params![channel, hash(tx, channel, remote)?],
        |row| row.get(0),
    )
}

/// Ties a message to its ids at the provider. Ids already tied stay where they are.
pub fn tie(tx: &Tx<'_>, message: MessageId, contact: ContactId, channel: ChannelId, remotes: &[String]) -> Result<()> {
    for remote in remotes {
        tx.run(
            sql!(
                "INSERT INTO remotes (workspace_id, channel_id, remote_hash, message_id, contact_id, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, channel_id, remote_hash) DO NOTHING"
            ),
            params![channel, hash(tx, channel, remote)?, message, contact, tx.now()],
        )?;
    }
    let row = message.to_string();
    let place = Place { table: "messages", column: "remote_sealed", row: &row };
    // Another system's id may hold anything, line breaks too.
    let list = serde_json::to_string(remotes).map_err(|_| Error::Invalid("ids cannot be written as JSON".into()))?;
    let sealed = tx.seal_text(Under::ContactOn(contact, channel), place, &Personal::new(list))?;
    tx.run(
        sql!("UPDATE messages SET remote_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
        params![message, sealed],
    )?;
    Ok(())
}

/// A message's ids at the provider.
pub fn of(tx: &Tx<'_>, message: MessageId) -> Result<Vec<String>> {
    let sealed = tx.maybe(
        sql!("SELECT remote_sealed FROM messages WHERE workspace_id = $1 AND id = $2"),
        params![message],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    let Some(sealed) = sealed.flatten() else { return Ok(Vec::new()) };
    let row = message.to_string();
    let text = tx.open_text(Place { table: "messages", column: "remote_sealed", row: &row }, &sealed)?;
    let Some(text) = text else { return Ok(Vec::new()) };
    serde_json::from_str(text.reveal()).map_err(|_| Error::Seal("a message's ids at the provider are no JSON list"))
}
