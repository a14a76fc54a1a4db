//! A private PostgreSQL for tests: one cluster for all tests of this machine's user, one fresh database per test.
//!
//! `PARLOIR_TEST_POSTGRES` (a URL of a superuser) names a server to use instead. Otherwise a cluster is made in the
//! temporary folder, reached by a Unix socket alone, and stopped by a small shell some seconds after the last test process
//! that used it has ended.

mod own;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use postgres::{Client, Config, NoTls};

pub use own::OwnServer;

/// A fresh, empty database that is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where it is, in the form the vault opens.
    pub url: String,
    name: String,
}

impl TestDatabase {
    /// Makes one. Panics, with words on what to install, if there is no PostgreSQL.
    pub fn create() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("parloir_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        administer(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        Self { url: in_database(server(), &name), name }
    }

    /// A connection of the tables' owner, beside the vault's own. Not on an async runtime's thread.
    pub fn connect(&self) -> Client {
        connect(&self.url).unwrap_or_else(|error| panic!("the test database refuses: {error}"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// The driver runs a runtime of its own, which must not be inside a test's, so it gets a thread.
fn administer(words: &str) {
    let refused = std::thread::scope(|scope| {
        scope.spawn(|| connect(server()).and_then(|mut client| client.batch_execute(words)).err()).join()
    });
    match refused {
        Ok(None) => {}
        Ok(Some(error)) => panic!("the test PostgreSQL refuses {words}: {error}"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn connect(url: &str) -> Result<Client, postgres::Error> {
    url.parse::<Config>()?.connect(NoTls)
}

/// The server's URL with another database's name.
fn in_database(server: &str, name: &str) -> String {
    let Some((scheme, rest)) = server.split_once("://") else { return format!("{server} dbname={name}") };
    let (place, options) =
        rest.split_once('?').map_or((rest, String::new()), |(place, options)| (place, format!("?{options}")));
    let authority = place.split('/').next().unwrap_or(place);
    format!("{scheme}://{authority}/{name}{options}")
}

fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| std::env::var("PARLOIR_TEST_POSTGRES").unwrap_or_else(|_| Cluster::find().url()))
}

/// A cluster of our own.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    is_root: bool,
}

impl Cluster {
    fn find() -> Self {
        let programs = programs().unwrap_or_else(|| {
            panic!("these tests need PostgreSQL 15 or newer: run scripts/postgres.sh, or set PARLOIR_TEST_POSTGRES to a superuser's URL")
        });
        let user = said(&mut Command::new("id"), &["-u"]);
        let folder = std::env::temp_dir().join(format!("parloir-postgres-{user}"));
        Self { programs, folder, is_root: user == "0" }
    }

    /// The URL of the running server, which is started if it does not run.
    fn url(&self) -> String {
        let url = format!("host={} user=postgres dbname=postgres", self.folder.join("run").display());
        let lock = std::fs::OpenOptions::new().create(true).append(true).open(self.beside("lock"));
        let lock = lock.unwrap_or_else(|error| panic!("the cluster's lock: {error}"));
        lock.lock().unwrap_or_else(|error| panic!("the cluster's lock: {error}"));
        self.register();
        for _ in 0..10 {
            if answers(&url) {
                return url;
            }
            self.make();
            self.start();
        }
        panic!("PostgreSQL does not start: see {}", self.folder.join("log").display());
    }

    /// Makes the cluster anew: what an earlier run left, perhaps by another version, is of no use.
    fn make(&self) {
        self.run("rm", &["-rf", &self.at("data"), &self.at("log")]);
        self.run("mkdir", &["-p", &self.at("run")]);
        let initdb = self.programs.join("initdb").display().to_string();
        self.run(
            &initdb,
            &[
                "-D",
                &self.at("data"),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            ],
        );
    }

    /// Notes that this process uses the cluster.
    fn register(&self) {
        let users = self.beside("users");
        let noted = std::fs::create_dir_all(&users)
            .and_then(|()| std::fs::write(users.join(std::process::id().to_string()), ""));
        noted.unwrap_or_else(|error| panic!("{}: {error}", users.display()));
    }

    fn start(&self) {
        let options =
            format!("-c listen_addresses='' -c unix_socket_directories='{}' -c max_connections=600", self.at("run"));
        self.run(&self.control(), &["-D", &self.at("data"), "-l", &self.at("log"), "-w", "-o", &options, "start"]);
        self.watch();
    }

    /// A shell that stops the server when no process that uses it is left.
    fn watch(&self) {
        let stop =
            [&self.prefix()[..], &[self.control()], &["-D", &self.at("data"), "-m", "fast", "stop"].map(String::from)]
                .concat();
        let script = format!(
            "cd '{users}' || exit; idle=0; while [ $idle -lt 5 ]; do sleep 1; idle=$((idle + 1));
             for user in *; do if kill -0 \"$user\" 2>/dev/null; then idle=0; else rm -f \"$user\"; fi; done; done; exec {stop}",
            users = self.beside("users").display(),
            stop = stop.join(" "),
        );
        let quiet = Command::new("setsid")
            .args(["sh", "-c", &script])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Err(error) = quiet {
            panic!("the cluster's watch: {error}");
        }
    }

    fn control(&self) -> String {
        self.programs.join("pg_ctl").display().to_string()
    }

    fn at(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// A file of the tests' own user beside the server's folder.
    fn beside(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("{}-{name}", self.folder.display()))
    }

    /// PostgreSQL refuses to run as root, so root runs it as the user its package has made.
    fn prefix(&self) -> Vec<String> {
        if self.is_root { ["runuser", "-u", "postgres", "--"].map(String::from).to_vec() } else { Vec::new() }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut words = self.prefix();
        words.push(program.to_owned());
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A start that fails because the server already runs is found out by asking the server.
        let _ = command.status();
    }
}

fn answers(url: &str) -> bool {
    let asked = std::thread::scope(|scope| {
        scope.spawn(|| connect(url).and_then(|mut client| client.is_valid(Duration::from_secs(5))).err()).join()
    });
    match asked {
        Ok(None) => true,
        // A server with too many clients is there; one that stops (57P03) is not.
        Ok(Some(error)) => error.code().is_some_and(|state| state.code() != "57P03"),
        Err(_) => false,
    }
}

/// The newest installed programs, or those on the path.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").exists())
        .max();
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder: &PathBuf| is_complete(folder));
    newest.map(|(_, folder)| folder).or_else(on_path)
}

fn is_complete(folder: &Path) -> bool {
    folder.join("initdb").exists() && folder.join("pg_ctl").exists()
}

fn said(command: &mut Command, arguments: &[&str]) -> String {
    let output = command.args(arguments).output().unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::in_database;

    #[test]
    fn a_database_is_named_in_either_form_of_url() {
        assert_eq!(in_database("host=/run user=me", "x"), "host=/run user=me dbname=x");
        assert_eq!(
            in_database("postgresql://me:pw@host:1/old?sslmode=disable", "x"),
            "postgresql://me:pw@host:1/x?sslmode=disable"
        );
        assert_eq!(in_database("postgres://host", "x"), "postgres://host/x");
    }
}
