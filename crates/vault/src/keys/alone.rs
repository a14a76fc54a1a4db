//! The turn of whoever wraps keys of the whole installation anew: over all nodes one at a time. It is a lease in custody, so
//! that a node which dies does not keep it. Keys do not depend on it: whoever goes on without it finds that out at the next
//! page, and ends with the generation that it began with ([`super::roots`]).

use std::cell::Cell;

use super::Keys;
use crate::{Error, Millis, Result};

/// The lease's name in custody.
const NAME: &str = "installation";
/// How long a turn lasts unless it is kept: longer than the holder of the root key may take for one key.
const LEASE_MS: Millis = 120_000;

/// A turn that somebody has.
pub(crate) struct Turn<'a> {
    keys: &'a Keys,
    holder: &'a str,
    until: Cell<Millis>,
}

impl Turn<'_> {
    /// Keeps the turn for some time more.
    ///
    /// # Errors
    /// A conflict (`rotation_under_way`) if somebody else has it by now.
    pub(crate) fn keep(&self) -> Result<()> {
        let now = self.keys.clock.now();
        if self.until.get().saturating_sub(now) > LEASE_MS / 2 {
            return Ok(());
        }
        let until = now.saturating_add(LEASE_MS);
        if !self.keys.custody.lease(NAME, self.holder, now, until)? {
            let words = "another rotation of the installation's keys or the root key is under way; this one can be run again \
                         when that is over, or two minutes after it was killed";
            return Err(Error::conflict("rotation_under_way", words));
        }
        self.until.set(until);
        Ok(())
    }
}

impl Keys {
    /// Does something while nobody else on any node does the like. `holder` is a lease's word of its own.
    ///
    /// # Errors
    /// A conflict (`rotation_under_way`) if somebody does; whatever the work fails with.
    pub(crate) fn alone<T>(&self, holder: &str, work: impl FnOnce(&Turn<'_>) -> Result<T>) -> Result<T> {
        let turn = Turn { keys: self, holder, until: Cell::new(Millis::MIN) };
        turn.keep()?;
        let done = work(&turn);
        let given_back = self.custody.give_back(NAME, holder);
        let done = done?;
        given_back.map(|()| done)
    }
}
