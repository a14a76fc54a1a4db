//! The figures of docs/performance.md, measured and printed, not judged.
//!
//! `cargo bench -p server --bench figures -- [SECTION…] [--pairs N] [--seconds S]`: without a section, all but `search`. Each
//! section can stand alone. Everything happens on 127.0.0.1, with the program inside this process (`idle` starts the
//! real one), and ends by itself.

mod bodies;
mod disk;
mod hooks;
mod house;
mod idle;
mod isolation;
mod live;
mod pairs;
mod postgres;
mod privacy;
mod search;
mod sends;
mod thread;
mod way;
mod widgets;
mod wire;

use std::time::Duration;

use server::telemetry::Monotonic;

/// The sections, in the order in which they run; [`ASKED_FOR`] only when they are named.
const SECTIONS: [(&str, &str); 12] = [
    ("disk", "how fast the folder makes bytes durable"),
    ("hooks", "acknowledged webhooks against a bare echo"),
    ("postgres", "acknowledged webhooks on PostgreSQL against the rows of pgbench"),
    ("way", "webhooks to stored messages against raw rows; searchable"),
    ("live", "webhook to a member's live stream, at a tenth of the load"),
    ("sends", "sends a second with each conversation's order kept"),
    ("isolation", "one slow or throttling channel, and what the others feel of it"),
    ("idle", "idle memory, start to ready, size"),
    ("widgets", "ten thousand open chats: memory of each, and how soon a reply is shown"),
    ("thread", "opening a conversation of ten thousand messages"),
    ("search", "searching a million messages"),
    ("privacy", "erasing, exporting and sweeping, in a database of a million messages too"),
];
/// What takes longer than a person waits for the others.
const ASKED_FOR: [&str; 2] = ["search", "privacy"];

/// What is measured, and for how long.
pub(crate) struct Plan {
    /// How often two things are compared.
    pairs: usize,
    /// How long one round lasts.
    round: Duration,
    /// The machine's own.
    clock: Monotonic,
    wanted: Vec<&'static str>,
}

impl Plan {
    fn of(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Self { pairs: 5, round: Duration::from_secs(5), clock: Monotonic::system(), wanted: Vec::new() };
        // Cargo says `--bench` to every benchmark.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let text = arguments.next().unwrap_or_default();
                text.parse::<u32>().ok().filter(|n| *n > 0).ok_or(format!("{argument} takes a whole number from 1"))
            };
            match argument.as_str() {
                "--pairs" => plan.pairs = number()? as usize,
                "--seconds" => plan.round = Duration::from_secs(number()?.into()),
                name => plan.wanted.push(section(name)?),
            }
        }
        Ok(plan)
    }

    fn wants(&self, section: &str) -> bool {
        if self.wanted.is_empty() { !ASKED_FOR.contains(&section) } else { self.wanted.contains(&section) }
    }
}

fn section(name: &str) -> Result<&'static str, String> {
    let known = SECTIONS.iter().find(|(known, _)| *known == name).map(|(known, _)| *known);
    let list = || SECTIONS.map(|(name, what)| format!("  {name:8} {what}")).join("\n");
    known.ok_or_else(|| format!("there is no section {name}; there are:\n{}", list()))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(widgets::ONLOOKERS) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(widgets::look_on_for_another(arguments));
    }
    let plan = match Plan::of(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(mistake) => {
            eprintln!("{mistake}");
            std::process::exit(2);
        }
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("{cores} cores; {} pairs, rounds of {:?}; load {}", plan.pairs, plan.round, pairs::load());
    // The same threads as the program's own.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (name, what) in SECTIONS {
        if plan.wants(name) {
            println!("\n{name}: {what} (load before: {})", pairs::load());
            runtime.block_on(measure(name, &plan));
        }
    }
}

async fn measure(name: &str, plan: &Plan) {
    match name {
        "disk" => disk::measure(plan),
        "hooks" => hooks::measure(plan).await,
        "way" => way::measure(plan).await,
        "live" => live::measure(plan).await,
        "postgres" => postgres::measure(plan).await,
        "search" => search::measure(plan).await,
        "privacy" => privacy::measure(plan).await,
        "sends" => sends::measure(plan).await,
        "isolation" => isolation::measure(plan).await,
        "thread" => thread::measure(plan).await,
        "widgets" => widgets::measure(plan).await,
        _ => idle::measure(plan),
    }
}
