//! `parloir export`: everything of a contact, or of a workspace, into one file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use vault::{ContactId, Purpose, Scope};

use crate::app::Shared;
use crate::export::{self, Sink};

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
    if contact.is_none() {
        app.vault
            .write(&scope, vault::ending::note_exported)
            .await
            .context("that it was exported could not be noted")?;
    }
    let rows: Map<String, Value> = made.rows.iter().map(|(name, rows)| ((*name).to_owned(), (*rows).into())).collect();
    Ok(json!({ "file": to, "bytes": bytes, "rows": rows, "files": made.files, "missing_files": made.missing }))
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
