//! Taking messages back: of our own will, and as an erasure that reaches the provider.

use serde_json::json;

use super::address::{self, Thread};
use super::api::{self, Failure, Request};
use crate::{Account, Ctx, Erased, Reply, SendError, Step, Trace};

/// How long a bot may delete messages, in milliseconds.
const DELETABLE_MS: i64 = 48 * 60 * 60 * 1000;
/// How many messages one call deletes.
const BATCH: usize = 100;

/// The `index`-th call that deletes these messages, in their order. What is no message of ours has no part in it.
pub(super) fn batch<'a>(remotes: impl IntoIterator<Item = &'a str>, index: usize) -> Option<Request> {
    let mut batches: Vec<(Thread, Vec<i64>)> = Vec::new();
    for (thread, number) in remotes.into_iter().filter_map(address::message) {
        match batches.last_mut() {
            Some((last, numbers)) if *last == thread && numbers.len() < BATCH => numbers.push(number),
            _ => batches.push((thread, vec![number])),
        }
    }
    let (thread, numbers) = batches.into_iter().nth(index)?;
    Some(match thread.business {
        Some(business) => Request::repeatable(
            "telegram.deleteBusinessMessages",
            json!({"business_connection_id": business, "message_ids": numbers}),
        ),
        None => Request::repeatable("telegram.deleteMessages", json!({"chat_id": thread.chat, "message_ids": numbers})),
    })
}

/// Whether a refusal says that the message is gone already.
pub(super) fn gone_already(description: &str) -> bool {
    description.to_lowercase().contains("message to delete not found")
}

/// Deletes what Telegram still lets a bot delete, and says what stays.
pub(super) fn erase(ctx: &Ctx, trace: &Trace, account: &Account, replies: &[Reply]) -> Step<Erased> {
    // Newest first: a message that turns too old between two steps then leaves at the end, and no batch shifts.
    let mut newest_first: Vec<_> =
        trace.remotes.iter().filter(|(remote, _)| address::message(remote).is_some()).collect();
    newest_first.sort_by_key(|(_, sent_ms)| std::cmp::Reverse(*sent_ms));
    let young = |sent_ms: i64| ctx.now_ms.saturating_sub(sent_ms) < DELETABLE_MS;
    let old = newest_first.iter().filter(|(_, sent_ms)| !young(*sent_ms)).count();
    let mut refused = false;
    for reply in replies {
        match api::read(reply, true) {
            Ok(_) => {}
            Err(Failure::Bad(description)) => refused |= !gone_already(&description),
            Err(Failure::Final(SendError::OptedOut | SendError::Refused { .. })) => refused = true,
            Err(failure) => return Step::Fail(api::error(failure)),
        }
    }
    let deletable = newest_first.iter().filter(|(_, sent_ms)| young(*sent_ms)).map(|(remote, _)| remote.as_str());
    match batch(deletable, replies.len()).map(|request| request.call(account)) {
        Some(Ok(call)) => Step::Call(call),
        Some(Err(error)) => Step::Fail(error),
        None => Step::Done(outcome(old, refused)),
    }
}

fn outcome(old: usize, refused: bool) -> Erased {
    match (old, refused) {
        (0, false) => Erased::Gone,
        (0, true) => Erased::Cannot(
            "Telegram refused to delete some messages (the contact may have blocked the bot). They can be deleted in \
             the contact's own Telegram."
                .to_owned(),
        ),
        (old, _) => Erased::Cannot(format!(
            "Telegram lets a bot delete messages for 48 hours only; those that are older ({old}) stay there until \
             they are deleted in the contact's own Telegram."
        )),
    }
}
