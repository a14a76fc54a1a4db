//! A withdrawal: an entry of its own beside the consent, with the moment and the way. It holds at once for all that waits to be
//! sent (MK-1).

use super::told_of;
use crate::statement::sql;
use crate::value::params;
use crate::{Actor, ConsentId, ContactId, Error, Millis, Result, Tx, outbox};

/// The way of whoever withdrew themselves: on a page, by a link or by a word.
pub const BY_CONTACT: &str = "contact";

/// How and when something was withdrawn.
#[derive(Debug, Clone, Copy)]
pub struct Withdrawal<'a> {
    /// A plain word: `contact`, `member`, `provider`, `erasure`, `operator`.
    pub way: &'a str,
    /// When it was said.
    pub at: Millis,
}

/// Withdraws a consent, by whoever acts. Withdrawing twice keeps the first time.
///
/// # Errors
/// [`Error::NotFound`] if there is no such consent.
pub fn withdraw(tx: &Tx<'_>, id: ConsentId) -> Result<()> {
    let way = match tx.scope()?.actor() {
        Actor::Member(..) => "member",
        Actor::Channel(_) | Actor::Visitor(..) => BY_CONTACT,
        Actor::Platform => "platform",
        Actor::Operator => "operator",
    };
    withdraw_by(tx, id, Withdrawal { way, at: tx.now() })
}

/// The same, in a way and at a moment. What waits for the contact and is covered by nothing else any more is stopped.
///
/// # Errors
/// As [`withdraw`].
pub fn withdraw_by(tx: &Tx<'_>, id: ConsentId, said: Withdrawal<'_>) -> Result<()> {
    let contact = note(tx, id, said)?;
    told_of(tx, contact)?;
    outbox::reconsider(tx, contact).map(|_| ())
}

/// Notes a withdrawal and whose it is, and does nothing else.
pub(super) fn note(tx: &Tx<'_>, id: ConsentId, Withdrawal { way, at }: Withdrawal<'_>) -> Result<ContactId> {
    super::plain_word("way", way)?;
    let whose =
        tx.maybe(sql!("SELECT contact_id FROM consents WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<ContactId>(0)
        })?;
    let contact = whose.ok_or(Error::NotFound("consent"))?;
    tx.run(
        sql!(
            "INSERT INTO consent_withdrawals (workspace_id, consent_id, contact_id, way, said_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (workspace_id, consent_id) DO NOTHING"
        ),
        params![id, contact, way, at],
    )?;
    Ok(contact)
}

/// Everything that a contact had agreed to ends with its erasure.
pub(crate) fn end_with(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO consent_withdrawals (workspace_id, consent_id, contact_id, way, said_at) \
             SELECT c.workspace_id, c.id, c.contact_id, 'erasure', $3 FROM consents c \
             WHERE c.workspace_id = $1 AND c.contact_id = $2 AND NOT EXISTS (SELECT 1 FROM consent_withdrawals w \
             WHERE w.workspace_id = $1 AND w.consent_id = c.id)"
        ),
        params![contact, tx.now()],
    )?;
    Ok(())
}
