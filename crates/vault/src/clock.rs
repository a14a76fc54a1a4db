//! Time and chance come from outside.

/// Milliseconds since the Unix epoch (UTC).
pub type Millis = i64;

/// The clock of a program: the system's in `server`, a movable one in tests and in the simulation.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;
}

/// The source of randomness: the operating system's in `server`, a seeded one in tests and in the simulation.
pub trait Chance: Send + Sync {
    /// Thirty-two fresh random bytes.
    fn draw(&self) -> [u8; 32];
}
