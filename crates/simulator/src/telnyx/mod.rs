//! Telnyx as its client libraries know it: a messaging profile with its numbers, its messages by SMS and MMS, and what is told
//! to its hook.

mod api;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

pub use crate::carrier::{Delivery, File, Message, MessageFault};
use crate::carrier::{Letter, Line, Lines, Office, hexadecimal};
use crate::faults::{CallFault, DeliveryFault, Order};
use crate::{Options, post};

/// How often something is brought to a hook (<https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks>).
const TRIES: u32 = 3;

/// A messaging profile.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its id; empty lets the simulator choose.
    pub id: String,
    /// Proves calls.
    pub key: String,
    /// The number that sends.
    pub number: String,
}

/// Telnyx. Clones share it.
#[derive(Clone)]
pub struct Telnyx {
    lines: Lines,
    office: Office,
    signer: Arc<SigningKey>,
    http: Option<reqwest::Client>,
}

impl Telnyx {
    pub(crate) fn new(options: &Options) -> Self {
        let timeout = Duration::from_millis(options.deliveries.timeout_ms);
        let http = if options.poster.is_some() { None } else { post::client(timeout) };
        let mut seed = [7_u8; 32];
        for (place, byte) in seed.iter_mut().zip(options.seed.to_be_bytes()) {
            *place = byte;
        }
        let signer = Arc::new(SigningKey::from_bytes(&seed));
        Self { lines: Lines::new(options), office: Office::new(options), signer, http }
    }

