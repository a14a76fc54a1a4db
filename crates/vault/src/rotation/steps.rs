//! The steps of a rotation: look at some rows, seal anew what is under an old key, and note the place; look everywhere; wait
//! until nobody can be reading what was there before; destroy.
//!
//! Since the rotation began nothing is sealed under an old key any more, and a cell that was sealed anew stays so. So a pass
//! over everything that found nothing proves that no cell names an old key, whatever was written meanwhile.

use super::What;
use super::place::{self, State, Stored};
use super::retired::{self, Retired};
use super::walk::{self, RowKey, Stretch};
use crate::id::KeyId;
use crate::jobs::{self, JobKind};
use crate::keys::Family;
use crate::map::Seal;
use crate::sealing::Opened;
use crate::{Millis, Result, RotationId, Scope, Tx, Vault, audit};

/// Rows of one page: at most these are written in one transaction.
const PAGE: i64 = if cfg!(test) { 3 } else { 200 };
/// Pages looked at in one transaction that only reads.
const PAGES: usize = 20;
/// Steps until a worker's lease is taken anew.
const STEPS: usize = 500;
/// How long after the last cell was sealed anew the old key is kept: longer than anybody reads from one snapshot.
const GRACE_MS: Millis = 10_000;
/// How soon the index's job is looked at again.
const LOOK_AGAIN_MS: Millis = 500;

/// What a rotation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Come again then: there is more to do, or readers to wait for.
    Waiting(Millis),
    /// The old keys are destroyed, or there is no such rotation any more.
    Done,
}

/// What a look found.
struct Seen {
    /// Cells under an old key: of one page.
    hits: Vec<Hit>,
    /// Where to go on; `None` at the end.
    place: Option<String>,
}

struct Hit {
    stretch: usize,
    column: usize,
    key: RowKey,
}

impl Vault {
    /// Goes on with a rotation until it is done, has to wait, or took long enough. What the job [`JobKind::Rotate`] does.
    ///
    /// # Errors
    /// Whatever stopped it: the job tries again, and finds the place by itself.
    pub async fn carry_on_rotation(&self, scope: &Scope, id: RotationId) -> Result<Progress> {
        for _ in 0..STEPS {
            if let Some(progress) = self.rotation_step(scope, id).await? {
                return Ok(progress);
            }
        }
        Ok(Progress::Waiting(self.clock().now()))
    }

    /// One step; `None` if the next can follow at once.
    pub(super) async fn rotation_step(&self, scope: &Scope, id: RotationId) -> Result<Option<Progress>> {
        // An erased contact's rotation is gone with it.
        let Some(row) = self.read(scope, move |tx| place::find(tx, id)).await? else { return Ok(Some(Progress::Done)) };
        match (row.rotation.state, row.rotation.what) {
            (State::Done, _) => return Ok(Some(Progress::Done)),
            (State::Destroying, _) if self.clock().now() < row.due_at => {
                return Ok(Some(Progress::Waiting(row.due_at)));
            }
            (State::Destroying, _) => self.destroy_old(scope, row).await?,
            (_, What::Contact(_) | What::Content | What::Evidence) => self.reseal(scope, row).await?,
            (_, What::Workspace) => self.rewrap(scope, row).await?,
            (_, What::Audit) => self.hand_audit_over(scope, row).await?,
            (_, What::Index) => {
                let workspace = scope.workspace().to_string();
                let ask = move |tx: &Tx<'_>| jobs::enqueue(tx, JobKind::Index, &workspace, tx.now());
                self.write(scope, ask).await?;
                return Ok(Some(Progress::Waiting(self.clock().now() + LOOK_AGAIN_MS)));
            }
        }
        Ok(None)
    }

    async fn reseal(&self, scope: &Scope, row: Stored) -> Result<()> {
        let generations = self.old_generations(scope, &row).await?;
        let (from, old) = (row.clone(), generations.clone());
        let seen = self.read(scope, move |tx| look(tx, &from, &retired::retired(tx, &from, &old)?)).await?;
        self.write(scope, move |tx| {
            // Somebody else may have gone on with it, and an erasure may have ended it.
            let Some(mut now) = place::find(tx, row.rotation.id)? else { return Ok(()) };
            if (now.rotation.state, &now.place) != (row.rotation.state, &row.place) {
                return Ok(());
            }
            if now.place.is_empty() {
                now.damaged = 0;
            }
            let (sealed, damaged) = seal_anew(tx, &retired::retired(tx, &now, &generations)?, &seen.hits)?;
            now.damaged += damaged;
            now.rotation.cells += sealed;
            now.found += sealed;
            match &seen.place {
                Some(place) => now.place.clone_from(place),
                None => end_of_pass(tx, &mut now),
            }
            place::write(tx, &now)
        })
        .await
    }

