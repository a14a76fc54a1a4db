//! Terms, and what sweeps do by them.

/// One statement that counts all rows of a table.
macro_rules! rows_of {
    ($table:literal) => {
        sql!(concat!("SELECT COUNT(*) FROM ", $table, " WHERE workspace_id = $1"))
    };
}

mod channel;
mod clock;
mod sweeps;
mod terms;
mod workspace;
mod years;

use super::*;
use crate::jobs::{self, JobKind};
use crate::map::Category;
use crate::messages::Direction;
use crate::scope::{Actor, Purpose};
use crate::statement::{Statement, sql};
use crate::testing::house::{House, code, on_both, say};
use crate::value::params;
use crate::{ChannelId, ContactId, ConversationId, MessageId, Personal, Result, Role, Scope, Tx};

/// The scope in which the platform sweeps.
fn platform(scope: &Scope) -> Scope {
    Scope::new(scope.workspace(), Actor::Platform, Purpose::Erasure)
}

/// A workspace with somebody who talks on a channel.
struct Talk {
    scope: Scope,
    channel: ChannelId,
    contact: ContactId,
    conversation: ConversationId,
}

async fn talk(house: &House) -> Talk {
    let scope = house.workspace().await;
    let channel = house.channel(&scope, "telegram").await;
    let (contact, conversation) = house.contact(&scope, channel, "Anna").await;
    Talk { scope, channel, contact, conversation }
}

impl Talk {
    async fn says(&self, house: &House, text: &'static str) -> MessageId {
        let conversation = self.conversation;
        house.does(&self.scope, move |tx| say(tx, conversation, Direction::Incoming, text)).await
    }

    async fn sweep(&self, house: &House) -> bool {
        house.vault.sweep_all(&platform(&self.scope)).await.unwrap()
    }

    async fn keeps_messages(&self, house: &House, days: u32) {
        let order = [("messages".to_owned(), Some(days))];
        house.does(&self.scope, move |tx| set(tx, &order)).await;
    }
}

/// Some days later, of which each week is noted: the clock is believed.
async fn days_later(house: &House, days: i64) {
    let mut left = days;
    while left > 0 {
        let step = left.min(GAP_DAYS);
        house.clock.advance(step * DAY_MS);
        assert!(matches!(house.vault.note_time().await.unwrap(), Standing::Believed(_)));
        left -= step;
    }
}

async fn counted(house: &House, scope: &Scope, statement: &'static Statement) -> i64 {
    house.sees(scope, move |tx| Ok(tx.maybe(statement, params![], |row| row.get(0))?.unwrap_or(-1))).await
}
