//! `parloir export`: everything of a contact, or of a workspace, into one file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use vault::{ContactId, Millis, Purpose, Scope, ending, erase};

use crate::app::Shared;
use crate::export::{self, Folder, Made, Sink};

/// How long what an interrupted export left is gone on with, in milliseconds: a week.
const GOOD_MS: Millis = 7 * 24 * 3_600_000;

/// Writes a folder, or goes on where one was interrupted: unless somebody of whom it holds something was erased since.
pub(super) async fn export_folder(app: &Shared, scope: &Scope, contact: Option<ContactId>, to: &Path) -> Result<Value> {
    ensure!(!to.exists(), "{} is there already: name another folder, or move it away", to.display());
    let scope = scope.for_purpose(Purpose::Administration);
    let (beside, now) = (beside(to)?, app.now());
    let unwritten = || format!("{} cannot be written", beside.display());
    let of = contact.map_or_else(|| scope.workspace().to_string(), |contact| contact.to_string());
    let mut folder = Folder::open(&beside, &of, now).with_context(unwritten)?;
    let begun_at = folder.begun_at();
    let erased = app.vault.read(&scope, move |tx| erase::any_since(tx, begun_at)).await?;
    if erased || !folder.is_of(&of) || begun_at < now.saturating_sub(GOOD_MS) {
        drop(folder);
        std::fs::remove_dir_all(&beside).with_context(unwritten)?;
        folder = Folder::open(&beside, &of, now).with_context(unwritten)?;
    }
    let made = export::write_folder(&app.vault, &scope, contact, folder)
        .await
        .context("the export is not whole: order it again, and it goes on")?;
    std::fs::rename(&beside, to).with_context(|| format!("{} cannot be written", to.display()))?;
    note(app, &scope, contact).await?;
    Ok(told(to, &made))
}

/// That somebody has all of the workspace is what its end waits for.
async fn note(app: &Shared, scope: &Scope, contact: Option<ContactId>) -> Result<()> {
    if contact.is_none() {
        app.vault.write(scope, ending::note_exported).await.context("that it was exported could not be noted")?;
    }
    Ok(())
}

fn told(to: &Path, made: &Made) -> Value {
    let rows: Map<String, Value> = made.rows.iter().map(|(name, rows)| ((*name).to_owned(), (*rows).into())).collect();
    json!({ "file": to, "rows": rows, "files": made.files, "missing_files": made.missing })
}

/// Writes the archive beside its place and moves it there once it is whole. One that was interrupted is begun anew.
pub(super) async fn export(app: &Shared, scope: &Scope, contact: Option<ContactId>, to: &Path) -> Result<Value> {
    ensure!(!to.exists(), "{} is there already: name another file, or move it away", to.display());
    let scope = scope.for_purpose(Purpose::Administration);
    let beside = beside(to)?;
    let file = Unfinished::create(&beside).with_context(|| format!("{} cannot be written", beside.display()))?;
    let (made, sink) =
        export::write(&app.vault, &scope, contact, Box::new(file)).await.context("nothing was exported")?;
    let (from, place) = (beside, to.to_owned());
    let finish = move |_: &vault::Vault| -> vault::Result<u64> {
        sink.complete()?;
        std::fs::rename(&from, &place)?;
        Ok(std::fs::metadata(&place)?.len())
    };
    let bytes = app.vault.off_thread(finish).await.with_context(|| format!("{} cannot be written", to.display()))?;
    note(app, &scope, contact).await?;
    let mut told = told(to, &made);
    told["bytes"] = bytes.into();
    Ok(told)
}

/// Where the archive is until it is whole.
fn beside(to: &Path) -> Result<PathBuf> {
    let name = to.file_name().context("--to names no file")?.to_string_lossy();
    Ok(to.with_file_name(format!(".{name}.unfinished")))
}

/// A file that only its owner reads, and that goes again unless it is completed.
struct Unfinished {
    file: BufWriter<File>,
    path: PathBuf,
    whole: bool,
}

impl Unfinished {
    fn create(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned(), whole: false })
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Sink for Unfinished {
    fn complete(mut self: Box<Self>) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        self.whole = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.whole {
            std::fs::remove_file(&self.path).ok();
        }
    }
}
