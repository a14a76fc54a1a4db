//! What a disconnected channel brought goes when its term is over, and nothing else does (D-2).

use super::*;
use crate::channels::{self, ChannelChange};
use crate::holds::{self, NewHold, Subject};
use crate::identities::{self, NewIdentity};
use crate::{contacts, conversations};

const TERM: i64 = 30;

/// Somebody known by the channel alone, somebody known by another one, too, and somebody of whom a hold keeps everything.
struct Street {
    scope: Scope,
    here: ChannelId,
    there: ChannelId,
    alone: ContactId,
    both: ContactId,
    held: ContactId,
}

async fn street(house: &House) -> Street {
    let scope = house.workspace().await;
    let (here, there) = (house.channel(&scope, "messenger").await, house.channel(&scope, "telegram").await);
    let (alone, first) = house.contact(&scope, here, "Anna").await;
    let (both, second) = house.contact(&scope, here, "Bea").await;
    let (held, third) = house.contact(&scope, here, "Carla").await;
    house
        .does(&scope, move |tx| {
            for conversation in [first, second, third] {
                say(tx, conversation, Direction::Incoming, "Ciao")?;
                say(tx, conversation, Direction::Outgoing, "Salve")?;
            }
            let value = Personal::new("+39 02 1234".to_owned());
            identities::add(tx, both, there, &NewIdentity { kind: "phone".into(), scope: String::new(), value })?;
            let elsewhere = conversations::of_thread(tx, there, both, "elsewhere")?.0.id;
            say(tx, elsewhere, Direction::Incoming, "Anche qui").map(|_| ())
        })
        .await;
    Street { scope, here, there, alone, both, held }
}

impl Street {
    async fn disconnects(&self, house: &House) {
        let here = self.here;
        house
            .does(&self.scope, move |tx| {
                channels::disconnect(tx, here)?;
                end_content(tx, here, tx.now() + TERM * DAY_MS)
            })
            .await;
    }

    async fn ends(&self, house: &House) -> ChannelEnd {
        let mut end = EndOfChannel::of(self.here);
        loop {
            let now = house.vault.carry_on_channel_end(&platform(&self.scope), &mut end).await.unwrap();
            if now != ChannelEnd::More {
                return now;
            }
        }
    }

    /// Rows of the channel, of each table that says by which channel its rows came.
    async fn rows(&self, house: &House, of: ChannelId) -> [i64; 4] {
        house
            .sees(&self.scope, move |tx| {
                let count = |statement| tx.maybe(statement, params![of], |row| row.get::<i64>(0));
                let of = [
                    count(sql!("SELECT COUNT(*) FROM messages WHERE workspace_id = $1 AND channel_id = $2"))?,
                    count(sql!("SELECT COUNT(*) FROM conversations WHERE workspace_id = $1 AND channel_id = $2"))?,
                    count(sql!("SELECT COUNT(*) FROM identities WHERE workspace_id = $1 AND channel_id = $2"))?,
                    count(sql!("SELECT COUNT(*) FROM contact_keys WHERE workspace_id = $1 AND channel_id = $2"))?,
                ];
                Ok(of.map(Option::unwrap_or_default))
            })
            .await
    }

    async fn is_there(&self, house: &House, contact: ContactId) -> bool {
        house.vault.read(&self.scope, move |tx| contacts::view(tx, contact)).await.is_ok()
    }
}

