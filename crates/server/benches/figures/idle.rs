//! The real program: how long until it is ready, how much memory it needs when nothing happens, how large it is.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Plan;
use crate::pairs::{Wanted, median, real, told};

/// How long the program is left alone before its memory is read.
const REST: Duration = Duration::from_secs(10);

/// Starts the program again and again, and rests with the last.
pub(crate) fn measure(plan: &Plan) {
    let program = program();
    let folder = crate::house::folder();
    let first = timed(plan, &program, &folder.path().join("data"));
    println!("  {:>8.0} ms to ready at the first start, which makes keys and tables", first.1);
    stop(first.0);
    let mut times = Vec::new();
    for _ in 0..plan.pairs.max(5) {
        let (child, time) = timed(plan, &program, &folder.path().join("data"));
        times.push(time);
        stop(child);
    }
    println!("  {times:.0?} ms to ready at the next starts");
    told("start to ready", Wanted::AtMost(150.0), median(times), " ms");
    let (child, _) = timed(plan, &program, &folder.path().join("data"));
    std::thread::sleep(REST);
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    stop(child);
    for (field, what) in
        [("VmRSS", "resident after 10 s"), ("RssAnon", "of it its own"), ("RssFile", "of it mapped from files")]
    {
        println!("  {:>8.1} MiB {what}", kilobytes(&status, field) / 1024.0);
    }
    told("idle memory", Wanted::AtMost(40.0), kilobytes(&status, "VmRSS") * 1024.0 / 1e6, " MB");
    let size = std::fs::metadata(&program).unwrap().len();
    told("program", Wanted::AtMost(40.0), real(loaded(&program)) / 1e6, " MB");
    println!("  {:>8.1} MB is the program without what only debuggers read", real(loaded(&program)) / 1e6);
    println!("  {:>8.1} MB is its file, {}", real(size) / 1e6, program.file_name().unwrap().to_string_lossy());
}

/// `PARLOIR_BENCH_PROGRAM`, or what was built for this benchmark: without link-time optimisation, and with lines for
/// profilers.
fn program() -> PathBuf {
    match std::env::var_os("PARLOIR_BENCH_PROGRAM") {
        Some(path) => path.into(),
        None => env!("CARGO_BIN_EXE_parloir").into(),
    }
}

/// Starts the program; milliseconds until it says that it listens.
fn timed(plan: &Plan, program: &Path, data: &Path) -> (Child, f64) {
    let began = plan.clock.now();
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        // A setting of this measurement's, which the program does not know.
        .env_remove("PARLOIR_BENCH_PROGRAM")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line.starts_with("listening on")));
    assert!(ready, "the program ended before it listened");
    (child, plan.clock.since(began).as_secs_f64() * 1_000.0)
}

fn stop(mut child: Child) {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success(), "the program did not stop cleanly");
}

fn kilobytes(status: &str, field: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(f64::NAN)
}

/// What an ELF file's segments bring into memory: its size once stripped.
fn loaded(program: &Path) -> u64 {
    let bytes = std::fs::read(program).unwrap();
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let half = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    assert!(bytes.starts_with(b"\x7fELF\x02\x01"), "not a 64-bit little-endian ELF file");
    let (table, entry, count) = (usize::try_from(word(32)).unwrap(), half(54), half(56));
    let headers = (0..count).map(|index| table + index * entry);
    // PT_LOAD is 1; the size in the file stands at 32 of a header.
    headers.filter(|at| bytes[*at..*at + 4] == [1, 0, 0, 0]).map(|at| word(at + 32)).sum()
}
