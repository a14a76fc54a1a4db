//! The folders of an account.

use bytes::Bytes;

use super::super::{End, Fault};
use super::command::Command;
use super::response::{Kind, Untagged};
use super::session::Session;

/// No more folders than this are known.
const MOST: usize = 2_000;
/// Names that the folder for sent mail has where nothing says which it is.
const SENT: [&str; 4] = ["sent", "sent items", "sent messages", "sent mail"];

/// A folder with its marks, in lower case (`\sent`), and its name as the server writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) marks: Vec<String>,
    pub(super) name: Bytes,
}

impl Folder {
    fn is(&self, mark: &str) -> bool {
        self.marks.iter().any(|found| found == mark)
    }

    /// Whether mails can be in it.
    pub(super) fn opens(&self) -> bool {
        !self.is("\\noselect") && !self.is("\\nonexistent")
    }
}

/// All folders.
pub(super) async fn all(session: &mut Session) -> Result<Vec<Folder>, End> {
    let mut folders = Vec::new();
    let note = |untagged| {
        if let Untagged::Folder(marks, name) = untagged
            && folders.len() < MOST
        {
            folders.push(Folder { marks, name });
        }
    };
    // RFC 6154, section 5.2: some say what a folder is for only when they are asked.
    let command = if session.can("SPECIAL-USE") && session.can("LIST-EXTENDED") {
        Command::new("LIST \"\" \"*\" RETURN (SPECIAL-USE)")
    } else {
        Command::new("LIST \"\" \"*\"")
    };
    let status = session.run(&command, note).await?;
    if status.kind == Kind::Ok { Ok(folders) } else { Err(Fault::NotSent("the mail server lists no folders").into()) }
}

/// The folder for sent mail: the one that is marked so, or else one that is called so.
pub(super) fn sent(folders: &[Folder]) -> Option<&Folder> {
    let mut open = folders.iter().filter(|folder| folder.opens());
    let last = |folder: &Folder| {
        let name = String::from_utf8_lossy(&folder.name).to_lowercase();
        name.rsplit(['/', '.']).next().unwrap_or_default().to_owned()
    };
    open.clone()
        .find(|folder| folder.is("\\sent"))
        .or_else(|| open.find(|folder| SENT.contains(&last(folder).as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(marks: &[&str], name: &'static str) -> Folder {
        Folder {
            marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
            name: Bytes::from_static(name.as_bytes()),
        }
    }

    #[test]
    fn sent_mail_has_its_folder() {
        let (inbox, english) = (folder(&[], "INBOX"), folder(&["\\hasnochildren"], "INBOX.Sent"));
        let (marked, shut) = (folder(&["\\sent"], "Gesendet"), folder(&["\\noselect"], "Sent"));
        assert_eq!(sent(&[inbox.clone(), english.clone(), marked.clone()]), Some(&marked));
        assert_eq!(sent(&[inbox.clone(), shut.clone(), english.clone()]), Some(&english));
        assert_eq!(sent(&[inbox, shut]), None);
    }
}
