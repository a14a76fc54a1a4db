//! The ways by which a contact is known: kind, scope, keyed hash of the normalised value, sealed value.

mod moving;
#[cfg(test)]
mod tests;

pub use moving::{hand_over, part};

use serde::{Deserialize, Serialize};

use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, IdentityId, Personal, Result, Tx};

/// An identity to look for or to add.
#[derive(Debug, Clone)]
pub struct NewIdentity {
    /// The kind (`phone`, `telegram_id`).
    pub kind: String,
    /// Within what the value is unique; empty for the whole world.
    pub scope: String,
    /// The normalised value.
    pub value: Personal<String>,
}

/// A stored identity.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Identity {
    pub id: IdentityId,
    pub channel: ChannelId,
    pub kind: String,
    pub scope: Personal<String>,
    pub value: Personal<String>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    scope: String,
    value: String,
}

/// The keyed hash by which an identity is found and suppressed.
pub(crate) fn hash(tx: &Tx<'_>, identity: &NewIdentity) -> Result<Vec<u8>> {
    let value = identity.value.reveal();
    // Length prefixes keep (scope, value) pairs apart.
    let text = format!("{}:{}{}:{}{}", identity.kind.len(), identity.kind, identity.scope.len(), identity.scope, value);
    tx.blind("identity", &text)
}

/// Whose identity this is.
pub fn find(tx: &Tx<'_>, identity: &NewIdentity) -> Result<Option<ContactId>> {
    tx.maybe(
        sql!("SELECT contact_id FROM identities WHERE workspace_id = $1 AND value_hash = $2"),
        params![hash(tx, identity)?],
        |row| row.get(0),
    )
}

/// Adds an identity to a contact. One that somebody already has stays where it is.
pub fn add(tx: &Tx<'_>, contact: ContactId, channel: ChannelId, identity: &NewIdentity) -> Result<bool> {
    let id: IdentityId = tx.id();
    let row = id.to_string();
    let plain = serde_json::to_vec(&Sealed { scope: identity.scope.clone(), value: identity.value.reveal().clone() })
        .map_err(|_| crate::Error::Invalid("an identity cannot be written as JSON".into()))?;
    let place = Place { table: "identities", column: "value_sealed", row: &row };
    let sealed = tx.seal(Under::Contact(contact), place, &plain)?;
    let added = tx.run(
        sql!(
            "INSERT INTO identities (workspace_id, id, contact_id, channel_id, kind, value_hash, value_sealed, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, value_hash) DO NOTHING"
        ),
        params![id, contact, channel, &identity.kind, hash(tx, identity)?, sealed, tx.now()],
    )?;
    Ok(added == 1)
}

/// Notes that a contact is known by an identity that another one has: a provider says that both are one person, and whether they
/// become one here is a member's to say.
pub fn share(tx: &Tx<'_>, contact: ContactId, identity: &NewIdentity) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO shared_identities (workspace_id, value_hash, contact_id) VALUES ($1, $2, $3) \
             ON CONFLICT (workspace_id, value_hash, contact_id) DO NOTHING"
        ),
        params![hash(tx, identity)?, contact],
    )?;
    Ok(())
}

/// All contacts that are known by an identity: who has it, and whom else a provider knows by it.
pub fn holders(tx: &Tx<'_>, identity: &NewIdentity) -> Result<Vec<ContactId>> {
    tx.all(
        sql!(
            "SELECT contact_id FROM identities WHERE workspace_id = $1 AND value_hash = $2 \
             UNION SELECT contact_id FROM shared_identities WHERE workspace_id = $1 AND value_hash = $2 ORDER BY 1"
        ),
        params![hash(tx, identity)?],
        |row| row.get(0),
    )
}

/// The contacts who are known on a channel by an identity of a kind, after one of them, in the order of their ids.
pub fn known_on(tx: &Tx<'_>, channel: ChannelId, kind: &str, after: &str, limit: i64) -> Result<Vec<ContactId>> {
    tx.all(
        sql!(
            "SELECT DISTINCT contact_id FROM identities WHERE workspace_id = $1 AND channel_id = $2 AND kind = $3 \
             AND contact_id > $4 ORDER BY contact_id LIMIT $5"
        ),
        params![channel, kind, after, limit],
        |row| row.get(0),
    )
}

/// The id of an identity that somebody has.
pub fn id_of(tx: &Tx<'_>, identity: &NewIdentity) -> Result<Option<IdentityId>> {
    tx.maybe(
        sql!("SELECT id FROM identities WHERE workspace_id = $1 AND value_hash = $2"),
        params![hash(tx, identity)?],
        |row| row.get(0),
    )
}

/// By which identity a conversation's contact wrote last, and whose it is now; `None` if nobody noted it, or it is gone.
pub fn answered(tx: &Tx<'_>, conversation: ConversationId) -> Result<Option<(ContactId, Identity)>> {
    let found = tx.maybe(
        sql!(
            "SELECT i.contact_id, i.id, i.channel_id, i.kind, i.value_sealed FROM conversations c \
             JOIN identities i ON i.workspace_id = c.workspace_id AND i.id = c.answer_to_id \
             WHERE c.workspace_id = $1 AND c.id = $2"
        ),
        params![conversation],
        |row| Ok((row.get(0)?, (row.get::<IdentityId>(1)?, row.get(2)?, row.text(3)?, row.get::<Vec<u8>>(4)?))),
    )?;
    let Some((contact, row)) = found else { return Ok(None) };
    Ok(opened(tx, row)?.map(|identity| (contact, identity)))
}

/// A contact's identities, oldest first.
pub fn of(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Identity>> {
    let rows = tx.all(
        sql!(
            "SELECT id, channel_id, kind, value_sealed FROM identities WHERE workspace_id = $1 AND contact_id = $2 \
             ORDER BY created_at, id LIMIT 100"
        ),
        params![contact],
        |row| Ok((row.get::<IdentityId>(0)?, row.get(1)?, row.text(2)?, row.get::<Vec<u8>>(3)?)),
    )?;
    let mut identities = Vec::with_capacity(rows.len());
    for row in rows {
        identities.extend(opened(tx, row)?);
    }
    Ok(identities)
}

/// A stored identity; `None` if its contact was erased.
fn opened(
    tx: &Tx<'_>,
    (id, channel, kind, sealed): (IdentityId, ChannelId, String, Vec<u8>),
) -> Result<Option<Identity>> {
    let row = id.to_string();
    let Some(plain) = tx.open(Place { table: "identities", column: "value_sealed", row: &row }, &sealed)? else {
        return Ok(None);
    };
    let Sealed { scope, value } =
        serde_json::from_slice(&plain).map_err(|_| crate::Error::Seal("an identity is not JSON"))?;
    Ok(Some(Identity { id, channel, kind, scope: scope.into(), value: value.into() }))
}
