//! Cells that were altered: they stop neither a rotation nor an erasure.

use super::*;
use crate::testing::house::House;
use crate::{ErasureId, erase};

/// Alters the last byte of a cell.
fn alter(tx: &Tx<'_>, table: &str, column: &str, key: &str) -> Result<()> {
    let stretch = walk::way().iter().find(|stretch| stretch.table.name == table).unwrap();
    let column = stretch.cells.iter().find(|cell| cell.name == column).unwrap();
    let mut bytes = column.get(tx, &[key.to_owned()])?.unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    column.put(tx, &[key.to_owned()], &bytes)
}

#[tokio::test]
async fn a_dossier_that_was_altered_stops_neither_a_rotation_nor_its_erasure() {
    let house = House::open();
    let scope = house.workspace().await;
    furnished::furnish(&house.vault, &scope).await;
    while house.vault.index_step(&scope).await.unwrap() {}
    let open = |tx: &Tx<'_>| tx.all(sql!("SELECT id FROM erasures WHERE workspace_id = $1"), &[], |row| row.get(0));
    let erasure: ErasureId = house.sees(&scope, open).await[0];
    house.does(&scope, move |tx| alter(tx, "erasures", "traces_sealed", &erasure.to_string())).await;
    let old = house.sees(&scope, |tx| keys_of(tx, What::Evidence)).await;
    let id = house.does(&scope, |tx| begin(tx, What::Evidence)).await;
    finish(&house.vault, &house.clock, &scope, id).await;
    assert!(!is_in_custody(&house.vault, &scope, old[0]));
    let row = house.sees(&scope, move |tx| place::find(tx, id)).await.unwrap();
    assert_eq!((row.rotation.state, row.damaged), (State::Done, 1));
    assert!(row.rotation.cells > 0, "the whole ones came under the new key");
    while house.vault.carry_on_erasure(&scope, erasure).await.unwrap() == erase::Progress::Waiting {
        while house.vault.index_step(&scope).await.unwrap() {}
    }
}

#[tokio::test]
async fn an_altered_cell_stops_neither_a_rotation_nor_an_erasure() {
    let house = House::open();
    let scope = house.workspace().await;
    let furnished = furnished::furnish(&house.vault, &scope).await;
    let [one, two, _] = furnished.people;
    let what = What::Contact(one.contact);
    while house.vault.index_step(&scope).await.unwrap() {}
    let damage = move |tx: &Tx<'_>| {
        alter(tx, "messages", "body_sealed", &one.message.to_string())?;
        alter(tx, "messages", "remote_sealed", &one.message.to_string())?;
        alter(tx, "conversations", "thread_sealed", &one.conversation.to_string())
    };
    house.does(&scope, damage).await;
    let old = house.sees(&scope, move |tx| keys_of(tx, what)).await;
    let id = house.does(&scope, move |tx| begin(tx, what)).await;
    finish(&house.vault, &house.clock, &scope, id).await;
    for key in old {
        assert!(!is_in_custody(&house.vault, &scope, key), "nobody could read the cells that name it");
    }
    let row = house.sees(&scope, move |tx| place::find(tx, id)).await.unwrap();
    assert_eq!((row.rotation.state, row.damaged), (State::Done, 3));

    let damage = move |tx: &Tx<'_>| {
        alter(tx, "messages", "remote_sealed", &two.message.to_string())?;
        alter(tx, "conversations", "thread_sealed", &two.conversation.to_string())
    };
    house.does(&scope, damage).await;
    for contact in [one.contact, two.contact] {
        let erasure = house.does(&scope, move |tx| erase::begin(tx, contact)).await;
        while house.vault.carry_on_erasure(&scope, erasure).await.unwrap() == erase::Progress::Waiting {
            while house.vault.index_step(&scope).await.unwrap() {}
        }
    }
}
