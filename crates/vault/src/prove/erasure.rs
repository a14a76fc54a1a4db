//! What erased contacts and disconnected channels leave: nothing, by the data map, and by custody no key.

use std::sync::LazyLock;

use super::{DAY_MS, Fault, ROWS, Seen, count, found};
use crate::id::KeyId;
use crate::keys::Deed;
use crate::map::{Fate, MAP, Path};
use crate::statement::{Reach, Statement, sql};
use crate::value::params;
use crate::{ContactId, Result, Scope, Tx, Vault};

/// Ledger lines read at once.
const PAGE: i64 = 1_000;

/// For each table that erasure empties: its name, whether at once, and the contacts erased by `$2` of whom it still has rows.
static LEFT: LazyLock<Vec<(&'static str, bool, Statement)>> = LazyLock::new(|| {
    let of = |table: &'static crate::map::Table| {
        let Path::Column(column) = table.contact else { return None };
        let at_once = match table.fate {
            Fate::AtOnce(_) => true,
            Fate::Batches(_) => false,
            Fate::Untouched | Fate::Tombstone | Fate::Keep(_) => return None,
        };
        let text = format!(
            "SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.erased_at <= $2 AND EXISTS (SELECT 1 FROM {} t \
             WHERE t.workspace_id = $1 AND t.{column} = c.id) ORDER BY c.id LIMIT $3",
            table.name
        );
        let text = Box::leak(text.into_boxed_str());
        Some((table.name, at_once, Statement::new(text, Reach::Workspace, file!(), line!())))
    };
    MAP.iter().filter_map(of).collect()
});

/// The statements, for the tests that prepare every one.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static Statement> {
    LEFT.iter().map(|(_, _, statement)| statement)
}

/// D-1, within the database.
pub(super) fn rows(tx: &Tx<'_>) -> Result<Seen> {
    let all = sql!("SELECT COUNT(*) FROM contacts WHERE workspace_id = $1 AND erased_at IS NOT NULL");
    let mut seen = Seen::of(count(tx, all, params![])?);
    let yesterday = tx.now() - DAY_MS;
    for (table, at_once, statement) in LEFT.iter() {
        let before = if *at_once { tx.now() } else { yesterday };
        seen = seen.and(found(tx, statement, params![before, ROWS], ("erased contacts still have rows", *table))?);
    }
    let named = sql!(
        "SELECT id FROM contacts WHERE workspace_id = $1 AND erased_at IS NOT NULL AND (name_sealed IS NOT NULL OR attributes_sealed \
         IS NOT NULL OR language_sealed IS NOT NULL OR restriction_sealed IS NOT NULL OR objection_sealed IS NOT NULL) ORDER BY id LIMIT $2"
    );
    seen = seen.and(found(tx, named, params![ROWS], ("an erased contact's profile is not empty", "contacts"))?);
    let slow = sql!(
        "SELECT e.id FROM erasures e JOIN contacts c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id \
         WHERE e.workspace_id = $1 AND e.state IN ('unreadable', 'removing') AND c.erased_at <= $2 ORDER BY e.id LIMIT $3"
    );
    Ok(seen.and(found(tx, slow, params![yesterday, ROWS], ("an erasure is not done after a day", "erasures"))?))
}

/// D-1, in custody: keys that were to be destroyed, or were said to be, and are there.
pub(super) async fn keys(vault: &Vault, scope: &Scope) -> Result<Option<Fault>> {
    let doomed = |tx: &Tx<'_>| {
        let due = sql!(
            "SELECT k.key_id FROM doomed_keys k JOIN erasures e ON e.workspace_id = k.workspace_id AND e.id = k.erasure_id \
             JOIN contacts c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id WHERE k.workspace_id = $1 \
             AND (e.state <> 'unreadable' OR c.erased_at <= $2) ORDER BY k.key_id LIMIT $3"
        );
        tx.all(due, params![tx.now() - DAY_MS, ROWS], |row| row.get::<KeyId>(0))
    };
    let doomed = vault.read(scope, doomed).await?;
    let workspace = scope.workspace();
    let alive = vault.off_thread(move |vault| {
        let mut alive = Vec::new();
        for id in doomed {
            if vault.keys().contact_key(workspace, id)?.is_some() {
                alive.push(id.to_string());
            }
        }
        Ok(alive)
    });
    Ok(Fault::about("the key of an erased contact is in custody", "custody", alive.await?))
}

/// D-4.
pub(super) async fn ledger(vault: &Vault, scope: &Scope) -> Result<Seen> {
    let erased = |tx: &Tx<'_>| {
        let all = sql!("SELECT id FROM contacts WHERE workspace_id = $1 AND erased_at IS NOT NULL ORDER BY id");
        tx.all(all, params![], |row| row.get::<ContactId>(0))
    };
    let erased = vault.read(scope, erased).await?;
    let (looked_at, workspace) = (erased.len() as u64, scope.workspace());
    let missing = vault.off_thread(move |vault| {
        let mut told = std::collections::BTreeSet::new();
        let mut after = 0;
        loop {
            let page = vault.keys().ledger(workspace, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            told.extend(
                page.into_iter().filter(|(_, line)| line.deed == Deed::ContactErased).map(|(_, line)| line.subject),
            );
        }
        let mut missing = Vec::new();
        for contact in erased {
            let id = contact.to_string();
            if !told.contains(&vault.keys().line(workspace, Deed::ContactErased, id.as_bytes())?.subject) {
                missing.push(id);
            }
        }
        Ok(missing)
    });
    Ok(Seen::of(looked_at).and(Fault::about("the ledger has no line of an erased contact", "custody", missing.await?)))
}
