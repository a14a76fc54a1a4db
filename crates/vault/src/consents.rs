//! Consents: who agreed to what, on which text, when and how; sealed evidence under the workspace's evidence key, so
//! that the record outlives the contact's content.
//!
//! What was given is only added to: a withdrawal is an entry of its own ([`withdrawing`]), and the store refuses any change. Whether
//! something is agreed to at this moment says [`standing`]; whoever acts on that holds a [`granted::Granted`].

pub mod granted;
mod pairs;
mod standing;
#[cfg(test)]
mod tests;
mod told;
mod withdrawing;

pub use pairs::{Pair, end, pairs};
pub use standing::in_force;
pub use told::{Proof, restored, told, told_by, told_with};
pub(crate) use withdrawing::end_with;
pub use withdrawing::{BY_CONTACT, Withdrawal, withdraw, withdraw_by};

use crate::facts::{self, About, FactKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::{Row, params};
use crate::{ConsentId, ContactId, Error, Millis, Personal, Result, Tx, merges, workspaces};

/// The longest text that was agreed to, in bytes.
const TEXT_MAX: usize = 20_000;

/// On what somebody may be written to, recorded or read by a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// They said yes (GDPR Art. 6(1)(a)).
    Consent,
    /// They bought something similar, gave their e-mail address then, and did not say no (Directive 2002/58/EC Art. 13(2)).
    SoftOptIn,
}

impl Ground {
    /// The stored and shown word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::SoftOptIn => "soft_opt_in",
        }
    }

    /// The ground of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Consent, Self::SoftOptIn].into_iter().find(|ground| ground.as_str() == word)
    }
}

/// A consent to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct NewConsent {
    pub contact: ContactId,
    /// What for (`marketing`, `recording.quality`).
    pub purpose: String,
    /// For which kind of channel, or `any`.
    pub channel: String,
    /// The legal ground: a word of [`Ground`].
    pub ground: String,
    /// Which version of the text was agreed to.
    pub text_version: String,
    /// The text itself, exactly as it was shown.
    pub text: Option<Personal<String>>,
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
    /// By which country's law the workspace answered then (ISO 3166-1), if that was known.
    pub country: Option<String>,
    pub given_at: Millis,
    /// From when on it counts no longer, where it was given for a while only.
    pub ends_at: Option<Millis>,
    pub withdrawn_at: Option<Millis>,
    /// How it was withdrawn (`contact`, `member`, `provider`, `erasure`).
    pub withdrawn_by: Option<String>,
}

/// Words that are stored plain must be plain words: this keeps people's data out of them.
fn plain_word(field: &str, text: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
        return Err(Error::Invalid(format!("{field}: 1 to 64 letters, digits, '_', '-', '.' or ':'")));
    }
    Ok(())
}

/// A soft opt-in is a ground for advertising alone, on one kind of channel; that this is e-mail, the gate asks (MK-2).
fn check_ground(new: &NewConsent) -> Result<()> {
    match Ground::of(&new.ground) {
        None => Err(Error::Invalid("ground: consent or soft_opt_in".into())),
        Some(Ground::SoftOptIn) if new.purpose != "marketing" || new.channel == "any" => {
            Err(Error::Invalid("ground: a soft opt-in is for marketing by e-mail, and for nothing else".into()))
        }
        Some(Ground::Consent | Ground::SoftOptIn) => Ok(()),
    }
}

/// Records a consent.
///
/// # Errors
/// [`Error::Invalid`] for words that are none, a text that is too long, or a soft opt-in where there can be none;
/// [`Error::NotFound`] if the contact is not there or was erased.
pub fn give(tx: &Tx<'_>, new: &NewConsent) -> Result<ConsentId> {
    give_until(tx, new, None)
}

