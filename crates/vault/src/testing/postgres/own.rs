//! A PostgreSQL server of one test's own, whose every file can be looked into.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Cluster, connect, in_database};

/// A running server with its cluster, removed with this value.
pub struct OwnServer(Cluster);

impl OwnServer {
    /// Makes a cluster and starts its server. Panics, with words on what to install, if there is no PostgreSQL.
    pub fn start() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut cluster = Cluster::find();
        let name = format!("parloir-own-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        cluster.folder = std::env::temp_dir().join(name);
        cluster.url();
        Self(cluster)
    }

    /// Makes a database; where it is, in the form the vault opens.
    pub fn create_database(&self, name: &str) -> String {
        let url = self.0.url();
        let made = std::thread::scope(|scope| {
            let create =
                || connect(&url).and_then(|mut client| client.batch_execute(&format!("CREATE DATABASE {name}")));
            scope.spawn(create).join()
        });
        made.ok().and_then(Result::ok).unwrap_or_else(|| panic!("the database {name} cannot be made"));
        in_database(&url, name)
    }

    /// The folder of the cluster (`data`) and of the server's log (`log`).
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Runs a program as the server's user and waits for it.
    fn run(&self, program: &str, arguments: &[&str]) {
        self.0.run(program, arguments);
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.run(&self.0.control(), &["-D", &self.0.at("data"), "-m", "immediate", "-w", "stop"]);
        self.run("rm", &["-rf", &self.0.folder.display().to_string()]);
        let beside = [self.0.beside("lock"), self.0.beside("users")];
        Command::new("rm").arg("-rf").args(beside).status().ok();
    }
}
