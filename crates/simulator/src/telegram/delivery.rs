//! Brings updates to a bot's webhook, one deliverer for each setting of the webhook.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::{StatusCode, header};
use tokio::sync::watch;

use super::Telegram;
use super::form::Form;
use super::journal::Delivery;
use super::parcel::{Parcel, Step};

/// Bytes of a webhook's answer that are looked at: enough for any method call in it.
const LARGEST_ANSWER: u64 = 1024 * 1024;

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
        let Some(client) = &self.shared.http else {
            return lost(parcel);
        };
        let mut request = client
            .post(&parcel.webhook.url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(parcel.update.to_string());
        if let Some(secret) = &parcel.webhook.secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let Ok(response) = request.send().await else {
            return lost(parcel);
        };
        let status = response.status();
        let retry_after = whole_number(&response, header::RETRY_AFTER);
        let call = if status.is_success() { call_in(response).await } else { None };
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

fn whole_number(response: &reqwest::Response, name: header::HeaderName) -> Option<u64> {
    response.headers().get(name)?.to_str().ok()?.trim().parse().ok()
}

async fn call_in(response: reqwest::Response) -> Option<Form> {
    let kind = response.headers().get(header::CONTENT_TYPE)?.to_str().ok()?.to_owned();
    if response.content_length().is_some_and(|length| length > LARGEST_ANSWER) {
        return None;
    }
    let body = response.bytes().await.ok()?;
    let mut form = Form::default();
    form.add_body(&kind, &body).ok()?;
    form.text("method").is_some().then_some(form)
}
