//! Time: the runtime's own, which passes only when nobody has anything to do, and the program's clock, which may be set.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use vault::{Clock, Millis};

/// When every world begins: 2026-03-02, in milliseconds.
const BEGIN: Millis = 1_772_409_600_000;

/// The time of a world.
pub(crate) struct WorldTime {
    start: Instant,
    /// By how much the program's clock was wrong, since when, in the world's milliseconds; never empty.
    wrong: Mutex<Vec<(Millis, Millis)>>,
}

impl WorldTime {
    /// Begins now, in a runtime whose time stands still.
    pub(crate) fn begin() -> Self {
        Self { start: Instant::now(), wrong: Mutex::new(vec![(BEGIN, 0)]) }
    }

    /// How long the world has been going.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// The true time, which everybody else knows.
    pub(crate) fn now_ms(&self) -> Millis {
        BEGIN + Millis::try_from(self.elapsed().as_millis()).unwrap_or(Millis::MAX / 2)
    }

    /// Sets the program's clock forward, or back.
    pub(crate) fn jump(&self, by: Millis) {
        let entry = (self.now_ms(), self.wrong() + by);
        self.jumps().push(entry);
    }

    /// By how much the program's clock is wrong.
    pub(crate) fn wrong(&self) -> Millis {
        self.jumps().last().map_or(0, |(_, wrong)| *wrong)
    }

    /// By how much the program's clock was ahead at most.
    pub(crate) fn furthest(&self) -> Millis {
        self.jumps().iter().map(|(_, wrong)| *wrong).max().unwrap_or(0)
    }

    /// The least that the program's clock has shown within so many milliseconds.
    pub(crate) fn least_lately(&self, within: Millis) -> Millis {
        let since = self.now_ms() - within;
        let jumps = self.jumps();
        let first = jumps.iter().rposition(|(at, _)| *at <= since).unwrap_or(0);
        let least = jumps[first..].iter().map(|(_, wrong)| *wrong).min().unwrap_or(0);
        since + least
    }

    fn jumps(&self) -> MutexGuard<'_, Vec<(Millis, Millis)>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for WorldTime {
    fn now(&self) -> Millis {
        self.now_ms() + self.wrong()
    }
}
