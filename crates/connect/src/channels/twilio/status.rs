//! What became of what we sent. Twilio keeps no order: a state only moves forward here. Whatever it says of a message proves
//! that it has it.

use super::form::Form;
use super::parse::{person, wished};
use super::refusal;
use crate::json::word;
use crate::sms::Wish;
use crate::{Event, StatusChange};

/// The events of a status. A refusal because the contact stopped at Twilio is that wish too.
pub(super) fn events(form: &Form, state: &str, ours: Option<(&str, bool)>) -> Vec<Event> {
    let state = match state {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" => "sent",
        "delivered" | "partially_delivered" => "delivered",
        "read" => "read",
        "failed" | "undelivered" | "canceled" => "failed",
        other => return vec![Event::Unknown { kind: word(&format!("status.{other}")) }],
    };
    let number = form.get("ErrorCode").and_then(|code| code.parse().ok());
    let failure = (state == "failed").then(|| refusal::told(number));
    let status = StatusChange {
        remote: form.get("MessageSid"),
        // That one of several was taken does not say that all were; that one failed does.
        ours: ours.filter(|(_, part)| !part || state == "failed").map(|(message, _)| message.to_owned()),
        state: state.to_owned(),
        code: failure.as_ref().map(|(code, _)| code.clone()),
        detail: failure.map(|(_, why)| why),
        ..StatusChange::default()
    };
    if status.remote.is_none() && status.ours.is_none() {
        return vec![Event::Unknown { kind: "status.without_id".to_owned() }];
    }
    let stopped = state == "failed" && number.is_some_and(refusal::is_opt_out);
    let wish = form.get("To").filter(|_| stopped).and_then(|to| person(&to)).map(|to| wished(to, Wish::Stop, 0));
    std::iter::once(Event::Status(status)).chain(wish.into_iter().flatten()).collect()
}
