//! A conversation that another app of the business has is taken before a member's answer goes out there. Only the app that the page
//! made its primary receiver may take it, and anybody may where nobody has it; another asks the one who has it, and is told later
//! (<https://developers.facebook.com/docs/messenger-platform/handover-protocol/conversation-control>).

use serde_json::json;

use super::refusal::{self, refused};
use super::{Product, errors};
use crate::channels::meta::graph::{self, Failure};
use crate::{Account, HttpCall, Reply, SendError};

/// What is to be done about the conversation.
pub(super) enum Control<'a> {
    /// This call.
    Call(HttpCall),
    /// It is ours: sending goes on with the replies after these.
    Taken(&'a [Reply]),
}

/// Takes the conversation with somebody; where that is refused, asks for it and says so.
pub(super) fn take<'a>(
    product: &Product,
    account: &Account,
    recipient: &str,
    replies: &'a [Reply],
) -> Result<Control<'a>, SendError> {
    let [taken, rest @ ..] = replies else {
        return call(product, account, ("take_thread_control", product.operations.take), recipient).map(Control::Call);
    };
    let error = match graph::read(taken, true) {
        Ok(_) => return Ok(Control::Taken(rest)),
        Err(failure) => refusal::failure(product, failure),
    };
    if !is_for_good(&error) {
        return Err(error);
    }
    let [asked, ..] = rest else {
        return call(product, account, ("request_thread_control", product.operations.ask), recipient)
            .map(Control::Call);
    };
    match graph::read(asked, true) {
        Ok(_) => Err(refused(errors::HANDOVER_ASKED.0, errors::HANDOVER_ASKED.1)),
        Err(Failure::Unknown) => Err(SendError::Retry("the reply was lost".to_owned())),
        Err(failure) => Err(match refusal::failure(product, failure) {
            passes @ (SendError::Retry(_) | SendError::Throttled(_) | SendError::Reauthorise) => passes,
            _ => refused(errors::HANDOVER_REFUSED.0, errors::HANDOVER_REFUSED.1),
        }),
    }
}

/// Whether taking was refused as such. Meta says so with codes that stop an account elsewhere: here they say only that this app
/// may not take.
fn is_for_good(error: &SendError) -> bool {
    matches!(error, SendError::Refused { .. } | SendError::Stopped { .. } | SendError::WindowClosed)
}

fn call(
    product: &Product,
    account: &Account,
    (edge, operation): (&str, &'static str),
    recipient: &str,
) -> Result<HttpCall, SendError> {
    let path = format!("{}/{edge}", product.id(account)?);
    let call = graph::post(account, operation, &path, &json!({"recipient": {"id": recipient}}))?;
    Ok(HttpCall { repeatable: true, ..call })
}
