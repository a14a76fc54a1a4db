//! Files that providers fetch from us while a message goes out: at an address that nobody can guess, for ten minutes.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use connect::offered;
use http::{HeaderValue, header};
use vault::attachments::{self, Attachment, FileKey};
use vault::channels::{AdmittedHook, ChannelAccount};
use vault::{AttachmentId, ChannelId, messages};

use crate::app::Shared;
use crate::files;
use crate::problem::ApiError;

/// The route of offered files. Its ticket is a credential: the log names the route and never what stands in it.
pub fn router() -> Router<Shared> {
    Router::new().route("/files/{ticket}", get(give))
}

/// Gives the file that a ticket is good for. Whoever has none learns nothing, not even which channels there are.
async fn give(State(app): State<Shared>, Path(ticket): Path<String>) -> Result<Response, ApiError> {
    let (hook, id) = good(&app, &ticket).await?.ok_or_else(ApiError::not_found)?;
    let (channel, scope) = (hook.channel, hook.scope);
    let found = app.vault.read(&scope, move |tx| -> vault::Result<_> {
        let attachment = attachments::view(tx, id)?;
        let Some(message) = attachment.message else { return Ok(None) };
        let own = messages::head(tx, message)?.channel == channel;
        Ok(attachments::file_key(tx, id)?.filter(|_| own).map(|key| (attachment, key)))
    });
    let (attachment, key): (Attachment, FileKey) = found.await?.ok_or_else(ApiError::not_found)?;
    Ok(bare(&attachment, Body::from_stream(files::open(&app, id, key).await?)))
}

/// The channel and the file of a ticket that is good now, by the channel's present secret or one it had until a while ago.
async fn good(app: &Shared, ticket: &str) -> Result<Option<(AdmittedHook, AttachmentId)>, ApiError> {
    let Some(channel) = offered::channel(ticket).and_then(|id| id.parse::<ChannelId>().ok()) else { return Ok(None) };
    let Some(hook) = app.vault.admit_hook(channel).await? else { return Ok(None) };
    let Some(connector) = connect::channels::by_kind(&hook.kind) else { return Ok(None) };
    let by = |kept: &ChannelAccount| offered::file(app.now(), &app.account(kept, connector.spec()), ticket);
    let file = by(&hook.account).or_else(|| hook.account.earlier(app.now()).iter().find_map(by));
    Ok(file.and_then(|file| file.0.parse().ok()).map(|id| (hook, id)))
}

/// The bytes as they are, under the type that their first bytes told: providers choose by it how a phone shows them. A browser
/// runs nothing of it.
fn bare(attachment: &Attachment, body: Body) -> Response {
    let kind = HeaderValue::from_str(&attachment.content_type);
    let headers = [
        (header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, body).into_response()
}
