//! Files of a visitor: up, with a ticket for the message that will name them, and down again, inert.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::response::{IntoResponse, Response};
use connect::channels::web;
use futures_util::TryStreamExt;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use vault::messages;
use vault::{AttachmentId, Personal, attachments};

use super::room::Room;
use super::said::is_shown;
use crate::app::Shared;
use crate::files;
use crate::problem::{ApiError, Code};
use crate::routes::{inert, safe_name};

/// Takes a file. The answer's ticket is for this visitor's message alone.
pub(super) async fn upload(
    State(app): State<Shared>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let malformed = || ApiError::new(Code::Malformed, "Send the file as multipart/form-data, field `file`.");
    let mut form = Multipart::from_request(request, &app).await.map_err(|_| malformed())?;
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = Personal::new(safe_name(field.file_name().unwrap_or("file")));
        let bytes = field.map_err(std::io::Error::other);
        let stored = files::receive(&app, bytes, app.settings.limits.upload_bytes).await?;
        let id = stored.id;
        let note = move |tx: &vault::Tx<'_>| attachments::uploaded(tx, id, &name, &stored.file);
        app.vault.write(&room.hook.scope, note).await?;
        let ticket = web::ticket(&room.account, &visitor.subject(), &id.to_string()).ok_or_else(ApiError::not_found)?;
        return Ok((StatusCode::CREATED, axum::Json(json!({ "ticket": ticket }))).into_response());
    }
    Err(malformed())
}

/// A file of the visitor's own conversation, inert.
pub(super) async fn download(
    State(app): State<Shared>,
    Path((channel, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let room = Room::enter(&app, &channel).await?;
    let visitor = room.visitor(&app, &headers)?;
    let id: AttachmentId = id.parse().map_err(|_| ApiError::not_found())?;
    let own = room.conversation(&app, &visitor).await?.ok_or_else(ApiError::not_found)?;
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let attachment = attachments::view(tx, id)?;
        let message = attachment.message.ok_or(vault::Error::NotFound("attachment"))?;
        let head = messages::head(tx, message)?;
        if head.conversation != own || !is_shown(head.direction, head.state) {
            return Err(vault::Error::NotFound("attachment"));
        }
        Ok((attachment, attachments::file_key(tx, id)?))
    };
    let (attachment, key) = app.vault.read(&room.hook.scope, read).await?;
    let bytes = files::open(&app, id, key.ok_or_else(ApiError::not_found)?).await?;
    Ok(inert(&attachment, Body::from_stream(bytes)))
}
