//! Exports as archives: one ZIP with everything of a contact, or of a workspace, for machines (JSON, CSV, the files) and for people
//! (pages that any browser shows). It is written as it is read, so its size does not matter (S-3, S-5).
//!
//! Read in this order: this file (what comes after what), [`archive`] (the ZIP), [`folder`] (the same as files, which goes on where it was
//! interrupted), [`forms`] (JSON and CSV), [`reading`] (pages), [`pouring`] (an
//! archive that is fetched while it is written).

mod archive;
mod folder;
mod forms;
mod pouring;
mod reading;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use vault::export::{self, Page, Part, Value, Whose};
use vault::{
    AttachmentId, ConsentId, ContactId, Personal, Result, Scope, Tx, Vault, attachments, consents, workspaces,
};

use crate::views::{ReceiptView, time};
use archive::Archive;
pub(crate) use archive::Sink;
pub(crate) use folder::Folder;
use forms::{Csv, Form, Json};
pub(crate) use pouring::pour;
use reading::{Overview, Transcript};

/// What an export came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    /// Rows by part, in the order of the data map.
    pub(crate) rows: Vec<(&'static str, u64)>,
    /// Files of messages.
    pub(crate) files: u64,
    /// Files that should be there and cannot be read.
    pub(crate) missing: u64,
}

/// Writes an archive. A sink that is dropped unfinished holds half an archive, which is none.
///
/// # Errors
/// [`vault::Error::NotFound`] if there is no such contact, or it is erased while it is exported.
pub(crate) async fn write(
    vault: &Vault,
    scope: &Scope,
    contact: Option<ContactId>,
    sink: Box<dyn Sink>,
) -> Result<(Made, Box<dyn Sink>)> {
    let (made, sink) = exported(vault, scope, contact, Archive::zip(sink)).await?;
    Ok((made, sink.ok_or(vault::Error::Closed)?))
}

/// Writes the same into a folder, and leaves out what is whole there already.
///
/// # Errors
/// As [`write`].
pub(crate) async fn write_folder(
    vault: &Vault,
    scope: &Scope,
    contact: Option<ContactId>,
    folder: Folder,
) -> Result<Made> {
    exported(vault, scope, contact, Archive::Folder(folder)).await.map(|(made, _)| made)
}

async fn exported(
    vault: &Vault,
    scope: &Scope,
    contact: Option<ContactId>,
    archive: Archive,
) -> Result<(Made, Option<Box<dyn Sink>>)> {
    let whose = vault.write(scope, move |tx| export::begin(tx, contact)).await?;
    let mut export = Export { vault, scope, whose, archive: Some(archive), made: Made::default() };
    let profile = Box::pin(export.parts()).await?;
    Box::pin(export.conclude(&profile)).await
}

/// An export under way.
struct Export<'a> {
    vault: &'a Vault,
    scope: &'a Scope,
    whose: Whose,
    /// `None` only while another thread writes to it.
    archive: Option<Archive>,
    made: Made,
}

