//! What happened, in numbered lines of plain words with the world's time: the trace of a seed.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::time::WorldTime;

/// A moment in the order of things: two never have the same.
pub(crate) type Tick = u64;

/// The story of one seed.
pub(crate) struct Story {
    time: Arc<WorldTime>,
    /// Told while it happens, so that a world that stands still tells how far it came.
    is_loud: bool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    lines: Vec<String>,
    ticks: Tick,
    wrong: Vec<String>,
}

impl Story {
    pub(crate) fn new(time: Arc<WorldTime>) -> Self {
        let is_loud = std::env::var_os("PARLOIR_DEV_SEED").is_some();
        Self { time, is_loud, inner: Mutex::default() }
    }

    /// Tells what happens; the moment at which it did.
    pub(crate) fn tell(&self, words: &str) -> Tick {
        let millis = self.time.elapsed().as_millis();
        let mut inner = self.inner();
        let number = inner.lines.len() + 1;
        let (minutes, seconds, rest) = (millis / 60_000, millis / 1_000 % 60, millis % 1_000);
        let line = format!("{number:>5}  {minutes:02}:{seconds:02}.{rest:03}  {words}");
        if self.is_loud {
            println!("{line}");
        }
        inner.lines.push(line);
        inner.ticks += 1;
        inner.ticks
    }

    /// A moment of which there is nothing to tell.
    pub(crate) fn tick(&self) -> Tick {
        let mut inner = self.inner();
        inner.ticks += 1;
        inner.ticks
    }

    /// Something is wrong.
    pub(crate) fn wrong(&self, words: &str) {
        self.tell(&format!("!!! {words}"));
        self.inner().wrong.push(words.to_owned());
    }

    /// What was wrong so far.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.inner().wrong.clone()
    }

    /// The whole story.
    pub(crate) fn text(&self) -> String {
        let inner = self.inner();
        inner.lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }

    /// What the trace of the same seed must be again.
    pub(crate) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text().as_bytes()))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
