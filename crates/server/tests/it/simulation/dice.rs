//! All chance, from one seed. Each kind of decision has a stream of its own, so that one more draw here does not change
//! everything there.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use vault::Chance;

/// What the streams are for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Scene = 1,
    Script = 2,
    Network = 3,
    Rhythm = 4,
    Crashes = 5,
    Program = 6,
    Aside = 7,
    Simulator = 8,
}

/// Decisions.
pub(crate) struct Dice(Mutex<ChaCha8Rng>);

impl Dice {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut numbers = ChaCha8Rng::seed_from_u64(seed);
        numbers.set_stream(stream as u64);
        Self(Mutex::new(numbers))
    }

    /// From 0 up to, not including, `bound`; 0 for a bound of 0.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.numbers().next_u64() % bound }
    }

    /// From `least` to `most`.
    pub(crate) fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// Whether something happens that does so many times of a thousand.
    pub(crate) fn hits(&self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.numbers().fill_bytes(&mut bytes);
        bytes
    }

    fn numbers(&self) -> MutexGuard<'_, ChaCha8Rng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program's chance. The search engine has threads of its own, whose draws must not get between the others.
pub(crate) struct ProgramChance {
    thread: ThreadId,
    own: Dice,
    aside: Dice,
}

impl ProgramChance {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            thread: std::thread::current().id(),
            own: Dice::new(seed, Stream::Program),
            aside: Dice::new(seed, Stream::Aside),
        }
    }
}

impl Chance for ProgramChance {
    fn draw(&self) -> [u8; 32] {
        if std::thread::current().id() == self.thread { self.own.bytes() } else { self.aside.bytes() }
    }
}
