//! Contacts: the people a workspace talks with.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::facts::{self, About, FactKind};
use crate::identities::{self, Identity};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{ContactId, Cursor, Error, Millis, Page, Personal, Result, Tx};

/// A contact as members see it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Contact {
    pub id: ContactId,
    pub name: Option<Personal<String>>,
    pub language: Option<Personal<String>>,
    pub attributes: Personal<Map<String, Value>>,
    pub identities: Vec<Identity>,
    pub restricted: bool,
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

/// Changes what a contact is called.
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
        tx.run(sql!("UPDATE contacts SET name_sealed = $3 WHERE workspace_id = $1 AND id = $2"), params![id, sealed])?;
    }
    if let Some(language) = &profile.language {
        let sealed = seal("language_sealed", language)?;
        tx.run(
            sql!("UPDATE contacts SET language_sealed = $3 WHERE workspace_id = $1 AND id = $2"),
            params![id, sealed],
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

/// Fails unless the contact exists and is un-erased.
pub fn require(tx: &Tx<'_>, id: ContactId) -> Result<()> {
    let found = tx.maybe(
        sql!("SELECT 1 FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"),
        params![id],
        |_| Ok(()),
    )?;
    found.ok_or(Error::NotFound("contact"))
}

/// Notes that a contact was active.
pub fn touch(tx: &Tx<'_>, id: ContactId, at: Millis) -> Result<()> {
    tx.run(
        sql!("UPDATE contacts SET active_at = $3 WHERE workspace_id = $1 AND id = $2 AND active_at < $3"),
        params![id, at],
    )?;
    Ok(())
}

/// One contact.
pub fn view(tx: &Tx<'_>, id: ContactId) -> Result<Contact> {
    let row = tx.maybe(
        sql!(
            "SELECT name_sealed, language_sealed, attributes_sealed, restricted_at IS NOT NULL, created_at, active_at \
             FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"
        ),
        params![id],
        |row| {
            let sealed: [Option<Vec<u8>>; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
            Ok((sealed, row.get(3)?, row.get(4)?, row.get(5)?))
        },
    )?;
    let ([name, language, attributes], restricted, created_at, active_at) = row.ok_or(Error::NotFound("contact"))?;
    let attributes = open(tx, id, "attributes_sealed", attributes)?
        .and_then(|text| serde_json::from_str(text.reveal()).ok())
        .unwrap_or_default();
    Ok(Contact {
        id,
        name: open(tx, id, "name_sealed", name)?,
        language: open(tx, id, "language_sealed", language)?,
        attributes: Personal::new(attributes),
        identities: identities::of(tx, id)?,
        restricted,
        created_at,
        active_at,
    })
}

/// Only the name: what lists of conversations and messages show.
pub fn name(tx: &Tx<'_>, id: ContactId) -> Result<Option<Personal<String>>> {
    let sealed = tx.maybe(
        sql!("SELECT name_sealed FROM contacts WHERE workspace_id = $1 AND id = $2 AND erased_at IS NULL"),
        params![id],
        |row| row.get(0),
    )?;
    open(tx, id, "name_sealed", sealed.flatten())
}

fn open(tx: &Tx<'_>, id: ContactId, column: &'static str, sealed: Option<Vec<u8>>) -> Result<Option<Personal<String>>> {
    let row = id.to_string();
    match sealed {
        Some(sealed) => tx.open_text(Place { table: "contacts", column, row: &row }, &sealed),
        None => Ok(None),
    }
}

/// Un-erased contacts, most recently active first.
pub fn list(tx: &Tx<'_>, after: Option<&Cursor>, limit: i64) -> Result<Page<Contact>> {
    let (key, id) = after.map_or((i64::MAX, ""), |cursor| (cursor.key, cursor.id.as_str()));
    let rows: Vec<(ContactId, i64)> = tx.all(
        sql!(
            "SELECT id, active_at FROM contacts WHERE workspace_id = $1 AND erased_at IS NULL \
             AND (active_at < $2 OR (active_at = $2 AND id < $3)) ORDER BY active_at DESC, id DESC LIMIT $4"
        ),
        params![key, id, limit + 1],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let page = Page::from_overfull(rows, limit, |(id, key)| Cursor { key: *key, id: id.to_string() });
    let data = page.data.iter().map(|(id, _)| view(tx, *id)).collect::<Result<_>>()?;
    Ok(Page { data, next: page.next })
}