#[tokio::test]
async fn all_that_it_brought_goes_with_its_term_and_nothing_of_another_channel() {
    on_both(async |house| {
        let street = street(house).await;
        let elsewhere = street.rows(house, street.there).await;
        street.disconnects(house).await;
        assert_eq!(street.ends(house).await, ChannelEnd::Called, "not before");
        days_later(house, TERM).await;
        assert_eq!(street.ends(house).await, ChannelEnd::Gone);
        assert_eq!(street.rows(house, street.here).await, [0; 4]);
        assert_eq!(street.rows(house, street.there).await, elsewhere);
        assert!(!street.is_there(house, street.alone).await && street.is_there(house, street.both).await);
        assert_eq!(street.ends(house).await, ChannelEnd::Called, "once");
        let here = street.here;
        let seen = house.sees(&street.scope, move |tx| channels::view(tx, here)).await;
        assert!(seen.content_gone_at.is_some() && seen.settings.reveal().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_a_hold_covers_waits_until_it_is_lifted() {
    on_both(async |house| {
        let street = street(house).await;
        let held = street.held;
        let new = NewHold {
            on: Subject::Contact(held),
            reason: Personal::new("Tribunale di Milano".to_owned()),
            ends_at: None,
        };
        let set = house.does(&street.scope, move |tx| holds::set(tx, &new)).await;
        street.disconnects(house).await;
        days_later(house, TERM).await;
        assert!(matches!(street.ends(house).await, ChannelEnd::Waits(_)));
        assert_eq!(street.rows(house, street.here).await, [2, 1, 1, 1], "the held contact's, whole");
        house.does(&street.scope, move |tx| holds::lift(tx, set)).await;
        assert_eq!(street.ends(house).await, ChannelEnd::Gone);
        assert!(!street.is_there(house, street.held).await);
    })
    .await;
}

#[tokio::test]
async fn whoever_connects_it_again_in_time_keeps_everything() {
    on_both(async |house| {
        let street = street(house).await;
        let before = street.rows(house, street.here).await;
        let here = street.here;
        let again = move |tx: &Tx<'_>| channels::reconnect(tx, here, &ChannelChange::default());
        assert_eq!(code(house.vault.write(&street.scope, again).await), "channel_on");
        street.disconnects(house).await;
        days_later(house, TERM - 1).await;
        house.does(&street.scope, again).await;
        days_later(house, 10).await;
        assert_eq!(street.ends(house).await, ChannelEnd::Called);
        assert_eq!(street.rows(house, street.here).await, before);
        street.disconnects(house).await;
        days_later(house, TERM).await;
        assert_eq!(code(house.vault.write(&street.scope, again).await), "channel_ended", "its end has begun");
    })
    .await;
}

#[tokio::test]
async fn no_jump_of_the_clock_ends_it() {
    let house = House::open();
    let street = street(&house).await;
    house.vault.note_time().await.unwrap();
    street.disconnects(&house).await;
    house.clock.advance(TERM * DAY_MS);
    assert!(matches!(street.ends(&house).await, ChannelEnd::Waits(_)));
    assert!(street.is_there(&house, street.alone).await);
}

#[tokio::test]
async fn what_a_restored_backup_brings_back_ends_again() {
    on_both(async |house| {
        let street = street(house).await;
        street.disconnects(house).await;
        days_later(house, TERM).await;
        assert_eq!(street.ends(house).await, ChannelEnd::Gone);
        let here = street.here;
        let back = move |tx: &Tx<'_>| {
            let back = sql!(
                "UPDATE channels SET state = 'ready', disconnected_at = NULL, content_ends_at = NULL, content_gone_at = NULL \
                 WHERE workspace_id = $1 AND id = $2"
            );
            tx.run(back, params![here])
        };
        house.vault.write(&street.scope, back).await.unwrap();
        let (again, conversation) = house.contact(&street.scope, here, "Dora").await;
        house.does(&street.scope, move |tx| say(tx, conversation, Direction::Incoming, "Back").map(|_| ())).await;
        assert_ne!(street.rows(house, here).await, [0; 4]);
        house.vault.reapply_ledger(&street.scope).await.unwrap();
        assert_eq!(street.rows(house, here).await, [0; 4]);
        assert!(!street.is_there(house, again).await && street.is_there(house, street.both).await);
        let seen = house.sees(&street.scope, move |tx| channels::view(tx, here)).await;
        assert!(seen.content_gone_at.is_some() && seen.state == channels::ChannelState::Off);
    })
    .await;
}
