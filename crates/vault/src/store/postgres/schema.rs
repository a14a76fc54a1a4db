//! Migrations on PostgreSQL.

use postgres::Client;

use super::link::words;
use crate::store::dialect;
use crate::store::migrate::{HISTORY, Migration, pending};
use crate::{Error, Millis, Result};

/// Programs that start at once take turns by this lock (any number that nobody else uses in this database).
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(7214620931)";

/// Applies what is pending, each file in a transaction of its own.
pub(super) fn migrate(client: &mut Client, migrations: &[Migration], now: Millis) -> Result<()> {
    while step(client, migrations, now)? {}
    Ok(())
}

fn step(client: &mut Client, migrations: &[Migration], now: Millis) -> Result<bool> {
    let engine = |error: postgres::Error| Error::Engine(words(&error));
    let mut step = client.transaction().map_err(engine)?;
    step.batch_execute(LOCK).map_err(engine)?;
    step.batch_execute(&dialect::postgres(HISTORY)).map_err(engine)?;
    let applied =
        step.query_one("SELECT COALESCE(MAX(version), 0) FROM schema_migrations", &[]).map_err(engine)?.get(0);
    let pending = pending(migrations, applied)?;
    let Some((version, migration)) = pending.first() else {
        step.commit().map_err(engine)?;
        return Ok(false);
    };
    for statement in dialect::statements(migration.text) {
        step.batch_execute(&dialect::postgres(&statement))
            .map_err(|error| Error::Engine(format!("{} in {}", words(&error), migration.name)))?;
    }
    step.execute(
        "INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)",
        &[version, &migration.name, &now],
    )
    .map_err(engine)?;
    step.commit().map_err(engine)?;
    Ok(true)
}
