//! `parloir doctor`: looks at everything an installation stands on, and says what to do where something is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use connect::{Body, Call, HttpCall, Method, Reply};
use serde_json::{Value, json};
use vault::channels::{self, Channel, ChannelState};
use vault::retention::Standing;
use vault::{CUSTODY_FILE, Clock, DATABASE_FILE, Millis};

use super::report::{Finding, State};
use super::{Command, outside, place, say};
use crate::app::Shared;
use crate::outbound::guard;
use crate::settings::{RootKeySource, Settings};
use crate::views::time;
use crate::workers::connecting::NoFiles;

/// Free space below which an operator should act, and below which writing may fail any moment; in kibibytes.
const LITTLE_SPACE: u64 = 2 << 20;
const NO_SPACE: u64 = 200 << 10;
/// 2025-01-01: no clock that is right shows less.
const EARLIEST: Millis = 1_735_689_600_000;
/// How far files may seem to be from the future, in milliseconds.
const SKEW: Millis = 60_000;

/// Examines an installation; exit code 1 if something is wrong.
pub(super) fn examine(settings: Settings, json: bool) -> ExitCode {
    let mut findings = vec![configuration(&settings)];
    findings.push(folder(&settings.data));
    findings.push(root_key(&settings));
    findings.extend(outside::blobs(&settings));
    findings.push(clock(&settings));
    findings.extend(space(&settings.data));
    findings.extend(inside(settings));
    let wrong = findings.iter().any(|finding| finding.state == State::Wrong);
    if json {
        say(&json!({ "findings": findings }).to_string());
    } else {
        let lines: Vec<_> = findings.iter().map(Finding::line).collect();
        say(&lines.join("\n"));
    }
    ExitCode::from(u8::from(wrong))
}

fn configuration(settings: &Settings) -> Finding {
    let database = if settings.database.is_some() { "PostgreSQL" } else { "SQLite" };
    let about = "settings";
    let words = format!("{database}, data in {}", settings.data.display());
    match &settings.named_public_url {
        Some(url) if url.starts_with("https://") => Finding::good(about, format!("{words}, reached at {url}")),
        Some(url) => Finding::mind(about, format!("{words}, reached at {url}: providers on the internet want https")),
        None => {
            Finding::mind(about, format!("{words}; public_url is not set, so only this machine reaches the server"))
        }
    }
}

fn folder(data: &Path) -> Finding {
    let about = "folder";
    let path = data.display();
    let Ok(found) = std::fs::metadata(data) else {
        return Finding::mind(about, format!("{path} is not there yet: parloir serve makes it"));
    };
    let probe = data.join(".doctor");
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Err(error) => Finding::wrong(about, format!("{path} cannot be written to: {}", error.kind())),
        Ok(()) if found.permissions().mode() & 0o077 != 0 => {
            Finding::mind(about, format!("others on this machine can look into {path}: run chmod 700 {path}"))
        }
        Ok(()) => Finding::good(about, format!("{path} can be written to, and is closed to others")),
    }
}

fn root_key(settings: &Settings) -> Finding {
    let about = "root key";
    let path = match &settings.root_key {
        RootKeySource::File(path) => path,
        RootKeySource::Given(_) => return Finding::good(about, "given by PARLOIR_ROOT_KEY"),
        RootKeySource::AwsKms(_) | RootKeySource::Transit(_) => return outside::root_key(settings),
    };
    let name = path.display();
    match std::fs::metadata(path) {
        Ok(file) if file.permissions().mode() & 0o077 != 0 => {
            Finding::wrong(about, format!("others can read {name}: run chmod 600 {name}"))
        }
        Ok(_) => Finding::good(about, format!("{name}; is there a copy of it elsewhere?")),
        Err(_) if is_there(settings) => {
            Finding::wrong(about, format!("{name} is missing: bring back the one this installation was made with"))
        }
        Err(_) => Finding::mind(about, "none yet: the first start makes it"),
    }
}

