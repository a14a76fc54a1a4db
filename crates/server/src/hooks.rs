//! Where providers reach us: verified, sealed, durable, and only then answered 200.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use connect::{Answer, Connector, Raw, Reject, Verified};
use http::{HeaderMap, StatusCode, header};
use vault::ChannelId;
use vault::channels::AdmittedHook;

use crate::app::Shared;
use crate::problem::{ApiError, Code};
use crate::telemetry::HookResult;

/// The routes under `/hooks`.
pub fn router() -> Router<Shared> {
    Router::new().route("/hooks/{channel}", any(root)).route("/hooks/{channel}/{*path}", any(below))
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
        app.metrics.hook("none", HookResult::NotFound);
        return ApiError::not_found().into_response();
    };
    let kind = connector.spec().kind;
    match taken(app, &hook, connector, path, request).await {
        Ok(answer) => {
            app.metrics.hook(kind, HookResult::Accepted);
            said(answer)
        }
        Err((result, error)) => {
            app.metrics.hook(kind, result);
            error.into_response()
        }
    }
}

async fn admitted(app: &Shared, channel: &str) -> Option<(AdmittedHook, &'static dyn Connector)> {
    let channel: ChannelId = channel.parse().ok()?;
    let hook = app.vault.admit_hook(channel).await.inspect_err(|error| {
        tracing::error!(%channel, %error, "a hook could not be looked up");
    });
    let hook = hook.ok()??;
    let connector = connect::channels::by_kind(&hook.kind)?;
    Some((hook, connector))
}

type Refused = (HookResult, ApiError);

async fn taken(
    app: &Shared,
    hook: &AdmittedHook,
    connector: &'static dyn Connector,
    path: String,
    request: Request,
) -> Result<Answer, Refused> {
    let raw = read(app, path, request).await?;
    let verified = verify(app, hook, connector, &raw)?;
    let answer = connector.answer(&verified);
    if answer.keep {
        keep(app, hook, &verified).await?;
    }
    Ok(answer)
}

/// Verifies a request with its channel's account.
pub fn verify(
    app: &Shared,
    hook: &AdmittedHook,
    connector: &'static dyn Connector,
    raw: &Raw,
) -> Result<Verified, Refused> {
    let account = app.account(&hook.account, connector.spec());
    connector.verify(&app.ctx(), raw, &account).map_err(|reject| match reject {
        Reject::Unauthorised => (HookResult::Unauthorised, ApiError::unauthorised()),
        Reject::NotFound => (HookResult::NotFound, ApiError::not_found()),
        Reject::Malformed => {
            (HookResult::Malformed, ApiError::new(Code::Malformed, "The body is not what this hook takes."))
        }
    })
}

async fn keep(app: &Shared, hook: &AdmittedHook, verified: &Verified) -> Result<(), Refused> {
    // The write goes on if the caller hangs up: its bytes are then durable and merely unanswered.
    let kept = app.vault.receive(&hook.scope, verified.to_inbox()).await;
    kept.map(|_| ()).map_err(|error| (HookResult::Failed, error.into()))
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
