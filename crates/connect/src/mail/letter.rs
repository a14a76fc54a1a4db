//! A mail as it was read: what its header says, its words, and where its files lie.

use crate::{MailEncoding, Span};

/// A field of a header: the name in lower case, the value in one line.
pub(crate) type MailField = (String, String);

/// A mail as it was read.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Letter {
    /// The header's fields in their order, decoded (RFC 2047).
    pub(crate) headers: Vec<MailField>,
    /// `From`, in order.
    pub(crate) from: Vec<MailAddress>,
    /// `Sender`.
    pub(crate) sender: Option<MailAddress>,
    /// `Return-Path`; empty: the null sender.
    pub(crate) return_path: Option<String>,
    /// Whom it is for, and for which addresses servers took it: `To`, `Cc`, `Delivered-To`, `X-Original-To`, `Envelope-To`.
    pub(crate) to: Vec<MailAddress>,
    /// The words: from `text/plain`, else from the HTML.
    pub(crate) text: Option<Words>,
    /// The HTML, exactly as it came.
    pub(crate) html: Option<String>,
    /// The files, in their order.
    pub(crate) files: Vec<LetterFile>,
    /// What machines say in it.
    pub(crate) report: Report,
    /// What it is where it cannot be shown whole, in a word: `encrypted_mail`, `mail_too_large`, …
    pub(crate) unsupported: Option<String>,
    /// `Date`, in Unix milliseconds.
    pub(crate) date_ms: Option<i64>,
    /// When it arrived in the mailbox, in Unix milliseconds; 0 where nobody says.
    pub(crate) received_ms: i64,
    /// The mail is longer than what was read of it.
    pub(crate) cut: bool,
    /// SHA-256 in hex of the fields that do not change on the way, and of the body.
    pub(crate) fingerprint: String,
}

/// The words of a mail, with LF line ends, and where its HTML marks what is not the writer's own.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Words {
    /// The words.
    pub(crate) text: String,
    /// The byte at which a marked quotation of an earlier mail begins.
    pub(crate) quote: Option<usize>,
    /// The byte at which a marked signature begins.
    pub(crate) signature: Option<usize>,
}

/// An address with the name that stands beside it.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct MailAddress {
    /// The name, decoded.
    pub(crate) name: Option<String>,
    /// The address as it is written.
    pub(crate) address: String,
}

/// A file of a mail.
#[derive(Clone, PartialEq)]
pub(crate) struct LetterFile {
    /// Its name, without folders; named after its type where the mail does not name it.
    pub(crate) name: Option<String>,
    /// The claimed type, in lower case.
    pub(crate) content_type: String,
    /// Its size in bytes once decoded, if the mail was read that far.
    pub(crate) size: Option<u64>,
    /// As [`crate::RemoteFile::role`].
    pub(crate) role: String,
    /// `Content-ID` without brackets: what `cid:` in the HTML names.
    pub(crate) content_id: Option<String>,
    /// It is shown within the HTML.
    pub(crate) inline: bool,
    /// Where it lies.
    pub(crate) place: PartPlace,
}

/// Where a part's encoded body lies in the raw mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartPlace {
    /// Which part it is: its number among the leaves of the mail, from 0.
    pub(crate) index: usize,
    /// Its first byte.
    pub(crate) offset: u64,
    /// How many bytes it has. In a mail that was cut, up to the mail's end.
    pub(crate) length: u64,
    /// How it is encoded.
    pub(crate) encoding: MailEncoding,
    /// Of a file within that part: where it lies there once the part is decoded.
    pub(crate) within: Option<Span>,
}

/// What machines say in a mail.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Report {
    /// The mail is a `multipart/report` (RFC 6522), and of which type.
    pub(crate) kind: Option<String>,
    /// `message/delivery-status` (RFC 3464): the fields of the message, then those of each recipient.
    pub(crate) delivery: Vec<Vec<MailField>>,
    /// `message/feedback-report` (RFC 5965).
    pub(crate) feedback: Vec<MailField>,
    /// The header of the mail that is returned within it.
    pub(crate) returned: Vec<MailField>,
}

impl Letter {
    /// Whether its envelope has the null sender, which nobody answers.
    pub(crate) fn is_from_null(&self) -> bool {
        self.return_path.as_ref().is_some_and(String::is_empty)
    }

    /// The value of the first field of that name, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        field(&self.headers, name)
    }

    /// The values of all fields of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The value of the first field of that name, which is in lower case.
pub(crate) fn field<'a>(fields: &'a [MailField], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}

impl std::fmt::Debug for LetterFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LetterFile(…)")
    }
}
