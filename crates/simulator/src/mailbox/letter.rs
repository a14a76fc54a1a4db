//! Mails as people's programs write them, and a little reading of what was sent.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

/// A mail that somebody writes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Letter {
    /// Who writes: an address.
    pub from: String,
    /// To whom: another address of the mailbox's; its own if none is named.
    pub to: Option<String>,
    /// What stands beside it.
    pub name: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The Message-ID of what it answers.
    pub answers: Option<String>,
    /// Its own Message-ID; the simulator chooses one if it has none.
    pub id: Option<String>,
    /// Its files; none of who writes through the control interface.
    #[serde(skip)]
    pub attachments: Vec<Attachment>,
}

/// A file of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// The bytes.
    pub content: Bytes,
}

const BOUNDARY: &str = "simulated-boundary";

impl Letter {
    /// The raw mail.
    pub(crate) fn written(&self, to: &str, id: &str, at_ms: i64) -> Bytes {
        let to = self.to.as_deref().unwrap_or(to);
        let mut mail = format!(
            "From: {} <{}>\r\nTo: <{to}>\r\nSubject: {}\r\nMessage-ID: <{id}>\r\nX-Simulated-At: {at_ms}\r\nMIME-Version: 1.0\r\n",
            self.name, self.from, self.subject
        );
        if let Some(answered) = &self.answers {
            let _ = write!(mail, "In-Reply-To: <{answered}>\r\nReferences: <{answered}>\r\n");
        }
        let text = format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
            lines(self.text.as_bytes())
        );
        if self.attachments.is_empty() {
            mail += &text;
            return mail.into();
        }
        let _ = write!(mail, "Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n--{BOUNDARY}\r\n{text}");
        for file in &self.attachments {
            let _ = write!(
                mail,
                "--{BOUNDARY}\r\nContent-Type: {}\r\nContent-Disposition: attachment; filename=\"{}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}",
                file.mime,
                file.name,
                lines(&file.content)
            );
        }
        let _ = write!(mail, "--{BOUNDARY}--\r\n");
        mail.into()
    }
}

fn lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut lines = String::with_capacity(text.len() + text.len() / 38 + 2);
    for line in text.as_bytes().chunks(76) {
        lines.push_str(std::str::from_utf8(line).unwrap_or_default());
        lines.push_str("\r\n");
    }
    lines
}

/// The value of the first field of a raw mail with this name, which is in lower case, in one line.
pub(crate) fn field(raw: &[u8], name: &str) -> Option<String> {
    head(raw).into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The fields of a mail's header, unfolded.
pub(crate) fn head(raw: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(raw);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
    fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

/// The same mail with another Message-ID.
pub(super) fn renamed(raw: &Bytes, id: &str) -> Bytes {
    let Some(old) = field(raw, "message-id") else { return raw.clone() };
    String::from_utf8_lossy(raw).replacen(&old, &format!("<{id}>"), 1).into()
}
