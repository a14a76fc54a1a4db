//! Contact cards: as WhatsApp's fields, or as a vCard alone (RFC 6350), and the number that a card was asked for.

use serde_json::Value;

use super::cut::items;
use super::person;
use crate::json::{string, text};
use crate::{Card, identity};

/// How much of one vCard is read, in bytes: a picture in it may be of any size.
const READ: usize = 64 << 10;
/// How many numbers and addresses of one card are kept of each.
const KEPT: usize = 50;

/// A card, of which everything may be missing.
pub(super) fn card(of: &Value) -> Option<Card> {
    let names: Vec<&str> = ["/name/first_name", "/name/middle_name", "/name/last_name"]
        .iter()
        .filter_map(|pointer| text(of, pointer))
        .collect();
    let joined = Some(names.join(" ")).filter(|name| !name.is_empty());
    let name = string(of, "/name/formatted_name").or(joined).or_else(|| string(of, "/org/company"));
    let of_id = |phone: &Value| text(phone, "/wa_id").and_then(person::phone);
    let phone = |phone: &Value| string(phone, "/phone").or_else(|| of_id(phone));
    let card = Card {
        name: name.unwrap_or_default(),
        phones: items(of, "phones").iter().filter_map(phone).collect(),
        emails: items(of, "emails").iter().filter_map(|mail| identity::email(text(mail, "/email")?)).collect(),
    };
    Some(card).filter(is_filled).or_else(|| vcard(text(of, "/vcard")?)).filter(is_filled)
}

fn is_filled(card: &Card) -> bool {
    !(card.name.is_empty() && card.phones.is_empty() && card.emails.is_empty())
}

/// The numbers that the contact gave as their own when asked for them.
pub(super) fn shared(item: &Value) -> impl Iterator<Item = &str> {
    let asked = |of: &Value| text(of, "/origin") == Some("contact_request");
    let whole = asked(item);
    let cards = items(item, "contacts").iter().filter(move |card| whole || asked(card));
    cards.flat_map(|card| items(card, "phones")).filter_map(|phone| text(phone, "/wa_id"))
}

/// A card of a vCard's name, numbers and addresses.
fn vcard(whole: &str) -> Option<Card> {
    let end = (0..=READ.min(whole.len())).rev().find(|end| whole.is_char_boundary(*end))?;
    // A line that is too long goes on in the next, after a space.
    let read = whole.get(..end)?.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut card = Card::default();
    for (name, value) in read.lines().filter_map(property) {
        match name.as_str() {
            "FN" if card.name.is_empty() => card.name = value,
            "TEL" if card.phones.len() < KEPT => {
                let number = value.strip_prefix("tel:").unwrap_or(&value);
                card.phones.extend(Some(number.to_owned()).filter(|number| !number.is_empty()));
            }
            "EMAIL" if card.emails.len() < KEPT => card.emails.extend(identity::email(&value)),
            _ => {}
        }
    }
    Some(card)
}

/// Name and value of a line, without its group and parameters.
fn property(line: &str) -> Option<(String, String)> {
    let (before, value) = line.split_once(':')?;
    let name = before.split(';').next().unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
    let value = value.replace("\\n", " ").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
    Some((name, value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{card, shared};

    #[test]
    fn a_vcard_alone_is_a_card() {
        let vcard = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Rossi\\, An\r\n na\r\nitem1.TEL;type=CELL;waid=393331234567:+39 333 1234567\r\n\
                     EMAIL;TYPE=work:Anna@Example.COM\r\nPHOTO:x\r\nEND:VCARD\r\n";
        let found = card(&json!({ "vcard": vcard })).expect("a card");
        assert_eq!(found.name, "Rossi, Anna");
        assert_eq!(
            (found.phones, found.emails),
            (vec!["+39 333 1234567".to_owned()], vec!["anna@example.com".to_owned()])
        );
        assert!(card(&json!({"vcard": "BEGIN:VCARD\nEND:VCARD"})).is_none());
        assert!(card(&json!({"vcard": "\u{e8}".repeat(100_000)})).is_none());
    }

    #[test]
    fn only_what_was_asked_for_is_their_own_number() {
        let phones = json!([{"wa_id": "393331234567"}, {"phone": "+39"}]);
        let all = |item| shared(&item).map(str::to_owned).collect::<Vec<_>>();
        assert!(all(json!({"contacts": [{"phones": phones}]})).is_empty());
        assert_eq!(all(json!({"origin": "contact_request", "contacts": [{"phones": phones}]})), ["393331234567"]);
        assert_eq!(
            all(json!({"contacts": [{"phones": phones, "origin": "contact_request"}, {"phones": [{"wa_id": "1"}]}]})),
            ["393331234567"]
        );
    }
}
