//! What a message carries: text, files, places, cards, what was tapped or ordered, or something that we can only name.

use serde_json::Value;

use super::card;
use super::cut::items;
use crate::json::{flag, number, string, text, word};
use crate::{Choice, Inbound, Place, RemoteFile};

/// Puts a message's content into `inbound`. A kind that WhatsApp invents tomorrow is named to the member rather than lost.
pub(super) fn fill(item: &Value, inbound: &mut Inbound) {
    let kind = text(item, "/type").unwrap_or("unnamed");
    let of = item.get(kind).unwrap_or(&Value::Null);
    match kind {
        "text" => inbound.text = string(of, "/body"),
        "image" | "audio" | "video" | "document" | "sticker" => {
            inbound.files = file(kind, of).into_iter().collect();
            // Without an id it cannot be brought; what was written below it is kept.
            inbound.unsupported = inbound.files.is_empty().then(|| unsupported(item, kind));
            inbound.text = string(of, "/caption");
        }
        "location" => inbound.place = place(of),
        "contacts" => inbound.cards = items(item, "contacts").iter().filter_map(card::card).collect(),
        "interactive" => interactive(item, of, inbound),
        "button" => {
            let label = string(of, "/text");
            inbound.choice = choice(item, string(of, "/payload").or_else(|| label.clone()));
            inbound.text = label.or_else(|| string(of, "/payload"));
        }
        "order" => inbound.text = order(of),
        _ => {}
    }
    let shown = inbound.text.is_some()
        || inbound.choice.is_some()
        || !inbound.files.is_empty()
        || inbound.place.is_some()
        || !inbound.cards.is_empty();
    if !shown && inbound.unsupported.is_none() {
        inbound.unsupported = Some(unsupported(item, kind));
    }
}

/// What is said of something that cannot be shown.
fn unsupported(item: &Value, kind: &str) -> String {
    if let Some(named) = text(item, "/unsupported/type") {
        return word(named);
    }
    let code = items(item, "errors").iter().find_map(|error| error.get("code")?.as_i64());
    match code {
        // The file could not be taken over from the contact's telephone.
        Some(131_052) => "file".to_owned(),
        // Written before, or outside of what, this number's phone shares with the Cloud API.
        Some(131_060) => "unavailable".to_owned(),
        _ => word(kind),
    }
}

fn file(kind: &str, of: &Value) -> Option<RemoteFile> {
    let role = match kind {
        "audio" if flag(of, "/voice") => "voice",
        "document" => "file",
        other => other,
    };
    Some(RemoteFile {
        locator: string(of, "/id").or_else(|| string(of, "/url"))?,
        name: string(of, "/filename"),
        content_type: string(of, "/mime_type"),
        size: of.get("file_size").and_then(Value::as_u64),
        role: role.to_owned(),
    })
}

fn place(of: &Value) -> Option<Place> {
    Some(Place {
        latitude: degrees(of, "latitude")?,
        longitude: degrees(of, "longitude")?,
        name: string(of, "/name"),
        address: string(of, "/address"),
    })
}

/// A number, or one that is written as text.
fn degrees(of: &Value, key: &str) -> Option<f64> {
    let found = of.get(key)?;
    let degrees = found.as_f64().or_else(|| found.as_str()?.trim().parse().ok())?;
    degrees.is_finite().then_some(degrees)
}

fn choice(item: &Value, data: Option<String>) -> Option<Choice> {
    Some(Choice { data: data?, of: string(item, "/context/id") })
}

/// A tap on one of our buttons or rows, a form that was filled in, or the answer to a question of WhatsApp's own.
fn interactive(item: &Value, of: &Value, inbound: &mut Inbound) {
    let kind = text(of, "/type").unwrap_or("unnamed");
    let reply = of.get(kind).unwrap_or(&Value::Null);
    match kind {
        "button_reply" | "list_reply" => {
            let label = string(reply, "/title");
            inbound.choice = choice(item, string(reply, "/id").or_else(|| label.clone()));
            inbound.text = label.or_else(|| string(reply, "/id"));
        }
        "nfm_reply" => {
            let form = string(reply, "/response_json");
            inbound.text = form.as_deref().and_then(answers).or_else(|| string(reply, "/body"));
            inbound.choice = choice(item, form);
        }
        "call_permission_reply" => {
            inbound.text = string(reply, "/response");
            inbound.choice = choice(item, inbound.text.as_ref().map(|answer| format!("call_permission:{answer}")));
        }
        _ => inbound.unsupported = Some(word(kind)),
    }
}

/// The answers of a form, one a line. They come as JSON within text.
fn answers(form: &str) -> Option<String> {
    let form = crate::lenient(form.as_bytes())?;
    // The token says which form it was, and is ours.
    let answers = form.as_object()?.iter().filter(|(key, _)| *key != "flow_token");
    let line = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key}: {text}"),
        other => format!("{key}: {other}"),
    };
    Some(answers.map(line).collect::<Vec<_>>().join("\n")).filter(|lines| !lines.is_empty())
}

/// An order as text: what the contact wrote with it, and a line for each product.
fn order(of: &Value) -> Option<String> {
    let line = |item: &Value| {
        let id = text(item, "/product_retailer_id")?;
        let count = number(item, "/quantity").unwrap_or(1.0);
        // A price is a decimal, whatever its type is called.
        let price = number(item, "/item_price")
            .map(|price| format!(" ({price} {})", text(item, "/currency").unwrap_or_default()));
        Some(format!("{count} \u{d7} {id}{}", price.unwrap_or_default()))
    };
    let lines = string(of, "/text").into_iter().chain(items(of, "product_items").iter().filter_map(line));
    Some(lines.collect::<Vec<_>>().join("\n")).filter(|lines| !lines.is_empty())
}
