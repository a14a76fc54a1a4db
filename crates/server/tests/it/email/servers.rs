//! Dovecot and Postfix as they are, on free ports, in folders of their own, and stopped when the tests end.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

use crate::house::PATIENCE;
use crate::process::free_address;

/// The password of every mailbox.
pub(super) const PASSWORD: &str = "secret";
/// Everybody's domain.
pub(super) const DOMAIN: &str = "example.test";
/// How many mailboxes Postfix delivers to.
const MAILBOXES: usize = 400;

/// A running Dovecot, with a folder of mailboxes.
pub(super) struct Dovecot {
    /// `HERE/mail`, and what belongs to the server itself.
    pub folder: TempDir,
    pub imap: u16,
    pub imaps: u16,
    child: Mutex<Option<Child>>,
}

/// Both servers.
pub(super) struct Servers {
    pub dovecot: Dovecot,
    pub smtp: u16,
    pub smtps: u16,
    /// The port of [`super::dying`].
    pub dying: u16,
    _postfix: Child,
}

/// One mailbox, which belongs to whoever asked for it.
pub(super) struct Mailbox {
    pub address: String,
    /// Its Maildir.
    pub folder: PathBuf,
}

/// Whose the mailboxes are: nobody's, or the tests' own where these are not root's.
fn owner() -> (u32, u32) {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    if user.is_root() { (65_534, 65_534) } else { (user.as_raw(), group.as_raw()) }
}

/// The servers of all tests.
pub(super) async fn servers() -> &'static Servers {
    static SERVERS: OnceCell<Servers> = OnceCell::const_new();
    SERVERS
        .get_or_init(|| async {
            let dovecot = Dovecot::start().await;
            for _ in 0..5 {
                if let Some((child, smtp, smtps)) = start_postfix(&dovecot).await {
                    return Servers { dovecot, smtp, smtps, dying: super::dying::start(), _postfix: child };
                }
            }
            panic!("Postfix does not start: see above")
        })
        .await
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mail.sh")
}

/// Runs a program until its standard input ends, however this process ends.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Child {
    assert!(Path::new(program).exists(), "{program} is not there: run scripts/mail.sh");
    let mut command = Command::new(script());
    command.arg("run").arg(folder).arg(program).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

fn port() -> u16 {
    free_address().rsplit(':').next().unwrap().parse().unwrap()
}

/// A file of the configuration, with its places filled in.
fn write(to: &Path, template: &str, places: &[(&str, String)]) {
    let text = places.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value));
    std::fs::write(to, text).unwrap();
}

fn folder(path: &Path, mode: u32) -> String {
    std::fs::create_dir_all(path).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

/// Whether somebody answers at a port before the child ends.
async fn answers(child: &mut Child, port: u16, log: &Path) -> bool {
    let asking = async {
        loop {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
                let mut greeting = [0; 8];
                if stream.read(&mut greeting).await.is_ok_and(|read| read > 0) {
                    return true;
                }
            }
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    let answered = tokio::time::timeout(PATIENCE, asking).await.unwrap_or(false);
    if !answered {
        eprintln!("no mail server at {port}: {}", std::fs::read_to_string(log).unwrap_or_default());
    }
    answered
}

impl Dovecot {
    /// Starts one with no mailbox in it.
    pub(super) async fn start() -> Self {
        let temporary = TempDir::new().unwrap();
        folder(temporary.path(), 0o755);
        folder(&temporary.path().join("mail"), 0o777);
        let certificates = temporary.path().join("certificates");
        folder(&certificates, 0o755);
        let made =
            Command::new(script()).arg("certificates").arg(&certificates).stderr(Stdio::null()).status().unwrap();
        assert!(made.success(), "certificates for the mail servers");
        let mut dovecot = Self { folder: temporary, imap: 0, imaps: 0, child: Mutex::default() };
        for _ in 0..5 {
            (dovecot.imap, dovecot.imaps) = (port(), port());
            dovecot.configure();
            if dovecot.start_again().await {
                return dovecot;
            }
        }
        panic!("Dovecot does not start: see above")
    }

    fn here(&self) -> PathBuf {
        self.folder.path().join("dovecot")
    }

    fn configure(&self) {
        let places = [
            ("HERE", folder(&self.here(), 0o755)),
            ("CERTIFICATES", self.folder.path().join("certificates").display().to_string()),
            ("MAIL", self.folder.path().join("mail").display().to_string()),
            ("UID", owner().0.to_string()),
            ("GID", owner().1.to_string()),
            ("IMAP", self.imap.to_string()),
            ("IMAPS", self.imaps.to_string()),
        ];
        write(&self.here().join("dovecot.conf"), include_str!("dovecot.conf"), &places);
    }

    /// Starts it where it was; whether it answers.
    pub(super) async fn start_again(&self) -> bool {
        let here = self.here();
        let configuration = here.join("dovecot.conf").display().to_string();
        let mut child = run(&here, "/usr/sbin/dovecot", &["-F", "-c", &configuration]);
        let answers = answers(&mut child, self.imap, &here.join("log")).await;
        *self.child.lock().unwrap() = answers.then_some(child);
        answers
    }

    /// Kills it and all its processes in the middle of whatever they do, and waits until they are gone.
    pub(super) fn kill(&self) {
        let main = std::fs::read_to_string(self.here().join("run/master.pid")).unwrap();
        let main: u32 = main.trim().parse().unwrap();
        let all = [vec![main], children(main)].concat();
        for process in &all {
            Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap();
        }
        let child = self.child.lock().unwrap().take();
        child.unwrap().wait().unwrap();
        // What it noted of itself says that it still runs.
        std::fs::remove_file(self.here().join("run/master.pid")).ok();
    }

    /// A mailbox that nobody else has, empty.
    pub(super) fn mailbox(&self) -> Mailbox {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        assert!(number < MAILBOXES, "there are more mailboxes in the tests than Postfix knows");
        let address = format!("box{number}@{DOMAIN}");
        let home = self.folder.path().join("mail").join(&address);
        let maildir = home.join("Maildir");
        let below = ["new", "cur", "tmp"].map(|name| maildir.join(name));
        for made in [home, maildir.clone()].into_iter().chain(below) {
            folder(&made, 0o777);
            chown(&made, Some(owner().0), Some(owner().1)).unwrap();
        }
        Mailbox { address, folder: maildir }
    }

    /// The certificate by which the servers prove themselves.
    pub(super) fn authority(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("certificates/ca.pem")).unwrap()
    }
}

/// The processes that a process has started, and those that they have.
fn children(of: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        if status.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|parent| parent.trim() == of.to_string())) {
            found.push(process);
        }
    }
    let below: Vec<u32> = found.iter().flat_map(|process| children(*process)).collect();
    [found, below].concat()
}

