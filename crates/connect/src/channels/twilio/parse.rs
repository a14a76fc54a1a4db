//! From Twilio's forms to events: what people write, and how they wish to be left alone.

use super::form::Form;
use super::hook;
use super::missed;
use super::status;
use crate::json::word;
use crate::sms::{self, Wish};
use crate::{Choice, Event, Inbound, Origin, Person, Place, Quote, RemoteFile, Says, Verified};

/// The most files that one message carries.
const MOST_FILES: usize = 10;
/// What WhatsApp's addresses begin with.
pub(super) const WHATSAPP: &str = "whatsapp:";

/// All events in a request.
pub(super) fn events(verified: &Verified) -> Vec<Event> {
    let form = Form::read(verified.body());
    if let Some(state) = form.get("MessageStatus") {
        return status::events(&form, &state, hook::ours(verified));
    }
    let Some(message) = message(&form) else { return vec![Event::Unknown { kind: "form".to_owned() }] };
    let (from, at_ms) = (message.from.clone(), message.at_ms);
    let mut events = vec![Event::Message(Box::new(message))];
    if let Some(wish) = hook::wish(verified) {
        events.extend(wished(from, wish, at_ms));
    }
    events
}

/// A refusal stops everything and withdraws the consent to advertising; the other word opens again what that had closed.
pub(super) fn wished(from: Person, wish: Wish, at_ms: i64) -> [Event; 2] {
    let again = wish == Wish::Start;
    let says = if again { Says::Restores } else { Says::Withdraws };
    let preference =
        Event::Preference { from: from.clone(), purpose: "marketing".to_owned(), says, proof: None, at_ms };
    [preference, Event::Opted { from, accepts: again, at_ms }]
}

/// The person behind an address of either kind.
pub(super) fn person(address: &str) -> Option<Person> {
    sms::person(address.strip_prefix(WHATSAPP).unwrap_or(address))
}

fn message(form: &Form) -> Option<Inbound> {
    let remote = form.get("MessageSid").or_else(|| form.get("SmsMessageSid"))?;
    let from = Person { name: form.get("ProfileName"), ..person(&form.get("From")?)? };
    let (files, place) = (files(form), place(form));
    let of = form.get("OriginalRepliedMessageSid");
    let choice = form.get("ButtonPayload").map(|data| Choice { data, of: of.clone() });
    let text = form.get("Body").or_else(|| form.get("ButtonText"));
    let at_ms = form.get(missed::AT).and_then(|at_ms| at_ms.parse().ok()).unwrap_or(0);
    let empty = text.is_none() && files.is_empty() && place.is_none() && choice.is_none();
    Some(Inbound {
        remote,
        from,
        text,
        files,
        place,
        choice,
        quote: of.map(|remote| Quote { remote: Some(remote), text: None }),
        unsupported: empty.then(|| form.get("MessageType").map_or_else(|| "empty".to_owned(), |kind| word(&kind))),
        forwarded: form.get("Forwarded").as_deref() == Some("true"),
        origin: origin(form),
        at_ms,
        // Only what the list tells has a time.
        lies_since_ms: at_ms,
        ..Inbound::default()
    })
}

fn files(form: &Form) -> Vec<RemoteFile> {
    (0..MOST_FILES)
        .map_while(|index| Some((index, form.get(&format!("MediaUrl{index}"))?)))
        .map(|(index, url)| {
            let kind = form.get(&format!("MediaContentType{index}"));
            RemoteFile {
                role: sms::role(kind.as_deref()),
                locator: locator(url),
                name: None,
                content_type: kind,
                size: None,
            }
        })
        .collect()
}

/// A file is named by its message's id and its own: the address is then built from the account.
fn locator(url: String) -> String {
    let named = url.split_once("/Messages/").and_then(|(_, ids)| ids.split_once("/Media/"));
    match named {
        Some((message, file)) => format!("{message}/{}", file.trim_end_matches(".json")),
        None => url,
    }
}

fn place(form: &Form) -> Option<Place> {
    let number = |name| form.get(name)?.parse::<f64>().ok().filter(|number| number.is_finite());
    let (latitude, longitude) = (number("Latitude")?, number("Longitude")?);
    Some(Place { latitude, longitude, name: form.get("Label"), address: form.get("Address") })
}

fn origin(form: &Form) -> Option<Origin> {
    let kind = form.get("ReferralSourceType").or_else(|| form.get("ReferralSourceUrl").map(|_| "ad".to_owned()))?;
    Some(Origin {
        kind: word(&kind),
        id: form.get("ReferralSourceId"),
        url: form.get("ReferralSourceUrl"),
        headline: form.get("ReferralHeadline"),
        text: form.get("ReferralBody"),
    })
}
