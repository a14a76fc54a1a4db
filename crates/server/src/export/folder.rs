//! An archive as a folder: a file for each part, each whole or not there, and a list of those that are. What was interrupted goes on after
//! the last of them, however long it all is (S-5).

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Error, Result, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vault::Millis;

/// The list of what is whole, within the folder while that is written.
const LIST: &str = ".whole";
/// What a file is called while it is written.
const PART: &str = ".part";

/// A line of the list.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Begun { begun_at: Millis, of: String },
    Whole { path: String, rows: u64 },
}

/// A folder that is being written. Only its owner reads it.
pub(crate) struct Folder {
    root: PathBuf,
    begun: (Millis, String),
    whole: BTreeMap<String, u64>,
    list: File,
    open: Option<(String, BufWriter<File>)>,
}

impl Folder {
    /// Makes the folder for the export of a workspace or contact, by its id, or takes up what an interrupted export left there. What is in it and not in its list is written anew.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub(crate) fn open(root: &Path, of: &str, now: Millis) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let mut options = OpenOptions::new();
        let mut list = options.read(true).append(true).create(true).mode(0o600).open(root.join(LIST))?;
        let (mut begun, mut whole) = (None, BTreeMap::new());
        let told = std::fs::read(root.join(LIST))?;
        // A line that was cut when the machine stopped counts for nothing.
        for line in told.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            match serde_json::from_slice(line) {
                Ok(Line::Begun { begun_at, of }) => begun = begun.or(Some((begun_at, of))),
                Ok(Line::Whole { path, rows }) => drop(whole.insert(path, rows)),
                Err(_) => {}
            }
        }
        if !told.is_empty() && !told.ends_with(b"\n") {
            list.write_all(b"\n")?;
        }
        if begun.is_none() {
            note(&mut list, &Line::Begun { begun_at: now, of: of.to_owned() })?;
        }
        let begun = begun.unwrap_or_else(|| (now, of.to_owned()));
        Ok(Self { root: root.to_owned(), begun, whole, list, open: None })
    }

    /// When the first part of it was begun, by whichever run.
    pub(crate) fn begun_at(&self) -> Millis {
        self.begun.0
    }

    /// Whether it is of that workspace or contact.
    pub(crate) fn is_of(&self, of: &str) -> bool {
        self.begun.1 == of
    }

    /// How many rows a part has that is whole; `None`: it has to be written.
    pub(super) fn whole(&self, path: &str) -> Option<u64> {
        self.whole.get(path).copied()
    }

    pub(super) fn begin(&mut self, path: &str) -> Result<()> {
        self.drop_unfinished()?;
        let place = self.place(path);
        if let Some(folder) = place.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(part(&place))?;
        self.open = Some((path.to_owned(), BufWriter::new(file)));
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let (_, file) = self.open.as_mut().ok_or_else(|| Error::other("nothing was begun"))?;
        file.write_all(bytes)
    }

    /// The part that was begun is whole.
    pub(super) fn end(&mut self, rows: u64) -> Result<()> {
        let Some((path, file)) = self.open.take() else { return Ok(()) };
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let place = self.place(&path);
        std::fs::rename(part(&place), &place)?;
        note(&mut self.list, &Line::Whole { path: path.clone(), rows })?;
        self.whole.insert(path, rows);
        Ok(())
    }

    /// All of it is there.
    pub(super) fn finish(mut self) -> Result<()> {
        self.drop_unfinished()?;
        std::fs::remove_file(self.root.join(LIST))?;
        File::open(&self.root)?.sync_all()
    }

    /// Takes away what was begun and could not be read to its end.
    fn drop_unfinished(&mut self) -> Result<()> {
        match self.open.take() {
            Some((path, _)) => std::fs::remove_file(part(&self.place(&path))),
            None => Ok(()),
        }
    }

    fn place(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

fn part(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(PART);
    name.into()
}

fn note(list: &mut File, line: &Line) -> Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    list.write_all(&text)?;
    list.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_whole_is_kept_and_the_rest_is_written_anew() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("all");
        let mut first = Folder::open(&root, "wsp_1", 7).unwrap();
        for (path, rows) in [("data/a.json", 3), ("data/b.json", 4)] {
            first.begin(path).unwrap();
            first.append(b"[]").unwrap();
            first.end(rows).unwrap();
        }
        first.begin("data/c.json").unwrap();
        first.append(b"[1,").unwrap();
        drop(first);
        // The machine stopped in the middle of a line.
        let list = root.join(LIST);
        let cut = std::fs::read(&list).unwrap();
        std::fs::write(&list, &cut[..cut.len() - 3]).unwrap();
        let mut second = Folder::open(&root, "wsp_1", 9).unwrap();
        assert_eq!((second.begun_at(), second.whole("data/a.json"), second.whole("data/b.json")), (7, Some(3), None));
        assert!(second.is_of("wsp_1") && !second.is_of("wsp_2"));
        for path in ["data/b.json", "data/c.json"] {
            second.begin(path).unwrap();
            second.append(b"[2]").unwrap();
            second.end(1).unwrap();
        }
        second.finish().unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(root.join("data")).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a.json", "b.json", "c.json"]);
        assert_eq!(std::fs::read_to_string(root.join("data/c.json")).unwrap(), "[2]");
        assert!(!list.exists());
    }
}
