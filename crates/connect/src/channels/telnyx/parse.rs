//! From Telnyx's events to ours: what people write, how they wish to be left alone, and what became of what we sent.

use serde_json::Value;

use super::{refusal, status};
use crate::json::{integer, list, string, text, word};
use crate::sms::{self, Wish, Words};
use crate::{Account, Event, Inbound, Person, RemoteFile, Says, StatusChange, Verified, lenient};

/// What an event is about, read at the hook: which of the channel's words somebody wrote.
pub(super) fn subject(body: &Value, account: &Account) -> Option<String> {
    let payload = body.pointer("/data/payload")?;
    if text(body, "/data/event_type") != Some("message.received") {
        return None;
    }
    // Where Telnyx answered an opt-out word by itself, it says so.
    let told = text(payload, "/autoresponse_type").map(str::to_lowercase);
    let wish = match told.as_deref() {
        Some("opt_out" | "opt-out" | "stop") => Some(Wish::Stop),
        Some("opt_in" | "opt-in" | "start") => Some(Wish::Start),
        _ => Words::of(account).wish(text(payload, "/text")?),
    };
    wish.map(|wish| if wish == Wish::Stop { "stop" } else { "start" }.to_owned())
}

/// All events in a request.
pub(super) fn events(verified: &Verified) -> Vec<Event> {
    let unknown = |kind: &str| vec![Event::Unknown { kind: word(kind) }];
    let Some(body) = lenient(verified.body()) else { return unknown("no_json") };
    let kind = text(&body, "/data/event_type").unwrap_or("unnamed");
    let (Some(payload), at_ms) = (body.pointer("/data/payload"), moment(&body, "/data/occurred_at")) else {
        return unknown(kind);
    };
    let found = match kind {
        "message.received" => received(payload, at_ms, verified.subject()),
        "message.sent" | "message.finalized" => statuses(payload, at_ms, status::ours(verified.subject()).as_deref()),
        _ => None,
    };
    found.filter(|events| !events.is_empty()).unwrap_or_else(|| unknown(kind))
}

fn received(payload: &Value, occurred_ms: i64, subject: Option<&str>) -> Option<Vec<Event>> {
    let from = sms::person(text(payload, "/from/phone_number")?)?;
    let said = moment(payload, "/received_at");
    let at_ms = if said > 0 { said } else { occurred_ms };
    let files: Vec<RemoteFile> = list(payload, "/media").iter().filter_map(file).collect();
    let text = string(payload, "/text");
    let empty = text.is_none() && files.is_empty();
    let message = Inbound {
        remote: string(payload, "/id")?,
        from: from.clone(),
        text,
        files,
        unsupported: empty.then(|| "empty".to_owned()),
        at_ms,
        ..Inbound::default()
    };
    let mut events = vec![Event::Message(Box::new(message))];
    match subject {
        Some("stop") => events.extend(wished(from, false, at_ms)),
        Some("start") => events.extend(wished(from, true, at_ms)),
        _ => {}
    }
    Some(events)
}

/// A refusal stops everything and withdraws the consent to advertising; the other word opens again what that had closed.
fn wished(from: Person, again: bool, at_ms: i64) -> [Event; 2] {
    let says = if again { Says::Restores } else { Says::Withdraws };
    let preference =
        Event::Preference { from: from.clone(), purpose: "marketing".to_owned(), says, proof: None, at_ms };
    [preference, Event::Opted { from, accepts: again, at_ms }]
}

fn file(media: &Value) -> Option<RemoteFile> {
    let kind = string(media, "/content_type");
    let size = integer(media, "/size").and_then(|size| u64::try_from(size).ok());
    let locator = string(media, "/url")?;
    Some(RemoteFile { role: sms::role(kind.as_deref()), locator, name: None, content_type: kind, size })
}

fn statuses(payload: &Value, at_ms: i64, ours: Option<&str>) -> Option<Vec<Event>> {
    let remote = string(payload, "/id")?;
    let error = list(payload, "/errors").first().and_then(code);
    let mut events = Vec::new();
    for to in list(payload, "/to") {
        let state = match text(to, "/status") {
            Some("queued" | "sending" | "sent" | "delivery_unconfirmed") => "sent",
            Some("delivered") => "delivered",
            Some("read") => "read",
            Some("expired" | "sending_failed" | "delivery_failed") => "failed",
            other => {
                events.push(Event::Unknown { kind: word(&format!("status.{}", other.unwrap_or("unnamed"))) });
                continue;
            }
        };
        let failure = (state == "failed").then(|| refusal::told(error));
        events.push(Event::Status(StatusChange {
            remote: Some(remote.clone()),
            ours: ours.map(str::to_owned),
            state: state.to_owned(),
            code: failure.as_ref().map(|(code, _)| code.clone()),
            detail: failure.map(|(_, why)| why),
            at_ms,
            ..StatusChange::default()
        }));
        let stopped = state == "failed" && error.is_some_and(refusal::is_opt_out);
        let whose = text(to, "/phone_number").filter(|_| stopped).and_then(sms::person);
        events.extend(whose.into_iter().flat_map(|whose| wished(whose, false, at_ms)));
    }
    Some(events)
}

/// The number of an error, which Telnyx writes as text.
pub(super) fn code(error: &Value) -> Option<i64> {
    integer(error, "/code").or_else(|| text(error, "/code")?.trim().parse().ok())
}

/// A moment in Unix milliseconds; 0 where there is none.
fn moment(value: &Value, pointer: &str) -> i64 {
    let moment = text(value, pointer).and_then(|text| text.parse::<jiff::Timestamp>().ok());
    moment.map_or(0, |moment| moment.as_millisecond().max(0))
}
