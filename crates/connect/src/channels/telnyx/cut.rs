//! Whose a delivery is. One profile has one hook for all of its numbers, so what comes may be another channel's: that is gone
//! before anything is kept.

use serde_json::Value;

use crate::json::{list, text};
use crate::{Account, Verified, identity, lenient};

/// Numbers that one delivery may name.
const TOGETHER: usize = 50;
/// The subject of what is another number's.
const OTHERS: &str = "others";

/// The numbers of the business that a delivery is about, before anything is believed.
pub(super) fn addressed(body: &[u8]) -> Vec<String> {
    lenient(body).map(|body| numbers(&body).into_iter().map(str::to_owned).collect()).unwrap_or_default()
}

fn numbers(body: &Value) -> Vec<&str> {
    let Some(payload) = body.pointer("/data/payload") else { return Vec::new() };
    let numbers: Vec<&str> = match text(body, "/data/event_type") {
        Some("message.received") => list(payload, "/to").iter().filter_map(|to| text(to, "/phone_number")).collect(),
        Some("message.sent" | "message.finalized") => text(payload, "/from/phone_number").into_iter().collect(),
        _ => Vec::new(),
    };
    numbers.into_iter().filter(|number| number.len() <= 64).take(TOGETHER).collect()
}

/// Whether a delivery may be this channel's: it names its number, or none. A word that sends has no number to be named by.
pub(super) fn is_own(body: &Value, account: &Account) -> bool {
    let (own, named) = (account.setting("number"), numbers(body));
    let phone = identity::phone(own);
    let is_word = phone.is_none() && !crate::sms::is_short_code(own);
    let same = |named: &&str| *named == own || (phone.is_some() && identity::phone(named) == phone);
    is_word || named.is_empty() || named.iter().any(same)
}

/// A delivery of which nothing is kept.
pub(super) fn others() -> Verified {
    Verified::speaking(Vec::new(), OTHERS.to_owned())
}

/// What is kept of a delivery.
pub(super) fn parts(verified: Verified) -> Vec<Verified> {
    if verified.subject() == Some(OTHERS) { Vec::new() } else { vec![verified] }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn delivery(kind: &str, from: &str, to: &[&str]) -> Value {
        let to: Vec<Value> = to.iter().map(|number| json!({"phone_number": number})).collect();
        json!({"data": {"event_type": kind, "payload": {"from": {"phone_number": from}, "to": to}}})
    }

    #[test]
    fn what_came_is_of_whom_it_came_to_and_what_went_of_whom_it_went_from() {
        let (received, sent) = ("message.received", "message.finalized");
        for (own, kind, from, to, expected) in [
            ("+15550000001", received, "+39333", &["+15550000001"][..], true),
            ("+15550000001", received, "+39333", &["+15550000002"], false),
            ("+15550000001", received, "+39333", &["+15550000002", "+15550000001"], true),
            ("+1 555 000 0001", received, "+39333", &["+15550000001"], true),
            ("+15550000001", received, "+15550000001", &["+15550000002"], false),
            ("+15550000001", received, "+39333", &[], true),
            ("+15550000001", sent, "+15550000001", &["+39333"], true),
            ("+15550000001", sent, "+15550000002", &["+15550000001"], false),
            ("12345", received, "+39333", &["12345"], true),
            ("12345", received, "+39333", &["+15550000001"], false),
            ("Baeckerei", received, "+39333", &["+15550000001"], true),
            ("+15550000001", "10dlc.brand.update", "", &[], true),
        ] {
            let account = Account { settings: [("number".to_owned(), own.to_owned())].into(), ..Account::default() };
            assert_eq!(is_own(&delivery(kind, from, to), &account), expected, "{own} {kind} {from} {to:?}");
        }
        let body = delivery(received, "+39333", &["+15550000001", "+15550000002"]).to_string();
        assert_eq!(addressed(body.as_bytes()), ["+15550000001", "+15550000002"]);
        assert_eq!(addressed(b"{"), Vec::<String>::new());
        assert!(parts(others()).is_empty());
    }
}
