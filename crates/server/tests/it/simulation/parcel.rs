//! What the program's calls carry: packed for the way to a provider, with the files that go along, and unpacked from it.

use std::io;

use bytes::Bytes;
use connect::{Body, HttpCall, Method, Part, PartContent, Reply};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};
use server::outbound::BlobDoor;

/// Divides the parts of a form.
const BOUNDARY: &str = "between-the-parts-of-a-simulated-form";

/// A call as it arrives at a provider.
#[derive(Debug, Clone)]
pub(crate) struct Arriving {
    pub(crate) operation: &'static str,
    pub(crate) method: http::Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// What it says, files apart: an object of JSON, or the fields of a form as texts.
    pub(crate) fields: Value,
}

/// Packs a call; why not, if one of its files cannot be read.
pub(crate) async fn pack(call: &HttpCall, blobs: &dyn BlobDoor) -> Result<Arriving, &'static str> {
    let method = match call.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    };
    let (kind, body, fields) = match &call.body {
        Body::Empty => (None, Vec::new(), Value::Null),
        Body::Json(bytes) => {
            (Some("application/json".to_owned()), bytes.clone(), serde_json::from_slice(bytes).unwrap_or_default())
        }
        Body::Text(text) => (Some("text/plain".to_owned()), text.clone().into_bytes(), Value::Null),
        Body::Form(pairs) => {
            let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let fields = pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
            (Some("application/x-www-form-urlencoded".to_owned()), text.into_bytes(), Value::Object(fields.collect()))
        }
        Body::Multipart(parts) => {
            let (bytes, fields) = multipart(parts, blobs).await?;
            (Some(form_type()), bytes, Value::Object(fields))
        }
        Body::Blob(handle) => (None, read(handle, blobs).await?, Value::Null),
        Body::Mail { .. } | Body::Slice { .. } | Body::JsonAround { .. } => {
            return Err("no mail is sent to the simulated providers of these days");
        }
    };
    let own = call.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let headers = own.chain(kind.map(|kind| ("content-type".to_owned(), kind))).collect();
    Ok(Arriving { operation: call.operation, method, url: call.url.clone(), headers, body, fields })
}

/// The content type of [`form`].
pub(crate) fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A form with one file.
pub(crate) fn form(name: &str, file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    add(&mut bytes, ("file", Some(name), Some("text/plain")), file);
    end(&mut bytes);
    bytes
}

async fn multipart(parts: &[Part], blobs: &dyn BlobDoor) -> Result<(Vec<u8>, Map<String, Value>), &'static str> {
    let (mut bytes, mut fields) = (Vec::new(), Map::new());
    for part in parts {
        let content = match &part.content {
            PartContent::Text(text) => {
                fields.insert(part.name.clone(), Value::from(text.as_str()));
                text.clone().into_bytes()
            }
            PartContent::Blob(handle) => read(handle, blobs).await?,
        };
        add(&mut bytes, (&part.name, part.file_name.as_deref(), part.content_type.as_deref()), &content);
    }
    end(&mut bytes);
    Ok((bytes, fields))
}

fn add(bytes: &mut Vec<u8>, (name, file, kind): (&str, Option<&str>, Option<&str>), content: &[u8]) {
    let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
    let kind = kind.map(|kind| format!("content-type: {kind}\r\n")).unwrap_or_default();
    let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n{kind}\r\n");
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(b"\r\n");
}

fn end(bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
}

async fn read(handle: &connect::BlobHandle, blobs: &dyn BlobDoor) -> Result<Vec<u8>, &'static str> {
    let unreadable = |_| "the file to be sent cannot be read";
    let (_, content) = blobs.open(handle).await.map_err(unreadable)?;
    let pieces: Vec<Bytes> = content.try_collect().await.map_err(unreadable)?;
    Ok(pieces.concat())
}

/// Unpacks the file that an answer brings; `None` if it does not get in, as when its connection is `cut` in the middle.
pub(crate) async fn store(call: &HttpCall, body: &[u8], cut: bool, blobs: &dyn BlobDoor) -> Option<Reply> {
    let (first, rest) = body.split_at(body.len() / 2);
    let rest = if cut { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Bytes::copy_from_slice(rest)) };
    let pieces = stream::iter([Ok(Bytes::copy_from_slice(first)), rest]).boxed();
    let stored = blobs.store(pieces, call.max_reply).await.ok()?;
    Some(Reply::Stored { blob: stored.handle, size: stored.size, content_type: stored.content_type })
}
