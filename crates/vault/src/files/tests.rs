//! Files of which no row tells are removed, and no others.

use super::*;
use crate::testing::house::{House, on_both};
use crate::{Personal, Tx, audit};

const DAY_MS: Millis = 24 * 3_600_000;

/// The bytes of a file, without its row.
fn written(house: &House) -> (AttachmentId, attachments::Stored) {
    let mut file = house.vault.new_file(None, 100).unwrap();
    file.append(b"some bytes").unwrap();
    (file.id(), file.finish().unwrap())
}

fn names(house: &House) -> BTreeSet<AttachmentId> {
    let names = house.vault.blobs().list("attachments/").unwrap();
    names.iter().map(|name| name.strip_prefix("attachments/").unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn what_a_crash_left_between_bytes_and_row_is_removed_and_nothing_else() {
    on_both(async |house| {
        let (one, two) = (house.workspace().await, house.workspace().await);
        let (orphan, _) = written(house);
        let mut kept = BTreeSet::new();
        for scope in [&one, &two] {
            let (id, stored) = written(house);
            let name = Personal::new("a.txt".to_owned());
            house
                .does(scope, move |tx: &Tx<'_>| {
                    attachments::uploaded(tx, id, &name, &stored)?;
                    audit::record(tx, "attachment.uploaded", &id.to_string()).map(|_| ())
                })
                .await;
            kept.insert(id);
        }
        // One that is written for very long.
        let slow = house.vault.new_file(None, 100).unwrap();
        house.clock.advance(DAY_MS + 1);
        let (young, _) = written(house);
        kept.insert(young);
        let found = house.vault.sweep_files(&BTreeSet::new()).await.unwrap();
        assert_eq!(found, [orphan].into(), "neither a young one nor one that has a row");
        assert!(names(house).contains(&orphan), "it is looked twice");
        let slow_id = slow.id();
        slow.finish().unwrap();
        assert_eq!(house.vault.sweep_files(&found).await.unwrap(), [slow_id].into(), "its row may be about to come");
        assert_eq!(names(house), kept.iter().copied().chain([slow_id]).collect());
    })
    .await;
}

#[tokio::test]
async fn where_nearly_all_files_are_nobodys_none_is_removed() {
    let house = House::open();
    house.workspace().await;
    for _ in 0..=FEW {
        written(&house);
    }
    house.clock.advance(DAY_MS + 1);
    let all = names(&house);
    assert!(house.vault.sweep_files(&all).await.unwrap().is_empty());
    assert_eq!(names(&house), all, "another database than theirs");
}
