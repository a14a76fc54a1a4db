//! The end of a day's custody key: what is still sealed under it is sealed anew, what waited for thirty days goes, and the
//! key is destroyed, so that received bytes cannot be read in any backup.

use crate::sealing::{Opened, Place};
use crate::statement::installation_sql;
use crate::value::params;
use crate::{InboxId, Millis, Result, Tx, Vault};

/// How long what cannot be processed is kept.
const KEPT_MS: Millis = 30 * 86_400_000;
/// Requests looked at in one transaction: each may be megabytes.
const PAGE: i64 = 16;

impl Vault {
    /// Ends the custody keys of days that are over; how many it was. Runs daily, on any node.
    ///
    /// # Errors
    /// Whatever stopped it: the next run finds what is left.
    pub async fn retire_day_keys(&self) -> Result<usize> {
        self.write_installation(|tx| {
            tx.run(installation_sql!("DELETE FROM inbox WHERE received_at < $1"), params![tx.now() - KEPT_MS])
        })
        .await?;
        let mut after = String::new();
        while let Some(last) = self.write_installation(move |tx| seal_anew(tx, &after)).await? {
            after = last.to_string();
        }
        self.keys().retire_day_keys(self.clock().now(), &[])
    }
}

/// Seals a page of requests under the key of today; the last one, if there were any.
fn seal_anew(tx: &Tx<'_>, after: &str) -> Result<Option<InboxId>> {
    let rows = tx.all(
        installation_sql!("SELECT id, body_sealed FROM inbox WHERE id > $1 ORDER BY id LIMIT $2"),
        params![after, PAGE],
        |row| Ok((row.get::<InboxId>(0)?, row.get::<Vec<u8>>(1)?)),
    )?;
    for (id, sealed) in &rows {
        if tx.keys.is_of_day(tx.now(), sealed)? {
            continue;
        }
        let row = id.to_string();
        let place = Place { table: "inbox", column: "body_sealed", row: &row };
        match tx.keys.custody_look(place, sealed)? {
            Opened::Plain(body) => {
                let body = zeroize::Zeroizing::new(body);
                let anew = tx.keys.custody_seal(tx.now(), place, tx.chance(), &body)?;
                tx.run(installation_sql!("UPDATE inbox SET body_sealed = $2 WHERE id = $1"), params![*id, anew])?;
            }
            // A restored database has requests whose key is gone: nobody can read them any more.
            Opened::KeyGone => {
                tracing::warn!(request = %id, "a received request has no key any more and is removed");
                tx.run(installation_sql!("DELETE FROM inbox WHERE id = $1"), params![*id])?;
            }
            // It goes when its key is gone, or after thirty days.
            Opened::Damaged => tracing::warn!(request = %id, "a received request was altered and cannot be opened"),
        }
    }
    Ok(rows.last().map(|(id, _)| *id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::house::House;
    use crate::{ChannelId, Error, inbox};

    const DAY: Millis = 86_400_000;

    #[tokio::test]
    async fn what_was_not_processed_is_sealed_anew_for_thirty_days() {
        let house = House::open();
        let scope = house.workspace().await;
        let channel = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id::<ChannelId>())).await.unwrap();
        for _ in 0..40 {
            house.vault.write(&scope, move |tx| inbox::put(tx, channel, b"request")).await.unwrap();
        }
        assert_eq!(house.vault.retire_day_keys().await.unwrap(), 0, "the day is not over");
        for day in 1..=30 {
            house.clock.advance(DAY);
            let retired = house.vault.retire_day_keys().await.unwrap();
            assert!(retired <= 1, "day {day}: {retired}");
            let waiting = house.vault.read(&scope, move |tx| inbox::waiting(tx, channel, 50)).await.unwrap();
            assert_eq!(waiting.requests.iter().filter(|request| request.body == b"request").count(), 40, "day {day}");
        }
        house.clock.advance(2 * DAY);
        house.vault.retire_day_keys().await.unwrap();
        let waiting = house.vault.read(&scope, move |tx| inbox::waiting(tx, channel, 50)).await.unwrap();
        assert!(waiting.requests.is_empty());
    }

    #[tokio::test]
    async fn what_has_a_key_that_cannot_be_unwrapped_now_is_kept() {
        let house = House::open();
        let scope = house.workspace().await;
        let channel = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id::<ChannelId>())).await.unwrap();
        house.vault.write(&scope, move |tx| inbox::put(tx, channel, b"request")).await.unwrap();
        house.clock.advance(2 * DAY);
        house.vault.keys().break_day_keys();
        assert!(matches!(house.vault.retire_day_keys().await, Err(Error::Seal(_))));
        let waiting = house.vault.read(&scope, move |tx| inbox::waiting(tx, channel, 50)).await;
        assert!(matches!(waiting, Err(Error::Seal(_))), "nothing is set aside");
        house.vault.keys().mend_day_keys();
        assert_eq!(house.vault.retire_day_keys().await.unwrap(), 1);
        let waiting = house.vault.read(&scope, move |tx| inbox::waiting(tx, channel, 50)).await.unwrap();
        assert_eq!(waiting.requests.iter().map(|request| &request.body[..]).collect::<Vec<_>>(), [b"request"]);
    }

    #[tokio::test]
    async fn what_a_restore_brings_back_without_its_key_is_removed() {
        let house = House::open();
        let scope = house.workspace().await;
        let channel = house.vault.read(&scope, |tx| Ok::<_, Error>(tx.id::<ChannelId>())).await.unwrap();
        house.vault.write(&scope, move |tx| inbox::put(tx, channel, b"request")).await.unwrap();
        let (now, keys) = (house.clock_now(), house.vault.keys());
        assert_eq!(keys.retire_day_keys(now + 2 * DAY, &[]).unwrap(), 1);
        house.clock.advance(2 * DAY);
        house.vault.retire_day_keys().await.unwrap();
        let waiting = house.vault.read(&scope, move |tx| inbox::waiting(tx, channel, 50)).await.unwrap();
        assert!(waiting.requests.is_empty() && waiting.unreadable.is_empty());
    }
}
