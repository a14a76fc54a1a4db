//! Where providers reach us: verified, sealed, durable, and only then answered 200.

mod astray;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use connect::{Answer, Connector, Hint, Raw, Reject, Verified};
use futures_util::future::try_join_all;
use http::{HeaderMap, StatusCode, header};
use vault::ChannelId;
use vault::channels::{self, AdmittedHook};
use vault::jobs::{self, JobKind};

use crate::app::Shared;
use crate::chat;
use crate::deletions;
use crate::problem::{ApiError, Code};
use crate::secrets;
use crate::telemetry::HookResult;

/// The routes under `/hooks`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/hooks/{channel}", any(root))
        .route("/hooks/{channel}/{*path}", any(below))
        .route("/hooks/{channel}/data-deletion/{code}", get(deletions::page))
}

async fn root(State(app): State<Shared>, Path(channel): Path<String>, request: Request) -> Response {
    answer(&app, &channel, String::new(), request).await
}

async fn below(State(app): State<Shared>, Path((channel, path)): Path<(String, String)>, request: Request) -> Response {
    answer(&app, &channel, path, request).await
}

/// Receives a request to a channel's hook.
pub async fn answer(app: &Shared, channel: &str, path: String, request: Request) -> Response {
    let Some((hook, connector)) = admitted(app, channel).await else {
        return astray::answer(app, channel, path, request).await;
    };
    let kind = connector.spec().kind;
    let outcome = match read(app, path, request).await {
        Ok(raw) => taken(app, &hook, connector, &raw).await.map_err(|refused| (refused, raw)),
        Err(refused) => return refusal(app, kind, refused),
    };
    let outcome = match outcome {
        // What is remembered may be out of date: whatever comes of it but what was kept is asked of the database.
        Err((_, raw)) if hook.remembered => {
            let Some((hook, connector)) = admitted_anew(app, hook.channel).await else {
                return astray::pass_on(app, connector, &raw, astray::nobody()).await;
            };
            taken(app, &hook, connector, &raw).await.map_err(|refused| (refused, raw))
        }
        outcome => outcome,
    };
    match outcome {
        Ok(answer) => {
            app.metrics.hook(kind, HookResult::Accepted);
            said(answer)
        }
        // This channel's secret may be wrong, and others' right.
        Err((refused, raw)) if refused.0 == HookResult::Unauthorised => {
            astray::pass_on(app, connector, &raw, refused).await
        }
        Err((refused, _)) => refusal(app, kind, refused),
    }
}

fn refusal(app: &Shared, kind: &'static str, (result, error): Refused) -> Response {
    app.metrics.hook(kind, result);
    error.into_response()
}

