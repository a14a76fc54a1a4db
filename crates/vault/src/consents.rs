//! Consents: who agreed to what, on which text, when and how; sealed evidence under the workspace's evidence key, so
//! that the record outlives the contact's content.

#[cfg(test)]
mod tests;
mod told;

pub use told::told;

use crate::facts::{self, About, FactKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ConsentId, ContactId, Error, Millis, Personal, Result, Tx, merges};

/// A consent to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewConsent {
    pub contact: ContactId,
    /// What for (`marketing`, `recording`).
    pub purpose: String,
    /// For which kind of channel, or `any`.
    pub channel: String,
    /// The legal ground (`consent`, `soft_opt_in`).
    pub ground: String,
    /// Which version of the text was agreed to.
    pub text_version: String,
    /// How it was collected (`form`, `conversation`, `import`).
    pub collected_by: String,
    /// Whatever proves it.
    pub evidence: Option<Personal<String>>,
    pub given_at: Millis,
}

/// A recorded consent.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Consent {
    pub id: ConsentId,
    pub contact: ContactId,
    pub purpose: String,
    pub channel: String,
    pub ground: String,
    pub text_version: String,
    pub collected_by: String,
    pub given_at: Millis,
    pub withdrawn_at: Option<Millis>,
}

/// Words that are stored plain must be plain words: this keeps people's data out of them.
fn plain_word(field: &str, text: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
        return Err(Error::Invalid(format!("{field}: 1 to 64 letters, digits, '_', '-', '.' or ':'")));
    }
    Ok(())
}

/// Records a consent.
pub fn give(tx: &Tx<'_>, new: &NewConsent) -> Result<ConsentId> {
    crate::contacts::require(tx, new.contact)?;
    for (field, text) in [
        ("purpose", &new.purpose),
        ("channel", &new.channel),
        ("ground", &new.ground),
        ("text_version", &new.text_version),
        ("collected_by", &new.collected_by),
    ] {
        plain_word(field, text)?;
    }
    let id: ConsentId = tx.id();
    let row = id.to_string();
    let place = Place { table: "consents", column: "evidence_sealed", row: &row };
    let evidence = new.evidence.as_ref().map(|text| tx.seal_text(Under::Evidence, place, text)).transpose()?;
    tx.run(
        sql!(
            "INSERT INTO consents (workspace_id, id, contact_id, purpose, channel, ground, text_version, collected_by, \
             evidence_sealed, given_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        params![
            id,
            new.contact,
            &new.purpose,
            &new.channel,
            &new.ground,
            &new.text_version,
            &new.collected_by,
            evidence,
            new.given_at,
        ],
    )?;
    told_of(tx, new.contact)?;
    Ok(id)
}

/// Whoever looks at a contact sees its consents as they are.
fn told_of(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    facts::record(tx, FactKind::ContactConsents, About { contact: Some(contact), ..About::default() }).map(|_| ())
}

/// Withdraws a consent. Withdrawing twice keeps the first time.
pub fn withdraw(tx: &Tx<'_>, id: ConsentId) -> Result<()> {
    let changed = tx.run(
        sql!("UPDATE consents SET withdrawn_at = COALESCE(withdrawn_at, $3) WHERE workspace_id = $1 AND id = $2"),
        params![id, tx.now()],
    )?;
    let whose =
        tx.maybe(sql!("SELECT contact_id FROM consents WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<ContactId>(0)
        })?;
    match whose.filter(|_| changed == 1) {
        Some(contact) => told_of(tx, contact),
        None => Err(Error::NotFound("consent")),
    }
}

/// A contact's consents and those of whoever is one with it, newest first, each in the name of who is standing.
pub fn of(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Consent>> {
    let family = merges::family(tx, contact)?;
    let standing = family.first().copied().unwrap_or(contact);
    let mut all = Vec::new();
    for member in family {
        all.extend(recorded(tx, member, standing)?);
    }
    all.sort_by_key(|consent| std::cmp::Reverse((consent.given_at, consent.id)));
    Ok(all)
}

fn recorded(tx: &Tx<'_>, contact: ContactId, shown: ContactId) -> Result<Vec<Consent>> {
    tx.all(
        sql!(
            "SELECT id, purpose, channel, ground, text_version, collected_by, given_at, withdrawn_at FROM consents \
             WHERE workspace_id = $1 AND contact_id = $2 ORDER BY given_at DESC, id DESC LIMIT 500"
        ),
        params![contact],
        |row| {
            Ok(Consent {
                id: row.get(0)?,
                contact: shown,
                purpose: row.text(1)?,
                channel: row.text(2)?,
                ground: row.text(3)?,
                text_version: row.text(4)?,
                collected_by: row.text(5)?,
                given_at: row.get(6)?,
                withdrawn_at: row.get(7)?,
            })
        },
    )
}

/// Whether a consent for this purpose on this kind of channel is in force now, given by the contact or by anybody who is one
/// with it. In doubt it is not: what one of them has withdrawn overrules what another had given before, and what was withdrawn
/// for this channel overrules what had been given for any. It is the same person's later word.
pub fn in_force(tx: &Tx<'_>, contact: ContactId, purpose: &str, channel: &str) -> Result<bool> {
    let mut words = Vec::new();
    for member in merges::family(tx, contact)? {
        words.extend(tx.all(
            sql!(
                "SELECT channel, given_at, withdrawn_at FROM consents WHERE workspace_id = $1 AND contact_id = $2 \
                 AND purpose = $3 AND (channel = $4 OR channel = 'any') AND given_at <= $5"
            ),
            params![member, purpose, channel, tx.now()],
            |row| Ok(Word { of: member, channel: row.text(0)?, given_at: row.get(1)?, withdrawn_at: row.get(2)? }),
        )?);
    }
    Ok(words.iter().any(|word| word.withdrawn_at.is_none() && !words.iter().any(|other| other.overrules(word))))
}

/// What somebody said about one purpose on one channel.
struct Word {
    of: ContactId,
    channel: String,
    given_at: Millis,
    withdrawn_at: Option<Millis>,
}

impl Word {
    fn overrules(&self, other: &Self) -> bool {
        let about_it = self.of != other.of || (other.channel == "any" && self.channel != "any");
        about_it && self.withdrawn_at.is_some_and(|at| at >= other.given_at)
    }
}
