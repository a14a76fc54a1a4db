//! The program `parloir`: its settings, its HTTP face, its workers, and the one door through which it calls outside.

pub mod limits;
pub mod outbound;
pub mod password;
pub mod problem;
pub mod settings;
pub mod telemetry;