type Admitted = (AdmittedHook, &'static dyn Connector);

/// The channel's hook, from memory where it is remembered.
async fn admitted(app: &Shared, channel: &str) -> Option<Admitted> {
    let channel: ChannelId = channel.parse().ok()?;
    match app.vault.remembered_hook(channel) {
        Some(hook) => with_connector(hook),
        None => admitted_anew(app, channel).await,
    }
}

fn with_connector(hook: AdmittedHook) -> Option<Admitted> {
    let connector = connect::channels::by_kind(&hook.kind)?;
    Some((hook, connector))
}

/// The channel's hook as the database has it now.
async fn admitted_anew(app: &Shared, channel: ChannelId) -> Option<Admitted> {
    let hook = app.vault.admit_hook(channel).await.inspect_err(|error| {
        tracing::error!(%channel, %error, "a hook could not be looked up");
    });
    with_connector(hook.ok()??)
}

type Refused = (HookResult, ApiError);

async fn taken(
    app: &Shared,
    hook: &AdmittedHook,
    connector: &'static dyn Connector,
    raw: &Raw,
) -> Result<Answer, Refused> {
    let verified = verify(app, hook, connector, raw)?;
    chat::terms_kept(app, hook, raw).await.map_err(|refused| (HookResult::Unauthorised, refused))?;
    let answer = connector.answer(&verified);
    if answer.keep {
        keep(app, hook, connector.parts(verified)).await?;
    } else if hook.remembered {
        return Err(failed(vault::Error::Again));
    } else {
        heed(app, hook, connector.hints(&verified)).await?;
    }
    share(app, hook, connector, raw).await?;
    Ok(answer)
}

/// What a provider tells of news makes what there is to do sooner. Nothing of it is kept: without it the same would be done later.
async fn heed(app: &Shared, hook: &AdmittedHook, hints: Vec<Hint>) -> Result<(), Refused> {
    let channel = hook.channel;
    for hint in hints {
        let heeded = app.vault.write(&hook.scope, move |tx| match hint {
            Hint::News => channels::told(tx, channel),
            Hint::Watch => jobs::hint(tx, JobKind::WatchAccount, &channel.to_string()),
        });
        heeded.await.map_err(failed)?;
    }
    Ok(())
}

/// Where one hook serves several accounts, what belongs to another channel's account goes there as well: to every channel
/// whose own secret verifies the request, and each keeps its own part alone. What is meant for a whole app goes to all channels
/// of it.
async fn share(
    app: &Shared,
    called: &AdmittedHook,
    connector: &'static dyn Connector,
    raw: &Raw,
) -> Result<(), Refused> {
    let mut found = of_accounts(app, connector, raw).await?;
    if connector.for_whole_app(raw) {
        found.extend(of_app(app, called, connector).await?);
    }
    let others = found.into_iter().filter(|channel| *channel != called.channel);
    try_join_all(others.map(|other| offer(app, other, raw))).await?;
    Ok(())
}

/// The channels for whose accounts a request says to be.
async fn of_accounts(app: &Shared, connector: &'static dyn Connector, raw: &Raw) -> Result<Vec<ChannelId>, Refused> {
    let mut accounts = connector.addressed(raw);
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    accounts.sort_unstable();
    accounts.dedup();
    app.vault.channels_of_accounts(connector.spec().kind, accounts).await.map_err(failed)
}

/// The channels that may be of the same app at the provider, of whatever kind.
async fn of_app(
    app: &Shared,
    called: &AdmittedHook,
    connector: &'static dyn Connector,
) -> Result<Vec<ChannelId>, Refused> {
    let secret = connector.app_secret().and_then(|key| called.account.secrets.get(key));
    let Some(secret) = secret else { return Ok(Vec::new()) };
    let with_apps = connect::channels::all().iter().filter(|connector| connector.app_secret().is_some());
    let kinds = with_apps.map(|connector| connector.spec().kind.to_owned()).collect();
    app.vault.channels_of_app(secret, kinds).await.map_err(failed)
}

/// Offers a request to another channel of the same hook, which keeps its part if its account is proven and its own secret verifies
/// it; what it answers if it does.
async fn offer(app: &Shared, channel: ChannelId, raw: &Raw) -> Result<Option<Answer>, Refused> {
    let hook = app.vault.admit_hook(channel).await.map_err(failed)?;
    let Some((hook, connector)) = hook.and_then(with_connector) else { return Ok(None) };
    if !connector.is_proven(&app.account(&hook.account, connector.spec())) {
        return Ok(None);
    }
    let Ok(verified) = verify(app, &hook, connector, raw) else { return Ok(None) };
    let answer = connector.answer(&verified);
    keep(app, &hook, connector.parts(verified)).await?;
    Ok(Some(answer))
}

fn failed(error: vault::Error) -> Refused {
    (HookResult::Failed, error.into())
}

/// Verifies a request with its channel's account, and the secrets it had until a while ago.
pub fn verify(
    app: &Shared,
    hook: &AdmittedHook,
    connector: &'static dyn Connector,
    raw: &Raw,
) -> Result<Verified, Refused> {
    secrets::verify(app, &hook.account, connector, raw).map_err(|reject| match reject {
        Reject::Unauthorised => (HookResult::Unauthorised, ApiError::unauthorised()),
        Reject::NotFound => (HookResult::NotFound, ApiError::not_found()),
        Reject::Malformed => {
            (HookResult::Malformed, ApiError::new(Code::Malformed, "The body is not what this hook takes."))
        }
    })
}

/// Keeps what was verified: all its parts in one transaction, or nothing.
async fn keep(app: &Shared, hook: &AdmittedHook, parts: Vec<Verified>) -> Result<(), Refused> {
    #[cfg(feature = "testing")]
    if crate::testing::answers_before_commit(app, hook, &parts) {
        return Ok(());
    }
    // The write goes on if the caller hangs up: its bytes are then durable and merely unanswered.
    match app.vault.keep(hook, parts.iter().map(Verified::to_inbox).collect()).await {
        Ok(true) => Ok(()),
        // Changed just now: the account that proved the request may not be the channel's any more.
        Ok(false) => Err(failed(vault::Error::Again)),
        Err(error) => Err(failed(error)),
    }
}

/// Reads a request whole, within the bound for hooks.
pub async fn read(app: &Shared, path: String, request: Request) -> Result<Raw, Refused> {
    let (parts, body) = request.into_parts();
    let body = bounded(body, app.settings.limits.hook_body_bytes).await?;
    Ok(Raw {
        method: parts.method.as_str().to_owned(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: named(&parts.headers),
        body,
    })
}

async fn bounded(body: Body, limit: u64) -> Result<Vec<u8>, Refused> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    match to_bytes(body, most).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if too_long(&error) => Err((HookResult::TooLarge, ApiError::too_large(limit))),
        Err(_) => Err((HookResult::Malformed, ApiError::new(Code::Malformed, "The body ended early."))),
    }
}

/// Whether reading stopped because of the bound, and not because the caller did.
fn too_long(error: &axum::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Headers as connectors read them. A value that is not text cannot prove anything and is left out.
fn named(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

fn said(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = [(header::CONTENT_TYPE, answer.content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, answer.body).into_response()
}
