//! From a response to a reply: bounded in size, in header and in the time between two pieces.
//!
//! Where no answer came, the question is whether the request may have reached the provider. Only failures before a
//! connection stood count as "not sent"; all else is "lost", because a message must not go out twice.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use connect::{HttpCall, Reply};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use reqwest::Response;

use super::client::MAX_HEADER_BYTES;
use super::guard::Refusal;
use super::{BlobDoor, Fault, cutting};

/// How a reply was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Loss {
    #[error("no answer came in time")]
    TimedOut,
    #[error("the connection was cut before the answer was complete")]
    Cut,
    #[error("{words} {0} bytes", words = connect::Reply::TOO_LARGE)]
    TooLarge(u64),
    #[error("the answer's headers are larger than {MAX_HEADER_BYTES} bytes")]
    TooManyHeaders,
    #[error("the file came but could not be stored")]
    NotStored,
    #[error("the answer is none that the protocol has")]
    Garbled,
}

impl Loss {
    /// Whether asking again could end differently.
    pub(super) fn worth_repeating(self) -> bool {
        match self {
            Self::TimedOut | Self::Cut => true,
            Self::TooLarge(_) | Self::TooManyHeaders | Self::NotStored | Self::Garbled => false,
        }
    }
}

/// What a failed request means.
pub(super) fn fault_of(error: &reqwest::Error) -> Fault {
    if !error.is_connect() && !error.is_builder() {
        return Fault::Lost(if error.is_timeout() { Loss::TimedOut } else { Loss::Cut });
    }
    // The error's own text holds the URL, so it is read for its kind only.
    let mut cause = std::error::Error::source(error);
    while let Some(here) = cause {
        if let Some(refusal) = here.downcast_ref::<Refusal>() {
            return Fault::NotSent(refusal.words());
        }
        if names_tls(here) {
            return Fault::NotSent("no secure connection: the host's certificate or protocol is not accepted");
        }
        cause = here.source();
    }
    Fault::NotSent(match error {
        error if error.is_dns() => "the host's name was not found",
        error if error.is_timeout() => "the host did not take the connection in time",
        _ => "the host refused the connection",
    })
}

/// A TLS failure arrives as rustls's own error inside I/O errors, which do not name it as their source.
fn names_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| names_tls(inner))
}

/// Reads an answer as the call wants it.
pub(super) async fn read(
    response: Response,
    call: &HttpCall,
    idle: Duration,
    blobs: &dyn BlobDoor,
) -> Result<Reply, Loss> {
    let status = response.status();
    let headers = headers(&response)?;
    if response.content_length().is_some_and(|length| length > call.max_reply) {
        return Err(Loss::TooLarge(call.max_reply));
    }
    let pieces = bounded(response, call.max_reply, idle);
    if call.to_blob && status.is_success() {
        let file = match call.cut {
            Some(cut) => cutting::cut(pieces, cut),
            None => pieces,
        };
        return store(file, call.max_reply, blobs).await;
    }
    Ok(Reply::Answer { status: status.as_u16(), headers, body: collect(pieces, call.max_reply).await? })
}

fn headers(response: &Response) -> Result<Vec<(String, String)>, Loss> {
    let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADER_BYTES as usize {
        return Err(Loss::TooManyHeaders);
    }
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
}

/// The body in pieces, ending in an error if it is too large, too slow, or cut.
fn bounded(response: Response, max: u64, idle: Duration) -> BoxStream<'static, io::Result<Bytes>> {
    let pieces = stream::try_unfold((response, 0_u64), move |(mut response, before)| async move {
        let piece = tokio::time::timeout(idle, response.chunk()).await;
        let piece = piece.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
        let Some(piece) = piece.map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))? else {
            return Ok(None);
        };
        let size = before.saturating_add(piece.len() as u64);
        if size > max {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(Some((piece, (response, size))))
    });
    pieces.boxed()
}

async fn collect(mut pieces: BoxStream<'static, io::Result<Bytes>>, max: u64) -> Result<Vec<u8>, Loss> {
    let mut body = Vec::new();
    while let Some(piece) = pieces.next().await {
        body.extend_from_slice(&piece.map_err(|error| loss_of(&error, max))?);
    }
    Ok(body)
}

async fn store(pieces: BoxStream<'static, io::Result<Bytes>>, max: u64, blobs: &dyn BlobDoor) -> Result<Reply, Loss> {
    let stored = blobs.store(pieces, max).await.map_err(|error| loss_of(&error, max))?;
    Ok(Reply::Stored { blob: stored.handle, size: stored.size, content_type: stored.content_type })
}

pub(super) fn loss_of(error: &io::Error, max: u64) -> Loss {
    match error.kind() {
        io::ErrorKind::TimedOut => Loss::TimedOut,
        io::ErrorKind::UnexpectedEof => Loss::Cut,
        io::ErrorKind::FileTooLarge => Loss::TooLarge(max),
        _ => Loss::NotStored,
    }
}
