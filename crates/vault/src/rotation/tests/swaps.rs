//! A sealed value opens in its own place alone: over the whole data map, on both engines.

use super::*;
use crate::map::{MAP, Seal};
use crate::messages;
use crate::sealing::{Place, Under};
use crate::testing::house::{House, on_both};

const PLAIN: &[u8] = b"what nobody else may read";

fn columns() -> impl Iterator<Item = (&'static str, &'static str, Seal)> {
    MAP.iter().flat_map(|table| table.sealed.iter().map(|(column, seal)| (table.name, *column, *seal)))
}

/// Seals something as the map says for a column.
fn seal(tx: &Tx<'_>, seal: Seal, person: &furnished::Person, channel: crate::ChannelId, place: Place<'_>) -> Vec<u8> {
    let under = match seal {
        Seal::Profile => Under::Contact(person.contact),
        Seal::Channel | Seal::ChannelOrWorkspace => Under::ContactOn(person.contact, channel),
        Seal::Workspace => Under::Workspace,
        Seal::Evidence => Under::Evidence,
        Seal::Day => return tx.keys.custody_seal(tx.now(), place, tx.chance(), PLAIN).unwrap(),
    };
    tx.seal(under, place, PLAIN).unwrap()
}

/// What is read at a place; nothing if that is refused.
fn open(tx: &Tx<'_>, kind: Seal, place: Place<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
    match kind {
        Seal::Day => tx.keys.custody_open(place, sealed).ok(),
        _ => tx.open(place, sealed).ok().flatten(),
    }
}

#[tokio::test]
async fn no_column_of_the_map_opens_in_another_row_column_table_or_workspace() {
    on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        let furnished = furnished::furnish(&house.vault, &scope).await;
        let person = furnished.people[0];
        let sealed = house
            .does(&scope, move |tx| {
                let mut all = Vec::new();
                for (table, column, kind) in columns() {
                    let own = Place { table, column, row: "row_1" };
                    let sealed = seal(tx, kind, &person, furnished.channel, own);
                    assert_eq!(open(tx, kind, own, &sealed).unwrap(), PLAIN, "{table}.{column}");
                    assert_eq!(open(tx, kind, Place { row: "row_2", ..own }, &sealed), None, "{table}.{column}");
                    for (elsewhere, another, _) in columns().filter(|there| (there.0, there.1) != (table, column)) {
                        let there = Place { table: elsewhere, column: another, row: "row_1" };
                        assert_eq!(open(tx, kind, there, &sealed), None, "{table}.{column} in {elsewhere}.{another}");
                    }
                    all.push(sealed);
                }
                Ok(all)
            })
            .await;
        house
            .sees(&other, move |tx| {
                for ((table, column, kind), sealed) in columns().zip(&sealed).filter(|(of, _)| of.2 != Seal::Day) {
                    let there = open(tx, kind, Place { table, column, row: "row_1" }, sealed);
                    assert_eq!(there, None, "{table}.{column} in another workspace");
                }
                Ok(())
            })
            .await;
    })
    .await;
}

/// A real cell: its bytes and what it says.
#[derive(Clone)]
struct Cell {
    stretch: usize,
    column: usize,
    key: Vec<String>,
    sealed: Vec<u8>,
    plain: Option<Vec<u8>>,
}

fn cells(tx: &Tx<'_>) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    each_cell(tx, |tx, stretch, column, key, sealed| {
        let name = walk::row_name(stretch.table, key);
        let plain = tx.open(walk::place(stretch.table, column, &name), &sealed)?;
        let stretch_at = walk::way().iter().position(|one| std::ptr::eq(one, stretch)).unwrap();
        let column = stretch.cells.iter().position(|one| one.name == column.name).unwrap();
        cells.push(Cell { stretch: stretch_at, column, key: key.to_vec(), sealed, plain });
        Ok(())
    })?;
    Ok(cells)
}

/// Puts foreign bytes into every cell of the database, and reads there.
fn swap_all(tx: &Tx<'_>, own: &[Cell], foreign: &[Cell]) -> Result<usize> {
    let mut refused = 0;
    for at in own {
        let stretch = &walk::way()[at.stretch];
        let column = &stretch.cells[at.column];
        let name = walk::row_name(stretch.table, &at.key);
        for other in foreign.iter().filter(|other| other.sealed != at.sealed) {
            column.put(tx, &at.key, &other.sealed)?;
            let stored = column.get(tx, &at.key)?.unwrap();
            assert_eq!(stored, other.sealed, "it is really there");
            let read = tx.open(walk::place(stretch.table, column, &name), &stored);
            assert!(!matches!(read, Ok(Some(_))), "{}.{} read what belongs elsewhere", stretch.table.name, column.name);
            refused += 1;
        }
        column.put(tx, &at.key, &at.sealed)?;
    }
    Ok(refused)
}

/// One cell of each column, and a second of another contact's row where there is one.
fn samples(cells: &[Cell], of_each: usize) -> Vec<Cell> {
    let mut counts = BTreeMap::<(usize, usize), usize>::new();
    let readable = cells.iter().filter(|cell| cell.plain.is_some());
    let picked = readable.filter(|cell| {
        let count = counts.entry((cell.stretch, cell.column)).or_default();
        *count += 1;
        *count <= of_each
    });
    picked.cloned().collect()
}

#[tokio::test]
async fn no_stored_cell_can_be_moved_to_another_row_column_contact_or_workspace() {
    on_both(async |house| {
        let (scope, other) = (house.workspace().await, house.workspace().await);
        furnished::furnish(&house.vault, &scope).await;
        furnished::furnish(&house.vault, &other).await;
        let all = house.sees(&scope, cells).await;
        let theirs = samples(&house.sees(&other, cells).await, 1);
        let bare = columns().filter(|(_, _, kind)| *kind != Seal::Day).filter(|(table, column, _)| {
            let is = |cell: &Cell| {
                let stretch = &walk::way()[cell.stretch];
                stretch.table.name == *table && stretch.cells[cell.column].name == *column && cell.plain.is_some()
            };
            !all.iter().any(is)
        });
        assert_eq!(bare.map(|(table, column, _)| (table, column)).collect::<Vec<_>>(), [], "furnish these, too");
        let own = samples(&all, 2);
        let refused = house
            .does(&scope, move |tx| {
                let foreign: Vec<Cell> = own.iter().chain(&theirs).cloned().collect();
                swap_all(tx, &samples(&own, 1), &foreign)
            })
            .await;
        assert!(refused > 1_000, "{refused}");
    })
    .await;
}

#[tokio::test]
async fn who_reads_a_message_with_anothers_bytes_in_it_is_refused() {
    let house = House::open();
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [mine, theirs, _] = furnished.people.map(|person| person.message);
    let swap = move |tx: &Tx<'_>| {
        let stretch = walk::way().iter().find(|stretch| stretch.table.name == "messages").unwrap();
        let body = stretch.cells.iter().find(|column| column.name == "body_sealed").unwrap();
        let bytes = body.get(tx, &[mine.to_string()])?.unwrap();
        body.put(tx, &[theirs.to_string()], &bytes)
    };
    assert!(house.vault.read(&scope, move |tx| messages::body(tx, theirs)).await.unwrap().is_some());
    house.does(&scope, swap).await;
    let refused = house.vault.read(&scope, move |tx| messages::body(tx, theirs)).await;
    assert!(matches!(refused, Err(Error::Seal(_))));
}
