//! Calls to the outside as data, and what came of them.

mod mail;

use serde::{Deserialize, Serialize};

pub use mail::{
    Dkim, FetchedMail, ImapAct, ImapCall, MailEncoding, MailPart, MailPiece, MailReply, MailServer, MailTls, SmtpCall,
    Span, TheirMails, Withheld, Withholding,
};

/// One call for the server to make.
#[derive(Debug, Clone)]
pub enum Call {
    /// An HTTP request.
    Http(HttpCall),
    /// A mail to be submitted.
    Smtp(SmtpCall),
    /// Work in a mailbox.
    Imap(ImapCall),
}

/// The request methods that connectors use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "RFC 9110 names them")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// An HTTP request as data.
#[derive(Clone)]
pub struct HttpCall {
    /// What is being done, for metrics and traces: `telegram.sendMessage`. Never personal data.
    pub operation: &'static str,
    /// The request method.
    pub method: Method,
    /// The whole URL. It may hold a credential (Telegram), so it is never logged.
    pub url: String,
    /// Request headers; `Content-Type` follows from the body.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Body,
    /// Whether the request may be repeated when its reply was lost.
    pub repeatable: bool,
    /// Whether the answer's body goes to the blob store (a download) and comes back as [`Reply::Stored`].
    pub to_blob: bool,
    /// Which bytes of the answer are the file, if not all.
    pub cut: Option<Cut>,
    /// The largest answer taken, in bytes; more is an error.
    pub max_reply: u64,
}

/// A header. Values may be credentials: they are not printed.
pub type Header = (&'static str, String);

/// A request body.
#[derive(Clone)]
pub enum Body {
    /// None.
    Empty,
    /// `application/json`.
    Json(Vec<u8>),
    /// `text/plain`, in UTF-8.
    Text(String),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
    /// A stored file as it is.
    Blob(BlobHandle),
    /// A part of a stored file as it is.
    Slice {
        /// The file.
        blob: BlobHandle,
        /// Its first byte.
        offset: u64,
        /// How many bytes, all of which the file has.
        length: u64,
    },
    /// `application/json` with a stored file in it, in base64.
    JsonAround {
        /// What stands before the file.
        before: String,
        /// The file.
        blob: BlobHandle,
        /// What stands behind it.
        after: String,
    },
    /// A mail, with what stands around it.
    Mail {
        /// The content type of the whole.
        content_type: String,
        /// Its pieces in order.
        pieces: Vec<MailPiece>,
        /// Whether the whole goes out in base64, in one line.
        base64: bool,
    },
}

/// A file that lies within an answer: in a mail that came as it is, or in base64 within JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The key whose value is the mail in base64 (the alphabet for URLs, padded or not); `None`: the answer itself is.
    pub key: Option<&'static str>,
    /// The first byte of the file in the mail.
    pub offset: u64,
    /// How many bytes it has there.
    pub length: u64,
    /// How it is encoded there.
    pub encoding: MailEncoding,
    /// Of a file within that one: where it lies there once that is decoded.
    pub within: Option<Span>,
}

/// One part of a multipart body.
#[derive(Clone)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name, if it is a file.
    pub file_name: Option<String>,
    /// The part's content type.
    pub content_type: Option<String>,
    /// Its content.
    pub content: PartContent,
}

/// What a part carries.
#[derive(Clone)]
pub enum PartContent {
    /// Text.
    Text(String),
    /// A stored file, opened by the server while sending.
    Blob(BlobHandle),
}

/// A stored file by handle (an attachment's id, `att_…`): connectors never see its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobHandle(pub String);

/// What came of a call.
#[derive(Clone)]
pub enum Reply {
    /// The provider answered.
    Answer {
        /// HTTP status.
        status: u16,
        /// Answer headers, names in lower case.
        headers: Vec<(String, String)>,
        /// The body, at most `max_reply` bytes.
        body: Vec<u8>,
    },
    /// The provider answered 2xx and the body went to the blob store.
    Stored {
        /// Where it is.
        blob: BlobHandle,
        /// Its size in bytes.
        size: u64,
        /// The type sniffed from its bytes, not the one claimed.
        content_type: String,
    },
    /// A mail server answered.
    Mail(MailReply),
    /// The request certainly did not reach the provider (name not found, connection refused, address refused).
    NotSent {
        /// Why, without personal data.
        why: String,
    },
    /// Whoever made calls before was not heard of again: nobody knows which it made, or what came of them. It comes first or
    /// not at all, and stands for all of them.
    Unheard,
    /// The request may have reached the provider; its reply was lost (time-out, connection cut).
    Lost {
        /// Why, without personal data.
        why: String,
    },
}

impl Reply {
    /// What begins the words of [`Reply::Lost`] where the answer was larger than [`HttpCall::max_reply`].
    pub const TOO_LARGE: &str = "the answer is larger than";
    /// What is said of a call whose maker was not heard of again.
    pub(crate) const UNHEARD: &'static str = "the process ended while sending";
}

impl Reply {
    /// Whether it is lost for good, because it was larger than it may be.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self, Self::Lost { why } if why.starts_with(Self::TOO_LARGE))
    }
}

impl HttpCall {
    /// A JSON POST, not repeatable, with a 1 MiB answer at most.
    pub fn post_json(operation: &'static str, url: String, body: &serde_json::Value) -> Self {
        Self {
            operation,
            method: Method::Post,
            url,
            headers: Vec::new(),
            body: Body::Json(body.to_string().into_bytes()),
            repeatable: false,
            to_blob: false,
            cut: None,
            max_reply: 1 << 20,
        }
    }

    /// A GET, repeatable, with a 1 MiB answer at most.
    pub fn get(operation: &'static str, url: String) -> Self {
        Self {
            operation,
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Body::Empty,
            repeatable: true,
            to_blob: false,
            cut: None,
            max_reply: 1 << 20,
        }
    }
}

impl std::fmt::Debug for HttpCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpCall({})", self.operation)
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answer { status, body, .. } => write!(f, "Answer({status}, {} bytes)", body.len()),
            Self::Stored { size, .. } => write!(f, "Stored({size} bytes)"),
            Self::Mail(reply) => write!(f, "{reply:?}"),
            Self::NotSent { why } => write!(f, "NotSent({why})"),
            Self::Lost { why } => write!(f, "Lost({why})"),
            Self::Unheard => f.write_str("Unheard"),
        }
    }
}
