//! What the apps that subscribed to an account are told.

use serde_json::{Value, json};

use super::OBJECT;
use super::chat::{Author, ChatKey, Ticks};
use super::person::Known;
use crate::graph::change::Change;
use crate::graph::refusal::Refusal;
use crate::graph::world::World;

impl World {
    /// Tells something about an account, or about one of its numbers.
    pub(super) fn tell_account(&mut self, account: &str, field: &'static str, value: Value, lane: &str) {
        let number = value.pointer("/metadata/phone_number_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let time = self.now_s();
        let change = Change { object: OBJECT, entry: account.to_owned(), field, value, time };
        let Some(known) = self.whatsapp.accounts.get(account) else { return };
        for (app, of_account) in known.subscribed.clone() {
            let of_number = self.whatsapp.numbers.get(&number).and_then(|number| number.overrides.get(&app)).cloned();
            let elsewhere = of_number.or(of_account);
            self.tell(&app, change.clone(), lane, elsewhere.as_deref());
        }
    }

    /// Tells something about a chat. `more` goes beside product and metadata.
    pub(super) fn tell_chat(&mut self, key: &ChatKey, field: &'static str, more: Value) {
        let Ok(number) = self.whatsapp.number(&key.number) else { return };
        let account = number.card.account.clone();
        let mut value = json!({ "messaging_product": "whatsapp", "metadata": number.metadata() });
        if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
            value.extend(more);
        }
        self.tell_account(&account, field, value, &key.lane());
        self.whatsapp.touch();
    }

    pub(super) fn known(&self, key: &ChatKey) -> Result<Known, Refusal> {
        self.whatsapp.known(key, self.now_ms())
    }

    /// Moves a business's message on, and tells so. What is behind is not told again.
    pub(super) fn progress(&mut self, key: &ChatKey, message: &str, ticks: Ticks) {
        self.status(key, message, ticks, None);
    }

    /// A business's message has failed for good.
    pub(super) fn fail(&mut self, key: &ChatKey, message: &str, why: &Refusal) {
        self.status(key, message, Ticks::Failed, Some(why));
    }

    fn status(&mut self, key: &ChatKey, id: &str, ticks: Ticks, why: Option<&Refusal>) {
        let Ok(known) = self.known(key) else { return };
        let now = self.now_ms();
        let Some(chat) = self.whatsapp.chats.get_mut(key) else { return };
        let open = chat.window_until_ms > now;
        let Some(message) = chat.message_mut(id).filter(|message| message.ticks < ticks) else { return };
        message.ticks = ticks;
        message.failure = why.map(|why| why.code);
        if message.author != Author::Business {
            return;
        }
        let mut status = json!({
            "id": id, "status": ticks.word(), "timestamp": now.div_euclid(1_000).to_string(), "recipient_user_id": known.user_id,
        });
        known.add(&mut status, "recipient_id", "recipient_parent_user_id");
        if let Some(data) = &message.callback_data {
            status["biz_opaque_callback_data"] = json!(data);
        }
        let arrived = matches!(ticks, Ticks::Delivered | Ticks::Read | Ticks::Played);
        if arrived && !message.priced {
            message.priced = true;
            status["pricing"] = pricing(message.category, open);
        }
        let mut told = json!({ "contacts": [known.contact()] });
        if let Some(why) = why {
            status["errors"] = json!([why.as_told()]);
            told = json!({});
        }
        told["statuses"] = json!([status]);
        self.tell_chat(key, "messages", told);
    }
}

/// Marketing always costs, utility only when the window has closed, and everything else is free in it.
fn pricing(category: &str, open: bool) -> Value {
    let free = category == "service" || (category == "utility" && open);
    json!({
        "billable": !free, "pricing_model": "PMP", "category": category,
        "type": if free { "free_customer_service" } else { "regular" },
    })
}
