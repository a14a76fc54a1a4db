//! Workspaces: the installation's customers, isolated from each other.

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::{installation_sql, sql};
use crate::value::params;
use crate::{Actor, Error, Millis, Personal, Purpose, Result, Right, Scope, Tx, Vault, WorkspaceId, audit};

/// Longest name, in characters.
const NAME_MAX: usize = 200;

/// A workspace as its members and the operator see it.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Where its data lives (`eu`).
    pub region: String,
    /// By which country's law it answers its contacts: a code of two letters, by ISO 3166-1.
    pub country: Option<String>,
    /// Whether it declares that it handles health data or other special categories (GDPR, Article 9).
    pub special_categories: bool,
    /// What it is called.
    pub name: Personal<String>,
    /// When it was created.
    pub created_at: Millis,
}

impl Vault {
    /// Creates a workspace. Its keys are in custody before its first row is written, so what is sealed can be opened again.
    ///
    /// # Errors
    /// [`Error::Invalid`] if region or name cannot be.
    pub async fn create_workspace(&self, region: &str, name: Personal<String>) -> Result<WorkspaceId> {
        let region = checked_region(region)?;
        let name = checked_name(&name)?;
        let id = self.read_installation(|tx| Ok::<_, Error>(tx.id::<WorkspaceId>())).await?;
        self.keys().create_workspace(id)?;
        let scope = Scope::new(id, Actor::Operator, Purpose::Administration);
        self.write(&scope, move |tx| insert(tx, &region, &name)).await?;
        Ok(id)
    }

    /// All workspaces of the installation, oldest first, for its operator.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>> {
        let ids = self
            .read_installation(|tx| {
                let all = installation_sql!("SELECT id FROM workspaces ORDER BY created_at, id");
                tx.all(all, params![], |row| row.get::<WorkspaceId>(0))
            })
            .await?;
        let mut workspaces = Vec::with_capacity(ids.len());
        for id in ids {
            // Each name is sealed under its own workspace's key, so each is read in its own scope.
            let scope = Scope::new(id, Actor::Operator, Purpose::Administration);
            workspaces.push(self.read(&scope, view).await?);
        }
        Ok(workspaces)
    }

    /// The scope of whoever runs the installation, for its command line.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such workspace.
    pub async fn operator_scope(&self, workspace: WorkspaceId) -> Result<Scope> {
        let scope = Scope::new(workspace, Actor::Operator, Purpose::Administration);
        self.read(&scope, require).await?;
        Ok(scope)
    }
}

/// The scope's workspace.
pub fn view(tx: &Tx<'_>) -> Result<Workspace> {
    let id = tx.workspace()?;
    let (region, sealed, created_at, country, special) = tx
        .maybe(
            sql!("SELECT region, name_sealed, created_at, country, special_categories FROM workspaces WHERE id = $1"),
            params![],
            |row| Ok((row.text(0)?, row.get::<Vec<u8>>(1)?, row.get(2)?, row.get(3)?, row.get::<i64>(4)?)),
        )?
        .ok_or(Error::NotFound("workspace"))?;
    let name = tx.open_text(name_place(&id.to_string()), &sealed)?.ok_or(Error::Erased)?;
    Ok(Workspace { id, region, country, special_categories: special != 0, name, created_at })
}

/// Whether the scope's workspace declares that it handles health data or other special categories.
pub fn has_special_categories(tx: &Tx<'_>) -> Result<bool> {
    let found =
        tx.maybe(sql!("SELECT special_categories FROM workspaces WHERE id = $1"), params![], |row| row.get::<i64>(0))?;
    found.map(|special| special != 0).ok_or(Error::NotFound("workspace"))
}

/// Declares whether the workspace handles health data or other special categories. Which channels that leaves is the caller's
/// to check, in the same transaction.
pub fn declare_special_categories(tx: &Tx<'_>, special: bool) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    tx.run(sql!("UPDATE workspaces SET special_categories = $2 WHERE id = $1"), params![i64::from(special)])?;
    audit::record(tx, "workspace.declared", &tx.workspace()?.to_string())?;
    facts::workplace(tx, Workplace::Workspace)
}

/// By which country's law the scope's workspace answers.
pub(crate) fn country(tx: &Tx<'_>) -> Result<Option<String>> {
    let found =
        tx.maybe(sql!("SELECT country FROM workspaces WHERE id = $1"), params![], |row| row.get::<Option<String>>(0))?;
    found.ok_or(Error::NotFound("workspace"))
}

