//! What an erasure must remember until it is done: which keys to destroy, and, so that nobody may read it afterwards, by which
//! ids providers know what they hold. The latter is sealed under the evidence key. Both are deleted at the end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use crate::id::KeyId;
use crate::sealing::{Opened, Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{
    ChannelId, ContactId, ConversationId, ErasureId, Error, MessageId, Millis, Result, Tx, conversations, identities,
    remotes,
};

/// No more messages than this are looked up at providers, the newest first. Providers that delete at all do so for
/// messages of the last hours or days.
const TRACES: i64 = 2_000;

/// The dossier of an erasure.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Dossier {
    /// Not sealed with the rest: keys are destroyed even if that does not open any more.
    #[serde(skip)]
    pub(super) keys: Vec<KeyId>,
    pub(super) traces: Vec<Held>,
    /// By what the contact was known: addresses, numbers, ids.
    #[serde(default)]
    pub(super) known: Vec<String>,
}

/// A message that a provider holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) channel: ChannelId,
    pub(super) thread: Option<String>,
    pub(super) remotes: Vec<String>,
    pub(super) outgoing: bool,
    pub(super) at: Millis,
}

/// Collects the dossier of a contact and all who are one with it, while their content can still be opened.
pub(super) fn gather(tx: &Tx<'_>, family: &[ContactId]) -> Result<Dossier> {
    let mut whole = Dossier::default();
    for contact in family {
        let of_one = gather_one(tx, *contact)?;
        whole.keys.extend(of_one.keys);
        whole.traces.extend(of_one.traces);
        whole.known.extend(of_one.known);
    }
    whole.traces.sort_by_key(|held| std::cmp::Reverse(held.at));
    whole.traces.truncate(usize::try_from(TRACES).unwrap_or(usize::MAX));
    Ok(whole)
}

fn gather_one(tx: &Tx<'_>, contact: ContactId) -> Result<Dossier> {
    let keys = tx.all(
        sql!("SELECT key_id FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2"),
        params![contact],
        |row| row.get(0),
    )?;
    let messages = tx.all(
        sql!(
            "SELECT id, conversation_id, channel_id, direction, written_at FROM messages WHERE workspace_id = $1 \
             AND contact_id = $2 AND remote_sealed IS NOT NULL ORDER BY written_at DESC, id DESC LIMIT $3"
        ),
        params![contact, TRACES],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.text(3)?, row.get(4)?)),
    )?;
    let mut threads = HashMap::<ConversationId, Option<String>>::new();
    let mut traces = Vec::with_capacity(messages.len());
    for (message, conversation, channel, direction, at) in messages {
        let (message, conversation): (MessageId, ConversationId) = (message, conversation);
        let remotes = or_nothing(remotes::of(tx, message))?;
        if remotes.is_empty() {
            continue;
        }
        let thread = match threads.entry(conversation) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(or_nothing(conversations::thread(tx, conversation))?).clone(),
        };
        traces.push(Held { channel, thread, remotes, outgoing: direction == "outgoing", at });
    }
    let known = or_nothing(identities::of(tx, contact))?;
    let known = known.into_iter().map(|identity| identity.value.into_revealed()).collect();
    Ok(Dossier { keys, traces, known })
}

/// An erasure never depends on opening: what cannot be opened leaves no trace.
pub(super) fn or_nothing<T: Default>(opened: Result<T>) -> Result<T> {
    match opened {
        Err(Error::Seal(_)) => Ok(T::default()),
        other => other,
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "erasures", column: "traces_sealed", row }
}

/// Notes which keys an erasure has to destroy. Their ids lead to nobody.
pub(super) fn doom(tx: &Tx<'_>, id: ErasureId, dossier: &Dossier) -> Result<()> {
    for key in &dossier.keys {
        tx.run(
            sql!("INSERT INTO doomed_keys (workspace_id, erasure_id, key_id) VALUES ($1, $2, $3)"),
            params![id, key],
        )?;
    }
    Ok(())
}

/// The keys that an erasure has yet to destroy.
pub(super) fn doomed(tx: &Tx<'_>, id: ErasureId) -> Result<Vec<KeyId>> {
    tx.all(sql!("SELECT key_id FROM doomed_keys WHERE workspace_id = $1 AND erasure_id = $2"), params![id], |row| {
        row.get(0)
    })
}

/// They are destroyed.
pub(super) fn are_gone(tx: &Tx<'_>, id: ErasureId) -> Result<()> {
    tx.run(sql!("DELETE FROM doomed_keys WHERE workspace_id = $1 AND erasure_id = $2"), params![id])?;
    Ok(())
}

/// Seals a dossier for its erasure's row.
pub(super) fn seal(tx: &Tx<'_>, id: ErasureId, dossier: &Dossier) -> Result<Vec<u8>> {
    let plain =
        serde_json::to_vec(dossier).map_err(|_| Error::Invalid("a dossier cannot be written as JSON".into()))?;
    tx.seal(Under::Evidence, place(&id.to_string()), &zeroize::Zeroizing::new(plain))
}

/// An erasure's dossier; empty once it is done, and where it cannot be opened any more: after a restore its key may be gone.
pub(super) fn open(tx: &Tx<'_>, id: ErasureId) -> Result<Dossier> {
    let sealed =
        tx.maybe(sql!("SELECT traces_sealed FROM erasures WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Option<Vec<u8>>>(0)
        })?;
    let Some(sealed) = sealed.ok_or(Error::NotFound("erasure"))? else { return Ok(Dossier::default()) };
    let dossier = match tx.open_or_damaged(place(&id.to_string()), &sealed)? {
        Opened::Plain(plain) => serde_json::from_slice(&zeroize::Zeroizing::new(plain)).ok(),
        Opened::KeyGone | Opened::Damaged => None,
    };
    Ok(dossier.unwrap_or_else(|| {
        tracing::warn!(erasure = %id, "an erasure's dossier cannot be opened; it goes on without");
        Dossier::default()
    }))
}
