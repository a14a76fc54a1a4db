//! `getUpdates`: waiting for updates instead of having them brought.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Telegram;
use super::form::Form;
use super::methods::webhook::choose_updates;
use super::refusal::Refusal;

/// The real server waits no longer than this, whatever is asked.
const LONGEST_WAIT_S: u64 = 50;

const WEBHOOK_IS_ACTIVE: &str = "can't use getUpdates method while webhook is active; \
     use deleteWebhook to delete the webhook first";
const OTHER_REQUEST: &str = "terminated by other getUpdates request; \
     make sure that only one bot instance is running";

impl Telegram {
    /// Answers as soon as there is an update, or when the time is up. A later call ends this one.
    pub(crate) async fn get_updates(&self, bot: i64, form: &Form) -> Result<Value, Refusal> {
        let offset = form.integer("offset").unwrap_or(0);
        let limit = form.integer("limit").unwrap_or(100).clamp(1, 100);
        let limit = usize::try_from(limit).unwrap_or(100);
        let wait = form.integer("timeout").and_then(|seconds| u64::try_from(seconds).ok());
        let until = Instant::now() + Duration::from_secs(wait.unwrap_or(0).min(LONGEST_WAIT_S));
        let (mine, mut changed) = {
            let mut world = self.world();
            let bot = world.bots.get_mut(&bot).ok_or_else(Refusal::unauthorized)?;
            if bot.updates.webhook.is_some() {
                return Err(Refusal::conflict(WEBHOOK_IS_ACTIVE));
            }
            choose_updates(form, &mut bot.updates.allowed)?;
            bot.updates.polls += 1;
            bot.touch();
            (bot.updates.polls, bot.watch())
        };
        loop {
            changed.mark_unchanged();
            let found = self.poll_once(bot, mine, offset, limit)?;
            if !found.is_empty() || Instant::now() >= until {
                return Ok(json!(found));
            }
            let _ = tokio::time::timeout_at(until, changed.changed()).await;
        }
    }

    fn poll_once(&self, bot: i64, mine: u64, offset: i64, limit: usize) -> Result<Vec<Value>, Refusal> {
        let mut world = self.world();
        let bot = world.bots.get_mut(&bot).ok_or_else(Refusal::unauthorized)?;
        if bot.updates.webhook.is_some() {
            return Err(Refusal::conflict("terminated by setWebhook request"));
        }
        if bot.updates.polls != mine {
            return Err(Refusal::conflict(OTHER_REQUEST));
        }
        Ok(bot.updates.poll(offset, limit))
    }
}