/// Says by which country's law the workspace answers; `None`: by no country's that is known. Clocks that run are not moved.
///
/// # Errors
/// [`Error::Invalid`] for anything but a code of two letters, [`Error::Forbidden`] without [`Right::ManageWorkspace`].
pub fn settle(tx: &Tx<'_>, country: Option<&str>) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let country = country.map(str::to_ascii_uppercase);
    if country.as_ref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        return Err(Error::Invalid("country is a code of two letters, by ISO 3166-1 (IT)".into()));
    }
    tx.run(sql!("UPDATE workspaces SET country = $2 WHERE id = $1"), params![country])?;
    audit::record(tx, "workspace.settled", &tx.workspace()?.to_string())?;
    facts::workplace(tx, Workplace::Workspace)
}

/// Changes what the scope's workspace is called.
pub fn rename(tx: &Tx<'_>, name: &Personal<String>) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let id = tx.workspace()?.to_string();
    let sealed = tx.seal_text(Under::Workspace, name_place(&id), &checked_name(name)?)?;
    tx.run(sql!("UPDATE workspaces SET name_sealed = $2 WHERE id = $1"), params![sealed])?;
    audit::record(tx, "workspace.renamed", &id)?;
    facts::workplace(tx, Workplace::Workspace)
}

/// Refuses a scope whose workspace does not exist.
pub(crate) fn require(tx: &Tx<'_>) -> Result<()> {
    tx.maybe(sql!("SELECT created_at FROM workspaces WHERE id = $1"), params![], |row| row.get::<Millis>(0))?
        .map(|_| ())
        .ok_or(Error::NotFound("workspace"))
}

fn insert(tx: &Tx<'_>, region: &str, name: &Personal<String>) -> Result<()> {
    let id = tx.workspace()?.to_string();
    let sealed = tx.seal_text(Under::Workspace, name_place(&id), name)?;
    tx.run(
        sql!("INSERT INTO workspaces (id, region, name_sealed, created_at) VALUES ($1, $2, $3, $4)"),
        params![region, sealed, tx.now()],
    )?;
    for counter in ["facts", "audit"] {
        tx.run(
            sql!("INSERT INTO counters (workspace_id, name, value) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING"),
            params![counter],
        )?;
    }
    audit::record(tx, "workspace.created", &id)?;
    Ok(())
}

fn name_place(id: &str) -> Place<'_> {
    Place { table: "workspaces", column: "name_sealed", row: id }
}

fn checked_region(region: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=32).contains(&region.len()) && region.bytes().all(plain) {
        Ok(region.to_owned())
    } else {
        Err(Error::Invalid("region is 1 to 32 lower-case letters, digits and hyphens".into()))
    }
}

/// A name of a workspace, member or channel: trimmed, not empty, one line.
pub(crate) fn checked_name(name: &Personal<String>) -> Result<Personal<String>> {
    let trimmed = name.reveal().trim();
    if trimmed.is_empty() || trimmed.chars().count() > NAME_MAX || trimmed.chars().any(char::is_control) {
        return Err(Error::Invalid("name is one line of 1 to 200 characters".into()));
    }
    Ok(Personal::new(trimmed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::testing::house::{House, code};

    #[tokio::test]
    async fn a_workspace_is_made_listed_and_renamed() {
        let house = House::open();
        let (one, other) = (house.workspace().await, house.workspace().await);
        house.vault.write(&one, |tx| rename(tx, &Personal::new(" Konditorei ".into()))).await.unwrap();
        let names: Vec<_> = house.vault.workspaces().await.unwrap().into_iter().map(|it| (it.id, it.name)).collect();
        assert!(names.contains(&(one.workspace(), Personal::new("Konditorei".into()))));
        assert!(names.contains(&(other.workspace(), Personal::new("Bäckerei Nord".into()))));
        let seen = house.vault.read(&one, view).await.unwrap();
        assert_eq!((seen.region.as_str(), seen.created_at), ("eu", house.clock_now()));
    }

    #[tokio::test]
    async fn region_and_name_are_checked() {
        let house = House::open();
        for (region, name) in [("", "A"), ("EU", "A"), ("eu", " "), ("eu", "A\nB"), ("eu", &"A".repeat(201))] {
            assert_eq!(code(house.vault.create_workspace(region, Personal::new(name.into())).await), "invalid");
        }
        assert!(house.vault.workspaces().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn there_is_no_scope_of_a_workspace_that_does_not_exist() {
        let house = House::open();
        let id = crate::id::Identifier::from_uuid(uuid::Uuid::nil());
        assert_eq!(code(house.vault.operator_scope(id).await), "not_found");
    }

    #[tokio::test]
    async fn only_who_manages_the_workspace_renames_it() {
        let house = House::open();
        let operator = house.workspace().await;
        let (_, agent) = house.member(&operator, "a@example.org", Role::Agent).await;
        let renamed = house.vault.write(&agent, |tx| rename(tx, &Personal::new("Mine".into())));
        assert_eq!(code(renamed.await), "forbidden");
    }
}
