//! Ten simulated years, day by day, with terms that change at random: what lives after each sweep is what a model of one line
//! says. Days are UTC's, so daylight saving has no part in it; leap days are days as others.
//!
//! `PARLOIR_DEV_YEARS` says how many worlds are lived through; one without it.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::*;

/// From a day of a leap year to one ten years later.
const DAYS: i64 = 3_653;

/// One number below `most`.
fn below(chance: &mut ChaCha8Rng, most: u32) -> u32 {
    chance.next_u32() % most
}

#[tokio::test]
async fn ten_years_of_random_terms_delete_what_is_due_and_nothing_else() {
    let worlds = std::env::var("PARLOIR_DEV_YEARS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(1);
    for seed in 0..worlds {
        live(seed).await;
    }
}

async fn live(seed: u64) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let house = House::open();
    let talk = talk(&house).await;
    let (mut term, mut alive) = (730_i64, BTreeMap::<MessageId, Millis>::new());
    for day in 0..DAYS {
        house.clock.advance(DAY_MS);
        if below(&mut chance, 120) == 0 {
            term = i64::from(1 + below(&mut chance, 900));
            talk.keeps_messages(&house, u32::try_from(term).unwrap()).await;
        }
        if below(&mut chance, 12) == 0 {
            let (id, at) = write(&house, &talk, &mut chance).await;
            alive.insert(id, at);
        }
        assert!(talk.sweep(&house).await);
        let due = house.clock_now() - term * DAY_MS;
        alive.retain(|_, written_at| *written_at > due);
        // Counting is enough from day to day; which ones they are is looked at now and then.
        let count = sql!("SELECT COUNT(*) FROM messages WHERE workspace_id = $1");
        let expected = i64::try_from(alive.len()).unwrap();
        assert_eq!(counted(&house, &talk.scope, count).await, expected, "seed {seed}, day {day}, term {term}");
        if day % 50 == 0 {
            let ids = house.sees(&talk.scope, ids).await;
            assert_eq!(ids, alive.keys().copied().collect::<Vec<_>>(), "seed {seed}, day {day}, term {term}");
        }
    }
}

fn ids(tx: &Tx<'_>) -> Result<Vec<MessageId>> {
    tx.all(sql!("SELECT id FROM messages WHERE workspace_id = $1 ORDER BY id"), params![], |row| row.get(0))
}

/// Somebody writes, at some moment of the day, or brings what was written long ago.
async fn write(house: &House, talk: &Talk, chance: &mut ChaCha8Rng) -> (MessageId, Millis) {
    let old = if below(chance, 5) == 0 { i64::from(below(chance, 1_000)) * DAY_MS } else { 0 };
    let at = house.clock_now() - old - i64::from(below(chance, 86_400_000));
    let name: &'static str = ["Anna", "Bruno", "Carla"][below(chance, 3) as usize];
    let channel = talk.channel;
    let record = move |tx: &Tx<'_>| {
        let profile =
            crate::contacts::Profile { name: Some(Personal::new(name.into())), ..crate::contacts::Profile::default() };
        let contact = match found(tx)? {
            Some(contact) => contact,
            None => crate::contacts::create(tx, &profile)?,
        };
        let conversation = crate::conversations::of_thread(tx, channel, contact, name)?.0.id;
        let id = say(tx, conversation, Direction::Incoming, "words")?;
        let set = sql!("UPDATE messages SET written_at = $3 WHERE workspace_id = $1 AND id = $2");
        tx.run(set, params![id, at])?;
        Ok(id)
    };
    (house.does(&talk.scope, record).await, at)
}

/// Somebody who was not erased.
fn found(tx: &Tx<'_>) -> Result<Option<ContactId>> {
    tx.maybe(
        sql!("SELECT id FROM contacts WHERE workspace_id = $1 AND erased_at IS NULL ORDER BY id DESC LIMIT 1"),
        params![],
        |row| row.get(0),
    )
}
