//! Websites that ask their visitors for consent (WB-1): what the workspace says about each, every text that was ever shown
//! there, the choices that were made, and how often pages were visited.

mod choices;
mod settings;
#[cfg(test)]
mod tests;
mod visits;

pub use choices::{ChoiceCount, NewChoice, Way, choose, chosen};
pub use settings::{Category, Cookie, LANGUAGES, LONGEST_DAYS, Said, SiteSettings};
pub use visits::{Counted, Device, Report, SiteDay, Visit, report, visit};

use crate::sealing::{Place, Under};
use crate::statement::{installation_sql, sql};
use crate::value::{Row, params};
use crate::{Actor, Error, Millis, Purpose, Result, Right, Scope, SiteId, Tx, Vault, WorkspaceId, audit};

/// How many sites a workspace has at most.
const MANY: i64 = 50;

/// A website.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "plain words")]
pub struct Site {
    pub id: SiteId,
    pub settings: SiteSettings,
    /// Which text is shown there now.
    pub version: String,
    pub created_at: Millis,
}

/// A text as it is shown, with all that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// Of all that is shown: a hash, in hexadecimal.
    pub version: String,
    /// Of what is asked for. With another one, whoever has chosen is asked anew.
    pub purposes: String,
    /// All of it in all languages, as JSON.
    pub text: String,
}

/// Describes a site. It shows `banner` from now on.
///
/// # Errors
/// `limit_reached` at fifty sites; [`Error::Invalid`] for settings that cannot be.
pub fn create(tx: &Tx<'_>, settings: &SiteSettings, banner: &Banner) -> Result<SiteId> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let held = tx.maybe(sql!("SELECT COUNT(*) FROM sites WHERE workspace_id = $1"), params![], |row| row.get(0))?;
    if held.unwrap_or(0) >= MANY {
        return Err(Error::conflict("limit_reached", "a workspace has at most 50 sites; delete one first"));
    }
    let id: SiteId = tx.id();
    tx.run(
        sql!("INSERT INTO sites (workspace_id, id, settings_sealed, version, created_at) VALUES ($1, $2, $3, $4, $5)"),
        params![id, sealed(tx, id, settings)?, &banner.version, tx.now()],
    )?;
    tx.run(sql!("INSERT INTO site_directory (workspace_id, id) VALUES ($1, $2)"), params![id])?;
    keep(tx, id, banner)?;
    audit::record(tx, "site.created", &id.to_string())?;
    Ok(id)
}

/// Describes it anew. What was shown before is kept.
///
/// # Errors
/// As [`create`].
pub fn set(tx: &Tx<'_>, id: SiteId, settings: &SiteSettings, banner: &Banner) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let changed = tx.run(
        sql!("UPDATE sites SET settings_sealed = $3, version = $4 WHERE workspace_id = $1 AND id = $2"),
        params![id, sealed(tx, id, settings)?, &banner.version],
    )?;
    if changed == 0 {
        return Err(Error::NotFound("site"));
    }
    keep(tx, id, banner)?;
    audit::record(tx, "site.updated", &id.to_string())?;
    Ok(())
}

/// Ends it: nobody is asked there any more. Its texts and the choices stay, which prove what was agreed to.
pub fn remove(tx: &Tx<'_>, id: SiteId) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    if tx.run(sql!("DELETE FROM sites WHERE workspace_id = $1 AND id = $2"), params![id])? == 0 {
        return Err(Error::NotFound("site"));
    }
    tx.run(sql!("DELETE FROM site_directory WHERE workspace_id = $1 AND id = $2"), params![id])?;
    audit::record(tx, "site.deleted", &id.to_string())?;
    Ok(())
}

/// All sites, oldest first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Site>> {
    tx.scope()?.require(Right::ReadDirectory)?;
    let rows = tx.all(
        sql!("SELECT id, settings_sealed, version, created_at FROM sites WHERE workspace_id = $1 ORDER BY id"),
        params![],
        read,
    )?;
    rows.into_iter().map(|row| open(tx, row)).collect()
}

