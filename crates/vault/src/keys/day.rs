//! Custody keys that live a day: received requests are sealed under today's, which is destroyed once the day is over and
//! nothing sealed under it is left. What could not be processed is sealed anew by whoever keeps it.

use super::custody::{Deed, Line};
use super::{Held, Key, Keys, envelope, locked};
use crate::id::KeyId;
use crate::sealing::{Opened, Place};
use crate::{Error, Millis, Result, WorkspaceId};

const DAY_MS: Millis = 86_400_000;
/// Clocks of two nodes may differ; a key outlives its day by this much.
const GRACE_MS: Millis = 3_600_000;
const PREFIX: &str = "day.";

impl Keys {
    /// Seals bytes under the key of the day of `now` (UTC). `chance` is fresh.
    pub(crate) fn custody_seal(
        &self,
        now: Millis,
        place: Place<'_>,
        chance: [u8; 32],
        plain: &[u8],
    ) -> Result<Vec<u8>> {
        let Held { id, key } = self.key_of_day(now.div_euclid(DAY_MS))?;
        envelope::seal_cell(&key, id, place, chance, plain)
    }

    /// Opens what [`Keys::custody_seal`] sealed.
    ///
    /// # Errors
    /// [`Error::Seal`] if its key was destroyed, or it was altered or moved.
    #[cfg(test)]
    pub(crate) fn custody_open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        match self.custody_look(place, sealed)? {
            Opened::Plain(plain) => Ok(plain),
            Opened::KeyGone => Err(Error::Seal("the key of its day has been destroyed")),
            Opened::Damaged => Err(Error::Seal("it was altered or moved")),
        }
    }

    /// Opens what [`Keys::custody_seal`] sealed, and tells a key that is gone from bytes that were altered.
    ///
    /// # Errors
    /// Whatever keeps a key that is there from being unwrapped now: what is under it must not be given up for that.
    pub(crate) fn custody_look(&self, place: Place<'_>, sealed: &[u8]) -> Result<Opened> {
        let Ok(id) = envelope::key_of(sealed) else { return Ok(Opened::Damaged) };
        let Some(key) = self.day_key(id)? else { return Ok(Opened::KeyGone) };
        match envelope::open_cell(&key, id, place, sealed) {
            Ok(plain) => Ok(Opened::Plain(plain)),
            Err(Error::Seal(_)) => Ok(Opened::Damaged),
            Err(error) => Err(error),
        }
    }

    /// A keyed hash of a workspace's value under the key of the day of `now` (UTC).
    pub(crate) fn blind_of_day(
        &self,
        workspace: WorkspaceId,
        now: Millis,
        domain: &str,
        value: &str,
    ) -> Result<Vec<u8>> {
        let Held { key, .. } = self.key_of_day(now.div_euclid(DAY_MS))?;
        let parts = [&b"blind of day"[..], workspace.to_string().as_bytes(), domain.as_bytes(), value.as_bytes()]
            .map(<[u8]>::to_vec);
        Ok(envelope::hash(key.bytes(), &parts.each_ref().map(Vec::as_slice)).to_vec())
    }

    /// A day's key by its id; `None` if custody has it no more.
    fn day_key(&self, id: KeyId) -> Result<Option<Key>> {
        let today = locked(&self.today).clone();
        if let Some((_, held)) = today.filter(|(_, held)| held.id == id) {
            return Ok(Some(held.key));
        }
        let stored = self.custody.ring(None)?;
        let Some(found) = stored.iter().find(|key| key.id == id && key.kind.starts_with(PREFIX)) else {
            return Ok(None);
        };
        let held = self.only(None, &found.kind)?;
        Ok((held.id == id).then_some(held.key))
    }

    /// Keeps the days' keys from being unwrapped until [`Keys::mend_day_keys`].
    #[cfg(test)]
    pub(crate) fn break_day_keys(&self) {
        self.custody.tamper("UPDATE keys SET wrapped = CAST(X'09' || wrapped AS BLOB) WHERE kind LIKE 'day.%'");
    }

    #[cfg(test)]
    pub(crate) fn mend_day_keys(&self) {
        self.custody.tamper("UPDATE keys SET wrapped = substr(wrapped, 2) WHERE substr(wrapped, 1, 1) = X'09'");
    }

    /// Whether something is sealed under the key of the day of `now`.
    pub(crate) fn is_of_day(&self, now: Millis, sealed: &[u8]) -> Result<bool> {
        let today = self.key_of_day(now.div_euclid(DAY_MS))?.id;
        Ok(envelope::key_of(sealed).is_ok_and(|id| id == today))
    }

    /// Destroys the keys of days that are over, except those that something is still sealed under; how many it was.
    pub(crate) fn retire_day_keys(&self, now: Millis, still_needed: &[KeyId]) -> Result<usize> {
        let over = |kind: &str| {
            let day = kind.strip_prefix(PREFIX).and_then(|day| day.parse::<i64>().ok());
            day.is_some_and(|day| day.saturating_add(1).saturating_mul(DAY_MS).saturating_add(GRACE_MS) <= now)
        };
        let mut doomed = Vec::new();
        for key in self.custody.ring(None)? {
            if over(&key.kind) && !still_needed.contains(&key.id) {
                let subject = self.blinded(None, "ledger", key.id.to_string().as_bytes())?;
                doomed.push((key.id, Line { deed: Deed::KeyDestroyed, subject, detail: key.kind }));
            }
        }
        if !doomed.is_empty() {
            self.custody.destroy(None, None, &doomed, now)?;
        }
        let mut today = locked(&self.today);
        if today.as_ref().is_some_and(|(_, held)| doomed.iter().any(|(id, _)| *id == held.id)) {
            *today = None;
        }
        Ok(doomed.len())
    }

    fn key_of_day(&self, day: i64) -> Result<Held> {
        let today = locked(&self.today).clone();
        if let Some((_, held)) = today.filter(|(known, _)| *known == day) {
            return Ok(held);
        }
        let held = self.only(None, &format!("{PREFIX}{day}"))?;
        *locked(&self.today) = Some((day, held.clone()));
        Ok(held)
    }
}
