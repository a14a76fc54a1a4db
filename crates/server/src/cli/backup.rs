//! `parloir backup` and `parloir restore`: what they take, and what they tell.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::backup::{self, Act, Destination, Finished, Outcome, Place, Record, Restored, RestoredTo, Restoring, Taken};
use vault::{Chance, FileRootKey, Millis, Vault};

use super::report::Finding;
use super::{Command, place, show};
use crate::app::Shared;
use crate::control::DataLock;
use crate::machine::SystemChance;
use crate::settings::{RootKeySource, Settings};
use crate::views::time;
use crate::{cloud, serve};

/// For how many days backups are kept unless it is said otherwise.
const KEEP_DAYS: u32 = 30;
/// The folder of custody's copies inside the backup's, unless it is another's.
const CUSTODY: &str = "custody";
/// How old a last backup may be, in milliseconds.
const STALE: Millis = 7 * 24 * 3_600_000;

#[derive(Args)]
pub(super) struct Backup {
    /// The folder that holds the backups; the first one there is a whole one
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Where the newest copy of the keys goes; keep it apart from the data [default: DIR/custody]
    #[arg(long, value_name = "DIR")]
    custody_to: Option<PathBuf>,
    /// After how many days a backup is removed
    #[arg(long, value_name = "DAYS", default_value_t = KEEP_DAYS, value_parser = clap::value_parser!(u32).range(1..=365))]
    keep_days: u32,
    /// Take a whole one even where one can be continued
    #[arg(long)]
    whole: bool,
    /// Then restore it beside the data for a trial, and look through all of it
    #[arg(long = "try")]
    trial: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The folder that holds the backups
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Where the newest copy of the keys is [default: DIR/custody]
    #[arg(long, value_name = "DIR")]
    custody_from: Option<PathBuf>,
    /// As of which moment, such as 2026-11-22T09:30:00Z [default: the newest]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The root key's file, which is copied to its place in the data folder
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Where a backup goes, as a command carries it to whoever holds the data.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupOrder {
    to: PathBuf,
    custody_to: PathBuf,
    keep_days: u32,
    whole: bool,
    trial: bool,
}

impl Backup {
    pub(super) fn command(self) -> Result<(Command, bool)> {
        let absolute = |path: &Path| std::path::absolute(path).context("the folder cannot be named");
        let to = absolute(&self.to)?;
        let custody_to = self.custody_to.as_deref().map_or_else(|| Ok(to.join(CUSTODY)), absolute)?;
        let Self { keep_days, whole, trial, json, .. } = self;
        Ok((Command::Backup(BackupOrder { to, custody_to, keep_days, whole, trial }), json))
    }
}

fn folder(path: &Path) -> Result<Place> {
    Place::in_folder(path).with_context(|| format!("{} cannot be used for backups", path.display()))
}

/// Takes a backup, and notes that it was taken, or not.
pub(super) async fn take(app: &Shared, order: BackupOrder) -> Result<Value> {
    let BackupOrder { to, custody_to, keep_days, whole, trial } = order;
    let to = Destination { data: folder(&to)?, custody: folder(&custody_to)?, keep_days, whole };
    let begun_at = app.now();
    let (data, custody) = (to.data.clone(), to.custody.clone());
    let taken = app.vault.back_up(to).await;
    app.vault.note_backup(record(taken.as_ref().ok(), begun_at, app.now())).await?;
    let Taken { chain, number, from, until, bytes, expired } = taken.context("no backup was taken")?;
    let tried = if trial { Some(try_it(app, data, custody).await?) } else { None };
    Ok(json!({
        "chain": chain, "number": number, "from": time(from), "until": time(until), "bytes": bytes, "removed": expired,
        "tried": tried,
    }))
}

/// Tries the backup, and notes what came of it.
async fn try_it(app: &Shared, data: Place, custody: Place) -> Result<Value> {
    let begun_at = app.now();
    let tried = app.vault.try_backup(data, custody).await;
    let outcome = if tried.is_ok() { Outcome::Done } else { Outcome::Failed };
    let (chain, number, reaches) = tried.as_ref().map_or_else(
        |_| (String::new(), 0, 0),
        |tried| (tried.chain.clone(), i64::try_from(tried.number).unwrap_or(i64::MAX), tried.reaches),
    );
    let ended_at = app.now();
    let record = Record { act: Act::Trial, outcome, chain, number, reaches, bytes: 0, begun_at, ended_at };
    app.vault.note_backup(record).await?;
    let tried = tried.context("the backup was taken, but it cannot be restored")?;
    Ok(json!({ "workspaces": tried.workspaces, "files": tried.files, "cells": tried.cells, "keys_gone": tried.gone }))
}

fn record(taken: Option<&Taken>, begun_at: Millis, ended_at: Millis) -> Record {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Record {
        act: Act::Backup,
        outcome: if taken.is_some() { Outcome::Done } else { Outcome::Failed },
        chain: taken.map(|taken| taken.chain.clone()).unwrap_or_default(),
        number: taken.map_or(0, |taken| whole(taken.number)),
        reaches: taken.map_or(0, |taken| taken.until),
        bytes: taken.map_or(0, |taken| whole(taken.bytes)),
        begun_at,
        ended_at,
    }
}

/// What `doctor` says of backups.
pub(super) async fn finding(app: &Shared) -> vault::Result<Finding> {
    let about = "backup";
    let Some(last) = app.vault.last_backup(Act::Backup).await? else {
        return Ok(Finding::mind(about, "there is none: parloir backup --to DIR"));
    };
    let when = time(last.begun_at);
    Ok(match last.outcome {
        Outcome::Failed | Outcome::Pending => {
            Finding::wrong(about, format!("the last one failed ({when}): take one now to see why"))
        }
        Outcome::Done if app.now() - last.begun_at > STALE => {
            Finding::mind(about, format!("the last one is of {when}: take one more often"))
        }
        Outcome::Done => {
            let tried = match app.vault.last_backup(Act::Trial).await? {
                None => "none was tried yet (--try)".to_owned(),
                Some(Record { outcome: Outcome::Done, begun_at, .. }) => {
                    format!("one was tried and was good: {}", time(begun_at))
                }
                Some(Record { begun_at, .. }) => {
                    return Ok(Finding::wrong(
                        about,
                        format!("the last one that was tried could not be restored: {}", time(begun_at)),
                    ));
                }
            };
            Finding::good(about, format!("the last one reaches to {}; {tried}", time(last.reaches)))
        }
    })
}

impl Restore {
    /// Restores, and finishes it: when this returns, the data may be served.
    pub(super) fn run(self, settings: &Settings) -> Result<Value> {
        serve::make_folder(&settings.data)?;
        let Some(_lock) = DataLock::take(&settings.data)? else {
            bail!("{} is in use by another process: stop it first", settings.data.display())
        };
        let chance: Arc<dyn Chance> = Arc::new(SystemChance);
        if let Some(file) = &self.root_key {
            bring_root_key(file, settings)?;
        }
        let root = cloud::root_key(&settings.root_key, Arc::clone(&chance))
            .context("the root key is needed to restore: bring it to its place, or name its file (--root-key)")?;
        let custody_from = self.custody_from.clone().unwrap_or_else(|| self.from.join(CUSTODY));
        let what = Restoring {
            from: existing(&self.from)?,
            custody_from: existing(&custody_from).unwrap_or(existing(&self.from)?),
            at: self.at.as_deref().map(moment).transpose()?,
            root: Arc::from(root),
            clock: place::clock(settings),
            chance: Arc::clone(&chance),
        };
        let expose = |secret: &connect::Secret| secret.expose().to_owned();
        let to = RestoredTo {
            data: settings.data.clone(),
            database: settings.database.as_ref().map(expose),
            custody: settings.custody.as_ref().map(expose),
            blobs: cloud::blobs(&settings.blobs, &settings.data, chance)?,
        };
        let restored = backup::restore(&what, &to).context("nothing was restored")?;
        let (vault, _) = serve::open_vault(settings, place::clock(settings))?;
        let finished = place::runtime()?.block_on(async {
            let finished = vault.finish_restore().await;
            vault.close().await;
            finished
        });
        let finished =
            finished.context("the data is laid down; the next start goes on with what erasures it has to repeat")?;
        Ok(told(&restored, finished.as_ref()))
    }
}

/// Finishes what a restore was interrupted in, before anything is served.
pub(crate) async fn finish(vault: &Vault) -> Result<()> {
    let finished = vault.finish_restore().await.context("the restored data cannot be served")?;
    if let Some(Finished { at, erasures, sends }) = finished {
        tracing::warn!(at = %time(at), erasures, sends, "a restore was finished");
    }
    Ok(())
}

fn told(restored: &Restored, finished: Option<&Finished>) -> Value {
    json!({
        "chain": restored.chain, "at": time(restored.at), "files": restored.files, "custody_kept": restored.custody_kept,
        "missed": restored.missed, "erasures": finished.map_or(0, |finished| finished.erasures),
        "sends_in_doubt": finished.map_or(0, |finished| finished.sends),
    })
}

/// A folder that is there: nothing is restored from one that is mistyped.
fn existing(path: &Path) -> Result<Place> {
    if !path.is_dir() {
        bail!("{} is no folder", path.display())
    }
    folder(path)
}

fn moment(text: &str) -> Result<Millis> {
    let at: jiff::Timestamp =
        text.parse().with_context(|| format!("--at {text} is no moment such as 2026-11-22T09:30:00Z"))?;
    Ok(at.as_millisecond())
}

/// Copies the root key to where the settings say that it is; one that is there stays.
fn bring_root_key(file: &Path, settings: &Settings) -> Result<()> {
    let RootKeySource::File(place) = &settings.root_key else {
        bail!("--root-key: the settings say that the root key is not in a file")
    };
    if place.exists() {
        return Ok(());
    }
    FileRootKey::open(file).with_context(|| format!("{} is no root key", file.display()))?;
    std::fs::copy(file, place).context("the root key could not be copied")?;
    Ok(())
}

/// A backup as people read it.
pub(super) fn taken_text(answer: &Value) -> String {
    let kind = if answer["number"] == 1 { "A whole backup" } else { "What came since the last backup" };
    let bytes = answer["bytes"].as_u64().unwrap_or_default();
    format!(
        "{kind} was taken ({bytes} bytes). It can be restored as of any moment from {} to {}.",
        show::word(answer, "/from"),
        show::word(answer, "/until")
    ) + &tried_text(answer)
}

fn tried_text(answer: &Value) -> String {
    match answer.pointer("/tried/cells") {
        Some(cells) => {
            format!(
                "\nIt was restored for a trial: {cells} sealed values open, {} files are whole.",
                answer["tried"]["files"]
            )
        }
        None => String::new(),
    }
}

/// A restore as people read it.
pub(super) fn restored_text(answer: &Value) -> String {
    let mut lines = vec![format!(
        "The data is back as of {}, with {} files. {} erasures were repeated.",
        show::word(answer, "/at"),
        answer["files"],
        answer["erasures"]
    )];
    if answer["custody_kept"] == true {
        lines.push("The keys that were there were kept.".to_owned());
    }
    if answer["missed"] == true {
        lines.push(
            "Custody knows of a later backup that is not in this place: it was not finished, or was removed."
                .to_owned(),
        );
    }
    if answer["sends_in_doubt"] != 0 {
        lines.push(format!("{} messages may have been sent since and are not sent again.", answer["sends_in_doubt"]));
    }
    lines.push("Members have to sign in again; those, tokens and channels are as they were then.".to_owned());
    lines.join("\n")
}
