//! What a contact agrees to at this moment, by all that it, or anybody who is one with it, said before.

use crate::statement::sql;
use crate::value::params;
use crate::{ConsentId, ContactId, Millis, Result, Tx, merges};

/// Whether a consent for this purpose on this kind of channel is in force now, given by the contact or by anybody who is one
/// with it. In doubt it is not: what one of them has withdrawn overrules what another had given before, and what was withdrawn
/// for this channel overrules what had been given for any. It is the same person's later word.
pub fn in_force(tx: &Tx<'_>, contact: ContactId, purpose: &str, channel: &str) -> Result<bool> {
    Ok(!words(tx, contact, purpose, channel)?.is_empty())
}

/// What somebody said about one purpose on one channel.
pub(super) struct Word {
    pub(super) id: ConsentId,
    /// A word of [`super::Ground`], where the program wrote it.
    pub(super) ground: String,
    of: ContactId,
    channel: String,
    given_at: Millis,
    withdrawn_at: Option<Millis>,
    ends_at: Option<Millis>,
}

impl Word {
    fn overrules(&self, other: &Self) -> bool {
        let about_it = self.of != other.of || (other.channel == "any" && self.channel != "any");
        about_it && self.withdrawn_at.is_some_and(|at| at >= other.given_at)
    }
}

/// The consents that are in force now for a purpose on a kind of channel, the latest first.
pub(super) fn words(tx: &Tx<'_>, contact: ContactId, purpose: &str, channel: &str) -> Result<Vec<Word>> {
    let mut all = Vec::new();
    for member in merges::family(tx, contact)? {
        all.extend(tx.all(
            sql!(
                "SELECT c.id, c.ground, c.channel, c.given_at, w.said_at, c.ends_at FROM consents c LEFT JOIN consent_withdrawals w \
                 ON w.workspace_id = c.workspace_id AND w.consent_id = c.id WHERE c.workspace_id = $1 AND c.contact_id = $2 \
                 AND c.purpose = $3 AND (c.channel = $4 OR c.channel = 'any') AND c.given_at <= $5"
            ),
            params![member, purpose, channel, tx.now()],
            |row| {
                Ok(Word {
                    id: row.get(0)?,
                    ground: row.text(1)?,
                    of: member,
                    channel: row.text(2)?,
                    given_at: row.get(3)?,
                    withdrawn_at: row.get(4)?,
                    ends_at: row.get(5)?,
                })
            },
        )?);
    }
    let ended = |word: &Word| word.withdrawn_at.is_some() || word.ends_at.is_some_and(|at| at <= tx.now());
    let stands = |word: &Word| !ended(word) && !all.iter().any(|other| other.overrules(word));
    let standing: Vec<ConsentId> = all.iter().filter(|word| stands(word)).map(|word| word.id).collect();
    all.retain(|word| standing.contains(&word.id));
    all.sort_by_key(|word| std::cmp::Reverse((word.given_at, word.id)));
    Ok(all)
}
