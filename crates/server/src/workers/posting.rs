//! Webhooks' posts: what a fact says is made when it is sent, so whoever was erased meanwhile is an id and no more.

use connect::{Body, Call, HttpCall, Method, Reply, Secret, standard_webhooks};
use serde_json::json;
use vault::jobs::{self, ClaimedJob};
use vault::webhooks::{self, Outcome, Posting};
use vault::{DeliveryId, Scope};

use super::connecting::NoFiles;
use crate::app::Shared;
use crate::routes;
use crate::views::time;

/// Posts a job's delivery.
pub(super) async fn post(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let id: DeliveryId = job.subject_id()?;
    let made = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let Some(posting) = webhooks::posting(tx, id)? else { return Ok(None) };
        let (_, kind, data) = routes::render_outside(tx, &posting.fact)?;
        let body = json!({ "type": kind, "timestamp": time(posting.fact.at), "data": data });
        Ok(Some((posting, body.to_string().into_bytes())))
    };
    let job = job.clone();
    let Some((posting, body)) = app.vault.read(scope, made).await? else {
        let end = move |tx: &vault::Tx<'_>| {
            webhooks::drop_waiting(tx, id)?;
            jobs::done(tx, &job)
        };
        return app.vault.write(scope, end).await;
    };
    let outcome = send(app, &posting, body).await;
    let end = move |tx: &vault::Tx<'_>| match webhooks::posted(tx, &posting, outcome)? {
        Some(again) => jobs::done_until(tx, &job, again),
        None => jobs::done(tx, &job),
    };
    app.vault.write(scope, end).await
}

async fn send(app: &Shared, posting: &Posting, body: Vec<u8>) -> Outcome {
    let secret = Secret::new(posting.secret.reveal().clone());
    let Some(headers) = standard_webhooks::sign(&secret, &posting.id.to_string(), app.now(), &body) else {
        return Outcome::Unanswered("not_sent");
    };
    let call = Call::Http(HttpCall {
        operation: "webhook.post",
        method: Method::Post,
        url: posting.url.reveal().clone(),
        headers,
        body: Body::Json(body),
        repeatable: true,
        to_blob: false,
        cut: None,
        max_reply: 64 << 10,
    });
    match app.outbound.attempt(&call, &posting.webhook.to_string(), &NoFiles).await.reply {
        Reply::Answer { status: status @ 200..=299, .. } => Outcome::Taken(status),
        Reply::Answer { status, .. } => Outcome::Answered(status),
        Reply::NotSent { .. } => Outcome::Unanswered("unreachable"),
        Reply::Stored { .. } | Reply::Mail(_) | Reply::Lost { .. } | Reply::Unheard => Outcome::Unanswered("lost"),
    }
}
