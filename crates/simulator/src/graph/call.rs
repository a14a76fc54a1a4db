//! A call to the Graph API: its path below the version, and its parameters, however they were sent.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{FromRequest, Multipart, Query, Request};
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A file that came with a call.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) content: Bytes,
}

/// What is called, and with what.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Without version, e.g. `["106540352242922", "messages"]`.
    pub(crate) path: Vec<String>,
    pub(crate) fields: Map<String, Value>,
    pub(crate) file: Option<Part>,
    pub(crate) token: Option<String>,
    /// The address the caller used, e.g. `http://127.0.0.1:8081`.
    pub(crate) base: Option<String>,
}

impl Call {
    /// Reads path, query and body.
    pub(crate) async fn read(request: Request) -> Result<Self, Refusal> {
        let mut call = Self::from_head(&request);
        let kind = text_header(request.headers(), header::CONTENT_TYPE).to_ascii_lowercase();
        if call.part(0).starts_with(super::uploads::SESSION) {
            call.add_bytes(kind, request).await?;
        } else if kind.starts_with("multipart/form-data") {
            call.add_multipart(request).await?;
        } else {
            let body = Bytes::from_request(request, &()).await;
            let body = body.map_err(|_| Refusal::invalid("The request body is too large"))?;
            call.add_body(&kind, &body)?;
        }
        if let Some(Value::String(token)) = call.fields.remove("access_token") {
            call.token = Some(token);
        }
        Ok(call)
    }

    /// The body of an upload session is the file itself, whatever its type.
    async fn add_bytes(&mut self, mime: String, request: Request) -> Result<(), Refusal> {
        let content = Bytes::from_request(request, &()).await;
        let content = content.map_err(|_| Refusal::invalid("The request body is too large"))?;
        self.file = Some(Part { name: String::new(), mime, content });
        Ok(())
    }

    fn from_head(request: &Request) -> Self {
        let path = request.uri().path().split('/').filter(|part| !part.is_empty()).skip(1);
        let bearer = text_header(request.headers(), header::AUTHORIZATION);
        let host = text_header(request.headers(), header::HOST);
        let query = Query::<BTreeMap<String, String>>::try_from_uri(request.uri());
        let query = query.map(|Query(query)| query).unwrap_or_default();
        Self {
            method: request.method().to_string(),
            path: path.map(str::to_owned).collect(),
            fields: query.into_iter().map(|(name, value)| (name, Value::String(value))).collect(),
            file: None,
            token: ["Bearer ", "OAuth "]
                .iter()
                .find_map(|scheme| bearer.strip_prefix(scheme))
                .map(|token| token.trim().to_owned()),
            base: (!host.is_empty()).then(|| format!("http://{host}")),
        }
    }

    fn add_body(&mut self, kind: &str, body: &[u8]) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        if kind.starts_with("application/x-www-form-urlencoded") {
            let uri = format!("/?{}", String::from_utf8_lossy(body)).parse();
            let form = uri.ok().and_then(|uri| Query::<BTreeMap<String, String>>::try_from_uri(&uri).ok());
            let fields = form.map(|Query(form)| form).unwrap_or_default();
            self.fields.extend(fields.into_iter().map(|(name, value)| (name, unfolded(value))));
            return Ok(());
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => self.fields.extend(fields),
            _ => return Err(Refusal::invalid("The request body is not a JSON object")),
        }
        Ok(())
    }

    async fn add_multipart(&mut self, request: Request) -> Result<(), Refusal> {
        let wrong = || Refusal::invalid("The multipart body cannot be read");
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| wrong())?;
        while let Some(field) = parts.next_field().await.map_err(|_| wrong())? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
            let content = field.bytes().await.map_err(|_| wrong())?;
            match file {
                Some(file) => self.file = Some(Part { name: file, mime, content }),
                None => _ = self.fields.insert(name, Value::String(String::from_utf8_lossy(&content).into_owned())),
            }
        }
        Ok(())
    }

    /// A parameter that is text, unless it is missing or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        text(&self.fields, name)
    }

    /// A parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| Refusal::missing(name))
    }

    /// Words of a list, however it was written: as one, or separated by commas.
    pub(crate) fn words(&self, name: &str) -> Option<BTreeSet<String>> {
        let word = |word: &str| Some(word.trim().to_owned()).filter(|word| !word.is_empty());
        match self.fields.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.split(',').filter_map(word).collect()),
            Value::Array(all) => Some(all.iter().filter_map(Value::as_str).filter_map(word).collect()),
            _ => None,
        }
    }

    pub(crate) fn part(&self, at: usize) -> &str {
        self.path.get(at).map(String::as_str).unwrap_or_default()
    }
}

/// A field that is text, unless it is missing or empty.
pub(crate) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// Objects inside a form are sent as JSON.
fn unfolded(value: String) -> Value {
    let folded = value.starts_with('{') || value.starts_with('[');
    let unfolded = folded.then(|| serde_json::from_str(&value).ok()).flatten();
    unfolded.unwrap_or(Value::String(value))
}

fn text_header(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(uri: &str, kind: &str, body: &'static str) -> Call {
        let request = Request::post(uri).header(header::CONTENT_TYPE, kind).header(header::HOST, "graph.example");
        Call::read(request.body(body.into()).expect("a request")).await.expect("a readable call")
    }

    #[tokio::test]
    async fn json_and_forms_say_the_same() {
        let json = read("/v26.0/1/messages?to=5", "application/json", r#"{"text":{"body":"a b"}}"#).await;
        let form = "text=%7B%22body%22%3A%22a+b%22%7D&access_token=T";
        let form = read("/v26.0/1/messages/?to=5", "application/x-www-form-urlencoded", form).await;
        assert_eq!((&json.path, &json.fields), (&form.path, &form.fields));
        assert_eq!(form.token.as_deref(), Some("T"));
        assert_eq!(json.base.as_deref(), Some("http://graph.example"));
    }
}