    async fn rewrap(&self, scope: &Scope, row: Stored) -> Result<()> {
        let (owner, after, target) = (Some(scope.workspace()), row.place.clone(), row.target);
        let (target, done) = self
            .off_thread(move |vault| {
                // Kept from the first step on: whoever comes late must not end a rotation that was begun since.
                let target = if target == 0 { vault.keys().begin_rewrap(owner)? } else { target };
                Ok((target, vault.keys().rewrap(owner, &after)?))
            })
            .await?;
        self.write(scope, move |tx| {
            let Some(mut now) = place::find(tx, row.rotation.id)? else { return Ok(()) };
            if (now.rotation.state, &now.place, now.target) != (row.rotation.state, &row.place, row.target) {
                return Ok(());
            }
            now.target = target;
            let changed = i64::try_from(done.changed).unwrap_or(i64::MAX);
            now.rotation.cells += changed;
            now.found += changed;
            match &done.last {
                Some(last) => now.place.clone_from(last),
                None => end_of_pass(tx, &mut now),
            }
            place::write(tx, &now)
        })
        .await
    }

    async fn hand_audit_over(&self, scope: &Scope, row: Stored) -> Result<()> {
        let (workspace, target) = (scope.workspace(), row.target);
        self.off_thread(move |vault| vault.keys().hand_audit_over(workspace, target)).await?;
        self.write(scope, move |tx| {
            let Some(mut row) = place::find(tx, row.rotation.id)? else { return Ok(()) };
            if row.rotation.state != State::Sealing {
                return Ok(());
            }
            row.rotation.state = State::Destroying;
            row.due_at = tx.now() + GRACE_MS;
            place::write(tx, &row)
        })
        .await
    }

    /// Custody first: a row that names a destroyed key harms nobody, a key that nobody names would stay for ever.
    async fn destroy_old(&self, scope: &Scope, row: Stored) -> Result<()> {
        let (workspace, id) = (scope.workspace(), row.rotation.id);
        if row.damaged > 0 {
            tracing::warn!(rotation = %id, cells = row.damaged, "cells that were damaged before lose their old key");
        }
        let contacts = match row.rotation.what {
            What::Contact(_) => {
                let of = row.clone();
                let old = self.read(scope, move |tx| retired::retired(tx, &of, &[])).await?;
                old.into_keys().collect()
            }
            _ => Vec::<KeyId>::new(),
        };
        if row.rotation.what == What::Index {
            self.drop_idle_folders(scope).await?;
        }
        let (what, target, doomed) = (row.rotation.what, row.target, contacts.clone());
        self.off_thread(move |vault| {
            let old = |family| vault.keys().generations_before(workspace, family, target);
            match what {
                What::Contact(_) => vault.keys().destroy(workspace, &doomed)?,
                What::Content => vault.keys().destroy(workspace, &old(Family::Content)?)?,
                What::Evidence => vault.keys().destroy(workspace, &old(Family::Evidence)?)?,
                What::Audit => vault.keys().destroy(workspace, &old(Family::Audit)?)?,
                What::Workspace => {
                    vault.keys().retire_parents(Some(workspace), target)?;
                }
                What::Index => vault.keys().destroy(workspace, &old(Family::Index)?)?,
            }
            // What was destroyed leaves this process's memory, too.
            vault.keys().look_again(workspace)
        })
        .await?;
        self.write(scope, move |tx| {
            let Some(mut row) = place::find(tx, row.rotation.id)? else { return Ok(()) };
            if row.rotation.state != State::Destroying {
                return Ok(());
            }
            retired::forget(tx, id, &contacts)?;
            row.rotation.state = State::Done;
            row.rotation.completed_at = Some(tx.now());
            audit::record(tx, "keys.rotated", &row.rotation.id.to_string())?;
            place::write(tx, &row)
        })
        .await
    }
}

/// At the end of a pass: on to the next look, until one has found nothing.
fn end_of_pass(tx: &Tx<'_>, row: &mut Stored) {
    row.rotation.state = match row.rotation.state {
        State::Checking if row.found == 0 => State::Destroying,
        _ => State::Checking,
    };
    row.place = String::new();
    row.found = 0;
    row.due_at = tx.now() + GRACE_MS;
}

