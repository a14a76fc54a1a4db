//! Consents that Meta collects for advertising: given with a token for one topic, which ends by itself, or taken back
//! (<https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/messaging_optins>).

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::parse::Side;
use crate::channels::meta::graph::number;
use crate::json::text;
use crate::{Event, Proof, Says};

/// From here on a moment can only be meant in milliseconds: in seconds it is the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;
/// What is kept of what Meta told, and what it is called in the proof.
const TOLD: [(&str, &str); 6] = [
    ("/title", "title"),
    ("/payload", "payload"),
    ("/notification_messages_frequency", "frequency"),
    ("/notification_messages_timezone", "timezone"),
    ("/notification_messages_status", "status"),
    ("/user_token_status", "token_status"),
];

/// Somebody wants messages of advertising, or wants them no longer.
pub(super) fn preference(of: &Value, side: Side, at_ms: i64) -> Result<Event, String> {
    if text(of, "/type") != Some("notification_messages") {
        return Err(text(of, "/type").unwrap_or("plugin").to_owned());
    }
    let status = text(of, "/notification_messages_status").unwrap_or("RESUME_NOTIFICATIONS");
    // Who lets them go on says so of one subscription, which comes with it and proves it.
    let says = match status.to_ascii_uppercase().as_str() {
        "STOP_NOTIFICATIONS" | "STOP NOTIFICATIONS" => Says::Withdraws,
        "RESUME_NOTIFICATIONS" | "RESUME NOTIFICATIONS" => Says::Gives,
        other => return Err(other.to_owned()),
    };
    let proof = (says == Says::Gives).then(|| proof(of));
    Ok(Event::Preference { from: side.contact, purpose: "marketing".to_owned(), says, proof, at_ms })
}

/// The token itself would let whoever has it advertise: its digest proves which one it was.
fn proof(of: &Value) -> Proof {
    let ends_ms = ends(of);
    let mut told: Map<String, Value> =
        TOLD.into_iter().filter_map(|(at, name)| Some((name.to_owned(), json!(text(of, at)?)))).collect();
    if let Some(token) = text(of, "/notification_messages_token") {
        told.insert("token_sha256".to_owned(), json!(digest(token)));
    }
    if let Some(ends_ms) = ends_ms {
        told.insert("ends_at_ms".to_owned(), json!(ends_ms));
    }
    Proof { told: Value::Object(told).to_string(), ends_ms }
}

/// When the token ends, which is told in seconds or in milliseconds.
fn ends(of: &Value) -> Option<i64> {
    let told = number(of, "/token_expiry_timestamp").filter(|at| *at > 0)?;
    Some(if told < MILLISECONDS { told.saturating_mul(1000) } else { told })
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