/// Postfix, delivering into Dovecot's mailboxes, and its ports.
async fn start_postfix(dovecot: &Dovecot) -> Option<(Child, u16, u16)> {
    let here = dovecot.folder.path().join("postfix");
    let (smtp, smtps) = (port(), port());
    let places = [
        ("HERE", folder(&here, 0o755)),
        ("CERTIFICATES", dovecot.folder.path().join("certificates").display().to_string()),
        ("MAIL", dovecot.folder.path().join("mail").display().to_string()),
        ("SASL", dovecot.here().join("sasl").display().to_string()),
        ("UID", owner().0.to_string()),
        ("GID", owner().1.to_string()),
        ("SMTP", smtp.to_string()),
        ("SMTPS", smtps.to_string()),
    ];
    write(&here.join("main.cf"), include_str!("main.cf"), &places);
    write(&here.join("master.cf"), include_str!("master.cf"), &places);
    // Each is reached by an address of other letters, too.
    let lines = |n| ["box", "jörg"].map(|name| format!("{name}{n}@{DOMAIN} box{n}@{DOMAIN}/Maildir/\n")).concat();
    let boxes: String = (1..MAILBOXES).map(lines).collect::<Vec<_>>().concat();
    std::fs::write(here.join("boxes"), boxes).unwrap();
    folder(&here.join("queue"), 0o755);
    // Its own user owns what it keeps; `check` makes what is missing. Then it runs here and not in the background.
    let steps =
        "chown postfix . && cd .. && postfix -c \"$PWD\" check && exec /usr/lib/postfix/sbin/master -c \"$PWD\" -s";
    let data = here.join("data");
    folder(&data, 0o755);
    let steps = format!("cd {} && {steps}", data.display());
    let mut child = run(&here, "/bin/bash", &["-c", &steps]);
    answers(&mut child, smtp, &here.join("log")).await.then_some((child, smtp, smtps))
}

impl Mailbox {
    /// Puts a mail into the inbox, as a server does.
    pub(super) fn deliver(&self, mail: &[u8]) {
        self.put(mail, None);
    }

    /// The same at a moment, in Unix milliseconds.
    pub(super) fn deliver_at(&self, mail: &[u8], at_ms: i64) {
        self.put(mail, Some(std::time::UNIX_EPOCH + Duration::from_millis(at_ms.unsigned_abs())));
    }

    fn put(&self, mail: &[u8], at: Option<std::time::SystemTime>) {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("1.{}_{}.tests", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let begun = self.folder.join("tmp").join(&name);
        std::fs::write(&begun, mail).unwrap();
        if let Some(at) = at {
            std::fs::File::options().write(true).open(&begun).and_then(|file| file.set_modified(at)).unwrap();
        }
        chown(&begun, Some(owner().0), Some(owner().1)).unwrap();
        std::fs::rename(begun, self.folder.join("new").join(name)).unwrap();
    }

    /// The mails of a folder (`""` is the inbox, `.Sent` one below), in no order.
    pub(super) fn mails(&self, folder: &str) -> Vec<String> {
        let read = |name: &str| std::fs::read_dir(self.folder.join(folder).join(name)).into_iter().flatten().flatten();
        let files = read("new").chain(read("cur"));
        files
            .filter_map(|file| std::fs::read(file.path()).ok())
            .map(|mail| String::from_utf8_lossy(&mail).into_owned())
            .collect()
    }

    /// All its mails have other ids from now on. Their validity is the second in which they are given: another one than before.
    pub(super) async fn forget_ids(&self) {
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        for entry in std::fs::read_dir(&self.folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("dovecot") {
                std::fs::remove_file(entry.path()).ok();
            }
        }
    }
}
