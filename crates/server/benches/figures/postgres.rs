//! Webhooks on PostgreSQL, against the rows that pgbench commits fifty at a time through one connection: rows of the same
//! shape and size in a table like the inbox, on the same server and disk, as durably.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use vault::testing::postgres::TestDatabase;

use crate::house::House;
use crate::pairs::{Wanted, compare, told};
use crate::{Plan, bodies, hooks};

/// Rows in one commit of the yardstick.
const A_COMMIT: usize = 50;
/// Bytes of a row's body: as many as a sealed webhook has.
const BODY: usize = 400;
/// Numbers of one round.
const NUMBERS: u64 = 10_000_000;

/// The inbox's table and indexes, under another name.
const TABLE: &str = "CREATE TABLE yardstick (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, channel_id TEXT NOT NULL, \
    seq BIGINT NOT NULL, received_at BIGINT NOT NULL, body_sealed BYTEA NOT NULL, attempts BIGINT NOT NULL, failure TEXT); \
    CREATE INDEX yardstick_due ON yardstick (channel_id, seq)";

/// Compares, with what is received worked off meanwhile and without.
pub(crate) async fn measure(plan: &Plan) {
    let database = tokio::task::spawn_blocking(TestDatabase::create).await.unwrap();
    let Some(yardstick) = Yardstick::new(&database.url) else {
        println!("  pgbench is not installed (it comes with PostgreSQL's server): not measured");
        return;
    };
    for working in [true, false] {
        println!("  {}:", if working { "signature" } else { "signature, nothing worked off meanwhile" });
        let ratio = against(plan, &database.url, &yardstick, working).await;
        if working {
            told("webhooks on PostgreSQL against pgbench", Wanted::AtLeast(0.3), ratio, "");
        }
    }
    tokio::task::spawn_blocking(move || drop(database)).await.unwrap();
}

async fn against(plan: &Plan, url: &str, yardstick: &Yardstick, working: bool) -> f64 {
    let house = House::open_on(Some(url), "127.0.0.1:9", working).await;
    let channel = house.api("http://127.0.0.1:9/").await;
    let round = AtomicU64::new(0);
    let ours = async || {
        let from = round.fetch_add(NUMBERS, Ordering::Relaxed);
        let answered = hooks::volley(plan, house.bound, &channel, bodies::event, from).fire().await;
        if working {
            house.drained(&channel).await;
        }
        answered.rate()
    };
    let theirs = async || yardstick.rows(plan.round.as_secs().max(1)).await;
    let pair = compare(plan.pairs, ("hooks", ours), ("pgbench rows", theirs)).await;
    house.close().await;
    pair.ratio
}

/// pgbench over a table of its own.
struct Yardstick {
    program: std::path::PathBuf,
    arguments: Vec<String>,
    _script: tempfile::TempPath,
}

impl Yardstick {
    /// `None` if there is no pgbench.
    fn new(url: &str) -> Option<Self> {
        let program = program()?;
        let word = |key: &str| url.rsplit(' ').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        let (host, user, name) = (word("host")?, word("user")?, word("dbname")?);
        let mut script = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut script, text().as_bytes()).unwrap();
        let script = script.into_temp_path();
        let place = ["-h", host, "-U", user];
        let made = Command::new(program.with_file_name("psql"))
            .args(place)
            .args(["-q", "-d", name, "-c", TABLE])
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "the yardstick's table could not be made");
        let file = script.to_str().unwrap();
        let arguments = [&place[..], &["-n", "-M", "prepared", "-c", "1", "-j", "1", "-f", file, name]].concat();
        Some(Self { program, arguments: arguments.iter().map(ToString::to_string).collect(), _script: script })
    }

    /// Rows a second, over so many seconds.
    async fn rows(&self, seconds: u64) -> f64 {
        let mut command = Command::new(&self.program);
        command.args(["-T", &seconds.to_string()]).args(&self.arguments).stderr(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
        #[expect(clippy::cast_precision_loss, reason = "fifty")]
        let rows = A_COMMIT as f64;
        rate.unwrap_or_else(|| panic!("pgbench says: {said}")) * rows
    }
}

/// One transaction: each row with an id of its own.
fn text() -> String {
    let body = "ab".repeat(BODY);
    let row = format!(
        "INSERT INTO yardstick (workspace_id, id, channel_id, seq, received_at, body_sealed, attempts) VALUES \
         ('wsp_01931c0e0000700080000000000000ab', 'inb_' || replace(gen_random_uuid()::text, '-', ''), \
         'chn_01931c0e0000700080000000000000ab', :seq, 1767225600000, '\\x{body}', 0);\n"
    );
    format!("\\set seq random(1, 9000000000000)\nBEGIN;\n{}COMMIT;\n", row.repeat(A_COMMIT))
}

fn program() -> Option<std::path::PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = installed.map(|entry| entry.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = installed.chain(std::env::split_paths(&on_path));
    folders.map(|folder| folder.join("pgbench")).find(|program| program.exists())
}
