//! An old copy of the data and the newest custody: what was under keys that gave way cannot be read, and work goes on.

use super::once::furnished_open;
use super::*;
use crate::messages::Direction;
use crate::testing::house::say;
use crate::{DATABASE_FILE, Personal, messages, workspaces};

#[tokio::test]
async fn a_backup_from_before_a_rotation_is_noise_where_the_keys_gave_way() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, clock) = furnished_open(folder.path(), 1);
    let workspace = vault.create_workspace("eu", Personal::new("Nord".into())).await.unwrap();
    let scope = vault.operator_scope(workspace).await.unwrap();
    let furnished = furnished::furnish(&vault, &scope).await;
    let [one, two, _] = furnished.people;
    let before = vault.read(&scope, contents).await.unwrap();
    let backup = folder.path().join("backup.db");
    vault.copy_database_to(backup.clone()).await.unwrap();
    for what in [What::Content, What::Evidence, What::Workspace, What::Contact(one.contact)] {
        let id = vault.write(&scope, move |tx| begin(tx, what)).await.unwrap();
        finish(&vault, &clock, &scope, id).await;
    }
    drop(vault);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("{DATABASE_FILE}{end}")));
    }
    std::fs::rename(backup, folder.path().join(DATABASE_FILE)).unwrap();

    let (vault, clock) = furnished_open(folder.path(), 2);
    vault.reapply_ledger(&scope).await.unwrap();
    let after = vault.read(&scope, contents).await.unwrap();
    let lost = |place: &str| after.get(place).is_some_and(Option::is_none);
    assert!(lost(&format!("messages.body_sealed {}", one.message)));
    assert!(lost(&format!("workspaces.name_sealed {workspace}")));
    assert!(before.keys().filter(|place| place.starts_with("consents.")).all(|place| lost(place)));
    let kept = format!("messages.body_sealed {}", two.message);
    assert_eq!(after[&kept], before[&kept], "whose keys did not give way is there");
    // Whatever is written now is under the keys that there are.
    vault.write(&scope, |tx| workspaces::rename(tx, &Personal::new("Süd".into()))).await.unwrap();
    assert_eq!(vault.read(&scope, workspaces::view).await.unwrap().name.into_revealed(), "Süd");
    let again = vault.write(&scope, move |tx| say(tx, two.conversation, Direction::Incoming, "back")).await.unwrap();
    assert!(vault.read(&scope, move |tx| messages::body(tx, again)).await.unwrap().is_some());
    // Whose keys are gone gets others: the backup's rows name those that custody has no more.
    let anew = vault.write(&scope, move |tx| say(tx, one.conversation, Direction::Incoming, "anew")).await.unwrap();
    assert!(vault.read(&scope, move |tx| messages::body(tx, anew)).await.unwrap().is_some());
    let other = furnished.people[2].contact;
    let id = vault.write(&scope, move |tx| begin(tx, What::Contact(other))).await.unwrap();
    finish(&vault, &clock, &scope, id).await;
}
