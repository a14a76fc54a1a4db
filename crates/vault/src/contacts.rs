//! Contacts: the people a workspace talks with.
//!
//! Rows are written one by one; what is shown is the person: a contact with all that were merged into it ([`merges`]).

mod outside;
#[cfg(test)]
mod tests;

pub use outside::{shown_outside, view_outside};

use serde_json::{Map, Value};

use crate::facts::{self, About, FactKind};
use crate::identities::{self, Identity};
use crate::limitations::{self, Limits};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ChannelId, ContactId, Cursor, Error, Millis, Page, Personal, Result, Tx, holds, merges};

/// A contact as members see it: with what is known of those who were merged into it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Contact {
    pub id: ContactId,
    /// Who was merged into it.
    pub merged: Vec<ContactId>,
    pub name: Option<Personal<String>>,
    pub language: Option<Personal<String>>,
    pub attributes: Personal<Map<String, Value>>,
    pub identities: Vec<Identity>,
    /// What limits the use of its data.
    pub limits: Limits,
    /// A legal hold covers something of it.
    pub legal_hold: bool,
    pub created_at: Millis,
    pub active_at: Millis,
}

/// What is known of a contact when it is created, and what can be changed: `None` leaves as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "plain words")]
pub struct Profile {
    pub name: Option<Personal<String>>,
    pub language: Option<Personal<String>>,
    pub attributes: Option<Personal<Map<String, Value>>>,
}

/// Creates a contact; its identities are added by [`identities::add`].
pub fn create(tx: &Tx<'_>, profile: &Profile) -> Result<ContactId> {
    let id: ContactId = tx.id();
    tx.run(
        sql!("INSERT INTO contacts (workspace_id, id, created_at, active_at) VALUES ($1, $2, $3, $3)"),
        params![id, tx.now()],
    )?;
    write_profile(tx, id, profile)?;
    facts::record(tx, FactKind::ContactCreated, About { contact: Some(id), ..About::default() })?;
    Ok(id)
}

/// Changes what this very contact is called. Whoever changes what is shown of a merged contact asks for who is standing.
pub fn update(tx: &Tx<'_>, id: ContactId, profile: &Profile) -> Result<()> {
    require(tx, id)?;
    write_profile(tx, id, profile)?;
    facts::record(tx, FactKind::ContactUpdated, About { contact: Some(id), ..About::default() })?;
    Ok(())
}

