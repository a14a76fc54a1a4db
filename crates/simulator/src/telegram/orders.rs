//! Ordering faults for one bot.

use super::Telegram;
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
}