/// One of them.
pub fn view(tx: &Tx<'_>, id: SiteId) -> Result<Site> {
    let row = tx.maybe(
        sql!("SELECT id, settings_sealed, version, created_at FROM sites WHERE workspace_id = $1 AND id = $2"),
        params![id],
        read,
    )?;
    open(tx, row.ok_or(Error::NotFound("site"))?)
}

/// A text that is or was shown at a site.
pub fn banner(tx: &Tx<'_>, id: SiteId, version: &str) -> Result<Banner> {
    let row = tx.maybe(
        sql!(
            "SELECT version, purposes, text_sealed FROM banner_texts \
             WHERE workspace_id = $1 AND site_id = $2 AND version = $3"
        ),
        params![id, version],
        |row| Ok((row.text(0)?, row.text(1)?, row.get::<Vec<u8>>(2)?)),
    )?;
    let (version, purposes, sealed) = row.ok_or(Error::NotFound("banner text"))?;
    let text = tx.open(text_place(&named(id, &version)), &sealed)?.ok_or(Error::Erased)?;
    let text = String::from_utf8(text).map_err(|_| Error::Seal("a banner's text is malformed"))?;
    Ok(Banner { version, purposes, text })
}

/// Adds a text to those that were shown, unless it was before.
fn keep(tx: &Tx<'_>, id: SiteId, banner: &Banner) -> Result<()> {
    let text = tx.seal(Under::Evidence, text_place(&named(id, &banner.version)), banner.text.as_bytes())?;
    tx.run(
        sql!(
            "INSERT INTO banner_texts (workspace_id, site_id, version, purposes, text_sealed, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        ),
        params![id, &banner.version, &banner.purposes, text, tx.now()],
    )?;
    Ok(())
}

fn sealed(tx: &Tx<'_>, id: SiteId, settings: &SiteSettings) -> Result<Vec<u8>> {
    let settings = settings.clone().checked()?;
    let json = serde_json::to_vec(&settings).map_err(|_| Error::Invalid("the site cannot be kept".into()))?;
    tx.seal(Under::Workspace, place(&id.to_string()), &json)
}

type Stored = (SiteId, Vec<u8>, String, Millis);

fn read(row: &Row<'_>) -> Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.text(2)?, row.get(3)?))
}

fn open(tx: &Tx<'_>, (id, sealed, version, created_at): Stored) -> Result<Site> {
    let json = tx.open(place(&id.to_string()), &sealed)?.ok_or(Error::Erased)?;
    let settings = serde_json::from_slice(&json).map_err(|_| Error::Seal("a site's settings are malformed"))?;
    Ok(Site { id, settings, version, created_at })
}

fn place(row: &str) -> Place<'_> {
    Place { table: "sites", column: "settings_sealed", row }
}

fn named(id: SiteId, version: &str) -> String {
    format!("{id}/{version}")
}

fn text_place(row: &str) -> Place<'_> {
    Place { table: "banner_texts", column: "text_sealed", row }
}

impl Vault {
    /// The scope in which a site's visitors are served; `None` if there is no such site.
    pub async fn public_site(&self, id: SiteId) -> Result<Option<Scope>> {
        let workspace = self.read_installation(move |tx| {
            tx.maybe(installation_sql!("SELECT workspace_id FROM site_directory WHERE id = $1"), params![id], |row| {
                row.get(0)
            })
        });
        Ok(workspace.await?.map(served))
    }

    /// The scope in which whoever visits a workspace's sites is served; `None` if it has none.
    pub async fn public_sites(&self, workspace: WorkspaceId) -> Result<Option<Scope>> {
        let found = self.read_installation(move |tx| {
            tx.maybe(
                installation_sql!("SELECT workspace_id FROM site_directory WHERE workspace_id = $1 LIMIT 1"),
                params![workspace],
                |row| row.get(0),
            )
        });
        Ok(found.await?.map(served))
    }
}

fn served(workspace: WorkspaceId) -> Scope {
    Scope::new(workspace, Actor::Platform, Purpose::Receiving)
}
