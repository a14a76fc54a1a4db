//! The loop around a connector: "given the replies so far, what is next?", until it is done.

use std::time::Duration;

use connect::{Call, Ctx, ImapAct, Reply, SendError, Step};

use super::{BlobDoor, Outside};

/// Calls that one piece of work may make.
pub const MAX_STEPS: usize = 16;
/// Pauses before a repeatable call whose reply was lost is made again.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Asks `step` what is next and makes the calls it wants. `ctx` gives fresh time and chance for every step; `account`
/// is the channel's id. A call that may be repeated is, when its reply was lost, twice at most; what the connector sees in
/// `replies` is one reply per call.
///
/// # Errors
/// What the connector says, or `Refused` with the code `too_many_steps` when it does not come to an end.
pub async fn drive<T>(
    outside: &dyn Outside,
    blobs: &dyn BlobDoor,
    account: &str,
    mut ctx: impl FnMut() -> Ctx,
    mut step: impl FnMut(&Ctx, &[Reply]) -> Step<T>,
) -> Result<T, SendError> {
    let mut replies = Vec::new();
    loop {
        let call = match step(&ctx(), &replies) {
            Step::Done(done) => return Ok(done),
            Step::Fail(error) => return Err(error),
            Step::Call(call) => call,
        };
        if replies.len() >= MAX_STEPS {
            return Err(endless());
        }
        replies.push(call_patiently(outside, blobs, account, &call).await);
    }
}

async fn call_patiently(outside: &dyn Outside, blobs: &dyn BlobDoor, account: &str, call: &Call) -> Reply {
    let repeatable = match call {
        Call::Http(http) => http.repeatable,
        Call::Smtp(_) => false,
        Call::Imap(call) => !matches!(call.act, ImapAct::KeepSent(_)),
    };
    for pause in PAUSES {
        let attempt = outside.attempt(call, account, blobs).await;
        if !(repeatable && attempt.worth_repeating) {
            return attempt.reply;
        }
        tokio::time::sleep(pause).await;
    }
    outside.attempt(call, account, blobs).await.reply
}

fn endless() -> SendError {
    SendError::Refused {
        code: "too_many_steps".to_owned(),
        why: format!("the connector wanted more than {MAX_STEPS} calls; this is a bug of Parloir, please report it"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use connect::HttpCall;
    use futures_util::future::BoxFuture;

    use super::super::tests::NoBlobs;
    use super::super::{Attempt, Outside};
    use super::*;

    /// Answers from a list, last first, and remembers how often it was called.
    struct Scripted(Mutex<(Vec<Attempt>, usize)>);

    impl Outside for Scripted {
        fn attempt<'a>(&'a self, _: &'a Call, _: &'a str, _: &'a dyn BlobDoor) -> BoxFuture<'a, Attempt> {
            let mut inner = self.0.lock().unwrap();
            inner.1 += 1;
            let attempt = inner.0.pop().unwrap_or_else(|| answer(200));
            Box::pin(std::future::ready(attempt))
        }
    }

    fn answer(status: u16) -> Attempt {
        Attempt { reply: Reply::Answer { status, headers: vec![], body: vec![] }, worth_repeating: false }
    }

    fn lost(worth_repeating: bool) -> Attempt {
        Attempt { reply: Reply::Lost { why: "cut".into() }, worth_repeating }
    }

    fn ctx() -> Ctx {
        Ctx { now_ms: 0, chance: [0; 32] }
    }

    /// One call, then whatever its reply was.
    async fn once(script: Vec<Attempt>, repeatable: bool) -> (String, usize) {
        let outside = Scripted(Mutex::new((script, 0)));
        let call = HttpCall { repeatable, ..HttpCall::get("t.t", "https://example.org".into()) };
        let reply = drive(&outside, &NoBlobs, "chn_1", ctx, |_, replies| match replies {
            [] => Step::Call(Call::Http(call.clone())),
            [reply, ..] => Step::Done(format!("{reply:?}")),
        });
        (reply.await.unwrap(), outside.0.lock().unwrap().1)
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_reply_is_asked_for_again_only_where_that_is_harmless() {
        assert_eq!(once(vec![answer(200), lost(true)], true).await, ("Answer(200, 0 bytes)".into(), 2));
        assert_eq!(once(vec![lost(true), lost(true), lost(true)], true).await, ("Lost(cut)".into(), 3));
        assert_eq!(once(vec![answer(200), lost(true)], false).await, ("Lost(cut)".into(), 1));
        assert_eq!(once(vec![answer(200), lost(false)], true).await, ("Lost(cut)".into(), 1));
        assert_eq!(once(vec![answer(500)], true).await, ("Answer(500, 0 bytes)".into(), 1));
    }

    #[test]
    fn the_loop_can_run_on_any_thread() {
        fn is_send(_: &impl Send) {}
        let outside = Scripted(Mutex::new((vec![], 0)));
        is_send(&drive(&outside, &NoBlobs, "chn_1", ctx, |_, _| Step::Done(String::new())));
    }

    #[tokio::test]
    async fn a_connector_that_never_ends_is_ended() {
        let outside = Scripted(Mutex::new((vec![], 0)));
        let step = |_: &Ctx, _: &[Reply]| Step::<()>::Call(Call::Http(HttpCall::get("t.t", String::new())));
        let error = drive(&outside, &NoBlobs, "chn_1", ctx, step).await.unwrap_err();
        assert!(matches!(error, SendError::Refused { code, .. } if code == "too_many_steps"));
        assert_eq!(outside.0.lock().unwrap().1, MAX_STEPS);
    }

    #[tokio::test]
    async fn replies_come_in_order_and_failures_through() {
        let outside = Scripted(Mutex::new((vec![answer(202), answer(201)], 0)));
        let seen = drive(&outside, &NoBlobs, "chn_1", ctx, |_, replies| match replies.len() {
            2 => Step::Done(replies.iter().map(|reply| format!("{reply:?}")).collect::<Vec<_>>().join(", ")),
            _ => Step::Call(Call::Http(HttpCall::get("t.t", String::new()))),
        });
        assert_eq!(seen.await.unwrap(), "Answer(201, 0 bytes), Answer(202, 0 bytes)");
        let failed = drive(&outside, &NoBlobs, "chn_1", ctx, |_, _| Step::<()>::Fail(SendError::OptedOut)).await;
        assert_eq!(failed, Err(SendError::OptedOut));
    }
}
