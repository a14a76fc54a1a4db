//! The Bot API's own addresses: who calls, what goes wrong to order, what comes of it.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bytes::Bytes;
use http::header;
use serde_json::Value;

use super::Telegram;
use super::files::LARGEST_DOWNLOAD;
use super::form::{Form, Part};
use super::methods;
use super::refusal::{Refusal, accepted};
use crate::faults::CallFault;

pub(crate) fn router() -> Router<Telegram> {
    Router::new().route("/{bot}/{method}", any(call)).route("/file/{bot}/{*path}", get(download))
}

async fn call(
    State(telegram): State<Telegram>,
    Path((bot, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(token) = bot.strip_prefix("bot") else {
        return Refusal::not_found().into_response();
    };
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    let (bot, method, faults) = match telegram.admit(token, &name) {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.into_response(),
    };
    CallFault::delay(&faults).await;
    let worst = faults.iter().find(|fault| !fault.only_delays());
    match worst {
        Some(CallFault::TooManyRequests { retry_after }) => {
            return telegram.refuse(bot, method, Refusal::too_many_requests(*retry_after));
        }
        Some(CallFault::ErrorBefore) => return telegram.refuse(bot, method, Refusal::internal()),
        Some(CallFault::CutBefore) => {
            telegram.refuse(bot, method, Refusal::internal());
            return cut();
        }
        _ => {}
    }
    let outcome = telegram.act(bot, method, form).await;
    CallFault::linger(&faults).await;
    match (worst, outcome) {
        (Some(CallFault::ErrorAfter), _) => Refusal::internal().into_response(),
        (Some(CallFault::CutAfter), _) => cut(),
        (_, Ok(result)) => accepted(&result),
        (_, Err(refusal)) => refusal.into_response(),
    }
}

impl Telegram {
    /// Who calls what, and what is to go wrong with it; counts the call.
    fn admit(&self, token: &str, name: &str) -> Result<(i64, &'static str, Vec<CallFault>), Refusal> {
        let mut guard = self.world();
        let world = &mut *guard;
        let id = world.bot_of(token)?;
        let method = methods::spelling(name).ok_or_else(Refusal::method_not_found)?;
        let bot = world.bots.get_mut(&id).ok_or_else(Refusal::unauthorized)?;
        bot.journal.count_call(method);
        Ok((id, method, bot.call_faults.draw(method, &mut world.chance)))
    }

    /// Refuses to order: the call is counted as without effect.
    fn refuse(&self, bot: i64, method: &str, refusal: Refusal) -> Response {
        if let Some(bot) = self.world().bots.get_mut(&bot) {
            bot.journal.count_outcome(method, false);
        }
        refusal.into_response()
    }

    async fn act(&self, bot: i64, method: &str, mut form: Form) -> Result<Value, Refusal> {
        if method == "getUpdates" {
            return self.get_updates(bot, &form).await;
        }
        self.fetch_addresses(&mut form).await?;
        let outcome = self.carry_out(bot, method, &form);
        if method == "setWebhook" && outcome.is_ok() {
            self.start_deliveries(bot);
        }
        outcome
    }

    /// Carries out anything but `getUpdates`.
    pub(crate) fn carry_out(&self, bot: i64, method: &str, form: &Form) -> Result<Value, Refusal> {
        methods::run(&mut self.world(), bot, method, form)
    }

    /// Media given by address are fetched first, as Telegram does.
    async fn fetch_addresses(&self, form: &mut Form) -> Result<(), Refusal> {
        const FIELDS: [&str; 6] = ["photo", "document", "audio", "voice", "video", "animation"];
        for field in FIELDS {
            let address = form.text(field).filter(|text| text.starts_with("http")).map(str::to_owned);
            if let Some(address) = address {
                let part = self.fetch(&address).await;
                let part = part.ok_or_else(|| Refusal::bad_request("failed to get HTTP URL content"))?;
                form.attach(field, part);
                form.set(field, String::new());
            }
        }
        Ok(())
    }

    async fn fetch(&self, address: &str) -> Option<Part> {
        let response = self.shared.http.as_ref()?.get(address).send().await.ok()?;
        let response = response.error_for_status().ok()?;
        let mime = response.headers().get(header::CONTENT_TYPE);
        let mime = mime.and_then(|value| value.to_str().ok()).unwrap_or("application/octet-stream");
        let mime = mime.to_owned();
        let name = response.url().path().rsplit('/').next().unwrap_or("file").to_owned();
        let content = response.bytes().await.ok().filter(|all| all.len() <= LARGEST_DOWNLOAD)?;
        Some(Part { name, mime, content })
    }
}

/// An answer that breaks off before its first byte: the connection is closed without a word.
fn cut() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let nothing = futures_util::stream::once(async { Err::<Bytes, _>(broken) });
    Response::new(Body::from_stream(nothing))
}

async fn download(State(telegram): State<Telegram>, Path((bot, path)): Path<(String, String)>) -> Response {
    let found = bot.strip_prefix("bot").map(|token| {
        let mut world = telegram.world();
        let bot = world.bot(token)?;
        bot.files.at(&path).map(|stored| stored.part.clone()).ok_or_else(Refusal::not_found)
    });
    match found.unwrap_or_else(|| Err(Refusal::not_found())) {
        Ok(part) => ([(header::CONTENT_TYPE, "application/octet-stream")], part.content).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
