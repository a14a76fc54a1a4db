//! Time: the runtime's own, which passes only when nobody has anything to do, and the program's clock, which may be set.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use vault::{Clock, Millis};

/// When every world begins: 2026-03-02, in milliseconds.
const BEGIN: Millis = 1_772_409_600_000;

/// The time of a world.
pub(crate) struct WorldTime {
    start: Instant,
    /// By how much the program's clock is wrong.
    wrong: AtomicI64,
}

impl WorldTime {
    /// Begins now, in a runtime whose time stands still.
    pub(crate) fn begin() -> Self {
        Self { start: Instant::now(), wrong: AtomicI64::new(0) }
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
        self.wrong.fetch_add(by, Ordering::Relaxed);
    }

    /// By how much the program's clock is wrong.
    pub(crate) fn wrong(&self) -> Millis {
        self.wrong.load(Ordering::Relaxed)
    }
}

impl Clock for WorldTime {
    fn now(&self) -> Millis {
        self.now_ms() + self.wrong()
    }
}
