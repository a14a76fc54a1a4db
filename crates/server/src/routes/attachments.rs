//! Files: up, and down again, inert.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use http::{HeaderValue, StatusCode, header};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vault::attachments::{self, Attachment};
use vault::{AttachmentId, Personal, audit};

use super::Id;
use crate::app::Shared;
use crate::auth::{Allowed, ReadConversations, WriteConversations};
use crate::files;
use crate::order::Key;
use crate::problem::{ApiError, Code, Json};
use crate::views::AttachmentView;

/// What a form may have around its file, in bytes.
const FORM_BYTES: u64 = 64 * 1024;

pub(super) fn router() -> OpenApiRouter<Shared> {
    // A file is streamed and bounded as it is stored, by the setting for files.
    let uploads = OpenApiRouter::new().routes(routes!(create)).layer(DefaultBodyLimit::disable());
    uploads.merge(OpenApiRouter::new().routes(routes!(read)).routes(routes!(content)))
}

/// A file to be uploaded.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form in the OpenAPI document; the body is streamed")]
struct UploadForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a file, to be named in a message afterwards. Its type is sniffed from its bytes. A repetition with the same
/// `Idempotency-Key` is answered with the first file: the bytes are not compared.
#[utoipa::path(post, operation_id = "attachments_create", path = "/attachments", tag = "attachments",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentView), (status = 401), (status = 403), (status = 413), (status = 422)))]
async fn create(
    State(app): State<Shared>,
    allowed: Allowed<WriteConversations>,
    key: Key,
    request: Request,
) -> Result<Response, ApiError> {
    if let Some((_, id)) = key.answered(&app, allowed.scope()).await? {
        pass_over(request.into_body(), app.settings.limits.upload_bytes).await?;
        return described(&app, allowed.scope(), id.parse()?).await;
    }
    let mut form = Multipart::from_request(request, &app).await.map_err(|_| {
        ApiError::new(Code::UnsupportedMediaType, "Send the file as multipart/form-data, field `file`.")
    })?;
    let broken = |_| ApiError::new(Code::Malformed, "The multipart body ends early or is malformed.");
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = Personal::new(safe_name(field.file_name().unwrap_or("file")));
        let bytes = field.map_err(std::io::Error::other);
        let stored = files::receive(&app, bytes, app.settings.limits.upload_bytes).await?;
        let id = stored.id;
        let (_, first) = key
            .once(&app, allowed.scope(), move |tx| {
                attachments::uploaded(tx, id, &name, &stored.file)?;
                stored.found.iter().try_for_each(|codes| attachments::note_found(tx, id, codes))?;
                audit::record(tx, "attachment.uploaded", &id.to_string())?;
                Ok((201, id.to_string()))
            })
            .await?;
        return described(&app, allowed.scope(), first.parse()?).await;
    }
    Err(ApiError::field("file", "the form has no field `file`"))
}

/// Reads what need not be stored again, so that the client gets to the answer.
async fn pass_over(body: Body, limit: u64) -> Result<(), ApiError> {
    let mut pieces = body.into_data_stream();
    let mut passed = 0_u64;
    while let Ok(Some(piece)) = pieces.try_next().await {
        passed = passed.saturating_add(piece.len() as u64);
        if passed > limit.saturating_add(FORM_BYTES) {
            return Err(ApiError::too_large(limit));
        }
    }
    Ok(())
}

async fn described(app: &Shared, scope: &vault::Scope, id: AttachmentId) -> Result<Response, ApiError> {
    Ok((StatusCode::CREATED, Json(AttachmentView::from(view(app, scope, id).await?))).into_response())
}

/// A file's name without path, control characters or excess length.
pub fn safe_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim().is_empty() { "file".to_owned() } else { clean }
}

async fn view(app: &Shared, scope: &vault::Scope, id: AttachmentId) -> Result<Attachment, ApiError> {
    Ok(app.vault.read(scope, move |tx| attachments::view(tx, id)).await?)
}

/// A file's description.
#[utoipa::path(get, operation_id = "attachments_read", path = "/attachments/{id}", tag = "attachments", params(("id" = String, Path)),
    responses((status = 200, body = AttachmentView), (status = 401), (status = 403), (status = 404)))]
async fn read(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<AttachmentId>,
) -> Result<Json<AttachmentView>, ApiError> {
    let read = move |tx: &vault::Tx<'_>| -> vault::Result<_> {
        let attachment = attachments::view(tx, id)?;
        audit::record(tx, "attachment.looked_up", &id.to_string())?;
        Ok(attachment)
    };
    Ok(Json(app.vault.write(allowed.scope(), read).await?.into()))
}

/// A file's bytes. Only pictures, sound and film are shown in place; everything else is a download, and nothing runs.
#[utoipa::path(get, operation_id = "attachments_content", path = "/attachments/{id}/content", tag = "attachments", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404)))]
async fn content(
    State(app): State<Shared>,
    allowed: Allowed<ReadConversations>,
    Id(id): Id<AttachmentId>,
) -> Result<Response, ApiError> {
    let (attachment, key) = app
        .vault
        .write(allowed.scope(), move |tx| -> vault::Result<_> {
            let attachment = attachments::view(tx, id)?;
            let key = attachments::file_key(tx, id)?;
            audit::record(tx, "attachment.read", &id.to_string())?;
            Ok((attachment, key))
        })
        .await?;
    let key = key.ok_or_else(ApiError::not_found)?;
    let bytes = files::open(&app, id, key).await?;
    Ok(inert(&attachment, Body::from_stream(bytes)))
}

/// Serves bytes so that a browser shows or saves them and never runs them.
pub fn inert(attachment: &Attachment, body: Body) -> Response {
    let shown = matches!(attachment.content_type.split('/').next(), Some("image" | "audio" | "video"))
        && attachment.content_type != "image/svg+xml";
    let name = attachment.name.as_ref().map_or("file", |name| name.reveal().as_str());
    let disposition =
        format!("{}; filename*=UTF-8''{}", if shown { "inline" } else { "attachment" }, percent_encoded(name));
    let content_type = if shown { attachment.content_type.as_str() } else { "application/octet-stream" };
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, value(content_type)),
        (header::CONTENT_DISPOSITION, value(&disposition)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, body).into_response()
}

/// RFC 8187 for a file's name.
fn percent_encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let hex = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half & 15)]);
            text.extend(['%', hex(byte >> 4), hex(byte)]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{percent_encoded, safe_name};

    #[test]
    fn names_lose_paths_and_controls() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\dir\\a.pdf"), "a.pdf");
        assert_eq!(safe_name("a\r\nb.txt"), "ab.txt");
        assert_eq!(safe_name("…/"), "file");
    }

    #[test]
    fn names_are_encoded() {
        assert_eq!(percent_encoded("è a.pdf"), "%C3%A8%20a.pdf");
        assert_eq!(percent_encoded("\"; x=1"), "%22%3B%20x%3D1");
    }
}
