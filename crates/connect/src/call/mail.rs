//! Calls to mail servers: submission (RFC 5321, 6409) and mailboxes (RFC 9051 and the older RFC 3501).

use super::BlobHandle;
use crate::Secret;

/// A mail server and how to sign in there.
#[derive(Clone)]
pub struct MailServer {
    /// Name or address. It is dialled only as the address guard allows.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// The user's name; empty: nobody signs in.
    pub username: String,
    /// The password, never printed.
    pub password: Secret,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte (ports 993 and 465).
    Implicit,
    /// After the STARTTLS command, without which nothing is said (ports 143 and 587).
    StartTls,
    /// Not at all: for hosts that the operator named as private.
    None,
}

/// One mail to be submitted.
#[derive(Clone)]
pub struct SmtpCall {
    /// What is being done, for metrics and traces. Never personal data.
    pub operation: &'static str,
    /// Where.
    pub server: MailServer,
    /// The envelope's sender; `None` is the null sender, which nobody answers.
    pub from: Option<String>,
    /// The envelope's recipients. With none nothing is submitted: it only signs in, says NOOP and QUIT, and answers
    /// [`MailReply::Done`] or [`MailReply::Denied`]. That proves an account.
    pub to: Vec<String>,
    /// The mail, header first, with CRLF line ends; dots are doubled on the way.
    pub pieces: Vec<MailPiece>,
    /// The DKIM signature that goes before it, if any.
    pub dkim: Option<Dkim>,
}

/// A piece of a mail.
#[derive(Clone)]
pub enum MailPiece {
    /// As it is.
    Bytes(Vec<u8>),
    /// A stored file in base64, in lines of 76 characters, ended by CRLF.
    Base64(BlobHandle),
}

/// Who signs a mail (RFC 6376).
#[derive(Clone)]
pub struct Dkim {
    /// `d=`: the domain.
    pub domain: String,
    /// `s=`: the selector.
    pub selector: String,
    /// A private key in PEM (PKCS #8): RSA of 2,048 bits or more, or Ed25519 (RFC 8463). Never printed.
    pub key: Secret,
    /// `t=`: seconds since the Unix epoch.
    pub signed_at: i64,
}

/// One piece of work in a mailbox.
#[derive(Clone)]
pub struct ImapCall {
    /// What is being done, for metrics and traces. Never personal data.
    pub operation: &'static str,
    /// Where.
    pub server: MailServer,
    /// What.
    pub act: ImapAct,
}

/// What is done in a mailbox. `INBOX` is opened read-only unless something is written: no mark of the owner's changes.
#[derive(Clone)]
pub enum ImapAct {
    /// Looks at the inbox: [`MailReply::Mailbox`] without mails.
    Look,
    /// Brings mails with greater ids than `after`, smallest first: [`MailReply::Mailbox`]. If the mailbox has another validity than
    /// `validity`, it brings none, and says which it has.
    After {
        /// UIDVALIDITY.
        validity: u32,
        /// The last id that is known, 0 for none.
        after: u32,
        /// Mails that arrived before this moment (INTERNALDATE, Unix milliseconds) are passed over.
        since_ms: i64,
        /// How many at most.
        most: u32,
        /// A mail larger than this many bytes comes with its first 256 KiB only.
        largest: u64,
        /// No further mail is begun once this many bytes are there.
        bytes: u64,
        /// A mail at which the connection broke before, 0 for none: another one is asked for first, to know whose fault it is.
        doubtful: u32,
    },
    /// Brings part of one mail, decoded, into the blob store: [`crate::Reply::Stored`], or [`MailReply::NoMail`]. A mail that has
    /// another id by now, or lies in another folder, is looked for by its Message-ID.
    Part(MailPart),
    /// Writes a mail into the folder for sent mail (`\Sent`, RFC 6154), if there is one, marked as read: [`MailReply::Done`].
    KeepSent(Vec<MailPiece>),
    /// Removes mails for good (UID EXPUNGE, RFC 4315): [`MailReply::Done`], also where they were gone; [`MailReply::NoMail`] if the
    /// mailbox has another validity.
    Remove {
        /// UIDVALIDITY.
        validity: u32,
        /// The ids.
        uids: Vec<u32>,
    },
    /// Removes a person's mails for good from every folder that can be opened: [`MailReply::Removed`], also where there was none.
    RemoveTheirs(TheirMails),
}

/// Mails from one person and to them, to be found wherever they lie.
#[derive(Clone)]
pub struct TheirMails {
    /// Their Message-IDs, without angle brackets. Senders choose them, so what has one may be somebody else's mail.
    pub ids: Vec<String>,
    /// The addresses that the person was known by, as [`crate::identity::email`] writes them: it is theirs where one of them wrote
    /// it, or where the channel wrote it to one of them.
    pub addresses: Vec<String>,
    /// What stands in the channel's own mark on what it sent; `None`: nothing is known to be.
    pub mark: Option<String>,
}

