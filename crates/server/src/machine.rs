//! The machine's own clock and randomness: the one place that reads them. Everything else is handed these.

use std::sync::atomic::{AtomicI64, Ordering};

use vault::{Chance, Clock, Millis};

/// The system's clock. In test builds it can be moved.
#[derive(Debug, Default)]
pub struct SystemClock {
    offset: AtomicI64,
}

impl SystemClock {
    /// A clock moved by some milliseconds.
    pub fn moved(offset: Millis) -> Self {
        Self { offset: AtomicI64::new(offset) }
    }

    /// Moves the clock further.
    #[cfg(feature = "testing")]
    pub fn advance(&self, by: Millis) {
        self.offset.fetch_add(by, Ordering::Relaxed);
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the injected place: everything else is handed a Clock")]
    fn now(&self) -> Millis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let millis = Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX / 2);
        millis.saturating_add(self.offset.load(Ordering::Relaxed))
    }
}

/// The operating system's randomness.
#[derive(Debug)]
pub struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "the injected place: everything else is handed a Chance")]
    fn draw(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        if getrandom::fill(&mut bytes).is_err() {
            // Without randomness nothing can be sealed safely: stopping is the only right answer.
            tracing::error!("the operating system gives no randomness");
            std::process::abort();
        }
        bytes
    }
}
