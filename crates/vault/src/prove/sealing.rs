//! Every sealed cell is opened (and what was in it forgotten at once): one that holds plain text, or was altered, does not open.

use std::collections::BTreeMap;

use super::{DAY_MS, Fault, ROWS, Seen, found};
use crate::statement::sql;
use crate::value::params;
use crate::{Result, Scope, Tx, Vault, rotation};

/// Rows opened in one closure.
const PAGE: i64 = 200;
/// After how long a rotation of keys that is not done hangs.
const ROTATION_MS: i64 = 7 * DAY_MS;

///
pub(super) async fn look(vault: &Vault, scope: &Scope) -> Result<Seen> {
    let mut seen = vault.read(scope, rotations).await?;
    let mut damaged: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut place = Some((0, Vec::new()));
    while let Some(from) = place.take() {
        let table = rotation::table_on_the_way(from.0);
        let page = move |tx: &Tx<'_>| rotation::look(tx, &from, PAGE);
        let (cells, next) = vault.read(scope, page).await?;
        seen.looked_at += cells.opened + cells.gone + cells.damaged;
        *damaged.entry(table).or_default() += cells.damaged;
        place = next;
    }
    let broken = damaged.into_iter().filter(|(_, cells)| *cells > 0);
    seen.faults.extend(
        broken.map(|(table, cells)| Fault::of("cells do not open: they are not what was sealed", table, cells)),
    );
    Ok(seen)
}

fn rotations(tx: &Tx<'_>) -> Result<Seen> {
    let hanging = sql!(
        "SELECT id FROM rotations WHERE workspace_id = $1 AND state <> 'done' AND started_at <= $2 ORDER BY id LIMIT $3"
    );
    let words = ("a rotation of keys is not done after a week", "rotations");
    Ok(Seen::default().and(found(tx, hanging, params![tx.now() - ROTATION_MS, ROWS], words)?))
}
