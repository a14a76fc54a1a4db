//! What happens to one bot: faults that are ordered, and what somebody else does with its token.

use serde_json::Value;

use super::Telegram;
use super::form::Form;
use super::refusal::Refusal;
use crate::faults::{CallFault, DeliveryFault, Order};

impl Telegram {
    /// Something is to go wrong with calls of this bot.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn order_call_fault(&self, token: &str, order: Order<CallFault>) -> Result<(), Refusal> {
        self.world().bot(token)?.call_faults.add(order);
        Ok(())
    }

    /// Something is to go wrong with deliveries to this bot's webhook.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn order_delivery_fault(&self, token: &str, order: Order<DeliveryFault>) -> Result<(), Refusal> {
        self.world().bot(token)?.updates.faults.add(order);
        Ok(())
    }

    /// Nothing more is to go wrong for this bot; what is held back comes when its time is up.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn clear_faults(&self, token: &str) -> Result<(), Refusal> {
        let mut world = self.world();
        let bot = world.bot(token)?;
        bot.call_faults.clear();
        bot.updates.faults.clear();
        Ok(())
    }

    /// Where the bot's updates are brought.
    ///
    /// # Errors
    /// 401 for an unknown token.
    pub fn hook(&self, token: &str) -> Result<Option<String>, Refusal> {
        Ok(self.world().bot(token)?.updates.webhook.as_ref().map(|webhook| webhook.url.clone()))
    }

    /// Somebody who has the token calls a method with it (`setWebhook`), with these parameters.
    ///
    /// # Errors
    /// What a caller of the Bot API would be told.
    pub fn call(&self, token: &str, method: &str, parameters: &[(&str, &str)]) -> Result<Value, Refusal> {
        let bot = self.world().bot_of(token)?;
        let mut form = Form::default();
        for (name, value) in parameters {
            form.set(name, (*value).to_owned());
        }
        let outcome = self.carry_out(bot, method, &form)?;
        if method == "setWebhook" {
            self.start_deliveries(bot);
        }
        Ok(outcome)
    }
}