/// Where a file lies within a mail of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MailPart {
    /// UIDVALIDITY.
    pub validity: u32,
    /// The mail.
    pub uid: u32,
    /// The first byte of the part's encoded body, from the start of the mail.
    pub offset: u64,
    /// How many bytes it has there.
    pub length: u64,
    /// How it is encoded.
    pub encoding: MailEncoding,
    /// The mail's Message-ID, by which it is found again where its id in the mailbox is another by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Of a file within that part: where it lies there once the part is decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// How many bytes the whole mail has: what else has that Message-ID is hardly as long. 0: nobody knows.
    #[serde(default)]
    pub size: u64,
}

/// Where a file lies within another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Its first byte.
    pub start: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl Span {
    /// What of a piece lies in it, if `passed` bytes came before that piece.
    pub fn of(self, passed: u64, piece: &[u8]) -> &[u8] {
        let at = |byte: u64| usize::try_from(byte.saturating_sub(passed)).unwrap_or(usize::MAX).min(piece.len());
        &piece[at(self.start)..at(self.start.saturating_add(self.length))]
    }

    /// Whether all of it has passed.
    pub fn is_in(self, passed: u64) -> bool {
        self.start.saturating_add(self.length) <= passed
    }
}

/// A content transfer encoding (RFC 2045).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RFC 2045 names them")]
pub enum MailEncoding {
    Identity,
    Base64,
    QuotedPrintable,
}

/// What a mail server answered.
#[derive(Clone)]
pub enum MailReply {
    /// It took the mail (250), or refused it for now (4xx) or for good (5xx). Only its own word counts as this, and before a mail
    /// is begun what makes the answer certain: an address that is none (553 5.1.3) or not in ASCII where the server takes no other
    /// (553 5.6.7), a mail that is larger than it says it takes (552 5.3.4) or of bytes that it does not (554 5.6.3).
    Submitted {
        /// The reply's code (RFC 5321).
        code: u16,
        /// The enhanced status code (RFC 3463, `5.1.1`), where there is one.
        enhanced: Option<String>,
    },
    /// The mail was not begun: its DKIM key signs nothing.
    Unsigned,
    /// The mailbox was opened.
    Mailbox {
        /// UIDVALIDITY: with another, all ids are new.
        validity: u32,
        /// UIDNEXT: no mail has this id or a greater one yet.
        next: u32,
        /// The mails that were asked for, smallest id first.
        mails: Vec<FetchedMail>,
        /// Everything up to this id was looked at, whether it was brought or passed over.
        until: u32,
        /// The mail after those, if it is why there are no more.
        withheld: Option<Withheld>,
    },
    /// The mail is no longer there, or the mailbox has new ids, so that those which were named are other mails' now.
    NoMail,
    /// What was asked is done.
    Done,
    /// What is theirs is removed, as far as it could be looked at.
    Removed {
        /// Folders that the server did not open.
        unopened: usize,
        /// Mails that have one of the ids, and are not from the person, nor from the channel to them: they stay.
        others: usize,
    },
    /// The name and the password are not taken.
    Denied,
}

/// A mail that a mailbox has and did not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld {
    /// Its id there.
    pub uid: u32,
    /// When it arrived there, in Unix milliseconds; 0 if that is not known.
    pub received_ms: i64,
    /// What happened.
    pub how: Withholding,
}

/// How a mailbox did not give a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withholding {
    /// It said no, or something that is none, and gave another one over the same connection.
    Refused,
    /// It gave another one, and the connection broke at this one.
    Broke,
    /// The connection broke at it, and nothing says that this is because of the mail.
    Unproven,
}

/// A mail as a mailbox gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchedMail {
    /// Its id there.
    pub uid: u32,
    /// When it arrived there (INTERNALDATE), in Unix milliseconds.
    pub received_ms: i64,
    /// Its size in bytes; more than `raw` has where it was too large.
    pub size: u64,
    /// The mail.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for SmtpCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpCall({})", self.operation)
    }
}

impl std::fmt::Debug for ImapCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImapCall({})", self.operation)
    }
}

impl std::fmt::Debug for MailReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Submitted { code, .. } => write!(f, "Submitted({code})"),
            Self::Unsigned => f.write_str("Unsigned"),
            Self::Mailbox { mails, .. } => write!(f, "Mailbox({} mails)", mails.len()),
            Self::NoMail => f.write_str("NoMail"),
            Self::Done => f.write_str("Done"),
            Self::Removed { unopened, others } => write!(f, "Removed({unopened} unopened, {others} others)"),
            Self::Denied => f.write_str("Denied"),
        }
    }
}
