//! Whether every call of a piece of work was answered, or one of them may have been carried out unheard.

use std::sync::atomic::{AtomicBool, Ordering};

use connect::{Call, Reply};
use futures_util::future::BoxFuture;

use super::{Attempt, BlobDoor, Outside};

/// Makes calls through another, and remembers whether one of them may have been carried out unheard.
pub struct Heard<'a> {
    outside: &'a dyn Outside,
    missed: AtomicBool,
}

impl<'a> Heard<'a> {
    /// Calls are made by `outside`.
    pub fn over(outside: &'a dyn Outside) -> Self {
        Self { outside, missed: AtomicBool::new(false) }
    }

    /// Whether a call may have been carried out although nobody said so.
    pub fn missed_something(&self) -> bool {
        self.missed.load(Ordering::Relaxed)
    }
}

impl Outside for Heard<'_> {
    fn attempt<'a>(&'a self, call: &'a Call, account: &'a str, blobs: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let attempt = self.outside.attempt(call, account, blobs).await;
            if is_unheard(&attempt.reply) {
                self.missed.store(true, Ordering::Relaxed);
            }
            attempt
        })
    }
}

/// An answer with 5xx, or that something took too long, says nothing of what was done before.
fn is_unheard(reply: &Reply) -> bool {
    match reply {
        Reply::Lost { .. } | Reply::Unheard => true,
        Reply::Answer { status, .. } => matches!(status, 408 | 425 | 500..),
        Reply::NotSent { .. } | Reply::Stored { .. } | Reply::Mail(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_is_one() {
        let answer = |status| Reply::Answer { status, headers: Vec::new(), body: Vec::new() };
        let lost = Reply::Lost { why: "cut".to_owned() };
        for unheard in [lost, Reply::Unheard, answer(500), answer(503), answer(408)] {
            assert!(is_unheard(&unheard), "{unheard:?}");
        }
        for clear in [answer(204), answer(404), answer(429), Reply::NotSent { why: "refused".to_owned() }] {
            assert!(!is_unheard(&clear), "{clear:?}");
        }
    }
}
