//! Backups from the first to a restore.

mod home;
mod interleavings;
mod refusals;
mod restores;

use home::Home;
