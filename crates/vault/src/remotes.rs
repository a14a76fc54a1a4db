//! A message's ids at the provider, by keyed hash: what makes a duplicate delivery one message.

#[cfg(test)]
mod tests;

use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Error, MessageId, Millis, Personal, Result, Tx};

/// How long the ids of what an erased contact said are kept after they came, and of what was taken back first, in
/// milliseconds: longer than any provider repeats.
pub(crate) const KEPT_MS: Millis = 9 * 24 * 3_600_000;

fn hash(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<Vec<u8>> {
    tx.blind("remote", &format!("{channel}{remote}"))
}

/// The message with this id at the provider.
pub fn find(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<Option<MessageId>> {
    tx.maybe(
        sql!("SELECT message_id FROM remotes WHERE workspace_id = $1 AND channel_id = $2 AND remote_hash = $3"),
        params![channel, hash(tx, channel, remote)?],
        |row| row.get(0),
    )
}

/// Whether something with this id at the provider came before, or was taken back. What an erased contact said is still known
/// by it, so that a provider that brings it once more does not bring it back.
pub fn is_known(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<bool> {
    #[cfg(any(test, feature = "testing"))]
    if tx.has(crate::testing::planted::Planted::NoDuplicateCheck) {
        return Ok(false);
    }
    let hash = hash(tx, channel, remote)?;
    let found = tx.maybe(
        sql!(
            "SELECT 1 FROM remotes WHERE workspace_id = $1 AND channel_id = $2 AND remote_hash = $3 UNION ALL \
             SELECT 1 FROM suppressions WHERE workspace_id = $1 AND value_hash = $3 AND purpose = 'message' LIMIT 1"
        ),
        params![channel, hash],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whether a message with this id at the provider came before, where different messages may have one id and `fingerprint` tells
/// them apart. Of what came without a fingerprint, and of what we sent, nobody knows: whatever has its id is taken for it.
pub fn is_known_as(tx: &Tx<'_>, channel: ChannelId, remote: &str, fingerprint: &str) -> Result<bool> {
    if is_known(tx, channel, &apart(remote, fingerprint))? {
        return Ok(true);
    }
    Ok(is_known(tx, channel, remote)? && !is_told_apart(tx, channel, remote)?)
}

/// The id of one of several messages that have one.
fn apart(remote: &str, fingerprint: &str) -> String {
    format!("{remote}\n{fingerprint}")
}

fn is_told_apart(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<bool> {
    let told = tx.maybe(
        sql!("SELECT told_apart FROM remotes WHERE workspace_id = $1 AND channel_id = $2 AND remote_hash = $3"),
        params![channel, hash(tx, channel, remote)?],
        |row| row.get::<Option<bool>>(0),
    )?;
    Ok(told.flatten().unwrap_or(false))
}

/// Notes the fingerprint of a message that came with this id, so that another one with the same id is not taken for it.
pub fn tell_apart(
    tx: &Tx<'_>,
    (message, contact, channel): (MessageId, ContactId, ChannelId),
    remote: &str,
    fingerprint: &str,
) -> Result<()> {
    note(tx, message, contact, channel, &[apart(remote, fingerprint)])?;
    // Where another message has it, that one stays as it is.
    tx.run(
        sql!(
            "UPDATE remotes SET told_apart = TRUE \
             WHERE workspace_id = $1 AND channel_id = $2 AND remote_hash = $3 AND message_id = $4"
        ),
        params![channel, hash(tx, channel, remote)?, message],
    )?;
    Ok(())
}

/// Keeps the keyed hashes of what an erased contact said, without whose they were: those that the next batch removes. An id that
/// others' messages may have, too, is none by which it is known.
pub(crate) fn remember(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at) \
             SELECT workspace_id, remote_hash, 'message', 'erased', created_at FROM (SELECT workspace_id, remote_hash, \
             created_at, told_apart FROM remotes WHERE workspace_id = $1 AND contact_id = $2 \
             ORDER BY channel_id, remote_hash LIMIT 500) next WHERE told_apart IS NULL \
             ON CONFLICT (workspace_id, value_hash, purpose) DO NOTHING"
        ),
        params![contact],
    )?;
    Ok(())
}

/// Keeps the keyed hash of something that was taken back before it came: when it comes, it is not kept. `false` if something
/// with this id came already.
pub fn forestall(tx: &Tx<'_>, channel: ChannelId, remote: &str) -> Result<bool> {
    if find(tx, channel, remote)?.is_some() {
        return Ok(false);
    }
    let kept = tx.run(
        sql!(
            "INSERT INTO suppressions (workspace_id, value_hash, purpose, reason, at) \
             VALUES ($1, $2, 'message', 'removed', $3) ON CONFLICT (workspace_id, value_hash, purpose) DO NOTHING"
        ),
        params![hash(tx, channel, remote)?, tx.now()],
    )?;
    Ok(kept == 1)
}

/// Forgets the hashes of what erased contacts said, and of what was taken back before it came, once no provider brings it any more; how many.
pub(crate) fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM suppressions WHERE workspace_id = $1 AND (value_hash, purpose) IN (SELECT value_hash, purpose \
             FROM suppressions WHERE workspace_id = $1 AND purpose = 'message' AND at < $2 LIMIT $3)"
        ),
        params![tx.now() - KEPT_MS, limit],
    )
}

/// Ties a message to its ids at the provider. Ids already tied stay where they are: which other messages have them.
pub fn tie(
    tx: &Tx<'_>,
    message: MessageId,
    contact: ContactId,
    channel: ChannelId,
    remotes: &[String],
) -> Result<Vec<MessageId>> {
    let others = note(tx, message, contact, channel, remotes)?;
    let row = message.to_string();
    let place = Place { table: "messages", column: "remote_sealed", row: &row };
    let sealed = tx.seal_text(Under::ContactOn(contact, channel), place, &Personal::new(listed(remotes)?))?;
    tx.run(
        sql!("UPDATE messages SET remote_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
        params![message, sealed],
    )?;
    Ok(others)
}

/// Makes a message findable by its ids at the provider; which other messages have one of them already.
pub(crate) fn note(
    tx: &Tx<'_>,
    message: MessageId,
    contact: ContactId,
    channel: ChannelId,
    remotes: &[String],
) -> Result<Vec<MessageId>> {
    let mut others = Vec::new();
    for remote in remotes {
        let new = tx.run(
            sql!(
                "INSERT INTO remotes (workspace_id, channel_id, remote_hash, message_id, contact_id, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, channel_id, remote_hash) DO NOTHING"
            ),
            params![channel, hash(tx, channel, remote)?, message, contact, tx.now()],
        )?;
        if new == 0 {
            others.extend(find(tx, channel, remote)?.filter(|other| *other != message && !others.contains(other)));
        }
    }
    Ok(others)
}

/// Gives all ids of one message to another.
pub(crate) fn hand_over(tx: &Tx<'_>, from: MessageId, (to, contact): (MessageId, ContactId)) -> Result<()> {
    tx.run(
        sql!("UPDATE remotes SET message_id = $3, contact_id = $4 WHERE workspace_id = $1 AND message_id = $2"),
        params![from, to, contact],
    )?;
    Ok(())
}

/// The ids as they are sealed: another system's may hold anything, line breaks too.
pub(crate) fn listed(remotes: &[String]) -> Result<String> {
    serde_json::to_string(remotes).map_err(|_| Error::Invalid("ids cannot be written as JSON".into()))
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
