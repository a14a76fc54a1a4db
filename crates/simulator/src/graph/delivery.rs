//! Everything that leaves for a business's own addresses: webhooks, the handshake before them, media given by link.
//!
//! [`Graph::bring`] and [`Graph::get`] are the two places where anything leaves.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::header;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::Graph;
use super::call::Part;
use super::change;
use super::journal::Delivery;
use super::parcel::{Parcel, Step};
use super::refusal::Refusal;
use super::signature::{escaped, signature};
use crate::post::Post;

/// No linked file is larger, in bytes.
const LARGEST_LINKED: usize = 100 * 1024 * 1024;

/// What somebody answered to a question.
struct Answered {
    status: u16,
    kind: String,
    body: Bytes,
}

/// How an attempt ended.
struct Outcome {
    parcel: Parcel,
    status: Option<u16>,
}

impl Graph {
    /// Sees to it that whatever is queued gets brought. Outside a runtime nothing is.
    pub(crate) fn wake(&self) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut world = self.world();
        for (id, app) in &mut world.apps {
            if !app.delivering && app.queue.pending() > 0 {
                app.delivering = true;
                runtime.spawn(self.clone().deliver(id.clone(), app.watch()));
            }
            app.touch();
        }
    }

    async fn deliver(self, app: String, mut changed: watch::Receiver<u64>) {
        let mut flights = FuturesUnordered::new();
        loop {
            changed.mark_unchanged();
            let wake = match self.next_step(&app) {
                None => return,
                Some(Step::Bring(parcel)) => {
                    flights.push(self.bring(&app, parcel));
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
                Some(outcome) = flights.next(), if !flights.is_empty() => self.note(&app, outcome),
                news = changed.changed() => if news.is_err() { return },
                () = alarm => {}
            }
        }
    }

    fn next_step(&self, app: &str) -> Option<Step> {
        let mut guard = self.world();
        let world = &mut *guard;
        let app = world.apps.get_mut(app)?;
        Some(app.queue.next_step(&self.shared.deliveries, &mut world.chance))
    }

    async fn bring(&self, app: &str, parcel: Parcel) -> Outcome {
        let secret = self.world().apps.get(app).map(|app| app.card.secret.clone()).unwrap_or_default();
        let body = escaped(&change::body(&parcel.changes));
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "facebookexternalua".to_owned()),
            ("x-hub-signature-256", signature(&secret, body.as_bytes())),
        ];
        let Some(poster) = &self.shared.poster else {
            return Outcome { parcel, status: None };
        };
        let post = Post { url: parcel.url.clone(), headers, body: body.into() };
        let limit = Duration::from_millis(self.shared.deliveries.timeout_ms);
        let answered = tokio::time::timeout(limit, poster.post(post)).await.ok().flatten();
        Outcome { parcel, status: answered.map(|answered| answered.status.as_u16()) }
    }

    fn note(&self, app: &str, outcome: Outcome) {
        let Outcome { parcel, status } = outcome;
        let mut world = self.world();
        let at_ms = world.now_ms();
        let Some(app) = world.apps.get_mut(app) else { return };
        app.journal.deliveries.push(Delivery {
            ticket: parcel.ticket,
            fields: parcel.changes.iter().map(|change| change.field.to_owned()).collect(),
            url: parcel.url.clone(),
            updates: parcel.changes.iter().map(change::Change::updates).sum(),
            attempt: parcel.attempt,
            at_ms,
            status,
        });
        if status.is_some_and(|status| (200..300).contains(&status)) {
            app.queue.brought(&parcel);
        } else {
            app.queue.failed(&parcel, &self.shared.deliveries, at_ms);
        }
        app.touch();
    }

    /// Asks a new callback to say the challenge back, as Meta does before it takes one. Where nothing leaves the thread
    /// nobody is asked.
    ///
    /// # Errors
    /// 2200 if it does not.
    pub(crate) async fn handshake(&self, url: &str, verify_token: &str) -> Result<(), Refusal> {
        let usable = url.starts_with("https://") || url.starts_with("http://");
        if !usable {
            return Err(Refusal::invalid("override_callback_uri should represent a valid URL"));
        }
        if self.shared.http.is_none() {
            return Ok(());
        }
        let challenge = (1_000_000_000 + self.world().chance.below(1_000_000_000)).to_string();
        let join = if url.contains('?') { '&' } else { '?' };
        let token = percent_encoded(verify_token);
        let asked = format!("{url}{join}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={token}");
        let failed = |why: String| {
            Err(Refusal::of(2_200).because(format!("Callback verification failed with the following errors: {why}")))
        };
        match self.get(&asked).await {
            None => failed("curl_errno = 7; curl_error = Failed to connect".to_owned()),
            Some(answered) if answered.status != 200 => failed(format!("HTTP Status Code = {}", answered.status)),
            Some(answered) if answered.body.as_ref() != challenge.as_bytes() => {
                failed("HTTP Response = the challenge was not answered".to_owned())
            }
            Some(_) => Ok(()),
        }
    }

    /// A file that a business gave by link.
    pub(crate) async fn fetch(&self, link: &str) -> Option<Part> {
        let answered = self.get(link).await.filter(|answered| answered.status == 200)?;
        let path = link.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or("file").to_owned();
        let kind = answered.kind.split(';').next().unwrap_or_default().trim().to_owned();
        (answered.body.len() <= LARGEST_LINKED).then_some(Part { name, mime: kind, content: answered.body })
    }

    async fn get(&self, url: &str) -> Option<Answered> {
        let request = self.shared.http.as_ref()?.get(url).header(header::USER_AGENT, "facebookplatform/1.0");
        answered(request.send().await.ok()?).await
    }
}

async fn answered(response: reqwest::Response) -> Option<Answered> {
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").to_owned();
    Some(Answered { status, kind, body: response.bytes().await.ok()? })
}

pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            all + &char::from(byte).to_string()
        } else {
            format!("{all}%{byte:02X}")
        }
    })
}
