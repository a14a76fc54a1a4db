//! How many connections the system lets the program hold open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the number of files that may be open to the most that the system allows without asking: each live stream is one. Many
/// systems start programs with 1,024, for the sake of others that count them in an old way.
pub fn raise() {
    let now = getrlimit(Resource::Nofile);
    if now.current == now.maximum {
        return;
    }
    let wanted = rustix::process::Rlimit { current: now.maximum, ..now };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, open_files = now.current, "the limit of open files stays as it is: `ulimit -n` raises it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_as_allowed_may_be_open() {
        raise();
        let now = getrlimit(Resource::Nofile);
        assert_eq!(now.current, now.maximum);
    }
}
