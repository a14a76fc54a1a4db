//! What became of what we sent, what it costs, whom it reached; and what people say of advertising.

use serde_json::Value;

use super::cut::items;
use super::parse::{Change, moment, unknown};
use super::person::{self, Named};
use super::refusal;
use crate::json::{flag, string, text, word};
use crate::{Event, Price, Says, StatusChange};

/// One of `statuses`. A refusal because the contact wants no advertising is also a preference of theirs.
pub(super) fn events(change: Change<'_>, item: &Value) -> Vec<Event> {
    let state = match text(item, "/status") {
        Some("played") => "read",
        Some(known @ ("sent" | "delivered" | "read" | "failed")) => known,
        other => return vec![unknown(&format!("statuses.{}", other.unwrap_or("unnamed")))],
    };
    let error = items(item, "errors").first().filter(|_| state == "failed");
    let failure = (state == "failed").then(|| refusal::told(error));
    let in_group = text(item, "/recipient_type") == Some("group");
    let state = match state {
        // What is one member's says nothing of the others, except that it was sent.
        "failed" if in_group && participant(item) => return vec![unknown("statuses.group_participant.failed")],
        _ if in_group && participant(item) => "sent",
        state => state,
    };
    let (ours, place) = text(item, "/biz_opaque_callback_data").map_or((None, None), told_of);
    let status = StatusChange {
        remote: string(item, "/id"),
        ours: ours.map(str::to_owned),
        // That one of several was sent does not say that all were; that one failed does.
        part: place.filter(|_| state != "failed"),
        state: state.to_owned(),
        code: failure.as_ref().map(|(code, _)| code.clone()),
        detail: failure.map(|(_, why)| place.map_or(why.clone(), |place| format!("File {place}: {why}"))),
        price: price(item),
        to: if in_group {
            None
        } else {
            person::person(Named::by(item, "/recipient_id", "/recipient_user_id"), change.value, change.scope)
        },
        at_ms: moment(item, "/timestamp"),
    };
    if status.remote.is_none() && status.ours.is_none() {
        return vec![unknown("statuses.without_id")];
    }
    let stopped = error.is_some_and(refusal::stops_advertising);
    let preference = status.to.clone().filter(|_| stopped).map(|from| Event::Preference {
        from,
        purpose: "marketing".to_owned(),
        says: Says::Withdraws,
        proof: None,
        at_ms: status.at_ms,
    });
    std::iter::once(Event::Status(status)).chain(preference).collect()
}

/// Whether it is of one member of a group alone. Meta's own pages write it both ways.
fn participant(item: &Value) -> bool {
    let keys = ["/recipient_participant_id", "/participant_recipient_id", "/recipient_participant_user_id"];
    keys.iter().any(|key| text(item, key).is_some())
}

/// Our id on a message; with its place, counted from 1, where it is one of several and not the last.
pub(super) fn ours(message: &str, place: Option<usize>) -> String {
    match place {
        Some(place) => format!("{message}#{place}"),
        None => message.to_owned(),
    }
}

/// The same, read back.
fn told_of(ours: &str) -> (Option<&str>, Option<usize>) {
    match ours.split_once('#') {
        Some((message, place)) => (Some(message), place.parse().ok()),
        None => (Some(ours), None),
    }
}

/// In which class of prices it falls. Whether it is charged is said by the type of price, and by `billable` before that.
fn price(item: &Value) -> Option<Price> {
    let category = text(item, "/pricing/category").or_else(|| text(item, "/pricing/type"))?;
    let billable = match text(item, "/pricing/type") {
        Some(kind) => kind == "regular",
        None => flag(item, "/pricing/billable"),
    };
    Some(Price { category: word(&category.to_lowercase()), billable })
}

/// One of `user_preferences`: somebody stopped or resumed advertising, or asked for it.
pub(super) fn preference(change: Change<'_>, item: &Value) -> Event {
    let category = text(item, "/category").unwrap_or("unnamed");
    let value = text(item, "/value").unwrap_or("unnamed");
    let says = match (category, value) {
        ("marketing_messages", "stop") => Says::Withdraws,
        ("marketing_messages", "resume") => Says::Restores,
        ("marketing_messages", "signup") => Says::Gives,
        _ => return unknown(&format!("user_preferences.{category}.{value}")),
    };
    match person::person(Named::by(item, "/wa_id", "/user_id"), change.value, change.scope) {
        Some(from) => {
            let at_ms = moment(item, "/timestamp");
            Event::Preference { from, purpose: "marketing".to_owned(), says, proof: None, at_ms }
        }
        None => unknown("user_preferences.anonymous"),
    }
}
