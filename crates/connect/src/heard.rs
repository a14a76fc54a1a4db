//! What was heard of a call: an answer, for certain nothing, or nobody knows.

use crate::{Reply, SendError};

/// Why a call gave no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// May or may not have been done.
    Unknown,
    /// Certainly not done.
    Final(SendError),
}

/// An answer's status, its headers and its body.
pub(crate) type Answered<'a> = (u16, &'a [(String, String)], &'a [u8]);

/// An answer, or why there is none. What may be repeated is, so that nothing of it stays unknown.
pub(crate) fn answer(reply: &Reply, repeatable: bool) -> Result<Answered<'_>, Failure> {
    match reply {
        Reply::Answer { status, headers, body } => Ok((*status, headers, body)),
        Reply::NotSent { why } => Err(Failure::Final(SendError::Retry(why.clone()))),
        Reply::Lost { why } => Err(lost(why, repeatable)),
        Reply::Unheard => Err(lost(Reply::UNHEARD, repeatable)),
        Reply::Stored { .. } | Reply::Mail(_) => Err(lost("a file came where an answer was expected", repeatable)),
    }
}

/// Nothing, or nothing of use, was heard.
pub(crate) fn lost(why: &str, repeatable: bool) -> Failure {
    if repeatable { Failure::Final(SendError::Retry(why.to_owned())) } else { Failure::Unknown }
}

/// For what has no course of its own.
pub(crate) fn error(failure: Failure) -> SendError {
    match failure {
        Failure::Unknown => SendError::Retry("the reply was lost".to_owned()),
        Failure::Final(error) => error,
    }
}
