//! Business hours: when a workspace is open, by the week, in its own time zone, and on which days it is not.

#[cfg(test)]
mod tests;
mod week;

pub use week::{Day, Holiday, Hours, Span, Standing, Week, zone};

use crate::facts::{self, Workplace};
use crate::sealing::{Place, Under};
use crate::statement::sql;
use crate::value::params;
use crate::{Error, Result, Right, Tx, audit};

/// Whose hours they are.
const WHOSE: &str = "workspace";
/// The table.
const TABLE: &str = "business_hours";

/// The workspace's hours; those of a workspace that never said any are [`Hours::default`].
pub fn view(tx: &Tx<'_>) -> Result<Hours> {
    let sealed = tx.maybe(
        sql!("SELECT hours_sealed FROM business_hours WHERE workspace_id = $1 AND id = $2"),
        params![WHOSE],
        |row| row.get::<Vec<u8>>(0),
    )?;
    let Some(sealed) = sealed else { return Ok(Hours::default()) };
    let json = tx.open(place(), &sealed)?.ok_or(Error::Erased)?;
    serde_json::from_slice(&json).map_err(|_| Error::Seal("business hours are malformed"))
}

/// Replaces them.
///
/// # Errors
/// [`Error::Invalid`] for hours that cannot be: [`Hours::checked`] says why.
pub fn set(tx: &Tx<'_>, hours: &Hours) -> Result<()> {
    tx.scope()?.require(Right::ManageWorkspace)?;
    let hours = hours.clone().checked()?;
    let json = serde_json::to_vec(&hours).map_err(|_| Error::Invalid("hours cannot be kept".into()))?;
    let sealed = tx.seal(Under::Workspace, place(), &json)?;
    tx.run(
        sql!(
            "INSERT INTO business_hours (workspace_id, id, hours_sealed) VALUES ($1, $2, $3) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET hours_sealed = excluded.hours_sealed"
        ),
        params![WHOSE, sealed],
    )?;
    audit::record(tx, "business_hours.set", &tx.workspace()?.to_string())?;
    facts::workplace(tx, Workplace::Hours)
}

fn place() -> Place<'static> {
    Place { table: TABLE, column: "hours_sealed", row: WHOSE }
}
