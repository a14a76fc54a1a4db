//! What became of what we sent, what it costs, whom it reached; and what people say of advertising.

use serde_json::Value;

use super::cut::items;
use super::parse::{Change, moment, unknown};
use super::person::{self, Named};
use super::refusal;
use crate::json::{flag, string, text, word};
use crate::{Event, Person, Price, StatusChange};

/// One of `statuses`. A refusal because the contact wants no advertising is also a preference of theirs.
pub(super) fn events(change: Change<'_>, item: &Value) -> Vec<Event> {
    let state = match text(item, "/status") {
        Some("played") => "read",
        Some(known @ ("sent" | "delivered" | "read" | "failed")) => known,
        other => return vec![unknown(&format!("statuses.{}", other.unwrap_or("unnamed")))],
    };
    let error = items(item, "errors").first().filter(|_| state == "failed");
    let failure = (state == "failed").then(|| refusal::told(error));
    let status = StatusChange {
        remote: string(item, "/id"),
        ours: string(item, "/biz_opaque_callback_data"),
        state: state.to_owned(),
        code: failure.as_ref().map(|(code, _)| code.clone()),
        detail: failure.map(|(_, why)| why),
        price: price(item),
        to: recipient(change, item),
        at_ms: moment(item, "/timestamp"),
    };
    if status.remote.is_none() && status.ours.is_none() {
        return vec![unknown("statuses.without_id")];
    }
    let stopped = error.is_some_and(refusal::stops_advertising);
    let preference = status.to.clone().filter(|_| stopped).map(|from| Event::Preference {
        from,
        purpose: "marketing".to_owned(),
        given: false,
        at_ms: status.at_ms,
    });
    std::iter::once(Event::Status(status)).chain(preference).collect()
}

/// Whom it reached: a person, or one of those in a group.
fn recipient(change: Change<'_>, item: &Value) -> Option<Person> {
    let (numbers, user): (&[&str], &str) = if text(item, "/recipient_type") == Some("group") {
        // Meta's own pages write it both ways.
        (&["/recipient_participant_id", "/participant_recipient_id"], "/recipient_participant_user_id")
    } else {
        (&["/recipient_id"], "/recipient_user_id")
    };
    let number =
        numbers.iter().copied().find(|pointer| text(item, pointer).is_some()).unwrap_or("/recipient_participant_id");
    let named = Named::by(item, number, user);
    if named.number.is_none() && named.user.is_none() {
        return None;
    }
    person::person(named, change.value, change.scope)
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
    let given = match (category, value) {
        ("marketing_messages", "stop") => false,
        ("marketing_messages", "resume" | "signup") => true,
        _ => return unknown(&format!("user_preferences.{category}.{value}")),
    };
    match person::person(Named::by(item, "/wa_id", "/user_id"), change.value, change.scope) {
        Some(from) => {
            let at_ms = moment(item, "/timestamp");
            Event::Preference { from, purpose: "marketing".to_owned(), given, at_ms }
        }
        None => unknown("user_preferences.anonymous"),
    }
}
