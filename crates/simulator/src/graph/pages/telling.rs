//! What an account's apps are told, each of what it asked for.

use serde_json::{Value, json};

use crate::graph::change::Change;
use crate::graph::world::World;

impl World {
    /// Tells of something that a person did, or the account: who did it and when is added.
    pub(super) fn tell_page(
        &mut self,
        account: &str,
        person: &str,
        (field, by_account): (&'static str, bool),
        more: Value,
    ) {
        let Some(known) = self.pages.people.get(person).and_then(|known| known.by_account.get(account)) else { return };
        let (account_side, person_side) = (json!({ "id": account }), json!({ "id": known }));
        let (sender, recipient) = if by_account { (account_side, person_side) } else { (person_side, account_side) };
        let mut value = json!({ "sender": sender, "recipient": recipient, "timestamp": self.now_ms() });
        if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
            value.extend(more);
        }
        let Some(of) = self.pages.accounts.get(account) else { return };
        let object = if of.card.object == "instagram" { "instagram" } else { "page" };
        // Who asks for any field of a professional account is told of all that the app itself asked for.
        let instagram = object == "instagram";
        let asked = of.subscribed.iter().filter(|(_, fields)| instagram || fields.contains(field));
        let apps: Vec<String> = asked.map(|(app, _)| app.clone()).collect();
        let field = if instagram { renamed(field) } else { field };
        let lane = format!("{account}:{person}");
        for app in apps {
            let (entry, time) = (account.to_owned(), self.now_s());
            self.tell(&app, Change { object, entry, field, value: value.clone(), time }, &lane, None);
        }
    }
}

/// What a field of pages is called for professional accounts.
fn renamed(field: &'static str) -> &'static str {
    match field {
        "message_echoes" => "messages",
        "message_reads" => "messaging_seen",
        "message_edits" => "message_edit",
        "messaging_handovers" => "messaging_handover",
        other => other,
    }
}
