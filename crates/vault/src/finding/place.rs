//! Where a workspace's index is: the folder in use and the key it is under, and which other folders there are.
//!
//! A folder is filled by one attempt alone, whose number it bears, and comes into use in one transaction. Who read, wrote
//! or copied an index sees by the last number that was drawn whether anybody began a folder meanwhile: then what he did
//! in the old one is not to be relied on.

use crate::keys::Family;
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Result, Scope, Tx, Vault, rotation};

/// The counter of folders that were begun.
const BEGUN: &str = "index_begun";

/// Where an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its folder; 0 is the first.
    pub(crate) folder: i64,
    /// The generation of the key that its files are under.
    pub(crate) generation: i64,
    /// The last folder that was begun.
    begun: i64,
}

/// Where the index is now.
pub(crate) fn now(tx: &Tx<'_>) -> Result<Place> {
    let stored = tx.all(
        sql!("SELECT name, value FROM counters WHERE workspace_id = $1 AND name IN ('index_folder', 'index_begun')"),
        params![],
        |row| Ok((row.text(0)?, row.get::<i64>(1)?)),
    )?;
    let value = |name: &str| stored.iter().find(|(stored, _)| stored == name).map_or(0, |(_, value)| *value);
    let generation = rotation::generation(tx, Family::Index)?;
    Ok(Place { folder: value("index_folder"), generation, begun: value(BEGUN) })
}

/// Begins a folder that nobody else knows.
pub(crate) fn begin(tx: &Tx<'_>) -> Result<i64> {
    let folder = tx.count(BEGUN)?;
    tx.run(sql!("INSERT INTO index_folders (workspace_id, folder, doomed) VALUES ($1, $2, FALSE)"), params![folder])?;
    Ok(folder)
}

/// Brings a folder that was begun into use, and dooms the one before; `false` if it was doomed meanwhile.
pub(crate) fn turn_to(tx: &Tx<'_>, folder: i64) -> Result<bool> {
    let begun = tx.run(
        sql!("DELETE FROM index_folders WHERE workspace_id = $1 AND folder = $2 AND doomed = FALSE"),
        params![folder],
    )?;
    if begun == 0 {
        return Ok(false);
    }
    let before = now(tx)?.folder;
    tx.run(sql!("INSERT INTO index_folders (workspace_id, folder, doomed) VALUES ($1, $2, TRUE)"), params![before])?;
    tx.run(
        sql!(
            "INSERT INTO counters (workspace_id, name, value) VALUES ($1, 'index_folder', $2) \
             ON CONFLICT (workspace_id, name) DO UPDATE SET value = excluded.value"
        ),
        params![folder],
    )?;
    Ok(true)
}

/// Dooms every folder that is not in use: whoever is filling one finds that he did it in vain.
fn doom(tx: &Tx<'_>) -> Result<Vec<i64>> {
    tx.run(sql!("UPDATE index_folders SET doomed = TRUE WHERE workspace_id = $1"), params![])?;
    tx.all(sql!("SELECT folder FROM index_folders WHERE workspace_id = $1"), params![], |row| row.get(0))
}

impl Vault {
    /// Removes every folder of a workspace's index that is not in use.
    pub(crate) async fn drop_idle_folders(&self, scope: &Scope) -> Result<()> {
        let idle = sql!("SELECT 1 FROM index_folders WHERE workspace_id = $1 LIMIT 1");
        if self.read(scope, move |tx| tx.maybe(idle, params![], |_| Ok(()))).await?.is_none() {
            return Ok(());
        }
        let doomed = self.write(scope, doom).await?;
        for folder in doomed {
            self.drop_folder(scope, folder).await?;
        }
        Ok(())
    }

    /// Removes a folder that is not in use: first its files, then what says that there are some.
    pub(crate) async fn drop_folder(&self, scope: &Scope, folder: i64) -> Result<()> {
        let workspace = scope.workspace();
        self.off_thread(move |vault| Ok(vault.search().remove(workspace, folder)?)).await?;
        let forget = move |tx: &Tx<'_>| {
            tx.run(sql!("DELETE FROM index_folders WHERE workspace_id = $1 AND folder = $2"), params![folder])?;
            Ok::<_, Error>(())
        };
        self.write(scope, forget).await
    }
}
