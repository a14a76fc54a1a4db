//! What limits the use of a contact's data: a restriction (GDPR Art. 18) and an objection (Art. 21), with who noted it, when
//! and why (S-4). The data stays. What they stop is in [`crate::uses`].
//!
//! Both are written on all who are one, and so hold for each of them also once they are split.

#[cfg(test)]
mod tests;

use crate::facts::{self, About, FactKind};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::uses::Purpose;
use crate::value::params;
use crate::{ContactId, Error, Millis, Personal, Result, Right, Tx, audit, contacts, merges, outbox};

/// Longest reason, in characters.
const REASON_MOST: usize = 2_000;

/// A restriction that stands.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Restriction {
    pub since: Millis,
    /// The member who noted it; empty for the operator and the platform.
    pub by: String,
    pub reason: Option<Personal<String>>,
}

/// An objection that stands.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as of Restriction")]
pub struct Objection {
    /// To what, at least one.
    pub purposes: Vec<Purpose>,
    pub since: Millis,
    pub by: String,
    pub reason: Option<Personal<String>>,
}

/// What limits the use of a contact's data now.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Limits {
    pub restriction: Option<Restriction>,
    pub objection: Option<Objection>,
}

/// Restricts what is done with a person's data: from then on nothing goes to them but a member's own reply, and nothing else
/// uses it. Restricting twice keeps the first time, and takes the newer reason if there is one.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact, [`Error::Forbidden`] without [`Right::ManageConsents`],
/// [`Error::Invalid`] for a reason that is too long.
pub fn restrict(tx: &Tx<'_>, id: ContactId, reason: Option<&Personal<String>>) -> Result<()> {
    for member in concerned(tx, id, reason)? {
        let sealed = seal(tx, member, "restriction_sealed", reason)?;
        let news = tx.run(
            sql!(
                "UPDATE contacts SET restricted_at = $3, restricted_by = $4, restriction_sealed = $5 \
                 WHERE workspace_id = $1 AND id = $2 AND restricted_at IS NULL"
            ),
            params![member, tx.now(), tx.scope()?.actor().id(), sealed.as_deref()],
        )?;
        match (news, sealed) {
            (1, _) => changed(tx, member, "contact.restricted")?,
            (_, Some(sealed)) => {
                tx.run(
                    sql!("UPDATE contacts SET restriction_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
                    params![member, sealed],
                )?;
                changed(tx, member, "contact.restriction_explained")?;
            }
            _ => {}
        }
    }
    outbox::reconsider(tx, id).map(|_| ())
}

/// Lifts a restriction. Nothing where there is none.
///
/// # Errors
/// As [`restrict`].
pub fn unrestrict(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    for member in concerned(tx, id, None)? {
        let news = tx.run(
            sql!(
                "UPDATE contacts SET restricted_at = NULL, restricted_by = NULL, restriction_sealed = NULL \
                 WHERE workspace_id = $1 AND id = $2 AND restricted_at IS NOT NULL"
            ),
            params![member],
        )?;
        if news == 1 {
            changed(tx, member, "contact.unrestricted")?;
        }
    }
    Ok(())
}

/// Notes that a person objects to these purposes, and to those that were noted before. The time is that of the first.
///
/// # Errors
/// As [`restrict`]; [`Error::Invalid`] without a purpose.
pub fn object(tx: &Tx<'_>, id: ContactId, to: &[Purpose], reason: Option<&Personal<String>>) -> Result<()> {
    if to.is_empty() {
        return Err(Error::Invalid("purposes: at least one".into()));
    }
    let known = of(tx, id)?.objection.map(|objection| objection.purposes).unwrap_or_default();
    let all: Vec<Purpose> = Purpose::ALL.into_iter().filter(|one| to.contains(one) || known.contains(one)).collect();
    for member in concerned(tx, id, reason)? {
        let sealed = seal(tx, member, "objection_sealed", reason)?;
        tx.run(
            sql!(
                "UPDATE contacts SET objected_at = COALESCE(objected_at, $3), objected_by = COALESCE(objected_by, $4), \
                 objected_to = $5, objection_sealed = COALESCE($6, objection_sealed) WHERE workspace_id = $1 AND id = $2"
            ),
            params![member, tx.now(), tx.scope()?.actor().id(), words(&all), sealed],
        )?;
        changed(tx, member, "contact.objected")?;
    }
    outbox::reconsider(tx, id).map(|_| ())
}

/// Notes that a person objects no more. Nothing where they do not.
///
/// # Errors
/// As [`restrict`].
pub fn withdraw_objection(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    for member in concerned(tx, id, None)? {
        let news = tx.run(
            sql!(
                "UPDATE contacts SET objected_at = NULL, objected_by = NULL, objected_to = NULL, objection_sealed = NULL \
                 WHERE workspace_id = $1 AND id = $2 AND objected_at IS NOT NULL"
            ),
            params![member],
        )?;
        if news == 1 {
            changed(tx, member, "contact.objection_withdrawn")?;
        }
    }
    Ok(())
}

/// What limits the use of the data of a contact, or of anybody who is one with it: what stands longest is shown, and of
/// objections all purposes.
///
/// # Errors
/// [`Error::NotFound`] if there is no such contact, or it was erased.
pub fn of(tx: &Tx<'_>, id: ContactId) -> Result<Limits> {
    let mut limits = Limits::default();
    for member in merges::family(tx, id)? {
        let Limits { restriction, objection } = one(tx, member)?;
        let earlier = |since: Millis, other: Option<Millis>| other.is_none_or(|other| since < other);
        if let Some(found) = restriction
            && earlier(found.since, limits.restriction.as_ref().map(|known| known.since))
        {
            limits.restriction = Some(found);
        }
        limits.objection = joined(limits.objection, objection);
    }
    Ok(limits)
}

fn joined(one: Option<Objection>, other: Option<Objection>) -> Option<Objection> {
    let (Some(one), Some(other)) = (&one, &other) else { return one.or(other) };
    let first = if one.since <= other.since { one } else { other };
    let named = |purpose: &Purpose| one.purposes.contains(purpose) || other.purposes.contains(purpose);
    Some(Objection { purposes: Purpose::ALL.into_iter().filter(named).collect(), ..first.clone() })
}

/// What stands of this very contact.
fn one(tx: &Tx<'_>, id: ContactId) -> Result<Limits> {
    let found = tx.maybe(
        sql!(
            "SELECT restricted_at, restricted_by, restriction_sealed, objected_at, objected_by, objection_sealed, objected_to \
             FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"
        ),
        params![id],
        |row| {
            let restricted: (Option<Millis>, Option<String>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let objected: (Option<Millis>, Option<String>, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?, row.get(5)?);
            Ok((restricted, objected, row.get::<Option<String>>(6)?.unwrap_or_default()))
        },
    )?;
    let (restricted, objected, to) = found.ok_or(Error::NotFound("contact"))?;
    let restriction = match restricted {
        (None, ..) => None,
        (Some(since), by, reason) => {
            Some(Restriction { since, by: by.unwrap_or_default(), reason: open(tx, id, "restriction_sealed", reason)? })
        }
    };
    let objection = match objected {
        (None, ..) => None,
        (Some(since), by, reason) => Some(Objection {
            purposes: to.split(' ').filter_map(Purpose::of).collect(),
            since,
            by: by.unwrap_or_default(),
            reason: open(tx, id, "objection_sealed", reason)?,
        }),
    };
    Ok(Limits { restriction, objection })
}

/// All who are one with a contact, if the scope may limit what is done with them.
fn concerned(tx: &Tx<'_>, id: ContactId, reason: Option<&Personal<String>>) -> Result<Vec<ContactId>> {
    tx.scope()?.require(Right::ManageConsents)?;
    if reason.is_some_and(|reason| reason.reveal().chars().count() > REASON_MOST) {
        return Err(Error::Invalid(format!("reason: at most {REASON_MOST} characters")));
    }
    let family = merges::family(tx, id)?;
    family.iter().try_for_each(|member| contacts::require(tx, *member))?;
    Ok(family)
}

fn words(purposes: &[Purpose]) -> String {
    purposes.iter().map(|purpose| purpose.as_str()).collect::<Vec<_>>().join(" ")
}

fn seal(
    tx: &Tx<'_>,
    id: ContactId,
    column: &'static str,
    reason: Option<&Personal<String>>,
) -> Result<Option<Vec<u8>>> {
    let row = id.to_string();
    let place = Place { table: "contacts", column, row: &row };
    let said = reason.filter(|reason| !reason.reveal().trim().is_empty());
    said.map(|reason| tx.seal_text(Under::Contact(id), place, reason)).transpose()
}

/// A reason that was altered is as if there were none: what it explains holds all the same.
fn open(tx: &Tx<'_>, id: ContactId, column: &'static str, sealed: Option<Vec<u8>>) -> Result<Option<Personal<String>>> {
    let row = id.to_string();
    let Some(sealed) = sealed else { return Ok(None) };
    match tx.open_text(Place { table: "contacts", column, row: &row }, &sealed) {
        Err(Error::Seal(_)) => Ok(None),
        reason => reason,
    }
}

fn changed(tx: &Tx<'_>, id: ContactId, act: &'static str) -> Result<()> {
    audit::record(tx, act, &id.to_string())?;
    facts::record(tx, FactKind::ContactUpdated, About { contact: Some(id), ..About::default() }).map(|_| ())
}