/// The same, for a while only: from that moment on it counts no longer.
///
/// # Errors
/// As [`give`].
pub fn give_until(tx: &Tx<'_>, new: &NewConsent, ends_at: Option<Millis>) -> Result<ConsentId> {
    crate::contacts::require(tx, new.contact)?;
    for (field, text) in [
        ("purpose", &new.purpose),
        ("channel", &new.channel),
        ("text_version", &new.text_version),
        ("collected_by", &new.collected_by),
    ] {
        plain_word(field, text)?;
    }
    check_ground(new)?;
    let too_long = |text: &Personal<String>| text.reveal().is_empty() || text.reveal().len() > TEXT_MAX;
    if new.text.as_ref().is_some_and(too_long) {
        return Err(Error::Invalid(format!("text: 1 to {TEXT_MAX} bytes, as it was shown")));
    }
    let id: ConsentId = tx.id();
    let row = id.to_string();
    let sealed = |column: &'static str, text: Option<&Personal<String>>| {
        text.map(|text| tx.seal_text(Under::Evidence, Place { table: "consents", column, row: &row }, text)).transpose()
    };
    tx.run(
        sql!(
            "INSERT INTO consents (workspace_id, id, contact_id, purpose, channel, ground, text_version, collected_by, \
             evidence_sealed, given_at, text_sealed, country, ends_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        params![
            id,
            new.contact,
            &new.purpose,
            &new.channel,
            &new.ground,
            &new.text_version,
            &new.collected_by,
            sealed("evidence_sealed", new.evidence.as_ref())?,
            new.given_at,
            sealed("text_sealed", new.text.as_ref())?,
            workspaces::country(tx)?,
            ends_at,
        ],
    )?;
    told_of(tx, new.contact)?;
    Ok(id)
}

/// Whoever looks at a contact sees its consents as they are.
fn told_of(tx: &Tx<'_>, contact: ContactId) -> Result<()> {
    facts::record(tx, FactKind::ContactConsents, About { contact: Some(contact), ..About::default() }).map(|_| ())
}

/// A contact's consents and those of whoever is one with it, newest first, each in the name of who is standing.
pub fn of(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Consent>> {
    let family = merges::family(tx, contact)?;
    let standing = family.first().copied().unwrap_or(contact);
    let mut all = Vec::new();
    for member in family {
        let theirs = recorded(tx, member)?;
        all.extend(theirs.into_iter().map(|consent| Consent { contact: standing, ..consent }));
    }
    all.sort_by_key(|consent| std::cmp::Reverse((consent.given_at, consent.id)));
    Ok(all)
}

/// What is read of a consent and its withdrawal.
macro_rules! read_where {
    ($which:literal) => {
        sql!(concat!(
            "SELECT c.id, c.contact_id, c.purpose, c.channel, c.ground, c.text_version, c.collected_by, c.country, \
             c.given_at, w.said_at, w.way, c.ends_at FROM consents c LEFT JOIN consent_withdrawals w \
             ON w.workspace_id = c.workspace_id AND w.consent_id = c.id WHERE c.workspace_id = $1 AND ",
            $which
        ))
    };
}

fn recorded(tx: &Tx<'_>, contact: ContactId) -> Result<Vec<Consent>> {
    tx.all(read_where!("c.contact_id = $2 ORDER BY c.given_at DESC, c.id DESC LIMIT 500"), params![contact], read)
}

fn read(row: &Row<'_>) -> Result<Consent> {
    Ok(Consent {
        id: row.get(0)?,
        contact: row.get(1)?,
        purpose: row.text(2)?,
        channel: row.text(3)?,
        ground: row.text(4)?,
        text_version: row.text(5)?,
        collected_by: row.text(6)?,
        country: row.get(7)?,
        given_at: row.get(8)?,
        withdrawn_at: row.get(9)?,
        withdrawn_by: row.get(10)?,
        ends_at: row.get(11)?,
    })
}

/// A consent, in the name of whoever is standing, and the exact text that was agreed to, where that was kept.
///
/// # Errors
/// [`Error::NotFound`] if there is no such consent.
pub fn with_text(tx: &Tx<'_>, id: ConsentId) -> Result<(Consent, Option<Personal<String>>)> {
    let found = tx.maybe(read_where!("c.id = $2"), params![id], read)?;
    let consent = found.ok_or(Error::NotFound("consent"))?;
    let sealed =
        tx.maybe(sql!("SELECT text_sealed FROM consents WHERE workspace_id = $1 AND id = $2"), params![id], |row| {
            row.get::<Option<Vec<u8>>>(0)
        })?;
    let row = id.to_string();
    let place = Place { table: "consents", column: "text_sealed", row: &row };
    let text = sealed.flatten().map(|sealed| tx.open_text(place, &sealed)).transpose()?.flatten();
    let contact = merges::standing(tx, consent.contact)?;
    Ok((Consent { contact, ..consent }, text))
}