impl Export<'_> {
    fn of_contact(&self) -> bool {
        self.whose != Whose::Workspace
    }

    /// Writes part after part; the first page of contacts comes back.
    async fn parts(&mut self) -> Result<Arc<Page>> {
        let mut profile = Arc::new(Page { columns: Vec::new(), rows: Vec::new(), next: None });
        for part in export::parts(self.of_contact()) {
            let first = Arc::new(self.page(part, None).await?);
            if part.name() == "contacts" {
                profile = Arc::clone(&first);
            }
            if first.rows.is_empty() {
                self.made.rows.push((part.name(), 0));
                continue;
            }
            let rows = self.pour(part, &first, format!("data/{}.json", part.name()), Box::new(Json::default())).await?;
            self.made.rows.push((part.name(), rows));
            self.pour(part, &first, format!("data/{}.csv", part.name()), Box::new(Csv)).await?;
            if part.name() == "messages" && self.of_contact() {
                self.pour(part, &first, "messages.html".to_owned(), Box::new(Transcript)).await?;
            }
            if part.name() == "consents" && self.of_contact() {
                self.receipts(part, &first).await?;
            }
            if part.name() == "attachments" {
                self.files(part, &first).await?;
            }
        }
        Ok(profile)
    }

    async fn page(&self, part: &'static Part, after: Option<export::Bookmark>) -> Result<Page> {
        let whose = self.whose;
        let page = self.vault.read(self.scope, move |tx| part.page(tx, whose, after.as_ref())).await?;
        Ok(if part.name() == "attachments" { with_paths(page) } else { page })
    }

    /// Writes a part in one form; how many rows it were.
    async fn pour(&mut self, part: &'static Part, first: &Arc<Page>, path: String, form: Box<dyn Form>) -> Result<u64> {
        if let Some(rows) = self.whole(&path) {
            return Ok(rows);
        }
        let (mut form, mut page, mut rows) = (form, Arc::clone(first), 0);
        let head = form.head(first);
        self.writes(move |archive| archive.begin(&path, &head)).await?;
        loop {
            rows += u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
            let leaf = Arc::clone(&page);
            form = self
                .writes(move |archive| {
                    let mut text = String::new();
                    for row in &leaf.rows {
                        form.row(&leaf.columns, row, &mut text);
                    }
                    archive.append(text.as_bytes())?;
                    Ok(form)
                })
                .await?;
            let Some(next) = page.next.clone() else { break };
            page = Arc::new(self.page(part, Some(next)).await?);
        }
        let foot = form.foot();
        let whole = move |archive: &mut Archive| archive.append(foot.as_bytes()).and_then(|()| archive.end(rows));
        self.writes(whole).await?;
        Ok(rows)
    }

    /// Writes the receipt of each consent.
    async fn receipts(&mut self, part: &'static Part, first: &Arc<Page>) -> Result<()> {
        let mut page = Arc::clone(first);
        loop {
            for id in page.rows.iter().filter_map(|row| text(row, "id")?.parse::<ConsentId>().ok()) {
                let receipt = self.vault.read(self.scope, move |tx| receipt(tx, id)).await?;
                self.writes(move |archive| archive.add(&format!("receipts/{id}.jsonld"), &receipt)).await?;
            }
            let Some(next) = page.next.clone() else { return Ok(()) };
            page = Arc::new(self.page(part, Some(next)).await?);
        }
    }

    /// Writes the bytes of the files that are here.
    async fn files(&mut self, part: &'static Part, first: &Arc<Page>) -> Result<()> {
        let mut page = Arc::clone(first);
        loop {
            for row in &page.rows {
                let (Some(id), Some(path)) = (text(row, "id"), text(row, "file")) else { continue };
                if let Ok(id) = id.parse::<AttachmentId>() {
                    self.file(id, path.clone()).await?;
                }
            }
            let Some(next) = page.next.clone() else { return Ok(()) };
            page = Arc::new(self.page(part, Some(next)).await?);
        }
    }

    /// Writes a file's bytes. One that is not there, or was altered, is told, and stops nothing.
    async fn file(&mut self, id: AttachmentId, path: String) -> Result<()> {
        if self.whole(&path).is_some() {
            self.made.files += 1;
            return Ok(());
        }
        let key = self.vault.read(self.scope, move |tx| attachments::file_key(tx, id)).await?;
        let Some(key) = key else {
            self.made.missing += 1;
            return Ok(());
        };
        let vault = self.vault.clone();
        let whole = self
            .writes(move |archive| {
                let Ok(mut bytes) = vault.open_file(id, &key) else { return Ok(false) };
                archive.begin_file(&path)?;
                loop {
                    match bytes.next_part() {
                        Ok(Some(part)) => archive.append(&part)?,
                        Ok(None) => return archive.end(1).map(|()| true),
                        Err(_) => return Ok(false),
                    }
                }
            })
            .await?;
        let counter = if whole { &mut self.made.files } else { &mut self.made.missing };
        *counter += 1;
        Ok(())
    }

    /// Writes what is in it and what is not, and ends the archive.
    async fn conclude(mut self, profile: &Page) -> Result<(Made, Option<Box<dyn Sink>>)> {
        let workspace = self.vault.read(self.scope, workspaces::view).await?.name.into_revealed();
        let made_at = time(self.vault.clock().now());
        let left_out: Vec<_> = export::left_out(self.of_contact()).collect();
        let summary = summary(self.whose, &workspace, &made_at, &self.made, profile);
        let overview = Overview {
            workspace: &workspace,
            made_at: &made_at,
            of_contact: self.of_contact(),
            made: &self.made,
            profile,
            left_out: &left_out,
        };
        let (name, page) = (if self.of_contact() { "contact.json" } else { "workspace.json" }, overview.page());
        let made = self.made;
        let archive = self.archive.take();
        let sink = self
            .vault
            .off_thread(move |_| {
                let mut archive = archive.ok_or(vault::Error::Closed)?;
                archive.add(name, &summary)?;
                archive.add("index.html", &page)?;
                Ok(archive.finish()?)
            })
            .await?;
        Ok((made, sink))
    }

    /// How many rows a part has that an earlier run wrote.
    fn whole(&self, path: &str) -> Option<u64> {
        self.archive.as_ref().and_then(|archive| archive.whole(path))
    }

    /// Lets a thread that may wait for the disk write.
    async fn writes<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Archive) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut archive = self.archive.take().ok_or(vault::Error::Closed)?;
        let (archive, value) = self
            .vault
            .off_thread(move |_| {
                let value = work(&mut archive)?;
                Ok((archive, value))
            })
            .await?;
        self.archive = Some(archive);
        Ok(value)
    }
}

