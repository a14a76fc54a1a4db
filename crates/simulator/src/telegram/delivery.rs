//! Brings updates to a bot's webhook, one deliverer for each setting of the webhook.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::{StatusCode, header};
use tokio::sync::watch;

use super::Telegram;
use super::form::Form;
use super::journal::Delivery;
use super::parcel::{Parcel, Step};
use crate::post::{Post, Posted};

/// How an attempt ended.
struct Outcome {
    parcel: Parcel,
    status: Option<StatusCode>,
    retry_after: Option<u64>,
    /// A method call in the answer's body.
    call: Option<Form>,
}

impl Telegram {
    /// Starts bringing updates for the webhook as it is set now; ends when it is set anew.
    pub(crate) fn start_deliveries(&self, bot: i64) {
        let watched = {
            let world = self.world();
            world.bots.get(&bot).map(|bot| (bot.updates.generation, bot.watch()))
        };
        if let Some((generation, changed)) = watched {
            tokio::spawn(self.clone().deliver(bot, generation, changed));
        }
    }

    async fn deliver(self, bot: i64, generation: u64, mut changed: watch::Receiver<u64>) {
        let mut flights = FuturesUnordered::new();
        loop {
            changed.mark_unchanged();
            let wake = match self.next_step(bot, generation) {
                None => return,
                Some(Step::Bring(parcel)) => {
                    flights.push(self.bring(parcel));
                    continue;
                }
                Some(Step::Wait(wake)) => wake,
            };
            let alarm = async {
                match wake {
                    Some(wake) => tokio::time::sleep_until(wake).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(outcome) = flights.next(), if !flights.is_empty() => {
                    self.note(bot, generation, outcome);
                }
                news = changed.changed() => if news.is_err() { return },
                () = alarm => {}
            }
        }
    }

    fn next_step(&self, bot: i64, generation: u64) -> Option<Step> {
        let mut guard = self.world();
        let world = &mut *guard;
        let bot = world.bots.get_mut(&bot)?;
        let current = bot.updates.generation == generation && bot.updates.webhook.is_some();
        current.then(|| bot.updates.next_step(&self.shared.deliveries, &mut world.chance))
    }

    async fn bring(&self, parcel: Parcel) -> Outcome {
        let lost = |parcel| Outcome { parcel, status: None, retry_after: None, call: None };
        let Some(poster) = &self.shared.poster else {
            return lost(parcel);
        };
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(parcel.webhook.secret.clone().map(|secret| ("x-telegram-bot-api-secret-token", secret)));
        let post = Post { url: parcel.webhook.url.clone(), headers, body: parcel.update.to_string().into() };
        let limit = Duration::from_millis(self.shared.deliveries.timeout_ms);
        let Ok(Some(answer)) = tokio::time::timeout(limit, poster.post(post)).await else {
            return lost(parcel);
        };
        let status = answer.status;
        let retry_after = whole_number(&answer, header::RETRY_AFTER);
        let call = if status.is_success() { call_in(&answer) } else { None };
        Outcome { parcel, status: Some(status), retry_after, call }
    }

    fn note(&self, bot_id: i64, generation: u64, outcome: Outcome) {
        let Outcome { parcel, status, retry_after, call } = outcome;
        {
            let mut world = self.world();
            let at_ms = world.now_ms();
            let Some(bot) = world.bots.get_mut(&bot_id) else {
                return;
            };
            bot.journal.deliveries.push(Delivery {
                update_id: parcel.update_id,
                kind: parcel.kind,
                attempt: parcel.attempt,
                at_ms,
                status: status.map(|status| status.as_u16()),
            });
            if bot.updates.generation != generation {
                return;
            }
            if status.is_some_and(|status| status.is_success()) {
                bot.updates.brought(parcel.ticket);
            } else {
                bot.updates.last_error = Some((at_ms / 1_000, complaint(status)));
                bot.updates.failed(parcel.ticket, &self.shared.deliveries, retry_after);
            }
            bot.touch();
        }
        if let Some(form) = call {
            self.answer_of_webhook(bot_id, &form);
        }
    }

    /// A webhook may answer with one method call; nobody is told what became of it.
    fn answer_of_webhook(&self, bot: i64, form: &Form) {
        const NEVER: [&str; 4] = ["setwebhook", "deletewebhook", "close", "logout"];
        let method = form.text("method").unwrap_or_default().to_ascii_lowercase();
        if method.is_empty() || method.starts_with("get") || NEVER.contains(&method.as_str()) {
            return;
        }
        let _ = self.carry_out(bot, &method, form);
    }
}

fn complaint(status: Option<StatusCode>) -> String {
    let Some(status) = status else {
        return "Connection refused".to_owned();
    };
    let reason = status.canonical_reason().unwrap_or_default();
    format!("Wrong response from the webhook: {} {reason}", status.as_u16())
}

fn whole_number(answer: &Posted, name: header::HeaderName) -> Option<u64> {
    answer.headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn call_in(answer: &Posted) -> Option<Form> {
    let kind = answer.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut form = Form::default();
    form.add_body(kind, &answer.body).ok()?;
    form.text("method").is_some().then_some(form)
}