/// The tables of a pass. The first is over what should be under the old keys; the look is over everything.
fn is_on_the_way(row: &Stored, stretch: &Stretch) -> bool {
    if row.rotation.state == State::Checking {
        return true;
    }
    match row.rotation.what {
        What::Contact(_) => {
            stretch.has(|seal| matches!(seal, Seal::Profile | Seal::Channel | Seal::ChannelOrWorkspace))
        }
        What::Content => stretch.has(|seal| matches!(seal, Seal::Workspace | Seal::ChannelOrWorkspace)),
        What::Evidence => stretch.has(|seal| seal == Seal::Evidence),
        What::Index | What::Workspace | What::Audit => false,
    }
}

/// Looks at rows from the place on, until a page has cells under an old key, the end, or long enough.
fn look(tx: &Tx<'_>, row: &Stored, old: &Retired) -> Result<Seen> {
    let contact = row.rotation.what.contact().filter(|_| row.rotation.state == State::Sealing);
    let (mut at, mut after) = read_place(&row.place);
    for _ in 0..PAGES {
        let Some(stretch) = walk::way().get(at) else { return Ok(Seen { hits: Vec::new(), place: None }) };
        if !is_on_the_way(row, stretch) {
            (at, after) = (at + 1, Vec::new());
            continue;
        }
        let page = stretch.page(tx, &after, contact, PAGE)?;
        let whole = i64::try_from(page.len()).is_ok_and(|rows| rows == PAGE);
        let mut hits = Vec::new();
        for heads in &page {
            for (column, head) in heads.cells.iter().enumerate() {
                // What names no key at all is damaged, and under no old one.
                if let Some(head) = head
                    && tx.keys.key_of(head).is_ok_and(|key| old.contains_key(&key))
                {
                    hits.push(Hit { stretch: at, column, key: heads.key.clone() });
                }
            }
        }
        (at, after) = match page.into_iter().next_back() {
            Some(last) if whole => (at, last.key),
            _ => (at + 1, Vec::new()),
        };
        if !hits.is_empty() {
            return Ok(Seen { hits, place: write_place(at, &after) });
        }
    }
    Ok(Seen { hits: Vec::new(), place: write_place(at, &after) })
}

/// Seals cells anew that are still under an old key; how many they were, and how many could not be opened.
fn seal_anew(tx: &Tx<'_>, old: &Retired, hits: &[Hit]) -> Result<(i64, i64)> {
    let (mut sealed, mut damaged) = (0, 0);
    for hit in hits {
        let Some(stretch) = walk::way().get(hit.stretch) else { continue };
        match seal_one(tx, old, stretch, hit)? {
            Found::Sealed => sealed += 1,
            Found::Damaged => damaged += 1,
            Found::Nothing => {}
        }
    }
    Ok((sealed, damaged))
}

/// What became of a cell that was under an old key a moment ago.
enum Found {
    Sealed,
    /// The key is there, and does not open it. It keeps no key alive that is to be destroyed.
    Damaged,
    Nothing,
}

fn seal_one(tx: &Tx<'_>, old: &Retired, stretch: &'static Stretch, hit: &Hit) -> Result<Found> {
    let Some(column) = stretch.cells.get(hit.column) else { return Ok(Found::Nothing) };
    let Some(cell) = column.get(tx, &hit.key)? else { return Ok(Found::Nothing) };
    let Some(under) = tx.keys.key_of(&cell).ok().and_then(|key| old.get(&key)) else { return Ok(Found::Nothing) };
    let name = walk::row_name(stretch.table, &hit.key);
    let place = walk::place(stretch.table, column, &name);
    let plain = match tx.open_or_damaged(place, &cell)? {
        Opened::Plain(plain) => zeroize::Zeroizing::new(plain),
        // It was erased meanwhile, or came out of a backup without its key: nobody can read it anyhow.
        Opened::KeyGone => return Ok(Found::Nothing),
        Opened::Damaged => return Ok(Found::Damaged),
    };
    let anew = tx.seal(*under, place, &plain)?;
    column.put(tx, &hit.key, &anew)?;
    Ok(Found::Sealed)
}

/// A place as it is stored: the table's name and the key of its last row, line by line.
fn write_place(at: usize, after: &[String]) -> Option<String> {
    let stretch = walk::way().get(at)?;
    Some(std::iter::once(stretch.table.name).chain(after.iter().map(String::as_str)).collect::<Vec<_>>().join("\n"))
}

/// From the start where there is none, or one that this program does not know.
fn read_place(place: &str) -> (usize, RowKey) {
    let mut lines = place.split('\n').map(str::to_owned);
    let table = lines.next().unwrap_or_default();
    match walk::way().iter().position(|stretch| stretch.table.name == table) {
        Some(at) => (at, lines.collect()),
        None => (0, Vec::new()),
    }
}
