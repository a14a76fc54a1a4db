//! Web push (RFC 8030): a member's browsers are told that there is something to look at, and nothing else. A push has no
//! body; it replaces the one before it that was not fetched yet, by its topic; and it is signed by VAPID (RFC 8292).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::{Body, Call, HttpCall, Method, Reply};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use vault::jobs::{self, ClaimedJob};
use vault::push::{self, Due, Outcome, Turn};
use vault::{MemberId, Scope};

use super::connecting::NoFiles;
use crate::app::Shared;

/// How long a push service keeps a push for a browser that is away, in seconds.
const TTL: i64 = push::KEPT_MS / 1_000;
/// How long a push's signature holds, in seconds. At most a day is taken (RFC 8292, section 2).
const SIGNED_FOR: i64 = 12 * 3_600;
/// How many of a member's browsers are told at once. They have twenty at most, so that even if no push service answers in
/// time, all are tried long before the job's lease runs out.
const AT_ONCE: usize = 10;
/// All pushes are about the same: that there is something to look at.
const TOPIC: &str = "news";

/// Tells a job's member.
pub(super) async fn push(app: &Shared, scope: &Scope, job: &ClaimedJob) -> vault::Result<()> {
    let member: MemberId = job.subject_id()?;
    let due = match app.vault.write(scope, move |tx| push::turn(tx, member)).await? {
        Turn::Now(due) => due,
        Turn::At(at) => {
            let job = job.clone();
            return app.vault.write(scope, move |tx| jobs::done_until(tx, &job, at)).await;
        }
    };
    let sends = due.into_iter().map(|push| async move { send(app, &push).await.map(|outcome| (push, outcome)) });
    let told: Vec<_> = stream::iter(sends).buffered(AT_ONCE).try_collect().await?;
    let job = job.clone();
    let end = move |tx: &vault::Tx<'_>| {
        told.iter().try_for_each(|(push, outcome)| push::came(tx, push, *outcome))?;
        if told.iter().all(|(_, outcome)| *outcome != Outcome::Later) {
            return jobs::done(tx, &job);
        }
        jobs::retry(tx, &job, "unavailable", Some(tx.now() + push::EVERY_MS)).map(|_| ())
    };
    app.vault.write(scope, end).await
}

async fn send(app: &Shared, push: &Due) -> vault::Result<Outcome> {
    let url = push.endpoint.reveal().clone();
    let Some(authorization) = authorization(app, &url).await? else { return Ok(Outcome::Gone) };
    let headers = vec![
        ("ttl", TTL.to_string()),
        ("topic", TOPIC.to_owned()),
        ("urgency", "high".to_owned()),
        ("authorization", authorization),
    ];
    let call = Call::Http(HttpCall {
        operation: "push.tell",
        method: Method::Post,
        url,
        headers,
        body: Body::Empty,
        repeatable: true,
        to_blob: false,
        cut: None,
        max_reply: 64 << 10,
    });
    Ok(match app.outbound.attempt(&call, &push.id.to_string(), &NoFiles).await.reply {
        Reply::Answer { status: 200..=299, .. } | Reply::Stored { .. } => Outcome::Told,
        Reply::Answer { status: 404 | 410, .. } => Outcome::Gone,
        Reply::Answer { .. } | Reply::NotSent { .. } | Reply::Lost { .. } | Reply::Mail(_) | Reply::Unheard => {
            Outcome::Later
        }
    })
}

/// The credentials of one push, for the push service it goes to and nobody else; `None` for what is no address.
async fn authorization(app: &Shared, endpoint: &str) -> vault::Result<Option<String>> {
    let Ok(url) = reqwest::Url::parse(endpoint) else { return Ok(None) };
    let claims = json!({
        "aud": url.origin().ascii_serialization(),
        "exp": app.now() / 1_000 + SIGNED_FOR,
        "sub": contact(&app.public_url),
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": "ES256" })), part(&claims));
    let (token, signature, key) = app
        .vault
        .off_thread(move |vault| {
            let signature = vault.sign_push(&unsigned)?;
            Ok((unsigned, URL_SAFE_NO_PAD.encode(signature), URL_SAFE_NO_PAD.encode(vault.push_key()?)))
        })
        .await?;
    Ok(Some(format!("vapid t={token}.{signature}, k={key}")))
}

/// Where a push service reaches whoever runs this installation: an https address (RFC 8292, section 2.1).
fn contact(public_url: &str) -> &str {
    // Push services refuse tokens that name none; one without TLS is nobody's but a developer's.
    if public_url.starts_with("https://") { public_url } else { "https://localhost.invalid" }
}