fn receipt(tx: &Tx<'_>, id: ConsentId) -> Result<String> {
    let (consent, words) = consents::with_text(tx, id)?;
    let controller = workspaces::view(tx)?;
    let receipt = ReceiptView::of(consent, words, (controller.id.to_string(), controller.name), tx.now());
    Ok(format!("{:#}\n", json!(receipt)))
}

/// Says of each file that is here where in the archive it is.
fn with_paths(mut page: Page) -> Page {
    page.columns.push("file".to_owned());
    for row in &mut page.rows {
        let stored = text(row, "state").is_some_and(|state| state == "stored");
        let Some(id) = text(row, "id").filter(|_| stored) else { continue };
        let path = format!("files/{id}{}", text(row, "name").map(|name| ending(name)).unwrap_or_default());
        row.push(("file".to_owned(), Value::Text(Personal::new(path))));
    }
    page
}

/// The end of a file's name, where it is one that no system takes for anything else.
fn ending(name: &str) -> String {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    let plain = (1..=8).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { format!(".{}", end.to_ascii_lowercase()) } else { String::new() }
}

/// The text in a row's column.
fn text<'a>(row: &'a export::Row, column: &str) -> Option<&'a String> {
    row.iter().find(|(name, _)| name == column).and_then(|(_, value)| match value {
        Value::Text(text) => Some(text.reveal()),
        _ => None,
    })
}

/// What a program reads first.
fn summary(whose: Whose, workspace: &str, made_at: &str, made: &Made, profile: &Page) -> String {
    let rows: BTreeMap<_, _> = made.rows.iter().copied().collect();
    let left_out = export::left_out(whose != Whose::Workspace);
    let left_out: Vec<_> =
        left_out.map(|one| json!({ "table": one.table, "column": one.column, "why": one.why })).collect();
    let mut summary = json!({
        "workspace": workspace, "made_at": made_at, "rows": rows, "files": made.files, "missing_files": made.missing,
        "left_out": left_out,
    });
    if let Whose::Contact(contact) = whose {
        let people: Vec<_> = profile.rows.iter().map(forms::object).collect();
        summary["contact"] = json!(contact.to_string());
        summary["profiles"] = people.into();
    }
    format!("{summary:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_gives_its_ending_and_nothing_else() {
        for (name, expected) in [
            ("a.PDF", ".pdf"),
            ("../../etc/passwd", ""),
            ("x./../../y", ""),
            ("archive.tar.gz", ".gz"),
            ("no ending", ""),
            ("a.ex e", ""),
            ("a.toolongending", ""),
        ] {
            assert_eq!(ending(name), expected, "{name}");
        }
    }
}