fn write_profile(tx: &Tx<'_>, id: ContactId, profile: &Profile) -> Result<()> {
    let row = id.to_string();
    let seal = |column, text: &Personal<String>| {
        tx.seal_text(Under::Contact(id), Place { table: "contacts", column, row: &row }, text)
    };
    if let Some(name) = &profile.name {
        let sealed = seal("name_sealed", name)?;
        crate::indexing::pend_contact(tx, id)?;
        tx.run(
            sql!("UPDATE contacts SET name_sealed = $3, name_from = $4 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed, outside::source(tx)?],
        )?;
    }
    if let Some(language) = &profile.language {
        let sealed = seal("language_sealed", language)?;
        tx.run(
            sql!("UPDATE contacts SET language_sealed = $3, language_from = $4 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed, outside::source(tx)?],
        )?;
    }
    if let Some(attributes) = &profile.attributes {
        let text = Personal::new(Value::Object(attributes.reveal().clone()).to_string());
        let sealed = seal("attributes_sealed", &text)?;
        tx.run(
            sql!("UPDATE contacts SET attributes_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
        )?;
    }
    Ok(())
}

/// Forgets what a contact is called, and the language, where they are known from one channel.
pub(crate) fn forget_from(tx: &Tx<'_>, id: ContactId, channel: ChannelId) -> Result<()> {
    crate::indexing::pend_contact(tx, id)?;
    tx.run(
        sql!("UPDATE contacts SET name_sealed = NULL, name_from = NULL WHERE workspace_id = $1 AND id = $2 AND name_from = $3"),
        params![id, channel],
    )?;
    tx.run(
        sql!(
            "UPDATE contacts SET language_sealed = NULL, language_from = NULL WHERE workspace_id = $1 AND id = $2 \
             AND language_from = $3"
        ),
        params![id, channel],
    )?;
    facts::record(tx, FactKind::ContactUpdated, About { contact: Some(id), ..About::default() }).map(|_| ())
}

/// Fails unless the contact exists and is un-erased.
pub fn require(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"),
        params![id],
        |_| Ok(()),
    )?;
    found.ok_or(Error::NotFound("contact"))
}

/// How much later a contact must be active for its row to say so, in milliseconds: who writes often is written once.
const ACTIVE_STEP: Millis = 1_000;

/// Notes that a contact was active, to the second; whether it has a name.
pub fn meet(tx: &Tx<'_>, id: ContactId, at: Millis) -> Result<bool> {
    let known = tx.maybe(
        sql!(
            "SELECT active_at, name_sealed IS NOT NULL FROM contacts \
             WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"
        ),
        params![id],
        |row| Ok((row.get::<Millis>(0)?, row.get::<bool>(1)?)),
    )?;
    let Some((active_at, is_named)) = known else { return Ok(false) };
    if active_at.saturating_add(ACTIVE_STEP) <= at {
        touch(tx, id, at)?;
    }
    Ok(is_named)
}

/// Notes that a contact was active.
pub fn touch(tx: &Tx<'_>, id: ContactId, at: Millis) -> Result<()> {
    tx.run(
        sql!("UPDATE contacts SET active_at = $3 WHERE workspace_id = $1 AND id = $2 AND active_at < $3"),
        params![id, at],
    )?;
    Ok(())
}

/// The person that a contact is, by whichever of its ids: who stays, with what those have who were merged into it. Where
/// several know the same thing, who stays knows it best, then the oldest.
pub fn view(tx: &Tx<'_>, id: ContactId) -> Result<Contact> {
    let family = merges::family(tx, id)?;
    person(tx, id, family, one)
}

/// The person that a family is, by what is shown of each of them.
fn person(
    tx: &Tx<'_>,
    id: ContactId,
    family: Vec<ContactId>,
    shown: impl Fn(&Tx<'_>, ContactId) -> Result<Contact>,
) -> Result<Contact> {
    let mut members = family.iter().map(|member| shown(tx, *member));
    let mut person = members.next().ok_or(Error::NotFound("contact"))??;
    for other in members {
        let other = other?;
        person.name = person.name.or(other.name);
        person.language = person.language.or(other.language);
        let mut attributes = person.attributes.into_revealed();
        for (key, value) in other.attributes.into_revealed() {
            attributes.entry(key).or_insert(value);
        }
        person.attributes = Personal::new(attributes);
        person.identities.extend(other.identities);
        person.created_at = person.created_at.min(other.created_at);
        person.active_at = person.active_at.max(other.active_at);
    }
    person.limits = limitations::of(tx, id)?;
    person.legal_hold = holds::covers_contact(tx, id)?;
    person.merged = family.into_iter().filter(|member| *member != person.id).collect();
    Ok(person)
}

/// What is known of this very contact.
fn one(tx: &Tx<'_>, id: ContactId) -> Result<Contact> {
    let row = tx.maybe(
        sql!(
            "SELECT name_sealed, language_sealed, attributes_sealed, created_at, active_at \
             FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"
        ),
        params![id],
        |row| {
            let sealed: [Option<Vec<u8>>; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
            Ok((sealed, row.get(3)?, row.get(4)?))
        },
    )?;
    let ([name, language, attributes], created_at, active_at) = row.ok_or(Error::NotFound("contact"))?;
    let attributes = open(tx, id, "attributes_sealed", attributes)?
        .and_then(|text| serde_json::from_str(text.reveal()).ok())
        .unwrap_or_default();
    Ok(Contact {
        id,
        merged: Vec::new(),
        name: open(tx, id, "name_sealed", name)?,
        language: open(tx, id, "language_sealed", language)?,
        attributes: Personal::new(attributes),
        identities: identities::of(tx, id)?,
        limits: Limits::default(),
        legal_hold: false,
        created_at,
        active_at,
    })
}

/// The name of this very contact, as it is kept and indexed.
pub fn name(tx: &Tx<'_>, id: ContactId) -> Result<Option<Personal<String>>> {
    let sealed = tx.maybe(
        sql!("SELECT name_sealed FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"),
        params![id],
        |row| row.get(0),
    )?;
    open(tx, id, "name_sealed", sealed.flatten())
}

/// Who is shown for a contact, and what they are called: what lists of conversations and messages show.
pub fn shown(tx: &Tx<'_>, id: ContactId) -> Result<(ContactId, Option<Personal<String>>)> {
    let found = tx.maybe(
        sql!(
            "SELECT merged_into IS NOT NULL, name_sealed FROM contacts \
             WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"
        ),
        params![id],
        |row| Ok((row.get::<bool>(0)?, row.get::<Option<Vec<u8>>>(1)?)),
    )?;
    match found {
        None => Ok((id, None)),
        Some((false, sealed @ Some(_))) => Ok((id, legible(open(tx, id, "name_sealed", sealed))?)),
        Some(_) => {
            let family = merges::family(tx, id)?;
            let standing = family.first().copied().unwrap_or(id);
            for member in family {
                if let Some(name) = legible(name(tx, member))? {
                    return Ok((standing, Some(name)));
                }
            }
            Ok((standing, None))
        }
    }
}

/// A name that was altered is as if there were none: what its contact wrote is shown and found without it.
fn legible(name: Result<Option<Personal<String>>>) -> Result<Option<Personal<String>>> {
    match name {
        Err(Error::Seal(_)) => Ok(None),
        name => name,
    }
}

fn open(tx: &Tx<'_>, id: ContactId, column: &'static str, sealed: Option<Vec<u8>>) -> Result<Option<Personal<String>>> {
    let row = id.to_string();
    match sealed {
        Some(sealed) => tx.open_text(Place { table: "contacts", column, row: &row }, &sealed),
        None => Ok(None),
    }
}

/// Un-erased contacts, most recently active first. A merged contact is not listed; who stays is where the most recently
/// active of the family is.
pub fn list(tx: &Tx<'_>, after: Option<&Cursor>, limit: i64) -> Result<Page<Contact>> {
    let (key, id) = after.map_or((i64::MAX, ""), |cursor| (cursor.key, cursor.id.as_str()));
    let rows: Vec<(ContactId, i64)> = tx.all(
        sql!(
            "SELECT c.id, c.active_at FROM contacts c WHERE c.workspace_id = $1 AND c.erased_at IS NULL \
             AND (c.active_at < $2 OR (c.active_at = $2 AND c.id < $3)) \
             AND NOT EXISTS (SELECT 1 FROM contacts o WHERE o.workspace_id = $1 \
             AND o.merged_into = COALESCE(c.merged_into, c.id) \
             AND (o.active_at > c.active_at OR (o.active_at = c.active_at AND o.id > c.id))) \
             AND NOT EXISTS (SELECT 1 FROM contacts s WHERE s.workspace_id = $1 AND s.id = c.merged_into \
             AND (s.active_at > c.active_at OR (s.active_at = c.active_at AND s.id > c.id))) \
             ORDER BY c.active_at DESC, c.id DESC LIMIT $4"
        ),
        params![key, id, limit + 1],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let page = Page::from_overfull(rows, limit, |(id, key)| Cursor { key: *key, id: id.to_string() });
    let data = page.data.iter().map(|(id, _)| view(tx, *id)).collect::<Result<_>>()?;
    Ok(Page { data, next: page.next })
}
