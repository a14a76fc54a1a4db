//! Whether the clock is believed. A clock that jumps ten years ahead must not delete ten years of conversations.
//!
//! The installation notes each hour how late it is. A step beyond what was noted last that is longer than [`GAP_DAYS`] is not
//! believed: nothing is swept, by any node, until the clock is right again or the operator confirms it ([`Vault::confirm_clock`]).
//! A clock that goes backwards does no harm: less is due, and what was noted stays.

use super::DAY_MS;
use crate::statement::installation_sql;
use crate::value::params;
use crate::{Millis, Result, Tx, Vault};

/// The longest step that is believed, in days: as long as an installation may well have been switched off.
pub const GAP_DAYS: i64 = 7;

/// How the clock stands to what was noted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is believed: what is due is judged as of this moment.
    Believed(Millis),
    /// It is too far ahead of what was noted last.
    Ahead {
        /// What was noted last.
        noted: Millis,
        /// What it shows.
        shows: Millis,
    },
}

impl Standing {
    fn of(noted: Option<Millis>, shows: Millis) -> Self {
        match noted {
            Some(noted) if shows.saturating_sub(noted) > GAP_DAYS * DAY_MS => Self::Ahead { noted, shows },
            Some(_) | None => Self::Believed(shows),
        }
    }
}

impl Vault {
    /// Notes how late it is, if that is believed. To be called at least once a day while the program runs.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn note_time(&self) -> Result<Standing> {
        self.write_installation(|tx| {
            let standing = Standing::of(noted(tx)?, tx.now());
            if let Standing::Believed(now) = standing {
                note(tx, now)?;
            }
            Ok(standing)
        })
        .await
    }

    /// How the clock stands, without noting anything.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn clock_standing(&self) -> Result<Standing> {
        self.read_installation(|tx| Ok(Standing::of(noted(tx)?, tx.now()))).await
    }

    /// The operator says that the clock is right: it is noted as it is, ahead or behind, and sweeps go on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn confirm_clock(&self) -> Result<Millis> {
        self.write_installation(|tx| {
            let set = installation_sql!("DELETE FROM counters WHERE workspace_id = '' AND name = 'noted_time'");
            tx.run(set, params![])?;
            note(tx, tx.now())?;
            Ok(tx.now())
        })
        .await
    }
}

fn noted(tx: &Tx<'_>) -> Result<Option<Millis>> {
    tx.maybe(
        installation_sql!("SELECT value FROM counters WHERE workspace_id = '' AND name = 'noted_time'"),
        params![],
        |row| row.get(0),
    )
}

/// What is noted never goes back.
fn note(tx: &Tx<'_>, now: Millis) -> Result<()> {
    tx.run(
        installation_sql!(
            "INSERT INTO counters (workspace_id, name, value) VALUES ('', 'noted_time', $1) \
             ON CONFLICT (workspace_id, name) DO UPDATE SET value = excluded.value WHERE counters.value < excluded.value"
        ),
        params![now],
    )?;
    Ok(())
}
