//! The data map: what every table holds and how it hangs on a workspace and a contact.

/// Tables that belong to the installation: they hold ids, states, times, hashes and sealed bytes, and have no row-level
/// security, because they are read before a workspace is known (a token, a hook, a due job).
pub(crate) const INSTALLATION: &[&str] =
    &["workspaces", "counters", "channel_directory", "logins", "sessions", "tokens", "inbox", "outbox", "jobs"];