fn clock(settings: &Settings) -> Finding {
    let about = "clock";
    let now = place::clock(settings).now();
    let newest = [DATABASE_FILE, CUSTODY_FILE].iter().filter_map(|name| changed(&settings.data.join(name))).max();
    if now < EARLIEST {
        Finding::wrong(about, "the clock is years behind: set it, and keep it right with NTP")
    } else if newest.is_some_and(|newest| newest > now + SKEW) {
        Finding::wrong(about, "the data was written at a later time than it is now: the clock has gone back")
    } else {
        Finding::good(about, crate::views::time(now))
    }
}

/// When a file was changed last, in milliseconds since the epoch.
fn changed(path: &Path) -> Option<Millis> {
    let changed = std::fs::metadata(path).ok()?.modified().ok()?;
    Millis::try_from(changed.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// Free space, as df (POSIX) tells it; nothing where there is no df.
fn space(data: &Path) -> Option<Finding> {
    let said = std::process::Command::new("df").arg("-Pk").arg("--").arg(data).output().ok()?;
    let free = free_kib(&String::from_utf8_lossy(&said.stdout))?;
    let words = format!("{} MiB free", free >> 10);
    Some(match free {
        0..NO_SPACE => Finding::wrong("disk", format!("{words}: make room now")),
        NO_SPACE..LITTLE_SPACE => Finding::mind("disk", format!("{words}: make room soon")),
        _ => Finding::good("disk", words),
    })
}

/// The fourth column of the second line.
fn free_kib(said: &str) -> Option<u64> {
    said.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn is_there(settings: &Settings) -> bool {
    settings.custody.is_some() || settings.data.join(CUSTODY_FILE).exists()
}

/// What only the holder of the data can tell. An installation that is not there is not made for being looked at.
fn inside(settings: Settings) -> Vec<Finding> {
    if !is_there(&settings) {
        return vec![Finding::mind("database", "there is none yet: the first start makes it")];
    }
    let found = place::order(settings, Command::Examine);
    found
        .and_then(|value| Ok(serde_json::from_value(value)?))
        .unwrap_or_else(|error| vec![Finding::wrong("database", super::in_words(&error))])
}

/// Whether a root key gives way to another, and which of the two is needed. Where none does, nothing is to be said.
async fn root_keys(app: &Shared) -> Option<Finding> {
    let about = "root key";
    let state = match app.vault.root_state().await {
        Ok(state) => state,
        Err(error) => return Some(Finding::wrong(about, error.to_string())),
    };
    let (moved, keys) = (state.moved, state.keys);
    match (app.settings.next_root_key.is_some(), state.is_whole()) {
        (false, true) => None,
        (true, true) => Some(Finding::mind(
            about,
            format!(
                "all {keys} keys are under the next root key: the old one is not needed any more; make the next one \
                     root_key.source and remove root_key.next"
            ),
        )),
        (_, false) => Some(Finding::mind(
            about,
            format!(
                "{moved} of {keys} keys are under the next root key, and both are needed: run parloir keys rotate --root"
            ),
        )),
    }
}

/// Whether sweeps believe the clock; where they do, nothing is to be said.
async fn trusted_clock(app: &Shared) -> Result<Option<Finding>> {
    let Standing::Ahead { noted, shows } = app.vault.clock_standing().await? else { return Ok(None) };
    let words = format!(
        "it shows {}, but {} was noted last: nothing is swept. If the clock is right (the installation was off, or restored), run \
         parloir retention confirm-clock; otherwise set it",
        time(shows),
        time(noted)
    );
    Ok(Some(Finding::wrong("clock", words)))
}

/// Database, keys and providers.
pub(super) async fn from_inside(app: &Shared) -> Result<Value> {
    let wrong = app.vault.examine_database().await?;
    let mut findings: Vec<_> = wrong.into_iter().map(|words| Finding::wrong("database", words)).collect();
    if findings.is_empty() {
        findings.push(Finding::good("database", "answers, and its settings are right"));
    }
    findings.extend(root_keys(app).await);
    findings.extend(trusted_clock(app).await?);
    findings.push(super::backup::finding(app).await?);
    let depths = app.vault.depths().await?;
    if depths.inbox_set_aside > 0 {
        let words = format!("{} received requests were set aside; the log says why", depths.inbox_set_aside);
        findings.push(Finding::mind("inbox", words));
    }
    let mut bases: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for channel in all_channels(app).await? {
        let Some(spec) = connect::channels::by_kind(&channel.kind).map(connect::Connector::spec) else { continue };
        if channel.state == ChannelState::NeedsAttention {
            let why = channel.state_reason.unwrap_or_default();
            findings.push(Finding::mind("channel", format!("{} ({}) needs attention: {why}", channel.id, spec.label)));
        }
        if let Some(endpoint) = spec.endpoint {
            bases.entry(app.settings.endpoint(endpoint, spec.base_url)).or_default().insert(spec.label);
        }
    }
    for (base, labels) in bases {
        findings.push(provider(app, base, &labels).await);
    }
    Ok(serde_json::to_value(findings)?)
}

/// Every channel of every workspace that is not disconnected.
async fn all_channels(app: &Shared) -> Result<Vec<Channel>> {
    let mut all = Vec::new();
    for workspace in app.vault.workspaces().await? {
        let scope = app.vault.operator_scope(workspace.id).await?;
        let mut cursor = None;
        loop {
            let page = app.vault.read(&scope, move |tx| channels::list(tx, cursor.as_ref(), 100)).await?;
            all.extend(page.data.into_iter().filter(|channel| channel.state != ChannelState::Off));
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
    }
    Ok(all)
}

/// One call to a provider's base address: any answer will do.
async fn provider(app: &Shared, base: String, labels: &BTreeSet<&str>) -> Finding {
    let labels = labels.iter().copied().collect::<Vec<_>>().join(", ");
    let host = guard::host_of(&base);
    let call = Call::Http(HttpCall {
        operation: "doctor.reach",
        method: Method::Get,
        url: base,
        headers: Vec::new(),
        body: Body::Empty,
        repeatable: true,
        to_blob: false,
        cut: None,
        max_reply: 1 << 20,
    });
    match app.outbound.attempt(&call, "doctor", &NoFiles).await.reply {
        Reply::Answer { .. } | Reply::Stored { .. } | Reply::Mail(_) | Reply::Unheard => {
            Finding::good("provider", format!("{labels}: {host} answers"))
        }
        Reply::NotSent { why } | Reply::Lost { why } => {
            Finding::wrong("provider", format!("{labels}: {host} cannot be reached: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Flags;

    #[test]
    fn free_space_is_read_from_df() {
        let said = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /srv/my data\n";
        assert_eq!(free_kib(said), Some(60));
        assert_eq!(free_kib(""), None);
    }

    #[test]
    fn what_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("none");
        let settings = Settings::load(&Flags { data: Some(data.clone()), ..Flags::default() }, []).unwrap();
        assert_eq!(inside(settings.clone())[0].state, State::Mind);
        assert_eq!(root_key(&settings).state, State::Mind);
        assert_eq!(super::folder(&data).state, State::Mind);
        assert!(!data.exists());
    }

    #[test]
    fn an_open_root_key_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::load(&Flags { data: Some(folder.path().into()), ..Flags::default() }, []).unwrap();
        let key = folder.path().join("root.key");
        std::fs::write(&key, "x").unwrap();
        std::fs::set_permissions(&key, PermissionsExt::from_mode(0o640)).unwrap();
        assert_eq!(root_key(&settings).state, State::Wrong);
        assert!(root_key(&settings).words.contains("chmod 600"));
    }

    #[test]
    fn a_clock_that_went_back_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::load(&Flags { data: Some(folder.path().into()), ..Flags::default() }, []).unwrap();
        assert_eq!(clock(&settings).state, State::Good);
        let file = std::fs::File::create(folder.path().join(DATABASE_FILE)).unwrap();
        let tomorrow = file.metadata().unwrap().modified().unwrap() + std::time::Duration::from_hours(24);
        file.set_modified(tomorrow).unwrap();
        assert_eq!(clock(&settings).state, State::Wrong);
    }
}
