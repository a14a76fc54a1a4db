//! From a call as data to a request: its headers and its kinds of body.

use connect::{BlobHandle, Body, HttpCall, MailPiece, Method, Part, PartContent};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Request, RequestBuilder, Url, multipart};

use super::{BlobDoor, mailing, slicing};

/// Builds the request. Errors say why it cannot be sent.
pub(super) async fn build(
    client: &Client,
    url: Url,
    call: &HttpCall,
    blobs: &dyn BlobDoor,
) -> Result<Request, &'static str> {
    let mut request = client.request(method(call.method), url);
    for (name, value) in &call.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header's name is not valid")?;
        let mut value = HeaderValue::from_str(value).map_err(|_| "a header's value is not valid")?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    let request = with_body(request, call, blobs).await?;
    request.build().map_err(|_| "the request is not valid")
}

/// Whether a file goes up with it.
pub(super) fn carries_file(call: &HttpCall) -> bool {
    match &call.body {
        Body::Blob(_) | Body::Slice { .. } | Body::JsonAround { .. } => true,
        Body::Mail { pieces, .. } => pieces.iter().any(|piece| matches!(piece, MailPiece::Base64(_))),
        Body::Multipart(parts) => parts.iter().any(|part| matches!(part.content, PartContent::Blob(_))),
        Body::Empty | Body::Json(_) | Body::Text(_) | Body::Form(_) => false,
    }
}

async fn with_body(
    request: RequestBuilder,
    call: &HttpCall,
    blobs: &dyn BlobDoor,
) -> Result<RequestBuilder, &'static str> {
    Ok(match &call.body {
        Body::Empty => request,
        Body::Text(text) => request.header(CONTENT_TYPE, "text/plain; charset=utf-8").body(text.clone()),
        Body::Json(bytes) => request.header(CONTENT_TYPE, "application/json").body(bytes.clone()),
        Body::Form(pairs) => {
            let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(text)
        }
        Body::Multipart(parts) => request.multipart(form(parts, blobs).await?),
        Body::Blob(handle) => {
            let (size, body) = open(handle, blobs).await?;
            request.header(CONTENT_LENGTH, size).body(body)
        }
        Body::Slice { blob, offset, length } => {
            let (size, bytes) = blobs.open(blob).await.map_err(|_| "the file to be sent cannot be read")?;
            if offset.checked_add(*length).is_none_or(|end| end > size) {
                return Err("the file to be sent is shorter than it was");
            }
            let bytes = slicing::slice(bytes, *offset, *length);
            request.header(CONTENT_LENGTH, *length).body(reqwest::Body::wrap_stream(bytes))
        }
        Body::JsonAround { before, blob, after } => {
            let (size, body) = mailing::around(before, blob, after, blobs).await?;
            let body = reqwest::Body::wrap_stream(body);
            request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, size).body(body)
        }
        Body::Mail { content_type, pieces, base64 } => {
            let (size, body) = mailing::body(pieces, *base64, blobs).await?;
            let body = reqwest::Body::wrap_stream(body);
            request.header(CONTENT_TYPE, content_type).header(CONTENT_LENGTH, size).body(body)
        }
    })
}

async fn form(parts: &[Part], blobs: &dyn BlobDoor) -> Result<multipart::Form, &'static str> {
    // Names go out as they are, in quotes, as browsers do: servers of Bot APIs know no other way.
    let mut form = multipart::Form::new().percent_encode_noop();
    for part in parts {
        let mut built = match &part.content {
            PartContent::Text(text) => multipart::Part::text(text.clone()),
            PartContent::Blob(handle) => {
                let (size, body) = open(handle, blobs).await?;
                multipart::Part::stream_with_length(body, size)
            }
        };
        if let Some(name) = &part.file_name {
            built = built.file_name(harmless(name));
        }
        if let Some(kind) = &part.content_type {
            built = built.mime_str(kind).map_err(|_| "a file's type is not valid")?;
        }
        form = form.part(harmless(&part.name), built);
    }
    Ok(form)
}

async fn open(handle: &BlobHandle, blobs: &dyn BlobDoor) -> Result<(u64, reqwest::Body), &'static str> {
    let (size, bytes) = blobs.open(handle).await.map_err(|_| "the file to be sent cannot be read")?;
    Ok((size, reqwest::Body::wrap_stream(bytes)))
}

/// A name that stays inside its quotes and its line: a contact chose it.
fn harmless(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() || matches!(letter, '"' | '\\') { '_' } else { letter }).collect()
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_write_headers() {
        assert_eq!(harmless("a\"; x=\"b\r\nEvil: 1\0.png"), "a_; x=_b__Evil: 1_.png");
        assert_eq!(harmless("Grüße 😀.pdf"), "Grüße 😀.pdf");
    }
}
