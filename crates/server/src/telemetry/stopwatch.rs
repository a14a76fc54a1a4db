//! Durations: the one place that reads the machine's monotonic clock.

use std::sync::Arc;
use std::time::Duration;

/// A clock that only goes forward, counted from some moment in the past. For durations, never for dates.
#[derive(Clone)]
pub struct Monotonic(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Monotonic {
    /// The machine's own.
    #[expect(clippy::disallowed_methods, reason = "the injected place for durations; everything else is handed this")]
    pub fn system() -> Self {
        let start = std::time::Instant::now();
        Self(Arc::new(move || std::time::Instant::now().saturating_duration_since(start)))
    }

    /// One that a test or a simulation moves.
    pub fn from_fn(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Time passed since the clock's beginning.
    pub fn now(&self) -> Duration {
        (self.0)()
    }

    /// Time passed since an earlier [`Monotonic::now`].
    pub fn since(&self, earlier: Duration) -> Duration {
        self.now().saturating_sub(earlier)
    }
}

impl std::fmt::Debug for Monotonic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Monotonic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_goes_forward() {
        let clock = Monotonic::system();
        let first = clock.now();
        assert!(clock.now() >= first);
        let stopped = Monotonic::from_fn(|| Duration::from_secs(3));
        assert_eq!(stopped.since(Duration::from_secs(1)), Duration::from_secs(2));
        assert_eq!(stopped.since(Duration::from_secs(9)), Duration::ZERO);
    }
}