    /// The key that its deliveries are proven by, as the portal shows it.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.signer.verifying_key().as_bytes())
    }

    /// The headers that prove a body at a moment.
    pub fn signed(&self, now_ms: i64, body: &[u8]) -> [(&'static str, String); 2] {
        let timestamp = now_ms.div_euclid(1_000).to_string();
        let signature = self.signer.sign(&[timestamp.as_bytes(), b"|", body].concat());
        [("telnyx-timestamp", timestamp), ("telnyx-signature-ed25519", STANDARD.encode(signature.to_bytes()))]
    }

    /// Makes a messaging profile; what is empty is filled in.
    pub fn create_profile(&self, mut profile: Profile) -> Profile {
        let mut guard = self.lines.lock();
        let (lines, chance) = &mut *guard;
        if profile.id.is_empty() {
            profile.id = format!("4001{}", hexadecimal(chance, 12));
        }
        if profile.key.is_empty() {
            profile.key = format!("KEY{}", hexadecimal(chance, 32));
        }
        if profile.number.is_empty() {
            profile.number = format!("+1556{:07}", chance.below(9_999_999));
        }
        let line = Line { secret: profile.key.clone(), number: profile.number.clone(), ..Line::default() };
        lines.insert(profile.id.clone(), line);
        profile
    }

    /// Gives a profile one more number, which shares its hook.
    pub fn add_number(&self, profile: &str) -> Option<String> {
        self.lines.with(profile, |line, chance| {
            let number = format!("+1557{:07}", chance.below(9_999_999));
            line.more.push(number.clone());
            number
        })
    }

    /// A number is the profile's no longer.
    pub fn remove_number(&self, profile: &str, number: &str) {
        self.lines.with(profile, |line, _| line.more.retain(|known| known != number));
    }

    /// Where a profile's events go, and where they go when nobody takes them there.
    pub fn hooks(&self, profile: &str) -> (Option<String>, Option<String>) {
        self.lines.with(profile, |line, _| (line.hook.clone(), line.failover.clone())).unwrap_or_default()
    }

    /// Somebody sets in the portal where a profile's events go.
    pub fn set_hooks(&self, profile: &str, hook: Option<&str>, failover: Option<&str>) {
        self.lines.with(profile, |line, _| {
            line.hook = hook.map(str::to_owned);
            line.failover = failover.map(str::to_owned);
        });
    }

    /// A person writes to the profile's number; the message's id. Files are media type and address.
    pub fn say(&self, profile: &str, person: &str, text: &str, files: &[(&str, &str)]) -> Option<String> {
        let number = self.lines.with(profile, |line, _| line.number.clone())?;
        self.say_to((profile, &number), person, text, files)
    }

    /// A person writes to one of the profile's numbers.
    pub fn say_to(
        &self,
        (profile, number): (&str, &str),
        person: &str,
        text: &str,
        files: &[(&str, &str)],
    ) -> Option<String> {
        let at_ms = self.lines.clock.now_ms();
        let id = self.lines.with(profile, |line, chance| {
            let id = uuid(chance);
            let message = Message {
                id: id.clone(),
                person: person.to_owned(),
                number: number.to_owned(),
                text: Some(text.to_owned()),
                at_ms,
                state: "received".to_owned(),
                ..Message::default()
            };
            line.hear(person, Some(text));
            line.messages.push(message);
            id
        })?;
        let media: Vec<Value> =
            files.iter().map(|(mime, url)| json!({"url": url, "content_type": mime, "size": null})).collect();
        let kind = if media.is_empty() { "SMS" } else { "MMS" };
        let payload = json!({"record_type": "message", "direction": "inbound", "id": id, "type": kind,
            "messaging_profile_id": profile, "from": {"phone_number": person, "carrier": "", "line_type": "Wireless"},
            "to": [{"phone_number": number, "status": "webhook_delivered"}], "text": text, "media": media,
            "received_at": moment(at_ms), "parts": 1, "errors": []});
        self.tell(profile, ("message", "message.received"), (&id, None), &payload);
        Some(id)
    }

    /// All messages of a profile, oldest first.
    pub fn messages(&self, profile: &str) -> Vec<Message> {
        self.lines.with(profile, |line, _| line.messages.clone()).unwrap_or_default()
    }

    /// What the profile really sent, oldest first.
    pub fn sent(&self, profile: &str) -> Vec<Message> {
        self.messages(profile).into_iter().filter(|message| message.outgoing).collect()
    }

    /// How often an operation (`POST messages`) was called.
    pub fn calls(&self, profile: &str, operation: &str) -> u64 {
        self.lines.with(profile, |line, _| line.calls.get(operation).copied().unwrap_or(0)).unwrap_or(0)
    }

    /// Something is to go wrong with calls of this profile.
    pub fn order_call_fault(&self, profile: &str, order: Order<CallFault>) {
        self.lines.with(profile, |line, _| line.call_faults.add(order));
    }

    /// Something is to go wrong with messages of this profile.
    pub fn order_message_fault(&self, profile: &str, order: Order<MessageFault>) {
        self.lines.with(profile, |line, _| line.message_faults.add(order));
    }

    /// Something is to go wrong with what hooks are told (`message`, `status`).
    pub fn order_delivery_fault(&self, order: Order<DeliveryFault>) {
        self.office.order(order);
    }

    /// Nothing more is to go wrong with deliveries.
    pub fn clear_delivery_faults(&self) {
        self.office.clear_faults();
    }

    /// How many deliveries wait.
    pub fn pending(&self) -> usize {
        self.office.pending()
    }

    /// Moves a message on, and tells of it.
    fn advance(&self, profile: &str, id: &str, state: &str, error: Option<i64>) {
        let told = self.lines.with(profile, |line, _| {
            let message = line.message_mut(id)?;
            let number = message.number.clone();
            state.clone_into(&mut message.state);
            let errors: Vec<Value> =
                error.map(|code| json!({"code": code.to_string(), "title": "failed"})).into_iter().collect();
            Some(json!({"record_type": "message", "direction": "outbound", "id": id, "type": "SMS",
                "messaging_profile_id": profile, "from": {"phone_number": number},
                "to": [{"phone_number": message.person, "status": state}], "text": message.text, "errors": errors}))
            .map(|payload| (payload, message.told_at.clone()))
        });
        let kind = if state == "sent" { "message.sent" } else { "message.finalized" };
        if let Some((payload, told_at)) = told.flatten() {
            self.tell(profile, ("status", kind), (id, told_at), &payload);
        }
    }

    fn tell(
        &self,
        profile: &str,
        (kind, event): (&'static str, &str),
        (lane, hook): (&str, Option<String>),
        payload: &Value,
    ) {
        let told = self.lines.with(profile, |line, chance| {
            let failover = line.failover.clone().filter(|_| hook.is_none());
            Some((hook.or_else(|| line.hook.clone())?, failover, uuid(chance)))
        });
        let Some((hook, failover, id)) = told.flatten() else { return };
        let occurred = moment(self.lines.clock.now_ms());
        let data =
            json!({"record_type": "event", "event_type": event, "id": id, "occurred_at": occurred, "payload": payload});
        let body = Bytes::from(json!({"data": data, "meta": {"attempt": 1, "delivered_to": hook}}).to_string());
        let (telnyx, made) = (self.clone(), AtomicU32::new(0));
        let tries = if failover.is_some() { 2 * TRIES } else { TRIES };
        let write = move || {
            let first = made.fetch_add(1, Ordering::Relaxed) < TRIES;
            let hook = failover.as_ref().filter(|_| !first).unwrap_or(&hook);
            let mut headers = vec![("content-type", "application/json".to_owned())];
            headers.extend(telnyx.signed(telnyx.lines.clock.now_ms(), &body));
            post::Post { url: hook.clone(), headers, body: body.clone() }
        };
        self.office.push(Letter { kind, lane: lane.to_owned(), tries, write: Arc::new(write) });
    }
}

/// An id of Telnyx's.
fn uuid(chance: &mut crate::chance::Chance) -> String {
    let digits = hexadecimal(chance, 32);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// A moment as RFC 3339 writes it, in UTC.
pub(crate) fn moment(at_ms: i64) -> String {
    let (days, of_day) = (at_ms.div_euclid(86_400_000), at_ms.rem_euclid(86_400_000));
    // Days since 1970 to a date of the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second, ms) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Telnyx's own addresses.
pub(crate) fn router(telnyx: Telnyx) -> Router {
    api::router().with_state(telnyx)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_dates() {
        for (at_ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_767_225_600_900, "2026-01-01T00:00:00.900Z"),
            (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ] {
            assert_eq!(moment(at_ms), expected);
        }
    }
}
