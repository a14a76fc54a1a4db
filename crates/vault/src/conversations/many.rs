//! Many conversations changed alike: what became of each is kept for a day, so that an order that is repeated because its
//! answer was lost is answered as it was the first time, and can be undone.

use super::change::Work;
use super::head;
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ChangesId, ConversationId, Error, Millis, Personal, Result, Tx};

/// How long it is kept, in milliseconds: as long as an idempotent answer.
const KEPT_MS: Millis = crate::idempotency::KEPT_MS;

/// What became of one conversation.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which.
    pub conversation: ConversationId,
    /// Whether anything is different now.
    pub changed: bool,
    /// Why it could not be changed: a stable code.
    pub problem: Option<String>,
    /// How it was; `None` if it could not be changed.
    pub before: Option<Personal<Work>>,
}

/// Keeps what became of one conversation, at its place among the others.
pub fn keep(tx: &Tx<'_>, id: ChangesId, position: usize, outcome: &Outcome) -> Result<()> {
    let conversation = outcome.conversation;
    let whose = match head(tx, conversation) {
        Ok(head) => Some(head),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let row = format!("{id}/{conversation}");
    let place = Place { table: "changes", column: "before_sealed", row: &row };
    let sealed = match (&outcome.before, whose) {
        (Some(before), Some(head)) => {
            let json = serde_json::to_vec(before.reveal());
            let json = json.map_err(|_| Error::Invalid("a state of work cannot be written as JSON".into()))?;
            Some(tx.seal(Under::ContactOn(head.contact, head.channel), place, &json)?)
        }
        _ => None,
    };
    tx.run(
        sql!(
            "INSERT INTO changes (workspace_id, id, conversation_id, contact_id, channel_id, position, changed, problem, \
             before_sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        params![
            id,
            conversation,
            whose.map(|head| head.contact),
            whose.map(|head| head.channel),
            i64::try_from(position).unwrap_or(i64::MAX),
            outcome.changed,
            outcome.problem.as_deref(),
            sealed,
            tx.now(),
        ],
    )?;
    Ok(())
}

/// What became of all of them, in the order in which they were named.
pub fn outcomes(tx: &Tx<'_>, id: ChangesId) -> Result<Vec<Outcome>> {
    let rows = tx.all(
        sql!(
            "SELECT conversation_id, changed, problem, before_sealed FROM changes WHERE workspace_id = $1 AND id = $2 \
             ORDER BY position"
        ),
        params![id],
        |row| Ok((row.get::<ConversationId>(0)?, row.get(1)?, row.get(2)?, row.get::<Option<Vec<u8>>>(3)?)),
    )?;
    let open = |(conversation, changed, problem, sealed): (ConversationId, bool, Option<String>, Option<Vec<u8>>)| {
        let row = format!("{id}/{conversation}");
        let place = Place { table: "changes", column: "before_sealed", row: &row };
        let plain = sealed.map(|sealed| tx.open(place, &sealed)).transpose()?.flatten();
        let read =
            |plain: Vec<u8>| serde_json::from_slice(&plain).map_err(|_| Error::Seal("a state of work is not JSON"));
        Ok(Outcome { conversation, changed, problem, before: plain.map(read).transpose()?.map(Personal::new) })
    };
    rows.into_iter().map(open).collect()
}

/// Forgets what is older than a day, at most `limit` rows; how many it was.
pub(crate) fn sweep(tx: &Tx<'_>, limit: i64) -> Result<u64> {
    tx.run(
        sql!(
            "DELETE FROM changes WHERE workspace_id = $1 AND (id, conversation_id) IN \
             (SELECT id, conversation_id FROM changes WHERE workspace_id = $1 AND created_at <= $2 LIMIT $3)"
        ),
        params![tx.now() - KEPT_MS, limit],
    )
}
