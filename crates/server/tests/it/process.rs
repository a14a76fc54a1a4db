//! The real program as a process of its own: set up by its command line, asked over HTTP, killed, and started again on
//! the same data and under the same address.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Client, text_of};
use crate::house::{PASSWORD, PATIENCE};

/// An installation that processes come and go on.
pub(crate) struct Installation {
    /// `DIR/data` is the program's, what it prints lies beside it.
    folder: TempDir,
    address: String,
    environment: Vec<(String, String)>,
}

/// A running server. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// Where its standard output goes, and how long that was before it.
    printed: PathBuf,
    from: u64,
}

impl Installation {
    /// An empty one with these settings (`PARLOIR_…`).
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { folder, address: free_address(), environment }
    }

    /// Gives it other settings from now on.
    pub(crate) fn set(&mut self, settings: Vec<(String, String)>) {
        self.environment = settings;
    }

    /// The folder the program has for itself.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything the processes printed: files with their standard output and error.
    pub(crate) fn output(&self) -> [PathBuf; 2] {
        ["stdout", "stderr"].map(|name| self.folder.path().join(name))
    }

    /// What the processes logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.output()[1]).unwrap_or_default()
    }

    /// `http://127.0.0.1:…`, the same for every process.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has a command carried out: its answer.
    pub(crate) fn command(&self, arguments: &[&str], input: Option<&str>) -> Value {
        let mut child =
            self.program(arguments).arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", self.log());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// A workspace, by its id.
    pub(crate) fn workspace(&self, name: &str) -> String {
        text_of(&self.command(&["workspace", "create", "--name", name], None)["id"])
    }

    /// A member's token, after the member was added.
    pub(crate) fn member(&self, workspace: &str, name: &str, email: &str, role: &str) -> String {
        self.member_with(workspace, (name, email), role, PASSWORD)
    }

    /// The same with a password of one's own.
    pub(crate) fn member_with(
        &self,
        workspace: &str,
        (name, email): (&str, &str),
        role: &str,
        password: &str,
    ) -> String {
        let member = ["member", "add", "--workspace", workspace, "--email", email, "--name", name, "--role", role];
        self.command(&[&member[..], &["--password-stdin"]].concat(), Some(&format!("{password}\n")));
        text_of(&self.command(&["token", "create", "--workspace", workspace, "--member", email], None)["token"])
    }

    /// Somebody with a token.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&format!("{}/api/v1", self.base())).with("authorization", &format!("Bearer {token}"))
    }

    /// Starts a server, and does not wait until it is ready.
    pub(crate) fn spawn(&self) -> Process {
        let printed = self.output()[0].clone();
        let from = std::fs::metadata(&printed).map_or(0, |file| file.len());
        let mut command = self.program(&["serve", "--listen", &self.address]);
        let child = command.stdin(Stdio::null()).stdout(append(&printed)).spawn().unwrap();
        Process { child, printed, from }
    }

    /// Starts a server that takes requests.
    pub(crate) async fn start(&self) -> Process {
        let mut process = self.spawn();
        assert!(process.is_ready().await, "the server does not start: {}", self.log());
        process
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parloir"));
        // The tests' own switches are no settings of the program.
        let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| is_setting(name));
        ours.for_each(|name| {
            command.env_remove(name);
        });
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("PARLOIR_DATA", self.data()).stderr(append(&self.folder.path().join("stderr")));
        command
    }
}

impl Process {
    /// Waits until the server says that it listens; `false` if it ends before, or says nothing for long.
    pub(crate) async fn is_ready(&mut self) -> bool {
        let waiting = async {
            loop {
                if std::fs::read(&self.printed).unwrap()[usize::try_from(self.from).unwrap()..].ends_with(b"\n") {
                    return true;
                }
                if self.child.try_wait().unwrap().is_some() {
                    return false;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or(false)
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let status = tokio::time::timeout(PATIENCE, ended).await.expect("the server stops");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// A test database's place as settings take it: `host=/run user=me dbname=x` as `postgres://me@%2Frun/x`.
pub(crate) fn as_address(place: &str) -> String {
    if place.contains("://") {
        return place.to_owned();
    }
    // Of a word said twice the last counts, as for PostgreSQL itself.
    let words: BTreeMap<&str, &str> = place.split(' ').filter_map(|word| word.split_once('=')).collect();
    format!("postgres://{}@{}/{}", words["user"], words["host"].replace('/', "%2F"), words["dbname"])
}

fn is_setting(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("PARLOIR_"))
}

fn append(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}

/// An address that no client takes by chance while the server is down: below the ports that the system gives out.
pub(crate) fn free_address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 9_000).unwrap();
    (0..1_000)
        .map(|_| format!("127.0.0.1:{}", 21_000 + (start + NEXT.fetch_add(1, Ordering::SeqCst)) % 11_000))
        .find(|address| TcpListener::bind(address).is_ok())
        .expect("a free port")
}
